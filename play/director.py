"""What the host of a played workshop does next: leads it through its agenda to the end.

Each kind of step has its cues, in order. A cue comes so long after the one before it, or, where it waits for people, once all have
finished; it is given once, whatever became of it.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from play.lines import Book, Decided
from play.seen import agenda, all_of, asked, board, chosen, current, ranked, steps, zones
from protocol import commands as c
from protocol.records import IdeaRecord, MemberRecord, Record, StageRecord, StepRecord

Seen = Mapping[str, Record]


class Director:
    """The host.

    Args:
        book: of the workshop.
        people: how many there are beside the host.
        today: from which days are counted.
        chance: what ids are made with.
        patience: how many times longer than told people are waited for at most.
    """

    def __init__(self, book: Book, people: int, today: date, chance: random.Random, patience: float = 1) -> None:
        self._book, self._people, self._today, self._chance = book, people, today, chance
        self._patience = patience
        self._given: dict[str, tuple[int, float]] = {}
        """By step, how many of its cues were given, and when the last of them was."""
        self._done: set[str] = set()
        """What was laid out, merged and decided: it is done once, also where it is not seen yet."""
        self._decided: tuple[str, Decided] | None = None
        """The last decision, that nobody carries out yet."""
        self._begun = False

    def is_over(self, seen: Seen) -> bool:
        """Whether the workshop is at its end, behind its last step."""
        now = agenda(seen)
        return now is not None and now.now is None and self._begun

    def next(self, seen: Seen, elapsed: float) -> c.Command | None:
        """A command, or None where there is nothing to do now.

        Args:
            seen: the public records, by id.
            elapsed: seconds since the workshop came to where it is.
        """
        step = current(seen)
        if step is None and self.is_over(seen):
            return None
        self._begun = self._begun or step is not None
        where, cues = ("", _BEFORE) if step is None else (step.id, _CUES.get(step.kind, _OTHERS))
        while True:
            given, before = self._given.get(where, (0, 0.0))
            if given == len(cues) or not self._is_due(cues[given], seen, step, elapsed - before):
                return None
            self._given[where] = given + 1, elapsed
            command = cues[given].act(self, seen)
            if command is not None:
                return command

    def _is_due(self, cue: "_Cue", seen: Seen, step: StepRecord | None, elapsed: float) -> bool:
        if cue.latest is None or elapsed < cue.after:
            return elapsed >= cue.after
        return elapsed >= cue.latest * self._patience or self._finished(seen, step) >= self._people

    @staticmethod
    def _finished(seen: Seen, step: StepRecord | None) -> int:
        if step is not None:
            return step.ready
        return sum(member.role == "participant" for member in all_of(seen, MemberRecord))

    # The cues.

    def go_on(self, seen: Seen) -> c.Command:
        """To the next step, or behind the last one."""
        step, following = current(seen), steps(seen)
        if step is not None:
            following = following[[each.id for each in following].index(step.id) + 1 :]
        return c.GoToStep(following[0].id if following else None, leaving=step.id if step else None)

    def reveal(self, seen: Seen) -> c.Command | None:
        step = current(seen)
        return c.RevealStep(step.id) if step and step.blind != "open" and not step.revealed else None

    def zone(self, seen: Seen) -> c.Command | None:
        """Lay out the next group that is not there yet."""
        there = {zone.title for zone in zones(seen)} | self._done
        title = next((title for title in self._book.groups if title not in there), None)
        if title is None:
            return None
        self._done.add(title)
        return c.AddZone(self._new_id("zone"), title)

    def merge(self, seen: Seen) -> c.Command | None:
        """Put the next idea into the one that says the same."""
        by_text = {idea.text: idea.id for idea in board(seen)}
        for text, other in self._book.alike.items():
            if text in by_text and other in by_text and text not in self._done:
                self._done.add(text)
                return c.MergeIdea(by_text[text], by_text[other])
        return None

    def close_vote(self, seen: Seen) -> c.Command | None:
        step = current(seen)
        return c.CloseVote(step.id) if step else None

    def reveal_vote(self, seen: Seen) -> c.Command | None:
        step = current(seen)
        return c.RevealVote(step.id) if step else None

    def show_first(self, seen: Seen) -> c.Command | None:
        """Have the big screen show what most dots lie on, with what is said of it."""
        return _shown(chosen(seen)[:1])

    def show_second(self, seen: Seen) -> c.Command | None:
        return _shown(chosen(seen)[1:2])

    def take_up(self, seen: Seen) -> c.Command | None:
        """Answer the question that most people support."""
        step = current(seen)
        there = asked(seen, step) if step else []
        return _shown([question.id for question in there[:1]])

    def answered(self, seen: Seen) -> c.Command | None:
        stage, step = seen.get("stage:of-this-room"), current(seen)
        on = stage.on if isinstance(stage, StageRecord) else None
        open_ones = [question.id for question in asked(seen, step)] if step else []
        return c.AnswerQuestion(on) if on is not None and on in open_ones else None

    def show_all(self, seen: Seen) -> c.Command | None:
        stage = seen.get("stage:of-this-room")
        return c.SetStage("auto") if isinstance(stage, StageRecord) and stage.view != "auto" else None

    def decide(self, seen: Seen) -> c.Command | None:
        """Decide what comes of the next idea of those that were chosen."""
        for idea, fate in self._fates(seen):
            if fate.decision not in self._done:
                self._done.add(fate.decision)
                self._decided = self._new_id("decision"), fate
                return c.AddDecision(self._decided[0], fate.decision, idea.id)
        return None

    def charge(self, seen: Seen) -> c.Command | None:
        """Say who carries out what was just decided, by when, and with which first step."""
        if self._decided is None:
            return None
        (decision, fate), self._decided = self._decided, None
        due = (self._today + timedelta(days=fate.days)).isoformat()
        members = sorted(all_of(seen, MemberRecord), key=lambda member: member.id)
        people = [member.id for member in members if member.role == "participant"]
        named = next((member.id for member in members if member.name == fate.owner), None)
        owner = named or (self._chance.choice(people) if people else None)
        return c.AddAction(self._new_id("action"), fate.action, decision, owner, due, fate.first)

    def _fates(self, seen: Seen) -> list[tuple[IdeaRecord, Decided]]:
        """What comes of ideas: of those with most dots first."""
        by_text = {decided.idea: decided for decided in self._book.decided}
        place = {id: n for n, id in enumerate(ranked(seen))}
        ideas = sorted(board(seen), key=lambda idea: place.get(idea.id, len(place)))
        return [(idea, by_text[idea.text]) for idea in ideas if idea.text in by_text]

    def _new_id(self, kind: str) -> str:
        return f"{kind}:{self._chance.getrandbits(128):032x}"


def _shown(things: Sequence[str]) -> c.Command | None:
    return c.SetStage("ideas", things[0]) if things else None


class _Cue(NamedTuple):
    """
    Attributes:
        after: seconds after the cue before it, or after the workshop came to the step, at least.
        latest: and at most, where people are waited for; None: they are not.
    """

    after: float
    act: Callable[[Director, Seen], c.Command | None]
    latest: float | None = None


_BEFORE: Final = (_Cue(5, Director.go_on, 10),)
_OTHERS: Final = (_Cue(6, Director.go_on, 12),)
_CUES: Final[Mapping[str, Sequence[_Cue]]] = {
    "meet": (_Cue(9, Director.go_on, 13),),
    "ideate": (
        _Cue(13, Director.reveal, 16),
        _Cue(6, Director.zone),
        *(_Cue(0.3, Director.zone) for _ in range(5)),
        _Cue(1.5, Director.go_on),
    ),
    "group": (
        _Cue(6, Director.merge),
        *(_Cue(1, Director.merge) for _ in range(5)),
        _Cue(7, Director.go_on, 9),
    ),
    "vote": (
        _Cue(11, Director.close_vote, 15),
        _Cue(1, Director.reveal_vote),
        _Cue(7, Director.go_on),
    ),
    "discuss": (
        _Cue(2, Director.show_first),
        _Cue(7, Director.show_second),
        _Cue(6, Director.show_all, 8),
        _Cue(0, Director.go_on),
    ),
    "questions": (
        _Cue(9, Director.take_up, 13),
        _Cue(5, Director.answered),
        _Cue(1, Director.take_up),
        _Cue(5, Director.answered),
        _Cue(1, Director.show_all),
        _Cue(4, Director.go_on),
    ),
    "decide": (
        _Cue(2, Director.decide),
        _Cue(2, Director.charge),
        _Cue(3, Director.decide),
        _Cue(2, Director.charge),
        _Cue(6, Director.go_on),
    ),
    "next": (_Cue(9, Director.go_on, 12),),
}
"""By the kind of a step: groups are laid out before people come to fill them. Of the whole agenda it is about two minutes."""
