"""Events as bytes: what an older release wrote is read for ever, what a newer one wrote stops us (DESIGN, Upgrades)."""

import json
from pathlib import Path

import msgpack
import msgspec
import pytest

from protocol.records import RECORDS
from server.model.events import FORMAT, NewerFormat
from server.model.kernel import Event
from server.model.restoring import LATEST
from server.workshop.model import WORKSHOP
from tests.model.golden import check_told, names_of_events

GOLDEN = sorted((Path(__file__).parent / "golden").glob("format-*.json"))


def kinds() -> list[type[Event]]:
    return list(WORKSHOP.folds)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_journal_gives_the_state_it_gave_then(path: Path) -> None:
    check_told(WORKSHOP, RECORDS, path)


def test_there_is_a_golden_journal_of_every_format() -> None:
    assert [path.stem for path in GOLDEN] == [f"format-{n}" for n in range(1, FORMAT + 1)]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_golden_journals_hold_every_event_there_was(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    raws = [(golden["format"], bytes.fromhex(commit["hex"])) for commit in golden["commits"]]
    held = {event.__struct_config__.tag for raw in raws for event in WORKSHOP.events.decode(*raw)}
    assert held == {kind.__struct_config__.tag for kind in kinds()} - set(golden["later"])


def test_a_newer_format_is_not_guessed_at() -> None:
    with pytest.raises(NewerFormat, match=f"expected format {FORMAT} or older; got {FORMAT + 1}"):
        WORKSHOP.events.decode(FORMAT + 1, msgpack.packb([]))


def test_the_names_of_events_are_for_ever() -> None:
    """A renamed tag cannot be read back; a new event comes with a line here."""
    assert names_of_events(WORKSHOP) == [
        "action.added", "action.edited", "action.removed", "author.muted", "author.unmuted", "breakout.best", "breakout.speaker",
        "breakout.taken", "breakouts.drawn", "breakouts.ended", "breakouts.topics", "clock.set",
        "commitment.written", "decision.added", "decision.edited", "decision.removed", "dots.put", "hand.dealt", "hand.put", "idea.added",
        "idea.edited", "idea.merged", "idea.moved", "idea.removed", "idea.restored", "idea.undone", "idea.unmerged", "ideas.dealt",
        "image.brought", "images.dropped",
        "member.claimed", "member.entered", "member.removed", "member.renamed", "member.role", "member.weight", "message.edited",
        "message.removed", "message.sent", "messages.sealed", "post.hidden", "post.refused", "post.shown", "proposals.returned", "proposals.settled",
        "pulse.answered", "pulse.asked", "pulse.closed", "pulse.hidden", "question.answered", "reaction.added", "reaction.removed", "ready.said",
        "remark.added", "remark.edited", "remark.removed", "room.created", "room.imported", "room.set", "screen.ended", "screen.opened", "stage.set", "step.added", "step.edited",
        "step.moved", "step.removed",
        "step.revealed", "step.went", "vote.closed", "vote.counted", "vote.reopened", "vote.revealed", "wordlist.set", "zone.added", "zone.edited",
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


def test_L3_what_an_older_format_wrote_of_nothing_that_shows_is_a_sign() -> None:
    """A blank name or card of then would be refused now, and so cost an imported room the records that name it."""
    blank = {"id": "member:000000000001", "name": "\u3164", "role": "participant"}
    events = [
        {"e": "member.entered", "id": "member:000000000002", "role": "participant", "name": "\u2800"},
        {"e": "idea.added", "id": "idea:000000000001", "at": 1, "rank": "a0", "text": "\u200b"},
        {"e": "action.edited", "id": "action:000000000001", "due": "٢٠٢٦-٠١-٠١"},
        {"e": "room.imported", "records": [blank, {"id": "idea:000000000002", "text": "Lé\u200ba", "rank": "a0", "at": 2**53}]},
    ]  # fmt: skip
    entered, added, edited, imported = map(msgspec.to_builtins, WORKSHOP.events.decode(3, msgpack.packb(events)))
    assert (entered["name"], added["text"], edited["due"]) == ("…", "…", "2026-01-01")
    assert imported["records"][0]["name"] == "…"
    assert (imported["records"][1]["text"], imported["records"][1]["at"]) == ("Lé\u200ba", LATEST)
    assert WORKSHOP.events.decode(
        3, msgpack.packb([{"e": "member.entered", "id": "member:000000000002", "role": "participant"}])
    )


@pytest.mark.parametrize("format", range(FORMAT + 1))
@pytest.mark.parametrize("raw", [b"", b"\xc1", b"\x91", b"\x91\x01", b"\x91\x80", b"\x91\x81\xa1e\xa1x", b"\xc0"])
def test_what_is_damaged_says_so_in_one_way_in_every_format(format: int, raw: bytes) -> None:
    """An older format said so in the words of whatever met it first, which nobody who opens a room, or goes through all of them, expects."""
    with pytest.raises(msgspec.MsgspecError):
        WORKSHOP.events.decode(format, raw)
