"""Plays a workshop against a server: each person is a client of their own, and each act a message on the wire."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from client_demo.python.demo.seminar import Said
from client_demo.python.sdk import Entry, Refused, Room, connect, enter_screen, join_room, new_id, templates
from play.director import Director
from play.lines import Book, Lines
from play.person import Person
from play.seen import agenda, current
from protocol.commands import COMMANDS, Command, SendMessage
from protocol.records import RECORDS, Record

ARRIVING: Final = 30.0
"""Seconds until the last has arrived, at the pace of people; as all times here."""

PAUSE: Final = (2.0, 8.0)
"""Between two acts of one person."""

TALK: Final = 12.0
"""Between two messages."""

LOOK: Final = 0.25
"""Between two looks of the host."""

PATIENCE: Final = 10
"""How many times longer than on a stage people are waited for; in the time of the clock on the wall, as they are no faster than the wire."""

QUIET: Final = 300.0
"""After which people go who have nothing to do, where nobody of theirs leads."""

AGENDA: Final = "action"
"""The template of a room that has no steps."""

SETTLED: Final = 2.0
"""Seconds of the clock on the wall in which all that was done has come, at whatever speed."""

NAMES: Final = {command: name for name, command in COMMANDS.items()}

Told = Callable[[str, str, Mapping[str, Any]], None]
"""Called with a name, a command and its arguments, which is done."""


class Stage:
    """
    Args:
        server: its address.
        code: the room's.
        book: what people say; they are its people.
        host: the host's way in; without one somebody else leads.
        speed: how much faster than people.
        today: from which days are counted.
    """

    def __init__(
        self, server: str, code: str, book: Book, host: Entry | None, speed: float, today: date, told: Told
    ) -> None:
        self._server, self._code, self._book, self._host = server, code, book, host
        self._speed, self._today, self._told = speed, today, told
        self._chance = random.Random()
        self._rooms: dict[str, Room] = {}
        self._come: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._seen: Mapping[str, Record] = {}
        self._over = asyncio.Event()
        self._acted = 0.0

    async def play(self, messages: Sequence[Said]) -> None:
        """Returns when the workshop is over and all have left. Raises Refused or Unreachable when someone cannot come in."""
        self._acted = asyncio.get_running_loop().time()
        if self._host is not None:
            await self._prepare(self._host)
        screen = await enter_screen(self._server, self._code)
        try:
            async with connect(self._server, screen.token, screen=True) as eyes, asyncio.TaskGroup() as tasks:
                # Nobody acts on what they have not seen yet: on a board without an agenda people would write at once.
                self._look(eyes)
                watching = tasks.create_task(self._watch(eyes))
                for lines in self._book.deal(self._chance):
                    tasks.create_task(self._live(lines))
                talk = tasks.create_task(self._talk(messages))
                if self._host is None:
                    await self._wait()
                    await talk
                else:
                    await self._lead(self._host, talk)
                self._over.set()
                watching.cancel()
        except ExceptionGroup as failures:
            # What keeps one out keeps all out.
            raise failures.exceptions[0] from None

    async def _watch(self, eyes: Room) -> None:
        async for _ in eyes:
            self._look(eyes)

    def _look(self, eyes: Room) -> None:
        """Take up what everyone sees, as those look at it who play."""
        shown: dict[str, Record] = {}
        for kind, type_ in RECORDS.items():
            for record in eyes.all(kind):
                known = self._seen.get(record["id"])
                if known is None or known.v != record.get("v", 0):
                    known = msgspec.convert(record, type_)
                shown[record["id"]] = known
        self._seen = shown

    async def _prepare(self, host: Entry) -> None:
        """Give a room that has no agenda one."""
        async with connect(self._server, host.token) as room:
            if not room.all("step"):
                for step in await templates(self._server, AGENDA, "fr"):
                    await room.do("step.add", id=new_id("step"), **step)

    async def _live(self, lines: Lines) -> None:
        """One person, who comes and does one thing after another until it is over."""
        await self._pause(self._chance.uniform(0, ARRIVING))
        person = Person(lines, self._book, self._chance)
        entry = await join_room(self._server, self._code, lines.name)
        async with connect(self._server, entry.token) as room:
            self._enter(lines.name, room)
            while not self._over.is_set():
                await self._pause(self._chance.uniform(*PAUSE))
                command = person.next(self._seen)
                if command is not None:
                    await self._act(room, lines.name, command)

    async def _lead(self, host: Entry, talk: Awaitable[None]) -> None:
        """The host leads through the agenda to its end."""
        loop = asyncio.get_running_loop()
        people, patience = len(self._book.people), PATIENCE * max(1.0, self._speed)
        director = Director(self._book, people, self._today, self._chance, patience)
        async with connect(self._server, host.token) as room:
            self._enter(self._book.host, room)
            where, since = None, loop.time()
            while not director.is_over(self._seen):
                step_now = current(self._seen)
                if (at := step_now.id if step_now else None) != where:
                    where, since = at, loop.time()
                command = director.next(self._seen, (loop.time() - since) * self._speed)
                if command is not None:
                    await self._act(room, self._book.host, command)
                await self._pause(LOOK)
            await talk

    async def _wait(self) -> None:
        """Somebody else leads: until it is over, or nobody has had anything to do for long."""
        begun = False
        while asyncio.get_running_loop().time() - self._acted < max(QUIET / self._speed, SETTLED):
            now = agenda(self._seen)
            if begun and (now is None or now.now is None):
                return
            begun = begun or (now is not None and now.now is not None)
            await self._pause(PAUSE[0])

    async def _talk(self, messages: Sequence[Said]) -> None:
        """Each message behind the one before it: a conversation keeps its order at any speed."""
        names = [*([self._book.host] if self._host else []), *self._book.people]
        ids: list[str] = []
        for message in messages:
            await self._pause(TALK)
            name = names[message.by % len(names)]
            await self._come[name].wait()
            reply = None if message.reply is None else ids[message.reply]
            ids.append(new_id("message"))
            await self._act(self._rooms[name], name, SendMessage(ids[-1], message.text, reply))

    def _enter(self, name: str, room: Room) -> None:
        self._rooms[name] = room
        self._come[name].set()

    async def _act(self, room: Room, name: str, command: Command) -> None:
        cmd, args = NAMES[type(command)], msgspec.to_builtins(command)
        self._acted = asyncio.get_running_loop().time()
        try:
            await room.do(cmd, **args)
        except Refused:
            return  # real people are in the room too, and may have taken away what it is about
        self._told(name, cmd, args)

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)
