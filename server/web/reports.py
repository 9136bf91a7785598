"""The compte rendu over HTTP, in the form that is asked for (SPEC H8)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from protocol.errors import Code, Refusal
from protocol.text import undirected
from server.auth import Tokens
from server.hub import Hub
from server.report import Report, csv, html, markdown, report, xlsx
from server.report.words import WORDS, Words
from server.web.asked import bearer_of


class Form(NamedTuple):
    """How a compte rendu is written, and what that is called."""

    write: Callable[[Report, Words], str | bytes]
    media_type: str


FORMS: Final[Mapping[str, Form]] = {
    "html": Form(html, "text/html; charset=utf-8"),
    "md": Form(markdown, "text/markdown; charset=utf-8"),
    "xlsx": Form(xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": Form(csv, "text/csv; charset=utf-8"),
}


class Reports:
    """`GET /api/rooms/{room}/report.{form}?lang=fr&tz=Europe/Paris`, for whoever may be in the room."""

    def __init__(self, tokens: Tokens, hub: Hub, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._tokens = tokens
        self._hub = hub
        self._now = now

    def routes(self) -> list[Route]:
        return [Route("/api/rooms/{room}/report.{form}", self.report, methods=["GET"])]

    async def report(self, request: Request) -> Response:
        room, form = request.path_params["room"], FORMS.get(request.path_params["form"])
        bearer = self._tokens.verify(bearer_of(request), room=room)
        if form is None:
            raise Refusal(Code.NOT_FOUND, f"expected a report as one of {', '.join(FORMS)}")
        if bearer.role == "screen":
            raise Refusal(Code.FORBIDDEN, "expected host or guest; a screen only shows")
        await self._hub.member(room, bearer.member)  # he may have been removed
        records = await self._hub.records(room, member=None)
        told = report(records, self._now().astimezone(_zone(request)))
        words = _words(request, told.lang)
        # A large room takes a good part of a second to write: the others' ideas do not wait for it.
        written = await run_in_threadpool(form.write, told, words)
        name = quote(
            f"{words.report} {undirected(told.title)} {told.written:%Y-%m-%d}.{request.path_params['form']}", safe=""
        )
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
        return Response(written, 200, headers, form.media_type)


def _words(request: Request, default: str) -> Words:
    lang = request.query_params.get("lang", default)
    words = WORDS.get(lang)
    if words is None:
        raise Refusal(Code.INVALID, f"expected `lang` to be one of {', '.join(WORDS)}; got {lang[:40]!r}")
    return words


def _zone(request: Request) -> ZoneInfo:
    name = request.query_params.get("tz", "UTC")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # KeyError: no such zone; the others: no name of one
        raise Refusal(Code.INVALID, f"expected `tz` to be a time zone as Europe/Paris; got {name[:40]!r}") from None
