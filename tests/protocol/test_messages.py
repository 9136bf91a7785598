"""The messages of the wire, as SPEC.md writes them."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

import protocol
from protocol.messages import CLIENT_TYPES, ClientMessage, ServerMessage

SPEC = (Path(protocol.__file__).parent / "SPEC.md").read_text(encoding="utf-8")
STRUCTS: list[type[msgspec.Struct]] = [*get_args(ClientMessage), *get_args(ServerMessage)]


def tag(struct: type[msgspec.Struct]) -> str:
    return str(struct.__struct_config__.tag)


def test_W2_the_client_types_are_those_of_the_union() -> None:
    assert {tag(struct) for struct in get_args(ClientMessage)} == set(CLIENT_TYPES)
    for side in (ClientMessage, ServerMessage):
        assert len({tag(struct) for struct in get_args(side)}) == len(get_args(side))


@pytest.mark.parametrize("struct", STRUCTS, ids=tag)
def test_every_message_is_in_the_specification_with_its_fields(struct: type[msgspec.Struct]) -> None:
    signatures = re.findall(rf"`{tag(struct)}(?: \{{([^`]*)\}})?`", SPEC)
    assert signatures, f"expected `{tag(struct)}` in SPEC.md"
    named = set(re.findall(r"[a-z_]+", " ".join(re.sub(r"\[.*?\]|\{.*?\}", "", s) for s in signatures)))
    if not named:
        return  # told in words
    both = [each for each in STRUCTS if tag(each) == tag(struct)]
    fields = {field.encode_name for each in both for field in msgspec.structs.fields(each)}
    assert named <= fields, f"SPEC.md names {named - fields}, which the message does not have"


def test_S_fields_at_their_default_are_absent_where_that_saves_bytes() -> None:
    from protocol.messages import Patch, State

    assert msgspec.to_builtins(State("r", "e", 1)) == {"t": "state", "stream": "r", "epoch": "e", "seq": 1}
    assert msgspec.to_builtins(Patch("r", 2, 1)) == {"t": "patch", "stream": "r", "seq": 2, "from": 1}
