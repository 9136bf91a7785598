"""The clock of the current step: the server's time, the same everywhere, and it ends nothing by itself (SPEC G9)."""

from collections.abc import Sequence

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import ThingId
from server.model.kernel import Capability, Context, Event, State, Touch, get
from server.workshop.state.steps import Step, current


class ClockSet(Event, frozen=True, gc=False, tag="clock.set"):
    """Of a step: it runs until `ends`, or rests with `left` on it (ms both)."""

    id: ThingId
    ends: int | None = None
    left: int | None = None


def _step(state: State) -> Step:
    step = current(state)
    if step is None:
        raise Refusal(Code.NOT_OPEN, "expected a current step, whose clock it would be")
    return step


def _start(state: State, command: c.StartTimer, context: Context) -> Sequence[Event]:
    step = _step(state)
    left = step.left if step.left is not None else step.minutes * 60_000
    return [] if step.ends is not None or not left else [ClockSet(step.id, ends=context.at + left)]


def _pause(state: State, command: c.PauseTimer, context: Context) -> Sequence[Event]:
    step = _step(state)
    return [] if step.ends is None else [ClockSet(step.id, left=max(0, step.ends - context.at))]


def _add(state: State, command: c.AddTime, context: Context) -> Sequence[Event]:
    step = _step(state)
    if step.ends is not None:
        # Behind a clock that has run out a minute is a minute from now.
        return [ClockSet(step.id, ends=max(step.ends, context.at) + command.ms)]
    return [ClockSet(step.id, left=(step.left or 0) + command.ms)]


def _set(state: State, event: ClockSet) -> State:
    step = get(state, event.id, Step)
    return state.set(step.id, replace(step, ends=event.ends, left=event.left, rests=False)) if step else state


def _touch(before: State, after: State, event: ClockSet) -> Sequence[Touch]:
    return (Touch(event.id),)


TIMER_CAPABILITY = Capability(
    decide={c.StartTimer: _start, c.PauseTimer: _pause, c.AddTime: _add}, events={ClockSet: (_set, _touch)}
)
