"""A seed tells a story: people write and touch what others wrote while everything fails that can; then it is quiet, and all is checked.

run(seed, events)  raises what was found, with how to replay it
"""

import asyncio
import contextlib
import gc
import logging
import random
from collections.abc import Iterator
from typing import Any, Final, cast
from unittest import mock

from msgspec.structs import replace

import server.domain.layers
import server.domain.sealing
import server.fanout
import server.journal.projector
import server.room
from client_demo.python.sdk.errors import Refused
from server.domain import room as rules
from server.domain.events import FORMAT
from server.domain.kernel import Audience
from server.journal.port import Commit
from tests import virtual
from tests.inprocess import HOST, ROOM, Someone, fresh
from tests.simulation.journal import Stream
from tests.simulation.oracle import History
from tests.simulation.people import Person, Shown
from tests.simulation.world import IDLE, Site

QUIET_EVERY: Final = 100
"""Events between two quiet points."""

COMPARED: Final = 11.0
"""Seconds after which every worker has compared heads at least once."""

PATIENCE: Final = 120
"""Virtual seconds in which everything must have been answered once nothing fails any more."""

PEOPLE: Final = [Someone(HOST.member, HOST.name, "host"), *(Someone(f"member:{n:012d}", f"M{n}") for n in range(4))]


class Found(AssertionError):
    """A promise that was broken, with the seed that breaks it."""


