"""Where a zone ends (SPEC C1)."""

from protocol import commands as c
from server.domain.kernel import EMPTY
from server.domain.places import end_of, raise_end
from tests.domain.table import CLAIRE, PAUL, Table

ZONE = "zone:000000000001"


def test_C1_the_end_of_a_zone_only_rises() -> None:
    table = Table()
    table.do(CLAIRE, c.AddZone(ZONE, "x"))
    table.do(PAUL, c.AddIdea("idea:000000000001", "x", ZONE))
    table.do(PAUL, c.AddIdea("idea:000000000002", "x"))
    state = table.layers.state
    assert end_of(state, ZONE) == end_of(state, None) == "a0"
    assert end_of(raise_end(state, ZONE, "a5"), ZONE) == "a5"
    assert end_of(raise_end(raise_end(state, None, "a5"), None, "a3"), None) == "a5"


def test_a_zone_that_is_gone_has_no_end_to_raise() -> None:
    assert raise_end(EMPTY, ZONE, "a0") is EMPTY
    assert end_of(raise_end(EMPTY, None, "a0"), None) == "a0"
