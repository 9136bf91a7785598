"""Several workers, many clients, a journal and a bus that fail: at every quiet point everyone holds what he may see, and
everything acknowledged is in the journal once, in order (SPEC R3, D1 to D5, I2). A seed tells the whole story.
"""

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from server.domain import room as rules
from server.journal.port import Commit
from tests.inprocess import GUEST, HOST, ROOM, Client, Someone, World, fresh, world
from tests.virtual import run

SEEDS = range(12)
WORKERS = 3
PEOPLE = [
    Someone(HOST.member, HOST.name, "host"),
    *(Someone(f"member:{n:012d}", f"M{n}", GUEST.role) for n in range(5)),
]


class Person:
    """Someone with an outbox, as a client keeps it: sent in order, sent again from the first that must come again (SPEC D5)."""

    def __init__(self, story: "Story", who: Someone) -> None:
        self.story, self.who = story, who
        self.client: Client | None = None
        self.pending: dict[str, tuple[str, dict[str, Any]]] = {}
        self.done: dict[str, int] = {}
        self.refused: dict[str, str] = {}
        self.written: list[str] = []
        self._heard = 0
        self._again_at = 0.0

    async def connect(self) -> None:
        asleep, self.client = self.client, self.story.world.connect(self.who, at=self.story.chance.randrange(WORKERS))
        if asleep is not None and self.story.chance.random() < 0.8:
            self.client.awaken(asleep)
        self._heard = 0
        self.client.hello()
        self.client.join(since=True)
        self._send_all()

    def _send_all(self) -> None:
        for id, (cmd, args) in self.pending.items():
            self._send(id, cmd, args)

    def _send(self, id: str, cmd: str, args: dict[str, Any]) -> None:
        if self.client is not None and self.client.wire.session is not None:
            self.client.do(id, cmd, **args)

    def do(self, cmd: str, **args: Any) -> None:
        id = f"c{len(self.done) + len(self.refused) + len(self.pending)}-{self.who.member[-4:]}"
        self.pending[id] = (cmd, args)
        if cmd in ("idea.add", "message.send"):
            self.written.append(args["text"])
        self._send(id, cmd, args)

    def hear(self) -> None:
        """Take in what came; what must come again is sent again a moment later, with all that follows it."""
        assert self.client is not None
        self.client.read()
        got = self.client.wire.got
        again = False
        for message in got[self._heard :]:
            if message["t"] == "done":
                first = self.done.setdefault(message["id"], message["seq"])
                assert first == message["seq"], "SPEC I2: the first answer, for ever"
                assert message["id"] not in self.refused, "SPEC D6: final is final"
                self.pending.pop(message["id"], None)
            elif message["t"] == "refused" and message["id"] == ROOM:
                assert message["retry"], message
                self.client.wire.cut()
            elif message["t"] == "refused" and message["retry"]:
                again = True
            elif message["t"] == "refused":
                assert message["code"] in ("not_found", "forbidden", "not_joined", "nothing_to_undo", "superseded"), (
                    message
                )
                assert message["id"] not in self.done, message
                if message["code"] == "not_joined":
                    again = True  # said of what was sent before the join was granted
                else:
                    self.refused[message["id"]] = message["code"]
                    self.pending.pop(message["id"], None)
        self._heard = len(got)
        now = asyncio.get_running_loop().time()
        if again and not self._again_at:
            self._again_at = now + self.story.chance.uniform(0.05, 0.5)
        if self._again_at and now >= self._again_at:
            self._again_at = 0.0
            self._send_all()


