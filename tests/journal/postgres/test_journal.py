"""What only PostgreSQL has: a network, other workers, a server that stops."""

import asyncio
import re
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from msgspec.structs import replace

from server.journal.connect import migrate
from server.journal.port import Appended, Commit, Conflict, Duplicate, JournalError, Outcome, Rejected, Row, Unknown
from server.journal.postgres import projection
from server.journal.postgres.append import APPEND, WRITER_SETTINGS
from server.journal.postgres.journal import PostgresJournal
from tests.conftest import Spawn
from tests.contracts.journals import AT, entry
from tests.contracts.test_journal_projection import pages
from tests.services import Cable, Postgres
from tests.services.process import free_port

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[PostgresJournal]:
    journal = PostgresJournal(url, migrate=True)
    await journal.open()
    try:
        yield journal
    finally:
        await journal.close()


@pytest.fixture
def database(migrated: str) -> str:
    """Of this release's version; how it comes to it is tests/journal/test_connect.py's."""
    return migrated


@pytest.fixture
async def journal(database: str) -> AsyncIterator[PostgresJournal]:
    async with opened(database) as journal:
        yield journal


def through(cable_port: int, url: str) -> str:
    """The same database by way of another port."""
    host, _, name = url.rpartition("/")
    return f"{host.rpartition(':')[0]}:{cable_port}/{name}"


def port_of(url: str) -> int:
    return int(url.rpartition("/")[0].rpartition(":")[2])


async def until_appended(journal: PostgresJournal, stream: str, seq: int) -> None:
    """Append again as long as the outcome is Unknown, as a room does; the journal paces it."""
    while isinstance(outcome := await journal.append(entry(stream, seq)), Unknown):
        pass
    assert outcome == Appended(seq)


async def until_done(journal: PostgresJournal, stream: str, key: bytes) -> int:
    """Append a command behind the head until the journal says that it is done, as a room does that has not heard; the seq."""
    while True:
        head = (await journal.heads([stream]))[stream].seq
        match await journal.append(entry(stream, head + 1, key)):
            case Appended(seq):
                return seq
            case Duplicate(answers):
                answer = answers[key]
                assert isinstance(answer, int)
                return answer
            case outcome:
                assert isinstance(outcome, Conflict | Unknown)


async def refused(url: str) -> JournalError:
    journal = PostgresJournal(url)
    with pytest.raises(JournalError) as raised:
        await journal.open()
    return raised.value


async def test_a_database_that_is_down_at_open() -> None:
    port = free_port()
    error = await refused(f"postgresql://palabre:secret@127.0.0.1:{port}/palabre")
    assert f"PostgreSQL at 127.0.0.1:{port}/palabre" in str(error)
    assert "is it running, and reachable from here?" in str(error)
    assert "secret" not in str(error)
    assert error.retry


async def test_a_database_that_is_not_there(database: str) -> None:
    error = await refused(database + "_not")
    assert "create it, or check the name in DATABASE_URL" in str(error)
    assert not error.retry


