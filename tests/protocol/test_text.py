"""Texts of people: what is kept of them, and how they stand in ours (SPEC L3, L7). The web client runs the same vectors."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.text import closed, isolated, kept, one_line, undirected
from tests.properties import bounded
from tests.protocol.test_vectors import load, named

TEXTS = load("texts.json")
MARKS = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u202c\u2069"
STRANGE = st.text(
    st.sampled_from(f"{MARKS}aé \u0301\u05d0\u0645\u0e01\u1100\u115f\u200b\u200c\u200d\u200e\ufe0f\u2764\U0001f468\U0001f3fd1\n\r\u2800\u3164\x07")
) | st.text(st.characters(exclude_categories=["Cs"]))  # fmt: skip


@pytest.mark.parametrize("case", named(TEXTS["kept"]))
def test_L3_what_shows_nothing_and_means_nothing_is_taken_out(case: dict[str, str]) -> None:
    assert kept(case["typed"]) == case["told"]


@pytest.mark.parametrize("case", named(TEXTS["one_line"]))
def test_L3_a_name_is_one_line(case: dict[str, str]) -> None:
    assert one_line(case["typed"]) == case["told"]


@pytest.mark.parametrize("case", named(TEXTS["isolated"]))
def test_L7_a_text_turns_nothing_around_it(case: dict[str, str]) -> None:
    assert isolated(case["typed"]) == case["told"]


@bounded(300)
@given(STRANGE)
def test_L3_what_is_kept_is_kept_again(text: str) -> None:
    once = kept(text)
    assert kept(once) == once == unicodedata.normalize("NFC", once)
    assert one_line(once) == one_line(one_line(once))
    assert not set(once) & set("\x07\r\u3164\u202e\u202d")


@bounded(300)
@given(STRANGE)
def test_L7_every_mark_that_is_opened_is_closed(text: str) -> None:
    """Nothing is lost but ends that ended nothing; a second look finds nothing to close."""
    told = closed(text)
    assert closed(told) == told
    assert [sign for sign in told if sign not in MARKS] == [sign for sign in text if sign not in MARKS]
    opened = sum(told.count(mark) for mark in "\u2066\u2067\u2068")
    assert opened == told.count("\u2069")
    assert not set(undirected(text)) & set(MARKS)
