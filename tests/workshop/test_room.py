"""The room as a whole, under anything that anyone may do: laws that hold at every commit (SPEC R3, S6, S8, D2, I3)."""

from typing import Any, get_args

import hypothesis.strategies as st
import msgspec
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec import UNSET
from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Refusal
from protocol.records import IdeaRecord, Record
from server.live import layers as layers_module
from server.live.layers import Layer, Layers, dump, load
from server.model.events import FORMAT
from server.model.kernel import Actor, Audience, Viewer
from server.workshop.board.ideas import Idea
from server.workshop.board.standing import standing
from server.workshop.model import AUDIENCES, WORKSHOP
from server.workshop.outcome.votes import counted
from server.workshop.people.settings import RoomCreated
from server.workshop.state.ballots import Ballot
from server.workshop.state.places import Row, Which, places, row_id
from server.workshop.state.posts import Post
from server.workshop.state.remarks import Remark, remark_count, remarks_on
from server.workshop.state.steps import step_of
from server.workshop.talk import sealing
from tests.properties import bounded
from tests.workshop.table import CLAIRE, NADIA, PAUL, SYSTEM, Table, alias

MEMBERS = (CLAIRE, PAUL, NADIA)
IDEAS = [f"idea:{n:012d}" for n in range(4)]
MESSAGES = [f"message:{n:012d}" for n in range(10)]
STEPS = [f"step:{n:012d}" for n in range(3)]
DECISIONS = [f"decision:{n:012d}" for n in range(2)]
PULSES = [f"pulse:{n:012d}" for n in range(2)]
ZONES = [f"zone:{n:012d}" for n in range(2)]
REMARKS = [f"remark:{n:012d}" for n in range(3)]
POSTS = [*IDEAS, *MESSAGES, *REMARKS]

