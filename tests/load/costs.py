"""`python -m tests.load.costs`: what one command, one delivery, one join, one connection costs a worker, PostgreSQL and the disk.

The table at the head of server/DESIGN.md, "Beyond one machine", from which the number of machines is reckoned. CPU time, so that
other work on the machine makes it longer and not wrong; half a minute.
"""

import asyncio
import contextlib
import sys
from collections.abc import Sequence

import psutil

from tests.load.swarm import Swarm
from tests.services import Postgres, RedisServer, ServerProcess

COMMANDS = 1500
RATE = 150
CROWD = 400


def cpu(processes: Sequence[psutil.Process]) -> float:
    """Seconds that they have spent so far."""
    seconds = 0.0
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            seconds += sum(process.cpu_times()[:2])
    return seconds


async def spent(swarm: Swarm, servers: Sequence[ServerProcess], commands: int, rate: float) -> list[float]:
    """CPU seconds of each server while so many commands are done."""
    swarm.rate = rate
    before = [cpu(server.workers()) for server in servers]
    await swarm.write(commands)
    await swarm.answered()
    await swarm.mark()
    return [cpu(server.workers()) - start for server, start in zip(servers, before, strict=True)]


async def main() -> None:
    with Postgres(durable=True) as postgres, RedisServer() as redis:
        url = postgres.create_database()
        near, far = ServerProcess(url, redis.url), ServerProcess(url, redis.url)
        near.migrate()
        with near, far:
            size = f"select pg_database_size('{url.rpartition('/')[2]}')"
            async with Swarm([near.url, far.url], 4, rate=RATE) as swarm:
                swarm.hush(1)
                await spent(swarm, [near, far], 300, RATE)
                before, database, bytes_before = cpu(redis.family()), cpu(postgres.family()), int(postgres.query(size))
                writing, following = await spent(swarm, [near, far], COMMANDS, RATE)
                ringing = cpu(redis.family()) - before
                database = cpu(postgres.family()) - database
                grown = int(postgres.query(size)) - bytes_before
            joining, memory = cpu(near.workers()), near.rss()
            async with Swarm([near.url], CROWD) as crowd:
                joining = cpu(near.workers()) - joining
                memory = near.rss() - memory
                (showing,) = await spent(crowd, [near], 300, 30)
    command = writing / COMMANDS
    rows = (
        ("a command: checked, ordered, durable, acknowledged", f"{command * 1e6:,.0f} µs of a worker"),
        ("the same at PostgreSQL", f"{database / COMMANDS * 1e6:,.0f} µs, {grown / COMMANDS:,.0f} bytes"),
        ("the same at Redis, for two workers", f"{ringing / COMMANDS * 1e6:,.0f} µs"),
        ("a command of another worker, followed", f"{following / COMMANDS * 1e6:,.0f} µs of a worker"),
        ("a delivery: one patch to one socket", f"{(showing / 300 - command) / CROWD * 1e6:,.1f} µs of a worker"),
        ("a connection: HTTP join, handshake, hello, join", f"{joining / CROWD * 1e6:,.0f} µs of a worker"),
        ("a joined connection", f"{memory / CROWD / 1024:,.1f} KB of a worker"),
    )
    sys.stdout.write("| what | costs |\n|---|---|\n" + "".join(f"| {what} | {cost} |\n" for what, cost in rows))


if __name__ == "__main__":
    asyncio.run(main())
