"""Breakouts: the small tables at which some talk before all do, dealt by chance, and what they talk about (SPEC T)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, ThingId, Words
from protocol.records import BreakoutRecord, BreakoutsRecord
from protocol.version import PROMPT_CHARS
from server.model.kernel import Capability, Context, Event, Restore, State, Touch, Viewer, get, not_found
from server.model.restoring import a_time, an_id, expect, whole
from server.model.text import clean, clean_or_none
from server.workshop.people.dealing import LARGEST, deal
from server.workshop.people.people import Member
from server.workshop.state.breakouts import (
    BREAKOUTS,
    ROUNDS,
    Breakout,
    Breakouts,
    Round,
    all_breakouts,
    breakout,
    breakout_id,
    breakouts,
    put_breakout,
)
from server.workshop.state.remarks import check_on_board

DEALT: Final = 1_000
"""How many people can be dealt out at once (SPEC L6)."""

LATEST_ROUND: Final = 999_999
"""More rounds than any room has."""


class BreakoutsDrawn(Event, frozen=True, gc=False, tag="breakouts.drawn"):
    """`breakouts`: ids of members; the first of them sit in breakout 1."""

    at: int
    size: int
    breakouts: Round = ()


class BreakoutTaken(Event, frozen=True, gc=False, tag="breakout.taken"):
    id: PersonId
    breakout: int


class TopicsSet(Event, frozen=True, gc=False, tag="breakouts.topics"):
    """What tables talk about: each one of these in turn, the typed ones first; none of either: nothing. `breakout` 0: all tables."""

    round: int
    breakout: int = 0
    texts: tuple[Words, ...] = ()
    about: tuple[ThingId, ...] = ()


class BreakoutsEnded(Event, frozen=True, gc=False, tag="breakouts.ended"):
    pass


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
        drawn = BreakoutsDrawn(context.at, min(2 * here.size, LARGEST), _joined(_seated(state)))
        return [drawn, *_topics(state, here.round + 1, command.texts, command.about)]
    people = _among(state, command.among, context.present())
    if len(people) < 2:
        raise Refusal(Code.INVALID, "expected two people or more to deal out")
    if len(people) > DEALT:
        raise Refusal(Code.TOO_MANY, f"expected at most {DEALT} people to deal out")
    topics = _topics(state, here.round + 1, command.texts, command.about)
    drawn = BreakoutsDrawn(context.at, command.size, deal(people, command.size, here.rounds, seed=str(context.at)))
    return [drawn, *topics]


def _topics(state: State, nth: int, texts: Sequence[str], about: Sequence[str], number: int = 0) -> list[TopicsSet]:
    """What tables of the nth round will talk about, unless it is nothing.

    Raises:
        Refusal: `text_empty`, `text_too_long`, `not_found` and `invalid` of what is no idea or zone of everyone's.
    """
    for thing in about:
        check_on_board(state, thing)
    typed = tuple(clean(text, PROMPT_CHARS) for text in texts)
    return [TopicsSet(nth, number, typed, tuple(about))] if typed or about else []


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


def _take(state: State, command: c.TakeBreakout, context: Context) -> Sequence[Event]:
    here, id = breakouts(state), command.id or context.actor.id
    if id != context.actor.id and context.actor.role != "host":
        raise Refusal(Code.FORBIDDEN, "expected a host, or a seat of one's own")
    if not here.count:
        raise Refusal(Code.NOT_OPEN, "expected breakouts: nobody has dealt any")
    if command.breakout is not None and command.breakout > here.count:
        raise not_found(f"breakout {command.breakout}")
    who = get(state, id, Member)
    if command.breakout is None and who is not None and who.breakout:
        return []
    seats = _seated(state)
    number = command.breakout or 1 + min(range(here.count), key=lambda n: (len(seats[n]), n))
    return [] if who is None or who.breakout == number else [BreakoutTaken(who.id, number)]


def _set_topics(state: State, command: c.SetTopics, context: Context) -> Sequence[Event]:
    here = breakouts(state)
    if not here.count:
        raise Refusal(Code.NOT_OPEN, "expected breakouts: nobody has dealt any")
    if command.round != here.round:
        raise Refusal(Code.SUPERSEDED, f"expected a table of round {here.round}, which is now")
    if command.breakout is not None and command.breakout > here.count:
        raise not_found(f"breakout {command.breakout}")
    number = command.breakout or 0
    asked = _topics(state, here.round, command.texts, command.about, number) or [TopicsSet(here.round, number)]
    return [event for event in asked if _topics_set(state, event) != state]


def _end(state: State, command: c.EndBreakouts, context: Context) -> Sequence[Event]:
    return [BreakoutsEnded()] if breakouts(state).count else []


def _drawn(state: State, event: BreakoutsDrawn) -> State:
    here, seats = breakouts(state), {id: n for n, breakout in enumerate(event.breakouts, 1) for id in breakout}
    state = _seat_all(state, seats)
    rounds, nth = (*here.rounds, event.breakouts)[-ROUNDS:], here.round + 1
    for table in [table for table in all_breakouts(state) if table.round <= nth - ROUNDS]:
        state = state.delete(table.id)
    return state.set(BREAKOUTS, Breakouts(BREAKOUTS, event.size, len(event.breakouts), event.at, rounds, nth))


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


def _spoken_for(state: State, id: str) -> Breakout | None:
    """The table of now for which somebody speaks. Where they sit is not asked: of who was erased it is not known."""
    here = breakouts(state)
    tables = (get(state, breakout_id(here.round, number), Breakout) for number in range(1, here.count + 1))
    return next((table for table in tables if table is not None and table.speaker == id), None)


def _taken(state: State, event: BreakoutTaken) -> State:
    left = _spoken_for(state, event.id)
    if left is not None:
        state = put_breakout(state, replace(left, speaker=None))
    return _sit(state, event.id, event.breakout)


def _topics_set(state: State, event: TopicsSet) -> State:
    said = [*((text, None) for text in event.texts), *(("", thing) for thing in event.about)] or [("", None)]
    for n, number in enumerate(_numbers(state, event)):
        topic, about = said[n % len(said)]
        state = put_breakout(state, replace(breakout(state, event.round, number), topic=topic, about=about))
    return state


def _numbers(state: State, event: TopicsSet) -> Sequence[int]:
    return (event.breakout,) if event.breakout else range(1, breakouts(state).count + 1)


def _ended(state: State, event: BreakoutsEnded) -> State:
    return _seat_all(state, {}).set(BREAKOUTS, replace(breakouts(state), size=0, count=0, since=0))


def _touch_all(before: State, after: State, event: BreakoutsDrawn | BreakoutsEnded) -> Sequence[Touch]:
    # In an order that all workers have.
    moved = sorted(member.id for member in _members(after) if before.get(member.id) is not member)
    forgotten = sorted(table.id for table in all_breakouts(before) if table.id not in after)
    return (Touch(BREAKOUTS), *map(Touch, moved), *map(Touch, forgotten))


def _touch(before: State, after: State, event: BreakoutTaken) -> Sequence[Touch]:
    left = _spoken_for(before, event.id)
    return (Touch(event.id), *([Touch(left.id)] if left else []))


def _touch_topics(before: State, after: State, event: TopicsSet) -> Sequence[Touch]:
    return [Touch(breakout_id(event.round, number)) for number in _numbers(after, event)]


def _render(state: State, id: str, viewer: Viewer) -> BreakoutsRecord | None:
    here = get(state, id, Breakouts)
    if here is None or not here.count or viewer.owner is not None:
        return None
    return BreakoutsRecord(id=id, size=here.size, count=here.count, since=here.since, round=here.round)


def _render_one(state: State, id: str, viewer: Viewer) -> BreakoutRecord | None:
    table = get(state, id, Breakout)
    if table is None or viewer.owner is not None:
        return None
    return BreakoutRecord(
        id=id,
        round=table.round,
        breakout=table.breakout,
        topic=table.topic,
        about=table.about,
        speaker=table.speaker,
        best=table.best,
    )


def _check(state: State, record: BreakoutsRecord) -> BreakoutsRecord:
    expect(record.id == BREAKOUTS, f"the id of breakouts to be {BREAKOUTS}")
    whole(record.size, LARGEST)
    whole(record.count, DEALT)
    a_time(record.since)
    whole(record.round, LATEST_ROUND)
    return record


def _put_back(state: State, record: BreakoutsRecord) -> State:
    return state.set(BREAKOUTS, Breakouts(BREAKOUTS, record.size, record.count, record.since, round=record.round))


def _check_one(state: State, record: BreakoutRecord) -> BreakoutRecord:
    expect(0 < record.round <= LATEST_ROUND and 0 < record.breakout <= DEALT, "a table of a round, both from 1 on")
    expect(record.id == breakout_id(record.round, record.breakout), "the id of this table of this round")
    for id, kind in ((record.about, c.IdeaOrZone), (record.speaker, c.MemberId), (record.best, c.IdeaId)):
        if id is not None:
            an_id(id, kind)
    return replace(record, topic=clean_or_none(record.topic, PROMPT_CHARS))


def _put_back_one(state: State, record: BreakoutRecord) -> State:
    table = Breakout(record.id, record.round, record.breakout, record.topic, record.about, record.speaker, record.best)
    return put_breakout(counting(state, record.round), table)


def counting(state: State, rounds: int) -> State:
    """The state in which there have been so many rounds of small tables, at least: the next one is another."""
    here = breakouts(state)
    return state if rounds <= here.round else state.set(BREAKOUTS, replace(here, round=rounds))


BREAKOUTS_CAPABILITY = Capability(
    entities=(Breakouts, Breakout),
    decide={
        c.DrawBreakouts: _draw,
        c.TakeBreakout: _take,
        c.EndBreakouts: _end,
        c.SetTopics: _set_topics,
    },
    events={
        BreakoutsDrawn: (_drawn, _touch_all),
        BreakoutTaken: (_taken, _touch),
        BreakoutsEnded: (_ended, _touch_all),
        TopicsSet: (_topics_set, _touch_topics),
    },
    render={"breakouts": _render, "breakout": _render_one},
    restore={"breakouts": Restore(_check, _put_back), "breakout": Restore(_check_one, _put_back_one)},
)
