"""What is kept of how far people have read (contract suite: tests/contracts/test_positions.py): numbers, and no time."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol


class Position(NamedTuple):
    """
    Attributes:
        n: of the last that they have read of what stands one after the other in the stream.
        back: they want it to be that, though they have read more.
    """

    person: str
    stream: str
    n: int
    back: bool = False


class Positions(Protocol):
    """Every method raises JournalError when the database cannot answer within its deadline. What returns is durable."""

    async def keep(self, positions: Sequence[Position]) -> None:
        """Write them, all in one transaction, each person and stream once: a position goes on, and back where it is to."""

    async def of(self, person: str, streams: Sequence[str]) -> Mapping[str, int]:
        """Somebody's, of those of these streams where they have one."""
        ...

    async def forget_strangers(self) -> int:
        """Drop those of whoever is a member of nothing any more; how many. (A redaction drops those of whom it takes out.)"""
        ...
