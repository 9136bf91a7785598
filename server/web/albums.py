"""The pictures of a whole room, as they go along with it in a file and in its minutes (SPEC H8, N6)."""

import logging
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Final

from protocol.errors import Refusal
from protocol.records import Record, RoomRecord, images_on
from server.images.picture import logo_again, picture_again
from server.images.port import SIZES, ImageStore, ImageStoreError, Size, key
from server.web.offload import Offload

log = logging.getLogger("palabre.albums")

MINUTES_BYTES: Final = 6 * 1024 * 1024
"""Of the pictures in one page of minutes: some two hundred. Of the others it says what is seen on them."""


async def pictures_on(
    store: ImageStore | None, room: str, records: Sequence[Record], space: int
) -> Mapping[str, bytes]:
    """By id, those on these records, as far as a file holds them: large, or where these are too many, small.

    Args:
        space: bytes that are left in it, as text.
    """
    found: Mapping[str, bytes] = {}
    for size in SIZES:
        found, all_there = await _of_size(store, room, records, size, space, lambda body: 4 * (len(body) // 3 + 1) + 60)
        if all_there:
            break
    return found


async def small_pictures_on(store: ImageStore | None, room: str, records: Sequence[Record]) -> Mapping[str, bytes]:
    """By id, those on these records, as many as a page of minutes may weigh."""
    return (await _of_size(store, room, records, "small", MINUTES_BYTES, len))[0]


async def _of_size(
    store: ImageStore | None,
    room: str,
    records: Sequence[Record],
    size: Size,
    space: int,
    weight_of: Callable[[bytes], int],
) -> tuple[dict[str, bytes], bool]:
    """And whether there was space for all."""
    found, weight = dict[str, bytes](), 0
    # A logo first: of many pictures one may be missing.
    told = sorted(records, key=lambda record: not isinstance(record, RoomRecord))
    for image in (image for record in told for image in images_on(record)) if store is not None else ():
        assert store is not None
        try:
            body = await store.get(key(room, image, size))
        except ImageStoreError as error:
            log.warning("%s goes without some of its pictures: %s", room, error)
            return found, True
        if body is None:
            continue
        weight += weight_of(body)
        if weight > space:
            return found, False
        found[image] = body
    return found, True


async def kept_anew(
    store: ImageStore | None, lane: Offload, room: str, images: Mapping[str, bytes], logos: Container[str] = ()
) -> set[str]:
    """Have what a file calls pictures be those of a room, where they are some: strangers made it. Returns their ids."""
    kept = set[str]()
    if store is None:
        return kept
    for id, raw in images.items():
        try:
            picture = await lane.run(logo_again if id in logos else picture_again, raw)
            await store.put(key(room, id, "small"), picture.small)
            await store.put(key(room, id, "large"), picture.large)
        except (Refusal, TimeoutError, ImageStoreError) as error:
            log.info("%s comes without one of its pictures: %s", room, error)
            continue
        kept.add(id)
    return kept
