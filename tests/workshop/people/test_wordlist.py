"""The words that hosts look for are theirs alone, and nothing comes of them (SPEC M5)."""

import pytest

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.records import WordlistRecord
from server.workshop.model import WORKSHOP
from server.workshop.people.wordlist import WORDLIST
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table


def known(table: Table, audience: str) -> list[str] | None:
    found = table.layers.shared[audience].records.get(WORDLIST)
    assert found is None or isinstance(found, WordlistRecord)
    return found.words if found else None


def test_M5_hosts_alone_have_the_list_and_each_word_once() -> None:
    table = Table()
    table.do(CLAIRE, c.SetWordlist([" Grève\u200b ", "plan social", "GRÈVE"]))
    assert known(table, "host") == ["Grève", "plan social"]
    assert known(table, "public") is None
    assert not any(one.id == WORDLIST for member in (CLAIRE, PAUL, NADIA) for one in table.layers.own(member))
    assert table.do(CLAIRE, c.SetWordlist(["Grève", "plan social"])) == []
    table.do(CLAIRE, c.SetWordlist([]))
    assert known(table, "host") is None
    assert table.refused(PAUL, c.SetWordlist(["Grève"])) is Code.FORBIDDEN


def test_M5_a_change_of_it_moves_nothing_that_others_have() -> None:
    table = Table()
    table.do(PAUL, c.AddIdea("idea:000000000001", "Faire grève"))
    before = dict(table.layers.shared["public"].records)
    table.do(CLAIRE, c.SetWordlist(["grève"]))
    assert table.layers.shared["public"].records == before


@pytest.mark.parametrize(
    ("word", "code"), [("", Code.TEXT_EMPTY), (" ", Code.TEXT_EMPTY), ("x" * 41, Code.TEXT_TOO_LONG)]
)
def test_M5_what_is_no_word_is_refused_with_its_place(word: str, code: Code) -> None:
    table = Table()
    with pytest.raises(Refusal, match=r"words\[1\]") as refused:
        table.decide(c.SetWordlist(["grève", word]), table.actor(CLAIRE))
    assert refused.value.code is code


def test_M5_a_list_has_an_end() -> None:
    with pytest.raises(Refusal) as refused:
        WORKSHOP.typed("wordlist.set", {"words": ["mot"] * 101})
    assert refused.value.code is Code.INVALID
