"""Images in an object store that speaks S3, reached as its own environment variables say (`AWS_…`)."""

from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Final, TypeVar

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from server.images.port import ImageStore, ImageStoreError

T = TypeVar("T")

PATIENCE: Final = timedelta(seconds=10)
"""How long a store may take for one request, with all its tries."""


class S3Images(ImageStore):
    """
    Args:
        address: `s3://bucket/prefix`.
    """

    def __init__(self, address: str) -> None:
        self._store = S3Store.from_url(
            address,
            # Without TLS only where its address says so.
            client_options={"timeout": PATIENCE, "allow_http": True},
            retry_config={"max_retries": 3, "retry_timeout": PATIENCE},
        )

    async def put(self, key: str, body: bytes) -> None:
        await _told(self._store.put_async(key, body))

    async def get(self, key: str) -> bytes | None:
        try:
            found = await self._store.get_async(key)
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            return None
        except BaseError as error:
            raise ImageStoreError(_line(error)) from error

    async def drop(self, keys: Sequence[str]) -> None:
        for key in keys:
            try:
                await _told(self._store.delete_async(key))
            except FileNotFoundError:
                continue


async def _told(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except BaseError as error:
        raise ImageStoreError(_line(error)) from error


def _line(error: BaseError) -> str:
    """What it says before it tells of its insides."""
    return str(error).partition("\n")[0]
