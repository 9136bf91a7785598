"""How many appends the journal takes, and how long one waits: `python -m tests.bench.journal`.

Both databases on this machine's disk, every commit durable before it is answered. Each stream appends one commit after the
other, as a room does, so `streams` is how many appends wait together at most; `commands` is how many keys a commit has. With
`--busy` the event loop works for 4 ms of every 5 beside it, as a fan-out makes it. Absolute figures depend on the disk and on the machine's
other work: compare the lines. The last column is the commands a second over those of the first line of the database.
"""

import argparse
import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from server.journal.port import Appended, Commit, Entry
from server.journal.postgres.journal import PostgresJournal
from server.journal.sqlite.journal import SqliteJournal
from tests.services import Postgres

SHAPES = [(1, 1), (1, 32), (32, 1), (32, 32), (256, 4)]
COMMAND_BYTES = 150


@asynccontextmanager
async def opened(database: str, folder: Path) -> AsyncIterator[SqliteJournal | PostgresJournal]:
    if database == "sqlite":
        sqlite = SqliteJournal(folder / "palabre.db")
        await sqlite.open()
        yield sqlite
        await sqlite.close()
        return
    with Postgres(durable=True) as server:
        postgres = PostgresJournal(server.create_database(), migrate=True)
        await postgres.open()
        yield postgres
        await postgres.close()


async def fill(
    journal: SqliteJournal | PostgresJournal, stream: str, commands: int, until: float, waits: list[float]
) -> None:
    """Append commit after commit; what each waited, in seconds, goes to `waits`."""
    events = secrets.token_bytes(COMMAND_BYTES * commands)
    seq = 0
    while (began := time.perf_counter()) < until:
        seq += 1
        keys = tuple(secrets.token_bytes(16) for _ in range(commands))
        outcome = await journal.append(Entry(stream, "first", Commit(seq, 1, 0, events), keys))
        assert outcome == Appended(seq), outcome
        waits.append(time.perf_counter() - began)


async def work() -> None:
    while True:
        until = time.perf_counter() + 0.004
        while time.perf_counter() < until:
            pass
        await asyncio.sleep(0.001)


async def measure(database: str, seconds: float, busy: bool) -> None:
    first = 0.0
    with TemporaryDirectory() as folder:
        async with opened(database, Path(folder)) as journal:
            for number, (streams, commands) in enumerate(SHAPES):
                working = asyncio.create_task(work()) if busy else None
                waits: list[float] = []
                before = journal.transactions
                until = time.perf_counter() + seconds
                await asyncio.gather(
                    *(fill(journal, f"room:{number}.{n}", commands, until, waits) for n in range(streams))
                )
                if working:
                    working.cancel()
                waits.sort()
                each_second = len(waits) * commands / seconds
                first = first or each_second
                print(
                    f"{database:>8} {streams:>7} {commands:>8} {len(waits) / seconds:>9,.0f} {each_second:>10,.0f}"
                    f" {waits[len(waits) // 2] * 1000:>7.2f} {waits[int(len(waits) * 0.99)] * 1000:>7.2f}"
                    f" {len(waits) / (journal.transactions - before):>6.1f} {each_second / first:>6.1f} ×"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each line")
    parser.add_argument("--busy", action="store_true", help="keep the event loop at work beside it")
    chosen = parser.parse_args()
    print(
        f"{'':>8} {'streams':>7} {'commands':>8} {'appends/s':>9} {'commands/s':>10} {'p50 ms':>7} {'p99 ms':>7} {'group':>6}"
    )
    for database in ("sqlite", "postgres"):
        uvloop.run(measure(database, chosen.seconds, chosen.busy))


if __name__ == "__main__":
    main()
