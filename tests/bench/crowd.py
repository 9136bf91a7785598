"""A crowd in one process: raw sockets that cost so little that the server, not they, is what a bench measures.

A `Seat` is one joined connection. It splits frames by their headers; only those who ask for it decode them.
"""

import asyncio
import base64
import json
import os
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import msgpack

from server.accounts.tokens import Tokens, new_id
from tests.before import token_of_before
from tests.services import ServerProcess

Receive = Callable[[bytes], None]


def post(server: ServerProcess, path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        server.url + path, json.dumps(body).encode(), {"content-type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def tokens_for(server: ServerProcess, room: str, count: int) -> list[str]:
    """Tokens with which so many participants enter as they connect: joins by HTTP are not what is measured."""
    tokens = Tokens(server.env["PALABRE_SECRET"].encode())
    return [
        token_of_before(tokens, member=new_id("member"), name=f"P {i}", room=room, role="guest") for i in range(count)
    ]


words: Mapping[str, str] = {}
"""What fields are called by the server that is spoken to, where that is a release with other words."""


def frame(message: dict[str, Any]) -> bytes:
    """A client's binary frame, masked with zeros: the mask is for proxies, and there are none here."""
    payload: bytes = msgpack.packb({words.get(key, key): value for key, value in message.items()} if words else message)
    size = len(payload)
    head = bytes((0x82, 0x80 | size)) if size < 126 else bytes((0x82, 0xFE)) + size.to_bytes(2, "big")
    return head + bytes(4) + payload


class Seat(asyncio.Protocol):
    """One connection, from the handshake to `state`; then every frame goes to `receive`.

    Attributes:
        joined: set when the whole state has come, to what a client that comes back says it has (SPEC S4).
        receive: called with each frame's payload; None lets frames pass unread.
        passed: bytes that came since the join.
    """

    def __init__(self, token: str, room: str) -> None:
        self._token, self.room = token, room
        self.joined: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.receive: Receive | None = None
        self.passed = 0
        self._buffer = b""
        self._upgraded = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: palabre.v1.msgpack\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.joined.done():
            self.joined.set_exception(exc or ConnectionError(f"closed before the join: {self._buffer[:200]!r}"))

    def data_received(self, data: bytes) -> None:
        if self.joined.done():
            self.passed += len(data)
            if self.receive is None:
                return
        self._buffer += data
        if not self._upgraded:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(head.decode())
            self._upgraded, self._buffer = True, rest
            self.send(t="hello", token=self._token)
            self.send(t="join", stream=self.room)
        for payload in self._frames():
            if self.joined.done():
                if self.receive is not None:
                    self.receive(payload)
            else:
                self._joining(msgpack.unpackb(payload))

    def _frames(self) -> list[bytes]:
        frames, at, buffer = [], 0, self._buffer
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, start = int.from_bytes(buffer[at + 2 : at + 10], "big"), at + 10
            if len(buffer) < start + size:
                break
            if buffer[at] == 0x89:  # a ping wants its pong
                self.transport.write(bytes((0x8A, 0x80)) + bytes(4))
            else:
                frames.append(buffer[start : start + size])
            at = start + size
        self._buffer = buffer[at:]
        return frames

    def _joining(self, message: dict[str, Any]) -> None:
        if message["t"] == "state" and not message.get("more"):
            self.joined.set_result({"epoch": message["epoch"], "seq": message["seq"]})
        elif message["t"] in ("refused", "bye"):
            self.joined.set_exception(ConnectionError(str(message)))

    def send(self, **message: Any) -> None:
        self.transport.write(frame(message))

    def do(self, id: str, cmd: str, /, **args: Any) -> None:
        self.send(t="do", id=id, stream=self.room, cmd=cmd, args=args)


async def take_seats(server: ServerProcess, room: str, tokens: list[str], at_once: int = 100) -> list[Seat]:
    """Join them all, so many at a time."""
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(at_once)

    async def one(token: str) -> Seat:
        async with gate:
            _, seat = await loop.create_connection(lambda: Seat(token, room), "127.0.0.1", server.port)
            await seat.joined
            return seat

    return list(await asyncio.gather(*map(one, tokens)))
