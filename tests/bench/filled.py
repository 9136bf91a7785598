"""Databases that hold much before anybody is served: filled in tables, not commit by commit, and then opened as a server does."""

import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import asyncpg

from server.journal.connect import migrate
from server.journal.port import Journal
from server.journal.postgres.journal import PostgresJournal
from server.journal.sqlite.journal import SqliteJournal
from tests.services import Postgres


@asynccontextmanager
async def on_sqlite(fill: Callable[[sqlite3.Connection], None]) -> AsyncIterator[Journal]:
    """A file that `fill` has written into, in one transaction."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "palabre.sqlite"
        await migrate(f"sqlite:///{path}")
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute("pragma synchronous = off")
            database.execute("begin")
            fill(database)
            database.execute("commit")
        journal = SqliteJournal(path)
        await journal.open()
        yield journal
        await journal.close()


@asynccontextmanager
async def on_postgres(rows: int, fill: Callable[[asyncpg.Connection], Awaitable[None]]) -> AsyncIterator[Journal]:
    """A database that `fill` has written into: rows first, of the index so many, then the index of their words, as a backup is restored."""
    # With the memory that PostgreSQL takes for itself by default.
    with Postgres(settings={"shared_buffers": "128MB", "max_wal_size": "4GB"}) as server:
        url = server.create_database()
        await migrate(url)
        connection = await asyncpg.connect(url)
        index = await connection.fetchval("select pg_get_indexdef('public_rows_words'::regclass)")
        await connection.execute("drop index public_rows_words")
        await fill(connection)
        await connection.execute("set maintenance_work_mem = '512MB'")
        await connection.execute(index)
        await connection.fetchval("select setval('public_rows_number', $1)", rows)
        await connection.execute("vacuum analyze")
        await connection.close()
        journal = PostgresJournal(url)
        await journal.open()
        yield journal
        await journal.close()
