"""Who else runs on this database: workers that hear each other over Redis may be many, one without Redis must be alone.

A session-level advisory lock says it: shared with Redis, exclusive without. It goes with its connection, so a killed worker leaves none.
"""

from typing import Final

import asyncpg

from server.journal.port import JournalError
from server.journal.postgres.connection import Connection

LOCK: Final = 0x70616C61
"""The letters of "pala" as an integer: a number of our own among all advisory locks of the database."""

PATIENCE: Final = "1s"


async def enter(connection: Connection, *, alone: bool) -> None:
    """Take this connection's place beside the other workers.

    Raises:
        JournalError: one without Redis is there, or would be the second.
    """
    take = "pg_advisory_lock" if alone else "pg_advisory_lock_shared"
    try:
        # A moment's patience: PostgreSQL may still be about to notice that a killed predecessor is gone.
        await connection.execute(f"set lock_timeout = '{PATIENCE}'")
        await connection.fetchval(f"select {take}($1)", LOCK)
    except asyncpg.LockNotAvailableError:
        raise JournalError(
            "another Palabre runs on this database without hearing this one; expected REDIS_URL, the same for all of them",
            retry=False,
        ) from None
