"""What a request brings along: its body, its bearer's token, the stream that it names, the address that it comes from; and how it is answered."""

import re
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, TypeVar

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from protocol.codec import unpack
from protocol.errors import Code, Refusal
from protocol.version import FRAME_BYTES, JSON
from server.accounts.logins import Logins
from server.accounts.port import Bearer
from server.accounts.tokens import is_sound
from server.admission.admission import Admission
from server.config import Settings
from server.live.channel import Channel
from server.web.founding import EntryKey

T = TypeVar("T", bound=Struct)

TAIL: Final = "[A-Za-z0-9_-]{12,64}"
"""Of an id: what follows its colon."""

_TAIL: Final = re.compile(TAIL)


async def read_body(request: Request, to: type[T]) -> T:
    """The request's JSON, of at most so many bytes and of sound text (H, L4)."""
    fields = unpack(await _read(request, FRAME_BYTES), JSON)
    try:
        body = msgspec.convert(fields, to)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, str(error)) from None
    if not all(is_sound(each) for each in msgspec.structs.astuple(body) if isinstance(each, str)):
        raise Refusal(Code.TEXT_FORBIDDEN)
    return body


async def _read(request: Request, most: int) -> bytes:
    return b"".join([chunk async for chunk in _chunks(request, most)])


@asynccontextmanager
async def received(request: Request, most: int) -> AsyncIterator[Path]:
    """The body, in a file that lasts as long as it is looked at: large ones weigh nothing in memory.

    Raises:
        Refusal: `too_large`, as soon as it is.
    """
    with NamedTemporaryFile(prefix="palabre-") as file:
        async for chunk in _chunks(request, most):
            file.write(chunk)
        file.flush()
        yield Path(file.name)


async def _chunks(request: Request, most: int) -> AsyncIterator[bytes]:
    size = 0
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            size += len(chunk)
            if size > most:
                raise Refusal(Code.TOO_LARGE, f"expected at most {most} bytes")
            yield chunk


def bearer_of(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal(Code.UNAUTHORIZED, "expected `Authorization: Bearer` and a token")
    return token.strip()


async def entered(request: Request, logins: Logins, admission: Admission, room: str) -> tuple[Bearer, Channel]:
    """Who asks, once they are in this room; no screen, which only shows.

    Raises:
        Refusal: `unauthorized`, `expired`, `forbidden`; what `Admission.enter` does.
    """
    bearer = logins.identify(bearer_of(request))
    if not room.startswith("room:"):
        raise Refusal(Code.UNKNOWN_ROOM)  # an account opens streams of other kinds, too
    if bearer.is_screen:
        raise Refusal(Code.FORBIDDEN, "expected host or participant; a screen only shows")
    return bearer, await admission.enter(bearer, room)


def check_origin(request: Request, settings: Settings) -> None:
    """
    Raises:
        Refusal: `origin`, where a page of another site asks.
    """
    headers, by_tls = request.headers, request.url.scheme == "https"
    if not settings.serves_origin(headers.get("origin"), headers.get("host", ""), by_tls=by_tls):
        raise Refusal(Code.ORIGIN)


def entry_key_of(request: Request) -> str:
    """What names the entry of a request whose body has no place for it (H9); none: empty.

    Raises:
        Refusal: `invalid`.
    """
    try:
        return msgspec.convert(request.headers.get("idempotency-key", ""), EntryKey)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, f"Idempotency-Key: {error}") from None


def stream_of(kind: str, request: Request) -> str:
    """The stream that an address names by what follows the colon of its id.

    Raises:
        Refusal: `unknown_room`.
    """
    named: str = request.path_params[kind]
    if _TAIL.fullmatch(named) is None:
        raise Refusal(Code.UNKNOWN_ROOM)
    return f"{kind}:{named}"


def json_of(answer: Struct, status: int = 200) -> Response:
    """What nobody keeps on the way."""
    return Response(msgspec.json.encode(answer), status, {"Cache-Control": "no-store"}, "application/json")


def address_of(request: Request) -> str:
    return request.client.host if request.client is not None else ""
