"""Consumers of what rooms commit: each has a position in every stream, and brings it to the head (DESIGN, Read models).

Whoever appended hints, in memory; what a worker left that died is found by the others' sweeps.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

import msgspec

from server.journal.port import Journal, JournalError, Lag
from server.live.backlog import Backlog
from server.live.layers import Layers
from server.model.events import NewerFormat

log = logging.getLogger("palabre.consumer")

EVERY: Final = 2.0
"""Seconds between two looks, unless somebody waits for what is there."""

SOON: Final = 0.3
"""Then so many, once there was nothing for a while; twice as many each time that somebody waits again, up to `EVERY`."""

BUSY: Final = 0.05
"""Seconds between two looks when a room is pressed."""

LONGEST: Final = 3.0
"""Of these seconds, at most."""

SWEEP: Final = 30.0
"""Seconds between two sweeps for what nobody brings on."""

SETTLE: Final = 5.0
"""Seconds in which a position that somebody moves has moved."""

LATEST: Final = 3_600.0
"""Seconds that a stream which cannot be read is left alone at most; `SWEEP` at first, then twice as long each time."""

AWAY: Final = 3
"""Streams in a row that cannot be written: then it is the database that is away."""

TOGETHER: Final = 100
"""Streams of a sweep that are asked for at once."""


class Held(NamedTuple):
    """What is known here of a stream: its layers, and the incarnation that they belong to."""

    layers: Layers
    incarnation: str


class _Failure(NamedTuple):
    """Until when a stream that cannot be read is left alone (by the loop's clock), and for how long that is, in seconds."""

    until: float
    pause: float


def rest(took: float, *, pressed: bool) -> float:
    """Seconds until the next look, after one of so many: paging and search may lag, the live room may not, so a fifth of the time is
    for them. But half of it, rather than that a layer forgets what it keeps for us: then all would be to do again. And a look that took long
    because the database was away is no reason to stay away for longer still (SPEC Q3)."""
    return max(BUSY if pressed else EVERY, min(LONGEST, (1 if pressed else 4) * took))


class Consumer(ABC):
    """
    Args:
        name: under which its positions are kept.
        backlog: what this worker appended to.
        kind: how the names of its streams begin.

    Attributes:
        pressed: the last look found more waiting in one room than it may keep.
    """

    def __init__(self, name: str, journal: Journal, backlog: Backlog, kind: str = "") -> None:
        self.name = name
        self.kind = kind
        self.pressed = False
        self._journal = journal
        self._backlog = backlog
        self._failed: dict[str, _Failure] = {}

    @abstractmethod
    async def bring(self, stream: str, at: int) -> None:
        """Take what the stream holds behind this position, and move it. Two workers may do so at once: one of them wins."""

    async def catch_up(self, seconds: float) -> None:
        """Bring what is hinted at, for so long at most: so that what comes later need not begin anew."""
        with _going_on(), suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.step(self._backlog.drain())

    async def run(self) -> None:
        """Go on for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(), name="follow")
            group.create_task(self._sweep_on(), name="sweep")

    async def _follow(self) -> None:
        loop, soon = asyncio.get_running_loop(), SOON
        while True:
            streams = await self._backlog.take()
            started, self.pressed = loop.time(), False
            with _going_on():
                await self.step(streams)
            # Who waits for a while after the others is served at once, and a flood of them as rarely as all else.
            again = await self._backlog.rest(rest(loop.time() - started, pressed=self.pressed), soon)
            soon = min(2 * soon, EVERY) if again else SOON

    async def _sweep_on(self) -> None:
        while True:
            with _going_on():
                await self.sweep()
            await asyncio.sleep(SWEEP)

    async def step(self, streams: Sequence[str]) -> bool:
        """Bring these streams to where they stand now; whether there was one that could be. What could not be is hinted at again.

        Raises:
            JournalError: the database is away.
        """
        left = dict.fromkeys(stream for stream in streams if stream.startswith(self.kind))
        try:
            return bool(left) and await self._bring_all(await self._journal.lags(list(left), self.name), left)
        finally:
            # Behind whatever has come meanwhile: one that fails again and again keeps none from its turn.
            if left:
                self._backlog.add(*left)

    async def sweep(self, settle: float = SETTLE) -> bool:
        """Bring what lags and whose position nobody moves within `settle` seconds; whether there was a stream that could be.

        Who appends brings on: a sweep that came first would load whole rooms that are open elsewhere, in each worker.
        """
        standing: dict[str, int] = {}
        after = ""
        while page := await self._journal.behind(after, self.name, self.kind):
            after = page[-1].stream
            standing |= {lag.stream: lag.projected for lag in page if not self._is_left_alone(lag.stream)}
        if not standing:
            return False
        await asyncio.sleep(settle)
        streams, brought = list(standing), False
        for start in range(0, len(streams), TOGETHER):
            lags = await self._journal.lags(streams[start : start + TOGETHER], self.name)
            still = [lag for lag in lags if lag.projected == standing[lag.stream]]
            brought |= await self._bring_all(still, {lag.stream: None for lag in still})
        return brought

    async def _bring_all(self, lags: Sequence[Lag], left: dict[str, None]) -> bool:
        """Whether there was one that could be brought.

        Args:
            left: streams that are still to be brought; those that are done, or are left alone, leave it.

        Raises:
            JournalError: of several in a row, so that it is no stream's fault.
        """
        for stream in left.keys() - {lag.stream for lag in lags}:
            del left[stream]
        brought, in_a_row = False, 0
        for stream, projected, _ in lags:
            if not self._is_left_alone(stream):
                try:
                    await self.bring(stream, projected)
                    brought, in_a_row = True, 0
                    self._failed.pop(stream, None)
                except JournalError as error:
                    if error.retry:
                        in_a_row += 1
                        if in_a_row == AWAY:
                            raise
                        continue
                    self._leave_alone(stream)
                except Exception as error:
                    # One room that cannot be read keeps no other from being found. Of what is newer or damaged, itself says so when it is opened.
                    if stream not in self._failed and not isinstance(error, (NewerFormat, msgspec.MsgspecError)):
                        log.exception("%s: %s cannot go on; other streams do", stream, self.name)
                    self._leave_alone(stream)
            left.pop(stream, None)
        return brought

    def _is_left_alone(self, stream: str) -> bool:
        failure = self._failed.get(stream)
        return failure is not None and asyncio.get_running_loop().time() < failure.until

    def _leave_alone(self, stream: str) -> None:
        before = self._failed.get(stream)
        pause = min(2 * before.pause, LATEST) if before else SWEEP
        self._failed[stream] = _Failure(asyncio.get_running_loop().time() + pause, pause)


@contextmanager
def _going_on() -> Iterator[None]:
    """What fails in one look is tried in the next: a consumer may lag, and must not stop."""
    try:
        yield
    except JournalError:
        pass  # the rooms say so
    except Exception:
        log.exception("a consumer failed, and will try again")
