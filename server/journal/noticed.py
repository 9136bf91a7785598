"""Of what concerns somebody in several streams, the newest of each; on either database."""

from collections.abc import Iterable
from itertools import groupby, islice
from typing import Final

from server.journal.port import Noticed

KINDS: Final = 4
"""Ways in which one thing may concern the same person at once, at most."""


def newest(found: Iterable[tuple[str, Noticed]], each: int) -> list[tuple[str, Noticed]]:
    """By stream and then newest first, so many things of each; of one that concerns somebody in several ways, all of them."""
    ways = dict[tuple[str, int, str], set[str]]()
    for stream, (seq, about, kind) in found:
        ways.setdefault((stream, seq, about), set()).add(kind)
    ordered = sorted(ways.items(), key=lambda item: (item[0][0], -item[0][1], item[0][2]))
    return [
        (stream, Noticed(seq, about, kind))
        for _, of_stream in groupby(ordered, key=lambda item: item[0][0])
        for (stream, seq, about), kinds in islice(of_stream, each)
        for kind in sorted(kinds)
    ]
