"""A connection that follows a room: what the room must remember of it, and nothing of how it is reached."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from protocol.errors import Code
from server.domain.kernel import Audience
from server.peer import Peer


class Hold(NamedTuple):
    """A command that was refused and must come again before those sent after it; `turn` is its place in the room's order."""

    id: str
    turn: int


class Follower:
    """One joined connection. Memory per connection counts: slots, and no containers until they are needed.

    Attributes:
        member: whose connection it is; "" for a screen that is nobody's.
        audience: whose shared records it gets; moved only by the room.
        screen: a projector: the public audience, no presence, no commands.
        behind: the command that must come again before later ones are taken (SPEC D5).
        cursor: the seq that its records reach, -1 where it must start afresh; kept up only while it does not simply follow.
        chunks: frames of a `state` still to be sent; None when it simply follows.
        end: tells the session that the room can no longer be followed here.
        own: bytes for this connection alone that ride in the next flush's write.
    """

    __slots__ = ("__weakref__", "audience", "behind", "chunks", "cursor", "end", "member", "own", "peer", "screen")

    def __init__(self, peer: Peer, member: str, *, screen: bool, end: Callable[[Code], None]) -> None:
        self.peer = peer
        self.member = member
        self.screen = screen
        self.audience: Audience = "public"
        self.behind: Hold | None = None
        self.cursor = 0
        self.chunks: deque[bytes] | None = None
        self.end = end
        self.own = b""

    def pump(self) -> bool:
        """Send chunks until the kernel takes no more; True when all are gone and nothing waits."""
        while self.chunks:
            if self.peer.write(self.chunks.popleft()):
                return False
        return True
