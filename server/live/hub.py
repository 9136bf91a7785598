"""The rooms that are open on this worker: opens them once, hears the bus for them, closes them when nobody is there."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Final

from msgspec import Struct

from protocol.commands import Command
from protocol.errors import Refusal
from server.bus.port import Bus
from server.journal.port import Journal, JournalError
from server.live.backlog import Backlog
from server.live.batch import Submission, command_key, member_alias
from server.live.channel import Channel, head_moved
from server.live.consumer import Held
from server.live.room import Drop, Ports, Room, kept_nowhere
from server.model.kernel import Actor
from server.model.model import ModelOf

log = logging.getLogger("palabre.hub")

IDLE: Final = 30.0
"""Seconds that a room stays open with nobody in it."""

COMPARE: Final = 10.0
COMPARE_IN_DOUBT: Final = 1.0
"""Seconds between two comparisons of heads with the journal; the shorter one while the bus may be losing messages."""

TICK: Final = 1.0
TURNS: Final = 4
"""Each second one in so many of the open rooms is looked after: presence renewed, idle ones closed."""


class _Open(Struct, eq=False):
    """An open room, and when it was last in use (seconds of the loop's clock)."""

    channel: Channel
    used: float


def news_channel(stream: str) -> str:
    """Of the bus, on which it is told that there is something new in a stream."""
    return f"news {stream}"


def concerns_channel(person: str) -> str:
    """Of the bus, on which streams are named in which something concerns a person."""
    return f"concerns {person}"


def seen_channel(person: str) -> str:
    """Of the bus, on which it is told how far a person has read."""
    return f"seen {person}"


def milliseconds() -> int:
    return time.time_ns() // 1_000_000


class Hub:
    """
    Args:
        secret: what command keys are made with; `alias_secret`: what aliases are.
        model_of: the model of a stream.
        worker: this worker's incarnation: another text at each start.
        now: milliseconds since 1970.
        drop: see `Drop`.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        bus: Bus,
        secret: bytes,
        alias_secret: bytes,
        model_of: ModelOf,
        worker: str,
        now: Callable[[], int] = milliseconds,
        drop: Drop = kept_nowhere,
        idle: float = IDLE,
    ) -> None:
        self.journal = journal
        self.now = now
        self._bus = bus
        self._secret = secret
        self._worker = worker
        self._idle = idle
        self._backlogs: list[Backlog] = []
        self._listeners: dict[str, Callable[[bytes | None], None]] = {}
        self._rooms: dict[str, _Open] = {}
        self._opening: dict[str, asyncio.Task[Channel]] = {}
        self._closing: dict[str, asyncio.Task[None]] = {}
        self._ports = Ports(
            journal, now, self.key, self._ring, self._hint, partial(member_alias, alias_secret), model_of, drop
        )
        self._doubtful = False
        self._unrung: dict[str, int] = {}
        """The last commit of each room that was told to a bus in doubt."""
        self._compare_now = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        await self._bus.open(self)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._compare(), name="compare heads"),
            loop.create_task(self._tick(), name="tick"),
        ]

    async def close(self) -> None:
        """Let every room finish what it has begun, and save where it stands."""
        for task in (*self._tasks, *self._opening.values()):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._opening.values(), return_exceptions=True)
        for stream in list(self._rooms):
            self._begin_closing(stream)
        if self._closing:
            await asyncio.wait(self._closing.values())
        await self._bus.close()

    # Rooms.

    def get(self, stream: str) -> Channel | None:
        """The room, if it is open here."""
        held = self._rooms.get(stream)
        if held is None:
            return None
        if held.channel.room.outdated:
            self._begin_closing(stream)
            return None
        held.used = asyncio.get_running_loop().time()
        return held.channel

    async def channel(self, stream: str) -> Channel:
        """The room, opened if need be; those who come at the same time wait for one opening.

        Raises:
            Refusal: `unknown_room`, `upgrade`.
            JournalError: it cannot be read now.
        """
        channel = self.get(stream)
        while (closing := self._closing.get(stream)) is not None:
            await asyncio.wait([closing])
            channel = self.get(stream)
        if channel is not None:
            return channel
        opening = self._opening.get(stream)
        if opening is None:
            opening = asyncio.get_running_loop().create_task(self._open(stream), name=f"open {stream}")
            self._opening[stream] = opening
            opening.add_done_callback(partial(self._opened, stream))
        return await asyncio.shield(opening)

    async def _open(self, stream: str) -> Channel:
        # Subscribed before it is read: what is committed in between rings.
        await self._bus.subscribe(stream)
        try:
            room = await Room.load(stream, self._ports)
        except BaseException:
            await self._bus.unsubscribe(stream)
            raise
        channel = Channel(room, self._worker, partial(self._bus.publish, stream))
        self._rooms[stream] = _Open(channel, asyncio.get_running_loop().time())
        room.begin()
        return channel

    def _opened(self, stream: str, opening: "asyncio.Task[Channel]") -> None:
        self._opening.pop(stream, None)
        if not opening.cancelled():
            opening.exception()  # whoever waits has it too; without a waiter it needs no log

    def _begin_closing(self, stream: str) -> None:
        held = self._rooms.pop(stream)
        task = asyncio.get_running_loop().create_task(self._close(held.channel), name=f"close {stream}")
        self._closing[stream] = task
        task.add_done_callback(lambda _: self._closing.pop(stream, None))

    async def _close(self, channel: Channel) -> None:
        channel.farewell()
        await channel.room.close()
        try:
            await channel.room.save()
        except JournalError as error:
            log.warning("%s closes without a snapshot: %s", channel.room.stream, error)
        await self._bus.unsubscribe(channel.room.stream)

    # Commands.

    def key(self, stream: str, member: str, id: str) -> bytes:
        return command_key(self._secret, stream, member, id)

    async def submit(
        self,
        channel: Channel,
        member: str,
        id: str,
        command: Command,
        actor: Actor | None = None,
        *,
        again: bool = False,
    ) -> int:
        """Have a command done that did not come over a connection; returns the seq of its commit.

        Args:
            again: a copy of it may be under way elsewhere, see `Submission`.

        Raises:
            Refusal: it was refused.
        """
        answered: asyncio.Future[int | Refusal] = asyncio.get_running_loop().create_future()

        def answer(outcome: int | Refusal) -> None:
            if not answered.done():
                answered.set_result(outcome)

        stream = channel.room.stream
        channel.submit(Submission(id, member, self.key(stream, member, id), command, answer, actor=actor, again=again))
        outcome = await answered
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    @asynccontextmanager
    async def founding(self, stream: str) -> AsyncIterator[Channel]:
        """A stream of which the journal holds nothing yet, for as long as it takes to do what makes it.

        Raises:
            Refusal: `unknown_room`, for an id of no kind.
        """
        room = Room.new(stream, self._ports)
        channel = Channel(room, self._worker, partial(self._bus.publish, stream))
        room.begin()
        try:
            yield channel
        finally:
            channel.farewell()
            await room.close()

    # Consumers.

    def backlog(self) -> Backlog:
        """Where from now on is noted what this worker appends."""
        backlog = Backlog()
        self._backlogs.append(backlog)
        return backlog

    def _hint(self, stream: str, hurry: bool) -> None:
        for backlog in self._backlogs:
            backlog.add(stream, hurry=hurry)

    def stats(self) -> dict[str, float]:
        """Figures for /metrics; no names, no codes."""
        return {
            "rooms_open": len(self._rooms),
            "followers": sum(len(held.channel.fanout) for held in self._rooms.values()),
            "bus_doubtful": float(self._doubtful),
        }

    def held(self, stream: str) -> Held | None:
        """What is known here of an open room, for the projector; without counting as use."""
        held = self._rooms.get(stream)
        return Held(held.channel.room.layers, held.channel.room.incarnation) if held else None

    def ring_rewritten(self, stream: str) -> None:
        """Have all workers that have a stream open look at its history anew."""
        self._bus.publish(stream, head_moved(0, rewritten=True))

    # What is new in streams that nobody need open for it.

    def tell_news(self, stream: str, news: bool, owners: Iterable[str]) -> None:
        """Whether something came into a stream that people may read, and whom something concerns: to whoever listens, on whatever
        worker, if the bus carries it."""
        if news:
            self._bus.publish(news_channel(stream), b"")
        for owner in owners:
            self._bus.publish(concerns_channel(owner), stream.encode())

    def tell_seen(self, person: str, stream: str, n: int) -> None:
        """How far somebody has read: to their other devices."""
        self._bus.publish(seen_channel(person), f"{n} {stream}".encode())

    async def listen(self, channel: str, heard: Callable[[bytes | None], None]) -> None:
        """Hear a channel of the bus that is no stream's; None where something may have been lost. One listener for each."""
        self._listeners[channel] = heard
        await self._bus.subscribe(channel)

    async def unlisten(self, channel: str) -> None:
        if self._listeners.pop(channel, None) is not None:
            await self._bus.unsubscribe(channel)

    # The bus and the journal's heads.

    def heard(self, channel: str, message: bytes) -> None:
        held = self._rooms.get(channel)
        if held is not None:
            held.channel.heard(message)
        elif (listener := self._listeners.get(channel)) is not None:
            listener(message)

    def doubtful(self, doubtful: bool) -> None:
        self._doubtful = doubtful
        self._compare_now.set()
        if not doubtful:
            # Who was sure before us compares heads rarely again: what could not be rung meanwhile is rung now.
            unrung, self._unrung = self._unrung, {}
            for stream, seq in unrung.items():
                self._bus.publish(stream, head_moved(seq))
            for listener in list(self._listeners.values()):
                listener(None)

    def _ring(self, stream: str, seq: int) -> None:
        # Also while the room closes: the last commits of a worker that stops must not wait for the others to compare heads.
        self._bus.publish(stream, head_moved(seq))
        if self._doubtful:
            self._unrung[stream] = seq

    async def _compare(self) -> None:
        """What the bus may have lost, the journal's heads tell."""
        while True:
            with suppress(asyncio.TimeoutError):
                async with asyncio.timeout(COMPARE_IN_DOUBT if self._doubtful else COMPARE):
                    await self._compare_now.wait()
            self._compare_now.clear()
            if not self._rooms:
                continue
            try:
                heads = await self.journal.heads(list(self._rooms))
            except JournalError:
                continue  # each room says so itself, once
            for stream, head in heads.items():
                held = self._rooms.get(stream)
                if held is not None:
                    held.channel.room.heard(head)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        turn = 0
        while True:
            await asyncio.sleep(TICK)
            now = loop.time()
            turn = (turn + 1) % TURNS
            for stream, held in list(self._rooms.items())[turn::TURNS]:
                held.channel.renew()
                if not held.channel.idle:
                    held.used = now
                elif now - held.used > self._idle:
                    self._begin_closing(stream)
