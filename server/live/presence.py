"""Who is present: leased per worker, never stored (SPEC P1).

Each worker tells the others whom it holds; what a worker has not renewed in time vanishes, so a killed worker's people do too.
"""

from collections.abc import Sequence
from typing import Final

from protocol.messages import People, Person

LISTED: Final = 60
"""Up to this many are named, beyond it they are counted."""

LEASE: Final = 25.0
RENEWAL: Final = 10.0
"""Seconds that another worker's word holds, and between two words of ours."""


class _Remote:
    __slots__ = ("count", "ids", "until")

    def __init__(self, ids: frozenset[str], count: int, until: float) -> None:
        self.ids, self.count, self.until = ids, count, until


class Presence:
    """The people of one room, on this worker and on the others."""

    def __init__(self) -> None:
        self._here: dict[str, int] = {}
        self._there: dict[str, _Remote] = {}
        self._shown: frozenset[str] | None = frozenset()
        self._shown_count = 0

    def came(self, member: str) -> None:
        self._here[member] = self._here.get(member, 0) + 1

    def went(self, member: str) -> None:
        left = self._here.get(member, 0) - 1
        if left > 0:
            self._here[member] = left
        else:
            self._here.pop(member, None)

    def lease(self) -> tuple[Sequence[str], int]:
        """What this worker tells the others: the ids it holds (none beyond twice the listed number), and how many."""
        return (list(self._here) if len(self._here) <= 2 * LISTED else [], len(self._here))

    def heard(self, worker: str, ids: Sequence[str], count: int, now: float) -> None:
        """Another worker's word, good for a lease. `now`: seconds of a monotonic clock."""
        if count:
            self._there[worker] = _Remote(frozenset(ids), count, now + LEASE)
        else:
            self._there.pop(worker, None)

    def expire(self, now: float) -> bool:
        """Forget what was not renewed; whether there was any."""
        late = [worker for worker, remote in self._there.items() if remote.until <= now]
        for worker in late:
            del self._there[worker]
        return bool(late)

    def __len__(self) -> int:
        """How many are present; a member on two workers counts once where both name him."""
        present = self.known() if self._there else None
        if present is not None:
            return len(present)
        return len(self._here) + sum(remote.count for remote in self._there.values())

    def _present(self) -> frozenset[str]:
        return frozenset(self._here).union(*(remote.ids for remote in self._there.values()))

    def _listed(self) -> frozenset[str] | None:
        return self._present() if len(self) <= LISTED else None

    def known(self) -> frozenset[str] | None:
        """Everyone who is present; None where another worker only counts its own."""
        if any(len(remote.ids) < remote.count for remote in self._there.values()):
            return None
        return self._present()

    def whole(self, stream: str) -> People:
        """For one who joins."""
        listed = self._listed()
        return People(stream, len(self), [Person(id) for id in sorted(listed or ())], reset=True)

    def changes(self, stream: str) -> People | None:
        """For all others: what changed since it was last asked; None when nothing did."""
        listed, count = self._listed(), len(self)
        before, self._shown = self._shown, listed
        if listed == before and count == self._shown_count:
            return None
        self._shown_count = count
        if listed is None:
            return People(stream, count, reset=before is not None)
        if before is None:
            return People(stream, count, [Person(id) for id in sorted(listed)], reset=True)
        return People(stream, count, [Person(id) for id in sorted(listed - before)], sorted(before - listed))
