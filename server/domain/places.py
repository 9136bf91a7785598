"""Where a zone ends: the highest rank ever given in it, so that adding at the end never looks at the other ideas."""

from typing import Protocol, cast

from msgspec.structs import replace

from server.domain.board import BOARD, board
from server.domain.kernel import Entity, State


class _Ended(Protocol):
    end: str | None


def end_of(state: State, zone: str | None) -> str | None:
    """The highest rank ever given in this zone (None: outside zones)."""
    return board(state).end if zone is None else cast(_Ended, state[zone]).end


def raise_end(state: State, zone: str | None, rank: str) -> State:
    """The state in which the zone's end is at least `rank`."""
    id: str = BOARD if zone is None else zone
    place: Entity | None = board(state) if zone is None else state.get(zone)
    if place is None or (cast(_Ended, place).end or "") >= rank:
        return state
    return state.set(id, replace(place, end=rank))
