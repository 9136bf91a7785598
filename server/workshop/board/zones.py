"""Zones: the regions of the board that ideas lie in."""

from collections.abc import Sequence
from typing import Final, cast, get_args

from msgspec.structs import replace

from protocol import commands as c
from protocol.choices import Letter
from protocol.errors import Code, Refusal
from protocol.persons import ThingId, Words
from protocol.records import ZoneRecord
from protocol.version import TITLE_CHARS
from server.model import rank
from server.model.kernel import (
    Actor,
    Capability,
    Context,
    Entity,
    Event,
    Restore,
    State,
    Touch,
    Viewer,
    get,
    not_found,
)
from server.model.restoring import a_rank, expect, room_for, shaped
from server.model.text import clean, clean_or_none
from server.workshop.board.ideas import Idea
from server.workshop.state import ballots
from server.workshop.state.board import BOARD, ZONES, Board, board
from server.workshop.state.places import last, put
from server.workshop.state.remarks import remarks_on, touch_remark, without
from server.workshop.state.sorting import proposing
from server.workshop.state.steps import current, may_group

LETTERS: Final[tuple[Letter, ...]] = get_args(Letter)


class Zone(Entity, frozen=True, gc=False, tag="zone"):
    title: str
    letter: Letter
    rank: str


class ZoneAdded(Event, frozen=True, gc=False, tag="zone.added"):
    id: ThingId
    title: Words
    letter: Letter
    rank: Words


class ZoneEdited(Event, frozen=True, gc=False, tag="zone.edited"):
    id: ThingId
    title: Words


class ZoneRemoved(Event, frozen=True, gc=False, tag="zone.removed"):
    """`ideas`: (id, new rank outside zones), in their order."""

    id: ThingId
    ideas: tuple[tuple[ThingId, Words], ...] = ()


def zone_of(state: State, id: str) -> Zone:
    """
    Raises:
        Refusal: `not_found`.
    """
    zone = get(state, id, Zone)
    if zone is None:
        raise not_found(id)
    return zone


def _check_may_group(state: State, actor: Actor) -> None:
    """
    Raises:
        Refusal: `forbidden` for participants, but in a step in which everyone groups (SPEC G12).
    """
    if not may_group(state, actor):
        raise Refusal(Code.FORBIDDEN, "expected a host, or a step of kind group")


def _title(state: State, title: str) -> str:
    """A group may have no name yet."""
    step = current(state)
    return (clean_or_none if step is not None and step.act == "group" else clean)(title, TITLE_CHARS)


def _add(state: State, command: c.AddZone, context: Context) -> Sequence[Event]:
    _check_may_group(state, context.actor)
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    here = board(state)
    if len(here.zones) >= ZONES:
        raise Refusal(Code.TOO_MANY, f"expected at most {ZONES} zones")
    letter = command.letter or LETTERS[len(here.zones) % len(LETTERS)]
    return [ZoneAdded(command.id, _title(state, command.title), letter, rank.after(here.zone_end))]


def _edit(state: State, command: c.EditZone, context: Context) -> Sequence[Event]:
    _check_may_group(state, context.actor)
    zone = zone_of(state, command.id)
    title = _title(state, command.title)
    return [] if title == zone.title else [ZoneEdited(zone.id, title)]


def _remove(state: State, command: c.RemoveZone, context: Context) -> Sequence[Event]:
    zone = zone_of(state, command.id)
    inside = sorted(
        (e for e in state.values() if isinstance(e, Idea) and e.zone == zone.id), key=lambda e: (e.rank, e.id)
    )
    moved = []
    place = end[0] if (end := last(state, None)) else None
    places = iter(rank.deal(place, None, sum(idea.row == "open" for idea in inside) + 1))
    behind = next(places)
    for idea in inside:
        if idea.row == "open":
            place, behind = behind, next(places)
            moved.append((idea.id, place))
        else:
            moved.append((idea.id, rank.scatter(place, behind, idea.id)))
    return [ZoneRemoved(zone.id, tuple(moved))]


def _added(state: State, event: ZoneAdded) -> State:
    here = board(state)
    zone = Zone(event.id, event.title, event.letter, event.rank)
    return state.set(zone.id, zone).set(BOARD, replace(here, zones=(*here.zones, zone.id), zone_end=event.rank))


def _edited(state: State, event: ZoneEdited) -> State:
    zone = get(state, event.id, Zone)
    return state.set(zone.id, replace(zone, title=event.title)) if zone else state


def _removed(state: State, event: ZoneRemoved) -> State:
    here = board(state)
    zones = tuple(z for z in here.zones if z != event.id)
    state = state.set(BOARD, replace(here, zones=zones))
    ideas = ((get(state, id, Idea), place) for id, place in event.ideas)
    state = put(state, *(replace(idea, zone=None, rank=place, moves=idea.moves + 1) for idea, place in ideas if idea))
    state = without(state, remarks_on(state, event.id))
    return state.delete(event.id) if event.id in state else state


def _touch(before: State, after: State, event: ZoneAdded | ZoneEdited) -> Sequence[Touch]:
    return (Touch(event.id),)


def _touch_removed(before: State, after: State, event: ZoneRemoved) -> Sequence[Touch]:
    touched = [Touch(event.id)]
    for id, _ in event.ideas:
        idea = get(after, id, Idea)
        touched.append(Touch(id, (idea.author,) if idea and idea.author else ()))
    gone = (touch_remark(before, id) for id in remarks_on(before, event.id))
    moved = {event.id, *(id for id, _ in event.ideas)}
    return (*touched, *gone, *ballots.touched(after, [event.id]), *proposing(after, moved))


def _render(state: State, id: str, viewer: Viewer) -> ZoneRecord | None:
    zone = get(state, id, Zone)
    if zone is None or viewer.owner is not None:
        return None
    return ZoneRecord(id=zone.id, title=zone.title, letter=zone.letter, rank=zone.rank)


def _check(state: State, record: ZoneRecord) -> ZoneRecord:
    room_for(len(board(state).zones), ZONES)
    expect(shaped(record, c.AddZone).letter is not None, "a letter")
    return replace(record, title=clean_or_none(record.title, TITLE_CHARS), rank=a_rank(record.rank))


def _put_back(state: State, record: ZoneRecord) -> State:
    here, zone = board(state), Zone(record.id, record.title, cast(Letter, record.letter), record.rank)
    end = max(here.zone_end or "", zone.rank)
    return state.set(zone.id, zone).set(BOARD, replace(here, zones=(*here.zones, zone.id), zone_end=end))


ZONES_CAPABILITY = Capability(
    entities=(Zone, Board),
    decide={c.AddZone: _add, c.EditZone: _edit, c.RemoveZone: _remove},
    events={
        ZoneAdded: (_added, _touch),
        ZoneEdited: (_edited, _touch),
        ZoneRemoved: (_removed, _touch_removed),
    },
    render={"zone": _render},
    restore={"zone": Restore(_check, _put_back)},
)
