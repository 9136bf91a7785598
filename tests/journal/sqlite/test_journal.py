"""What only SQLite has: one process, a file, a disk."""

import asyncio
import os
import pwd
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from msgspec.structs import replace

from server.journal.connect import holder
from server.journal.migrate import CREATE_TABLE, migrations
from server.journal.port import Appended, JournalError, Membership, Part, Row, Sealed, Unknown
from server.journal.sqlite import journal as sqlite
from server.journal.sqlite import projection
from server.journal.sqlite.file import Holder
from server.journal.sqlite.journal import SqliteJournal
from server.journal.words import scope
from tests.conftest import Spawn
from tests.contracts.journals import entry, key

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "palabre.db"


@pytest.fixture
async def journal(path: Path) -> AsyncIterator[SqliteJournal]:
    journal = SqliteJournal(path)
    await journal.open()
    yield journal
    await journal.close()


async def refused(path: Path) -> JournalError:
    """The error that opening the file raises."""
    with pytest.raises(JournalError) as raised:
        await SqliteJournal(path).open()
    return raised.value


async def test_a_second_server_on_the_file_is_refused(path: Path, journal: SqliteJournal) -> None:
    error = await refused(path)
    assert str(error) == (
        f"another Palabre runs on this file: {path} (process {os.getpid()}); several workers need PostgreSQL and Redis"
    )
    assert not error.retry
    assert holder(f"sqlite:///{path}") == Holder(str(os.getpid()), rewriting=False)
    await journal.close()
    assert holder(f"sqlite:///{path}") is None, "whoever had it is gone, and its lock file is left"
    again = SqliteJournal(path)
    await again.open()
    await again.close()


CHILD = """
import asyncio, itertools, sys
from pathlib import Path
from server.journal.sqlite.journal import SqliteJournal
from tests.conftest import Spawn
from tests.contracts.journals import entry

async def main():
    journal = SqliteJournal(Path(sys.argv[1]))
    await journal.open()
    async def fill(room):
        for seq in itertools.count(1):
            print(room, (await journal.append(entry(room, seq))).seq, flush=True)
    await asyncio.gather(fill("room:a"), fill("room:b"))

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_kill_9(path: Path, spawn: Spawn) -> None:
    child = await spawn(
        sys.executable,
        "-c",
        CHILD,
        str(path),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    lines = [await child.stdout.readline() for _ in range(100)]
    assert str(child.pid) in str(await refused(path))
    child.send_signal(signal.SIGKILL)
    lines += (await child.stdout.read()).splitlines(keepends=True)
    await child.wait()

    acknowledged = {room: int(seq) for room, seq in (line.decode().split() for line in lines if line.endswith(b"\n"))}
    journal = SqliteJournal(path)
    await journal.open()
    for room, seq in acknowledged.items():
        assert [commit.seq for commit in await journal.read(room, 0)][:seq] == list(range(1, seq + 1))
    await journal.close()


async def test_a_full_disk_is_unknown_and_passes(journal: SqliteJournal) -> None:
    await journal.append(entry("room:a", 1))
    await journal._run(lambda connection: connection.execute("pragma max_page_count = 60").fetchone())
    full = entry("room:a", 2, events=bytes(1_000_000))
    outcome = await journal.append(full)
    assert outcome == Unknown("SQLite could not write: database or disk is full")
    rows = [Row("idea:1", "idea", 1, "word " * 100_000, b"")]
    incarnation = (await journal.heads(["room:a"]))["room:a"].incarnation
    with pytest.raises(JournalError, match="free some space") as raised:
        await journal.project("room:a", incarnation, 0, 1, rows, [])
    assert raised.value.retry
    assert len(await journal.read("room:a", 0)) == 1
    assert await journal.append(entry("room:b", 1)) == Appended(1), "what fits goes on"
    await journal._run(lambda connection: connection.execute("pragma max_page_count = 1000000").fetchone())
    assert await journal.append(full) == Appended(2)


async def test_a_file_that_another_program_holds_is_unknown(path: Path, journal: SqliteJournal) -> None:
    await journal._run(lambda connection: connection.execute("pragma busy_timeout = 1").fetchone())
    other = sqlite3.connect(path)
    other.execute("begin immediate")
    assert await journal.append(entry("room:a", 1)) == Unknown("SQLite could not write: database is locked")
    other.close()
    assert await journal.append(entry("room:a", 1)) == Appended(1)


@contextmanager
def without_rights() -> Iterator[None]:
    """As a user who owns nothing; root may write everywhere, whatever a file's mode says."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    yield
    os.seteuid(was)


