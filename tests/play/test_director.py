"""What the host of a played workshop does next (SPEC H15)."""

import random
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from play.director import Director
from play.lines import BOOKS
from play.seen import chosen, remarkable
from protocol import commands as c
from protocol.records import (
    AgendaRecord,
    IdeaRecord,
    MemberRecord,
    Record,
    ResultRecord,
    StageRecord,
    StepRecord,
    TotalRecord,
    ZoneRecord,
)

BOOK = BOOKS["fr"]
FIRST, SECOND = "step:000000000001", "step:000000000002"
LIKED = [decided.idea for decided in BOOK.decided]


def seen(*records: Record, now: str | None = None) -> dict[str, Record]:
    return {each.id: each for each in (AgendaRecord(id="agenda:of-this-room", now=now), *records)}


def step(id: str, kind: str, **more: Any) -> StepRecord:
    return StepRecord(id=id, kind=kind, title=kind, rank=id[-1], **more)


def idea(n: int, text: str, **more: Any) -> IdeaRecord:
    return IdeaRecord(id=f"idea:{n:012d}", text=text, rank=str(n), **more)


def director(people: int = 3, patience: float = 1) -> Director:
    return Director(BOOK, people, date(2026, 12, 30), random.Random(1), patience)


def given(director: Director, seen: Mapping[str, Record], *at: float) -> Sequence[c.Command | None]:
    return [director.next(seen, elapsed) for elapsed in at]


def result(*ideas: IdeaRecord) -> ResultRecord:
    totals = [TotalRecord(each.id, each.text, 10 - n, 3) for n, each in enumerate(ideas)]
    return ResultRecord(id="result:000000000001", step=FIRST, at=1, totals=totals)


def people(count: int) -> list[MemberRecord]:
    return [MemberRecord(id=f"member:{n:012d}", name=f"P{n}", role="participant") for n in range(count)]


def test_H15_the_workshop_begins_once_people_are_there() -> None:
    steps = (step(FIRST, "meet"), step(SECOND, "next"))
    hosts = director()
    assert given(hosts, seen(*steps), 4.9, 5, 9.9) == [None] * 3
    assert hosts.next(seen(*steps, *people(3)), 5) == c.GoToStep(FIRST, leaving=None)
    assert director().next(seen(*steps), 10) == c.GoToStep(FIRST, leaving=None), (
        "whoever is late is not waited for long"
    )


def test_H15_a_step_is_left_when_all_have_finished_and_at_the_latest_at_its_time() -> None:
    steps = (step(FIRST, "meet"), step(SECOND, "next"))
    assert given(director(), seen(*steps, now=FIRST), 8, 12.9) == [None, None]
    assert director().next(seen(*steps, now=FIRST), 13) == c.GoToStep(SECOND, leaving=FIRST)
    early = (step(FIRST, "meet", ready=3), step(SECOND, "next"))
    assert given(director(), seen(*early, now=FIRST), 8.9, 9) == [None, c.GoToStep(SECOND, leaving=FIRST)]
    assert given(director(patience=2), seen(*steps, now=FIRST), 25.9, 26) == [None, c.GoToStep(SECOND, leaving=FIRST)]


def test_H15_what_was_written_blind_is_revealed_and_groups_are_laid_out_for_it() -> None:
    host = director()
    blind = step(FIRST, "ideate", blind="nobody", written=2)
    assert given(host, seen(blind, now=FIRST), 15.9, 16, 17) == [None, c.RevealStep(FIRST), None]
    first, *others = BOOK.groups
    zone = ZoneRecord(id="zone:000000000001", title=first, letter="A", rank="a")
    there = seen(step(FIRST, "ideate", blind="nobody", revealed=True), zone, now=FIRST)
    added = given(host, there, 22, 22.5, 23, 23.5, 24, 24.5)
    # Each once, though none of them is seen yet.
    assert [each.title for each in added if isinstance(each, c.AddZone)] == others
    assert given(host, there, 25.9, 26) == [None, c.GoToStep(None, leaving=FIRST)]


def test_H15_what_says_the_same_is_put_together() -> None:
    text, other = next(iter(BOOK.alike.items()))
    one, two = idea(1, text), idea(2, other)
    there = seen(step(FIRST, "group"), one, two, now=FIRST)
    host = director()
    assert host.next(there, 6) == c.MergeIdea(one.id, two.id)
    assert host.next(there, 7.5) is None, "it is done once, also where it is not seen yet"


