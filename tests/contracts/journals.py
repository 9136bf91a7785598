"""Journals for the contract suite: one place, SQLite or PostgreSQL, opened as often as its adapter allows."""

import secrets
from pathlib import Path
from typing import TypeAlias

import asyncpg

from server.journal.connect import migrate
from server.journal.port import Commit, Entry
from server.journal.postgres.journal import PostgresJournal
from server.journal.sqlite.journal import SqliteJournal

AnyJournal: TypeAlias = SqliteJournal | PostgresJournal

PARTITION = Path(__file__).parents[2] / "server/journal/postgres/partition.sql"

AT = 1_760_000_000_000


class Place:
    """Where a journal lies.

    Arguments:
        where: a file that need not exist, or the URL of an empty PostgreSQL database.
        partitioned: whether its large tables are (`server/journal/postgres/partition.sql`).
    """

    def __init__(self, where: Path | str, *, partitioned: bool = False) -> None:
        self.where = where
        self.partitioned = partitioned
        self.opened: list[AnyJournal] = []

    @property
    def is_shared(self) -> bool:
        """Whether several workers may open it."""
        return isinstance(self.where, str)

    @property
    def url(self) -> str:
        return self.where if isinstance(self.where, str) else f"sqlite:///{self.where}"

    async def open(self) -> AnyJournal:
        """The first opening brings the database to its version."""
        if not self.opened:
            await migrate(self.url)
            if self.partitioned:
                await partition(self.url)
        journal: AnyJournal
        journal = PostgresJournal(self.where) if isinstance(self.where, str) else SqliteJournal(self.where)
        await journal.open()
        self.opened.append(journal)
        return journal

    async def another(self) -> AnyJournal:
        """The journal of another worker; on SQLite, where there is no other, the same."""
        return await self.open() if self.is_shared else self.opened[-1]

    async def restart(self) -> AnyJournal:
        """Close all and open one."""
        await self.close()
        return await self.open()

    async def close(self) -> None:
        for journal in self.opened:
            await journal.close()


async def partition(url: str) -> None:
    """As an administrator does, behind the migration."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(PARTITION.read_text())
    finally:
        await connection.close()


def key() -> bytes:
    """A key that nobody has used."""
    return secrets.token_bytes(16)


def entry(stream: str, seq: int, *keys: bytes, events: bytes = b"events", at: int = AT) -> Entry:
    """A commit of one command, or of the commands with these keys, decided on a history that was never rewritten."""
    return Entry(stream, f"first of {stream}", Commit(seq, 1, at, events), keys or (key(),))
