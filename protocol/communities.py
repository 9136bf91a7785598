"""A community: what is shown of it, and what may be asked of it (COMMUNITIES.md)."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from protocol.choices import Lang, LeadRole
from protocol.commands import Command, MemberId
from protocol.persons import NameOf, PersonId, ThingId, Words
from protocol.records import Record, one_of

_LangWord = Annotated[str, one_of(Lang)]
_LeadRoleWord = Annotated[str, one_of(LeadRole)]

# What somebody says of themselves is told of them as their name is: it goes with it, whatever becomes of their texts (SPEC O2).
_Said = Annotated[str, NameOf("id")]


class CommunityRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    title: str
    langs: tuple[_LangWord, ...] = ()
    """In which it speaks; the first where none is chosen."""
    at: int = 0
    people: int = 0
    """How many are in it."""


class PersonRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Only in `mine`, and in what is asked for: somebody of a community."""

    name: _Said = ""
    roles: tuple[_LeadRoleWord, ...] = ()
    job: _Said = ""
    site: _Said = ""
    offers: tuple[_Said, ...] = ()
    """What they can help others with."""
    seeks: tuple[_Said, ...] = ()
    """What they look for."""
    interests: tuple[_Said, ...] = ()
    langs: tuple[_LangWord, ...] = ()
    """In which they like to be spoken to; none: in the community's own."""
    at: int = 0
    """Since when they are in it."""


class InvitationRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Only for those who lead: whoever has its link may come in."""

    by: PersonId
    name: Annotated[str, NameOf("by")] = ""
    at: int
    ends: int
    most: int = 0
    """How many may come by it; 0: as many as like."""
    used: int = 0
    """How many have come by it."""
    domains: tuple[Words, ...] = ()
    """Of what comes behind the @ of their address; none: any."""
    asks: bool = False
    """Whoever comes by it asks to be let in."""
    closed: bool = False


class RequestRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Only for those who lead: somebody asks to be let in."""

    name: Annotated[str, NameOf("id")] = ""
    at: int
    invitation: ThingId = ""
    """By which they came; "": by a workshop."""
    room: ThingId = ""
    """The workshop from which they come; "": by an invitation."""


class SuspendedRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Only for those who lead: somebody who may not come in for now."""

    name: Annotated[str, NameOf("id")] = ""
    at: int


COMMUNITY_RECORDS: Final[dict[str, type[Record]]] = {
    "community": CommunityRecord,
    "person": PersonRecord,
    "invitation": InvitationRecord,
    "request": RequestRecord,
    "suspended": SuspendedRecord,
}
"""By kind, which every id begins with."""


PersonRecordId = Annotated[str, Meta(pattern=r"^person:[A-Za-z0-9_-]{12,64}\Z")]
InvitationId = Annotated[str, Meta(pattern=r"^invitation:[A-Za-z0-9_-]{12,64}\Z")]
RequestId = Annotated[str, Meta(pattern=r"^request:[A-Za-z0-9_-]{12,64}\Z")]
Langs = Annotated[list[Lang], Meta(min_length=1, max_length=8)]
LangsOrNone = Annotated[list[Lang], Meta(max_length=8)]
Offers = Annotated[list[str], Meta(max_length=5)]
Interests = Annotated[list[str], Meta(max_length=3)]
Days = Annotated[int, Meta(ge=1, le=365)]
Most = Annotated[int, Meta(ge=0, le=20_000)]
Domains = Annotated[tuple[str, ...], Meta(max_length=20)]


class SetCommunity(Command, frozen=True):
    title: str | UnsetType = UNSET
    langs: Langs | UnsetType = UNSET


class SetProfile(Command, frozen=True):
    """What others learn of me; what is not given stays."""

    name: str | UnsetType = UNSET
    job: str | UnsetType = UNSET
    site: str | UnsetType = UNSET
    offers: Offers | UnsetType = UNSET
    seeks: Offers | UnsetType = UNSET
    interests: Interests | UnsetType = UNSET
    langs: LangsOrNone | UnsetType = UNSET


class AddInvitation(Command, frozen=True):
    """`most`: how many may come by it (0: as many as like); `domains`: of their addresses; `asks`: each must be let in."""

    id: InvitationId
    days: Days = 14
    most: Most = 0
    domains: Domains = ()
    asks: bool = False


class CloseInvitation(Command, frozen=True):
    """Nobody comes by it any more; who came stays."""

    id: InvitationId


class GrantRequest(Command, frozen=True):
    id: RequestId


class RefuseRequest(Command, frozen=True):
    id: RequestId


class SetPersonRole(Command, frozen=True):
    """What is not given stays."""

    id: PersonRecordId
    animator: bool | UnsetType = UNSET
    administrator: bool | UnsetType = UNSET


class SuspendPerson(Command, frozen=True):
    """They are out until somebody lets them in again, and lay down what they led."""

    id: PersonRecordId


class ReadmitPerson(Command, frozen=True):
    id: PersonRecordId


class RemovePerson(Command, frozen=True):
    """They are out for good; what they wrote stays."""

    id: PersonRecordId


class LeaveCommunity(Command, frozen=True):
    pass


COMMUNITY_COMMANDS: Final[dict[str, type[Command]]] = {
    "community.set": SetCommunity,
    "community.leave": LeaveCommunity,
    "profile.set": SetProfile,
    "invitation.add": AddInvitation,
    "invitation.close": CloseInvitation,
    "request.grant": GrantRequest,
    "request.refuse": RefuseRequest,
    "person.role": SetPersonRole,
    "person.suspend": SuspendPerson,
    "person.readmit": ReadmitPerson,
    "person.remove": RemovePerson,
}


class People(Struct, frozen=True):
    """Persons of the community from place `offset` on: by name, or best first those who say these words of themselves."""

    text: Annotated[str, Meta(max_length=200)] = ""
    offset: Annotated[int, Meta(ge=0, le=100_000)] = 0
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class OnePerson(Struct, frozen=True):
    """A person: their record, and `circles` {id, title} that we are both in."""

    id: MemberId


class Home(Struct, frozen=True):
    """What there is for me: my circles {id, kind: circle, title, access, role, unread, first?}, and what concerns me, newest first {id, kind:
    notice, stream, title, why, fresh, post}."""


class SearchAll(Struct, frozen=True):
    """What I may read of the community that holds the words, newest first among those that hold them as typed, then all others: {id, kind, stream, title, record, mark}.

    `before`: the `mark` of the last that is known.
    """

    text: Annotated[str, Meta(min_length=1, max_length=200)]
    before: Annotated[str, Meta(pattern=r"^[ef][0-9]{1,15}\Z")] | None = None
    limit: Annotated[int, Meta(ge=1, le=50)] = 20


CommunityQuery = People | OnePerson | Home | SearchAll
COMMUNITY_QUERIES: Final[dict[str, type[CommunityQuery]]] = {
    "people": People,
    "person": OnePerson,
    "home": Home,
    "search": SearchAll,
}
