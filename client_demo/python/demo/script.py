"""Who does what when: a seminar becomes a list of acts. Pure, and the same for the same seed.

Times are seconds from the beginning at the pace of people. About five minutes: the host lays the zones out while the others
arrive; ideas come in waves, most of them in no zone at first, and are moved to theirs; reactions follow.
"""

import random
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from client_demo.python.demo.seminar import Seminar
from client_demo.python.sdk import new_id

ARRIVING: Final = 40.0
"""Seconds until the last has arrived."""

WRITING: Final = (20.0, 220.0)
TALKING: Final = (10.0, 275.0)
LEAVING: Final = (285.0, 300.0)

CHARACTERS: Final = 5.0
"""Typed in a second, on a phone."""

TYPING: Final = 3
"""Seconds between two signs that someone is still typing."""

KINDS: Final = ("like", "like", "like", "love", "star", "bulb", "question")


NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Act(NamedTuple):
    """
    Attributes:
        who: counts people from 0.
        does: `arrive`, `leave`, a command, or a signal as `signal:typing`.
        needs: ids of things that must be there before.
    """

    at: float
    who: int
    does: str
    args: Mapping[str, Any] = NOTHING
    needs: tuple[str, ...] = ()


def write(seminar: Seminar, people: int, seed: int, zones: dict[str, str] | None = None) -> list[Act]:
    """The acts, in the order of their times.

    Args:
        people: how many there are, the host (0) included.
        zones: ids by letter, of zones that are there already; None: the host makes them.
    """
    chance = random.Random(seed)
    acts = [Act(0.0, 0, "arrive"), *(Act(chance.uniform(2, ARRIVING), who, "arrive") for who in range(1, people))]
    acts += [Act(chance.uniform(*LEAVING), who, "leave") for who in range(people)]
    if zones is None:
        zones = {zone.letter: new_id("zone") for zone in seminar.zones}
        acts += _laying_out(seminar, zones)
    acts += _writing(seminar, people, chance, zones)
    acts += _talking(seminar, people, chance)
    return sorted(acts, key=lambda act: act.at)


def _laying_out(seminar: Seminar, zones: dict[str, str]) -> Iterator[Act]:
    yield Act(1.0, 0, "room.set", {"prompt": seminar.prompt})
    for n, zone in enumerate(seminar.zones):
        args = {"id": zones[zone.letter], "title": zone.title, "letter": zone.letter}
        yield Act(2.0 + 2.5 * n, 0, "zone.add", args)


def _writing(seminar: Seminar, people: int, chance: random.Random, zones: dict[str, str]) -> Iterator[Act]:
    authors = [chance.sample(range(people), people) for _ in range(1 + len(seminar.zones) * 8 // people)]
    turns = iter([who for turn in authors for who in turn])
    for zone in seminar.zones:
        began = 0.0
        for thought in zone.ideas:
            # Who says nearly the same has not read the first: he begins while, or soon after, it is typed.
            began = began + chance.uniform(2, 12) if thought.near else chance.uniform(*WRITING)
            yield from _one_idea(thought.text, zone.dots, began, next(turns), people, chance, zones.get(zone.letter))


def _one_idea(
    text: str, dots: int, began: float, author: int, people: int, chance: random.Random, zone: str | None
) -> Iterator[Act]:
    id = new_id("idea")
    written = began + 2 + len(text) / CHARACTERS * chance.uniform(0.7, 1.4)
    for pause in range(0, int(written - began), TYPING):
        yield Act(began + pause, author, "signal:typing")
    placed = zone is not None and chance.random() < 0.3
    where = {"zone": zone} if placed else {}
    yield Act(written, author, "idea.add", {"id": id, "text": text, **where}, (zone,) if placed and zone else ())
    if zone is not None and not placed:
        mover = author if chance.random() < 0.6 else 0
        yield Act(written + chance.uniform(3, 25), mover, "idea.move", {"id": id, "zone": zone}, (id, zone))
    fans = [who for who in range(people) if who != author]
    for who in chance.sample(fans, min(len(fans), max(0, round(chance.gauss(dots / 9, 2))))):
        kind = chance.choice(KINDS)
        at = min(written + 2 + chance.expovariate(1 / 25), LEAVING[0] - 2)
        yield Act(at, who, "reaction.add", {"on": id, "kind": kind}, (id,))
        if chance.random() < 0.15:
            yield Act(at + 0.5, who, "signal:burst", {"kind": kind})


def _talking(seminar: Seminar, people: int, chance: random.Random) -> Iterator[Act]:
    first, last = TALKING
    ids = [new_id("message") for _ in seminar.messages]
    for n, remark in enumerate(seminar.messages):
        at = first + (last - first) * n / max(1, len(ids) - 1) + chance.uniform(-4, 4)
        reply = {} if remark.reply is None else {"reply": ids[remark.reply]}
        # Each behind the one before it: a conversation keeps its order at any speed.
        needs = (ids[n - 1],) if n else ()
        yield Act(at, remark.by % people, "message.send", {"id": ids[n], "text": remark.text, **reply}, needs)
