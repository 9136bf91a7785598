"""Workers of one site, in one process and on virtual time: they start, freeze, die and are replaced by those of a next release."""

import asyncio
import itertools
import random
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b
from typing import Any, Final

from protocol.errors import Code, Refusal
from server.admission.admission import Admission
from server.images.connect import dropping
from server.images.memory import MemoryImages
from server.live.channel import Channel
from server.live.consumer import Consumer
from server.live.courier import couriers
from server.live.hub import Hub
from server.live.projector import Projector
from server.live.wakeups import Wakeups
from server.session.reading import Reading
from server.session.session import Rules
from server.session.sessions import Sessions
from server.workshop.model import WORKSHOP
from tests.inprocess import SECRET, MemoryPositions, create, every_query, granted, verify
from tests.notes import NOTES, PARENT, Both, begin, either
from tests.simulation.journal import Disk, StormyJournal
from tests.simulation.network import Broker, BrokerBus, Link, Receiver
from tests.virtual import clock

WORKERS: Final = 3

IDLE: Final = 4.0
"""Seconds after which an empty room closes: short, so that rooms close while a story lasts."""


_process: ContextVar["Worker | None"] = ContextVar("process", default=None)
"""Whose code is running: its tasks end with it."""


class _Hub(Hub):
    """One that cannot open a stream while that is away."""

    def __init__(self, site: "Site", **options: Any) -> None:
        super().__init__(**options)
        self._site = site

    async def channel(self, stream: str) -> Channel:
        if stream == PARENT and self._site.away:
            raise Refusal(Code.UPGRADE)
        return await super().channel(stream)


class Worker:
    """One process: a hub, its sessions and its consumers.

    Attributes:
        links: its connections, also those that one end has given up.
        skew: of its clock, in ms.
    """

    def __init__(self, name: str, site: "Site", release: int) -> None:
        now, skew = clock(), site.chance.choice((0, 0, -700, 900))
        self.journal = StormyJournal(site.disk, random.Random(site.chance.random()), release)
        self.bus = BrokerBus(site.broker)
        self.hub: Hub = _Hub(
            site,
            journal=self.journal,
            bus=self.bus,
            secret=SECRET,
            alias_secret=SECRET,
            model_of=either,
            worker=name,
            now=lambda: now() + skew,
            drop=dropping(site.images),
            idle=IDLE,
        )
        self.links: list[Link] = []
        self.frozen = False
        self._site = site
        self.tasks: dict[asyncio.Task[Any], None] = {}  # in an order that is the same in every process

    @contextmanager
    def running(self) -> Iterator[None]:
        before = _process.set(self)
        try:
            yield
        finally:
            _process.reset(before)

    def _inside(self, call: Callable[[], None]) -> None:
        with self.running():
            call()

    async def start(self) -> None:
        with self.running():
            await self.journal.open()
            await self.hub.open()
            reading = Reading(self.hub, MemoryPositions())
            self.sessions = Sessions(
                self.hub,
                Admission(self.hub, Both(self.hub).admit, granted),
                Rules(verify, 10_000, lambda origin, host, by_tls: True, 10_000),
                every_query(reading),
                reading,
            )
            consumers: list[Consumer] = [
                Projector(self.journal, self.hub.held, self.hub.backlog(), either, self.hub.now, self.hub.tell_news),
                *couriers((WORKSHOP, NOTES), self.hub),
            ]
            self._going_on = [
                asyncio.create_task(work) for work in (*(each.run() for each in consumers), Wakeups(self.hub).run())
            ]

    def connect(self, receiver: Receiver, latency: float) -> Link:
        link = Link(receiver, random.Random(self._site.chance.random()), latency, self._inside)
        link.session = self.sessions.connected(link)
        link.frozen = self.frozen
        self.links = [each for each in self.links if each.session is not None or each.is_open]
        self.links.append(link)
        return link

    def freeze(self) -> None:
        """SIGSTOP: nothing is read, written or answered. (Timers of the hub go on; what they do reaches nobody.)"""
        self.frozen = self.bus.frozen = True
        self.journal.freeze()
        for link in self.links:
            link.frozen = True

    def thaw(self) -> None:
        self.frozen = False
        self.journal.thaw()
        self.bus.thaw()
        for link in list(self.links):
            link.thaw()

    async def kill(self) -> None:
        """SIGKILL: what was not durable is gone, and nobody says goodbye."""
        self.bus.die()
        for link in self.links:
            link.die()
        for held in self.hub._rooms.values():
            held.channel.room._closing = True  # its task ends with the process, and nobody is to be told
            for timer in (held.channel._timer, held.channel._people_timer):
                if timer is not None:
                    timer.cancel()
        while tasks := [task for task in self.tasks if not task.done()]:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def stop(self) -> None:
        """In good order."""
        await self.sessions.close()
        for task in self._going_on:
            task.cancel()
        await asyncio.wait(self._going_on)
        await self.hub.close()
        await self.journal.close()

    def leftovers(self) -> list[str]:
        """What is still held once everyone has gone and the rooms have closed."""
        found = {
            "rooms": len(self.hub._rooms),
            "openings": len(self.hub._opening),
            "closings": len(self.hub._closing),
            "subscriptions": len(self.bus.channels),
            "sessions": len(self.sessions),
            "session tasks": len(self.sessions._tasks),
            "tasks of rooms": sum(task.get_name().startswith("room ") for task in self.tasks),
        }
        return [f"{count} {what}" for what, count in found.items() if count]


def _owned(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any) -> "asyncio.Task[Any]":
    """A task, which its process will not outlive."""
    task = asyncio.Task(work, loop=loop, **options)
    worker = _process.get()
    if worker is not None:
        worker.tasks[task] = None
        task.add_done_callback(worker.tasks.pop)
    return task


class Site:
    """Workers on one disk and one broker.

    Attributes:
        release: of the workers that start from now on.
        away: the stream to which another carries cannot be opened.
        trace: of all that anyone was shown, and when.
        images: where all workers keep the bytes of images.
    """

    def __init__(self, chance: random.Random, images: MemoryImages) -> None:
        self.chance = chance
        self.images = images
        self.disk = Disk()
        self.broker = Broker(random.Random(chance.random()))
        self.release = 0
        self.away = False
        self.trace = blake2b(digest_size=16)
        self.workers: list[Worker] = []
        self.devices = itertools.count(1)
        self._names = itertools.count(1)

    async def open(self) -> None:
        asyncio.get_running_loop().set_task_factory(_owned)  # type: ignore[arg-type]  # the stub wants a generic callable
        for _ in range(WORKERS):
            self.workers.append(await self._start())
        with self.workers[0].running():
            await create(self.workers[0].hub)
            await begin(self.workers[0].hub)

    async def _start(self) -> Worker:
        worker = Worker(f"w{next(self._names)}", self, self.release)
        await worker.start()
        return worker

    async def replace(self, at: int) -> None:
        """Kill a worker and start another in its place."""
        await self.workers[at].kill()
        self.workers[at] = await self._start()

    async def calm(self) -> None:
        """All that fails works again, and no worker is of an older release than the journal."""
        self.broker.down = self.away = False
        self.broker.announce()
        for at, worker in enumerate(self.workers):
            worker.journal.down = False
            worker.journal.faults.clear()
            worker.thaw()
            if worker.journal.release < self.release:
                await self.replace(at)

    async def close(self) -> None:
        for worker in self.workers:
            await worker.stop()
