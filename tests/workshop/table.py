"""A room without journal, loop or wire: commands are decided, folded and shown as `live.room` and `live.fanout` do it, and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from protocol import commands as c
from protocol.choices import Role
from protocol.errors import Code, Refusal
from protocol.records import Record
from server.live.layers import Layer, Layers
from server.live.pseudonyms import names_of
from server.model.events import FORMAT
from server.model.kernel import Actor, Audience, Context, Entity, Event, Viewer
from server.workshop.model import AUDIENCES, WORKSHOP
from server.workshop.people.people import Enter
from server.workshop.people.settings import Create

ROOM = "room:aaaaaaaaaaaa"
CLAIRE = "member:claire------"
PAUL = "member:paul--------"
NADIA = "member:nadia-------"


def alias(step: str, member: str) -> str:
    """What a member is called in a step, to be read by whoever reads a failure."""
    return f"alias:{member[7:13]}-in-{step[5:]}-----"


SYSTEM = Actor("member:system------", "host")
AT = 1_760_000_000_000


class Table:
    """
    Attributes:
        commits: the events of each commit, oldest first.
        sealed: entities that have left the state unharmed, by id.
    """

    def __init__(self) -> None:
        self.layers = Layers(WORKSHOP)
        self.commits: list[Sequence[Event]] = []
        self.sealed: dict[str, Entity] = {}
        self.commit((Create(ROOM, "Séminaire", "ABC234", "fr"), SYSTEM))
        roles: dict[str, Role] = {CLAIRE: "host", PAUL: "participant", NADIA: "participant"}
        for member, role in roles.items():
            self.commit((Enter(member, member[7:13].strip("-"), role), Actor(member, "participant")))

    @property
    def at(self) -> int:
        return AT + self.layers.seq

    def actor(self, member: str) -> Actor:
        actor = WORKSHOP.actor_for(self.layers.state, member)
        assert actor is not None
        return actor._replace(alias=lambda step: alias(step, member))

    def decide(self, command: c.Command, actor: Actor) -> Sequence[Event]:
        """
        Raises:
            Refusal: and nothing but that, whatever the command.
        """
        return self._decide(self.layers.state, command, actor)[0]

    def _decide(self, state: Any, command: c.Command, actor: Actor) -> tuple[Sequence[Event], Any]:
        made = {id: self.sealed[id] for id in WORKSHOP.made(state, command) if id in self.sealed}
        named: Mapping[str, Entity] = made
        try:
            events = WORKSHOP.decide(state, command, Context(actor, self.at, named))
        except Refusal as refusal:
            if refusal.code is not Code.NOT_FOUND:
                raise
            named = {id: self.sealed[id] for id in WORKSHOP.sealable(command) if id in self.sealed}
            events = WORKSHOP.decide(state, command, Context(actor, self.at, named))
        for event in events:
            state = WORKSHOP.evolve(state, event)
        return events, state

    def commit(self, *commands: tuple[c.Command, Actor]) -> list[Refusal]:
        """Decide commands, each on what the ones before it made of the state, and take what came of them as one commit."""
        state, events, refusals = self.layers.state, list[Event](), list[Refusal]()
        for command, actor in commands:
            try:
                mine, state = self._decide(state, command, actor)
            except Refusal as refusal:
                refusals.append(refusal)
            else:
                events += mine
        encoded = WORKSHOP.events.encode(events)
        assert WORKSHOP.events.decode(FORMAT, encoded) == events
        for event in events:
            for id in event.seals:
                if id in self.layers.state:
                    self.sealed[id] = WORKSHOP.unpack_entity(FORMAT, WORKSHOP.pack_entity(self.layers.state[id]))
        before = self.layers.state
        self.layers.take(events, self.layers.seq + 1, self.at)
        assert self.layers.state == state
        assert before is state or events
        self.commits.append(events)
        return refusals

    def do(self, member: str, command: c.Command) -> Sequence[Event]:
        """One command in a commit of its own.

        Raises:
            Refusal: it may not, or cannot.
        """
        refusals = self.commit((command, self.actor(member)))
        if refusals:
            raise refusals[0]
        return self.commits[-1]

    def refused(self, member: str, command: c.Command) -> Code:
        """The code that this command is refused with; a refused command changes nothing (SPEC D2)."""
        before = self.layers.state
        try:
            self.decide(command, self.actor(member))
        except Refusal as refusal:
            assert self.layers.state is before
            return refusal.code
        raise AssertionError(f"expected a refusal of {command}")

    # What is seen.

    def records(self, audience: Audience) -> dict[str, Record]:
        return self.layers.shared[audience].records

    def sees(self, member: str) -> dict[str, Record]:
        """All that a member's client holds: his audience's records with his own laid over them."""
        audience: Audience = "host" if self.actor(member).role == "host" else "public"
        own = {record.id: record for record in self.own(member)}
        return {**self.records(audience), **own}

    def own(self, member: str) -> Sequence[Record]:
        """What this member alone sees, under all his names."""
        return self.layers.own(*names_of(member, WORKSHOP.pseudonyms(self.layers.state), alias))

    def rendered(self, viewer: Viewer) -> dict[str, Record]:
        """What a viewer sees by the rules alone, of everything there is; without `v`."""
        seen = {}
        for id in (ROOM, *self.layers.state):
            record = WORKSHOP.render(self.layers.state, id, viewer)
            if record is not None:
                seen[id] = record
        return seen

    def layers_as_values(self) -> Any:
        """All of the layers, order included, to be compared."""
        every: dict[str, Layer] = {**{str(a): layer for a, layer in self.layers.shared.items()}, **self.layers.mine}
        return {
            name: (list(layer.records.values()), list(layer.tombstones.items()), layer.floor)
            for name, layer in every.items()
            if layer.records or layer.tombstones or name in AUDIENCES
        }
