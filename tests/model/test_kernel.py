"""The words that every capability is written in."""

import pytest

from protocol.errors import Code
from server.model.kernel import EMPTY, Entity, get, not_found, tail
from server.workshop.board.ideas import Idea
from server.workshop.board.zones import Zone

IDEA = Idea("idea:000000000001", "x", None, 1)


def test_an_entity_is_got_by_its_id_and_kind() -> None:
    state = EMPTY.set(IDEA.id, IDEA)
    assert get(state, IDEA.id, Idea) is IDEA
    assert get(state, IDEA.id, Entity) is IDEA
    assert get(state, IDEA.id, Zone) is None
    assert get(state, "idea:000000000002", Idea) is None
    assert get(state, None, Idea) is None


def test_state_is_a_value() -> None:
    with pytest.raises(AttributeError):
        IDEA.text = "y"  # type: ignore[misc]
    with pytest.raises(TypeError):
        EMPTY["x"] = IDEA  # type: ignore[index]


def test_a_tail_is_what_follows_the_colon() -> None:
    assert tail("idea:a-_b") == "a-_b"


def test_I3_not_found_names_what_was_asked_for() -> None:
    assert (not_found("x").code, "got x" in not_found("x").text) == (Code.NOT_FOUND, True)
