"""How long each command, at the sizes of SPEC L6, keeps everybody else of its worker waiting: decided, written, folded, in one go.

Without server or journal: what a worker does for a command between two turns of its loop, which others feel as a stall.
"""

import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from protocol import commands as c
from protocol.errors import Refusal
from server.domain import room
from server.domain.board import IDEAS, ZONES
from server.domain.kernel import Actor, Context
from server.domain.layers import dump, load
from server.domain.people import MEMBERS, Enter
from tests.bench.table import Row, Scale
from tests.domain.table import CLAIRE, Table, alias

T = TypeVar("T")

GOAL: Final = 0.05
"""Seconds that nothing may hold the loop."""

KINDS: Final[tuple[c.StepKind, ...]] = ("ideate", "ideate", "group", "vote")

SHOWN: Final = 8
"""How many of the longest are told by name."""


def _id(kind: str, n: int) -> str:
    return f"{kind}:{n:012d}"


class Sweep:
    """A room as full as rooms may be, and how long each kind of command took in it at most (seconds)."""

    def __init__(self, members: int, ideas: int) -> None:
        self.took: dict[str, float] = {}
        self._table = Table()
        self._members, self._ideas = members, ideas
        for n in range(members):
            self._do(Enter(_id("member", n), f"P {n}", "guest"), Actor(_id("member", n), "guest"))
        for n in range(ZONES):
            self._do(c.AddZone(_id("zone", n), "Zone"))
        for n, kind in enumerate(KINDS):
            hidden = n == 1
            self._do(
                c.AddStep(
                    _id("step", n),
                    kind,
                    "Étape",
                    blind="nobody" if hidden else "open",
                    anonymous=hidden,
                    budget=10,
                    cap=5,
                )
            )
        for step in (0, 1):
            self._do(c.GoToStep(_id("step", step)))
            for n in range(step * ideas // 2, (step + 1) * ideas // 2):
                zone = None if step else _id("zone", n % 3)
                self._do(c.AddIdea(_id("idea", n), f"Moins de réunions {n} le lundi", zone), self._actor(n))
        self.took.clear()

    def run(self) -> None:
        """Each command that may touch many things, and some of those that everybody gives."""
        some = self._ideas // 4
        self._do(c.RevealStep(_id("step", 1)))
        self._do(c.GoToStep(_id("step", 2)))
        for n in range(50):
            self._do(c.MergeIdea(_id("idea", n), _id("idea", some)))
            self._do(c.MoveIdea(_id("idea", some + n + 1), _id("zone", 0), _id("idea", some)))
        self._do(c.HidePost(_id("idea", some)))
        self._do(c.ShowPost(_id("idea", some)))
        self._do(c.RemoveZone(_id("zone", 1)))
        self._do(c.GoToStep(_id("step", 3)))
        for n in range(min(3_000, self._members)):
            self._do(c.PutDots(_id("step", 3), _id("idea", 2 * some + n % some), 2), self._actor(n))
            self._do(c.SayReady(_id("step", 3)), self._actor(n))
        self._do(c.HidePost(_id("idea", 2 * some)))
        self._do(c.CloseVote(_id("step", 3)))
        self._do(c.RevealVote(_id("step", 3)))
        self._do(c.AskPulse(_id("pulse", 0), "?", "words", [], False))
        for n in range(min(3_000, self._members)):
            self._do(c.AnswerPulse(_id("pulse", 0), f"mot {n}"), self._actor(n))
        self._do(c.ClosePulse(_id("pulse", 0)))
        people = [_id("member", n) for n in range(min(1_000, self._members))]
        for _ in range(3):
            self._do(c.DrawCircles(4, people))
        self._do(c.DrawCircles(join=True))
        self._do(c.EndCircles())
        self._do(c.EditStep(_id("step", 0), anonymous=True))
        self._do(c.RemoveMember(ids=people))

    def keep(self) -> None:
        """What is done to open and to save the room."""
        layers = self._table.layers
        kept = self._timed("a snapshot taken", lambda: dump(layers))
        self._timed("a snapshot opened (in a thread)", lambda: load(kept))

    def _actor(self, n: int) -> Actor:
        return self._as(_id("member", n % self._members))

    def _as(self, member: str) -> Actor:
        actor = room.actor_for(self._table.layers.state, member)
        assert actor is not None
        return actor._replace(alias=lambda step: alias(step, member))

    def _do(self, command: c.Command, actor: Actor | None = None) -> None:
        actor = actor or self._as(CLAIRE)
        self._timed(type(command).__name__, lambda: self._commit(command, actor))

    def _commit(self, command: c.Command, actor: Actor) -> None:
        layers = self._table.layers
        try:
            events = room.decide(layers.state, command, Context(actor, self._table.at))
        except Refusal:
            return
        state = layers.state
        for event in events:
            state = room.evolve(state, event)
        room.EVENTS.encode(events)
        layers.fold(events, state, layers.seq + 1, self._table.at)

    def _timed(self, name: str, work: Callable[[], T]) -> T:
        began = time.perf_counter()
        done = work()
        self.took[name] = max(self.took.get(name, 0.0), time.perf_counter() - began)
        return done


def rows(scale: Scale) -> Iterator[Row]:
    members, ideas = scale.of(MEMBERS, 2_000) - 10, scale.of(IDEAS, 2_000) - 10
    sweep = Sweep(members, ideas)
    sweep.run()
    sweep.keep()
    longest = sorted(sweep.took.items(), key=lambda item: -item[1])
    over = sum(took > GOAL for _, took in longest)
    told = ", ".join(f"{name} {1000 * took:.0f}" for name, took in longest[:SHOWN])
    yield Row(
        f"the longest that one command holds the loop, in a room of {ideas:,} ideas and {members:,} members (ms)",
        "none over 50 ms",
        f"{'**missed** by ' + str(over) if over else 'met'}: {told}",
    )
