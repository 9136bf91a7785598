"""Texts as people type them, made comparable and bounded (SPEC L3)."""

from protocol.errors import Code, Refusal
from protocol.text import kept, one_line
from protocol.version import NAME_CHARS


def clean(text: str, limit: int) -> str:
    """What of `text` is kept.

    Raises:
        Refusal: `text_empty` where nothing of it shows, or `text_too_long` beyond `limit` code points.
    """
    return _bounded(kept(text), limit)


def clean_name(text: str) -> str:
    """A person's name, on one line.

    Raises:
        Refusal: as `clean` does.
    """
    return _bounded(one_line(text), NAME_CHARS)


def clean_or_none(text: str, limit: int) -> str:
    """What of `text` is kept; "" where nothing of it shows.

    Raises:
        Refusal: `text_too_long`.
    """
    return _bounded(said, limit) if (said := kept(text)) else ""


def clean_or_erased(text: str, limit: int) -> str:
    """What of `text` is kept; "", which nobody could write, is what an author who was erased has left.

    Raises:
        Refusal: as `clean` does.
    """
    return clean(text, limit) if text else ""


def _bounded(text: str, limit: int) -> str:
    if not text:
        raise Refusal(Code.TEXT_EMPTY)
    if len(text) > limit:
        raise Refusal(Code.TEXT_TOO_LONG, f"expected at most {limit} characters; got {len(text)}")
    return text
