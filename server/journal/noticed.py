"""Of what concerns somebody in several streams, the newest of each; on either database."""

from collections.abc import Iterable
from itertools import groupby, islice
from typing import Final

from server.journal.port import Noticed

KINDS: Final = 4
"""Ways in which one thing may concern the same person at once, at most."""


def newest(found: Iterable[tuple[str, Noticed]], each: int) -> list[tuple[str, Noticed]]:
    """By stream and then newest first, each thing once a commit, as what comes first by name."""
    kinds = dict[tuple[str, int, str], str]()
    for stream, (seq, about, kind) in found:
        known = kinds.get((stream, seq, about), kind)
        kinds[stream, seq, about] = min(kind, known)
    ordered = sorted(kinds.items(), key=lambda item: (item[0][0], -item[0][1], item[0][2]))
    return [
        (stream, Noticed(seq, about, kind))
        for _, of_stream in groupby(ordered, key=lambda item: item[0][0])
        for (stream, seq, about), kind in islice(of_stream, each)
    ]
