"""How a bug is planted: a function that is named after it breaks one thing, and mends it when it goes on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest import mock

from protocol.records import Record
from server.model.kernel import Render, State, Viewer
from server.workshop.model import WORKSHOP

Plant = Callable[[], AbstractContextManager[Any]]

MUTANTS: dict[str, Plant] = {}


def mutant(plant: Callable[[], Iterator[None]]) -> Callable[[], Iterator[None]]:
    """Name a bug by the function that plants it."""
    MUTANTS[plant.__name__] = contextmanager(plant)
    return plant


def patched(place: Any, name: str, value: Any) -> AbstractContextManager[Any]:
    return mock.patch.object(place, name, value)


def rendered(kind: str, careless: Callable[[Render, State, str, Viewer], Record | None]) -> AbstractContextManager[Any]:
    """Records of a kind as a careless rule would have them."""
    render = WORKSHOP.renders[kind]
    return mock.patch.dict(WORKSHOP.renders, {kind: lambda state, id, viewer: careless(render, state, id, viewer)})
