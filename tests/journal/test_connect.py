"""From a URL to a journal, and the CLI's migration."""

import asyncio
from pathlib import Path

import pytest

from server.journal.connect import connect, migrate
from server.journal.port import JournalError
from server.journal.postgres.journal import PostgresJournal
from server.journal.sqlite.journal import SqliteJournal
from tests.services import Postgres


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/palabre.db", "data/palabre.db"),
        ("sqlite:////srv/palabre.db", "/srv/palabre.db"),
        ("sqlite:///with%20space.db", "with space.db"),
    ],
)
def test_a_sqlite_url_names_a_file(url: str, path: str) -> None:
    journal = connect(url)
    assert isinstance(journal, SqliteJournal)
    assert journal.path == Path(path)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_postgres_url(scheme: str) -> None:
    assert isinstance(connect(f"{scheme}://palabre:secret@localhost/palabre"), PostgresJournal)


@pytest.mark.parametrize(
    "url",
    ["", "palabre.db", "mysql://root:secret@host/db", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://a/b"],
)
def test_any_other_url_is_refused_with_what_was_expected(url: str) -> None:
    with pytest.raises(JournalError, match="expected sqlite:///") as raised:
        connect(url)
    assert "secret" not in str(raised.value)


async def test_migrating_tells_what_it_did(tmp_path: Path, database: str) -> None:
    for url in (f"sqlite:///{tmp_path}/palabre.db", database):
        assert (await migrate(url))[0] == "0001_journal.sql"
        assert await migrate(url) == []


async def test_postgres_is_migrated_by_the_release_not_by_a_worker(database: str, postgres: Postgres) -> None:
    journal = PostgresJournal(database)
    with pytest.raises(JournalError, match=r"lacks 0001_journal.sql.*run `palabre migrate` first") as raised:
        await journal.open()
    assert not raised.value.retry
    willing = PostgresJournal(database, migrate=True)
    await willing.open()
    await willing.close()

    name = database.rpartition("/")[2]
    postgres.query("insert into migrations values (907, '0907_flying_rooms.sql', 0)", name)
    for refuses in (journal.open(), migrate(database)):
        with pytest.raises(JournalError, match="version 907, made by a newer Palabre") as raised:
            await refuses
        assert not raised.value.retry


async def test_workers_that_migrate_at_the_same_time_wait_for_each_other(database: str) -> None:
    done = await asyncio.gather(*(migrate(database) for _ in range(4)))
    assert sorted(map(bool, done)) == [False, False, False, True]
