"""Where ideas lie, what is removed, and undo (SPEC C1 to C4, C10, R2)."""

import random
from functools import partial
from typing import Any, cast

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.records import IdeaRecord, UndoRecord
from server.model import rank
from server.workshop.board import moves
from server.workshop.board.ideas import Idea
from server.workshop.board.moves import IdeaMoved
from server.workshop.state.places import put
from tests.workshop.board.test_ideas import OTHER, ZONE, idea, order, with_ideas
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table


def undo_of(table: Table, member: str) -> tuple[str, str] | None:
    for record in table.layers.own(member):
        if isinstance(record, UndoRecord):
            return record.on, record.what
    return None


def test_R2_a_rank_stays_short_however_often_things_are_moved_between_the_same_two() -> None:
    table = with_ideas(12)
    table.do(CLAIRE, c.HidePost(idea(5)))
    expected = list(range(12))
    for n in range(600):
        # Behind the fifth, alternately one and the other of two: each time into the gap that the last one left.
        moved = 10 + n % 2
        table.do(PAUL, c.MoveIdea(idea(moved), before=idea(6)))
        expected.remove(moved)
        expected.insert(expected.index(6), moved)
        assert order(table) == [n for n in expected if n != 5]
        longest = max(len(i.rank) for i in table.layers.state.values() if isinstance(i, Idea))
        assert longest <= rank.LONGEST
    # What comes next still comes last, and the last move can be taken back.
    table.do(PAUL, c.AddIdea(idea(12), "après"))
    assert order(table)[-1] == 12
    table.do(PAUL, c.UndoIdea())
    assert order(table)[:8] == [0, 1, 2, 3, 4, 11, 10, 6]


def test_R2_ideas_of_one_rank_are_dealt_as_all_are() -> None:
    """Two workers never give one rank twice, but what was imported or restored may have it."""
    table = with_ideas(8)
    for n in range(2, 6):
        same = table.layers.state[idea(n)]
        assert isinstance(same, Idea)
        table.layers.state = put(table.layers.state, replace(same, rank="a3"))
    before = order(with_ideas(8))
    dealt = moves._dealt_around(table.layers.state, None, cast(Idea, table.layers.state[idea(4)]))
    ranks = {e.id: e.rank for e in table.layers.state.values() if isinstance(e, Idea)} | dict(dealt)
    assert sorted(ranks, key=lambda id: (ranks[id], id)) == [idea(n) for n in before]
    assert len({place for _, place in dealt}) == len(dealt) >= 4


def test_C1_a_move_goes_before_another_or_to_the_end_of_its_zone_or_of_another() -> None:
    table = with_ideas(4)
    table.do(PAUL, c.MoveIdea(idea(3), before=idea(1)))
    assert order(table) == [0, 3, 1, 2]
    table.do(PAUL, c.MoveIdea(idea(0)))
    assert order(table) == [3, 1, 2, 0]
    table.do(PAUL, c.MoveIdea(idea(1), ZONE))
    table.do(PAUL, c.MoveIdea(idea(2), ZONE, before=idea(1)))
    assert (order(table), order(table, ZONE)) == ([3, 0], [2, 1])
    table.do(PAUL, c.MoveIdea(idea(2), None))
    assert (order(table), order(table, ZONE)) == ([3, 0, 2], [1])
    assert table.refused(PAUL, c.MoveIdea(idea(2), "zone:cccccccccccc")) is Code.NOT_FOUND
    assert table.refused(PAUL, c.MoveIdea(idea(2), before=idea(1))) is Code.NOT_FOUND
    assert table.refused(PAUL, c.MoveIdea(idea(2), ZONE, before=idea(3))) is Code.NOT_FOUND


@pytest.mark.parametrize("seed", range(5))
def test_R2_ranks_keep_the_order_of_a_plain_list_under_random_moves(seed: int) -> None:
    chance = random.Random(seed)
    table = with_ideas(6)
    zones: tuple[str | None, ...] = (None, ZONE, OTHER)
    lists: dict[str | None, list[int]] = {None: list(range(6)), ZONE: [], OTHER: []}
    for _ in range(120):
        n, to = chance.randrange(6), chance.choice(zones)
        home = next(zone for zone, ideas in lists.items() if n in ideas)
        before = chance.choice([None, *(i for i in lists[to] if i != n)])
        if chance.random() < 0.3 and home == to:
            table.do(PAUL, c.MoveIdea(idea(n), UNSET, None if before is None else idea(before)))
        else:
            table.do(PAUL, c.MoveIdea(idea(n), to, None if before is None else idea(before)))
        lists[home].remove(n)
        lists[to].insert(len(lists[to]) if before is None else lists[to].index(before), n)
        assert {zone: order(table, zone) for zone in zones} == lists


