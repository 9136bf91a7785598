"""What may be changed when history is rewritten, on either database."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from server.journal.port import Commit, Rerow, Row, Sealed

T = TypeVar("T")

SLICE: Final = 200
"""Commits, sealed entities or rows that are looked at in one transaction where it may be several."""


def blank(commit: Commit, change: Callable[[Commit], Commit]) -> Commit:
    """A commit as it is to stand from now on. Raises ValueError when it would stand elsewhere, and what `change` raises."""
    after = change(commit)
    if after.seq != commit.seq:
        raise ValueError(f"a redaction keeps each seq: {commit.seq} became {after.seq}")
    return after


def renewed(commit: Commit, change: Callable[[Commit], Commit]) -> Commit:
    """`blank`, of what is to say the same. Raises ValueError when it would also be of another time."""
    after = blank(commit, change)
    if after.at != commit.at:
        raise ValueError(f"a renewal keeps each time: {commit.at} became {after.at}")
    return after


def blank_sealed(sealed: Sealed, reseal: Callable[[Sealed], Sealed]) -> Sealed:
    """A sealed entity as it is to be kept from now on. Raises ValueError when it has another id, and what `reseal` raises."""
    after = reseal(sealed)
    if after.id != sealed.id:
        raise ValueError(f"a redaction keeps each id: {sealed.id} became {after.id}")
    return after


def slices(items: Sequence[T], many: int = SLICE) -> Iterator[Sequence[T]]:
    """So many at a time."""
    return (list(items[n : n + many]) for n in range(0, len(items), many))


def rerowed(row: Row, rerow: Rerow) -> Row | None:
    """A row of the projection as it is to stand from now on. Raises ValueError when it is another thing's, and what `rerow` raises."""
    after = rerow(row)
    if after is not None and (after.id, after.kind) != (row.id, row.kind):
        raise ValueError(f"a redaction keeps each id and kind: {row.id} became {after.id}")
    return after
