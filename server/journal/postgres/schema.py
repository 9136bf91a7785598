"""The schema's version on PostgreSQL: checked at each start, changed by `palabre migrate`."""

import time

from server.journal.migrate import CREATE_TABLE, Migration, pending
from server.journal.port import JournalError
from server.journal.postgres.connection import Connection

# Any number, the same in all releases: "palabre" on a telephone's keys.
_ADVISORY_LOCK = 7252273


async def check(connection: Connection) -> None:
    """Raises JournalError when the database is not of this release, or only to be read."""
    if await connection.fetchval("show transaction_read_only") == "on":
        raise JournalError(
            "the database is read-only: a standby, or set so by its administrator; Palabre needs to write", retry=True
        )
    missing = pending("postgres", await _applied(connection))
    if missing:
        names = ", ".join(migration.name for migration in missing)
        raise JournalError(f"the database lacks {names}: run `palabre migrate` first", retry=False)


async def migrate(connection: Connection) -> list[Migration]:
    """Apply what is missing, all of it or nothing; what was applied. Waits for others who do the same."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _ADVISORY_LOCK)
        missing = pending("postgres", await _applied(connection))
        if missing:
            await connection.execute(CREATE_TABLE)
        for migration in missing:
            await connection.execute(migration.sql)
            await connection.execute(
                "insert into migrations (number, name, at) values ($1, $2, $3)",
                migration.number,
                migration.name,
                int(time.time() * 1000),
            )
        return missing


async def _applied(connection: Connection) -> int:
    if await connection.fetchval("select to_regclass('migrations')") is None:
        return 0
    number: int = await connection.fetchval("select coalesce(max(number), 0) from migrations")
    return number
