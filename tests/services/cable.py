"""A cable between a client and a server that a test can cut: what a phone that leaves the Wi-Fi does.

Playwright's own `set_offline` tells a page that it is offline and fails its requests, and leaves its WebSocket open.
"""

import asyncio
import contextlib
from types import TracebackType
from typing import Self, TypeAlias

from tests.services.process import free_port

CHUNK = 65_536

Pair: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Cable:
    """Forwards TCP connections from a port of its own to the target.

    Args:
        target: the server's port; may be changed, for connections to come.
        delay: seconds that it takes in each direction.
    """

    def __init__(self, target: int, delay: float = 0) -> None:
        self.target = target
        self.delay = delay
        self.port = free_port()
        self.is_cut = False
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.writers: set[asyncio.StreamWriter] = set()
        self.tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, limit=CHUNK)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.server.close()
        self.cut()
        self.flowing.set()
        await asyncio.gather(*self.tasks)
        await self.server.wait_closed()

    def cut(self) -> None:
        """Resets every connection, at both ends, and every new one."""
        self.is_cut = True
        for writer in self.writers:
            writer.transport.abort()

    def freeze(self) -> None:
        """Lets nothing through and tells nobody: both ends believe that the other is silent."""
        self.flowing.clear()

    def restore(self) -> None:
        """Undoes `cut` and `freeze`; what was held back by a freeze arrives."""
        self.is_cut = False
        self.flowing.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        with contextlib.closing(writer):
            if self.is_cut:
                writer.transport.abort()
                return
            with contextlib.suppress(OSError):
                to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self.target, limit=CHUNK)
                self.writers |= {writer, to_writer}
                await relay((reader, writer), (to_reader, to_writer), self.flowing, self.delay)
                self.writers -= {writer, to_writer}


async def relay(one: Pair, other: Pair, flowing: asyncio.Event | None = None, delay: float = 0) -> None:
    """Forward between two connections until both have ended, or one of them is lost, which closes the other.

    Args:
        flowing: while it is not set, nothing goes through.
        delay: seconds that each chunk is held back.
    """

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(CHUNK):
            if flowing is not None:
                await flowing.wait()
            if delay:
                await asyncio.sleep(delay)
            if writer.is_closing():  # whoever was to read it has gone meanwhile, and uvloop would raise
                return
            writer.write(chunk)
            await writer.drain()
        if not writer.is_closing() and writer.can_write_eof():
            writer.write_eof()

    with contextlib.closing(one[1]), contextlib.closing(other[1]):
        await asyncio.gather(forward(one[0], other[1]), forward(other[0], one[1]))
