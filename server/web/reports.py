"""The compte rendu over HTTP, in the form that is asked for (SPEC H8)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from protocol.errors import Code, Refusal
from protocol.records import MessageRecord, RoomRecord
from server.accounts.logins import Logins
from server.admission.admission import Admission
from server.admission.rooms import Rooms
from server.images.port import ImageStore
from server.report.words import WORDS
from server.web.albums import small_pictures_on
from server.web.reads import READERS, Reads
from server.web.request import bearer_of, entered
from server.web.writing import Writing, no_pictures

FORMS: Final[Mapping[str, str]] = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
"""How a compte rendu may be written, each with its media type."""


class Reports:
    """`GET /api/rooms/{room}/report.{form}?lang=fr&tz=Europe/Paris`, for whoever may be in the room; and
    `GET /api/minutes/report.{form}`, for whoever has the link that its hosts gave (SPEC H16)."""

    def __init__(
        self,
        logins: Logins,
        admission: Admission,
        rooms: Rooms,
        writing: Writing,
        reads: Reads,
        images: ImageStore | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._logins = logins
        self._admission = admission
        self._rooms = rooms
        self._writing = writing
        self._reads = reads
        self._readers = Reads(READERS)
        self._images = images
        self._now = now

    def routes(self) -> list[Route]:
        return [
            Route("/api/rooms/{room}/report.{form}", self.report, methods=["GET"]),
            Route("/api/minutes/report.{form}", self.shared, methods=["GET"]),
        ]

    async def report(self, request: Request) -> Response:
        room = request.path_params["room"]
        bearer, _ = await entered(request, self._logins, self._admission, room)
        messages = _messages(request)
        return await self._written(request, room, lambda: self._reads.count(bearer.seat), messages=messages)

    async def shared(self, request: Request) -> Response:
        """By a link, which is asked each time: one that was taken back opens nothing from that moment on."""
        link = await self._logins.reading(bearer_of(request))
        return await self._written(request, link.stream, lambda: self._readers.count(link.stream))

    async def _written(
        self, request: Request, room: str, count: Callable[[], None], *, messages: bool = False
    ) -> Response:
        form = request.path_params["form"]
        if form not in FORMS:
            raise Refusal(Code.NOT_FOUND, f"expected a report as one of {', '.join(FORMS)}")
        lang, now = _lang(request), self._now().astimezone(_zone(request))
        count()
        records = await self._rooms.records(room, member=None)
        told = [record for record in records if not isinstance(record, MessageRecord)]
        if messages:
            told += await self._rooms.messages(room)
        packed = msgspec.msgpack.encode(told)
        try:
            # A large room takes seconds to write, in a process beside: nobody else waits for it.
            shown = told if form == "html" else [record for record in told if isinstance(record, RoomRecord)]
            is_drawn = form in ("html", "pdf")
            pictures = partial(small_pictures_on, self._images, room, shown) if is_drawn else no_pictures
            made = await self._writing.written(room, packed, form, lang, now, pictures)
        except TimeoutError:
            raise Refusal(Code.UNAVAILABLE, "expected the minutes to be written sooner: try again") from None
        name = quote(f"{made.name}.{form}", safe="")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
        return Response(made.body, 200, headers, FORMS[form])


def _messages(request: Request) -> bool:
    said = request.query_params.get("messages", "false")
    if said not in ("true", "false"):
        raise Refusal(Code.INVALID, f"expected `messages` to be true or false; got {said[:40]!r}")
    return said == "true"


def _lang(request: Request) -> str | None:
    lang = request.query_params.get("lang")
    if lang is not None and lang not in WORDS:
        raise Refusal(Code.INVALID, f"expected `lang` to be one of {', '.join(WORDS)}; got {lang[:40]!r}")
    return lang


def _zone(request: Request) -> ZoneInfo:
    name = request.query_params.get("tz", "UTC")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # KeyError: no such zone; the others: no name of one
        raise Refusal(Code.INVALID, f"expected `tz` to be a time zone as Europe/Paris; got {name[:40]!r}") from None
