"""For how long one peer can hold up all others: a probe beside, and what is done to the server meanwhile.

Scenarios are data: a new one is a line of words and a function that does it to a server with one room.
"""

import contextlib
import json
import random
import secrets
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from server.web.codes import code_of
from tests.bench import ours
from tests.bench.crowd import post
from tests.bench.probe import beside
from tests.bench.table import Row, Scale, quantile
from tests.services import ServerProcess

GOAL: Final = "≤ 50 ms at worst"

_CHUNKED: Final = b"POST /api/join HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n"


class Target(NamedTuple):
    """A server with one room: its id, its code, its host's token, and the host."""

    server: ServerProcess
    room: str
    code: str
    token: str
    me: str


class Scenario(NamedTuple):
    words: str
    act: Callable[[Target, Scale], None]


def rows(scale: Scale) -> Iterator[Row]:
    for scenario in SCENARIOS.values():
        with ours.started() as server:
            made = post(server, "/api/rooms", {"title": "Plénière", "name": "Claire"})
            target = Target(server, made["room"], made["code"], made["token"], made["me"]["id"])
            with beside(server, target.room, target.token) as probe:
                until = time.monotonic() + scale.of(10, 3)
                scenario.act(target, scale)
                while time.monotonic() < until:
                    scenario.act(target, scale)
        times = probe.times
        yield Row(
            f"an echo beside, every 20 ms, while {scenario.words}: p50 / p99 / worst",
            GOAL,
            f"{quantile(times, 0.5):.1f} / {quantile(times, 0.99):.0f} / {1000 * max(times):.0f} ms",
        )


def _nothing(_: Target, scale: Scale) -> None:
    time.sleep(scale.of(10, 3))


def _send(target: Target, *pieces: bytes) -> None:
    """All of it, or as much as is taken."""
    with socket.create_connection(("127.0.0.1", target.server.port)) as peer, contextlib.suppress(OSError):
        peer.settimeout(5)
        for piece in pieces:
            peer.sendall(piece)
        peer.recv(4096)


def _trailers(target: Target, scale: Scale) -> None:
    _send(target, _CHUNKED, *[b"a:b\r\n" * scale.of(20_000, 5_000)] * 40)


def _pipelined(target: Target, scale: Scale) -> None:
    _send(target, b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n" * scale.of(10_000, 5_000))


def _get(target: Target, path: str, host: str) -> None:
    request = urllib.request.Request(f"{target.server.url}{path}", headers={"Host": host})
    with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()


def _qr(target: Target, scale: Scale) -> None:
    """Sixteen at once: of codes by chance under a host as long as may be, and of the room under a host of their own each."""

    def ask(n: int) -> None:
        _get(target, f"/qr/{code_of(secrets.token_bytes(16))}.svg", f"{n:04}" + "a" * 237)
        _get(target, f"/qr/{target.code}.svg", f"{n:04}" + random.choice("abcdef") * 100)

    with ThreadPoolExecutor(16) as crowd:
        list(crowd.map(ask, range(scale.of(1000, 200))))


def _file(target: Target, ideas: int) -> bytes:
    bearer = {"Authorization": f"Bearer {target.token}"}
    request = urllib.request.Request(f"{target.server.url}/api/rooms/{target.room}/export.json", headers=bearer)
    with urllib.request.urlopen(request, timeout=10) as answer:
        exported = json.load(answer)
    exported["records"] += [
        {"id": f"idea:{n:012}", "text": f"{n} {'é' * 250}", "rank": "a0", "author": target.me, "at": n}
        for n in range(1, ideas + 1)
    ]
    return json.dumps(exported, ensure_ascii=False).encode()


def _slow_uploads(target: Target, scale: Scale) -> None:
    """A file of a large room, a little at a time, from as many as may; then at once."""
    file = _file(target, scale.of(9_000, 2_000))
    head = b"POST /api/import HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 192.0.2.%d\r\ncontent-length: %d\r\n\r\n"
    with contextlib.ExitStack() as crowd:
        peers = [crowd.enter_context(socket.create_connection(("127.0.0.1", target.server.port))) for _ in range(3)]
        for n, peer in enumerate(peers):
            peer.sendall(head % (n + 1, len(file)))
        for start in range(0, len(file), 65_536):
            for peer in peers:
                peer.sendall(file[start : start + 65_536])
            time.sleep(0.01)
        for peer in peers:
            peer.settimeout(60)
            assert peer.recv(12) == b"HTTP/1.1 201"


def _connections(target: Target, scale: Scale) -> None:
    """A byte from each, and no more."""
    with contextlib.ExitStack() as crowd:
        for _ in range(scale.of(8_000, 2_000)):
            peer = crowd.enter_context(socket.create_connection(("127.0.0.1", target.server.port)))
            with contextlib.suppress(OSError):
                peer.send(b"G")


SCENARIOS: Final[Mapping[str, Scenario]] = {
    "nothing": Scenario("nothing is done", _nothing),
    "trailers": Scenario("one connection sends trailers without end", _trailers),
    "pipelined": Scenario("one connection asks thousands of times before it reads", _pipelined),
    "qr": Scenario("sixteen connections ask for QR codes", _qr),
    "uploads": Scenario("three files of a large room come in slowly", _slow_uploads),
    "connections": Scenario("thousands connect and send a byte", _connections),
}
