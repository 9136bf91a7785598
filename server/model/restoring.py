"""What putting a record back has to ask of it: a file may say what a command may say, and no more (SPEC N)."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar, get_args

import msgspec

from protocol.choices import ReactionKind
from protocol.errors import Code, Refusal
from protocol.records import Id, Record
from server.model import rank

S = TypeVar("S", bound=msgspec.Struct)

LATEST: Final = 253_402_300_799_999
"""The last millisecond of the year 9999."""


def shaped(record: Record, shape: type[S], **more: object) -> S:
    """The record as the command that says the same, within the bounds of that command.

    Raises:
        Refusal: `invalid`.
    """
    try:
        return msgspec.convert({**msgspec.to_builtins(record), **more}, shape)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, str(error)) from None


PEOPLE: Final = 1_000_000
"""More than ever voted, answered or reacted in one room: those who have gone since count too, and those who share one phone."""

DOTS: Final = 100 * PEOPLE
"""More than ever lay on one thing."""


def whole(value: int | None, most: int) -> int:
    """A count; none is 0.

    Raises:
        Refusal: `invalid`.
    """
    if value is not None and not 0 <= value <= most:
        raise Refusal(Code.INVALID, f"expected a number from 0 to {most}; got {value}")
    return value or 0


def a_time(value: int | None) -> int:
    """Milliseconds since 1970, within the years that calendars have; none is 0.

    Raises:
        Refusal: `invalid`.
    """
    return whole(value, LATEST)


def a_rank(value: str) -> str:
    """A rank, such as others can be made from.

    Raises:
        Refusal: `invalid`.
    """
    if not rank.is_rank(value):
        raise Refusal(Code.INVALID, f"expected a rank; got {value[:80]!r}")
    return value


def an_id(text: str, kind: Any = Id) -> str:
    """An id, of a thing that may have gone since; `kind`: of what, such as `MemberId`.

    Raises:
        Refusal: `invalid`.
    """
    try:
        return str(msgspec.convert(text, kind))
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, str(error)) from None


def counted(reactions: Mapping[str, int]) -> dict[str, int]:
    """How many reactions there are of each kind.

    Raises:
        Refusal: `invalid`.
    """
    if not reactions.keys() <= set(get_args(ReactionKind)):
        raise Refusal(Code.INVALID, f"expected kinds of reactions; got {sorted(reactions)}")
    return {kind: whole(n, PEOPLE) for kind, n in reactions.items() if n}


def expect(holds: bool, what: str) -> None:
    """
    Raises:
        Refusal: `invalid`.
    """
    if not holds:
        raise Refusal(Code.INVALID, f"expected {what}")


def room_for(held: int, most: int) -> None:
    """
    Raises:
        Refusal: `too_many`.
    """
    if held >= most:
        raise Refusal(Code.TOO_MANY, f"expected at most {most}")
