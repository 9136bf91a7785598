"""A whole database in the current format, with a snapshot of each stream, so that rooms open at once (DESIGN, Upgrades).

What an older format wrote is read as well as anything, but lifting it takes many times as long (`tests.bench`, `growth`). This is for when
nothing else runs on the database. It may be killed at any moment: what is done stays, and the same again does the rest.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from msgspec.structs import replace

from protocol.errors import Refusal
from server.journal.port import NOTHING_RENEWED, Commit, Head, Journal, Membership, Sealed, Snapshot
from server.live.layers import Layers, dump, load
from server.live.room import SNAPSHOT_EVERY
from server.model.events import FORMAT
from server.model.kernel import Event
from server.model.model import Model, ModelOf
from server.model.persons import appearing

PAGE: Final = 1_000
READ: Final = 200
"""Commits that are in memory at a time."""


class Progress(NamedTuple):
    """How much is done. A commit is once it was found to be readable and, if need be, rewritten."""

    streams: int
    of_streams: int
    commits: int
    of_commits: int


class Unreadable(NamedTuple):
    """A stream that was left as it is, and why."""

    stream: str
    reason: str


class UnreadableError(Exception):
    """A commit, a sealed entity or a snapshot that this release cannot read; says which, and why."""


async def rewrite(journal: Journal, model_of: ModelOf, tell: Callable[[Progress], None]) -> list[Unreadable]:
    """Bring all streams to the current format, each with a snapshot of the current version; the streams that cannot be read.

    Args:
        journal: open, and nobody else's meanwhile.
        model_of: the model of a stream.
        tell: called after each slice.

    Raises:
        JournalError: the database cannot be used (any more).
    """
    unreadable = list[Unreadable]()
    streams = commits = 0
    async for page in pages(journal):
        streams += len(page)
        commits += sum(head.seq for head in page.values())
    progress = Progress(0, streams, 0, commits)
    tell(progress)
    async for page in pages(journal):
        for stream, head in page.items():
            try:
                model = _model(model_of, stream)
                await _rewrite(journal, model, stream, head, partial(_tell_part, tell, progress, head.seq))
            except UnreadableError as error:
                unreadable.append(Unreadable(stream, str(error)))
            progress = progress._replace(streams=progress.streams + 1, commits=progress.commits + head.seq)
            tell(progress)
    return unreadable


def _tell_part(tell: Callable[[Progress], None], before: Progress, commits: int, part: float) -> None:
    tell(before._replace(commits=before.commits + int(part * commits)))


async def pages(journal: Journal) -> AsyncIterator[dict[str, Head]]:
    """All streams with their heads, by name, some at a time."""
    names = list[str]()
    async for stream in journal.streams():
        names.append(stream)
        if len(names) == PAGE:
            yield await _heads(journal, names)
            names = []
    yield await _heads(journal, names)


async def _heads(journal: Journal, names: Sequence[str]) -> dict[str, Head]:
    """In the order of the names, which a database need not keep."""
    heads = await journal.heads(names)
    return {name: heads[name] for name in names if name in heads}


async def _rewrite(journal: Journal, model: Model, stream: str, head: Head, looked: Callable[[float], None]) -> None:
    """One stream: all of it is read before any of it is changed.

    Args:
        looked: told which part of the stream is done.
    """
    snapshot = await journal.load_snapshot(stream, model.version)
    all_read = snapshot is None
    layers = await _folded(
        journal, model, stream, snapshot, lambda seq: looked(seq / head.seq / 2) if all_read else None
    )

    done = NOTHING_RENEWED
    while not done.done:
        # What comes back as it was is not written.
        done = await journal.renew(
            stream, FORMAT, _same if all_read else partial(_readable, model), partial(_readable_sealed, model), done
        )
        if not all_read:
            looked(done.seq / head.seq / 2)
    done = NOTHING_RENEWED
    while not done.done:
        done = await journal.renew(stream, FORMAT, partial(_lifted, model), partial(_lifted_sealed, model), done)
        looked(0.5 + done.seq / head.seq / 2)
    members = model.memberships(layers.state)
    await journal.enrol(
        stream,
        head,
        [Membership(person, role, layers.at, model.name_of(layers.state, person)) for person, role in members.items()],
    )
    await list_named(journal, model, stream)
    if snapshot is None or head.seq - snapshot.seq >= SNAPSHOT_EVERY:
        await journal.save_snapshot(stream, head.incarnation, model.version, Snapshot(layers.seq, dump(layers)))


async def list_named(journal: Journal, model: Model, stream: str) -> None:
    """Note whom a stream names, so that whoever is erased is not looked for in it for nothing (DESIGN, Erasure).

    Raises:
        UnreadableError: a commit cannot be read, and nothing was noted.
    """
    is_noted = False
    while not is_noted:
        head = (await journal.heads([stream]))[stream]
        persons, seq = set[str](), 0
        while commits := await journal.read(stream, seq, READ):
            for commit in commits:
                persons.update(appearing(_events(model, commit), persons))
            seq = commits[-1].seq
        is_noted = await journal.list_appearances(stream, head.incarnation, sorted(persons))


def _model(model_of: ModelOf, stream: str) -> Model:
    try:
        return model_of(stream)
    except Refusal:
        raise UnreadableError("it is of no kind that this release knows") from None


async def _folded(
    journal: Journal, model: Model, stream: str, snapshot: Snapshot | None, looked: Callable[[int], None]
) -> Layers:
    try:
        layers = load(model, snapshot.state) if snapshot else Layers(model)
    except Exception as error:  # whatever its bytes bring about
        raise UnreadableError(f"its snapshot: {_words(error)}") from error
    while commits := await journal.read(stream, layers.seq, READ):
        for commit in commits:
            events = _events(model, commit)
            try:
                layers.take(events, commit.seq, commit.at)
            except Exception as error:  # its events contradict the state
                raise UnreadableError(f"commit {commit.seq}: {_words(error)}") from error
        looked(layers.seq)
    return layers


def _events(model: Model, commit: Commit) -> Sequence[Event]:
    try:
        return model.events.decode(commit.format, commit.events)
    except Exception as error:  # whatever its bytes bring about
        raise UnreadableError(f"commit {commit.seq}: {_words(error)}") from error


def _same(commit: Commit) -> Commit:
    return commit


def _readable(model: Model, commit: Commit) -> Commit:
    _events(model, commit)
    return commit


def _lifted(model: Model, commit: Commit) -> Commit:
    return replace(commit, format=FORMAT, events=model.events.encode(_events(model, commit)))


def _readable_sealed(model: Model, sealed: Sealed) -> Sealed:
    _lifted_sealed(model, sealed)
    return sealed


def _lifted_sealed(model: Model, sealed: Sealed) -> Sealed:
    try:
        entity = model.unpack_entity(sealed.format, sealed.entity)
    except Exception as error:  # whatever its bytes bring about
        raise UnreadableError(f"{sealed.id}, which was sealed: {_words(error)}") from error
    return Sealed(sealed.id, FORMAT, model.pack_entity(entity))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
