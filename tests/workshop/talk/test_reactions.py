"""Reactions: counted in public, known by name to nobody but oneself (SPEC C5)."""

from typing import Any

from protocol import commands as c
from protocol.errors import Code
from protocol.records import ReactionRecord
from server.workshop.model import AUDIENCES
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table

IDEA = "idea:000000000001"


def with_idea() -> Table:
    table = Table()
    table.do(PAUL, c.AddIdea(IDEA, "x"))
    return table


def counts(table: Table) -> dict[str, int]:
    record: Any = table.records("public")[IDEA]
    return record.reactions  # type: ignore[no-any-return]


def own(table: Table, member: str) -> list[tuple[str, ...]]:
    return [record.kinds for record in table.layers.own(member) if isinstance(record, ReactionRecord)]


def test_C5_a_reaction_counts_once_per_member_thing_and_kind() -> None:
    table = with_idea()
    table.do(NADIA, c.AddReaction(IDEA, "love"))
    assert table.do(NADIA, c.AddReaction(IDEA, "love")) == []
    table.do(NADIA, c.AddReaction(IDEA, "star"))
    table.do(CLAIRE, c.AddReaction(IDEA, "love"))
    assert counts(table) == {"love": 2, "star": 1}
    assert own(table, NADIA) == [("love", "star")]
    table.do(NADIA, c.RemoveReaction(IDEA, "love"))
    assert table.do(NADIA, c.RemoveReaction(IDEA, "love")) == []
    assert table.do(PAUL, c.RemoveReaction(IDEA, "love")) == []
    assert counts(table) == {"love": 1, "star": 1}
    table.do(NADIA, c.RemoveReaction(IDEA, "star"))
    assert own(table, NADIA) == []
    table.do(CLAIRE, c.RemoveReaction(IDEA, "love"))
    assert counts(table) == {}


def test_C5_names_are_in_no_shared_record() -> None:
    table = with_idea()
    table.do(NADIA, c.AddReaction(IDEA, "love"))
    for audience in AUDIENCES:
        shared = [r for r in table.records(audience).values() if r.id != NADIA]
        assert NADIA not in repr(shared)


def test_reactions_are_on_posts_that_are_seen() -> None:
    table = with_idea()
    for on in ("member:paul--------", "room:aaaaaaaaaaaa", "idea:000000000099", "board:of-this-room"):
        assert table.refused(NADIA, c.AddReaction(on, "love")) is Code.NOT_FOUND
    table.do(CLAIRE, c.HidePost(IDEA))
    assert table.refused(NADIA, c.AddReaction(IDEA, "love")) is Code.NOT_FOUND
    table.do(PAUL, c.AddReaction(IDEA, "love"))
    mine: Any = table.sees(PAUL)[IDEA]
    assert mine.reactions == {"love": 1}
