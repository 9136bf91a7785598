"""Remarks: what came out when a chosen idea was tested, written on the idea itself: objections, conditions, offers of help (SPEC K4, K5).

A remark is a post, filed in the step that it was written in: who reads it beside its author, whether its author has a name, and what
hosts may do about it is as with any other.
"""

from collections.abc import Sequence
from typing import Annotated, cast

from msgspec.structs import replace

from protocol import commands as c
from protocol.choices import RemarkKind
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, TextOf, ThingId
from protocol.records import RemarkRecord
from protocol.version import IDEA_CHARS, PROMPT_CHARS
from server.model.kernel import Actor, Capability, Context, Event, Restore, State, Touch, Viewer, get, not_found
from server.model.restoring import a_time, an_id, expect, room_for, shaped
from server.model.text import clean, clean_or_erased, clean_or_none
from server.workshop.state import posts
from server.workshop.state.remarks import (
    ON_ONE,
    REMARKS,
    Remark,
    Remarked,
    RemarksOn,
    check_on_board,
    is_read,
    put_remark,
    remark_count,
    remarks_on,
    touch_remark,
    without,
)
from server.workshop.state.steps import Step, current, step_of


class RemarkAdded(Event, frozen=True, gc=False, tag="remark.added"):
    id: ThingId
    at: int
    on: ThingId
    kind: RemarkKind
    text: Annotated[str, TextOf("by")] = ""
    by: PersonId | None = None
    step: ThingId | None = None
    review: bool = False


class RemarkEdited(Event, frozen=True, gc=False, tag="remark.edited"):
    id: ThingId
    text: Annotated[str, TextOf("id")] = ""


class RemarkRemoved(Event, frozen=True, gc=False, tag="remark.removed"):
    id: ThingId


def _remark_for(state: State, id: str, actor: Actor) -> Remark:
    """The remark, seen through the actor's eyes.

    Raises:
        Refusal: `not_found`, also where not everyone reads what it is on.
    """
    remark = get(state, id, Remark)
    if remark is None or not is_read(state, remark.on) or not posts.visible(remark, actor):
        raise not_found(id)
    return remark


def _step_for(state: State, command: c.AddRemark) -> Step | None:
    """The step that a new remark is filed in, whose promises hold for it however late it comes.

    Raises:
        Refusal: `not_found`, `not_open`.
    """
    if command.step is None:
        return current(state)
    step = step_of(state, command.step)
    if not step.opened:
        raise Refusal(Code.NOT_OPEN)
    return step


def _add(state: State, command: c.AddRemark, context: Context) -> Sequence[Event]:
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    check_on_board(state, command.on)
    if len(remarks_on(state, command.on)) >= ON_ONE:
        raise Refusal(Code.TOO_MANY, f"expected at most {ON_ONE} remarks on one idea or zone")
    if remark_count(state) >= REMARKS:
        raise Refusal(Code.TOO_MANY, f"expected at most {REMARKS} remarks")
    text, actor = clean(command.text, IDEA_CHARS), context.actor
    step = _step_for(state, command)
    if step is None:
        return [RemarkAdded(command.id, context.at, command.on, command.kind, text, actor.id)]
    author = actor.alias(step.id) if step.anonymous else actor.id
    review = step.moderated and actor.role != "host"
    return [RemarkAdded(command.id, context.at, command.on, command.kind, text, author, step.id, review)]


def _edit(state: State, command: c.EditRemark, context: Context) -> Sequence[Event]:
    remark = _remark_for(state, command.id, context.actor)
    posts.may_alter(remark, context.actor, hosts=False)
    text = clean(command.text, IDEA_CHARS)
    return [] if text == remark.text else [RemarkEdited(remark.id, text)]


def _remove(state: State, command: c.RemoveRemark, context: Context) -> Sequence[Event]:
    remark = _remark_for(state, command.id, context.actor)
    posts.may_alter(remark, context.actor)
    return [RemarkRemoved(remark.id)]


def _added(state: State, event: RemarkAdded) -> State:
    remark = Remark(event.id, event.text, event.by, event.at, on=event.on, sort=event.kind)
    step = get(state, event.step, Step)
    if step is not None:
        remark = replace(remark, step=step.id, reader=step.reader, anonymous=step.anonymous, hidden=event.review)
    return put_remark(state, remark)


def _edited(state: State, event: RemarkEdited) -> State:
    remark = get(state, event.id, Remark)
    return state.set(remark.id, replace(remark, text=event.text, edited=True, reason="")) if remark else state


def _removed(state: State, event: RemarkRemoved) -> State:
    return without(state, (event.id,))


def _touch(before: State, after: State, event: RemarkAdded | RemarkEdited) -> Sequence[Touch]:
    return (touch_remark(after, event.id),)


def _touch_removed(before: State, after: State, event: RemarkRemoved) -> Sequence[Touch]:
    return (touch_remark(before, event.id),)


def _render(state: State, id: str, viewer: Viewer) -> RemarkRecord | None:
    remark = get(state, id, Remark)
    if remark is None or not is_read(state, remark.on) or not posts.sees(remark, viewer):
        return None
    return RemarkRecord(
        id=remark.id,
        on=remark.on,
        kind=remark.sort,
        text=remark.text,
        author=None if remark.anonymous else remark.author,
        at=None if remark.anonymous else remark.at,
        edited=remark.edited,
        hidden=remark.hidden,
        step=remark.step,
        anonymous=remark.anonymous,
        own=remark.anonymous and viewer.owner is not None,
        reason=remark.reason,
        muted=posts.marked_muted(state, remark, viewer),
    )


def _check(state: State, record: RemarkRecord) -> RemarkRecord:
    shaped(record, c.AddRemark)
    expect(record.on in state, "`on` to be an idea or a zone")
    room_for(len(remarks_on(state, record.on)), ON_ONE)
    room_for(remark_count(state), REMARKS)
    expect((get(state, record.step, Step) is None) == (record.step is None), "`step` to be a step")
    if record.author is not None:
        an_id(record.author, c.MemberId)
    a_time(record.at)
    return replace(
        record,
        text=clean_or_erased(record.text, IDEA_CHARS),
        reason=clean_or_none(record.reason, PROMPT_CHARS),
    )


def _put_back(state: State, record: RemarkRecord) -> State:
    step = get(state, record.step, Step)
    anonymous = record.anonymous or (step is not None and step.anonymous)
    remark = Remark(
        record.id,
        record.text,
        None if anonymous else record.author,
        0 if anonymous else record.at or 0,
        edited=record.edited,
        hidden=record.hidden,
        step=None if step is None else step.id,
        reader="open" if step is None else step.reader,
        anonymous=anonymous,
        reason=record.reason,
        on=record.on,
        sort=cast(RemarkKind, record.kind),
    )
    if step is not None and not step.opened:
        state = state.set(step.id, replace(step, opened=True, over=0))
    return posts.restored_mute(put_remark(state, remark), remark, record.muted)


REMARKS_CAPABILITY = Capability(
    entities=(Remark, RemarksOn, Remarked),
    decide={c.AddRemark: _add, c.EditRemark: _edit, c.RemoveRemark: _remove},
    events={
        RemarkAdded: (_added, _touch),
        RemarkEdited: (_edited, _touch),
        RemarkRemoved: (_removed, _touch_removed),
    },
    render={"remark": _render},
    restore={"remark": Restore(_check, _put_back)},
)
