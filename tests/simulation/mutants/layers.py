"""Bugs in what layers remember of changes."""

from collections.abc import Iterator
from typing import Any

from server.live.layers import Layer
from tests.simulation.mutants.planting import mutant, patched


@mutant
def an_index_by_entity() -> Iterator[None]:
    """S8: a change of what is hidden is told to everybody, though not what it was."""

    def by_entity(self: Layer, id: str, record: Any, seq: int) -> str | None:
        return self.bury(id, seq) if record is None else update(self, id, record, seq)

    update = Layer.update
    with patched(Layer, "update", by_entity):
        yield


@mutant
def no_tombstones() -> Iterator[None]:
    """S2: who slept is not told what is gone."""

    def forgetful(self: Layer, id: str, seq: int) -> str | None:
        self.records.pop(id, None)
        self.revised = seq
        return None

    with patched(Layer, "bury", forgetful):
        yield


@mutant
def no_floor() -> Iterator[None]:
    """S4: tombstones are dropped, and nobody starts afresh."""
    with patched(Layer, "since", Layer.remembered):
        yield


@mutant
def a_catch_up_off_by_one() -> Iterator[None]:
    """S2: the first commit behind `since` is missing."""

    def late(self: Layer, seq: int) -> Any:
        return remembered(self, seq + 1)

    remembered = Layer.remembered
    with patched(Layer, "remembered", late):
        yield