def test_R2_an_idea_goes_right_before_another_that_shares_its_rank_with_a_third() -> None:
    """Undo brings an idea back to a rank that another has been given meanwhile."""
    table = with_ideas(3)
    table.do(PAUL, c.MoveIdea(idea(1)))  # between 0 and 2 there is room
    table.do(NADIA, c.AddIdea(idea(9), "neuve"))
    table.do(NADIA, c.MoveIdea(idea(9), before=idea(2)))
    table.do(PAUL, c.UndoIdea())
    ranks = {r.id: r.rank for r in table.records("public").values() if isinstance(r, IdeaRecord)}
    assert order(table)[0] == 0
    assert order(table)[-1] == 2
    table.do(CLAIRE, c.AddIdea(idea(5), "encore"))
    for target in (1, 9):
        table.do(CLAIRE, c.MoveIdea(idea(5), before=idea(target)))
        at = order(table)
        assert at.index(5) == at.index(target) - 1, (ranks, at)


def test_C10_what_changes_nothing_is_no_event() -> None:
    table = with_ideas(3)
    assert table.do(PAUL, c.EditIdea(idea(0), " idée 0 ")) == []
    assert table.do(PAUL, c.MoveIdea(idea(2))) == []
    assert table.do(PAUL, c.MoveIdea(idea(0), before=idea(1))) == []
    assert table.do(PAUL, c.MoveIdea(idea(0), before=idea(0))) == []
    table.do(PAUL, c.MoveIdea(idea(2), ZONE))
    assert table.do(PAUL, c.MoveIdea(idea(1))) == [], "the last one stays the last, though another once lay behind it"


# Away and back (SPEC C2, C4).


def test_C2_a_removed_idea_is_its_authors_and_hosts_and_comes_back_to_its_place() -> None:
    table = with_ideas(3)
    table.do(PAUL, c.RemoveIdea(idea(1)))
    assert idea(1) not in table.records("public")
    assert idea(1) not in table.sees(NADIA)
    for member in (PAUL, CLAIRE):
        record = table.sees(member)[idea(1)]
        assert isinstance(record, IdeaRecord)
        assert record.removed
    for command in (
        c.EditIdea(idea(1), "x"),
        c.MoveIdea(idea(1)),
        c.RemoveIdea(idea(1)),
        c.AddReaction(idea(1), "love"),
    ):
        assert table.refused(PAUL, command) is Code.NOT_FOUND
    assert table.refused(NADIA, c.RestoreIdea(idea(1))) is Code.NOT_FOUND
    assert table.refused(PAUL, c.RestoreIdea(idea(0))) is Code.NOT_FOUND
    table.do(CLAIRE, c.RestoreIdea(idea(1)))
    assert order(table) == [0, 1, 2]
    assert idea(1) not in {record.id for record in table.layers.own(PAUL)}


def test_C4_the_ideas_of_a_removed_zone_lie_in_none_in_their_order() -> None:
    table = with_ideas(4, zone=ZONE)
    table.do(PAUL, c.MoveIdea(idea(3), before=idea(0)))
    table.do(PAUL, c.AddIdea(idea(8), "dehors"))
    table.do(CLAIRE, c.HidePost(idea(1)))
    table.do(PAUL, c.RemoveIdea(idea(2)))
    table.do(CLAIRE, c.RemoveZone(ZONE))
    assert order(table) == [8, 3, 0]
    for n in (1, 2):
        for member in (PAUL, CLAIRE):
            record = table.sees(member)[idea(n)]
            assert isinstance(record, IdeaRecord)
            assert record.zone is None
    table.do(CLAIRE, c.ShowPost(idea(1)))
    table.do(PAUL, c.RestoreIdea(idea(2)))
    assert order(table) == [8, 3, 0, 1, 2]
    table.do(PAUL, c.AddIdea(idea(9), "après"))
    assert order(table)[-1] == 9


