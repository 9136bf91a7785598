"""Who is in the circle, and as what: come in, asked in, taken in; until they leave or are sent out. Never without an animator."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from msgspec.structs import replace

from protocol import circles as p
from protocol.choices import CircleRole
from protocol.circles import AskingRecord, SeatRecord
from protocol.commands import Command
from protocol.errors import Code, Refusal
from protocol.persons import NameOf, PersonId, TextOf
from protocol.version import PROMPT_CHARS
from server.circle.state import (
    ANIMATORS,
    ROLL,
    SETTINGS,
    Asking,
    Roll,
    Seat,
    asking_id,
    circle,
    everyone_of,
    is_common,
    person_of,
    roll,
    seated,
)
from server.model.kernel import (
    COMMON,
    HIDDEN,
    Actor,
    Capability,
    Context,
    Event,
    Notice,
    Role,
    Stake,
    State,
    Touch,
    Viewer,
    get,
    not_found,
    tail,
)
from server.model.text import clean_or_none

MEMBERS: Final = 20_000
"""How many a circle holds."""

MOST_ANIMATORS: Final = 20

ASKINGS: Final = 1_000
"""How many wait at most to be let in."""

How = Literal["founded", "joined", "added", "granted", "named"]
"""How somebody came to their seat; `named`: as an animator of what is common."""


class JoinCircle(Command, frozen=True):
    """The server's own command: someone of the community comes in, or asks to (`text`: with these words)."""

    text: str = ""


class SeatTaken(Event, frozen=True, gc=False, tag="seat.taken"):
    id: PersonId
    role: CircleRole
    name: Annotated[str, NameOf("id")] | None = None
    at: int = 0
    how: How = "founded"

    @property
    def enrols(self) -> Sequence[str]:
        return (self.id,)


class SeatLeft(Event, frozen=True, gc=False, tag="seat.left"):
    """`removed`: somebody sent them out."""

    id: PersonId
    removed: bool = False

    @property
    def enrols(self) -> Sequence[str]:
        return (self.id,)


class SeatChanged(Event, frozen=True, gc=False, tag="seat.role"):
    id: PersonId
    role: CircleRole

    @property
    def enrols(self) -> Sequence[str]:
        return (self.id,)


class AskedIn(Event, frozen=True, gc=False, tag="asking.made"):
    id: PersonId
    at: int
    name: Annotated[str, NameOf("id")] | None = None
    text: Annotated[str, TextOf("id")] = ""


class AskingRefused(Event, frozen=True, gc=False, tag="asking.refused"):
    id: PersonId


def actor_for(state: State, person: str) -> Actor | None:
    """Who this person is here now. In what is common that is everyone who comes by, as none comes by who is not of the community."""
    seat = get(state, person, Seat)
    if seat is not None:
        return Actor(person, seat.role) if seat.role else None
    return Actor(person, "member") if is_common(state) and person.startswith("member:") else None


def membership(state: State, person: str) -> Role | None:
    seat = seated(state, person)
    return seat.role if seat else None


def name_of(state: State, person: str) -> str:
    """What they were called when they took their seat; "" for whoever has none."""
    seat = seated(state, person)
    return (seat.name or "") if seat else ""


def is_out(state: State, person: str) -> bool:
    """Whether they were in, and are not any more."""
    seat = get(state, person, Seat)
    return seat is not None and seat.role is None


def _join(state: State, command: JoinCircle, context: Context) -> Sequence[Event]:
    now, me = circle(state), context.actor.id
    if is_common(state) or seated(state, me):
        return []
    if now.access == HIDDEN:
        raise Refusal(Code.UNKNOWN_ROOM)
    name = _called(me, context)
    if now.access == "open":
        if is_removed(state, me):
            raise Refusal(Code.REMOVED)
        return [_seat(state, me, name, context, how="joined")]
    if asking_id(me) in state:
        return []
    if roll(state).asking >= ASKINGS:
        raise Refusal(Code.TOO_MANY, f"expected at most {ASKINGS} who wait to be let in")
    return [AskedIn(me, context.at, name, clean_or_none(command.text, PROMPT_CHARS))]


def is_removed(state: State, person: str) -> bool:
    """Whether an animator has sent them out: they do not come back by themselves."""
    seat = get(state, person, Seat)
    return seat is not None and seat.removed


