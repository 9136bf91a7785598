"""Databases for the commands that look through all of one, and what older releases wrote into them."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from server.journal.connect import connect, migrate
from server.journal.port import Appended, Commit, Entry, Journal, Sealed
from server.live.layers import Layers
from server.model.events import FORMAT
from server.workshop.model import WORKSHOP
from tests.contracts.journals import key
from tests.services.process import HUNG

ROOT = Path(__file__).parents[2]
GOLDEN = {n: json.loads((ROOT / f"tests/model/golden/format-{n}.json").read_text()) for n in range(1, FORMAT + 1)}
SECRET = "a secret of the tests, the same in every server of a run"
FRENCH = {"LANG": "fr_FR.UTF-8", "LC_ALL": "fr_FR.UTF-8"}


class Place(NamedTuple):
    """A database, and the environment in which a command finds it."""

    url: str
    environ: dict[str, str]

    def command(self) -> list[str]:
        return [sys.executable, "-m", "server", "migrate", "--rewrite"]

    def rewrite(self, **changes: str) -> subprocess.CompletedProcess[str]:
        environ = self.environ | changes
        return subprocess.run(self.command(), env=environ, capture_output=True, text=True, timeout=HUNG)

    @asynccontextmanager
    async def journal(self) -> AsyncIterator[Journal]:
        await migrate(self.url)
        journal = connect(self.url)
        await journal.open()
        try:
            yield journal
        finally:
            await journal.close()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What another program sees in the database at this moment."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as connection:
                return connection.execute(sql).fetchall()

        async def ask() -> list[tuple[Any, ...]]:
            connection = await asyncpg.connect(self.url)
            try:
                return [tuple(row) for row in await connection.fetch(sql)]
            finally:
                await connection.close()

        return asyncio.run(ask())


async def write(journal: Journal, stream: str, commits: Sequence[tuple[int, int, bytes]]) -> None:
    """Commits (format, at, events) as releases of then wrote them, with what they sealed."""
    layers = Layers(WORKSHOP)
    for seq, (format, at, raw) in enumerate(commits, 1):
        events = WORKSHOP.events.decode(format, raw)
        sealed = tuple(
            Sealed(id, format, WORKSHOP.pack_entity(layers.state[id]))
            for event in events
            for id in event.seals
            if id in layers.state
        )
        entry = Entry(stream, f"first of {stream}", Commit(seq, format, at, raw), (key(),), sealed)
        assert await journal.append(entry) == Appended(seq)
        layers.take(events, seq, at)


def golden(n: int) -> list[tuple[int, int, bytes]]:
    return [(n, commit["at"], bytes.fromhex(commit["hex"])) for commit in GOLDEN[n]["commits"]]


async def write_golden(journal: Journal) -> dict[int, str]:
    streams = {n: f"room:of-format-{n}" for n in GOLDEN}
    for n, stream in streams.items():
        await write(journal, stream, golden(n))
    return streams
