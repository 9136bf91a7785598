"""Images in memory: for tests, and for servers that keep nothing."""

from collections.abc import Sequence

from server.images.port import ImageStore


class MemoryImages(ImageStore):
    """Attributes: bodies: by key, all that is kept."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}

    async def put(self, key: str, body: bytes) -> None:
        self.bodies[key] = body

    async def get(self, key: str) -> bytes | None:
        return self.bodies.get(key)

    async def drop(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.bodies.pop(key, None)
