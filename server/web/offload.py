"""Work that would hold the loop, done in a process beside this one: one piece at a time, within a time, by pure functions."""

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple

from anyio import BrokenWorkerProcess, CapacityLimiter, to_process

from protocol.errors import Code, Refusal

log = logging.getLogger("palabre.offload")

T = TypeVar("T")
Args = TypeVarTuple("Args")

SECONDS: Final = 30.0
"""After which a piece of work is given up, and its process ended."""

NICE: Final = 10
"""How far the process beside stands behind the loop."""

WAITING: Final = 16
"""Pieces that may wait for the one before them."""


class Offload:
    """One lane: what it is given is done in turn. A thread would not do: what is written in C lets go of the loop only at its end.

    Args:
        seconds: how long a piece of work may take.
        waiting: how many may wait.
    """

    def __init__(self, seconds: float = SECONDS, waiting: int = WAITING) -> None:
        self._seconds = seconds
        self._most = 1 + waiting
        self._held = 0
        self._turn = asyncio.Lock()
        self._one = CapacityLimiter(1)

    async def run(self, work: Callable[[*Args], T], *args: *Args) -> T:
        """What `work`, a function of a module, makes of its arguments; both travel pickled.

        Raises:
            Refusal: `rate_limited`, when too many wait; or what the work raises.
            TimeoutError: it took too long.
        """
        if self._held >= self._most:
            raise Refusal(Code.RATE_LIMITED, "expected fewer requests of this kind at once: wait a little")
        self._held += 1
        try:
            async with self._turn, asyncio.timeout(self._seconds):
                return await to_process.run_sync(_giving_way, work, *args, cancellable=True, limiter=self._one)
        except BrokenWorkerProcess as broken:
            log.error("the process beside ended while it worked: %r", broken.__cause__)
            raise Refusal(Code.INTERNAL, "this server's fault: the work could not be done") from None
        finally:
            self._held -= 1


_gave_way = False


def _giving_way(work: Callable[[*Args], T], *args: *Args) -> T:
    """In the process beside: where there are fewer cores than work, whoever waits at the loop comes first."""
    global _gave_way  # noqa: PLW0603  # a process gives way once, for good
    if not _gave_way:
        os.nice(NICE)
        _gave_way = True
    return work(*args)
