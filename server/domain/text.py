"""Texts as people type them, made comparable and bounded (SPEC L3)."""

import unicodedata

from protocol.errors import Code, Refusal


def clean(text: str, limit: int) -> str:
    """`text` in NFC without white space around it.

    Raises:
        Refusal: `text_empty`, or `text_too_long` beyond `limit` code points.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = text.strip()
    if not text:
        raise Refusal(Code.TEXT_EMPTY)
    if len(text) > limit:
        raise Refusal(Code.TEXT_TOO_LONG, f"expected at most {limit} characters; got {len(text)}")
    return text
