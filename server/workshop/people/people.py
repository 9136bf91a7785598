"""People: members of the room and their roles. What the state says counts, never what a token once said (SPEC S10)."""

from collections.abc import Sequence
from typing import Annotated, cast

from msgspec.structs import replace

from protocol import choices
from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import NameOf, PersonId
from protocol.records import MemberRecord
from server.model.kernel import (
    Actor,
    Capability,
    Context,
    Entity,
    Event,
    Restore,
    Role,
    State,
    Touch,
    Viewer,
    get,
    not_found,
)
from server.model.restoring import a_time, expect, room_for, shaped, whole
from server.model.text import clean_name
from server.workshop.people.settings import settings
from server.workshop.state.ballots import ballot_id
from server.workshop.state.steps import all_steps

MEMBERS = 20_000
"""How many a room holds (SPEC L6)."""

MOST_WEIGHT = 20
"""People who may share one phone."""


class Member(Entity, frozen=True, gc=False, tag="member"):
    """
    Attributes:
        name: None when erased, or removed.
        role: host or participant.
        removed: he may not come back under this id. Who was erased may not either: under this id there never was anybody to come.
        weight: how many people are behind this one phone; 0: one person who is alone.
        asked: how many are said to be, where that is more than counts without a host's word; 0: nothing waits.
        breakout: the number of the small table at which he sits for now; 0: none.
        at: when he came first (ms); 0: not known.
        away: known from a file alone; whoever shows that it is he may be he (SPEC N4).
    """

    name: str | None
    role: choices.Role
    removed: bool = False
    weight: int = 0
    breakout: int = 0
    at: int = 0
    away: bool = False
    asked: int = 0


class MembershipCount(Entity, frozen=True, gc=False, tag="membership_count"):
    """How many members there are, which of them, of those who can come in, are hosts, and how many are away."""

    members: int = 0
    hosts: tuple[str, ...] = ()
    away: int = 0


MEMBERSHIP_COUNT = "membership_count:of-this-room"
_LAST_HOST = "expected another host first: a room keeps at least one"


class Enter(c.Command, frozen=True):
    """The server's own command: someone with a valid token comes for the first time."""

    id: str
    name: str
    role: choices.Role


class MemberEntered(Event, frozen=True, gc=False, tag="member.entered"):
    id: PersonId
    role: choices.Role
    name: Annotated[str, NameOf("id")] | None = None
    at: int = 0

    @property
    def enrols(self) -> Sequence[str]:
        return (self.id,)


class Claim(c.Command, frozen=True):
    """The server's own command: someone who may be this member of a file is."""

    id: str


class MemberClaimed(Event, frozen=True, gc=False, tag="member.claimed"):
    id: PersonId

    @property
    def enrols(self) -> Sequence[str]:
        return (self.id,)


class MemberRenamed(Event, frozen=True, gc=False, tag="member.renamed"):
    id: PersonId
    name: Annotated[str, NameOf("id")] | None = None


class MemberRemoved(Event, frozen=True, gc=False, tag="member.removed"):
    id: PersonId

    @property
    def enrols(self) -> Sequence[str]:
        return (self.id,)


class RoleChanged(Event, frozen=True, gc=False, tag="member.role"):
    id: PersonId
    role: choices.Role

    @property
    def enrols(self) -> Sequence[str]:
        return (self.id,)


class WeightSet(Event, frozen=True, gc=False, tag="member.weight"):
    """So many people are behind this one phone, or count for now where more are said to be."""

    id: PersonId
    weight: int
    asked: int = 0


def membership_count(state: State) -> MembershipCount:
    return get(state, MEMBERSHIP_COUNT, MembershipCount) or MembershipCount(id=MEMBERSHIP_COUNT)


def actor_for(state: State, member: str) -> Actor | None:
    """Who this member is in the room now; None when he has never entered."""
    known = get(state, member, Member)
    if known is None or known.removed:
        return None
    role: Role = "host" if known.role == "host" else "participant"
    return Actor(known.id, role)


def membership(state: State, member: str) -> Role | None:
    """What this member is; None for whoever is known from a file alone, too: nobody is there under that name."""
    known = get(state, member, Member)
    return None if known is None or known.removed or known.away else known.role


def some_are_away(state: State) -> bool:
    """Whether somebody of a file may still come and say who he is (SPEC N4)."""
    return membership_count(state).away > 0


def breakout_of(state: State, member: str) -> int:
    """The small table at which somebody sits; 0: none."""
    known = get(state, member, Member)
    return known.breakout if known else 0


def is_removed(state: State, member: str) -> bool:
    """SPEC M3."""
    known = get(state, member, Member)
    return known is not None and known.removed


