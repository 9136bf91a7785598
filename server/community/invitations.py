"""Invitations: whoever has the link of one may come in, for a while, as often as it says."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from protocol.communities import AddInvitation, CloseInvitation, InvitationRecord
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, ThingId, Words
from server.community.state import ANIMATORS, person_in
from server.model.addresses import read_domain
from server.model.kernel import Capability, Context, Entity, Event, State, Touch, Viewer, get, not_found

INVITATIONS: Final = 500
"""How many a community remembers (COMMUNITIES IN6)."""

DAY: Final = 24 * 3600 * 1000

FORGOTTEN: Final = 30 * DAY
"""Milliseconds for which one that is over is still seen by those who lead."""


class Invitation(Entity, frozen=True, gc=False, tag="invitation"):
    """
    Attributes:
        by: who invites.
        ends: from when on nobody comes by it (ms); brought forward by a close.
        most: how many may come by it; 0: as many as like.
        used: how many have.
        domains: of their addresses; none: any.
        asks: whoever comes by it asks to be let in.
    """

    by: str
    at: int
    ends: int
    most: int = 0
    used: int = 0
    domains: tuple[str, ...] = ()
    asks: bool = False
    closed: bool = False

    def is_over(self, at: int) -> bool:
        return self.closed or at >= self.ends

    @property
    def is_full(self) -> bool:
        return 0 < self.most <= self.used


class InvitationAdded(Event, frozen=True, gc=False, tag="invitation.added"):
    """`forgets`: those that are long over."""

    id: ThingId
    by: PersonId
    at: int
    ends: int
    most: int = 0
    domains: tuple[Words, ...] = ()
    asks: bool = False
    forgets: tuple[ThingId, ...] = ()


class InvitationClosed(Event, frozen=True, gc=False, tag="invitation.closed"):
    id: ThingId
    at: int


def _add(state: State, command: AddInvitation, context: Context) -> Sequence[Event]:
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    known = [each for each in state.values() if isinstance(each, Invitation)]
    stale = tuple(sorted(each.id for each in known if each.ends + FORGOTTEN <= context.at))
    if len(known) - len(stale) >= INVITATIONS:
        raise Refusal(
            Code.TOO_MANY, f"expected at most {INVITATIONS} invitations: close some, and wait until they are forgotten"
        )
    return [
        InvitationAdded(
            id=command.id,
            by=context.actor.id,
            at=context.at,
            ends=context.at + command.days * DAY,
            most=command.most,
            domains=tuple(dict.fromkeys(map(_domain, command.domains))),
            asks=command.asks,
            forgets=stale,
        )
    ]


def _domain(text: str) -> str:
    domain = read_domain(text)
    if domain is None:
        raise Refusal(Code.INVALID, f"expected domains such as example.org; got {text[:80]!r}")
    return domain


def _close(state: State, command: CloseInvitation, context: Context) -> Sequence[Event]:
    invitation = get(state, command.id, Invitation)
    if invitation is None:
        raise not_found(command.id)
    return [] if invitation.is_over(context.at) else [InvitationClosed(id=invitation.id, at=context.at)]


def check_open(state: State, id: str, domain: str, at: int) -> Invitation:
    """The invitation by which somebody comes.

    Args:
        domain: of their address; "" where they gave none.

    Raises:
        Refusal: `invitation_over`, of one that was never given too; `invitation_full`, `invitation_domain`.
    """
    invitation = get(state, id, Invitation)
    if invitation is None or invitation.is_over(at):
        raise Refusal(Code.INVITATION_OVER)
    if invitation.is_full:
        raise Refusal(Code.INVITATION_FULL)
    if invitation.domains and domain not in invitation.domains:
        raise Refusal(Code.INVITATION_DOMAIN)
    return invitation


def used_once_more(state: State, id: str) -> State:
    """The state in which somebody has come by an invitation, if it is remembered still."""
    invitation = get(state, id, Invitation)
    return state if invitation is None else state.set(id, replace(invitation, used=invitation.used + 1))


def _added(state: State, event: InvitationAdded) -> State:
    for id in event.forgets:
        state = state.delete(id) if id in state else state
    return state.set(
        event.id,
        Invitation(event.id, event.by, event.at, event.ends, event.most, 0, event.domains, event.asks),
    )


def _closed(state: State, event: InvitationClosed) -> State:
    invitation = get(state, event.id, Invitation)
    if invitation is None:
        return state
    return state.set(invitation.id, replace(invitation, closed=True, ends=min(invitation.ends, event.at)))


def _touch(before: State, after: State, event: InvitationAdded | InvitationClosed) -> Sequence[Touch]:
    forgotten = event.forgets if isinstance(event, InvitationAdded) else ()
    return (Touch(event.id), *map(Touch, forgotten))


def _render(state: State, id: str, viewer: Viewer) -> InvitationRecord | None:
    invitation = get(state, id, Invitation)
    if invitation is None or viewer.audience != ANIMATORS:
        return None
    by = person_in(state, invitation.by)
    return InvitationRecord(
        id=id,
        by=invitation.by,
        name=by.name if by else "",
        at=invitation.at,
        ends=invitation.ends,
        most=invitation.most,
        used=invitation.used,
        domains=invitation.domains,
        asks=invitation.asks,
        closed=invitation.closed,
    )


INVITATIONS_CAPABILITY = Capability(
    entities=(Invitation,),
    decide={AddInvitation: _add, CloseInvitation: _close},
    events={InvitationAdded: (_added, _touch), InvitationClosed: (_closed, _touch)},
    render={"invitation": _render},
)
