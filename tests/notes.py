"""A second kind of stream: people write notes, and some keep a secret one. Whatever the engine does for workshops it does for it (DESIGN, Models)."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from protocol.commands import Command
from protocol.errors import Code, Refusal
from protocol.records import Record
from server.accounts.port import Bearer
from server.admission.admission import Admit
from server.admission.rooms import Rooms
from server.live.channel import Channel
from server.live.hub import Hub
from server.model.kernel import Actor, Audience, Capability, Context, Entity, Event, State, Touch, Viewer, get
from server.model.model import Found, Model, Versions
from server.models import model_of
from tests.inprocess import HOST

STREAM: Final = "notes:aaaaaaaaaaaa"


class NoteRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    text: str = ""
    by: str = ""
    secret: bool = False


class Note(Entity, frozen=True, gc=False, tag="note"):
    text: str
    by: str
    secret: bool = False


class Reader(Entity, frozen=True, gc=False, tag="reader"):
    role: str


class WriteNote(Command, frozen=True):
    id: str
    text: str
    secret: bool = False


class TellNote(Command, frozen=True):
    id: str


class Come(Command, frozen=True):
    id: str
    role: str


class NoteWritten(Event, frozen=True, gc=False, tag="note.written"):
    id: str
    text: str
    by: str
    secret: bool = False


class NoteTold(Event, frozen=True, gc=False, tag="note.told"):
    id: str


class ReaderCame(Event, frozen=True, gc=False, tag="reader.came"):
    id: str
    role: str

    @property
    def enrols(self) -> Sequence[str]:
        return (self.id,)


def _write(state: State, command: WriteNote, context: Context) -> Sequence[Event]:
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    return [NoteWritten(command.id, command.text, context.actor.id, command.secret)]


def _tell(state: State, command: TellNote, context: Context) -> Sequence[Event]:
    note = get(state, command.id, Note)
    if note is None or not note.secret:
        raise Refusal(Code.NOT_FOUND)
    return [NoteTold(note.id)]


def _come(state: State, command: Come, context: Context) -> Sequence[Event]:
    return [ReaderCame(command.id, command.role)]


def _told(state: State, event: NoteTold) -> State:
    note = get(state, event.id, Note)
    return state if note is None else state.set(note.id, replace(note, secret=False))


def _touch(before: State, after: State, event: NoteWritten | NoteTold) -> Sequence[Touch]:
    note = get(after, event.id, Note)
    return (Touch(event.id, (note.by,) if note else ()),)


def _render(state: State, id: str, viewer: Viewer) -> Record | None:
    note = get(state, id, Note)
    if note is None or (viewer.owner is None and note.secret and viewer.audience != "keepers"):
        return None
    if viewer.owner is not None and not (note.secret and note.by == viewer.owner):
        return None
    return NoteRecord(id=note.id, text=note.text, by=note.by, secret=note.secret)


_CAPABILITY: Final = Capability(
    entities=(Note, Reader),
    decide={WriteNote: _write, TellNote: _tell, Come: _come},
    events={
        NoteWritten: (lambda s, e: s.set(e.id, Note(e.id, e.text, e.by, e.secret)), _touch),
        NoteTold: (_told, _touch),
        ReaderCame: (lambda s, e: s.set(e.id, Reader(e.id, e.role)), lambda before, after, event: ()),
    },
    render={"note": _render},
)

_ALL: Final = frozenset({"reader", "keeper"})


class Notes(Model):
    """Three audiences: everyone, readers, and keepers, who read what is secret."""

    def actor_for(self, state: State, member: str) -> Actor | None:
        reader = get(state, member, Reader)
        return None if reader is None else Actor(reader.id, reader.role)

    def audience_of(self, actor: Actor | None) -> Audience:
        return self.everyone if actor is None else f"{actor.role}s"

    def index(self, record: Record) -> Found | None:
        return Found("note", record.v, record.text) if isinstance(record, NoteRecord) else None


NOTES: Final = Notes(
    "notes",
    [_CAPABILITY],
    commands={"note.write": WriteNote, "note.tell": TellNote},
    rights={WriteNote: _ALL, TellNote: frozenset({"keeper"}), Come: _ALL},
    audiences=("everyone", "readers", "keepers"),
    versions=Versions("1", "1"),
    lifts={},
)

ROLES: Final[Mapping[str, str]] = {"host": "keeper", "participant": "reader"}
"""What a token calls them, and this model."""


class Desk:
    """Lets people in, as `admission.rooms` does for workshops."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def admit(self, channel: Channel, bearer: Bearer) -> None:
        member = bearer.person
        if (
            bearer.role is not None
            and not bearer.is_screen
            and NOTES.actor_for(channel.room.layers.state, member) is None
        ):
            its = ROLES[bearer.role]
            await self._hub.submit(channel, member, f"come-{member}", Come(member, its), Actor(member, its))


def either(stream: str) -> Model:
    return NOTES if stream.startswith("notes:") else model_of(stream)


class Both:
    """Lets people into streams of either kind."""

    def __init__(self, hub: Hub) -> None:
        self._rooms, self._desk = Rooms(hub), Desk(hub)

    async def admit(self, channel: Channel, bearer: Bearer) -> None:
        inner: Admit = self._desk.admit if channel.room.model is NOTES else self._rooms.admit
        await inner(channel, bearer)


async def begin(hub: Hub) -> None:
    """A stream of notes, `STREAM`, whose first keeper is `HOST`."""
    async with hub.founding(STREAM) as channel:
        await hub.submit(channel, HOST.member, "come", Come(HOST.member, "keeper"), Actor(HOST.member, "keeper"))
