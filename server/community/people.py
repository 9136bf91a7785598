"""People: what they say of themselves, who of them leads, and who is out. Never is nobody left to lead (COMMUNITIES CO4)."""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import UNSET
from msgspec.structs import replace

from protocol.choices import Lang, LeadRole
from protocol.communities import (
    LeaveCommunity,
    PersonRecord,
    ReadmitPerson,
    RemovePerson,
    SetPersonRole,
    SetProfile,
    SuspendedRecord,
    SuspendPerson,
)
from protocol.errors import Code, Refusal
from protocol.persons import NameOf, PersonId
from protocol.version import LINE_CHARS
from server.community.state import (
    ADMINISTRATOR,
    ANIMATORS,
    INDEX,
    LEADER,
    Person,
    Roll,
    check_handed_over,
    member_id,
    person_in,
    record_id,
    sorted_roles,
    touch_community,
    with_person,
)
from server.model.kernel import Capability, Context, Event, State, Touch, Viewer, get, not_found, tail
from server.model.text import clean, clean_name, clean_or_none

_Said = Annotated[str, NameOf("id")]

_LISTS: Final = ("offers", "seeks", "interests")


class ProfileSet(Event, frozen=True, gc=False, tag="profile.set"):
    """Only what changed."""

    id: PersonId
    name: _Said | None = None
    job: _Said | None = None
    site: _Said | None = None
    offers: tuple[_Said, ...] | None = None
    seeks: tuple[_Said, ...] | None = None
    interests: tuple[_Said, ...] | None = None
    langs: tuple[Lang, ...] | None = None

    @property
    def enrols(self) -> Sequence[str]:
        # What somebody is called stands with where they are.
        return () if self.name is None else (self.id,)


class _Moved(Event, frozen=True, gc=False, kw_only=True):
    """Somebody's place is another."""

    id: PersonId

    @property
    def enrols(self) -> Sequence[str]:
        return (self.id,)


class RolesSet(_Moved, frozen=True, gc=False, tag="person.role"):
    roles: tuple[LeadRole, ...] = ()


class PersonSuspended(_Moved, frozen=True, gc=False, tag="person.suspended"):
    at: int


class PersonReadmitted(_Moved, frozen=True, gc=False, tag="person.readmitted"):
    pass


class PersonRemoved(_Moved, frozen=True, gc=False, tag="person.removed"):
    pass


class PersonLeft(_Moved, frozen=True, gc=False, tag="person.left"):
    pass


def _set_profile(state: State, command: SetProfile, context: Context) -> Sequence[Event]:
    me = _here(state, context.actor.id)
    said: dict[str, object] = {}
    if command.name is not UNSET:
        said["name"] = clean_name(command.name)
    for line in ("job", "site"):
        text = getattr(command, line)
        if text is not UNSET:
            said[line] = clean_or_none(text, LINE_CHARS)
    for several in _LISTS:
        texts = getattr(command, several)
        if texts is not UNSET:
            said[several] = _each_once(texts)
    if command.langs is not UNSET:
        said["langs"] = tuple(dict.fromkeys(command.langs))
    changed = {name: value for name, value in said.items() if getattr(me, name) != value}
    return [ProfileSet(id=me.id, **changed)] if changed else []  # type: ignore[arg-type]  # names and types are those of SetProfile


def _each_once(texts: Sequence[str]) -> tuple[str, ...]:
    """As they were typed first, whatever their case."""
    kept = dict[str, str]()
    for text in (clean(each, LINE_CHARS) for each in texts):
        kept.setdefault(text.casefold(), text)
    return tuple(kept.values())


def _here(state: State, member: str) -> Person:
    person = person_in(state, member)
    if person is None:
        raise not_found(record_id(member))
    return person


def _named(state: State, record: str) -> Person:
    """Whom a command names, if they are in the community."""
    return _here(state, member_id(record))


def _set_roles(state: State, command: SetPersonRole, context: Context) -> Sequence[Event]:
    person = _named(state, command.id)
    roles = set(person.roles)
    for role, wanted in (("animator", command.animator), ("administrator", command.administrator)):
        if wanted is not UNSET:
            (roles.add if wanted else roles.discard)(role)  # type: ignore[arg-type]  # both are roles
    after = sorted_roles(frozenset(roles))
    if context.actor.role not in (ADMINISTRATOR, LEADER):
        _check_animates(person, after, context)
    check_handed_over(state, person, after)
    return [] if after == person.roles else [RolesSet(id=person.id, roles=after)]


