"""Screens: who projects the room is nobody in it, but hosts see that there are some, since when, and end them (SPEC H10)."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import ThingId
from protocol.records import ScreenRecord
from server.model.kernel import Capability, Context, Entity, Event, State, Touch, Viewer, get, not_found
from server.workshop.people.settings import settings

SCREENS: Final = "screens:of-this-room"

MOST: Final = 20
"""Screens that are open at once of each kind: those that hosts opened, and those that somebody opened by the code."""

STALE: Final = 26 * 3600 * 1000
"""Milliseconds after which a screen that has not come again is none any more: over a night, and some."""

FRESH: Final = STALE // 4
"""Milliseconds within which it need not come again: its token is exchanged more often, and each time would be a commit."""


class Screen(Entity, frozen=True, gc=False, tag="screen"):
    """
    Attributes:
        at: when it was opened, or came again, last (ms).
        host: a host opened it.
        ended: it may not come back under this id.
    """

    at: int
    host: bool = False
    ended: bool = False


class Screens(Entity, frozen=True, gc=False, tag="screens"):
    """Ids of the screens that are open, the oldest first."""

    open: tuple[str, ...] = ()


class OpenScreen(c.Command, frozen=True):
    """The server's own command: a screen is opened, or comes again. `host`: by a host, for whom the door is always open."""

    id: str
    host: bool = False


class ScreenOpened(Event, frozen=True, gc=False, tag="screen.opened"):
    id: ThingId
    at: int
    host: bool = False


class ScreenEnded(Event, frozen=True, gc=False, tag="screen.ended"):
    id: ThingId


def is_open(state: State, id: str) -> bool:
    screen = get(state, id, Screen)
    return screen is not None and not screen.ended


def is_fresh(state: State, id: str, now: int) -> bool:
    """Whether it came so short a time ago that it need not come again."""
    screen = get(state, id, Screen)
    return screen is not None and now - screen.at < FRESH


def is_ended(state: State, id: str) -> bool:
    screen = get(state, id, Screen)
    return screen is not None and screen.ended


def _open(state: State, command: OpenScreen, context: Context) -> Sequence[Event]:
    known = get(state, command.id, Screen)
    if known is not None and known.ended:
        raise Refusal(Code.REMOVED, "a host has ended this screen")
    if known is not None:
        return [ScreenOpened(known.id, context.at, known.host)]
    if not command.host and not settings(state).door:
        raise Refusal(Code.LOCKED)
    screens = [screen for id in _all(state) if (screen := get(state, id, Screen)) is not None]
    over = [screen.id for screen in screens if context.at - screen.at > STALE]
    alike = [screen.id for screen in screens if screen.host is command.host and screen.id not in over]
    if len(alike) >= MOST:
        if not command.host:
            raise Refusal(Code.TOO_MANY, f"expected at most {MOST} screens that nobody who hosts has opened")
        over.append(alike[0])
    return [*map(ScreenEnded, over), ScreenOpened(command.id, context.at, command.host)]


def _end(state: State, command: c.EndScreen, context: Context) -> Sequence[Event]:
    if command.id is None:
        return [ScreenEnded(id) for id in _all(state)]
    if not is_open(state, command.id):
        raise not_found(command.id)
    return [ScreenEnded(command.id)]


def _all(state: State) -> tuple[str, ...]:
    here = get(state, SCREENS, Screens)
    return here.open if here else ()


def _opened(state: State, event: ScreenOpened) -> State:
    others = tuple(id for id in _all(state) if id != event.id)
    return state.set(event.id, Screen(event.id, event.at, event.host)).set(
        SCREENS, Screens(SCREENS, (*others, event.id))
    )


def _ended(state: State, event: ScreenEnded) -> State:
    screen = get(state, event.id, Screen)
    if screen is None:
        return state
    left = tuple(id for id in _all(state) if id != event.id)
    return state.set(event.id, replace(screen, ended=True)).set(SCREENS, Screens(SCREENS, left))


def _touch(before: State, after: State, event: ScreenOpened | ScreenEnded) -> Sequence[Touch]:
    return (Touch(event.id),)


def _render(state: State, id: str, viewer: Viewer) -> ScreenRecord | None:
    screen = get(state, id, Screen)
    if screen is None or screen.ended or viewer.audience != "host":
        return None
    return ScreenRecord(id=id, at=screen.at, host=screen.host)


SCREENS_CAPABILITY = Capability(
    entities=(Screen, Screens),
    decide={OpenScreen: _open, c.EndScreen: _end},
    events={ScreenOpened: (_opened, _touch), ScreenEnded: (_ended, _touch)},
    render={"screen": _render},
)
