"""What lies in a circle's state: the circle, who is in it, who asks to be, and the threads that are live."""

from collections.abc import Sequence
from typing import Annotated, Final

from protocol.choices import Access, CircleRole
from protocol.circles import Named
from protocol.persons import NameOf, PersonId, TextOf, ThingId, Words
from server.model.kernel import COMMON, Actor, Audience, Entity, State, Touch, Viewer, get, not_found, tail

ANIMATORS: Final[Audience] = "animators"
INDEX: Final[Audience] = "index"
"""To which nobody belongs: what is paged and searched."""


class Circle(Entity, frozen=True, gc=False, tag="circle"):
    """
    Attributes:
        circle, community: the ids of its stream and of the one that it is in.
        respondent: who has promised to answer here.
    """

    circle: str = ""
    community: str = ""
    title: str = ""
    purpose: str = ""
    access: Access = "confidential"
    respondent: Named | None = None
    archived: bool = False
    at: int = 0


SETTINGS: Final = "settings:of-this-circle"


def circle(state: State) -> Circle:
    return get(state, SETTINGS, Circle) or Circle(id=SETTINGS)


class Seat(Entity, frozen=True, gc=False, tag="seat"):
    """That somebody is in the circle, or was.

    Attributes:
        name: None when erased, or out.
        role: None: they are out.
        removed: an animator sent them out, or they were erased: they do not come back by themselves.
    """

    name: str | None
    role: CircleRole | None
    removed: bool = False
    at: int = 0


class Roll(Entity, frozen=True, gc=False, tag="roll"):
    """How many are in the circle by a seat of their own, which of them animate it, in the order in which they came to, and how many
    ask to come in."""

    people: int = 0
    animators: tuple[str, ...] = ()
    asking: int = 0


ROLL: Final = "roll:of-this-circle"


class Asking(Entity, frozen=True, gc=False, tag="asking"):
    """That somebody asks to come in; its id ends as theirs does."""

    name: str
    text: str
    at: int


def roll(state: State) -> Roll:
    return get(state, ROLL, Roll) or Roll(id=ROLL)


def seated(state: State, id: str) -> Seat | None:
    """The seat of somebody who is in."""
    seat = get(state, id, Seat)
    return None if seat is None or seat.role is None else seat


def is_common(state: State) -> bool:
    """Whether everyone of the community is in it."""
    return circle(state).access == COMMON


def asking_id(person: str) -> str:
    return f"asking:{tail(person)}"


def person_of(id: str) -> str:
    """The person of whom there is one such thing."""
    return f"member:{tail(id)}"


def everyone_of(stream: str) -> str:
    """By what everyone of a circle is named. Whoever takes a seat has a stake in it; in what is common, whoever asks goes by it."""
    return f"people:{tail(stream)}"


class Post(Entity, frozen=True, gc=False, tag="post"):
    """What somebody wrote. It begins a thread, or replies to what began one.

    Attributes:
        author: None when erased.
        name: what they were called then.
        n: numbers the posts of the circle from 1, in the order of the journal.
        reply: the post that began the thread; None: this one did.
        hidden: only its author and animators see it.
        shut: what began its thread is hidden. Kept here, so that nobody who asks who sees a post must look further.
        removed: nobody sees it; what began a thread stands there without its text while somebody reads a reply to it.
        thanked: who has thanked for it.
        replies: ids of all replies to it, those too that are removed: a thread leaves the state, and comes back, as a whole.
        count, last: how many of them everyone reads (who reads this one), and when the newest was written.
        kept: how many of them are not removed.
        turn: orders threads by when something was last written in them, or they came back.
    """

    text: Annotated[str, TextOf("author")] = ""
    author: PersonId | None = None
    name: Annotated[str, NameOf("author")] = ""
    at: int = 0
    n: int = 0
    reply: ThingId | None = None
    mentions: tuple[Named, ...] = ()
    all: bool = False
    edited: bool = False
    hidden: bool = False
    reason: Words = ""
    shut: bool = False
    removed: bool = False
    pinned: bool = False
    thanked: tuple[PersonId, ...] = ()
    replies: tuple[ThingId, ...] = ()
    count: int = 0
    last: int = 0
    kept: int = 0
    turn: int = 0

    @property
    def root(self) -> str:
        """What began its thread."""
        return self.reply or self.id

    @property
    def is_open(self) -> bool:
        """Whether everyone sees it."""
        return not self.hidden and not self.shut and (not self.removed or self.count > 0)

    @property
    def is_there(self) -> bool:
        """Whether somebody sees it."""
        return not self.removed or self.kept > 0


class Thread(Entity, frozen=True, gc=False, tag="thread"):
    """
    Attributes:
        last: the number of the newest post.
        turn: see `Post`.
        live: how many threads lie in the state.
        held: how many posts do.
        pins: those that are pinned.
    """

    last: int = 0
    turn: int = 0
    live: int = 0
    held: int = 0
    pins: tuple[str, ...] = ()


THREAD: Final = "thread:of-this-circle"


def thread(state: State) -> Thread:
    return get(state, THREAD, Thread) or Thread(id=THREAD)


def sees(post: Post, viewer: Viewer) -> bool:
    """Whether a viewer has a record of this post. Its author has one of their own where others have none."""
    if viewer.owner is not None:
        return viewer.owner == post.author and not post.is_open and not post.removed
    return post.is_open or (viewer.audience == ANIMATORS and post.is_there)


def visible(post: Post, actor: Actor) -> bool:
    """Whether somebody who asks may know of this post."""
    mine = post.author == actor.id and not post.removed
    return post.is_open or mine or (actor.role == "animator" and post.is_there)


def post_for(state: State, id: str, actor: Actor) -> Post:
    """The post, with a text of its own, seen through the actor's eyes.

    Raises:
        Refusal: `not_found`.
    """
    post = get(state, id, Post)
    if post is None or post.removed or not visible(post, actor):
        raise not_found(id)
    return post


def thanks_id(post: str) -> str:
    return f"thanks:{tail(post)}"


def post_id(thanks: str) -> str:
    return f"post:{tail(thanks)}"


def touch(before: State, after: State, *ids: str | None) -> Sequence[Touch]:
    """Changed posts, each with its author as an owner of a view of their own, and those who have thanked for it."""
    touches = list[Touch]()
    for id in ids:
        posts = [post for state in (before, after) if (post := get(state, id, Post)) is not None]
        if not posts:
            continue
        touches.append(Touch(posts[0].id, tuple({post.author for post in posts if post.author})))
        if thanked := {person for post in posts for person in post.thanked}:
            touches.append(Touch(thanks_id(posts[0].id), tuple(thanked)))
    return touches
