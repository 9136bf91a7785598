"""Tables written anew, so that nothing is in their files of what was taken out of them (SPEC O)."""

from typing import Any

import asyncpg
import pytest

from server.journal.port import InUse, JournalError
from server.journal.postgres.journal import PostgresJournal
from tests.contracts.journals import Place

FILES = "select relname, pg_relation_filenode(oid) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"


async def files(connection: Any) -> dict[str, int]:
    """In which file each table lies."""
    found: list[tuple[str, int]] = [tuple(row) for row in await connection.fetch(FILES)]
    return dict(found)


@pytest.mark.parametrize("partitioned", [False, True], ids=["whole", "in parts"])
async def test_O2_all_of_a_table_is_written_anew(database: str, partitioned: bool) -> None:
    place = Place(database, partitioned=partitioned)
    worker = await place.open()
    with pytest.raises(InUse):
        await PostgresJournal(database, rewriting=True).open()
    await worker.close()
    connection = await asyncpg.connect(database)
    try:
        before = await files(connection)
        journal = PostgresJournal(database, rewriting=True)
        await journal.open()
        await journal.compact()
        await journal.close()
        after = await files(connection)
        same = {name for name in before if before[name] == after[name]}
        nameless = {
            "streams",
            "codes",
            "facts",
            "grants",
            "listings",
            "checkpoints",
            "waiting",
            "wakeups",
            "migrations",
        }
        assert {name for name in same if not name.startswith("command_keys")} == nameless
    finally:
        await connection.close()


async def test_O2_a_table_of_another_user_is_named(database: str) -> None:
    """PostgreSQL would warn, and leave it as it is."""
    await (await Place(database).open()).close()
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("create role compacting login")
        try:
            await connection.execute("grant all on schema public to compacting")
            await connection.execute("grant select on all tables in schema public to compacting")
            journal = PostgresJournal(database.replace("palabre@", "compacting@"), rewriting=True)
            await journal.open()
            with pytest.raises(JournalError, match="commits cannot be rewritten by this user"):
                await journal.compact()
            await journal.close()
        finally:
            await connection.execute("drop owned by compacting")
            await connection.execute("drop role compacting")
    finally:
        await connection.close()
