"""Rehearsals of one process: who is there, and for how long."""

import asyncio
import logging
import random
import secrets
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from play.director import Director
from play.lines import BOOKS, Book
from play.person import Person
from play.seen import current
from protocol import commands as c
from protocol.choices import Lang, Role
from protocol.errors import Code, Refusal
from protocol.records import MemberRecord, Record, StepRecord
from protocol.version import MSGPACK, Codec
from server.accounts.tokens import new_id
from server.admission.rooms import Rooms
from server.journal.port import JournalError
from server.live.channel import Channel
from server.live.follower import Follower
from server.live.hub import Hub

log = logging.getLogger("palabre.rehearsal")

AT_ONCE: Final = 8
"""Rehearsals of one process."""

SHOWN_AT_ONCE: Final = 16
"""Demonstrations of one process, which hosts' rehearsals do not wait for."""

LASTS: Final = 30 * 60.0
SHOWN: Final = 10 * 60.0
ALONE: Final = 60.0
"""Seconds: of a whole rehearsal, of a demonstration that nobody takes over, and until people go when nobody looks."""

PAUSE: Final = (3.0, 14.0)
HURRIED: Final = (1.2, 4.2)
"""Seconds between two acts of one person; and where the whole is shown in two minutes."""


_PLANNED: Final = tuple(name for name in c.AddStep.__struct_fields__ if name not in ("id", "before"))
"""What a host chose of a step, named alike in its record."""


class _Unread:
    """The connection of somebody who does not look: all is taken and nothing kept."""

    address = ""

    @property
    def encoding(self) -> "_Unread":
        return self

    @property
    def codec(self) -> Codec:
        return MSGPACK

    def frame(self, payload: bytes) -> bytes:
        return payload

    def write(self, frames: bytes) -> int:  # noqa: ARG002  # a port names what its adapters are given
        return 0

    def close(self, code: int, reason: str) -> None:
        pass


_UNREAD: Final = _Unread()


class _Present(NamedTuple):
    follower: Follower
    member: str


class _Led:
    """A demonstration, while its host leads it.

    Args:
        at: seconds of the loop's clock.
    """

    def __init__(self, host: _Present, director: Director, at: float) -> None:
        self.host, self._director = host, director
        self._where: str | None = None
        self._since = at

    def leads(self, seen: Mapping[str, Record]) -> bool:
        """Whether nobody has taken over: whoever does sends this host out."""
        member = seen.get(self.host.member)
        return isinstance(member, MemberRecord) and member.role == "host"

    def next(self, seen: Mapping[str, Record], at: float) -> c.Command | None:
        step = current(seen)
        where = step.id if step else None
        if where != self._where:
            self._where, self._since = where, at
        return self._director.next(seen, at - self._since)


