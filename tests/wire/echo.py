"""The wire with nobody behind it but an echo, for suites that are not ours: `python -m tests.wire.echo 9444`.

    wstest -m fuzzingclient -s spec.json    (autobahntestsuite 0.8.2, which is for CPython 2.7; url ws://127.0.0.1:9444/ws)

Bounds are wide, since such suites ask about frames and not about limits.
"""

import sys
from typing import Any

import uvicorn
from websockets.frames import Frame, Opcode

from server.live.peer import Peer
from server.wire.http import BoundedHttp
from server.wire.limits import Limits
from server.wire.websocket import WebSocket
from tests.wire.harness import Receiver, Receivers

LIMITS = Limits(message_bytes=2**24, fragments=100_000, control_frames=10**6, backlog_bytes=2**26)


class Echo(Receiver):
    """Sends back what came, as it came: text that is none ends the connection."""

    def received(self, payload: bytes, codec_matches: bool) -> None:
        form: Any = self.peer.encoding
        opcode = form.opcode if codec_matches else ({Opcode.TEXT, Opcode.BINARY} - {form.opcode}).pop()
        try:
            if opcode is Opcode.TEXT:
                payload.decode()
        except UnicodeDecodeError:
            self.peer.close(1007, "utf-8")
        else:
            self.peer.write(Frame(opcode, payload).serialize(mask=False))


class Echoes(Receivers):
    def connected(self, peer: Peer) -> Echo:
        return Echo(peer, self)


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        scope["state"].update(receivers=Echoes(), limits=LIMITS)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), http=BoundedHttp, ws=WebSocket, log_level="warning", lifespan="on")
