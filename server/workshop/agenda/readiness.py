"""Readiness: who has finished in a step says so, and all see how many have; by an alias, so that not even the journal says who (SPEC G11)."""

from collections.abc import Sequence

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, ThingId
from protocol.records import ReadyRecord
from server.model.kernel import Capability, Context, Entity, Event, State, Touch, Viewer, get, tail
from server.workshop.state.steps import Step, step_of


class Ready(Entity, frozen=True, gc=False, tag="ready"):
    step: str


class ReadySaid(Event, frozen=True, gc=False, tag="ready.said"):
    """`by` is an alias of the step."""

    step: ThingId
    by: PersonId | None = None
    on: bool = True


def ready_id(alias: str) -> str:
    return f"ready:{tail(alias)}"


def _say(state: State, command: c.SayReady, context: Context) -> Sequence[Event]:
    step = step_of(state, command.id)
    if not step.opened:
        raise Refusal(Code.NOT_OPEN)
    alias = context.actor.alias(step.id)
    return [] if (ready_id(alias) in state) is command.on else [ReadySaid(step.id, alias, command.on)]


def _said(state: State, event: ReadySaid) -> State:
    if event.by is None:
        return state
    step, id = get(state, event.step, Step), ready_id(event.by)
    if step is None or (id in state) is event.on:
        return state
    state = state.set(step.id, replace(step, ready=step.ready + (1 if event.on else -1)))
    return state.set(id, Ready(id, step.id)) if event.on else state.delete(id)


def _touch(before: State, after: State, event: ReadySaid) -> Sequence[Touch]:
    return (Touch(event.step), Touch(ready_id(event.by), (event.by,))) if event.by else ()


def _render(state: State, id: str, viewer: Viewer) -> ReadyRecord | None:
    ready = get(state, id, Ready)
    if ready is None or viewer.owner is None or ready_id(viewer.owner) != id:
        return None
    return ReadyRecord(id=id, step=ready.step)


READINESS_CAPABILITY = Capability(
    entities=(Ready,), decide={c.SayReady: _say}, events={ReadySaid: (_said, _touch)}, render={"ready": _render}
)
