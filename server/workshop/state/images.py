"""Images as the state has them: who brought each, what it is on, and when the bytes of those on nothing go (SPEC B)."""

from collections.abc import Mapping
from typing import Final

from msgspec import field
from msgspec.structs import replace

from protocol.errors import Code, Refusal
from protocol.persons import PersonId, ThingId
from server.model.kernel import Actor, Context, Entity, State, get, not_found

IMAGES: Final = 1_000
"""How many a room holds (SPEC L6)."""

DAY: Final = 24 * 3_600_000
"""Milliseconds in which an image is put on something, or is none any more."""

MARGIN: Final = 3_600_000
"""Milliseconds behind that, so that none goes while somebody puts it on something."""

SIDE: Final = 20_000
"""More pixels than any side has."""

_ALBUM: Final = "images:of-this-room"


class Image(Entity, frozen=True, gc=False, tag="image"):
    """
    Attributes:
        by: an alias that its owner has for this image alone, so that it tells nobody whose it is, not even beside their idea.
        on: the idea, or of a logo the room; None: nothing.
        gone: it was taken off: nobody puts it on anything again.
        logo: it was brought as one, and is on nothing else than the room.
    """

    by: PersonId | None = None
    at: int = 0
    width: int = 0
    height: int = 0
    on: ThingId | None = None
    gone: bool = False
    logo: bool = False


class Album(Entity, frozen=True, gc=False, tag="images"):
    """What images share.

    Attributes:
        count: how many there are.
        loose: those on nothing, each with the time (ms) at which its bytes go; never changed in place.
    """

    count: int = 0
    loose: dict[ThingId, int] = field(default_factory=dict)


def album(state: State) -> Album:
    return get(state, _ALBUM, Album) or Album(_ALBUM)


def is_mine(image: Image, actor: Actor) -> bool:
    """Whether this actor brought it, and it is one still."""
    return not image.gone and image.by is not None and image.by == actor.alias(image.id)


def check_mine(state: State, id: str, context: Context, *, logo: bool = False) -> None:
    """Have an image be one that the actor brought for this a while ago, and put on nothing yet.

    Raises:
        Refusal: `not_found`, `invalid`.
    """
    image = get(state, id, Image)
    if image is None or not is_mine(image, context.actor) or context.at - image.at > DAY:
        raise not_found(id)
    if image.on is not None:
        raise Refusal(Code.INVALID, "expected an image that is on nothing else")
    if image.logo != logo:
        raise Refusal(Code.INVALID, "expected a logo on the room, and another image on an idea")


def with_image(state: State, image: Image) -> State:
    """The state with one more image, in its place."""
    now = album(state)
    loose = now.loose if image.on is not None else {**now.loose, image.id: image.at + DAY + MARGIN}
    return state.set(image.id, image).set(_ALBUM, replace(now, count=now.count + 1, loose=loose))


def put_on(state: State, id: str, on: str) -> State:
    """The state with an image on an idea, or a logo on the room."""
    image, now = get(state, id, Image), album(state)
    if image is None:
        return state
    loose = {other: at for other, at in now.loose.items() if other != id}
    return state.set(id, replace(image, on=on)).set(_ALBUM, replace(now, loose=loose))


def taken_off(state: State, id: str) -> State:
    """The state with an image on nothing, for good."""
    image, now = get(state, id, Image), album(state)
    if image is None:
        return state
    loose = {**now.loose, id: 0}
    return state.set(id, replace(image, on=None, gone=True)).set(_ALBUM, replace(now, loose=loose))


def without(state: State, ids: tuple[str, ...]) -> State:
    """The state in which there are no such images."""
    now, gone = album(state), [id for id in ids if get(state, id, Image) is not None]
    for id in gone:
        state = state.delete(id)
    loose = {id: at for id, at in now.loose.items() if id not in ids}
    return state.set(_ALBUM, replace(now, count=now.count - len(gone), loose=loose))


def size_of(state: State, id: str) -> tuple[int, int]:
    """Width and height in pixels; 0 of what there is not."""
    image = get(state, id, Image) if id else None
    return (image.width, image.height) if image else (0, 0)


def loose(state: State) -> Mapping[str, int]:
    """Images on nothing, each with the time at which its bytes go."""
    return album(state).loose
