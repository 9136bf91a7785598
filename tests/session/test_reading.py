"""Up to where people have read (SPEC S15)."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from server.journal.port import JournalError
from server.model.kernel import State
from server.positions.port import Position
from tests.inprocess import HOST, OTHER, PARTICIPANT, ROOM, Client, MemoryPositions, World, codes, fresh, world
from tests.notes import NOTES, STREAM, Both, Note, Notes, begin, either
from tests.virtual import settle, timed


class Ordered(Notes):
    """Notes are read one after the other."""

    def last(self, state: State) -> int:
        return sum(isinstance(each, Note) for each in state.values())


ORDERED: Final = Ordered(
    NOTES.name,
    NOTES.capabilities,
    commands=NOTES.commands,
    rights=NOTES.rights,
    audiences=NOTES.audiences,
    versions=NOTES.versions,
    lifts={},
)

reading: Callable[..., Any] = partial(
    world,
    workers=2,
    model_of=lambda stream: ORDERED if stream == STREAM else either(stream),
    admits=lambda hub: Both(hub).admit,
)


class Failing(MemoryPositions):
    """Fails so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def keep(self, positions: Sequence[Position]) -> None:
        if self.times:
            self.times -= 1
            raise JournalError("not now", retry=True)
        await super().keep(positions)


async def written(w: World, many: int) -> Client:
    """A stream of so many notes, and somebody in it."""
    await begin(w.hub)
    paul = await w.enter(replace(PARTICIPANT, room=STREAM, others=(ROOM,)))
    for n in range(many):
        await paul.done(f"n{n}", "note.write", id=fresh("note", n), text=f"note {n}")
    return paul


async def device(w: World, at: int) -> Client:
    """Another of the same person, who watches."""
    other = await w.enter(replace(PARTICIPANT, room=STREAM, others=(ROOM,)), at=at)
    other.send(t="watch", id="w", streams=[])
    await other.until(lambda: other.got("watching"))
    return other


def told(client: Client) -> list[dict[str, int]]:
    client.read()
    return [news["seen"] for news in client.got("news") if "seen" in news]


@timed
async def test_S15_what_was_read_on_one_device_is_read_on_all(tmp_path: Path) -> None:
    """Within a second, on another worker, and before it is written; nobody else learns it (FIELD F8, F10)."""
    positions = MemoryPositions()
    async with reading(tmp_path, positions=positions) as w:
        paul = await written(w, 9)
        desk, nadia = await device(w, 1), await w.enter(replace(OTHER, room=STREAM), at=1)
        nadia.send(t="watch", id="w", streams=[STREAM])
        paul.send(t="seen", stream=STREAM, n=4)
        paul.send(t="seen", stream=STREAM, n=7)
        await asyncio.sleep(0.2)
        assert told(desk) == [{STREAM: 7}]
        assert positions.kept == {}
        await asyncio.sleep(10)
        assert positions.kept == {(PARTICIPANT.member, STREAM): 7}
        assert told(nadia) == []


@timed
async def test_S15_a_position_goes_back_only_where_somebody_wants_it_to(tmp_path: Path) -> None:
    positions = MemoryPositions()
    async with reading(tmp_path, positions=positions) as w:
        paul = await written(w, 9)
        desk = await device(w, 1)
        paul.send(t="seen", stream=STREAM, n=8)
        await asyncio.sleep(11)
        desk.send(t="seen", stream=STREAM, n=3)
        await asyncio.sleep(11)
        assert positions.kept[PARTICIPANT.member, STREAM] == 8, "a device that slept"
        desk.send(t="seen", stream=STREAM, n=3, back=True)
        desk.send(t="seen", stream=STREAM, n=2)
        await asyncio.sleep(11)
        assert positions.kept[PARTICIPANT.member, STREAM] == 3
        desk.send(t="seen", stream=STREAM, n=2**50)
        await asyncio.sleep(11)
        assert positions.kept[PARTICIPANT.member, STREAM] == 9, "never ahead of what there is"


@timed
async def test_S15_what_cannot_be_written_now_is_written_later(tmp_path: Path) -> None:
    positions = Failing(2)
    async with reading(tmp_path, positions=positions) as w:
        paul = await written(w, 9)
        paul.send(t="seen", stream=STREAM, n=6)
        await asyncio.sleep(15)
        paul.send(t="seen", stream=STREAM, n=4)
        await asyncio.sleep(6)
        assert positions.kept == {}
        await asyncio.sleep(10)
        assert positions.kept == {(PARTICIPANT.member, STREAM): 6}


@timed
@pytest.mark.parametrize(("stream", "code"), [(ROOM, "invalid"), ("notes:neverneverne", "not_joined")])
async def test_S15_where_nobody_reads_one_after_the_other_there_is_no_position(
    tmp_path: Path, stream: str, code: str
) -> None:
    async with reading(tmp_path) as w:
        await written(w, 1)
        host = await w.enter(HOST)
        host.send(t="seen", stream=stream, n=1)
        await settle()
        host.read()
        assert codes(host) == [(stream, code)]
