"""Written together: what many ask for at the same time takes one transaction, not one each."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Gathered(Generic[T]):
    """Those who come while one writing is under way go into the next.

    Args:
        write: makes them durable, all or none.
    """

    def __init__(self, write: Callable[[Sequence[T]], Awaitable[None]]) -> None:
        self._write = write
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, item: T) -> None:
        """Returns when it is written. Raises what `write` does."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, written))
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._work(), name="write together")
        await written

    async def _work(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                try:
                    await self._write([item for item, _ in group])
                except Exception as error:  # noqa: BLE001 - raised again where each is awaited
                    for _, written in group:
                        if not written.done():
                            written.set_exception(error)
                else:
                    for _, written in group:
                        if not written.done():
                            written.set_result(None)
        finally:
            self._writing = None
