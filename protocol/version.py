"""The version of the wire, the subprotocols that carry it, and the limits that every peer may count on (SPEC.md, W and L)."""

from typing import Final, Literal

WIRE: Final = 1

MSGPACK: Final = "palabre.v1.msgpack"
JSON: Final = "palabre.v1.json"

Codec = Literal["palabre.v1.msgpack", "palabre.v1.json"]
SUBPROTOCOLS: Final[tuple[Codec, ...]] = (MSGPACK, JSON)

FRAME_BYTES: Final = 64 * 1024
"""Largest message a client may send, in bytes (L1)."""

DEPTH: Final = 8
"""Deepest nesting of maps and lists in a client's message (L2)."""

STATE_CHUNK_BYTES: Final = 256 * 1024
"""Upper bound of one `state` message, in bytes (S3)."""

IDEA_CHARS: Final = 280
MESSAGE_CHARS: Final = 2000
NAME_CHARS: Final = 40
TITLE_CHARS: Final = 120
LINE_CHARS: Final = 80
PROMPT_CHARS: Final = 280
ALT_CHARS: Final = 120
"""Longest texts, in Unicode code points after NFC normalisation and trimming (L3)."""

IMAGE_BYTES: Final = 5 * 1024 * 1024
"""Largest file that an image may come in (B1)."""
LOGO_SIDE: Final = 600
LOGO_BYTES: Final = 200_000
"""Of a logo, as it is kept (B5): pixels of its longer side, and bytes."""
