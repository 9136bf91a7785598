"""Two hundred people write, and what serves them dies: nothing acknowledged is lost, nothing happens twice, all see the same."""

import asyncio
import contextlib
from collections.abc import Callable

import psutil
import pytest

from tests.load import Swarm, verify, verify_journal
from tests.services import RedisServer, ServerProcess

CLIENTS = 200
RATE = 200
COMMANDS = 1000


async def kill_in_the_middle(swarm: Swarm, server: ServerProcess) -> None:
    """kill -9 of all its processes while everyone waits for an answer and some have had theirs; then start it again."""
    family = server.family()
    given = swarm.burst()
    await swarm.until(lambda: any(one.seq is not None for one in given))
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    await asyncio.to_thread(server.kill)
    assert swarm.unanswered, "expected to kill it before all was answered"
    await asyncio.to_thread(server.start)


@pytest.mark.timeout(60)
async def test_kill_on_sqlite(start_server: Callable[..., ServerProcess]) -> None:
    """D2, I2: every `done` is in the journal once, every unacknowledged command was retried and landed once."""
    server = start_server()
    async with Swarm([server.url], CLIENTS, rate=RATE) as swarm, asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(swarm.write(COMMANDS))
        await swarm.until(lambda: swarm.done >= COMMANDS // 3)
        await kill_in_the_middle(swarm, server)
        await writing
        await swarm.answered()
        await verify(swarm)
        assert sum(client.resent for client in swarm.clients) > 0
    server.stop()
    await verify_journal(swarm, f"sqlite:///{server.folder / 'data' / 'palabre.sqlite'}")


@pytest.mark.timeout(60)
async def test_kill_on_postgres_with_three_workers(
    start_server: Callable[..., ServerProcess], database: str, redis_server: RedisServer
) -> None:
    """The same with three workers: first one of them is killed, then all."""
    server = start_server(database, redis_server.url, workers=3)
    async with Swarm([server.url], CLIENTS, rate=RATE) as swarm, asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(swarm.write(COMMANDS))
        await swarm.until(lambda: swarm.done >= COMMANDS // 4)
        given = swarm.burst()
        await swarm.until(lambda: any(one.seq is not None for one in given))
        server.workers()[0].kill()
        await swarm.until(lambda: swarm.done >= COMMANDS // 2)
        await kill_in_the_middle(swarm, server)
        await writing
        await swarm.answered()
        await verify(swarm)
        assert sum(client.resent for client in swarm.clients) > 0
    await verify_journal(swarm, database)


@pytest.mark.timeout(60)
async def test_redis_stops_and_starts_under_three_workers(
    start_server: Callable[..., ServerProcess], database: str, redis_server: RedisServer
) -> None:
    """R3: the workers follow each other with Redis, without it and with it again; all records equal fresh snapshots."""
    servers = [start_server(database, redis_server.url) for _ in range(3)]
    addresses = [server.url for server in servers]
    async with Swarm(addresses, CLIENTS, rate=RATE) as swarm, asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(swarm.write(COMMANDS))
        await swarm.until(lambda: swarm.done >= COMMANDS // 4)
        await asyncio.to_thread(redis_server.kill)
        without = swarm.done
        await swarm.until(lambda: swarm.done >= without + COMMANDS // 4)
        await asyncio.to_thread(redis_server.start)
        await writing
        await swarm.answered()
        await verify(swarm)
        assert sum(client.losses for client in swarm.clients) == 0, "Redis is no client's business"
    await verify_journal(swarm, database)
