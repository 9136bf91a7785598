"""The rooms that are open on this worker: opens them once, hears the bus for them, closes them when nobody is there."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from msgspec import Struct

from protocol.commands import Command, Lang, Role
from protocol.errors import Refusal
from protocol.records import MemberRecord, Record, RoomRecord
from server.bus.port import Bus
from server.journal.port import Journal, JournalError
from server.live.batch import Submission, command_key, member_alias
from server.live.channel import Channel, bell
from server.live.owners import owned_by
from server.live.projector import Held
from server.live.room import Ports, Room
from server.live.unprojected import Unprojected
from server.model.kernel import Actor
from server.workshop import room as rules

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


def milliseconds() -> int:
    return time.time_ns() // 1_000_000


class Hub:
    """
    Args:
        secret: what command keys are made with; `alias_secret`: what aliases are.
        unprojected: where is noted what there is to project.
        worker: this worker's incarnation: another text at each start.
        now: milliseconds since 1970.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        bus: Bus,
        secret: bytes,
        alias_secret: bytes,
        unprojected: Unprojected,
        worker: str,
        now: Callable[[], int] = milliseconds,
        idle: float = IDLE,
    ) -> None:
        self.journal = journal
        self.now = now
        self._bus = bus
        self._secret = secret
        self._worker = worker
        self._idle = idle
        self._rooms: dict[str, _Open] = {}
        self._opening: dict[str, asyncio.Task[Channel]] = {}
        self._closing: dict[str, asyncio.Task[None]] = {}
        self._ports = Ports(journal, now, self.key, self._ring, unprojected.add, partial(member_alias, alias_secret))
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

    async def submit(self, channel: Channel, member: str, id: str, command: Command, actor: Actor | None = None) -> int:
        """Have a command done that did not come over a connection; returns the seq of its commit.

        Raises:
            Refusal: it was refused.
        """
        answered: asyncio.Future[int | Refusal] = asyncio.get_running_loop().create_future()

        def answer(outcome: int | Refusal) -> None:
            if not answered.done():
                answered.set_result(outcome)

        stream = channel.room.stream
        channel.submit(Submission(id, member, self.key(stream, member, id), command, answer, actor=actor))
        outcome = await answered
        if isinstance(outcome, Refusal):
            raise outcome
        return outcome

    async def create(
        self, stream: str, *, member: str, name: str, title: str, code: str, lang: Lang, origin: str = ""
    ) -> None:
        """Make a room, with its first host.

        Args:
            origin: the room from whose file it is made; "" for none.

        Raises:
            Refusal: `text_empty`, `text_too_long`, `id_taken`.
        """
        commands = {
            "create": rules.Create(stream, title, code, lang, origin),
            f"enter-{member}": rules.Enter(member, name, "host"),
        }
        if await self.journal.heads([stream]):
            # Made by an earlier try, whose answers these are (SPEC H9).
            await self._do_all(await self.channel(stream), member, commands)
            return
        room = Room.new(stream, self._ports)
        channel = Channel(room, self._worker, partial(self._bus.publish, stream))
        room.begin()
        try:
            await self._do_all(channel, member, commands)
        finally:
            channel.farewell()
            await room.close()

    async def _do_all(self, channel: Channel, founder: str, commands: Mapping[str, Command]) -> None:
        """What founds a room, by the ids of its commands."""
        for id, command in commands.items():
            await self.submit(channel, founder, id, command, Actor(founder, "host"))

    async def enter(self, stream: str, *, member: str, name: str, role: str) -> None:
        """Make someone a member; nothing happens when he is one.

        Raises:
            Refusal: `unknown_room`, `locked`, `text_empty`, `text_too_long`, `too_many`.
        """
        channel = await self.channel(stream)
        await self.enter_channel(channel, member=member, name=name, role=role)

    async def enter_channel(self, channel: Channel, *, member: str, name: str, role: str) -> None:
        if rules.actor_for(channel.room.layers.state, member) is None:
            its: Role = "host" if role == "host" else "participant"
            newcomer = Actor(member, its)
            # One attempt, one id: an entry refused today (a closed door) may be granted tomorrow.
            await self.submit(channel, member, f"enter-{member}", rules.Enter(member, name, its), newcomer)

    async def some_are_away(self, stream: str) -> bool:
        """Whether somebody of the file that the room was made from is not here yet."""
        return rules.some_are_away((await self.channel(stream)).room.layers.state)

    async def origin(self, stream: str) -> str:
        """The room from whose file this one was made; "" for none."""
        return rules.origin((await self.channel(stream)).room.layers.state)

    async def claim(self, stream: str, *, member: str, key: str) -> None:
        """Have someone be a member of the file that a room was made from.

        Args:
            key: names this try and those that come again because its answer was lost; whoever else comes second must not be told
                what the first was.

        Raises:
            Refusal: `unknown_room`, `removed`, `forbidden`.
        """
        channel = await self.channel(stream)
        await self.submit(channel, member, f"claim-{key}", rules.Claim(member), Actor(member, "participant"))

    async def open_screen(self, stream: str, *, screen: str, host: bool = False) -> None:
        """Have a screen counted; one that is known comes again.

        Raises:
            Refusal: `unknown_room`, `locked`, `too_many`, `removed`.
        """
        await self.open_screen_in(await self.channel(stream), screen=screen, host=host)

    async def shows(self, stream: str, screen: str) -> bool:
        """Whether this is a screen of the room."""
        return rules.is_shown((await self.channel(stream)).room.layers.state, screen)

    async def open_screen_in(self, channel: Channel, *, screen: str, host: bool = False) -> None:
        attempt = f"screen-{self.now()}-{screen}"
        await self.submit(channel, screen, attempt, rules.OpenScreen(screen, host), Actor(screen, "host"))

    async def member(self, stream: str, member: str) -> MemberRecord | None:
        """
        Raises:
            Refusal: `unknown_room`, `removed`.
        """
        channel = await self.channel(stream)
        rules.check_not_out(channel.room.layers.state, member)
        record = channel.room.layers.shared["public"].records.get(member)
        return record if isinstance(record, MemberRecord) else None

    async def room(self, stream: str) -> RoomRecord:
        """What everyone may know of a room itself: its title, its language, whether its door is open."""
        channel = await self.channel(stream)
        record = channel.room.layers.shared["public"].records[stream]
        assert isinstance(record, RoomRecord), "a room's own record has the id of the room"
        return record

    async def records(self, stream: str, *, member: str | None) -> list[Record]:
        """What this member (None: the public) may see, his own records over the shared ones.

        Raises:
            Refusal: `unknown_room`, `removed`.
        """
        channel = await self.channel(stream)
        layers = channel.room.layers
        if member is not None:
            rules.check_not_out(layers.state, member)
        actor = rules.actor_for(layers.state, member) if member else None
        seen = dict(layers.shared["host" if actor and actor.role == "host" else "public"].records)
        if actor:
            names = owned_by(actor.id, rules.opened(layers.state), channel.room.alias)
            seen.update((record.id, record) for record in layers.own(*names))
        return list(seen.values())

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

    # The bus and the journal's heads.

    def heard(self, channel: str, message: bytes) -> None:
        held = self._rooms.get(channel)
        if held is not None:
            held.channel.heard(message)

    def doubtful(self, doubtful: bool) -> None:
        self._doubtful = doubtful
        self._compare_now.set()
        if not doubtful:
            # Who was sure before us compares heads rarely again: what could not be rung meanwhile is rung now.
            unrung, self._unrung = self._unrung, {}
            for stream, seq in unrung.items():
                self._bus.publish(stream, bell(seq))

    def _ring(self, stream: str, seq: int) -> None:
        # Also while the room closes: the last commits of a worker that stops must not wait for the others to compare heads.
        self._bus.publish(stream, bell(seq))
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
