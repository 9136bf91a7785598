"""A seed tells a story: people write and touch what others wrote while everything fails that can; then it is quiet, and all is checked.

run(seed, events)  raises what was found, with how to replay it
"""

import asyncio
import contextlib
import gc
import logging
import random
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, ParamSpec, TypeVar, cast
from unittest import mock

from msgspec.structs import replace

import server.live.consumer
import server.live.fanout
import server.live.layers
import server.live.projector
import server.live.room
import server.live.trail
import server.workshop.talk.sealing
from client_demo.python.sdk.errors import Refused
from tests import virtual
from tests.inprocess import HOST, ROOM, Someone, fresh
from tests.notes import STREAM
from tests.simulation.album import Album, StormyImages
from tests.simulation.bugs import Bugs
from tests.simulation.faults import Faults
from tests.simulation.invariants import PATIENCE, Invariants
from tests.simulation.notebook import Notebook
from tests.simulation.people import Person
from tests.simulation.surfaces import MARKER, Log
from tests.simulation.workshop import Workshop
from tests.simulation.world import IDLE, Site

P = ParamSpec("P")
T = TypeVar("T")

QUIET_EVERY: Final = 100
"""Events between two quiet points."""

PICTURED_EVERY: Final = 4
"""In one story of so many people bring images."""

WRITTEN_EVERY: Final = 8
"""Of so many stories one is also written down in all forms: that takes as long as a third of it."""

COMPARED: Final = 11.0
"""Seconds after which every worker has compared heads at least once."""

NOTED: Final = 0.1
"""Of so many acts one is in a stream of another kind."""

TWICE: Final = (1, 2, 6)
"""Devices, one of them a screen, that follow it on the same socket as the room."""

PEOPLE: Final = [Someone(HOST.member, HOST.name, "host"), *(Someone(f"member:{n:012d}", f"M{n}") for n in range(4))]


class Found(AssertionError):
    """A promise that was broken, with the seed that breaks it."""


