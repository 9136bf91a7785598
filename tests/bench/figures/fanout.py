"""One message to everyone: server CPU for each copy, and copies a second, beside servers that store nothing.

Ours: an idea is checked, ordered, on the disk, acknowledged, folded into everyone's view, and then sent. A message is in flight until
*everyone* has his copy. Since ours sends at a pace that a screen can show, copies a second are also given with a message in
flight until *the speaker* has his answer (ours: `done`, durable; theirs: his own copy).
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import NamedTuple

import psutil

from tests.bench import machine, ours
from tests.bench.listeners import Crowd
from tests.bench.peers import PROGRAMS, Peer
from tests.bench.table import Row, Scale
from tests.services import ServerProcess

OURS, BEST = "Palabre", "uWebSockets"
ROOM_HOLDS = 9_000
"""Ideas of one run: a room takes 10,000."""


class Taken(NamedTuple):
    """`cost`: microseconds of the server's CPU for each copy; `rate`: copies a second."""

    cost: float
    rate: float


Contestant = ServerProcess | Peer


@contextmanager
def contestants(names: Sequence[str]) -> Iterator[dict[str, Contestant]]:
    with ExitStack() as stack:
        running: dict[str, Contestant] = {OURS: stack.enter_context(ours.started())}
        for name in names:
            running[name] = stack.enter_context(Peer(name))
            machine.pin(running[name].family())
        yield running


def gathered(contestant: Contestant, count: int) -> Crowd:
    """A crowd that hears; ours in a room of its own."""
    if isinstance(contestant, ServerProcess):
        return ours.crowd_in(contestant, ours.new_room(contestant)[0], count)
    crowd = Crowd(contestant.port, contestant.dialect)
    crowd.gather([contestant.opening] * count)
    return crowd


def once(contestant: Contestant, count: int, in_flight: int, seconds: float, *, until_answered: bool = False) -> Taken:
    family: list[psutil.Process] = contestant.family()
    crowd = gathered(contestant, count)
    most = ROOM_HOLDS if isinstance(contestant, ServerProcess) else 10**9
    crowd.converse(0.2, in_flight, most=500)
    before = machine.cpu_seconds(family)
    heard = crowd.converse(seconds, in_flight, most=most, until_answered=until_answered, first=500)
    spent = machine.cpu_seconds(family) - before
    crowd.scatter()
    return Taken(spent / heard.copies * 1e6, heard.copies / heard.took)


def compared(
    running: dict[str, Contestant], count: int, in_flight: int, scale: Scale, *, until_answered: bool = False
) -> dict[str, Taken]:
    """The median of several rounds, in turn, so that what else the machine does befalls all alike."""
    seconds, rounds = (0.8, 1) if scale.quick else (2.0, 3)
    taken: dict[str, list[Taken]] = {name: [] for name in running}
    for _ in range(rounds):
        for name, contestant in running.items():
            taken[name].append(once(contestant, count, in_flight, seconds, until_answered=until_answered))
    return {name: Taken(median(t.cost for t in ts), median(t.rate for t in ts)) for name, ts in taken.items()}


def costs(taken: dict[str, Taken]) -> str:
    best = taken[BEST].cost
    others = ", ".join(f"{n} {t.cost / best:.2f} ×" for n, t in taken.items() if n not in (OURS, BEST))
    return (
        f"**{taken[OURS].cost / best:.2f} ×** ({taken[OURS].cost:.2f} µs; {BEST} {best:.2f} µs"
        + (f"; {others}" if others else "")
        + ")"
    )


def rates(taken: dict[str, Taken]) -> str:
    best = taken[BEST].rate
    others = ", ".join(f"{n} {t.rate / best:.2f} ×" for n, t in taken.items() if n not in (OURS, BEST))
    return (
        f"**{taken[OURS].rate / best:.2f} ×** ({taken[OURS].rate / 1e6:.2f} M/s; {BEST} {best / 1e6:.2f} M/s"
        + (f"; {others}" if others else "")
        + ")"
    )


def rows(scale: Scale) -> Iterator[Row]:
    with contestants(list(PROGRAMS)) as running:
        taken: dict[str, Taken] = {}
        for in_flight, goal in ((1, 1.2), (4, 1.0), (32, 1.0)):
            taken = compared(running, 500, in_flight, scale)
            what = f"durable, validated, ordered ideas to 500 receivers, {in_flight} in flight"
            yield Row(f"{what}: server CPU for each copy", f"≤ {goal} × {BEST}", costs(taken))
        yield Row("the same, 32 in flight until all have their copy: copies/s", "≥ 1.0 ×", rates(taken))
        answered = compared(running, 500, 32, scale, until_answered=True)
        slower = answered[OURS].rate / answered["Starlette"].rate
        yield Row(
            "the same, 32 in flight until the speaker has his answer (ours: durable): copies/s",
            "≥ 1.0 ×, ≥ 10 × Starlette",
            f"{rates(answered)}; {slower:.0f} × Starlette",
        )


def rows_large(scale: Scale) -> Iterator[Row]:
    count = scale.of(5_000, 2_000)
    with contestants([BEST]) as running:
        for until, what in ((False, "all have their copy"), (True, "the speaker has his answer")):
            taken = compared(running, count, 32, scale, until_answered=until)
            yield Row(
                f"{count:,} receivers in one room, one worker, 32 in flight until {what}: CPU for each copy; copies/s",
                "≥ 1.0 × copies/s",
                f"{costs(taken)}; {rates(taken)}",
            )
