"""Rehearsals of one process: who is there, and for how long."""

import asyncio
import logging
import random
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from protocol import commands as c
from protocol.choices import Lang
from protocol.errors import Code, Refusal
from protocol.records import Record, StepRecord
from protocol.version import MSGPACK, Codec
from server.accounts.tokens import new_id
from server.admission.rooms import Rooms
from server.journal.port import JournalError
from server.live.channel import Channel
from server.live.follower import Follower
from server.live.hub import Hub
from server.rehearsal.lines import BOOKS, Book, Lines
from server.rehearsal.person import Person

log = logging.getLogger("palabre.rehearsal")

AT_ONCE: Final = 8
"""Rehearsals of one process."""

LASTS: Final = 30 * 60.0
ALONE: Final = 60.0
"""Seconds: of the whole, and until people go when nobody looks."""

PAUSE: Final = (3.0, 14.0)
"""Seconds between two acts of one person."""


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
    person: Person


class Rehearsals:
    """Those of one process."""

    def __init__(self, hub: Hub, rooms: Rooms, chance: random.Random | None = None) -> None:
        self._hub = hub
        self._rooms = rooms
        self._chance = chance or random.Random()
        self._tasks: set[asyncio.Task[None]] = set()

    def check_free(self) -> None:
        """
        Raises:
            Refusal: `full`.
        """
        if len(self._tasks) >= AT_ONCE:
            raise Refusal(Code.FULL, f"expected at most {AT_ONCE} rehearsals at a time")

    async def begin(self, room: str, host: str, lang: Lang, records: Sequence[Record]) -> None:
        """Give a new room the steps among these records, and let people come.

        Raises:
            Refusal: a step cannot be taken over.
        """
        channel = await self._hub.channel(room)
        steps = sorted((r for r in records if isinstance(r, StepRecord)), key=lambda step: (step.rank, step.id))
        await asyncio.gather(*(self._hub.submit(channel, host, f"step-{n}", _again(s)) for n, s in enumerate(steps)))
        task = asyncio.get_running_loop().create_task(self._play(room, lang), name=f"rehearsal {room}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _play(self, room: str, lang: Lang) -> None:
        loop = asyncio.get_running_loop()
        until, seen = loop.time() + LASTS, loop.time()
        people: list[_Present] = []
        try:
            for lines in BOOKS[lang].deal(self._chance):
                people += [await self._come(room, lines, BOOKS[lang])]
            while (now := loop.time()) < until and now - seen < ALONE:
                await asyncio.sleep(self._chance.uniform(*PAUSE) / len(people))
                channel = self._hub.get(room)
                if channel is None:
                    return
                if len(channel.fanout) > len(people):
                    seen = loop.time()
                with suppress(Refusal):  # a pause, a closed step: he waits like anyone
                    await self._act(channel, self._chance.choice(people))
        except (Refusal, JournalError) as error:
            log.info("a rehearsal ends: %s", error)
        finally:
            channel = self._hub.get(room)
            for present in people:
                if channel is not None:
                    channel.leave(present.follower)

    async def _come(self, room: str, lines: Lines, book: Book) -> "_Present":
        member = new_id("member")
        await self._rooms.enter(room, member=member, name=lines.name, role="participant")
        follower = Follower(_UNREAD, member, screen=False, ended=lambda *_: None)
        (await self._hub.channel(room)).join(follower, None)
        return _Present(follower, member, Person(lines, book, self._chance))

    async def _act(self, channel: Channel, present: "_Present") -> None:
        """Have somebody do what the current step asks for.

        Raises:
            Refusal, JournalError: it cannot be done now.
        """
        command = present.person.next(channel.room.layers.shared["public"].records)
        if command is not None:
            await self._hub.submit(channel, present.member, secrets.token_urlsafe(12), command)


def _again(step: StepRecord) -> c.AddStep:
    """The step as it was planned, before anybody was in it."""
    return c.AddStep(
        new_id("step"),
        step.kind,  # type: ignore[arg-type]  # records are open texts; what was once accepted is one of these
        step.title,
        step.prompt,
        minutes=step.minutes,
        blind=step.blind,  # type: ignore[arg-type]
        anonymous=step.anonymous,
        moderated=step.moderated,
        budget=step.budget,
        cap=step.cap,
        targets=step.targets,  # type: ignore[arg-type]
        form=step.form,  # type: ignore[arg-type]
        options=list(step.options),
    )