def test_U13_what_most_want_to_know_is_answered_first() -> None:
    asked = [replace(idea(n, text), step=FIRST, reactions={"like": n}) for n, text in enumerate(BOOK.questions[:3], 1)]
    there = seen(step(FIRST, "questions", ready=3), *asked, now=FIRST)
    host = director()
    assert given(host, there, 8.9, 9) == [None, c.SetStage("ideas", asked[2].id)]
    there = there | {"stage:of-this-room": StageRecord(id="stage:of-this-room", view="ideas", on=asked[2].id)}
    assert host.next(there, 14) == c.AnswerQuestion(asked[2].id)
    there = there | {asked[2].id: replace(asked[2], answered=True)}
    assert host.next(there, 15) == c.SetStage("ideas", asked[1].id)


def test_H15_a_vote_is_closed_and_its_result_shown() -> None:
    commands = given(director(), seen(step(FIRST, "vote", ready=3), now=FIRST), 10.9, 11, 11.5, 12, 19)
    assert commands == [None, c.CloseVote(FIRST), None, c.RevealVote(FIRST), c.GoToStep(None, leaving=FIRST)]


def test_H15_what_was_chosen_is_tested_on_the_screen() -> None:
    ideas = [idea(n, text) for n, text in enumerate(LIKED)]
    there = seen(step(SECOND, "discuss", ready=3), *ideas, result(*ideas), now=SECOND)
    host = director()
    assert given(host, there, 2, 9) == [c.SetStage("ideas", ideas[0].id), c.SetStage("ideas", ideas[1].id)]
    on = StageRecord(id="stage:of-this-room", view="ideas", on=ideas[1].id)
    assert remarkable(there | {on.id: on}) == [ideas[1].id]
    assert remarkable(there) == [each.id for each in ideas[:3]]
    assert host.next(there | {on.id: on}, 15) == c.SetStage("auto")
    assert host.next(there, 15) == c.GoToStep(None, leaving=SECOND)


def test_H15_what_most_dots_lie_on_is_decided_with_an_owner_a_day_and_a_first_step() -> None:
    ideas = [idea(0, "Autre chose"), idea(1, LIKED[2]), idea(2, LIKED[0])]
    there = seen(step(SECOND, "decide"), *ideas, result(*ideas), *people(3), now=SECOND)
    host = director()
    decision, action, another, carried = given(host, there, 2, 4, 7, 9)
    assert isinstance(decision, c.AddDecision)
    assert (decision.text, decision.source) == (BOOK.decided[2].decision, ideas[1].id)
    assert isinstance(action, c.AddAction)
    assert (action.decision, action.due, action.first) == (decision.id, "2027-01-09", BOOK.decided[2].first)
    assert action.owner in {person.id for person in people(3)}
    assert isinstance(another, c.AddDecision)
    assert another.source == ideas[2].id
    assert isinstance(carried, c.AddAction)
    assert carried.decision == another.id
    assert host.next(there, 15) == c.GoToStep(None, leaving=SECOND)


def test_H15_behind_the_last_step_it_is_over() -> None:
    host = director()
    steps = (step(FIRST, "next", ready=3),)
    assert not host.is_over(seen(*steps))
    assert host.next(seen(*steps), 10) == c.GoToStep(FIRST, leaving=None)
    assert not host.is_over(seen(*steps)), "it is not seen yet that it has begun"
    assert host.next(seen(*steps, now=FIRST), 9) == c.GoToStep(None, leaving=FIRST)
    assert host.is_over(seen(*steps))
    assert host.next(seen(*steps), 500) is None


@pytest.mark.parametrize("lang", BOOKS)
def test_what_people_like_best_and_what_is_alike_are_ideas_of_theirs(lang: Any) -> None:
    book = BOOKS[lang]
    ideas = {text for group in book.groups.values() for text in group}
    assert {decided.idea for decided in book.decided} <= ideas
    assert set(book.alike) | set(book.alike.values()) <= ideas
    assert not set(book.alike) & {decided.idea for decided in book.decided}


def test_nothing_is_chosen_before_there_is_a_result() -> None:
    assert chosen(seen(idea(1, LIKED[0]))) == []
