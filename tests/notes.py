"""A second kind of stream: people write notes, and some keep a secret one, follow one, are reminded of one; and what is told in one stream
is carried to another. Whatever the engine does for workshops it does for it (DESIGN, Models)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import msgspec
from msgspec.structs import replace

from protocol.commands import Command
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, TextOf, ThingId, Words
from protocol.records import Record
from server.accounts.port import Bearer
from server.admission.admission import Admit
from server.admission.rooms import Rooms
from server.live.batch import SYSTEM
from server.live.channel import Channel
from server.live.hub import Hub
from server.model.kernel import (
    Actor,
    Audience,
    Capability,
    Context,
    Due,
    Entity,
    Event,
    Notice,
    Stake,
    State,
    Touch,
    Viewer,
    get,
)
from server.model.model import Found, Model, Versions
from server.model.policies import ROLE, Policy, Reaction
from server.models import model_of
from tests.inprocess import HOST

STREAM: Final = "notes:aaaaaaaaaaaa"
PARENT: Final = "notes:bbbbbbbbbbbb"
"""Where what is told in `STREAM` is carried."""

UNWANTED: Final = "unwanted"
"""A text that is refused where it is carried to."""


class NoteRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    text: Annotated[str, TextOf("by")] = ""
    by: PersonId = ""
    secret: bool = False


class Note(Entity, frozen=True, gc=False, tag="note"):
    text: str
    by: str
    secret: bool = False


class Reader(Entity, frozen=True, gc=False, tag="reader"):
    role: str


class Kin(Entity, frozen=True, gc=False, tag="kin"):
    """Of this stream: where what is told here goes, and from where it comes."""

    to: tuple[str, ...] = ()
    of: str = ""


KIN: Final = "kin:of-these-notes"


class Reminder(Entity, frozen=True, gc=False, tag="reminder"):
    """`id` is that of its note, under another prefix."""

    at: int


class WriteNote(Command, frozen=True):
    """`to`: whom it mentions."""

    id: str
    text: str
    secret: bool = False
    to: str = ""


class TellNote(Command, frozen=True):
    id: str


class FollowNote(Command, frozen=True):
    id: str
    on: bool = True


class SetReminder(Command, frozen=True):
    """`after`: milliseconds from now."""

    id: str
    after: int


class Remind(Command, frozen=True):
    """The server's own."""

    id: str


class Marry(Command, frozen=True):
    to: tuple[str, ...] = ()
    of: str = ""


class CarryNote(Command, frozen=True):
    """A policy's own."""

    id: str
    text: str


class Return(Command, frozen=True):
    """A policy's own, where the target has refused."""

    id: str
    code: str


class Come(Command, frozen=True):
    id: str
    role: str


class NoteWritten(Event, frozen=True, gc=False, tag="note.written"):
    id: ThingId
    text: Annotated[str, TextOf("by")]
    by: PersonId
    secret: bool = False
    to: PersonId = ""


class NoteTold(Event, frozen=True, gc=False, tag="note.told"):
    id: ThingId


class NoteFollowed(Event, frozen=True, gc=False, tag="note.followed"):
    id: ThingId
    by: PersonId
    on: bool


class NoteReturned(Event, frozen=True, gc=False, tag="note.returned"):
    id: ThingId
    code: Words


class ReminderSet(Event, frozen=True, gc=False, tag="reminder.set"):
    id: ThingId
    at: int


class Reminded(Event, frozen=True, gc=False, tag="reminded"):
    id: ThingId
    at: int


class Married(Event, frozen=True, gc=False, tag="married"):
    to: tuple[Words, ...]
    of: Words

    @property
    def lists(self) -> bool:
        return True


class ReaderCame(Event, frozen=True, gc=False, tag="reader.came"):
    id: PersonId
    role: Words

    @property
    def enrols(self) -> Sequence[str]:
        return (self.id,)


def _write(state: State, command: WriteNote, context: Context) -> Sequence[Event]:
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    return [NoteWritten(command.id, command.text, context.actor.id, command.secret, command.to)]


def _tell(state: State, command: TellNote, context: Context) -> Sequence[Event]:
    note = get(state, command.id, Note)
    if note is None or not note.secret:
        raise Refusal(Code.NOT_FOUND)
    return [NoteTold(note.id)]


def _carry(state: State, command: CarryNote, context: Context) -> Sequence[Event]:
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    if UNWANTED in command.text:
        raise Refusal(Code.INVALID, "expected another text")
    # Told at once, so that a policy that reacted to what policies make would carry it back.
    return [NoteWritten(command.id, command.text, context.actor.source, secret=True), NoteTold(command.id)]


def _follow(state: State, command: FollowNote, context: Context) -> Sequence[Event]:
    if get(state, command.id, Note) is None:
        raise Refusal(Code.NOT_FOUND)
    return [NoteFollowed(command.id, context.actor.id, command.on)]


def reminder_of(note: str) -> str:
    return note.replace("note:", "reminder:")


def _set_reminder(state: State, command: SetReminder, context: Context) -> Sequence[Event]:
    if get(state, command.id, Note) is None:
        raise Refusal(Code.NOT_FOUND)
    return [ReminderSet(reminder_of(command.id), context.at + command.after)]


