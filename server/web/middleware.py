"""What surrounds every answer: the headers that guard the pages, a count, and a line in the log for those who want one."""

import logging
import time
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from protocol.errors import Code, Refusal
from server.report.style import STYLE_HASH
from server.web.codes import is_here, network
from server.web.errors import problem
from server.web.metrics import Metrics
from server.web.reads import ADDRESSES, Reads

_log = logging.getLogger("palabre.access")


HTTPS_HEADERS: Final = {
    "Strict-Transport-Security": "max-age=31536000",
    # Browsers complain of it elsewhere.
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""For answers that go by TLS."""


def security_headers(frame_ancestors: Sequence[str]) -> dict[str, str]:
    """For every answer: only this server's own files run, none of them inline, and no address leaks to other sites.

    Args:
        frame_ancestors: origins whose pages may frame ours, beside our own: a host who prepares sees a phone in one.
    """
    policy = (
        "default-src 'self'",
        # The compte rendu, which a page shows in the style of its file.
        f"style-src 'self' {STYLE_HASH}",
        # Pictures are asked for with a token, and shown from memory; those of minutes lie in them.
        "img-src 'self' blob: data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        " ".join(("frame-ancestors 'self'", *frame_ancestors)),
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        # Links carry codes in their path; what is in a fragment is never sent, but costs nothing to keep off pages of others.
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


class Envelope:
    """ASGI middleware. Routes are named by their template: a path holds a room's code, which is a key to the room.

    Args:
        headers: of every answer, unless it has its own.
        is_https: whether people come by TLS, though a proxy may not say so.
    """

    def __init__(
        self, app: ASGIApp, headers: dict[str, str], metrics: Metrics, *, access_log: bool, is_https: bool
    ) -> None:
        self._app = app
        self._headers = headers
        self._is_https = is_https
        self._metrics = metrics
        self._access_log = access_log
        self._reads = Reads(ADDRESSES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if self._is_https or scope["scheme"] == "https":
                    headers.update(HTTPS_HEADERS)
            await send(message)

        try:
            await (self._refused(scope) or self._app)(scope, receive, send_with_headers)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.count("http_requests_total", route=route, method=method, status=str(status))
            self._metrics.count("http_request_seconds_total", seconds, route=route)
            if self._access_log:
                _log.info("%s %s %d %.1f ms", method, route, status, seconds * 1000)

    def _refused(self, scope: Scope) -> Response | None:
        """The answer to a request whose host is in doubt, and to a read that comes behind too many of its address (H13)."""
        hosts = sum(name == b"host" for name, _ in scope["headers"])
        if hosts > 1 or (hosts == 0 and scope["http_version"] != "1.0"):
            return problem(Code.INVALID, f"expected one Host header; got {hosts}")
        address = scope["client"][0] if scope.get("client") else ""
        if scope["method"] not in _READS or scope["path"] in _OPERATORS or is_here(address):
            return None
        try:
            self._reads.count(network(address))
        except Refusal as refusal:
            return problem(refusal.code, refusal.text)
        return None


_READS: Final = frozenset({"GET", "HEAD"})
_OPERATORS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Balancers, and who watches over the server, ask again and again."""

_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})
