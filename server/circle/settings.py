"""The circle itself: what it is about, who may come in, who answers in it, and its end."""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import UNSET
from msgspec.structs import replace

from protocol import circles as p
from protocol.choices import Access
from protocol.circles import CircleRecord, Named
from protocol.commands import Command
from protocol.errors import Code, Refusal
from protocol.persons import NameOf, PersonId, ThingId, Words
from protocol.version import PROMPT_CHARS, TITLE_CHARS
from server.circle.people import SeatTaken
from server.circle.state import INDEX, SETTINGS, Circle, circle, is_common, roll, seated, thread
from server.model.kernel import COMMON, Capability, Context, Event, State, Touch, Viewer, not_found
from server.model.text import clean, clean_or_none

SECRECY: Final[tuple[Access, ...]] = ("open", "request", "confidential")
"""Who may come in, from anybody to those who are taken in. What is common stands beside: nobody comes in there, all are."""


class FoundCircle(Command, frozen=True):
    """The server's own command: the first of every circle. `name`: of whoever founds it, and animates it first."""

    circle: str
    community: str
    title: str
    purpose: str
    access: Access
    name: str


class CircleFounded(Event, frozen=True, gc=False, tag="circle.founded"):
    circle: ThingId
    community: ThingId
    title: Words
    access: Access
    purpose: Words = ""
    at: int = 0

    @property
    def lists(self) -> bool:
        return True


class CircleSet(Event, frozen=True, gc=False, tag="circle.set"):
    """Only what changed."""

    title: Words | None = None
    purpose: Words | None = None
    access: Access | None = None

    @property
    def lists(self) -> bool:
        return True


class RespondentNamed(Event, frozen=True, gc=False, tag="circle.respondent"):
    """Who has promised to answer; without a name: nobody any more."""

    id: PersonId | None = None
    name: Annotated[str, NameOf("id")] | None = None


class CircleArchived(Event, frozen=True, gc=False, tag="circle.archived"):
    on: bool

    @property
    def lists(self) -> bool:
        return True


def _found(state: State, command: FoundCircle, context: Context) -> Sequence[Event]:
    if SETTINGS in state:
        raise Refusal(Code.ID_TAKEN)
    title, purpose = clean(command.title, TITLE_CHARS), clean_or_none(command.purpose, PROMPT_CHARS)
    return [
        CircleFounded(command.circle, command.community, title, command.access, purpose, context.at),
        SeatTaken(context.actor.id, "animator", command.name, context.at),
    ]


def _set(state: State, command: p.SetCircle, context: Context) -> Sequence[Event]:
    now = circle(state)
    asked: dict[str, str] = {}
    if command.title is not UNSET:
        asked["title"] = clean(command.title, TITLE_CHARS)
    if command.purpose is not UNSET:
        asked["purpose"] = clean_or_none(command.purpose, PROMPT_CHARS)
    if command.access is not UNSET and command.access != now.access:
        _check_access(state, command.access)
        asked["access"] = command.access
    changed = {name: value for name, value in asked.items() if getattr(now, name) != value}
    events: list[Event] = [CircleSet(**changed)] if changed else []  # type: ignore[arg-type]  # as SetCircle has them
    if command.respondent is not UNSET:
        respondent = _respondent(state, command.respondent, context)
        if respondent != now.respondent:
            events.append(RespondentNamed(respondent.id, respondent.name) if respondent else RespondentNamed())
    return events


def _check_access(state: State, access: Access) -> None:
    """Who wrote here relied on who may read it.

    Raises:
        Refusal: `invalid`, `ratchet`.
    """
    now = circle(state).access
    if COMMON in (now, access):
        raise Refusal(Code.INVALID, "expected another circle: in what is common nobody is by name")
    if SECRECY.index(access) < SECRECY.index(now) and thread(state).last:
        raise Refusal(Code.RATCHET, "expected a more secret access: people have written here")


def _respondent(state: State, id: str | None, context: Context) -> Named | None:
    if id is None:
        return None
    name = context.people.get(id)
    if name is None or not (is_common(state) or seated(state, id)):
        raise not_found(id)
    return Named(id, name)


def _archive(state: State, command: p.ArchiveCircle, context: Context) -> Sequence[Event]:
    return [] if circle(state).archived == command.on else [CircleArchived(command.on)]


def _founded(state: State, event: CircleFounded) -> State:
    if SETTINGS in state:
        return state
    now = Circle(SETTINGS, event.circle, event.community, event.title, event.purpose, access=event.access, at=event.at)
    return state.set(SETTINGS, now)


def _was_set(state: State, event: CircleSet) -> State:
    names = ("title", "purpose", "access")
    said = {name: value for name in names if (value := getattr(event, name)) is not None}
    return state.set(SETTINGS, replace(circle(state), **said))


def _respondent_named(state: State, event: RespondentNamed) -> State:
    named = Named(event.id, event.name) if event.id and event.name else None
    return state.set(SETTINGS, replace(circle(state), respondent=named))


def _archived(state: State, event: CircleArchived) -> State:
    return state.set(SETTINGS, replace(circle(state), archived=event.on))


def _touch(
    before: State, after: State, event: CircleFounded | CircleSet | RespondentNamed | CircleArchived
) -> Sequence[Touch]:
    return (Touch(circle(after).circle),)


def _render(state: State, id: str, viewer: Viewer) -> CircleRecord | None:
    now = circle(state)
    if now.circle != id or viewer.owner is not None or viewer.audience == INDEX:
        return None
    animators = (seated(state, animator) for animator in roll(state).animators)
    return CircleRecord(
        id=id,
        community=now.community,
        title=now.title,
        purpose=now.purpose,
        access=now.access,
        animators=tuple(Named(seat.id, seat.name or "") for seat in animators if seat),
        respondent=now.respondent,
        people=0 if is_common(state) else roll(state).people,
        archived=now.archived,
        at=now.at,
    )


SETTINGS_CAPABILITY = Capability(
    entities=(Circle,),
    decide={FoundCircle: _found, p.SetCircle: _set, p.ArchiveCircle: _archive},
    events={
        CircleFounded: (_founded, _touch),
        CircleSet: (_was_set, _touch),
        RespondentNamed: (_respondent_named, _touch),
        CircleArchived: (_archived, _touch),
    },
    render={"circle": _render},
)
