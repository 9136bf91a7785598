"""Images that people bring: each is one of theirs until it is on an idea or, a logo, on the room, and goes with its bytes when it is on nothing (SPEC B)."""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta

from protocol.commands import Command, ImageId
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, ThingId
from server.model.kernel import Capability, Context, Due, Event, State, Touch
from server.workshop.state.images import IMAGES, MARGIN, SIDE, Album, Image, album, loose, with_image, without

AT_ONCE: Final = 100
"""Images that go in one commit."""

Side = Annotated[int, Meta(ge=1, le=SIDE)]


class BringImage(Command, frozen=True):
    """The server's own: somebody has brought an image. Its bytes are kept once this is done, so none lie there that nobody knows of."""

    id: ImageId
    width: Side
    height: Side
    logo: bool = False


class DropImages(Command, frozen=True):
    """The server's own: these are on nothing, it is time, and their bytes have gone."""

    ids: tuple[str, ...]


class ImageBrought(Event, frozen=True, gc=False, tag="image.brought"):
    """`by`: an alias for this image alone; `logo`: it may be the room's, and is on no idea."""

    id: ThingId
    at: int
    width: int
    height: int
    by: PersonId | None = None
    logo: bool = False


class ImagesDropped(Event, frozen=True, gc=False, tag="images.dropped"):
    ids: tuple[ThingId, ...] = ()


def due(state: State) -> Due | None:
    """When the next images go, and which: those too that would within a part of the margin."""
    going = loose(state)
    if not going:
        return None
    at, first = min((at, id) for id, at in going.items())
    ids = tuple(sorted(id for id, when in going.items() if when <= at + MARGIN // 2)[:AT_ONCE])
    return Due(at, f"due:images:{ids[0]}:{len(ids)}:{first}", DropImages(ids), ids)


def _bring(state: State, command: BringImage, context: Context) -> Sequence[Event]:
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    if command.logo and context.actor.role != "host":
        raise Refusal(Code.FORBIDDEN, "expected a host, who alone sets a logo")
    if album(state).count >= IMAGES:
        raise Refusal(Code.TOO_MANY, f"expected at most {IMAGES} images")
    by = context.actor.alias(command.id)
    return [ImageBrought(command.id, context.at, command.width, command.height, by, command.logo)]


def _drop(state: State, command: DropImages, context: Context) -> Sequence[Event]:
    going = loose(state)
    ids = tuple(id for id in command.ids if id in going and going[id] <= context.at + MARGIN // 2)
    return [ImagesDropped(ids)] if ids else []


def _brought(state: State, event: ImageBrought) -> State:
    return with_image(state, Image(event.id, event.by, event.at, event.width, event.height, logo=event.logo))


def _dropped(state: State, event: ImagesDropped) -> State:
    return without(state, event.ids)


def _touch_nothing(before: State, after: State, event: Event) -> Sequence[Touch]:
    """Nobody is shown an image but on an idea, or on the room."""
    return ()


IMAGES_CAPABILITY = Capability(
    entities=(Image, Album),
    decide={BringImage: _bring, DropImages: _drop},
    events={ImageBrought: (_brought, _touch_nothing), ImagesDropped: (_dropped, _touch_nothing)},
)
