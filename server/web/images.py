"""Images over HTTP: brought by people, and shown to whoever sees what they are on (SPEC B)."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from protocol.commands import ImageId
from protocol.errors import Code, Refusal
from protocol.version import IMAGE_BYTES
from server.accounts.logins import Logins
from server.accounts.tokens import new_id
from server.admission.admission import Admission
from server.admission.rooms import Rooms
from server.config import Settings
from server.images.picture import Picture, logo_of, picture_of
from server.images.port import ImageStore, ImageStoreError, Size, key, media_type
from server.live.hub import Hub
from server.web.offload import Offload
from server.web.reads import BROUGHT, SEEN, Reads
from server.web.request import bearer_of, check_origin, entered, json_of, received
from server.workshop.board.images import BringImage

log = logging.getLogger("palabre.images")

SCAN_SECONDS: Final = 30.0
"""In which whoever looks through a file has looked."""

SECONDS: Final = 20.0
"""In which a picture is made anew."""

WAITING: Final = 64
"""Pictures that may wait for the one before them: a room takes them at the same time."""


class Brought(Struct, frozen=True):
    """An image that its bearer may put on an idea, or as a logo on the room, within a day; its size in pixels."""

    id: str
    width: int
    height: int


class Images:
    """`POST /api/rooms/{room}/images?purpose=idea` (or `logo`) and `GET /api/rooms/{room}/images/{image}?size=small`.

    Args:
        store: where bytes are kept; None: no images are taken.
    """

    def __init__(
        self,
        settings: Settings,
        store: ImageStore | None,
        logins: Logins,
        admission: Admission,
        rooms: Rooms,
        hub: Hub,
    ) -> None:
        self._settings = settings
        self._store = store
        self._logins = logins
        self._admission = admission
        self._rooms = rooms
        self._hub = hub
        self._lane = Offload(SECONDS, WAITING)
        self._brought = Reads(BROUGHT)
        self._seen = Reads(SEEN)

    def routes(self) -> list[Route]:
        return [
            Route("/api/rooms/{room}/images", self.bring, methods=["POST"]),
            Route("/api/rooms/{room}/images/{image}", self.show, methods=["GET"]),
        ]

    async def bring(self, request: Request) -> Response:
        check_origin(request, self._settings)
        room, logo = request.path_params["room"], _is_logo(request)
        bearer, channel = await entered(request, self._logins, self._admission, room)
        if self._store is None:
            raise Refusal(Code.IMAGES_OFF)
        self._brought.count(bearer.seat)
        async with received(request, IMAGE_BYTES) as path:
            await _scanned(self._settings.images_scan, path)
            picture = await self._made(path, logo=logo)
        id = new_id("image")
        # The journal knows of it first: bytes that nobody names would lie there for ever.
        command = BringImage(id, picture.width, picture.height, logo)
        await self._hub.submit(channel, bearer.person, f"bring-{id}", command)
        try:
            await self._store.put(key(room, id, "small"), picture.small)
            await self._store.put(key(room, id, "large"), picture.large)
        except ImageStoreError as error:
            log.error("an image cannot be kept: %s", error)
            raise Refusal(Code.UNAVAILABLE, "expected a place for images that can be written into") from None
        return json_of(Brought(id, picture.width, picture.height), 201)

    async def _made(self, path: Path, *, logo: bool) -> Picture:
        try:
            return await self._lane.run(logo_of if logo else picture_of, path)
        except TimeoutError:
            raise Refusal(Code.TOO_LARGE, "expected an image that is decoded sooner") from None

    async def show(self, request: Request) -> Response:
        room, image, size = request.path_params["room"], request.path_params["image"], _size(request)
        bearer = self._logins.identify(bearer_of(request))
        await self._admission.enter(bearer, room)
        self._seen.count(bearer.seat)
        if self._store is None or not _is_image(image) or not await self._rooms.shows_image(bearer, room, image):
            raise Refusal(Code.NOT_FOUND)
        # Asked for each time, since it may have been hidden; its bytes never change.
        tag = f'"{image.partition(":")[2]}.{size}"'
        headers = {"Cache-Control": "private, no-cache", "ETag": tag, "Vary": "Authorization"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(None, 304, headers)
        try:
            body = await self._store.get(key(room, image, size))
        except ImageStoreError as error:
            log.error("an image cannot be read: %s", error)
            raise Refusal(Code.UNAVAILABLE, "expected a place for images that can be read") from None
        if body is None:
            raise Refusal(Code.NOT_FOUND)
        return Response(body, 200, headers, media_type(body))


def _size(request: Request) -> Size:
    match request.query_params.get("size", "large"):
        case "large":
            return "large"
        case "small":
            return "small"
        case other:
            raise Refusal(Code.INVALID, f"expected `size` to be large or small; got {other[:40]!r}")


def _is_logo(request: Request) -> bool:
    purpose = request.query_params.get("purpose", "idea")
    if purpose not in ("idea", "logo"):
        raise Refusal(Code.INVALID, f"expected `purpose` to be idea or logo; got {purpose[:40]!r}")
    return purpose == "logo"


def _is_image(id: str) -> bool:
    try:
        msgspec.convert(id, ImageId)
    except msgspec.ValidationError:
        return False
    return True


async def _scanned(command: tuple[str, ...], path: Path) -> None:
    """Have a file looked through, where somebody does.

    Raises:
        Refusal: `image_refused`; `unavailable`, where it cannot be done now.
    """
    if not command:
        return
    nowhere = asyncio.subprocess.DEVNULL
    try:
        scanner = await asyncio.create_subprocess_exec(
            *command, str(path), stdin=nowhere, stdout=nowhere, stderr=nowhere
        )
    except OSError as error:
        log.error("no file can be looked through: %s", error)
        raise Refusal(Code.UNAVAILABLE, "expected PALABRE_IMAGES_SCAN to be a command that runs") from None
    try:
        async with asyncio.timeout(SCAN_SECONDS):
            status = await scanner.wait()
    except TimeoutError:
        raise Refusal(Code.UNAVAILABLE, "expected the file to be looked through sooner: try again") from None
    finally:
        with suppress(ProcessLookupError):
            scanner.kill()
    if status != 0:
        raise Refusal(Code.IMAGE_REFUSED)