class _Bugs(logging.Handler):
    """What the server says was a bug of its own, and what no caller was there to catch."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[BaseException | str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self.found.append(record.exc_info[1])

    def unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.found.append(context.get("exception") or context["message"])

    def check(self) -> None:
        if self.found:
            first = self.found[0]
            raise first if isinstance(first, BaseException) else AssertionError(first)


class Story:
    """
    Args:
        bugs: where bugs of the server are noted.
    """

    def __init__(self, seed: int, bugs: _Bugs) -> None:
        self.chance = random.Random(seed)
        self.site = Site(self.chance)
        self.bugs = bugs
        self.people: list[Person] = []
        self.posts: list[str] = []
        self.histories: dict[str, History] = {}
        self.authors: dict[bytes, str | None] = {}
        self._markers = 0

    async def tell(self, events: int) -> None:
        await self.site.open()
        devices = [(who, False) for who in PEOPLE] + [(PEOPLE[1], False), (PEOPLE[0], True)]
        self.people = [Person(who, self.site, self.chance, screen=screen) for who, screen in devices]
        for person in self.people:
            person.connect()
        await self._rest()
        for n in range(1, events + 1):
            await self._step()
            await asyncio.sleep(self.chance.choice((0, 0, 0.001, 0.01, 0.1, 0.4)))
            if n % QUIET_EVERY == 0 or n == events:
                await self._rest()
                await self._check()
        await self._end()

    # What happens.

    async def _step(self) -> None:
        person = self.chance.choice(self.people)
        acts = (self._write, self._touch, self._govern, self._be_a_phone)
        act = self.chance.choices((*acts, None), (30, 35, 6, 18, 11))[0]
        if act is None:
            await self._fail()
        elif act is self._be_a_phone or not person.screen:
            act(person)

    def _text(self) -> str:
        self._markers += 1
        return f"x{self._markers:05d}x"

    def _write(self, person: Person) -> None:
        for _ in range(self.chance.choice((1, 1, 1, 2, 8))):
            kind = self.chance.choice(("idea", "message"))
            self.posts.append(fresh(kind, len(self.posts)))
            person.do("idea.add" if kind == "idea" else "message.send", id=self.posts[-1], text=self._text())

    def _touch(self, person: Person) -> None:
        if not self.posts:
            return
        post = self.chance.choice(self.posts[-20:])
        kind = post.split(":")[0]
        match self.chance.randrange(10):
            case 0 | 1:
                self.people[0].do("post.hide", on=post)
            case 2:
                self.people[0].do("post.show", on=post)
            case 3:
                person.do(f"{kind}.remove", id=post)
            case 4 | 5:
                person.do(self.chance.choice(("reaction.add", "reaction.add", "reaction.remove")), on=post, kind="love")
            case 6 if kind == "idea":
                ideas = [id for id in self.posts[-20:] if id.startswith("idea:")]
                person.do("idea.move", id=post, before=self.chance.choice((None, *ideas)))
            case 7 if kind == "idea":
                person.do("idea.restore", id=post)
                person.do("idea.undo")
            case 8:
                person.do("member.rename", name=f"{person.who.name} {self.chance.randrange(9)}")
            case _:
                person.do(f"{kind}.edit", id=post, text=self._text())

    def _govern(self, person: Person) -> None:
        if self.chance.random() < 0.6:
            member = self.chance.choice(PEOPLE[1:]).member
            self.people[0].do("member.role", id=member, role=self.chance.choice(("host", "guest")))
        else:
            self.people[0].do("room.set", writing=self.chance.random() < 0.6)

    def _be_a_phone(self, person: Person) -> None:
        link = person.link
        if link is None or not person.is_connected or person.conversation.refused:
            person.conversation.refused = None
            person.connect()
            return
        match self.chance.choices(("sleep", "cut", "slow", "reload", "move"), (3, 3, 4, 2, 3))[0]:
            case "sleep":
                person.disconnect()
            case "cut":
                link.cut()
            case "slow":
                link.slow = True
                asyncio.get_running_loop().call_later(self.chance.uniform(0, 3), link.read_again)
            case "reload":
                person.reload()
            case _:
                person.connect()

    async def _fail(self) -> None:
        at = self.chance.randrange(len(self.site.workers))
        worker, loop = self.site.workers[at], asyncio.get_running_loop()
        match self.chance.choices(
            ("append", "down", "slow", "kill", "freeze", "bus", "redact", "deploy", "empty"),
            (10, 3, 2, 3, 3, 3, 0.7, 0.5, 0.7),
        )[0]:
            case "append":
                worker.journal.faults.append(self.chance.choice(("lose the answer", "lose the commit", "conflict")))
            case "down":
                worker.journal.down = not worker.journal.down
            case "slow":
                worker.journal.latency = self.chance.choice((0.0, 0.002, 0.02, 0.5))
            case "kill":
                await self.site.replace(at)
            case "freeze":
                worker.freeze()
                loop.call_later(self.chance.uniform(0.1, 6), worker.thaw)
            case "bus":
                self.site.broker.down = not self.site.broker.down
                if self.chance.random() < 0.5:
                    self.site.broker.announce()
            case "redact":
                await self._redact()
            case "deploy":
                self.site.release += 1
                await self.site.replace(at)
            case _:
                for person in self.people:
                    person.disconnect()
                await asyncio.sleep(self.chance.uniform(1, 3 * IDLE))

    async def _redact(self) -> None:
        """Some texts are blanked for ever."""
        secret = frozenset(f"x{self.chance.randint(1, self._markers):05d}x" for _ in range(3 if self._markers else 0))

        def blanked(commit: Commit) -> Commit:
            events = rules.EVENTS.decode(FORMAT, commit.events)
            clean = [replace(e, text="") if getattr(e, "text", None) in secret else e for e in events]
            return replace(commit, events=rules.EVENTS.encode(clean))

        journal = self.site.workers[0].journal
        down, journal.down = journal.down, False
        if not self.site.workers[0].frozen:
            await journal.redact(ROOM, blanked)
        journal.down = down

    # Quiet points.

    async def _rest(self) -> None:
        """The faults end, everyone wakes up, and everything comes to rest."""
        await self.site.calm()
        for worker in self.site.workers:
            worker.journal.latency = 0.002
        self.people[0].do("room.set", writing=True)
        until = asyncio.get_running_loop().time() + PATIENCE
        while not all(person.is_live and not person.unanswered for person in self.people):
            self._wake()
            await asyncio.sleep(0.5)
            self.bugs.check()
            late = asyncio.get_running_loop().time() > until
            assert not late, f"never at rest: {[(p.device, p.is_live, p.unanswered[:3]) for p in self.people]}"
        await asyncio.sleep(COMPARED)

    def _wake(self) -> None:
        for person in self.people:
            if not person.is_connected or person.conversation.refused:
                person.conversation.refused = None
                person.connect()
            elif person.link is not None and person.link.slow:
                person.link.read_again()

    async def _check(self) -> None:
        self.bugs.check()
        stream = self.site.disk.streams[ROOM]
        history = self._tell_histories(stream)
        for person in self.people:
            self._check_answers(person)
        await self._check_records(history)
        for person in self.people:
            for shown in person.shown:
                if shown.type in ("state", "patch"):
                    _check_shown(person, shown, self.histories[shown.epoch.split(".")[0]])
                else:
                    strange = [marker for marker in shown.markers if self.authors.get(marker) != person.who.member]
                    assert not strange, f"SPEC C6: {person.who.name} was shown {strange} in a {shown.type}"
            person.shown.clear()
        self.bugs.check()

    def _tell_histories(self, stream: Stream) -> History:
        """Look at what was committed since; the history as it stands."""
        commits: list[Commit] = []
        for incarnation, past in reversed(stream.past.items()):
            # A worker that has not heard of a rewriting folds what follows behind what it knew.
            commits = [*past, *commits[len(past) :]]
            history = self.histories.setdefault(incarnation, History())
            history.follow(commits)
            self.authors |= history.authors
        return self.histories[stream.incarnation]

    def _check_answers(self, person: Person) -> None:
        stream, hub = self.site.disk.streams[ROOM], self.site.workers[0].hub
        for id, answer in person.answers.items():
            seq = stream.keys.get(hub.key(ROOM, person.who.member, id))
            if isinstance(answer, Refused):
                # By whatever copy, also one read late from a connection that its client has given up.
                assert seq in (None, answer.code), f"SPEC D2, D6: {id} was refused {answer.code}, and then {seq}"
            else:
                assert answer == seq, f"SPEC I2, D2: {id} was done at {answer}, and is in commit {seq}"
        seqs = [person.answers[id] for id in person.ordered]
        assert not any(isinstance(seq, Refused) for seq in seqs), f"SPEC I2: an addition was refused: {seqs}"
        assert seqs == sorted(seqs), f"SPEC D4, D5: {person.device} wrote in another order: {seqs}"  # type: ignore[type-var]

    async def _check_records(self, history: History) -> None:
        """SPEC R3, S8: each holds what a new page is shown, and that is what the journal says."""
        anew = [Person(person.who, self.site, self.chance, screen=person.screen) for person in self.people]
        for person in anew:
            person.connect()
        until = asyncio.get_running_loop().time() + PATIENCE
        while not all(person.is_live for person in anew):
            await asyncio.sleep(0.2)
            self.bugs.check()
            assert asyncio.get_running_loop().time() < until, "a new page is never shown the room"
        for person, other in zip(self.people, anew, strict=True):
            mine, theirs = person.conversation.replica, other.conversation.replica
            assert mine.shared == theirs.shared, f"SPEC R3: {person.device}: {_difference(mine.shared, theirs.shared)}"
            assert mine.mine == theirs.mine, f"SPEC R3: mine of {person.device}: {_difference(mine.mine, theirs.mine)}"
            is_host = person.who.member in history.sights[-1].hosts and not person.screen
            audience: Audience = "host" if is_host else "public"
            posts = {id: r["v"] for id, r in theirs.shared.items() if id.startswith(("idea:", "message:"))}
            assert posts == history.revised[audience], (
                f"SPEC S8: {person.device}: {_difference(posts, history.revised[audience])}"
            )
            other.disconnect()

    async def _end(self) -> None:
        """Nothing grows: when all have gone, nothing is left."""
        for person in self.people:
            person.disconnect()
        await asyncio.sleep(3 * IDLE + 5)
        for worker in self.site.workers:
            assert not worker.leftovers(), worker.leftovers()
        await self.site.close()
        await asyncio.sleep(1)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"tasks are left: {left}"
        self.bugs.check()


def _difference(mine: Any, theirs: Any) -> Any:
    return {id: (mine.get(id), theirs.get(id)) for id in mine.keys() | theirs.keys() if mine.get(id) != theirs.get(id)}


def _check_shown(person: Person, shown: Shown, history: History) -> None:
    """No marker to someone who may not see it at the seq that the frame names, and no deletion of what he was never shown."""
    sight = history.sights[shown.seq]
    audience: Audience = "host" if shown.epoch.endswith("host") else "public"
    assert audience == "public" or person.who.member in sight.hosts, f"SPEC S10: {person.who.name} at {shown.seq}"
    leaked = shown.markers - sight.texts[audience]
    assert not leaked, f"SPEC C6, R3: {person.who.name} was shown {leaked} at {shown.seq} as {audience}"
    for id in shown.gone:
        if id.startswith(("idea:", "message:")):
            went = any(shown.since < seq <= shown.seq for seq in history.went[audience].get(id, ()))
            assert went, f"SPEC S8: {person.who.name} was told at {shown.seq} that {id} is gone, as {audience}"


@contextlib.contextmanager
def _small(chance: random.Random) -> Iterator[None]:
    """Bounds so low that a short story meets them."""
    tombstones = {"TOMBSTONES": chance.choice((16, 16, 2_000))}  # never fewer than one commit may need, see `BATCH`
    with contextlib.ExitStack() as stack:
        for module, bounds in {
            server.domain.layers: tombstones,
            server.journal.projector: {
                **tombstones,
                "BUSY": chance.choice((0.05, 0.5)),
                "EVERY": chance.choice((0.5, 2.0)),
            },
            server.domain.sealing: {"KEPT": chance.choice((6, 20, 500)), "SLACK": 4, "AT_ONCE": 8},
            server.fanout: {
                "LAGGING_BYTES": chance.choice((1, 2_000, 262_144)),
                "BURST_BYTES": chance.choice((500, 131_072)),
                "STATE_CHUNK_BYTES": chance.choice((4_096, 262_144)),
                "STALE_CHANGES": chance.choice((2, 200)),
            },
            server.room: {
                "SNAPSHOT_EVERY": chance.choice((5, 2_000)),
                "RECENT": chance.choice((4, 10_000)),
                "BATCH": 8,
            },
        }.items():
            stack.enter_context(mock.patch.multiple(module, **cast(dict[str, Any], bounds)))
        yield


def run(seed: int, events: int) -> str:
    """Tell the story of a seed.

    Returns:
        A digest of all that anyone was shown, and when: the same for the same seed, in whatever process.

    Raises:
        Found: a promise was broken.
    """
    bugs, logger = _Bugs(), logging.getLogger("palabre")
    level, propagate = logger.level, logger.propagate
    logger.setLevel(logging.ERROR)
    logger.propagate = False
    logger.addHandler(bugs)

    async def tell() -> str:
        asyncio.get_running_loop().set_exception_handler(bugs.unhandled)
        story = Story(seed, bugs)
        await story.tell(events)
        return story.site.trace.hexdigest()

    gc.disable()  # a tenth of the time; between two stories there is time enough
    try:
        with _small(random.Random(seed)), mock.patch.object(asyncio, "sleep", virtual.sleep):
            return virtual.run(tell(), seed=seed)
    except Exception as error:
        replay = f"python -m tests.simulation --seeds {seed} --events {events}"
        raise Found(f"seed {seed}: {type(error).__name__}: {error}\n  replay: {replay}") from error
    finally:
        gc.enable()
        logger.removeHandler(bugs)
        logger.setLevel(level)
        logger.propagate = propagate
