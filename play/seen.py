"""What of a workshop everyone sees, as those look at it who play it."""

from collections.abc import Mapping
from typing import Final, TypeVar

from protocol.records import AgendaRecord, IdeaRecord, Record, ResultRecord, StageRecord, StepRecord, ZoneRecord

R = TypeVar("R", bound=Record)

CHOSEN: Final = 3
"""So many of what was voted for are talked about."""


def all_of(seen: Mapping[str, Record], kind: type[R]) -> list[R]:
    return [record for record in seen.values() if isinstance(record, kind)]


def steps(seen: Mapping[str, Record]) -> list[StepRecord]:
    """The agenda's, in their order."""
    return sorted(all_of(seen, StepRecord), key=lambda step: (step.rank, step.id))


def agenda(seen: Mapping[str, Record]) -> AgendaRecord | None:
    record = seen.get("agenda:of-this-room")
    return record if isinstance(record, AgendaRecord) else None


def current(seen: Mapping[str, Record]) -> StepRecord | None:
    """The step that the workshop is at."""
    now = agenda(seen)
    step = seen.get(now.now or "") if now else None
    return step if isinstance(step, StepRecord) else None


def zones(seen: Mapping[str, Record]) -> list[ZoneRecord]:
    return sorted(all_of(seen, ZoneRecord), key=lambda zone: (zone.rank, zone.id))


def board(seen: Mapping[str, Record]) -> list[IdeaRecord]:
    """Ideas that stand by themselves: neither merged, nor what people say of themselves, nor what they ask (SPEC G13, G14, U12)."""
    elsewhere = {step.id for step in all_of(seen, StepRecord) if step.kind in ("meet", "questions")}
    return [idea for idea in all_of(seen, IdeaRecord) if idea.into is None and idea.step not in elsewhere]


def asked(seen: Mapping[str, Record], step: StepRecord) -> list[IdeaRecord]:
    """Questions of a step that await an answer, most supported first (SPEC U12)."""
    open_ones = [idea for idea in all_of(seen, IdeaRecord) if idea.step == step.id and not idea.answered]
    return sorted(open_ones, key=lambda idea: (-idea.reactions.get("like", 0), idea.rank, idea.id))


def ranked(seen: Mapping[str, Record]) -> list[str]:
    """Ids of what was voted for, in the last result that all may see, what most dots lie on first."""
    results = sorted(all_of(seen, ResultRecord), key=lambda result: (result.at, result.id))
    if not results:
        return []
    totals = sorted(results[-1].totals, key=lambda total: (-total.dots, total.id))
    return [total.id for total in totals if total.id in seen]


def chosen(seen: Mapping[str, Record]) -> list[str]:
    """The first of them."""
    return ranked(seen)[:CHOSEN]


def remarkable(seen: Mapping[str, Record]) -> list[str]:
    """Ids of what people would talk about as it is tested: what the big screen shows, or else what was chosen."""
    stage = seen.get("stage:of-this-room")
    on = stage.on if isinstance(stage, StageRecord) and stage.view == "ideas" else None
    return [on] if on is not None and on in seen else chosen(seen)
