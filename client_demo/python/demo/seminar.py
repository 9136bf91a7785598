"""The seminar of the demo, as its file tells it."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from play.lines import BOOKS, Book, Decided
from protocol.choices import Letter


class Thought(Struct, frozen=True):
    """An idea; `near` says nearly what the one before it says."""

    text: str
    near: bool = False


class Zone(Struct, frozen=True):
    letter: Letter
    title: str
    dots: int
    ideas: list[Thought]


class Said(Struct, frozen=True):
    """A message; `by` and `reply` count people and messages from 0."""

    by: int
    text: str
    reply: int | None = None


class Seminar(Struct, frozen=True):
    """`people`: names; the first is the host. `decided`: each as a row of its fields."""

    title: str
    prompt: str
    people: list[str]
    zones: list[Zone]
    messages: list[Said]
    decided: list[Decided]


@cache
def seminar() -> Seminar:
    return msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=Seminar)


def book(seminar: Seminar, people: Sequence[str]) -> Book:
    """What these people say in it; what it does not tell of them, others say elsewhere.

    Args:
        people: names, the host's first.
    """
    alike = {}
    for zone in seminar.zones:
        for before, thought in zip(zone.ideas, zone.ideas[1:], strict=False):
            if thought.near:
                alike[thought.text] = before.text
    return BOOKS["fr"]._replace(
        title=seminar.title,
        host=people[0],
        people=people[1:],
        groups={zone.title: [thought.text for thought in zone.ideas] for zone in seminar.zones},
        alike=alike,
        decided=seminar.decided,
    )
