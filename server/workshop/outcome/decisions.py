"""What comes of a workshop: decisions, the actions that carry them out, and what each person commits to (SPEC K)."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET
from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, TextOf, ThingId, Words
from protocol.records import ActionRecord, CommitmentRecord, DecisionRecord, is_day
from protocol.version import IDEA_CHARS
from server.model.kernel import (
    Actor,
    Capability,
    Context,
    Entity,
    Event,
    Notice,
    Restore,
    State,
    Touch,
    Viewer,
    get,
    not_found,
    tail,
)
from server.model.restoring import a_time, an_id, expect, room_for, shaped
from server.model.text import clean, clean_or_none
from server.workshop.board.ideas import Idea
from server.workshop.board.zones import Zone
from server.workshop.people.people import Member
from server.workshop.state.decided import ACTIONS, DECISIONS, PLAN, Decision, Plan, plan
from server.workshop.state.posts import Post


class Action(Entity, frozen=True, gc=False, tag="action"):
    """
    Attributes:
        decision: that it carries out. `owner`: a member. `due`: a day, as 2026-12-01. `first`: the first step.
    """

    text: str
    at: int
    decision: str | None = None
    owner: str | None = None
    due: str = ""
    first: str = ""
    done: bool = False


class Commitment(Entity, frozen=True, gc=False, tag="commitment"):
    text: str
    author: str
    at: int
    shared: bool = False


class DecisionAdded(Event, frozen=True, gc=False, tag="decision.added"):
    id: ThingId
    at: int
    text: Words = ""
    source: ThingId | None = None


class DecisionEdited(Event, frozen=True, gc=False, tag="decision.edited"):
    id: ThingId
    text: Words = ""


class DecisionRemoved(Event, frozen=True, gc=False, tag="decision.removed"):
    id: ThingId


class ActionAdded(Event, frozen=True, gc=False, tag="action.added"):
    id: ThingId
    at: int
    text: Words = ""
    decision: ThingId | None = None
    owner: PersonId | None = None
    due: Words = ""
    first: Words = ""


class ActionEdited(Event, frozen=True, gc=False, tag="action.edited"):
    """Only what changed; `owner` "" is nobody."""

    id: ThingId
    text: Words | None = None
    owner: PersonId | None = None
    due: Words | None = None
    first: Words | None = None
    done: bool | None = None


class ActionRemoved(Event, frozen=True, gc=False, tag="action.removed"):
    id: ThingId


class CommitmentWritten(Event, frozen=True, gc=False, tag="commitment.written"):
    """`text` "": taken back."""

    at: int
    by: PersonId | None = None
    text: Annotated[str, TextOf("by")] = ""
    shared: bool = False


def commitment_id(member: str) -> str:
    return f"commitment:{tail(member)}"


def _quote(state: State, source: str) -> str | None:
    """How an idea or a zone reads to everyone; None where not everyone sees it."""
    match state.get(source):
        case Idea() as idea if idea.is_open:
            return idea.text
        case Zone(title=title):
            return title
        case _:
            return None


def _day(text: str) -> str:
    """
    Raises:
        Refusal: `invalid`, when this is neither "" nor a day.
    """
    if text and not is_day(text):
        raise Refusal(Code.INVALID, "expected `due` to be a day that there is, as 2026-12-01")
    return text


def _owner(state: State, id: str | None) -> str | None:
    member = get(state, id, Member)
    if id is not None and (member is None or member.removed):
        raise not_found(id)
    return id


def _add_decision(state: State, command: c.AddDecision, context: Context) -> Sequence[Event]:
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    if len(plan(state).decisions) >= DECISIONS:
        raise Refusal(Code.TOO_MANY, f"expected at most {DECISIONS} decisions")
    if command.source is not None and _quote(state, command.source) is None:
        raise not_found(command.source)
    return [DecisionAdded(command.id, context.at, clean(command.text, IDEA_CHARS), command.source)]


def _decision(state: State, id: str) -> Decision:
    decision = get(state, id, Decision)
    if decision is None:
        raise not_found(id)
    return decision


def _edit_decision(state: State, command: c.EditDecision, context: Context) -> Sequence[Event]:
    decision, text = _decision(state, command.id), clean(command.text, IDEA_CHARS)
    return [] if decision.text == text else [DecisionEdited(decision.id, text)]


def _remove_decision(state: State, command: c.RemoveDecision, context: Context) -> Sequence[Event]:
    return [DecisionRemoved(_decision(state, command.id).id)]


def _add_action(state: State, command: c.AddAction, context: Context) -> Sequence[Event]:
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    if len(plan(state).actions) >= ACTIONS:
        raise Refusal(Code.TOO_MANY, f"expected at most {ACTIONS} actions")
    if command.decision is not None:
        _decision(state, command.decision)
    text, first = clean(command.text, IDEA_CHARS), clean_or_none(command.first, IDEA_CHARS)
    owner = _owner(state, command.owner)
    return [ActionAdded(command.id, context.at, text, command.decision, owner, _day(command.due), first)]


def _action(state: State, id: str, actor: Actor) -> Action:
    """
    Raises:
        Refusal: `not_found`, or `forbidden` for whoever is neither its owner nor a host.
    """
    action = get(state, id, Action)
    if action is None:
        raise not_found(id)
    if actor.role != "host" and action.owner != actor.id:
        raise Refusal(Code.FORBIDDEN, "expected its owner or a host")
    return action


def _edit_action(state: State, command: c.EditAction, context: Context) -> Sequence[Event]:
    action = _action(state, command.id, context.actor)
    asked: dict[str, object] = {}
    if command.text is not UNSET:
        asked["text"] = clean(command.text, IDEA_CHARS)
    if command.owner is not UNSET:
        asked["owner"] = _owner(state, command.owner) or ""
    if command.due is not UNSET:
        asked["due"] = _day(command.due)
    if command.first is not UNSET:
        asked["first"] = clean_or_none(command.first, IDEA_CHARS)
    if command.done is not UNSET:
        asked["done"] = command.done
    changed = {name: value for name, value in asked.items() if (getattr(action, name) or "") != (value or "")}
    return [ActionEdited(action.id, **changed)] if changed else []  # type: ignore[arg-type]  # names and types are those of EditAction


def _remove_action(state: State, command: c.RemoveAction, context: Context) -> Sequence[Event]:
    return [ActionRemoved(_action(state, command.id, context.actor).id)]


def _write(state: State, command: c.WriteCommitment, context: Context) -> Sequence[Event]:
    me, text = context.actor.id, clean_or_none(command.text, IDEA_CHARS)
    before = get(state, commitment_id(me), Commitment)
    if (before.text, before.shared) == (text, command.shared) if before else not text:
        return []
    return [CommitmentWritten(context.at, me, text, command.shared)]


def _decision_added(state: State, event: DecisionAdded) -> State:
    here = plan(state)
    quote = _quote(state, event.source) if event.source is not None else None
    decision = Decision(event.id, event.text, event.at, event.source, quote or "")
    return state.set(event.id, decision).set(PLAN, replace(here, decisions=(*here.decisions, event.id)))


def _decision_edited(state: State, event: DecisionEdited) -> State:
    decision = get(state, event.id, Decision)
    return state.set(event.id, replace(decision, text=event.text)) if decision else state


def _decision_removed(state: State, event: DecisionRemoved) -> State:
    here = plan(state)
    left = tuple(id for id in here.decisions if id != event.id)
    state = state.set(PLAN, replace(here, decisions=left))
    return state.delete(event.id) if event.id in state else state


def _action_added(state: State, event: ActionAdded) -> State:
    here = plan(state)
    action = Action(event.id, event.text, event.at, event.decision, event.owner, event.due, event.first)
    return state.set(event.id, action).set(PLAN, replace(here, actions=(*here.actions, event.id)))


def _action_edited(state: State, event: ActionEdited) -> State:
    action = get(state, event.id, Action)
    if action is None:
        return state
    names = ("text", "owner", "due", "first", "done")
    changed = {name: value for name in names if (value := getattr(event, name)) is not None}
    if "owner" in changed:
        changed["owner"] = changed["owner"] or None
    return state.set(event.id, replace(action, **changed))


def _action_removed(state: State, event: ActionRemoved) -> State:
    here = plan(state)
    state = state.set(PLAN, replace(here, actions=tuple(id for id in here.actions if id != event.id)))
    return state.delete(event.id) if event.id in state else state


def _written(state: State, event: CommitmentWritten) -> State:
    if event.by is None:
        return state
    id = commitment_id(event.by)
    if event.text:
        return state.set(id, Commitment(id, event.text, event.by, event.at, event.shared))
    return state.delete(id) if id in state else state


def _touch(
    before: State,
    after: State,
    event: DecisionAdded | DecisionEdited | DecisionRemoved | ActionAdded | ActionEdited | ActionRemoved,
) -> Sequence[Touch]:
    return (Touch(event.id),)


def _touch_written(before: State, after: State, event: CommitmentWritten) -> Sequence[Touch]:
    return (Touch(commitment_id(event.by), (event.by,)),) if event.by else ()


def _render_decision(state: State, id: str, viewer: Viewer) -> DecisionRecord | None:
    decision = get(state, id, Decision)
    if decision is None or viewer.owner is not None:
        return None
    post = state.get(decision.source) if decision.source else None
    quote = "" if isinstance(post, Post) and not post.is_open else decision.quote
    return DecisionRecord(id=id, text=decision.text, at=decision.at, source=decision.source, quote=quote)


def _render_action(state: State, id: str, viewer: Viewer) -> ActionRecord | None:
    action = get(state, id, Action)
    if action is None or viewer.owner is not None:
        return None
    return ActionRecord(
        id=id,
        text=action.text,
        at=action.at,
        decision=action.decision,
        owner=action.owner,
        due=action.due,
        first=action.first,
        done=action.done,
    )


def _render_commitment(state: State, id: str, viewer: Viewer) -> CommitmentRecord | None:
    commitment = get(state, id, Commitment)
    if commitment is None or not (viewer.owner == commitment.author if not commitment.shared else viewer.audience):
        return None
    return CommitmentRecord(
        id=id, text=commitment.text, author=commitment.author, at=commitment.at, shared=commitment.shared
    )


def _check_decision(state: State, record: DecisionRecord) -> DecisionRecord:
    room_for(len(plan(state).decisions), DECISIONS)
    shaped(record, c.AddDecision)
    a_time(record.at)
    return replace(record, text=clean(record.text, IDEA_CHARS), quote=clean_or_none(record.quote, IDEA_CHARS))


def _put_back_decision(state: State, record: DecisionRecord) -> State:
    here = plan(state)
    decision = Decision(record.id, record.text, record.at, record.source, record.quote)
    return state.set(decision.id, decision).set(PLAN, replace(here, decisions=(*here.decisions, decision.id)))


def _check_action(state: State, record: ActionRecord) -> ActionRecord:
    room_for(len(plan(state).actions), ACTIONS)
    shaped(record, c.AddAction)
    a_time(record.at)
    text, first = clean(record.text, IDEA_CHARS), clean_or_none(record.first, IDEA_CHARS)
    return replace(record, text=text, first=first, due=_day(record.due))


def _put_back_action(state: State, record: ActionRecord) -> State:
    here, first = plan(state), record.first
    action = Action(record.id, record.text, record.at, record.decision, record.owner, record.due, first, record.done)
    return state.set(action.id, action).set(PLAN, replace(here, actions=(*here.actions, action.id)))


def _check_commitment(state: State, record: CommitmentRecord) -> CommitmentRecord:
    expect(record.id == commitment_id(an_id(record.author, c.MemberId)), "the id of its author's commitment")
    a_time(record.at)
    return replace(record, text=clean(record.text, IDEA_CHARS))


def _put_back_commitment(state: State, record: CommitmentRecord) -> State:
    if not record.text:  # its author's texts are erased
        return state
    commitment = Commitment(record.id, record.text, record.author, record.at, record.shared)
    return state.set(commitment.id, commitment)


def _concerns(before: State, after: State, event: ActionAdded | ActionEdited) -> Sequence[Notice]:
    """Whom an action is given to."""
    action, old = get(after, event.id, Action), get(before, event.id, Action)
    if action is None or action.owner is None or (old is not None and old.owner == action.owner):
        return ()
    return (Notice(action.owner, "assigned", action.id),)


DECISIONS_CAPABILITY = Capability(
    entities=(Decision, Plan, Action, Commitment),
    decide={
        c.AddDecision: _add_decision,
        c.EditDecision: _edit_decision,
        c.RemoveDecision: _remove_decision,
        c.AddAction: _add_action,
        c.EditAction: _edit_action,
        c.RemoveAction: _remove_action,
        c.WriteCommitment: _write,
    },
    events={
        DecisionAdded: (_decision_added, _touch),
        DecisionEdited: (_decision_edited, _touch),
        DecisionRemoved: (_decision_removed, _touch),
        ActionAdded: (_action_added, _touch),
        ActionEdited: (_action_edited, _touch),
        ActionRemoved: (_action_removed, _touch),
        CommitmentWritten: (_written, _touch_written),
    },
    render={"decision": _render_decision, "action": _render_action, "commitment": _render_commitment},
    restore={
        "decision": Restore(_check_decision, _put_back_decision),
        "action": Restore(_check_action, _put_back_action),
        "commitment": Restore(_check_commitment, _put_back_commitment),
    },
    concerns={ActionAdded: _concerns, ActionEdited: _concerns},
)