async def test_what_may_only_be_read_is_refused() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "palabre.db"
        journal = SqliteJournal(path)
        await journal.open()
        await journal.close()
        path.chmod(0o444)
        lock = Path(f"{path}.lock")

        lock.chmod(0o444)
        path.parent.chmod(0o555)
        with without_rights():
            assert "give this user the folder" in str(await refused(path))
        lock.chmod(0o666)
        with without_rights():
            error = await refused(path)
        assert "give this user the right to write the file and its folder" in str(error)
        assert not error.retry
        path.parent.chmod(0o755)


async def test_a_file_of_something_else_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"a letter to the committee, " * 100)
    assert "the file holds something else" in str(await refused(path))
    assert path.read_bytes().startswith(b"a letter"), "and is left alone"


async def test_a_damaged_file_is_refused(path: Path, journal: SqliteJournal) -> None:
    await asyncio.gather(*(journal.append(entry(f"room:{n}", 1, events=bytes(500))) for n in range(200)))
    await journal.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    error = await refused(path)
    assert "restore a backup" in str(error)
    assert not error.retry


async def test_a_database_of_a_newer_version_is_refused_by_name(path: Path, journal: SqliteJournal) -> None:
    await journal.close()
    with sqlite3.connect(path) as connection:
        connection.execute("insert into migrations values (907, '0907_flying_rooms.sql', 0)")
    connection.close()
    error = await refused(path)
    assert "version 907, made by a newer Palabre; this one knows versions up to" in str(error)
    assert not error.retry


async def test_what_is_redacted_is_on_the_disk_no_more(path: Path, journal: SqliteJournal) -> None:
    secret = "Clandestine"
    for seq in range(1, 20):
        leaving = Sealed(f"message:{seq}", 4, secret.encode())
        await journal.append(entry("room:a", seq, events=secret.encode() * 200)._replace(sealed=(leaving,)))
    incarnation = (await journal.heads(["room:a"]))["room:a"].incarnation
    rows = [Row(f"idea:{n}", "idea", n, secret, secret.encode()) for n in range(50)]
    assert await journal.project("room:a", incarnation, 0, 19, rows, [])
    assert await journal.project("room:a", incarnation, 19, 20, rows[:10], [row.id for row in rows[10:]])

    def on_disk() -> set[str]:
        found = set()
        for file in path.parent.iterdir():
            content = file.read_bytes().lower()
            found |= {file.name for word in (secret.lower().encode(), b"clandestin") if word in content}
        return found

    assert on_disk()
    await journal.redact(
        "room:a", lambda commit: replace(commit, events=b""), lambda sealed: sealed._replace(entity=b"")
    )
    assert on_disk() == set()


