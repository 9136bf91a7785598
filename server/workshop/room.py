"""The room as a whole: all capabilities put together behind four functions (`decide`, `evolve`, `touches`, `render`)."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

import msgspec

from protocol.commands import COMMANDS, Command, SetStage
from protocol.errors import Code, Refusal
from protocol.records import Record
from server.model.events import FORMAT, EventCodec, NewerFormat
from server.model.kernel import (
    HOST,
    PUBLIC,
    Actor,
    Capability,
    Context,
    Due,
    Entity,
    Event,
    Restore,
    Slices,
    State,
    Touch,
    Viewer,
    not_found,
)
from server.workshop import rights
from server.workshop.agenda.agenda import AGENDA_CAPABILITY
from server.workshop.agenda.readiness import READINESS_CAPABILITY
from server.workshop.agenda.stage import STAGE_CAPABILITY
from server.workshop.agenda.timer import TIMER_CAPABILITY
from server.workshop.board.ideas import IDEAS_CAPABILITY
from server.workshop.board.merges import MERGES_CAPABILITY
from server.workshop.board.moderation import MODERATION_CAPABILITY, check_may_write
from server.workshop.board.moves import MOVES_CAPABILITY
from server.workshop.board.zones import ZONES_CAPABILITY
from server.workshop.formats import LIFTS
from server.workshop.imports import Import, importing, planned
from server.workshop.naming import brings_text, named
from server.workshop.outcome.decisions import DECISIONS_CAPABILITY
from server.workshop.outcome.pulses import PULSES_CAPABILITY, asked
from server.workshop.outcome.votes import VOTES_CAPABILITY
from server.workshop.people.breakouts import BREAKOUTS_CAPABILITY
from server.workshop.people.people import (
    PEOPLE_CAPABILITY,
    Claim,
    Enter,
    actor_for,
    is_arrival,
    is_removed,
    some_are_away,
)
from server.workshop.people.screens import SCREENS_CAPABILITY, OpenScreen, is_ended, is_open
from server.workshop.people.settings import SETTINGS_CAPABILITY, Create, settings
from server.workshop.state.posts import Post, visible
from server.workshop.state.steps import all_steps
from server.workshop.talk import sealing
from server.workshop.talk.messages import MESSAGES_CAPABILITY
from server.workshop.talk.reactions import REACTIONS_CAPABILITY

__all__ = [
    "Claim",
    "Create",
    "Enter",
    "OpenScreen",
    "actor_for",
    "check_not_out",
    "decide",
    "due",
    "evolve",
    "imports",
    "is_arrival",
    "is_heavy",
    "is_out",
    "is_shown",
    "is_wide",
    "made",
    "opened",
    "origin",
    "render",
    "sealable",
    "sealed_with",
    "settings",
    "some_are_away",
    "touches",
    "typed",
    "weighs",
]

CAPABILITIES: Final[tuple[Capability, ...]] = (
    SETTINGS_CAPABILITY,
    PEOPLE_CAPABILITY,
    SCREENS_CAPABILITY,
    ZONES_CAPABILITY,
    IDEAS_CAPABILITY,
    MOVES_CAPABILITY,
    MESSAGES_CAPABILITY,
    REACTIONS_CAPABILITY,
    MODERATION_CAPABILITY,
    sealing.SEALING_CAPABILITY,
    AGENDA_CAPABILITY,
    TIMER_CAPABILITY,
    READINESS_CAPABILITY,
    STAGE_CAPABILITY,
    MERGES_CAPABILITY,
    VOTES_CAPABILITY,
    DECISIONS_CAPABILITY,
    PULSES_CAPABILITY,
    BREAKOUTS_CAPABILITY,
    importing(lambda: _RESTORE),
)

EVOLVE_VERSION: Final = "9"
RENDER_VERSION: Final = "6"
"""Raised when the same events would give another state, or the same state other records: old snapshots and epochs then end."""

_DECIDE: Final = {command: decide for c in CAPABILITIES for command, decide in c.decide.items()}
_EVENTS: Final = {event: functions for c in CAPABILITIES for event, functions in c.events.items()}
_RENDER: Final = {kind: render for c in CAPABILITIES for kind, render in c.render.items()}
_RESTORE: Final[Mapping[str, Restore]] = {kind: restore for c in CAPABILITIES for kind, restore in c.restore.items()}
_ENTITIES: Final = tuple(entity for c in CAPABILITIES for entity in c.entities)

PACKED: Final = 1_000
"""Entities that are encoded in one turn of the loop."""

EVENTS: Final = EventCodec(tuple(_EVENTS), LIFTS)


def typed(name: str, args: dict[str, Any]) -> Command:
    """The command that a frame names.

    Raises:
        Refusal: `unknown_command` or `invalid`.
    """
    shape = COMMANDS.get(name)
    if shape is None:
        raise Refusal(Code.UNKNOWN_COMMAND, f"expected a command of the specification; got {name[:40]!r}")
    try:
        return msgspec.convert(args, shape)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, str(error)) from None


def decide(state: State, command: Command, context: Context) -> Sequence[Event]:
    """What a command makes happen; nothing is changed yet.

    Raises:
        Refusal: it may not, or cannot.
    """
    rights.check(command, context.actor)
    if type(command) in rights.WRITES and context.actor.role != "host" and not settings(state).writing:
        raise Refusal(Code.PAUSED)
    if type(command) in rights.WRITES or brings_text(command):
        check_may_write(state, command, context.actor)
    try:
        _check_seen(state, command, context)
        return _DECIDE[type(command)](state, command, context)
    except Refusal as refusal:
        if refusal.code is Code.NOT_FOUND and any(
            sealing.seen(entity, context.actor) for entity in context.sealed.values()
        ):
            raise Refusal(Code.SEALED) from None
        raise


def _check_seen(state: State, command: Command, context: Context) -> None:
    """Ask for all that a command names before anything else: what its actor does not see is as what never was (SPEC I3).

    Raises:
        Refusal: `not_found`.
    """
    # What hosts put on the stage stands in a record that everyone has.
    actor = None if type(command) is SetStage else context.actor
    for id in named(command):
        if id not in context.sealed and not _sees(state, id, actor):
            raise not_found(id)


def _sees(state: State, id: str, actor: Actor | None) -> bool:
    """Whether an actor, or where there is none everyone, may know that there is such a thing."""
    entity = state.get(id)
    if isinstance(entity, Post):
        # One of a step without names is its author's under an alias.
        return entity.is_open or (actor is not None and visible(entity, actor))
    if entity is not None and entity.is_everyones:
        return True
    return render(state, id, HOST if actor is not None and actor.role == "host" else PUBLIC) is not None


def is_out(state: State, id: str) -> bool:
    """Whether this member, or this screen, has been sent out (SPEC M3, H10)."""
    return is_removed(state, id) or is_ended(state, id)


def is_shown(state: State, id: str) -> bool:
    """Whether this is a screen of the room."""
    return is_open(state, id)


def check_not_out(state: State, id: str) -> None:
    """
    Raises:
        Refusal: `removed`.
    """
    if is_out(state, id):
        raise Refusal(Code.REMOVED)


def imports(file: Sequence[Any]) -> Sequence[Import]:
    """Commands that make a new room what an exported one was; see `planned`."""
    return planned(file, _RESTORE)


def origin(state: State) -> str:
    """The room from whose file this one was made; "" for none."""
    return settings(state).origin


def evolve(state: State, event: Event) -> State:
    return _EVENTS[type(event)][0](state, event)


def touches(before: State, after: State, event: Event) -> Sequence[Touch]:
    """What an event may have made look different."""
    return _EVENTS[type(event)][1](before, after, event)


def render(state: State, id: str, viewer: Viewer) -> Record | None:
    """What a viewer sees of an entity: the one place where secrecy is decided. `v` is left at 0."""
    renderer = _RENDER.get(id[: id.index(":")])
    return renderer(state, id, viewer) if renderer else None


def sealable(command: Command) -> Sequence[str]:
    """Ids that a command names and that may lie in the sealed past, to be loaded as `Context.sealed` when not found in the state."""
    return sealing.named(command)


def sealed_with(id: str) -> Sequence[str]:
    """Names under which what belongs to a sealed entity may lie beside it, its own first: all that is needed to render it."""
    return sealing.sealed_with(id)


def made(state: State, command: Command) -> Sequence[str]:
    """The id that a command gives to something new, if it may be one of the sealed past; to be loaded as `Context.sealed`."""
    return sealing.made(state, command)


def is_heavy(command: Command) -> bool:
    """Whether it may touch as many things as a room holds, so that it is a batch of its own."""
    return type(command) in rights.HEAVY


def weighs(events: Sequence[Event]) -> bool:
    """Whether to evolve these may take as long as a room is large."""
    return any(type(event) in rights.HEAVY_EVENTS for event in events)


def is_wide(events: Sequence[Event]) -> bool:
    """Whether to look for what these touch may take as long as a room is large."""
    return any(type(event) in rights.WIDE_EVENTS for event in events)


def due(state: State) -> Due | None:
    """The next command that is due by time alone."""
    return sealing.due(state)


def opened(state: State) -> tuple[str, ...]:
    """The steps that people have been in, and the pulses that were asked: in each a member has an alias."""
    return (*(step.id for step in all_steps(state) if step.opened), *asked(state))


def _entity_union() -> Any:
    union: Any = _ENTITIES[0]
    for kind in _ENTITIES[1:]:
        union |= kind
    return union


_entity_decoder: Final = msgspec.msgpack.Decoder(_entity_union())
_raws_decoder: Final = msgspec.msgpack.Decoder(list[msgspec.Raw])
_encoder: Final = msgspec.msgpack.Encoder()


def pack_entity(entity: Entity) -> bytes:
    return _encoder.encode(entity)


def unpack_entity(format: int, raw: bytes) -> Entity:
    """
    Raises:
        NewerFormat: written by a newer release.
    """
    if format > FORMAT:
        raise NewerFormat(format)
    return _entity_decoder.decode(raw)  # type: ignore[no-any-return]  # the union is built at run time


def packing_state(state: State) -> Slices[bytes]:
    """All entities as one list, a slice at a time."""
    packed, entities = [b"\xdd" + len(state).to_bytes(4)], iter(state.values())  # the header of a list in msgpack
    while part := b"".join(map(_encoder.encode, islice(entities, PACKED))):
        packed.append(part)
        yield
    return b"".join(packed)


def unpack_state(raw: bytes) -> State:
    # One by one: what decodes a list would hold up all other threads for as long as it takes.
    with State().mutate() as state:
        for each in _raws_decoder.decode(raw):
            entity = _entity_decoder.decode(each)
            state[entity.id] = entity
        whole: State = state.finish()
    return whole
