"""The journal in a SQLite file: the embedded default, for one server process.

One thread writes (`writer`), another reads; the event loop never touches the file.
"""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar
from weakref import WeakValueDictionary

from server.journal.group import closed, flaw, storable
from server.journal.port import (
    EMPTY,
    INDEX,
    NOTHING_BESIDE,
    NOTHING_RENEWED,
    Answer,
    Beside,
    Bookmark,
    Commit,
    Conflict,
    Entry,
    Exclusive,
    Found,
    Head,
    JournalError,
    Lag,
    Listed,
    ListingRow,
    Membership,
    Noticed,
    Outcome,
    Part,
    Rejected,
    Renewal,
    Rerow,
    Row,
    Sealed,
    Snapshot,
    Standing,
    Unknown,
    Unread,
    Waiting,
)
from server.journal.redaction import slices
from server.journal.sqlite import consumers, file, projection
from server.journal.sqlite.append import write_appearances, write_memberships
from server.journal.sqlite.exclusive import SqliteExclusive, turn
from server.journal.sqlite.keys import Keys
from server.journal.sqlite.redact import cut_log, fold_log, place, redact, renew
from server.journal.sqlite.rows import as_json
from server.journal.sqlite.writer import Writer, in_transaction
from server.journal.words import query

T = TypeVar("T")

_SEALED = "select id, format, entity from sealed where stream = ? and id in (select value from json_each(?))"

DEADLINE_SECONDS = 10.0
LOG_SECONDS = 5.0
"""How long a redaction waits for programs that read the file."""
MOST_COMMITS = 1000

# Python hands its lock from thread to thread at this interval; a group needs it about ten times, beside a loop that is busy.
SWITCH_SECONDS = 0.0005

_READ = "select seq, format, at, events from commits where stream = ? and seq > ? order by seq limit ?"

_SAVE_SNAPSHOT = """
insert into snapshots (stream, version, incarnation, seq, state)
select stream, ?3, incarnation, ?4, ?5 from streams where stream = ?1 and incarnation = ?2
on conflict (stream, version)
do update set incarnation = excluded.incarnation, seq = excluded.seq, state = excluded.state
where excluded.seq >= seq or excluded.incarnation <> incarnation
"""

_LOAD_SNAPSHOT = """
select seq, state from snapshots join streams using (stream, incarnation) where stream = ? and version = ?
"""

_MEMBERS = """
select asked.person, asked.stream
from (select json_extract(value, '$[0]') as person, json_extract(value, '$[1]') as stream from json_each(?1)) as asked
left join memberships as mine on mine.person = asked.person and mine.stream = asked.stream
left join listings on listings.stream = asked.stream
left join memberships as above on above.person = asked.person and above.stream = parent
where iif(parent is null, mine.role is not null, above.role is not null and (mine.role is not null or access = ?2))
"""

_STANDING = """
select mine.role, parent, access, above.role
from (select ?1 as person, ?2 as stream) as asked
left join memberships as mine on mine.person = asked.person and mine.stream = asked.stream
left join listings on listings.stream = asked.stream
left join memberships as above on above.person = asked.person and above.stream = listings.parent
"""

_NAMES = """
select person, name from json_each(?2) cross join memberships on person = value and stream = ?1
"""

_LISTED = """
select listings.stream, parent, access, title, purpose, closed, mine.role,
       (select count(*) from memberships where memberships.stream = listings.stream)
from listings left join memberships as mine on mine.person = ?2 and mine.stream = listings.stream
where parent = ?1 and not closed and (access <> ?3 or mine.role is not null)
order by title, listings.stream
"""

_NAMING = """
select stream from appearances where person = ?1 and stream > ?2
union select stream from memberships where person = ?1 and stream > ?2
union select stream from streams where listed = 0 and head > 0 and stream > ?2
order by stream limit 1000
"""

_CLAIM_CODE = """
insert into codes (code, room) values (?1, ?2)
on conflict (code) do update set room = room returning room = ?2
"""

_FACT = """
insert into facts (name, value) values (?1, ?2)
on conflict (name) do update set value = value returning value
"""

