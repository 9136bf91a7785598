"""Refusals as HTTP answers: a status, and `{code, text, retry}` (SPEC.md, E and H)."""

from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from protocol.errors import TABLE, Code, Refusal
from server.journal.port import JournalError

STATUS: Final[Mapping[Code, int]] = {
    Code.MALFORMED: 400,
    Code.TOO_LARGE: 413,
    Code.TOO_DEEP: 400,
    Code.UNKNOWN_TYPE: 400,
    Code.INVALID: 400,
    Code.TEXT_FORBIDDEN: 400,
    Code.OTHER_VERSION: 400,
    Code.HELLO_REQUIRED: 400,
    Code.UNAUTHORIZED: 401,
    Code.EXPIRED: 401,
    Code.FORBIDDEN: 403,
    Code.MUTED: 403,
    Code.REMOVED: 403,
    Code.ORIGIN: 403,
    Code.LOCKED: 403,
    Code.PAUSED: 409,
    Code.RATE_LIMITED: 429,
    Code.UNKNOWN_CODE: 404,
    Code.UNKNOWN_ROOM: 404,
    Code.NOT_JOINED: 409,
    Code.UNKNOWN_COMMAND: 400,
    Code.UNKNOWN_QUERY: 400,
    Code.NOT_FOUND: 404,
    Code.ID_TAKEN: 409,
    Code.TEXT_EMPTY: 400,
    Code.TEXT_TOO_LONG: 400,
    Code.TOO_MANY: 409,
    Code.SEALED: 409,
    Code.NOTHING_TO_UNDO: 409,
    Code.SUPERSEDED: 409,
    Code.IN_USE: 409,
    Code.RATCHET: 409,
    Code.NOT_OPEN: 409,
    Code.STEP_OVER: 409,
    Code.OVER_BUDGET: 409,
    Code.OVER_CAP: 409,
    Code.CLOSED: 409,
    Code.STILL_OPEN: 409,
    Code.SUSPENDED: 403,
    Code.ACCOUNT_EXISTS: 409,
    Code.HANDOVER: 409,
    # Also of one that was never given, so that nobody can tell the two apart.
    Code.INVITATION_OVER: 410,
    Code.INVITATION_FULL: 409,
    Code.INVITATION_DOMAIN: 403,
    Code.ADDRESS_INVALID: 400,
    Code.REQUEST_REFUSED: 403,
    Code.ARCHIVED: 409,
    Code.IMAGES_OFF: 403,
    Code.IMAGE_KIND: 415,
    Code.IMAGE_HEIC: 415,
    Code.IMAGE_BROKEN: 400,
    Code.IMAGE_PIXELS: 413,
    Code.IMAGE_REFUSED: 403,
    Code.BEHIND: 503,
    Code.UNAVAILABLE: 503,
    Code.INTERNAL: 500,
    Code.RESTART: 503,
    Code.UPGRADE: 503,
    Code.FULL: 503,
}

_HEADERS: Final[Mapping[int, dict[str, str]]] = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "5"},
    503: {"Retry-After": "2"},
}

_OF_STATUS: Final[Mapping[int, tuple[Code, str]]] = {
    404: (Code.NOT_FOUND, "expected the path of something that exists"),
    405: (Code.INVALID, "expected another method"),
    413: (Code.TOO_LARGE, ""),
}


class Problem(msgspec.Struct, frozen=True):
    code: str
    text: str
    retry: bool


def problem(
    code: Code, text: str = "", *, status: int | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """One error as an answer; status and text are the tables' where none is given."""
    status = STATUS[code] if status is None else status
    body = msgspec.json.encode(Problem(code.value, text or TABLE[code].text, TABLE[code].retry))
    more = {"Cache-Control": "no-store", **_HEADERS.get(status, {}), **(headers or {})}
    return Response(body, status, more, "application/json")


# Coroutines although they await nothing: Starlette runs plain functions in a thread.


async def on_refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return problem(error.code, error.text)


async def on_journal_error(_: Request, error: Exception) -> Response:
    """Its text is for whoever runs the server: it names files and machines."""
    assert isinstance(error, JournalError)
    return problem(Code.UNAVAILABLE)


async def on_http_exception(_: Request, error: Exception) -> Response:
    """What Starlette itself answers: no such path, no such method, too large a body."""
    assert isinstance(error, HTTPException)
    code, text = _OF_STATUS.get(error.status_code, (Code.INVALID, error.detail))
    return problem(code, text, status=error.status_code, headers=error.headers)


async def on_gone(_: Request, __: Exception) -> Response:
    """The client went in the middle of its body: nobody reads this answer, and nothing is wrong here."""
    return problem(Code.INVALID, "expected the whole body")


async def on_bug(_: Request, __: Exception) -> Response:
    """A bug of ours; Starlette raises it again behind this answer, so that it is logged."""
    return problem(Code.INTERNAL)
