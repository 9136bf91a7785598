"""Sealing: what is old leaves the state by a commit, so that a room that lasts stays light (SPEC C9)."""

from collections.abc import Sequence
from typing import Final

from protocol.commands import Command, SendMessage
from protocol.persons import ThingId
from server.model.kernel import Actor, Capability, Context, Due, Entity, Event, State, Touch
from server.workshop.state import posts
from server.workshop.state.posts import Post
from server.workshop.talk.messages import Message, drop, thread, touch_gone
from server.workshop.talk.reactions import reactions_id

KEPT: Final = 500
SLACK: Final = 100
"""Sealing waits until this many are too many, so that it is one commit in a hundred messages."""

AT_ONCE: Final = 1_000
"""How many leave in one commit: fewer than a layer remembers deletions, so that catch-ups and the projector can follow."""


class SealMessages(Command, frozen=True):
    """The server's own command; its due time is now, as soon as the slack is used up."""


class MessagesSealed(Event, frozen=True, gc=False, tag="messages.sealed"):
    """`reactions`: the entities that count reactions on these messages; they go along."""

    ids: tuple[ThingId, ...]
    reactions: tuple[ThingId, ...] = ()

    @property
    def seals(self) -> Sequence[str]:
        return (*self.ids, *self.reactions)


def due(state: State) -> Due | None:
    now = thread(state)
    return Due(0, f"due:seal:{now.last}:{now.live}", SealMessages()) if now.live >= KEPT + SLACK else None


def named(command: Command) -> Sequence[str]:
    """The ids in a command that may be those of sealed entities."""
    fields = (getattr(command, name, None) for name in ("id", "on", "reply"))
    return [id for id in fields if isinstance(id, str) and id.startswith("message:")]


def sealed_with(id: str) -> Sequence[str]:
    """Names of a sealed entity and of what is rendered with it."""
    return id, reactions_id(id)


def made(state: State, command: Command) -> Sequence[str]:
    """The id of a message to be sent, once there is a sealed past that may hold it already."""
    now = thread(state)
    return (command.id,) if isinstance(command, SendMessage) and now.last > now.live else ()


def seen(entity: Entity, actor: Actor) -> bool:
    """Whether an actor may know that this sealed entity exists."""
    return isinstance(entity, Post) and posts.visible(entity, actor)


def _seal(state: State, command: SealMessages, context: Context) -> Sequence[Event]:
    if due(state) is None:
        return []
    live = sorted((e.n, e.id) for e in state.values() if isinstance(e, Message))
    ids = tuple(id for _, id in live[:-KEPT][:AT_ONCE])
    return [MessagesSealed(ids, tuple(r for r in map(reactions_id, ids) if r in state))]


def _sealed(state: State, event: MessagesSealed) -> State:
    return drop(state, event.ids)


def _touch(before: State, after: State, event: MessagesSealed) -> Sequence[Touch]:
    return [touch for id in event.ids for touch in touch_gone(before, id)]


SEALING_CAPABILITY = Capability(decide={SealMessages: _seal}, events={MessagesSealed: (_sealed, _touch)})
