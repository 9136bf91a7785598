"""What a request brings along: its body, its bearer's token, the address that it comes from."""

from contextlib import aclosing
from typing import TypeVar

import msgspec
from msgspec import Struct
from starlette.requests import Request

from protocol.codec import unpack
from protocol.errors import Code, Refusal
from protocol.version import FRAME_BYTES, JSON
from server.auth import is_sound

T = TypeVar("T", bound=Struct)


async def read_body(request: Request, to: type[T]) -> T:
    """The request's JSON, of at most so many bytes and of sound text (H, L4)."""
    raw = bytearray()
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            raw += chunk
            if len(raw) > FRAME_BYTES:
                raise Refusal(Code.TOO_LARGE)
    fields = unpack(bytes(raw), JSON)
    try:
        body = msgspec.convert(fields, to)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, str(error)) from None
    if not all(is_sound(text) for text in msgspec.structs.astuple(body)):
        raise Refusal(Code.TEXT_FORBIDDEN)
    return body


def bearer_of(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refusal(Code.UNAUTHORIZED, "expected `Authorization: Bearer` and a token")
    return token.strip()


def address_of(request: Request) -> str:
    return request.client.host if request.client is not None else ""
