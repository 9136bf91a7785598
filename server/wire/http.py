"""uvicorn's HTTP protocol with the bounds that it does not set: on all bytes from a message's beginning to its end, and on time.

Behind a proxy these rarely bite; on a laptop in a seminar there is no proxy.
"""

import asyncio
import json
from enum import Enum, auto
from typing import Any, Final

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from protocol.errors import TABLE, Code
from server.wire.limits import LargeBody, Limits
from server.wire.shared import Shared

_SLICE: Final = 4096
"""Bytes parsed at once, so that nothing is kept beyond its bound by more than this."""


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
        self._shared = Shared.of(config, server_state, app_state)
        self._limits: Limits = self._shared.limits
        self._deadline: asyncio.TimerHandle | None = None
        self._stage = _Stage.BETWEEN
        self._running: RequestResponseCycle | None = None
        """The oldest request that was begun to be answered; those in `pipeline` wait for it."""
        self._refused = False
        self._upgraded = False
        self._headers = 0
        self._head_bytes = 0
        self._body_bytes = 0
        self._body_began = 0.0
        self._around_body = 0
        """Bytes of a body's message that are not its own: sizes and extensions of chunks, trailers."""
        self._large: LargeBody | None = None
        self._upload: tuple[LargeBody, str] | None = None
        """The place that the body took among those that are large."""

    # The transport.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._shared.crowd.admits():
            self._expect_next()
        else:
            self._refuse(503, Code.FULL, TABLE[Code.FULL].text)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_within(None)
        self._shared.crowd.works(self)
        self._end_upload()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        for start in range(0, len(data), _SLICE):
            # Refused: what still comes is read and forgotten. Upgraded: the client must wait for our answer before it
            # speaks (RFC 6455, 4.1), so what came behind its request is dropped, as uvicorn does.
            if self._refused or self._upgraded or self.transport.is_closing():
                return
            chunk = data[start : start + _SLICE]
            before = self._body_bytes
            self._parse(chunk)
            if self._stage is _Stage.HEAD:
                self._head_bytes += len(chunk)
                if self._head_bytes > self._limits.head_bytes:
                    self._refuse_head()
            elif self._stage is _Stage.BODY:
                # The slice in which a body begins counts the end of its head in.
                self._around_body += len(chunk) - max(0, self._body_bytes - before)
                if self._around_body > self._limits.head_bytes + self._body_bytes // 8:
                    self._refuse(431, Code.TOO_LARGE, "expected larger chunks, and fewer trailers")

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
            else:  # to what we do not speak: answered as if it had not been asked for (RFC 9110, 7.8)
                self._parse(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(400, Code.MALFORMED, "expected a request of HTTP/1.1")

    def pause_writing(self) -> None:
        super().pause_writing()
        self._shared.crowd.waits(self)
        self._expect_within(self._limits.stall)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._expect_next()

    def give_way(self) -> None:
        """Others need the place (`Crowd`)."""
        self._complain("a connection of %s gave way to others", self._address())
        self.transport.abort()

    # The parser.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._stage = _Stage.HEAD
        self._headers = self._head_bytes = self._body_bytes = self._around_body = 0
        self._expect_next()

    def on_header(self, name: bytes, value: bytes) -> None:
        # Behind the body they are trailers: nobody here asks for any, and an application has looked at its headers already.
        if self._stage is _Stage.HEAD and not self._refused:
            self._headers += 1
            if self._headers > self._limits.headers:
                self._refuse(431, Code.TOO_LARGE, f"expected a head of at most {self._limits.headers} headers")
            else:
                super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._refused:
            return
        self._stage = _Stage.BODY
        self._body_began = self.loop.time()
        self._expect_next()
        if len(self.pipeline) + (self._unanswered() is not None) >= self._limits.requests:
            self._refuse(429, Code.RATE_LIMITED, "expected requests to wait for the answers to those before them")
            return
        self._large = None if self._unanswered() else self._limits.large_body(*self._route())
        announced = next((int(value) for name, value in self.headers if name == b"content-length"), 0)
        if self._takes(announced):
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._refused:
            return
        self._body_bytes += len(body)
        if self._takes(self._body_bytes):
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._refused:
            return
        self._stage = _Stage.BETWEEN
        super().on_message_complete()
        if self._unanswered() is None:
            self._end_upload()
        self._expect_next()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        self._end_upload()
        super().on_response_complete()
        self._expect_next()

    def handle_websocket_upgrade(self) -> None:
        if self._unanswered() is not None:
            self._refuse(400, Code.INVALID, "expected the upgrade after the answer to the request before it")
            return
        self._expect_within(None)
        self._shared.crowd.works(self)
        self._upgraded = True
        super().handle_websocket_upgrade()
        # The parser and this object hold each other: kilobytes for each socket until a collection, unless let go now.
        self.parser = None  # type: ignore[assignment]
        self.scope = self.headers = self.cycle = self.flow = self._running = None  # type: ignore[assignment]

    # Large bodies.

    def _route(self) -> tuple[str, str]:
        return self.parser.get_method().decode(errors="replace"), self.url.partition(b"?")[0].decode(errors="replace")

    def _takes(self, size: int) -> bool:
        """Whether a body may have so many bytes; refused if not."""
        most = self._limits.body_bytes if self._large is None else self._large.bytes
        if size > most:
            self._refuse(413, Code.TOO_LARGE, f"expected a body of at most {most} bytes")
        elif size > self._limits.body_bytes and self._large is not None and self._upload is None:
            place = self._large, self._address()
            if self._shared.uploads.begin(*place):
                self._upload = place
                self._expect_next()
            else:
                self._refuse(429, Code.RATE_LIMITED, "expected fewer large bodies at once")
        return not self._refused

    def _end_upload(self) -> None:
        if self._upload is not None:
            self._shared.uploads.end(*self._upload)
            self._upload = None

    # Deadlines.

    def _expect_next(self) -> None:
        """A deadline for what must come next: the rest of an answer, of a body, of a head, or a new request."""
        if self._refused:
            return
        waits = True
        if self.transport.is_closing():
            self._expect_within(self._limits.stall)
        elif self._stage is _Stage.BODY:
            waits = self._upload is None  # those are few, and have taken long already
            self._expect_within(self._limits.body)
        elif self._unanswered() is not None:
            waits = self.flow.write_paused
            self._expect_within(None)
        elif self._stage is _Stage.HEAD or self.cycle is None:
            self._expect_within(self._limits.head)
        else:
            self._expect_within(self.timeout_keep_alive + self._limits.head)
        if waits:
            self._shared.crowd.waits(self)
        else:
            self._shared.crowd.works(self)

    def _expect_within(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.loop.call_later(seconds, self._too_late)

    def _too_late(self) -> None:
        self._deadline = None
        if self._refused or self.transport.is_closing() or self.flow.write_paused:
            self.transport.abort()
            return
        more = self._time_left()
        if more > 0:
            self._expect_within(more)
        else:
            # What was asked is right, and may come in time when it is sent again.
            self._refuse(408, Code.UNAVAILABLE, f"expected {self._expected()}")

    def _expected(self) -> str:
        """What did not come in time."""
        if self._stage is not _Stage.BODY:
            return f"the head of a request within {self._limits.head:g} s"
        if self._upload is None:
            return f"the body of a request within {self._limits.body:g} s"
        return f"{self._upload[0].rate} bytes of the body each second"

    def _time_left(self) -> float:
        """Seconds that a large body has beyond the time of others, by what came of it so far."""
        if self._upload is None or self._stage is not _Stage.BODY:
            return 0
        granted = self._limits.body + self._body_bytes / self._upload[0].rate
        return self._body_began + granted - self.loop.time()

    # Refusing.

    def _unanswered(self) -> RequestResponseCycle | None:
        return None if self._running is None or self._running.response_complete else self._running

    def _address(self) -> str:
        """The client's, through trusted proxies."""
        named = [value.decode(errors="replace") for name, value in self.headers or () if name == b"x-forwarded-for"]
        return self._shared.forwarded(self.client[0] if self.client else "", named)

    def _complain(self, text: str, *values: object) -> None:
        self._shared.complaints.of(self._address(), text, *values)

    def _refuse_head(self) -> None:
        self._refuse(431, Code.TOO_LARGE, f"expected a head of at most {self._limits.head_bytes} bytes")

    def _refuse(self, status: int, code: Code, text: str) -> None:
        """Answer, if no answer has begun, and end; the application learns that the client has gone.

        Only our half of the socket is closed at once: closing it with unread bytes would send a reset, which discards at
        the other end the answer that it has not yet read.
        """
        self._refused = True
        self._complain("a request of %s refused with %d: %s", self._address() or "?", status, text)
        self.pipeline.clear()
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
        self.flow.resume_reading()
        self._shared.crowd.waits(self)
        self._expect_within(self._limits.close)
