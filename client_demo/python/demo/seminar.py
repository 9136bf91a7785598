"""The seminar of the demo, as its file tells it."""

from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from protocol.choices import Letter


class Thought(Struct, frozen=True):
    """An idea; `near` says nearly what the one before it says."""

    text: str
    near: bool = False


class Zone(Struct, frozen=True):
    """`dots`: what its ideas are worth to the group; here, how readily they are reacted to."""

    letter: Letter
    title: str
    dots: int
    ideas: list[Thought]


class Remark(Struct, frozen=True):
    """A message; `by` and `reply` count people and messages from 0."""

    by: int
    text: str
    reply: int | None = None


class Seminar(Struct, frozen=True):
    """`people`: names; the first is the host."""

    title: str
    prompt: str
    people: list[str]
    zones: list[Zone]
    messages: list[Remark]


@cache
def seminar() -> Seminar:
    return msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=Seminar)
