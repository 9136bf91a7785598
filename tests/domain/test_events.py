"""Events as bytes: what an older release wrote is read for ever, what a newer one wrote stops us (DESIGN, Upgrades)."""

import json
from pathlib import Path
from typing import Any

import msgpack
import msgspec
import pytest

from server.domain import room
from server.domain.events import FORMAT, NewerFormat
from server.domain.kernel import Event
from server.domain.layers import Layers

GOLDEN = sorted((Path(__file__).parent / "golden").glob("format-*.json"))


def kinds() -> list[type[Event]]:
    return list(room._EVENTS)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_journal_gives_the_state_it_gave_then(path: Path) -> None:
    golden: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    layers = Layers()
    for seq, commit in enumerate(golden["commits"], 1):
        raw = msgpack.packb(commit["events"])
        assert raw.hex() == commit["hex"], (
            "the bytes are what the database holds; the events beside them are for reading"
        )
        layers.take(room.EVENTS.decode(golden["format"], raw), seq, commit["at"])
    for audience, expected in golden["records"].items():
        seen = [msgspec.to_builtins(record) for record in layers.shared[audience].records.values()]
        assert seen == expected
    for member, expected in golden["mine"].items():
        assert [msgspec.to_builtins(record) for record in layers.own(member)] == expected


def test_there_is_a_golden_journal_of_every_format() -> None:
    assert [path.stem for path in GOLDEN] == [f"format-{n}" for n in range(1, FORMAT + 1)]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_golden_journals_hold_every_event_there_was(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    held = {event["e"] for commit in golden["commits"] for event in commit["events"]}
    assert held == {kind.__struct_config__.tag for kind in kinds()} - set(golden["later"])


def test_a_newer_format_is_not_guessed_at() -> None:
    with pytest.raises(NewerFormat, match=f"expected format {FORMAT} or older; got {FORMAT + 1}"):
        room.EVENTS.decode(FORMAT + 1, msgpack.packb([]))


def test_the_names_of_events_are_for_ever() -> None:
    """A renamed tag cannot be read back; a new event comes with a line here."""
    assert sorted(str(kind.__struct_config__.tag) for kind in kinds()) == [
        "action.added", "action.edited", "action.removed", "author.muted", "author.unmuted", "circle.taken",
        "circles.drawn", "circles.ended", "clock.set",
        "commitment.written", "decision.added", "decision.edited", "decision.removed", "dots.put", "idea.added",
        "idea.edited", "idea.merged", "idea.moved", "idea.removed", "idea.restored", "idea.undone", "idea.unmerged", "ideas.dealt",
        "member.entered", "member.removed", "member.renamed", "member.role", "member.table", "message.edited",
        "message.removed", "message.sent", "messages.sealed", "post.hidden", "post.refused", "post.shown",
        "pulse.answered", "pulse.asked", "pulse.closed", "reaction.added", "reaction.removed", "ready.said",
        "room.created", "room.imported", "room.set", "stage.set", "step.added", "step.edited", "step.moved", "step.removed",
        "step.revealed", "step.went", "vote.closed", "vote.counted", "vote.reopened", "vote.revealed", "zone.added", "zone.edited",
        "zone.removed",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_an_event_without_its_personal_fields_can_still_be_read(kind: type[Event]) -> None:
    """What is erased is absent: a name, a text, an author (DESIGN, Erasure)."""
    personal = {"name", "text", "by", "title", "prompt"}
    structural = {"room.created", "zone.added", "zone.edited", "idea.undone", "reaction.added", "reaction.removed"}
    required = {field.name for field in msgspec.structs.fields(kind) if field.required}
    if kind.__struct_config__.tag not in structural:
        assert not required & personal
