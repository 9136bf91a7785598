"""What this release writes of a community is read for ever (DESIGN, Upgrades)."""

from pathlib import Path

from protocol.communities import COMMUNITY_RECORDS
from server.community.model import COMMUNITY
from tests.community.story import everything
from tests.model.golden import check_told, check_whole, names_of_events

GOLDEN = Path(__file__).parent / "golden/format-7.json"
"""Written once, from `everything`: what changes it costs a lift."""


def test_a_golden_journal_gives_the_state_it_gave_then() -> None:
    check_told(COMMUNITY, COMMUNITY_RECORDS, GOLDEN)


def test_the_golden_journal_is_of_this_format_and_holds_every_event() -> None:
    check_whole(COMMUNITY, GOLDEN, everything().commits)


def test_the_names_of_events_are_for_ever() -> None:
    assert names_of_events(COMMUNITY) == [
        "community.founded", "community.set", "invitation.added", "invitation.closed", "person.arrived", "person.asked", "person.left",
        "person.readmitted", "person.removed", "person.role", "person.suspended", "profile.set", "request.refused",
    ]  # fmt: skip
