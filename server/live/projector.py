"""The projector: the public layer in plain tables, for paging and search; behind the journal by a moment, rebuilt at will.

It stores what a catch-up would send (DESIGN, Projector), so it holds no rule of secrecy of its own. Every worker runs one, for what that
worker appended; the position, moved with the rows, lets one of two win. What a worker left that died is found by the others' sweeps.
"""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from protocol.records import Record
from server.journal.port import Commit, Journal, JournalError, Lag, Row
from server.live.layers import SEALED, TOMBSTONES, Layers, load
from server.live.unprojected import Unprojected
from server.model.events import NewerFormat
from server.model.kernel import State, Viewer
from server.model.model import Model, ModelOf

log = logging.getLogger("palabre.projector")

EVERY: Final = 1.0
BUSY: Final = 0.05
"""Seconds between two looks; the shorter one when a room is pressed."""

LONGEST: Final = 3.0
"""Of these seconds, at most."""

SWEEP: Final = 30.0
"""Seconds between two sweeps for what nobody projects."""

SETTLE: Final = 5.0
"""Seconds in which a position that somebody moves has moved."""

LATEST: Final = 3_600.0
"""Seconds that a stream which cannot be projected is left alone at most; `SWEEP` at first, then twice as long each time."""

PRESSED: Final = SEALED // 4
"""So many sealed records waiting for it make the projector rest less."""

AT_ONCE: Final = 256
"""Rows written in one transaction: it keeps the appends of the live rooms waiting (6 ms; with 2,000 rows it was 60)."""

TOGETHER: Final = 100
"""Streams of a sweep that are asked for at once."""

READ: Final = 200
"""Commits read and folded together."""


class _Forgotten(Exception):
    """What changed cannot be told from here: the projection is to be made again from the first commit."""


class Held(NamedTuple):
    layers: Layers
    incarnation: str


class _Failure(NamedTuple):
    """Until when a stream that cannot be projected is left alone (by the loop's clock), and for how long that is, in seconds."""

    until: float
    pause: float


def rest(took: float, *, pressed: bool) -> float:
    """Seconds until the next look, after one of so many: paging and search may lag, the live room may not, so a fifth of the time is
    for them. But half of it, rather than that a layer forgets what it keeps for us: then all would be to do again. And a look that took long
    because the database was away is no reason to stay away for longer still (SPEC Q3)."""
    return max(BUSY if pressed else EVERY, min(LONGEST, (1 if pressed else 4) * took))


