"""The bus of a single worker: what it says it hears itself, and there is nobody else."""

import asyncio

from server.bus.port import MESSAGE_BYTES, Listener


class LocalBus:
    """Never doubtful."""

    def __init__(self) -> None:
        self._channels: set[str] = set()
        self._listener: Listener | None = None

    async def open(self, listener: Listener) -> None:
        self._listener = listener

    async def close(self) -> None:
        self._listener = None
        self._channels.clear()

    async def subscribe(self, channel: str) -> None:
        self._channels.add(channel)

    async def unsubscribe(self, channel: str) -> None:
        self._channels.discard(channel)

    def publish(self, channel: str, message: bytes) -> None:
        if len(message) > MESSAGE_BYTES:
            raise ValueError(f"expected at most {MESSAGE_BYTES} bytes; got {len(message)}")
        if channel in self._channels:
            asyncio.get_running_loop().call_soon(self._deliver, channel, message)

    def _deliver(self, channel: str, message: bytes) -> None:
        if self._listener is not None and channel in self._channels:
            self._listener.heard(channel, message)
