"""What somebody who only seems to be there does next, by what everyone sees, and what they were dealt."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from play.lines import Book, Lines
from play.seen import asked as questions_in
from play.seen import board, current, remarkable, steps, zones
from protocol import commands as c
from protocol.choices import ReactionKind
from protocol.records import HandRecord, IdeaRecord, PulseRecord, Record, StepRecord

ZONES: Final = 6
"""Where so many lie already, people add none of their own."""

SORTED: Final = 0.9
"""How likely they know where an idea belongs that they were dealt."""

REACTIONS: Final[Sequence[ReactionKind]] = ("like", "like", "like", "love", "star", "bulb", "question")

SCALE: Final = (1, 2, 4, 5, 3)
"""How likely each number of the scale is."""

WEATHER: Final = (4, 5, 3, 2, 1)
"""And each weather, from bright sun to a thunderstorm."""

OTHERS: Final = 0.25
"""How likely they write an answer of their own, where they may."""


class Person:
    """One of them.

    Args:
        lines: what they say.
        book: of the workshop.
        chance: of everything that could be otherwise.
    """

    def __init__(self, lines: Lines, book: Book, chance: random.Random) -> None:
        self._book, self._chance = book, chance
        self._skills, self._ideas = list(lines.skills), list(lines.ideas)
        self._doubts, self._commitments = list(lines.doubts), list(lines.commitments[:1])
        self._questions, self._supports = list(lines.questions), chance.randint(2, 4)
        self._supported: set[str] = set()
        self._shares: dict[str, int] = {}
        self._reactions = chance.randrange(3)
        self._answered: set[str] = set()
        self._finished: set[str] = set()
        self._dots: Counter[tuple[str, str]] = Counter()

    def next(self, seen: Mapping[str, Record], own: Sequence[Record] = ()) -> c.Command | None:
        """A command, or None where there is nothing for them to do now.

        Args:
            seen: the public records, by id.
            own: those that they alone have.
        """
        asked = [r for r in seen.values() if isinstance(r, PulseRecord) and not r.closed and r.id not in self._answered]
        if asked:
            return self._answer(asked[-1])
        step = current(seen)
        if step is None:
            # Without an agenda people write on the board.
            return None if steps(seen) else self._write(self._ideas, None)
        match step.kind:
            case "meet":
                command = self._write(self._skills, step)
            case "questions":
                command = self._write(self._questions, step) or self._support(step, seen)
            case "ideate":
                command = self._share(step, seen)
            case "group" if step.deals:
                command = self._sort(step, seen, own)
            case "group":
                command = self._group(seen) or self._react(seen)
            case "vote" if step.closed:
                return None
            case "vote":
                command = self._vote(step, seen)
            case "discuss":
                command = self._doubt(step, seen)
            case "next":
                command = self._commit()
            case "present" | "decide":
                return None
            case _:
                command = None
        return command or self._finish(step)

    def _write(self, lines: list[str], step: StepRecord | None) -> c.Command | None:
        return c.AddIdea(self._new_id("idea"), lines.pop(), step=step.id if step else None) if lines else None

    def _share(self, step: StepRecord, seen: Mapping[str, Record]) -> c.Command | None:
        """Not all is written in the first step that asks for ideas: some is left for those that follow."""
        if step.id not in self._shares:
            ahead = sum(r.kind == "ideate" and (r.rank, r.id) >= (step.rank, step.id) for r in steps(seen))
            each, over = divmod(len(self._ideas), ahead)
            self._shares[step.id] = each + (self._chance.randrange(ahead) < over)
        if not self._shares[step.id]:
            return None
        self._shares[step.id] -= 1
        return self._write(self._ideas, step)

    def _support(self, step: StepRecord, seen: Mapping[str, Record]) -> c.Command | None:
        """What they would like to hear the answer of; what many do rather."""
        there = [idea for idea in questions_in(seen, step) if idea.id not in self._supported]
        if not there or len(self._supported) >= self._supports:
            return None
        on = there[int(len(there) * self._chance.random() ** 2)].id
        self._supported.add(on)
        return c.AddReaction(on, "like")

    def _answer(self, pulse: PulseRecord) -> c.Command:
        self._answered.add(pulse.id)
        value: int | str | list[int]
        if pulse.other and self._chance.random() < OTHERS and self._book.others:
            last, text = len(pulse.options), self._chance.choice(self._book.others)
            return c.AnswerPulse(pulse.id, [last] if pulse.several else last, text)
        match pulse.form:
            case "scale":
                value = self._chance.choices(range(1, 6), SCALE)[0]
            case "weather":
                value = self._chance.choices(range(1, 6), WEATHER)[0]
            case "choice" if pulse.several:
                value = sorted(self._chance.sample(range(len(pulse.options)), self._chance.randint(1, 2)))
            case "choice":
                value = self._chance.randrange(len(pulse.options))
            case _:
                value = self._chance.choice(self._book.words)
        return c.AnswerPulse(pulse.id, value)

    def _doubt(self, step: StepRecord, seen: Mapping[str, Record]) -> c.Command | None:
        """What they have to say of what is tested; where nothing was chosen, an idea like any other."""
        if not self._doubts:
            return None
        kind, text = self._doubts.pop()
        tested = remarkable(seen)
        if not tested:
            return c.AddIdea(self._new_id("idea"), text, step=step.id)
        return c.AddRemark(self._new_id("remark"), self._chance.choice(tested), kind, text, step.id)

    def _commit(self) -> c.Command | None:
        return (
            c.WriteCommitment(self._commitments.pop(), shared=self._chance.random() < 0.5)
            if self._commitments
            else None
        )

    def _sort(self, step: StepRecord, seen: Mapping[str, Record], own: Sequence[Record]) -> c.Command | None:
        """What they were dealt, once."""
        hand = next((r for r in own if isinstance(r, HandRecord) and r.step == step.id), None)
        if hand is None:
            return None if step.id in self._finished else c.DealHand(step.id)
        for card in hand.cards:
            idea = seen.get(card)
            if card not in hand.put and isinstance(idea, IdeaRecord) and idea.zone is None and idea.into is None:
                return c.PutHand(step.id, card, self._fitting(idea, seen) if self._chance.random() < SORTED else None)
        return None

    def _fitting(self, idea: IdeaRecord, seen: Mapping[str, Record]) -> str | None:
        """Where an idea belongs, so that most agree: in the group of its name, in one of the host's, or with one that is like it."""
        title, there = self._book.group_of(idea.text), zones(seen)
        if there:
            named = [zone for zone in there if zone.title == title]
            return (named or there)[len(idea.text) % len(named or there)].id
        like = (r.id for r in board(seen) if r.id != idea.id and title and self._book.group_of(r.text) == title)
        return next(like, None)

    def _group(self, seen: Mapping[str, Record]) -> c.Command | None:
        loose = [idea for idea in board(seen) if idea.zone is None]
        if not loose:
            return None
        idea = self._chance.choice(loose)
        there = zones(seen)
        title = self._book.group_of(idea.text)
        fitting = [zone for zone in there if zone.title == title]
        if not fitting and title is not None and len(there) < ZONES:
            return c.AddZone(self._new_id("zone"), title)
        if not there:
            return None
        return c.MoveIdea(idea.id, self._chance.choice(fitting or there).id)

    def _react(self, seen: Mapping[str, Record]) -> c.Command | None:
        ideas = board(seen)
        if not ideas or self._reactions == 0:
            return None
        self._reactions -= 1
        return c.AddReaction(self._chance.choice(ideas).id, self._chance.choice(REACTIONS))

    def _vote(self, step: StepRecord, seen: Mapping[str, Record]) -> c.Command | None:
        mine = {on: n for (where, on), n in self._dots.items() if where == step.id}
        left = step.budget - sum(mine.values())
        if step.targets == "zones":
            open_to = [zone.id for zone in zones(seen)]
        else:
            # What is liked best comes first.
            open_to = [idea.id for idea in sorted(board(seen), key=lambda idea: not self._book.likes(idea.text))]
        things = [thing for thing in open_to if mine.get(thing, 0) < step.cap]
        if not things or left <= 0:
            return None
        # Some are liked by many, so that there is a result to talk about.
        on = things[int(len(things) * self._chance.random() ** 2)]
        self._dots[step.id, on] += min(left, step.cap - mine.get(on, 0), self._chance.choice((1, 2)))
        return c.PutDots(step.id, on, self._dots[step.id, on])

    def _finish(self, step: StepRecord) -> c.Command | None:
        if step.id in self._finished:
            return None
        self._finished.add(step.id)
        return c.SayReady(step.id)

    def _new_id(self, kind: str) -> str:
        return f"{kind}:{self._chance.getrandbits(128):032x}"
