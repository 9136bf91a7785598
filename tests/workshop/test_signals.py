"""What is said and not kept (SPEC P2, P3)."""

from typing import Any

import pytest

from protocol import commands as c
from protocol.errors import Code, Refusal
from server.model.kernel import EMPTY, Actor
from server.model.model import Relay
from server.workshop.signals import KINDS, relay
from tests.workshop.table import CLAIRE, Table

PAUL = Actor("member:paul--------", "participant")
SOUND: dict[str, dict[str, Any]] = {
    "cursor": {"x": 0, "y": 1}, "typing": {"on": "zone:aaaaaaaaaaaa"}, "hand": {"up": True}, "burst": {"kind": "star"},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_P3_people_learn_whose_and_the_screen_learns_bursts_alone(kind: str) -> None:
    table = Table()
    table.do(CLAIRE, c.AddZone("zone:aaaaaaaaaaaa", "Garder"))
    people, screen = relay(table.layers.state, PAUL, kind, SOUND[kind] | {"unknown": "is ignored (W2)"})
    assert people is not None
    assert (people.kind, people.data, people.by) == (kind, SOUND[kind], PAUL.id)
    assert (screen is not None) == (kind == "burst")
    assert screen is None or screen.by is None


@pytest.mark.parametrize("kind", KINDS)
def test_M2_nothing_is_relayed_of_who_is_muted_under_his_name(kind: str) -> None:
    table = Table()
    table.do(CLAIRE, c.AddZone("zone:aaaaaaaaaaaa", "Garder"))
    table.do(PAUL.id, c.AddIdea("idea:000000000001", "x"))
    table.do(CLAIRE, c.MuteAuthor("idea:000000000001"))
    assert relay(table.layers.state, table.actor(PAUL.id), kind, SOUND[kind]) == Relay(None, None)


@pytest.mark.parametrize("kind", ["hand", "burst"])
def test_M2_a_mute_in_a_step_without_names_does_not_show_in_what_bears_one(kind: str) -> None:
    table, step = Table(), "step:000000000001"
    table.do(CLAIRE, c.AddStep(step, "ideate", "Écrire", anonymous=True))
    table.do(CLAIRE, c.GoToStep(step))
    table.do(PAUL.id, c.AddIdea("idea:000000000001", "x"))
    table.do(CLAIRE, c.MuteAuthor("idea:000000000001"))
    assert relay(table.layers.state, table.actor(PAUL.id), kind, SOUND[kind]).people is not None


@pytest.mark.parametrize("on", ["imbécile", "idea:court", "Idea:aaaaaaaaaaaa", "idea:aaaaaaaaaaaa b"])
def test_P2_one_types_on_a_thing_and_says_nothing_by_it(on: str) -> None:
    with pytest.raises(Refusal) as refused:
        relay(EMPTY, PAUL, "typing", {"on": on})
    assert refused.value.code is Code.INVALID


def test_P2_one_types_on_what_everyone_sees() -> None:
    """Sixty free characters behind a colon are words, too; and whether a hidden thing is there is nobody's to ask (I3)."""
    table = Table()
    table.do(PAUL.id, c.AddIdea("idea:000000000001", "x"))
    assert relay(table.layers.state, PAUL, "typing", {"on": "idea:000000000001"}).people is not None
    table.do(CLAIRE, c.HidePost("idea:000000000001"))
    for on in ("idea:000000000001", "idea:quel-imbecile", CLAIRE, "settings:of-this-room"):
        with pytest.raises(Refusal) as refused:
            relay(table.layers.state, PAUL, "typing", {"on": on})
        assert refused.value.code is Code.NOT_FOUND


@pytest.mark.parametrize(("kind", "data"), [("cursor", {"x": 0}), ("hand", {}), ("burst", {"kind": "x"}), ("", {})])
def test_P2_what_is_no_signal_is_refused(kind: str, data: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        relay(EMPTY, PAUL, kind, data)
    assert refused.value.code is Code.INVALID
