"""Virtual time itself: what would stand still for ever is told."""

import asyncio
import itertools
import threading

import pytest

from tests import virtual
from tests.virtual import run


async def _circle() -> None:
    for _ in itertools.count():
        await asyncio.sleep(0)


def test_a_circle_in_which_no_time_passes_is_told() -> None:
    with pytest.raises(RuntimeError, match="expected time to pass"):
        run(_circle())


def test_what_waits_for_nothing_is_told() -> None:
    async def nothing() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="expected something still to happen"):
        run(nothing())


def test_a_busy_day_is_no_circle() -> None:
    async def busy() -> None:
        for _ in range(50):
            for _ in range(10_000):
                await asyncio.sleep(0)
            await asyncio.sleep(0.001)

    run(busy())


def test_a_thread_may_take_longer_than_many_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a write takes as long as a hundred thousand turns of a loop that has nothing to do but wait."""
    monkeypatch.setattr(virtual, "LIVELY", 100)
    written = threading.Event()

    async def write() -> None:
        writing = asyncio.get_running_loop().run_in_executor(None, written.wait)
        for _ in range(1_000):
            await asyncio.sleep(0)
        written.set()
        await writing

    run(write())
