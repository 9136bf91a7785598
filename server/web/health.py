"""What operators and balancers look at: alive, ready, and in numbers."""

import asyncio
import hmac
import ipaddress
import logging
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from protocol.errors import Code, Refusal
from server.config import Settings
from server.journal.port import Journal, JournalError
from server.live.hub import Hub
from server.web.metrics import CONTENT_TYPE, Metrics

READY_SECONDS: Final = 2.0

_log = logging.getLogger("palabre.web")


class Health:
    """`/healthz`, `/readyz` and `/metrics`."""

    def __init__(self, settings: Settings, journal: Journal, hub: Hub, metrics: Metrics) -> None:
        self._token = settings.metrics_token
        self._here = settings.metrics_here
        self._journal = journal
        self._hub = hub
        self._metrics = metrics

    def routes(self) -> list[Route]:
        return [
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/metrics", self.metrics),
        ]

    async def alive(self, _: Request) -> Response:
        """The event loop turns. Says nothing of the database: a restart of this process would not mend that."""
        return _words("ok")

    async def ready(self, _: Request) -> Response:
        """Whether to send people here: the journal answers. A server on its way out takes no connection any more."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._journal.heads(["room:is-the-journal-there"])
        except (JournalError, TimeoutError) as error:
            _log.warning("not ready: %s", str(error) or "the journal did not answer in time")
            return _words("the journal does not answer", 503)
        return _words("ready")

    async def metrics(self, request: Request) -> Response:
        """Numbers for operators only: how many commands a room takes tells of votes that nobody may see yet."""
        self._check_operator(request)
        return Response(self._metrics.exposition(self._hub.stats()), 200, {"Content-Type": CONTENT_TYPE, **_FRESH})

    def _check_operator(self, request: Request) -> None:
        if self._token is not None:
            given = request.headers.get("authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                raise Refusal(Code.UNAUTHORIZED, "expected `Authorization: Bearer` and PALABRE_METRICS_TOKEN")
        elif not self._here:
            raise Refusal(Code.FORBIDDEN, "expected PALABRE_METRICS_TOKEN to be set, and to be the bearer token")
        elif not _is_this_machine(request):
            raise Refusal(
                Code.FORBIDDEN, "expected a request from this machine; set PALABRE_METRICS_TOKEN to ask from another"
            )


_FRESH: Final[Mapping[str, str]] = {"Cache-Control": "no-store"}


def _words(text: str, status: int = 200) -> Response:
    return PlainTextResponse(text, status, {**_FRESH, "Retry-After": "2"} if status == 503 else _FRESH)


def _is_this_machine(request: Request) -> bool:
    # A proxy on this machine that is not trusted to name its clients would lend all of them its own address; it would still ask for
    # the host that they asked for, as does a page whose name has been turned to this address.
    if request.client is None or "forwarded" in request.headers or "x-forwarded-for" in request.headers:
        return False
    return _is_loopback(request.client.host) and _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
