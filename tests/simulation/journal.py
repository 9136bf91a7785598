"""A journal in memory: the whole port (`server/journal/port.py`), no thread, no clock but the loop's, so a seed replays exactly.

Disk  what is durable; outlives whoever opened it
MemoryJournal  one worker's connection to it
StormyJournal  a connection on which every fault happens that the port names
"""

import asyncio
import itertools
import random
import re
import unicodedata
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, Literal

from msgspec.structs import replace

from server.journal.noticed import newest
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
    Duplicate,
    Entry,
    Exclusive,
    Found,
    Head,
    HeadMoved,
    JournalError,
    Lag,
    Listed,
    ListingRow,
    Membership,
    Noticed,
    NoticeRow,
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
from server.journal.redaction import blank, blank_sealed, renewed, rerowed

THROWN_OUT: Final = 2.0
"""Seconds without a statement after which who holds a stream alone holds it no more."""

TURN: Final = 5.0
"""Seconds that the turn to hold a stream is waited for."""

KEY_BYTES: Final = 16

QUESTIONS: Final = frozenset(("heads", "read", "lookup", "sealed", "load_snapshot", "page"))
"""Statements that only look: on one connection they are late on their way, on another their answers are late on the way back."""

Fault = Literal["lose the answer", "lose the commit", "conflict"]


class Stream:
    """One row of commits and what belongs to it.

    Attributes:
        writers: the release that wrote each commit, for `MemoryJournal.release`.
        numbers: of the rows, by their ids.
        past: commits as they were under each incarnation, for whoever checks what was shown then.
    """

    def __init__(self, incarnation: str) -> None:
        self.incarnation = incarnation
        self.commits: list[Commit] = []
        self.writers: list[int] = []
        self.keys: dict[bytes, Answer] = {}
        self.sealed: dict[str, Sealed] = {}
        self.roles: dict[str, str] = {}
        self.called: dict[str, str] = {}
        self.listing: ListingRow | None = None
        self.appearances: set[str] = set()
        self.is_listed = False
        self.snapshots: dict[str, Snapshot] = {}
        self.rows: dict[str, Row] = {}
        self.numbers: dict[str, int] = {}
        self.notices: set[NoticeRow] = set()
        self.stakes: dict[tuple[str, str], str] = {}
        self.due: int | None = None
        self.positions: dict[str, int] = {}
        self.waiting: dict[tuple[str, str], int] = {}
        self.past: dict[str, list[Commit]] = {incarnation: self.commits}

    def enrol(self, memberships: Sequence[Membership]) -> None:
        for person, role, _, name in memberships:
            self.roles.pop(person, None)
            self.called.pop(person, None)
            if role is not None:
                self.roles[person] = role
                self.called[person] = name

    @property
    def head(self) -> Head:
        return Head(len(self.commits), self.incarnation)

    def forget(self) -> None:
        self.rows.clear()
        self.numbers.clear()
        self.notices.clear()
        self.stakes.clear()
        self.positions.pop(INDEX, None)


class Disk:
    """What is durable."""

    def __init__(self) -> None:
        self.streams: dict[str, Stream] = {}
        self.codes: dict[str, str] = {}
        self.facts: dict[str, str] = {}
        self.begun: set[str] = set()
        self.holders: dict[str, _Held] = {}
        self.queues: dict[str, deque[asyncio.Future[None]]] = {}
        self.numbers = itertools.count(1)
        self._incarnations = itertools.count(1)

    def incarnation(self) -> str:
        return f"i{next(self._incarnations)}"

    def append(self, entry: Entry, release: int) -> Outcome:
        """In the order of the port: what is refused for its data, then the head, then the keys."""
        if (reason := _poison(entry)) is not None:
            return Rejected(reason)
        stream, commit = self.streams.get(entry.stream), entry.commit
        if commit.seq != (len(stream.commits) if stream else 0) + 1:
            return Conflict()
        if stream is not None and entry.incarnation != stream.incarnation:
            return Conflict()
        known = {key: stream.keys[key] for key, _ in entry.answers if key in stream.keys} if stream else {}
        if known:
            return Duplicate(known)
        if stream is None:
            stream = self.streams[entry.stream] = Stream(entry.incarnation)
        stream.commits.append(commit)
        stream.writers.append(release)
        stream.keys.update((key, refusal or commit.seq) for key, refusal in entry.answers)
        for sealed in entry.sealed:
            stream.sealed[sealed.id] = sealed
        stream.enrol(entry.memberships)
        stream.appearances |= set(entry.appearing or ())
        stream.is_listed |= entry.begins_list
        stream.listing = entry.listing or stream.listing
        return Appended(commit.seq)

    def let_go(self, name: str, held: "_Held") -> None:
        """The stream is free for the next in turn."""
        if self.holders.get(name) is held:
            del self.holders[name]
            queue = self.queues.get(name, deque())
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return


