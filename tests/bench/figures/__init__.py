"""One file for each figure of the table; each yields its rows as they are measured."""

from collections.abc import Callable, Iterator, Mapping

from tests.bench.figures import (
    commands,
    community,
    erasure,
    fanout,
    growth,
    joining,
    latency,
    pace,
    reads,
    reveal,
    search,
    stalls,
    sweep,
    vote,
)
from tests.bench.table import Row, Scale

FIGURES: Mapping[str, Callable[[Scale], Iterator[Row]]] = {
    "fanout": fanout.rows,
    "large": fanout.rows_large,
    "pace": pace.rows,
    "latency": latency.rows,
    "sqlite": commands.rows,
    "postgres": commands.rows_postgres,
    "memory": joining.rows_memory,
    "storm": joining.rows_storm,
    "full-room": joining.rows_full_room,
    "reveal": reveal.rows,
    "growth": growth.rows,
    "cursors": pace.rows_cursors,
    "vote": vote.rows,
    "stalls": stalls.rows,
    "sweep": sweep.rows,
    "reads": reads.rows,
    "search": search.rows,
    "erasure": erasure.rows,
    "community": community.rows,
}