class Story:
    """
    Args:
        bugs: where bugs of the server are noted.

    Attributes:
        gone: those who were removed.
        written: exports, reports and searches are looked at, too.
    """

    def __init__(self, seed: int, bugs: Bugs) -> None:
        self.chance = random.Random(seed)
        self.written = seed % WRITTEN_EVERY == 0
        self.site = Site(self.chance, StormyImages(random.Random(seed)))
        self.album = Album(random.Random(seed), self.site, pictured=seed % PICTURED_EVERY == 0)
        self.bugs = bugs
        self.people: list[Person] = []
        self.posts: list[str] = []
        self.members = [who.member for who in PEOPLE]
        self.gone: list[Person] = []
        self._markers = 0
        self._removed = fresh("idea", 999_999)
        self._workshop = Workshop(self.chance, self._text, self.posts, self.members, lambda: self.people)
        self.readers: list[Person] = []
        self._notebook = Notebook(self.chance, self.site, self._with_notes)
        self._faults = Faults(self.chance, self.site, self.people)
        self._invariants = Invariants(
            self.chance,
            self.site,
            bugs,
            self.people,
            self.gone,
            self._faults.redacted,
            lambda: self._workshop.told_apart,
            lambda: self._workshop.seated,
            self.album,
        )

    async def tell(self, events: int) -> None:
        await self.site.open()
        devices = [(who, False) for who in PEOPLE] + [(PEOPLE[1], False), (PEOPLE[0], True)]
        # Some have a second stream, of another kind, on their socket; others of it have a socket of their own.
        follows = [(ROOM, STREAM) if n in TWICE else (ROOM,) for n in range(len(devices))]
        self.people += [
            self._person(who, screen, streams) for (who, screen), streams in zip(devices, follows, strict=True)
        ]
        self.readers += [
            self._person(replace(who, room=STREAM), screen, (STREAM,))
            for who, screen in ((PEOPLE[0], False), (PEOPLE[2], False), (PEOPLE[3], True))
        ]
        for person in (*self.people, *self.readers):
            person.connect()
        await self._rest()
        self._workshop.open(self.people[0])
        for n in range(1, events + 1):
            await self._step()
            await asyncio.sleep(self.chance.choice((0, 0, 0.001, 0.01, 0.1, 0.4)))
            if n % QUIET_EVERY == 0 or n == events:
                await self._rest()
                await self._invariants.check()
                await self._notebook.check()
        await self._end()

    def _person(self, who: Someone, screen: bool, streams: tuple[str, ...]) -> Person:
        others = tuple(stream for stream in streams if stream != who.room)
        return Person(
            replace(who, others=others),
            self.site,
            self.chance,
            screen=screen,
            streams=streams,
            watch=self._notebook.saw,
        )

    def _with_notes(self) -> Sequence[Person]:
        return [*self.readers, *(person for person in self.people if STREAM in person.streams)]

    # What happens.

    async def _step(self) -> None:
        if self.chance.random() < NOTED:
            self._notebook.take_part()
            return
        person = self.chance.choice(self.people)
        acts = (self._write, self._touch, self._govern, self._workshop.take_part, self._lead, self._faults.strike_phone)
        act = self.chance.choices((*acts, None), (22, 22, 4, 22, 14, 16, 10))[0]
        if act is None:
            await self._faults.strike_server(self._markers)
        elif act == self._faults.strike_phone or not person.screen:
            act(person)

    def _lead(self, person: Person) -> None:
        """Mostly the host; sometimes somebody who may have been made one, or not."""
        self._workshop.lead(self.people[0] if self.chance.random() < 0.9 else person)

    def _text(self) -> str:
        self._markers += 1
        return f"x{self._markers:05d}x"

    def _write(self, person: Person) -> None:
        for _ in range(self.chance.choice((1, 1, 1, 2, 8))):
            kind = self.chance.choice(("idea", "message"))
            self.posts.append(fresh(kind, len(self.posts)))
            if kind == "idea":
                person.do(
                    "idea.add",
                    id=self.posts[-1],
                    text=self._text(),
                    **self._workshop.filed(person),
                    **self.album.on_new(self.posts[-1], person, self._text),
                )
                ideas = [id for id in self.posts[-20:] if id.startswith("idea:")]
                self.album.change((self.people[0], person), ideas, self._text)
                self.album.name(self.people[0])
            else:
                person.do("message.send", id=self.posts[-1], text=self._text())

    def _touch(self, person: Person) -> None:
        if not self.posts:
            return
        post = self.chance.choice(self.posts[-20:])
        kind = post.split(":")[0]
        match self.chance.randrange(10):
            case 0:
                self.people[0].do("post.hide", on=post)
            case 1:
                self.people[0].do("post.hide", on=self._workshop.head or post)
            case 2:
                self.people[0].do("post.show", on=post)
            case 3:
                person.do(f"{kind}.remove", id=post)
                self._removed = post if kind == "idea" else self._removed
            case 4 | 5:
                person.do(self.chance.choice(("reaction.add", "reaction.add", "reaction.remove")), on=post, kind="love")
            case 6 if kind == "idea":
                ideas = [id for id in self.posts[-20:] if id.startswith("idea:")]
                person.do("idea.move", id=post, before=self.chance.choice((None, *ideas)))
            case 7 if kind == "idea":
                self.chance.choice((person, self.people[0])).do(
                    "idea.restore", id=self.chance.choice((post, self._removed))
                )
                person.do("idea.undo")
            case 8:
                person.do("member.rename", name=f"{person.who.name} {self.chance.randrange(9)}")
            case _:
                person.do(f"{kind}.edit", id=post, text=self._text())

    def _govern(self, person: Person) -> None:
        if self.chance.random() < 0.6:
            # One of them tries it himself, who is no host, most often, and is refused.
            by = person if person is self.people[3] else self.people[0]
            by.do(
                "member.role",
                id=self.chance.choice(self.members[1:]),
                role=self.chance.choice(("host", "participant", "participant")),
            )
        else:
            self.people[0].do("room.set", writing=self.chance.random() < 0.8)

    # Quiet points.

    async def _rest(self) -> None:
        """The faults end, everyone wakes up, and everything comes to rest."""
        await self.site.calm()
        for worker in self.site.workers:
            worker.journal.latency = 0.002
        self.people[0].do("room.set", writing=True, door=True)
        self.people[-1].do("room.set", writing=True)  # who is no host, most often, and is refused
        until = asyncio.get_running_loop().time() + PATIENCE
        while not self._is_at_rest():
            while not self._is_at_rest():
                self._part()
                self._wake()
                await asyncio.sleep(0.5)
                self.bugs.check()
                late = asyncio.get_running_loop().time() > until
                assert not late, f"never at rest: {[(p.device, p.is_live, p.unanswered[:3]) for p in self.people]}"
            await asyncio.sleep(COMPARED)

    def _is_at_rest(self) -> bool:
        return all(person.is_live and not person.unanswered for person in (*self.people, *self.readers))

    def _part(self) -> None:
        """Who was removed has gone; somebody new comes by the code (SPEC M3)."""
        for at, person in enumerate(self.people):
            if person.removed:
                person.disconnect()
                self.gone.append(person)
                n = len(self.members)
                who = Someone(f"member:{n:012d}", f"M{n}")
                self.members.append(who.member)
                self.people[at] = self._person(who, person.screen, person.streams)

    def _wake(self) -> None:
        for person in (*self.people, *self.readers):
            if not person.is_connected or person.conversation.refused:
                person.conversation.refused = None
                person.connect()
            elif person.link is not None and person.link.slow:
                person.link.read_again()

    def did(self) -> Counter[tuple[str, str]]:
        """What became of commands."""
        return Counter(
            (person.asked[id], answer.code if isinstance(answer, Refused) else "done")
            for person in (*self.people, *self.gone)
            for id, answer in person.answers.items()
            if answer is not None
        )

    async def _end(self) -> None:
        """Nothing grows: when all have gone, nothing is left."""
        if self.written or self.album.pictured:
            await self._invariants.check_surfaces()
        for person in (*self.people, *self.readers):
            person.disconnect()
        await self._notebook.end()
        await asyncio.sleep(3 * IDLE + 5)
        for worker in self.site.workers:
            assert not worker.leftovers(), worker.leftovers()
        await self.site.close()
        await asyncio.sleep(1)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks are left: {left}"
        self.bugs.check()