_STREAMS = "select stream from streams where head > 0 and stream > ? order by stream limit 1000"


class SqliteJournal:
    """See `port.Journal`.

    Arguments:
        path: the file, made when it is not there, with its folder.
        rewriting: it is opened to be rewritten: who comes meanwhile is told so.

    Attributes:
        migrated: names of the migrations that `open` applied.
    """

    def __init__(self, path: Path, *, rewriting: bool = False) -> None:
        self.migrated: list[str] = []
        self._rewriting = rewriting
        self.path = path
        self._lock: IO[str] | None = None
        self._writer: Writer | None = None
        self._keys = Keys()
        self._reader: sqlite3.Connection | None = None
        self._reading = ThreadPoolExecutor(1, "journal reader")
        self._held: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._rewritten: dict[str, asyncio.Event] = {}
        """Streams of which a redaction is under way; set once it is over."""
        self._unfinished: set[str] = set()

    @property
    def transactions(self) -> int:
        """How many transactions have been begun for writing."""
        return self._writer.transactions if self._writer else 0

    async def open(self) -> None:
        lock = file.lock(self.path, rewriting=self._rewriting)
        try:
            connection, migrated = await asyncio.to_thread(file.connect_writer, self.path)
            self._reader = file.connect_reader(self.path)
        except BaseException:
            lock.close()
            raise
        sys.setswitchinterval(min(SWITCH_SECONDS, sys.getswitchinterval()))
        self._lock = lock
        self.migrated = [migration.name for migration in migrated]
        self._keys = Keys()
        self._writer = Writer(connection, self._keys, asyncio.get_running_loop())

    async def close(self) -> None:
        writer, self._writer = self._writer, None
        if writer:
            await writer.stop()
        # What was asked before is answered still.
        await asyncio.to_thread(self._reading.shutdown)
        reader, self._reader = self._reader, None
        if reader:
            reader.close()
        if self._lock:
            self._lock.close()

    async def append(self, entry: Entry) -> Outcome:
        lock = self._held.get(entry.stream)
        if lock is not None and lock.locked():
            return Conflict()
        return await self.append_held(entry)

    async def append_held(self, entry: Entry) -> Outcome:
        """`append`, for whoever holds the stream if somebody does."""
        if self._writer is None:
            return Unknown(str(closed()))
        if reason := flaw(entry):
            return Rejected(reason)
        return await self._writer.append(entry)

    @asynccontextmanager
    async def exclusive(self, stream: str) -> AsyncIterator[Exclusive]:
        lock = self._held.setdefault(stream, asyncio.Lock())
        await turn(lock, stream)
        try:
            # From now on nobody else's append begins; those under way are done when the writer comes to this.
            head = await self.change(lambda connection: _heads(connection, [stream]).get(stream, Head(0, "")))
        except BaseException:
            lock.release()
            raise
        held = SqliteExclusive(stream, head, lock, self)
        try:
            yield held
        finally:
            held.end()

    async def heads(self, streams: Sequence[str]) -> dict[str, Head]:
        return await self.ask(lambda connection: _heads(connection, streams))

    async def read(self, stream: str, after: int, limit: int = MOST_COMMITS) -> list[Commit]:
        await self._when_whole(stream)
        return await self.ask(lambda connection: _commits(connection, stream, after, limit))

    async def read_many(self, after: Mapping[str, int]) -> dict[str, list[Commit]]:
        for stream in after:
            await self._when_whole(stream)

        def read(connection: sqlite3.Connection) -> dict[str, list[Commit]]:
            return {stream: _commits(connection, stream, seq, MOST_COMMITS) for stream, seq in after.items()}

        return await self.ask(read)

    async def lookup(self, stream: str, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        return await self.ask(lambda connection: self._keys.used(connection, stream, keys))

    async def sealed(self, stream: str, names: Sequence[str]) -> dict[str, Sealed]:
        await self._when_whole(stream)
        rows = await self.ask(lambda connection: connection.execute(_SEALED, (stream, as_json(names))).fetchall())
        return {row[0]: Sealed(*row) for row in rows}

    async def save_snapshot(self, stream: str, incarnation: str, version: str, snapshot: Snapshot) -> None:
        values = (stream, incarnation, version, snapshot.seq, snapshot.state)
        await self.change(lambda connection: connection.execute(_SAVE_SNAPSHOT, values))

    async def load_snapshot(self, stream: str, version: str) -> Snapshot | None:
        row = await self.ask(lambda connection: connection.execute(_LOAD_SNAPSHOT, (stream, version)).fetchone())
        return row and Snapshot(*row)

    async def redact(
        self,
        stream: str,
        change: Callable[[Commit], Commit],
        reseal: Callable[[Sealed], Sealed],
        rerow: Rerow | None = None,
        part: Part | None = None,
    ) -> str:
        # Once it holds it is seen through, whether or not whoever asked for it still waits.
        redacted = asyncio.ensure_future(self._redact(stream, change, reseal, rerow, part))
        redacted.add_done_callback(lambda done: done.cancelled() or done.exception())
        incarnation = await asyncio.shield(redacted)
        if part is None:
            await self.purge()
        return incarnation

    async def _redact(
        self,
        stream: str,
        change: Callable[[Commit], Commit],
        reseal: Callable[[Sealed], Sealed],
        rerow: Rerow | None,
        part: Part | None,
    ) -> str:
        lock = self._held.setdefault(stream, asyncio.Lock())
        await turn(lock, stream)
        try:
            await self._when_whole(stream)
            self._rewritten[stream] = asyncio.Event()
            # It may hold although its answer never came.
            self._unfinished.add(stream)
            try:
                incarnation = await redact(self, stream, change, reseal, rerow, part)
                await self._place(stream)
                return incarnation
            finally:
                self._rewritten.pop(stream).set()
        finally:
            lock.release()

    async def _place(self, stream: str) -> None:
        """Put what holds of a stream in its place; what fails is tried again by whoever reads it next."""
        while await self.change(partial(place, stream=stream)):
            pass
        self._unfinished.discard(stream)

    async def _when_whole(self, stream: str) -> None:
        """Wait while a stream is rewritten, in which what was and what is to be lie beside each other."""
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                while (rewritten := self._rewritten.get(stream)) is not None:
                    await rewritten.wait()
        except TimeoutError:
            raise JournalError(f"{stream} is being rewritten; try again", retry=True) from None
        if stream in self._unfinished:
            await self._place(stream)

    async def reproject(self, stream: str, rerow: Rerow, rows: Sequence[str]) -> None:
        for some in slices(rows, projection.WORDED):
            await self._when_whole(stream)
            await self.change(lambda connection, some=some: projection.reproject(connection, stream, rerow, some))  # type: ignore[misc]

    async def purge(self) -> None:
        more, first = True, True
        while more:
            more = await self.change(partial(projection.merge_words, first=first))
            first = False
        # What can be folded in beside the writer need not be by it.
        await self.ask(fold_log)
        await self._cut_log()

    async def renew(
        self,
        stream: str,
        format: int,
        change: Callable[[Commit], Commit],
        reseal: Callable[[Sealed], Sealed],
        since: Renewal = NOTHING_RENEWED,
    ) -> Renewal:
        return await self._run(lambda connection: renew(connection, stream, format, change, reseal, since))

    async def _cut_log(self) -> None:
        """Take what was blanked out of the write-ahead log, too, once whoever reads an older state of the file has done."""
        until = asyncio.get_running_loop().time() + LOG_SECONDS
        while not await self._run(cut_log):
            if asyncio.get_running_loop().time() > until:
                raise JournalError(
                    f"what was blanked is out of {self.path} and still in {self.path.name}-wal, because another program reads "
                    "the file; end it, and do the same again",
                    retry=True,
                )
            await asyncio.sleep(0.1)

    async def standing(self, person: str, stream: str) -> Standing:
        if not storable(stream):
            return Standing(None)
        rows = await self.ask(lambda connection: connection.execute(_STANDING, (person, stream)).fetchall())
        return _standing(*rows[0])

    async def names(self, stream: str, persons: Sequence[str]) -> dict[str, str]:
        asked = as_json([person for person in persons if storable(person)])
        return dict(await self.ask(lambda connection: connection.execute(_NAMES, (stream, asked)).fetchall()))

    async def listed(self, parent: str, person: str, hidden: str) -> list[Listed]:
        asked = (parent, person, hidden)
        rows = await self.ask(lambda connection: connection.execute(_LISTED, asked).fetchall())
        return [
            Listed(stream, ListingRow(parent, access, title, purpose, bool(closed)), role, people)
            for stream, parent, access, title, purpose, closed, role, people in rows
        ]

    async def members(self, pairs: Sequence[tuple[str, str]], common: str = "") -> set[tuple[str, str]]:
        asked = (as_json([pair for pair in pairs if all(map(storable, pair))]), common)
        return set(await self.ask(lambda connection: connection.execute(_MEMBERS, asked).fetchall()))

    async def enrol(self, stream: str, head: Head, memberships: Sequence[Membership]) -> bool:
        def enrol(connection: sqlite3.Connection) -> bool:
            if _heads(connection, [stream]).get(stream) != head:
                return False
            connection.execute("delete from memberships where stream = ?", (stream,))
            write_memberships(connection, [(stream, each) for each in memberships])
            return True

        return await self.change(enrol)

    async def streams_naming(self, person: str) -> AsyncIterator[str]:
        page = [""]
        while page := await self.ask(partial(_naming, person=person, after=page[-1])):
            for stream in page:
                yield stream

    async def list_appearances(self, stream: str, incarnation: str, persons: Sequence[str]) -> bool:
        def note(connection: sqlite3.Connection) -> bool:
            sql = "update streams set listed = 1 where stream = ? and incarnation = ?"
            if not connection.execute(sql, (stream, incarnation)).rowcount:
                return False
            write_appearances(connection, [(person, stream) for person in persons])
            return True

        return await self.change(note)

    async def claim_code(self, code: str, room: str) -> bool:
        def claim(connection: sqlite3.Connection) -> bool:
            return bool(connection.execute(_CLAIM_CODE, (code, room)).fetchone()[0])

        return await self.change(claim)

    async def room_of(self, code: str) -> str | None:
        if not storable(code):
            return None
        room: str | None = await self._value("select room from codes where code = ?", code)
        return room

    async def fact(self, name: str, value: str) -> str:
        def fact(connection: sqlite3.Connection) -> str:
            return str(connection.execute(_FACT, (name, value)).fetchone()[0])

        return await self.change(fact)

    async def project(
        self,
        stream: str,
        incarnation: str,
        after: int,
        upto: int,
        put: Sequence[Row],
        gone: Sequence[str],
        beside: Beside = NOTHING_BESIDE,
    ) -> bool:
        def project(connection: sqlite3.Connection) -> bool:
            return projection.project(connection, stream, incarnation, after, upto, put, gone, beside)

        await self._when_whole(stream)
        return await self.change(project)

    async def unproject(self, stream: str) -> None:
        await self._when_whole(stream)
        await self.change(lambda connection: projection.unproject(connection, stream))

    async def notices(self, stream: str, owners: Sequence[str], limit: int) -> list[Noticed]:
        return await self.ask(lambda connection: projection.notices(connection, stream, owners, limit))

    async def noticed(self, streams: Sequence[str], owners: Sequence[str], each: int) -> list[tuple[str, Noticed]]:
        return await self.ask(lambda connection: projection.noticed(connection, streams, owners, each))

    async def unread(self, person: str, positions: Mapping[str, int], most: int) -> dict[str, Unread]:
        return await self.ask(lambda connection: projection.unread(connection, person, positions, most))

    async def rows(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        return await self.ask(lambda connection: projection.rows(connection, asked))

    async def page(self, stream: str, kind: str, before: int | None, limit: int) -> list[Row]:
        await self._when_whole(stream)
        return await self.ask(lambda connection: projection.page(connection, stream, kind, before, limit))

    async def search(self, stream: str, text: str, offset: int, limit: int) -> list[Row]:
        asked = query(text)
        if asked is None:
            return []
        await self._when_whole(stream)
        return await self.ask(lambda connection: projection.search(connection, stream, asked, offset, limit))

    async def search_many(self, streams: Sequence[str], text: str, before: Bookmark | None, limit: int) -> list[Found]:
        asked = query(text)
        if asked is None:
            return []
        return await self.ask(lambda connection: projection.search_many(connection, streams, asked, before, limit))

    async def lags(self, streams: Sequence[str], consumer: str = INDEX) -> list[Lag]:
        return await self.ask(lambda connection: consumers.lags(connection, streams, consumer))

    async def behind(self, after: str, consumer: str = INDEX, kind: str = "") -> list[Lag]:
        return await self.ask(lambda connection: consumers.behind(connection, after, consumer, kind))

    async def begin(self, consumer: str, kind: str) -> None:
        await self.change(lambda connection: consumers.begin(connection, consumer, kind))

    async def advance(
        self, consumer: str, stream: str, after: int, upto: int, waiting: Mapping[str, int] = EMPTY
    ) -> bool:
        def advance(connection: sqlite3.Connection) -> bool:
            return consumers.advance(connection, consumer, stream, after, upto, waiting)

        return await self.change(advance)

    async def forget(self, consumer: str) -> None:
        await self.change(lambda connection: consumers.forget(connection, consumer))

    async def waiting(self, consumer: str, limit: int, stream: str | None = None) -> list[Waiting]:
        return await self.ask(lambda connection: consumers.waiting(connection, consumer, limit, stream))

    async def arrived(self, consumer: str, stream: str, target: str, upto: int) -> None:
        await self.change(lambda connection: consumers.arrived(connection, consumer, stream, target, upto))

    async def wake(self, now: int, until: int, limit: int) -> list[str]:
        # Most often nothing is, and then nothing is written.
        streams = await self.ask(lambda connection: consumers.due(connection, now, limit))
        return (
            await self.change(lambda connection: consumers.put_off(connection, now, until, streams)) if streams else []
        )

    async def streams(self) -> AsyncIterator[str]:
        page = [""]
        while page := await self.ask(partial(_streams, after=page[-1])):
            for stream in page:
                yield stream

    async def _value(self, sql: str, *arguments: object) -> Any:
        row = await self.ask(lambda connection: connection.execute(sql, arguments).fetchone())
        return row and row[0]

    async def ask(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """What the function returns for the connection that reads; for stores beside the journal in the same file, too."""
        reader = self._reader
        if reader is None or self._writer is None:
            raise closed()
        return await self._answer(asyncio.get_running_loop().run_in_executor(self._reading, function, reader))

    async def change(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """What the function returns for the connection that writes, in a transaction of its own; for such stores, too."""
        return await self._run(lambda connection: in_transaction(connection, function))

    async def _run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        if self._writer is None:
            raise closed()
        return await self._answer(self._writer.run(function))

    async def _answer(self, answer: asyncio.Future[T]) -> T:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                return await answer
        except TimeoutError:
            raise JournalError(
                f"{self.path} did not answer in {DEADLINE_SECONDS:g} s; is the disk well?", retry=True
            ) from None
        except UnicodeEncodeError as error:
            raise JournalError(f"a text that no database holds: {error}", retry=False) from error
        except sqlite3.Error as error:
            raise file.explained(error, self.path) from error


def _standing(role: str | None, parent: str | None, access: str | None, above: str | None) -> Standing:
    return Standing(role, parent or "", access or "", above)


def _heads(connection: sqlite3.Connection, streams: Sequence[str]) -> dict[str, Head]:
    sql = "select stream, head, incarnation from streams where head > 0 and stream in (select value from json_each(?))"
    return {stream: Head(seq, incarnation) for stream, seq, incarnation in connection.execute(sql, (as_json(streams),))}


def _streams(connection: sqlite3.Connection, after: str) -> list[str]:
    return [stream for (stream,) in connection.execute(_STREAMS, (after,))]


def _naming(connection: sqlite3.Connection, person: str, after: str) -> list[str]:
    return [stream for (stream,) in connection.execute(_NAMING, (person, after))]


def _commits(connection: sqlite3.Connection, stream: str, after: int, limit: int) -> list[Commit]:
    return [Commit(*row) for row in connection.execute(_READ, (stream, after, limit))]
