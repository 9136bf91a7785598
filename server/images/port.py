"""Where the bytes of images lie. What they are, and who sees them, stands in the journal of their stream."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, Literal

Size = Literal["large", "small"]
SIZES: Final[tuple[Size, ...]] = ("large", "small")
"""As it is looked at, and as it stands in a list."""

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,80}/[A-Za-z0-9_-]{1,80}\.(?:large|small)")


class ImageStoreError(OSError):
    """It cannot be reached, or written into; the same again may work."""


class ImageStore(ABC):
    """Bytes by key. What was put stays until it is dropped; to put or to drop it twice is to do so once.

    All methods raise ImageStoreError.

    Example:
        await store.put(key(stream, image, "small"), body)
    """

    @abstractmethod
    async def put(self, key: str, body: bytes) -> None:
        """Keep a body; durable once this returns."""

    @abstractmethod
    async def get(self, key: str) -> bytes | None:
        """The body; None where there is none."""

    @abstractmethod
    async def drop(self, keys: Sequence[str]) -> None:
        """Have nothing under these keys."""


def key(stream: str, image: str, size: Size) -> str:
    """Where an image lies: nobody guesses it, since ids are random, and no path leads out of it."""
    made = f"{stream.partition(':')[2]}/{image.partition(':')[2]}.{size}"
    if not _KEY.fullmatch(made):
        raise ValueError(f"expected ids of a stream and of an image; got {stream!r} and {image!r}")
    return made


def media_type(body: bytes) -> str:
    """Of what we made: a logo is a PNG, any other image a JPEG."""
    return "image/png" if body.startswith(b"\x89PNG") else "image/jpeg"


def keys(stream: str, images: Sequence[str]) -> list[str]:
    """All keys of these images."""
    return [key(stream, image, size) for image in images for size in SIZES]
