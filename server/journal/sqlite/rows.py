"""Many rows as two arguments of one statement: a JSON array of their values, and their bytes joined."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec


def with_blobs(rows: Iterable[tuple[Any, ...]], blobs: Sequence[bytes]) -> tuple[str, bytes]:
    """Rows as JSON, each with the offset and the length of its blob behind its values, and the blobs joined."""
    placed = []
    offset = 0
    for row, blob in zip(rows, blobs, strict=True):
        placed.append((*row, offset, len(blob)))
        offset += len(blob)
    # A part of an empty blob is null to SQLite.
    return as_json(placed), b"".join(blobs) or b"\0"


def as_json(value: object) -> str:
    """Raises UnicodeEncodeError for a lone surrogate, as SQLite's driver would."""
    return msgspec.json.encode(value).decode()
