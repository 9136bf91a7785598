"""What this release writes of a circle is read for ever (DESIGN, Upgrades)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgpack
import msgspec

from protocol.circles import CIRCLE_RECORDS
from protocol.records import Record
from server.circle.model import CIRCLE
from server.live.layers import Layers
from server.model.events import FORMAT
from tests.circle.everything import everything

GOLDEN = Path(__file__).parent / "golden/format-7.json"
"""Written once, from `everything`: what changes it costs a lift."""


def told(records: Sequence[dict[str, Any]]) -> Sequence[Record]:
    return [msgspec.convert(record, CIRCLE_RECORDS[record["id"].partition(":")[0]]) for record in records]


def test_a_golden_journal_gives_the_state_it_gave_then() -> None:
    golden: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    layers = Layers(CIRCLE)
    for seq, commit in enumerate(golden["commits"], 1):
        raw = msgpack.packb(commit["events"])
        assert raw.hex() == commit["hex"], "the events beside the bytes are for reading"
        layers.take(CIRCLE.events.decode(golden["format"], raw), seq, commit["at"])
    for audience, expected in golden["records"].items():
        assert list(layers.shared[audience].records.values()) == told(expected)
    for member, expected in golden["mine"].items():
        assert list(layers.own(member)) == told(expected)


def test_the_golden_journal_is_of_this_format_and_holds_every_event() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert golden["format"] == FORMAT
    held = {event["e"] for commit in golden["commits"] for event in commit["events"]}
    assert held == {kind.__struct_config__.tag for kind in CIRCLE.folds}
    assert held == {event.__struct_config__.tag for events in everything().commits for event in events}


def test_the_names_of_events_are_for_ever() -> None:
    assert sorted(str(kind.__struct_config__.tag) for kind in CIRCLE.folds) == [
        "asking.made", "asking.refused", "circle.archived", "circle.founded", "circle.respondent", "circle.set", "post.added", "post.edited",
        "post.hidden", "post.pinned", "post.removed", "post.shown", "post.thanked", "post.unthanked", "seat.left", "seat.role", "seat.taken",
        "thread.recalled", "threads.sealed",
    ]  # fmt: skip
