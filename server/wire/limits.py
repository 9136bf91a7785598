"""What a wire allows a peer, in bytes, seconds and counts. Tests put smaller ones in the lifespan state (`limits`)."""

from typing import NamedTuple

from protocol.version import FRAME_BYTES


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
        head_bytes: largest head of an HTTP request, handshakes too.
        head: seconds in which an HTTP request's head must be complete.
        body_bytes: largest body of an HTTP request.
        body: seconds in which an HTTP request's body must be complete.
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
    head_bytes: int = 16 * 1024
    head: float = 10.0
    body_bytes: int = 64 * 1024
    body: float = 20.0
