"""Moderation: what hosts do about posts and their authors, also about those whom they do not know (SPEC C6, M1 to M4)."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, ThingId, Words
from protocol.records import MutedRecord
from protocol.version import PROMPT_CHARS
from server.model.kernel import Actor, Capability, Context, Event, State, Touch, Viewer, get, not_found
from server.model.text import clean
from server.workshop.board.ideas import Idea
from server.workshop.board.standing import touch_standing
from server.workshop.naming import named
from server.workshop.state import posts
from server.workshop.state.places import put
from server.workshop.state.posts import MUTED, Muted, Post, muted, mutes
from server.workshop.state.steps import current


class PostHidden(Event, frozen=True, gc=False, tag="post.hidden"):
    on: ThingId


class PostShown(Event, frozen=True, gc=False, tag="post.shown"):
    on: ThingId


class PostRefused(Event, frozen=True, gc=False, tag="post.refused"):
    """`reason` is for its author."""

    on: ThingId
    reason: Words = ""


class AuthorMuted(Event, frozen=True, gc=False, tag="author.muted"):
    """`who`: an author as the post has him, who may be an alias; `on`: the post for which."""

    on: ThingId
    who: PersonId | None = None


class AuthorUnmuted(Event, frozen=True, gc=False, tag="author.unmuted"):
    """`who`: whoever has this name, whichever post he was muted for; None: for this post alone, or where there is none, everybody."""

    on: ThingId = ""
    who: PersonId | None = None


def check_may_write(state: State, command: c.Command, actor: Actor) -> None:
    """
    Raises:
        Refusal: `muted`, under the actor's own name, or under an alias: of the step that is now, or that the command writes into.
    """
    who = muted(state)
    if not who or actor.role == "host":
        return
    now = current(state)
    steps = {now.id if now else None, getattr(command, "step", None)}
    for id in named(command):
        post = get(state, id, Post)
        if post is not None and posts.is_author(post, actor):
            steps.add(post.step)
    if actor.id in who or any(actor.alias(step) in who for step in steps if step is not None):
        raise Refusal(Code.MUTED)


def _post(state: State, id: str, actor: Actor) -> Post:
    post = state.get(id)
    if not isinstance(post, Post) or not posts.visible(post, actor):
        raise not_found(id)
    return post


def _author(state: State, id: str, actor: Actor) -> str:
    author = _post(state, id, actor).author
    if author is None:
        raise not_found(id)
    return author


def _hide(state: State, command: c.HidePost, context: Context) -> Sequence[Event]:
    post = _post(state, command.on, context.actor)
    return [] if post.hidden else [PostHidden(post.id)]


def _show(state: State, command: c.ShowPost, context: Context) -> Sequence[Event]:
    post = _post(state, command.on, context.actor)
    return [PostShown(post.id)] if post.hidden else []


def _refuse(state: State, command: c.RefusePost, context: Context) -> Sequence[Event]:
    post = _post(state, command.on, context.actor)
    reason = clean(command.reason, PROMPT_CHARS)
    return [] if post.hidden and post.reason == reason else [PostRefused(post.id, reason)]


def _mute(state: State, command: c.MuteAuthor, context: Context) -> Sequence[Event]:
    author = _author(state, command.on, context.actor)
    return [] if command.on in mutes(state) else [AuthorMuted(command.on, author)]


def _unmute(state: State, command: c.UnmuteAuthor, context: Context) -> Sequence[Event]:
    if command.on is None:
        # Of some the post is gone, by which they could be named.
        return [AuthorUnmuted()] if mutes(state) else []
    post, author = _post(state, command.on, context.actor), _author(state, command.on, context.actor)
    if not post.anonymous:
        return [AuthorUnmuted(command.on, author)] if author in muted(state) else []
    return [AuthorUnmuted(command.on)] if command.on in mutes(state) else []


def _with(state: State, id: str, **changes: object) -> State:
    post = state.get(id)
    if isinstance(post, Idea):
        return put(state, replace(post, **changes))
    return state.set(id, replace(post, **changes)) if isinstance(post, Post) else state


def _hidden(state: State, event: PostHidden) -> State:
    return _with(state, event.on, hidden=True)


def _shown(state: State, event: PostShown) -> State:
    return _with(state, event.on, hidden=False, reason="")


def _refused(state: State, event: PostRefused) -> State:
    return _with(state, event.on, hidden=True, reason=event.reason)


def _was_muted(state: State, event: AuthorMuted) -> State:
    return _keep(state, {**mutes(state), event.on: event.who}) if event.who else state


def _was_unmuted(state: State, event: AuthorUnmuted) -> State:
    left = {on: who for on, who in mutes(state).items() if event.on and who != event.who and on != event.on}
    return _keep(state, left)


def _keep(state: State, posts: Mapping[str, str]) -> State:
    return state.set(MUTED, Muted(MUTED, dict(posts)))


def _touch(before: State, after: State, event: PostHidden | PostShown | PostRefused) -> Sequence[Touch]:
    if event.on.startswith("idea:"):
        return touch_standing(before, after, event.on)
    return posts.touch(before, after, event.on)


def _touch_muted(before: State, after: State, event: AuthorMuted | AuthorUnmuted) -> Sequence[Touch]:
    marked = {*mutes(before), *mutes(after)}
    named = {event.on} if event.on else set()
    return [Touch(MUTED), *(touch for on in sorted(marked | named) for touch in posts.touch(before, after, on))]


def _render(state: State, id: str, viewer: Viewer) -> MutedRecord | None:
    """What hosts did, also where the post is gone."""
    count = len(mutes(state))
    return MutedRecord(id=MUTED, count=count) if count and id == MUTED and viewer.audience == "host" else None


MODERATION_CAPABILITY: Final = Capability(
    entities=(Muted,),
    decide={
        c.HidePost: _hide,
        c.ShowPost: _show,
        c.RefusePost: _refuse,
        c.MuteAuthor: _mute,
        c.UnmuteAuthor: _unmute,
    },
    events={
        PostHidden: (_hidden, _touch),
        PostShown: (_shown, _touch),
        PostRefused: (_refused, _touch),
        AuthorMuted: (_was_muted, _touch_muted),
        AuthorUnmuted: (_was_unmuted, _touch_muted),
    },
    render={"muted": _render},
)
