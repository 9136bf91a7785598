"""Sealing: threads in which nothing was written for long leave the state, whole; what names one of their posts brings them back."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final

from msgspec.structs import replace

from protocol import circles as p
from protocol.commands import Command
from protocol.persons import ThingId
from server.circle.state import THREAD, Post, thanks_id, thread, touch
from server.model.kernel import Capability, Context, Due, Entity, Event, State, Touch, get

KEPT: Final = 50
"""Threads that stay, those that are pinned beside."""

SLACK: Final = 10
"""Sealing waits until this many are too many, so that it is one commit in ten threads."""

AT_ONCE: Final = 1_000
"""How many posts leave in one commit, but for those of one thread: fewer than a layer remembers deletions."""


class SealThreads(Command, frozen=True):
    """The server's own command; its due time is now, as soon as the slack is used up."""


class ThreadsSealed(Event, frozen=True, gc=False, tag="threads.sealed"):
    """`ids`: of posts, each thread whole."""

    ids: tuple[ThingId, ...]

    @property
    def seals(self) -> Sequence[str]:
        return self.ids


class ThreadRecalled(Event, frozen=True, gc=False, tag="thread.recalled"):
    """A sealed thread is back, as it left: what begins it first."""

    posts: tuple[Post, ...]


def due(state: State) -> Due | None:
    now = thread(state)
    if now.live - len(now.pins) < KEPT + SLACK:
        return None
    return Due(0, f"due:seal:{now.turn}:{now.live}", SealThreads())


def named(command: Command) -> Sequence[str]:
    """The ids in a command that may be those of sealed posts."""
    fields = (getattr(command, name, None) for name in ("id", "reply"))
    return [id for id in fields if isinstance(id, str) and id.startswith("post:")]


def along(found: Iterable[Entity]) -> Sequence[str]:
    """The ids of what comes back with these: each thread, whole."""
    return [id for post in found if isinstance(post, Post) for id in (post.root, *post.replies)]


def made(state: State, command: Command) -> Sequence[str]:
    """The id of a post to be written, once there is a sealed past that may hold it already."""
    now = thread(state)
    return (command.id,) if isinstance(command, p.AddPost) and now.last > now.held else ()


def recalled(state: State, command: Command, sealed: Mapping[str, Entity]) -> ThreadRecalled | None:
    """What brings back the thread that a command names; None where it is here, or none is sealed.

    What was sealed once and came back since may lie there still, as it was then: the state says what is.
    """
    roots = {post.root for id in named(command) if isinstance(post := sealed.get(id), Post) and post.root not in state}
    for root in sorted(roots):
        first = sealed.get(root)
        if not isinstance(first, Post):
            continue
        replies = [reply for id in first.replies if isinstance(reply := sealed.get(id), Post)]
        if len(replies) == len(first.replies):
            return ThreadRecalled((first, *replies))
    return None


def _seal(state: State, command: SealThreads, context: Context) -> Sequence[Event]:
    if due(state) is None:
        return []
    roots = [each for each in state.values() if isinstance(each, Post) and each.reply is None and not each.pinned]
    # What nobody reads any more goes first.
    roots.sort(key=lambda root: (root.is_there, root.turn))
    old = roots[:-KEPT]
    sizes = accumulate(1 + len(root.replies) for root in old)
    leaving = [root for root, size in zip(old, sizes, strict=True) if size <= AT_ONCE] or old[:1]
    return [ThreadsSealed(tuple(id for root in leaving for id in (root.id, *root.replies)))]


def _sealed(state: State, event: ThreadsSealed) -> State:
    now = thread(state)
    gone = [post for id in event.ids if (post := get(state, id, Post)) is not None]
    for post in gone:
        state = state.delete(post.id)
    threads = sum(post.reply is None for post in gone)
    return state.set(THREAD, replace(now, live=now.live - threads, held=now.held - len(gone)))


def _recalled(state: State, event: ThreadRecalled) -> State:
    new = [post for post in event.posts if post.id not in state]
    now = thread(state)
    for post in new:
        # It came back for something that is done with it: so it is no older than that.
        state = state.set(post.id, replace(post, turn=now.turn + 1) if post.reply is None else post)
    threads = sum(post.reply is None for post in new)
    return state.set(THREAD, replace(now, turn=now.turn + 1, live=now.live + threads, held=now.held + len(new)))


def _touch_sealed(before: State, after: State, event: ThreadsSealed) -> Sequence[Touch]:
    return touch(before, after, *event.ids)


def _touch_recalled(before: State, after: State, event: ThreadRecalled) -> Sequence[Touch]:
    """What was read as long as it was sealed, and is not any more once it is back, is told to be gone: no layer holds it."""
    touches = list[Touch]()
    for post in event.posts:
        now = get(after, post.id, Post)
        gone = post.is_open and (now is None or not now.is_open)
        touches.append(Touch(post.id, (post.author,) if post.author else (), gone))
        touches += [Touch(thanks_id(post.id), post.thanked)] if post.thanked else []
    return touches


SEALING_CAPABILITY = Capability(
    decide={SealThreads: _seal},
    events={ThreadsSealed: (_sealed, _touch_sealed), ThreadRecalled: (_recalled, _touch_recalled)},
)
