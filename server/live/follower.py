"""A connection that follows a room: what the room must remember of it, and nothing of how it is reached."""

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from protocol.errors import Code
from server.live.peer import Peer
from server.model.kernel import Audience


class Hold(NamedTuple):
    """A command that was refused and must come again before those that were sent after it (SPEC D5).

    Attributes:
        since: the turn at which it was refused.
        until: the turn at which it came again; None: it has not yet. What was sent between the two is behind it.
    """

    id: str
    since: int
    until: int | None = None


Holds = tuple[Hold, ...]
"""A connection's, by `since`; only the last may be without `until`."""


def is_behind(holds: Holds, id: str, turn: int) -> bool:
    return bool(holds) and any(h.id != id and h.since < turn and (h.until is None or turn < h.until) for h in holds)


def came(holds: Holds, id: str, turn: int) -> Holds:
    """A command has come, perhaps again; nothing is said yet of what becomes of it."""
    return tuple(h._replace(until=turn) if h.id == id and h.until is None and h.since < turn else h for h in holds)


def refused(holds: Holds, id: str, turn: int) -> Holds:
    """It was refused, to come again: so must all that was sent after it, and it is of no more account what that waited for."""
    earlier = tuple(h for h in holds if h.since < turn)
    if earlier and earlier[-1].until == turn:
        return (*earlier[:-1], earlier[-1]._replace(until=None))
    if earlier and earlier[-1].until is None:
        return earlier
    return (*(h for h in earlier if h.id != id), Hold(id, turn))


def answered(holds: Holds, id: str) -> Holds:
    """It was done, or refused for good."""
    return tuple(h for h in holds if h.id != id) if holds else holds


class Follower:
    """One joined connection. Memory per connection counts: slots, and no containers until they are needed.

    Attributes:
        member: whose connection it is; "" for a screen that is nobody's.
        audience: whose shared records it gets; moved only by the room.
        screen: a projector: the public audience, no presence, no commands.
        holds: commands that must come again before later ones are taken.
        cursor: the seq that its records reach, -1 where it must start afresh; kept up only while it does not simply follow.
        chunks: frames of a `state` still to be sent; None when it simply follows.
        stream: that it follows; its session may follow others, each by a follower of its own.
        own: bytes for this connection alone that ride in the next flush's write.
    """

    __slots__ = (
        "__weakref__", "_ended", "audience", "chunks", "cursor", "holds", "member", "own", "peer", "screen", "stream",
    )  # fmt: skip

    def __init__(
        self, peer: Peer, member: str, *, screen: bool, ended: Callable[[str, Code], None], stream: str = ""
    ) -> None:
        self.peer = peer
        self.member = member
        self.screen = screen
        self.audience: Audience = "public"
        self.holds: Holds = ()
        self.cursor = 0
        self.chunks: deque[bytes] | None = None
        self.stream = stream
        self._ended = ended
        self.own = b""

    def end(self, code: Code) -> None:
        """Tell the session that the room can no longer be followed here."""
        self._ended(self.stream, code)

    def pump(self) -> bool:
        """Send chunks until the kernel takes no more; True when all are gone and nothing waits."""
        while self.chunks:
            if self.peer.write(self.chunks.popleft()):
                return False
        return True
