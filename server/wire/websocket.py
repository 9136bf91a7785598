"""The WebSocket wire: a uvicorn `ws` class that speaks to sessions without a task, a queue or a timer per connection.

uvicorn's HTTP protocol builds it, calls `connection_made`, gives it the upgrade request as bytes and then sets it as the
transport's protocol (tests/wire/test_uvicorn_assumptions.py). Being in `server_state.connections` brings `shutdown()`.
"""

import asyncio
import logging
import random
from collections.abc import Sequence
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.utils import get_remote_addr, is_ssl
from uvicorn.server import ServerState
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN

from server.live.peer import Receiver
from server.wire.encoding import WebSocketEncoding
from server.wire.handshake import handshake
from server.wire.parser import Message, Parser, Reply
from server.wire.shared import Shared

logger = logging.getLogger("palabre.wire")

_PING: Final = Frame(Opcode.PING, b"").serialize(mask=False)
_SLICE: Final = 2048
"""Bytes parsed at once: between two slices a flood of tiny frames is noticed (the loops read 256 KiB at a time)."""
_MESSAGES_PER_TURN: Final = 64
"""Then others have their turn of the loop, and this peer's further bytes wait."""
_REASON_BYTES: Final = 123


class WebSocket(asyncio.Protocol):
    """One connection: a `Peer` for whoever writes to it, a `Watched` for the sweeper, an asyncio protocol for uvicorn."""

    __slots__ = (
        "_connections", "_control_frames", "_handed", "_ignored", "_open", "_parser", "_receiver", "_shared", "_silent",
        "_transport", "address", "encoding", "turn",
    )  # fmt: skip

    encoding: WebSocketEncoding
    address: str
    turn: int
    _transport: asyncio.Transport

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        self._shared = Shared.of(config, server_state, app_state)
        self._connections: set[Any] = server_state.connections  # uvicorn names its own classes only
        self._receiver: Receiver | None = None
        self._parser: Parser | None = None
        self._open = False
        """Whether a frame may still be written: after the handshake, before a close frame and before the socket dies."""
        self._silent = False
        self._control_frames = 0
        self.turn = 0
        self._ignored = 0
        self._handed = 0
        """Bytes written while some waited; less what waits, it grows when bytes drain."""

    # What uvicorn and the event loop call.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._receiver is not None:
            self._silent = False
            self._receive(data)
        elif not self._transport.is_closing() and self not in self._connections:
            self._answer(data)

    def eof_received(self) -> None:
        self._leave()
        self._shared.sweeper.end_within(self, self._shared.limits.close)

    def pause_writing(self) -> None:
        self._shared.sweeper.backlog_began(self)

    def resume_writing(self) -> None:
        self._shared.sweeper.backlog_ended(self)
        self._silent = False
        if self._open and self._receiver is not None:
            self._receiver.drained()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._leave()
        self._parser = None
        self._shared.sweeper.forget(self)
        self._connections.discard(self)

    def shutdown(self) -> None:
        """uvicorn stops: it calls this once for each connection and waits until all have gone."""
        limits = self._shared.limits
        after = random.uniform(0, limits.drain)
        if self._receiver is not None:
            self._receiver.drain(after)
        asyncio.get_running_loop().call_later(after + limits.tick, self.close, CloseCode.SERVICE_RESTART, "restart")
        self._shared.sweeper.end_within(self, after + limits.tick + limits.close)

    # What sessions and rooms call: the `Peer`.

    def write(self, frames: bytes) -> int:
        if not self._open:
            return 0
        # Both event loops hand bytes to the kernel at once where none wait, and report a dead socket later, by
        # `connection_lost`. Writing to the descriptor ourselves, around uvloop, was measured to be no faster.
        self._transport.write(frames)
        waiting = self._transport.get_write_buffer_size()
        if waiting:
            self._handed += len(frames)
            if waiting > self._shared.limits.backlog_bytes:
                self._open = False
                asyncio.get_running_loop().call_soon(self.drop, "slow")  # later: who writes to many is not called back
        return waiting

    def close(self, code: int, reason: str) -> None:
        if not self._open:
            return
        if self._parser is None:
            self._parser = self._shared.parsers.borrow()
        if self._parser.state is OPEN:
            self._parser.send_close(code, reason.encode()[:_REASON_BYTES].decode(errors="ignore"))
        self._send_pending(self._parser)
        self._open = False
        self._shared.sweeper.end_within(self, self._shared.limits.close)

    # What the sweeper calls.

    def ping(self) -> None:
        if not self._open:
            return
        if self._silent:
            self.drop("nothing heard since the last ping")
            return
        self._silent = True
        self._control_frames = 0
        self.write(_PING)

    def moved(self) -> int:
        return self._handed - self._transport.get_write_buffer_size()

    def heard(self) -> None:
        self._silent = False

    def drop(self, why: str) -> None:
        if self not in self._connections:
            return
        queued = self._transport.get_write_buffer_size()
        self._shared.complaints.of(self.address, "dropped %s with %d bytes queued: %s", self.address, queued, why)
        self._open = False
        self._transport.abort()

    # How it works inside.

    def _answer(self, head: bytes) -> None:
        """The handshake, then a session."""
        client = get_remote_addr(self._transport)
        receivers = self._shared.receivers
        answer, encoding, self.address, refusal = handshake(
            head,
            client[0] if client else "",
            self._shared.forwarded,
            lambda address, said: is_ssl(self._transport) or self._shared.by_tls(address, said),
            receivers.origin_allowed,
            receivers.admits,
        )
        if encoding is None:
            self._shared.complaints.of(self.address, "handshake of %s refused with %s", self.address, refusal)
            self._transport.write(answer)
            self._transport.close()
            return
        self.encoding = encoding
        # Pause as soon as a byte waits, resume when none does. The TLS transports pause at `high`, others above it.
        self._transport.set_write_buffer_limits(high=1 if is_ssl(self._transport) else 0, low=0)
        self._transport.write(answer)
        self._open = True
        self._receiver = receivers.connected(self)
        self._connections.add(self)
        self._shared.sweeper.watch(self)

    def _receive(self, data: bytes) -> None:
        messages: Sequence[Message | Reply]
        delivered = at = 0
        while at < len(data):
            if delivered > _MESSAGES_PER_TURN:
                self._transport.pause_reading()
                asyncio.get_running_loop().call_soon(self._receive_rest, data[at:])
                return
            # Again for each slice: a receiver may close the connection, and that speaks through the parser.
            parser = self._parser = self._parser or self._shared.parsers.borrow()
            start = at
            at, messages = parser.whole(data, start, start + _SLICE)
            if at == start:
                at += _SLICE
                messages = parser.receive(data[start:at])
            delivered += len(messages)
            self._deliver(parser, messages)
            self._control_frames += parser.control_frames
            parser.control_frames = 0
            if self._control_frames > self._shared.limits.control_frames:
                parser.end(CloseCode.POLICY_VIOLATION, "too many control frames")
            self._send_pending(parser)
            if parser.eof_sent:
                self._hang_up()
                return
            if parser.at_rest:
                self._parser = None
                self._shared.parsers.give_back(parser)
        if not self._open:
            self._ignored += len(data)
            if self._ignored > 2 * self._shared.limits.message_bytes:
                self.drop("talks on after our close frame")

    def _receive_rest(self, data: bytes) -> None:
        if self._receiver is not None and not self._transport.is_closing():
            self._transport.resume_reading()
            self._receive(data)

    def _deliver(self, parser: Parser, messages: Sequence[Message | Reply]) -> None:
        receiver = self._receiver
        assert receiver is not None
        for message in messages:
            if not self._open:
                return
            if isinstance(message, Reply):
                self.write(message.frames)
                continue
            try:
                receiver.received(message.payload, message.opcode is self.encoding.opcode)
            except Exception:
                # A fault of ours costs this connection only.
                logger.exception("a message from %s raised", self.address)
                self.close(CloseCode.INTERNAL_ERROR, "internal")
        if parser.oversized is not None and self._open:
            receiver.oversized(parser.oversized)

    def _send_pending(self, parser: Parser) -> None:
        """What the parser wants said: pongs, a close frame. The empty string at its end stands for end of stream."""
        frames = b"".join(parser.data_to_send())
        if frames:
            self.write(frames)

    def _hang_up(self) -> None:
        """Both close frames have passed, or the peer broke the protocol: nothing more is said or listened to.

        Only our half of the socket is closed: closing it with unread bytes would send a reset, which discards at the
        other end the close frame that it has not yet read.
        """
        self._leave()
        self._shared.sweeper.end_within(self, self._shared.limits.close)
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()

    def _leave(self) -> None:
        self._open = False
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.closed()
