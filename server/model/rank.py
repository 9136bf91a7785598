"""Places between places: texts whose ASCII order is the order of things (SPEC R2)."""

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Final

from fractional_indexing import (  # type: ignore[import-untyped]  # ships no types
    FIError,
    generate_key_between,
    generate_n_keys_between,
    validate_order_key,
)

LONGEST: Final = 32
"""Characters. Things moved between the same two again and again get longer ranks each time: at this length they are dealt anew."""


def is_rank(text: str) -> bool:
    """Whether a text that came from elsewhere is a rank, and no longer than twice what ours may be."""
    if len(text) > 2 * LONGEST or re.fullmatch("[A-Za-z][0-9A-Za-z]*", text) is None:
        return False
    try:
        validate_order_key(text)
    except FIError:
        return False
    return True


def after(last: str | None) -> str:
    """A rank behind `last`; a first one for None."""
    return str(generate_key_between(last, None))


def between(left: str | None, right: str | None) -> str:
    """A rank strictly between two; None is an open end."""
    return str(generate_key_between(left, right))


def deal(left: str | None, right: str | None, count: int) -> Sequence[str]:
    """So many ranks strictly between two, in order."""
    if right is not None:
        return [str(rank) for rank in generate_n_keys_between(left, right, count)]
    ranks: list[str] = []
    for _ in range(count):
        # What `after` says, which looks at the whole of a rank each time; mostly the last digit counts on.
        last = ranks[-1] if ranks else None
        is_plain = last is not None and last[-1] != _DIGITS[-1]
        ranks.append(last[:-1] + _NEXT[last[-1]] if last and is_plain else after(last or left))
    return ranks


_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NEXT: Final = dict(pairwise(_DIGITS))


@lru_cache(maxsize=256)
def _middle(left: str | None, right: str | None) -> str:
    middle = between(left, right)
    while right is not None and right.startswith(middle):  # what is appended must not go past it
        middle = between(middle, right)
    return middle


def scatter(left: str | None, right: str | None, by: str) -> str:
    """A rank strictly between two that the neighbours and an id give, whatever else lies between them."""
    number = int.from_bytes(sha256(by.encode()).digest()[:4])
    digits = [_DIGITS[1 + number % 61]]  # none ends with a zero
    for _ in range(5):
        number //= 61
        digits.append(_DIGITS[number % 62])
    return _middle(left, right) + "".join(reversed(digits))
