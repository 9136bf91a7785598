"""A seed tells a story: people write and touch what others wrote while everything fails that can; then it is quiet, and all is checked.

run(seed, events)  raises what was found, with how to replay it
"""

import asyncio
import contextlib
import gc
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar, cast
from unittest import mock

from msgspec.structs import replace

import server.domain.layers
import server.domain.sealing
import server.fanout
import server.journal.projector
import server.room
from client_demo.python.sdk.errors import Refused
from protocol.errors import Code
from server.batch import member_alias
from server.domain import room as rules
from server.domain.events import FORMAT
from server.domain.kernel import Audience
from server.domain.people import Member
from server.journal.port import Commit, Sealed
from tests import virtual
from tests.inprocess import HOST, ROOM, SECRET, Someone, fresh
from tests.simulation.journal import Stream
from tests.simulation.oracle import History
from tests.simulation.people import Person
from tests.simulation.sight import own
from tests.simulation.surfaces import MARKER, Log, check_asked, check_exports, check_metrics
from tests.simulation.workshop import Workshop
from tests.simulation.world import IDLE, Site

P = ParamSpec("P")
T = TypeVar("T")

QUIET_EVERY: Final = 100
"""Events between two quiet points."""

WRITTEN_EVERY: Final = 8
"""Of so many stories one is also written down in all forms: that takes as long as a third of it."""

COMPARED: Final = 11.0
"""Seconds after which every worker has compared heads at least once."""

PATIENCE: Final = 120
"""Virtual seconds in which everything must have been answered once nothing fails any more."""

