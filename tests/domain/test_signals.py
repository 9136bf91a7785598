"""What is said and not kept (SPEC P2, P3)."""

from typing import Any

import pytest

from protocol.errors import Code, Refusal
from server.domain.kernel import EMPTY, Actor
from server.domain.signals import KINDS, relay

PAUL = Actor("member:paul--------", "guest")
SOUND: dict[str, dict[str, Any]] = {
    "cursor": {"x": 0, "y": 1}, "typing": {"on": "zone:aaaaaaaaaaaa"}, "hand": {"up": True}, "burst": {"kind": "star"},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_P3_people_learn_whose_and_the_screen_learns_bursts_alone(kind: str) -> None:
    people, screen = relay(EMPTY, PAUL, kind, SOUND[kind] | {"unknown": "is ignored (W2)"})
    assert people is not None
    assert (people.kind, people.data, people.by) == (kind, SOUND[kind], PAUL.id)
    assert (screen is not None) == (kind == "burst")
    assert screen is None or screen.by is None


@pytest.mark.parametrize(("kind", "data"), [("cursor", {"x": 0}), ("hand", {}), ("burst", {"kind": "x"}), ("", {})])
def test_P2_what_is_no_signal_is_refused(kind: str, data: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        relay(EMPTY, PAUL, kind, data)
    assert refused.value.code is Code.INVALID
