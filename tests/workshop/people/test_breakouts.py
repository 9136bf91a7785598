"""Small tables: who sits where is dealt by chance, so that people meet whom they have not met (SPEC T)."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.records import BreakoutRecord, BreakoutsRecord, IdeaRecord, MemberRecord
from server.model.kernel import Actor, Context
from server.workshop.model import WORKSHOP
from server.workshop.people.breakouts import BreakoutsDrawn
from server.workshop.people.dealing import deal, sizes
from server.workshop.people.people import Enter
from server.workshop.state.breakouts import BREAKOUTS, ROUNDS, Round, breakout_id
from tests.properties import bounded
from tests.protocol.test_vectors import load
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table

STEP = "step:000000000001"
ZONE = "zone:000000000001"


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
        fewest, most = min(map(len, dealt)), max(map(len, dealt))
        assert most - fewest <= 1, "as even as can be"
        assert fewest >= 2
        if count >= 6:
            assert most <= 6
            if size >= 3:
                assert fewest >= 3


@pytest.mark.parametrize(
    "case", load("breakouts.json")["cases"], ids=lambda case: f"{case['people']} by {case['size']}"
)
def test_T1_so_many_sit_at_each_table(case: dict[str, Any]) -> None:
    assert list(sizes(case["people"], case["size"])) == case["sizes"]
    dealt = deal(people(case["people"]), case["size"], [], seed="1")
    assert [len(breakout) for breakout in dealt] == case["sizes"]


@given(st.integers(2, 60), st.integers(2, 6), st.integers(2, 5))
@bounded(30)
def test_T1_on_average_fewer_meet_again_than_by_chance(count: int, size: int, rounds: int) -> None:
    """Seats are those that would be dealt to whoever has met nobody."""
    twice = by_chance = 0
    for seed in range(4):
        mixed: list[Round] = []
        for n in range(rounds):
            mixed.append(deal(people(count), size, mixed, seed=f"{seed}:{n}"))
            assert [len(breakout) for breakout in mixed[-1]] == list(sizes(count, size))
        blind = [deal(people(count), size, [], seed=f"{seed}:{n}") for n in range(rounds)]
        twice += sum(times - 1 for times in met(mixed).values())
        by_chance += sum(times - 1 for times in met(blind).values())
    assert twice <= by_chance


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
    assert breakouts(table) == BreakoutsRecord(
        id=BREAKOUTS, v=table.layers.seq, size=4, count=3, since=table.at - 1, round=1
    )
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


def test_T2_a_host_seats_somebody_and_nobody_else_does() -> None:
    table = crowded(5)
    assert table.refused(CLAIRE, c.TakeBreakout(id=PAUL)) is Code.NOT_OPEN
    table.do(CLAIRE, c.DrawBreakouts(4))
    here = next(n for n, who in seats(table).items() if PAUL in who)
    table.do(CLAIRE, c.TakeBreakout(3 - here, PAUL))
    assert PAUL in seats(table)[3 - here]
    assert table.refused(NADIA, c.TakeBreakout(here, PAUL)) is Code.FORBIDDEN
    assert table.refused(CLAIRE, c.TakeBreakout(1, "member:nobody------")) is Code.NOT_FOUND
    assert table.refused(CLAIRE, c.TakeBreakout(3, PAUL)) is Code.NOT_FOUND
    late = "member:late--------"
    table.commit((Enter(late, "late", "participant"), Actor(late, "participant")))
    fewest = min(seats(table), key=lambda n: len(seats(table)[n]))
    table.do(CLAIRE, c.TakeBreakout(id=late))
    assert late in seats(table)[fewest]


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


def said(table: Table, number: int, nth: int = 1) -> BreakoutRecord | None:
    record = table.records("public").get(breakout_id(nth, number))
    assert record is None or isinstance(record, BreakoutRecord)
    return record


def topics(table: Table, nth: int = 1) -> list[str | None]:
    """By table, what it talks about."""
    count = breakouts(table)
    assert count is not None
    found = (said(table, n, nth) for n in range(1, count.count + 1))
    return [(one.topic or one.about) if one else None for one in found]


def test_T4_tables_take_topics_in_turn_and_one_has_its_own() -> None:
    table = crowded(8)
    table.do(CLAIRE, c.AddZone(ZONE, "Garder"))
    table.do(CLAIRE, c.DrawBreakouts(3, texts=["Une question pour tous"]))
    assert topics(table) == ["Une question pour tous"] * 3
    table.do(CLAIRE, c.SetTopics(1, texts=["Le lundi"], about=[ZONE]))
    assert topics(table) == ["Le lundi", ZONE, "Le lundi"]
    table.do(CLAIRE, c.SetTopics(1, 3, ["Le mardi"]))
    assert topics(table) == ["Le lundi", ZONE, "Le mardi"]
    assert table.do(CLAIRE, c.SetTopics(1, 3, ["Le mardi"])) == [], "nothing is another"
    table.do(CLAIRE, c.SetTopics(1))
    assert topics(table) == [None] * 3
    table.do(CLAIRE, c.EndBreakouts())
    assert table.refused(CLAIRE, c.SetTopics(1, texts=["Trop tard"])) is Code.NOT_OPEN


def test_T4_a_topic_for_a_table_that_is_gone() -> None:
    table = crowded(8)
    table.do(CLAIRE, c.DrawBreakouts(3, texts=["Avant"]))
    assert table.refused(CLAIRE, c.SetTopics(1, 4, ["Nulle part"])) is Code.NOT_FOUND
    table.do(CLAIRE, c.DrawBreakouts(join=True))
    assert table.refused(CLAIRE, c.SetTopics(1, 3, ["Au tour d’avant"])) is Code.SUPERSEDED
    assert table.refused(CLAIRE, c.SetTopics(2, 2, ["Réunie"])) is Code.NOT_FOUND
    assert table.refused(PAUL, c.SetTopics(2, texts=["Pas à moi"])) is Code.FORBIDDEN
    assert topics(table, 2) == [None]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (c.DrawBreakouts(3, texts=[" "]), Code.TEXT_EMPTY),
        (c.DrawBreakouts(3, texts=["x" * 281]), Code.TEXT_TOO_LONG),
        (c.DrawBreakouts(3, about=["idea:000000000009"]), Code.NOT_FOUND),
        (c.DrawBreakouts(3, about=["idea:000000000002"]), Code.NOT_FOUND),
        (c.DrawBreakouts(3, about=["idea:000000000003"]), Code.INVALID),
    ],
    ids=["empty", "too long", "never was", "hidden", "said of people"],
)
def test_T4_a_topic_is_what_everyone_reads(asked: c.DrawBreakouts, code: Code) -> None:
    table = crowded(4)
    table.do(CLAIRE, c.AddIdea("idea:000000000002", "Cachée"))
    table.do(CLAIRE, c.HidePost("idea:000000000002"))
    table.do(CLAIRE, c.AddStep(STEP, "meet", "Qui est là ?"))
    table.do(CLAIRE, c.GoToStep(STEP))
    table.do(CLAIRE, c.AddIdea("idea:000000000003", "Je sais réparer les vélos"))
    assert table.refused(CLAIRE, asked) is code
    assert breakouts(table) is None, "nothing is drawn either"


def test_T5_somebody_speaks_for_their_table_until_they_leave_it() -> None:
    table = crowded(4)
    assert table.refused(PAUL, c.SetSpeaker()) is Code.NOT_OPEN
    table.do(CLAIRE, c.DrawBreakouts(3))
    mine = next(n for n, who in seats(table).items() if PAUL in who)
    table.do(PAUL, c.SetSpeaker())
    assert said(table, mine) == BreakoutRecord(
        id=breakout_id(1, mine), v=table.layers.seq, round=1, breakout=mine, speaker=PAUL
    )
    assert table.do(PAUL, c.SetSpeaker()) == []
    other = next(id for id in seats(table)[mine] if id != PAUL)
    assert table.refused(PAUL, c.SetSpeaker(other)) is Code.FORBIDDEN
    table.do(CLAIRE, c.SetSpeaker(other))
    assert table.do(PAUL, c.SetSpeaker(speaks=False)) == [], "somebody else does"
    table.do(other, c.TakeBreakout(3 - mine))
    assert said(table, mine) is None
    table.do(PAUL, c.SetSpeaker())
    table.do(PAUL, c.SetSpeaker(speaks=False))
    assert said(table, mine) is None
    assert table.refused(CLAIRE, c.SetSpeaker()) is Code.NOT_OPEN, "a host sits at none"


def test_T6_the_best_idea_of_a_table_is_marked_by_its_speaker_or_a_host() -> None:
    table, idea, plenary = crowded(4), "idea:000000000001", "idea:000000000002"
    table.do(PAUL, c.AddIdea(plenary, "Avant les tables"))
    table.do(CLAIRE, c.DrawBreakouts(3))
    table.do(PAUL, c.AddIdea(idea, "À notre table"))
    mine = next(n for n, who in seats(table).items() if PAUL in who)
    assert table.refused(PAUL, c.MarkBest(idea)) is Code.FORBIDDEN
    assert table.refused(CLAIRE, c.MarkBest(plenary)) is Code.INVALID
    table.do(PAUL, c.SetSpeaker())
    table.do(PAUL, c.MarkBest(idea))
    table.do(CLAIRE, c.EndBreakouts())
    found = said(table, mine)
    assert found is not None
    assert (found.best, found.speaker) == (idea, PAUL), "it is reported back when all are together again"
    assert table.do(CLAIRE, c.MarkBest(idea)) == []
    table.do(CLAIRE, c.MarkBest(idea, best=False))
    table.do(CLAIRE, c.HidePost(idea))
    for who in (CLAIRE, PAUL):
        assert table.refused(who, c.MarkBest(idea)) is Code.NOT_FOUND


def test_T7_what_was_said_in_earlier_rounds_stays_and_not_for_ever() -> None:
    table, idea = crowded(4), "idea:000000000001"
    table.do(CLAIRE, c.DrawBreakouts(3, texts=["Premier tour"]))
    table.do(PAUL, c.AddIdea(idea, "Du premier tour"))
    written = table.records("public")[idea]
    assert isinstance(written, IdeaRecord)
    assert written.round == 1
    for n in range(2, ROUNDS + 1):
        table.do(CLAIRE, c.DrawBreakouts(3, texts=[f"Tour {n}"]))
    table.do(CLAIRE, c.MarkBest(idea))
    first = said(table, written.breakout)
    assert first is not None
    assert (first.topic, first.best) == ("Premier tour", idea)
    table.do(CLAIRE, c.DrawBreakouts(3))
    assert [said(table, n) for n in (1, 2)] == [None, None]
    assert table.refused(CLAIRE, c.MarkBest(idea, best=False)) is Code.NOT_OPEN
    assert said(table, 1, ROUNDS) is not None
