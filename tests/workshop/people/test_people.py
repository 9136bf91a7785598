"""People: who is a member, and what his role is (SPEC C8, S10, L6)."""

from typing import Any

import pytest

from protocol import commands as c
from protocol.choices import Role
from protocol.errors import Code, Refusal
from protocol.records import MemberRecord
from server.model.kernel import EMPTY, Actor, Context
from server.workshop.model import WORKSHOP
from server.workshop.people import people
from server.workshop.people.people import Enter
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table

NEW = "member:newcomer----"


def enter(table: Table, role: Role = "participant", name: str = "Zoé") -> None:
    refusals = table.commit((Enter(NEW, name, role), Actor(NEW, "host" if role == "host" else "participant")))
    if refusals:
        raise refusals[0]


def test_entering_twice_changes_nothing() -> None:
    table = Table()
    enter(table)
    enter(table, "host", "Autre")
    record: Any = table.records("public")[NEW]
    assert (record.name, record.role) == ("Zoé", "participant")
    assert table.commits[-1] == []


def test_C8_a_closed_door_locks_out_newcomers_and_no_host() -> None:
    table = Table()
    table.do(CLAIRE, c.SetRoom(door=False))
    with pytest.raises(Refusal) as refused:
        enter(table)
    assert refused.value.code is Code.LOCKED
    assert refused.value.retry
    enter(table, "host")
    table.do(CLAIRE, c.SetRole(NEW, "participant"))
    enter(table)


def test_L6_a_room_holds_twenty_thousand_members(monkeypatch: pytest.MonkeyPatch) -> None:
    assert people.MEMBERS == 20_000
    monkeypatch.setattr(people, "MEMBERS", 3)
    with pytest.raises(Refusal) as refused:
        enter(Table())
    assert refused.value.code is Code.TOO_MANY


def test_L3_names_have_forty_characters() -> None:
    table = Table()
    table.do(PAUL, c.RenameMember("é" * 40))
    assert table.refused(PAUL, c.RenameMember("é" * 41)) is Code.TEXT_TOO_LONG
    assert table.refused(PAUL, c.RenameMember("\t")) is Code.TEXT_EMPTY
    assert table.do(PAUL, c.RenameMember(" " + "é" * 40)) == []
    record: Any = table.records("public")[PAUL]
    assert record.name == "é" * 40


def test_C_a_room_keeps_a_host() -> None:
    table = Table()
    assert table.refused(CLAIRE, c.SetRole(CLAIRE, "participant")) is Code.FORBIDDEN
    assert table.refused(PAUL, c.SetRole(PAUL, "host")) is Code.FORBIDDEN
    assert table.refused(CLAIRE, c.SetRole("member:nobody------", "host")) is Code.NOT_FOUND
    assert table.do(CLAIRE, c.SetRole(CLAIRE, "host")) == []
    table.do(CLAIRE, c.SetRole(NADIA, "host"))
    table.do(NADIA, c.SetRole(CLAIRE, "participant"))
    assert table.refused(NADIA, c.SetRole(NADIA, "participant")) is Code.FORBIDDEN
    assert table.actor(CLAIRE).role == "participant"


def test_who_never_entered_is_nobody() -> None:
    table = Table()
    assert WORKSHOP.actor_for(table.layers.state, NEW) is None
    assert WORKSHOP.actor_for(table.layers.state, "membership_count:of-this-room") is None


def test_N4_somebody_of_a_file_whose_own_application_says_so_is_there() -> None:
    """He was in without having come: for whoever asks the table nobody, and a host could give his place to another."""
    state = WORKSHOP.restores["member"].put_back(EMPTY, MemberRecord(id=NEW, name="Paul", role="participant"))
    assert WORKSHOP.membership(state, NEW) is None
    actor = Actor(NEW, "participant")
    (event,) = WORKSHOP.decide(state, Enter(NEW, "Zoé", "participant"), Context(actor, 1))
    assert event.enrols == (NEW,)
    assert WORKSHOP.membership(WORKSHOP.evolve(state, event), NEW) == "participant"