def check_not_removed(state: State, member: str) -> None:
    """
    Raises:
        Refusal: `removed` (SPEC M3).
    """
    if is_removed(state, member):
        raise Refusal(Code.REMOVED)


def _enter(state: State, command: Enter, context: Context) -> Sequence[Event]:
    check_not_removed(state, command.id)
    known = get(state, command.id, Member)
    if known is not None:
        # Somebody of the file whose own application says that it is they (SPEC N4).
        return [MemberClaimed(command.id)] if known.away else []
    if not settings(state).door and command.role != "host":
        raise Refusal(Code.LOCKED)
    if membership_count(state).members >= MEMBERS:
        raise Refusal(Code.TOO_MANY, f"expected at most {MEMBERS} members")
    return [MemberEntered(command.id, command.role, clean_name(command.name), context.at)]


def _claim(state: State, command: Claim, context: Context) -> Sequence[Event]:
    check_not_removed(state, command.id)
    member = get(state, command.id, Member)
    if member is None or not member.away:
        raise Refusal(
            Code.FORBIDDEN, "expected a member of the file that this room was made from, as whom nobody is here yet"
        )
    return [MemberClaimed(member.id)]


def _was_claimed(state: State, event: MemberClaimed) -> State:
    member = _there(state, event.id)
    if member is None:
        return state
    now = membership_count(state)
    hosts = (*now.hosts, member.id) if member.role == "host" and member.id not in now.hosts else now.hosts
    return state.set(member.id, replace(member, away=False)).set(
        MEMBERSHIP_COUNT, replace(now, hosts=hosts, away=now.away - 1)
    )


def _rename(state: State, command: c.RenameMember, context: Context) -> Sequence[Event]:
    name = clean_name(command.name)
    member = _member(state, command.id or context.actor.id)
    if member.id != context.actor.id and context.actor.role != "host":
        raise Refusal(Code.FORBIDDEN, "expected a host, or one's own name")
    return [] if member.name == name else [MemberRenamed(member.id, name)]


def _remove(state: State, command: c.RemoveMember, context: Context) -> Sequence[Event]:
    """Of many, those who have gone by now are passed over."""
    one = [_member(state, command.id)] if command.id is not None else []
    many = [member for id in command.ids if (member := get(state, id, Member)) is not None and not member.removed]
    gone = {member.id: member for member in (*one, *many)}
    if gone.keys() >= set(membership_count(state).hosts) and not gone.keys().isdisjoint(membership_count(state).hosts):
        raise Refusal(Code.FORBIDDEN, _LAST_HOST)
    return list(map(MemberRemoved, gone))


def _member(state: State, id: str) -> Member:
    member = get(state, id, Member)
    if member is None or member.removed:
        raise not_found(id)
    return member


def _check_not_last_host(state: State, member: Member) -> None:
    if membership_count(state).hosts == (member.id,):
        raise Refusal(Code.FORBIDDEN, _LAST_HOST)


def _set_role(state: State, command: c.SetRole, context: Context) -> Sequence[Event]:
    member = _member(state, command.id)
    if member.role == command.role:
        return []
    _check_not_last_host(state, member)
    return [RoleChanged(member.id, command.role)]


def _set_weight(state: State, command: c.SetWeight, context: Context) -> Sequence[Event]:
    if command.id is not None:
        return _confirm_weight(state, command.id, command.weight, context)
    me = _member(state, context.actor.id)
    for step in all_steps(state):
        if step.act == "vote" and step.closed is None and ballot_id(context.actor.alias(step.id)) in state:
            raise Refusal(Code.IN_USE, "expected no dots of yours in an open vote: how much they weigh was announced")
    most = MOST_WEIGHT if me.role == "host" else settings(state).unconfirmed
    # What counts already is not asked again, and goes on counting.
    counts = min(command.weight, max(most, me.weight))
    return _weighing(me, counts, command.weight if command.weight > counts else 0)


def _confirm_weight(state: State, id: str, weight: int, context: Context) -> Sequence[Event]:
    """Whether there are dots in an open vote is not asked: the answer would tell who has voted. They keep their weight."""
    if context.actor.role != "host":
        raise Refusal(Code.FORBIDDEN, "expected a host, or one's own phone")
    return _weighing(_member(state, id), weight)


def _weighing(member: Member, weight: int, asked: int = 0) -> Sequence[Event]:
    weight = weight if weight > 1 else 0
    return [] if (member.weight, member.asked) == (weight, asked) else [WeightSet(member.id, weight, asked)]