class Projector:
    """
    Args:
        held: the layers of a room that is open here and the incarnation they belong to, or None.
        unprojected: what this worker appended to.
        model_of: the model of a stream.

    Attributes:
        pressed: the last look found more than `PRESSED` records waiting in one room.
    """

    def __init__(
        self, journal: Journal, held: Callable[[str], Held | None], unprojected: Unprojected, model_of: ModelOf
    ) -> None:
        self._journal = journal
        self._held = held
        self._unprojected = unprojected
        self._model_of = model_of
        self.pressed = False
        self._failed: dict[str, _Failure] = {}

    async def run(self) -> None:
        """Project for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(), name="follow")
            group.create_task(self._sweep_on(), name="sweep")

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            streams = await self._unprojected.take()
            started, self.pressed = loop.time(), False
            with _going_on():
                await self.step(streams)
            await asyncio.sleep(rest(loop.time() - started, pressed=self.pressed))

    async def _sweep_on(self) -> None:
        while True:
            with _going_on():
                await self.sweep()
            await asyncio.sleep(SWEEP)

    async def step(self, streams: Sequence[str]) -> bool:
        """Bring these streams to where they stand now; whether there was one that could be. What could not be asked is hinted at again."""
        try:
            return await self._bring_all(await self._journal.lags(streams))
        except JournalError:
            self._unprojected.add(*streams)
            raise

    async def sweep(self, settle: float = SETTLE) -> bool:
        """Bring what lags and whose position nobody moves within `settle` seconds; whether there was a stream that could be.

        Who appends projects: a sweep that came first would load whole rooms that are open elsewhere, in each worker.
        """
        standing: dict[str, int] = {}
        after = ""
        while page := await self._journal.behind(after):
            after = page[-1].stream
            standing |= {lag.stream: lag.projected for lag in page if not self._is_left_alone(lag.stream)}
        if not standing:
            return False
        await asyncio.sleep(settle)
        streams, brought = list(standing), False
        for start in range(0, len(streams), TOGETHER):
            lags = await self._journal.lags(streams[start : start + TOGETHER])
            brought |= await self._bring_all([lag for lag in lags if lag.projected == standing[lag.stream]])
        return brought

    async def _bring_all(self, lags: Sequence[Lag]) -> bool:
        brought = False
        for stream, projected, _ in lags:
            if self._is_left_alone(stream):
                continue
            try:
                await self._bring(stream, projected)
                brought = True
                self._failed.pop(stream, None)
            except Exception as error:
                if isinstance(error, JournalError) and error.retry:
                    raise
                # One room that cannot be read keeps no other from being found. Of what is newer or damaged, itself says so when it is opened.
                if stream not in self._failed and not isinstance(error, (NewerFormat, msgspec.MsgspecError)):
                    log.exception("%s cannot be projected; the others are", stream)
                self._leave_alone(stream)
        return brought

    def _is_left_alone(self, stream: str) -> bool:
        failure = self._failed.get(stream)
        return failure is not None and asyncio.get_running_loop().time() < failure.until

    def _leave_alone(self, stream: str) -> None:
        before = self._failed.get(stream)
        pause = min(2 * before.pause, LATEST) if before else SWEEP
        self._failed[stream] = _Failure(asyncio.get_running_loop().time() + pause, pause)

    async def _bring(self, stream: str, projected: int) -> None:
        held = self._held(stream) or await self._loaded(stream)
        held.layers.have_projected(projected)  # by whichever worker
        self.pressed |= len(held.layers.sealed) > PRESSED
        try:
            await self._project(stream, held, projected, {})
        except _Forgotten:
            await self._rebuild(stream, held.incarnation)

    async def _project(self, stream: str, held: Held, projected: int, seen: Mapping[str, Row]) -> bool:
        """Write what changed behind `projected`, a part at a time; `seen`: rows of what has been sealed since, where they
        are known. False when another projector was first.

        Raises:
            _Forgotten: that is not known any more.
        """
        for part in parts(held.layers, projected):
            unseen = [(id, v) for id, v in part.sealed if id not in seen]
            rows = {**seen, **(await self._sealed(stream, unseen))}
            put = list[Row]()
            for start in range(0, len(part.put), AT_ONCE):
                put += _rows(held.layers.model, part.put[start : start + AT_ONCE])
                await asyncio.sleep(0)
            put += [rows[id] for id, _ in part.sealed if id in rows]
            if not await self._journal.project(stream, held.incarnation, projected, part.upto, put, part.gone):
                return False
            projected = part.upto
            held.layers.have_projected(projected)
        return True

    async def _sealed(self, stream: str, sealed: Sequence[tuple[str, int]]) -> dict[str, Row]:
        """What everyone saw of entities when they were sealed, which may have been before they were ever projected.

        Raises:
            _Forgotten: a redaction has dropped one.
        """
        if not sealed:
            return {}
        model = self._model_of(stream)
        # In one question: in a flood of messages most are sealed before they are projected (one by one: 90 µs each).
        kept = await self._journal.sealed(stream, [name for id, _ in sealed for name in model.sealed_with(id)])
        rows: dict[str, Row] = {}
        for id, v in sealed:
            if id not in kept:
                raise _Forgotten
            entities = {
                name: model.unpack_entity(kept[name].format, kept[name].entity)
                for name in model.sealed_with(id)
                if name in kept
            }
            record = model.render(State(entities), id, Viewer(model.everyone))
            if record:
                rows |= {row.id: row for row in _rows(model, [replace(record, v=v)])}
        return rows

    async def _rebuild(self, stream: str, incarnation: str) -> None:
        """From the first commit, by layers that forget no deletion until it is written: one event may bring more of them than a layer keeps."""
        await self._journal.unproject(stream)
        model = self._model_of(stream)
        held, projected = Held(Layers(model), incarnation), 0
        public = held.layers.public
        public.most = sys.maxsize
        seen: dict[str, Row] = {}
        while commits := await self._journal.read(stream, held.layers.seq, READ):
            for commit in commits:
                events = model.events.decode(commit.format, commit.events)
                leaving = [public.records[id] for event in events for id in event.seals if id in public.records]
                seen |= {row.id: row for row in _rows(model, leaving)}
                after = held.layers.after(events)
                for _ in held.layers.folding(events, after, commit.seq, commit.at):
                    await asyncio.sleep(0)
                if len(public.tombstones) >= TOMBSTONES or commit is commits[-1]:
                    if not await self._project(stream, held, projected, seen):
                        return
                    projected = held.layers.seq
                    public.tombstones.clear()
                    seen.clear()

    async def _loaded(self, stream: str) -> Held:
        incarnation = (await self._journal.heads([stream]))[stream].incarnation
        model = self._model_of(stream)
        snapshot = await self._journal.load_snapshot(stream, model.version)
        # In threads: nobody else has these layers yet, and a large room takes a while.
        layers = await asyncio.to_thread(load, model, snapshot.state) if snapshot else Layers(model)
        while commits := await self._journal.read(stream, layers.seq, READ):
            await asyncio.to_thread(_take, layers, commits)
        return Held(layers, incarnation)


@contextmanager
def _going_on() -> Iterator[None]:
    """What fails in one look is tried in the next: a projection may lag, and must not stop."""
    try:
        yield
    except JournalError:
        pass  # the rooms say so
    except Exception:
        log.exception("the projector failed, and will try again")


def _take(layers: Layers, commits: Sequence[Commit]) -> None:
    for commit in commits:
        layers.take(layers.model.events.decode(commit.format, commit.events), commit.seq, commit.at)


class Part(NamedTuple):
    """Of what changed in a public layer, up to a seq: records, what is gone, and what was sealed since (with its `v`)."""

    upto: int
    put: Sequence[Record]
    gone: Sequence[str]
    sealed: Sequence[tuple[str, int]]


def parts(layers: Layers, projected: int) -> list[Part]:
    """All that changed behind `projected`, oldest first, each part so small that it is a transaction of some milliseconds.

    Looked through once, however much it is, and before anything is awaited: layers move on meanwhile, records do not.

    Raises:
        _Forgotten: it is not known any more.
    """
    if projected < layers.lost_before:
        raise _Forgotten
    public, index = layers.public, layers.model.index
    changes = public.remembered(projected)
    # Buried later than sealed: someone has removed it since.
    gone = [id for id in changes.gone if id not in layers.sealed or layers.sealed[id].seq != public.tombstones[id]]
    removed = set(gone)
    rows: list[tuple[int, Record | str]] = [(record.v, record) for record in changes.put if index(record)]
    # Most is known here as it was seen last; what is not (since an opening from a snapshot) is asked of the journal.
    rows += [
        (v, record or id)
        for id, (seq, v, record) in layers.sealed.items()
        if seq > projected < v and id not in removed and (record is None or index(record))
    ]
    rows.sort(key=itemgetter(0))
    removals = deque((public.tombstones[id], id) for id in gone)
    cut: list[Part] = []
    start = 0
    while start < len(rows) or projected < layers.seq:
        end = min(start + AT_ONCE, len(rows))
        while start < end < len(rows) and rows[end][0] == rows[end - 1][0]:
            end += 1  # a commit is not cut in two
        upto = rows[end - 1][0] if end < len(rows) else layers.seq
        here = rows[start:end]
        cut.append(
            Part(
                upto,
                [row for _, row in here if not isinstance(row, str)],
                [removals.popleft()[1] for _ in range(sum(1 for seq, _ in removals if seq <= upto))],
                [(row, v) for v, row in here if isinstance(row, str)],
            )
        )
        projected, start = upto, end
    return cut


def _rows(model: Model, records: Iterable[Record]) -> Iterator[Row]:
    """One for each that is kept; one that no database holds is left out, and the log says so."""
    for record in records:
        about = model.index(record)
        if about is None:
            continue
        try:
            raw = msgspec.msgpack.encode(record)
        except UnicodeEncodeError:
            raw = b""
        if raw and "\0" not in about.text:
            yield Row(record.id, about.kind, about.n, about.text, raw)
        else:
            log.warning("left out %s, whose text no database holds", record.id)
