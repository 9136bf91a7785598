"""Bytes of a client to messages: the `websockets` library's sans-I/O protocol, with the bounds that it leaves to its user.

A parser costs 4 KB and is needed only while there are bytes in it, so connections borrow one and give it back between two
messages. Whoever begins the closing handshake keeps his.
"""

import logging
from collections.abc import Generator
from typing import Any, NamedTuple

from websockets.exceptions import PayloadTooBig
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.streams import StreamReader

try:
    from websockets.speedups import apply_mask
except ImportError:  # where there is no compiled one
    from websockets.utils import apply_mask

from server.wire.limits import Limits

logger = logging.getLogger("palabre.wire.websockets")
logger.setLevel(logging.ERROR)  # the library tells of every opened and closed connection at INFO

_CONTROL_BYTES = 125
_WHOLE = {0x81: Opcode.TEXT, 0x82: Opcode.BINARY}
"""First bytes of frames that are a message by themselves, without extensions."""


class Message(NamedTuple):
    payload: bytes
    opcode: Opcode


class Reply(NamedTuple):
    """Frames that the peer is owed before what stands behind them is looked at: pongs (RFC 6455, 5.5.3)."""

    frames: bytes


class _Reader(StreamReader):
    """Knows whether the protocol stands between two frames: only there does it ask for the end of the stream."""

    between_frames = False

    def at_eof(self) -> Generator[None, None, bool]:
        self.between_frames = True
        ended = yield from super().at_eof()
        self.between_frames = False
        return ended


class Parser(ServerProtocol):
    """One open connection's incoming side. Nothing that a peer sends makes it raise; what it must not send ends in a close code."""

    def __init__(self, limits: Limits) -> None:
        # A ping may come between the fragments of a message of full size: the library counts it in, so leave room for it.
        super().__init__(state=OPEN, max_size=limits.message_bytes + _CONTROL_BYTES, logger=logger)
        self.reader: _Reader = _Reader()
        self.parser = self.parse()
        next(self.parser)
        self.limits = limits
        self.fragments: list[bytes] = []
        self.fragmented: Opcode = Opcode.CONT
        self.control_frames = 0
        self.oversized: int | None = None
        """Bytes of the message that was too large, once there was one."""

    @property
    def at_rest(self) -> bool:
        """Between two messages of an open connection: nothing in it belongs to anyone."""
        return self._state is OPEN and self.reader.between_frames and self.current_size is None and not self.writes

    def recv_frame(self, frame: Frame) -> None:
        """As the library does, but what it answers to a ping stands among the events, in order."""
        if frame.opcode is Opcode.CLOSE:
            # In the middle of a message too a close is a close, and is answered as one (RFC 6455, 5.5.1).
            self.current_size, self.fragments = None, []
        super().recv_frame(frame)
        if frame.opcode is Opcode.PING:
            self.events.append(Reply(b"".join(self.data_to_send())))  # type: ignore[arg-type]  # events are ours to read

    def whole(self, data: bytes, start: int, limit: int) -> tuple[int, list[Message]]:
        """The fast path: whole, unfragmented messages that stand in `data` from `start` on, and where they end.

        Nearly all that clients send is that. The library's generators take three times as long for it (4.1 µs against 1.3); what is
        anything else, and the first bytes of what has not wholly come, is left to them (`receive`).

        Args:
            limit: stop behind the message that passes it.
        """
        at, messages = start, list[Message]()
        if not self.at_rest:
            return at, messages
        most, size = self.limits.message_bytes, len(data)
        while at < limit and size - at >= 6:
            opcode, length = _WHOLE.get(data[at]), data[at + 1] & 0x7F
            mask = at + 2
            if length == 126:
                length, mask = int.from_bytes(data[mask : mask + 2], "big"), at + 4
            end = mask + 4 + length
            if opcode is None or not data[at + 1] & 0x80 or length == 127 or length > most or end > size:
                break
            payload = apply_mask(data[mask + 4 : end], data[mask : mask + 4])
            if opcode is Opcode.TEXT and not payload.isascii():
                break  # whether it is UTF-8 is looked at in one place
            messages.append(Message(payload, opcode))
            at = end
        return at, messages

    def receive(self, chunk: bytes) -> list[Message | Reply]:
        """Whole messages that end in this chunk, and replies. Then look at `data_to_send`, `oversized` and `eof_sent`."""
        was_open = self._state is OPEN
        self.receive_data(chunk)
        events: list[Any] = self.events_received()
        messages: list[Message | Reply] = []
        if not was_open:
            return messages
        for event in events:
            if isinstance(event, Reply):
                messages.append(event)
            elif not self._take(event, messages):
                break
        if isinstance(self.parser_exc, PayloadTooBig) and self.oversized is None:
            self.oversized = (self.parser_exc.size or 0) + (self.parser_exc.current_size or 0)
        return messages

    def _take(self, frame: Frame, messages: list[Message | Reply]) -> bool:
        """Add the frame to its message; false when it was one too many."""
        match frame.opcode:
            case Opcode.TEXT | Opcode.BINARY if frame.fin:
                return self._complete(Message(bytes(frame.data), frame.opcode), messages)
            case Opcode.TEXT | Opcode.BINARY:
                self.fragmented = frame.opcode
                self.fragments = [bytes(frame.data)]
            case Opcode.CONT:
                self.fragments.append(bytes(frame.data))
                if len(self.fragments) > self.limits.fragments:
                    return self._refuse(
                        CloseCode.POLICY_VIOLATION, f"expected at most {self.limits.fragments} fragments"
                    )
                if frame.fin:
                    whole, self.fragments = b"".join(self.fragments), []
                    return self._complete(Message(whole, self.fragmented), messages)
            case _:
                self.control_frames += 1
        return True

    def _complete(self, message: Message, messages: list[Message | Reply]) -> bool:
        if len(message.payload) > self.limits.message_bytes:
            self.oversized = len(message.payload)
            return self._refuse(CloseCode.MESSAGE_TOO_BIG, f"expected at most {self.limits.message_bytes} bytes")
        if message.opcode is Opcode.TEXT and not message.payload.isascii():
            try:
                message.payload.decode()
            except UnicodeDecodeError as error:
                return self._refuse(CloseCode.INVALID_DATA, f"expected UTF-8: {error.reason} at {error.start}")
        messages.append(message)
        return True

    def _refuse(self, code: CloseCode, reason: str) -> bool:
        self.end(code, reason)
        return False

    def end(self, code: int, reason: str) -> None:
        """Fail the connection (RFC 6455, 7.1.7), unless it is closing already."""
        if self._state is OPEN:
            self.fail(code, reason)


class Parsers:
    """The parsers that no connection needs at the moment: as many as were ever needed at once."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._resting: list[Parser] = []

    def __len__(self) -> int:
        """How many rest."""
        return len(self._resting)

    def borrow(self) -> Parser:
        return self._resting.pop() if self._resting else Parser(self._limits)

    def give_back(self, parser: Parser) -> None:
        parser.control_frames = 0
        self._resting.append(parser)
