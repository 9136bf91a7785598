"""The stage: what hosts have the big screen show (SPEC G10)."""

from collections.abc import Sequence
from typing import cast

from protocol import commands as c
from protocol.choices import View
from protocol.persons import ThingId
from protocol.records import StageRecord
from server.model.kernel import Capability, Context, Event, Restore, State, Touch, Viewer, get
from server.model.restoring import expect, shaped
from server.workshop.outcome.pulses import asked
from server.workshop.state.stage import STAGE, Stage, stage


class StageSet(Event, frozen=True, gc=False, tag="stage.set"):
    view: View = "auto"
    on: ThingId | None = None
    page: int = 0


def _set(state: State, command: c.SetStage, context: Context) -> Sequence[Event]:
    now = stage(state)
    want = StageSet(command.view, command.on, command.page)
    return [] if (now.view, now.on, now.page, now.pulse) == (want.view, want.on, want.page, None) else [want]


def _was_set(state: State, event: StageSet) -> State:
    return state.set(STAGE, Stage(STAGE, event.view, event.on, event.page))


def _touch(before: State, after: State, event: StageSet) -> Sequence[Touch]:
    return (Touch(STAGE),)


def _render(state: State, id: str, viewer: Viewer) -> StageRecord | None:
    now = get(state, id, Stage)
    if now is None or viewer.owner is not None:
        return None
    return StageRecord(id=id, view=now.view, on=now.on, page=now.page, pulse=now.pulse)


def _check(state: State, record: StageRecord) -> StageRecord:
    expect(record.id == STAGE, f"the stage's id to be {STAGE}")
    shaped(record, c.SetStage, view=record.view)
    expect(record.pulse is None or record.pulse in asked(state), "`pulse` to be a question")
    return record


def _put_back(state: State, record: StageRecord) -> State:
    return state.set(STAGE, Stage(STAGE, cast(View, record.view), record.on, record.page, record.pulse))


STAGE_CAPABILITY = Capability(
    entities=(Stage,),
    decide={c.SetStage: _set},
    events={StageSet: (_was_set, _touch)},
    render={"stage": _render},
    restore={"stage": Restore(_check, _put_back)},
)
