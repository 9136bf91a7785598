"""A seeded story of a community's circles on two workers: people come and go, write, hide and bring back what was sealed, over connections
that are slow or cut and a journal that loses what it answers; and what must be so whatever happened."""

import asyncio
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from protocol import circles as p
from protocol.choices import Access
from protocol.circles import CIRCLE_COMMANDS
from protocol.commands import Command
from protocol.errors import Refusal
from protocol.records import Record
from server.accounts.port import ACCOUNT
from server.admission.circles import Circles
from server.circle.model import CIRCLE, replies_to
from server.circle.people import JoinCircle
from server.circle.sealing import ThreadRecalled
from server.circle.state import Post, circle, roll
from server.circle.thread import PostAdded
from server.live.layers import Layers
from server.model.kernel import HIDDEN, Entity, State, Viewer
from tests.circle.acts import PEOPLE, check_state, some
from tests.circle.table import COMMUNITY as ABOVE
from tests.circle.table import NADIA, PAUL, STRANGER, post
from tests.circle.world import community, found, phone
from tests.inprocess import Client, Someone, World

ACCESSES: Final[tuple[Access, ...]] = ("common", "open", "request", "confidential")
NAMES: Final = {command: name for name, command in CIRCLE_COMMANDS.items()}
MARK: Final = re.compile(r"C(\d)N\d+")
"""Stands in every text: of which circle it is."""

CALM: Final = 75.0
"""Seconds in which all that was begun has come to its end, and is found: also what was written by who heard no answer (SPEC Q3)."""


class Truth:
    """A circle as its journal tells it.

    Attributes:
        sealed: posts as they left the state last.
        added: how often each post was.
        ever: who was in it at some time.
    """

    def __init__(self) -> None:
        self.layers = Layers(CIRCLE)
        self.sealed: dict[str, Entity] = {}
        self.added: dict[str, int] = {}
        self.ever: set[str] = set()

    async def read(self, w: World, stream: str) -> None:
        """Go on to where the journal is."""
        for commit in await w.journal.read(stream, self.layers.seq):
            before = self.layers.state
            events = CIRCLE.events.decode(commit.format, commit.events)
            for event in events:
                if isinstance(event, ThreadRecalled):
                    assert not [each.id for each in event.posts if each.id in before], "brought back what was there"
                    assert list(event.posts) == [self.sealed[each.id] for each in event.posts], "not as it was"
                if isinstance(event, PostAdded):
                    self.added[event.id] = self.added.get(event.id, 0) + 1
            self.sealed |= {id: before[id] for event in events for id in event.seals}
            self.layers.take(events, commit.seq, commit.at)
            self.ever |= CIRCLE.memberships(self.layers.state).keys()
            check_state(self.layers.state)

    @property
    def state(self) -> State:
        return self.layers.state

    def seen(self, person: str) -> dict[str, Record]:
        """What somebody's client is to hold."""
        audience = CIRCLE.audience_of(CIRCLE.actor_for(self.state, person))
        ids = {self.stream, *self.state, f"seat:{person[7:]}"}
        ids |= {f"thanks:{id[5:]}" for id in self.state if id.startswith("post:")}
        viewers = (Viewer(audience), Viewer(None, person))
        return {id: record for viewer in viewers for id in ids if (record := CIRCLE.render(self.state, id, viewer))}

    @property
    def stream(self) -> str:
        return next(id for id in self.layers.public.records if id.startswith("circle:"))

    def pages(self) -> dict[str, str]:
        """What is read by pages: texts of posts, live and sealed."""
        posts = {**self.sealed, **self.state}
        return {id: each.text for id, each in posts.items() if isinstance(each, Post) and each.is_open}


