"""What is due by time alone is done when it is, whoever is there and wherever (DESIGN, Policies)."""

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from protocol.errors import Code, Refusal
from server.live import wakeups
from server.live.hub import Hub
from tests.inprocess import HOST, World, fresh, world
from tests.live.test_courier import events
from tests.live.test_models import here
from tests.notes import STREAM, Both, Reminded, begin, either
from tests.virtual import clock, timed

both: Callable[..., Any] = partial(world, model_of=either, admits=lambda hub: Both(hub).admit, idle=5.0)


LATE = 1_000 * (wakeups.EVERY + 2)


async def remind(w: World, n: int, after: int) -> int:
    """Ask to be reminded in so many milliseconds, and leave; when that is to be."""
    keeper = await w.enter(here(HOST))
    await keeper.done(f"n{n}", "note.write", id=fresh("note", n), text="x")
    await keeper.done(f"r{n}", "note.remind", id=fresh("note", n), after=after)
    keeper.wire.cut()
    return clock()() + after


async def reminded(w: World) -> list[tuple[str, int]]:
    return [(event.id, event.at) for event in await events(w, STREAM) if isinstance(event, Reminded)]


@timed
async def test_it_is_done_once_where_nobody_is(tmp_path: Path) -> None:
    async with both(tmp_path, workers=3) as w:
        await begin(w.hub)
        at = await remind(w, 1, 60_000)
        await asyncio.sleep(50)
        assert not any(each.hub.get(STREAM) for each in w.workers), "it is not held open for that"
        assert await reminded(w) == []
        await asyncio.sleep(10 + 2 * wakeups.EVERY)
        ((_, done),) = await reminded(w)
        assert at <= done < at + LATE
        await asyncio.sleep(200)
        assert len(await reminded(w)) == 1
        assert not any(each.hub.get(STREAM) for each in w.workers)


@timed
async def test_it_is_done_in_a_room_that_is_open_and_still(tmp_path: Path) -> None:
    async with both(tmp_path, idle=1_000.0) as w:
        await begin(w.hub)
        at = await remind(w, 1, 10_000)
        await asyncio.sleep(10 + 2 * wakeups.EVERY)
        assert [done - at < LATE for _, done in await reminded(w)] == [True]


@timed
async def test_it_outlives_the_server(tmp_path: Path) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        await remind(w, 1, 60_000)
        await asyncio.sleep(10)
    await asyncio.sleep(3_600)
    async with both(tmp_path, make=False) as w:
        await asyncio.sleep(2 * wakeups.EVERY)
        assert len(await reminded(w)) == 1


@timed
async def test_what_cannot_be_opened_comes_again_and_keeps_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        channel, tries, damaged = Hub.channel, Counter[str](), [True]

        async def sometimes(hub: Hub, stream: str) -> Any:
            tries[stream] += 1
            if stream == STREAM and damaged:
                raise Refusal(Code.INTERNAL)
            return await channel(hub, stream)

        await remind(w, 1, 10_000)
        await asyncio.sleep(9)
        monkeypatch.setattr(Hub, "channel", sometimes)
        tries.clear()
        await asyncio.sleep(100)
        assert tries[STREAM] == 2, "once a minute"
        damaged.clear()
        await asyncio.sleep(60)
        assert len(await reminded(w)) == 1


@timed
async def test_of_many_a_few_are_opened_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with both(tmp_path) as w:
        names = [f"notes:{n:012d}" for n in range(10)]
        now, opened, most = w.hub.now(), list[str](), 0
        for name in names:
            await w.journal.alter("insert into wakeups values (?, ?)", name, now)
        open_now = 0

        async def channel(hub: Hub, stream: str) -> Any:
            nonlocal open_now, most
            open_now += 1
            most = max(most, open_now)
            await asyncio.sleep(0.1)
            open_now -= 1
            opened.append(stream)
            raise Refusal(Code.UNKNOWN_ROOM)

        monkeypatch.setattr(Hub, "channel", channel)
        await asyncio.sleep(wakeups.EVERY + 1)
        assert sorted(opened) == names
        assert most == wakeups.AT_ONCE
