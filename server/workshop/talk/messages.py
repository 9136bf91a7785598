"""Messages: the room's conversation. The newest 500 live in the state, older ones are sealed (SPEC C9)."""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, TextOf, ThingId
from protocol.records import MessageRecord
from protocol.version import MESSAGE_CHARS, PROMPT_CHARS
from server.model.kernel import (
    Actor,
    Capability,
    Context,
    Entity,
    Event,
    Notice,
    Restore,
    State,
    Touch,
    Viewer,
    get,
    not_found,
)
from server.model.restoring import a_time, an_id, counted, room_for, shaped, whole
from server.model.text import clean, clean_or_erased, clean_or_none
from server.workshop.state import posts
from server.workshop.state.posts import Post
from server.workshop.talk.reactions import Reactions, counts, reactions_id, restored_counts

THREAD: Final = "thread:of-this-room"

RESTORED: Final = 1_000
"""How many a file may hold: those that are not sealed are 500, and some that wait for it."""


MESSAGES: Final = 10**9
"""More than were ever sent in one room: numbers go on behind those of a file."""


class Message(Post, frozen=True, gc=False, tag="message"):
    """`n` numbers the messages of a room from 1, in the order of the journal."""

    n: int = 0
    reply: ThingId | None = None


class Thread(Entity, frozen=True, gc=False, tag="thread"):
    """`last` is the number of the newest message, `live` how many lie in the state."""

    last: int = 0
    live: int = 0


class MessageSent(Event, frozen=True, gc=False, tag="message.sent"):
    id: ThingId
    at: int
    text: Annotated[str, TextOf("by")] = ""
    by: PersonId | None = None
    reply: ThingId | None = None


class MessageEdited(Event, frozen=True, gc=False, tag="message.edited"):
    id: ThingId
    text: Annotated[str, TextOf("id")] = ""


class MessageRemoved(Event, frozen=True, gc=False, tag="message.removed"):
    """`late`: it was sealed, and everyone could read it in the history."""

    id: ThingId
    late: bool = False


def thread(state: State) -> Thread:
    return get(state, THREAD, Thread) or Thread(id=THREAD)


def message_for(state: State, id: str, actor: Actor) -> Message:
    """The message, seen through the actor's eyes.

    Raises:
        Refusal: `not_found`.
    """
    message = get(state, id, Message)
    if message is None or not posts.visible(message, actor):
        raise not_found(id)
    return message


def _send(state: State, command: c.SendMessage, context: Context) -> Sequence[Event]:
    if command.id in state or command.id in context.sealed:
        raise Refusal(Code.ID_TAKEN)
    text = clean(command.text, MESSAGE_CHARS)
    if command.reply is not None:
        message_for(state, command.reply, context.actor)
    return [MessageSent(command.id, context.at, text, context.actor.id, command.reply)]


def _edit(state: State, command: c.EditMessage, context: Context) -> Sequence[Event]:
    message = message_for(state, command.id, context.actor)
    posts.may_alter(message, context.actor, hosts=False)
    text = clean(command.text, MESSAGE_CHARS)
    return [] if text == message.text else [MessageEdited(message.id, text)]


def _remove(state: State, command: c.RemoveMessage, context: Context) -> Sequence[Event]:
    sealed = context.sealed.get(command.id)
    message = sealed if isinstance(sealed, Message) else message_for(state, command.id, context.actor)
    posts.may_alter(message, context.actor)
    return [MessageRemoved(message.id, late=message is sealed and message.is_open)]


def _sent(state: State, event: MessageSent) -> State:
    now = thread(state)
    message = Message(event.id, event.text, event.by, event.at, n=now.last + 1, reply=event.reply)
    return state.set(message.id, message).set(THREAD, replace(now, last=message.n, live=now.live + 1))


def _edited(state: State, event: MessageEdited) -> State:
    message = get(state, event.id, Message)
    return state.set(message.id, replace(message, text=event.text, edited=True, reason="")) if message else state


def _removed(state: State, event: MessageRemoved) -> State:
    return drop(state, (event.id,))


def drop(state: State, ids: Sequence[str]) -> State:
    """The state without these messages and the reactions on them; ids that are not there (any more) are passed over."""
    gone = 0
    with state.mutate() as after:
        for id in ids:
            if after.pop(id, None) is not None:
                gone += 1
            after.pop(reactions_id(id), None)
        result = after.finish()
    now = thread(result)
    return result.set(THREAD, replace(now, live=now.live - gone))


def touch_gone(before: State, id: str) -> Sequence[Touch]:
    """A message that leaves the state takes the reactions on it along."""
    message = get(before, id, Message)
    reactions = get(before, reactions_id(id), Reactions)
    author = (message.author,) if message and message.author else ()
    return (Touch(id, author), *((Touch(reactions.id, tuple(reactions.by)),) if reactions else ()))


def _touch(before: State, after: State, event: MessageSent | MessageEdited) -> Sequence[Touch]:
    return posts.touch(before, after, event.id)


def _touch_removed(before: State, after: State, event: MessageRemoved) -> Sequence[Touch]:
    return (Touch(event.id, gone=True),) if event.late else touch_gone(before, event.id)


def _render(state: State, id: str, viewer: Viewer) -> MessageRecord | None:
    message = get(state, id, Message)
    if message is None or not posts.sees(message, viewer):
        return None
    return MessageRecord(
        id=message.id,
        text=message.text,
        n=message.n,
        author=message.author,
        at=message.at,
        reply=message.reply,
        edited=message.edited,
        hidden=message.hidden,
        reason=message.reason,
        muted=posts.marked_muted(state, message, viewer),
        reactions=counts(state, id),
    )


def _check(state: State, record: MessageRecord) -> MessageRecord:
    room_for(thread(state).live, RESTORED)
    shaped(record, c.SendMessage)
    if record.author is not None:
        an_id(record.author, c.MemberId)
    a_time(record.at)
    whole(record.n, MESSAGES)
    return replace(
        record,
        text=clean_or_erased(record.text, MESSAGE_CHARS),
        reason=clean_or_none(record.reason, PROMPT_CHARS),
        reactions=counted(record.reactions),
    )


def _put_back(state: State, record: MessageRecord) -> State:
    now = thread(state)
    message = Message(
        record.id,
        record.text,
        record.author,
        record.at or 0,
        edited=record.edited,
        hidden=record.hidden,
        reason=record.reason,
        n=record.n,
        reply=record.reply,
    )
    state = state.set(message.id, message)
    state = state.set(THREAD, Thread(THREAD, max(now.last, message.n), now.live + 1))
    return posts.restored_mute(restored_counts(state, message.id, record.reactions), message, record.muted)


def _concerns(before: State, after: State, event: MessageSent) -> Sequence[Notice]:
    """Whom a message answers. Of what was sealed nobody is told."""
    answered = get(after, event.reply, Message)
    if answered is None or answered.author is None or answered.author == event.by:
        return ()
    return (Notice(answered.author, "answered", event.id),)


MESSAGES_CAPABILITY = Capability(
    entities=(Message, Thread),
    decide={c.SendMessage: _send, c.EditMessage: _edit, c.RemoveMessage: _remove},
    events={
        MessageSent: (_sent, _touch),
        MessageEdited: (_edited, _touch),
        MessageRemoved: (_removed, _touch_removed),
    },
    render={"message": _render},
    restore={"message": Restore(_check, _put_back)},
    concerns={MessageSent: _concerns},
)
