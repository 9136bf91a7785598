"""What the host of a played workshop does next: leads it through its agenda to the end.

Each kind of step has its cues, in order. A cue comes so long after the one before it, or, where it waits for people, once all have
finished; it is given once, whatever became of it.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from play.lines import Book, Decided
from play.seen import agenda, all_of, board, chosen, current, steps, zones
from protocol import commands as c
from protocol.records import ActionRecord, DecisionRecord, IdeaRecord, MemberRecord, Record, StageRecord, StepRecord

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

    def is_over(self, seen: Seen) -> bool:
        """Whether the workshop is at its end, behind its last step."""
        now = agenda(seen)
        return now is not None and now.now is None and "" in self._given

    def next(self, seen: Seen, elapsed: float) -> c.Command | None:
        """A command, or None where there is nothing to do now.

        Args:
            seen: the public records, by id.
            elapsed: seconds since the workshop came to where it is.
        """
        step = current(seen)
        if step is None and self.is_over(seen):
            return None
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
        """Lay out a group that is not there yet, for an idea that belongs in it."""
        there = {zone.title for zone in zones(seen)}
        wanted = {self._book.group_of(idea.text) for idea in board(seen)}
        for title in self._book.groups:
            if title in wanted and title not in there:
                return c.AddZone(self._new_id("zone"), title)
        return None

    def merge(self, seen: Seen) -> c.Command | None:
        """Put an idea into the one that says the same."""
        by_text = {idea.text: idea.id for idea in board(seen)}
        for text, other in self._book.alike.items():
            if text in by_text and other in by_text:
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

    def show_all(self, seen: Seen) -> c.Command | None:
        stage = seen.get("stage:of-this-room")
        return c.SetStage("auto") if isinstance(stage, StageRecord) and stage.view != "auto" else None

    def decide(self, seen: Seen) -> c.Command | None:
        """Decide what comes of the next idea of those that were chosen."""
        decided = {decision.text for decision in all_of(seen, DecisionRecord)}
        for idea, fate in self._fates(seen):
            if fate.decision not in decided:
                return c.AddDecision(self._new_id("decision"), fate.decision, idea.id)
        return None

    def charge(self, seen: Seen) -> c.Command | None:
        """Say who carries out what was decided, by when, and with which first step."""
        carried = {action.decision for action in all_of(seen, ActionRecord)}
        fates = {decided.decision: decided for decided in self._book.decided}
        people = sorted((m for m in all_of(seen, MemberRecord) if m.role == "participant"), key=lambda m: m.id)
        for n, decision in enumerate(sorted(all_of(seen, DecisionRecord), key=lambda each: (each.at, each.id))):
            fate = fates.get(decision.text)
            if fate is not None and decision.id not in carried:
                due = (self._today + timedelta(days=fate.days)).isoformat()
                named = [member for member in all_of(seen, MemberRecord) if member.name == fate.owner]
                owner = (named or people)[n % len(named or people)].id if people else None
                return c.AddAction(self._new_id("action"), fate.action, decision.id, owner, due, fate.first)
        return None

    def _fates(self, seen: Seen) -> list[tuple[IdeaRecord, Decided]]:
        """What was chosen, or, where nothing was, what people like best, with what comes of it."""
        by_text = {decided.idea: decided for decided in self._book.decided}
        picked = [seen[id] for id in chosen(seen)] or board(seen)
        return [(idea, by_text[idea.text]) for idea in picked if isinstance(idea, IdeaRecord) and idea.text in by_text]

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
