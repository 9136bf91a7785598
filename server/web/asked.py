"""What a request brings along: its body, its bearer's token, the address that it comes from."""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct
from starlette.requests import Request

from protocol.codec import unpack
from protocol.errors import Code, Refusal
from protocol.version import FRAME_BYTES, JSON
from server.auth import is_sound

T = TypeVar("T", bound=Struct)


FILE_VERSION: Final = 1
"""Of an exported room: that of the wire whose records it holds."""

FILE_BYTES: Final = 16 * 1024 * 1024
"""A room with 10,000 long ideas is exported in 9 MB."""


class File(Struct, frozen=True):
    """A room as somebody saw it, to be kept or brought elsewhere (SPEC N).

    Attributes:
        me: the member who exported it; None for a screen.
        at: when (ms).
        records: what he saw.
    """

    palabre: int
    room: str
    me: str | None
    at: int
    records: Sequence[Any]


async def read_body(request: Request, to: type[T]) -> T:
    """The request's JSON, of at most so many bytes and of sound text (H, L4)."""
    fields = unpack(await _read(request, FRAME_BYTES), JSON)
    try:
        body = msgspec.convert(fields, to)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, str(error)) from None
    if not all(is_sound(text) for text in msgspec.structs.astuple(body)):
        raise Refusal(Code.TEXT_FORBIDDEN)
    return body


async def read_file(request: Request) -> File:
    """The exported room that a request brings; its records are not looked at yet.

    Raises:
        Refusal: `too_large`, `malformed`, `other_version`, `too_deep` or `invalid`.
    """
    raw = await _read(request, FILE_BYTES)
    try:
        version = msgspec.json.decode(raw, type=_Versioned).palabre
        if version != FILE_VERSION:
            raise Refusal(Code.OTHER_VERSION, f"expected `palabre` to be {FILE_VERSION}; got {version}")
        return msgspec.json.decode(raw, type=File)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, f"expected a room that was exported as JSON: {error}") from None
    except RecursionError:
        raise Refusal(Code.TOO_DEEP) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(Code.MALFORMED, f"expected a room that was exported as JSON: {error}") from None


class _Versioned(Struct, frozen=True):
    palabre: int


async def _read(request: Request, most: int) -> bytes:
    """The body.

    Raises:
        Refusal: `too_large`, as soon as it is.
    """
    raw = bytearray()
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            raw += chunk
            if len(raw) > most:
                raise Refusal(Code.TOO_LARGE, f"expected at most {most} bytes")
    return bytes(raw)


def bearer_of(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal(Code.UNAUTHORIZED, "expected `Authorization: Bearer` and a token")
    return token.strip()


def address_of(request: Request) -> str:
    return request.client.host if request.client is not None else ""
