"""A balancer of TCP connections, as stands before the machines of a company; a process of its own, whose CPU is not the tests'.

Connections are dealt out in turn; a machine that refuses one, or does not take it in time, is passed over for that one.
"""

import asyncio
import contextlib
import itertools
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.services.cable import CHUNK, relay
from tests.services.process import Process

ROOT = Path(__file__).parents[2]

PATIENCE = 0.5
"""Seconds in which a machine takes a connection, or another is asked."""


class Balancer(Process):
    """One port before many.

    Args:
        backends: `host:port` of each machine.
    """

    name = "balancer"

    def __init__(self, backends: Sequence[str]) -> None:
        super().__init__()
        self.backends = backends

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "tests.services.balancer", str(self.port), *self.backends]

    def environment(self) -> Mapping[str, str]:
        return os.environ | {"PYTHONPATH": str(ROOT)}


async def serve(port: int, backends: Sequence[str]) -> None:
    """Until the process is ended."""
    turns = itertools.cycle(backends)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for backend in itertools.islice(turns, len(backends)):
            host, _, to_port = backend.rpartition(":")
            try:
                async with asyncio.timeout(PATIENCE):
                    there = await asyncio.open_connection(host, int(to_port), limit=CHUNK)
            except OSError:
                continue
            with contextlib.suppress(OSError):
                await relay((reader, writer), there)
            return
        writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", port, limit=CHUNK, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2:]))
