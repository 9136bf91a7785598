"""A stream of another kind beside the room, in every story: on sockets of its own, and as the second stream of people of the room."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from msgspec import to_builtins

from server.live.layers import Layers
from server.model.kernel import Audience
from tests.inprocess import fresh
from tests.notes import NOTES, STREAM
from tests.simulation.people import Person
from tests.simulation.world import Site

SECRET_TEXT: Final = "SECRET"


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
        person = self._chance.choice(self._people())
        if person.screen:
            return
        if self._written and self._chance.random() < 0.3:
            self._people()[0].do_in(STREAM, "note.tell", id=fresh("note", self._chance.randrange(self._written) + 1))
            self.did["tell"] += 1
        else:
            self._written += 1
            secret = self._chance.random() < 0.5
            text = f"{SECRET_TEXT if secret else 'n'} {self._written}"
            person.do_in(STREAM, "note.write", id=fresh("note", self._written), text=text, secret=secret)
            self.did["secret" if secret else "open"] += 1

    def check(self) -> None:
        """At rest each has what the journal says that their audience sees, and of their own what they alone have."""
        layers = Layers(NOTES)
        for commit in self._site.disk.streams[STREAM].commits:
            layers.take(NOTES.events.decode(commit.format, commit.events), commit.seq, commit.at)
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

    def saw(self, person: Person, message: dict[str, Any]) -> None:
        """Nobody who is no keeper is sent a secret of another (S8), whatever else their connection carries."""
        if person.who.role == "host" and not person.screen:
            return
        for record in message.get("put", ()):
            secret = record.get("secret") and record.get("by") != person.who.member
            assert not secret, f"SPEC S8: {person.device} was sent {record}"


def _told(record: Any) -> dict[str, Any]:
    told: dict[str, Any] = to_builtins(record)
    return told
