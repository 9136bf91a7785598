"""The board's own entity: adding stays cheap however many there are (SPEC L6)."""

from protocol import commands as c
from server.model.kernel import EMPTY
from server.workshop.state.board import board
from tests.workshop.table import CLAIRE, PAUL, Table


def test_an_empty_room_has_an_empty_board() -> None:
    assert (board(EMPTY).ideas, board(EMPTY).zones) == (0, ())


def test_the_board_counts_what_lies_on_it() -> None:
    table = Table()
    table.do(CLAIRE, c.AddZone("zone:000000000001", "x"))
    table.do(PAUL, c.AddIdea("idea:000000000001", "x"))
    table.do(PAUL, c.RemoveIdea("idea:000000000001"))
    here = board(table.layers.state)
    assert (here.ideas, here.zones) == (1, ("zone:000000000001",))
