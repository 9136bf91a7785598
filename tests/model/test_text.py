"""Texts as people type them (SPEC L3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import protocol.text
from protocol.errors import Code, Refusal
from server.model.text import clean
from tests.properties import bounded


@bounded(200)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 30))
def test_L3_what_is_kept_is_normal_trimmed_bounded_and_kept_whole(text: str, limit: int) -> None:
    normal = protocol.text.kept(text)
    try:
        kept = clean(text, limit)
    except Refusal as refusal:
        assert refusal.code is (Code.TEXT_TOO_LONG if normal else Code.TEXT_EMPTY)
        assert not 0 < len(normal) <= limit
        if normal:
            assert str(limit) in refusal.text
            assert str(len(normal)) in refusal.text
    else:
        assert kept == normal == clean(kept, limit)


def test_L3_counts_code_points_after_composition() -> None:
    assert clean("e\u0301" * 3, 3) == "ééé"
    with pytest.raises(Refusal, match="at most 3 characters; got 4"):
        clean("🌳🌳🌳🌳", 3)
