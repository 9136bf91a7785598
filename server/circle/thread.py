"""What people say to each other in a circle: posts and one level of replies, thanked for, pinned, hidden and shown."""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec.structs import replace

from protocol import circles as p
from protocol.circles import Named, PostRecord, ThanksRecord
from protocol.errors import Code, Refusal
from protocol.persons import NameOf, PersonId, TextOf, ThingId, Words
from protocol.version import MESSAGE_CHARS, PROMPT_CHARS
from server.circle import state as held
from server.circle.state import (
    THREAD,
    Post,
    Thread,
    circle,
    everyone_of,
    is_common,
    post_for,
    post_id,
    seated,
    thread,
    visible,
)
from server.model.kernel import (
    Actor,
    Capability,
    Context,
    Event,
    Notice,
    Stake,
    State,
    Touch,
    Viewer,
    get,
    not_found,
)
from server.model.text import clean

REPLIES: Final = 500
"""How many a thread takes: it comes back from the past as a whole."""

PINS: Final = 5


class PostAdded(Event, frozen=True, gc=False, tag="post.added"):
    id: ThingId
    at: int
    text: Annotated[str, TextOf("by")] = ""
    by: PersonId | None = None
    name: Annotated[str, NameOf("by")] = ""
    reply: ThingId | None = None
    mentions: tuple[Named, ...] = ()
    all: bool = False


class PostEdited(Event, frozen=True, gc=False, tag="post.edited"):
    id: ThingId
    text: Annotated[str, TextOf("id")] = ""


class PostRemoved(Event, frozen=True, gc=False, tag="post.removed"):
    id: ThingId


class PostThanked(Event, frozen=True, gc=False, tag="post.thanked"):
    id: ThingId
    by: PersonId


class PostUnthanked(Event, frozen=True, gc=False, tag="post.unthanked"):
    id: ThingId
    by: PersonId


class PostPinned(Event, frozen=True, gc=False, tag="post.pinned"):
    id: ThingId
    on: bool


class PostHidden(Event, frozen=True, gc=False, tag="post.hidden"):
    id: ThingId
    reason: Words = ""


class PostShown(Event, frozen=True, gc=False, tag="post.shown"):
    id: ThingId


# What is asked.


def _add(state: State, command: p.AddPost, context: Context) -> Sequence[Event]:
    if command.id in state or command.id in context.sealed:
        raise Refusal(Code.ID_TAKEN)
    me = context.actor
    if command.reply is None and is_common(state) and me.role != "animator":
        raise Refusal(Code.FORBIDDEN, "expected an animator: others reply, where a circle is everyone's")
    if command.all and me.role != "animator":
        raise Refusal(Code.FORBIDDEN, "expected an animator, to name everyone")
    name = context.people.get(me.id)
    if name is None:
        raise Refusal(Code.REMOVED, "expected somebody of the community")
    if command.reply is not None:
        root = _open_for(state, command.reply, me)
        if root.reply is not None:
            raise Refusal(Code.INVALID, "expected what begins a thread: a reply has no replies of its own")
        if len(root.replies) >= REPLIES:
            raise Refusal(Code.TOO_MANY, f"expected at most {REPLIES} replies")
    text = clean(command.text, MESSAGE_CHARS)
    mentions = tuple(_mention(state, id, context) for id in dict.fromkeys(command.mentions))
    return [PostAdded(command.id, context.at, text, me.id, name, command.reply, mentions, command.all)]


def _open_for(state: State, id: str, actor: Actor) -> Post:
    """What everyone may say something of.

    Raises:
        Refusal: `not_found`; `invalid` for whoever sees it all the same.
    """
    post = get(state, id, Post)
    if post is None or not visible(post, actor):
        raise not_found(id)
    if not post.is_open:
        raise Refusal(Code.INVALID, "expected what everyone of the circle reads: this is hidden")
    return post


def _mention(state: State, id: str, context: Context) -> Named:
    name = context.people.get(id)
    if name is None or not (is_common(state) or seated(state, id)):
        raise not_found(id)
    return Named(id, name)


def _edit(state: State, command: p.EditPost, context: Context) -> Sequence[Event]:
    post = post_for(state, command.id, context.actor)
    if post.author != context.actor.id:
        raise Refusal(Code.FORBIDDEN, "expected its author")
    text = clean(command.text, MESSAGE_CHARS)
    return [] if text == post.text else [PostEdited(post.id, text)]


