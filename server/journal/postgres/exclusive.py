"""A stream held alone on PostgreSQL: a transaction that has locked its head."""

from collections.abc import Sequence

import asyncpg

from server.journal.port import (
    Answer,
    Commit,
    Conflict,
    Duplicate,
    Entry,
    Head,
    JournalError,
    Outcome,
    Rejected,
    Unknown,
)
from server.journal.postgres.append import append_group
from server.journal.postgres.connection import Connection, drop, is_gone
from server.journal.postgres.errors import CONTENTION_ERRORS, DATA_ERRORS, DATABASE_ERRORS, explained, words
from server.journal.postgres.read import commits, used_keys

_LOCK = "select head, incarnation from streams where stream = $1 for no key update"

# A stream without commits has no row to lock. Made and committed first: while it were part of our transaction, the
# group writers of all workers would wait for it.
_MAKE = "insert into streams (stream, head) values ($1, 0) on conflict do nothing"


async def hold(connection: Connection, stream: str) -> Head:
    """Begin a transaction that holds the stream. Raises what asyncpg raises, LockNotAvailableError when it takes too long."""
    await connection.execute("begin")
    row = await connection.fetchrow(_LOCK, stream)
    if row is None:
        await connection.execute("rollback")
        await connection.execute(_MAKE, stream)
        await connection.execute("begin")
        row = await connection.fetchrow(_LOCK, stream)
        assert row is not None, "rows of streams are never deleted"
    return Head(row["head"], row["incarnation"]) if row["head"] else Head(0, "")


class PostgresExclusive:
    """See `port.Exclusive`.

    Arguments:
        connection: in the transaction that `hold` began. The server ends it when it stays without a statement for too long.
        url: of the database, for errors.
    """

    def __init__(self, connection: Connection, stream: str, head: Head, url: str) -> None:
        self.head = head
        self._connection = connection
        self._stream = stream
        self._url = url
        self._held = True

    async def read(self, after: int) -> list[Commit]:
        self._check_held()
        try:
            return await commits(self._connection, self._stream, after, None)
        except DATABASE_ERRORS as error:
            self._held = False
            raise explained(error, self._url) from error

    async def lookup(self, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        self._check_held()
        try:
            return await used_keys(self._connection, self._stream, keys)
        except DATABASE_ERRORS as error:
            self._held = False
            raise explained(error, self._url) from error

    async def append(self, entry: Entry) -> Outcome:
        if entry.stream != self._stream:
            raise ValueError(f"{self._stream} is held; got an entry of {entry.stream}")
        if not self._held or is_gone(self._connection):
            return Conflict()
        outcome = await self._append(entry)
        self._held = isinstance(outcome, Duplicate)
        return outcome

    async def end(self) -> None:
        """Undo what was not committed, and let the stream go."""
        self._held = False
        if not is_gone(self._connection) and self._connection.is_in_transaction():
            try:
                await self._connection.execute("rollback")
            except DATABASE_ERRORS:
                drop(self._connection)

    async def _append(self, entry: Entry) -> Outcome:
        try:
            (outcome,) = await append_group(self._connection, [entry])
        except DATA_ERRORS as error:
            return Rejected(f"PostgreSQL refuses the data: {words(error)}")
        except (*CONTENTION_ERRORS, *_THROWN_OUT):
            return Conflict()
        except DATABASE_ERRORS as error:
            # Not committed, whatever happened: that is a statement of its own.
            drop(self._connection)
            return Unknown(f"PostgreSQL did not answer: {words(error)}")
        if isinstance(outcome, (Conflict, Duplicate)):
            return outcome
        try:
            await self._connection.execute("commit")
        except DATABASE_ERRORS as error:
            drop(self._connection)
            return Unknown(f"PostgreSQL did not answer: {words(error)}")
        return outcome

    def _check_held(self) -> None:
        if not self._held or is_gone(self._connection):
            raise JournalError(f"the stream {self._stream} is not held any more; take it again", retry=True)


_THROWN_OUT = (asyncpg.IdleInTransactionSessionTimeoutError, asyncpg.InFailedSQLTransactionError)
