"""Messages: said, corrected, taken back (SPEC C, L3, I1)."""

from protocol import commands as c
from protocol.errors import Code
from protocol.records import MessageRecord, ReactionRecord
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table


def message(n: int) -> str:
    return f"message:{n:012d}"


def test_R2_messages_are_numbered_in_the_order_of_the_journal() -> None:
    table = Table()
    table.commit(*((c.SendMessage(message(n), f"message {n}"), table.actor(PAUL)) for n in (5, 3, 9)))
    table.do(PAUL, c.RemoveMessage(message(9)))
    table.do(NADIA, c.SendMessage(message(1), "suite", message(3)))
    found = {r.id: (r.n, r.reply) for r in table.records("public").values() if isinstance(r, MessageRecord)}
    assert found == {message(5): (1, None), message(3): (2, None), message(1): (4, message(3))}


def test_C_only_its_author_edits_a_message_and_hosts_may_remove_it() -> None:
    table = Table()
    table.do(PAUL, c.SendMessage(message(1), "a"))
    for member in (NADIA, CLAIRE):
        assert table.refused(member, c.EditMessage(message(1), "b")) is Code.FORBIDDEN
    assert table.refused(NADIA, c.RemoveMessage(message(1))) is Code.FORBIDDEN
    table.do(PAUL, c.EditMessage(message(1), "b"))
    assert table.do(PAUL, c.EditMessage(message(1), "b")) == []
    table.do(CLAIRE, c.RemoveMessage(message(1)))
    assert message(1) not in table.sees(PAUL)
    assert message(1) not in table.sees(CLAIRE)
    assert table.refused(PAUL, c.EditMessage(message(1), "c")) is Code.NOT_FOUND
    assert table.refused(PAUL, c.RemoveMessage(message(1))) is Code.NOT_FOUND


def test_L3_messages_have_two_thousand_characters() -> None:
    table = Table()
    table.do(PAUL, c.SendMessage(message(1), "é" * 2000))
    assert table.refused(PAUL, c.SendMessage(message(2), "é" * 2001)) is Code.TEXT_TOO_LONG
    assert table.refused(PAUL, c.SendMessage(message(1), "x")) is Code.ID_TAKEN


def test_a_reply_is_to_what_its_author_sees() -> None:
    table = Table()
    assert table.refused(PAUL, c.SendMessage(message(1), "x", message(9))) is Code.NOT_FOUND
    table.do(PAUL, c.SendMessage(message(1), "x"))
    table.do(CLAIRE, c.HidePost(message(1)))
    assert table.refused(NADIA, c.SendMessage(message(2), "x", message(1))) is Code.NOT_FOUND
    table.do(PAUL, c.SendMessage(message(2), "x", message(1)))


def test_a_removed_message_takes_the_reactions_on_it_along() -> None:
    table = Table()
    table.do(PAUL, c.SendMessage(message(1), "x"))
    table.do(NADIA, c.AddReaction(message(1), "love"))
    assert [r for r in table.layers.own(NADIA) if isinstance(r, ReactionRecord)]
    table.do(PAUL, c.RemoveMessage(message(1)))
    assert table.layers.own(NADIA) == ()


def test_C7_in_a_pause_one_may_still_take_back_what_one_said() -> None:
    table = Table()
    table.do(PAUL, c.SendMessage(message(1), "x"))
    table.do(CLAIRE, c.SetRoom(writing=False))
    table.do(PAUL, c.RemoveMessage(message(1)))
