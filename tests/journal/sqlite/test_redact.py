"""A redaction on SQLite, slice by slice: whole or not at all, whoever reads, writes or dies meanwhile (SPEC O5)."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from server.journal.port import Appended, Head, JournalError, Membership, Part, Row, Sealed
from server.journal.redaction import SLICE
from server.journal.sqlite.journal import SqliteJournal
from server.journal.sqlite.redact import REWRITTEN, place
from tests.contracts.journals import entry

MANY = SLICE + 50
STREAM, OTHERS = "room:a", "room:b"
SECRET = "Clandestine"
MOST = 18
"""Steps of a redaction of it, and some more are behind these."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "palabre.db"


@pytest.fixture
async def journal(path: Path) -> AsyncIterator[SqliteJournal]:
    journal = SqliteJournal(path)
    await journal.open()
    yield journal
    await journal.close()


async def fill(journal: SqliteJournal) -> Part:
    """A stream in which each commit, what it sealed and its row say something, and what a redaction of all of it is about."""

    def put(connection: sqlite3.Connection) -> None:
        raw, numbers = SECRET.encode(), range(1, MANY + 1)
        connection.execute("insert into streams values (?, ?, 'first', 1)", (STREAM, MANY))
        connection.executemany("insert into commits values (?, ?, 1, 1, ?)", ((STREAM, n, raw) for n in numbers))
        sql = "insert into sealed (stream, id, format, entity) values (?, ?, 1, ?)"
        connection.executemany(sql, ((STREAM, f"message:{n:04}", raw) for n in numbers))

    await journal.change(put)
    ids = [f"{n:04}" for n in range(1, MANY + 1)]
    rows = [Row(f"idea:{n}", "idea", int(n), f"{SECRET} {n}", SECRET.encode()) for n in ids]
    assert await journal.project(STREAM, "first", 0, MANY, rows, [])
    members = [Membership("member:anna", "host", 1)]
    assert await journal.enrol(STREAM, Head(MANY, "first"), members)
    assert await journal.append(entry(OTHERS, 1)) == Appended(1)
    return Part(
        Head(MANY, "first"),
        range(1, MANY + 1),
        [f"message:{n}" for n in ids],
        [f"idea:{n}" for n in ids],
        ["member:anna"],
    )


async def redacted(journal: SqliteJournal, part: Part) -> str:
    return await journal.redact(
        STREAM,
        lambda commit: replace(commit, events=b"-"),
        lambda sealed: sealed._replace(entity=b"-"),
        # Every third goes.
        lambda row: None if row.n % 3 == 0 else row._replace(text=row.text.replace(SECRET, "Publique"), record=b"-"),
        part,
    )


class Seen(NamedTuple):
    """What of a stream is said, and how much of it: never some of what was and some of what is."""

    commits: set[bytes]
    sealed: set[bytes]
    records: set[bytes]
    found: tuple[int, int]
    is_in: bool


