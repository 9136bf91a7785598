"""The room's own record, and the pause of writing (SPEC C7, C10, C11, R)."""

from typing import Any

import pytest

from protocol import commands as c
from protocol.errors import Code, Refusal
from server.workshop.model import WORKSHOP
from server.workshop.people.settings import Create
from server.workshop.rights import WRITES
from tests.workshop.table import CLAIRE, PAUL, ROOM, SYSTEM, Table


def record(table: Table) -> Any:
    return table.records("public")[ROOM]


def test_a_room_is_made_once() -> None:
    table = Table()
    (refusal,) = table.commit((Create(ROOM, "Autre", "ZZZZZZ", "en"), SYSTEM))
    assert refusal.code is Code.ID_TAKEN
    assert (record(table).title, record(table).code, record(table).lang) == ("Séminaire", "ABC234", "fr")


def test_room_set_changes_what_it_names() -> None:
    table = Table()
    table.do(CLAIRE, c.SetRoom(title="Titre", prompt=" Que changer ? ", lang="en", door=False))
    now = record(table)
    assert (now.title, now.prompt, now.lang, now.door, now.writing) == ("Titre", "Que changer ?", "en", False, True)
    table.do(CLAIRE, c.SetRoom(prompt=" "))
    assert record(table).prompt == ""
    assert table.do(CLAIRE, c.SetRoom(title="Titre", door=False)) == []
    assert table.do(CLAIRE, c.SetRoom()) == []
    assert table.refused(CLAIRE, c.SetRoom(title="")) is Code.TEXT_EMPTY
    assert table.refused(CLAIRE, c.SetRoom(prompt="x" * 281)) is Code.TEXT_TOO_LONG
    assert table.refused(PAUL, c.SetRoom(door=True)) is Code.FORBIDDEN


def test_C11_it_says_in_whose_name_it_is_and_in_which_colour() -> None:
    table = Table()
    table.do(CLAIRE, c.SetRoom(line="  Maison\u200b Lavandier ", accent="#7a1f5b"))
    assert (record(table).line, record(table).accent) == ("Maison Lavandier", "#7a1f5b")
    table.do(CLAIRE, c.SetRoom(line=" ", accent=""))
    assert (record(table).line, record(table).accent) == ("", "")
    assert table.refused(CLAIRE, c.SetRoom(line="x" * 81)) is Code.TEXT_TOO_LONG
    assert table.refused(PAUL, c.SetRoom(accent="#000000")) is Code.FORBIDDEN


@pytest.mark.parametrize("none", ["red", "#FFF", "#7A1F5B", "#7a1f5b\n", "#7a1f5b;x", "url(x)", 7])
def test_C11_what_is_no_colour_is_refused(none: object) -> None:
    with pytest.raises(Refusal, match="accent") as refused:
        WORKSHOP.typed("room.set", {"accent": none})
    assert refused.value.code is Code.INVALID


@pytest.mark.parametrize("command", sorted(WRITES & set(c.COMMANDS.values()), key=repr))
def test_C7_a_pause_stops_all_writing_but_the_hosts(command: type[c.Command]) -> None:
    table = Table()
    table.do(CLAIRE, c.SetRoom(writing=False))
    name = next(name for name, kind in c.COMMANDS.items() if kind is command)
    ids = {"id": f"{name.split('.')[0]}:000000000001", "on": "idea:000000000001", "kind": "love", "text": "x"}
    ids |= {"title": "x", "into": "idea:000000000002"} | ({"kind": "offer"} if command is c.AddRemark else {})
    fields = {field: value for field, value in ids.items() if field in command.__struct_fields__}
    assert table.refused(PAUL, WORKSHOP.typed(name, fields)) is Code.PAUSED
    try:
        table.do(CLAIRE, WORKSHOP.typed(name, fields))
    except Refusal as refusal:
        assert refusal.code is not Code.PAUSED
