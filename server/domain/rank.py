"""Places between places: texts whose ASCII order is the order of things (SPEC R2)."""

from fractional_indexing import generate_key_between  # type: ignore[import-untyped]  # ships no types


def after(last: str | None) -> str:
    """A rank behind `last`; a first one for None."""
    return str(generate_key_between(last, None))


def between(left: str | None, right: str | None) -> str:
    """A rank strictly between two; None is an open end."""
    return str(generate_key_between(left, right))
