"""Who sits at which small table: dealt by chance, so that people meet whom they have not met (SPEC T1). Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

from server.workshop.state.breakouts import Round

LARGEST: Final = 6
"""People who can still talk with each other at one table."""

_SHUFFLES: Final = 4_000
"""Of so many people in all hands are dealt, and the best one is kept: 250 hands of 16 people, 8 of 500 (30 ms)."""

_LOOKED_AT: Final = 24
"""Breakouts that are looked at for one person: among so many there is one whose people he has not met."""


def sizes(people: int, size: int) -> Sequence[int]:
    """How many sit at each table, the larger ones first: as even as can be, and as near to `size` as that allows.

    Nobody sits alone where there are two; from six people on no table has more than six, and none fewer than three unless pairs are asked for. Clients say by the same rule what a draw
    will give; `protocol/vectors/breakouts.json` says what both make of what.

    Example:
        `sizes(5, 3)` is `[3, 2]`, `sizes(10, 4)` is `[4, 3, 3]`.
    """
    nearest, fewest = (2 * people + size) // (2 * size), 3 if size > 2 and people >= LARGEST else 2
    count = max(1, min(people // fewest, max(nearest, -(-people // LARGEST))))
    return [people // count + (n < people % count) for n in range(count)]


def deal(people: Sequence[str], size: int, before: Sequence[Round], *, seed: str) -> Round:
    """People at tables of about `size`, as even as can be; of some hands that chance gives, the one in which fewest sit together again.

    Args:
        size: 2 to 6; see `sizes`.
        before: earlier rounds.
        seed: the same deals the same.
    """
    met: dict[str, set[str]] = {}
    for breakout in (breakout for one in before for breakout in one):
        for id in breakout:
            met.setdefault(id, set()).update(breakout)
    hands = (_hand(people, size, met, f"{seed}:{n}") for n in range(max(1, _SHUFFLES // len(people) if met else 1)))
    best: Round = ()
    fewest = None
    for hand in hands:
        again = sum(other in met.get(id, ()) for breakout in hand for id, other in combinations(breakout, 2))
        if fewest is None or again < fewest:
            best, fewest = hand, again
        if not fewest:
            break
    return best


def _hand(people: Sequence[str], size: int, met: Mapping[str, set[str]], seed: str) -> Round:
    """One hand: each to the table where he knows fewest, of those that have room."""
    shuffled = sorted(people, key=lambda id: hashlib.blake2b(f"{seed}:{id}".encode(), digest_size=8).digest())
    room = sizes(len(people), size)
    tables: list[list[str]] = [[] for _ in room]
    free = list(range(len(room)))
    for turn, id in enumerate(shuffled):
        # Each begins to look elsewhere, so that all tables fill alike.
        first = turn % len(free)
        looked_at, knows = (*free[first:], *free[:first])[:_LOOKED_AT], met.get(id)
        at = min(looked_at, key=lambda n: (_known(knows, tables[n]), len(tables[n])))
        tables[at].append(id)
        if len(tables[at]) == room[at]:
            free.remove(at)
    return tuple(tuple(table) for table in tables)


def _known(knows: set[str] | None, table: Sequence[str]) -> int:
    """How many of a table somebody has met."""
    return len(knows.intersection(table)) if knows else 0
