"""The room itself: its title, prompt and switches, its logo, and its creation."""

from collections.abc import Sequence
from typing import Final

from msgspec import UNSET
from msgspec.structs import replace

from protocol import commands as c
from protocol.choices import Lang
from protocol.errors import Code, Refusal
from protocol.persons import ThingId, Words
from protocol.records import RoomRecord
from protocol.version import LINE_CHARS, PROMPT_CHARS, TITLE_CHARS
from server.model.kernel import Capability, Context, Entity, Event, Restore, State, Touch, Viewer, get
from server.model.restoring import expect, room_for, shaped, whole
from server.model.text import clean, clean_or_none
from server.workshop.state.images import (
    IMAGES,
    SIDE,
    Image,
    album,
    check_mine,
    put_on,
    size_of,
    taken_off,
    with_image,
)

SETTINGS = "settings:of-this-room"

UNCONFIRMED: Final = 10
"""Seminars seat eight to ten at a table: such tables count at once, and whoever says more waits for a host."""


class Settings(Entity, frozen=True, gc=False, tag="settings"):
    """
    Attributes:
        room: its own id.
        writing, door: open when true.
        unconfirmed: people whom one phone answers for unasked.
        line, accent: in whose name this is, and their colour; "" for none.
        logo, logo_dark: images of theirs, for light and for dark grounds; "" for none.
        origin: the room that the file was exported from which this one was made from; "" for none.
        community: the stream of the community from which it was opened; "" for none.
    """

    room: str = ""
    title: str = ""
    prompt: str = ""
    lang: Lang = "fr"
    code: str = ""
    writing: bool = True
    door: bool = True
    unconfirmed: int = UNCONFIRMED
    origin: str = ""
    line: str = ""
    accent: str = ""
    logo: ThingId = ""
    logo_dark: ThingId = ""
    community: str = ""


class Create(c.Command, frozen=True):
    """The server's own command: the first of every room."""

    room: str
    title: str
    code: str
    lang: Lang
    origin: str = ""
    community: str = ""


class RoomCreated(Event, frozen=True, gc=False, tag="room.created"):
    room: ThingId
    title: Words
    code: Words
    lang: Lang
    origin: ThingId = ""
    community: ThingId = ""


class RoomSet(Event, frozen=True, gc=False, tag="room.set"):
    """Only what changed."""

    title: Words | None = None
    prompt: Words | None = None
    lang: Lang | None = None
    writing: bool | None = None
    door: bool | None = None
    unconfirmed: int | None = None
    line: Words | None = None
    accent: Words | None = None
    logo: ThingId | None = None
    logo_dark: ThingId | None = None


SWITCHES: Final = ("lang", "writing", "door", "unconfirmed", "accent")
"""What is set as it is asked."""
LOGOS: Final = ("logo", "logo_dark")
SAID: Final = ("title", "prompt", "line", *SWITCHES, *LOGOS)
"""All that hosts may set."""


def settings(state: State) -> Settings:
    return get(state, SETTINGS, Settings) or Settings(id=SETTINGS)


def _create(state: State, command: Create, context: Context) -> Sequence[Event]:
    if SETTINGS in state:
        raise Refusal(Code.ID_TAKEN)
    title = clean(command.title, TITLE_CHARS)
    return [RoomCreated(command.room, title, command.code, command.lang, command.origin, command.community)]


def _set(state: State, command: c.SetRoom, context: Context) -> Sequence[Event]:
    now = settings(state)
    asked: dict[str, object] = {}
    if command.title is not UNSET:
        asked["title"] = clean(command.title, TITLE_CHARS)
    if command.prompt is not UNSET:
        # No prompt is a prompt: only here, and above the title, may a text be empty.
        asked["prompt"] = clean_or_none(command.prompt, PROMPT_CHARS)
    if command.line is not UNSET:
        asked["line"] = clean_or_none(command.line, LINE_CHARS)
    for switch in SWITCHES:
        value = getattr(command, switch)
        if value is not UNSET:
            asked[switch] = value
    for name in LOGOS:
        image = getattr(command, name)
        if image is UNSET:
            continue
        asked[name] = image
        if image not in ("", getattr(now, name)):
            check_mine(state, image, context, logo=True)
    if command.logo and command.logo == command.logo_dark:
        raise Refusal(Code.INVALID, "expected another image for dark grounds")
    changed = {name: value for name, value in asked.items() if getattr(now, name) != value}
    return [RoomSet(**changed)] if changed else []  # type: ignore[arg-type]  # names and types are those of SetRoom


def _created(state: State, event: RoomCreated) -> State:
    made = Settings(SETTINGS, event.room, event.title, "", event.lang, event.code, origin=event.origin)
    return state.set(SETTINGS, replace(made, community=event.community))


def _was_set(state: State, event: RoomSet) -> State:
    now = settings(state)
    said = {name: value for name in SAID if (value := getattr(event, name)) is not None}
    for name in LOGOS:
        before, after = getattr(now, name), said.get(name)
        if after is None or after == before:
            continue
        state = taken_off(state, before) if before else state
        state = put_on(state, after, now.room) if after else state
    return state.set(SETTINGS, replace(settings(state), **said))


def _touch(before: State, after: State, event: RoomCreated | RoomSet) -> Sequence[Touch]:
    return (Touch(settings(after).room),)


def _render(state: State, id: str, viewer: Viewer) -> RoomRecord | None:
    now = settings(state)
    if now.room != id or viewer.owner is not None:
        return None
    (width, height), (dark_width, dark_height) = size_of(state, now.logo), size_of(state, now.logo_dark)
    return RoomRecord(
        id=id,
        code=now.code,
        community=now.community,
        logo_width=width,
        logo_height=height,
        logo_dark_width=dark_width,
        logo_dark_height=dark_height,
        **{name: getattr(now, name) for name in SAID},
    )


def _check(state: State, record: RoomRecord) -> RoomRecord:
    shaped(record, c.SetRoom, lang=record.lang)
    title, prompt = clean(record.title, TITLE_CHARS), clean_or_none(record.prompt, PROMPT_CHARS)
    named = [image for image in (record.logo, record.logo_dark) if image]
    room_for(album(state).count + len(named), IMAGES + 1)
    expect(len({*named}) == len(named) and not any(image in state for image in named), "a logo to be on nothing else")
    sizes = {
        f"{name}_{side}": whole(getattr(record, f"{name}_{side}"), SIDE) if getattr(record, name) else 0
        for name in LOGOS
        for side in ("width", "height")
    }
    return replace(record, title=title, prompt=prompt, line=clean_or_none(record.line, LINE_CHARS), **sizes)


def _put_back(state: State, record: RoomRecord) -> State:
    """Its id, its code and its community stay its own."""
    now = replace(settings(state), **{name: getattr(record, name) for name in SAID})
    for name in LOGOS:
        if image := getattr(now, name):
            width, height = getattr(record, f"{name}_width"), getattr(record, f"{name}_height")
            state = with_image(state, Image(image, None, 0, width, height, now.room, logo=True))
    return state.set(SETTINGS, now)


SETTINGS_CAPABILITY = Capability(
    entities=(Settings,),
    decide={Create: _create, c.SetRoom: _set},
    events={RoomCreated: (_created, _touch), RoomSet: (_was_set, _touch)},
    render={"room": _render},
    restore={"room": Restore(_check, _put_back)},
)
