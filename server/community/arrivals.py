"""How people come in: first of all, by an invitation, from a workshop, or when somebody lets them in."""

from collections.abc import Sequence
from typing import Annotated, Final

from protocol.choices import LeadRole
from protocol.commands import Command
from protocol.communities import GrantRequest, RefuseRequest, RequestRecord
from protocol.errors import Code, Refusal
from protocol.persons import NameOf, PersonId, ThingId
from server.community.invitations import Invitation, check_open, used_once_more
from server.community.people import touch_person
from server.community.state import (
    ANIMATORS,
    LEAD_ROLES,
    PEOPLE,
    Person,
    member_id,
    roll,
    with_person,
)
from server.model.kernel import Capability, Context, Entity, Event, State, Touch, Viewer, get, not_found, tail
from server.model.text import clean_name

REQUESTS: Final = 1_000
"""How many may wait to be let in (COMMUNITIES IN6)."""

WAITING: Final = "waiting:of-this-community"


class Request(Entity, frozen=True, gc=False, tag="request"):
    """Somebody waits to be let in; `invitation` or `room` says how they came."""

    name: str
    at: int
    invitation: str = ""
    room: str = ""


class Waiting(Entity, frozen=True, gc=False, tag="waiting"):
    """How many wait to be let in."""

    count: int = 0


class Arrive(Command, frozen=True):
    """The server's own command: somebody comes in, or asks to be let in. Whoever has no way named is the first of all.

    Attributes:
        invitation, room: by which they come.
        domain: of their address; "" where they gave none.
        asks: what leads them here lets nobody in by itself any more.
    """

    id: str
    name: str
    invitation: str = ""
    room: str = ""
    domain: str = ""
    asks: bool = False


class PersonArrived(Event, frozen=True, gc=False, tag="person.arrived", kw_only=True):
    """`by`: who let them in."""

    id: PersonId
    name: Annotated[str, NameOf("id")] | None = None
    at: int
    roles: tuple[LeadRole, ...] = ()
    invitation: ThingId = ""
    room: ThingId = ""
    by: PersonId = ""

    @property
    def enrols(self) -> Sequence[str]:
        return (self.id,)


class PersonAsked(Event, frozen=True, gc=False, tag="person.asked", kw_only=True):
    id: PersonId
    name: Annotated[str, NameOf("id")] | None = None
    at: int
    invitation: ThingId = ""
    room: ThingId = ""


class RequestRefused(Event, frozen=True, gc=False, tag="request.refused"):
    id: PersonId
    by: PersonId = ""


def request_id(member: str) -> str:
    return f"request:{tail(member)}"


def is_waiting(state: State, member: str) -> bool:
    """Whether somebody has asked to be let in, and is not yet."""
    return get(state, request_id(member), Request) is not None


def _arrive(state: State, command: Arrive, context: Context) -> Sequence[Event]:
    known = get(state, command.id, Person)
    if known is not None and known.standing != "left":
        raise Refusal(_WHY_NOT[known.standing])
    name, asks = clean_name(command.name), command.asks
    roles: tuple[LeadRole, ...] = ()
    if command.invitation:
        asks = check_open(state, command.invitation, command.domain, context.at).asks
    elif not command.room:
        if roll(state).people:
            raise Refusal(Code.FORBIDDEN, "expected to be the first")
        roles = LEAD_ROLES
    if asks:
        if is_waiting(state, command.id):
            return []
        if _waiting(state) >= REQUESTS:
            raise Refusal(Code.TOO_MANY, f"expected at most {REQUESTS} who wait to be let in")
        return [PersonAsked(id=command.id, name=name, at=context.at, invitation=command.invitation, room=command.room)]
    _check_room_for_one(state)
    return [
        PersonArrived(
            id=command.id, name=name, at=context.at, roles=roles, invitation=command.invitation, room=command.room
        )
    ]


_WHY_NOT: Final = {"here": Code.ACCOUNT_EXISTS, "suspended": Code.SUSPENDED, "removed": Code.REMOVED}


def _check_room_for_one(state: State) -> None:
    """
    Raises:
        Refusal: `too_many`.
    """
    if roll(state).people >= PEOPLE:
        raise Refusal(Code.TOO_MANY, f"expected at most {PEOPLE} people")


def _grant(state: State, command: GrantRequest, context: Context) -> Sequence[Event]:
    request, member = _request(state, command.id), member_id(command.id)
    # They came in time; how many may come by it still holds.
    invitation = get(state, request.invitation, Invitation)
    if invitation is not None and invitation.is_full:
        raise Refusal(Code.INVITATION_FULL)
    _check_room_for_one(state)
    return [
        PersonArrived(
            id=member,
            name=request.name,
            at=context.at,
            invitation=request.invitation,
            room=request.room,
            by=context.actor.id,
        )
    ]


def _refuse(state: State, command: RefuseRequest, context: Context) -> Sequence[Event]:
    _request(state, command.id)
    return [RequestRefused(id=member_id(command.id), by=context.actor.id)]


def _request(state: State, id: str) -> Request:
    request = get(state, id, Request)
    if request is None:
        raise not_found(id)
    return request


def _waiting(state: State) -> int:
    waiting = get(state, WAITING, Waiting)
    return waiting.count if waiting else 0


def _arrived(state: State, event: PersonArrived) -> State:
    state = _waits_no_more(state, event.id)
    if event.invitation:
        state = used_once_more(state, event.invitation)
    if not event.name:
        # Erased: under this id there never was anybody to come (SPEC O4).
        return state.set(event.id, Person(event.id, standing="removed"))
    known = get(state, event.id, Person)
    if known is not None and known.standing != "left":
        return state
    return with_person(state, Person(event.id, event.name, roles=event.roles, at=event.at))


def _asked(state: State, event: PersonAsked) -> State:
    if not event.name:
        return state
    id = request_id(event.id)
    if id in state:
        return state
    waiting = Waiting(WAITING, _waiting(state) + 1)
    return state.set(id, Request(id, event.name, event.at, event.invitation, event.room)).set(WAITING, waiting)


def _was_refused(state: State, event: RequestRefused) -> State:
    return _waits_no_more(state, event.id)


def _waits_no_more(state: State, member: str) -> State:
    id = request_id(member)
    return state.delete(id).set(WAITING, Waiting(WAITING, _waiting(state) - 1)) if id in state else state


def _touch(before: State, after: State, event: PersonArrived | PersonAsked | RequestRefused) -> Sequence[Touch]:
    request = Touch(request_id(event.id))
    if isinstance(event, PersonArrived):
        by = (Touch(event.invitation),) if event.invitation else ()
        return (*touch_person(after, event.id), request, *by)
    return (request,)


def _render(state: State, id: str, viewer: Viewer) -> RequestRecord | None:
    request = get(state, id, Request)
    if request is None or viewer.audience != ANIMATORS:
        return None
    return RequestRecord(id=id, name=request.name, at=request.at, invitation=request.invitation, room=request.room)


ARRIVALS_CAPABILITY = Capability(
    entities=(Request, Waiting),
    decide={Arrive: _arrive, GrantRequest: _grant, RefuseRequest: _refuse},
    events={
        PersonArrived: (_arrived, _touch),
        PersonAsked: (_asked, _touch),
        RequestRefused: (_was_refused, _touch),
    },
    render={"request": _render},
)
