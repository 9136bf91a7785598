"""What a journal guarantees, whatever the database (contract suite: tests/contracts/test_journal.py).

A stream is a row of commits numbered from 1 without gaps. No process owns a stream: whoever appends says after which
seq, and the journal accepts one of two rivals. An append is durable when it is answered, never earlier.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from msgspec import Struct

EMPTY: Final[Mapping[str, int]] = MappingProxyType({})


class Commit(Struct, frozen=True, gc=False):
    """What one batch of commands made happen.

    Attributes:
        seq: place in the stream, from 1, without gaps.
        format: number of the event format that `events` is written in.
        at: milliseconds since 1970, never less than its predecessor's.
        events: an encoded list of events; the journal does not look inside.
    """

    seq: int
    format: int
    at: int
    events: bytes


class Sealed(NamedTuple):
    """An entity that leaves the state with this commit, kept so that it can still be removed, or come back, by name. It may leave again.

    Attributes:
        format: number of the event format of the release that wrote `entity`; 0 where it was not kept yet.
    """

    id: str
    format: int
    entity: bytes


class Membership(NamedTuple):
    """What a person is in a stream from a commit on.

    Attributes:
        role: as the stream's model calls it; None: nobody any more.
        since: milliseconds since 1970.
        name: what they are called there, for who asks from another stream; "" where that is nobody's to ask.
    """

    person: str
    role: str | None
    since: int
    name: str = ""


class ListingRow(NamedTuple):
    """What is known of a stream that stands under another, without opening it, from a commit on.

    Attributes:
        parent: the stream under which it stands: who is not there is not here.
        access: how people come in, as its model calls it.
        closed: it is kept to be read, and looked for no more.
    """

    parent: str
    access: str
    title: str
    purpose: str = ""
    closed: bool = False


class Standing(NamedTuple):
    """What the tables say of a person and a stream.

    Attributes:
        role: what they are in it; None: nobody, or there is no such stream.
        parent: the stream under which it stands; "" for one that stands alone.
        access: see `ListingRow`; "" for one that stands alone.
        above: what they are in the parent.
    """

    role: str | None
    parent: str = ""
    access: str = ""
    above: str | None = None


class Listed(NamedTuple):
    """A stream under another, as a person finds it.

    Attributes:
        role: what they are in it; None: nobody.
        people: how many are members of it.
    """

    stream: str
    listing: ListingRow
    role: str | None
    people: int


Answer = int | str
"""What a command was answered for ever: the seq of the commit that did it, or the code of its refusal."""


class Entry(NamedTuple):
    """One append: `commit` goes behind `commit.seq - 1`, if that is the head.

    Attributes:
        incarnation: of the history that it was decided on; the first commit gives the stream its own.
        keys: 16-byte hashes, one for each command done in the commit; a key is used once per stream, for ever.
        refused: keys of commands that were refused, with the code; of `keys` and these at least one, and no two are equal.
        memberships: of whom the commit makes something else, each person once.
        listing: what is known of the stream from this commit on; None: as before.
        appearing: persons whom it names and no commit before it did; None: whoever appends does not say, and a stream that begins so
            is not listed (`Journal.list_appearances`).
    """

    stream: str
    incarnation: str
    commit: Commit
    keys: tuple[bytes, ...]
    sealed: tuple[Sealed, ...] = ()
    refused: tuple[tuple[bytes, str], ...] = ()
    memberships: tuple[Membership, ...] = ()
    appearing: tuple[str, ...] | None = None
    listing: ListingRow | None = None

    @property
    def answers(self) -> list[tuple[bytes, str | None]]:
        """All its keys, each with the code of its refusal if it is one."""
        return [*((key, None) for key in self.keys), *self.refused]

    @property
    def begins_list(self) -> bool:
        """Whether its stream is listed from its first commit on."""
        return self.commit.seq == 1 and self.appearing is not None


class Appended(NamedTuple):
    """Durable."""

    seq: int


class Conflict(NamedTuple):
    """Nothing was written: the head is not (or was not, a moment ago) `commit.seq - 1`, another writer holds it, or history was rewritten.

    Said before anything is said of keys: a retry of what has landed is a Conflict, and a Duplicate once it follows the head.
    """


class Duplicate(NamedTuple):
    """Nothing was written: the head is as expected, but these keys were used by earlier commits (all of them are named)."""

    answers: Mapping[bytes, Answer]


class Rejected(NamedTuple):
    """Nothing was written, and the same entry will never be: the database refuses its data."""

    reason: str


class Unknown(NamedTuple):
    """Written or not: a time-out, a broken connection, a database that is full, read-only or away.

    Read the head, or `lookup` a key, before anything else. The same entry may succeed later.
    """

    reason: str


Outcome = Appended | Conflict | Duplicate | Rejected | Unknown


class Head(NamedTuple):
    """`incarnation` is an opaque text that changes whenever history is rewritten (redaction, import, restore)."""

    seq: int
    incarnation: str


class Snapshot(NamedTuple):
    """A cached state after commit `seq`; never the truth."""

    seq: int
    state: bytes


INDEX: Final = "index"
"""The consumer that keeps what is paged, searched and told to whom it concerns; its positions move with its rows (`Journal.project`)."""


class Lag(NamedTuple):
    """A stream of which a consumer has the commits up to `projected`, and not all."""

    stream: str
    projected: int
    head: Head


class Waiting(NamedTuple):
    """A target that has not had all that a consumer made for it of a stream, but only what the commits up to `seq` led to."""

    stream: str
    target: str
    seq: int


class Renewal(NamedTuple):
    """How far a stream is renewed (`Journal.renew`): its commits up to `seq` and, once these are done, what was sealed up to the id `sealed`."""

    seq: int = 0
    sealed: str = ""
    done: bool = False


NOTHING_RENEWED = Renewal()


class Row(NamedTuple):
    """A public record as the projector keeps it for paging and search.

    Attributes:
        n: its place among the rows of its kind; no two of a stream and kind share one.
        text: what search looks through.
        place: its number among what people read one after the other in the stream, from 1; 0 for what is not read so.
        author: who has read it because they wrote it; "" where that is nobody, or nobody's to know.
    """

    id: str
    kind: str
    n: int
    text: str
    record: bytes
    place: int = 0
    author: str = ""


class Bookmark(NamedTuple):
    """Where a row stands among those that a search of many streams finds, the greatest first.

    Attributes:
        exact: whether it holds the words as they were typed.
        number: a row gets it when it is put first, greater than those before it, and keeps it for as long as it is there.
    """

    exact: bool
    number: int


class Found(NamedTuple):
    """A row of one of the streams that were searched."""

    stream: str
    bookmark: Bookmark
    row: Row


class NoticeRow(NamedTuple):
    """That a commit concerns whom `owner` names; see `server.model.kernel.Notice`."""

    owner: str
    seq: int
    about: str
    kind: str
    scope: str


class StakeRow(NamedTuple):
    """That `owner` follows what `about` names; `role` None: no more."""

    owner: str
    about: str
    role: str | None


class Beside(NamedTuple):
    """What is written with the rows of a projection.

    Attributes:
        due: milliseconds since 1970 at which the stream is to be looked after by then; None: never, as far as is known.
    """

    notices: Sequence[NoticeRow] = ()
    stakes: Sequence[StakeRow] = ()
    due: int | None = None


NOTHING_BESIDE: Final = Beside()


class Unread(NamedTuple):
    """What of a stream somebody has not read.

    Attributes:
        many: rows, as many at most as were asked for.
        first: the place of the first of them.
    """

    many: int
    first: int


class Noticed(NamedTuple):
    """A thing of a stream that concerns somebody, by the commit that made it so; what it is to them, if several the first by name."""

    seq: int
    about: str
    kind: str


Rerow = Callable[[Row], Row | None]
"""What a row of the projection is to be (same id and kind); None: it goes."""


class Part(NamedTuple):
    """What of a stream a redaction is about, as somebody has looked through it; nothing else is read or written.

    Attributes:
        head: up to which it was looked through.
        seqs: of commits.
        sealed: ids of what was sealed.
        rows: ids of what may stand in the projection.
        leaving: persons who are nothing in this stream any more, and are not named in it.
    """

    head: Head
    seqs: Sequence[int]
    sealed: Sequence[str] = ()
    rows: Sequence[str] = ()
    leaving: Sequence[str] = ()


class HeadMoved(Exception):
    """The stream is not any more what it was when it was looked through, and nothing was written: look at what came since."""


class JournalError(Exception):
    """The database cannot be used: unreachable, locked, full, read-only or of another version. Says which, and what to do.

    Attributes:
        retry: whether waiting may help.
    """

    def __init__(self, text: str, *, retry: bool) -> None:
        super().__init__(text)
        self.retry = retry


class InUse(JournalError):
    """Other processes have the database, and this one may not be beside them.

    Attributes:
        rewriting: they rewrite it, and will be done.
    """

    def __init__(self, text: str, *, rewriting: bool) -> None:
        super().__init__(text, retry=False)
        self.rewriting = rewriting


class Exclusive(Protocol):
    """A stream held alone inside one transaction, until the `async with` ends; committed by `append` only.

    After a Duplicate the stream is still held and `append` may be called again. Any other outcome ends the hold, as being thrown
    out does: from then on `append` is a Conflict, and the others raise JournalError.
    """

    @property
    def head(self) -> Head:
        """Where the stream stood when it was taken; `Head(0, "")` for one that has no commits yet."""
        ...

    async def read(self, after: int) -> list[Commit]:
        """All commits behind seq `after`, in order."""
        ...

    async def lookup(self, keys: Sequence[bytes]) -> dict[bytes, Answer]: ...

    async def append(self, entry: Entry) -> Outcome:
        """`Journal.append`, for this stream. Raises ValueError for another."""
        ...


class Journal(Protocol):
    """Every method but `append` raises JournalError when the database cannot answer within its deadline."""

    async def open(self) -> None:
        """Connect and check the schema's version. Raises JournalError (with words for whoever starts the server)."""

    async def close(self) -> None: ...

    async def append(self, entry: Entry) -> Outcome:
        """Write one commit; never raises for the database's sake.

        Appends under way at the same time share one transaction (group commit) and do not harm each other: each gets its
        own outcome, and data that the database refuses costs only the entry that holds it.
        """
        ...

    def exclusive(self, stream: str) -> AbstractAsyncContextManager[Exclusive]:
        """Hold the stream's head against all other writers, waiting for them in turn. Their appends meanwhile are Conflicts.

        The holder is thrown out after 2 s without a statement, so that a frozen process holds nobody. Raises JournalError when
        the turn has not come within 5 s.
        """
        ...

    async def heads(self, streams: Sequence[str]) -> dict[str, Head]:
        """The heads of those streams that exist."""
        ...

    async def read(self, stream: str, after: int, limit: int = 1000) -> list[Commit]:
        """Commits behind seq `after`, in order, at most `limit`."""
        ...

    async def read_many(self, after: Mapping[str, int]) -> dict[str, list[Commit]]:
        """For each stream its commits behind a seq, in one query; at most 1,000 of each."""
        ...

    async def lookup(self, stream: str, keys: Sequence[bytes]) -> dict[bytes, Answer]:
        """What became of each of these keys, where a commit used it."""
        ...

    async def sealed(self, stream: str, names: Sequence[str]) -> dict[str, Sealed]:
        """Those of these ids that earlier commits sealed, as the last of them sealed it."""
        ...

    async def save_snapshot(self, stream: str, incarnation: str, version: str, snapshot: Snapshot) -> None:
        """Keep a state for a faster opening; ignored when the incarnation is no longer current. One per stream and version."""

    async def load_snapshot(self, stream: str, version: str) -> Snapshot | None: ...

    async def redact(
        self,
        stream: str,
        change: Callable[[Commit], Commit],
        reseal: Callable[[Sealed], Sealed],
        rerow: Rerow | None = None,
        part: Part | None = None,
    ) -> str:
        """Rewrite history: each commit becomes `change(commit)` (same seq), what they sealed `reseal(sealed)` (same id).

        The only rewrite that changes what history says. Drops the stream's snapshots, starts a new incarnation and returns it: what was
        decided before is a Conflict after. Keys stay used. Whom it names is not known any more, unless `part` says it. All are called on whatever thread, `change` in order, and must be pure.

        Args:
            rerow: the rows of the projection are rewritten where they are, so that search finds what it found; None: the projection is
                dropped, and made anew by whoever projects.
            part: to which it is restricted; the memberships and positions of those who leave end in the same transaction. What is taken out is in the
                database's files until `purge`; without `part` that is done, too.

        Raises:
            KeyError: there is no such stream.
            HeadMoved: it is not where `part` says.
            ValueError: a commit was given another seq, or what was sealed, or a row, another id.
            JournalError: as `purge` does.
            Exception: what `change`, `reseal` and `rerow` raise, with nothing written.
        """
        ...

    async def reproject(self, stream: str, rerow: Rerow, rows: Sequence[str]) -> None:
        """Rewrite those rows of the projection that have these ids where they are: in slices, others write between two.

        Words of many rows take an index longer than an append should wait, so what takes them out does so before it redacts.
        Raises ValueError as `redact` does, with the slices before it written.
        """
        ...

    async def purge(self) -> None:
        """Have the files hold no more what redactions took out, as far as the database can: in slices, others write between two.

        On PostgreSQL nothing is done: its vacuum comes by, and its log and backups have their time.

        Raises:
            JournalError: SQLite, with `retry`: what was taken out is still in the write-ahead log, because another program reads the
                file; the same again cuts it.
        """
        ...

    async def renew(
        self,
        stream: str,
        format: int,
        change: Callable[[Commit], Commit],
        reseal: Callable[[Sealed], Sealed],
        since: Renewal = NOTHING_RENEWED,
    ) -> Renewal:
        """Write anew what is of another format than `format` and says the same in it: one slice, in a transaction of its own.

        Commits come first, then what they sealed. Incarnation, seqs, times, keys, snapshots and the projection stay, so that nobody
        notices. What `change` and `reseal` give back as it was is not written.

        Example:
            done = NOTHING_RENEWED
            while not done.done:
                done = await journal.renew(stream, FORMAT, change, reseal, done)

        Raises:
            KeyError: there is no such stream.
            ValueError: a commit was given another seq or time, or what was sealed another id.
            Exception: what `change` and `reseal` raise; of this slice nothing is written.
        """
        ...

    # Who is a member of what, as of each stream's head: written with the commit that makes it so.

    async def standing(self, person: str, stream: str) -> Standing:
        """What a person is in a stream and in the one above it, in one question, whatever there is."""
        ...

    async def names(self, stream: str, persons: Sequence[str]) -> dict[str, str]:
        """What those of these persons are called who are members of a stream."""
        ...

    async def listed(self, parent: str, person: str, hidden: str) -> list[Listed]:
        """All streams under another that are not closed, by title, but for those whose access is `hidden` and of which this person is no member:
        nothing tells that there are any."""
        ...

    async def members(self, pairs: Sequence[tuple[str, str]], common: str = "") -> set[tuple[str, str]]:
        """Those of these pairs of a person and a stream where the one is a member of the other and, where that stands under another, of that too.

        Args:
            common: the access of streams of which everyone above is a member, with no row for each.
        """
        ...

    async def enrol(self, stream: str, head: Head, memberships: Sequence[Membership]) -> bool:
        """Write all memberships of a stream anew, as they are at this head; False, with nothing written, where it has moved on."""
        ...

    # Which streams name whom, whatever became of them there: written with the commit that names them first, and kept until they are erased.

    def streams_naming(self, person: str) -> AsyncIterator[str]:
        """Streams that name a person, and those of which that is not known, by name: there may be no others."""
        ...

    async def list_appearances(self, stream: str, incarnation: str, persons: Sequence[str]) -> bool:
        """Note who is named in a stream that was looked through: from now on it is known of it. False, with nothing written, where its
        history was rewritten meanwhile. What is appended while it is looked through says itself whom it names."""
        ...

    # The directory: six-character codes of rooms.

    async def claim_code(self, code: str, room: str) -> bool:
        """Give a code to a room; False when another room has it, True again when this one has it already."""
        ...

    async def room_of(self, code: str) -> str | None: ...

    # What is so of the whole database, from its first day on.

    async def fact(self, name: str, value: str) -> str:
        """The value that a fact was first given; this one, durably, where it had none."""
        ...

    # The projection: the public layer in plain tables, for paging and full text.

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
        """Write what changed between two seqs and move the position of `INDEX`, in one transaction. `gone` names ids, and comes before `put`.
        Notices that are there already stay; of several stakes of one owner in one thing the last counts.

        False, and nothing written, when the projection does not stand at `after` or the incarnation is no longer current: what
        was read before a redaction must not come back after it.
        """
        ...

    async def unproject(self, stream: str) -> None:
        """Have a stream's projection made anew: its position is 0 again. What was written stays until something else is."""

    async def notices(self, stream: str, owners: Sequence[str], limit: int) -> list[Noticed]:
        """What concerns somebody who goes by these names, or what they have a stake in; newest first, each thing once a commit."""
        ...

    async def noticed(self, streams: Sequence[str], owners: Sequence[str], each: int) -> list[tuple[str, Noticed]]:
        """What concerns somebody in several streams, so many things of each at most, by stream and then newest first; of a thing that does in
        several ways, all of them."""
        ...

    async def unread(self, person: str, positions: Mapping[str, int], most: int) -> dict[str, Unread]:
        """Of these streams those in which there are rows behind somebody's position, by their place, that are not theirs; counted up to
        `most` in each, so that it costs the same however long they were away."""
        ...

    async def rows(self, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        """Rows by stream and id, those that are there."""
        ...

    async def page(self, stream: str, kind: str, before: int | None, limit: int) -> list[Row]:
        """Rows of a kind with `n` below `before` (None: the newest), by falling `n`."""
        ...

    async def search(self, stream: str, text: str, offset: int, limit: int) -> list[Row]:
        """Rows that hold the words, whatever the accents, in French and in English word forms.

        First those that hold the words as they were typed, then the others; newest (greatest `n`) first among each.
        """
        ...

    async def search_many(self, streams: Sequence[str], text: str, before: Bookmark | None, limit: int) -> list[Found]:
        """Rows of any of these streams that hold the words as in `search`, by falling bookmark, those below `before` (None: all).

        First those that hold the words as they were typed, then those that hold other forms or beginnings of three letters and more; newest
        first among each. Newest is what was put first last: a row that is updated keeps its number, and its place. One that was gone, or whose
        stream was redacted, and is put again, is new. So a page neither misses nor doubles a row that is updated meanwhile, unless it holds
        the words in another way than before.

        Args:
            streams: up to 1,000; who may read them is the caller's affair.

        Example:
            page = await journal.search_many(circles, "réunion", None, 21)
            next_page = await journal.search_many(circles, "réunion", page[-1].bookmark, 21)
        """
        ...

    # Consumers of the commits: how far each is in each stream.

    async def lags(self, streams: Sequence[str], consumer: str = INDEX) -> list[Lag]:
        """Those of these streams that a consumer does not have all of."""
        ...

    async def behind(self, after: str, consumer: str = INDEX, kind: str = "") -> list[Lag]:
        """Streams that a consumer does not have all of, whose name begins with `kind` and comes behind `after`, by name, at most 100."""
        ...

    async def begin(self, consumer: str, kind: str) -> None:
        """From now on a consumer takes what is appended to streams whose name begins with `kind`, nothing of before; once, for ever."""

    async def advance(
        self, consumer: str, stream: str, after: int, upto: int, waiting: Mapping[str, int] = EMPTY
    ) -> bool:
        """Move a consumer's position, and note how far the targets are that could not be reached, in one transaction; who waits already
        keeps his place. False, and nothing written, when the consumer does not stand at `after`."""
        ...

    async def forget(self, consumer: str) -> None:
        """A consumer is no more: none of its positions is kept, and nobody waits for it."""

    async def waiting(self, consumer: str, limit: int, stream: str | None = None) -> list[Waiting]:
        """Targets that wait, of one stream or of all, in no order that is known."""
        ...

    async def arrived(self, consumer: str, stream: str, target: str, upto: int) -> None:
        """A target has had what the commits up to `upto` led to: it waits no more, if that is all that the consumer has of the stream."""

    async def wake(self, now: int, until: int, limit: int) -> list[str]:
        """Streams that are due, the longest due first; put off until then, so that nobody else takes them meanwhile. Both in milliseconds
        since 1970."""
        ...

    def streams(self) -> AsyncIterator[str]:
        """All streams that have commits, by name; for maintenance commands."""
        ...