BEFORE = Seen({SECRET.encode()}, {SECRET.encode()}, {SECRET.encode()}, (MANY, 0), True)
AFTER = Seen({b"-"}, {b"-"}, {b"-"}, (0, MANY - MANY // 3), False)


async def seen(journal: SqliteJournal, part: Part) -> Seen:
    return Seen(
        {commit.events for commit in await journal.read(STREAM, 0)},
        {each.entity for each in (await journal.sealed(STREAM, part.sealed)).values()},
        {row.record for row in await journal.page(STREAM, "idea", None, MANY)},
        (
            len(await journal.search(STREAM, SECRET, 0, MANY)),
            len(await journal.search(STREAM, "publique", 0, MANY)),
        ),
        (await journal.standing("member:anna", STREAM)).role is not None,
    )


def left_over(path: Path) -> int:
    """Rows of what is prepared for a redaction."""
    with closing(sqlite3.connect(path)) as connection:
        tables = (*REWRITTEN, "rewriting")
        return sum(connection.execute(f"select count(*) from {table}").fetchone()[0] for table in tables)


async def test_O5_other_streams_are_written_into_between_its_slices(journal: SqliteJournal) -> None:
    redacting, seq = asyncio.ensure_future(redacted(journal, await fill(journal))), 1
    while not redacting.done():
        seq += 1
        assert await journal.append(entry(OTHERS, seq)) == Appended(seq)
    await redacting
    # Of 250 rows 25 at a time, and what was before them.
    assert seq > 10


async def test_O5_whoever_looks_meanwhile_sees_all_of_it_or_nothing(path: Path, journal: SqliteJournal) -> None:
    part = await fill(journal)
    assert await seen(journal, part) == BEFORE
    redacting, looks = asyncio.ensure_future(redacted(journal, part)), list[Any]()
    while not redacting.done():
        looks += await asyncio.gather(journal.read(STREAM, 0), journal.read_many({STREAM: 0, OTHERS: 0}))
    incarnation = await redacting
    for look in looks:
        commits = look if isinstance(look, list) else look[STREAM]
        assert {commit.events for commit in commits} in ({b"-"}, {SECRET.encode()})
    assert await seen(journal, part) == AFTER
    assert await journal.heads([STREAM]) == {STREAM: Head(MANY, incarnation)}
    assert left_over(path) == 0
    await journal.purge()
    assert not any(SECRET.lower().encode() in file.read_bytes().lower() for file in path.parent.iterdir())


async def test_O5_what_is_projected_meanwhile_is_not_overwritten(journal: SqliteJournal) -> None:
    part = await fill(journal)
    redacting = asyncio.ensure_future(redacted(journal, part))
    await asyncio.sleep(0)
    stale = journal.project(STREAM, "first", MANY, MANY, [Row("idea:0001", "idea", 1, "tard", b"late")], [])
    blank = journal.reproject(STREAM, lambda row: row._replace(text="", record=b"gone"), ["idea:0002"])
    projected, _ = await asyncio.gather(stale, blank)
    assert not projected
    await redacting
    rows = {row.id: (row.text, row.record) for row in await journal.page(STREAM, "idea", None, MANY)}
    assert rows["idea:0001"] == ("Publique 0001", b"-")
    assert rows["idea:0002"] == ("", b"gone")


async def test_O5_who_asked_and_waits_no_more_has_asked(path: Path, journal: SqliteJournal) -> None:
    part = await fill(journal)
    redacting = asyncio.ensure_future(redacted(journal, part))
    await asyncio.sleep(0)
    redacting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await redacting
    assert await seen(journal, part) == AFTER
    assert left_over(path) == 0


class Killed(BaseException):
    pass


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_O5_killed_at_whatever_step_it_is_as_before_or_done(tmp_path: Path, after: bool) -> None:
    """The next process puts in its place what held already, and knows nothing of the rest."""
    at, steps, states = 0, 1, list[Seen]()
    while at < steps:
        at, path = at + 1, tmp_path / f"{at}" / "palabre.db"
        journal = SqliteJournal(path)
        await journal.open()
        part = await fill(journal)
        change, count = journal.change, 0

        async def mortal(function: Callable[[sqlite3.Connection], Any], change: Any = change, dies: int = at) -> Any:
            nonlocal count
            count += 1
            if count > dies or (count == dies and not after):
                raise Killed
            answer = await change(function)
            if count == dies:
                raise Killed
            return answer

        journal.change = mortal  # type: ignore[method-assign]
        try:
            await redacted(journal, part)
        except Killed:
            steps = at + 1
        await journal.close()
        journal = SqliteJournal(path)
        await journal.open()
        states.append(await seen(journal, part))
        assert states[-1] in (BEFORE, AFTER), at
        assert left_over(path) == 0
        if states[-1] == BEFORE:
            await redacted(journal, part)
        await journal.purge()
        await journal.close()
        assert not any(SECRET.encode() in file.read_bytes() for file in path.parent.iterdir()), at
    turned = states.index(AFTER)
    assert states == [BEFORE] * turned + [AFTER] * (len(states) - turned)
    assert turned > 5
    assert len(states) - turned > 10


async def test_O5_an_answer_that_is_late_makes_nothing_half(tmp_path: Path) -> None:
    """Of each step in turn, which is done all the same."""
    at, states = 0, list[Seen]()
    while not states or at < MOST:
        at, path = at + 1, tmp_path / f"{at}" / "palabre.db"
        journal = SqliteJournal(path)
        await journal.open()
        part, count = await fill(journal), 0
        change = journal.change

        async def late(function: Callable[[sqlite3.Connection], Any], change: Any = change, at: int = at) -> Any:
            nonlocal count
            answer, count = await change(function), count + 1
            if count == at:
                raise JournalError("planted: it took too long", retry=True)
            return answer

        journal.change = late  # type: ignore[method-assign]
        with pytest.raises(JournalError, match="too long"):
            await redacted(journal, part)
        states.append(await seen(journal, part))
        assert states[-1] in (BEFORE, AFTER), at
        assert left_over(path) == 0
        if states[-1] == BEFORE:
            await redacted(journal, part)
            assert await seen(journal, part) == AFTER
        await journal.close()
    assert BEFORE in states
    assert AFTER in states


async def test_O5_what_cannot_be_put_in_its_place_now_is_once_it_is_read(
    path: Path, journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, times = await fill(journal), list[str]()

    def full(connection: sqlite3.Connection, stream: str) -> bool:
        times.append(stream)
        if 3 <= len(times) <= 4:
            raise sqlite3.OperationalError("planted: the disk is full")
        return place(connection, stream)

    monkeypatch.setattr("server.journal.sqlite.journal.place", full)
    with pytest.raises(JournalError, match="planted"):
        await redacted(journal, part)
    with pytest.raises(JournalError, match="planted"):
        await journal.read(STREAM, 0)
    assert await seen(journal, part) == AFTER
    assert left_over(path) == 0
    head = (await journal.heads([STREAM]))[STREAM]
    assert head.incarnation != "first"
    with pytest.raises(ValueError, match="keeps each id"):
        await journal.redact(STREAM, lambda commit: commit, lambda sealed: sealed._replace(id="x"), None)
    assert (await seen(journal, part), left_over(path)) == (AFTER, 0)
    assert Sealed("message:0001", 1, b"-") in (await journal.sealed(STREAM, ["message:0001"])).values()
