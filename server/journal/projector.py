"""The projector: the public layer in plain tables, for paging and search; behind the journal by a moment, rebuilt at will.

It stores what a catch-up would send (DESIGN, Projector), so it holds no rule of secrecy of its own. Every worker runs one; the
position, moved with the rows, lets one of them win.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from protocol.records import Record
from server.domain import room as rules
from server.domain.events import NewerFormat
from server.domain.kernel import PUBLIC, State
from server.domain.layers import TOMBSTONES, VERSION, Layers, load
from server.domain.projection import found
from server.domain.reactions import reactions_id
from server.journal.port import Journal, JournalError, Row

log = logging.getLogger("palabre.projector")

EVERY: Final = 0.5
BUSY: Final = 0.05
"""Seconds between two looks; the shorter one after a look that found something."""


class _Forgotten(Exception):
    """What changed cannot be told from here: the projection is to be made again from the first commit."""


class Held(NamedTuple):
    layers: Layers
    incarnation: str


class Projector:
    """
    Args:
        held: the layers of a room that is open here and the incarnation they belong to, or None.
    """

    def __init__(self, journal: Journal, held: Callable[[str], Held | None]) -> None:
        self._journal = journal
        self._held = held

    async def run(self) -> None:
        """Project for ever."""
        loop = asyncio.get_running_loop()
        while True:
            found, started = False, loop.time()
            with suppress(JournalError):  # the rooms say so; a projection may lag
                found = await self.step()
            # Never more than a fifth of the time: paging and search may lag, the live room may not.
            await asyncio.sleep(max(BUSY if found else EVERY, 4 * (loop.time() - started)))

    async def step(self) -> bool:
        """Bring every stream that lags to where it stands now; whether there was one."""
        lagging = await self._journal.behind()
        for stream, projected, _ in lagging:
            try:
                await self._bring(stream, projected)
            except (NewerFormat, msgspec.MsgspecError) as error:
                # Its room says so when it is opened; the others are projected all the same.
                log.debug("%s: %s", stream, error)
        return bool(lagging)

    async def _bring(self, stream: str, projected: int) -> None:
        held = self._held(stream) or await self._loaded(stream)
        if held.layers.seq <= projected:
            return
        try:
            await self._project(stream, held, projected, {})
        except _Forgotten:
            await self._rebuild(stream, held.incarnation)

    async def _project(self, stream: str, held: Held, projected: int, seen: Mapping[str, Row]) -> bool:
        """Write what changed behind `projected`; `seen`: rows of what has been sealed since, where they are known.

        Raises:
            _Forgotten: that is not known any more.
        """
        layers, incarnation = held
        public, upto = layers.shared["public"], layers.seq
        changes = public.since(projected)
        if changes is None:
            raise _Forgotten
        put = [_row(record) for record in changes.put if found(record)]
        sealed = dict(layers.sealed)
        # Buried later than sealed: someone has removed it since.
        gone = [id for id in changes.gone if id not in sealed or sealed[id].seq != public.tombstones[id]]
        removed = set(gone)
        for id, (seq, v) in sealed.items():
            if seq > projected and v > projected and id not in removed:
                row = seen.get(id) or await self._sealed(stream, id, v)
                put += [row] if row is not None else []
        return await self._journal.project(stream, incarnation, projected, upto, put, gone)

    async def _sealed(self, stream: str, id: str, v: int) -> Row | None:
        """What everyone saw of an entity when it was sealed, which may have been before it was ever projected.

        Raises:
            _Forgotten: a redaction has dropped it.
        """
        kept = await self._journal.sealed(stream, (id, reactions_id(id)))
        entities = {name: rules.unpack_entity(raw) for name, raw in kept.items()}
        if id not in entities:
            raise _Forgotten
        record = rules.render(State(entities), id, PUBLIC)
        return _row(replace(record, v=v)) if record and found(record) else None

    async def _rebuild(self, stream: str, incarnation: str) -> None:
        """From the first commit, written before a layer would forget what was deleted."""
        await self._journal.unproject(stream)
        held, projected, deletes = Held(Layers(), incarnation), 0, 0
        seen: dict[str, Row] = {}
        while commits := await self._journal.read(stream, held.layers.seq):
            for commit in commits:
                events = rules.EVENTS.decode(commit.format, commit.events)
                at_most = sum(1 + len(event.seals) for event in events)
                if deletes + at_most > TOMBSTONES:
                    if not await self._project(stream, held, projected, seen):
                        return
                    projected, deletes = held.layers.seq, 0
                    seen.clear()
                deletes += at_most
                public = held.layers.shared["public"].records
                leaving = [public[id] for event in events for id in event.seals if id in public]
                seen |= {record.id: _row(record) for record in leaving if found(record)}
                held.layers.take(events, commit.seq, commit.at)
            if not await self._project(stream, held, projected, seen):
                return
            projected, deletes = held.layers.seq, 0
            seen.clear()

    async def _loaded(self, stream: str) -> Held:
        incarnation = (await self._journal.heads([stream]))[stream].incarnation
        snapshot = await self._journal.load_snapshot(stream, VERSION)
        layers = load(snapshot.state) if snapshot else Layers()
        while commits := await self._journal.read(stream, layers.seq):
            for commit in commits:
                layers.take(rules.EVENTS.decode(commit.format, commit.events), commit.seq, commit.at)
        return Held(layers, incarnation)


def _row(record: Record) -> Row:
    about = found(record)
    assert about is not None
    return Row(record.id, about.kind, about.n, about.text, msgspec.msgpack.encode(record))