def _called(person: str, context: Context) -> str:
    """What somebody of the community is called.

    Raises:
        Refusal: `not_found`: they are not of it.
    """
    name = context.people.get(person)
    if name is None:
        raise not_found(person)
    return name


def _seat(
    state: State, person: str, name: str, context: Context, *, how: How, role: CircleRole = "member"
) -> SeatTaken:
    if roll(state).people >= MEMBERS:
        raise Refusal(Code.TOO_MANY, f"expected at most {MEMBERS} people")
    return SeatTaken(person, role, name, context.at, how)


def _add(state: State, command: p.AddMember, context: Context) -> Sequence[Event]:
    _check_by_name(state)
    name = _called(command.id, context)
    return [] if seated(state, command.id) else [_seat(state, command.id, name, context, how="added")]


def _check_by_name(state: State) -> None:
    """
    Raises:
        Refusal: `invalid`, where everyone is in.
    """
    if is_common(state):
        raise Refusal(Code.INVALID, "expected another circle: everyone of the community is in this one")


def _remove(state: State, command: p.RemoveMember, context: Context) -> Sequence[Event]:
    _check_by_name(state)
    return _let_go(state, command.id, removed=command.id != context.actor.id)


def _leave(state: State, command: p.LeaveCircle, context: Context) -> Sequence[Event]:
    if seated(state, context.actor.id) is None:
        _check_by_name(state)
    return _let_go(state, context.actor.id)


def _let_go(state: State, person: str, *, removed: bool = False) -> Sequence[Event]:
    if seated(state, person) is None:
        raise not_found(person)
    _check_not_last(state, person)
    return [SeatLeft(person, removed)]


def _check_not_last(state: State, person: str) -> None:
    """
    Raises:
        Refusal: `handover`: nobody else would animate it, and it is not archived.
    """
    if roll(state).animators == (person,) and not circle(state).archived:
        raise Refusal(Code.HANDOVER, "expected another animator first, or the circle archived")


def _set_role(state: State, command: p.SetMemberRole, context: Context) -> Sequence[Event]:
    seat = seated(state, command.id)
    if seat is None:
        if not is_common(state):
            raise not_found(command.id)
        name = _called(command.id, context)
        if command.role == "member":
            return []
        _check_animators(state)
        return [_seat(state, command.id, name, context, how="named", role="animator")]
    if seat.role == command.role:
        return []
    if command.role == "animator":
        _check_animators(state)
        return [SeatChanged(seat.id, command.role)]
    _check_not_last(state, seat.id)
    return [SeatLeft(seat.id)] if is_common(state) else [SeatChanged(seat.id, command.role)]


def _check_animators(state: State) -> None:
    if len(roll(state).animators) >= MOST_ANIMATORS:
        raise Refusal(Code.TOO_MANY, f"expected at most {MOST_ANIMATORS} animators")


def _asking(state: State, id: str) -> Asking:
    asking = get(state, id, Asking)
    if asking is None:
        raise not_found(id)
    return asking


def _grant(state: State, command: p.GrantAsking, context: Context) -> Sequence[Event]:
    person = person_of(_asking(state, command.id).id)
    return [_seat(state, person, _called(person, context), context, how="granted")]


def _refuse(state: State, command: p.RefuseAsking, context: Context) -> Sequence[Event]:
    return [AskingRefused(person_of(_asking(state, command.id).id))]


def _taken(state: State, event: SeatTaken) -> State:
    before = get(state, event.id, Seat)
    if before is not None and before.role is not None:
        return state
    state = _asking_over(state, event.id)
    if event.name is None:
        # Who was erased is not here, and nobody comes as they.
        return state.set(event.id, Seat(event.id, None, None, removed=True))
    now = roll(state)
    animators = (*now.animators, event.id) if event.role == "animator" else now.animators
    state = state.set(event.id, Seat(event.id, event.name, event.role, at=event.at))
    return state.set(ROLL, replace(now, people=now.people + 1, animators=animators))


def _asking_over(state: State, person: str) -> State:
    if asking_id(person) not in state:
        return state
    now = roll(state)
    return state.delete(asking_id(person)).set(ROLL, replace(now, asking=now.asking - 1))