def _remove(state: State, command: p.RemovePost, context: Context) -> Sequence[Event]:
    post = post_for(state, command.id, context.actor)
    if post.author != context.actor.id and context.actor.role != "animator":
        raise Refusal(Code.FORBIDDEN, "expected its author or an animator")
    return [PostRemoved(post.id)]


def _thank(state: State, command: p.ThankPost, context: Context) -> Sequence[Event]:
    post = _with_text(state, command.id, context.actor)
    if post.author == context.actor.id:
        raise Refusal(Code.FORBIDDEN, "expected what somebody else wrote")
    return [] if context.actor.id in post.thanked else [PostThanked(post.id, context.actor.id)]


def _unthank(state: State, command: p.UnthankPost, context: Context) -> Sequence[Event]:
    post = _with_text(state, command.id, context.actor)
    return [PostUnthanked(post.id, context.actor.id)] if context.actor.id in post.thanked else []


def _with_text(state: State, id: str, actor: Actor) -> Post:
    """An open post that was not taken back."""
    post_for(state, id, actor)
    return _open_for(state, id, actor)


def _pin(state: State, command: p.PinPost, context: Context) -> Sequence[Event]:
    post = _with_text(state, command.id, context.actor)
    if post.reply is not None:
        raise Refusal(Code.INVALID, "expected what begins a thread")
    if post.pinned:
        return []
    if len(thread(state).pins) >= PINS:
        raise Refusal(Code.TOO_MANY, f"expected at most {PINS} that are pinned")
    return [PostPinned(post.id, on=True)]


def _unpin(state: State, command: p.UnpinPost, context: Context) -> Sequence[Event]:
    post = post_for(state, command.id, context.actor)
    return [PostPinned(post.id, on=False)] if post.pinned else []


def _hide(state: State, command: p.HideFromCircle, context: Context) -> Sequence[Event]:
    post = post_for(state, command.id, context.actor)
    reason = clean(command.reason, PROMPT_CHARS)
    return [] if post.hidden and post.reason == reason else [PostHidden(post.id, reason)]


def _show(state: State, command: p.ShowToCircle, context: Context) -> Sequence[Event]:
    # What was taken back, too: the replies to it come back with it.
    post = get(state, command.id, Post)
    if post is None or not visible(post, context.actor):
        raise not_found(command.id)
    return [PostShown(post.id)] if post.hidden else []


# What happened. An event on what is not there (any more) changes nothing.


def _added(state: State, event: PostAdded) -> State:
    root = get(state, event.reply, Post)
    if event.id in state or (event.reply is not None and (root is None or root.reply is not None)):
        return state
    now = thread(state)
    now = replace(now, last=now.last + 1, turn=now.turn + 1, held=now.held + 1, live=now.live + (root is None))
    post = Post(event.id, event.text, event.by, event.name, event.at, now.last, event.reply, event.mentions, event.all)
    if root is None:
        return state.set(post.id, replace(post, turn=now.turn)).set(THREAD, now)
    state = state.set(post.id, replace(post, shut=root.hidden)).set(THREAD, now)
    return _counted(state.set(root.id, replace(root, replies=(*root.replies, post.id), turn=now.turn)), root.id)


def _counted(state: State, root: str | None) -> State:
    """The state in which what began a thread counts its replies as they are."""
    post = get(state, root, Post)
    if post is None:
        return state
    replies = [reply for id in post.replies if (reply := get(state, id, Post)) is not None and not reply.removed]
    read = [reply.at for reply in replies if not reply.hidden]
    return state.set(post.id, replace(post, count=len(read), last=max(read, default=0), kept=len(replies)))


def _on_post(state: State, id: str, **changes: object) -> State:
    post = get(state, id, Post)
    return state if post is None else state.set(id, replace(post, **changes))


def _edited(state: State, event: PostEdited) -> State:
    post = get(state, event.id, Post)
    # Whoever hid it looks at it anew.
    return state if post is None or post.removed else _on_post(state, post.id, text=event.text, edited=True, reason="")


def _removed(state: State, event: PostRemoved) -> State:
    post = get(state, event.id, Post)
    if post is None or post.removed:
        return state
    state = _unpinned(state, post.id)
    gone = replace(
        post,
        text="",
        author=None,
        name="",
        mentions=(),
        all=False,
        edited=False,
        removed=True,
        pinned=False,
        thanked=(),
    )
    return _counted(state.set(post.id, gone), post.reply)


def _unpinned(state: State, id: str) -> State:
    now = thread(state)
    return state.set(THREAD, replace(now, pins=tuple(each for each in now.pins if each != id)))


def _thanked(state: State, event: PostThanked) -> State:
    post = get(state, event.id, Post)
    if post is None or post.removed or event.by in post.thanked:
        return state
    return _on_post(state, post.id, thanked=(*post.thanked, event.by))


