"""uvicorn's HTTP protocol with the bounds that it does not set: the size of a head and of a body, and the time for each.

Behind a proxy these rarely bite; on a laptop in a seminar there is no proxy.
"""

import asyncio
import json
import logging
from enum import Enum, auto
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from protocol.errors import TABLE, Code
from server.wire.limits import Limits

logger = logging.getLogger("palabre.wire")

_SLICE: Final = 4096
"""Bytes parsed at once, so that a head is never kept beyond its bound by more than this."""


class _Stage(Enum):
    """Of what comes in: between two requests, or in the head or body of one."""

    BETWEEN = auto()
    HEAD = auto()
    BODY = auto()


class BoundedHttp(HttpToolsProtocol):
    """One HTTP connection, until it ends or becomes a WebSocket."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits: Limits = app_state.get("limits", Limits())
        self._deadline: asyncio.TimerHandle | None = None
        self._stage = _Stage.BETWEEN
        self._refused = False
        self._upgraded = False
        self._head_bytes = 0
        self._body_bytes = 0

    # The transport.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_within(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), _SLICE):
            # Refused: what still comes is read and forgotten. Upgraded: the client must wait for our answer before it
            # speaks (RFC 6455, 4.1), so what came behind its request is dropped, as uvicorn does.
            if self._refused or self._upgraded or self.transport.is_closing():
                return
            chunk = data[start : start + _SLICE]
            super().data_received(chunk)
            if self._stage is _Stage.HEAD:
                self._head_bytes += len(chunk)
                if self._head_bytes > self._limits.head_bytes:
                    self._refuse(431, Code.TOO_LARGE, f"expected a head of at most {self._limits.head_bytes} bytes")

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_within(self._limits.stall)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._expect_next()

    # The parser.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._stage = _Stage.HEAD
        self._head_bytes = self._body_bytes = 0
        self._expect_next()

    def on_headers_complete(self) -> None:
        if self._refused:
            return
        self._stage = _Stage.BODY
        self._expect_next()
        for name, value in self.headers:
            if name == b"content-length" and int(value) > self._limits.body_bytes:
                self._refuse_body()
                return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._refused:
            return
        self._body_bytes += len(body)
        if self._body_bytes > self._limits.body_bytes:
            self._refuse_body()
            return
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._refused:
            return
        self._stage = _Stage.BETWEEN
        super().on_message_complete()
        self._expect_next()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._expect_next()

    def handle_websocket_upgrade(self) -> None:
        if self._unanswered() is not None:
            self._refuse(400, Code.INVALID, "expected the upgrade after the answer to the request before it")
            return
        self._expect_within(None)
        self._upgraded = True
        super().handle_websocket_upgrade()
        # The parser and this object hold each other: kilobytes for each socket until a collection, unless let go now.
        self.parser = None  # type: ignore[assignment]
        self.scope = self.headers = self.cycle = self.flow = None  # type: ignore[assignment]

    # Deadlines.

    def _expect_next(self) -> None:
        """A deadline for what must come next: the rest of an answer, of a body, of a head, or a new request."""
        if self._refused:
            return
        if self.transport.is_closing():
            self._expect_within(self._limits.stall)
        elif self._stage is _Stage.BODY:
            self._expect_within(self._limits.body)
        elif self._unanswered() is not None:
            self._expect_within(None)
        elif self._stage is _Stage.HEAD or self.cycle is None:
            self._expect_within(self._limits.head)
        else:
            self._expect_within(self.timeout_keep_alive + self._limits.head)

    def _expect_within(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._too_late)

    def _too_late(self) -> None:
        self._deadline = None
        if self._refused or self.transport.is_closing() or self.flow.write_paused:
            self.transport.abort()
        else:
            self._refuse(408, Code.INVALID, "expected the whole request sooner")

    # Refusing.

    def _unanswered(self) -> RequestResponseCycle | None:
        cycle: Any = self.cycle  # uvicorn declares it without its None
        return None if cycle is None or cycle.response_complete else cycle

    def _refuse_body(self) -> None:
        self._refuse(413, Code.TOO_LARGE, f"expected a body of at most {self._limits.body_bytes} bytes")

    def _refuse(self, status: int, code: Code, text: str) -> None:
        """Answer, if no answer has begun, and end; the application learns that the client has gone.

        Only our half of the socket is closed at once: closing it with unread bytes would send a reset, which discards at
        the other end the answer that it has not yet read.
        """
        self._refused = True
        logger.info("a request of %s refused with %d: %s", self.client[0] if self.client else "?", status, text)
        cycle = self._unanswered()
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        if cycle is None or not cycle.response_started:
            body = json.dumps({"code": code.value, "text": text, "retry": TABLE[code].retry}).encode()
            head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
            self.transport.write(STATUS_LINE[status] + head + body)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()
        self._expect_within(self._limits.close)
