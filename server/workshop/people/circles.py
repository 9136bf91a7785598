"""Circles: the small tables at which some talk before all do, dealt by chance, so that people meet whom they have not met (SPEC T)."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.records import CirclesRecord
from server.model.kernel import Capability, Context, Entity, Event, Restore, State, Touch, Viewer, get, not_found
from server.model.restoring import a_time, expect, whole
from server.workshop.people.people import Member

CIRCLES: Final = "circles:of-this-room"
DEALT: Final = 1_000
"""How many people can be dealt out at once (SPEC L6)."""

LARGEST: Final = 6
"""People who can still talk with each other at one table."""

ROUNDS: Final = 8
"""How many rounds are remembered, so that the next one lets others meet."""

_SHUFFLES: Final = 4_000
"""Of so many people in all hands are dealt, and the best one is kept: 250 hands of 16 people, 8 of 500 (30 ms)."""

_LOOKED_AT: Final = 24
"""Circles that are looked at for one person: among so many there is one whose people he has not met."""

Round = tuple[tuple[str, ...], ...]


class Circles(Entity, frozen=True, gc=False, tag="circles"):
    """
    Attributes:
        size: what was asked for; 0 while everyone sits together.
        count: how many there are.
        since: when they were dealt (ms).
        rounds: who was dealt to each circle, oldest round first; the last one is that of now.
    """

    size: int = 0
    count: int = 0
    since: int = 0
    rounds: tuple[Round, ...] = ()


class CirclesDrawn(Event, frozen=True, gc=False, tag="circles.drawn"):
    """`circles`: ids of members; the first of them sit in circle 1."""

    at: int
    size: int
    circles: Round = ()


class CircleTaken(Event, frozen=True, gc=False, tag="circle.taken"):
    id: str
    circle: int


class CirclesEnded(Event, frozen=True, gc=False, tag="circles.ended"):
    pass


def circles(state: State) -> Circles:
    return get(state, CIRCLES, Circles) or Circles(id=CIRCLES)


def _members(state: State) -> Iterator[Member]:
    """In no order."""
    return (entity for entity in state.values() if isinstance(entity, Member) and not entity.removed)


def _seated(state: State) -> list[list[str]]:
    """Who sits in each circle now."""
    seats: list[list[str]] = [[] for _ in range(circles(state).count)]
    for member in sorted(_members(state), key=lambda member: member.id):
        if 0 < member.circle <= len(seats):
            seats[member.circle - 1].append(member.id)
    return seats


def _draw(state: State, command: c.DrawCircles, context: Context) -> Sequence[Event]:
    here = circles(state)
    if command.join:
        if here.count < 2:
            raise Refusal(Code.INVALID, "expected two circles or more to join")
        return [CirclesDrawn(context.at, min(2 * here.size, LARGEST), _joined(_seated(state)))]
    people = _among(state, command.among, context.present())
    if len(people) < 2:
        raise Refusal(Code.INVALID, "expected two people or more to deal out")
    if len(people) > DEALT:
        raise Refusal(Code.TOO_MANY, f"expected at most {DEALT} people to deal out")
    return [CirclesDrawn(context.at, command.size, deal(people, command.size, here.rounds, seed=str(context.at)))]


def _among(state: State, asked: Sequence[str], present: Collection[str] | None) -> list[str]:
    """Those who are asked for, or else everyone who is here, as far as that is known, and does not lead the workshop."""
    if not asked:
        guests = (member.id for member in _members(state) if member.role != "host")
        return sorted(id for id in guests if present is None or id in present)
    for id in asked:
        member = get(state, id, Member)
        if member is None or member.removed:
            raise not_found(id)
    return sorted(set(asked))


def _joined(seats: Sequence[Sequence[str]]) -> Round:
    """Neighbours two by two; the last three together where one would be left alone."""
    pairs = [[*a, *b] for a, b in zip(seats[::2], seats[1::2], strict=False)]
    if len(seats) % 2:
        pairs[-1] += seats[-1]
    return tuple(tuple(pair) for pair in pairs)


def deal(people: Sequence[str], size: int, before: Sequence[Round], *, seed: str) -> Round:
    """People at tables of about `size`, as even as can be; of some hands that chance gives, the one in which fewest sit together again.

    Args:
        size: 2 to 6. Nobody sits alone, and from six people on no table has more than six.
        before: earlier rounds.
        seed: the same deals the same.
    """
    met: dict[str, set[str]] = {}
    for circle in (circle for one in before for circle in one):
        for id in circle:
            met.setdefault(id, set()).update(circle)
    hands = (_hand(people, size, met, f"{seed}:{n}") for n in range(max(1, _SHUFFLES // len(people) if met else 1)))
    best: Round = ()
    fewest = None
    for hand in hands:
        again = sum(other in met.get(id, ()) for circle in hand for id, other in combinations(circle, 2))
        if fewest is None or again < fewest:
            best, fewest = hand, again
        if not fewest:
            break
    return best


def _hand(people: Sequence[str], size: int, met: Mapping[str, set[str]], seed: str) -> Round:
    """One hand: each to the table where he knows fewest, of those that have room."""
    shuffled = sorted(people, key=lambda id: hashlib.blake2b(f"{seed}:{id}".encode(), digest_size=8).digest())
    count = max(1, len(people) // size, -(-len(people) // LARGEST))
    room = [len(people) // count + (n < len(people) % count) for n in range(count)]
    tables: list[list[str]] = [[] for _ in room]
    free = list(range(count))
    for turn, id in enumerate(shuffled):
        # Each begins to look elsewhere, so that all tables fill alike.
        first = turn % len(free)
        looked_at, knows = (*free[first:], *free[:first])[:_LOOKED_AT], met.get(id)
        at = min(looked_at, key=lambda n: (_known(knows, tables[n]), len(tables[n])))
        tables[at].append(id)
        if len(tables[at]) == room[at]:
            free.remove(at)
    return tuple(tuple(table) for table in tables)


def _known(knows: set[str] | None, table: Sequence[str]) -> int:
    """How many of a table somebody has met."""
    return len(knows.intersection(table)) if knows else 0


def _take(state: State, command: c.TakeCircle, context: Context) -> Sequence[Event]:
    here = circles(state)
    if not here.count:
        raise Refusal(Code.NOT_OPEN, "expected circles: nobody has dealt any")
    if command.circle is not None and command.circle > here.count:
        raise not_found(f"circle {command.circle}")
    me = get(state, context.actor.id, Member)
    if command.circle is None and me is not None and me.circle:
        return []
    seats = _seated(state)
    circle = command.circle or 1 + min(range(here.count), key=lambda n: (len(seats[n]), n))
    return [] if me is None or me.circle == circle else [CircleTaken(me.id, circle)]


def _end(state: State, command: c.EndCircles, context: Context) -> Sequence[Event]:
    return [CirclesEnded()] if circles(state).count else []


def _drawn(state: State, event: CirclesDrawn) -> State:
    here, seats = circles(state), {id: n for n, circle in enumerate(event.circles, 1) for id in circle}
    state = _seat_all(state, seats)
    rounds = (*here.rounds, event.circles)[-ROUNDS:]
    return state.set(CIRCLES, Circles(CIRCLES, event.size, len(event.circles), event.at, rounds))


def _seat_all(state: State, seats: Mapping[str, int]) -> State:
    """Everyone in these circles; who has none rises."""
    changing = state.mutate()
    for member in _members(state):
        circle = seats.get(member.id, 0)
        if member.circle != circle:
            changing[member.id] = replace(member, circle=circle)
    return changing.finish()


def _sit(state: State, id: str, circle: int) -> State:
    member = get(state, id, Member)
    return state if member is None or member.removed else state.set(id, replace(member, circle=circle))


def _taken(state: State, event: CircleTaken) -> State:
    return _sit(state, event.id, event.circle)


def _ended(state: State, event: CirclesEnded) -> State:
    return _seat_all(state, {}).set(CIRCLES, Circles(CIRCLES, rounds=circles(state).rounds))


def _touch_all(before: State, after: State, event: CirclesDrawn | CirclesEnded) -> Sequence[Touch]:
    # In an order that all workers have.
    moved = sorted(member.id for member in _members(after) if before.get(member.id) is not member)
    return (Touch(CIRCLES), *map(Touch, moved))


def _touch(before: State, after: State, event: CircleTaken) -> Sequence[Touch]:
    return (Touch(event.id),)


def _render(state: State, id: str, viewer: Viewer) -> CirclesRecord | None:
    here = get(state, id, Circles)
    if here is None or not here.count or viewer.owner is not None:
        return None
    return CirclesRecord(id=id, size=here.size, count=here.count, since=here.since)


def _check(state: State, record: CirclesRecord) -> CirclesRecord:
    expect(record.id == CIRCLES, f"the id of circles to be {CIRCLES}")
    whole(record.size, LARGEST)
    whole(record.count, DEALT)
    a_time(record.since)
    return record


def _put_back(state: State, record: CirclesRecord) -> State:
    return state.set(CIRCLES, Circles(CIRCLES, record.size, record.count, record.since))


CIRCLES_CAPABILITY = Capability(
    entities=(Circles,),
    decide={c.DrawCircles: _draw, c.TakeCircle: _take, c.EndCircles: _end},
    events={
        CirclesDrawn: (_drawn, _touch_all),
        CircleTaken: (_taken, _touch),
        CirclesEnded: (_ended, _touch_all),
    },
    render={"circles": _render},
    restore={"circles": Restore(_check, _put_back)},
)
