import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from server.wire.limits import Limits
from server.wire.sweeper import Sweeper

LIMITS = Limits()


class Clock:
    """The part of an event loop that a sweeper uses, in virtual time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None]) -> Any:
        timer = (self.now + delay, callback)
        self.timers.append(timer)
        return timer

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [timer for timer in self.timers if timer[0] <= end]:
            timer = min(due, key=lambda timer: timer[0])
            self.timers.remove(timer)
            self.now = timer[0]
            timer[1]()
        self.now = end


class Connection:
    turn = 0

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.pings: list[float] = []
        self.drops: list[tuple[float, str]] = []
        self.alive: list[float] = []
        self.drained_bytes = 0

    def ping(self) -> None:
        self.pings.append(self.clock.now)

    def moved(self) -> int:
        return self.drained_bytes

    def heard(self) -> None:
        self.alive.append(self.clock.now)

    def drop(self, why: str) -> None:
        self.drops.append((self.clock.now, why))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sweeper(clock: Clock) -> Sweeper:
    return Sweeper(LIMITS, cast(asyncio.AbstractEventLoop, clock))


def test_each_connection_is_pinged_within_25_s_and_again_each_20_s(clock: Clock, sweeper: Sweeper) -> None:
    connections = [Connection(clock) for _ in range(100)]
    for connection in connections:
        sweeper.watch(connection)
    clock.run(100)
    for connection in connections:
        assert connection.pings[0] <= LIMITS.ping + LIMITS.tick < 25
        gaps = {later - earlier for earlier, later in zip(connection.pings, connection.pings[1:], strict=False)}
        assert gaps == {LIMITS.ping}
        # A dead peer is silent from one ping to the next.
        assert connection.pings[0] + LIMITS.ping < 45


def test_pings_are_spread_over_time(clock: Clock, sweeper: Sweeper) -> None:
    connections = [Connection(clock) for _ in range(400)]
    for connection in connections:
        sweeper.watch(connection)
    clock.run(LIMITS.ping)
    moments = [connection.pings[0] for connection in connections]
    assert max(moments.count(moment) for moment in set(moments)) == 400 / LIMITS.ping * LIMITS.tick


def test_a_backlog_that_does_not_move_for_30_s_is_slow(clock: Clock, sweeper: Sweeper) -> None:
    connection = Connection(clock)
    sweeper.watch(connection)
    sweeper.backlog_began(connection)
    clock.run(LIMITS.stall - LIMITS.tick)
    assert connection.drops == []
    clock.run(2 * LIMITS.tick)
    assert connection.drops[0] == (LIMITS.stall, "slow")


def test_a_backlog_that_moves_is_a_peer_that_lives(clock: Clock, sweeper: Sweeper) -> None:
    connection = Connection(clock)
    sweeper.watch(connection)
    sweeper.backlog_began(connection)
    for _ in range(10):
        clock.run(LIMITS.stall - 2 * LIMITS.tick)
        connection.drained_bytes += 1
    assert connection.drops == []
    assert len(connection.alive) == 9


def test_a_backlog_that_ended_is_forgotten(clock: Clock, sweeper: Sweeper) -> None:
    connection = Connection(clock)
    sweeper.watch(connection)
    sweeper.backlog_began(connection)
    sweeper.backlog_ended(connection)
    clock.run(100)
    assert connection.drops == []


def test_a_closing_handshake_has_a_deadline_and_the_first_one_stands(clock: Clock, sweeper: Sweeper) -> None:
    connection = Connection(clock)
    sweeper.watch(connection)
    sweeper.end_within(connection, 5)
    clock.run(3)
    sweeper.end_within(connection, 5)
    clock.run(3)
    assert connection.drops[0][0] == 5


def test_nothing_runs_and_nothing_is_kept_without_connections(clock: Clock, sweeper: Sweeper) -> None:
    connection = Connection(clock)
    sweeper.watch(connection)
    sweeper.backlog_began(connection)
    sweeper.end_within(connection, 5)
    sweeper.forget(connection)
    assert len(sweeper) == 0
    clock.run(100)
    assert clock.timers == []
    assert connection.drops == []
    sweeper.watch(connection)
    assert len(clock.timers) == 1
