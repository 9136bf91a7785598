"""This release beside an earlier one, in turns on one machine: `python -m tests.bench.against FOLDER --times 10`.

FOLDER is a checkout of the earlier release, as `git worktree add` makes one; it runs on this release's packages and SQLite. Each turn takes every
figure of both, so that whatever else the machine does befalls both alike; what is told are the medians of the turns' ratios. Writing is
this release's; where an earlier one has other words for the same (`room` for `stream`), it is spoken to in those.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.bench import crowd, machine, ours
from tests.bench.figures.commands import flood, message_id, writer
from tests.bench.figures.fanout import once
from tests.bench.figures.joining import rushed
from tests.bench.figures.latency import felt
from tests.bench.listeners import Crowd, palabre
from tests.bench.table import Scale, quantile
from tests.services import ServerProcess

PACE: Final = 0.2
"""Seconds between two lone commands."""

ANSWERED: Final = 20.0
PROJECTED: Final = 4.0
"""Seconds in which a command is surely answered, and in which what was said last is surely projected."""

RECEIVERS: Final = 500

EARLIER: Final[Mapping[str, str]] = {"stream": "room"}
"""What fields were called before."""


def lone(server: ServerProcess, scale: Scale) -> float:
    """Milliseconds of the whole process's CPU for one durable command at a time, each of which concerns somebody, until all of them are projected."""
    room = ours.new_room(server)[0]
    asking = writer(server, room, "asked")
    asking.acknowledged(ANSWERED, 1, most=1)
    speaker = writer(server, room, reply=message_id("asked", 0))
    speaker.acknowledged(0.5, 1, most=5)
    machine.settle(server.family())
    count = int(scale.of(60, 15) / PACE)
    before = machine.cpu_seconds(server.family())
    for number in range(count):
        began = time.perf_counter()
        speaker.acknowledged(ANSWERED, 1, first=1_000 + number, most=1)
        time.sleep(max(0.0, began + PACE - time.perf_counter()))
    time.sleep(PROJECTED)
    spent = machine.cpu_seconds(server.family()) - before
    speaker.scatter()
    asking.scatter()
    return spent / count * 1e3


def fan_out(server: ServerProcess, scale: Scale) -> float:
    """Microseconds of CPU for each copy."""
    return once(server, RECEIVERS, 32, scale.of(4, 1)).cost


def commands(server: ServerProcess, scale: Scale) -> float:
    """Microseconds of time for each of many durable commands."""
    return 1e6 / flood(server, scale.of(6, 2))[0]


def latency(server: ServerProcess, scale: Scale) -> float:
    """Milliseconds from an idea to another's socket, at the median."""
    return quantile(asyncio.run(felt(server, scale.of(20, 5)))[1], 0.5)


def storm(server: ServerProcess, scale: Scale) -> float:
    """Seconds in which a crowd is back."""
    return rushed(server, 10, scale.of(3_000, 1_000))[1]


def memory(server: ServerProcess, scale: Scale) -> float:
    """KB for each connection that only listens."""
    place = ours.new_room(server)[0]
    here = Crowd(server.port, palabre(place))
    here.gather(ours.participants(server, ours.new_room(server)[0], 100))
    openings = ours.participants(server, place, scale.of(2_000, 500))
    before = server.rss()
    here.gather(openings)
    time.sleep(1)
    here.hear(0)
    held = (server.rss() - before) / len(openings) / 1024
    here.scatter()
    return held


FIGURES: Final[Mapping[str, tuple[str, Callable[[ServerProcess, Scale], float]]]] = {
    "fan-out": ("µs of CPU a copy", fan_out),
    "commands": ("µs each", commands),
    "latency": ("ms, p50", latency),
    "storm": ("s until all are back", storm),
    "memory": ("KB a connection", memory),
    "lone": ("ms of CPU a command", lone),
}


@contextmanager
def spoken_to(folder: Path | None) -> Iterator[ServerProcess]:
    """A server of this release, or of an earlier one in its words."""
    before = crowd.words
    crowd.words = {} if folder is None else EARLIER
    env: dict[str, Any] = {} if folder is None else {"PYTHONPATH": str(folder)}
    try:
        with ours.started(**env) as server:
            yield server
    finally:
        crowd.words = before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="smaller crowds and shorter runs")
    parser.add_argument("--only", nargs="+", choices=FIGURES, default=list(FIGURES))
    chosen = parser.parse_args()
    machine.prepare()
    scale = Scale(chosen.quick)
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in chosen.only}
    for turn in range(chosen.times):
        for name in chosen.only:
            told = []
            # Who is first has a colder machine: they take turns in that, too.
            for folder in (chosen.folder.resolve(), None) if turn % 2 else (None, chosen.folder.resolve()):
                with spoken_to(folder) as server:
                    told.append((folder is None, FIGURES[name][1](server, scale)))
            by = dict(told)
            taken[name].append((by[True], by[False]))
            print(f"  {turn + 1}: {name} {by[True]:.2f} beside {by[False]:.2f} {FIGURES[name][0]}", flush=True)
    print("| figure | this × the earlier, median | this | the earlier |\n|---|---|---|---|")
    for name, pairs in taken.items():
        ratio = median(this / earlier for this, earlier in pairs)
        this, earlier = (median(pair[n] for pair in pairs) for n in (0, 1))
        print(f"| {name}, {FIGURES[name][0]} | **{ratio:.2f} ×** | {this:.2f} | {earlier:.2f} |")


if __name__ == "__main__":
    main()
