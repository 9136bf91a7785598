"""Where an idea stands: by itself, or in one that says the same (SPEC G13)."""

from collections.abc import Callable

from client_demo.python.sdk.replica import Record

Look = Callable[[str], Record | None]
"""The record of an id, if there is one for me."""


def is_open(idea: Record, look: Look) -> bool:
    """Whether everyone reads it, as far as my records say."""
    if idea.get("hidden") or idea.get("removed"):
        return False
    step = look(idea.get("step") or "") or {}
    return step.get("blind", "open") == "open" or bool(step.get("revealed"))


def standing(idea: Record, look: Look) -> Record:
    """The idea in which this one stands: itself, unless everyone reads it and what it was merged into."""
    head, seen = idea, set[str]()
    while head.get("into") and is_open(head, look):
        into = look(head["into"])
        if into is None or not is_open(into, look):
            break
        seen.add(head["id"])
        if into["id"] in seen:
            return idea
        head = into
    return head