async def test_O5_what_a_part_held_is_on_the_disk_no_more_once_it_is_purged(
    path: Path, journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words of one stream lie among those of all others, in an index that is merged while it is written."""
    monkeypatch.setattr(projection, "MERGED", 1)
    secret = "Clandestine"
    for seq in range(1, 10):
        leaving = (Sealed(f"message:{seq}", 4, secret.encode()),)
        member = (Membership(f"member:{secret}", "host", 1),) if seq == 1 else ()
        await journal.append(entry("room:a", seq, events=secret.encode())._replace(sealed=leaving, memberships=member))
    head = (await journal.heads(["room:a"]))["room:a"]
    for n in range(40):
        rows = [
            Row(f"idea:{n}-{m}", "idea", m, f"{secret if m % 9 == 0 else 'Publique'} {n} {m}", secret.encode())
            for m in range(50)
        ]
        assert await journal.project("room:a", head.incarnation, n, n + 1, rows, [])
    part = Part(
        head,
        list(range(1, 10)),
        [f"message:{seq}" for seq in range(1, 10)],
        [f"idea:{n}-{m}" for n in range(40) for m in range(50)],
        [f"member:{secret}"],
    )

    def on_disk() -> set[str]:
        contents = {file.name: file.read_bytes().lower() for file in path.parent.iterdir()}
        return {name for name, content in contents.items() if b"clandestin" in content}

    await journal.redact(
        "room:a",
        lambda commit: replace(commit, events=b""),
        lambda sealed: sealed._replace(entity=b""),
        lambda row: row._replace(text=row.text.replace(secret, ""), record=b""),
        part,
    )
    assert on_disk()
    await journal.purge()
    assert on_disk() == set()
    assert len(await journal.search("room:a", "publique", 0, 9999)) == 40 * 44


async def test_a_redaction_waits_for_whoever_reads_the_file(
    path: Path, journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup or a shell reads a state of before: the write-ahead log cannot be cut, and what was blanked stays in it."""
    secret = b"Clandestine"
    log = path.with_name(f"{path.name}-wal")
    await journal.append(entry("room:a", 1, events=secret))

    def redact() -> Awaitable[str]:
        return journal.redact("room:a", lambda commit: replace(commit, events=b""), lambda sealed: sealed)

    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("begin").execute("select * from commits").fetchall()
        monkeypatch.setattr(sqlite, "LOG_SECONDS", 0)
        with pytest.raises(JournalError, match="another program reads the file") as error:
            await redact()
        assert error.value.retry
        assert secret in log.read_bytes() + path.read_bytes()
        assert [commit.events for commit in await journal.read("room:a", 0)] == [b""]
        # Nobody else waits for that program.
        assert await asyncio.wait_for(journal.append(entry("room:b", 1)), 60) == Appended(1)
        monkeypatch.setattr(sqlite, "LOG_SECONDS", 60)
        waiting = asyncio.ensure_future(redact())
        await asyncio.sleep(0)
        reader.execute("rollback")
        await waiting
    assert secret not in log.read_bytes() + path.read_bytes()


async def test_an_append_that_nobody_waits_for_is_made(journal: SqliteJournal) -> None:
    waiting = asyncio.create_task(journal.append(entry("room:a", 1)))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await journal.append(entry("room:a", 2)) == Appended(2)


async def test_closing_finishes_what_waits(path: Path) -> None:
    journal = SqliteJournal(path)
    await journal.open()
    waiting = [asyncio.create_task(journal.append(entry(f"room:{n}", 1, key()))) for n in range(50)]
    await asyncio.sleep(0)
    await journal.close()
    assert await asyncio.gather(*waiting) == [Appended(1)] * 50


async def test_Q2_a_projection_in_the_words_of_an_older_release_is_made_anew(path: Path) -> None:
    """It would be searched in other words than it is kept in, and some of it never be found."""
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as connection:
        connection.execute(CREATE_TABLE)
        for migration in migrations("sqlite")[:3]:
            connection.executescript(migration.sql)
            connection.execute("insert into migrations values (?, ?, 0)", (migration.number, migration.name))
        connection.execute("insert into streams (stream, head) values ('room:a', 1)")
        connection.execute("insert into commits values ('room:a', 1, 1, 1, x'90')")
        connection.execute("insert into projections values ('room:a', 1)")
        connection.execute("insert into public_rows values (1, 'room:a', 'idea:1', 'idea', 1, 'Łódź', x'00')")
        connection.execute("insert into public_words (rowid, words) values (1, ?)", (f"{scope('room:a')} x0old",))
    connection.close()
    journal = SqliteJournal(path)
    await journal.open()
    (lag,) = await journal.behind("")
    assert (lag.stream, lag.projected) == ("room:a", 0)
    assert await journal.page("room:a", "idea", None, 10) == []
    row = Row("idea:1", "idea", 1, "Łódź", b"")
    assert await journal.project("room:a", lag.head.incarnation, 0, 1, [row], [])
    assert await journal.search("room:a", "lodz", 0, 10) == [row]
    assert await journal.search("room:a", "old", 0, 10) == []
    await journal.close()
