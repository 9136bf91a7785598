"""Work in a process beside: what it returns, what it refuses, what becomes of work that does not end."""

import asyncio
import os
import threading
import time
from collections.abc import Callable
from itertools import pairwise

import psutil
import pytest

from protocol.errors import Code, Refusal
from server.web.files import brought
from server.web.offload import NICE, Offload


async def test_it_is_not_done_here() -> None:
    offload = Offload()
    first = await offload.run(os.getpid)
    assert first != os.getpid()
    assert await offload.run(os.getpid) == first, "one process for all"


async def test_it_stands_behind_whoever_waits_at_the_loop() -> None:
    """Seen: on two cores, one stall of half a second while workbooks were written beside."""
    offload = Offload()
    assert {await offload.run(os.nice, 0) for _ in range(3)} == {min(19, os.nice(0) + NICE)}


async def test_a_refusal_comes_back_as_it_was() -> None:
    with pytest.raises(Refusal, match="expected a room that was exported as JSON") as refused:
        await Offload().run(brought, b"{}")
    assert refused.value.code is Code.INVALID


async def test_work_that_does_not_end_is_ended_and_the_next_is_done() -> None:
    worker = psutil.Process(await Offload().run(os.getpid))
    with pytest.raises(TimeoutError):
        await Offload(seconds=0.1).run(_for_ever)
    assert not worker.is_running()
    assert await Offload().run(abs, -1) == 1


async def test_who_would_wait_behind_too_many_is_refused() -> None:
    offload = Offload(waiting=1)
    working = [asyncio.create_task(offload.run(abs, -n)) for n in range(3)]
    refused, *done = sorted(await asyncio.gather(*working, return_exceptions=True), key=_is_done)
    assert isinstance(refused, Refusal)
    assert refused.code is Code.RATE_LIMITED
    assert done == [0, 1]
    assert await offload.run(abs, -3) == 3, "and once it is their turn, not any more"


async def test_one_piece_is_done_at_a_time() -> None:
    """Six hosts who ask at once for what is alike among ten thousand ideas take one core, and not all of them."""
    offload = Offload()
    spans = sorted(await asyncio.gather(*(offload.run(_span) for _ in range(6))))
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans)), spans


async def test_a_process_that_dies_costs_its_work_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    offload = Offload()
    with pytest.raises(Refusal) as refused:
        await offload.run(_dies)
    assert refused.value.code is Code.INTERNAL
    assert "ended while it worked" in caplog.text
    assert await offload.run(abs, -1) == 1


_is_done: Callable[[object], bool] = lambda outcome: isinstance(outcome, int)  # noqa: E731


def _for_ever() -> None:
    threading.Event().wait()


def _dies() -> None:
    os._exit(1)


def _span() -> tuple[float, float]:
    """From when to when it took, by the machine's clock."""
    begin = time.monotonic()
    assert sum(range(300_000))
    return begin, time.monotonic()
