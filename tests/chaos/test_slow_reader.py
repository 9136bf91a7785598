"""Phones that stop reading, over real sockets: they cost the server little, nobody waits for them, and they are caught up (S9)."""

import asyncio
from collections.abc import Callable, Sequence
from socket import SO_RCVBUF, SOL_SOCKET
from typing import Any

import msgpack

from tests.bench.crowd import Seat, post, take_seats, tokens_for
from tests.services import ServerProcess
from tests.services.process import HUNG

SLOW = 10
IDEAS = 100
WARM = 20
"""Rounds before the memory is read, so that the caches are full."""
ROUNDS = 80
"""So often is every idea rewritten: 7 MB for each reader, more than the kernel's buffers hold."""
KEPT_BYTES = 64 * 1024
"""What the kernel keeps of a connection for a phone that does not read."""


class Reader:
    """What one seat sees once it has joined, by id."""

    def __init__(self, seat: Seat, news: asyncio.Event) -> None:
        self.seat = seat
        self._news = news
        self.texts: dict[str, str] = {}
        self.done = 0
        self.types: set[str] = set()
        seat.receive = self._read

    def _read(self, payload: bytes) -> None:
        message: dict[str, Any] = msgpack.unpackb(payload)
        self.types.add(message["t"])
        self.done += message["t"] == "done"
        assert message["t"] not in ("refused", "bye"), message
        for record in message.get("put", []):
            if str(record.get("id")).startswith("idea:"):
                self.texts[record["id"]] = record["text"]
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Looked at whenever anyone of the crowd has read something."""
        async with asyncio.timeout(HUNG):
            while not condition():
                self._news.clear()
                await self._news.wait()


def text(turn: int) -> str:
    return f"{turn:03d}" + "—" * 277


async def write(writer: Reader, cmd: str, ids: Sequence[str], turn: int) -> None:
    writer.done = 0
    for n, id in enumerate(ids):
        writer.seat.do(f"{turn}-{n}", cmd, id=id, text=text(turn))
    await writer.until(lambda: writer.done == len(ids))


async def test_S9_phones_that_stop_reading_cost_little_and_are_caught_up() -> None:
    with ServerProcess(env={"PALABRE_RATE": "100000"}) as server:
        room = post(server, "/api/rooms", {"title": "Séminaire", "name": "Awa"})["room"]
        seats = await take_seats(server, room, tokens_for(server, room, SLOW + 2))
        news = asyncio.Event()
        writer, other, *slow = (Reader(seat, news) for seat in seats)
        ids = [f"idea:{n:012d}" for n in range(IDEAS)]
        await write(writer, "idea.add", ids, 0)
        for turn in range(1, WARM):
            await write(writer, "idea.edit", ids, turn)
        before = server.rss()

        for reader in slow:
            reader.seat.transport.pause_reading()
            # As a phone has it: the kernel of a large machine would read on for them, by tens of megabytes.
            reader.seat.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_RCVBUF, KEPT_BYTES)
        for turn in range(WARM, WARM + ROUNDS):
            await write(writer, "idea.edit", ids, turn)
            newest = dict.fromkeys(ids, text(turn))
            # A flush each: of two rounds in one the first is never sent.
            await other.until(lambda: other.texts == newest)  # noqa: B023
        assert server.rss() - before < SLOW * 2**20

        for reader in slow:
            reader.types.clear()
            reader.seat.transport.resume_reading()
        await other.until(lambda: all(reader.texts == newest for reader in slow))
        assert all("state" in reader.types for reader in slow), "expected a catch-up in place of every patch"
