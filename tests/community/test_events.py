"""What this release writes of a community is read for ever (DESIGN, Upgrades)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgpack
import msgspec

from protocol.communities import COMMUNITY_RECORDS
from protocol.records import Record
from server.community.model import COMMUNITY
from server.live.layers import Layers
from server.model.events import FORMAT
from tests.community.story import everything

GOLDEN = Path(__file__).parent / "golden/format-7.json"
"""Written once, from `everything`: what changes it costs a lift."""


def told(records: Sequence[dict[str, Any]]) -> Sequence[Record]:
    return [msgspec.convert(record, COMMUNITY_RECORDS[record["id"].partition(":")[0]]) for record in records]


def test_a_golden_journal_gives_the_state_it_gave_then() -> None:
    golden: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    layers = Layers(COMMUNITY)
    for seq, commit in enumerate(golden["commits"], 1):
        raw = msgpack.packb(commit["events"])
        assert raw.hex() == commit["hex"], "the events beside the bytes are for reading"
        layers.take(COMMUNITY.events.decode(golden["format"], raw), seq, commit["at"])
    for audience, expected in golden["records"].items():
        assert list(layers.shared[audience].records.values()) == told(expected)
    for member, expected in golden["mine"].items():
        assert list(layers.own(member)) == told(expected)


def test_the_golden_journal_is_of_this_format_and_holds_every_event() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert golden["format"] == FORMAT
    held = {event["e"] for commit in golden["commits"] for event in commit["events"]}
    assert held == {kind.__struct_config__.tag for kind in COMMUNITY.folds}
    assert held == {event.__struct_config__.tag for events in everything().commits for event in events}


def test_the_names_of_events_are_for_ever() -> None:
    assert sorted(str(kind.__struct_config__.tag) for kind in COMMUNITY.folds) == [
        "community.founded", "community.set", "invitation.added", "invitation.closed", "person.arrived", "person.asked", "person.left",
        "person.readmitted", "person.removed", "person.role", "person.suspended", "profile.set", "request.refused",
    ]  # fmt: skip
