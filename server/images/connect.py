"""The store that a setting names."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from server.images.disk import DiskImages
from server.images.port import ImageStore, keys


def images_of(address: str | None) -> ImageStore | None:
    """
    Args:
        address: a folder, or `s3://bucket/prefix`; None: no images are kept.
    """
    if address is None:
        return None
    if address.startswith("s3://"):
        from server.images.s3 import S3Images  # not needed on a laptop, and slow to load

        return S3Images(address)
    return DiskImages(Path(address))


def dropping(store: ImageStore | None) -> Callable[[str, Sequence[str]], Awaitable[None]]:
    """What has nothing be left of images of a stream (`server.live.room.Drop`)."""

    async def drop(stream: str, images: Sequence[str]) -> None:
        if store is not None:
            await store.drop(keys(stream, images))

    return drop
