"""A room whose people lose their connections all the time: so many reconnects a second, and what that leaves in the server."""

import asyncio
import random
from dataclasses import dataclass

from client_demo.python.sdk.http import Entry, create_room, join_room, wire_address
from protocol.codec import encode
from protocol.messages import Hello, Join
from protocol.version import MSGPACK
from tests.load.wire import Wire
from tests.services import ServerProcess
from tests.services.process import HUNG, wait_until

PEOPLE = 50
"""Tokens; whose connection it is makes no difference to its cost."""

AT_ONCE = 100
"""So many are on their way at most: a server that does not keep up makes the storm slower and not deeper, and none is late for its hello."""

WARM = 2
"""Seconds of storm before memory is looked at: what a first crowd needs stays with the process."""


@dataclass(frozen=True, kw_only=True)
class Storm:
    """What a storm was like.

    Attributes:
        reconnects: complete ones: handshake, hello, join, state; of these every second ended by a reset, every fourth by
            a close without an answer.
        rate: of them in a second, reached.
        joins: seconds from connecting to the room's state, shortest first.
        grown: bytes of the server's memory at the end, more than after the first seconds.
        left: descriptors at the end, more than at the beginning.
    """

    reconnects: int
    rate: float
    joins: list[float]
    grown: int
    left: int


async def storm(server: ServerProcess, *, rate: float, seconds: float) -> Storm:
    host = await create_room(server.url, "Printemps des managers", "Claire Vasseur")
    people = [await join_room(server.url, host.code, f"Manager {n}") for n in range(PEOPLE)]
    (worker,) = server.workers()
    before = worker.num_fds()
    await _blow(server, people, rate, WARM)
    calm = worker.memory_info().rss
    loop = asyncio.get_running_loop()
    start = loop.time()
    joins = await _blow(server, people, rate, seconds)
    took = loop.time() - start
    await asyncio.to_thread(wait_until, lambda: worker.num_fds() <= before, "every connection of the storm gone")
    return Storm(
        reconnects=len(joins),
        rate=len(joins) / took,
        joins=sorted(joins),
        grown=worker.memory_info().rss - calm,
        left=worker.num_fds() - before,
    )


async def _blow(server: ServerProcess, people: list[Entry], rate: float, seconds: float) -> list[float]:
    loop = asyncio.get_running_loop()
    start = loop.time()
    turn = asyncio.Semaphore(AT_ONCE)
    joins: list[float] = []

    async def one(n: int) -> None:
        try:
            joins.append(await _come_and_go(wire_address(server.url), random.choice(people), n))
        finally:
            turn.release()

    async with asyncio.TaskGroup() as tasks:
        for n in range(int(rate * seconds)):
            await asyncio.sleep(start + n / rate - loop.time())
            await turn.acquire()
            tasks.create_task(one(n))
    return joins


async def _come_and_go(address: str, who: Entry, n: int) -> float:
    loop = asyncio.get_running_loop()
    came = loop.time()
    joined: asyncio.Future[None] = loop.create_future()

    def lost() -> None:
        if not joined.done():
            joined.set_exception(ConnectionResetError("lost before the room's state came"))

    def received(message: dict[str, object]) -> None:
        if message["t"] == "state" and not message.get("more") and not joined.done():
            joined.set_result(None)

    wire = await Wire.open(address, received, lost)
    try:
        wire.send(encode(Hello(who.token, "storm"), MSGPACK))
        wire.send(encode(Join(who.room), MSGPACK))
        async with asyncio.timeout(HUNG):
            await joined
        took = loop.time() - came
        if n % 2 == 0:
            wire.reset()
        elif n % 4 == 1:
            wire.send((1001).to_bytes(2, "big"), 0x88)
    finally:
        wire.close()
    return took
