"""Moderation: hosts put a post in review and bring it back (SPEC C6)."""

from collections.abc import Sequence

from msgspec.structs import replace

from protocol import commands as c
from server.domain import posts
from server.domain.kernel import Actor, Capability, Context, Event, State, Touch, not_found
from server.domain.posts import Post


class PostHidden(Event, frozen=True, gc=False, tag="post.hidden"):
    on: str


class PostShown(Event, frozen=True, gc=False, tag="post.shown"):
    on: str


def _post(state: State, id: str, actor: Actor) -> Post:
    post = state.get(id)
    if not isinstance(post, Post) or not posts.visible(post, actor):
        raise not_found(id)
    return post


def _hide(state: State, command: c.HidePost, context: Context) -> Sequence[Event]:
    post = _post(state, command.on, context.actor)
    return [] if post.hidden else [PostHidden(post.id)]


def _show(state: State, command: c.ShowPost, context: Context) -> Sequence[Event]:
    post = _post(state, command.on, context.actor)
    return [PostShown(post.id)] if post.hidden else []


def _set_hidden(state: State, id: str, hidden: bool) -> State:
    post = state.get(id)
    return state.set(id, replace(post, hidden=hidden)) if isinstance(post, Post) else state


def _hidden(state: State, event: PostHidden) -> State:
    return _set_hidden(state, event.on, True)


def _shown(state: State, event: PostShown) -> State:
    return _set_hidden(state, event.on, False)


def _touch(before: State, after: State, event: PostHidden | PostShown) -> Sequence[Touch]:
    return posts.touch(before, after, event.on)


MODERATION_CAPABILITY = Capability(
    decide={c.HidePost: _hide, c.ShowPost: _show},
    events={PostHidden: (_hidden, _touch), PostShown: (_shown, _touch)},
)
