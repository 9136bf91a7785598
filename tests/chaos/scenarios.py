"""What dies, and how: each is done to a site while everyone writes, and returns when everyone is back."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

import psutil

from tests.chaos.next_release import NextRelease, reading_the_next_format
from tests.chaos.site import Site, laptop, one_port, three_machines, three_ports
from tests.load import Swarm

MORE = 30
"""So many more commands are done before all is taken to be well again."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """
    Attributes:
        words: what happens, for the table; `{seconds}` is how long the outage lasts.
        site: where.
        act: the outage itself, of so many seconds.
        seconds: of the outage, where it has a length.
        short: the same in the tests.
        reading: what must hold in this process for the journal to be readable afterwards.
    """

    words: str
    site: Callable[[], AbstractContextManager[Site]]
    act: Callable[[Site, Swarm, float], Awaitable[None]]
    seconds: float = 0
    short: float = 0
    reading: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext


async def well(swarm: Swarm) -> None:
    """Everyone follows, commands are done again, and everyone is shown what they did."""
    done = swarm.done
    await swarm.until(lambda: all(client.following for client in swarm.clients))
    await swarm.until(lambda: swarm.done >= done + MORE)
    head = max(given.seq or 0 for given in swarm.given)
    await swarm.until(lambda: all(client.conversation.replica.cursor >= head for client in swarm.clients))


async def in_mid_commit(swarm: Swarm) -> None:
    """Everyone gives commands at once; returns with the first answer."""
    given = swarm.burst(3)
    await swarm.until(lambda: any(one.seq is not None for one in given))


async def workers_die_in_turn(site: Site, swarm: Swarm, _seconds: float) -> None:
    for worker in site.servers[0].workers():
        await in_mid_commit(swarm)
        worker.kill()
        await well(swarm)


async def workers_freeze_in_turn(site: Site, swarm: Swarm, seconds: float) -> None:
    for worker in site.servers[0].workers():
        await in_mid_commit(swarm)
        worker.suspend()
        await asyncio.sleep(seconds)
        worker.resume()
        await well(swarm)


async def machine_dies(site: Site, swarm: Swarm, _seconds: float) -> None:
    """kill -9 of all processes of the server; then it is started again."""
    (server,) = site.servers
    family = server.family()
    await in_mid_commit(swarm)
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    await asyncio.to_thread(server.kill)
    await asyncio.to_thread(server.start)
    await well(swarm)


async def one_machine_of_three_dies(site: Site, swarm: Swarm, seconds: float) -> None:
    """kill -9 of a whole server; the others have its people at once, and it comes back after so many seconds."""
    for server in site.servers:
        await in_mid_commit(swarm)
        await asyncio.to_thread(server.kill)
        await well(swarm)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(server.start)
    await well(swarm)


async def redis_stops(site: Site, swarm: Swarm, seconds: float) -> None:
    swarm.hush(1)
    await asyncio.to_thread(site.redis.kill)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(site.redis.start)
    await well(swarm)


async def redis_is_silent(site: Site, swarm: Swarm, seconds: float) -> None:
    swarm.hush(1)
    site.redis.suspend()
    await asyncio.sleep(seconds)
    site.redis.resume()
    await well(swarm)


def postgres_restarts(mode: Literal["fast", "immediate"]) -> Callable[[Site, Swarm, float], Awaitable[None]]:
    async def act(site: Site, swarm: Swarm, _seconds: float) -> None:
        await in_mid_commit(swarm)
        await asyncio.to_thread(site.postgres.stop, mode=mode)
        await asyncio.to_thread(site.postgres.start)
        await well(swarm)

    return act


async def disk_is_full(site: Site, swarm: Swarm, seconds: float) -> None:
    """No file of the server's may grow: its writes fail, at any place, as on a disk without room. Needs no root."""
    (server,) = site.servers
    (worker,) = server.workers()
    _, hard = worker.rlimit(psutil.RLIMIT_FSIZE)
    done = swarm.done
    worker.rlimit(psutil.RLIMIT_FSIZE, (4096, hard))
    await asyncio.sleep(seconds)
    assert not [given for given in swarm.given if given.seq is None and given.refused is not None]
    assert swarm.done < done + seconds * 50, "expected most to wait for the disk"
    worker.rlimit(psutil.RLIMIT_FSIZE, (hard, hard))
    await well(swarm)


async def rolling_deploy(site: Site, swarm: Swarm, _seconds: float) -> None:
    """SIGTERM of one worker after the other, each replaced on its port by one of the next release."""
    for n, old in enumerate(site.servers):
        new = NextRelease(port=old.port, env=old.env)
        status = await asyncio.to_thread(old.stop, 40)
        assert status in (0, -signal.SIGTERM), f"expected an end in order; got {status}\n{old.log[-2000:]}"
        await asyncio.to_thread(new.start)
        site.servers[n] = new
        await well(swarm)


SCENARIOS = {
    "workers-die": Scenario(words="kill -9 of three workers in turn", site=one_port, act=workers_die_in_turn),
    "workers-freeze": Scenario(
        words="three workers frozen in turn, {seconds:g} s each",
        site=one_port,
        act=workers_freeze_in_turn,
        seconds=5,
        short=2.5,
    ),
    "all-die": Scenario(words="kill -9 of all workers at once, restart", site=one_port, act=machine_dies),
    "machine-dies": Scenario(
        words="one machine of three behind a balancer lost, {seconds:g} s, each in turn",
        site=three_machines,
        act=one_machine_of_three_dies,
        seconds=5,
        short=1,
    ),
    "redis-stops": Scenario(
        words="Redis gone for {seconds:g} s", site=three_ports, act=redis_stops, seconds=10, short=2
    ),
    "redis-silent": Scenario(
        words="Redis frozen for {seconds:g} s", site=three_ports, act=redis_is_silent, seconds=30, short=4
    ),
    "postgres-fast": Scenario(words="PostgreSQL restarted (fast)", site=one_port, act=postgres_restarts("fast")),
    "postgres-immediate": Scenario(
        words="PostgreSQL restarted (immediate: a crash)", site=one_port, act=postgres_restarts("immediate")
    ),
    "deploy": Scenario(
        words="rolling deploy of a newer event format, worker by worker",
        site=three_ports,
        act=rolling_deploy,
        reading=reading_the_next_format,
    ),
    "sqlite-dies": Scenario(words="SQLite: kill -9, restart", site=laptop, act=machine_dies),
    "sqlite-full": Scenario(
        words="SQLite: no room on the disk for {seconds:g} s", site=laptop, act=disk_is_full, seconds=10, short=2
    ),
}
