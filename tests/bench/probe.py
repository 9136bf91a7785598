"""What a phone beside notices: an id every 20 ms over a connection of its own, and how long each takes to come back.

`python -m tests.bench.probe ADDRESS ROOM TOKEN`: says `ready`, then echoes until its input ends, and prints its times as JSON.
A process of its own, so that what the other one does to the server holds up the server alone.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from protocol.version import JSON
from tests.services import ServerProcess

INTERVAL: Final = 0.02


class Probe:
    """Our end of the process; `times` are there once it has ended, in seconds."""

    def __init__(self) -> None:
        self.times: list[float] = []


@contextmanager
def beside(server: ServerProcess, room: str, token: str) -> Iterator[Probe]:
    """Echo for as long as the block takes."""
    command = [sys.executable, "-m", "tests.bench.probe", server.ws_url, room, token]
    probe = Probe()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("expected the probe to be let in")
        yield probe
        told, _ = process.communicate()
    probe.times = json.loads(told)


async def _echo(address: str, room: str, token: str) -> list[float]:
    async with connect(address, subprotocols=[Subprotocol(JSON)], compression=None) as socket:
        await socket.send(json.dumps({"t": "hello", "token": token, "client": "probe"}))
        await socket.recv()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sent: dict[str, float] = {}
        times: list[float] = []
        hearing = asyncio.create_task(_hear(socket, sent, times))
        ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        number = 0
        while not ended.done():
            number += 1
            sent[str(number)] = time.perf_counter()
            # Refused, as the room is not joined: it comes back under its id, and nothing else is done for it.
            await socket.send(
                json.dumps({"t": "ask", "id": str(number), "stream": room, "query": "history", "args": {}})
            )
            await asyncio.sleep(INTERVAL)
        while sent:  # noqa: ASYNC110  # a few times at most
            await asyncio.sleep(INTERVAL)
        hearing.cancel()
        return times


async def _hear(socket: ClientConnection, sent: dict[str, float], times: list[float]) -> None:
    async for frame in socket:
        message: dict[str, Any] = json.loads(frame)
        if message.get("id") in sent:
            times.append(time.perf_counter() - sent.pop(message["id"]))


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_echo(*sys.argv[1:]))))