TURNED_AWAY: Final = {Code.MUTED, Code.STEP_OVER, Code.NOT_OPEN, Code.NOT_FOUND}
"""With what an addition may be refused for good: its author may write no more, or where it was to lie is not there (any more)."""

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

    Attributes:
        authors: of posts, by id, as the journal has them.
        gone: those who were removed.
        written: exports, reports and searches are looked at, too.
    """

    def __init__(self, seed: int, bugs: _Bugs) -> None:
        self.chance = random.Random(seed)
        self.written = seed % WRITTEN_EVERY == 0
        self.site = Site(self.chance)
        self.bugs = bugs
        self.people: list[Person] = []
        self.posts: list[str] = []
        self.members = [who.member for who in PEOPLE]
        self.histories: dict[str, History] = {}
        self.authors: dict[str, str | None] = {}
        self.gone: list[Person] = []
        self._redacted: set[str] = set()
        self._markers = 0
        self._removed = fresh("idea", 999_999)
        self._workshop = Workshop(self.chance, self._text, self.posts, self.members, lambda: self.people)

    async def tell(self, events: int) -> None:
        await self.site.open()
        devices = [(who, False) for who in PEOPLE] + [(PEOPLE[1], False), (PEOPLE[0], True)]
        self.people = [Person(who, self.site, self.chance, screen=screen) for who, screen in devices]
        for person in self.people:
            person.connect()
        await self._rest()
        self._workshop.open(self.people[0])
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
        acts = (self._write, self._touch, self._govern, self._workshop.take_part, self._lead, self._be_a_phone)
        act = self.chance.choices((*acts, None), (22, 22, 4, 22, 14, 16, 10))[0]
        if act is None:
            await self._fail()
        elif act == self._be_a_phone or not person.screen:
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
                person.do("idea.add", id=self.posts[-1], text=self._text(), **self._workshop.filed(person))
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
            self.people[0].do(
                "member.role",
                id=self.chance.choice(self.members[1:]),
                role=self.chance.choice(("host", "guest", "guest")),
            )
        else:
            self.people[0].do("room.set", writing=self.chance.random() < 0.8)

    def _be_a_phone(self, person: Person) -> None:
        link = person.link
        if link is None or not person.is_connected or person.conversation.refused:
            person.conversation.refused = None
            person.connect()
            return
        match self.chance.choices(("sleep", "cut", "slow", "reload", "move", "change"), (3, 3, 4, 2, 3, 3))[0]:
            case "sleep":
                person.disconnect()
            case "cut":
                link.cut()
            case "slow":
                link.slow = True
                asyncio.get_running_loop().call_later(self.chance.uniform(0, 3), link.read_again)
            case "reload":
                person.reload()
            case "change":
                self._change(person)
            case _:
                person.connect()

    def _change(self, person: Person) -> None:
        """Before all has come that a host sees, he is none any more."""
        host, member, loop = self.people[0], person.who.member, asyncio.get_running_loop()
        if member == host.who.member or person.link is None:
            return
        person.link.slow = True
        host.do("member.role", id=member, role="host")
        soon = self.chance.uniform(0, 1)
        loop.call_later(soon, partial(host.do, "member.role", id=member, role="guest"))
        loop.call_later(soon + self.chance.uniform(0, 1), person.link.read_again)

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

        self._redacted |= secret

        def blanked(commit: Commit) -> Commit:
            events = rules.EVENTS.decode(FORMAT, commit.events)
            clean = [replace(e, text="") if getattr(e, "text", None) in secret else e for e in events]
            return replace(commit, events=rules.EVENTS.encode(clean))

        def resealed(sealed: Sealed) -> Sealed:
            entity = rules.unpack_entity(sealed.format, sealed.entity)
            is_clean = getattr(entity, "text", None) not in secret
            return sealed if is_clean else sealed._replace(entity=rules.pack_entity(replace(entity, text="")))

        journal = self.site.workers[0].journal
        down, journal.down = journal.down, False
        if not self.site.workers[0].frozen:
            await journal.redact(ROOM, blanked, resealed)
        journal.down = down

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
        return all(person.is_live and not person.unanswered for person in self.people)

    def _part(self) -> None:
        """Who was removed has gone; somebody new comes by the code (SPEC M3)."""
        for at, person in enumerate(self.people):
            if person.removed:
                person.disconnect()
                self.gone.append(person)
                n = len(self.members)
                who = Someone(f"member:{n:012d}", f"M{n}")
                self.members.append(who.member)
                self.people[at] = Person(who, self.site, self.chance, screen=person.screen)

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
        for person in (*self.people, *self.gone):
            self._check_answers(person)
        for person in self.gone:
            who = history.state[person.who.member]
            assert isinstance(who, Member), who
            assert who.removed, f"SPEC M3: {person.who.name} was told that he had been removed"
        if self.gone:
            await self._try_again(self.gone[-1])
        await self._check_records(history)
        self._check_shown()
        self.bugs.check()

    async def _try_again(self, gone: Person) -> None:
        """Who was removed comes no more (SPEC M3)."""
        again = Person(gone.who, self.site, self.chance, screen=gone.screen)
        again.connect()
        until = asyncio.get_running_loop().time() + PATIENCE
        while not (again.removed or again.is_live):
            await asyncio.sleep(0.2)
            assert asyncio.get_running_loop().time() < until, "who was removed is told nothing"
        assert again.removed, f"SPEC M3: {gone.who.name} was removed, and is here"
        again.disconnect()

    def _check_shown(self) -> None:
        """Each frame is looked at once, however many got it."""
        looked: set[tuple[str, bytes]] = set()
        for person in (*self.people, *self.gone):
            names: frozenset[str] | None = None
            for epoch, payload, message in person.shown:
                if message["t"] in ("state", "patch"):
                    history = self.histories[epoch.split(".")[0]]
                    audience: Audience = "host" if epoch.endswith("host") else "public"
                    at = message["seq"]
                    is_host = person.who.member in history.hosts[at]
                    assert audience == "public" or is_host, f"SPEC S10: {person.who.name} at {at}"
                    if (epoch, payload) not in looked:
                        looked.add((epoch, payload))
                        history.check(audience, message, self._redacted)
                elif message["t"] == "mine":
                    names = names or self._names(person)
                    self._check_mine(person, names, message)
                elif message["t"] == "signals" and person.screen:
                    told = [each for each in message["list"] if each["kind"] != "burst"]
                    assert not told, f"SPEC P3: the screen was told {told}"
                else:
                    assert not MARKER.search(payload), f"SPEC C6: {person.who.name} was told of texts in {message}"
            person.shown.clear()

    def _names(self, person: Person) -> frozenset[str]:
        # Also of steps that are gone by now: who had finished in one, and then had not, was told so.
        member = person.who.member
        return frozenset((member, *(member_alias(SECRET, ROOM, id, member) for id in self._workshop.told_apart)))

    def _check_mine(self, person: Person, names: frozenset[str], message: dict[str, Any]) -> None:
        """What is told as his own is."""
        tails = {name.partition(":")[2] for name in names}
        for put in message.get("put", ()):
            kind, _, tail = put["id"].partition(":")
            match kind:
                case "idea" | "message":
                    is_his = self.authors[put["id"]] in names
                case "reaction":
                    is_his = set(put) <= {"id", "v", "on", "kinds"}
                case _:
                    is_his = tail in tails
            assert is_his, f"SPEC S7: {person.who.name} was told as his own {put}"

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
            elif answer is not None or not person.removed:
                assert answer == seq, f"SPEC I2, D2: {id} was done at {answer}, and is in commit {seq}"
        seqs: list[int] = []
        for id in person.ordered:
            match person.answers[id]:
                case Refused(code=code):
                    turned_away = code in TURNED_AWAY or (code == Code.REMOVED and person.removed)
                    assert turned_away, f"SPEC I2: the addition {id} was refused {code}"
                case int() as seq:
                    seqs.append(seq)
        # What was refused `muted`, and whose answer was lost, is done when it comes again after that.
        was_muted = self._names(person) & self.histories[stream.incarnation].muted
        assert was_muted or seqs == sorted(seqs), f"SPEC D4, D5: {person.device} wrote in another order: {seqs}"

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
            is_host = person.who.member in history.hosts[-1] and not person.screen
            now = history.now["host" if is_host else "public"]
            assert theirs.shared == now, f"SPEC R3, S8: {person.device}: {_difference(theirs.shared, now)}"
            bare = {id: {k: v for k, v in record.items() if k != "v"} for id, record in theirs.mine.items()}
            his = {} if person.screen else own(history.state, self._names(person))
            assert bare == his, f"SPEC S1, S7: mine of {person.device}: {_difference(bare, his)}"
            other.disconnect()

    def did(self) -> Counter[tuple[str, str]]:
        """What became of commands."""
        return Counter(
            (person.asked[id], answer.code if isinstance(answer, Refused) else "done")
            for person in (*self.people, *self.gone)
            for id, answer in person.answers.items()
            if answer is not None
        )

    async def _check_surfaces(self) -> None:
        """What is written down, asked for and logged holds nothing that its reader may not see."""
        history = self.histories[self.site.disk.streams[ROOM].incarnation]
        hub = self.site.workers[0].hub
        with self.site.workers[0].running():
            await check_exports(hub, ROOM, None, history.now["public"].values())
            for person in self.people:
                if not person.screen:
                    sight = history.now["host" if person.who.member in history.hosts[-1] else "public"]
                    mine = own(history.state, self._names(person))
                    await check_exports(hub, ROOM, person.who.member, [*sight.values(), *mine.values()])
            check_metrics(hub)
            await check_asked(hub, ROOM, [*history.now["public"].values(), *history.sealed.values()])

    async def _end(self) -> None:
        """Nothing grows: when all have gone, nothing is left."""
        if self.written:
            await self._check_surfaces()
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
                "STATE_CHUNK_BYTES": chance.choice((600, 4_096, 262_144)),
                "STALE_CHANGES": chance.choice((2, 200)),
            },
            server.room: {
                "SNAPSHOT_EVERY": chance.choice((5, 2_000)),
                "RECENT": chance.choice((4, 10_000)),
                "BATCH": 8,
            },
        }.items():
            stack.enter_context(mock.patch.multiple(module, **cast(dict[str, Any], bounds)))
        stack.enter_context(mock.patch.object(server.domain.layers, "SLICE", chance.choice((1, 3, 200))))
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
    bugs, log, logger = _Bugs(), Log(), logging.getLogger("palabre")
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
