"""Ideas and their texts (SPEC C, L3, L6, I1)."""

import pytest

from protocol import commands as c
from protocol.errors import Code
from protocol.records import IdeaRecord
from server.workshop.state import board
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table

ZONE, OTHER = "zone:aaaaaaaaaaaa", "zone:bbbbbbbbbbbb"


def idea(n: int) -> str:
    return f"idea:{n:012d}"


def with_ideas(count: int, *, zone: str | None = None) -> Table:
    table = Table()
    table.do(CLAIRE, c.AddZone(ZONE, "À faire"))
    table.do(CLAIRE, c.AddZone(OTHER, "Fait"))
    for n in range(count):
        table.do(PAUL, c.AddIdea(idea(n), f"idée {n}", zone))
    return table


def order(table: Table, zone: str | None = None) -> list[int]:
    """The numbers of the ideas of a zone, as a client orders them (SPEC R2)."""
    here = [r for r in table.records("public").values() if isinstance(r, IdeaRecord) and r.zone == zone]
    return [int(r.id[5:]) for r in sorted(here, key=lambda r: (r.rank, r.id))]


def test_L3_a_text_is_normalised_and_trimmed_and_counted_in_code_points() -> None:
    table = Table()
    table.do(PAUL, c.AddIdea(idea(1), "  e\u0301te\u0301 \u00a0\n"))
    table.do(PAUL, c.AddIdea(idea(2), "🌳" * 280))
    table.do(PAUL, c.AddIdea(idea(3), " " + "e\u0301" * 280))
    texts = {r.id: r.text for r in table.records("public").values() if isinstance(r, IdeaRecord)}
    assert texts == {idea(1): "été", idea(2): "🌳" * 280, idea(3): "é" * 280}
    assert table.refused(PAUL, c.AddIdea(idea(4), "x" * 281)) is Code.TEXT_TOO_LONG
    assert table.refused(PAUL, c.AddIdea(idea(4), " \u2003 ")) is Code.TEXT_EMPTY
    assert table.refused(PAUL, c.EditIdea(idea(1), "")) is Code.TEXT_EMPTY


def test_I1_an_id_in_use_is_refused_also_where_it_is_not_seen() -> None:
    table = with_ideas(2)
    table.do(CLAIRE, c.HidePost(idea(0)))
    table.do(CLAIRE, c.RemoveIdea(idea(1)))
    for n in (0, 1):
        assert table.refused(NADIA, c.AddIdea(idea(n), "x")) is Code.ID_TAKEN


def test_C_only_its_author_and_hosts_alter_an_idea_and_all_may_move_it() -> None:
    table = with_ideas(1)
    assert table.refused(NADIA, c.EditIdea(idea(0), "x")) is Code.FORBIDDEN
    assert table.refused(NADIA, c.RemoveIdea(idea(0))) is Code.FORBIDDEN
    table.do(NADIA, c.MoveIdea(idea(0), ZONE))
    table.do(CLAIRE, c.EditIdea(idea(0), "corrigée"))
    record = table.records("public")[idea(0)]
    assert isinstance(record, IdeaRecord)
    assert (record.text, record.edited, record.zone, record.author) == ("corrigée", True, ZONE, PAUL)


def test_L6_a_room_holds_ten_thousand_ideas_removed_ones_included(monkeypatch: pytest.MonkeyPatch) -> None:
    assert board.IDEAS == 10_000
    monkeypatch.setattr("server.workshop.board.ideas.IDEAS", 3)
    table = with_ideas(3)
    table.do(CLAIRE, c.RemoveIdea(idea(0)))
    assert table.refused(PAUL, c.AddIdea(idea(3), "x")) is Code.TOO_MANY


# Places (SPEC C1, R2).