# Undo (SPEC C3).


def test_C3_undo_takes_back_my_last_move_once() -> None:
    table = with_ideas(3)
    table.do(PAUL, c.MoveIdea(idea(0), ZONE))
    assert undo_of(table, PAUL) == (idea(0), "move")
    assert undo_of(table, NADIA) is None
    table.do(PAUL, c.UndoIdea())
    assert (order(table), order(table, ZONE)) == ([0, 1, 2], [])
    assert undo_of(table, PAUL) is None
    assert table.refused(PAUL, c.UndoIdea()) is Code.NOTHING_TO_UNDO


def test_C3_undo_takes_back_my_last_removal() -> None:
    table = with_ideas(2)
    table.do(PAUL, c.RemoveIdea(idea(0)))
    assert undo_of(table, PAUL) == (idea(0), "remove")
    table.do(PAUL, c.UndoIdea())
    assert order(table) == [0, 1]


def test_C3_only_my_own_and_only_my_last() -> None:
    table = with_ideas(3)
    table.do(PAUL, c.MoveIdea(idea(0), ZONE))
    table.do(NADIA, c.MoveIdea(idea(1), ZONE))
    table.do(NADIA, c.MoveIdea(idea(2), ZONE))
    table.do(PAUL, c.UndoIdea())
    assert (order(table), order(table, ZONE)) == ([0], [1, 2])
    table.do(NADIA, c.UndoIdea())
    assert (order(table), order(table, ZONE)) == ([0, 2], [1])
    assert table.refused(NADIA, c.UndoIdea()) is Code.NOTHING_TO_UNDO


@pytest.mark.parametrize(
    "meanwhile",
    [c.MoveIdea(idea(0), None), c.RemoveIdea(idea(0)), c.RemoveZone(ZONE)],
    ids=["moved", "removed", "zone removed"],
)
def test_C3_what_somebody_changed_since_is_superseded(meanwhile: c.Command) -> None:
    table = with_ideas(2)
    table.do(PAUL, c.MoveIdea(idea(0), ZONE))
    table.do(CLAIRE, meanwhile)
    assert table.refused(PAUL, c.UndoIdea()) is Code.SUPERSEDED


def test_C3_an_edit_supersedes_nothing() -> None:
    table = with_ideas(2)
    table.do(PAUL, c.MoveIdea(idea(0), ZONE))
    table.do(CLAIRE, c.EditIdea(idea(0), "corrigée"))
    table.do(PAUL, c.UndoIdea())
    assert order(table) == [0, 1]


def test_C3_back_to_a_zone_that_is_gone_is_to_the_end_of_none() -> None:
    table = with_ideas(2, zone=ZONE)
    table.do(PAUL, c.MoveIdea(idea(0), OTHER))
    table.do(CLAIRE, c.RemoveZone(ZONE))
    table.do(PAUL, c.UndoIdea())
    assert order(table) == [1, 0]


def test_I3_undo_tells_nothing_of_an_idea_that_was_hidden_since() -> None:
    table = with_ideas(2)
    table.do(NADIA, c.MoveIdea(idea(0), ZONE))
    table.do(CLAIRE, c.HidePost(idea(0)))
    assert table.refused(NADIA, c.UndoIdea()) is Code.NOTHING_TO_UNDO
    table.do(CLAIRE, c.MoveIdea(idea(0), OTHER))
    assert table.refused(NADIA, c.UndoIdea()) is Code.NOTHING_TO_UNDO


def test_an_erased_mover_has_nothing_to_undo() -> None:
    """Personal fields of events are optional (DESIGN, Erasure)."""
    table = with_ideas(2)
    table.layers.take([IdeaMoved(idea(0), "z1", ZONE)], table.layers.seq + 1, table.at)
    assert order(table, ZONE) == [0]


def test_C2_what_a_host_took_away_only_a_host_gives_back() -> None:
    table = Table()
    table.do(PAUL, c.AddIdea("idea:000000000001", "x"))
    table.do(PAUL, c.MoveIdea("idea:000000000001"))
    table.do(CLAIRE, c.RemoveIdea("idea:000000000001"))
    taken = [record for record in table.own(PAUL) if isinstance(record, IdeaRecord)]
    assert [(record.removed, record.taken) for record in taken] == [(True, True)]
    assert table.refused(PAUL, c.RestoreIdea("idea:000000000001")) is Code.FORBIDDEN
    table.do(CLAIRE, c.RestoreIdea("idea:000000000001"))
    table.do(PAUL, c.RemoveIdea("idea:000000000001"))
    table.do(PAUL, c.RestoreIdea("idea:000000000001"))
    assert "idea:000000000001" in table.records("public")


