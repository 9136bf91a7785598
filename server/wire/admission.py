"""Who may come in when there are many: connections by their number, large bodies by how many come at once."""

from collections import Counter
from collections.abc import Sized
from typing import Final, Protocol

from server.wire.limits import LargeBody


class Waiting(Protocol):
    """An HTTP connection, as `Crowd` sees it."""

    def give_way(self) -> None:
        """End at once: others need the place."""


class Crowd:
    """Bounds all connections of one server, so that descriptors remain for whoever comes next: a balancer, or a phone.

    Where there are too many, the one gives way that has waited longest for bytes of its peer: half a request, or none.

    Args:
        connections: uvicorn's set of them all.
        most: of them.
    """

    def __init__(self, connections: Sized, most: int) -> None:
        self._connections: Final = connections
        self._most: Final = most
        self._waiting: dict[Waiting, None] = {}

    def __len__(self) -> int:
        """How many wait for bytes of their peer."""
        return len(self._waiting)

    def waits(self, connection: Waiting) -> None:
        """It waits for its peer from now on; that it did already makes no difference."""
        self._waiting.setdefault(connection)

    def works(self, connection: Waiting) -> None:
        """It does not wait for its peer, or it is gone."""
        self._waiting.pop(connection, None)

    def admits(self) -> bool:
        """Whether the newest connection, which is in the set already, may stay; another one may have to go for it."""
        if len(self._connections) <= self._most:
            return True
        oldest = next(iter(self._waiting), None)
        if oldest is None:
            return False
        del self._waiting[oldest]
        oldest.give_way()
        return True


class Uploads:
    """The large bodies that come in at the moment: each may be kept in memory whole."""

    def __init__(self) -> None:
        self._at_once: Counter[LargeBody] = Counter()
        self._of_one: Counter[tuple[LargeBody, str]] = Counter()

    def __len__(self) -> int:
        return self._at_once.total()

    def begin(self, kind: LargeBody, address: str) -> bool:
        """Whether there is a place for one more of this address; then it is taken."""
        if self._at_once[kind] >= kind.at_once or self._of_one[kind, address] >= kind.of_one:
            return False
        self._at_once[kind] += 1
        self._of_one[kind, address] += 1
        return True

    def end(self, kind: LargeBody, address: str) -> None:
        self._at_once[kind] -= 1
        self._of_one[kind, address] -= 1
        if not self._of_one[kind, address]:
            del self._of_one[kind, address]
