"""One person taken out of one stream: it is looked through as it goes on, and rewritten at the head that was reached, or looked at further."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from server.journal.port import Commit, Head, HeadMoved, Journal, JournalError, Part, Row, Sealed
from server.live.rewriting import UnreadableError
from server.model.events import FORMAT
from server.model.kernel import Event, tail
from server.model.model import Model
from server.model.persons import Erasure, images, things, things_of, written

READ: Final = 200
"""Commits, or sealed entities, that are in memory at a time."""

TRIES: Final = 50
"""How often a stream may have moved on since it was looked through."""


class Erased(NamedTuple):
    """What was rewritten of a stream.

    Attributes:
        texts: how many ideas, messages and commitments were under this person's name.
        images: those that went with them, whose bytes are still there.
    """

    stream: str
    commits: int
    sealed: int
    texts: int
    images: tuple[str, ...] = ()


_PROBE: Final = "member:in-the-place-of-one"


class Looked:
    """What of a stream is another without somebody, as far as it has been looked through.

    Attributes:
        seqs: of its commits.
        theirs: ids of what they wrote under their name.
        rows: ids of what may be projected of them.
        sealed: ids of all that was sealed.
        resealed: those of it that are another.
        images: ids of those that go with their texts.
        reworded: ids of what is without its text in the projection already.
    """

    def __init__(self, model: Model, person: str, removes: bool) -> None:
        self.head = Head(0, "")
        self.seqs: list[int] = []
        self.theirs: frozenset[str] = frozenset()
        self.rows: set[str] = set()
        self.sealed: dict[str, None] = {}
        self.resealed: list[str] = []
        self.images: set[str] = set()
        self.reworded: frozenset[str] = frozenset()
        self._checked, self._checked_with = 0, self.theirs
        self._model = model
        self._probe = Erasure(person, _PROBE, removes, frozenset())
        self._needle = tail(person).encode()

    def take(self, commit: Commit) -> None:
        events = _events(self._model, commit)
        self.sealed |= dict.fromkeys(id for event in events for id in event.seals)
        # An id is in the bytes as it is; what only tells of their texts names them by the things.
        if self._needle in commit.events or (self._probe.removes and self.theirs):
            changed = [event for event in events if self._is_another(event)]
            if changed:
                self.seqs.append(commit.seq)
            for event in changed:
                self.rows |= things(event)
                self.images |= images(event, self._probe)

    def unchecked(self) -> list[str]:
        """Ids of what was sealed and is still to be asked whether it is another."""
        if self._checked_with != self.theirs:
            self._checked, self._checked_with, self.resealed = 0, self.theirs, []
        names = list(self.sealed)[self._checked :]
        self._checked = len(self.sealed)
        return names

    def _is_another(self, event: Event) -> bool:
        more = written(event, self._probe.person)
        if not more <= self.theirs:
            self.theirs |= more
            self._probe = self._probe._replace(theirs=self.theirs)
        return self._probe.of(event) is not event


async def erase_from(
    journal: Journal, model: Model, stream: str, person: str, fresh: Callable[[], str], *, removes: bool
) -> Erased | None:
    """Take a person out of a stream; None, with nothing written, where they are not in it.

    Args:
        fresh: ids that nobody has.
        removes: the texts under their name go.

    Raises:
        UnreadableError: nothing was written.
        JournalError: the same again does it, if it is not done: a stream is rewritten whole or not at all.
    """
    looked = Looked(model, person, removes)
    for _ in range(TRIES):
        looked = await _looked(journal, stream, looked, lambda: Looked(model, person, removes))
        if not looked.seqs:
            return None
        # What takes long is done once for each thing: between the last look and the rewriting there is as good as no time.
        if removes and (texts := looked.theirs - looked.reworded):
            # Still under their id, by which all that is left to do is found.
            blank = Erasure(person, person, removes, looked.theirs)
            await journal.reproject(stream, partial(_rerowed, model, blank), sorted(texts))
            looked.reworded = looked.theirs
        erasure = Erasure(person, fresh(), removes, looked.theirs)
        looked.resealed += await _sealed(journal, model, stream, looked.unchecked(), erasure)
        rows = looked.rows | looked.theirs | {*things_of(person)}
        part = Part(looked.head, looked.seqs, looked.resealed, sorted(rows), [person])
        try:
            await journal.redact(
                stream,
                partial(_blanked, model, erasure),
                partial(_resealed, model, erasure),
                partial(_rerowed, model, erasure),
                part,
            )
        except HeadMoved:
            continue
        return Erased(stream, len(looked.seqs), len(looked.resealed), len(looked.theirs), tuple(sorted(looked.images)))
    raise JournalError(f"{stream} is written into faster than it can be rewritten; try again", retry=True)


async def _looked(journal: Journal, stream: str, looked: Looked, anew: Callable[[], Looked]) -> Looked:
    """The stream looked through to its head; from where that was done already, unless its history was rewritten since."""
    head = (await journal.heads([stream])).get(stream, Head(0, ""))
    if head.incarnation != looked.head.incarnation:
        looked = anew()
    seq = looked.head.seq
    while seq < head.seq:
        for commit in await journal.read(stream, seq, min(READ, head.seq - seq)):
            looked.take(commit)
            seq = commit.seq
    looked.head = head
    return looked


async def _sealed(journal: Journal, model: Model, stream: str, names: Iterable[str], erasure: Erasure) -> list[str]:
    """Those of what was sealed that are another without this person."""
    ids, found = list(names), list[str]()
    for n in range(0, len(ids), READ):
        kept = await journal.sealed(stream, ids[n : n + READ])
        found += [id for id, sealed in kept.items() if _resealed(model, erasure, sealed) is not sealed]
    return found


def _events(model: Model, commit: Commit) -> list[Event]:
    try:
        return model.events.decode(commit.format, commit.events)
    except Exception as error:  # whatever its bytes bring about
        raise UnreadableError(f"commit {commit.seq}: {type(error).__name__}: {error}") from error


def _blanked(model: Model, erasure: Erasure, commit: Commit) -> Commit:
    events = _events(model, commit)
    return replace(commit, format=FORMAT, events=model.events.encode([erasure.of(event) for event in events]))


def _resealed(model: Model, erasure: Erasure, sealed: Sealed) -> Sealed:
    """The same where nothing of it is this person's."""
    try:
        entity = model.unpack_entity(sealed.format, sealed.entity)
    except Exception as error:  # whatever its bytes bring about
        raise UnreadableError(f"{sealed.id}, which was sealed: {type(error).__name__}: {error}") from error
    after = erasure.of(entity)
    return sealed if after is entity else Sealed(sealed.id, FORMAT, model.pack_entity(after))


def _rerowed(model: Model, erasure: Erasure, row: Row) -> Row | None:
    record = model.kept_record(row.id, row.record)
    after = erasure.of(record)
    if after is record:
        return row
    after = model.whole(after)
    about = model.index(after)
    return (
        None
        if about is None
        else row._replace(text=about.text, record=msgspec.msgpack.encode(after), place=about.place, author=about.author)
    )
