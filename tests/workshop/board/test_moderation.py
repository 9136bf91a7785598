"""Moderation: a post in review is its author's and the hosts' alone (SPEC C6)."""

from typing import Any

import pytest

from protocol import commands as c
from protocol.errors import Code
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table

IDEA, MESSAGE = "idea:000000000001", "message:000000000001"


@pytest.mark.parametrize("post", [IDEA, MESSAGE])
def test_C6_a_hidden_post_leaves_the_public_and_comes_back(post: str) -> None:
    table = Table()
    table.do(PAUL, c.AddIdea(IDEA, "x"))
    table.do(PAUL, c.SendMessage(MESSAGE, "x"))
    for member in (PAUL, NADIA):
        assert table.refused(member, c.HidePost(post)) is Code.FORBIDDEN
    table.do(CLAIRE, c.HidePost(post))
    assert table.do(CLAIRE, c.HidePost(post)) == []
    assert post not in table.sees(NADIA)
    for member in (PAUL, CLAIRE):
        record: Any = table.sees(member)[post]
        assert record.hidden
    table.do(CLAIRE, c.ShowPost(post))
    assert table.do(CLAIRE, c.ShowPost(post)) == []
    again: Any = table.sees(NADIA)[post]
    assert not again.hidden
    assert table.layers.own(PAUL) == ()


def test_only_posts_are_hidden() -> None:
    table = Table()
    for on in (
        NADIA,
        "room:aaaaaaaaaaaa",
        "idea:000000000099",
        "membership_count:of-this-room",
        "settings:of-this-room",
    ):
        assert table.refused(CLAIRE, c.HidePost(on)) is Code.NOT_FOUND
        assert table.refused(CLAIRE, c.ShowPost(on)) is Code.NOT_FOUND


def test_S8_a_hidden_reply_and_a_hidden_target_tell_nothing_of_each_other() -> None:
    table = Table()
    table.do(PAUL, c.SendMessage(MESSAGE, "SECRET"))
    table.do(NADIA, c.SendMessage("message:000000000002", "réponse", MESSAGE))
    table.do(CLAIRE, c.HidePost(MESSAGE))
    assert "SECRET" not in repr(table.sees(NADIA))


def test_M2_whose_posts_are_gone_may_be_let_write_again() -> None:
    """A message that its author took back has left the state: by it nobody could be let write again."""
    table = Table()
    table.do(PAUL, c.SendMessage(MESSAGE, "x"))
    table.do(CLAIRE, c.MuteAuthor(MESSAGE))
    counted: Any = table.records("host")["muted:of-this-room"]
    assert counted.count == 1
    assert "muted:of-this-room" not in table.records("public")
    table.do(PAUL, c.RemoveMessage(MESSAGE))
    assert table.refused(CLAIRE, c.UnmuteAuthor(MESSAGE)) is Code.NOT_FOUND
    assert table.refused(PAUL, c.UnmuteAuthor()) is Code.FORBIDDEN
    assert table.refused(PAUL, c.AddIdea(IDEA, "x")) is Code.MUTED
    table.do(CLAIRE, c.UnmuteAuthor())
    assert table.do(CLAIRE, c.UnmuteAuthor()) == []
    assert "muted:of-this-room" not in table.records("host")
    table.do(PAUL, c.AddIdea(IDEA, "x"))
