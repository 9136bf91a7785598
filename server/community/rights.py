"""Who may do what: the one table of role × command (COMMUNITIES, Commands).

Animators lead, and let people in; administrators see to what is technical and legal: settings, roles, who is out.
"""

from protocol import communities as c
from protocol.commands import Command
from server.community.arrivals import Arrive
from server.community.settings import Found
from server.community.state import ADMINISTRATOR, ANIMATOR, LEADER, MEMBER
from server.model.kernel import Role

_ANIMATORS: frozenset[Role] = frozenset({ANIMATOR, LEADER})
_ADMINISTRATORS: frozenset[Role] = frozenset({ADMINISTRATOR, LEADER})
_LEADING: frozenset[Role] = _ANIMATORS | _ADMINISTRATORS
_EVERYONE: frozenset[Role] = _LEADING | {MEMBER}

RIGHTS: dict[type[Command], frozenset[Role]] = {
    c.SetCommunity: _ADMINISTRATORS,
    c.LeaveCommunity: _EVERYONE,
    c.SetProfile: _EVERYONE,
    c.AddInvitation: _ANIMATORS,
    # A link that went astray is closed by whoever hears of it first.
    c.CloseInvitation: _LEADING,
    c.GrantRequest: _ANIMATORS,
    c.RefuseRequest: _ANIMATORS,
    # Who animates hands that over; see the capability.
    c.SetPersonRole: _LEADING,
    c.SuspendPerson: _ADMINISTRATORS,
    c.ReadmitPerson: _ADMINISTRATORS,
    c.RemovePerson: _ADMINISTRATORS,
    # The server's own, which no frame can name.
    Found: _EVERYONE,
    Arrive: _EVERYONE,
}