async def test_a_database_that_may_only_be_read(database: str, journal: PostgresJournal, postgres: Postgres) -> None:
    assert await journal.append(entry("room:a", 1)) == Appended(1)
    name = database.rpartition("/")[2]
    postgres.query(f"alter database {name} set default_transaction_read_only = on")
    postgres.query(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
    while "read-only" not in (outcome := await journal.append(entry("room:a", 2))).reason:  # type: ignore[union-attr]
        assert isinstance(outcome, Unknown)
    assert len(await journal.read("room:a", 0)) == 1
    error = await refused(database)
    assert "read-only" in str(error)
    assert error.retry


class FullPostgres(Postgres):
    """No file of it may grow beyond a WAL segment: its writes fail in the kernel, as on a disk without room."""

    full = True

    def command(self) -> Sequence[str]:
        return (
            ["bash", "-c", 'ulimit -Sf 16384 && exec "$@"', "-", *super().command()] if self.full else super().command()
        )


async def test_a_full_disk_is_unknown_and_passes() -> None:
    with FullPostgres() as server:
        async with opened(server.create_database()) as journal:
            seq, outcome = 1, await journal.append(large := entry("room:a", 1, events=secrets.token_bytes(1024**2)))
            while outcome == Appended(seq) and seq < 40:
                seq += 1
                outcome = await journal.append(large := entry("room:a", seq, events=secrets.token_bytes(1024**2)))
            assert isinstance(outcome, Unknown), outcome
            assert "could not extend file" in outcome.reason
            assert len(await journal.read("room:a", 0)) == seq - 1
            assert await journal.append(entry("room:b", 1)) == Appended(1), "what fits goes on"
            server.full = False
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            while isinstance(outcome := await journal.append(large), Unknown):
                pass
            assert outcome == Appended(seq)


async def test_a_server_that_stops_and_comes_back() -> None:
    with Postgres() as server:
        async with opened(server.create_database()) as journal:
            await until_appended(journal, "room:a", 1)
            await asyncio.to_thread(server.stop)
            for _ in range(3):
                assert isinstance(await journal.append(entry("room:a", 2)), Unknown)
            for question in (journal.heads(["room:a"]), journal.read("room:a", 0), journal.behind("")):
                with pytest.raises(JournalError) as raised:
                    await question
                assert raised.value.retry
            with pytest.raises(JournalError):
                async with journal.exclusive("room:a"):
                    pass
            await asyncio.to_thread(server.start)
            await until_appended(journal, "room:a", 2)
            assert [commit.seq for commit in await journal.read("room:a", 0)] == [1, 2]
            async with journal.exclusive("room:a") as held:
                assert await held.append(entry("room:a", 3)) == Appended(3)


async def test_a_silent_network_has_a_deadline(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Cable(port_of(database)) as cable, opened(through(cable.port, database)) as journal:
        assert await journal.append(entry("room:a", 1)) == Appended(1)
        monkeypatch.setattr("server.journal.postgres.append.CLIENT_SECONDS", 0.2)
        cable.freeze()
        late = entry("room:a", 2)
        assert await journal.append(late) == Unknown("PostgreSQL did not answer: TimeoutError")
        # What the cable held back arrives now: that append may win, even after its head was read, or be cancelled on its way.
        cable.restore()
        assert await until_done(journal, "room:a", late.keys[0]) == 2
        await until_appended(journal, "room:a", 3)
        assert [commit.seq for commit in await journal.read("room:a", 0)] == [1, 2, 3]


class Severing:
    """Forwards to a server, but swallows its first answer that holds `at` and cuts both ends instead."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.at: bytes | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port: int = server.sockets[0].getsockname()[1]
        try:
            yield port
        finally:
            server.close()
            await asyncio.gather(*self.tasks)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.add(asyncio.create_task(self._forward(reader, writer)))

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self.target)

        async def questions() -> None:
            while chunk := await reader.read(65_536):
                to_server.write(chunk)
            to_server.close()

        async def answers() -> None:
            while chunk := await from_server.read(65_536):
                if self.at is not None and self.at in chunk:
                    self.at = None
                    writer.transport.abort()
                    return
                writer.write(chunk)
            writer.close()

        try:
            await asyncio.gather(questions(), answers(), return_exceptions=True)
        finally:
            for end in (to_server, writer):
                end.transport.abort()


@pytest.mark.parametrize("alone", [False, True], ids=["group", "alone"])
async def test_a_commit_that_landed_although_its_answer_was_lost(database: str, alone: bool) -> None:
    proxy = Severing(port_of(database))
    async with proxy.listening() as port, opened(through(port, database)) as journal:
        assert await journal.append(entry("room:a", 1)) == Appended(1)
        landed = entry("room:a", 2)
        outcome: Outcome
        if alone:
            async with journal.exclusive("room:a") as held:
                proxy.at = b"COMMIT"
                outcome = await held.append(landed)
        else:
            proxy.at = b"SELECT"
            outcome = await journal.append(landed)
        assert isinstance(outcome, Unknown)
        assert not proxy.at
        assert (await journal.heads(["room:a"]))["room:a"].seq == 2
        assert await journal.lookup("room:a", landed.keys) == {landed.keys[0]: 2}
        assert await journal.append(landed) == Conflict()
        assert await journal.append(entry("room:a", 3)) == Appended(3)


async def test_a_frozen_process_holds_nobody(
    postgres: Postgres, database: str, journal: PostgresJournal, spawn: Spawn
) -> None:
    """SIGSTOP of a worker that holds a stream."""

    def holders() -> str:
        of_this = f"datname = '{database.rpartition('/')[2]}' and state = 'idle in transaction'"
        return postgres.query(f"select count(*) from pg_stat_activity where {of_this}")

    await journal.append(entry("room:a", 1))
    child = await spawn(sys.executable, "-c", HOLDER, database, cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert await child.stdout.readline() == b"held\n"
    assert await journal.append(entry("room:a", 2)) == Conflict()
    assert await journal.append(entry("room:b", 1)) == Appended(1)
    assert await asyncio.to_thread(holders) == "1", "nobody waited until it was thrown out"
    async with journal.exclusive("room:a") as held:
        assert await held.append(entry("room:a", 2)) == Appended(2)
    assert await asyncio.to_thread(holders) == "0"


HOLDER = """
import asyncio, os, signal, sys
from server.journal.postgres.journal import PostgresJournal
from server.journal.postgres.append import APPEND, WRITER_SETTINGS

async def main():
    journal = PostgresJournal(sys.argv[1])
    await journal.open()
    async with journal.exclusive("room:a"):
        print("held", flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)

asyncio.run(main())
"""


async def test_a_foreign_lock_is_a_conflict_at_once(database: str, journal: PostgresJournal) -> None:
    await journal.append(entry("room:a", 1))
    other = await asyncpg.connect(database)
    async with other.transaction():
        await other.execute("select from streams where stream = 'room:a' for update")
        outcomes = await asyncio.gather(*map(journal.append, (entry("room:a", 2), entry("room:b", 1))))
        assert outcomes == [Conflict(), Appended(1)]
    assert await journal.append(entry("room:a", 2)) == Appended(2)
    await other.close()


async def test_projecting_and_saving_do_not_disturb_appends(database: str, journal: PostgresJournal) -> None:
    """What the projector and snapshots hold of a stream's row leaves appends alone, and waits for a redaction."""
    await journal.append(entry("room:a", 1))
    other = await asyncpg.connect(database)
    async with other.transaction():
        await other.execute("select from streams where stream = 'room:a' for key share")
        assert await journal.append(entry("room:a", 2)) == Appended(2)
    await other.close()


async def test_one_group_is_one_round_trip(database: str, journal: PostgresJournal, postgres: Postgres) -> None:
    await journal.append(entry("room:a", 1))
    name = database.rpartition("/")[2]
    # One statement: the transaction ids that it used say how many transactions there were.
    before = int(postgres.query("select txid_current()", name))
    outcomes = await asyncio.gather(*(journal.append(entry(f"room:{n}", 1)) for n in range(100)))
    assert outcomes == [Appended(1)] * 100
    assert int(postgres.query("select txid_current()", name)) - before <= 3


async def test_poison_is_found_by_halving(journal: PostgresJournal) -> None:
    good = [entry(f"room:{n:02}", 1) for n in range(63)]
    before = journal.transactions
    outcomes = await asyncio.gather(*(journal.append(each) for each in [*good, entry("room:poison", 1, at=-1)]))
    assert isinstance(outcomes.pop(), Rejected)
    assert outcomes == [Appended(1)] * 63
    assert journal.transactions - before <= 14, "6 halvings of 64"


async def test_no_append_reads_a_table_from_end_to_end(
    database: str, journal: PostgresJournal, postgres: Postgres
) -> None:
    """Whatever the planner believes of the size of a young database's tables."""
    settings = "".join(f"set {name} = '{value}';" for name, value in WRITER_SETTINGS.items())
    plan = postgres.query(f"{settings} explain (generic_plan) {APPEND}", database.rpartition("/")[2])
    for table in ("streams", "command_keys"):
        assert re.search(rf"Index (Only )?Scan (using|on) {table}_pkey", plan)
    assert "Seq Scan" not in plan


async def test_nothing_is_left_open(database: str, postgres: Postgres) -> None:
    await migrate(database)
    async with opened(database) as journal:
        await asyncio.gather(*(journal.read("room:a", 0) for _ in range(20)), journal.append(entry("room:a", 1)))
    count = f"select count(*) from pg_stat_activity where datname = '{database.rpartition('/')[2]}'"
    while int(postgres.query(count)):
        pass


async def test_a_renewal_brings_back_nothing_that_was_blanked_meanwhile(
    journal: PostgresJournal, database: str, postgres: Postgres
) -> None:
    """Another process redacts between its reading and its writing."""
    await journal.append(entry("room:a", 1, events=b"secret"))
    seen = []

    def change(commit: Commit) -> Commit:
        seen.append(commit.events)
        if len(seen) == 1:
            sql = "update commits set events = 'blank'; update streams set incarnation = 'another'"
            postgres.query(sql, database.rpartition("/")[2])
        return replace(commit, format=5)

    await journal.renew("room:a", 5, change, lambda sealed: sealed)
    assert seen == [b"secret", b"blank"]
    assert await journal.read("room:a", 0) == [Commit(1, 5, AT, b"blank")]


@pytest.mark.parametrize(("few", "newest"), [(2000, 4), (0, 4), (0, 1)])
async def test_however_rows_are_gathered_the_same_are_found(
    journal: PostgresJournal, database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, few: int, newest: int
) -> None:
    """All that a reader has, the newest blocks of numbers, and what lies before them."""
    monkeypatch.setattr(projection, "_FEW", few)
    monkeypatch.setattr(projection, "_NEWEST_BLOCKS", newest)
    name = database.rpartition("/")[2]
    streams = [f"room:{n}" for n in range(3)]
    # Around the ends of blocks of 4,096 numbers.
    for seq, number in enumerate((1, 4090, 8190, 20_479, 40_000), start=1):
        postgres.query(f"select setval('public_rows_number', {number})", name)
        for stream in streams:
            assert await journal.append(entry(stream, seq)) == Appended(seq)
            rows = [
                Row(f"idea:{seq}:{n}", "idea", n, text, b"") for n, text in enumerate(("budget", "budgets", "budget"))
            ]
            assert await journal.project(stream, f"first of {stream}", seq - 1, seq, rows, [])
    expected = [
        (seq, stream, n)
        for which in ((2, 0), (1,))
        for seq in range(5, 0, -1)
        for stream in ("room:2", "room:0")
        for n in which
    ]
    for limit in (1, 2, 7, 50):
        found = [
            (int(each.row.id.split(":")[1]), each.stream, each.row.n)
            async for page in pages(journal, ["room:0", "room:2", "room:9"], "budget", limit)
            for each in page
        ]
        assert found == expected, limit


async def test_a_row_that_is_put_again_takes_no_number(
    journal: PostgresJournal, database: str, postgres: Postgres
) -> None:
    """Or the newest blocks would hold next to nothing, once the index was made anew."""
    name = database.rpartition("/")[2]
    assert await journal.append(entry("room:a", 1)) == Appended(1)
    rows = [Row(f"idea:{n}", "idea", n, "budget", b"") for n in range(100)]
    for more in range(1, 4):
        await journal.unproject("room:a")
        assert await journal.project("room:a", "first of room:a", 0, 1, rows[: 50 + more], [])
    assert (
        postgres.query(
            "select last_value, count(distinct number), max(number) from public_rows_number, public_rows group by 1",
            name,
        )
        == "53|53|53"
    )


async def test_no_search_of_many_streams_walks_rows_by_their_number(database: str, postgres: Postgres) -> None:
    """It would not end where none of them holds the words: there is no such index."""
    await migrate(database)
    sql = "select count(*) from pg_indexes where tablename = 'public_rows' and indexdef ~ 'btree.*number'"
    assert postgres.query(sql, database.rpartition("/")[2]) == "0"
