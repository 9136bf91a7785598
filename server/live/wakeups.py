"""Wakeups: streams in which something is due by time alone are opened when it is, wherever the server runs and whoever is there.

A stream has one row, the next due time of its state, written with its projection; whoever takes it puts it off meanwhile, so that one
that cannot be opened comes again.
"""

import asyncio
import logging
from typing import Final

from protocol.errors import Refusal
from server.journal.port import JournalError
from server.live.hub import Hub

log = logging.getLogger("palabre.wakeups")

EVERY: Final = 5.0
"""Seconds between two looks: what is due by the day or the hour may be some seconds late."""

AGAIN: Final = 60_000
"""Milliseconds after which a stream whose row still stands is looked after again."""

AT_ONCE: Final = 4
"""Streams that one worker opens at once: a thousand that are due at midnight are no reason to be slow for who is there."""


class Wakeups:
    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def run(self) -> None:
        """Go on for ever."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                while await self.step() == AT_ONCE:
                    pass
            except JournalError:
                continue  # the rooms say so
            except Exception:
                log.exception("looking for what is due failed, and will be tried again")

    async def step(self) -> int:
        """Look after some of what is due; how many streams.

        Raises:
            JournalError: it cannot be asked now.
        """
        now = self._hub.now()
        streams = await self._hub.journal.wake(now, now + AGAIN, AT_ONCE)
        await asyncio.gather(*map(self._look_after, streams))
        return len(streams)

    async def _look_after(self, stream: str) -> None:
        try:
            channel = await self._hub.channel(stream)
        except (Refusal, JournalError) as error:
            log.warning("%s is due, and cannot be opened: %s", stream, error)
            return
        channel.room.look_for_due()
