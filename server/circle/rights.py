"""Who may do what in a circle: the one table of role × command (COMMUNITIES.md, Circles and Thread).

Where a right depends on whose thing it is (an author edits their own), or on who may come in, the table admits the role and the
capability asks.
"""

from typing import Final

from protocol import circles as p
from protocol.commands import Command
from server.circle.people import JoinCircle
from server.circle.sealing import SealThreads
from server.circle.settings import FoundCircle
from server.model.kernel import Role

_EVERYONE: Final[frozenset[Role]] = frozenset({"animator", "member"})
_ANIMATORS: Final[frozenset[Role]] = frozenset({"animator"})
_SERVER: Final[frozenset[Role]] = frozenset({"host"})
"""What it is where it does what time alone brings about."""

RIGHTS: Final[dict[type[Command], frozenset[Role]]] = {
    p.SetCircle: _ANIMATORS,
    p.ArchiveCircle: _ANIMATORS,
    p.LeaveCircle: _EVERYONE,
    p.AddMember: _ANIMATORS,
    p.RemoveMember: _ANIMATORS,
    p.SetMemberRole: _ANIMATORS,
    p.GrantAsking: _ANIMATORS,
    p.RefuseAsking: _ANIMATORS,
    p.AddPost: _EVERYONE,
    p.EditPost: _EVERYONE,
    p.RemovePost: _EVERYONE,
    p.ThankPost: _EVERYONE,
    p.UnthankPost: _EVERYONE,
    p.PinPost: _ANIMATORS,
    p.UnpinPost: _ANIMATORS,
    p.HideFromCircle: _ANIMATORS,
    p.ShowToCircle: _ANIMATORS,
    # The server's own, which no frame can name.
    FoundCircle: _ANIMATORS,
    JoinCircle: frozenset({"member"}),
    SealThreads: _SERVER,
}

ARCHIVED: Final[frozenset[type[Command]]] = frozenset(
    {
        p.ArchiveCircle,
        p.LeaveCircle,
        p.RemoveMember,
        p.SetMemberRole,
        p.RefuseAsking,
        p.RemovePost,
        p.UnthankPost,
        p.HideFromCircle,
        SealThreads,
    }
)
"""What is done in an archived circle still: whoever is in it may leave it, and take back what is theirs."""
