"""The store that a setting names."""

from pathlib import Path

from server.images.disk import DiskImages
from server.images.port import ImageStore


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