def _entered(state: State, event: MemberEntered) -> State:
    if event.id in state:
        return state
    if event.name is None:
        return state.set(event.id, _out(event.id))
    now = membership_count(state)
    hosts = (*now.hosts, event.id) if event.role == "host" else now.hosts
    return state.set(event.id, Member(event.id, event.name, event.role, at=event.at)).set(
        MEMBERSHIP_COUNT, replace(now, members=now.members + 1, hosts=hosts)
    )


def _out(id: str) -> Member:
    """Of whom nothing is told any more."""
    return Member(id, None, "participant", removed=True)


def _there(state: State, id: str) -> Member | None:
    """This member, unless they are out."""
    member = get(state, id, Member)
    return None if member is None or member.removed else member


def _renamed(state: State, event: MemberRenamed) -> State:
    member = _there(state, event.id)
    return state.set(member.id, replace(member, name=event.name)) if member else state


def _weight_set(state: State, event: WeightSet) -> State:
    member = _there(state, event.id)
    return state.set(member.id, replace(member, weight=event.weight, asked=event.asked)) if member else state


def _role_changed(state: State, event: RoleChanged) -> State:
    member = _there(state, event.id)
    if member is None:
        return state
    now = membership_count(state)
    hosts = tuple(h for h in now.hosts if h != member.id)
    if event.role == "host":
        hosts = (*hosts, member.id)
    return state.set(member.id, replace(member, role=event.role)).set(MEMBERSHIP_COUNT, replace(now, hosts=hosts))


def _was_removed(state: State, event: MemberRemoved) -> State:
    member = _there(state, event.id)
    if member is None:
        return state
    now = membership_count(state)
    hosts = tuple(h for h in now.hosts if h != member.id)
    state = state.set(member.id, _out(member.id))
    return state.set(MEMBERSHIP_COUNT, replace(now, members=now.members - 1, hosts=hosts, away=now.away - member.away))


def is_arrival(event: Event) -> bool:
    """Whether it tells no more than that somebody came: others may learn it with the next frame about people."""
    return isinstance(event, MemberEntered)


def _touch(
    before: State,
    after: State,
    event: MemberEntered | MemberClaimed | MemberRenamed | MemberRemoved | RoleChanged | WeightSet,
) -> Sequence[Touch]:
    return (Touch(event.id),)


def _render(state: State, id: str, viewer: Viewer) -> MemberRecord | None:
    member = get(state, id, Member)
    if member is None or member.removed or viewer.owner is not None:
        return None
    return MemberRecord(
        id=member.id,
        name=member.name or "",
        role=member.role,
        weight=member.weight,
        breakout=member.breakout,
        at=member.at,
        away=member.away,
        asked=member.asked,
    )


def _check(state: State, record: MemberRecord) -> MemberRecord:
    expect(
        0 <= record.weight <= MOST_WEIGHT and 0 <= record.asked <= MOST_WEIGHT,
        f"a weight of at most {MOST_WEIGHT} people",
    )
    shaped(record, c.SetRole)
    whole(record.breakout, MEMBERS)
    a_time(record.at)
    if get(state, record.id, Member) is None:
        room_for(membership_count(state).members, MEMBERS)
    return replace(record, name=clean_name(record.name))


def _put_back(state: State, record: MemberRecord) -> State:
    """Whoever brings the file in is there already, and its host. Others who are hosts keep that, but as they have no way in yet, the room does not count on them."""
    if not record.name:
        return state if record.id in state else state.set(record.id, _out(record.id))
    now, before = membership_count(state), get(state, record.id, Member)
    member = Member(
        record.id,
        record.name,
        before.role if before else cast(choices.Role, record.role),
        weight=record.weight,
        breakout=record.breakout,
        at=record.at,
        away=before is None,
        asked=record.asked,
    )
    if before is None:
        state = state.set(MEMBERSHIP_COUNT, replace(now, members=now.members + 1, away=now.away + 1))
    return state.set(member.id, member)


PEOPLE_CAPABILITY = Capability(
    entities=(Member, MembershipCount),
    decide={
        Enter: _enter,
        Claim: _claim,
        c.RenameMember: _rename,
        c.RemoveMember: _remove,
        c.SetRole: _set_role,
        c.SetWeight: _set_weight,
    },
    events={
        MemberEntered: (_entered, _touch),
        MemberClaimed: (_was_claimed, _touch),
        MemberRenamed: (_renamed, _touch),
        MemberRemoved: (_was_removed, _touch),
        RoleChanged: (_role_changed, _touch),
        WeightSet: (_weight_set, _touch),
    },
    render={"member": _render},
    restore={"member": Restore(_check, _put_back)},
)
