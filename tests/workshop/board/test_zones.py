"""Zones: the regions of the board (SPEC C4, L6)."""

import pytest

from protocol import commands as c
from protocol.errors import Code
from protocol.records import ZoneRecord
from server.workshop.state import board
from tests.workshop.table import CLAIRE, PAUL, Table


def zone(n: int) -> str:
    return f"zone:{n:012d}"


def zones(table: Table) -> list[ZoneRecord]:
    return sorted(
        (r for r in table.records("public").values() if isinstance(r, ZoneRecord)), key=lambda r: (r.rank, r.id)
    )


def test_zones_come_in_order_and_wear_the_six_tints_in_turn() -> None:
    table = Table()
    for n in range(8):
        table.do(CLAIRE, c.AddZone(zone(n), f"zone {n}"))
    assert [record.id for record in zones(table)] == [zone(n) for n in range(8)]
    assert "".join(record.letter for record in zones(table)) == "ABCDEFAB"
    table.do(CLAIRE, c.AddZone(zone(9), "choisie", "F"))
    assert zones(table)[-1].letter == "F"


def test_L6_a_room_holds_sixty_zones_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert board.ZONES == 60
    monkeypatch.setattr("server.workshop.board.zones.ZONES", 2)
    table = Table()
    for n in range(2):
        table.do(CLAIRE, c.AddZone(zone(n), "x"))
    assert table.refused(CLAIRE, c.AddZone(zone(2), "x")) is Code.TOO_MANY
    table.do(CLAIRE, c.RemoveZone(zone(0)))
    table.do(CLAIRE, c.AddZone(zone(2), "x"))
    assert [record.id for record in zones(table)] == [zone(1), zone(2)]


def test_a_zone_is_edited_and_removed_by_hosts_alone() -> None:
    table = Table()
    table.do(CLAIRE, c.AddZone(zone(1), "x"))
    for command in (c.AddZone(zone(2), "x"), c.EditZone(zone(1), "y"), c.RemoveZone(zone(1))):
        assert table.refused(PAUL, command) is Code.FORBIDDEN
    assert table.do(CLAIRE, c.EditZone(zone(1), " x ")) == []
    table.do(CLAIRE, c.EditZone(zone(1), "y"))
    assert zones(table)[0].title == "y"
    assert table.refused(CLAIRE, c.AddZone(zone(1), "x")) is Code.ID_TAKEN
    assert table.refused(CLAIRE, c.EditZone(zone(1), "")) is Code.TEXT_EMPTY
    assert table.refused(CLAIRE, c.EditZone(zone(1), "x" * 121)) is Code.TEXT_TOO_LONG
    table.do(CLAIRE, c.RemoveZone(zone(1)))
    assert zones(table) == []
    assert table.refused(CLAIRE, c.RemoveZone(zone(1))) is Code.NOT_FOUND
    assert table.refused(CLAIRE, c.EditZone(zone(1), "z")) is Code.NOT_FOUND
