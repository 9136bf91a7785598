"""Breakouts: the small tables at which some talk before all do, dealt by chance, so that people meet whom they have not met (SPEC T)."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import PersonId
from protocol.records import BreakoutsRecord
from server.model.kernel import Capability, Context, Entity, Event, Restore, State, Touch, Viewer, get, not_found
from server.model.restoring import a_time, expect, whole
from server.workshop.people.people import Member

BREAKOUTS: Final = "breakouts:of-this-room"
DEALT: Final = 1_000
"""How many people can be dealt out at once (SPEC L6)."""

LARGEST: Final = 6
"""People who can still talk with each other at one table."""

ROUNDS: Final = 8
"""How many rounds are remembered, so that the next one lets others meet."""

_SHUFFLES: Final = 4_000
"""Of so many people in all hands are dealt, and the best one is kept: 250 hands of 16 people, 8 of 500 (30 ms)."""

_LOOKED_AT: Final = 24
"""Breakouts that are looked at for one person: among so many there is one whose people he has not met."""

Round = tuple[tuple[PersonId, ...], ...]


class Breakouts(Entity, frozen=True, gc=False, tag="breakouts"):
    """
    Attributes:
        size: what was asked for; 0 while everyone sits together.
        count: how many there are.
        since: when they were dealt (ms).
        rounds: who was dealt to each breakout, oldest round first; the last one is that of now.
    """

    size: int = 0
    count: int = 0
    since: int = 0
    rounds: tuple[Round, ...] = ()


class BreakoutsDrawn(Event, frozen=True, gc=False, tag="breakouts.drawn"):
    """`breakouts`: ids of members; the first of them sit in breakout 1."""

    at: int
    size: int
    breakouts: Round = ()


class BreakoutTaken(Event, frozen=True, gc=False, tag="breakout.taken"):
    id: PersonId
    breakout: int


class BreakoutsEnded(Event, frozen=True, gc=False, tag="breakouts.ended"):
    pass


def breakouts(state: State) -> Breakouts:
    return get(state, BREAKOUTS, Breakouts) or Breakouts(id=BREAKOUTS)


def _members(state: State) -> Iterator[Member]:
    """In no order."""
    return (entity for entity in state.values() if isinstance(entity, Member) and not entity.removed)


def _seated(state: State) -> list[list[str]]:
    """Who sits in each breakout now."""
    seats: list[list[str]] = [[] for _ in range(breakouts(state).count)]
    for member in sorted(_members(state), key=lambda member: member.id):
        if 0 < member.breakout <= len(seats):
            seats[member.breakout - 1].append(member.id)
    return seats


def _draw(state: State, command: c.DrawBreakouts, context: Context) -> Sequence[Event]:
    here = breakouts(state)
    if command.join:
        if here.count < 2:
            raise Refusal(Code.INVALID, "expected two breakouts or more to join")
        return [BreakoutsDrawn(context.at, min(2 * here.size, LARGEST), _joined(_seated(state)))]
    people = _among(state, command.among, context.present())
    if len(people) < 2:
        raise Refusal(Code.INVALID, "expected two people or more to deal out")
    if len(people) > DEALT:
        raise Refusal(Code.TOO_MANY, f"expected at most {DEALT} people to deal out")
    return [BreakoutsDrawn(context.at, command.size, deal(people, command.size, here.rounds, seed=str(context.at)))]


def _among(state: State, asked: Sequence[str], present: Collection[str] | None) -> list[str]:
    """Those who are asked for, or else everyone who is here, as far as that is known, and does not lead the workshop."""
    if not asked:
        participants = (member.id for member in _members(state) if member.role != "host")
        return sorted(id for id in participants if present is None or id in present)
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
    for breakout in (breakout for one in before for breakout in one):
        for id in breakout:
            met.setdefault(id, set()).update(breakout)
    hands = (_hand(people, size, met, f"{seed}:{n}") for n in range(max(1, _SHUFFLES // len(people) if met else 1)))
    best: Round = ()
    fewest = None
    for hand in hands:
        again = sum(other in met.get(id, ()) for breakout in hand for id, other in combinations(breakout, 2))
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


def _take(state: State, command: c.TakeBreakout, context: Context) -> Sequence[Event]:
    here = breakouts(state)
    if not here.count:
        raise Refusal(Code.NOT_OPEN, "expected breakouts: nobody has dealt any")
    if command.breakout is not None and command.breakout > here.count:
        raise not_found(f"breakout {command.breakout}")
    me = get(state, context.actor.id, Member)
    if command.breakout is None and me is not None and me.breakout:
        return []
    seats = _seated(state)
    breakout = command.breakout or 1 + min(range(here.count), key=lambda n: (len(seats[n]), n))
    return [] if me is None or me.breakout == breakout else [BreakoutTaken(me.id, breakout)]


def _end(state: State, command: c.EndBreakouts, context: Context) -> Sequence[Event]:
    return [BreakoutsEnded()] if breakouts(state).count else []


def _drawn(state: State, event: BreakoutsDrawn) -> State:
    here, seats = breakouts(state), {id: n for n, breakout in enumerate(event.breakouts, 1) for id in breakout}
    state = _seat_all(state, seats)
    rounds = (*here.rounds, event.breakouts)[-ROUNDS:]
    return state.set(BREAKOUTS, Breakouts(BREAKOUTS, event.size, len(event.breakouts), event.at, rounds))


def _seat_all(state: State, seats: Mapping[str, int]) -> State:
    """Everyone in these breakouts; who has none rises."""
    changing = state.mutate()
    for member in _members(state):
        breakout = seats.get(member.id, 0)
        if member.breakout != breakout:
            changing[member.id] = replace(member, breakout=breakout)
    return changing.finish()


def _sit(state: State, id: str, breakout: int) -> State:
    member = get(state, id, Member)
    return state if member is None or member.removed else state.set(id, replace(member, breakout=breakout))


def _taken(state: State, event: BreakoutTaken) -> State:
    return _sit(state, event.id, event.breakout)


def _ended(state: State, event: BreakoutsEnded) -> State:
    return _seat_all(state, {}).set(BREAKOUTS, Breakouts(BREAKOUTS, rounds=breakouts(state).rounds))


def _touch_all(before: State, after: State, event: BreakoutsDrawn | BreakoutsEnded) -> Sequence[Touch]:
    # In an order that all workers have.
    moved = sorted(member.id for member in _members(after) if before.get(member.id) is not member)
    return (Touch(BREAKOUTS), *map(Touch, moved))


def _touch(before: State, after: State, event: BreakoutTaken) -> Sequence[Touch]:
    return (Touch(event.id),)


def _render(state: State, id: str, viewer: Viewer) -> BreakoutsRecord | None:
    here = get(state, id, Breakouts)
    if here is None or not here.count or viewer.owner is not None:
        return None
    return BreakoutsRecord(id=id, size=here.size, count=here.count, since=here.since)


def _check(state: State, record: BreakoutsRecord) -> BreakoutsRecord:
    expect(record.id == BREAKOUTS, f"the id of breakouts to be {BREAKOUTS}")
    whole(record.size, LARGEST)
    whole(record.count, DEALT)
    a_time(record.since)
    return record


def _put_back(state: State, record: BreakoutsRecord) -> State:
    return state.set(BREAKOUTS, Breakouts(BREAKOUTS, record.size, record.count, record.since))


BREAKOUTS_CAPABILITY = Capability(
    entities=(Breakouts,),
    decide={c.DrawBreakouts: _draw, c.TakeBreakout: _take, c.EndBreakouts: _end},
    events={
        BreakoutsDrawn: (_drawn, _touch_all),
        BreakoutTaken: (_taken, _touch),
        BreakoutsEnded: (_ended, _touch_all),
    },
    render={"breakouts": _render},
    restore={"breakouts": Restore(_check, _put_back)},
)
