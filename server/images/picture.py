"""A file that somebody brought, made into a picture of ours: nothing of it but its pixels goes on (SPEC B2).

Pure, and run in a process beside the loop: what is written in C, and reads what strangers sent.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

from protocol.errors import Code, Refusal
from protocol.version import LOGO_BYTES, LOGO_SIDE

PIXELS: Final = 50_000_000
"""More than the cameras of phones take; looked at before any of them is decoded."""

LARGE: Final = 1_600
SMALL: Final = 480
"""Pixels of the longer side, as it is looked at and as it stands in a list."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_HEIF: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
"""What containers of iPhones say that they are, behind `ftyp`."""

# Ours is the bound; the library's own would only warn up to twice its.
Image.MAX_IMAGE_PIXELS = None


class Picture(NamedTuple):
    """Two JPEGs of one image, or twice the PNG of a logo, and the size of the large one in pixels."""

    large: bytes
    small: bytes
    width: int
    height: int


def picture_of(path: Path) -> Picture:
    """The picture in a file on this machine's disk.

    Raises:
        Refusal: `image_kind`, `image_heic`, `image_broken`, `image_pixels`.
    """
    with path.open("rb") as file:
        return _picture(file)


def picture_in(raw: bytes) -> Picture:
    """As `picture_of`, of bytes."""
    return _picture(io.BytesIO(raw))


def picture_again(raw: bytes) -> Picture:
    """As `picture_in`, of what was a picture of ours: none is larger."""
    return _picture(io.BytesIO(raw), LARGE * LARGE)


def logo_of(path: Path) -> Picture:
    """As `picture_of`, but a logo: one PNG for both sizes, which is seen through where it was (SPEC B5)."""
    with path.open("rb") as file:
        return _picture(file, made=_logo)


def logo_again(raw: bytes) -> Picture:
    """As `logo_of`, of what was a logo of ours."""
    return _picture(io.BytesIO(raw), LOGO_SIDE * LOGO_SIDE, _logo)


def _picture(
    file: io.BufferedReader | io.BytesIO, pixels: int = PIXELS, made: Callable[[Image.Image], Picture] | None = None
) -> Picture:
    head = file.read(16)
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF:
        raise Refusal(Code.IMAGE_HEIC)
    file.seek(0)
    try:
        with Image.open(file, formats=_FORMATS) as image:
            width, height = image.size
            if width * height > pixels:
                raise Refusal(Code.IMAGE_PIXELS, f"expected at most {pixels} pixels; got {width} × {height}")
            return (made or _made)(image)
    except UnidentifiedImageError:
        raise Refusal(Code.IMAGE_KIND) from None
    except Refusal:
        raise
    except Exception as error:  # noqa: BLE001  # whatever its bytes bring about in a decoder
        raise Refusal(Code.IMAGE_BROKEN, f"expected an image that can be read to its end: {error}") from None


def _logo(image: Image.Image) -> Picture:
    upright = _upright(image)
    seen = upright.convert("RGBA" if _is_clear(upright) else "RGB")
    if seen.mode == "RGBA" and (inked := seen.getchannel("A").getbbox()):
        seen = seen.crop(inked)  # what is empty around it would make it small wherever it stands
    side = LOGO_SIDE
    while True:
        seen.thumbnail((side, side), Image.Resampling.LANCZOS)
        for body in (_png(seen), _png(seen.quantize(256, Image.Quantize.FASTOCTREE))):
            if len(body) <= LOGO_BYTES:
                return Picture(body, body, *seen.size)
        side = side * 3 // 4


def _made(image: Image.Image) -> Picture:
    image.draft("RGB", (LARGE, LARGE))  # a JPEG is decoded at a fraction of its size
    upright = _upright(image)
    is_clear = _is_clear(upright)
    seen = upright.convert("RGBA" if is_clear else "RGB")
    seen.thumbnail((LARGE, LARGE), Image.Resampling.LANCZOS)
    # What was seen through stands on white, as on paper.
    plain = Image.new("RGB", seen.size, "white")
    plain.paste(seen, mask=seen if is_clear else None)
    small = plain.copy()
    small.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS)
    return Picture(_jpeg(plain, 82), _jpeg(small, 76), *plain.size)


def _is_clear(image: Image.Image) -> bool:
    """Whether it may be seen through."""
    return image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its camera was held."""
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001  # marks that cannot be read say nothing of how it was held
        return image


def _jpeg(image: Image.Image, quality: int) -> bytes:
    """Without marks of any kind: where and with what it was taken is nobody's affair."""
    body = io.BytesIO()
    image.save(body, "JPEG", quality=quality, optimize=True)
    return body.getvalue()


def _png(image: Image.Image) -> bytes:
    """Without marks, as `_jpeg`: what is made here has none, but that a copy takes those of what it was made from along."""
    image.info = {name: value for name, value in image.info.items() if name == "transparency"}
    body = io.BytesIO()
    image.save(body, "PNG", optimize=True)
    return body.getvalue()
