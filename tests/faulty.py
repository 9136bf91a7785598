"""A real journal that misbehaves on command: every fault that the port names, and no other."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar

from server.journal.port import (
    EMPTY,
    INDEX,
    NOTHING_BESIDE,
    NOTHING_RENEWED,
    Answer,
    Appended,
    Beside,
    Bookmark,
    Commit,
    Conflict,
    Entry,
    Exclusive,
    Found,
    Head,
    Journal,
    JournalError,
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
from tests.virtual import VirtualLoop

T = TypeVar("T")

Fault = Literal["lose the answer", "lose the commit", "conflict", "reject"]
"""What becomes of an append: it lands and its answer is lost; it is lost itself; it loses a race; its data are refused."""


class FaultyJournal:
    """A journal around another one; see `port.Journal`.

    Attributes:
        faults: what becomes of the next appends, in order; none: what the journal under it says.
        rejects: entries whose data the database refuses.
        down: while true nothing is answered.
        calls: how often each method was called.
        appended: entries that landed, in order.
    """

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.faults: deque[Fault] = deque()
        self.rejects: Callable[[Entry], bool] = lambda entry: False
        self.down = False
        self.calls: Counter[str] = Counter()
        self.appended: list[Entry] = []
        self._open = asyncio.Event()
        self._open.set()
        self._waiting = asyncio.Event()

    def hold(self) -> None:
        """From now on appends wait at the door, until `let_go`."""
        self._open.clear()

    def let_go(self) -> None:
        self._open.set()

    async def held(self) -> None:
        """Wait until an append waits at the door."""
        await self._waiting.wait()

    async def _append(self, entry: Entry, append: Callable[[Entry], Awaitable[Outcome]]) -> Outcome:
        self.calls["append"] += 1
        self._waiting.set()
        await self._open.wait()
        self._waiting.clear()
        fault = self.faults.popleft() if self.faults else None
        if self.down or fault == "lose the commit":
            return Unknown("planted: nothing was written")
        if fault == "conflict":
            return Conflict()
        if fault == "reject" or self.rejects(entry):
            return Rejected("planted: these data are refused")
        outcome = await _worked(append(entry))
        if isinstance(outcome, Appended):
            self.appended.append(entry)
        return Unknown("planted: it was written") if fault == "lose the answer" else outcome

    async def _call(self, name: str, answer: Coroutine[Any, Any, T]) -> T:
        self.calls[name] += 1
        if self.down:
            answer.close()
            raise JournalError("planted: the journal is down", retry=True)
        return await _worked(answer)

    async def alter(self, sql: str, *arguments: Any) -> None:
        """What no server does to the database under it, which is SQLite."""
        journal: Any = self.journal
        await _worked(journal.change(lambda connection: connection.execute(sql, arguments)))

    async def open(self) -> None:
        await _worked(self.journal.open())

    async def close(self) -> None:
        await _worked(self.journal.close())

    async def append(self, entry: Entry) -> Outcome:
        return await self._append(entry, self.journal.append)

    @asynccontextmanager
    async def exclusive(self, stream: str) -> AsyncIterator[Exclusive]:
        self.calls["exclusive"] += 1
        if self.down:
            raise JournalError("planted: the journal is down", retry=True)
        holding = self.journal.exclusive(stream)
        held = await _worked(holding.__aenter__())
        try:
            yield _FaultyExclusive(self, held)
        except BaseException as error:
            await _worked(holding.__aexit__(type(error), error, error.__traceback__))
            raise
        await _worked(holding.__aexit__(None, None, None))

    async def heads(self, streams: Sequence[str]) -> dict[str, Head]:
        return await self._call("heads", self.journal.heads(streams))

    async def read(self, stream: str, after: int, limit: int = 1000) -> list[Commit]:
        return await self._call("read", self.journal.read(stream, after, limit))

    async def read_many(self, after: Mapping[str, int]) -> dict[str, list[Commit]]:
        return await self._call("read_many", self.journal.read_many(after))

    async def lookup(self, stream: str, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        return await self._call("lookup", self.journal.lookup(stream, keys))

    async def sealed(self, stream: str, names: Sequence[str]) -> dict[str, Sealed]:
        return await self._call("sealed", self.journal.sealed(stream, names))

    async def standing(self, person: str, stream: str) -> Standing:
        return await self._call("standing", self.journal.standing(person, stream))

    async def names(self, stream: str, persons: Sequence[str]) -> dict[str, str]:
        return await self._call("names", self.journal.names(stream, persons))

    async def listed(self, parent: str, person: str, hidden: str) -> list[Listed]:
        return await self._call("listed", self.journal.listed(parent, person, hidden))

    async def members(self, pairs: Sequence[tuple[str, str]], common: str = "") -> set[tuple[str, str]]:
        return await self._call("members", self.journal.members(pairs, common))

    async def enrol(self, stream: str, head: Head, memberships: Sequence[Membership]) -> bool:
        return await self._call("enrol", self.journal.enrol(stream, head, memberships))

    def streams_naming(self, person: str) -> AsyncIterator[str]:
        return self.journal.streams_naming(person)

    async def list_appearances(self, stream: str, incarnation: str, persons: Sequence[str]) -> bool:
        return await self._call("list_appearances", self.journal.list_appearances(stream, incarnation, persons))

    async def save_snapshot(self, stream: str, incarnation: str, version: str, snapshot: Snapshot) -> None:
        await self._call("save_snapshot", self.journal.save_snapshot(stream, incarnation, version, snapshot))

    async def load_snapshot(self, stream: str, version: str) -> Snapshot | None:
        return await self._call("load_snapshot", self.journal.load_snapshot(stream, version))

    async def redact(
        self,
        stream: str,
        change: Callable[[Commit], Commit],
        reseal: Callable[[Sealed], Sealed],
        rerow: Rerow | None = None,
        part: Part | None = None,
    ) -> str:
        return await self._call("redact", self.journal.redact(stream, change, reseal, rerow, part))

    async def reproject(self, stream: str, rerow: Rerow, rows: Sequence[str]) -> None:
        await self._call("reproject", self.journal.reproject(stream, rerow, rows))

    async def purge(self) -> None:
        await self._call("purge", self.journal.purge())

    async def renew(
        self,
        stream: str,
        format: int,
        change: Callable[[Commit], Commit],
        reseal: Callable[[Sealed], Sealed],
        since: Renewal = NOTHING_RENEWED,
    ) -> Renewal:
        return await self._call("renew", self.journal.renew(stream, format, change, reseal, since))

    async def claim_code(self, code: str, room: str) -> bool:
        return await self._call("claim_code", self.journal.claim_code(code, room))

    async def room_of(self, code: str) -> str | None:
        return await self._call("room_of", self.journal.room_of(code))

    async def fact(self, name: str, value: str) -> str:
        return await self._call("fact", self.journal.fact(name, value))

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
        return await self._call("project", self.journal.project(stream, incarnation, after, upto, put, gone, beside))

    async def unproject(self, stream: str) -> None:
        await self._call("unproject", self.journal.unproject(stream))

    async def notices(self, stream: str, owners: Sequence[str], limit: int) -> list[Noticed]:
        return await self._call("notices", self.journal.notices(stream, owners, limit))

    async def lags(self, streams: Sequence[str], consumer: str = INDEX) -> list[Lag]:
        return await self._call("lags", self.journal.lags(streams, consumer))

    async def behind(self, after: str, consumer: str = INDEX, kind: str = "") -> list[Lag]:
        return await self._call("behind", self.journal.behind(after, consumer, kind))

    async def begin(self, consumer: str, kind: str) -> None:
        await self._call("begin", self.journal.begin(consumer, kind))

    async def advance(
        self, consumer: str, stream: str, after: int, upto: int, waiting: Mapping[str, int] = EMPTY
    ) -> bool:
        return await self._call("advance", self.journal.advance(consumer, stream, after, upto, waiting))

    async def forget(self, consumer: str) -> None:
        await self._call("forget", self.journal.forget(consumer))

    async def waiting(self, consumer: str, limit: int, stream: str | None = None) -> list[Waiting]:
        return await self._call("waiting", self.journal.waiting(consumer, limit, stream))

    async def arrived(self, consumer: str, stream: str, target: str, upto: int) -> None:
        await self._call("arrived", self.journal.arrived(consumer, stream, target, upto))

    async def wake(self, now: int, until: int, limit: int) -> list[str]:
        return await self._call("wake", self.journal.wake(now, until, limit))

    async def noticed(self, streams: Sequence[str], owners: Sequence[str], each: int) -> list[tuple[str, Noticed]]:
        return await self._call("noticed", self.journal.noticed(streams, owners, each))

    async def unread(self, person: str, positions: Mapping[str, int], most: int) -> dict[str, Unread]:
        return await self._call("unread", self.journal.unread(person, positions, most))

    async def rows(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        return await self._call("rows", self.journal.rows(asked))

    async def page(self, stream: str, kind: str, before: int | None, limit: int) -> list[Row]:
        return await self._call("page", self.journal.page(stream, kind, before, limit))

    async def search(self, stream: str, text: str, offset: int, limit: int) -> list[Row]:
        return await self._call("search", self.journal.search(stream, text, offset, limit))

    async def search_many(self, streams: Sequence[str], text: str, before: Bookmark | None, limit: int) -> list[Found]:
        return await self._call("search_many", self.journal.search_many(streams, text, before, limit))

    def streams(self) -> AsyncIterator[str]:
        return self.journal.streams()


class _FaultyExclusive:
    """A stream held alone, whose append may fail as any other; see `port.Exclusive`."""

    def __init__(self, journal: FaultyJournal, held: Exclusive) -> None:
        self._journal = journal
        self._held = held

    @property
    def head(self) -> Head:
        return self._held.head

    async def read(self, after: int) -> list[Commit]:
        return await _worked(self._held.read(after))

    async def lookup(self, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        self._journal.calls["lookup"] += 1
        return await _worked(self._held.lookup(keys))

    async def append(self, entry: Entry) -> Outcome:
        return await self._journal._append(entry, self._held.append)


async def _worked(answer: Awaitable[T]) -> T:
    loop = asyncio.get_running_loop()
    return await (loop.thread(answer) if isinstance(loop, VirtualLoop) else answer)