def _remind(state: State, command: Remind, context: Context) -> Sequence[Event]:
    return [Reminded(command.id, context.at)] if command.id in state else []


def _marry(state: State, command: Marry, context: Context) -> Sequence[Event]:
    return [Married(command.to, command.of)]


def _return(state: State, command: Return, context: Context) -> Sequence[Event]:
    return [NoteReturned(command.id, command.code)]


def _concerns(before: State, after: State, event: NoteWritten | NoteTold | NoteFollowed) -> Sequence[Notice | Stake]:
    match event:
        case NoteWritten(to=to, id=id) if to:
            return (Notice(to, "mentioned", id),)
        case NoteTold(id=id):
            return (Notice(id, "told", id),)
        case NoteFollowed(id=id, by=by, on=on):
            return (Stake(by, id, "follower" if on else None),)
    return ()


def _carried(before: State, after: State, event: Event) -> Sequence[Reaction]:
    kin, note = get(after, KIN, Kin), get(after, getattr(event, "id", None), Note)
    if not isinstance(event, NoteTold) or kin is None or note is None:
        return ()
    return [Reaction(target, note.id, CarryNote(note.id, note.text)) for target in kin.to]


CARRY: Final = Policy(
    "carry",
    _carried,
    lambda reaction, refusal: Return(reaction.subject, refusal.code.value),
)


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


def _same(state: State, event: Event) -> State:
    return state


def _nothing(before: State, after: State, event: Event) -> Sequence[Touch]:
    return ()


_CAPABILITY: Final = Capability(
    entities=(Note, Reader, Kin, Reminder),
    decide={
        WriteNote: _write,
        TellNote: _tell,
        CarryNote: _carry,
        FollowNote: _follow,
        SetReminder: _set_reminder,
        Remind: _remind,
        Marry: _marry,
        Return: _return,
        Come: _come,
    },
    events={
        NoteWritten: (lambda s, e: s.set(e.id, Note(e.id, e.text, e.by, e.secret)), _touch),
        NoteTold: (_told, _touch),
        NoteFollowed: (_same, _nothing),
        NoteReturned: (_same, _nothing),
        ReminderSet: (lambda s, e: s.set(e.id, Reminder(e.id, e.at)), _nothing),
        Reminded: (lambda s, e: s.delete(e.id) if e.id in s else s, _nothing),
        Married: (lambda s, e: s.set(KIN, Kin(KIN, e.to, e.of)), _nothing),
        ReaderCame: (lambda s, e: s.set(e.id, Reader(e.id, e.role)), lambda before, after, e: (Touch(e.id),)),
    },
    render={"note": _render},
    concerns={NoteWritten: _concerns, NoteTold: _concerns, NoteFollowed: _concerns},
)

_ALL: Final = frozenset({"reader", "keeper"})


class Notes(Model):
    """Three audiences: everyone, readers, and keepers, who read what is secret."""

    def actor_for(self, state: State, member: str) -> Actor | None:
        reader = get(state, member, Reader)
        return None if reader is None else Actor(reader.id, reader.role)

    def audience_of(self, actor: Actor | None) -> Audience:
        return self.everyone if actor is None else f"{actor.role}s"

    def due(self, state: State) -> Due | None:
        reminders = [each for each in state.values() if isinstance(each, Reminder)]
        if not reminders:
            return None
        first = min(reminders, key=lambda each: (each.at, each.id))
        return Due(first.at, f"due:{first.id}:{first.at}", Remind(first.id))

    def takes_from(self, state: State, source: str) -> bool:
        kin = get(state, KIN, Kin)
        return kin is not None and kin.of == source

    def kept_record(self, id: str, raw: bytes) -> Record:
        return msgspec.msgpack.decode(raw, type=NoteRecord)

    def index(self, record: Record) -> Found | None:
        return Found("note", record.v, record.text) if isinstance(record, NoteRecord) else None


NOTES: Final = Notes(
    "notes",
    [_CAPABILITY],
    commands={
        "note.write": WriteNote,
        "note.tell": TellNote,
        "note.follow": FollowNote,
        "note.remind": SetReminder,
    },
    rights={
        WriteNote: _ALL,
        TellNote: frozenset({"keeper"}),
        FollowNote: _ALL,
        SetReminder: _ALL,
        Remind: frozenset({SYSTEM.role}),
        CarryNote: frozenset({ROLE}),
        Return: frozenset({ROLE}),
        Marry: _ALL,
        Come: _ALL,
    },
    audiences=("everyone", "readers", "keepers"),
    versions=Versions("1", "1"),
    lifts={},
    policies=(CARRY,),
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
        inner: Admit = self._desk.admit if isinstance(channel.room.model, Notes) else self._rooms.admit
        await inner(channel, bearer)


async def begin(hub: Hub, *others: str) -> None:
    """A stream of notes, `STREAM`, and those to which what is told there is carried; the first keeper of all is `HOST`."""
    keeper = Actor(HOST.member, "keeper")
    for stream, kin in (
        (STREAM, Marry((PARENT, *others))),
        *((each, Marry((STREAM,), STREAM)) for each in (PARENT, *others)),
    ):
        async with hub.founding(stream) as channel:
            await hub.submit(channel, keeper.id, "come", Come(keeper.id, "keeper"), keeper)
            await hub.submit(channel, keeper.id, "kin", kin, keeper)
