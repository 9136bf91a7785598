"""The one thread that writes to a SQLite file: groups of appends first, then other jobs, each in its transaction."""

import asyncio
import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, TypeVar

from server.journal.group import Waiting, next_group
from server.journal.port import Entry, Outcome, Unknown
from server.journal.sqlite.append import append_group
from server.journal.sqlite.keys import Keys

T = TypeVar("T")
log = logging.getLogger(__name__)


class _Job(NamedTuple):
    """A function that writes, and the promise of what it returns."""

    function: Callable[[sqlite3.Connection], Any]
    result: asyncio.Future[Any]


class _Nothing(Enum):
    """What stands behind the waiting appends when nothing does."""

    NOTHING = auto()


_NOTHING = _Nothing.NOTHING


class Writer:
    """Owns the writing connection, from the construction until `stop`.

    Arguments:
        connection: in autocommit mode, usable from another thread than made it (`check_same_thread=False`).
        keys: which were used, of that file.
        loop: where futures are made and resolved.
    """

    def __init__(self, connection: sqlite3.Connection, keys: Keys, loop: asyncio.AbstractEventLoop) -> None:
        self.transactions = 0
        self._connection = connection
        self._keys = keys
        self._loop = loop
        self._inbox: SimpleQueue[Waiting | _Job | None] = SimpleQueue()
        # A daemon: a crash of the event loop must not leave the process hanging. What was acknowledged is on disk already.
        self._thread = threading.Thread(target=self._work, name="journal writer", daemon=True)
        self._thread.start()

    def append(self, entry: Entry) -> asyncio.Future[Outcome]:
        """Put the entry into the next group."""
        outcome: asyncio.Future[Outcome] = self._loop.create_future()
        self._inbox.put(Waiting(entry, outcome))
        return outcome

    def run(self, function: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        """Call a function outside any transaction, after the appends that are waiting already."""
        result: asyncio.Future[T] = self._loop.create_future()
        self._inbox.put(_Job(function, result))
        return result

    async def stop(self) -> None:
        """Finish what is waiting, end the thread and close the connection."""
        self._inbox.put(None)
        await asyncio.to_thread(self._thread.join)
        self._connection.close()

    def _work(self) -> None:
        waiting: deque[Waiting] = deque()
        while True:
            # What is no append comes after all that was asked before it, and before all that was asked later.
            barrier = self._drain_into(waiting)
            while waiting:
                self._commit(next_group(waiting))
                if barrier is _NOTHING:
                    barrier = self._drain_into(waiting)
            if isinstance(barrier, _Job):
                self._do(barrier)
            elif barrier is None:
                return

    def _drain_into(self, waiting: deque[Waiting]) -> "_Job | _Nothing | None":
        """Move the appends that have arrived, waiting for the first if there is none; return what came behind them."""
        try:
            while True:
                item = self._inbox.get(block=not waiting)
                if not isinstance(item, Waiting):
                    return item
                waiting.append(item)
        except Empty:
            return _NOTHING

    def _commit(self, group: list[Waiting]) -> None:
        self.transactions += 1
        outcomes: list[Outcome]
        try:
            outcomes = append_group(self._connection, self._keys, [item.entry for item in group])
        except Exception as error:
            # A fault of ours must not end the only thread that writes; it is logged, and each author hears of it.
            log.exception("appending a group of %d failed", len(group))
            outcomes = [Unknown(f"the journal's writer failed: {error!r}")] * len(group)
        self._loop.call_soon_threadsafe(_settle, group, outcomes)

    def _do(self, job: _Job) -> None:
        self.transactions += 1
        try:
            result = job.function(self._connection)
        except Exception as error:  # noqa: BLE001 - raised again where the job is awaited
            self._loop.call_soon_threadsafe(_fail, job.result, error)
        else:
            self._loop.call_soon_threadsafe(_succeed, job.result, result)


def in_transaction(connection: sqlite3.Connection, function: Callable[[sqlite3.Connection], T]) -> T:
    """Call the function between `begin immediate` and `commit`; roll back when it raises."""
    connection.execute("begin immediate")
    try:
        result = function(connection)
        connection.execute("commit")
        return result
    finally:
        if connection.in_transaction:
            connection.execute("rollback")


def _settle(group: list[Waiting], outcomes: list[Outcome]) -> None:
    for item, outcome in zip(group, outcomes, strict=True):
        _succeed(item.outcome, outcome)


# Whoever waited may have been cancelled meanwhile.


def _succeed(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
