"""The community itself: its name, the languages in which it speaks, and its creation."""

from collections.abc import Sequence

from msgspec import UNSET
from msgspec.structs import replace

from protocol.choices import Lang
from protocol.commands import Command
from protocol.communities import CommunityRecord, SetCommunity
from protocol.errors import Code, Refusal
from protocol.persons import ThingId, Words
from protocol.version import TITLE_CHARS
from server.community.state import INDEX, SETTINGS, Settings, roll, settings, touch_community
from server.model.kernel import Capability, Context, Event, State, Touch, Viewer
from server.model.text import clean


class Found(Command, frozen=True):
    """The server's own command: the first of every community."""

    community: str
    title: str
    langs: tuple[Lang, ...]


class CommunityFounded(Event, frozen=True, gc=False, tag="community.founded"):
    community: ThingId
    title: Words
    langs: tuple[Lang, ...]
    at: int


class CommunitySet(Event, frozen=True, gc=False, tag="community.set"):
    """Only what changed."""

    title: Words | None = None
    langs: tuple[Lang, ...] | None = None


def _found(state: State, command: Found, context: Context) -> Sequence[Event]:
    if SETTINGS in state:
        raise Refusal(Code.ID_TAKEN)
    title = clean(command.title, TITLE_CHARS)
    return [CommunityFounded(community=command.community, title=title, langs=_each_once(command.langs), at=context.at)]


def _set(state: State, command: SetCommunity, context: Context) -> Sequence[Event]:
    now = settings(state)
    title = now.title if command.title is UNSET else clean(command.title, TITLE_CHARS)
    langs = now.langs if command.langs is UNSET else _each_once(command.langs)
    if (title, langs) == (now.title, now.langs):
        return []
    return [CommunitySet(title=None if title == now.title else title, langs=None if langs == now.langs else langs)]


def _each_once(langs: Sequence[Lang]) -> tuple[Lang, ...]:
    return tuple(dict.fromkeys(langs))


def _founded(state: State, event: CommunityFounded) -> State:
    return state.set(SETTINGS, Settings(SETTINGS, event.community, event.title, event.langs, event.at))


def _was_set(state: State, event: CommunitySet) -> State:
    now = settings(state)
    title = now.title if event.title is None else event.title
    langs = now.langs if event.langs is None else event.langs
    return state.set(SETTINGS, replace(now, title=title, langs=langs))


def _touch(before: State, after: State, event: CommunityFounded | CommunitySet) -> Sequence[Touch]:
    return (touch_community(after),)


def _render(state: State, id: str, viewer: Viewer) -> CommunityRecord | None:
    now = settings(state)
    if now.community != id or viewer.owner is not None or viewer.audience == INDEX:
        return None
    return CommunityRecord(id=id, title=now.title, langs=now.langs, at=now.at, people=roll(state).people)


SETTINGS_CAPABILITY = Capability(
    entities=(Settings,),
    decide={Found: _found, SetCommunity: _set},
    events={CommunityFounded: (_founded, _touch), CommunitySet: (_was_set, _touch)},
    render={"community": _render},
)
