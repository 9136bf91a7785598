"""Comptes rendus as they are written: one at a time for a room, and each once, however many ask for it in the same minute."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

from protocol.errors import Code, Refusal
from server.report.written import Written, written

KEPT: Final = 16 * 1024 * 1024
"""Bytes of what was just written that are kept: at the end of a seminar all open it at once."""

WAITING: Final = 8
"""Comptes rendus of one room, each in another form, language, time zone or minute, that may be written or wait."""

Write = Callable[[bytes, str, str | None, datetime, Mapping[str, bytes]], Written]
Run = Callable[[Write, bytes, str, str | None, datetime, Mapping[str, bytes]], Awaitable[Written]]

Pictures = Callable[[], Awaitable[Mapping[str, bytes]]]
"""Those that go with a compte rendu, by id; asked for where it is written, and not where it is there."""


async def no_pictures() -> Mapping[str, bytes]:
    return {}


class _Asked(NamedTuple):
    room: str
    records: bytes
    """A digest of them: nothing else tells whether a room is as it was."""
    form: str
    lang: str | None
    minute: str
    """In the reader's time zone."""


class Writing:
    """
    Args:
        run: does work in a process beside; see `Offload.run`.
        draw: the same for PDFs, so that nobody who reads waits for one that is drawn.
    """

    def __init__(self, run: Run, draw: Run) -> None:
        self._run = run
        self._draw = draw
        self._kept: OrderedDict[_Asked, Written] = OrderedDict()
        self._under_way: dict[_Asked, asyncio.Task[Written]] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def written(
        self,
        room: str,
        packed: bytes,
        form: str,
        lang: str | None,
        now: datetime,
        pictures: Pictures = no_pictures,
    ) -> Written:
        """See `server.report.written`.

        Raises:
            Refusal: `rate_limited`, where too many others of this room, or of all, wait.
            TimeoutError: it took too long.
        """
        minute = f"{now:%Y-%m-%dT%H:%M} {now.tzinfo}"
        asked = _Asked(room, hashlib.blake2b(packed).digest(), form, lang, minute)
        if asked in self._kept:
            self._kept.move_to_end(asked)
            return self._kept[asked]
        task = self._under_way.get(asked)
        if task is None:
            if sum(other.room == room for other in self._under_way) >= WAITING:
                raise Refusal(Code.RATE_LIMITED, "expected fewer minutes of one room at once: wait a little")
            task = self._under_way[asked] = asyncio.create_task(
                self._write(asked, packed, now, pictures), name="minutes"
            )
            task.add_done_callback(lambda done: self._done(asked, done))
        # Who goes away takes it from nobody who waits for the same.
        return await asyncio.shield(task)

    async def _write(self, asked: _Asked, packed: bytes, now: datetime, pictures: Pictures) -> Written:
        async with self._turns.setdefault(asked.room, asyncio.Lock()):
            work = self._draw if asked.form == "pdf" else self._run
            return await work(written, packed, asked.form, asked.lang, now, await pictures())

    def _done(self, asked: _Asked, task: asyncio.Task[Written]) -> None:
        del self._under_way[asked]
        # Of a failure all who waited have heard; it is looked at here, in case none did.
        if task.cancelled() or task.exception() is not None:
            return
        self._kept[asked] = task.result()
        while sum(len(each.body) for each in self._kept.values()) > KEPT:
            self._kept.popitem(last=False)
