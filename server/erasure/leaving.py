"""Who asks to be erased is noted first, so that it is done whatever dies meanwhile: their token is over before the work is."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from server.accounts.port import Leave
from server.erasure.erasure import Ports, Progress, Receipt, erase
from server.journal.port import JournalError

log = logging.getLogger("palabre.erasure")

EVERY: Final = 30.0
"""Seconds between two looks for what nobody has finished."""

LONG: Final = 60_000
"""Milliseconds after which whoever began is taken to have died. If he has not, both do the same."""


class Leaving:
    """
    Args:
        ring: tells all workers that a stream's history was rewritten.
    """

    def __init__(self, ports: Ports, ring: Callable[[str], None]) -> None:
        self._ports = ports
        self._ring = ring
        self._told: set[str] = set()

    async def erase(self, person: str, stream: str, *, removes: bool) -> Receipt:
        """Take a person out of a stream, for certain: once this is noted, whoever is there will see to it.

        Raises:
            JournalError: it is not done yet; it will be, unless it could not even be noted.
        """
        leave = Leave(person, stream, removes, self._ports.now())
        await self._ports.accounts.note_leave(leave)
        return await self._do(leave)

    async def run(self) -> None:
        """Finish what others have left, for ever."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.step()
            except JournalError:
                continue  # the rooms say so
            except Exception:
                log.exception("an erasure failed, and will be tried again")

    async def step(self) -> int:
        """Finish what somebody began a while ago; how many there were. What cannot be done now keeps no other.

        Raises:
            JournalError: it cannot be looked for.
        """
        left = await self._ports.accounts.leaving(self._ports.now() - LONG)
        for leave in left:
            try:
                await self._do(leave)
            except JournalError as error:
                log.warning("somebody cannot be erased from %s now: %s", leave.scope, error)
            except Exception:
                log.exception("somebody cannot be erased from %s", leave.scope)
        return len(left)

    async def _do(self, leave: Leave) -> Receipt:
        receipt = await erase(self._ports, leave.person, stream=leave.scope, removes=leave.removes, tell=_nobody)
        self._ring(leave.scope)
        for each in receipt.unreadable:
            # It stays noted, for a release that can read it.
            if each.stream not in self._told:
                self._told.add(each.stream)
                log.error("somebody cannot be erased from %s here: %s", each.stream, each.reason)
        if not receipt.unreadable:
            await self._ports.accounts.has_left(leave.person, leave.scope)
        return receipt


def _nobody(progress: Progress) -> None:
    pass
