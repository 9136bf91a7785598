"""What this release writes of a circle is read for ever (DESIGN, Upgrades)."""

from pathlib import Path

from protocol.circles import CIRCLE_RECORDS
from server.circle.model import CIRCLE
from tests.circle.everything import everything
from tests.model.golden import check_told, check_whole, names_of_events

GOLDEN = Path(__file__).parent / "golden/format-7.json"
"""Written once, from `everything`: what changes it costs a lift."""


def test_a_golden_journal_gives_the_state_it_gave_then() -> None:
    check_told(CIRCLE, CIRCLE_RECORDS, GOLDEN)


def test_the_golden_journal_is_of_this_format_and_holds_every_event() -> None:
    check_whole(CIRCLE, GOLDEN, everything().commits)


def test_the_names_of_events_are_for_ever() -> None:
    assert names_of_events(CIRCLE) == [
        "asking.made", "asking.refused", "circle.archived", "circle.founded", "circle.respondent", "circle.set", "post.added", "post.edited",
        "post.hidden", "post.pinned", "post.removed", "post.shown", "post.thanked", "post.unthanked", "seat.left", "seat.role", "seat.taken",
        "thread.recalled", "threads.sealed",
    ]  # fmt: skip
