"""Images as files of a folder: on a laptop, or on a disk that all workers share."""

import asyncio
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from server.images.port import ImageStore, ImageStoreError

T = TypeVar("T")


class DiskImages(ImageStore):
    """A folder for each stream, which only the server's own account reads: what is blind lies in it too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, body: bytes) -> None:
        await _beside(lambda: self._put(self._folder / key, body))

    async def get(self, key: str) -> bytes | None:
        return await _beside(lambda: self._get(self._folder / key))

    async def drop(self, keys: Sequence[str]) -> None:
        await _beside(lambda: self._drop([self._folder / key for key in keys]))

    @staticmethod
    def _put(path: Path, body: bytes) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        _sync(path.parent)

    @staticmethod
    def _get(path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    @staticmethod
    def _drop(paths: Sequence[Path]) -> None:
        for path in paths:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in paths}:
            with suppress(OSError):
                folder.rmdir()  # unless there are others in it


def _sync(folder: Path) -> None:
    """So that the names in it outlive a loss of power, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _beside(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise ImageStoreError(str(error)) from error
