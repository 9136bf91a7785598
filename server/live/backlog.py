"""What this worker appended and no consumer has taken yet: hints in memory, so that an append costs the database nothing more."""

import asyncio
from contextlib import suppress


class Backlog:
    """Streams that may hold something for a consumer, in the order in which they were first named; a hint lost is found by the sweep."""

    def __init__(self) -> None:
        self._streams: dict[str, None] = {}
        self._some = asyncio.Event()
        self._hurry = asyncio.Event()

    def add(self, *streams: str, hurry: bool = False) -> None:
        """
        Args:
            hurry: somebody waits for what is there.
        """
        self._streams |= dict.fromkeys(streams)
        self._some.set()
        if hurry:
            self._hurry.set()

    async def take(self) -> list[str]:
        """All of them, once there is one; from then on they are the caller's to add again."""
        await self._some.wait()
        return self.drain()

    def drain(self) -> list[str]:
        """All of them, at once."""
        self._some.clear()
        self._hurry.clear()
        streams, self._streams = list(self._streams), {}
        return streams

    async def rest(self, seconds: float, least: float) -> bool:
        """Wait so many seconds, or the lesser number once there is a hurry; whether there is."""
        least = min(least, seconds)
        await asyncio.sleep(least)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds - least):
                await self._hurry.wait()
        return self._hurry.is_set()
