"""A circle without journal, loop or wire: commands are decided, folded and shown as `live.room` does it, and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from protocol import circles as p
from protocol.choices import Access
from protocol.commands import Command
from protocol.errors import Code, Refusal
from protocol.records import Record
from server.circle.model import CIRCLE
from server.circle.people import JoinCircle
from server.circle.settings import FoundCircle
from server.live.batch import SYSTEM
from server.live.layers import Layer, Layers
from server.model.events import FORMAT
from server.model.kernel import Actor, Audience, Context, Entity, Event, State, Viewer

STREAM = "circle:aaaaaaaaaaaa"
COMMUNITY = "community:aaaaaaaaaaaa"
CLAIRE, PAUL, NADIA = "member:claire------", "member:paul--------", "member:nadia-------"
KARIM, ELSA = "member:karim-------", "member:elsa--------"
STRANGER = "member:stranger----"
"""Of another community."""

NAMES = {person: person[7:].strip("-").capitalize() for person in (CLAIRE, PAUL, NADIA, KARIM, ELSA)}
AT = 1_760_000_000_000


class Table:
    """Founded by Claire; Paul and Nadia are in it, the others of the community are not.

    Attributes:
        commits: the events of each commit, oldest first.
        sealed: entities as they left the state last, by id.
        names: what people of the community are called.
    """

    def __init__(self, access: Access = "request") -> None:
        self.layers = Layers(CIRCLE)
        self.commits: list[Sequence[Event]] = []
        self.sealed: dict[str, Entity] = {}
        self.names = dict(NAMES)
        founding = FoundCircle(STREAM, COMMUNITY, "Accueil des nouveaux", "", access, "Claire")
        self.commit((founding, Actor(CLAIRE, "animator")))
        if access != "common":
            for member in (PAUL, NADIA):
                self.do(CLAIRE, p.AddMember(member))

    @property
    def state(self) -> State:
        return self.layers.state

    @property
    def at(self) -> int:
        return AT + self.layers.seq

    def actor(self, person: str) -> Actor:
        actor = CIRCLE.actor_for(self.state, person)
        assert actor is not None, f"{person} is not in the circle"
        return actor

    def _decide(self, state: State, command: Command, actor: Actor) -> tuple[Sequence[Event], State]:
        people = {id: self.names[id] for id in CIRCLE.introduces(state, command, actor.id) if id in self.names}
        context = Context(actor, self.at, self._past(CIRCLE.made(state, command)), people=people)
        try:
            events = CIRCLE.decide(state, command, context)
        except Refusal as refusal:
            past = self._past(CIRCLE.sealable(command))
            if refusal.code is not Code.NOT_FOUND or context.sealed or not past:
                raise
            events = CIRCLE.decide(state, command, context._replace(sealed=past))
        for event in events:
            state = CIRCLE.evolve(state, event)
        return events, state

    def _past(self, names: Sequence[str]) -> Mapping[str, Entity]:
        found: dict[str, Entity] = {}
        more = set(names)
        while more:
            found |= {id: self.sealed[id] for id in more if id in self.sealed}
            more = {*CIRCLE.sealed_along(list(found.values()))} - found.keys()
            assert more <= self.sealed.keys(), "a thread leaves whole"
        return found

    def commit(self, *commands: tuple[Command, Actor]) -> list[Refusal]:
        """Decide commands, each on what the ones before it made of the state, and take what came of them as one commit."""
        state, events, refusals = self.state, list[Event](), list[Refusal]()
        for command, actor in commands:
            try:
                mine, state = self._decide(state, command, actor)
            except Refusal as refusal:
                refusals.append(refusal)
            else:
                events += mine
        encoded = CIRCLE.events.encode(events)
        assert CIRCLE.events.decode(FORMAT, encoded) == events
        for id in (id for event in events for id in event.seals if id in self.state):
            self.sealed[id] = CIRCLE.unpack_entity(FORMAT, CIRCLE.pack_entity(self.state[id]))
        self.layers.take(events, self.layers.seq + 1, self.at)
        assert self.state == state
        self.commits.append(events)
        return refusals

    def do(self, person: str, command: Command) -> Sequence[Event]:
        """One command in a commit of its own.

        Raises:
            Refusal: it may not, or cannot.
        """
        refusals = self.commit((command, self.actor(person)))
        if refusals:
            raise refusals[0]
        return self.commits[-1]

    def come(self, person: str, text: str = "") -> Sequence[Event]:
        """Somebody of the community joins, or asks to.

        Raises:
            Refusal: they may not.
        """
        refusals = self.commit((JoinCircle(text), Actor(person, "member")))
        if refusals:
            raise refusals[0]
        return self.commits[-1]

    def refused(self, person: str, command: Command) -> Code:
        """The code that this command is refused with; a refused command changes nothing (SPEC D2)."""
        before = self.state
        try:
            self._decide(before, command, self.actor(person))
        except Refusal as refusal:
            assert self.state is before
            return refusal.code
        raise AssertionError(f"expected a refusal of {command}")

    def seal(self) -> None:
        """What is due."""
        while (due := CIRCLE.due(self.state)) is not None:
            assert self.commit((due.command, SYSTEM)) == []

    # What is seen.

    def records(self, audience: Audience) -> dict[str, Record]:
        return self.layers.shared[audience].records

    def sees(self, person: str) -> dict[str, Record]:
        """All that somebody's client holds: their audience's records, with their own laid over them."""
        audience = CIRCLE.audience_of(self.actor(person))
        return {**self.records(audience), **{record.id: record for record in self.layers.own(person)}}

    def post(self, person: str, id: str) -> p.PostRecord | None:
        """A post as somebody sees it."""
        record = self.sees(person).get(id)
        assert record is None or isinstance(record, p.PostRecord)
        return record

    @property
    def circle(self) -> p.CircleRecord:
        record = self.records("everyone")[STREAM]
        assert isinstance(record, p.CircleRecord)
        return record

    def rendered(self, viewer: Viewer) -> dict[str, Record]:
        """What a viewer sees by the rules alone, of everything there is; without `v`."""
        ids = {STREAM, *self.state}
        ids |= {f"thanks:{id[5:]}" for id in self.state if id.startswith("post:")}
        ids |= {f"seat:{id[7:]}" for id in self.state if id.startswith("member:")}
        return {id: record for id in ids if (record := CIRCLE.render(self.state, id, viewer)) is not None}

    def layers_as_values(self) -> Any:
        """All of the layers, order included, to be compared."""
        every: dict[str, Layer] = {**self.layers.shared, **self.layers.mine}
        return {
            name: (list(layer.records.values()), list(layer.tombstones.items()), layer.floor)
            for name, layer in every.items()
            if layer.records or layer.tombstones
        }


def post(n: int) -> str:
    return f"post:{n:012d}"
