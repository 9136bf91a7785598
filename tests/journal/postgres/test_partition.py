"""Large tables in partitions by stream. The contract suite runs on them too; here is what only the change itself can break."""

import asyncpg
import pytest

from server.journal.migrate import CREATE_TABLE, migrations
from server.journal.port import Appended, Duplicate, Row
from tests.contracts.journals import Place, entry, key, partition

LARGE = ("commits", "command_keys", "sealed", "public_rows")


async def rows(url: str, sql: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [str(row[0]) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def indexes(url: str) -> set[str]:
    named = "select indexname from pg_indexes where schemaname = 'public' and tablename = any"
    return set(await rows(url, f"{named} (array{list(LARGE)})"))


@pytest.mark.parametrize("times", [1, 2])
async def test_what_was_there_is_kept_and_goes_on(database: str, times: int) -> None:
    place = Place(database)
    try:
        journal = await place.open()
        first = key()
        assert await journal.append(entry("room:a", 1, first, events=b"kept")) == Appended(1)
        assert await journal.append(entry("room:b", 1)) == Appended(1)
        before = await indexes(database)
        await place.close()
        for _ in range(times):
            await partition(database)
        journal = await place.restart()
        assert [commit.events for commit in await journal.read("room:a", 0)] == [b"kept"]
        assert await journal.append(entry("room:a", 2, first)) == Duplicate({first: 1})
        assert await journal.append(entry("room:a", 2)) == Appended(2)
        assert await indexes(database) == before, "under the names that a later migration knows"
    finally:
        await place.close()


async def test_streams_are_spread_and_each_lies_in_one_part(database: str) -> None:
    place = Place(database, partitioned=True)
    try:
        journal = await place.open()
        for n in range(64):
            for seq in (1, 2):
                assert await journal.append(entry(f"room:{n}", seq)) == Appended(seq)
        for large in ("commits", "command_keys"):
            parts = await rows(database, f"select count(distinct tableoid) from {large}")
            assert int(parts[0]) > 8
            torn = f"select stream from {large} group by stream having count(distinct tableoid) > 1"
            assert await rows(database, torn) == []
    finally:
        await place.close()


@pytest.mark.parametrize("first", ["numbered", "partitioned"])
async def test_rows_are_numbered_once_whatever_came_first(database: str, first: str) -> None:
    """Neither partitioning nor the migration that numbers rows begins the numbers anew."""
    connection = await asyncpg.connect(database)
    await connection.execute(CREATE_TABLE)
    for migration in migrations("postgres")[:10]:
        await connection.execute(migration.sql)
        await connection.execute("insert into migrations values ($1, $2, 0)", migration.number, migration.name)
    sql = "insert into public_rows select 'room:' || n, 'idea:1', 'idea', 1, 'budget', '', 'x0budget' from generate_series(0, 9) as n"
    await connection.execute(sql)
    if first == "partitioned":
        await partition(database)
    place = Place(database, partitioned=True)
    try:
        journal = await place.open()
        names = [f"room:{n}" for n in range(20)]
        for name in names[10:]:
            assert await journal.append(entry(name, 1)) == Appended(1)
            assert await journal.project(name, f"first of {name}", 0, 1, [Row("idea:1", "idea", 1, "budget", b"")], [])
        found = await journal.search_many(names, "budget", None, 50)
        assert [each.stream for each in found[:10]] == names[:9:-1]
        assert sorted(each.bookmark.number for each in found) == list(range(1, 21))
    finally:
        await connection.close()
        await place.close()
