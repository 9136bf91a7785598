"""A stream held alone on SQLite, where all writers live in one process: a lock in memory is enough."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Protocol, TypeVar

from server.journal.group import LARGEST_SEQ
from server.journal.port import Answer, Commit, Conflict, Duplicate, Entry, Head, JournalError, Outcome

T = TypeVar("T")

IDLE_SECONDS = 2.0
TURN_SECONDS = 5.0


class Statements(Protocol):
    """What a holder does, as the journal does it for everybody."""

    async def read(self, stream: str, after: int, limit: int) -> list[Commit]: ...
    async def lookup(self, stream: str, keys: Sequence[bytes]) -> dict[bytes, Answer]: ...
    async def append_held(self, entry: Entry) -> Outcome: ...


async def turn(lock: asyncio.Lock, stream: str) -> None:
    """Take the stream's lock. Raises JournalError when its holders are too slow."""
    try:
        async with asyncio.timeout(TURN_SECONDS):
            await lock.acquire()
    except TimeoutError:
        raise JournalError(
            f"the stream {stream} was not free within {TURN_SECONDS:g} s; try again", retry=True
        ) from None


class SqliteExclusive:
    """See `port.Exclusive`. Made by whoever has the lock; lets it go itself."""

    def __init__(self, stream: str, head: Head, lock: asyncio.Lock, statements: Statements) -> None:
        self.head = head
        self._stream = stream
        self._lock = lock
        self._statements = statements
        self._held = True
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self.end)

    async def read(self, after: int) -> list[Commit]:
        self._check_held()
        return await self._keeping(self._statements.read(self._stream, after, LARGEST_SEQ))

    async def lookup(self, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        self._check_held()
        return await self._keeping(self._statements.lookup(self._stream, keys))

    async def append(self, entry: Entry) -> Outcome:
        if entry.stream != self._stream:
            raise ValueError(f"{self._stream} is held; got an entry of {entry.stream}")
        if not self._held:
            return Conflict()
        outcome = await self._keeping(self._statements.append_held(entry))
        if not isinstance(outcome, Duplicate):
            self.end()
        return outcome

    def end(self) -> None:
        """Let the stream go, if it is held still."""
        self._idle.cancel()
        if self._held:
            self._held = False
            self._lock.release()

    async def _keeping(self, statement: Awaitable[T]) -> T:
        # Only a holder that asks nothing for too long is thrown out, not one whose answer is slow.
        self._idle.cancel()
        try:
            return await statement
        finally:
            if self._held:
                self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self.end)

    def _check_held(self) -> None:
        if not self._held:
            raise JournalError(f"the stream {self._stream} is not held any more; take it again", retry=True)
