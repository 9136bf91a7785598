"""What somebody who only seems to be there does next, by what everyone sees."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from protocol import commands as c
from protocol.records import AgendaRecord, IdeaRecord, PulseRecord, Record, StepRecord, ZoneRecord
from server.accounts.tokens import new_id
from server.rehearsal.lines import Book, Lines

ZONES: Final = 6
"""Where so many lie already, people add none of their own."""

SCALE: Final = (1, 2, 4, 5, 3)
"""How likely each number of the scale is."""

WEATHER: Final = (4, 5, 3, 2, 1)
"""And each weather, from bright sun to a thunderstorm."""


class Person:
    """One of them.

    Args:
        lines: what he says.
        book: the language that he speaks.
        chance: of everything that could be otherwise.
    """

    def __init__(self, lines: Lines, book: Book, chance: random.Random) -> None:
        self._book, self._chance = book, chance
        self._said: dict[str, list[str]] = {
            "meet": [lines.skill],
            "ideate": list(lines.ideas),
            "discuss": [lines.doubt],
            "next": [lines.commitment],
        }
        self._answered: set[str] = set()
        self._finished: set[str] = set()
        self._dots: Counter[tuple[str, str]] = Counter()

    def next(self, seen: Mapping[str, Record]) -> c.Command | None:
        """A command, or None where there is nothing for him to do now.

        Args:
            seen: the public records, by id.
        """
        asked = [r for r in seen.values() if isinstance(r, PulseRecord) and not r.closed and r.id not in self._answered]
        if asked:
            return self._answer(asked[-1])
        agenda = seen.get("agenda:of-this-room")
        step = seen.get(agenda.now or "") if isinstance(agenda, AgendaRecord) else None
        if not isinstance(step, StepRecord):
            return None
        match step.kind:
            case "meet" | "ideate" | "discuss" if self._said[step.kind]:
                return c.AddIdea(new_id("idea"), self._said[step.kind].pop(), step=step.id)
            case "next":
                return self._commit()
            case "group":
                return self._group(seen) or self._finish(step)
            case "vote":
                return None if step.closed else self._vote(step, seen) or self._finish(step)
            case "present" | "decide":
                return None
        return self._finish(step)

    def _answer(self, pulse: PulseRecord) -> c.Command:
        self._answered.add(pulse.id)
        value: int | str
        match pulse.form:
            case "scale":
                value = self._chance.choices(range(1, 6), SCALE)[0]
            case "weather":
                value = self._chance.choices(range(1, 6), WEATHER)[0]
            case "choice":
                value = self._chance.randrange(len(pulse.options))
            case _:
                value = self._chance.choice(self._book.words)
        return c.AnswerPulse(pulse.id, value)

    def _commit(self) -> c.Command | None:
        if not self._said["next"]:
            return None
        return c.WriteCommitment(self._said["next"].pop(), shared=self._chance.random() < 0.5)

    def _group(self, seen: Mapping[str, Record]) -> c.Command | None:
        loose = [idea for idea in _ideas(seen) if idea.zone is None]
        if not loose:
            return None
        idea = self._chance.choice(loose)
        zones = [r for r in seen.values() if isinstance(r, ZoneRecord)]
        title = self._book.group_of(idea.text)
        fitting = [zone for zone in zones if zone.title == title]
        if not fitting and title is not None and len(zones) < ZONES:
            return c.AddZone(new_id("zone"), title)
        if not zones:
            return None
        return c.MoveIdea(idea.id, self._chance.choice(fitting or zones).id)

    def _vote(self, step: StepRecord, seen: Mapping[str, Record]) -> c.Command | None:
        mine = {on: n for (where, on), n in self._dots.items() if where == step.id}
        zones = (r for r in seen.values() if isinstance(r, ZoneRecord))
        open_to = zones if step.targets == "zones" else _ideas(seen)
        things = [thing.id for thing in open_to if mine.get(thing.id, 0) < step.cap]
        if not things or sum(mine.values()) >= step.budget:
            return None
        # Some are liked by many, so that there is a result to talk about.
        on = things[int(len(things) * self._chance.random() ** 2)]
        self._dots[step.id, on] += 1
        return c.PutDots(step.id, on, self._dots[step.id, on])

    def _finish(self, step: StepRecord) -> c.Command | None:
        if step.id in self._finished:
            return None
        self._finished.add(step.id)
        return c.SayReady(step.id)


def _ideas(seen: Mapping[str, Record]) -> Iterator[IdeaRecord]:
    """Those of the board: not what people say of themselves (SPEC G14)."""
    for record in seen.values():
        if isinstance(record, IdeaRecord):
            step = seen.get(record.step or "")
            if not isinstance(step, StepRecord) or step.kind != "meet":
                yield record
