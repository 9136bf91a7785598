"""Names and shapes of commands and queries (SPEC C, I1, Q2)."""

import msgspec
import pytest

from protocol.commands import COMMANDS, QUERIES, AddIdea, Duplicates, History, MoveIdea, Search
from protocol.errors import Code, Refusal
from server.workshop.model import WORKSHOP

GOOD = "idea:" + "a" * 12


@pytest.mark.parametrize("id", [GOOD, "idea:" + "A-_9" * 16])
def test_I1_an_id_is_its_kind_and_12_to_64_safe_characters(id: str) -> None:
    assert WORKSHOP.typed("idea.add", {"id": id, "text": "x"}) == AddIdea(id, "x")


@pytest.mark.parametrize(
    "id",
    [
        "",
        "idea:",
        "idea:" + "a" * 11,
        "idea:" + "a" * 65,
        "message:" + "a" * 12,
        "idea:" + "é" * 12,
        " " + GOOD,
        GOOD + " ",
    ],
)
def test_I1_anything_else_is_invalid(id: str) -> None:
    with pytest.raises(Refusal) as refused:
        WORKSHOP.typed("idea.add", {"id": id, "text": "x"})
    assert refused.value.code is Code.INVALID


def test_C1_no_zone_and_no_word_of_a_zone_are_two_things() -> None:
    assert WORKSHOP.typed("idea.move", {"id": GOOD}) == MoveIdea(GOOD, msgspec.UNSET, None)
    assert WORKSHOP.typed("idea.move", {"id": GOOD, "zone": None}) == MoveIdea(GOOD, None, None)


def test_an_unknown_command_is_refused_by_name() -> None:
    for name in ("idea.explode", "Enter", "", "x" * 64):
        with pytest.raises(Refusal) as refused:
            WORKSHOP.typed(name, {})
        assert refused.value.code is Code.UNKNOWN_COMMAND


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_refuses_what_is_missing(name: str) -> None:
    if msgspec.structs.fields(COMMANDS[name]) and any(f.required for f in msgspec.structs.fields(COMMANDS[name])):
        with pytest.raises(Refusal):
            WORKSHOP.typed(name, {})
    else:
        WORKSHOP.typed(name, {})


def test_Q2_queries_are_bounded() -> None:
    assert {"history": History, "search": Search, "duplicates": Duplicates} == QUERIES
    for query, bad in (
        (History, {"limit": 0}),
        (History, {"limit": 101}),
        (Duplicates, {"limit": 101}),
        (Search, {"text": ""}),
        (Search, {"text": "x" * 201}),
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(bad, query)
