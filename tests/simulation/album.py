"""Images in a story: brought to whatever worker, put on ideas and taken off, kept where a store sometimes cannot be reached (SPEC B)."""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from protocol.errors import Refusal
from server.admission.rooms import Rooms
from server.images.memory import MemoryImages
from server.images.port import SIZES, ImageStoreError, key, keys
from server.journal.port import JournalError
from server.model.kernel import State
from server.workshop.board.images import BringImage
from server.workshop.state.images import Image
from tests.inprocess import ROOM, Someone, fresh
from tests.simulation.oracle import Record
from tests.simulation.people import Person
from tests.simulation.world import Site, Worker

PATIENCE: Final = 30
"""Virtual seconds that an upload waits for its answer."""


class StormyImages(MemoryImages):
    """Of which nothing can be dropped now and then."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    async def drop(self, keys: Sequence[str]) -> None:
        if self._chance.random() < 0.3:
            raise ImageStoreError("away")
        await super().drop(keys)


class Album:
    """
    Args:
        chance: its own, so that stories without images are what they were.

    Attributes:
        pictured: whether there are images in this story.
        brought: whose each is, of those that have arrived.
    """

    def __init__(self, chance: random.Random, site: Site, *, pictured: bool) -> None:
        self.pictured = pictured
        self.brought: dict[str, str] = {}
        self._chance = chance
        self._site = site
        self._free: list[tuple[str, str]] = []
        self._logos: list[tuple[str, str]] = []
        self._on: list[str] = []
        self._made = 0

    def bring(self, person: Person, *, logo: bool = False) -> None:
        """Somebody sends an image, or a logo, to a worker, beside their connection."""
        workers = [worker for worker in self._site.workers if not worker.frozen]
        if not self.pictured or person.screen or not workers:
            return
        worker, image = self._chance.choice(workers), fresh("image", self._made)
        self._made += 1
        with worker.running():
            asyncio.create_task(self._bring(worker, person.who.member, image, logo=logo), name=f"bring {image}")  # noqa: RUF006  # its worker holds it

    async def _bring(self, worker: Worker, member: str, image: str, *, logo: bool) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                channel = await worker.hub.channel(ROOM)
                await worker.hub.submit(channel, member, f"bring-{image}", BringImage(image, 8, 6, logo))
        except (Refusal, JournalError, TimeoutError):
            return
        for size in SIZES:
            await self._site.images.put(key(ROOM, image, size), image.encode())
        self.brought[image] = member
        (self._logos if logo else self._free).append((image, member))

    def on_new(self, idea: str, person: Person, text: Callable[[], str]) -> dict[str, object]:
        """What an idea is begun with: mostly nothing, else an image of theirs; sometimes somebody else's."""
        if not self.pictured or self._chance.random() < 0.5:
            return {}
        chosen = self._chosen(person)
        if chosen is None:
            return {}
        self._on.append(idea)
        return {"image": chosen, "alt": text()}

    def _chosen(self, person: Person) -> str | None:
        theirs = [each for each in self._free if (each[1] == person.who.member) != (self._chance.random() < 0.1)]
        if not theirs:
            self.bring(person)
            return None
        chosen = self._chance.choice(theirs)
        self._free.remove(chosen)
        return chosen[0]

    def change(self, people: Sequence[Person], ideas: Sequence[str], text: Callable[[], str]) -> None:
        """Now and then one of these puts an image, or another one, on an idea that is there, tells of it, or takes it off."""
        if not self.pictured or self._chance.random() > 0.3:
            return
        person = self._chance.choice(people)
        if person.screen:
            return
        more: dict[str, object]
        if ideas and self._chance.random() < 0.4 and (chosen := self._chosen(person)):
            idea, more = self._chance.choice(ideas), {"image": chosen, "alt": text()}
            self._on.append(idea)
        elif self._on:
            idea = self._chance.choice(self._on)
            more = dict(self._chance.choice(({"image": ""}, {"image": ""}, {"alt": text()})))
        else:
            return
        person.do("idea.edit", id=idea, text=text(), **more)

    def name(self, person: Person) -> None:
        """Now and then a host sets a logo, or takes it away; it may be another host's, or no logo."""
        if not self.pictured or person.screen or self._chance.random() > 0.3:
            return
        which = self._chance.choice(("logo", "logo_dark"))
        match self._chance.randrange(4):
            case 0:
                person.do("room.set", **{which: ""})
            case 1 if self._free:
                person.do("room.set", **{which: self._chance.choice(self._free)[0]})
            case _ if self._logos:
                person.do("room.set", **{which: self._logos.pop()[0]})
            case _:
                self.bring(person, logo=True)

    def check_kept(self, state: State) -> None:
        """What an idea shows is kept whole, and no byte lies there that no image of the room knows."""
        there = {id: image for id, image in state.items() if isinstance(image, Image)}
        for id, image in there.items():
            lost = [each for each in keys(ROOM, [id]) if each not in self._site.images.bodies]
            assert image.on is None or not lost, f"SPEC B3: {id} is on {image.on}, and has lost {lost}"
        left = self._site.images.bodies.keys() - set(keys(ROOM, list(there)))
        assert not left, f"SPEC B3: nobody knows of {sorted(left)}"

    async def check_shown(self, worker: Worker, seen: Iterable[tuple[Person, Mapping[str, Record]]]) -> None:
        """By its address everyone has those images that are on what they see, and no other (SPEC B4)."""
        for person, records in seen:
            who: Any = _Bearer(person.who, screen=person.screen)
            may = {record.get(name) for record in records.values() for name in ("image", "logo", "logo_dark")}
            for image in self.brought:
                shown = await Rooms(worker.hub).shows_image(who, ROOM, image)
                assert shown == (image in may), f"SPEC B4: {image} for {person.device}: {shown}"


class _Bearer:
    def __init__(self, who: Someone, *, screen: bool) -> None:
        self.person = who.member
        self.is_screen = screen
