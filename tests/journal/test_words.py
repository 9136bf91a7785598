"""How words are found: accents, French and English forms, other scripts."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.journal import words
from server.journal.words import index_words, query, scope


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("réunion", "REUNIONS"),
        ("décidées", "décider"),
        ("décidées", "decidees"),
        ("meeting", "meetings"),
        ("équipe", "equipes"),
        ("cœur", "coeur"),
        ("e\u0301te\u0301", "été"),
        ("Straße", "strasse"),
        ("ﬁnance", "finance"),
    ],
)
def test_words_that_meet(one: str, other: str) -> None:
    for written, asked in ((one, other), (other, one)):
        wanted = query(asked)
        assert wanted is not None
        assert set(wanted.stems[0]) & set(index_words(written))


def test_stop_words_are_left_out_unless_there_is_nothing_else() -> None:
    said, short = query("la réunion de l'équipe"), query("réunion équipe")
    assert said is not None and short is not None
    assert said[:2] == short[:2]
    assert {*said.exact} > {*short.exact}
    assert query("de la") is not None
    assert query("?! …") is query("") is None


@given(st.text())
def test_every_word_is_ascii_letters_and_digits_and_finds_its_text(text: str) -> None:
    words = index_words(text)
    assert all(word.isascii() and word.isalnum() for word in words)
    wanted = query(text)
    if wanted is None:
        assert words == []
    else:
        assert set(wanted.exact) <= set(words)
        assert all(set(stems) & set(words) for stems in wanted.stems)


def test_a_stretching_alone_begins_no_other_word() -> None:
    wanted = query("\u0640\u0640\u0640")
    assert wanted is not None and wanted.begins[0] is not None
    assert not any(word.startswith(wanted.begins[0]) for word in index_words("Москва"))


def test_a_scope_is_one_word_of_its_own() -> None:
    assert scope("room:a") != scope("room:b")
    assert scope("room:é").isalnum()


@given(
    st.text(alphabet="ab1 +#&'’-_.«é")
    | st.text(alphabet=st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs"]))
)
@example("c++, f# et r&d")
@example("3 €")
def test_words_that_stand_alone_are_found_in_one_go_as_they_are_sign_by_sign(text: str) -> None:
    found = [(match.lastgroup, match[0]) for match in words._TOKEN.finditer(text)]
    kept = [token for token in found if token[0] != "symbol" or unicodedata.category(token[1]) in ("So", "Sm", "Sc")]
    assert list(words._tokens(text)) == [(kind, token if kind == "pieces" else token[:64]) for kind, token in kept]
