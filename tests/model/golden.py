"""A journal that was written once, with what everyone saw of it: what a release has written, all later ones read (DESIGN, Upgrades)."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgpack
import msgspec

from protocol.records import Record
from server.live.layers import Layers
from server.model.events import FORMAT
from server.model.kernel import Event
from server.model.model import Model


def check_told(model: Model, records: Mapping[str, type[Record]], path: Path) -> None:
    """Its commits give the records that they gave then; whether a field at its default is written out is nobody's business (SPEC R1)."""

    def told(those: Sequence[dict[str, Any]]) -> Sequence[Record]:
        return [msgspec.convert(record, records[record["id"].partition(":")[0]]) for record in those]

    golden: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    layers = Layers(model)
    for seq, commit in enumerate(golden["commits"], 1):
        raw = msgpack.packb(commit["events"])
        assert raw.hex() == commit["hex"], "the events beside the bytes are for reading"
        layers.take(model.events.decode(golden["format"], raw), seq, commit["at"])
    for audience, expected in golden["records"].items():
        assert list(layers.shared[audience].records.values()) == told(expected)
    for member, expected in golden["mine"].items():
        assert list(layers.own(member)) == told(expected)


def check_whole(model: Model, path: Path, written: Sequence[Sequence[Event]]) -> None:
    """It is of the format of now, and holds every event that there is, as what it is written from does."""
    golden = json.loads(path.read_text(encoding="utf-8"))
    assert golden["format"] == FORMAT
    held = {event["e"] for commit in golden["commits"] for event in commit["events"]}
    assert held == {kind.__struct_config__.tag for kind in model.folds}
    assert held == {event.__struct_config__.tag for events in written for event in events}


def names_of_events(model: Model) -> list[str]:
    return sorted(str(kind.__struct_config__.tag) for kind in model.folds)
