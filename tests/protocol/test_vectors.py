"""The vectors in protocol/vectors: what they say is what this implementation does (SPEC X1, E1).

They are also run by the web client (client_demo/web/test/sdk/vectors.test.ts).
"""

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

import protocol
from protocol.codec import decode, encode, unpack
from protocol.commands import COMMANDS, QUERIES
from protocol.errors import TABLE, Refusal
from protocol.messages import CLIENT_TYPES, ClientMessage, People, ServerMessage
from protocol.version import JSON, MSGPACK, Codec

VECTORS = Path(protocol.__file__).parent / "vectors"
CODECS: dict[str, Codec] = {"json": JSON, "msgpack": MSGPACK}


def load(name: str) -> dict[str, Any]:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def named(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=" ".join([case["name"], case.get("codec", "")]).strip()) for case in cases]


FRAMES = load("frames.json")
FRAMES_OF_CLIENTS, FRAMES_OF_SERVERS = named(FRAMES["client"]), named(FRAMES["server"])
REFUSALS = load("refusals.json")


SERVER_TYPES: dict[str, type[msgspec.Struct]] = {
    struct.__struct_config__.tag: struct for struct in get_args(ServerMessage)
}


def server_message(fields: dict[str, Any]) -> msgspec.Struct:
    """The typed message that a server sends. Records stay as they are written: any map may be one.

    Raises:
        msgspec.ValidationError: a field has the wrong type.
    """
    struct = SERVER_TYPES[fields["t"]]
    values = {}
    for field in msgspec.structs.fields(struct):
        if field.encode_name in fields:
            value = fields[field.encode_name]
            records = field.name in {"put", "items"} and struct is not People
            values[field.name] = value if records else msgspec.convert(value, field.type)
    return struct(**values)


def bytes_of(case: dict[str, Any]) -> bytes:
    """A frame of refusals.json: hex, and perhaps many spaces, which no one wants to read."""
    frame: str = case["frame"]
    spaces: int = case.get("spaces", 0)
    return bytes.fromhex(frame) + b" " * spaces


@pytest.mark.parametrize("case", FRAMES_OF_CLIENTS)
def test_a_clients_frame_holds_its_message_in_both_codecs(case: dict[str, Any]) -> None:
    expected = msgspec.convert(case["message"], ClientMessage)
    frames: list[tuple[bytes, Codec]] = [(bytes.fromhex(case["msgpack"]), MSGPACK), (case["json"].encode(), JSON)]
    for raw, codec in frames:
        assert unpack(raw, codec) == case["message"]
        assert decode(raw, codec) == expected


@pytest.mark.parametrize("case", FRAMES_OF_SERVERS)
def test_a_servers_message_becomes_this_frame_in_both_codecs(case: dict[str, Any]) -> None:
    typed = server_message(case["message"])
    assert encode(typed, MSGPACK).hex() == case["msgpack"]
    assert encode(typed, JSON).decode() == case["json"]


@pytest.mark.parametrize("case", named(REFUSALS["refused"]))
def test_a_bad_frame_is_refused_with_its_code(case: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refusal:
        decode(bytes_of(case), CODECS[case["codec"]])
    assert refusal.value.code.value == case["code"], refusal.value.text


@pytest.mark.parametrize("case", named(REFUSALS["taken"]))
def test_a_frame_at_the_limit_is_taken(case: dict[str, Any]) -> None:
    taken = decode(bytes_of(case), CODECS[case["codec"]])
    assert msgspec.to_builtins(taken)["t"] == case["type"]


def test_the_error_table_is_the_one_that_clients_know() -> None:
    assert load("errors.json")["retry"] == {code.value: meaning.retry for code, meaning in TABLE.items()}


def test_each_type_of_message_has_a_frame() -> None:
    assert {case["message"]["t"] for case in FRAMES["client"]} == CLIENT_TYPES.keys()
    assert {case["message"]["t"] for case in FRAMES["server"]} == set(SERVER_TYPES)


def test_each_command_and_query_has_a_frame_with_arguments_that_are_valid() -> None:
    commands, queries = set(), set()
    for message in (case["message"] for case in FRAMES["client"]):
        if message["t"] == "do":
            commands.add(message["cmd"])
            msgspec.convert(message["args"], COMMANDS[message["cmd"]])
        elif message["t"] == "ask":
            queries.add(message["query"])
            msgspec.convert(message["args"], QUERIES[message["query"]])
    assert commands == set(COMMANDS)
    assert queries == set(QUERIES)


@pytest.mark.parametrize("script", named(load("sync.json")["scripts"]))
def test_a_sync_script_holds_messages_that_a_server_may_send(script: dict[str, Any]) -> None:
    for step in script["steps"]:
        if "receive" in step:
            server_message(step["receive"])
    assert any("then" in step for step in script["steps"])
