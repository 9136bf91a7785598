"""A stream of another kind beside the room, in every story: on sockets of its own, and as the second stream of people of the room."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import to_builtins

from server.live.layers import Layers
from server.model.kernel import Audience, Notice
from tests.inprocess import fresh
from tests.notes import NOTES, PARENT, STREAM, UNWANTED, NoteReturned, NoteTold, NoteWritten, Reminded, Reminder, either
from tests.simulation.invariants import check_appearances
from tests.simulation.journal import Stream
from tests.simulation.people import Person
from tests.simulation.world import Site
from tests.virtual import clock

SECRET_TEXT: Final = "SECRET"

LATE: Final = 300.0
"""Seconds after which all that is brought elsewhere, or due, has been: what could not be opened is gone to again each minute."""


class Notebook:
    """What people do in it, and what each must have in the end.

    Args:
        people: who follow it now, the first of them a keeper; over whatever connections.
    """

    def __init__(self, chance: random.Random, site: Site, people: Callable[[], Sequence[Person]]) -> None:
        self._chance, self._site, self._people = chance, site, people
        self._written = 0
        self.did: Counter[str] = Counter()

    def take_part(self) -> None:
        for _ in range(self._chance.choice((1, 1, 4))):
            self._act(self._chance.choice(self._people()))

    def _act(self, person: Person) -> None:
        if person.screen:
            return
        if self._written and self._chance.random() < 0.3:
            self._people()[0].do_in(STREAM, "note.tell", id=self._one())
            self.did["tell"] += 1
        elif self._written and self._chance.random() < 0.3:
            if self._chance.random() < 0.5:
                person.do_in(STREAM, "note.follow", id=self._one(), on=self._chance.random() < 0.7)
            else:
                after = self._chance.choice((0, 2_000, 40_000))
                person.do_in(STREAM, "note.remind", id=self._one(), after=after)
        else:
            self._written += 1
            secret = self._chance.random() < 0.6
            text = f"{SECRET_TEXT if secret else 'n'} {self._chance.choice(('', '', UNWANTED))} {self._written}"
            to = self._chance.choice(("", self._chance.choice(self._people()).who.member))
            person.do_in(STREAM, "note.write", id=fresh("note", self._written), text=text, secret=secret, to=to)
            self.did["secret" if secret else "open"] += 1

    def _one(self) -> str:
        return fresh("note", self._chance.randrange(self._written) + 1)

    async def check(self) -> None:
        """At rest each has what the journal says that their audience sees, and of their own what they alone have."""
        await self._settle()
        for stream in self._site.disk.streams:
            self._check_concerns(stream)
            check_appearances(stream, either(stream), self._site.disk.streams[stream])
        self._check_carried()
        layers = _told_again(self._site.disk.streams[STREAM])
        roles = self._site.disk.streams[STREAM].roles
        assert roles == NOTES.memberships(layers.state), f"the table of memberships of {STREAM}: {roles}"
        for person in self._people():
            replica = person.in_stream(STREAM).replica
            actor = None if person.screen else NOTES.actor_for(layers.state, person.who.member)
            audience: Audience = NOTES.audience_of(actor)
            expected = {id: _told(record) for id, record in layers.shared[audience].records.items()}
            assert replica.shared == expected, f"SPEC R3: {STREAM}: {person.device}, of {audience}"
            own = {} if person.screen else {r.id: _told(r) for r in layers.own(person.who.member)}
            mine = {id: record | {"v": own.get(id, {}).get("v")} for id, record in replica.mine.items()}
            assert mine == own, f"SPEC S7: {STREAM}: {person.device}"

    async def end(self) -> None:
        """Nobody is there, and what is due is done nevertheless."""
        async with asyncio.timeout(LATE):
            while self._reminders():  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(1)

    async def _settle(self) -> None:
        """What time and policies bring about is done without anybody's asking."""
        until = asyncio.get_running_loop().time() + LATE
        while waits := self._waits():
            await asyncio.sleep(1)
            assert asyncio.get_running_loop().time() < until, f"never brought on: {waits}"

    def _waits(self) -> list[str]:
        found: list[str] = []
        for name, there in self._site.disk.streams.items():
            names = ["index", *(f"policy:{policy.name}" for policy in either(name).policies)]
            found += [f"{name} for {each}" for each in names if there.positions.get(each, 0) < len(there.commits)]
            found += [f"{target} for {name}" for _, target in there.waiting]
        return found + [each.id for each in self._reminders() if each.at + 1_000 < clock()()]

    def _reminders(self) -> list[Reminder]:
        state = _told_again(self._site.disk.streams[STREAM]).state
        return [each for each in state.values() if isinstance(each, Reminder)]

    def _check_concerns(self, name: str) -> None:
        """Whom what concerns stands in the tables, however often it was taken down."""
        there, model, before = self._site.disk.streams[name], either(name), Layers(either(name)).state
        notices, stakes = set[Any](), dict[tuple[str, str], str]()
        for commit in there.commits:
            events, after = model.events.decode(commit.format, commit.events), before
            for event in events:
                after = model.evolve(after, event)
            for each in (each for event in events for each in model.concerns(before, after, event)):
                if isinstance(each, Notice):
                    notices.add((each.owner, commit.seq, each.about, each.kind, each.scope))
                else:
                    stakes.pop((each.owner, each.about), None)
                    if each.role is not None:
                        stakes[each.owner, each.about] = each.role
            before = after
        assert {tuple(each) for each in there.notices} == notices, f"notices of {name}"
        assert there.stakes == stakes, f"stakes in {name}"

    def _check_carried(self) -> None:
        """What was told is carried once, in order, and never back; what was refused is told to its source, once."""
        here = [
            event
            for commit in self._site.disk.streams[STREAM].commits
            for event in NOTES.events.decode(commit.format, commit.events)
        ]
        there = [
            event
            for commit in self._site.disk.streams[PARENT].commits
            for event in NOTES.events.decode(commit.format, commit.events)
        ]
        texts = {event.id: event.text for event in here if isinstance(event, NoteWritten)}
        told = [event.id for event in here if isinstance(event, NoteTold)]
        unwanted = [id for id in told if UNWANTED in texts[id]]
        carried = [event.id for event in there if isinstance(event, NoteWritten)]
        assert carried == [id for id in told if id not in unwanted], f"carried {carried}, of {told}"
        assert all(event.via == STREAM for event in there if isinstance(event, NoteWritten | NoteTold))
        assert not any(isinstance(event, NoteReturned) for event in there), "a policy reacted to what a policy made"
        returned = [(event.id, event.code, event.via) for event in here if isinstance(event, NoteReturned)]
        assert sorted(returned) == sorted((id, "invalid", STREAM) for id in unwanted), f"returned {returned}"
        assert not any(event.via for event in here if isinstance(event, NoteWritten)), (
            "a policy reacted to what a policy made"
        )
        self.did["carried"], self.did["returned"] = len(carried), len(returned)
        self.did["reminded"] = sum(isinstance(event, Reminded) for event in here)

    def saw(self, person: Person, message: dict[str, Any]) -> None:
        """Nobody who is no keeper is sent a secret of another (S8), whatever else their connection carries."""
        if person.who.role == "host" and not person.screen:
            return
        for record in message.get("put", ()):
            secret = record.get("secret") and record.get("by") != person.who.member
            assert not secret, f"SPEC S8: {person.device} was sent {record}"


def _told_again(stream: Stream) -> Layers:
    layers = Layers(NOTES)
    for commit in stream.commits:
        layers.take(NOTES.events.decode(commit.format, commit.events), commit.seq, commit.at)
    return layers


def _told(record: Any) -> dict[str, Any]:
    told: dict[str, Any] = to_builtins(record)
    return told