member = st.sampled_from(MEMBERS)
idea = st.sampled_from(IDEAS)
message = st.sampled_from(MESSAGES)
zone = st.sampled_from(ZONES)
step = st.sampled_from(STEPS)
post = st.sampled_from(POSTS)
kind = st.sampled_from(["like", "love"])
remark = st.sampled_from(REMARKS)
said = st.sampled_from(["objection", "condition", "offer"])
text = st.one_of(
    st.sampled_from(["a", "b", "c", "d"]),
    st.sampled_from(["", " ", "é", "x" * 281, "x" * 280, "x" * 2001]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
)
bare_zone = st.one_of(st.none(), zone)
switch = st.sampled_from([UNSET, True, True, False])

talk = st.one_of(
    st.builds(c.AddIdea, idea, text, bare_zone),
    st.builds(c.EditIdea, idea, text),
    st.builds(c.MoveIdea, idea, st.one_of(st.just(UNSET), st.none(), zone), st.one_of(st.none(), idea)),
    st.builds(c.RemoveIdea, idea),
    st.builds(c.RestoreIdea, idea),
    st.builds(c.UndoIdea),
    st.builds(c.AddZone, zone, text, st.one_of(st.none(), st.sampled_from("ABCDEF"))),
    st.builds(c.EditZone, zone, text),
    st.builds(c.RemoveZone, zone),
    st.builds(c.SendMessage, message, text, st.one_of(st.none(), message)),
    st.builds(c.EditMessage, message, text),
    st.builds(c.RemoveMessage, message),
    st.builds(c.AddRemark, remark, st.one_of(idea, idea, zone), said, text, st.one_of(st.none(), step)),
    st.builds(c.EditRemark, remark, text),
    st.builds(c.RemoveRemark, remark),
    st.builds(c.AddReaction, post, kind),
    st.builds(c.RemoveReaction, post, kind),
    st.builds(c.HidePost, post),
    st.builds(c.ShowPost, post),
    st.builds(
        c.SetRoom, st.one_of(st.just(UNSET), text), st.one_of(st.just(UNSET), text), st.just(UNSET), switch, switch
    ),
    st.builds(c.RenameMember, text),
    st.builds(c.SetRole, member, st.sampled_from(["host", "participant"])),
)
workshop = st.one_of(
    st.builds(
        c.AddStep,
        step,
        st.sampled_from(["ideate", "group", "vote", "vote"]),
        st.just("x"),
        blind=st.sampled_from(["open", "hosts", "nobody"]),
        anonymous=st.booleans(),
        budget=st.integers(0, 4),
        cap=st.integers(0, 3),
        targets=st.sampled_from(["ideas", "ideas", "zones"]),
        form=st.sampled_from(["scale", "choice"]),
        options=st.sampled_from([[], ["Oui", "Non"]]),
        deals=st.booleans(),
    ),
    st.builds(c.EditStep, step, anonymous=st.booleans(), budget=st.integers(0, 6), cap=st.integers(0, 4)),
    st.builds(c.EditStep, step, form=st.sampled_from(["words", "choice"]), options=st.sampled_from([["Oui"], []])),
    st.builds(c.GoToStep, st.one_of(step, st.none())),
    st.builds(c.RevealStep, step),
    st.builds(c.SayReady, step, st.booleans()),
    st.builds(c.MergeIdea, idea, idea),
    st.builds(c.UnmergeIdea, idea),
    st.builds(c.DealHand, step),
    st.builds(c.PutHand, step, idea, st.one_of(st.none(), idea, zone)),
    st.builds(c.AcceptProposals, st.dictionaries(idea, st.one_of(idea, zone), max_size=4)),
    st.builds(c.RefuseProposal, idea, st.one_of(idea, zone)),
    st.builds(c.UndoProposals),
    st.builds(c.PutDots, step, st.one_of(idea, idea, zone), st.integers(0, 4)),
    st.builds(c.PutDots, step, idea, st.integers(0, 4)),
    st.builds(c.CloseVote, step),
    st.builds(c.CountVote, step),
    st.builds(c.ReopenVote, step),
    st.builds(c.RevealVote, step),
    st.builds(c.SetWeight, st.integers(1, 3)),
    st.builds(
        c.DrawBreakouts,
        st.integers(2, 3),
        st.lists(member, max_size=3),
        st.booleans(),
        st.sampled_from([[], ["a"], [" "]]),
        st.lists(st.one_of(idea, zone), max_size=2),
    ),
    st.builds(c.TakeBreakout, st.one_of(st.none(), st.integers(1, 2)), st.one_of(st.none(), member)),
    st.builds(c.SetTopics, st.integers(1, 3), st.one_of(st.none(), st.integers(1, 2)), st.sampled_from([[], ["b"]])),
    st.builds(c.SetSpeaker, st.one_of(st.none(), member), st.booleans()),
    st.builds(c.MarkBest, idea, st.booleans()),
    st.builds(c.EndBreakouts),
    st.builds(c.AddDecision, st.sampled_from(DECISIONS), st.just("x"), st.one_of(st.none(), idea, zone)),
    st.builds(c.RemoveDecision, st.sampled_from(DECISIONS)),
    st.builds(c.WriteCommitment, st.sampled_from(["", "x", "y"]), st.booleans()),
    st.builds(c.AskPulse, st.sampled_from(PULSES), st.just("x"), st.just("scale"), st.just([]), st.booleans()),
    st.builds(
        c.AskPulse,
        st.sampled_from(PULSES),
        st.just("x"),
        st.just("choice"),
        st.just(["Oui", "Non"]),
        st.booleans(),
        several=st.booleans(),
        other=st.just(True),
    ),
    st.builds(c.AnswerPulse, st.sampled_from(PULSES), st.integers(0, 5)),
    st.builds(
        c.AnswerPulse, st.sampled_from(PULSES), st.sampled_from([2, [2], [0, 2]]), st.sampled_from(["a", "A", "b"])
    ),
    st.builds(c.HideWord, st.sampled_from(PULSES), st.sampled_from(["a", "b"]), st.booleans()),
    st.builds(c.ClosePulse, st.sampled_from(PULSES)),
)


@st.composite
def commands(draw: st.DrawFn) -> c.Command:
    """Any. (A function, for a strategy is named by all that it consists of where hypothesis tells of it.)"""
    command: c.Command = draw(st.one_of(talk, workshop))
    return command


class Sleeper:
    """A client of one audience or one member that is told what changed now and then, and applies it as SPEC S6 says."""

    def __init__(self) -> None:
        self.seq = 0
        self.held: dict[str, Record] = {}
        self.versions: dict[str, int] = {}

    def wake(self, layer: Layer, seq: int) -> list[Record]:
        """Catch up; what was sent for it."""
        changes = layer.since(self.seq)
        if changes is None:
            self.held.clear()
            put, gone = list(layer.records.values()), list[str]()
        else:
            put, gone = list(changes.put), list(changes.gone)
        assert not {record.id for record in put} & set(gone)
        for record in put:
            assert record.v >= self.versions.get(record.id, 0), "SPEC S6: a record's v never falls"
            assert record.v <= seq
            self.versions[record.id] = record.v
            self.held[record.id] = record
        for id in gone:
            self.held.pop(id, None)
        self.seq = seq
        return put


class AnyoneDoesAnything(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.before = (sealing.KEPT, sealing.SLACK, layers_module.TOMBSTONES)
        sealing.KEPT, sealing.SLACK, layers_module.TOMBSTONES = 4, 3, 6  # type: ignore[misc]
        self.table = Table()
        self.sleepers: dict[Any, Sleeper] = {}

    def teardown(self) -> None:
        sealing.KEPT, sealing.SLACK, layers_module.TOMBSTONES = self.before  # type: ignore[misc]
        again = Layers(WORKSHOP)
        for seq, events in enumerate(self.table.commits, 1):
            again.take(events, seq, 0)
        replayed = Table.__new__(Table)
        replayed.layers = again
        assert again.state == self.table.layers.state
        assert replayed.layers_as_values() == self.table.layers_as_values()
        assert again.sealed == self.table.layers.sealed

    @initialize(zones=st.integers(0, 2), voting=st.booleans())
    def furnish(self, zones: int, voting: bool) -> None:
        for n in range(zones):
            self.table.do(CLAIRE, c.AddZone(ZONES[n], "zone"))
        if voting:
            for id in IDEAS[1:]:
                self.table.do(PAUL, c.AddIdea(id, "idée"))
            self.table.do(CLAIRE, c.AddStep(STEPS[0], "vote", "Choisir", budget=4, cap=2))
            self.table.do(CLAIRE, c.GoToStep(STEPS[0]))

    @rule(batch=st.lists(st.tuples(commands(), member), min_size=1, max_size=6))
    def commit(self, batch: list[tuple[c.Command, str]]) -> None:
        table = self.table
        seen = {audience: table.rendered(Viewer(audience)) for audience in AUDIENCES}
        kept = {a: (dict(table.records(a)), dict(table.layers.shared[a].tombstones)) for a in AUDIENCES}
        table.commit(*((command, table.actor(actor)) for command, actor in batch))
        for audience in AUDIENCES:
            if table.rendered(Viewer(audience)) == seen[audience] and not self._late():
                now = (dict(table.records(audience)), dict(table.layers.shared[audience].tombstones))
                assert now == kept[audience], "SPEC S8: what is invisible moves nothing"

    def _late(self) -> bool:
        """Whether the last commit removed something sealed, which no layer holds and everyone is told."""
        return any(getattr(event, "late", False) for event in self.table.commits[-1])

    @rule()
    def seal_what_is_due(self) -> None:
        due = WORKSHOP.due(self.table.layers.state)
        if due is not None:
            self.table.commit((due.command, SYSTEM))
            assert WORKSHOP.due(self.table.layers.state) is None

    @rule(command=commands())
    def a_screen_may_do_nothing(self, command: c.Command) -> None:
        try:
            self.table.decide(command, Actor("screen:aaaaaaaaaaaa", "screen"))
        except Refusal as refusal:
            assert refusal.code.value == "forbidden"
        else:
            raise AssertionError("expected a refusal")

    @rule(who=st.sampled_from([*AUDIENCES, *MEMBERS]))
    def wake(self, who: Any) -> None:
        layers = self.table.layers
        layer = layers.shared[who] if who in AUDIENCES else layers.mine.get(who, Layer())
        sleeper = self.sleepers.setdefault(who, Sleeper())
        sent = sleeper.wake(layer, layers.seq)
        assert sleeper.held == layer.records, "SPEC R3: a snapshot equals what patches add up to"
        if who == "public":
            self._is_fit_for_all(sent)

    def _is_fit_for_all(self, sent: list[Record]) -> None:
        for record in sent:
            entity = self.table.layers.state.get(record.id)
            if isinstance(entity, Post):
                assert entity.is_open, "SPEC S8: what is hidden or removed is in no public record"

    @invariant()
    def the_index_holds_what_the_rules_show(self) -> None:
        for audience in AUDIENCES:
            self._equals(self.table.layers.shared[audience], Viewer(audience))
        for owner in self._owners():
            self._equals(self.table.layers.mine.get(owner, Layer()), Viewer(None, owner))

    def _owners(self) -> list[str]:
        """All the names that records of one's own are kept under."""
        return [
            *MEMBERS,
            *(alias(step, member) for step in WORKSHOP.pseudonyms(self.table.layers.state) for member in MEMBERS),
        ]

    def _equals(self, layer: Layer, viewer: Viewer) -> None:
        seen = {id: replace(record, v=0) for id, record in layer.records.items()}
        assert seen == self.table.rendered(viewer)
        versions = [record.v for record in layer.records.values()]
        assert versions == sorted(versions), "the index is in the order of change"

    @invariant()
    def rows_hold_the_places_of_ideas(self) -> None:
        state = self.table.layers.state
        ideas = [entity for entity in state.values() if isinstance(entity, Idea)]
        rows = {entity.id for entity in state.values() if isinstance(entity, Row)}
        assert rows == {row_id(idea.zone) for idea in ideas if idea.row}
        for zone in {idea.zone for idea in ideas}:
            for which in get_args(Which):
                expected = sorted((idea.rank, idea.id) for idea in ideas if (idea.zone, idea.row) == (zone, which))
                assert list(places(state, zone, which)) == expected

    @invariant()
    def a_client_knows_where_each_idea_stands(self) -> None:
        """By its records alone, as the server does by its state (SPEC G13)."""
        state, public = self.table.layers.state, self.table.records("public")
        for idea in [record for record in public.values() if isinstance(record, IdeaRecord)]:
            head: Record | None = idea
            while isinstance(head, IdeaRecord) and isinstance(into := public.get(head.into or ""), IdeaRecord):
                head = into
            assert head is not None
            assert standing(state, idea.id) == head.id

    @invariant()
    def own_records_shadow_what_others_lack(self) -> None:
        """A `mine` record is there where the public has none, or says that a post without a name is mine (DESIGN, Layers; SPEC G4)."""
        public = self.table.records("public")
        for owner in self._owners():
            for record in self.table.layers.own(owner):
                assert record.id not in public or getattr(record, "own", False)

    @invariant()
    def remarks_are_listed_on_what_they_are_on(self) -> None:
        state = self.table.layers.state
        there = sorted(entity.id for entity in state.values() if isinstance(entity, Remark))
        listed = [id for thing in (*IDEAS, *ZONES) for id in remarks_on(state, thing)]
        assert sorted(listed) == there
        assert remark_count(state) == len(there)

    @invariant()
    def nobody_has_more_dots_than_he_was_given(self) -> None:
        """Whatever was merged, hidden and brought back (SPEC V1, V4)."""
        for ballot in self.table.layers.state.values():
            if isinstance(ballot, Ballot):
                step = step_of(self.table.layers.state, ballot.step)
                assert sum(ballot.dots.values()) <= step.budget
                assert max(counted(self.table.layers.state, ballot.dots, step.cap).values(), default=0) <= step.cap

    @invariant()
    def a_dump_is_the_same_room(self) -> None:
        copy = Table.__new__(Table)
        copy.layers = load(WORKSHOP, dump(self.table.layers))
        assert copy.layers.state == self.table.layers.state
        assert copy.layers_as_values() == self.table.layers_as_values()
        assert copy.layers.sealed == self.table.layers.sealed
        assert (copy.layers.seq, copy.layers.at) == (self.table.layers.seq, self.table.layers.at)

    @invariant()
    def counts_count(self) -> None:
        state = self.table.layers.state
        assert WORKSHOP.typed("idea.undo", {}) is not None
        live = [e for e in state.values() if type(e).__name__ == "Message"]
        thread: Any = state.get("thread:of-this-room")
        assert (thread.live if thread else 0) == len(live)
        board: Any = state.get("board:of-this-room")
        ideas = [e for e in state.values() if type(e).__name__ == "Idea"]
        zones = [e.id for e in state.values() if type(e).__name__ == "Zone"]
        assert (board.ideas if board else 0) == len(ideas)
        assert sorted(board.zones if board else ()) == sorted(zones)
        crowd: Any = state["membership_count:of-this-room"]
        hosts = [e.id for e in state.values() if getattr(e, "role", "") == "host"]
        assert sorted(crowd.hosts) == sorted(hosts) != []
        for one in ideas:
            assert one.zone is None or one.zone in zones  # type: ignore[attr-defined]


TestAnyoneDoesAnything = AnyoneDoesAnything.TestCase
TestAnyoneDoesAnything.settings = bounded(40, steps=40)


def test_every_command_of_the_wire_is_decided_and_every_audience_rendered() -> None:
    assert set(c.COMMANDS.values()) <= set(WORKSHOP.decides)
    assert {
        "muted", "idea", "message", "zone", "member", "room", "reaction", "undo", "step", "agenda", "stage", "ready",
        "ballot", "result", "decision", "action", "commitment", "pulse", "answer", "breakouts", "breakout", "screen", "remark",
        "hand", "sorting", "proposal", "wordlist",
    } == set(WORKSHOP.renders)  # fmt: skip


def test_I3_what_an_actor_cannot_see_is_refused_as_if_it_were_not() -> None:
    """Not only the code: the whole refusal is that of an id that never was."""
    table, absent = Table(), "idea:000000000099"
    table.do(PAUL, c.AddIdea(IDEAS[0], "SECRET"))
    table.do(CLAIRE, c.HidePost(IDEAS[0]))
    for make in (
        lambda id: c.EditIdea(id, "x"), c.RemoveIdea, c.MoveIdea, c.RestoreIdea,
        lambda id: c.AddReaction(id, "love"), lambda id: c.RemoveReaction(id, "love"),
    ):  # fmt: skip
        texts = []
        for id in (IDEAS[0], absent):
            try:
                table.decide(make(id), table.actor(NADIA))
            except Refusal as refusal:
                texts.append((refusal.code, refusal.text.replace(id, "…")))
        assert len(texts) == 2
        assert texts[0] == texts[1]


def test_the_audiences_are_those_of_the_specification() -> None:
    audiences: tuple[Audience, ...] = ("public", "host")
    assert audiences == AUDIENCES


CLOSED = ("lang", "role", "act", "letter", "blind", "form", "targets", "view", "reader")
"""Fields whose values are a closed set."""


def test_a_value_of_a_closed_set_is_the_same_after_reading() -> None:
    """Seen: a room's language, read from a journal, was written out although it was the one that is left out where nothing else is said."""
    kinds = [*(entity for capability in WORKSHOP.capabilities for entity in capability.entities), *WORKSHOP.folds]
    loose = [
        f"{kind.__name__}.{field.name}"
        for kind in kinds
        for field in msgspec.structs.fields(kind)
        if field.name in CLOSED and str in (field.type, *get_args(field.type))
    ]
    assert loose == []
    raw = WORKSHOP.events.encode([RoomCreated("room:000000000001", "Séminaire", "ABC234", "fr")])
    layers = Layers(WORKSHOP)
    layers.take(WORKSHOP.events.decode(FORMAT, raw), 1, 1)
    for each in (layers, load(WORKSHOP, dump(layers))):
        (record,) = each.shared["public"].records.values()
        assert "lang" not in msgspec.to_builtins(record)
