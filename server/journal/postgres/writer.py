"""The one task of a process that appends to PostgreSQL, in groups, over a connection of its own.

Its own, because a pool's costs a round trip more at each release, and because readers must not keep a writer waiting.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from server.journal.group import Waiting, next_group
from server.journal.port import Conflict, Entry, Outcome, Rejected, Unknown
from server.journal.postgres.append import append_group
from server.journal.postgres.connection import hang_up
from server.journal.postgres.errors import CONTENTION_ERRORS, DATA_ERRORS, DATABASE_ERRORS, words

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0

log = logging.getLogger(__name__)


class Writer:
    """Writes from the construction until `stop`.

    Arguments:
        connect: dials a connection with `WRITER_SETTINGS`; raises what asyncpg raises.
    """

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self.transactions = 0
        self._connect = connect
        self._connection: asyncpg.Connection | None = None
        self._waiting: deque[Waiting] = deque()
        self._asked = asyncio.Event()
        self._stopping = asyncio.Event()
        self._pause = 0.0
        self._task = asyncio.create_task(self._work(), name="journal writer")

    def append(self, entry: Entry) -> asyncio.Future[Outcome]:
        """Put the entry into the next group."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(entry, outcome))
        self._asked.set()
        return outcome

    async def stop(self) -> None:
        """Finish what is waiting and close the connection."""
        self._stopping.set()
        self._asked.set()
        await self._task
        if self._connection is not None:
            await hang_up(self._connection)

    async def _work(self) -> None:
        while True:
            await self._asked.wait()
            if not self._waiting:
                if self._stopping.is_set():
                    return
                self._asked.clear()
                continue
            group = next_group(self._waiting)
            outcomes: list[Outcome]
            try:
                outcomes = await self._append([item.entry for item in group])
            except Exception as error:
                # A fault of ours must not end the only task that writes; it is logged, and each author hears of it.
                log.exception("appending a group of %d failed", len(group))
                outcomes = [Unknown(f"the journal's writer failed: {error!r}")] * len(group)
                self._drop()
            for item, outcome in zip(group, outcomes, strict=True):
                if not item.outcome.done():
                    item.outcome.set_result(outcome)

    async def _append(self, entries: Sequence[Entry]) -> list[Outcome]:
        try:
            connection = await self._connected()
        except DATABASE_ERRORS as error:
            return [Unknown(f"PostgreSQL cannot be reached: {words(error)}")] * len(entries)
        self.transactions += 1
        try:
            return await append_group(connection, entries)
        except DATA_ERRORS as error:
            if len(entries) == 1:
                return [Rejected(f"PostgreSQL refuses the data: {words(error)}")]
            middle = len(entries) // 2
            return await self._append(entries[:middle]) + await self._append(entries[middle:])
        except CONTENTION_ERRORS:
            return [Conflict()] * len(entries)
        except asyncpg.PostgresError as error:
            return [Unknown(f"PostgreSQL could not write: {words(error)}")] * len(entries)
        except DATABASE_ERRORS as error:
            # The statement may still be running over there. It may even win later: keys and heads see to that.
            self._drop()
            return [Unknown(f"PostgreSQL did not answer: {words(error)}")] * len(entries)

    async def _connected(self) -> asyncpg.Connection:
        """The connection; dials it again when it is gone, at growing intervals while that fails."""
        if self._connection is not None and not self._connection.is_closed():
            return self._connection
        self._drop()
        if self._pause:
            try:
                async with asyncio.timeout(self._pause * random.uniform(0.5, 1.0)):
                    await self._stopping.wait()
            except TimeoutError:
                pass
        try:
            self._connection = await self._connect()
        except DATABASE_ERRORS:
            self._pause = min(LONGEST_PAUSE_SECONDS, 2 * self._pause or FIRST_PAUSE_SECONDS)
            raise
        self._pause = 0.0
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
