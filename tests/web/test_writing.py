"""Minutes that many ask for in the same minute are written once, and those of one room one at a time."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from protocol.errors import Refusal
from server.report.written import Written
from server.web.writing import KEPT, WAITING, Writing

AT = datetime(2026, 12, 1, 9, 30, 15, tzinfo=UTC)


class Pen:
    """What would write in a process beside."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.busy = self.most = 0
        self.go = asyncio.Event()
        self.body: bytes = b"told"
        self.fails = False

    async def __call__(self, work: object, *asked: object) -> Written:
        self.asked.append(asked)
        self.busy += 1
        self.most = max(self.most, self.busy)
        await self.go.wait()
        self.busy -= 1
        if self.fails:
            raise TimeoutError
        return Written("Minutes", self.body)


async def test_what_many_ask_for_in_the_same_minute_is_written_once() -> None:
    pen = Pen()
    writing = Writing(pen, pen)
    many = [asyncio.create_task(writing.written("room:1", b"records", "html", "fr", AT)) for _ in range(300)]
    await asyncio.sleep(0)
    many[0].cancel()
    pen.go.set()
    assert len({*await asyncio.gather(*many[1:])}) == 1
    assert await writing.written("room:1", b"records", "html", "fr", AT + timedelta(seconds=40)) == Written(
        "Minutes", b"told"
    )
    assert len(pen.asked) == 1
    await writing.written("room:1", b"records", "html", "fr", AT + timedelta(seconds=60))
    await writing.written("room:1", b"others", "html", "fr", AT)
    assert len(pen.asked) == 3


async def test_one_room_writes_one_at_a_time_and_lets_few_wait() -> None:
    pen = Pen()
    writing = Writing(pen, pen)
    waiting = [asyncio.create_task(writing.written("room:1", bytes([n]), "html", "fr", AT)) for n in range(WAITING)]
    other = asyncio.create_task(writing.written("room:2", b"", "html", "fr", AT))
    await asyncio.sleep(0)
    with pytest.raises(Refusal, match="wait a little"):
        await writing.written("room:1", b"one more", "html", "fr", AT)
    await asyncio.sleep(0)
    assert pen.busy == 2
    pen.go.set()
    await asyncio.gather(*waiting, other)
    assert pen.most == 2


async def test_a_failure_is_told_to_all_who_wait_and_tried_again() -> None:
    pen = Pen()
    pen.fails = True
    pen.go.set()
    writing = Writing(pen, pen)
    many = await asyncio.gather(
        *(writing.written("room:1", b"", "html", "fr", AT) for _ in range(3)), return_exceptions=True
    )
    assert [type(each) for each in many] == [TimeoutError] * 3
    pen.fails = False
    assert (await writing.written("room:1", b"", "html", "fr", AT)).body == b"told"


async def test_what_is_kept_is_bounded() -> None:
    pen = Pen()
    pen.body = b" " * (KEPT // 2)
    pen.go.set()
    writing = Writing(pen, pen)
    for room in ("room:1", "room:2", "room:3", "room:3", "room:1"):
        await writing.written(room, b"", "html", "fr", AT)
    assert len(pen.asked) == 4
