"""Decisions as they lie in the state, and what they rest on (SPEC K)."""

from collections.abc import Collection, Iterator
from typing import Final

from server.model.kernel import Entity, State, Touch, get

PLAN: Final = "plan:of-this-room"
DECISIONS: Final = 200
ACTIONS: Final = 1000
"""How many a room holds (SPEC L6)."""


class Plan(Entity, frozen=True, gc=False, tag="plan"):
    """Ids of the decisions and actions, oldest first."""

    decisions: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


class Decision(Entity, frozen=True, gc=False, tag="decision"):
    """
    Attributes:
        source: the idea or zone that it came from; `quote`: how that read then.
    """

    text: str
    at: int
    source: str | None = None
    quote: str = ""


def plan(state: State) -> Plan:
    return get(state, PLAN, Plan) or Plan(PLAN)


def quoting(state: State, things: Collection[str]) -> Iterator[Touch]:
    """Decisions that look different when one of these things has been taken from people's eyes, or given back."""
    for id in plan(state).decisions:
        decision = get(state, id, Decision)
        if decision is not None and decision.source in things:
            yield Touch(id)
