"""What ideas and messages have in common: an author, a life on the board, and hosts who may put them in review."""

from collections.abc import Sequence

from protocol.errors import Code, Refusal
from server.domain.kernel import Actor, Entity, State, Touch, Viewer, not_found


class Post(Entity, frozen=True, gc=False):
    """A text that someone put on the board.

    Attributes:
        author: a member's id; None when erased.
        hidden: in review; only its author and hosts see it.
        removed: taken back; only its author and hosts see it, and may restore it.
    """

    text: str
    author: str | None
    at: int
    edited: bool = False
    hidden: bool = False
    removed: bool = False

    @property
    def shared(self) -> bool:
        return not (self.hidden or self.removed)


def sees(post: Post, viewer: Viewer) -> bool:
    """Whether a viewer has a record of this post; of his own post a member has one where the public has none."""
    if viewer.member is not None:
        return not post.shared and viewer.member == post.author
    return post.shared or viewer.audience == "host"


def visible(post: Post, actor: Actor) -> bool:
    return post.shared or actor.role == "host" or post.author == actor.id


def may_alter(post: Post, actor: Actor, *, hosts: bool = True) -> None:
    """
    Raises:
        Refusal: `not_found` when the actor cannot see the post, `forbidden` when it is not his (and he is no host).
    """
    if not visible(post, actor):
        raise not_found(post.id)
    if post.author != actor.id and not (hosts and actor.role == "host"):
        raise Refusal(Code.FORBIDDEN, "expected its author" + (" or a host" if hosts else ""))


def touch(before: State, after: State, id: str) -> Sequence[Touch]:
    """A changed post, with its author as an owner of a view of his own."""
    post = after.get(id) or before.get(id)
    author = post.author if isinstance(post, Post) else None
    return (Touch(id, (author,) if author else ()),)
