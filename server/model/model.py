"""A kind of stream: capabilities put together behind the methods by which the engine knows them.

The engine (`journal`, `bus`, `live`, `session`) carries the streams of any model: it names no command, no event, no record and no role,
and asks the model of a stream instead.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, Final, NamedTuple

import msgspec

from protocol.commands import Command
from protocol.errors import Code, Refusal
from protocol.messages import Relayed
from protocol.records import RECORDS, Record
from server.model.events import FORMAT, EventCodec, NewerFormat, Raw
from server.model.kernel import (
    Actor,
    Audience,
    Capability,
    Context,
    Due,
    Entity,
    Event,
    Listing,
    Notice,
    Restore,
    Role,
    Slices,
    Stake,
    State,
    Touch,
    Viewer,
)
from server.model.persons import check_declared
from server.model.policies import Policy

PACKED: Final = 1_000
"""Entities that are encoded in one turn of the loop."""


class Versions(NamedTuple):
    """Raised when the same events would give another state (`evolve`), or the same state other records (`render`).

    Old snapshots and epochs then end.
    """

    evolve: str
    render: str


class Large(NamedTuple):
    """What may take as long as a stream is large, so that other streams of the worker have their turn.

    Attributes:
        commands: what may touch as many things as a stream holds: alone in its commit, and decided beside.
        events: what may lead to a state in which as many things are others.
        touches: what may make as many things look different.
    """

    commands: frozenset[type[Command]] = frozenset()
    events: frozenset[type[Event]] = frozenset()
    touches: frozenset[type[Event]] = frozenset()


NOTHING_LARGE: Final = Large()


class Found(NamedTuple):
    """How a record is kept for paging and search: `n` orders the pages of a kind, `text` is what is searched.

    Attributes:
        place: its number among what people read one after the other in the stream, from 1; 0 for what is not read so.
        author: who has read it because they wrote it; "" where that is nobody, or nobody's to know.
    """

    kind: str
    n: int
    text: str
    place: int = 0
    author: str = ""


class Relay(NamedTuple):
    """What people receive and what the screen receives of one signal; None is nothing."""

    people: Relayed | None
    screen: Relayed | None


class Model(ABC):
    """One kind of stream.

    Args:
        name: of the kind, and before the colon of its streams' ids.
        capabilities: all that may happen in such a stream.
        commands: by its name on the wire, what a frame may ask for.
        rights: by command, the roles that may ask for it; those that no frame can name too.
        audiences: the sets of people who share what they see, each with a layer of its own; the first is everyone (the screen too).
        kept: the audience whose layer is kept for paging and search, one to which nobody need belong: what is found is then another
            question than what screens show. None: everyone.
        lifts: see `EventCodec`.
        large: see `Large`.
        policies: what happens in such a stream leads to in others.

    Raises:
        TypeError: an event does not say where it names persons (`server.model.persons`).

    Attributes:
        version: of snapshots.
        concerned: the events that may concern somebody.
        decides, folds, renders, restores: by command, event, prefix of an id and prefix of a record's id, what capabilities contribute.
    """

    def __init__(
        self,
        name: str,
        capabilities: Sequence[Capability],
        *,
        commands: Mapping[str, type[Command]],
        rights: Mapping[type[Command], frozenset[Role]],
        audiences: tuple[Audience, ...],
        kept: Audience | None = None,
        versions: Versions,
        lifts: Mapping[int, Callable[[Raw], Raw]],
        large: Large = NOTHING_LARGE,
        policies: Sequence[Policy] = (),
    ) -> None:
        self.name = name
        self.capabilities = tuple(capabilities)
        self.commands = commands
        self.rights = rights
        self.audiences = audiences
        self.kept = kept or audiences[0]
        self.versions = versions
        self.version = f"{versions.evolve}.{versions.render}"
        self.large = large
        self.policies = tuple(policies)
        self.decides = {command: decide for c in capabilities for command, decide in c.decide.items()}
        self.folds = {event: functions for c in capabilities for event, functions in c.events.items()}
        self.renders = {kind: render for c in capabilities for kind, render in c.render.items()}
        self.restores: Mapping[str, Restore] = {
            kind: restore for c in capabilities for kind, restore in c.restore.items()
        }
        self._concerns = {event: concerns for c in capabilities for event, concerns in c.concerns.items()}
        self.concerned = frozenset(self._concerns)
        check_declared(self.folds)
        self.events = EventCodec(tuple(self.folds), lifts)
        entities = [entity for c in capabilities for entity in c.entities]
        union: Any = entities[0]
        for kind in entities[1:]:
            union |= kind
        self._entities = msgspec.msgpack.Decoder(union)

    @property
    def everyone(self) -> Audience:
        """The audience that everybody, and a screen, belongs to."""
        return self.audiences[0]

    # What is asked.

    def typed(self, name: str, args: dict[str, Any]) -> Command:
        """The command that a frame names.

        Raises:
            Refusal: `unknown_command` or `invalid`.
        """
        shape = self.commands.get(name)
        if shape is None:
            raise Refusal(Code.UNKNOWN_COMMAND, f"expected a command of the specification; got {name[:40]!r}")
        try:
            return msgspec.convert(args, shape)
        except msgspec.ValidationError as error:
            raise Refusal(Code.INVALID, str(error)) from None

    def decide(self, state: State, command: Command, context: Context) -> Sequence[Event]:
        """What a command makes happen; nothing is changed yet.

        Raises:
            Refusal: it may not, or cannot.
        """
        self.check_right(command, context.actor)
        return self.decides[type(command)](state, command, context)

    def check_right(self, command: Command, actor: Actor) -> None:
        """
        Raises:
            Refusal: `forbidden`, when the actor's role does not have this command.
        """
        roles = self.rights[type(command)]
        if actor.role not in roles:
            raise Refusal(Code.FORBIDDEN, f"expected one of {', '.join(sorted(roles))}; you are {actor.role}")

    def due(self, state: State) -> Due | None:
        """The next command that is due by time alone."""
        return None

    def is_large(self, command: Command) -> bool:
        """Whether it may touch as many things as a stream holds (see `Large`)."""
        return type(command) in self.large.commands

    # What happened.

    def evolve(self, state: State, event: Event) -> State:
        return self.folds[type(event)][0](state, event)

    def touches(self, before: State, after: State, event: Event) -> Sequence[Touch]:
        """What an event may have made look different."""
        return self.folds[type(event)][1](before, after, event)

    def evolves_much(self, events: Sequence[Event]) -> bool:
        """Whether to evolve these may take as long as a stream is large."""
        return any(type(event) in self.large.events for event in events)

    def touches_much(self, events: Sequence[Event]) -> bool:
        """Whether to look for what these touch may take as long as a stream is large."""
        return any(type(event) in self.large.touches for event in events)

    def concerns(self, before: State, after: State, event: Event) -> Sequence[Notice | Stake]:
        """Whom an event concerns, given the state before its commit and after it. What cannot be told from the state that everyone of its
        readers has is told to nobody."""
        concerns = self._concerns.get(type(event))
        return concerns(before, after, event) if concerns else ()

    def takes_from(self, state: State, source: str) -> bool:
        """Whether what happens in another stream may lead to commands here: it is one of those that this one lists as its own."""
        return False

    def is_arrival(self, event: Event) -> bool:
        """Whether it tells no more than that somebody came: others may learn it with the next frame about people."""
        return False

    # Who is who, as the state says.

    @abstractmethod
    def actor_for(self, state: State, member: str) -> Actor | None:
        """Who this member is in the stream now; None for somebody who has never entered, or is out."""

    def membership(self, state: State, person: str) -> Role | None:
        """What this person is in the stream, for whoever asks without opening it; None for nobody."""
        actor = self.actor_for(state, person)
        return actor.role if actor else None

    def memberships(self, state: State) -> Mapping[str, Role]:
        """All its members, each with what they are."""
        people = ((id, self.membership(state, id)) for id in state if id.startswith("member:"))
        return {id: role for id, role in people if role is not None}

    def name_of(self, state: State, person: str) -> str:
        """What a member is called here, for who asks from the streams below; "" where that is nobody's to ask."""
        return ""

    def parent(self, state: State) -> str:
        """The stream above this one: who is not there is not here, and what people are called is asked of it. "": it stands alone."""
        return ""

    def listing(self, state: State) -> Listing | None:
        """What is known of the stream without opening it; None where nothing is."""
        return None

    def introduces(self, state: State, command: Command, actor: str) -> Sequence[str]:
        """Persons whose names a command needs that the state does not know, to be loaded as `Context.people`."""
        return ()

    def audience_of(self, actor: Actor | None) -> Audience:
        """Whose shared records they see."""
        return self.everyone

    def is_out(self, state: State, id: str) -> bool:
        """Whether this member, or this screen, has been sent out."""
        return False

    def check_not_out(self, state: State, id: str) -> None:
        """
        Raises:
            Refusal: `removed`.
        """
        if self.is_out(state, id):
            raise Refusal(Code.REMOVED)

    tells_presence: ClassVar[bool] = True
    """Whether those who follow it are told who else does: a room is live, and what goes on for months tells of nobody when they look in."""

    def is_screen(self, state: State, id: str) -> bool:
        """Whether this is a screen of the stream."""
        return False

    def pseudonyms(self, state: State) -> tuple[str, ...]:
        """The scopes in which each member has another name, see `Actor.alias`."""
        return ()

    # What is seen.

    def render(self, state: State, id: str, viewer: Viewer) -> Record | None:
        """What a viewer sees of an entity: the one place where secrecy is decided. `v` is left at 0."""
        renderer = self.renders.get(id[: id.index(":")])
        return renderer(state, id, viewer) if renderer else None

    def index(self, record: Record) -> Found | None:
        """How a public record is found; None for what is not looked for."""
        return None

    def whole(self, record: Record) -> Record:
        """A record of which something was taken, as it would be made without that."""
        return record

    def kept_record(self, id: str, raw: bytes) -> Record:
        """A record as it is kept for paging and search."""
        return msgspec.msgpack.decode(raw, type=RECORDS[id.partition(":")[0]])

    def relay(self, state: State, actor: Actor, kind: str, fields: dict[str, Any]) -> Relay:
        """What becomes of a signal.

        Raises:
            Refusal: `invalid`, `not_found`.
        """
        raise Refusal(Code.INVALID, "expected no signal: nobody hears them here")

    def comparable(self, state: State, records: Iterable[Record]) -> Sequence[tuple[str, str]]:
        """Ids and texts, of the records that everyone has, among which two may say the same.

        Raises:
            Refusal: `unknown_query`.
        """
        raise Refusal(Code.UNKNOWN_QUERY, "expected another query: nothing is compared here")

    def last(self, state: State) -> int | None:
        """The place of what came last of what people read one after the other (`Found.place`); None where nothing is read so."""
        return None

    # The sealed past.

    def sealable(self, command: Command) -> Sequence[str]:
        """Ids that a command names and that may lie in the sealed past, to be loaded as `Context.sealed` when not found in the state."""
        return ()

    def sealed_with(self, id: str) -> Sequence[str]:
        """Names under which what belongs to a sealed entity may lie beside it, its own first: all that is needed to render it."""
        return (id,)

    def sealed_along(self, found: Iterable[Entity]) -> Sequence[str]:
        """Ids of what a command needs along with these, which it was given of the sealed past; asked again of what that brings."""
        return ()

    def made(self, state: State, command: Command) -> Sequence[str]:
        """The id that a command gives to something new, if it may be one of the sealed past; to be loaded as `Context.sealed`."""
        return ()

    # Entities as bytes.

    def pack_entity(self, entity: Entity) -> bytes:
        return _encoder.encode(entity)

    def unpack_entity(self, format: int, raw: bytes) -> Entity:
        """
        Raises:
            NewerFormat: written by a newer release.
        """
        if format > FORMAT:
            raise NewerFormat(format)
        return self._entities.decode(raw)  # type: ignore[no-any-return]  # the union is built at run time

    def packing_state(self, state: State) -> Slices[bytes]:
        """All entities as one list, a slice at a time."""
        packed, entities = [b"\xdd" + len(state).to_bytes(4)], iter(state.values())  # the header of a list in msgpack
        while part := b"".join(map(_encoder.encode, islice(entities, PACKED))):
            packed.append(part)
            yield
        return b"".join(packed)

    def unpack_state(self, raw: bytes) -> State:
        # One by one: what decodes a list would hold up all other threads for as long as it takes.
        with State().mutate() as state:
            for each in _raws.decode(raw):
                entity = self._entities.decode(each)
                state[entity.id] = entity
            whole: State = state.finish()
        return whole


_encoder: Final = msgspec.msgpack.Encoder()
_raws: Final = msgspec.msgpack.Decoder(list[msgspec.Raw])

ModelOf = Callable[[str], Model]
"""The model of a stream, by its id. Raises Refusal `unknown_room` for an id of no kind."""