def _check_animates(person: Person, after: tuple[LeadRole, ...], context: Context) -> None:
    """Who animates alone takes others along, and lays that down: so that it can be handed over.

    Raises:
        Refusal: `forbidden`.
    """
    more, less = set(after) - set(person.roles), set(person.roles) - set(after)
    if more - {"animator"} or (less and (less != {"animator"} or person.id != context.actor.id)):
        raise Refusal(Code.FORBIDDEN, "expected an administrator, or no more than another animator")


def _suspend(state: State, command: SuspendPerson, context: Context) -> Sequence[Event]:
    known = get(state, member_id(command.id), Person)
    if known is not None and known.standing == "suspended":
        return []
    person = _named(state, command.id)
    check_handed_over(state, person)
    return [PersonSuspended(id=person.id, at=context.at)]


def _readmit(state: State, command: ReadmitPerson, context: Context) -> Sequence[Event]:
    known = get(state, member_id(command.id), Person)
    if known is None or known.standing not in ("here", "suspended"):
        raise not_found(command.id)
    return [] if known.standing == "here" else [PersonReadmitted(id=known.id)]


def _remove(state: State, command: RemovePerson, context: Context) -> Sequence[Event]:
    known = get(state, member_id(command.id), Person)
    if known is None or known.standing not in ("here", "suspended"):
        raise not_found(command.id)
    check_handed_over(state, known)
    return [PersonRemoved(id=known.id)]


def _leave(state: State, command: LeaveCommunity, context: Context) -> Sequence[Event]:
    me = _here(state, context.actor.id)
    check_handed_over(state, me)
    return [PersonLeft(id=me.id)]


def _profile_set(state: State, event: ProfileSet) -> State:
    person = person_in(state, event.id)
    if person is None:
        return state
    said = {
        name: value for name in ("name", "job", "site", *_LISTS, "langs") if (value := getattr(event, name)) is not None
    }
    return with_person(state, replace(person, **said))


def _roles_set(state: State, event: RolesSet) -> State:
    person = person_in(state, event.id)
    return state if person is None else with_person(state, replace(person, roles=event.roles))


def _suspended(state: State, event: PersonSuspended) -> State:
    person = person_in(state, event.id)
    if person is None:
        return state
    return with_person(state, replace(person, standing="suspended", roles=(), suspended=event.at))


def _readmitted(state: State, event: PersonReadmitted) -> State:
    person = get(state, event.id, Person)
    if person is None or person.standing != "suspended":
        return state
    return with_person(state, replace(person, standing="here", suspended=0))


def _removed(state: State, event: PersonRemoved) -> State:
    return with_person(state, Person(event.id, standing="removed")) if event.id in state else state


def _left(state: State, event: PersonLeft) -> State:
    return state if person_in(state, event.id) is None else with_person(state, Person(event.id, standing="left"))


def touch_person(state: State, member: str) -> Sequence[Touch]:
    """All that shows somebody, and that shows how many there are."""
    return (
        Touch(record_id(member), (member,)),
        Touch(f"suspended:{tail(member)}"),
        touch_community(state),
    )


def _touch(
    before: State,
    after: State,
    event: ProfileSet | RolesSet | PersonSuspended | PersonReadmitted | PersonRemoved | PersonLeft,
) -> Sequence[Touch]:
    return touch_person(after, event.id)


def _render(state: State, id: str, viewer: Viewer) -> PersonRecord | None:
    person = person_in(state, member_id(id))
    if person is None or (viewer.audience != INDEX and viewer.owner != person.id):
        return None
    return PersonRecord(
        id=id,
        name=person.name,
        roles=person.roles,
        job=person.job,
        site=person.site,
        offers=person.offers,
        seeks=person.seeks,
        interests=person.interests,
        langs=person.langs,
        at=person.at,
    )


def _render_suspended(state: State, id: str, viewer: Viewer) -> SuspendedRecord | None:
    person = get(state, member_id(id), Person)
    if person is None or person.standing != "suspended" or viewer.audience != ANIMATORS:
        return None
    return SuspendedRecord(id=id, name=person.name, at=person.suspended)


PEOPLE_CAPABILITY = Capability(
    entities=(Person, Roll),
    decide={
        SetProfile: _set_profile,
        SetPersonRole: _set_roles,
        SuspendPerson: _suspend,
        ReadmitPerson: _readmit,
        RemovePerson: _remove,
        LeaveCommunity: _leave,
    },
    events={
        ProfileSet: (_profile_set, _touch),
        RolesSet: (_roles_set, _touch),
        PersonSuspended: (_suspended, _touch),
        PersonReadmitted: (_readmitted, _touch),
        PersonRemoved: (_removed, _touch),
        PersonLeft: (_left, _touch),
    },
    render={"person": _render, "suspended": _render_suspended},
)
