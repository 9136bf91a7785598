"""What the server spends at the pace of people: ideas that arrive by chance to a full hall, and cursors that move."""

import random
import time
from collections.abc import Iterator
from statistics import median

from tests.bench import machine, ours
from tests.bench.crowd import frame
from tests.bench.figures.fanout import BEST, OURS, contestants, gathered
from tests.bench.table import Row, Scale

RATE, RECEIVERS = 30, 1_000
CURSORS, HERTZ = 60, 20


def rows(scale: Scale) -> Iterator[Row]:
    seconds, rounds = (3.0, 1) if scale.quick else (8.0, 3)
    with contestants([BEST]) as running:
        crowds = {name: gathered(contestant, RECEIVERS) for name, contestant in running.items()}
        spent: dict[str, list[float]] = {name: [] for name in running}
        for number in range(rounds):
            times = _arrivals(seconds, random.Random(number))
            for name, crowd in crowds.items():
                before = machine.cpu_seconds(running[name].family())
                crowd.at_pace(seconds, times, first=number * 10_000)
                spent[name].append((machine.cpu_seconds(running[name].family()) - before) / seconds)
        mine, theirs = median(spent[OURS]), median(spent[BEST])
        yield Row(
            f"server CPU with {RATE} ideas/s, arriving by chance, to {RECEIVERS:,} receivers",
            f"≤ 0.6 × {BEST}",
            f"**{mine / theirs:.2f} ×** ({100 * mine:.0f} % of a core; {BEST} {100 * theirs:.0f} %)",
        )


def _arrivals(seconds: float, random: random.Random) -> list[float]:
    at, times = 0.0, []
    while (at := at + random.expovariate(RATE)) < seconds:
        times.append(at)
    return times


def rows_cursors(scale: Scale) -> Iterator[Row]:
    seconds = scale.of(10, 3)
    with ours.started() as server:
        room, _ = ours.new_room(server)
        crowd = ours.crowd_in(server, room, CURSORS)
        hands = list(crowd.ears.values())
        before, start = machine.cpu_seconds(server.family()), time.perf_counter()
        moves = 0
        while (now := time.perf_counter() - start) < seconds:
            while moves < now * CURSORS * HERTZ:
                place = {"x": (moves % 997) / 997, "y": (moves % 499) / 499}
                hands[moves % CURSORS].socket.send(
                    frame({"t": "signal", "stream": room, "kind": "cursor", "data": place})
                )
                moves += 1
            crowd.hear(0.001)
        share = (machine.cpu_seconds(server.family()) - before) / seconds
    yield Row(
        f"cursors: {CURSORS} people moving at {HERTZ} Hz in one room", "≤ 15 % of a core", f"**{100 * share:.0f} %**"
    )
