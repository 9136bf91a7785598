"""The colour of those in whose name a workshop is (SPEC C11), so dark that it is read on paper; as screens make it (`accent.ts`)."""

import re
from typing import Final

PAGE: Final = "#faf6ec"
"""What the page's own style stands on."""
PAPER: Final = "#ffffff"

READ: Final = 4.5
"""WCAG 2.2, for text."""
STEPS: Final = 40

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")


def accent_on(ground: str, colour: str) -> str | None:
    """The colour itself, or the nearest to it that is read on a light ground; None where there is none, or it is no colour.

    Args:
        ground, colour: `#` and six of `0` to `9` and `a` to `f`.
    """
    if not _COLOUR.fullmatch(colour):
        return None
    tries = (_darkened(colour, n / STEPS) for n in range(STEPS + 1))
    return next(each for each in tries if _contrast(each, ground) >= READ)


def _contrast(dark: str, light: str) -> float:
    return (_luminance(light) + 0.05) / (_luminance(dark) + 0.05)


def _luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    r, g, b = (_linear(value / 255) for value in _channels(colour))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _darkened(colour: str, part: float) -> str:
    # Halves go up, as in a browser.
    return "#" + "".join(f"{int(value - value * part + 0.5):02x}" for value in _channels(colour))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