class Rehearsals:
    """Those of one process, and its demonstrations."""

    def __init__(self, hub: Hub, rooms: Rooms, chance: random.Random | None = None) -> None:
        self._hub = hub
        self._rooms = rooms
        self._chance = chance or random.Random()
        self._rehearsals: set[asyncio.Task[None]] = set()
        self._shown: set[asyncio.Task[None]] = set()

    def check_free(self) -> None:
        """
        Raises:
            Refusal: `full`.
        """
        if len(self._rehearsals) >= AT_ONCE:
            raise Refusal(Code.FULL, f"expected at most {AT_ONCE} rehearsals at a time")

    def check_free_to_show(self) -> None:
        """
        Raises:
            Refusal: `full`.
        """
        if len(self._shown) >= SHOWN_AT_ONCE:
            raise Refusal(Code.FULL, f"expected at most {SHOWN_AT_ONCE} demonstrations at a time")

    async def begin(self, room: str, host: str, lang: Lang, records: Sequence[Record]) -> None:
        """Give a new room the steps among these records, and let people come.

        Raises:
            Refusal: a step cannot be taken over.
        """
        channel = await self._hub.channel(room)
        steps = sorted((r for r in records if isinstance(r, StepRecord)), key=lambda step: (step.rank, step.id))
        await asyncio.gather(*(self._hub.submit(channel, host, f"step-{n}", _again(s)) for n, s in enumerate(steps)))
        self._start(self._rehearsals, room, self._play(room, BOOKS[lang], led=False))

    def demonstrate(self, room: str, lang: Lang) -> None:
        """Let people come to a room that has an agenda, and a host who leads them through it until another takes over (H15)."""
        self._start(self._shown, room, self._play(room, BOOKS[lang], led=True))

    @staticmethod
    def _start(tasks: set[asyncio.Task[None]], room: str, playing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(playing, name=f"rehearsal {room}")
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def close(self) -> None:
        tasks = [*self._rehearsals, *self._shown]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _play(self, room: str, book: Book, *, led: bool) -> None:
        there: list[_Present] = []
        try:
            await self._play_with(there, room, book, led=led)
        except (Refusal, JournalError) as error:
            log.info("a rehearsal ends: %s", error)
        finally:
            channel = self._hub.get(room)
            for present in there:
                if channel is not None:
                    channel.leave(present.follower)

    async def _play_with(self, there: list[_Present], room: str, book: Book, *, led: bool) -> None:
        """Play until the time is up, or nobody looks.

        Args:
            there: takes up who comes, and must leave.

        Raises:
            Refusal, JournalError: it cannot go on.
        """
        loop = asyncio.get_running_loop()
        leading = await self._host(there, room, book, loop.time()) if led else None
        people = []
        for lines in book.deal(self._chance):
            people += [(await self._come(there, room, lines.name), Person(lines, book, self._chance))]
        until, looked = loop.time() + (LASTS if leading is None else SHOWN), loop.time()
        while (now := loop.time()) < until and now - looked < ALONE:
            await asyncio.sleep(self._chance.uniform(*(PAUSE if leading is None else HURRIED)) / len(people))
            channel = self._hub.get(room)
            if channel is None:
                return
            if max(len(channel.fanout), len(channel.presence)) > len(there):
                looked = loop.time()
            seen = channel.room.layers.shared["public"].records
            if leading is not None and not leading.leads(seen):
                # Somebody leads it from here: it is a rehearsal of theirs.
                channel.leave(leading.host.follower)
                there.remove(leading.host)
                leading, until = None, loop.time() + LASTS
            with suppress(Refusal):  # a pause, a closed step: they wait like anyone
                command = leading.next(seen, loop.time()) if leading else None
                if leading is not None and command is not None:
                    await self._act(channel, leading.host, command)
                    continue
                present, person = self._chance.choice(people)
                await self._act(channel, present, person.next(seen, _own(channel, present.member)))

    async def _host(self, there: list[_Present], room: str, book: Book, at: float) -> _Led:
        host = await self._come(there, room, book.host, "host")
        today = datetime.fromtimestamp(self._hub.now() / 1000, UTC).date()
        return _Led(host, Director(book, len(book.people), today, self._chance), at)

    async def _come(self, there: list[_Present], room: str, name: str, role: Role = "participant") -> _Present:
        member = new_id("member")
        await self._rooms.enter(room, member=member, name=name, role=role)
        follower = Follower(_UNREAD, member, screen=False, ended=lambda *_: None)
        (await self._hub.channel(room)).join(follower, None)
        present = _Present(follower, member)
        there.append(present)
        return present

    async def _act(self, channel: Channel, present: _Present, command: c.Command | None) -> None:
        """Have somebody do what they would.

        Raises:
            Refusal, JournalError: it cannot be done now.
        """
        if command is not None:
            await self._hub.submit(channel, present.member, secrets.token_urlsafe(12), command)


def _own(channel: Channel, member: str) -> Sequence[Record]:
    """What only they see."""
    return channel.room.layers.own(*channel.fanout.pseudonyms.members.get(member, ()))


def _again(step: StepRecord) -> c.AddStep:
    """The step as it was planned, before anybody was in it."""
    planned = {name: getattr(step, name) for name in _PLANNED}
    return c.AddStep(id=new_id("step"), **planned)
