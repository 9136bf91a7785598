"""Small tables: who sits where is dealt by chance, so that people meet whom they have not met (SPEC T)."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.records import BreakoutsRecord, IdeaRecord, MemberRecord
from server.model.kernel import Actor, Context
from server.workshop.model import WORKSHOP
from server.workshop.people.breakouts import BREAKOUTS, BreakoutsDrawn, Round, deal
from server.workshop.people.people import Enter
from tests.properties import bounded
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table

STEP = "step:000000000001"


def people(count: int) -> list[str]:
    return [f"member:{n:012d}" for n in range(count)]


def crowded(count: int) -> Table:
    """A room of Claire, Paul, Nadia, and so many more."""
    table = Table()
    for member in people(count):
        table.commit((Enter(member, member[7:], "participant"), Actor(member, "participant")))
    return table


def seats(table: Table) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for record in table.records("public").values():
        if isinstance(record, MemberRecord) and record.breakout:
            found.setdefault(record.breakout, set()).add(record.id)
    return found


def breakouts(table: Table) -> BreakoutsRecord | None:
    record = table.records("public").get(BREAKOUTS)
    assert record is None or isinstance(record, BreakoutsRecord)
    return record


def met(rounds: Sequence[Round]) -> Counter[frozenset[str]]:
    return Counter(frozenset(pair) for one in rounds for breakout in one for pair in combinations(breakout, 2))


@given(st.integers(2, 120), st.integers(2, 6), st.integers(0, 3), st.text(max_size=3))
@bounded(60)
def test_T1_everyone_sits_once_and_nobody_alone_or_in_a_crowd(count: int, size: int, rounds: int, seed: str) -> None:
    before: list[Round] = []
    for n in range(rounds + 1):
        before.append(deal(people(count), size, before, seed=f"{seed}{n}"))
    for dealt in before:
        assert sorted(id for breakout in dealt for id in breakout) == people(count)
        sizes = sorted(map(len, dealt))
        assert sizes[-1] - sizes[0] <= 1, "as even as can be"
        assert sizes[0] >= 2
        if count >= 6:
            assert sizes[-1] <= 6
            if size >= 3:
                assert sizes[0] >= 3


def test_T1_chance_deals_otherwise_each_time_and_the_same_to_the_same_seed() -> None:
    once, again, other = (deal(people(40), 4, [], seed=seed) for seed in ("1", "1", "2"))
    assert once == again != other


@pytest.mark.parametrize(("count", "size", "rounds"), [(16, 4, 3), (40, 4, 5), (60, 5, 4), (200, 4, 8)])
def test_T1_people_meet_whom_they_have_not_met(count: int, size: int, rounds: int) -> None:
    before: list[Round] = []
    for n in range(rounds):
        before.append(deal(people(count), size, before, seed=str(n)))
    twice = sum(times - 1 for times in met(before).values())
    by_chance = sum(
        times - 1 for times in met([deal(people(count), size, [], seed=str(n)) for n in range(rounds)]).values()
    )
    assert twice <= by_chance / 5, f"{twice} pairs sat together again; blind chance gives {by_chance}"


def test_T1_everyone_but_hosts_is_dealt_out_or_those_who_are_named() -> None:
    table = crowded(10)
    table.do(CLAIRE, c.DrawBreakouts(4))
    assert set().union(*seats(table).values()) == {PAUL, NADIA, *people(10)}
    assert breakouts(table) == BreakoutsRecord(id=BREAKOUTS, v=table.layers.seq, size=4, count=3, since=table.at - 1)
    table.do(CLAIRE, c.DrawBreakouts(2, [CLAIRE, PAUL, PAUL]))
    assert seats(table) == {1: {CLAIRE, PAUL}}
    absent = "member:nobody------"
    assert table.refused(CLAIRE, c.DrawBreakouts(4, [PAUL, absent])) is Code.NOT_FOUND
    assert table.refused(CLAIRE, c.DrawBreakouts(4, [PAUL])) is Code.INVALID
    assert table.refused(PAUL, c.DrawBreakouts(4)) is Code.FORBIDDEN
    assert crowded(1_001).refused(CLAIRE, c.DrawBreakouts(4)) is Code.TOO_MANY


def test_T1_who_is_not_here_gets_no_seat_where_it_is_known_who_is() -> None:
    table = crowded(10)
    here = {CLAIRE, PAUL, *people(3)}
    (drawn,) = WORKSHOP.decide(
        table.layers.state, c.DrawBreakouts(3), Context(table.actor(CLAIRE), table.at, present=lambda: here)
    )
    assert isinstance(drawn, BreakoutsDrawn)
    assert {id for breakout in drawn.breakouts for id in breakout} == here - {CLAIRE}
    alone = Context(table.actor(CLAIRE), table.at, present=lambda: {CLAIRE, PAUL})
    with pytest.raises(Refusal, match="expected two people or more"):
        WORKSHOP.decide(table.layers.state, c.DrawBreakouts(3), alone)


def test_T1_tables_come_together_two_by_two() -> None:
    table = crowded(8)
    assert table.refused(CLAIRE, c.DrawBreakouts(join=True)) is Code.INVALID
    table.do(CLAIRE, c.DrawBreakouts(2))
    pairs = seats(table)
    table.do(CLAIRE, c.DrawBreakouts(join=True))
    assert seats(table) == {1: pairs[1] | pairs[2], 2: pairs[3] | pairs[4] | pairs[5]}
    table.do(CLAIRE, c.DrawBreakouts(join=True))
    assert seats(table) == {1: {PAUL, NADIA, *people(8)}}
    assert table.refused(CLAIRE, c.DrawBreakouts(join=True)) is Code.INVALID


def test_T2_a_latecomer_takes_a_seat_where_fewest_sit_or_where_he_says() -> None:
    table = crowded(5)
    late = "member:late--------"
    assert table.refused(PAUL, c.TakeBreakout()) is Code.NOT_OPEN
    table.do(CLAIRE, c.DrawBreakouts(4))
    fewest = min(seats(table), key=lambda n: len(seats(table)[n]))
    table.commit((Enter(late, "late", "participant"), Actor(late, "participant")))
    table.do(late, c.TakeBreakout())
    assert late in seats(table)[fewest]
    assert table.do(late, c.TakeBreakout()) == [], "he has a seat"
    table.do(late, c.TakeBreakout(3 - fewest))
    assert late in seats(table)[3 - fewest]
    assert table.do(late, c.TakeBreakout(3 - fewest)) == []
    assert table.refused(late, c.TakeBreakout(3)) is Code.NOT_FOUND


def test_T2_who_was_removed_has_no_seat_and_is_dealt_none() -> None:
    table = crowded(5)
    table.do(CLAIRE, c.DrawBreakouts(4))
    table.do(CLAIRE, c.RemoveMember(PAUL))
    assert PAUL not in set().union(*seats(table).values())
    table.do(CLAIRE, c.DrawBreakouts(4))
    assert PAUL not in set().union(*seats(table).values())


def test_T3_an_idea_carries_its_table_and_keeps_it() -> None:
    table = crowded(4)
    table.do(CLAIRE, c.DrawBreakouts(3))
    mine = next(n for n, who in seats(table).items() if PAUL in who)
    table.do(PAUL, c.AddIdea("idea:000000000001", "À notre table"))
    table.do(CLAIRE, c.AddIdea("idea:000000000002", "Debout"))
    table.do(CLAIRE, c.EndBreakouts())
    assert (seats(table), breakouts(table)) == ({}, None)
    assert table.do(CLAIRE, c.EndBreakouts()) == []
    one, two = table.records("public")["idea:000000000001"], table.records("public")["idea:000000000002"]
    assert isinstance(one, IdeaRecord)
    assert isinstance(two, IdeaRecord)
    assert (one.breakout, two.breakout) == (mine, 0)


@pytest.mark.parametrize("later", [False, True])
def test_T3_without_a_name_there_is_no_table_either(later: bool) -> None:
    """Not even in the journal, where it was anonymous from the beginning."""
    table = crowded(4)
    table.do(CLAIRE, c.AddStep(STEP, "ideate", "Nos idées", anonymous=not later))
    table.do(CLAIRE, c.GoToStep(STEP))
    table.do(CLAIRE, c.DrawBreakouts(3))
    (added,) = table.do(PAUL, c.AddIdea("idea:000000000001", "Sans nom"))
    if later:
        table.do(CLAIRE, c.EditStep(STEP, anonymous=True))
    else:
        assert getattr(added, "breakout", 0) == 0
    for member in (CLAIRE, PAUL, NADIA):
        record = table.sees(member)["idea:000000000001"]
        assert isinstance(record, IdeaRecord)
        assert record.breakout == 0
