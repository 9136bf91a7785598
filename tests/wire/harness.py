"""A real uvicorn on loopback in the test's own loop, receivers that remember, and a client that says exactly what it is told."""

import asyncio
import base64
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import uvicorn
from websockets.frames import Close, Frame, Opcode
from websockets.streams import StreamReader as Bytes

from protocol.version import MSGPACK
from server.live.peer import Peer
from server.wire.http import BoundedHttp
from server.wire.limits import Limits
from server.wire.shared import Shared
from server.wire.websocket import WebSocket
from tests.services.process import HUNG

QUICK = Limits(tick=0.02, ping=0.2, stall=0.2, close=0.2, drain=0.05, head=0.2, body=0.2)
"""The wire's times, a hundredth of the real ones."""


class Receiver:
    """Remembers what the wire told it, in order."""

    def __init__(self, peer: Peer, receivers: "Receivers") -> None:
        self.peer = peer
        self.receivers = receivers
        self.told: list[tuple[Any, ...]] = []
        self.writing = False

    def _tell(self, *what: Any) -> None:
        assert not self.writing, f"{what} called back from within a write"
        self.told.append(what)
        self.receivers.changed.set()

    def received(self, payload: bytes, codec_matches: bool) -> None:
        self._tell("received", payload, codec_matches)
        self.receivers.on_received(self, payload)

    def oversized(self, size: int) -> None:
        self._tell("oversized", size)

    def drained(self) -> None:
        self._tell("drained")

    def drain(self, after: float) -> None:
        self._tell("drain", after)
        self.receivers.on_drain(self, after)

    def closed(self) -> None:
        self._tell("closed")

    def write(self, frames: bytes) -> None:
        self.writing = True
        self.peer.write(frames)
        self.writing = False


class Receivers:
    """Makes receivers; what they do and whom they admit is the test's choice."""

    def __init__(self) -> None:
        self.all: list[Receiver] = []
        self.changed = asyncio.Event()
        self.full = False
        self.origins: list[tuple[str | None, str]] = []
        self.on_received: Callable[[Receiver, bytes], None] = lambda receiver, payload: None
        self.on_drain: Callable[[Receiver, float], None] = lambda receiver, after: receiver.peer.close(1012, "restart")

    def connected(self, peer: Peer) -> Receiver:
        receiver = Receiver(peer, self)
        self.all.append(receiver)
        self.changed.set()
        return receiver

    def admits(self, address: str) -> bool:
        return not self.full

    def origin_allowed(self, origin: str | None, host: str, by_tls: bool) -> bool:
        self.origins.append((origin, host))
        return origin is None or origin == f"http://{host}"

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns once the condition holds; it is looked at whenever a receiver was told something."""
        async with asyncio.timeout(HUNG):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def told(self, *what: Any, receiver: int = -1) -> None:
        """Returns once the receiver was told this."""
        await self.until(lambda: len(self.all) > 0 and what in self.all[receiver].told)


async def nothing_here(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI app that reads the body and answers its length."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    body = b"%d bytes" % size
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


class Listening(Protocol):
    """A server with a port on loopback."""

    port: int


class Server:
    """What a test sees of a running server."""

    def __init__(self, uvicorn_server: uvicorn.Server, port: int, receivers: Receivers) -> None:
        self.uvicorn = uvicorn_server
        self.port = port
        self.receivers = receivers
        self.drained: asyncio.Task[None] | None = None

    @property
    def connections(self) -> set[Any]:
        return self.uvicorn.server_state.connections

    @property
    def shared(self) -> Shared:
        """What its WebSocket connections share."""
        return Shared.of(self.uvicorn.config, self.uvicorn.server_state, self.uvicorn.lifespan.state)

    def stop(self) -> asyncio.Task[None]:
        """Begin a graceful shutdown, as SIGTERM does."""
        if self.drained is None:
            self.drained = asyncio.create_task(self.uvicorn.shutdown())
        return self.drained

    async def abandon(self) -> None:
        """End without a shutdown, which takes uvicorn a tenth of a second."""
        for listener in self.uvicorn.servers:
            listener.close()
        for connection in list(self.connections):
            (connection.transport if isinstance(connection, BoundedHttp) else connection._transport).abort()
        await self.gone()
        await self.uvicorn.lifespan.shutdown()

    async def gone(self) -> None:
        """Returns once every connection has gone."""
        async with asyncio.timeout(HUNG):
            while self.connections:  # noqa: ASYNC110  # uvicorn's set tells nobody when it changes
                await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def serve(
    limits: Limits = QUICK, app: Callable[[Any, Any, Any], Awaitable[None]] = nothing_here, **options: Any
) -> AsyncIterator[Server]:
    """A uvicorn server with our two protocol classes, without its main loop, which only waits for signals."""
    receivers = Receivers()

    async def with_lifespan(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        await receive()
        scope["state"].update(receivers=receivers, limits=limits)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    settings: dict[str, Any] = {"http": BoundedHttp, "ws": WebSocket, "log_config": None, "lifespan": "on"} | options
    config = uvicorn.Config(with_lifespan, timeout_graceful_shutdown=5, **settings)
    config.load()
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup([listener])
    running = Server(server, listener.getsockname()[1], receivers)
    try:
        yield running
    finally:
        await (running.drained or running.abandon())


class Client:
    """A client of the wire that checks nothing and hides nothing."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, opcode: Opcode, payload: bytes = b"", *, fin: bool = True) -> None:
        self.writer.write(Frame(opcode, payload, fin).serialize(mask=True))

    async def frame(self) -> Frame:
        """The next frame; IncompleteReadError where the stream ends."""
        source = Bytes()
        parsing = Frame.parse(source.read_exact, mask=False)
        try:
            next(parsing)
            while True:
                async with asyncio.timeout(HUNG):
                    source.feed_data(await self.reader.readexactly(1))
                next(parsing)
        except StopIteration as stop:
            frame: Frame = stop.value
            return frame

    async def close_frame(self) -> Close:
        """The close frame, over whatever comes before it."""
        while True:
            frame = await self.frame()
            if frame.opcode is Opcode.CLOSE:
                return Close.parse(frame.data)

    async def ended(self) -> bytes:
        """Reads to the end of the stream, or to a reset, and returns what came."""
        came = b""
        try:
            async with asyncio.timeout(HUNG):
                while more := await self.reader.read(65536):
                    came += more
        except ConnectionError:
            pass
        return came

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


def upgrade_request(port: int, path: str = "/ws", protocols: str | None = MSGPACK, **headers: str) -> bytes:
    """The head of a handshake; keyword `x_y` is the header `x-y`."""
    all_headers = {
        "host": f"127.0.0.1:{port}",
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec-websocket-key": base64.b64encode(os.urandom(16)).decode(),
        "sec-websocket-version": "13",
    }
    if protocols is not None:
        all_headers["sec-websocket-protocol"] = protocols
    all_headers |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in all_headers.items()), "", ""]
    return "\r\n".join(lines).encode()


@contextlib.asynccontextmanager
async def raw(server: Listening, **options: Any) -> AsyncIterator[Client]:
    """A TCP connection."""
    client = Client(*await asyncio.open_connection("127.0.0.1", server.port, **options))
    try:
        yield client
    finally:
        await client.close()


@contextlib.asynccontextmanager
async def connected(server: Listening, protocols: str = MSGPACK, **headers: str) -> AsyncIterator[Client]:
    """A WebSocket connection, shaken hands."""
    async with raw(server) as client:
        client.writer.write(upgrade_request(server.port, protocols=protocols, **headers))
        head = await client.reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head
        yield client