@pytest.mark.parametrize("anonymous", [False, True])
def test_C2_what_its_author_removed_first_a_host_takes_away_for_good(anonymous: bool) -> None:
    table, step, one = Table(), "step:000000000001", "idea:000000000001"
    table.do(CLAIRE, c.AddStep(step, "ideate", "Idées", anonymous=anonymous))
    table.do(CLAIRE, c.GoToStep(step))
    table.do(PAUL, c.AddIdea(one, "x"))
    table.do(PAUL, c.RemoveIdea(one))
    assert table.refused(PAUL, c.RemoveIdea(one)) is table.refused(NADIA, c.RemoveIdea(one)) is Code.NOT_FOUND
    assert table.do(CLAIRE, c.RemoveIdea(one))
    assert not table.do(CLAIRE, c.RemoveIdea(one)), "it is gone already"
    for seen in (table.sees(PAUL), table.sees(CLAIRE)):
        record = seen[one]
        assert isinstance(record, IdeaRecord)
        assert record.removed and record.taken
    assert table.refused(PAUL, c.RestoreIdea(one)) is Code.FORBIDDEN
    assert table.refused(PAUL, c.UndoIdea()) is Code.SUPERSEDED
    assert table.refused(CLAIRE, c.UndoIdea()) is Code.NOTHING_TO_UNDO, "it would show what its author had removed"
    table.do(CLAIRE, c.RestoreIdea(one))
    assert one in table.records("public")


def test_C2_a_host_takes_back_what_he_took_away_while_he_is_one() -> None:
    table = Table()
    table.do(CLAIRE, c.SetRole(NADIA, "host"))
    for n in (1, 2):
        table.do(PAUL, c.AddIdea(f"idea:00000000000{n}", "x"))
        table.do(NADIA, c.RemoveIdea(f"idea:00000000000{n}"))
        if n == 1:
            table.do(NADIA, c.UndoIdea())
    table.do(CLAIRE, c.SetRole(NADIA, "participant"))
    assert "idea:000000000001" in table.records("public")
    assert "idea:000000000002" not in table.records("public")
    assert table.refused(NADIA, c.UndoIdea()) in {Code.FORBIDDEN, Code.NOTHING_TO_UNDO}


@pytest.mark.parametrize("anonymous", [False, True])
@pytest.mark.parametrize("away", [c.RemoveIdea, c.HidePost, partial(c.RefusePost, reason="non")])
def test_C2_no_command_of_its_author_gives_back_what_a_host_took_away(away: Any, anonymous: bool) -> None:
    table, step, idea = Table(), "step:000000000001", "idea:000000000001"
    table.do(CLAIRE, c.AddStep(step, "group", "Grouper", anonymous=anonymous))
    table.do(CLAIRE, c.GoToStep(step))
    for n in (1, 2):
        table.do(PAUL, c.AddIdea(f"idea:00000000000{n}", "x"))
    for before in (
        c.MoveIdea(idea),
        c.RemoveIdea(idea),
        c.RestoreIdea(idea),
        c.MoveIdea(idea, before="idea:000000000002"),
    ):
        table.do(PAUL, before)
    table.do(CLAIRE, away(idea))
    own = [
        c.RestoreIdea(idea), c.UndoIdea(), c.UndoIdea(idea), c.EditIdea(idea, "y"), c.MoveIdea(idea), c.UnmergeIdea(idea),
        c.MergeIdea(idea, "idea:000000000002"), c.MergeIdea("idea:000000000002", idea), c.AddIdea(idea, "y"), c.RemoveIdea(idea),
        c.ShowPost(idea), c.AddReaction(idea, "like"),
    ]  # fmt: skip
    for first in own:
        for command in (first, *own):
            try:
                table.do(PAUL, command)
            except Refusal:
                pass
            assert idea not in table.records("public"), command
            assert idea not in table.sees(NADIA)
