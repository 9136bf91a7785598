"""The stage: what hosts have the big screen show (SPEC G10)."""

from collections.abc import Sequence
from typing import Final, cast

from msgspec.structs import replace

from protocol import commands as c
from protocol.choices import View
from protocol.persons import ThingId
from protocol.records import StageRecord
from server.model.kernel import Capability, Context, Entity, Event, Restore, State, Touch, Viewer, get
from server.model.restoring import expect, shaped

STAGE: Final = "stage:of-this-room"


class Stage(Entity, frozen=True, gc=False, tag="stage"):
    """`view` is what to show, `on` the one thing to show of it; "auto" is what the step asks for. `page` is held, but for 0."""

    view: View = "auto"
    on: str | None = None
    page: int = 0


class StageSet(Event, frozen=True, gc=False, tag="stage.set"):
    view: View = "auto"
    on: ThingId | None = None
    page: int = 0


def _stage(state: State) -> Stage:
    return get(state, STAGE, Stage) or Stage(id=STAGE)


def _set(state: State, command: c.SetStage, context: Context) -> Sequence[Event]:
    now = _stage(state)
    asked = StageSet(command.view, command.on, command.page)
    return [] if (now.view, now.on, now.page) == (asked.view, asked.on, asked.page) else [asked]


def _was_set(state: State, event: StageSet) -> State:
    return state.set(STAGE, Stage(STAGE, event.view, event.on, event.page))


def let_go(state: State) -> State:
    """The state in which no page is held: those of another step are others."""
    stage = _stage(state)
    return state.set(STAGE, replace(stage, page=0)) if stage.page else state


def _touch(before: State, after: State, event: StageSet) -> Sequence[Touch]:
    return (Touch(STAGE),)


def _render(state: State, id: str, viewer: Viewer) -> StageRecord | None:
    stage = get(state, id, Stage)
    if stage is None or viewer.owner is not None:
        return None
    return StageRecord(id=id, view=stage.view, on=stage.on, page=stage.page)


def _check(state: State, record: StageRecord) -> StageRecord:
    expect(record.id == STAGE, f"the stage's id to be {STAGE}")
    shaped(record, c.SetStage)
    return record


def _put_back(state: State, record: StageRecord) -> State:
    return state.set(STAGE, Stage(STAGE, cast(View, record.view), record.on, record.page))


STAGE_CAPABILITY = Capability(
    entities=(Stage,),
    decide={c.SetStage: _set},
    events={StageSet: (_was_set, _touch)},
    render={"stage": _render},
    restore={"stage": Restore(_check, _put_back)},
)
