"""Bugs in what commits lead to beside the state: whom they concern, and what policies make of them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from server.live import projector
from server.live.courier import Courier
from server.live.trail import Step, Trail
from server.model.kernel import Event, State
from tests.simulation.journal import MemoryJournal
from tests.simulation.mutants.planting import mutant, patched


@mutant
def a_policy_reacts_to_what_a_policy_made() -> Iterator[None]:
    """DESIGN, Policies: two that react to each other would never end."""

    def deaf(self: Trail, seq: int, before: State, after: State, events: Iterable[Event]) -> None:
        note(self, seq, before, after, [replace(event, via="") for event in events])

    note = Trail.note
    with patched(Trail, "note", deaf):
        yield


@mutant
def who_cannot_be_reached_is_forgotten() -> Iterator[None]:
    """A target that is away gets what it missed, later."""

    async def careless(
        self: MemoryJournal, consumer: str, stream: str, after: int, upto: int, waiting: Any = None
    ) -> bool:
        return await advance(self, consumer, stream, after, upto)

    advance = MemoryJournal.advance
    with patched(MemoryJournal, "advance", careless):
        yield


@mutant
def who_waits_is_overtaken() -> Iterator[None]:
    """What a target is to do comes to it in the order of the source."""

    async def impatient(self: Courier, stream: str, reactions: Mapping[str, Any]) -> dict[str, int]:
        # The latest first.
        turned = {target: list(reversed(its)) for target, its in reactions.items()}
        return await go_to(self, stream, turned)

    go_to = Courier._go_to
    with patched(Courier, "_go_to", impatient):
        yield


@mutant
def a_courier_gives_each_try_another_name() -> Iterator[None]:
    """Twice is once."""
    count = iter(range(10**9))

    async def forgetful(self: Courier, source: str, target: str, name: str, command: Any) -> Any:
        return await ask(self, source, target, f"{name}:{next(count)}", command)

    ask = Courier._ask
    with patched(Courier, "_ask", forgetful):
        yield


@mutant
def a_part_of_the_trail_is_not_written() -> Iterator[None]:
    """Whom what concerns stands in the tables."""

    def short(steps: Iterable[Step]) -> Any:
        return concerning(list(steps)[:1])

    concerning = projector._concerning
    with patched(projector, "_concerning", short):
        yield


@mutant
def what_the_trail_has_forgotten_is_not_missed() -> Iterator[None]:
    """What is known no more is gone through in the journal."""

    def sure(self: Trail, seq: int, before: State, after: State, events: Iterable[Event]) -> None:
        lost = self.lost_before
        note(self, seq, before, after, events)
        self.lost_before = lost

    note = Trail.note
    with patched(Trail, "note", sure):
        yield


@mutant
def nobody_looks_after_what_is_due() -> Iterator[None]:
    """What is due by time alone is done where nobody is."""

    async def asleep(self: MemoryJournal, now: int, until: int, limit: int) -> list[str]:
        return []

    with patched(MemoryJournal, "wake", asleep):
        yield
