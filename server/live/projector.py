"""The projector: a layer (`Model.kept`, mostly that of everyone) in plain tables, for paging and search; behind the journal by a moment, rebuilt at will.

It stores what a catch-up would send (DESIGN, Projector), so it holds no rule of secrecy of its own. Every worker runs one, for what that
worker appended; the position, moved with the rows, lets one of two win. What a worker left that died is found by the others' sweeps.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from protocol.records import Record
from server.journal.port import INDEX, Beside, Commit, Journal, NoticeRow, Row, StakeRow
from server.live.backlog import Backlog
from server.live.consumer import Consumer, Held
from server.live.layers import SEALED, Layers, load
from server.live.trail import Step
from server.model.kernel import Stake, State, Viewer
from server.model.model import Model, ModelOf

log = logging.getLogger("palabre.projector")

PRESSED: Final = SEALED // 4
"""So many sealed records waiting for it make the projector rest less."""

GRACE: Final = 5_000
"""Milliseconds that a room has for what is due already before others are asked to look after it."""

AT_ONCE: Final = 256
"""Rows written in one transaction: it keeps the appends of the live rooms waiting (6 ms; with 2,000 rows it was 60)."""

READ: Final = 200
"""Commits read and folded together."""


class _Forgotten(Exception):
    """What changed cannot be told from here: the projection is to be made again from the first commit."""


Tell = Callable[[str, bool, Iterable[str]], None]
"""Told of a stream, whether something came into it that people may read, and whom something concerns."""


def _nobody(stream: str, news: bool, owners: Iterable[str]) -> None:
    pass


class Projector(Consumer):
    """
    Args:
        held: what is known of a room that is open here, or None.
        backlog: what this worker appended to.
        model_of: the model of a stream.
        now: milliseconds since 1970.
        tell: see `Tell`.
    """

    def __init__(
        self,
        journal: Journal,
        held: Callable[[str], Held | None],
        backlog: Backlog,
        model_of: ModelOf,
        now: Callable[[], int],
        tell: Tell = _nobody,
    ) -> None:
        super().__init__(INDEX, journal, backlog)
        self._held = held
        self._model_of = model_of
        self._now = now
        self._tell = tell

    async def bring(self, stream: str, projected: int) -> None:
        held = self._held(stream) or await self._loaded(stream)
        held.layers.have_projected(projected)  # by whichever worker
        self.pressed |= len(held.layers.sealed) > PRESSED
        try:
            await self._project(stream, held, projected, self._tell)
        except _Forgotten:
            await self.rebuild(stream)

    async def _project(self, stream: str, held: Held, projected: int, tell: Tell) -> None:
        """Write what changed behind `projected`, a part at a time, unless another projector is first.

        Raises:
            _Forgotten: that is not known any more.
        """
        due = self._due(held.layers)
        for part in parts(held.layers, projected):
            rows = await self._sealed(stream, part.sealed)
            put = list[Row]()
            for start in range(0, len(part.put), AT_ONCE):
                put += _rows(held.layers.model, part.put[start : start + AT_ONCE])
                await asyncio.sleep(0)
            put += [rows[id] for id, _ in part.sealed if id in rows]
            beside = Beside(*_concerning(part.steps), due)
            if not await self._journal.project(stream, held.incarnation, projected, part.upto, put, part.gone, beside):
                return
            projected = part.upto
            held.layers.have_projected(projected)
            if put or beside.notices:
                tell(stream, bool(put), dict.fromkeys(notice.owner for notice in beside.notices))

    def _due(self, layers: Layers) -> int | None:
        """When somebody is to look after the stream. What is due already is done by the room, as long as its worker lives."""
        due = layers.model.due(layers.state)
        return None if due is None else max(due.at, self._now() + GRACE)

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
            record = model.render(State(entities), id, Viewer(model.kept))
            if record:
                rows |= {row.id: row for row in _rows(model, [replace(record, v=v)])}
        return rows

    async def rebuild(self, stream: str) -> None:
        """From the first commit, by layers that forget nothing. All is told before a row is written: halfway there people read what has
        been hidden or corrected since. The rows of before stay meanwhile; each that is there no more has been gone at some time."""
        await self._journal.unproject(stream)
        incarnation = (await self._journal.heads([stream]))[stream].incarnation
        held = Held(Layers(self._model_of(stream), forgetful=False), incarnation)
        await self._follow_on(stream, held.layers)
        await self._project(stream, held, 0, _nobody)  # all of it was new long ago

    async def _loaded(self, stream: str) -> Held:
        incarnation = (await self._journal.heads([stream]))[stream].incarnation
        model = self._model_of(stream)
        snapshot = await self._journal.load_snapshot(stream, model.version)
        # In threads: nobody else has these layers yet, and a large room takes a while.
        layers = await asyncio.to_thread(load, model, snapshot.state) if snapshot else Layers(model)
        await self._follow_on(stream, layers)
        return Held(layers, incarnation)

    async def _follow_on(self, stream: str, layers: Layers) -> None:
        while commits := await self._journal.read(stream, layers.seq, READ):
            await asyncio.to_thread(_take, layers, commits)


def _take(layers: Layers, commits: Sequence[Commit]) -> None:
    for commit in commits:
        layers.take(layers.model.events.decode(commit.format, commit.events), commit.seq, commit.at)


class Part(NamedTuple):
    """Of what changed in the layer that is kept, up to a seq: records, what is gone, and what was sealed since (with its `v`); and what the commits
    led to beside."""

    upto: int
    put: Sequence[Record]
    gone: Sequence[str]
    sealed: Sequence[tuple[str, int]]
    steps: Sequence[Step]


def parts(layers: Layers, projected: int) -> list[Part]:
    """All that changed behind `projected`, oldest first, each part so small that it is a transaction of some milliseconds.

    Looked through once, however much it is, and before anything is awaited: layers move on meanwhile, records do not.

    Raises:
        _Forgotten: it is not known any more.
    """
    if projected < layers.lost_before or (layers.model.concerned and projected < layers.trail.lost_before):
        raise _Forgotten
    kept, index = layers.kept, layers.model.index
    changes = kept.remembered(projected)
    # Buried later than sealed: someone has removed it since.
    gone = [id for id in changes.gone if id not in layers.sealed or layers.sealed[id].seq != kept.tombstones[id]]
    removed = set(gone)
    rows: list[tuple[int, Record | str]] = [(record.v, record) for record in changes.put if index(record)]
    # Most is known here as it was seen last; what is not (since an opening from a snapshot) is asked of the journal.
    rows += [
        (v, record or id)
        for id, (seq, v, record) in layers.sealed.items()
        if seq > projected < v and id not in removed and (record is None or index(record))
    ]
    rows.sort(key=itemgetter(0))
    removals = deque((kept.tombstones[id], id) for id in gone)
    steps = deque(layers.trail.between(projected, layers.seq))
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
                [steps.popleft() for _ in range(sum(1 for step in steps if step.seq <= upto))],
            )
        )
        projected, start = upto, end
    return cut


def _concerning(steps: Iterable[Step]) -> tuple[list[NoticeRow], list[StakeRow]]:
    """Whom commits concern, as it is kept."""
    notices, stakes = list[NoticeRow](), list[StakeRow]()
    for step in steps:
        for each in step.concerns:
            if isinstance(each, Stake):
                stakes.append(StakeRow(*each))
            else:
                notices.append(NoticeRow(each.owner, step.seq, each.about, each.kind, each.scope))
    return notices, stakes


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
            yield Row(record.id, about.kind, about.n, about.text, raw, about.place, about.author)
        else:
            log.warning("left out %s, whose text no database holds", record.id)