async def _here(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`asyncio.to_thread` without one: when that would be done is another time in each telling."""
    await asyncio.sleep(0)
    return work(*args, **kwargs)


@contextlib.contextmanager
def _small(chance: random.Random) -> Iterator[None]:
    """Bounds so low that a short story meets them."""
    tombstones = {"TOMBSTONES": chance.choice((16, 16, 2_000))}  # never fewer than one commit may need, see `BATCH`
    with contextlib.ExitStack() as stack:
        for module, bounds in {
            server.live.layers: tombstones,
            server.live.projector: {"READ": chance.choice((3, 200)), "AT_ONCE": chance.choice((2, 256))},
            server.live.consumer: {
                "BUSY": chance.choice((0.05, 0.5)),
                "EVERY": chance.choice((0.5, 2.0)),
            },
            server.live.trail: {"KEPT": chance.choice((1, 5_000))},
            server.workshop.talk.sealing: {"KEPT": chance.choice((6, 20, 500)), "SLACK": 4, "AT_ONCE": 8},
            server.live.fanout: {
                "LAGGING_BYTES": chance.choice((1, 2_000, 262_144)),
                "BURST_BYTES": chance.choice((500, 131_072)),
                "STATE_CHUNK_BYTES": chance.choice((600, 4_096, 262_144)),
                "STALE_CHANGES": chance.choice((2, 200)),
            },
            server.live.room: {
                "SNAPSHOT_EVERY": chance.choice((5, 2_000)),
                "RECENT": chance.choice((4, 10_000)),
                "BATCH": 8,
            },
        }.items():
            stack.enter_context(mock.patch.multiple(module, **cast(dict[str, Any], bounds)))
        stack.enter_context(mock.patch.object(server.live.layers, "SLICE", chance.choice((1, 3, 200))))
        yield


def run(seed: int, events: int, did: Counter[tuple[str, str]] | None = None) -> str:
    """Tell the story of a seed.

    Args:
        did: where it is counted what became of commands: (name, `done` or the code of the refusal).

    Returns:
        A digest of all that anyone was shown, and when: the same for the same seed, in whatever process.

    Raises:
        Found: a promise was broken.
    """
    bugs, log, logger = Bugs(), Log(), logging.getLogger("palabre")
    level, propagate = logger.level, logger.propagate
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(bugs)
    logger.addHandler(log)

    async def tell() -> str:
        asyncio.get_running_loop().set_exception_handler(bugs.unhandled)
        story = Story(seed, bugs)
        await story.tell(events)
        told = [said for said in log.said if MARKER.search(said.encode())]
        assert not told, f"a text is in the log: {told[:3]}"
        if did is not None:
            did.update(story.did())
        return story.site.trace.hexdigest()

    gc.disable()  # a tenth of the time; between two stories there is time enough
    try:
        with (
            _small(random.Random(seed)),
            mock.patch.object(asyncio, "sleep", virtual.sleep),
            mock.patch.object(asyncio, "to_thread", _here),
            mock.patch.object(secrets, "token_hex", lambda size: random.randbytes(size).hex()),
        ):
            return virtual.run(tell(), seed=seed)
    except Exception as error:
        replay = f"python -m tests.simulation --seeds {seed} --events {events}"
        raise Found(f"seed {seed}: {type(error).__name__}: {error}\n  replay: {replay}") from error
    finally:
        gc.enable()
        logger.removeHandler(bugs)
        logger.removeHandler(log)
        logger.setLevel(level)
        logger.propagate = propagate
