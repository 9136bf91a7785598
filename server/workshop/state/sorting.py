"""Cards that everyone sorts as they lie in the state: who was dealt which, and where each would go; by alias, so that not even the journal
says who put what where (SPEC G15, G16)."""

from collections.abc import Collection, Iterator

from msgspec import field

from server.model.kernel import Entity, State, Touch, get, tail
from server.workshop.state.steps import all_steps


class Hand(Entity, frozen=True, gc=False, tag="hand"):
    """What one person was dealt. `put` is never changed in place.

    Attributes:
        cards: ids of ideas, in the order in which they were dealt.
        put: by idea, the zone or the idea that they put it to; "": they left it to others.
    """

    step: str
    cards: tuple[str, ...] = ()
    put: dict[str, str] = field(default_factory=dict)


class Pile(Entity, frozen=True, gc=False, tag="pile"):
    """What people say of one idea. `put` is never changed in place.

    Attributes:
        step: the one that dealt it; what another one had asked before is forgotten.
        dealt: how many were dealt it, and did not leave it to others.
        put: by alias, the zone or the idea that they put it to.
        refused: where a host does not want it.
    """

    step: str
    on: str
    dealt: int = 0
    put: dict[str, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


class Sorting(Entity, frozen=True, gc=False, tag="sorting"):
    """
    Attributes:
        piles: those that were dealt in this step, oldest first.
        people: how many have put a card somewhere.
    """

    step: str
    piles: tuple[str, ...] = ()
    people: int = 0


def hand_id(alias: str) -> str:
    return f"hand:{tail(alias)}"


def pile_id(idea: str) -> str:
    return f"proposal:{tail(idea)}"


def sorting_id(step: str) -> str:
    return f"sorting:{tail(step)}"


def piles(state: State, step: str) -> Iterator[Pile]:
    sorting = get(state, sorting_id(step), Sorting)
    for id in sorting.piles if sorting else ():
        pile = get(state, id, Pile)
        if pile is not None and pile.step == step:
            yield pile


def touch_pile(state: State, idea: str) -> Iterator[Touch]:
    """What looks different when an idea has been moved into a zone or out of it."""
    pile = get(state, pile_id(idea), Pile)
    if pile is not None:
        yield from (Touch(pile.id), Touch(sorting_id(pile.step)))


def proposing(state: State, things: Collection[str]) -> Iterator[Touch]:
    """What looks different when these ideas and zones have come, gone, or been joined to others."""
    for step in sorted(step.id for step in all_steps(state) if sorting_id(step.id) in state):
        about = [
            pile.id for pile in piles(state, step) if pile.on in things or any(to in things for to in pile.put.values())
        ]
        yield from map(Touch, about)
        if about:
            yield Touch(sorting_id(step))
