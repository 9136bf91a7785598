"""Sealing: what is old leaves the state, and can be read and removed still (SPEC C9)."""

import pytest

from protocol import commands as c
from protocol.errors import Code
from protocol.records import MessageRecord
from server.workshop.model import AUDIENCES, WORKSHOP
from server.workshop.talk.messages import MessageRemoved
from server.workshop.talk.sealing import KEPT, SLACK
from tests.workshop.table import CLAIRE, NADIA, PAUL, SYSTEM, Table


def message(n: int) -> str:
    return f"message:{n:012d}"


def say(table: Table, *numbers: int) -> None:
    table.commit(*((c.SendMessage(message(n), f"message {n}"), table.actor(PAUL)) for n in numbers))


def seal(table: Table) -> None:
    due = WORKSHOP.due(table.layers.state)
    assert due is not None
    assert table.commit((due.command, SYSTEM)) == []


def test_C9_the_newest_five_hundred_of_seven_hundred_stay() -> None:
    table = Table()
    for n in range(0, 700, 50):
        say(table, *range(n, n + 50))
        if WORKSHOP.due(table.layers.state):
            seal(table)
    live = sorted(r.n for r in table.records("public").values() if isinstance(r, MessageRecord))
    assert live == list(range(201, 701))
    assert len(table.sealed) == len(table.layers.sealed) == 200
    assert WORKSHOP.due(table.layers.state) is None


def test_sealing_waits_for_its_slack_and_has_a_name_of_its_own_each_time() -> None:
    table = Table()
    names = []
    for n in range(0, 1000, 10):
        say(table, *range(n, n + 10))
        due = WORKSHOP.due(table.layers.state)
        if due is not None:
            names.append(due.id)
            seal(table)
    assert len(names) == len(set(names)) == (1000 - KEPT) // SLACK


def sealed_room() -> Table:
    """Message 0 to 99 are sealed; 1 was hidden before, 2 carried a reaction."""
    table = Table()
    say(table, *range(100))
    table.do(CLAIRE, c.HidePost(message(1)))
    table.do(NADIA, c.AddReaction(message(2), "love"))
    say(table, *range(100, KEPT + SLACK))
    seal(table)
    return table


def test_C9_a_sealed_message_is_refused_sealed() -> None:
    table = sealed_room()
    for command in (
        c.EditMessage(message(0), "x"), c.AddReaction(message(0), "love"), c.RemoveReaction(message(0), "love"),
        c.SendMessage(message(9999), "x", message(0)),
    ):  # fmt: skip
        assert table.refused(PAUL, command) is Code.SEALED
    assert table.refused(CLAIRE, c.HidePost(message(0))) is Code.SEALED


def test_C9_a_sealed_message_leaves_every_layer_with_what_hung_on_it() -> None:
    table = sealed_room()
    for member in (PAUL, NADIA, CLAIRE):
        seen = table.sees(member)
        assert not {message(n) for n in range(100)} & seen.keys()
        assert not [id for id in seen if id.startswith("reaction:")]


def test_C9_a_sealed_message_is_removed_by_author_or_host_and_everyone_is_told() -> None:
    table = sealed_room()
    assert table.refused(NADIA, c.RemoveMessage(message(0))) is Code.FORBIDDEN
    seq = table.layers.seq
    assert table.do(PAUL, c.RemoveMessage(message(0))) == [MessageRemoved(message(0), late=True)]
    for audience in AUDIENCES:
        changes = table.layers.shared[audience].since(seq)
        assert changes is not None
        assert list(changes.gone) == [message(0)]
    table.do(CLAIRE, c.RemoveMessage(message(2)))


def test_I3_a_sealed_message_that_was_hidden_is_for_its_author_and_hosts_alone() -> None:
    table = sealed_room()
    for command in (
        c.AddReaction(message(1), "love"),
        c.RemoveMessage(message(1)),
        c.SendMessage(message(9999), "x", message(1)),
    ):
        assert table.refused(NADIA, command) is Code.NOT_FOUND
    assert table.refused(PAUL, c.AddReaction(message(1), "love")) is Code.SEALED
    before = table.layers_as_values()
    assert table.do(CLAIRE, c.RemoveMessage(message(1))) == [MessageRemoved(message(1), late=False)]
    assert table.layers_as_values() == before, "SPEC S8: it was public to nobody, so nobody is told"


def test_I1_the_id_of_a_sealed_message_stays_taken() -> None:
    """The state has forgotten it: else someone could write over the history, or remove it."""
    table = sealed_room()
    assert table.refused(NADIA, c.SendMessage(message(0), "usurpée")) is Code.ID_TAKEN


@pytest.mark.parametrize("late", [True, False])
def test_sealing_twice_seals_nothing_more(late: bool) -> None:
    table = sealed_room()
    if late:
        table.do(PAUL, c.RemoveMessage(message(0)))
    from server.workshop.talk.sealing import SealMessages

    assert table.commit((SealMessages(), SYSTEM)) == []
    assert table.commits[-1] == []
