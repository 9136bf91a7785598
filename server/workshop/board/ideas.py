"""Ideas: the cards of the board (SPEC C1, C4), each filed in the step that it was written in (G5)."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET
from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import ImageOf, PersonId, TextOf, ThingId, Words
from protocol.records import IdeaRecord
from protocol.version import ALT_CHARS, IDEA_CHARS, PROMPT_CHARS
from server.model import rank
from server.model.kernel import Actor, Capability, Context, Event, Restore, State, Touch, Viewer, get, not_found
from server.model.restoring import PEOPLE, a_rank, a_time, an_id, counted, expect, room_for, shaped, whole
from server.model.text import clean, clean_or_erased, clean_or_none
from server.workshop.people.breakouts import LATEST_ROUND, counting
from server.workshop.people.people import breakout_of
from server.workshop.state import posts
from server.workshop.state.board import BOARD, IDEAS, board
from server.workshop.state.breakouts import breakouts
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
from server.workshop.state.places import OwnEnds, Row, Which, last, own_end, put, raise_own_end
from server.workshop.state.posts import Post
from server.workshop.state.steps import GRACE, WRITTEN_IN, Step, current, step_of
from server.workshop.talk.reactions import counts, restored_counts


class Idea(Post, frozen=True, gc=False, tag="idea"):
    """
    Attributes:
        moves: counts changes of its place by anyone: it tells whether an undo still applies.
        late: its step was over.
        into: what it was merged into; see `standing` for where it stands.
        merged: ids of the ideas that were merged into it.
        breakout: the small table at which its author sat; 0: none, or he has no name.
        round: in which round of small tables; 0: in none, or it is not known.
        answered: it is a question, and a host has answered it (SPEC U13).
        taken: it was removed by a host who is not its author, and only a host gives it back.
        image: a picture on it; "": none. `alt`: what is seen on it.
    """

    zone: str | None = None
    rank: str = ""
    moves: int = 0
    late: bool = False
    into: str | None = None
    merged: tuple[str, ...] = ()
    breakout: int = 0
    taken: bool = False
    round: int = 0
    image: Annotated[str, ImageOf("author")] = ""
    alt: Annotated[str, TextOf("author")] = ""
    answered: bool = False

    @property
    def row(self) -> Which | None:
        """Among which others it has its place: what everyone reads or has read, or what hosts alone see; None: neither."""
        if self.reader == "open":
            return "held" if self.hidden else "open"
        return "held" if self.reader == "hosts" else None


class IdeaAdded(Event, frozen=True, gc=False, tag="idea.added"):
    id: ThingId
    at: int
    rank: Words
    text: Annotated[str, TextOf("by")] = ""
    by: PersonId | None = None
    zone: ThingId | None = None
    step: ThingId | None = None
    late: bool = False
    review: bool = False
    breakout: int = 0
    round: int = 0
    image: Annotated[str, ImageOf("by")] = ""
    alt: Annotated[str, TextOf("by")] = ""


class IdeaEdited(Event, frozen=True, gc=False, tag="idea.edited"):
    """`image`, `alt`: None where they stay."""

    id: ThingId
    text: Annotated[str, TextOf("id")] = ""
    image: Annotated[str, ImageOf("id")] | None = None
    alt: Annotated[str, TextOf("id")] | None = None


def idea_for(state: State, id: str, actor: Actor, *, removed: bool = False) -> Idea:
    """The idea, seen through the actor's eyes.

    Raises:
        Refusal: `not_found`, also for a removed idea unless `removed` asks for one, and then for one that is not.
    """
    idea = get(state, id, Idea)
    if idea is None or idea.removed != removed or not posts.visible(idea, actor):
        raise not_found(id)
    return idea


def zone_for(state: State, id: str | None) -> str | None:
    """The zone that a command names; None for none.

    Raises:
        Refusal: `not_found`.
    """
    if id is not None and id not in board(state).zones:
        raise not_found(id)
    return id


def end_for(state: State, idea: Idea, zone: str | None) -> str:
    """A rank at the end of a zone, for an idea as it is read: of what not everyone reads it tells nothing (SPEC G3).

    What not everyone reads comes behind all that everyone does, and, in a step that is blind, behind the author's own.
    """
    end = last(state, zone)
    if idea.row == "open":
        return rank.after(end[0] if end else None)
    own = own_end(state, idea.author, zone) if idea.reader != "open" else None
    return rank.scatter(max(end[0] if end else "", own or "") or None, None, idea.id)


def _add(state: State, command: c.AddIdea, context: Context) -> Sequence[Event]:
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    if board(state).ideas >= IDEAS:
        raise Refusal(Code.TOO_MANY, f"expected at most {IDEAS} ideas")
    text = clean(command.text, IDEA_CHARS)
    zone = zone_for(state, command.zone)
    image = command.image or ""
    if image:
        check_mine(state, image, context)
    alt = clean_or_none(command.alt, ALT_CHARS) if image else ""
    step, actor = _step_for(state, command, context.at), context.actor
    if step is None:
        place = end_for(state, Idea(command.id, text, actor.id, context.at), zone)
        breakout = breakout_of(state, actor.id)
        nth = breakouts(state).round if breakout else 0
        added = IdeaAdded(command.id, context.at, place, text, actor.id, zone, breakout=breakout, round=nth)
        return [replace(added, image=image, alt=alt)]
    author = actor.alias(step.id) if step.anonymous else actor.id
    late = step.over is not None and context.at - step.over > GRACE
    review = step.moderated and actor.role != "host"
    # Among so few people a table is half a name.
    breakout = 0 if step.anonymous else breakout_of(state, actor.id)
    place = end_for(state, Idea(command.id, text, author, context.at, reader=step.reader, hidden=review), zone)
    nth = breakouts(state).round if breakout else 0
    added = IdeaAdded(command.id, context.at, place, text, author, zone, step.id, late, review, breakout, nth)
    return [replace(added, image=image, alt=alt)]


def _step_for(state: State, command: c.AddIdea, at: int) -> Step | None:
    """The step that a new idea is filed in.

    Raises:
        Refusal: `not_found`, `not_open`, `step_over`.
    """
    if command.step is None:
        now = current(state)
        return now if now is not None and now.act in WRITTEN_IN else None
    step = step_of(state, command.step)
    if not step.opened:
        raise Refusal(Code.NOT_OPEN)
    if step.over is not None and at - step.over > GRACE and not command.late:
        raise Refusal(Code.STEP_OVER)
    return step


def _edit(state: State, command: c.EditIdea, context: Context) -> Sequence[Event]:
    idea = idea_for(state, command.id, context.actor)
    posts.may_alter(idea, context.actor)
    text = clean(command.text, IDEA_CHARS)
    image = idea.image if command.image is UNSET else command.image
    if image not in ("", idea.image):
        check_mine(state, image, context)
    alt = idea.alt if command.alt is UNSET else clean_or_none(command.alt, ALT_CHARS)
    if image != idea.image and command.alt is UNSET:
        alt = ""  # it told of another
    if not image:
        alt = ""
    if (text, image, alt) == (idea.text, idea.image, idea.alt):
        return []
    return [IdeaEdited(idea.id, text, image if image != idea.image else None, alt if alt != idea.alt else None)]


def _added(state: State, event: IdeaAdded) -> State:
    idea = Idea(
        event.id,
        event.text,
        event.by,
        event.at,
        zone=event.zone,
        rank=event.rank,
        breakout=event.breakout,
        round=event.round,
        image=event.image,
        alt=event.alt,
    )
    if event.image:
        state = put_on(state, event.image, event.id)
    step = get(state, event.step, Step)
    if step is not None:
        idea = replace(
            idea,
            step=step.id,
            reader=step.reader,
            anonymous=step.anonymous,
            hidden=event.review,
            late=event.late,
        )
        state = state.set(step.id, replace(step, written=step.written + 1))
    here = board(state)
    return lying(state.set(BOARD, replace(here, ideas=here.ideas + 1)), idea)


def lying(state: State, idea: Idea) -> State:
    """The state with an idea, new or moved, in its place."""
    state = put(state, idea)
    return state if idea.reader == "open" else raise_own_end(state, idea.author, idea.zone, idea.rank)


def _edited(state: State, event: IdeaEdited) -> State:
    idea = get(state, event.id, Idea)
    if idea is None:
        return state
    if event.image is not None and event.image != idea.image:
        state = taken_off(state, idea.image) if idea.image else state
        state = put_on(state, event.image, idea.id) if event.image else state
    image = idea.image if event.image is None else event.image
    alt = idea.alt if event.alt is None else event.alt
    return state.set(idea.id, replace(idea, text=event.text, image=image, alt=alt, edited=True, reason=""))


def _touch_added(before: State, after: State, event: IdeaAdded) -> Sequence[Touch]:
    touched = posts.touch(before, after, event.id)
    return (*touched, Touch(event.step)) if event.step else touched


def _touch(before: State, after: State, event: IdeaEdited) -> Sequence[Touch]:
    return posts.touch(before, after, event.id)


def _render(state: State, id: str, viewer: Viewer) -> IdeaRecord | None:
    idea = get(state, id, Idea)
    if idea is None or not posts.sees(idea, viewer):
        return None
    width, height = size_of(state, idea.image)
    return IdeaRecord(
        id=idea.id,
        text=idea.text,
        rank=idea.rank,
        zone=idea.zone,
        author=None if idea.anonymous else idea.author,
        at=None if idea.anonymous else idea.at,
        edited=idea.edited,
        removed=idea.removed,
        taken=idea.taken,
        hidden=idea.hidden,
        step=idea.step,
        anonymous=idea.anonymous,
        own=idea.anonymous and viewer.owner is not None,
        late=idea.late,
        breakout=0 if idea.anonymous else idea.breakout,
        round=0 if idea.anonymous else idea.round,
        reason=idea.reason,
        muted=posts.marked_muted(state, idea, viewer),
        reactions=counts(state, id),
        into=idea.into,
        image=idea.image,
        alt=idea.alt,
        width=width,
        height=height,
        answered=idea.answered,
    )


def _check(state: State, record: IdeaRecord) -> IdeaRecord:
    room_for(board(state).ideas, IDEAS)
    shaped(record, c.AddIdea)
    zone_for(state, record.zone)
    expect((get(state, record.step, Step) is None) == (record.step is None), "`step` to be a step")
    expect((get(state, record.into, Idea) is None) == (record.into is None), "`into` to be another idea")
    if record.author is not None:
        an_id(record.author, c.MemberId)
    a_time(record.at)
    whole(record.breakout, PEOPLE)
    whole(record.round, LATEST_ROUND)
    if record.image:
        room_for(album(state).count, IMAGES)
        expect(an_id(record.image, c.ImageId) not in state, "`image` to be on one idea")
    return replace(
        record,
        alt=clean_or_none(record.alt, ALT_CHARS) if record.image else "",
        width=whole(record.width, SIDE) if record.image else 0,
        height=whole(record.height, SIDE) if record.image else 0,
        text=clean_or_erased(record.text, IDEA_CHARS),
        reason=clean_or_none(record.reason, PROMPT_CHARS),
        rank=a_rank(record.rank),
        reactions=counted(record.reactions),
    )


def _put_back(state: State, record: IdeaRecord) -> State:
    here = board(state)
    step, into = get(state, record.step, Step), get(state, record.into, Idea)
    anonymous = record.anonymous or (step is not None and step.anonymous)
    idea = Idea(
        record.id,
        record.text,
        None if anonymous else record.author,
        0 if anonymous else record.at or 0,
        edited=record.edited,
        hidden=record.hidden,
        removed=record.removed,
        taken=record.taken and record.removed,
        step=None if step is None else step.id,
        reader="open" if step is None else step.reader,
        anonymous=anonymous,
        reason=record.reason,
        into=None if into is None else into.id,
        zone=record.zone if record.zone in here.zones else None,
        rank=record.rank,
        late=record.late,
        breakout=record.breakout,
        round=record.round,
        image=record.image,
        alt=record.alt,
        answered=record.answered and step is not None and step.act == "questions",
    )
    if record.image:
        state = with_image(state, Image(record.image, None, idea.at, record.width, record.height, idea.id))
    state = counting(state, record.round)
    if step is not None:
        over = step.over if step.opened else 0
        written, gone = step.written + 1, step.gone + idea.removed
        state = state.set(step.id, replace(step, opened=True, over=over, written=written, gone=gone))
    if into is not None:
        state = state.set(into.id, replace(into, merged=(*into.merged, idea.id)))
    state = lying(state.set(BOARD, replace(here, ideas=here.ideas + 1)), idea)
    return posts.restored_mute(restored_counts(state, idea.id, record.reactions), idea, record.muted)


IDEAS_CAPABILITY = Capability(
    entities=(Idea, Row, OwnEnds),
    decide={c.AddIdea: _add, c.EditIdea: _edit},
    events={IdeaAdded: (_added, _touch_added), IdeaEdited: (_edited, _touch)},
    render={"idea": _render},
    restore={"idea": Restore(_check, _put_back)},
)
