"""The least WebSocket that a client can be: whole binary frames in and out, no task, no queue, no copy of its own."""

import asyncio
import base64
import functools
import os
import socket
import struct
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec

from protocol.version import MSGPACK

HANDSHAKE = 10.0
"""Seconds."""


@functools.lru_cache(maxsize=512)
def decoded(frame: bytes) -> dict[str, Any]:
    """A message. All clients of an audience get the same bytes, so they are read once; nobody may change what is in it."""
    return cast("dict[str, Any]", msgspec.msgpack.decode(frame))


class Wire(asyncio.Protocol):
    """
    Args:
        received: called with each message.
        lost: called once, when the connection is gone after it was open.
    """

    def __init__(self, received: Callable[[dict[str, Any]], None], lost: Callable[[], None]) -> None:
        self._received = received
        self._lost = lost
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._is_open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, url: str, received: Callable[[dict[str, Any]], None], lost: Callable[[], None]) -> "Wire":
        """Connect. Raises OSError, TimeoutError included."""
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(HANDSHAKE):
            transport, wire = await loop.create_connection(
                lambda: cls(received, lost), parts.hostname or "", parts.port or 80
            )
            key = base64.b64encode(os.urandom(16)).decode()
            lines = (
                f"GET {parts.path} HTTP/1.1",
                f"Host: {parts.netloc}",
                "Upgrade: websocket",
                "Connection: Upgrade",
                f"Sec-WebSocket-Key: {key}",
                "Sec-WebSocket-Version: 13",
                f"Sec-WebSocket-Protocol: {MSGPACK}",
            )
            transport.write(("\r\n".join(lines) + "\r\n\r\n").encode())
            try:
                await wire.opened
            except BaseException:
                transport.abort()
                raise
        return wire

    def send(self, payload: bytes, opcode: int = 0x82) -> None:
        """One frame, masked with zeros: the mask is there for the sake of proxies, of which there are none here."""
        assert self._transport is not None
        size = len(payload)
        if size < 126:
            head = bytes((opcode, 0x80 | size))
        else:
            head = bytes((opcode, 0xFE)) + size.to_bytes(2, "big")
        self._transport.write(head + b"\0\0\0\0" + payload)

    def close(self) -> None:
        """Without a word, as when a phone leaves the Wi-Fi. `lost` is not called."""
        self._is_open = False
        if self._transport is not None:
            self._transport.abort()

    def reset(self) -> None:
        """As when a phone's address changes under it: the server's next write is answered by a reset."""
        assert self._transport is not None
        linger = struct.pack("ii", 1, 0)
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close()

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self.opened.done() and not self._shake_hands():
            return
        while (frame := self._next()) is not None:
            opcode, payload = frame
            if opcode == 0x2:
                self._received(decoded(payload))
            elif opcode == 0x9:
                self.send(payload, 0x8A)
            elif opcode == 0x8:
                assert self._transport is not None
                self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionResetError("the connection was lost in its handshake"))
        if self._is_open:
            self._is_open = False
            self._lost()

    def _shake_hands(self) -> bool:
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return False
        self._buffer = rest
        status = bytes(head.partition(b"\r\n")[0])
        if b" 101 " in status:
            self._is_open = True
            self.opened.set_result(None)
        else:
            self.opened.set_exception(ConnectionRefusedError(f"expected 101; got {status!r}"))
        return self._is_open

    def _next(self) -> tuple[int, bytes] | None:
        """Opcode and payload of the next whole frame: servers do not mask, and ours sends every message in one."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1], 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + size:
            return None
        opcode, payload = buffer[0] & 0xF, bytes(buffer[start : start + size])
        del buffer[: start + size]
        return opcode, payload