class MemoryJournal:
    """A worker's connection; see `port.Journal`.

    Args:
        release: of the software that uses it. To one release the commits of a later one are of a newer format.
    """

    def __init__(self, disk: Disk, release: int = 0) -> None:
        self.disk = disk
        self.release = release
        self._is_open = False

    async def _before(self, statement: str) -> None:
        """A statement is on its way to the database."""

    async def _after(self, statement: str) -> None:
        """Its answer is on its way back."""

    async def _reach(self, statement: str) -> None:
        self._check()
        await self._before(statement)

    def _check(self) -> None:
        if not self._is_open:
            raise JournalError("this journal is closed: open it first", retry=False)

    def _stream(self, name: str) -> Stream | None:
        return self.disk.streams.get(name)

    async def open(self) -> None:
        self._is_open = True

    async def close(self) -> None:
        self._is_open = False

    async def append(self, entry: Entry) -> Outcome:
        return await self._append(entry, None)

    async def _append(self, entry: Entry, held: "_Held | None") -> Outcome:
        try:
            await self._reach("append")
            if held is not None and not held.holds:
                return Conflict()
            outcome: Outcome
            if held is None and entry.stream in self.disk.holders and _poison(entry) is None:
                outcome = Conflict()
            else:
                outcome = self.disk.append(entry, self.release)
            if held is not None and not isinstance(outcome, Duplicate):
                held.end()
            await self._after("append")
        except JournalError as error:
            if held is not None:
                held.end()
            return Unknown(str(error))
        return outcome

    @asynccontextmanager
    async def exclusive(self, stream: str) -> AsyncIterator[Exclusive]:
        await self._reach("exclusive")
        held = _Held(self, stream)
        try:
            async with asyncio.timeout(TURN):
                while stream in self.disk.holders:
                    turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self.disk.queues.setdefault(stream, deque()).append(turn)
                    await turn
        except TimeoutError:
            raise JournalError(f"{stream} is held by others", retry=True) from None
        held.begin()
        try:
            await self._after("exclusive")
            yield held
        finally:
            held.end()

    async def heads(self, streams: Sequence[str]) -> dict[str, Head]:
        await self._reach("heads")
        heads = {name: self.disk.streams[name].head for name in streams if name in self.disk.streams}
        await self._after("heads")
        return heads

    async def read(self, stream: str, after: int, limit: int = 1000) -> list[Commit]:
        await self._reach("read")
        commits = self._commits(stream, after, limit)
        await self._after("read")
        return commits

    def _commits(self, name: str, after: int, limit: int | None = None) -> list[Commit]:
        stream = self._stream(name)
        if stream is None:
            return []
        upto = len(stream.commits) if limit is None else after + limit
        return [
            replace(commit, format=commit.format + 1) if writer > self.release else commit
            for commit, writer in zip(stream.commits[after:upto], stream.writers[after:upto], strict=True)
        ]

    async def read_many(self, after: Mapping[str, int]) -> dict[str, list[Commit]]:
        return {name: await self.read(name, seq) for name, seq in after.items()}

    async def lookup(self, stream: str, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        await self._reach("lookup")
        found = self._known(stream, keys)
        await self._after("lookup")
        return found

    def _known(self, name: str, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        stream = self._stream(name)
        return {key: stream.keys[key] for key in keys if key in stream.keys} if stream else {}

    async def standing(self, person: str, stream: str) -> Standing:
        await self._reach("standing")
        there = self.disk.streams.get(stream)
        role = there.roles.get(person) if there else None
        listing = there.listing if there else None
        above = self.disk.streams.get(listing.parent) if listing else None
        found = Standing(
            role,
            listing.parent if listing else "",
            listing.access if listing else "",
            above.roles.get(person) if above else None,
        )
        await self._after("standing")
        return found

    async def names(self, stream: str, persons: Sequence[str]) -> dict[str, str]:
        await self._reach("names")
        there = self.disk.streams.get(stream)
        found = {person: there.called[person] for person in persons if person in there.called} if there else {}
        await self._after("names")
        return found

    async def listed(self, parent: str, person: str, hidden: str) -> list[Listed]:
        await self._reach("listed")
        found = [
            Listed(name, there.listing, there.roles.get(person), len(there.roles))
            for name, there in self.disk.streams.items()
            if there.listing is not None and there.listing.parent == parent and not there.listing.closed
            if there.listing.access != hidden or person in there.roles
        ]
        await self._after("listed")
        return sorted(found, key=lambda each: (each.listing.title, each.stream))

    async def members(self, pairs: Sequence[tuple[str, str]], common: str = "") -> set[tuple[str, str]]:
        await self._reach("members")
        found = {(person, stream) for person, stream in pairs if self._is_member(person, stream, common)}
        await self._after("members")
        return found

    def _is_member(self, person: str, stream: str, common: str) -> bool:
        there = self.disk.streams.get(stream)
        if there is None or there.listing is None:
            return there is not None and person in there.roles
        above = self.disk.streams.get(there.listing.parent)
        is_above = above is not None and person in above.roles
        return is_above and (person in there.roles or there.listing.access == common)

    async def enrol(self, stream: str, head: Head, memberships: Sequence[Membership]) -> bool:
        await self._reach("enrol")
        there = self.disk.streams.get(stream)
        if there is None or there.head != head:
            return False
        there.roles = {}
        there.enrol(memberships)
        await self._after("enrol")
        return True

    async def streams_naming(self, person: str) -> AsyncIterator[str]:
        await self._reach("streams_naming")
        for name, there in sorted(self.disk.streams.items()):
            if not there.is_listed or person in there.appearances or person in there.roles:
                yield name

    async def list_appearances(self, stream: str, incarnation: str, persons: Sequence[str]) -> bool:
        await self._reach("list_appearances")
        there = self.disk.streams.get(stream)
        if there is None or there.incarnation != incarnation:
            return False
        there.appearances.update(persons)
        there.is_listed = True
        await self._after("list_appearances")
        return True

    async def sealed(self, stream: str, names: Sequence[str]) -> dict[str, Sealed]:
        await self._reach("sealed")
        there = self._stream(stream)
        found = {name: there.sealed[name] for name in names if name in there.sealed} if there else {}
        await self._after("sealed")
        return found

    async def save_snapshot(self, stream: str, incarnation: str, version: str, snapshot: Snapshot) -> None:
        await self._reach("save_snapshot")
        there = self._stream(stream)
        if there is not None and there.incarnation == incarnation:
            version = f"{self.release}/{version}"
            saved = there.snapshots.get(version)
            if saved is None or saved.seq < snapshot.seq:
                there.snapshots[version] = snapshot
        await self._after("save_snapshot")

    async def load_snapshot(self, stream: str, version: str) -> Snapshot | None:
        await self._reach("load_snapshot")
        there = self._stream(stream)
        found = there.snapshots.get(f"{self.release}/{version}") if there else None
        await self._after("load_snapshot")
        return found

    async def redact(
        self,
        stream: str,
        change: Callable[[Commit], Commit],
        reseal: Callable[[Sealed], Sealed],
        rerow: Rerow | None = None,
        part: Part | None = None,
    ) -> str:
        await self._reach("redact")
        there = self.disk.streams[stream]
        if part is not None and part.head != there.head:
            raise HeadMoved(stream)
        changed = [blank(c, change) if part is None or c.seq in part.seqs else c for c in there.commits]
        resealed = {
            s.id: blank_sealed(s, reseal) if part is None or s.id in part.sealed else s for s in there.sealed.values()
        }
        rows = dict[str, Row]()
        if rerow is not None:
            for row in there.rows.values():
                after = rerowed(row, rerow) if part is None or row.id in part.rows else row
                if after is not None:
                    rows[row.id] = after
        there.incarnation, there.commits = self.disk.incarnation(), changed
        there.past[there.incarnation] = changed
        there.snapshots.clear()
        there.sealed = resealed
        if rerow is None:
            there.forget()
        else:
            there.rows = rows
        leaving = part.leaving if part is not None else ()
        for person in leaving:
            there.roles.pop(person, None)
        there.appearances.difference_update(leaving)
        there.is_listed &= part is not None
        there.notices = {each for each in there.notices if each.owner not in leaving}
        there.stakes = {(owner, about): role for (owner, about), role in there.stakes.items() if owner not in leaving}
        await self._after("redact")
        return there.incarnation

    async def reproject(self, stream: str, rerow: Rerow, rows: Sequence[str]) -> None:
        await self._reach("reproject")
        there = self.disk.streams[stream]
        for id in rows:
            row = there.rows.pop(id, None)
            after = None if row is None else rerowed(row, rerow)
            if after is not None:
                there.rows[id] = after

    async def purge(self) -> None:
        await self._reach("purge")

    async def renew(
        self,
        stream: str,
        format: int,
        change: Callable[[Commit], Commit],
        reseal: Callable[[Sealed], Sealed],
        since: Renewal = NOTHING_RENEWED,
    ) -> Renewal:
        await self._reach("renew")
        there = self.disk.streams[stream]
        there.commits[:] = [c if c.format == format else renewed(c, change) for c in there.commits]
        there.sealed = {s.id: s if s.format == format else blank_sealed(s, reseal) for s in there.sealed.values()}
        await self._after("renew")
        return since._replace(seq=len(there.commits), done=True)

    async def claim_code(self, code: str, room: str) -> bool:
        await self._reach("claim_code")
        return self.disk.codes.setdefault(code, room) == room

    async def room_of(self, code: str) -> str | None:
        await self._reach("room_of")
        return self.disk.codes.get(code)

    async def fact(self, name: str, value: str) -> str:
        await self._reach("fact")
        return self.disk.facts.setdefault(name, value)

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
        await self._reach("project")
        there = self._stream(stream)
        if there is None or (there.incarnation, there.positions.get(INDEX, 0)) != (incarnation, after):
            return False
        for id in gone:
            there.rows.pop(id, None)
            there.numbers.pop(id, None)
        there.rows.update((row.id, row) for row in put)
        for row in put:
            if row.id not in there.numbers:
                there.numbers[row.id] = next(self.disk.numbers)
        there.notices.update(beside.notices)
        for owner, about, role in beside.stakes:
            there.stakes.pop((owner, about), None)
            if role is not None:
                there.stakes[owner, about] = role
        there.due = beside.due
        there.positions[INDEX] = upto
        await self._after("project")
        return True

    async def unproject(self, stream: str) -> None:
        await self._reach("unproject")
        there = self._stream(stream)
        if there is not None:
            there.positions.pop(INDEX, None)

    async def notices(self, stream: str, owners: Sequence[str], limit: int) -> list[Noticed]:
        await self._reach("notices")
        there = self._stream(stream)
        if there is None:
            return []
        names = {*owners, *(about for owner, about in there.stakes if owner in owners)}
        kinds: dict[tuple[int, str], str] = {}
        for owner, seq, about, kind, _ in there.notices:
            if owner in names:
                kinds[seq, about] = min(kind, kinds.get((seq, about), kind))
        found = sorted(kinds.items(), key=lambda item: (-item[0][0], item[0][1]))
        return [Noticed(seq, about, kind) for (seq, about), kind in found][:limit]

    async def lags(self, streams: Sequence[str], consumer: str = INDEX) -> list[Lag]:
        await self._reach("lags")
        return [lag for lag in self._lags(consumer) if lag.stream in streams]

    async def behind(self, after: str, consumer: str = INDEX, kind: str = "") -> list[Lag]:
        await self._reach("behind")
        return [lag for lag in self._lags(consumer) if lag.stream > after and lag.stream.startswith(kind)][:100]

    def _lags(self, consumer: str) -> list[Lag]:
        standing = ((name, s.positions.get(consumer, 0), s) for name, s in sorted(self.disk.streams.items()))
        return [Lag(name, at, s.head) for name, at, s in standing if at < len(s.commits)]

    async def begin(self, consumer: str, kind: str) -> None:
        await self._reach("begin")
        if consumer not in self.disk.begun:
            self.disk.begun.add(consumer)
            for name, there in self.disk.streams.items():
                if name.startswith(kind):
                    there.positions.setdefault(consumer, len(there.commits))

    async def advance(
        self, consumer: str, stream: str, after: int, upto: int, waiting: Mapping[str, int] = EMPTY
    ) -> bool:
        await self._reach("advance")
        there = self.disk.streams[stream]
        if there.positions.get(consumer, 0) != after:
            return False
        there.positions[consumer] = upto
        for target, seq in waiting.items():
            there.waiting.setdefault((consumer, target), seq)
        await self._after("advance")
        return True

    async def forget(self, consumer: str) -> None:
        await self._reach("forget")
        self.disk.begun.discard(consumer)
        for there in self.disk.streams.values():
            there.positions.pop(consumer, None)
            there.waiting = {
                (whose, target): seq for (whose, target), seq in there.waiting.items() if whose != consumer
            }

    async def waiting(self, consumer: str, limit: int, stream: str | None = None) -> list[Waiting]:
        await self._reach("waiting")
        return [
            Waiting(name, target, seq)
            for name, there in self.disk.streams.items()
            for (whose, target), seq in there.waiting.items()
            if whose == consumer and stream in (None, name)
        ][:limit]

    async def arrived(self, consumer: str, stream: str, target: str, upto: int) -> None:
        await self._reach("arrived")
        there = self.disk.streams[stream]
        if there.positions.get(consumer, 0) == upto:
            there.waiting.pop((consumer, target), None)
        elif (consumer, target) in there.waiting:
            there.waiting[consumer, target] = max(upto, there.waiting[consumer, target])
        await self._after("arrived")

    async def wake(self, now: int, until: int, limit: int) -> list[str]:
        await self._reach("wake")
        due = [(s.due, name, s) for name, s in self.disk.streams.items() if s.due is not None and s.due <= now]
        due.sort(key=lambda each: each[:2])
        for _, _, there in due[:limit]:
            there.due = until
        await self._after("wake")
        return [name for _, name, _ in due[:limit]]

    async def noticed(self, streams: Sequence[str], owners: Sequence[str], each: int) -> list[tuple[str, Noticed]]:
        await self._reach("noticed")
        found = list[tuple[str, Noticed]]()
        for stream in streams:
            there = self.disk.streams.get(stream)
            if there is not None:
                names = {*owners, *(about for owner, about in there.stakes if owner in owners)}
                found += [(stream, Noticed(n.seq, n.about, n.kind)) for n in there.notices if n.owner in names]
        await self._after("noticed")
        return newest(found, each)

    async def unread(self, person: str, positions: Mapping[str, int], most: int) -> dict[str, Unread]:
        await self._reach("unread")
        found = dict[str, Unread]()
        for stream, n in positions.items():
            there = self.disk.streams.get(stream)
            rows = there.rows.values() if there else ()
            behind = sorted(row.place for row in rows if row.place > max(n, 0) and row.author != person)
            if behind:
                found[stream] = Unread(min(len(behind), most), behind[0])
        await self._after("unread")
        return found

    async def rows(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        await self._reach("rows")
        streams = self.disk.streams
        found = {
            (stream, id): streams[stream].rows[id]
            for stream, id in asked
            if stream in streams and id in streams[stream].rows
        }
        await self._after("rows")
        return found

    async def page(self, stream: str, kind: str, before: int | None, limit: int) -> list[Row]:
        await self._reach("page")
        there = self._stream(stream)
        rows = [row for row in (there.rows.values() if there else ()) if row.kind == kind]
        rows = sorted((row for row in rows if before is None or row.n < before), key=lambda row: -row.n)
        await self._after("page")
        return rows[:limit]

    async def search(self, stream: str, text: str, offset: int, limit: int) -> list[Row]:
        """By whole words without accents: of word forms a memory knows nothing."""
        await self._reach("search")
        there, words = self._stream(stream), _words(text)
        rows = [row for row in (there.rows.values() if there else ()) if words and words <= _words(row.text)]
        return sorted(rows, key=lambda row: -row.n)[offset : offset + limit]

    async def search_many(self, streams: Sequence[str], text: str, before: Bookmark | None, limit: int) -> list[Found]:
        """By whole words without accents, so that all hold them as they were typed."""
        await self._reach("search_many")
        words = _words(text)
        found = [
            Found(name, Bookmark(True, there.numbers[row.id]), row)
            for name, there in self.disk.streams.items()
            for row in there.rows.values()
            if name in streams and words and words <= _words(row.text)
        ]
        found = [each for each in found if before is None or each.bookmark < before]
        return sorted(found, key=lambda each: each.bookmark, reverse=True)[:limit]

    async def streams(self) -> AsyncIterator[str]:
        await self._reach("streams")
        for name in sorted(self.disk.streams):
            yield name


class _Held:
    """A stream held alone; see `port.Exclusive`."""

    def __init__(self, journal: MemoryJournal, stream: str) -> None:
        self._journal = journal
        self._name = stream
        self._expiry: asyncio.TimerHandle | None = None
        self.head = Head(0, "")
        self.holds = False

    def begin(self) -> None:
        stream = self._journal.disk.streams.get(self._name)
        self.head = stream.head if stream else Head(0, "")
        self.holds = True
        self._journal.disk.holders[self._name] = self
        self._stir()

    def end(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        if self.holds:
            self.holds = False
            self._journal.disk.let_go(self._name, self)

    def _stir(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry = asyncio.get_running_loop().call_later(THROWN_OUT, self.end)

    async def _statement(self, name: str) -> None:
        await self._journal._reach(f"held {name}")
        if not self.holds:
            raise JournalError(f"{self._name} is no longer held: take it again", retry=True)
        self._stir()

    async def read(self, after: int) -> list[Commit]:
        await self._statement("read")
        return self._journal._commits(self._name, after)

    async def lookup(self, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        await self._statement("lookup")
        return self._journal._known(self._name, keys)

    async def append(self, entry: Entry) -> Outcome:
        if entry.stream != self._name:
            raise ValueError(f"expected an entry of {self._name}; got one of {entry.stream}")
        return await self._journal._append(entry, self)


class StormyJournal(MemoryJournal):
    """A connection that is late, breaks and lies down, as chance wills.

    Attributes:
        faults: what becomes of the next appends, in order.
        down: while true nothing is answered.
        latency: longest time of a statement's way to the database, or back, in seconds.
    """

    def __init__(self, disk: Disk, chance: random.Random, release: int = 0) -> None:
        super().__init__(disk, release)
        self.faults: deque[Fault] = deque()
        self.down = False
        self.latency = 0.002
        self.late = chance.choice(("question", "answer"))
        self._chance = chance
        self._running = asyncio.Event()
        self._running.set()

    def freeze(self) -> None:
        """Whoever uses this connection is stopped: he hears no answer, and says nothing."""
        self._running.clear()

    def thaw(self) -> None:
        self._running.set()

    async def _append(self, entry: Entry, held: _Held | None) -> Outcome:
        fault = self.faults.popleft() if self.faults else None
        if fault == "conflict":
            await self._pass()
            if held is not None:
                held.end()
            return Conflict()
        if fault == "lose the commit":
            await self._pass()
            if held is not None:
                held.end()
            return Unknown("planted: nothing was written")
        outcome = await super()._append(entry, held)
        return Unknown("planted: it may be written") if fault == "lose the answer" else outcome

    async def _before(self, statement: str) -> None:
        if self.late == "question" or statement not in QUESTIONS:
            await self._cross()

    async def _after(self, statement: str) -> None:
        if self.late == "answer" or statement not in QUESTIONS:
            await self._cross()

    async def _cross(self) -> None:
        await self._pass()
        if self.down:
            raise JournalError("planted: the journal is down", retry=True)

    async def _pass(self) -> None:
        await asyncio.sleep(self._chance.random() * self.latency if self.latency else 0)
        await self._running.wait()


def _poison(entry: Entry) -> str | None:
    """Why these data will never be written; says nothing of what they are."""
    commit = entry.commit
    if not all(
        map(
            _is_storable,
            (
                entry.stream,
                entry.incarnation,
                *(sealed.id for sealed in entry.sealed),
                *(m.person for m in entry.memberships),
                *(m.name for m in entry.memberships),
                *(each for each in entry.listing or () if isinstance(each, str)),
                *(entry.appearing or ()),
            ),
        )
    ):
        return "expected texts without U+0000 and lone surrogates"
    if not (1 <= commit.seq < 2**63 and 0 <= commit.at < 2**63 and 0 <= commit.format < 2**31):
        return "expected numbers in range"
    keys = [key for key, _ in entry.answers]
    if not keys or len(set(keys)) < len(keys) or any(len(key) != KEY_BYTES for key in keys):
        return f"expected different keys of {KEY_BYTES} bytes, at least one"
    return None


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _words(text: str) -> set[str]:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return set(re.findall(r"\w+", plain))
