"""What people feel: from an idea that is sent to its `done`, and to another's socket, among 200 who are there."""

import asyncio
import random
import time
from collections.abc import Iterator
from typing import Any

import msgpack

from tests.bench import ours
from tests.bench.crowd import take_seats, tokens_for
from tests.bench.table import Row, Scale, quantile
from tests.services import ServerProcess

PEOPLE, RATE = 200, 5.0


async def felt(server: ServerProcess, seconds: float) -> tuple[list[float], list[float]]:
    """Seconds to `done`, and to others."""
    room, _ = ours.new_room(server)
    seats = await take_seats(server, room, tokens_for(server, room, PEOPLE))
    sent: dict[str, float] = {}
    acks: list[float] = []
    others: list[float] = []

    def heard(payload: bytes) -> None:
        message: dict[str, Any] = msgpack.unpackb(payload)
        now = time.perf_counter()
        if message["t"] == "done":
            acks.append(now - sent[message["id"]])
        elif message["t"] == "patch":
            others.extend(now - sent[r["text"]] for r in message["put"] if r.get("text") in sent)

    for seat in seats[:5]:
        seat.receive = heard  # the others only read: decoding 200 times would measure us
    for number in range(int(RATE * seconds)):
        id = f"c{number:08d}"
        sent[id] = time.perf_counter()
        random.choice(seats[:5]).do(id, "idea.add", id=f"idea:{number:012d}", text=id)
        await asyncio.sleep(random.expovariate(RATE))
    await asyncio.sleep(0.5)
    for seat in seats:
        seat.transport.abort()
    return acks, others


def rows(scale: Scale) -> Iterator[Row]:
    with ours.started() as server:
        acks, others = asyncio.run(felt(server, scale.of(30, 6)))
    for what, waits in (("another's socket", others), ("`done`", acks)):
        yield Row(
            f"latency idea → {what}, {PEOPLE} participants, {RATE:g} ideas/s, durable: p50 / p99",
            "≤ 5 / 25 ms",
            f"**{quantile(waits, 0.5):.1f} / {quantile(waits, 0.99):.1f} ms**",
        )
