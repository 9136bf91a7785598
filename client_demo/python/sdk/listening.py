"""Those who iterate over what changes: each has what they have not seen yet, in one piece."""

import asyncio
from typing import Generic, Protocol, Self, TypeVar


class Told(Protocol):
    """What was not seen yet; it merges."""

    def add(self, other: Self, /) -> None: ...


T = TypeVar("T", bound=Told)


class Listener(Generic[T]):
    """
    Args:
        first: what they are told at once.
        nothing: makes what they are not told anything by.
    """

    def __init__(self, first: T, nothing: type[T]) -> None:
        self._nothing = nothing
        self._told = first
        self._any = asyncio.Event()
        if first:
            self._any.set()

    def tell(self, told: T) -> None:
        self._told.add(told)
        self._any.set()

    def wake(self) -> None:
        """Nothing more comes."""
        self._any.set()

    async def next(self) -> T:
        await self._any.wait()
        self._any.clear()
        told, self._told = self._told, self._nothing()
        return told
