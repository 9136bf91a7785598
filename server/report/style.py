"""The one style of the compte rendu, and what a page's policy must say of it."""

import base64
import hashlib
from pathlib import Path
from typing import Final

STYLE: Final = (Path(__file__).parent / "report.css").read_text("utf-8")


def hash_of(style: str) -> str:
    """Under which a page's policy allows this one style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


STYLE_HASH: Final = hash_of(STYLE)
"""Under which a page's policy allows this one style, wherever the file is opened."""
