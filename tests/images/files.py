"""Files as people bring them, and as others would."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw

PLACE = "rue de la Paix, Paris"
"""What a camera writes into a photo, and nobody is to read."""


def photo(width: int = 800, height: int = 600, format: str = "JPEG", **more: Any) -> bytes:
    """A picture with a red half on its left and a blue one on its right; so it shows how it lies."""
    image = Image.new("RGB", (width, height), (30, 60, 200))
    image.paste((200, 40, 30), (0, 0, width // 2, height))
    return saved(image, format, **more)


def saved(image: Image.Image, format: str, **more: Any) -> bytes:
    body = io.BytesIO()
    image.save(body, format, **more)
    return body.getvalue()


def turned_photo() -> bytes:
    """Taken with the phone upright: 800 × 600 as it lies, to be turned by a quarter; with its place and its owner."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = PLACE
    exif[0xA430] = "Nadia Benali"
    return photo(exif=exif)


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG of a few kilobytes that says that it is so large, and would be."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(b"\0" * 1_000_000)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HEIC = b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + b"\0" * 400
"""How a photo of an iPhone begins."""


def emblem(width: int, height: int, ink: tuple[int, int, int] = (122, 31, 91)) -> bytes:
    """A logo as a PNG: a disc in a frame, seen through between them."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw, edge = ImageDraw.Draw(image), max(1, height // 10)
    draw.rectangle((0, 0, width - 1, height - 1), outline=(*ink, 255), width=edge)
    draw.ellipse((2 * edge, 2 * edge, height - 2 * edge, height - 2 * edge), fill=(*ink, 255))
    if width > 2 * height:
        draw.rectangle((height, height * 0.4, width - 3 * edge, height * 0.6), fill=(*ink, 255))
    return saved(image, "PNG")


def opened(raw: bytes) -> Image.Image:
    return Image.open(io.BytesIO(raw))
