"""What a room's records say, put in the order in which one reads it afterwards: what was decided first."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from protocol.records import (
    ActionRecord,
    BreakoutRecord,
    CommitmentRecord,
    DecisionRecord,
    IdeaRecord,
    MemberRecord,
    MessageRecord,
    PulseRecord,
    Record,
    RemarkRecord,
    ResultRecord,
    RoomRecord,
    StepRecord,
    ZoneRecord,
    is_day,
)
from protocol.text import in_order
from server.report.alike import told_apart

R = TypeVar("R", bound=Record)

REMARKS: Final = ("objection", "condition", "offer")
"""Kinds of remarks, in the order in which they are told."""


SUPPORT: Final = "like"
"""The reaction by which a question is supported (SPEC U12)."""


class Action(Struct, frozen=True):
    """
    Attributes:
        owner: None: nobody has taken it.
        due: None: no day was said; a text: it names no day, and is told as it stands.
        first: its first step; "" for none.
    """

    text: str
    owner: str | None
    due: date | str | None
    first: str
    done: bool


class Vote(Struct, frozen=True):
    """What one thing was given in one vote."""

    step: str
    dots: int
    voters: int


class Decision(Struct, frozen=True):
    """
    Attributes:
        quote: how the idea or the zone that it came from read then; "" for none.
        votes: for that idea or zone, where they were shown.
        actions: all but `itself`.
        itself: the action that reads as the decision does: who takes it on, for when, and what comes first; it is told with it, once.
        taken: it came from an idea whose text went with its author.
    """

    text: str
    quote: str
    votes: Sequence[Vote]
    actions: Sequence[Action]
    itself: Action | None = None
    taken: bool = False

    @property
    def undertaken(self) -> bool:
        """Whether somebody has said what is to be done for it."""
        return self.itself is not None or bool(self.actions)


class Commitment(Struct, frozen=True):
    text: str
    author: str | None


class Total(Struct, frozen=True):
    """
    Attributes:
        place: 1 for most dots; as many have the same place as have the same dots.
        text: "" where it has been hidden or removed since, or went with its author: then it is `taken`.
    """

    place: int
    text: str
    dots: int
    voters: int
    taken: bool = False


class Result(Struct, frozen=True):
    """A vote that was shown.

    Attributes:
        weight: how many people there were behind the ballots: a table counts as many as it is.
    """

    step: str
    voters: int
    weight: int
    totals: Sequence[Total]


class Remark(Struct, frozen=True):
    """
    Attributes:
        kind: `objection`, `condition` or `offer`.
        text: "" where it went with its author.
        author: None: nobody is named.
    """

    kind: str
    text: str
    author: str | None


class Tested(Struct, frozen=True):
    """An idea or a zone, with what people said of it.

    Attributes:
        letter: of a zone; "" for an idea.
        text: of the idea, "" where it went with its author; or the zone's title.
        votes: for it, where they were shown.
        remarks: those on what stands in it (SPEC G13) too.
    """

    letter: str
    text: str
    votes: Sequence[Vote]
    remarks: Sequence[Remark]


class Breakout(Struct, frozen=True):
    """What a small table talked about, and reported back.

    Attributes:
        topic: "" for none, or one that is not to be read any more.
        speaker: None: nobody is named.
        best: the idea that it reported back, "" where its text went with its author; None: none, or one that is not to be read any more.
    """

    number: int
    topic: str
    speaker: str | None
    best: str | None


class Round(Struct, frozen=True):
    """A round of small tables, with those of which something was said, in their order.

    Attributes:
        topic: what all of them talked about, and none of them tells again; "" for none.
    """

    number: int
    topic: str
    breakouts: Sequence[Breakout]


class Pulse(Struct, frozen=True):
    """
    Attributes:
        counts: what was answered, and by how many; empty while it may not be shown, and of weather.
        weather: of each (SPEC U7), how many are in it; empty of what is none, and while it may not be shown.
        other: how many wrote an answer of their own (SPEC U10); None: none may, or it may not be shown.
        own: what they wrote, and how many.
        anonymous: whether too few answers are told as none (SPEC U3).
    """

    question: str
    answers: int
    counts: Sequence[tuple[str, int]]
    weather: Sequence[int] = ()
    other: int | None = None
    own: Sequence[tuple[str, int]] = ()
    anonymous: bool = True


class Question(Struct, frozen=True):
    """What somebody of the room asked.

    Attributes:
        text: "" where it went with its author (SPEC O3).
        author: None: nobody is named.
    """

    text: str
    author: str | None
    supports: int
    answered: bool


class Idea(Struct, frozen=True):
    """
    Attributes:
        text: "" where it went with its author (SPEC O3).
        author: None: nobody is named.
        step: title of the step that it was written in; "" for none.
        reactions: how many, of all kinds.
        merged: what stands in it (SPEC G13), and so has nothing that stands in itself.
        image: the id of its picture; "" for none. `alt`: what is seen on it.
    """

    text: str
    author: str | None
    step: str
    reactions: int
    late: bool
    merged: Sequence["Idea"] = ()
    image: str = ""
    alt: str = ""


class Group(Struct, frozen=True):
    """Ideas that stand together.

    Attributes:
        letter: of a zone of the board; "" for what is in no zone.
        title: of the zone, or of the step that those in no zone were written in; "" for neither.
    """

    letter: str
    title: str
    ideas: Sequence[Idea]


class Step(Struct, frozen=True):
    title: str
    prompt: str
    minutes: int


class LeftOut(Struct, frozen=True):
    """What was written, voted or answered, and is not all told of.

    Attributes:
        step: its title, or the question.
        ideas: how many were not revealed; `voters`: how many voted where the result was not shown; `words`: how many more were given in
            answer to a question than its record tells of (SPEC U6). Two of them are 0.
    """

    step: str
    ideas: int = 0
    voters: int = 0
    words: int = 0


class Message(Struct, frozen=True):
    """
    Attributes:
        text: "" where it went with its author.
        author: None: nobody is named.
    """

    text: str
    author: str | None


class Person(Struct, frozen=True):
    """
    Attributes:
        name: as people are called in all of the report: who looks like another is told apart (SPEC L8).
        weight: so many people share this phone; 0: one person alone.
        helps: what he said, under his name, that he could help with.
    """

    name: str
    weight: int
    helps: tuple[str, ...] = ()


class Report(Struct, frozen=True, kw_only=True):
    """
    Attributes:
        line, accent: in whose name it is, and their colour as they gave it; "" for none (SPEC C11).
        logo: the id of theirs for light grounds, "" for none; its size in pixels (B5).
        written: when, in the reader's time zone.
        loose: actions that belong to no decision.
        tested: what people had most dots for in the last vote first, then as on the board.
        people: in alphabetical order.
        left_out: what there was, and may not be told here.
        messages: in the order in which they came; empty where they are not to be told.
    """

    title: str
    lang: str
    written: datetime
    decisions: Sequence[Decision]
    loose: Sequence[Action]
    commitments: Sequence[Commitment]
    results: Sequence[Result]
    tested: Sequence[Tested]
    rounds: Sequence[Round]
    pulses: Sequence[Pulse]
    questions: Sequence[Question]
    groups: Sequence[Group]
    steps: Sequence[Step]
    people: Sequence[Person]
    left_out: Sequence[LeftOut]
    messages: Sequence[Message] = ()
    line: str = ""
    accent: str = ""
    logo: str = ""
    logo_width: int = 0
    logo_height: int = 0

    @property
    def actions(self) -> Iterable[tuple[Decision | None, Action]]:
        """Every action that is told by itself, with its decision; those of none come last."""
        decided = ((decision, action) for decision in self.decisions for action in decision.actions)
        return chain(decided, ((None, action) for action in self.loose))

    @property
    def ideas(self) -> int:
        """How many were had: a merged one counts."""
        return sum(1 + len(idea.merged) for group in self.groups for idea in group.ideas)

    @property
    def present(self) -> int:
        """How many people: a table counts as many as it is."""
        return sum(person.weight or 1 for person in self.people)

    @property
    def empty(self) -> bool:
        """Nobody has written anything yet."""
        told = (
            self.decisions,
            self.loose,
            self.commitments,
            self.results,
            self.tested,
            self.rounds,
            self.pulses,
            self.questions,
            self.groups,
            self.messages,
        )
        return not any(told) and not self.left_out and not any(person.helps for person in self.people)


def report(records: Iterable[Record], written: datetime) -> Report:
    """
    Args:
        records: of the public audience, the room's own among them.
        written: now, in the reader's time zone.
    """
    known = list(records)
    (room,) = _of(known, RoomRecord)
    members = _of(known, MemberRecord)
    names = told_apart(members)
    steps = sorted(_of(known, StepRecord), key=lambda step: (step.rank, step.id))
    decisions = sorted(_of(known, DecisionRecord), key=lambda decision: (decision.at, decision.id))
    actions = _actions(known, names, {decision.id for decision in decisions})
    results = _results(known, steps)
    titles = {step.id: step.title for step in steps}
    helps = _helps(known, names, steps)
    taken = {idea.id for idea in _shown(known) if not idea.text}
    return Report(
        title=room.title,
        lang=room.lang,
        written=written,
        decisions=[
            _decision(one, actions.get(one.id, ()), _votes(one.source, results, titles), taken) for one in decisions
        ],
        loose=actions.get(None, ()),
        commitments=[
            Commitment(one.text, names.get(one.author))
            for one in sorted(_of(known, CommitmentRecord), key=lambda one: (one.at, one.id))
        ],
        results=[_result(one, titles, taken) for one in results],
        tested=_tested(known, names, results, titles),
        rounds=_rounds(known, names),
        pulses=[_pulse(one) for one in sorted(_of(known, PulseRecord), key=lambda one: (one.at, one.id))],
        questions=_questions(known, names),
        groups=_groups(known, names, steps),
        steps=[Step(step.title, step.prompt, step.minutes) for step in steps],
        people=[
            Person(names[member.id], member.weight, tuple(helps.get(member.id, ())))
            for member in sorted(members, key=lambda member: (in_order(member.name), names[member.id]))
        ],
        left_out=[*_left_out(steps), *_words_left_out(known)],
        messages=[
            Message(one.text, names.get(one.author) if one.author else None)
            for one in sorted(_of(known, MessageRecord), key=lambda one: one.n)
            if not one.hidden
        ],
        line=room.line,
        accent=room.accent,
        logo=room.logo,
        logo_width=room.logo_width,
        logo_height=room.logo_height,
    )


def _decision(one: DecisionRecord, actions: Sequence[Action], votes: Sequence[Vote], taken: Container[str]) -> Decision:
    itself = next((action for action in actions if action.text == one.text), None)
    others = [action for action in actions if action is not itself]
    return Decision(one.text, one.quote, votes, others, itself, not one.quote and one.source in taken)


def _left_out(steps: Sequence[StepRecord]) -> Iterator[LeftOut]:
    """In the order of the agenda. What is hidden or removed is not told of: that there is any is for hosts alone (SPEC C6)."""
    for step in steps:
        if step.blind != "open" and not step.revealed and step.written:
            yield LeftOut(step.title, ideas=step.written)
        if step.kind == "vote" and step.voted and not step.shown:
            yield LeftOut(step.title, voters=step.voted)


def _words_left_out(known: Sequence[Record]) -> Iterator[LeftOut]:
    for pulse in sorted(_of(known, PulseRecord), key=lambda one: (one.at, one.id)):
        if pulse.different > len(pulse.words):
            yield LeftOut(pulse.question, words=pulse.different - len(pulse.words))


def _actions(
    known: Sequence[Record], names: Mapping[str, str], decisions: set[str]
) -> Mapping[str | None, Sequence[Action]]:
    """By decision, oldest first; under None those of no decision, and of one that is gone."""
    found: dict[str | None, list[Action]] = {}
    for one in sorted(_of(known, ActionRecord), key=lambda one: (one.at, one.id)):
        due = date.fromisoformat(one.due) if is_day(one.due) else (one.due or None)
        owner = names.get(one.owner) if one.owner else None
        told = Action(one.text, owner, due, one.first, one.done)
        found.setdefault(one.decision if one.decision in decisions else None, []).append(told)
    return found


def _results(known: Sequence[Record], steps: Sequence[StepRecord]) -> Sequence[ResultRecord]:
    """In the order of the agenda."""
    places = {step.id: place for place, step in enumerate(steps)}
    return sorted(_of(known, ResultRecord), key=lambda one: (places.get(one.step, len(places)), one.at, one.id))


def _votes(source: str | None, results: Sequence[ResultRecord], titles: Mapping[str, str]) -> Sequence[Vote]:
    return [
        Vote(titles.get(result.step, ""), total.dots, total.voters)
        for result in results
        for total in result.totals
        if total.id == source and total.dots
    ]


def _result(result: ResultRecord, titles: Mapping[str, str], taken: Container[str]) -> Result:
    totals = sorted(result.totals, key=lambda total: (-total.dots, -total.voters, total.id))
    dots = [total.dots for total in totals]
    return Result(
        titles.get(result.step, ""),
        result.voters,
        result.weight,
        [
            Total(
                dots.index(total.dots) + 1,
                total.text,
                total.dots,
                total.voters,
                not total.text and total.id in taken,
            )
            for total in totals
        ],
    )


def _tested(
    known: Sequence[Record], names: Mapping[str, str], results: Sequence[ResultRecord], titles: Mapping[str, str]
) -> Sequence[Tested]:
    ideas, merged = _stacked(known)
    zones = sorted(_of(known, ZoneRecord), key=lambda zone: (zone.rank, zone.id))
    things: list[tuple[str, str, str, tuple[str, ...]]]
    things = [(zone.id, zone.letter, zone.title, (zone.id,)) for zone in zones]
    things += [(idea.id, "", idea.text, (idea.id, *(one.id for one in merged.get(idea.id, ())))) for idea in ideas]
    on: dict[str, list[RemarkRecord]] = {}
    for remark in sorted(_of(known, RemarkRecord), key=lambda one: (_sort(one.kind), one.at or 0, one.id)):
        if not remark.hidden:
            on.setdefault(remark.on, []).append(remark)
    last = max(results, key=lambda result: result.at, default=None)
    dots = {total.id: total.dots for total in last.totals} if last else {}
    told = [
        (
            -dots.get(id, 0),
            Tested(
                letter,
                text,
                _votes(id, results, titles),
                [Remark(one.kind, one.text, names.get(one.author) if one.author else None) for one in said],
            ),
        )
        for id, letter, text, parts in things
        if (said := sorted((one for part in parts for one in on.get(part, ())), key=lambda one: _sort(one.kind)))
    ]
    return [one for _, one in sorted(told, key=lambda each: each[0])]


def _rounds(known: Sequence[Record], names: Mapping[str, str]) -> Sequence[Round]:
    """The first round first."""
    texts = {idea.id: idea.text for idea in _shown(known)}
    titles = texts | {zone.id: zone.title for zone in _of(known, ZoneRecord)}
    found: dict[int, list[Breakout]] = {}
    for one in sorted(_of(known, BreakoutRecord), key=lambda one: (one.round, one.breakout)):
        topic = one.topic or titles.get(one.about or "", "")
        told = Breakout(one.breakout, topic, names.get(one.speaker or ""), texts.get(one.best or ""))
        if told.topic or told.speaker or told.best is not None:
            found.setdefault(one.round, []).append(told)
    return [_round(number, breakouts) for number, breakouts in found.items()]


def _round(number: int, breakouts: Sequence[Breakout]) -> Round:
    shared = breakouts[0].topic
    if len(breakouts) == 1 or any(one.topic != shared for one in breakouts):
        return Round(number, "", breakouts)
    told = (replace(one, topic="") for one in breakouts)
    return Round(number, shared, [one for one in told if one.speaker or one.best is not None])


def _sort(kind: str) -> int:
    return REMARKS.index(kind) if kind in REMARKS else len(REMARKS)


def _pulse(pulse: PulseRecord) -> Pulse:
    counts: Iterable[tuple[str, int]]
    words = sorted(pulse.words.items(), key=lambda counted: (-counted[1], in_order(counted[0])))
    match pulse.form:
        case "weather":
            return Pulse(pulse.question, pulse.answers, [], pulse.counts, anonymous=pulse.anonymous)
        case "words":
            counts = words
        case "choice" if pulse.other and pulse.counts:
            counts = zip(pulse.options, pulse.counts, strict=False)
            return Pulse(
                pulse.question,
                pulse.answers,
                list(counts),
                other=pulse.counts[-1],
                own=words,
                anonymous=pulse.anonymous,
            )
        case "scale":
            ends = {1: pulse.low, len(pulse.counts): pulse.high}
            labels = (f"{n} ({end})" if (end := ends.get(n)) else str(n) for n in range(1, len(pulse.counts) + 1))
            counts = zip(labels, pulse.counts, strict=True)
        case _:
            counts = zip(pulse.options, pulse.counts, strict=False)
    return Pulse(pulse.question, pulse.answers, list(counts), anonymous=pulse.anonymous)


def _questions(known: Sequence[Record], names: Mapping[str, str]) -> Sequence[Question]:
    """Most supported first."""
    asking = _asking(known)
    told = [
        Question(
            idea.text, names.get(idea.author) if idea.author else None, idea.reactions.get(SUPPORT, 0), idea.answered
        )
        for idea in _shown(known)
        if idea.step in asking
    ]
    return sorted(told, key=lambda question: -question.supports)


def _asking(known: Sequence[Record]) -> Container[str]:
    """Steps in which what is written are questions, and no ideas (SPEC U12)."""
    return {step.id for step in _of(known, StepRecord) if step.kind == "questions"}


def _groups(known: Sequence[Record], names: Mapping[str, str], steps: Sequence[StepRecord]) -> Sequence[Group]:
    """Zone by zone as on the board, then what is in no zone, step by step."""
    titles = {step.id: step.title for step in steps}
    ideas, merged = _stacked(known)
    ideas = [idea for idea in ideas if merged.get(idea.id) or not _is_help(idea, names, steps)]

    def told(idea: IdeaRecord) -> Idea:
        return Idea(
            idea.text,
            names.get(idea.author) if idea.author else None,
            titles.get(idea.step or "", ""),
            sum(idea.reactions.values()),
            idea.late,
            [told(one) for one in merged.get(idea.id, ())],
            idea.image,
            idea.alt,
        )

    zones = sorted(_of(known, ZoneRecord), key=lambda zone: (zone.rank, zone.id))
    groups = [Group(zone.letter, zone.title, [told(idea) for idea in ideas if idea.zone == zone.id]) for zone in zones]
    loose = [idea for idea in ideas if idea.zone is None]
    for step in (*(step.id for step in steps), None):
        here = [told(idea) for idea in loose if (idea.step if idea.step in titles else None) == step]
        groups.append(Group("", titles.get(step or "", ""), here))
    return [group for group in groups if group.ideas]


def _shown(known: Sequence[Record]) -> Sequence[IdeaRecord]:
    ideas = (idea for idea in _of(known, IdeaRecord) if not idea.hidden and not idea.removed)
    return sorted(ideas, key=lambda idea: (idea.rank, idea.id))


def _stacked(known: Sequence[Record]) -> tuple[Sequence[IdeaRecord], Mapping[str, Sequence[IdeaRecord]]]:
    """Ideas that stand by themselves, and by the id of each what stands in it (SPEC G13); all in the order of the board."""
    asking = _asking(known)
    shown = {idea.id: idea for idea in _shown(known) if idea.step not in asking}
    alone: list[IdeaRecord] = []
    merged: dict[str, list[IdeaRecord]] = {}
    for idea in shown.values():
        head = idea
        while head.into in shown:
            head = shown[head.into]
        if head is idea:
            alone.append(idea)
        else:
            merged.setdefault(head.id, []).append(idea)
    return alone, merged


def _is_help(idea: IdeaRecord, names: Mapping[str, str], steps: Sequence[StepRecord]) -> bool:
    """It is said of somebody, who is named (SPEC G14); what nobody's name stands under is told among the ideas."""
    met = any(step.id == idea.step and step.kind == "meet" for step in steps)
    return met and idea.author in names


def _helps(
    known: Sequence[Record], names: Mapping[str, str], steps: Sequence[StepRecord]
) -> Mapping[str, Sequence[str]]:
    """By member, what he could help with."""
    found: dict[str, list[str]] = {}
    ideas, merged = _stacked(known)
    for idea in ideas:
        if idea.author is not None and idea.id not in merged and _is_help(idea, names, steps):
            found.setdefault(idea.author, []).append(idea.text)
    return found


def _of(records: Iterable[Record], kind: type[R]) -> list[R]:
    return [record for record in records if isinstance(record, kind)]
