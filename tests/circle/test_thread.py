"""What people say to each other in a circle (COMMUNITIES.md, TH)."""

import pytest

from protocol import circles as p
from protocol.circles import Named, PostRecord
from protocol.commands import Command
from protocol.errors import Code
from server.circle.model import CIRCLE
from server.circle.thread import PINS, REPLIES, PostAdded
from server.model.kernel import Notice, Stake, Viewer
from tests.circle.table import CLAIRE, ELSA, KARIM, NADIA, PAUL, STRANGER, STREAM, Table, post
from tests.circle.test_people import told


def talk() -> Table:
    """Paul began a thread (1), Nadia and Claire replied (2, 3); Nadia began another (4)."""
    table = Table()
    table.do(PAUL, p.AddPost(post(1), "Qui reçoit les nouveaux lundi ?"))
    table.do(NADIA, p.AddPost(post(2), "Moi", post(1)))
    table.do(CLAIRE, p.AddPost(post(3), "Merci !", post(1)))
    table.do(NADIA, p.AddPost(post(4), "Le livret est prêt"))
    return table


def seen(table: Table, person: str, id: str) -> PostRecord:
    record = table.post(person, id)
    assert record is not None
    return record


def test_TH1_posts_are_numbered_in_the_order_of_the_journal() -> None:
    table = talk()
    assert [seen(table, PAUL, post(n)).n for n in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert seen(table, PAUL, post(2)).reply == post(1)
    assert (seen(table, NADIA, post(1)).author, seen(table, NADIA, post(1)).name) == (PAUL, "Paul")
    assert table.refused(NADIA, p.AddPost(post(1), "usurpé")) is Code.ID_TAKEN
    assert table.refused(NADIA, p.AddPost(post(9), " ")) is Code.TEXT_EMPTY
    assert table.refused(NADIA, p.AddPost(post(9), "x" * 2001)) is Code.TEXT_TOO_LONG


def test_TH1_a_name_is_the_one_of_then() -> None:
    table = talk()
    table.names[PAUL] = "Paul D."
    table.do(PAUL, p.AddPost(post(5), "Encore moi"))
    assert [seen(table, PAUL, post(n)).name for n in (1, 5)] == ["Paul", "Paul D."]
    del table.names[PAUL]
    assert table.refused(PAUL, p.AddPost(post(6), "x")) is Code.REMOVED


def test_TH2_a_thread_has_one_level_of_replies() -> None:
    table = talk()
    first = seen(table, PAUL, post(1))
    assert (first.replies, first.last) == (2, seen(table, PAUL, post(3)).at)
    assert table.refused(PAUL, p.AddPost(post(9), "x", post(2))) is Code.INVALID
    assert table.refused(PAUL, p.AddPost(post(9), "x", post(8))) is Code.NOT_FOUND


def test_TH2_a_thread_takes_so_many_replies() -> None:
    table = talk()
    events = [PostAdded(post(100 + n), 1, "x", PAUL, "Paul", post(4)) for n in range(REPLIES)]
    table.layers.take(events, table.layers.seq + 1, table.at)
    assert seen(table, PAUL, post(4)).replies == REPLIES
    assert table.refused(PAUL, p.AddPost(post(9), "x", post(4))) is Code.TOO_MANY
    table.do(PAUL, p.AddPost(post(9), "x", post(1)))


def test_TH3_in_what_is_common_animators_begin_threads_and_all_reply() -> None:
    table = Table("common")
    assert table.refused(KARIM, p.AddPost(post(1), "Bonjour")) is Code.FORBIDDEN
    table.do(CLAIRE, p.AddPost(post(1), "Bienvenue", all=True))
    table.do(KARIM, p.AddPost(post(2), "Merci", post(1), mentions=(ELSA,)))
    table.do(ELSA, p.ThankPost(post(2)))
    assert seen(table, KARIM, post(1)).replies == 1
    assert seen(table, KARIM, post(2)).thanks == 1
    assert table.refused(ELSA, p.AddPost(post(3), "x", post(1), mentions=(STRANGER,))) is Code.NOT_FOUND


def test_TH4_who_is_named_is_of_the_circle_once() -> None:
    table = talk()
    table.do(PAUL, p.AddPost(post(5), "Vu avec vous deux", mentions=(NADIA, CLAIRE, NADIA)))
    assert seen(table, PAUL, post(5)).mentions == (Named(NADIA, "Nadia"), Named(CLAIRE, "Claire"))
    for nobody in (KARIM, STRANGER):
        assert table.refused(PAUL, p.AddPost(post(6), "x", mentions=(nobody,))) is Code.NOT_FOUND
    table.do(CLAIRE, p.AddMember(KARIM))
    table.do(PAUL, p.AddPost(post(6), "x", mentions=(KARIM,)))
    assert table.refused(PAUL, p.AddPost(post(7), "x", all=True)) is Code.FORBIDDEN
    table.do(CLAIRE, p.AddPost(post(7), "x", all=True))
    assert seen(table, PAUL, post(7)).all


def test_TH5_an_author_edits_and_it_says_so() -> None:
    table = talk()
    assert table.do(PAUL, p.EditPost(post(1), "Qui reçoit les nouveaux lundi ?")) == []
    table.do(PAUL, p.EditPost(post(1), "Qui les reçoit ?"))
    assert (seen(table, NADIA, post(1)).text, seen(table, NADIA, post(1)).edited) == ("Qui les reçoit ?", True)
    for other in (NADIA, CLAIRE):
        assert table.refused(other, p.EditPost(post(1), "x")) is Code.FORBIDDEN


def test_TH6_what_is_removed_is_gone_but_replies_stay() -> None:
    table = talk()
    assert table.refused(NADIA, p.RemovePost(post(1))) is Code.FORBIDDEN
    table.do(NADIA, p.ThankPost(post(1)))
    table.do(PAUL, p.RemovePost(post(1)))
    stub = seen(table, NADIA, post(1))
    assert (stub.text, stub.author, stub.name, stub.replies, stub.thanks) == ("", None, "", 2, 0)
    assert "thanks:000000000001" not in table.sees(NADIA)
    for command in (p.EditPost(post(1), "x"), p.ThankPost(post(1)), p.RemovePost(post(1))):
        assert table.refused(PAUL, command) is Code.NOT_FOUND
    table.do(NADIA, p.AddPost(post(5), "Tant pis", post(1)))
    for n, who in ((2, NADIA), (3, CLAIRE), (5, CLAIRE)):
        assert table.post(PAUL, post(1)) is not None
        table.do(who, p.RemovePost(post(n)))
    for person in (PAUL, NADIA, CLAIRE):
        assert table.post(person, post(1)) is None
    assert table.refused(PAUL, p.AddPost(post(6), "x", post(1))) is Code.NOT_FOUND
    assert table.refused(PAUL, p.AddPost(post(2), "x")) is Code.ID_TAKEN


def test_TH6_a_reply_that_is_removed_counts_no_more() -> None:
    table = talk()
    table.do(CLAIRE, p.RemovePost(post(3)))
    first = seen(table, PAUL, post(1))
    assert (first.replies, first.last) == (1, seen(table, PAUL, post(2)).at)
    assert table.post(CLAIRE, post(3)) is None


def test_TH7_one_thanks_once_and_nobody_learns_who() -> None:
    table = talk()
    for person in (NADIA, CLAIRE, NADIA):
        table.do(person, p.ThankPost(post(1)))
    assert seen(table, PAUL, post(1)).thanks == 2
    assert "thanks:000000000001" in table.sees(NADIA)
    assert "thanks:000000000001" not in table.sees(PAUL)
    assert table.refused(PAUL, p.ThankPost(post(1))) is Code.FORBIDDEN
    table.do(NADIA, p.UnthankPost(post(1)))
    assert table.do(NADIA, p.UnthankPost(post(1))) == []
    assert seen(table, PAUL, post(1)).thanks == 1
    assert "thanks:000000000001" not in table.sees(NADIA)
    assert table.refused(PAUL, p.ThankPost(post(8))) is Code.NOT_FOUND


def test_TH8_animators_pin_a_few_threads() -> None:
    table = talk()
    assert table.refused(PAUL, p.PinPost(post(1))) is Code.FORBIDDEN
    assert table.refused(CLAIRE, p.PinPost(post(2))) is Code.INVALID
    table.do(CLAIRE, p.PinPost(post(1)))
    assert table.do(CLAIRE, p.PinPost(post(1))) == []
    assert seen(table, PAUL, post(1)).pinned
    for n in range(PINS - 1):
        table.do(PAUL, p.AddPost(post(20 + n), "x"))
        table.do(CLAIRE, p.PinPost(post(20 + n)))
    assert table.refused(CLAIRE, p.PinPost(post(4))) is Code.TOO_MANY
    table.do(CLAIRE, p.UnpinPost(post(1)))
    assert table.do(CLAIRE, p.UnpinPost(post(1))) == []
    table.do(CLAIRE, p.PinPost(post(4)))
    for gone in (p.HideFromCircle(post(4), "hors sujet"), p.RemovePost(post(20))):
        table.do(CLAIRE, gone)
    table.do(CLAIRE, p.PinPost(post(1)))
    table.do(CLAIRE, p.ShowToCircle(post(4)))
    assert not seen(table, PAUL, post(4)).pinned
    table.do(CLAIRE, p.PinPost(post(4)))


def test_TH9_what_is_hidden_is_its_authors_and_animators() -> None:
    table = talk()
    assert table.refused(NADIA, p.HideFromCircle(post(4), "x")) is Code.FORBIDDEN
    table.do(CLAIRE, p.HideFromCircle(post(4), " Pas ici "))
    for person in (NADIA, CLAIRE):
        record = seen(table, person, post(4))
        assert (record.hidden, record.reason, record.text) == (True, "Pas ici", "Le livret est prêt")
    assert table.post(PAUL, post(4)) is None
    assert CIRCLE.render(table.state, post(4), Viewer("index")) is None
    commands: list[Command] = [p.AddPost(post(9), "x", post(4)), p.ThankPost(post(4)), p.EditPost(post(4), "x")]
    for command in (*commands, p.RemovePost(post(4))):
        assert table.refused(PAUL, command) is Code.NOT_FOUND
    assert table.refused(CLAIRE, p.AddPost(post(9), "x", post(4))) is Code.INVALID
    table.do(NADIA, p.EditPost(post(4), "Le livret est prêt, ici"))
    assert (seen(table, CLAIRE, post(4)).reason, seen(table, CLAIRE, post(4)).hidden) == ("", True)
    table.do(CLAIRE, p.ShowToCircle(post(4)))
    assert seen(table, PAUL, post(4)).text == "Le livret est prêt, ici"
    assert table.do(CLAIRE, p.ShowToCircle(post(4))) == []


def test_TH9_a_thread_that_is_hidden_is_hidden_whole() -> None:
    table = talk()
    table.do(NADIA, p.ThankPost(post(1)))
    table.do(CLAIRE, p.HideFromCircle(post(1), "x"))
    assert {id for id in table.sees(NADIA) if id.startswith(("post:", "thanks:"))} == {post(2), post(4)}
    assert {id for id in table.sees(PAUL) if id.startswith("post:")} == {post(1), post(4)}
    assert {id for id in table.records("index") if id.startswith("post:")} == {post(4)}
    assert all(seen(table, CLAIRE, post(n)).hidden for n in (1, 2, 3))
    assert table.refused(NADIA, p.ThankPost(post(3))) is Code.NOT_FOUND
    table.do(CLAIRE, p.HideFromCircle(post(2), "y"))
    table.do(CLAIRE, p.ShowToCircle(post(1)))
    assert (seen(table, PAUL, post(1)).replies, seen(table, PAUL, post(3)).hidden) == (1, False)
    assert table.post(PAUL, post(2)) is None
    assert "thanks:000000000001" in table.sees(NADIA)
    table.do(CLAIRE, p.ShowToCircle(post(2)))
    assert seen(table, PAUL, post(1)).replies == 2


def test_TH9_what_was_taken_back_can_be_shown_for_its_replies() -> None:
    table = talk()
    table.do(CLAIRE, p.HideFromCircle(post(1), "x"))
    table.do(PAUL, p.RemovePost(post(1)))
    assert table.post(PAUL, post(1)) is None
    assert table.post(NADIA, post(3)) is None
    table.do(CLAIRE, p.ShowToCircle(post(1)))
    assert (seen(table, NADIA, post(1)).text, seen(table, NADIA, post(3)).text) == ("", "Merci !")


def test_TH10_posts_are_found_by_their_words_and_paged_by_thread() -> None:
    table = talk()
    rows = {id: CIRCLE.index(record) for id, record in table.records("index").items()}
    assert {id: row and row[:3] for id, row in rows.items()} == {
        post(1): ("post", 1, "Qui reçoit les nouveaux lundi ?"),
        post(2): ("reply:000000000001", 2, "Moi"),
        post(3): ("reply:000000000001", 3, "Merci !"),
        post(4): ("post", 4, "Le livret est prêt"),
    }
    # Read one after the other, whether they begin a thread or not; whoever wrote one has read it.
    assert {id: row and (row.place, row.author) for id, row in rows.items()} == {
        id: (record.n, record.author) for id, record in table.records("index").items() if isinstance(record, PostRecord)
    }
    assert CIRCLE.last(table.state) == 4


def test_TH11_who_is_named_or_answered_is_told() -> None:
    table = talk()
    table.do(PAUL, p.AddPost(post(5), "x", mentions=(NADIA, PAUL)))
    assert told(table) == [Notice(NADIA, "mentioned", post(5))]
    table.do(NADIA, p.AddPost(post(6), "x", post(5), mentions=(CLAIRE,)))
    assert told(table) == [
        Notice(CLAIRE, "mentioned", post(6)),
        Notice(PAUL, "answered", post(6)),
        Notice(post(5), "answered", post(6)),
        Stake(NADIA, post(5), "follower"),
    ]
    table.do(PAUL, p.AddPost(post(7), "x", post(5)))
    assert told(table) == [Notice(post(5), "answered", post(7))]
    table.do(CLAIRE, p.AddPost(post(8), "x", all=True))
    assert told(table) == [Notice("people:aaaaaaaaaaaa", "mentioned", post(8))]


@pytest.mark.parametrize("access", ["common", "open"])
def test_S8_what_is_hidden_moves_nothing_that_others_could_compare(access: str) -> None:
    table = Table("common" if access == "common" else "open")
    table.do(CLAIRE, p.AddPost(post(1), "Bonjour"))
    table.do(CLAIRE, p.HideFromCircle(post(1), "x"))
    before = table.layers.shared["everyone"].copy(), table.layers.shared["index"].copy()
    table.do(CLAIRE, p.EditPost(post(1), "Encore"))
    table.do(CLAIRE, p.HideFromCircle(post(1), "y"))
    table.do(CLAIRE, p.RemovePost(post(1)))
    for layer, was in zip((table.layers.shared["everyone"], table.layers.shared["index"]), before, strict=True):
        assert (layer.records, layer.tombstones) == (was.records, was.tombstones)
    assert STREAM in table.records("animators")
