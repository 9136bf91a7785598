"""Small tables as they lie in the state: how many there are, and what is said of each (SPEC T)."""

from collections.abc import Iterator
from typing import Final

from protocol.persons import PersonId
from server.model.kernel import Entity, State, get

BREAKOUTS: Final = "breakouts:of-this-room"

ROUNDS: Final = 8
"""How many rounds are remembered: so that the next one lets others meet, and with what was said of their tables."""

Round = tuple[tuple[PersonId, ...], ...]
"""Ids of members; the first of them sit at table 1."""


class Breakouts(Entity, frozen=True, gc=False, tag="breakouts"):
    """
    Attributes:
        size: what was asked for; 0 while everyone sits together.
        count: how many there are.
        since: when they were dealt (ms).
        rounds: who was dealt to each breakout, oldest round first; the last one is that of now.
        round: how many rounds there have been.
    """

    size: int = 0
    count: int = 0
    since: int = 0
    rounds: tuple[Round, ...] = ()
    round: int = 0


class Breakout(Entity, frozen=True, gc=False, tag="breakout"):
    """What is said of one table. There is none of a table of which nothing is said.

    Attributes:
        breakout: its number in its round, from 1 on.
        about: the idea or zone that is its topic, where none was typed.
        speaker: who reports back: a member. `best`: the idea that is reported back.
    """

    round: int
    breakout: int
    topic: str = ""
    about: str | None = None
    speaker: str | None = None
    best: str | None = None


def breakouts(state: State) -> Breakouts:
    return get(state, BREAKOUTS, Breakouts) or Breakouts(id=BREAKOUTS)


def breakout_id(nth: int, number: int) -> str:
    return f"breakout:{nth:06}-{number:06}"


def breakout(state: State, nth: int, number: int) -> Breakout:
    id = breakout_id(nth, number)
    return get(state, id, Breakout) or Breakout(id, nth, number)


def put_breakout(state: State, table: Breakout) -> State:
    """The state with what is said of a table; without it where that is nothing."""
    if table != Breakout(table.id, table.round, table.breakout):
        return state.set(table.id, table)
    return state.delete(table.id) if table.id in state else state


def all_breakouts(state: State) -> Iterator[Breakout]:
    """Of now and of earlier rounds, in no order."""
    return (entity for entity in state.values() if isinstance(entity, Breakout))


def is_kept(state: State, nth: int) -> bool:
    """Whether what is said of the tables of the nth round is remembered."""
    return 0 < nth <= breakouts(state).round < nth + ROUNDS
