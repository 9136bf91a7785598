"""What the upper floors know of a connection: a port, with one adapter per wire (`wire/websocket`).

Below it nobody knows of sockets; above it nobody knows of rooms. Bytes are framed once per `Encoding` and shared by all its peers.
"""

from typing import Protocol

from protocol.version import Codec


class Encoding(Protocol):
    """How a message becomes the bytes of one wire: a codec and a framing. A few shared objects, told apart by identity."""

    @property
    def codec(self) -> Codec: ...

    def frame(self, payload: bytes) -> bytes:
        """The bytes that carry one encoded message; frames may be joined by concatenation."""
        ...


class Peer(Protocol):
    """One connection, as those who write to it see it. No method raises or calls back before it returns."""

    @property
    def encoding(self) -> Encoding: ...

    @property
    def address(self) -> str:
        """The client's address, through trusted proxies; for rate limits of bad codes and for logs only."""
        ...

    def write(self, frames: bytes) -> int:
        """Hand framed bytes to the kernel now, or buffer what does not fit. Nothing happens on a closed connection.

        Returns:
            How many bytes wait because the peer does not read; 0 when all is with the kernel. After anything but 0
            `Receiver.drained` is called once nothing waits any more.
        """
        ...

    def close(self, code: int, reason: str) -> None:
        """Send what is buffered, close with the WebSocket code, and abort when that takes more than a few seconds."""
        ...


class Receiver(Protocol):
    """What a wire calls: a session. One per connection, made when the connection is accepted."""

    def received(self, payload: bytes, codec_matches: bool) -> None:
        """One whole message; `codec_matches` is false for a text frame where binary was negotiated, and the reverse."""

    def oversized(self, size: int) -> None:
        """A message larger than FRAME_BYTES began; its bytes are not kept. The wire closes with 1009 afterwards."""

    def drained(self) -> None:
        """The backlog is empty again after it was not."""

    def drain(self, after: float) -> None:
        """The server stops: say `bye` and close within `after` seconds (a spread chosen by the wire)."""

    def closed(self) -> None:
        """The connection is gone. Called exactly once, before the wire returns to the event loop."""


class Receivers(Protocol):
    """Makes a session for an accepted connection. Found as `receivers` in the ASGI lifespan state."""

    def connected(self, peer: Peer) -> Receiver: ...

    def admits(self, address: str) -> bool:
        """Whether one more connection fits; when not the wire answers 503 before the handshake."""
        ...

    def origin_allowed(self, origin: str | None, host: str, by_tls: bool) -> bool:
        """Whether a page of this Origin may connect (no Origin: not a browser, allowed); when not the wire answers 403.

        Args:
            by_tls: whether the request is known to have come by TLS.
        """
        ...
