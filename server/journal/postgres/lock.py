"""Who else runs on this database: workers that hear each other over Redis may be many, one without Redis must be alone.

A session-level advisory lock says it: shared with Redis, exclusive without. It goes with its connection, so a killed worker leaves none.
Whoever rewrites the database has it alone, too, and a second lock that says so to those who are refused.
"""

from typing import Final, Literal

import asyncpg

from server.journal.port import InUse, JournalError
from server.journal.postgres.connection import Connection

Place = Literal["beside others", "alone", "rewriting"]

LOCK: Final = 0x70616C61
"""The letters of "pala" as an integer: a number of our own among all advisory locks of the database."""

REWRITING: Final = LOCK + 1

PATIENCE: Final = "1s"


async def enter(connection: Connection, place: Place) -> None:
    """Take this connection's place beside the other workers.

    Raises:
        InUse: somebody rewrites the database, or it is to be rewritten and somebody is there.
        JournalError: one without Redis is there, or would be the second.
    """
    take = "pg_advisory_lock_shared" if place == "beside others" else "pg_advisory_lock"
    try:
        # A moment's patience: PostgreSQL may still be about to notice that a killed predecessor is gone.
        await connection.execute(f"set lock_timeout = '{PATIENCE}'")
        await connection.fetchval(f"select {take}($1)", LOCK)
        if place == "rewriting":
            await connection.fetchval("select pg_advisory_lock($1)", REWRITING)
    except asyncpg.LockNotAvailableError:
        if not await connection.fetchval("select pg_try_advisory_lock_shared($1)", REWRITING):
            raise InUse(
                "this database is being rewritten (`palabre migrate --rewrite`, or `palabre erase --compact`); start again when that "
                "is done",
                rewriting=True,
            ) from None
        if place == "rewriting":
            raise InUse(
                "a Palabre runs on this database; stop all its processes, and rewrite it then", rewriting=False
            ) from None
        raise JournalError(
            "another Palabre runs on this database without hearing this one; expected REDIS_URL, the same for all of them",
            retry=False,
        ) from None
