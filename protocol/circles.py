"""A circle on the wire: its records, commands and queries (COMMUNITIES.md, Circles and Thread).

What was said in it lasts, and is asked for by pages; records are those of its newest threads.
"""

from typing import Annotated, Final, get_args

from msgspec import UNSET, Meta, Struct, UnsetType

from protocol.choices import Access, CircleRole
from protocol.commands import Command, MemberId, Search
from protocol.persons import NameOf, PersonId, TextOf, ThingId
from protocol.records import Record

PostId = Annotated[str, Meta(pattern=r"^post:[A-Za-z0-9_-]{12,64}\Z")]
AskingId = Annotated[str, Meta(pattern=r"^asking:[A-Za-z0-9_-]{12,64}\Z")]

MENTIONS: Final = 20
"""People whom one post may name."""

# In a record it may be one of a newer server.
_Access = Annotated[str, Meta(extra_json_schema={"enum": list(get_args(Access))})]
_CircleRole = Annotated[str, Meta(extra_json_schema={"enum": list(get_args(CircleRole))})]


class Named(Struct, frozen=True, gc=False):
    """A person, and what they were called when this was said."""

    id: PersonId
    name: Annotated[str, NameOf("id")] = ""


class CircleRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The circle itself; its id is that of its stream."""

    community: ThingId
    title: str
    purpose: str = ""
    access: _Access
    animators: tuple[Named, ...] = ()
    respondent: Named | None = None
    """Who has promised to answer the ideas of this circle."""
    people: int = 0
    """How many are in it; 0: everyone of the community."""
    archived: bool = False
    at: int = 0


class PostRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody wrote; "" is what was taken back, or whose author was erased, while there are replies to it."""

    text: Annotated[str, TextOf("author")] = ""
    n: int
    """Numbers the posts of a circle, replies too, from 1."""
    author: PersonId | None = None
    name: Annotated[str, NameOf("author")] = ""
    """What its author was called then."""
    at: int = 0
    reply: ThingId | None = None
    """The post that it replies to, which itself replies to none."""
    mentions: tuple[Named, ...] = ()
    all: bool = False
    """It names everyone of the circle."""
    edited: bool = False
    thanks: int = 0
    """How many have thanked for it."""
    replies: int = 0
    """How many there are that everyone reads."""
    last: int = 0
    """When the newest of them was written; 0: there is none."""
    pinned: bool = False
    hidden: bool = False
    """Only its author and animators have this record."""
    reason: str = ""
    """Why an animator hid it."""


class ThanksRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Only in `mine`: I have thanked for a post; its id ends as the post's does."""


class SeatRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Only in `mine`: what I am in this circle; its id ends as mine does. Whoever has none is in it with everyone of the community."""

    role: _CircleRole


class AskingRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody asks to come in; its id ends as theirs does. Animators alone have it."""

    name: str
    at: int
    text: str = ""


CIRCLE_RECORDS: Final[dict[str, type[Record]]] = {
    "circle": CircleRecord,
    "post": PostRecord,
    "thanks": ThanksRecord,
    "seat": SeatRecord,
    "asking": AskingRecord,
}
"""By kind, which every id begins with."""


class SetCircle(Command, frozen=True):
    """Only what is given changes."""

    title: str | UnsetType = UNSET
    purpose: str | UnsetType = UNSET
    access: Access | UnsetType = UNSET
    respondent: MemberId | UnsetType | None = UNSET


class ArchiveCircle(Command, frozen=True):
    """Nothing is written in it any more; or it goes on."""

    on: bool = True


class LeaveCircle(Command, frozen=True):
    """I am in it no more; in one that is everyone's, its animator no more."""


class AddMember(Command, frozen=True):
    """Somebody of the community is in the circle from now on."""

    id: MemberId


class RemoveMember(Command, frozen=True):
    id: MemberId


class SetMemberRole(Command, frozen=True):
    id: MemberId
    role: CircleRole


class GrantAsking(Command, frozen=True):
    id: AskingId


class RefuseAsking(Command, frozen=True):
    id: AskingId


class AddPost(Command, frozen=True):
    """`reply`: the thread that it is said in (null: it begins one); `mentions`: people of the circle; `all`: everyone of it."""

    id: PostId
    text: str
    reply: PostId | None = None
    mentions: Annotated[tuple[MemberId, ...], Meta(max_length=MENTIONS)] = ()
    all: bool = False


class EditPost(Command, frozen=True):
    id: PostId
    text: str


class RemovePost(Command, frozen=True):
    """For good; of a post that has replies these stay."""

    id: PostId


class ThankPost(Command, frozen=True):
    id: PostId


class UnthankPost(Command, frozen=True):
    id: PostId


class PinPost(Command, frozen=True):
    id: PostId


class UnpinPost(Command, frozen=True):
    id: PostId


class HideFromCircle(Command, frozen=True):
    """A post, and with it all that is said in its thread, leaves what everyone reads."""

    id: PostId
    reason: str


class ShowToCircle(Command, frozen=True):
    id: PostId


CIRCLE_COMMANDS: Final[dict[str, type[Command]]] = {
    "circle.set": SetCircle,
    "circle.archive": ArchiveCircle,
    "circle.leave": LeaveCircle,
    "member.add": AddMember,
    "member.remove": RemoveMember,
    "member.role": SetMemberRole,
    "asking.grant": GrantAsking,
    "asking.refuse": RefuseAsking,
    "post.add": AddPost,
    "post.edit": EditPost,
    "post.remove": RemovePost,
    "post.thank": ThankPost,
    "post.unthank": UnthankPost,
    "post.pin": PinPost,
    "post.unpin": UnpinPost,
    "post.hide": HideFromCircle,
    "post.show": ShowToCircle,
}

_Before = Annotated[int, Meta(ge=0, lt=2**53)]
_Limit = Annotated[int, Meta(ge=1, le=100)]


class Posts(Struct, frozen=True):
    """What began a thread, below number `before` (null: the newest), newest first."""

    before: _Before | None = None
    limit: _Limit = 50


class Replies(Struct, frozen=True):
    """What was replied to a post, below number `before` (null: the newest), newest first."""

    post: PostId
    before: _Before | None = None
    limit: _Limit = 50


class CirclePeople(Struct, frozen=True):
    """Who is in the circle, by name, from place `offset` on: {id, name, role}."""

    offset: Annotated[int, Meta(ge=0, le=100_000)] = 0
    limit: _Limit = 50


class Circles(Struct, frozen=True):
    """Asked of a community: its circles, first those that I am in, then those that I may join, or ask to: {id, title, purpose, access,
    people, role?}."""


CircleQuery = Posts | Replies | CirclePeople | Search
CIRCLE_QUERIES: Final[dict[str, type[CircleQuery]]] = {
    "posts": Posts,
    "replies": Replies,
    "people": CirclePeople,
    "search": Search,
}
