"""How fast one message reaches every socket, and what a socket that waits costs: `python -m tests.bench.fanout`.

The wire alone (no room, no journal) beside Starlette's `send_bytes` per client on uvicorn's own WebSocket class, in the
same run, on the same loop (uvloop). Server and client have a core each, where there are two. The client is made of raw
sockets and counts a marker in the bytes that it reads, so that it is not the limit. Absolute figures depend on the
machine and on its other work: compare the columns.
"""

import argparse
import asyncio
import logging
import multiprocessing
import os
import resource
import select
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psutil
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket as StarletteWebSocket
from websockets.frames import Frame, Opcode

from server.peer import Peer
from server.wire.http import BoundedHttp
from server.wire.websocket import WebSocket
from tests.wire.harness import upgrade_request

MARKER = b"\x01palabre\x02"
MESSAGE = MARKER + b"." * (100 - len(MARKER))


class Hall:
    """The least that a room can be: what was said in one turn of the loop is one write to every socket."""

    def __init__(self) -> None:
        self.peers: set[Peer] = set()
        self.frames: list[bytes] = []

    def say(self, frame: bytes) -> None:
        if not self.frames:
            asyncio.get_running_loop().call_soon(self.flush)
        self.frames.append(frame)

    def flush(self) -> None:
        frames = b"".join(self.frames)
        self.frames.clear()
        for peer in self.peers:
            peer.write(frames)


class Member:
    """The least that a session can be."""

    __slots__ = ("hall", "peer")

    def __init__(self, peer: Peer, hall: Hall) -> None:
        self.peer = peer
        self.hall = hall
        hall.peers.add(peer)

    def received(self, payload: bytes, codec_matches: bool) -> None:
        self.hall.say(self.peer.form.frame(payload))

    def oversized(self, size: int) -> None: ...

    def drained(self) -> None: ...

    def drain(self, after: float) -> None:
        self.peer.close(1012, "restart")

    def closed(self) -> None:
        self.hall.peers.discard(self.peer)


class Receivers:
    def __init__(self) -> None:
        self.hall = Hall()

    def connected(self, peer: Peer) -> Member:
        return Member(peer, self.hall)

    def admits(self, address: str) -> bool:
        return True

    def origin_allowed(self, origin: str | None, host: str) -> bool:
        return True


def wire() -> uvicorn.Config:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {"receivers": Receivers()}

    return uvicorn.Config(Starlette(lifespan=lifespan), http=BoundedHttp, ws=WebSocket)


def starlette() -> uvicorn.Config:
    clients: set[StarletteWebSocket] = set()

    async def endpoint(websocket: StarletteWebSocket) -> None:
        await websocket.accept(subprotocol=websocket.scope["subprotocols"][0])
        clients.add(websocket)
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                clients.discard(websocket)
                return
            for client in list(clients):
                await client.send_bytes(message["bytes"])

    app = Starlette(routes=[WebSocketRoute("/ws", endpoint)])
    return uvicorn.Config(app, http="httptools", ws="websockets-sansio", ws_per_message_deflate=False)


SERVERS = {"wire": wire, "starlette": starlette}


def run_server(name: str, listener: socket.socket, core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})
    config = SERVERS[name]()
    logging.disable()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve([listener]))


@contextmanager
def server(name: str, core: int | None) -> Iterator[tuple[psutil.Process, int]]:
    """A server in a process of its own, and its port."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        process = multiprocessing.get_context("fork").Process(target=run_server, args=(name, listener, core))
        process.start()
        port = listener.getsockname()[1]
    try:
        yield psutil.Process(process.pid), port
    finally:
        process.terminate()
        process.join()


def connect(port: int, count: int) -> list[socket.socket]:
    sockets = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(upgrade_request(port))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(4096)
        assert head.startswith(b"HTTP/1.1 101"), head
        client.setblocking(False)
        sockets.append(client)
    return sockets


class Crowd:
    """Raw sockets that count what they hear; the first one speaks."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self.sockets = {client.fileno(): client for client in sockets}
        self.speaker = sockets[0]
        self.frame = Frame(Opcode.BINARY, MESSAGE).serialize(mask=True)
        self.poll = select.epoll()
        for client in sockets:
            self.poll.register(client, select.EPOLLIN)

    def run(self, seconds: float, in_flight: int) -> int:
        """Keep so many messages in flight, and return how many deliveries were counted."""
        delivered, sent = 0, in_flight
        self.speaker.send(self.frame * in_flight)
        end = time.perf_counter() + seconds
        while True:
            for descriptor, _ in self.poll.poll():
                delivered += self.sockets[descriptor].recv(262144).count(MARKER)
            whole = delivered // len(self.sockets)
            if time.perf_counter() >= end:
                if delivered == sent * len(self.sockets):
                    return delivered
            elif whole > sent - in_flight:
                self.speaker.send(self.frame * (whole + in_flight - sent))
                sent = whole + in_flight


def idle_bytes(process: psutil.Process, port: int, count: int) -> float:
    """RSS of the server for each of so many idle connections, the growth of its heap included."""
    connect(port, 1)[0].close()
    before = process.memory_info().rss
    sockets = connect(port, count)
    after = process.memory_info().rss
    for client in sockets:
        client.close()
    return (after - before) / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receivers", type=int, default=500)
    parser.add_argument("--idle", type=int, default=2000, help="connections for the figure of memory")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[1, 4, 32])
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    arguments = parser.parse_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    cores = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    core = None
    if len(cores) > 1:
        core = cores[0]
        os.sched_setaffinity(0, {cores[1]})
    print(f"{arguments.receivers} receivers, {len(MESSAGE)}-byte messages")
    for name in arguments.servers:
        with server(name, core) as (process, port):
            each = idle_bytes(process, port, arguments.idle)
        print(f"{name:10} {arguments.idle} idle connections, {each / 1024:5.1f} KB of RSS each")
    for in_flight in arguments.in_flight:
        for name in arguments.servers:
            with server(name, core) as (process, port):
                crowd = Crowd(connect(port, arguments.receivers))
                crowd.run(0.3, in_flight)
                cpu = sum(process.cpu_times()[:2])
                began = time.perf_counter()
                delivered = crowd.run(arguments.seconds, in_flight)
                took = time.perf_counter() - began
                cpu = sum(process.cpu_times()[:2]) - cpu
            each = cpu / delivered * 1e6
            print(f"{name:10} {in_flight:3} in flight {delivered / took / 1e3:8.0f} k/s {each:6.2f} µs of CPU each")


if __name__ == "__main__":
    main()
