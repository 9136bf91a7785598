"""What ideas and messages have in common: an author, a life on the board, and who reads them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Final

from protocol.errors import Code, Refusal
from protocol.persons import PersonId, TextOf, ThingId, Words
from server.model.kernel import Actor, Entity, State, Touch, Viewer, get, not_found
from server.workshop.state.steps import Blind


class Post(Entity, frozen=True, gc=False):
    """A text that someone put on the board.

    Attributes:
        author: a member's id, or an alias of his where people have no name; None when erased.
        hidden: in review; only its author and hosts see it.
        removed: taken back; only its author and hosts see it, and may restore it.
        step: the one it was written in.
        reader: that step's, kept here as it stands, so that nobody who asks who sees a post must look further.
        anonymous: its author is named to nobody, on no surface.
        reason: why a host refused it; for its author and hosts, and gone once it is edited or shown.
    """

    text: Annotated[str, TextOf("author")]
    author: PersonId | None
    at: int
    edited: bool = False
    hidden: bool = False
    removed: bool = False
    step: ThingId | None = None
    reader: Blind = "open"
    anonymous: bool = False
    reason: Words = ""

    @property
    def is_open(self) -> bool:
        """Whether everyone may read its text."""
        return self.reader == "open" and not self.hidden and not self.removed

    @property
    def seen_by(self) -> Blind:
        """Who sees it, beside its author."""
        return "hosts" if self.reader == "open" and not self.is_open else self.reader


class Muted(Entity, frozen=True, gc=False, tag="muted"):
    """Posts whose authors may write no more, each with its author as it has him: a mute on one says nothing of another.

    `posts` is never changed in place.
    """

    posts: dict[ThingId, PersonId]


MUTED: Final = "muted:of-this-room"


def mutes(state: State) -> Mapping[str, str]:
    """By post, its author, who may write no more."""
    kept = get(state, MUTED, Muted)
    return kept.posts if kept else {}


def muted(state: State) -> Collection[str]:
    """Who may write no more, as their posts have them."""
    return frozenset(mutes(state).values())


def marked_muted(state: State, post: Post, viewer: Viewer) -> bool:
    """Whether a viewer is shown that the author of this post may write no more."""
    return viewer.audience == "host" and post.id in mutes(state)


def restored_mute(state: State, post: Post, marked: bool) -> State:
    """With its author muted for it, where he has a name: of another only his own room knew who he is."""
    if not marked or post.author is None:
        return state
    return state.set(MUTED, Muted(MUTED, {**mutes(state), post.id: post.author}))


def sees(post: Post, viewer: Viewer) -> bool:
    """Whether a viewer has a record of this post. Its author has one of his own where the public has none, or none with his name."""
    if viewer.owner is not None:
        return viewer.owner == post.author and (post.anonymous or not post.is_open)
    return post.is_open or (viewer.audience == "host" and post.seen_by == "hosts")


def is_author(post: Post, actor: Actor) -> bool:
    if post.author is None:
        return False
    return post.author == actor.id or (post.step is not None and post.author == actor.alias(post.step))


def known_as(post: Post, actor: Actor) -> str:
    """What the journal is told of who did this: an author without a name does not get one by touching his own post."""
    return post.author if post.author is not None and is_author(post, actor) else actor.id


def visible(post: Post, actor: Actor) -> bool:
    return post.is_open or (actor.role == "host" and post.seen_by == "hosts") or is_author(post, actor)


def may_alter(post: Post, actor: Actor, *, hosts: bool = True) -> None:
    """
    Raises:
        Refusal: `not_found` when the actor cannot see the post, `forbidden` when it is not his (and he is no host).
    """
    if not visible(post, actor):
        raise not_found(post.id)
    if not is_author(post, actor) and not (hosts and actor.role == "host"):
        raise Refusal(Code.FORBIDDEN, "expected its author" + (" or a host" if hosts else ""))


def touch(before: State, after: State, id: str) -> Sequence[Touch]:
    """A changed post, with its author as an owner of a view of his own."""
    post = after.get(id) or before.get(id)
    return (Touch(id, (post.author,) if isinstance(post, Post) and post.author else ()),)
