"""What this worker appended and nobody has projected yet: a hint in memory, so that an append costs the database nothing more."""

import asyncio


class Unprojected:
    """Streams that may have something to project, in the order in which they were first named; a hint lost is found by the sweep."""

    def __init__(self) -> None:
        self._streams: dict[str, None] = {}
        self._some = asyncio.Event()

    def add(self, *streams: str) -> None:
        self._streams |= dict.fromkeys(streams)
        self._some.set()

    async def take(self) -> list[str]:
        """All of them, once there is one; from then on they are the caller's to add again."""
        await self._some.wait()
        self._some.clear()
        streams, self._streams = list(self._streams), {}
        return streams