class Story:
    def __init__(self, seed: int, w: World) -> None:
        self.chance, self.world = random.Random(seed), w
        self.people = [Person(self, who) for who in PEOPLE]
        self.posts: list[str] = []

    async def act(self) -> None:
        for person in self.people:
            await person.connect()
        for _ in range(220):
            await self._step()
            await asyncio.sleep(self.chance.choice([0, 0, 0.001, 0.01, 0.3]))
            for person in self.people:
                person.hear()

    async def _step(self) -> None:
        person = self.chance.choice(self.people)
        match self.chance.choices(
            ["write", "touch", "role", "pause", "fault", "sleep", "slow", "join"], [40, 25, 3, 2, 11, 6, 6, 2]
        )[0]:
            case "write":
                for _ in range(self.chance.choice([1, 1, 1, 5, 30])):
                    self._write(person)
            case "touch":
                self._touch(person)
            case "role":
                other = self.chance.choice(PEOPLE[1:]).member
                self.people[0].do("member.role", id=other, role=self.chance.choice(["host", "guest"]))
            case "pause":
                self.people[0].do("room.set", writing=self.chance.random() < 0.7)
            case "fault":
                await self._fail()
            case what:
                await self._be_a_phone(person, what)

    async def _fail(self) -> None:
        journal = self.world.journal
        match self.chance.choices(["append", "down", "bus", "redact"], [6, 2, 2, 1])[0]:
            case "append":
                journal.faults.append(self.chance.choice(["lose the answer", "lose the commit", "conflict"]))
            case "down":
                journal.down = not journal.down
            case "bus":
                self.world.switchboard.cut = not self.world.switchboard.cut
            case _ if not journal.down:
                await journal.redact(ROOM, _blank)

    async def _be_a_phone(self, person: Person, what: str) -> None:
        client = person.client
        if client is None or client.wire.session is None:
            await person.connect()
        elif what == "sleep":
            client.wire.cut()
            if self.chance.random() < 0.7:
                await person.connect()
        elif what == "slow":
            client.wire.slow = True
            asyncio.get_running_loop().call_later(self.chance.uniform(0, 2), client.wire.read_again)
        else:
            client.join(since=self.chance.random() < 0.5)

    def _write(self, person: Person) -> None:
        n = len(self.posts)
        if self.chance.random() < 0.6:
            self.posts.append(fresh("idea", n))
            person.do("idea.add", id=self.posts[-1], text=f"{person.who.name} écrit {n}")
        else:
            self.posts.append(fresh("message", n))
            person.do("message.send", id=self.posts[-1], text=f"{person.who.name} écrit {n}")

    def _touch(self, person: Person) -> None:
        post = self.chance.choice(self.posts or [fresh("idea", 0)])
        idea = post.startswith("idea")
        match self.chance.randrange(7):
            case 0:
                person.do("post.hide", on=post)
            case 1:
                person.do("post.show", on=post)
            case 2:
                person.do("idea.remove" if idea else "message.remove", id=post)
            case 3:
                person.do("reaction.add", on=post, kind="love")
            case 4 if idea:
                person.do("idea.move", id=post)
            case 5:
                person.do("idea.undo")
            case _:
                person.do("member.rename", name=f"{person.who.name} {self.chance.randrange(9)}")

    async def rest(self) -> None:
        """The faults end, everyone wakes up, and everything comes to rest."""
        self.world.journal.down, self.world.switchboard.cut = False, False
        self.world.journal.faults.clear()
        await asyncio.sleep(3)
        self.people[0].do("room.set", writing=True)
        for _ in range(600):
            for person in self.people:
                client = person.client
                if client is None or client.wire.session is None:
                    await person.connect()
                elif client.wire.slow:
                    client.wire.read_again()
                person.hear()
            if not any(person.pending for person in self.people):
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(15)  # heads are compared

    async def check(self) -> None:
        commits: list[Commit] = []
        while page := await self.world.journal.read(ROOM, len(commits)):
            commits += page
        events = [event for commit in commits for event in rules.EVENTS.decode(commit.format, commit.events)]
        wrote = [
            (getattr(e, "by", ""), getattr(e, "text", ""))
            for e in events
            if type(e).__name__ in ("IdeaAdded", "MessageSent")
        ]
        assert max(Counter(wrote).values(), default=1) == 1, "nothing happens twice"
        for person in self.people:
            last = person.client.wire.got[-4:] if person.client else None
            assert not person.pending, (
                f"never answered: {len(person.pending)}, the first {next(iter(person.pending))}; heard {last}"
            )
            mine = [text for by, text in wrote if by == person.who.member]
            assert mine == person.written, "everything written is there, in the order in which it was written"
            await self._equals_a_snapshot(person)

    async def _equals_a_snapshot(self, person: Person) -> None:
        client = person.client
        assert client is not None
        client.read()
        assert client.gaps == 0
        anew = await self.world.enter(person.who, at=self.chance.randrange(WORKERS))
        assert client.shared == anew.shared
        assert client.mine == anew.mine
        anew.wire.cut()


def _blank(commit: Commit) -> Commit:
    """A redaction that blanks nothing, and is a new incarnation all the same."""
    return commit


async def tell(seed: int, folder: Path) -> None:
    async with world(folder, workers=WORKERS) as w:
        story = Story(seed, w)
        await story.act()
        await story.rest()
        await story.check()


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_fails_everyone_ends_with_what_he_may_see_and_nothing_is_lost(seed: int, tmp_path: Path) -> None:
    run(tell(seed, tmp_path), seed=seed)
