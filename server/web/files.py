"""Rooms as files: what `export.json` holds, and what is made of one that comes back (SPEC N)."""

import hashlib
import re
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from protocol.errors import Code, Refusal
from protocol.records import Id, MemberRecord
from server.workshop.formats import record_of_1
from server.workshop.imports import MOST, Import
from server.workshop.model import WORKSHOP
from server.workshop.people.settings import LOGOS

FILE_VERSION: Final = 2
"""Of an exported room; 1 called some fields otherwise (`record_of_1`)."""

FILE_BYTES: Final = 16 * 1024 * 1024
"""A room with 10,000 long ideas is exported in 9 MB."""

CONTAINERS: Final = 8 * MOST
"""Maps and lists in a file; a record has few. Each weighs many times in memory what it weighs as text."""

_IMAGES: Final = {
    "image": ("image", "alt", "width", "height"),
    **{name: (name, f"{name}_width", f"{name}_height") for name in LOGOS},
}
"""Fields that name an image, each with those that tell of it."""

_TEXTS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class File(Struct, frozen=True):
    """A room as somebody saw it, to be kept or brought elsewhere (SPEC N).

    Attributes:
        me: the member who exported it; None for a screen.
        at: when (ms).
        records: what he saw.
        images: by id, the pictures on what he saw, as many as a file holds.
    """

    palabre: int
    room: Id
    me: str | None
    at: int
    records: Sequence[Any]
    images: dict[str, bytes] = {}


class Brought(Struct, frozen=True):
    """What a file makes: a room whose host is `member`, who is called `name`, and the commands that fill it.

    Attributes:
        room: the one that the file was exported from, as it says.
        digest: of the file itself.
        images: by id, what the file holds of the images that its records name; nobody has looked at it yet.
        logos: those of them that are logos.
    """

    member: str
    name: str
    commands: Sequence[Import]
    room: str
    digest: bytes
    images: dict[str, bytes]
    logos: frozenset[str]


class _Versioned(Struct, frozen=True):
    palabre: int


def brought(raw: bytes) -> Brought:
    """What the file of an exported room makes; all of it has been tried.

    Raises:
        Refusal: `malformed`, `other_version`, `too_deep`, `invalid`, or what a record is refused with.
    """
    file = _read(raw)
    commands = WORKSHOP.imports(file.records)
    mine = next((record for record in file.records if record["id"] == file.me), None)
    try:
        me = msgspec.convert(mine, MemberRecord)
    except msgspec.ValidationError:
        me = None
    if me is None or not me.id.startswith("member:"):
        raise Refusal(Code.INVALID, "expected `me` to be a member of the room that the file holds")
    logos = _named(file.records, LOGOS)
    named = _named(file.records, ("image",)) | logos
    images = {id: body for id, body in file.images.items() if id in named}
    return Brought(me.id, me.name, commands, file.room, hashlib.sha256(raw).digest(), images, logos)


def _named(records: Sequence[dict[str, Any]], fields: Sequence[str]) -> frozenset[str]:
    return frozenset(
        image for record in records for field in fields if isinstance(image := record.get(field), str) and image
    )


def with_images(command: Import, held: Container[str]) -> Import:
    """The command, in which nothing names other images than these: what a file does not hold, or not whole, is none."""
    records = msgspec.msgpack.decode(command.packed)
    lost = [
        (record, fields)
        for record in records
        for image, fields in _IMAGES.items()
        if record.get(image) and record[image] not in held
    ]
    for record, fields in lost:
        for field in fields:
            record.pop(field, None)
    return Import(msgspec.msgpack.encode(records)) if lost else command


def brought_in(path: Path) -> Brought:
    """`brought`, of a file on this machine's disk."""
    return brought(path.read_bytes())


def _read(raw: bytes) -> File:
    if raw.count(b"{") + raw.count(b"[") > CONTAINERS:
        bones = _TEXTS.sub(b"", raw)
        if bones.count(b"{") + bones.count(b"[") > CONTAINERS:
            raise Refusal(Code.TOO_MANY, f"expected at most {CONTAINERS} maps and lists")
    try:
        version = msgspec.json.decode(raw, type=_Versioned).palabre
        if version not in (1, FILE_VERSION):
            raise Refusal(Code.OTHER_VERSION, f"expected `palabre` to be {FILE_VERSION}, or 1; got {version}")
        file = msgspec.json.decode(raw, type=File)
        if version == 1:
            file = replace(
                file, records=[record_of_1(each) if isinstance(each, dict) else each for each in file.records]
            )
        return file
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, f"expected a room that was exported as JSON: {error}") from None
    except RecursionError:
        raise Refusal(Code.TOO_DEEP) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(Code.MALFORMED, f"expected a room that was exported as JSON: {error}") from None
