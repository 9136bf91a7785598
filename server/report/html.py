"""The compte rendu as one HTML file: it asks for nothing outside itself, runs nothing, and a browser prints it well."""

import base64
import hashlib
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from protocol.text import isolated
from server.report.model import Report
from server.report.words import Words

_HERE: Final = Path(__file__).parent
_STYLE: Final = (_HERE / "report.css").read_text("utf-8")
_PAGE: Final = Environment(
    loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
).get_template("report.html")

STYLE_HASH: Final = f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
"""Under which a page's policy allows this one style, wherever the file is opened."""


def html(report: Report, words: Words) -> str:
    return _PAGE.render(report=report, words=words, style=_STYLE, style_hash=STYLE_HASH, isolated=isolated)
