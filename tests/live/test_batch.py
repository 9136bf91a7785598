"""A batch, decided on one running value (SPEC D2, D4, D5, I2)."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from protocol import commands as c
from protocol.errors import Code, Refusal
from server.live.batch import SYSTEM, Submission, command_key, decide
from server.live.follower import Follower, Hold, came
from server.model.events import FORMAT
from server.workshop.model import WORKSHOP
from server.workshop.talk.sealing import KEPT, SLACK, SealMessages
from tests.inprocess import Wire
from tests.properties import bounded
from tests.workshop.table import AT, CLAIRE, PAUL, Table, alias

ROOM = "room:aaaaaaaaaaaa"
SECRET = b"a secret of at least thirty-two bytes"


class Sender:
    """One connection, and what it was answered."""

    def __init__(self, member: str = PAUL, *, screen: bool = False) -> None:
        self.follower = Follower(Wire(), member, screen=screen, ended=lambda *_: None)
        self.answers: list[tuple[str, Any]] = []
        self.turn = 0

    def send(self, id: str, command: c.Command, turn: int = 0) -> Submission:
        self.turn = turn or self.turn + 1
        self.follower.holds = came(self.follower.holds, id, self.turn)
        key = command_key(SECRET, ROOM, self.follower.member, id)
        answer = lambda outcome: self.answers.append((id, getattr(outcome, "code", outcome)))  # noqa: E731
        return Submission(id, self.follower.member, key, command, answer, self.follower, turn=self.turn)


def idea(n: int) -> c.AddIdea:
    return c.AddIdea(f"idea:{n:012d}", "x")


def codes(decided: Any) -> list[tuple[str, Code]]:
    return [(submission.id, refusal.code) for submission, refusal in decided.refused]


def test_each_command_is_decided_on_what_the_ones_before_it_made() -> None:
    table, paul = Table(), Sender()
    batch = [paul.send("a", idea(1)), paul.send("b", idea(1)), paul.send("c", c.EditIdea("idea:000000000001", "y"))]
    decided = decide(ROOM, "first", table.layers, batch, AT, alias)
    assert [s.id for s in decided.accepted] == ["a", "c"]
    assert codes(decided) == [("b", Code.ID_TAKEN)]
    assert decided.entry is not None
    assert decided.entry.keys == (batch[0].key, batch[2].key)
    assert WORKSHOP.events.decode(FORMAT, decided.entry.commit.events) == decided.events
    assert decided.entry.commit.seq == table.layers.seq + 1


def test_M3_what_a_removed_member_sent_before_he_heard_of_it_is_refused_by_that_name() -> None:
    table, paul, nobody = Table(), Sender(), Sender("member:neverentered")
    table.do(CLAIRE, c.RemoveMember(PAUL))
    decided = decide(ROOM, "first", table.layers, [paul.send("a", idea(1)), nobody.send("b", idea(2))], AT, alias)
    assert codes(decided) == [("a", Code.REMOVED), ("b", Code.FORBIDDEN)]


def test_D2_deciding_touches_nothing() -> None:
    table, paul = Table(), Sender()
    before = table.layers_as_values()
    for _ in range(2):  # a batch may be decided again, on another value
        decided = decide(
            ROOM,
            "first",
            table.layers,
            [paul.send("a", idea(1)), paul.send("b", c.RemoveZone("zone:000000000009"))],
            AT,
            alias,
        )
        assert len(decided.accepted) == len(decided.refused) == 1
    assert table.layers_as_values() == before
    assert paul.answers == []
    assert paul.follower.holds == ()


def test_a_batch_that_is_refused_as_a_whole_is_no_commit() -> None:
    assert decide(ROOM, "first", Table().layers, [Sender().send("a", c.UndoIdea())], AT, alias).entry is None


def test_C10_a_command_without_effect_is_a_commit_so_that_its_id_is_known() -> None:
    decided = decide(ROOM, "first", Table().layers, [Sender().send("a", c.RenameMember("paul"))], AT, alias)
    assert decided.events == []
    assert decided.entry is not None
    assert len(decided.entry.keys) == 1


def test_time_never_goes_back() -> None:
    table = Table()
    for now in (0, table.layers.at - 1, table.layers.at + 5_000):
        decided = decide(ROOM, "first", table.layers, [Sender().send("a", idea(1))], now, alias)
        assert decided.entry is not None
        assert decided.entry.commit.at == max(now, table.layers.at)


def test_who_never_entered_and_screens_are_refused() -> None:
    stranger, screen = Sender("member:stranger----"), Sender(CLAIRE, screen=True)
    decided = decide(ROOM, "first", Table().layers, [stranger.send("a", idea(1)), screen.send("b", idea(2))], AT, alias)
    assert codes(decided) == [("a", Code.FORBIDDEN), ("b", Code.FORBIDDEN)]


def test_what_is_sealed_goes_into_the_entry() -> None:
    table = Table()
    for n in range(KEPT + SLACK):
        table.do(PAUL, c.SendMessage(f"message:{n:012d}", "x"))
    table.do(CLAIRE, c.AddReaction("message:000000000003", "love"))
    seal = Submission("due", SYSTEM.id, b"k" * 16, SealMessages(), lambda outcome: None, actor=SYSTEM)
    decided = decide(ROOM, "first", table.layers, [seal], AT, alias)
    assert decided.entry is not None
    names = [sealed.id for sealed in decided.entry.sealed]
    assert names == [*(f"message:{n:012d}" for n in range(SLACK)), "reaction:message-000000000003"]
    assert all(WORKSHOP.unpack_entity(s.format, s.entity) == table.layers.state[s.id] for s in decided.entry.sealed)


def test_I2_a_key_tells_stream_member_and_id_apart_and_nothing_more() -> None:
    keys = {
        command_key(secret, stream, member, id)
        for secret in (SECRET, b"x" * 32)
        for stream in ("room:a", "room:b")
        for member in ("m", "ma")
        for id in ("ab", "b")
    }
    assert len(keys) == 16
    assert all(len(key) == 16 for key in keys)
    assert command_key(SECRET, "a", "b", "c") == command_key(SECRET, "a", "b", "c")


def test_D1_settling_answers_once() -> None:
    paul = Sender()
    submission = paul.send("a", idea(1))
    submission.settle(7)
    submission.settle(Refusal(Code.INTERNAL))
    assert paul.answers == [("a", 7)]


def test_I2_of_repetitions_in_a_batch_one_is_executed() -> None:
    table, paul, tab = Table(), Sender(), Sender()
    batch = [paul.send("a", idea(1)), tab.send("a", idea(1)), paul.send("b", idea(2)), paul.send("a", idea(3))]
    decided = decide(ROOM, "first", table.layers, batch, AT, alias)
    assert decided.accepted == [batch[0], batch[2]]
    assert decided.outcomes == [(submission, table.layers.seq + 1) for submission in batch]
    assert decided.entry is not None and decided.entry.keys == (batch[0].key, batch[2].key)


def test_D1_outcomes_come_in_the_order_sent() -> None:
    """Refused, and done when it came again in the same batch: the other way round its connection would wait for it for ever."""
    table, host, paul = Table(), Sender(CLAIRE), Sender()
    table.do(CLAIRE, c.SetRoom(writing=False))
    batch = [paul.send("a", idea(1), 1), host.send("resume", c.SetRoom(writing=True), 2), paul.send("a", idea(1), 3)]
    decided = decide(ROOM, "first", table.layers, batch, AT, alias)
    for submission, outcome in decided.outcomes:
        submission.settle(outcome)
    assert paul.answers == [("a", Code.PAUSED), ("a", table.layers.seq + 1)]
    assert paul.follower.holds == ()


def test_D6_what_is_refused_for_good_is_refused_to_its_repetition_too() -> None:
    """Though it might be granted a moment later."""
    table, paul = Table(), Sender()
    batch = [paul.send("a", c.RemoveIdea("idea:000000000001")), paul.send("b", idea(1)), paul.send("a", idea(2))]
    batch[2].command = c.RemoveIdea("idea:000000000001")
    assert codes(decide(ROOM, "first", table.layers, batch, AT, alias)) == [
        ("a", Code.NOT_FOUND),
        ("a", Code.NOT_FOUND),
    ]


def test_D5_a_repetition_of_what_came_too_early_is_decided_in_its_own_place() -> None:
    """Sent too early, and then again behind what had to come first."""
    paul = Sender()
    paul.follower.holds = (Hold("first", 1),)
    batch = [
        paul.send("x", idea(1), 2),
        paul.send("first", idea(2), 3),
        paul.send("x", idea(1), 4),
        paul.send("y", idea(3), 5),
    ]
    decided = decide(ROOM, "first", Table().layers, batch, AT, alias)
    assert codes(decided) == [("x", Code.BEHIND)]
    assert decided.accepted == batch[1:]


def test_D5_what_was_sent_before_the_held_one_came_again_stays_behind_it() -> None:
    """It came again, and turns out to be done; what was sent in between was sent too early all the same."""
    paul = Sender()
    paul.follower.holds = (Hold("held", 1),)
    early, held, later = paul.send("early", idea(1), 2), paul.send("held", idea(2), 3), paul.send("later", idea(3), 4)
    held.done = 1
    decided = decide(ROOM, "first", Table().layers, [early, held, later], AT, alias)
    assert codes(decided) == [("early", Code.BEHIND)]
    assert decided.accepted == [later]
    assert decided.entry is not None and decided.entry.keys == (later.key,)


class Pipeline:
    """What SPEC D5 says, in the plainest words: of one connection, nothing is done before what was sent before it."""

    def __init__(self) -> None:
        self.waiting: tuple[int, str] | None = None

    def outcome(self, turn: int, id: str, refusal: Code | None) -> Code | None:
        if self.waiting is not None and self.waiting[1] != id and self.waiting[0] < turn:
            return Code.BEHIND
        if refusal is Code.PAUSED:
            self.waiting = self.waiting if self.waiting and self.waiting[0] < turn else (turn, id)
        elif self.waiting is not None and self.waiting[1] == id:
            self.waiting = None
        return refusal


@bounded(150)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["add", "wrong", "rename"])), min_size=1, max_size=6),
        max_size=8,
    ),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_D5_however_batches_and_pauses_fall(batches: list[list[tuple[int, str]]], pauses: list[bool]) -> None:
    table, paul, model, turn = Table(), Sender(), Pipeline(), 0
    for batch, pause in zip(batches, pauses, strict=False):
        table.do(CLAIRE, c.SetRoom(writing=not pause))
        submissions, expected = list[Submission](), list[Any]()
        for n, what in batch:
            turn += 1
            id = f"{what}{n}"
            if any(s.id == id for s in submissions):
                continue  # repetitions within a batch have their own tests
            command: c.Command
            match what:
                case "add":
                    command, refusal = c.AddIdea(f"idea:{turn:012d}", "x"), Code.PAUSED if pause else None
                case "wrong":
                    command, refusal = c.RemoveMessage("message:000000000404"), Code.NOT_FOUND
                case _:
                    command, refusal = c.RenameMember(f"P{turn}"), None
            submissions.append(paul.send(id, command, turn))
            expected.append((id, model.outcome(turn, id, refusal)))
        decided = decide(ROOM, "first", table.layers, submissions, AT, alias)
        got = dict(codes(decided)) | {s.id: None for s in decided.accepted}
        assert [(s.id, got[s.id]) for s in submissions] == expected
        for submission in decided.accepted:
            submission.settle(1)
        for submission, refusal_said in decided.refused:
            submission.settle(refusal_said)
        if decided.entry is not None:
            table.layers.fold(decided.events, decided.after, decided.entry.commit.seq, AT)
