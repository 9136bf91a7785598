"""The servers that ours is measured against, each in a process of its own: `python -m tests.bench.peers NAME PORT`.

All of them send on to everyone what one says, from memory: nothing is stored, ordered, checked or acknowledged.
"""

import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench import listeners
from tests.services.process import Process

ROOT = Path(__file__).parents[2]


def uwebsockets(port: int) -> None:
    """uWebSockets (C++) by socketify: publishing and sending happen in C++, one write per socket and turn of its loop."""
    from socketify import App, CompressOptions, OpCode

    app = App()
    app.ws(
        "/*",
        {
            "compression": CompressOptions.DISABLED,
            "max_backpressure": 64 * 1024 * 1024,
            "idle_timeout": 0,
            "open": lambda ws: ws.subscribe("room"),
            "message": lambda _, message, __: app.publish("room", message, OpCode.BINARY),
        },
    )
    app.listen({"port": port, "host": "127.0.0.1"}, lambda _: None)
    app.run()


def starlette(port: int) -> None:
    """Starlette's `send_bytes` to each client in turn, on uvicorn's own WebSocket class."""
    from starlette.applications import Starlette
    from starlette.routing import WebSocketRoute
    from starlette.websockets import WebSocket

    clients: set[WebSocket] = set()

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept(subprotocol=websocket.scope["subprotocols"][0])
        clients.add(websocket)
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                clients.discard(websocket)
                return
            for client in list(clients):
                await client.send_bytes(message["bytes"])

    _uvicorn(Starlette(routes=[WebSocketRoute("/ws", endpoint)]), port)


def socket_io(port: int) -> None:
    """python-socketio on uvicorn."""
    import socketio

    server = socketio.AsyncServer(async_mode="asgi", ping_interval=3600)

    @server.on("say")  # type: ignore[untyped-decorator]
    async def say(_: str, text: str) -> None:
        await server.emit("say", text)

    _uvicorn(socketio.ASGIApp(server), port)


def websockets(port: int) -> None:
    """`broadcast` of the library websockets."""
    import uvloop
    from websockets.asyncio.server import ServerConnection, broadcast, serve

    async def run() -> None:
        async def endpoint(connection: ServerConnection) -> None:
            async for message in connection:
                broadcast(server.connections, message)

        async with serve(
            endpoint,
            "127.0.0.1",
            port,
            compression=None,
            ping_interval=None,
            subprotocols=["palabre.v1.msgpack"],  # type: ignore[list-item]
        ) as server:
            await server.serve_forever()

    uvloop.run(run())


def _uvicorn(app: Any, port: int) -> None:
    import uvicorn

    logging.disable()
    uvicorn.run(
        app, host="127.0.0.1", port=port, http="httptools", loop="uvloop", ws="websockets-sansio",
        ws_per_message_deflate=False, ws_ping_interval=None, backlog=4096,
    )  # fmt: skip


PROGRAMS: Mapping[str, Callable[[int], None]] = {
    "uWebSockets": uwebsockets,
    "websockets broadcast": websockets,
    "Starlette": starlette,
    "Socket.IO": socket_io,
}


class Peer(Process):
    """One of them, as a process."""

    def __init__(self, program: str) -> None:
        self.name = program
        super().__init__()

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "tests.bench.peers", self.name, str(self.port)]

    def environment(self) -> Mapping[str, str]:
        return {**os.environ, "PYTHONPATH": str(ROOT)}

    @property
    def dialect(self) -> listeners.Dialect:
        return listeners.SOCKET_IO if self.name == "Socket.IO" else listeners.PLAIN

    @property
    def opening(self) -> bytes:
        return listeners.text_frame("40") if self.name == "Socket.IO" else b""


if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](int(sys.argv[2]))