class Story:
    def __init__(self, w: World, seed: int) -> None:
        self.w = w
        self.chance = random.Random(seed)
        self.circles: list[str] = []
        self.truths: dict[str, Truth] = {}
        self.clients: dict[str, Client] = {}
        self.heard: dict[str, str] = {}
        self.made = dict[str, int]()
        self.texts = 0
        self.asked: dict[str, Client] = {}
        self.answers: dict[str, str] = {}

    async def begin(self) -> None:
        for n, access in enumerate(ACCESSES):
            members = () if access == "common" else (PAUL, NADIA)
            stream = await found(self.w.hub, n, access, *members)
            self.circles.append(stream)
            self.truths[stream] = Truth()
        for person in PEOPLE:
            await self._come(person)

    async def _come(self, person: str) -> None:
        """Connect anew, and follow all there is: what is not there for them is refused."""
        if person in self.clients:
            self._listen(person)
            self.clients[person].wire.cut()
        here = await phone(self.w, person, at=self.chance.randrange(2))
        self.clients[person] = here.above
        for stream in self.circles:
            here.above.send(t="join", stream=stream)

    def _listen(self, person: str) -> None:
        """What has reached them."""
        wire = self.clients[person].wire
        for message in wire.got:
            if message["t"] in ("done", "refused"):
                self.answers.setdefault(message["id"], message.get("code", "done"))
        self.heard[person] = self.heard.get(person, "") + " ".join(
            sorted({mark for message in wire.got for mark in re.findall(r"C\d", repr(message))})
        )

    async def step(self) -> None:
        stream = self.chance.choice(self.circles)
        state = (await self.w.hub.channel(stream)).room.layers.state
        animators = roll(state).animators
        here = [each for each in PEOPLE if CIRCLE.actor_for(state, each)] if self.chance.random() < 0.9 else []
        person = self.chance.choice(animators if animators and self.chance.random() < 0.3 else here or PEOPLE)
        client = self.clients[person]
        match self.chance.randrange(24):
            case 0:
                await self._come(person)
            case 1:
                client.wire.slow = not client.wire.slow
                if not client.wire.slow:
                    client.wire.read_again()
            case 2:
                self.w.journal.faults.append(self.chance.choice(("lose the answer", "lose the commit", "conflict")))
            case 3:
                await asyncio.sleep(self.chance.choice((0.1, 3.0)))
            case 4 | 5:
                await self._join(stream, person)
            case _:
                command = self._something(stream)
                if circle(state).archived and person in animators:
                    command = p.ArchiveCircle(on=False)
                self._do(stream, client, command)
                if self.chance.random() < 0.3:
                    await asyncio.sleep(0.05)

    def _something(self, stream: str) -> Command:
        made = self.made.get(stream, 0)
        command = some(self.chance, made)
        while isinstance(command, (JoinCircle, p.LeaveCircle, p.ArchiveCircle)) and self.chance.random() < 0.8:
            command = some(self.chance, made)
        n = self.circles.index(stream)
        if isinstance(command, (p.AddPost, p.EditPost)) and command.text.strip():
            self.texts += 1
            command = replace(command, text=f"C{n}N{self.texts} {command.text}")
        if isinstance(command, p.AddPost) and command.id == post(made):
            self.made[stream] = made + 1
        return command

    def _do(self, stream: str, client: Client, command: Command) -> None:
        if isinstance(command, JoinCircle) or client.wire.session is None:
            return
        id = f"c{len(self.asked)}"
        args = {name: value for name in command.__struct_fields__ if (value := getattr(command, name)) is not UNSET}
        self.asked[id] = client
        client.send(t="do", id=id, stream=stream, cmd=NAMES[type(command)], args=args)

    async def _join(self, stream: str, person: str) -> None:
        try:
            await Circles(self.w.hub).join(stream, person, "Bonjour")
        except Refusal:
            return
        self.clients[person].send(t="join", stream=stream)

    # What must be so.

    async def check(self) -> None:
        """Once all is calm."""
        self.w.journal.faults.clear()
        for client in self.clients.values():
            if client.wire.slow:
                client.wire.slow = False
                client.wire.read_again()
        await asyncio.sleep(CALM)
        for person in PEOPLE:
            self._listen(person)
        for stream, truth in self.truths.items():
            await truth.read(self.w, stream)
            for worker in self.w.workers:
                channel = worker.hub.get(stream)
                assert channel is None or channel.room.layers.state == truth.state, "a worker has another state"
            assert CIRCLE.due(truth.state) is None, "what is due is not done"
            await self._check_tables(stream, truth)
            await self._check_pages(stream, truth)
            for person in PEOPLE:
                self._check_records(stream, truth, person)
        self._check_frames()
        unanswered = [id for id, client in self.asked.items() if client.wire.session and id not in self.answers]
        assert not unanswered, f"never answered: {unanswered}"

    async def _check_tables(self, stream: str, truth: Truth) -> None:
        roles, listing = CIRCLE.memberships(truth.state), CIRCLE.listing(truth.state)
        assert listing is not None
        names = await self.w.journal.names(stream, PEOPLE)
        for person in PEOPLE:
            standing = await self.w.journal.standing(person, stream)
            assert (standing.role, standing.parent, standing.access) == (roles.get(person), ABOVE, listing.access)
            assert names.get(person, "") == CIRCLE.name_of(truth.state, person)
            listed = {each.stream: each.listing.title for each in await self.w.journal.listed(ABOVE, person, HIDDEN)}
            is_there = not listing.closed and (listing.access != HIDDEN or person in roles)
            assert listed.get(stream) == (listing.title if is_there else None)

    async def _check_pages(self, stream: str, truth: Truth) -> None:
        rows = list(await self.w.journal.page(stream, "post", None, 1000))
        for row in list(rows):
            rows += await self.w.journal.page(stream, replies_to(row.id), None, 1000)
        assert {row.id: row.text for row in rows} == truth.pages(), f"pages of {stream}"
        found = {row.id for row in await self.w.journal.search(stream, "texte", 0, 1000)}
        assert found == {id for id, text in truth.pages().items() if "texte" in text}

    def _check_records(self, stream: str, truth: Truth, person: str) -> None:
        """Who is in it has what there is for them; whoever is not has nothing."""
        here = Client(Someone(person, "", None, ACCOUNT), self.clients[person].wire)
        here.who = Someone(person, "", None, stream)
        here.read()
        actor = CIRCLE.actor_for(truth.state, person)
        if actor is None:
            return
        refused = [
            m for m in here.wire.got if m["t"] in ("refused", "state") and stream in (m.get("id"), m.get("stream"))
        ]
        if not refused or refused[-1]["t"] == "refused":
            return  # they were let in since they last asked
        for id in here.records:
            it = truth.state.get(id)
            if isinstance(it, Post) and (it.hidden or it.shut):
                assert actor.role == "animator" or it.author == person, f"{person} has {id}, which is hidden"
        expected = {
            id: {**msgspec.msgpack.decode(msgspec.msgpack.encode(record)), "v": 0}
            for id, record in truth.seen(person).items()
        }
        assert {id: {**record, "v": 0} for id, record in here.records.items()} == expected, f"{person} in {stream}"

    def _check_frames(self) -> None:
        for person in PEOPLE:
            for n, stream in enumerate(self.circles):
                truth = self.truths[stream]
                if n > 0 and person not in truth.ever:
                    assert f"C{n}" not in self.heard.get(person, ""), f"{person} has heard of {stream}"

    async def check_afresh(self) -> None:
        """Whoever comes now has what there is and no more, and a stranger nothing."""
        for person in PEOPLE:
            await self._come(person)
        stranger = self.w.connect(Someone(STRANGER, "Zoé", None, ACCOUNT))
        stranger.hello()
        for stream in (ABOVE, *self.circles):
            stranger.send(t="join", stream=stream)
        await self.check()
        stranger.read()
        assert {m["t"] for m in stranger.wire.got} <= {"welcome", "refused", "beat"}, "a stranger is in"
        for truth in self.truths.values():
            assert set(truth.added.values()) <= {1}, "twice the same"


async def tell(folder: Path, seed: int, steps: int = 200) -> Mapping[str, int]:
    """One story; what was answered how often.

    Raises:
        AssertionError: something that must be so is not; says what.
    """
    async with community(folder, workers=2) as w:
        story = Story(w, seed)
        await story.begin()
        for _ in range(2):
            for _ in range(steps):
                await story.step()
            await story.check()
        await story.check_afresh()
        answers = list(story.answers.values())
        return {code: answers.count(code) for code in set(answers)}
