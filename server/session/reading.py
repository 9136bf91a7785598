"""Up to where people have read: known at once on all their devices, written together every few seconds (SPEC S15)."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from server.journal.port import JournalError
from server.live.hub import Hub
from server.positions.port import Position, Positions

log = logging.getLogger("palabre.reading")

PAUSE: Final = 10.0
"""Seconds between two writes."""

SWEEP: Final = 3600.0
"""Seconds between two sweeps of what is nobody's: what was read last by somebody who left is written behind their leave."""


class Reading:
    """Of one worker. What a worker that is killed has not written is read again by whoever had read it."""

    def __init__(self, hub: Hub, positions: Positions) -> None:
        self._hub = hub
        self._positions = positions
        self._fresh: dict[tuple[str, str], Position] = {}
        self._writing: dict[tuple[str, str], Position] = {}

    def seen(self, position: Position) -> None:
        """Somebody has read that far."""
        self._note(position)
        self._hub.tell_seen(position.person, position.stream, position.n)

    def _note(self, position: Position) -> None:
        key = (position.person, position.stream)
        before = self._fresh.get(key)
        self._fresh[key] = position if before is None else _after(before, position)

    async def of(self, person: str, streams: Sequence[str]) -> Mapping[str, int]:
        """How far somebody is in each of these streams; 0 where they have read nothing.

        Raises:
            JournalError: that cannot be asked now.
        """
        known = await self._positions.of(person, streams)
        return {stream: self._now(person, stream, known.get(stream, 0)) for stream in streams}

    def _now(self, person: str, stream: str, n: int) -> int:
        known = Position(person, stream, n)
        for waiting in (self._writing, self._fresh):
            if (position := waiting.get((person, stream))) is not None:
                known = _after(known, position)
        return known.n

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        swept = loop.time()
        while True:
            await asyncio.sleep(PAUSE)
            await self.write()
            if loop.time() - swept >= SWEEP:
                swept = loop.time()
                with suppress(JournalError):
                    await self._positions.forget_strangers()

    async def write(self) -> None:
        """Write what there is; what cannot be written now is kept for the next time."""
        if not self._fresh:
            return
        self._writing, self._fresh = self._fresh, {}
        try:
            await self._positions.keep(list(self._writing.values()))
        except JournalError as error:
            log.warning("%d positions wait: %s", len(self._writing), error)
            later, self._fresh = self._fresh, self._writing
            for position in later.values():
                self._note(position)
        finally:
            self._writing = {}


def _after(before: Position, position: Position) -> Position:
    """Where somebody is who was there and then said this."""
    return position if position.back else before._replace(n=max(before.n, position.n))
