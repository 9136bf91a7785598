"""How a consumer paces itself: what somebody waits for comes soon, a flood of it no oftener than all else (DESIGN, Read models)."""

import asyncio
import itertools
from pathlib import Path

from server.journal.port import Head, Lag
from server.live.backlog import Backlog
from server.live.consumer import EVERY, SOON, Consumer
from tests.inprocess import HOST, OTHER, fresh
from tests.live.test_courier import both
from tests.live.test_models import here
from tests.notes import STREAM as STREAM_OF_NOTES
from tests.notes import begin
from tests.virtual import timed

STREAM = "room:a"


class Watched(Consumer):
    """Notes when it looks."""

    def __init__(self, backlog: Backlog) -> None:
        super().__init__("watched", _Lagging(), backlog, "room:")  # type: ignore[arg-type]  # all that it asks
        self.looks: list[float] = []

    async def bring(self, stream: str, at: int) -> None:
        self.looks.append(asyncio.get_running_loop().time())


class _Lagging:
    async def lags(self, streams: list[str], consumer: str) -> list[Lag]:
        return [Lag(stream, 0, Head(1, "i")) for stream in streams]

    async def behind(self, after: str, consumer: str, kind: str) -> list[Lag]:
        return []


async def looks(*hints: tuple[float, bool], kind: str = STREAM) -> list[float]:
    """When it looks, if it is hinted at these times, in a hurry or not."""
    backlog, loop = Backlog(), asyncio.get_running_loop()
    watched, began = Watched(backlog), loop.time()
    running = asyncio.ensure_future(watched.run())
    for at, hurry in hints:
        await asyncio.sleep(began + at - loop.time())
        backlog.add(kind, hurry=hurry)
    await asyncio.sleep(10)
    running.cancel()
    return [round(look - began, 1) for look in watched.looks]


@timed
async def test_what_nobody_waits_for_comes_with_the_next_look() -> None:
    assert await looks((1.0, False), (1.1, False), (1.2, False), (2.5, False)) == [1.0, 1.0 + EVERY]


@timed
async def test_what_somebody_waits_for_comes_soon() -> None:
    assert await looks((1.0, False), (1.1, True)) == [1.0, 1.0 + SOON]
    assert await looks((1.0, False), (2.0, True)) == [1.0, 2.0]


@timed
async def test_a_flood_of_it_is_looked_at_as_rarely_as_all_else() -> None:
    at = await looks(*((n / 5, True) for n in range(100)))
    waits = [round(b - a, 1) for a, b in itertools.pairwise(at)]
    assert waits[:4] == [SOON, 2 * SOON, 4 * SOON, EVERY]
    assert set(waits[3:]) == {EVERY}
    # And once there was nothing for a while, soon again.
    at = await looks(*((n / 5, True) for n in range(30)), (12.0, True), (12.1, True))
    assert at[-2:] == [12.0, 12.0 + SOON]


@timed
async def test_streams_of_another_kind_are_not_looked_at() -> None:
    assert await looks((1.0, True), kind="notes:a") == []


@timed
async def test_who_stops_takes_what_is_there_and_waits_for_nothing_else() -> None:
    backlog = Backlog()
    watched = Watched(backlog)
    await watched.catch_up(1.0)
    assert watched.looks == []
    backlog.add(STREAM)
    await watched.catch_up(1.0)
    assert len(watched.looks) == 1
    assert backlog.drain() == []


@timed
async def test_Q3_whom_something_concerns_is_told_soon_and_search_may_lag(tmp_path: Path) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        keeper = await w.enter(here(HOST))
        await keeper.done("a", "note.write", id=fresh("note", 1), text="un")
        await asyncio.sleep(EVERY + 0.1)
        await keeper.done("b", "note.write", id=fresh("note", 2), text="deux")  # and so it has just looked
        await asyncio.sleep(0.01)
        await keeper.done("c", "note.write", id=fresh("note", 3), text="trois")
        await asyncio.sleep(2 * SOON)
        assert await w.journal.search(STREAM_OF_NOTES, "trois", 0, 9) == []
        await keeper.done("d", "note.write", id=fresh("note", 4), text="quatre", to=OTHER.member)
        await asyncio.sleep(SOON)
        assert [told.about for told in await w.journal.notices(STREAM_OF_NOTES, [OTHER.member], 9)] == [
            fresh("note", 4)
        ]
