"""The journal in PostgreSQL: what a company runs, with as many workers as it likes.

Each process has one connection that appends (`writer`), a few that read and do the rest, and a few for streams held
alone. All of them have limits of time on both ends: the server's, after which it undoes the statement, and a longer one here, for
a server that says nothing at all.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

import asyncpg

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
    Entry,
    Exclusive,
    Found,
    Head,
    Lag,
    Listed,
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
from server.journal.postgres import consumers, lock, projection, read, schema
from server.journal.postgres.append import CLIENT_SECONDS, WRITER_SETTINGS, enrol, list_appearances
from server.journal.postgres.compact import compact
from server.journal.postgres.connection import Connection, drop, hang_up
from server.journal.postgres.errors import DATABASE_ERRORS, explained
from server.journal.postgres.exclusive import PostgresExclusive, hold
from server.journal.postgres.redact import redact, renew
from server.journal.postgres.writer import Writer
from server.journal.redaction import slices
from server.journal.words import query

A = ParamSpec("A")
T = TypeVar("T")

CONNECT_SECONDS = 3.0
MOST_COMMITS = 1000
READERS = 4
HOLDERS = 8

READER_SETTINGS = {
    setting: WRITER_SETTINGS[setting]
    for setting in ("synchronous_commit", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
} | {"application_name": "palabre"}

_SAVE_SNAPSHOT = """
insert into snapshots (stream, version, incarnation, seq, state)
select stream, $3, incarnation, $4, $5 from streams where stream = $1 and incarnation = $2 for key share
on conflict (stream, version)
do update set incarnation = excluded.incarnation, seq = excluded.seq, state = excluded.state
where excluded.seq >= snapshots.seq or excluded.incarnation <> snapshots.incarnation
"""

_CLAIM_CODE = """
insert into codes (code, room) values ($1, $2)
on conflict (code) do update set room = codes.room returning room = $2
"""

_FACT = """
insert into facts (name, value) values ($1, $2)
on conflict (name) do update set value = facts.value returning value
"""


class PostgresJournal:
    """See `port.Journal`.

    Arguments:
        url: as libpq understands it, `postgresql://user:password@host/database`.
        migrate: whether `open` brings an older database to this version, instead of refusing it.
        alone: there is no bus: no other process may be open on this database.
        rewriting: it is opened to be rewritten: alone, and who comes meanwhile is told why.

    Attributes:
        migrated: names of the migrations that `open` applied.
    """

    def __init__(self, url: str, *, migrate: bool = False, alone: bool = False, rewriting: bool = False) -> None:
        self.migrated: list[str] = []
        self._url = url
        self._migrate = migrate
        self._place: lock.Place = "rewriting" if rewriting else "alone" if alone else "beside others"
        self._lock: Connection | None = None
        self._writer: Writer | None = None
        self._readers: asyncpg.Pool | None = None
        self._holders: asyncpg.Pool | None = None

    @property
    def transactions(self) -> int:
        """How many groups of appends have been sent."""
        return self._writer.transactions if self._writer else 0

    async def open(self) -> None:
        self._readers = await self._pool(READERS, READER_SETTINGS)
        self._holders = await self._pool(HOLDERS, WRITER_SETTINGS | {"application_name": "palabre holder"})
        try:
            # Before anything is changed or looked at: who may not be here changes nothing.
            self._lock = await _connect(self._url, READER_SETTINGS | {"application_name": "palabre lock"})
            await lock.enter(self._lock, self._place)
            if self._migrate:
                self.migrated = await migrate(self._url)
            await self.use(schema.check)
        except DATABASE_ERRORS as error:
            await self.close()
            raise explained(error, self._url) from error
        except BaseException:
            await self.close()
            raise
        self._writer = Writer(lambda: _connect(self._url, WRITER_SETTINGS))

    async def close(self) -> None:
        writer, self._writer = self._writer, None
        if writer:
            await writer.stop()
        place, self._lock = self._lock, None
        if place is not None:
            await hang_up(place)
        for pool in (self._readers, self._holders):
            if pool is not None:
                try:
                    async with asyncio.timeout(CONNECT_SECONDS):
                        await pool.close()
                except (TimeoutError, *DATABASE_ERRORS):
                    pool.terminate()
        self._readers = self._holders = None

    async def append(self, entry: Entry) -> Outcome:
        if self._writer is None:
            return Unknown(str(closed()))
        if reason := flaw(entry):
            return Rejected(reason)
        return await self._writer.append(entry)

    @asynccontextmanager
    async def exclusive(self, stream: str) -> AsyncIterator[Exclusive]:
        async with self._acquired(self._holders) as connection:
            try:
                held = PostgresExclusive(connection, stream, await hold(connection, stream), self._url)
            except DATABASE_ERRORS as error:
                drop(connection)
                raise explained(error, self._url) from error
            try:
                yield held
            finally:
                await held.end()

    async def heads(self, streams: Sequence[str]) -> dict[str, Head]:
        return await self.use(read.heads, streams)

    async def read(self, stream: str, after: int, limit: int = MOST_COMMITS) -> list[Commit]:
        return await self.use(read.commits, stream, after, limit)

    async def read_many(self, after: Mapping[str, int]) -> dict[str, list[Commit]]:
        return await self.use(read.commits_of_many, after, MOST_COMMITS)

    async def lookup(self, stream: str, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        return await self.use(read.used_keys, stream, keys)

    async def sealed(self, stream: str, names: Sequence[str]) -> dict[str, Sealed]:
        return await self.use(read.sealed, stream, names)

    async def save_snapshot(self, stream: str, incarnation: str, version: str, snapshot: Snapshot) -> None:
        await self._value(_SAVE_SNAPSHOT, stream, incarnation, version, snapshot.seq, snapshot.state)

    async def load_snapshot(self, stream: str, version: str) -> Snapshot | None:
        return await self.use(read.load_snapshot, stream, version)

    async def redact(
        self,
        stream: str,
        change: Callable[[Commit], Commit],
        reseal: Callable[[Sealed], Sealed],
        rerow: Rerow | None = None,
        part: Part | None = None,
    ) -> str:
        return await self.use(redact, stream, change, reseal, rerow, part)

    async def reproject(self, stream: str, rerow: Rerow, rows: Sequence[str]) -> None:
        for some in slices(rows):
            await self.use(projection.reproject, stream, rerow, some)

    async def purge(self) -> None:
        """Its vacuum does, when it comes by."""

    async def compact(self) -> None:
        """Have the tables hold no more what redactions took out, for a journal that is opened to be rewritten (`compact.py`)."""
        try:
            connection = await _connect(self._url, {"application_name": "palabre compact", "lock_timeout": "30s"}, None)
            try:
                await compact(connection)
            finally:
                await hang_up(connection)
        except DATABASE_ERRORS as error:
            raise explained(error, self._url) from error

    async def renew(
        self,
        stream: str,
        format: int,
        change: Callable[[Commit], Commit],
        reseal: Callable[[Sealed], Sealed],
        since: Renewal = NOTHING_RENEWED,
    ) -> Renewal:
        return await self.use(renew, stream, format, change, reseal, since)

    async def standing(self, person: str, stream: str) -> Standing:
        return await self.use(read.standing, person, stream) if storable(stream) else Standing(None)

    async def names(self, stream: str, persons: Sequence[str]) -> dict[str, str]:
        return await self.use(read.names, stream, [person for person in persons if storable(person)])

    async def listed(self, parent: str, person: str, hidden: str) -> list[Listed]:
        return await self.use(read.listed, parent, person, hidden)

    async def members(self, pairs: Sequence[tuple[str, str]], common: str = "") -> set[tuple[str, str]]:
        storables = [pair for pair in pairs if all(map(storable, pair))]
        return await self.use(read.members, storables, common)

    async def enrol(self, stream: str, head: Head, memberships: Sequence[Membership]) -> bool:
        return await self.use(enrol, stream, head, memberships)

    async def streams_naming(self, person: str) -> AsyncIterator[str]:
        page = [""]
        while page := await self.use(read.streams_naming, person, page[-1]):
            for stream in page:
                yield stream

    async def list_appearances(self, stream: str, incarnation: str, persons: Sequence[str]) -> bool:
        return await self.use(list_appearances, stream, incarnation, persons)

    async def claim_code(self, code: str, room: str) -> bool:
        return bool(await self._value(_CLAIM_CODE, code, room))

    async def room_of(self, code: str) -> str | None:
        if not storable(code):
            return None
        room: str | None = await self._value("select room from codes where code = $1", code)
        return room

    async def fact(self, name: str, value: str) -> str:
        return str(await self._value(_FACT, name, value))

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
        return await self.use(projection.project, stream, incarnation, after, upto, put, gone, beside)

    async def unproject(self, stream: str) -> None:
        await self.use(projection.unproject, stream)

    async def notices(self, stream: str, owners: Sequence[str], limit: int) -> list[Noticed]:
        return await self.use(projection.notices, stream, owners, limit)

    async def noticed(self, streams: Sequence[str], owners: Sequence[str], each: int) -> list[tuple[str, Noticed]]:
        return await self.use(projection.noticed, streams, owners, each)

    async def unread(self, person: str, positions: Mapping[str, int], most: int) -> dict[str, Unread]:
        return await self.use(projection.unread, person, positions, most)

    async def rows(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        return await self.use(projection.rows, asked)

    async def page(self, stream: str, kind: str, before: int | None, limit: int) -> list[Row]:
        return await self.use(projection.page, stream, kind, before, limit)

    async def search(self, stream: str, text: str, offset: int, limit: int) -> list[Row]:
        asked = query(text)
        if asked is None:
            return []
        return await self.use(projection.search, stream, asked, offset, limit)

    async def search_many(self, streams: Sequence[str], text: str, before: Bookmark | None, limit: int) -> list[Found]:
        asked = query(text)
        if asked is None:
            return []
        return await self.use(projection.search_many, streams, asked, before, limit)

    async def lags(self, streams: Sequence[str], consumer: str = INDEX) -> list[Lag]:
        return await self.use(consumers.lags, streams, consumer)

    async def behind(self, after: str, consumer: str = INDEX, kind: str = "") -> list[Lag]:
        return await self.use(consumers.behind, after, consumer, kind)

    async def begin(self, consumer: str, kind: str) -> None:
        await self.use(consumers.begin, consumer, kind)

    async def advance(
        self, consumer: str, stream: str, after: int, upto: int, waiting: Mapping[str, int] = EMPTY
    ) -> bool:
        return await self.use(consumers.advance, consumer, stream, after, upto, waiting)

    async def forget(self, consumer: str) -> None:
        await self.use(consumers.forget, consumer)

    async def waiting(self, consumer: str, limit: int, stream: str | None = None) -> list[Waiting]:
        return await self.use(consumers.waiting, consumer, limit, stream)

    async def arrived(self, consumer: str, stream: str, target: str, upto: int) -> None:
        await self.use(consumers.arrived, consumer, stream, target, upto)

    async def wake(self, now: int, until: int, limit: int) -> list[str]:
        return await self.use(consumers.wake, now, until, limit)

    async def streams(self) -> AsyncIterator[str]:
        page = [""]
        while page := await self.use(read.streams_after, page[-1]):
            for stream in page:
                yield stream

    async def _value(self, sql: str, *arguments: object) -> Any:
        return await self.use(read.value, sql, *arguments)

    async def use(
        self, function: Callable[Concatenate[Connection, A], Awaitable[T]], *arguments: A.args, **options: A.kwargs
    ) -> T:
        """What the function returns for a connection of the readers; for stores beside the journal in the same database, too."""
        async with self._acquired(self._readers) as connection:
            try:
                return await function(connection, *arguments, **options)
            except DATABASE_ERRORS as error:
                raise explained(error, self._url) from error

    @asynccontextmanager
    async def _acquired(self, pool: asyncpg.Pool | None) -> AsyncIterator[Connection]:
        if pool is None:
            raise closed()
        try:
            connection = await pool.acquire(timeout=CLIENT_SECONDS)
        except DATABASE_ERRORS as error:
            raise explained(error, self._url) from error
        try:
            yield connection
        finally:
            await pool.release(connection, timeout=CLIENT_SECONDS)

    async def _pool(self, most: int, settings: dict[str, str]) -> asyncpg.Pool:
        return await asyncpg.create_pool(
            self._url,
            min_size=0,
            max_size=most,
            timeout=CONNECT_SECONDS,
            command_timeout=CLIENT_SECONDS,
            server_settings=settings,
            # No setting of a session is ever changed, so there is nothing to reset, at a round trip each.
            reset=_nothing_to_reset,
        )


async def migrate(url: str) -> list[str]:
    """Bring the database to this version; the names of the migrations applied. Raises JournalError."""
    try:
        connection = await _connect(url, {"application_name": "palabre migrate", "lock_timeout": "30s"}, deadline=None)
        try:
            return [migration.name for migration in await schema.migrate(connection)]
        finally:
            await hang_up(connection)
    except DATABASE_ERRORS as error:
        raise explained(error, url) from error


async def _connect(url: str, settings: dict[str, str], deadline: float | None = CLIENT_SECONDS) -> asyncpg.Connection:
    return await asyncpg.connect(url, timeout=CONNECT_SECONDS, command_timeout=deadline, server_settings=settings)


async def _nothing_to_reset(connection: Connection) -> None:
    pass
