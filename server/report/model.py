"""What a room's records say, put in the order in which one reads it afterwards."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from protocol.records import IdeaRecord, MemberRecord, Record, RoomRecord, StepRecord, ZoneRecord

R = TypeVar("R", bound=Record)


class Idea(Struct, frozen=True):
    """
    Attributes:
        author: None: nobody is named.
        step: title of the step that it was written in; "" for none.
        reactions: how many, of all kinds.
    """

    text: str
    author: str | None
    step: str
    reactions: int
    late: bool


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


class Report(Struct, frozen=True):
    """
    Attributes:
        written: when, in the reader's time zone.
        people: names, in alphabetical order.
    """

    title: str
    lang: str
    written: datetime
    people: Sequence[str]
    steps: Sequence[Step]
    groups: Sequence[Group]

    @property
    def ideas(self) -> int:
        return sum(len(group.ideas) for group in self.groups)


def report(records: Iterable[Record], written: datetime) -> Report:
    """
    Args:
        records: of the public audience, the room's own among them.
        written: now, in the reader's time zone.
    """
    known = list(records)
    (room,) = _of(known, RoomRecord)
    names = {member.id: member.name for member in _of(known, MemberRecord)}
    steps = sorted(_of(known, StepRecord), key=lambda step: (step.rank, step.id))
    return Report(
        title=room.title,
        lang=room.lang,
        written=written,
        people=sorted(names.values(), key=str.casefold),
        steps=[Step(step.title, step.prompt, step.minutes) for step in steps],
        groups=_groups(known, names, steps),
    )


def _groups(known: Sequence[Record], names: dict[str, str], steps: Sequence[StepRecord]) -> Sequence[Group]:
    """Zone by zone as on the board, then what is in no zone, step by step."""
    titles = {step.id: step.title for step in steps}
    ideas = sorted(
        (idea for idea in _of(known, IdeaRecord) if not idea.hidden and not idea.removed),
        key=lambda idea: (idea.rank, idea.id),
    )

    def told(idea: IdeaRecord) -> Idea:
        author = names.get(idea.author) if idea.author else None
        return Idea(idea.text, author, titles.get(idea.step or "", ""), sum(idea.reactions.values()), idea.late)

    zones = sorted(_of(known, ZoneRecord), key=lambda zone: (zone.rank, zone.id))
    groups = [Group(zone.letter, zone.title, [told(idea) for idea in ideas if idea.zone == zone.id]) for zone in zones]
    loose = [idea for idea in ideas if idea.zone is None]
    for step in (*(step.id for step in steps), None):
        here = [told(idea) for idea in loose if (idea.step if idea.step in titles else None) == step]
        groups.append(Group("", titles.get(step or "", ""), here))
    return [group for group in groups if group.ideas]


def _of(records: Iterable[Record], kind: type[R]) -> list[R]:
    return [record for record in records if isinstance(record, kind)]
