"""All conversations of a worker: their number, their beats, their deadlines, the rates of their members, the tasks they wait for."""

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from typing import Any, Final

from server.accounts.port import Bearer
from server.live.hub import Hub
from server.live.peer import Peer
from server.session.complaints import Complaints
from server.session.queries import Queries
from server.session.rate import Bucket, Pace
from server.session.reading import Reading
from server.session.session import BEAT, Admission, Ports, Rules, Session
from server.session.watching import Watchers

log = logging.getLogger("palabre.session")

SILENCE: Final = 60.0
"""Seconds in which the log names an address once for the same fault."""

BUCKETS: Final = 20_000
"""Members whose rate is remembered: coming back at once must not be a way around it."""


class Sessions:
    """All conversations of this worker; the wire's `Receivers`."""

    def __init__(self, hub: Hub, admission: Admission, rules: Rules, queries: Queries, reading: Reading) -> None:
        self.hub = hub
        self.rules = rules
        self._loop = asyncio.get_running_loop()
        self.clock = self._loop.time
        # In the order in which they came, as `fanout.Followers`. On a second of its own each: beats are spread, and one sweep a second looks at one in eighteen.
        self._beats: list[dict[Session, None]] = [{} for _ in range(BEAT)]
        complaints = Complaints(log, SILENCE)
        self._commands = Pace(rules.rate, 4 * rules.rate, "commands")
        messages = Pace(4 * rules.rate, 16 * rules.rate, "messages")
        self._watchers = Watchers(hub, admission.may_hear, self._spawn)
        self._ports = Ports(
            hub, admission, rules, messages, self.clock, self._bucket, queries, self._watchers, reading, self._spawn, self.forget, complaints,
        )  # fmt: skip
        self._slots: dict[Session, int] = {}
        self._silent: dict[Session, None] = {}
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._tasks: dict[asyncio.Task[None], None] = {}
        self._sweeper = self._loop.create_task(self._sweep(), name="beats")

    async def close(self) -> None:
        self._sweeper.cancel()
        self._watchers.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(self._sweeper, *self._tasks, return_exceptions=True)

    def __len__(self) -> int:
        return len(self._slots)

    def connected(self, peer: Peer) -> Session:
        session = Session(peer, self._ports)
        slot = random.randrange(BEAT)
        self._slots[session] = slot
        self._beats[slot][session] = None
        self._silent[session] = None
        return session

    def cut(self, is_over: Callable[[Bearer], bool]) -> None:
        """End every conversation of a bearer of whom this is so: what they came with has been ended."""
        # Seldom: to look through all costs less than a table of who is under which login.
        for session in [each for each in self._slots if each.bearer is not None and is_over(each.bearer)]:
            session.cut()

    def forget(self, session: Session) -> None:
        slot = self._slots.pop(session, None)
        if slot is not None:
            self._beats[slot].pop(session, None)
        self._silent.pop(session, None)
        self._watchers.forget(session)

    def admits(self, address: str) -> bool:  # noqa: ARG002  # a seminar shares one: the port allows for other policies
        return len(self._slots) < self.rules.connections

    def origin_allowed(self, origin: str | None, host: str, by_tls: bool) -> bool:
        return self.rules.origins(origin, host, by_tls)

    def _bucket(self, seat: str) -> Bucket:
        """One for all connections of a seat."""
        bucket = self._buckets.get(seat)
        if bucket is None:
            bucket = self._buckets[seat] = Bucket(self._commands, self.clock())
            if len(self._buckets) > BUCKETS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(seat)
        return bucket

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run what a session must wait for; its failure is a bug, and is logged."""
        task = self._loop.create_task(work)
        self._tasks[task] = None
        task.add_done_callback(self._spawned)

    def _spawned(self, task: "asyncio.Task[None]") -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and task.exception() is not None:
            log.error("a session's task raised", exc_info=task.exception())

    async def _sweep(self) -> None:
        slot = 0
        while True:
            await asyncio.sleep(1)
            now = self.clock()
            for session in [s for s in self._silent if s.deadline <= now]:
                session.expire()
            self._silent = {s: None for s in self._silent if not s.known}
            slot = (slot + 1) % BEAT
            for session in list(self._beats[slot]):
                if session.deadline <= now:
                    session.expire()
                elif session.known:
                    session.beat()