def _left(state: State, event: SeatLeft) -> State:
    if seated(state, event.id) is None:
        return state
    now, its = roll(state), circle(state)
    # Of what is common they are still, like everyone.
    out = Seat(event.id, None, None, removed=event.removed)
    state = state.delete(event.id) if is_common(state) else state.set(event.id, out)
    if its.respondent and its.respondent.id == event.id and its.access != COMMON:
        state = state.set(SETTINGS, replace(its, respondent=None))
    return state.set(ROLL, replace(now, people=now.people - 1, animators=_others(now, event.id)))


def _changed(state: State, event: SeatChanged) -> State:
    seat = seated(state, event.id)
    if seat is None or seat.role == event.role:
        return state
    now = roll(state)
    animators = (*now.animators, seat.id) if event.role == "animator" else _others(now, seat.id)
    return state.set(seat.id, replace(seat, role=event.role)).set(ROLL, replace(now, animators=animators))


def _others(now: Roll, person: str) -> tuple[str, ...]:
    return tuple(id for id in now.animators if id != person)


def _asked(state: State, event: AskedIn) -> State:
    id = asking_id(event.id)
    if event.name is None or id in state or seated(state, event.id):
        return state
    now = roll(state)
    return state.set(id, Asking(id, event.name, event.text, event.at)).set(ROLL, replace(now, asking=now.asking + 1))


def _refused(state: State, event: AskingRefused) -> State:
    return _asking_over(state, event.id)


def _touch(before: State, after: State, event: SeatTaken | SeatLeft | SeatChanged) -> Sequence[Touch]:
    mine = f"seat:{tail(event.id)}"
    # The first: whoever is out, or something else, is told so.
    return (Touch(event.id), Touch(mine, (event.id,)), Touch(asking_id(event.id)), Touch(circle(after).circle))


def _touch_asking(before: State, after: State, event: AskedIn | AskingRefused) -> Sequence[Touch]:
    return (Touch(asking_id(event.id)),)


def _render_seat(state: State, id: str, viewer: Viewer) -> SeatRecord | None:
    seat = seated(state, person_of(id))
    if seat is None or seat.role is None or viewer.owner != seat.id:
        return None
    return SeatRecord(id=id, role=seat.role)


def _render_asking(state: State, id: str, viewer: Viewer) -> AskingRecord | None:
    asking = get(state, id, Asking)
    if asking is None or viewer.audience != ANIMATORS:
        return None
    return AskingRecord(id=id, name=asking.name, text=asking.text, at=asking.at)


def _concerns_seat(before: State, after: State, event: SeatTaken | SeatLeft | SeatChanged) -> Sequence[Notice | Stake]:
    stream, me = circle(after).circle, seated(after, event.id)
    told = list[Notice | Stake]()
    match event:
        case SeatTaken(how="added" | "granted" | "named" as how) if me:
            told.append(Notice(event.id, how, stream))
        case SeatChanged(role="animator") if me:
            told.append(Notice(event.id, "named", stream))
    if is_common(after):
        return [*told, Stake(event.id, stream, me.role if me else None)]
    animates = me is not None and me.role == "animator"
    return [
        *told,
        Stake(event.id, stream, "animator" if animates else None),
        Stake(event.id, everyone_of(stream), "member" if me else None),
    ]


def _concerns_asking(before: State, after: State, event: AskedIn) -> Sequence[Notice]:
    return (Notice(circle(after).circle, "asked", asking_id(event.id)),) if event.name else ()


PEOPLE_CAPABILITY = Capability(
    entities=(Seat, Roll, Asking),
    decide={
        JoinCircle: _join,
        p.AddMember: _add,
        p.RemoveMember: _remove,
        p.LeaveCircle: _leave,
        p.SetMemberRole: _set_role,
        p.GrantAsking: _grant,
        p.RefuseAsking: _refuse,
    },
    events={
        SeatTaken: (_taken, _touch),
        SeatLeft: (_left, _touch),
        SeatChanged: (_changed, _touch),
        AskedIn: (_asked, _touch_asking),
        AskingRefused: (_refused, _touch_asking),
    },
    render={"seat": _render_seat, "asking": _render_asking},
    concerns={
        SeatTaken: _concerns_seat,
        SeatLeft: _concerns_seat,
        SeatChanged: _concerns_seat,
        AskedIn: _concerns_asking,
    },
)
