"""A plenary votes: everyone puts his dots within ten seconds, each of which is durable, and all see how many have voted."""

import asyncio
import random
import time
from collections.abc import Iterator

import msgpack

from tests.bench import ours
from tests.bench.crowd import Seat, take_seats, tokens_for
from tests.bench.table import Row, Scale, quantile
from tests.services import ServerProcess

IDEAS, DOTS, SECONDS = 60, 3, 10.0
STEP = "step:aaaaaaaaaaaa"


async def voted(server: ServerProcess, people: int) -> tuple[list[float], float]:
    """Seconds from each dot to its `done`, and from the last one to the moment at which somebody sees that all have voted."""
    room, token = ours.new_room(server)
    (host,) = await take_seats(server, room, [token])
    for n in range(IDEAS):
        host.do(f"i{n}", "idea.add", id=f"idea:{n:012d}", text=f"Une idée parmi d'autres, la {n}")
    host.do("s", "step.add", id=STEP, kind="vote", title="Choisir", budget=5, cap=3)
    host.do("g", "step.go", id=STEP)
    seats = await take_seats(server, room, tokens_for(server, room, people))
    sent: dict[str, float] = {}
    waits: list[float] = []
    everyone, all_answered = asyncio.get_running_loop().create_future(), asyncio.Event()

    def answered(payload: bytes) -> None:
        if b"\xa1t\xa4done" in payload:
            waits.append(time.perf_counter() - sent[msgpack.unpackb(payload)["id"]])
            if len(waits) == people * DOTS:
                all_answered.set()

    def watching(payload: bytes) -> None:
        if b"\xa5voted" in payload and not everyone.done():
            steps = [r for r in msgpack.unpackb(payload).get("put", ()) if r["id"] == STEP]
            if steps and steps[-1].get("voted") == people:
                everyone.set_result(time.perf_counter())

    async def vote(number: int, seat: Seat) -> None:
        for dot in range(DOTS):
            await asyncio.sleep(random.random() * SECONDS / DOTS)
            id = f"v{number}-{dot}"
            sent[id] = time.perf_counter()
            seat.do(id, "dots.put", step=STEP, on=f"idea:{random.randrange(IDEAS):012d}", count=1)

    for seat in seats:
        seat.receive = answered
    host.receive = watching
    await asyncio.gather(*(vote(number, seat) for number, seat in enumerate(seats)))
    last = max(sent.values())
    seen = await asyncio.wait_for(everyone, 60)
    await asyncio.wait_for(all_answered.wait(), 60)
    for seat in (host, *seats):
        seat.transport.abort()
    return waits, max(0.0, seen - last)


def rows(scale: Scale) -> Iterator[Row]:
    people = scale.of(500, 100)
    with ours.started() as server:
        waits, behind = asyncio.run(voted(server, people))
    yield Row(
        f"{people} people put {DOTS} dots each within {SECONDS:.0f} s, durable: dot → `done` p50 / p99; all have voted, as a host sees it",
        "no visible stall",
        f"**{quantile(waits, 0.5):.1f} / {quantile(waits, 0.99):.1f} ms**, {behind * 1000:.0f} ms after the last",
    )
