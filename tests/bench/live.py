"""What people feel, and what a seat costs: `python -m tests.bench.live`.

One server process on SQLite, durable; the crowd in another process, so each has a core where there are two.
"""

import asyncio
import random
import statistics
import sys
import time
from typing import Any

import msgpack

from tests.bench.crowd import Seat, post, take_seats, tokens_for
from tests.services import ServerProcess


async def seats_cost(server: ServerProcess, count: int) -> str:
    room = post(server, "/api/rooms", {"title": "Sièges", "name": "Claire"})["room"]
    before = server.rss()
    seats = await take_seats(server, room, tokens_for(server, room, count))
    await asyncio.sleep(1)  # the last frames about people leave, the allocator settles
    cost = (server.rss() - before) / count
    for seat in seats:
        seat.transport.abort()
    return f"| RSS of a joined idle seat, {count} seats | {cost / 1024:.1f} KB |"


async def felt(server: ServerProcess, count: int, rate: float, seconds: float) -> list[str]:
    room = post(server, "/api/rooms", {"title": "Plénière", "name": "Claire"})["room"]
    seats = await take_seats(server, room, tokens_for(server, room, count))
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
    for number in range(int(rate * seconds)):
        writer: Seat = random.choice(seats[:5])
        id = f"c{number:08d}"
        sent[id] = time.perf_counter()
        writer.do(id, "idea.add", id=f"idea:{number:012d}", text=id)
        await asyncio.sleep(random.expovariate(rate))
    await asyncio.sleep(0.5)
    for seat in seats:
        seat.transport.abort()
    rows = []
    for name, values in (("idea → `done`", acks), ("idea → another phone", others)):
        cuts = statistics.quantiles([1000 * v for v in values], n=100)
        rows.append(
            f"| {name}, {count} people, {rate:g} ideas/s: p50 / p95 / p99 | {cuts[49]:.1f} / {cuts[94]:.1f} / {cuts[98]:.1f} ms |"
        )
    return rows


async def commands(server: ServerProcess, total: int, in_flight: int) -> str:
    room = post(server, "/api/rooms", {"title": "Débit", "name": "Claire"})["room"]
    (seat,) = await take_seats(server, room, tokens_for(server, room, 1))
    state = {"sent": 0, "done": 0}
    finished = asyncio.get_running_loop().create_future()
    started: dict[str, float] = {}
    latencies: list[float] = []

    def more() -> None:
        while state["sent"] - state["done"] < in_flight and state["sent"] < total:
            id = f"c{state['sent']}"
            started[id] = time.perf_counter()
            seat.do(id, "message.send", id=f"message:{state['sent']:012d}", text="Bonjour à toutes et à tous")
            state["sent"] += 1

    def heard(payload: bytes) -> None:
        if payload[:8] != b"\x83\xa1t\xa4done":
            return
        state["done"] += 1
        latencies.append(time.perf_counter() - started.pop(msgpack.unpackb(payload)["id"]))
        more()
        if state["done"] == total and not finished.done():
            finished.set_result(None)

    seat.receive = heard
    begun = time.perf_counter()
    more()
    await asyncio.wait_for(finished, 60)
    rate = total / (time.perf_counter() - begun)
    p99 = statistics.quantiles(latencies, n=100)[98] * 1000
    return (
        f"| durable commands/s into one room, {in_flight} in flight, one receiver | {rate:,.0f}/s, p99 {p99:.1f} ms |"
    )


async def main(quick: bool) -> None:
    with ServerProcess(env={"PALABRE_RATE": "100000"}) as server:
        print("| figure | measured |\n|---|---|")
        print(await seats_cost(server, 500))
        for row in await felt(server, 200, 5, 5 if quick else 20):
            print(row)
        print(await commands(server, 5_000 if quick else 30_000, 32))


if __name__ == "__main__":
    asyncio.run(main("--quick" in sys.argv))