def _unthanked(state: State, event: PostUnthanked) -> State:
    post = get(state, event.id, Post)
    if post is None:
        return state
    return _on_post(state, post.id, thanked=tuple(each for each in post.thanked if each != event.by))


def _pinned(state: State, event: PostPinned) -> State:
    post = get(state, event.id, Post)
    if post is None or post.removed or post.reply is not None:
        return state
    state = _unpinned(state, post.id)
    if event.on:
        now = thread(state)
        state = state.set(THREAD, replace(now, pins=(*now.pins, post.id)))
    return _on_post(state, post.id, pinned=event.on)


def _hidden(state: State, event: PostHidden) -> State:
    state = _on_post(_unpinned(state, event.id), event.id, hidden=True, reason=event.reason, pinned=False)
    return _with_its_thread(state, event.id)


def _shown(state: State, event: PostShown) -> State:
    return _with_its_thread(_on_post(state, event.id, hidden=False, reason=""), event.id)


def _with_its_thread(state: State, id: str) -> State:
    """The state after something was hidden or shown: replies know whether what they reply to is, which counts those that are not."""
    post = get(state, id, Post)
    if post is None or post.reply is not None:
        return _counted(state, post.reply if post else None)
    for each in post.replies:
        state = _on_post(state, each, shut=post.hidden)
    return state


# What is seen.


def _touch(
    before: State,
    after: State,
    event: PostAdded | PostEdited | PostRemoved | PostThanked | PostUnthanked | PostPinned | PostHidden | PostShown,
) -> Sequence[Touch]:
    post = get(after, event.id, Post)
    if post is None:
        return ()
    ids = [post.id]
    if isinstance(event, PostAdded | PostRemoved | PostHidden | PostShown):
        ids += [post.reply] if post.reply else post.replies if isinstance(event, PostHidden | PostShown) else ()
    return held.touch(before, after, *ids)


def _render(state: State, id: str, viewer: Viewer) -> PostRecord | None:
    post = get(state, id, Post)
    if post is None or not held.sees(post, viewer):
        return None
    return PostRecord(
        id=post.id,
        text=post.text,
        n=post.n,
        author=post.author,
        name=post.name,
        at=post.at,
        reply=post.reply,
        mentions=post.mentions,
        all=post.all,
        edited=post.edited,
        thanks=len(post.thanked),
        replies=post.count,
        last=post.last,
        pinned=post.pinned,
        hidden=post.hidden or post.shut,
        reason=post.reason,
    )


def _render_thanks(state: State, id: str, viewer: Viewer) -> ThanksRecord | None:
    if viewer.owner is None:
        return None
    post = get(state, post_id(id), Post)
    return ThanksRecord(id=id) if post and post.is_open and viewer.owner in post.thanked else None


def _concerns(before: State, after: State, event: PostAdded) -> Sequence[Notice | Stake]:
    """Whom it names, or answers. Whoever reads these leaves out what they wrote themselves: followers of a thread are told of all of it."""
    told: list[Notice | Stake] = [
        Notice(each.id, "mentioned", event.id) for each in event.mentions if each.id != event.by
    ]
    if event.all:
        told.append(Notice(everyone_of(circle(after).circle), "mentioned", event.id))
    root = get(after, event.reply, Post)
    if root is not None and root.is_open:
        if root.author is not None and root.author != event.by:
            told.append(Notice(root.author, "answered", event.id))
        told.append(Notice(root.id, "answered", event.id))
        if event.by is not None and event.by != root.author:
            told.append(Stake(event.by, root.id, "follower"))
    return told


THREAD_CAPABILITY = Capability(
    entities=(Post, Thread),
    decide={
        p.AddPost: _add,
        p.EditPost: _edit,
        p.RemovePost: _remove,
        p.ThankPost: _thank,
        p.UnthankPost: _unthank,
        p.PinPost: _pin,
        p.UnpinPost: _unpin,
        p.HideFromCircle: _hide,
        p.ShowToCircle: _show,
    },
    events={
        PostAdded: (_added, _touch),
        PostEdited: (_edited, _touch),
        PostRemoved: (_removed, _touch),
        PostThanked: (_thanked, _touch),
        PostUnthanked: (_unthanked, _touch),
        PostPinned: (_pinned, _touch),
        PostHidden: (_hidden, _touch),
        PostShown: (_shown, _touch),
    },
    render={"post": _render, "thanks": _render_thanks},
    concerns={PostAdded: _concerns},
)
