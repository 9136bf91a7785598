"""Virtual time: an event loop whose clock stands still while anything can run, and jumps to the next timer when nothing can.

An hour passes in a moment, and the same test always takes the same course. Threads (the journal's) work in real time, during
which virtual time stands still: a loop that has given work to a thread waits for it.

    @timed
    async def test_a_lease_ends_by_itself(tmp_path: Path) -> None:
        await asyncio.sleep(3600)
"""

import asyncio
import functools
import random
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

EPOCH: Final = 1_760_000_000_000
"""Milliseconds since 1970 at which virtual clocks start."""

HUNG: Final = 30.0
"""Real seconds after which a thread that does not answer is a failure of the test."""


class _Selector(selectors.DefaultSelector):
    """Hears of sockets and threads at once, and instead of waiting for a timer moves the clock to it."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.loop.threads:
            ready = super().select(HUNG)
            if not ready:
                raise RuntimeError(f"expected an answer of {self.loop.threads} threads within {HUNG:g} s")
        elif timeout is None:
            raise RuntimeError("expected something still to happen; every task waits, and no timer is set")
        else:
            self.loop.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """
    Attributes:
        now: seconds since the loop began.
        threads: calls that are being worked on by threads; while there are any, time stands still.
    """

    def __init__(self) -> None:
        selector = _Selector()
        selector.loop = self
        self.now = 0.0
        self.threads = 0
        super().__init__(selector)

    def time(self) -> float:
        return self.now

    def milliseconds(self) -> int:
        """The time of day, as a server reads it."""
        return EPOCH + int(self.now * 1000)

    # The base class promises nothing about how it is written, and this one is called by all of asyncio.
    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        future = super().run_in_executor(executor, func, *args)
        self.threads += 1
        future.add_done_callback(self._answered)
        return future

    def _answered(self, future: "asyncio.Future[Any]") -> None:
        self.threads -= 1

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        await self.thread(super().shutdown_default_executor())

    async def thread(self, work: Awaitable[T]) -> T:
        """Await what a thread of its own works on."""
        self.threads += 1
        try:
            return await work
        finally:
            self.threads -= 1


def run(work: Coroutine[Any, Any, T], *, seed: int = 0) -> T:
    """`asyncio.run` on virtual time, with chance from a seed."""
    before = random.getstate()
    random.seed(seed)
    try:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(work)
    finally:
        random.setstate(before)


def timed(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A test that runs on virtual time. It may ask for plain fixtures, not for those of an event loop."""

    @functools.wraps(test)
    def on_virtual_time(*args: P.args, **kwargs: P.kwargs) -> None:
        run(test(*args, **kwargs))

    return on_virtual_time


def clock() -> Callable[[], int]:
    """The time of day of the running loop, virtual or not, in milliseconds since 1970."""
    loop = asyncio.get_running_loop()
    return loop.milliseconds if isinstance(loop, VirtualLoop) else lambda: EPOCH + int(loop.time() * 1000)


async def settle(turns: int = 50) -> None:
    """Let everything run that can run now, without letting virtual time pass."""
    loop = asyncio.get_running_loop()
    for _ in range(turns):
        await asyncio.sleep(0)
        while isinstance(loop, VirtualLoop) and loop.threads:  # noqa: ASYNC110  # a thread of the journal has no event here
            await asyncio.sleep(0)
