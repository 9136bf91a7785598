"""One timer for all connections of a server: pings, dead peers, stalled peers, closing handshakes that never end.

A timer per connection would cost more memory than the connection. Connections lie in a ring of sets; each tick looks at one
of them, so that pings are spread evenly, and at the few connections that have a backlog or are closing.
"""

import asyncio
from typing import Protocol

from server.wire.limits import Limits


class Watched(Protocol):
    """A connection, as the sweeper sees it. `turn` is the sweeper's: which set of the ring it lies in."""

    turn: int

    def ping(self) -> None:
        """Send a ping, or drop the peer if nothing came since the last."""

    def moved(self) -> int:
        """A number that changes when bytes leave the backlog."""
        ...

    def heard(self) -> None:
        """Bytes left the backlog: the peer lives, even if its answer to a ping waits behind them."""

    def drop(self, why: str) -> None:
        """Abort."""


class Sweeper:
    """Idle while there are no connections.

    Args:
        limits: `tick`, `ping` and `stall` of them.
        loop: whose time it keeps.
    """

    def __init__(self, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        self._limits = limits
        self._loop = loop
        self._ring: list[set[Watched]] = [set() for _ in range(max(1, round(limits.ping / limits.tick)))]
        self._hand = 0
        self._placed = 0
        self._backlogged: dict[Watched, tuple[int, float]] = {}
        self._ending: dict[Watched, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """How many connections are watched."""
        return sum(map(len, self._ring))

    def watch(self, connection: Watched) -> None:
        self._placed += 1
        connection.turn = (self._hand - self._placed) % len(self._ring)
        self._ring[connection.turn].add(connection)
        if self._timer is None:
            self._timer = self._loop.call_later(self._limits.tick, self._tick)

    def forget(self, connection: Watched) -> None:
        self._ring[connection.turn].discard(connection)
        self._backlogged.pop(connection, None)
        self._ending.pop(connection, None)

    def backlog_began(self, connection: Watched) -> None:
        self._backlogged[connection] = (connection.moved(), self._loop.time())

    def backlog_ended(self, connection: Watched) -> None:
        self._backlogged.pop(connection, None)

    def end_within(self, connection: Watched, seconds: float) -> None:
        """Drop the connection if it has not gone by itself after so many seconds. An earlier deadline stands."""
        self._ending.setdefault(connection, self._loop.time() + seconds)

    def _tick(self) -> None:
        self._timer = self._loop.call_later(self._limits.tick, self._tick) if any(self._ring) else None
        now = self._loop.time()
        for connection, deadline in list(self._ending.items()):
            if now >= deadline:
                connection.drop("the closing handshake took too long")
        for connection, (moved_before, since) in list(self._backlogged.items()):
            moved = connection.moved()
            if moved != moved_before:
                self._backlogged[connection] = (moved, now)
                connection.heard()
            elif now - since >= self._limits.stall:
                connection.drop("slow")
        for connection in tuple(self._ring[self._hand]):
            connection.ping()
        self._hand = (self._hand + 1) % len(self._ring)
