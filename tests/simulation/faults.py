"""What fails while a story lasts: phones sleep and lose their connections, workers die, the journal and the bus lose what they carry."""

import asyncio
import random
from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from server.journal.port import Commit, Sealed
from server.model.events import FORMAT
from server.workshop.model import WORKSHOP
from tests.inprocess import ROOM
from tests.simulation.people import Person
from tests.simulation.world import IDLE, Site


class Faults:
    """
    Args:
        people: all who are there; the list is the story's, and its first is the host.

    Attributes:
        redacted: texts that were blanked for ever.
    """

    def __init__(self, chance: random.Random, site: Site, people: Sequence[Person]) -> None:
        self._chance, self._site, self._people = chance, site, people
        self.redacted: set[str] = set()

    def strike_phone(self, person: Person) -> None:
        """One that is away comes back; another sleeps, is cut off, reads slowly, is loaded anew, or goes to another worker."""
        link = person.link
        if link is None or not person.is_connected or person.conversation.refused:
            person.conversation.refused = None
            person.connect()
            if person.link is not None and self._chance.random() < 0.3:
                # Perhaps between two chunks of what it is shown first.
                soon = self._chance.uniform(0, self._chance.choice((0.05, 1)))
                asyncio.get_running_loop().call_later(soon, person.link.cut)
            return
        match self._chance.choices(
            ("sleep", "cut", "slow", "reload", "move", "change", "late"), (3, 3, 4, 2, 3, 3, 1.5)
        )[0]:
            case "sleep":
                person.disconnect()
            case "cut":
                link.cut()
            case "slow":
                link.slow = True
                loop, soon = asyncio.get_running_loop(), self._chance.uniform(0, 3)
                loop.call_later(soon, link.read_again)
                if self._chance.random() < 0.3:
                    loop.call_later(soon + self._chance.uniform(0, 0.3), link.cut)
            case "reload":
                person.reload()
            case "change":
                self._change(person)
            case "late":
                self._come_late(person)
            case _:
                person.connect()

    def _change(self, person: Person) -> None:
        """Before all has come that a host sees, he is none any more."""
        host, member, loop = self._people[0], person.who.member, asyncio.get_running_loop()
        if member == host.who.member or person.link is None:
            return
        person.link.slow = True
        host.do("member.role", id=member, role="host")
        soon = self._chance.uniform(0, 1)
        loop.call_later(soon, partial(host.do, "member.role", id=member, role="participant"))
        loop.call_later(soon + self._chance.uniform(0, 1), person.link.read_again)

    def _come_late(self, person: Person) -> None:
        """What a host alone may do lies with a worker that stands still; refused elsewhere, it is read once he is a host."""
        host, member, loop = self._people[0], person.who.member, asyncio.get_running_loop()
        at = next((n for n, worker in enumerate(self._site.workers) if person.link in worker.links), None)
        if at is None or member == host.who.member or self._site.workers[at].frozen:
            return
        worker = self._site.workers[at]
        worker.freeze()
        person.do("stage.set", view=self._chance.choice(("ideas", "groups", "black")))
        person.connect((at + 1) % len(self._site.workers))
        soon = self._chance.uniform(0.5, 2)
        loop.call_later(soon, partial(host.do, "member.role", id=member, role="host"))
        loop.call_later(soon + self._chance.uniform(0.5, 1), worker.thaw)

    async def strike_server(self, written: int) -> None:
        """Something of the site; `written`: how many texts there are."""
        at = self._chance.randrange(len(self._site.workers))
        worker, loop = self._site.workers[at], asyncio.get_running_loop()
        match self._chance.choices(
            ("append", "down", "slow", "kill", "freeze", "bus", "redact", "deploy", "empty", "away"),
            (10, 3, 2, 3, 3, 3, 0.7, 0.5, 0.7, 2),
        )[0]:
            case "append":
                worker.journal.faults.append(self._chance.choice(("lose the answer", "lose the commit", "conflict")))
            case "down":
                worker.journal.down = not worker.journal.down
            case "slow":
                worker.journal.latency = self._chance.choice((0.0, 0.002, 0.02, 0.5))
            case "kill":
                await self._site.replace(at)
            case "freeze":
                worker.freeze()
                loop.call_later(self._chance.uniform(0.1, 6), worker.thaw)
            case "bus":
                self._site.broker.down = not self._site.broker.down
                if self._chance.random() < 0.5:
                    self._site.broker.announce()
            case "redact":
                await self._redact(written)
            case "away":
                self._site.away = not self._site.away
            case "deploy":
                self._site.release += 1
                await self._site.replace(at)
            case _:
                for person in self._people:
                    person.disconnect()
                await asyncio.sleep(self._chance.uniform(1, 3 * IDLE))

    async def _redact(self, written: int) -> None:
        """Some texts are blanked for ever."""
        secret = frozenset(f"x{self._chance.randint(1, written):05d}x" for _ in range(3 if written else 0))
        self.redacted |= secret

        def blanked(commit: Commit) -> Commit:
            events = WORKSHOP.events.decode(FORMAT, commit.events)
            clean = [replace(e, text="") if getattr(e, "text", None) in secret else e for e in events]
            return replace(commit, events=WORKSHOP.events.encode(clean))

        def resealed(sealed: Sealed) -> Sealed:
            entity = WORKSHOP.unpack_entity(sealed.format, sealed.entity)
            is_clean = getattr(entity, "text", None) not in secret
            return sealed if is_clean else sealed._replace(entity=WORKSHOP.pack_entity(replace(entity, text="")))

        journal = self._site.workers[0].journal
        down, journal.down = journal.down, False
        if not self._site.workers[0].frozen:
            await journal.redact(ROOM, blanked, resealed)
        journal.down = down
