"""Virtual time: an event loop whose clock stands still while anything can run, and jumps to the next timer when nothing can.

An hour passes in a moment, and the same test always takes the same course. Threads (the journal's) work in real time, during
which virtual time stands still: a loop that has given work to a thread waits for it.

    @timed
    async def test_a_lease_ends_by_itself(tmp_path: Path) -> None:
        await asyncio.sleep(3600)
"""

import asyncio
import functools
import itertools
import random
import selectors
import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from concurrent.futures import Executor
from contextvars import Context, copy_context
from heapq import heappop, heappush
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

EPOCH: Final = 1_760_000_000_000
"""Milliseconds since 1970 at which virtual clocks start."""

LIVELY: Final = 200_000
"""Turns of the loop in which no time passes: more are a circle in which everything runs and nothing goes on."""

HUNG: Final = 30.0
"""Real seconds after which a thread that does not answer is a failure of the test."""


class _Call:
    """What is to be called, and may be cancelled: `asyncio.Handle` without what is only needed to debug."""

    __slots__ = ("_args", "_callback", "_cancelled", "_context")

    def __init__(self, callback: Callable[..., object], args: tuple[Any, ...], context: Context) -> None:
        self._callback = callback
        self._args = args
        self._context = context
        self._cancelled = False

    def cancel(self) -> None:
        self._cancelled = True

    def cancelled(self) -> bool:
        return self._cancelled


class VirtualLoop(asyncio.SelectorEventLoop):
    """The base class's loop with one other turn: a story of some seconds is ten thousand of them.

    Attributes:
        now: seconds since the loop began.
        threads: calls that are being worked on by threads; while there are any, time stands still.
    """

    _ready: deque[_Call]  # what the base class has, and its stub does not tell of
    _selector: selectors.BaseSelector
    _process_events: Callable[[list[tuple[selectors.SelectorKey, int]]], None]

    def __init__(self) -> None:
        self.now = 0.0
        self.threads = 0
        self._turns = 0
        self._timers: list[tuple[float, int, _Call]] = []
        self._order = itertools.count()
        self._settling: list[asyncio.Future[None]] = []
        super().__init__()

    def time(self) -> float:
        return self.now

    def call_soon(  # type: ignore[override]  # the stub wants the types of `args`
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> "_Call":
        call = _Call(callback, args, copy_context() if context is None else context)
        self._ready.append(call)
        return call

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> "_Call":
        call = _Call(callback, args, copy_context() if context is None else context)
        heappush(self._timers, (when, next(self._order), call))
        return call

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> "_Call":
        return self.call_at(self.now + delay, callback, *args, context=context)

    def _run_once(self) -> None:
        """What can run now; if nothing can, what the next timer brings."""
        ready, timers = self._ready, self._timers
        if self.threads or len(self._selector.get_map()) > 1:  # one is the loop's own, by which threads wake it
            self._hear()
        if not ready:
            while timers and timers[0][2]._cancelled:
                heappop(timers)
            if timers:
                self._turns = self._turns if timers[0][0] <= self.now else 0
                self.now = max(self.now, timers[0][0])
            elif not self.threads:
                raise RuntimeError("expected something still to happen; every task waits, and no timer is set")
        # While a thread works the loop may turn as often as that takes: what it waits for is real.
        self._turns = 0 if self.threads else self._turns + 1
        if self._turns > LIVELY:
            self._turns = 0  # whoever is told may still tidy up
            raise RuntimeError(f"expected time to pass; {LIVELY} turns of the loop took none")
        while timers and timers[0][0] <= self.now:
            ready.append(heappop(timers)[2])
        for _ in range(len(ready)):
            call = ready.popleft()
            if not call._cancelled:
                try:
                    call._context.run(call._callback, *call._args)
                except (SystemExit, KeyboardInterrupt):
                    raise
                except BaseException as error:  # noqa: BLE001  # as `asyncio.Handle` does
                    self.call_exception_handler({"message": f"exception in {call._callback}", "exception": error})

    def _hear(self) -> None:
        """Sockets and threads; the latter are waited for."""
        due = self._ready or (self._timers and self._timers[0][0] <= self.now)
        heard = self._selector.select(0 if due or not self.threads else HUNG)
        if not heard and not due and self.threads:
            raise RuntimeError(f"expected an answer of {self.threads} threads within {HUNG:g} s")
        self._process_events(heard)

    def milliseconds(self) -> int:
        """The time of day, as a server reads it."""
        return EPOCH + int(self.now * 1000)

    # The base class promises nothing about how it is written, and this one is called by all of asyncio.
    def run_in_executor(self, executor: Executor | None, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        future = super().run_in_executor(executor, func, *args)
        self.threads += 1
        future.add_done_callback(self._answered)
        return future

    def _answered(self, future: "asyncio.Future[Any] | None" = None) -> None:
        self.threads -= 1
        if not self.threads:
            waiting, self._settling = self._settling, []
            for settled in waiting:
                if not settled.cancelled():
                    settled.set_result(None)

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        await self.thread(super().shutdown_default_executor())

    async def thread(self, work: Awaitable[T]) -> T:
        """Await what a thread of its own works on."""
        self.threads += 1
        try:
            return await work
        finally:
            self._answered()

    async def answered(self) -> None:
        """Wait until no thread works on anything."""
        while self.threads:
            self._settling.append(self.create_future())
            await self._settling[-1]


class _Pause:
    """What a sleeping task awaits: its timer wakes the task itself, in one turn of the loop. `asyncio.sleep` needs a future and two."""

    __slots__ = ("_asyncio_future_blocking", "_cancelled", "_loop", "_seconds", "_timer", "_wakes")

    def __init__(self, seconds: float) -> None:
        self._asyncio_future_blocking = True
        self._cancelled = False
        self._loop = asyncio.get_running_loop()
        self._seconds = seconds

    # What a task asks of a future.

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def add_done_callback(self, wake: Callable[["_Pause"], object], *, context: Context) -> None:
        self._wakes = wake, context
        self._timer = self._loop.call_later(self._seconds, wake, self, context=context)

    def cancel(self, msg: object = None) -> bool:
        if self._cancelled:
            return False
        self._cancelled = True
        self._timer.cancel()
        wake, context = self._wakes
        self._loop.call_soon(wake, self, context=context)
        return True

    def result(self) -> None:
        del self._timer, self._wakes  # they hold this in turn
        if self._cancelled:
            raise asyncio.CancelledError


@types.coroutine
def sleep(seconds: float, result: Any = None) -> Generator[_Pause | None, None, Any]:
    """`asyncio.sleep`, at half the cost: for stories that do little else."""
    yield _Pause(seconds) if seconds > 0 else None
    return result


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
        if isinstance(loop, VirtualLoop):
            await loop.answered()
