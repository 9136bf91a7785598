"""Cards that everyone sorts as they lie in the state: who was dealt which, and where each would go; by alias, so that not even the journal
says who put what where (SPEC G15, G16)."""

from collections.abc import Collection, Iterator, Sequence

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


class Aimed(Entity, frozen=True, gc=False, tag="aimed"):
    """Of an idea that others have been put to, in which piles: kept so that joining it with another goes through no others.

    Attributes:
        piles: some may not name it any more.
    """

    piles: tuple[str, ...] = ()


def hand_id(alias: str) -> str:
    return f"hand:{tail(alias)}"


def pile_id(idea: str) -> str:
    return f"proposal:{tail(idea)}"


def aimed_id(idea: str) -> str:
    return f"aimed:{tail(idea)}"


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
    steps = [step.id for step in all_steps(state) if sorting_id(step.id) in state]
    if not steps:
        return
    named = {id for thing in things if thing.startswith("idea:") for id in (pile_id(thing), *_aimed(state, thing))}
    if any(thing.startswith("zone:") for thing in things):
        named.update(pile.id for step in steps for pile in piles(state, step))
    about = [
        pile
        for id in sorted(named)
        if (pile := get(state, id, Pile)) is not None
        and pile.step in steps
        and (pile.on in things or any(to in things for to in pile.put.values()))
    ]
    yield from (Touch(pile.id) for pile in about)
    yield from map(Touch, sorted({sorting_id(pile.step) for pile in about}))


def _aimed(state: State, idea: str) -> Sequence[str]:
    aimed = get(state, aimed_id(idea), Aimed)
    return aimed.piles if aimed else ()
