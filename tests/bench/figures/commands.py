"""Commands a second into one room: checked, ordered, on the disk, folded, acknowledged; and shown to one receiver, their author."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from tests.bench import machine, ours
from tests.bench.listeners import Crowd, Heard, command, palabre
from tests.bench.table import Row, Scale, quantile
from tests.services import Postgres, RedisServer, ServerProcess

IN_FLIGHT = 32
TEXT = "Bonjour à toutes et à tous"


def message_id(writer: str, number: int) -> str:
    return f"message:{writer}{number:012d}"


def message(room: str, writer: str, **more: str) -> Callable[[int], bytes]:
    def say(number: int) -> bytes:
        return command(room, f"c{number}", "message.send", id=message_id(writer, number), text=TEXT, **more)

    return say


def writer(server: ServerProcess, room: str, name: str = "", **more: str) -> Crowd:
    crowd = Crowd(server.port, palabre(room, message(room, name, **more)))
    crowd.gather(ours.participants(server, room, 1))
    return crowd


def flood(server: ServerProcess, seconds: float) -> tuple[float, str]:
    """Messages a second, and how it is told."""
    crowd = writer(server, ours.new_room(server)[0])
    crowd.acknowledged(0.5, IN_FLIGHT)
    before = machine.cpu_seconds(server.family())
    heard = crowd.acknowledged(seconds, IN_FLIGHT, first=1_000_000)
    spent = machine.cpu_seconds(server.family()) - before
    rate = heard.messages / heard.took
    crowd.scatter()
    return rate, (
        f"**{rate:,.0f}/s**, p50 {quantile(heard.waits, 0.5):.1f} ms, p99 {quantile(heard.waits, 0.99):.1f} ms,"
        f" {spent / heard.messages * 1e6:.0f} µs of CPU each"
    )


def rows(scale: Scale) -> Iterator[Row]:
    seconds = scale.of(8, 3)
    what = f"commands/s into one room with one receiver, {IN_FLIGHT} in flight, durable ack: "
    with ours.started() as server:
        yield Row(f"{what}SQLite", "≥ 10,000/s, p99 ≤ 20 ms", flood(server, seconds)[1])


def rows_postgres(scale: Scale) -> Iterator[Row]:
    seconds = scale.of(8, 3)
    what = f"commands/s into one room with one receiver, {IN_FLIGHT} in flight, durable ack: "
    with Postgres(durable=True) as postgres, RedisServer() as redis, ExitStack() as stack:
        url = postgres.create_database()
        first = ServerProcess(url, redis.url, env=ours.ENV)
        first.migrate()
        servers = [stack.enter_context(ours.started(url, redis.url))]
        alone, told = flood(servers[0], seconds)
        yield Row(f"{what}Postgres", "≥ 8,000/s, p99 ≤ 20 ms", told)
        servers += [stack.enter_context(ours.started(url, redis.url)) for _ in range(3)]
        for server in servers:
            machine.pin(server.family(), machine.CORES)
        room, _ = ours.new_room(servers[0])
        crowds = [writer(server, room, f"w{n}") for n, server in enumerate(servers)]
        heard = asyncio.run(_together(crowds, seconds))
        took = max(h.took for h in heard)
        rate, waits = sum(h.messages for h in heard) / took, [w for h in heard for w in h.waits]
        yield Row(
            f"the same with 4 workers writing into one room, {IN_FLIGHT} in flight at each",
            "≥ 0.7 × one worker, p99 ≤ 50 ms",
            f"**{rate / alone:.2f} ×** ({rate:,.0f}/s), p50 {quantile(waits, 0.5):.0f} ms, p99 {quantile(waits, 0.99):.0f} ms",
        )


async def _together(crowds: list[Crowd], seconds: float) -> list[Heard]:
    return await asyncio.gather(*(asyncio.to_thread(c.acknowledged, seconds, IN_FLIGHT) for c in crowds))
