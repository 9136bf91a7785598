"""What a wire allows a peer, in bytes, seconds and counts. The application, or a test, puts its own in the lifespan state (`limits`)."""

from collections.abc import Mapping
from typing import NamedTuple

from protocol.version import FRAME_BYTES


class LargeBody(NamedTuple):
    """A route that takes more than others.

    Attributes:
        bytes: largest body.
        rate: bytes a second at which it must come, on the whole, once it has had the time of any other body.
        at_once: most of them that come in at the same time, beyond the size of any other body.
        of_one: most of them from one address.
    """

    bytes: int
    rate: int = 16 * 1024
    at_once: int = 3
    of_one: int = 1


class Limits(NamedTuple):
    """Bounds of one server.

    Attributes:
        message_bytes: largest message from a client (L1); its fragments together.
        fragments: most frames that one message may come in.
        control_frames: most pings and pongs from one client between two pings of ours.
        backlog_bytes: most bytes that wait for one peer before it is dropped.
        tick: seconds between two looks at who stalls and whose time is over.
        ping: seconds between two pings; a peer silent for two of these is dropped. Proxies cut at 60 s, so well below 30.
        stall: seconds without one byte drained from a backlog, after which the peer is dropped.
        close: seconds that a closing handshake, or the flush before it, may take before the socket is aborted.
        drain: seconds over which a stopping server spreads its farewells, so that not all reconnect at once.
        sockets: most connections, of HTTP and WebSockets together.
        head_bytes: largest head of an HTTP request, handshakes too; and as much around its body (sizes of chunks, trailers).
        headers: most headers of an HTTP request.
        head: seconds in which an HTTP request's head must be complete.
        body_bytes: largest body of an HTTP request.
        body: seconds in which an HTTP request's body must be complete.
        large_bodies: by method and path, routes that take a larger one; `*` stands for one part of a path.
        requests: most HTTP requests of one connection that wait for their answers.
        silence: seconds in which one address is complained of once in the log.
    """

    message_bytes: int = FRAME_BYTES
    fragments: int = 128
    control_frames: int = 256
    backlog_bytes: int = 1024 * 1024
    tick: float = 1.0
    ping: float = 20.0
    stall: float = 30.0
    close: float = 5.0
    drain: float = 5.0
    sockets: int = 20_000
    head_bytes: int = 16 * 1024
    headers: int = 128
    head: float = 10.0
    body_bytes: int = 64 * 1024
    body: float = 20.0
    large_bodies: Mapping[tuple[str, str], LargeBody] = {}
    requests: int = 64
    silence: float = 60.0

    def large_body(self, method: str, path: str) -> LargeBody | None:
        """What a route takes beyond others."""
        exact = self.large_bodies.get((method, path))
        if exact is not None:
            return exact
        parts = path.split("/")
        for (asked, template), large in self.large_bodies.items():
            each = template.split("/")
            if (
                asked == method
                and len(each) == len(parts)
                and all(a in ("*", b) for a, b in zip(each, parts, strict=True))
            ):
                return large
        return None

    @property
    def farewell(self) -> float:
        """Seconds after which a stopping server has no WebSocket any more, whether or not its peer reads."""
        return self.drain + self.tick + self.close + self.tick
