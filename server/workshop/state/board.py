"""The board's own entity: what ideas and zones share (counts and ends), so that adding one stays cheap however many there are."""

from typing import Final

from server.model.kernel import Entity, State, get

BOARD: Final = "board:of-this-room"
IDEAS: Final = 10_000
ZONES: Final = 60
"""How many a room holds (SPEC L6)."""


class Board(Entity, frozen=True, gc=False, tag="board"):
    """
    Attributes:
        ideas: how many there are, removed ones included.
        zones: ids of the zones, in no order.
        zone_end: the highest rank given to a zone.
    """

    ideas: int = 0
    zones: tuple[str, ...] = ()
    zone_end: str | None = None


def board(state: State) -> Board:
    return get(state, BOARD, Board) or Board(id=BOARD)
