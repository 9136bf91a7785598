"""A rehearsal: a room of its own with the agenda of another, and people who only seem to be there (SPEC H6).

They come, write what fits the step, move cards, and say when they have finished, so that a host sees his workshop move before anyone is
there. They see public records only, act by commands like anyone, and go when the host has gone or the time is up; his real room has
seen nothing of it.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.records import AgendaRecord, IdeaRecord, Record, StepRecord, ZoneRecord
from protocol.version import MSGPACK, Codec
from server.auth import new_id
from server.channel import Channel
from server.follower import Follower
from server.hub import Hub
from server.journal.port import JournalError

log = logging.getLogger("palabre.rehearsal")

AT_ONCE: Final = 8
"""Rehearsals of one process."""

LASTS: Final = 30 * 60.0
ALONE: Final = 60.0
"""Seconds: of the whole, and until people go when nobody looks."""

PAUSE: Final = (3.0, 14.0)
"""Seconds between two acts of one person."""

NAMES: Final[Mapping[c.Lang, Sequence[str]]] = {
    "fr": (
        "Ambre",
        "Bastien",
        "Capucine",
        "Damien",
        "Elsa",
        "Fabrice",
        "Gaëlle",
        "Hugo",
        "Inès",
        "Joël",
        "Karine",
        "Loïc",
    ),
    "en": ("Amber", "Ben", "Chloe", "Dylan", "Ella", "Finn", "Grace", "Harry", "Isla", "Jack", "Kate", "Leo"),
}
IDEAS: Final[Mapping[c.Lang, Sequence[str]]] = {
    "fr": (
        "Commencer chaque réunion par sa décision",
        "Refuser les réunions sans ordre du jour",
        "Visiter un autre site une fois par trimestre",
        "Signer les petites dépenses sur place",
        "Garder le vendredi après-midi sans réunion",
        "Fusionner les deux tableaux de suivi",
        "Prévenir la veille quand un planning change",
        "Raconter un échec utile chaque mois",
        "Nommer un parrain pour chaque arrivant",
        "Répondre aux clients dans la journée",
    ),
    "en": (
        "Begin each meeting with its decision",
        "Refuse meetings without an agenda",
        "Visit another site once a quarter",
        "Sign small expenses on the spot",
        "Keep Friday afternoon free of meetings",
        "Merge the two status boards",
        "Say the day before when a plan changes",
        "Tell one useful failure a month",
        "Name a buddy for each newcomer",
        "Answer customers within the day",
    ),
}


class _Unread:
    """The connection of somebody who does not look: all is taken and nothing kept."""

    address = ""

    @property
    def form(self) -> "_Unread":
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


class Rehearsals:
    """Those of one process."""

    def __init__(self, hub: Hub, chance: random.Random | None = None) -> None:
        self._hub = hub
        self._chance = chance or random.Random()
        self._tasks: set[asyncio.Task[None]] = set()

    def check_free(self) -> None:
        """
        Raises:
            Refusal: `full`.
        """
        if len(self._tasks) >= AT_ONCE:
            raise Refusal(Code.FULL, f"expected at most {AT_ONCE} rehearsals at a time")

    async def begin(self, room: str, host: str, lang: c.Lang, records: Sequence[Record]) -> None:
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

    async def _play(self, room: str, lang: c.Lang) -> None:
        loop = asyncio.get_running_loop()
        until, seen = loop.time() + LASTS, loop.time()
        people: list[_Person] = []
        try:
            for name in NAMES[lang]:
                people += [await self._come(room, name, lang)]
            while (now := loop.time()) < until and now - seen < ALONE:
                await asyncio.sleep(self._chance.uniform(*PAUSE) / len(people))
                channel = self._hub.get(room)
                if channel is None:
                    return
                if len(channel.fanout) > len(people):
                    seen = loop.time()
                with suppress(Refusal):  # a pause, a closed step: he waits like anyone
                    await self._chance.choice(people).act(channel)
        except (Refusal, JournalError) as error:
            log.info("a rehearsal ends: %s", error)
        finally:
            channel = self._hub.get(room)
            for person in people:
                if channel is not None:
                    channel.leave(person.follower)

    async def _come(self, room: str, name: str, lang: c.Lang) -> "_Person":
        member = new_id("member")
        await self._hub.enter(room, member=member, name=name, role="guest")
        person = _Person(self._hub, member, list(IDEAS[lang]), self._chance)
        (await self._hub.channel(room)).join(person.follower, None)
        return person


class _Person:
    def __init__(self, hub: Hub, member: str, ideas: list[str], chance: random.Random) -> None:
        self.follower = Follower(_UNREAD, member, screen=False, end=lambda _: None)
        self._hub, self._member, self._chance = hub, member, chance
        chance.shuffle(ideas)
        self._ideas = ideas
        self._written: dict[str, int] = {}

    async def act(self, channel: Channel) -> None:
        """Do what the current step asks for.

        Raises:
            Refusal, JournalError: it cannot be done now.
        """
        command = self._next(channel.room.layers.shared["public"].records)
        if command is not None:
            await self._hub.submit(channel, self._member, secrets.token_urlsafe(12), command)

    def _next(self, seen: Mapping[str, Record]) -> c.Command | None:
        agenda = seen.get("agenda:of-this-room")
        step = seen.get(agenda.now or "") if isinstance(agenda, AgendaRecord) else None
        if not isinstance(step, StepRecord) or step.kind == "present":
            return None
        if step.kind == "group":
            return self._group(seen)
        written = self._written.get(step.id, 0)
        if step.kind not in ("meet", "ideate", "discuss", "next") or written >= 2 or not self._ideas:
            return c.SayReady(step.id)
        self._written[step.id] = written + 1
        return c.AddIdea(new_id("idea"), self._ideas.pop(), step=step.id)

    def _group(self, seen: Mapping[str, Record]) -> c.Command | None:
        zones = [r.id for r in seen.values() if isinstance(r, ZoneRecord)]
        loose = [r.id for r in seen.values() if isinstance(r, IdeaRecord) and r.zone is None]
        return c.MoveIdea(self._chance.choice(loose), self._chance.choice(zones)) if zones and loose else None


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
