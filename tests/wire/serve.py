"""uvicorn with the wire's classes and sessions that say farewell, as a program: `python -m tests.wire.serve PORT`."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from server.wire.encoding import BINARY
from tests.wire.harness import QUICK, Receiver, Receivers


def bye(receiver: Receiver, _after: float) -> None:
    receiver.peer.write(BINARY.frame(b"bye"))
    receiver.peer.close(1012, "restart")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, object]]:
    receivers = Receivers()
    receivers.on_drain = bye
    yield {"receivers": receivers, "limits": QUICK._replace(ping=60, close=5)}


if __name__ == "__main__":
    uvicorn.run(
        Starlette(lifespan=lifespan),
        port=int(sys.argv[1]),
        http="server.wire.http:BoundedHttp",
        ws="server.wire.websocket:WebSocket",
        timeout_graceful_shutdown=30,
    )
