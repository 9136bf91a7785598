"""The compte rendu as one HTML file: it asks for nothing outside itself, runs nothing, and a browser prints it well."""

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from protocol.text import isolated
from server.report.accent import PAGE, accent_on
from server.report.model import Report
from server.report.style import STYLE, STYLE_HASH, hash_of
from server.report.words import Words

_HERE: Final = Path(__file__).parent
_UNIT: Final = r"(?:h|min|s|ms|j|km|m|cm|mm|kg|g|l|L|cl|ml|[kM]?€|°C?|[kMGT]?o|k?W|kWh|[%‰$£])(?!\w)"
_JOINED: Final = re.compile(rf" (?=[;:!?»€%])|(?<=«) |(?<=\d) (?=\d{{3}}\b|{_UNIT})|(?<=\d h) (?=\d\d\b)")


def unbroken(text: str) -> str:
    """What people wrote, but that no line begins with a sign, a unit or the rest of a number; as the screens have it."""
    return _JOINED.sub("\u00a0", text)


_PAGES: Final = Environment(
    loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_PAGES.filters["unbroken"] = unbroken
_PAGE: Final = _PAGES.get_template("report.html")


def html(report: Report, words: Words, images: Mapping[str, bytes] = {}) -> str:  # read only
    """
    Args:
        images: by id, the pictures that go with it, as JPEGs, and the logo as a PNG; of the others it says what is seen on them.
    """
    pictures = {
        id: f"data:image/{'png' if id == report.logo else 'jpeg'};base64,{base64.b64encode(body).decode()}"
        for id, body in images.items()
    }
    accent = accent_on(PAGE, report.accent)
    # A style of its own, so that within the application, which knows the other's hash, theirs is mixed for its own ground.
    marked = f".minutes {{ --accent: {accent}; }}" if accent else ""
    return _PAGE.render(
        report=report,
        words=words,
        style=STYLE,
        style_hash=f"{STYLE_HASH} {hash_of(marked)}" if marked else STYLE_HASH,
        marked=marked,
        isolated=isolated,
        pictures=pictures,
    )
