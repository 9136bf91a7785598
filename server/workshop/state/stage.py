"""What hosts have the big screen show, as it lies in the state (SPEC G10)."""

from typing import Final

from msgspec.structs import replace

from protocol.choices import View
from server.model.kernel import Entity, State, get

STAGE: Final = "stage:of-this-room"


class Stage(Entity, frozen=True, gc=False, tag="stage"):
    """`view` is what to show, `on` the one thing to show of it; "auto" is what the step asks for. `page` is held, but for 0.

    Attributes:
        pulse: the question whose result people look at, since it was closed (SPEC U8).
    """

    view: View = "auto"
    on: str | None = None
    page: int = 0
    pulse: str | None = None


def stage(state: State) -> Stage:
    return get(state, STAGE, Stage) or Stage(id=STAGE)


def let_go(state: State) -> State:
    """The state in which nothing of another step is held: no page, and no question."""
    now = stage(state)
    return state.set(STAGE, replace(now, page=0, pulse=None)) if now.page or now.pulse else state


def looking_at(state: State, pulse: str) -> State:
    """The state in which people look at the result of this question."""
    return state.set(STAGE, replace(stage(state), pulse=pulse))
