"""Ballots as they lie in the state: whose dots are on what, by alias, so that not even the journal says who chose what (SPEC V2)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from protocol.choices import Targets
from server.model.kernel import EMPTY, Entity, State, Touch, get, tail
from server.workshop.state.steps import Step, all_steps


class Ballot(Entity, frozen=True, gc=False, tag="ballot"):
    """One person's dots, or one table's. `dots` is never changed in place.

    Attributes:
        dots: by what they were put on, whatever became of that since.
        weight: how many people stand behind it.
    """

    step: str
    dots: dict[str, int]
    weight: int = 1


class BallotBox(Entity, frozen=True, gc=False, tag="box"):
    """The ballots of a step that hold any dots, in the order in which they came."""

    ballots: tuple[str, ...] = ()


class Total(Struct, frozen=True, gc=False, array_like=True):
    """What lies on one thing, as it read when the vote was closed. `dots` and `voters` count each ballot by its weight."""

    id: str
    text: str
    dots: int
    voters: int


class Result(Entity, frozen=True, gc=False, tag="result"):
    """A closed vote. Nothing done to ideas or zones later alters it.

    Attributes:
        totals: highest first.
        voters: ballots that held any dots; `weight`: the people behind them.
    """

    step: str
    at: int
    totals: tuple[Total, ...]
    voters: int
    weight: int


def ballot_id(alias: str) -> str:
    return f"ballot:{tail(alias)}"


def owner_of(ballot: str) -> str:
    return f"alias:{tail(ballot)}"


def ballot_box_id(step: str) -> str:
    return f"box:{tail(step)}"


def result_id(step: str) -> str:
    return f"result:{tail(step)}"


def ballots(state: State, step: str) -> Iterator[Ballot]:
    box = get(state, ballot_box_id(step), BallotBox)
    for id in box.ballots if box else ():
        ballot = get(state, id, Ballot)
        if ballot is not None:
            yield ballot


def touched(state: State, things: Sequence[str]) -> Iterator[Touch]:
    """What looks different in votes when things have come, gone, or been joined: ballots, and the result of one that is closed."""
    for step in sorted(all_steps(state), key=lambda step: step.id):
        if step.closed is not None:
            yield Touch(result_id(step.id))
        if step.voted:
            laid = _laid(state, step.id)
            for id in dict.fromkeys(ballot for thing in things for ballot in laid.get(thing, ())):
                yield Touch(id, (owner_of(id),))


_LAST: Final[list[tuple[State, dict[str, Mapping[str, Sequence[str]]]]]] = [(EMPTY, {})]
"""What `_laid` found last, by step, and in which state."""


def _laid(state: State, step: str) -> Mapping[str, Sequence[str]]:
    """By thing, the ballots of a step that hold dots on it. Kept for the next who asks of the same state: a commit may hold
    hundreds of events that do, and as many ballots as people are looked through for it."""
    if _LAST[0][0] is not state:
        _LAST[0] = state, {}
    known = _LAST[0][1]
    if step in known:
        return known[step]
    laid: dict[str, list[str]] = {}
    for ballot in ballots(state, step):
        for thing in ballot.dots:
            laid.setdefault(thing, []).append(ballot.id)
    known[step] = laid
    return laid


def suggested(things: int) -> tuple[int, int]:
    """Dots for one person, and how many of them may lie on one thing, for so many things.

    About a quarter of what there is to choose from, the rule of thumb of dot voting: fewer say too little, more no longer choose. No
    more than half of them on one thing, so that a vote is not one wish.
    """
    budget = min(10, max(3, round(things / 4)))
    return budget, half(budget)


def half(budget: int) -> int:
    return (budget + 1) // 2


def with_dots(step: Step, things: Callable[[Targets], int]) -> Step:
    """A vote that people come to, with what its host left to be suggested. `things`: how many there are of a target to choose from."""
    if step.act != "vote" or (step.budget and step.cap):
        return step
    budget = step.budget or suggested(things(step.targets))[0]
    return replace(step, budget=budget, cap=min(step.cap or half(budget), budget))
