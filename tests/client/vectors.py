"""The vectors that every client runs."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "protocol" / "vectors"


def vectors(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found
