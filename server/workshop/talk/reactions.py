"""Reactions: a small sign of a member on a post, counted in public, known by name to nobody but himself (SPEC C5)."""

from collections.abc import Mapping, Sequence

from protocol import commands as c
from protocol.choices import ReactionKind
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, ThingId, Words
from protocol.records import ReactionRecord
from server.model.kernel import Actor, Capability, Context, Entity, Event, State, Touch, Viewer, get, not_found
from server.workshop.state import posts
from server.workshop.state.posts import Post
from server.workshop.state.remarks import Remark


class Reactions(Entity, frozen=True, gc=False, tag="reactions"):
    """All reactions on one post. The dicts are never changed in place."""

    on: ThingId
    by: dict[PersonId, tuple[Words, ...]]
    counts: dict[Words, int]


class ReactionAdded(Event, frozen=True, gc=False, tag="reaction.added"):
    on: ThingId
    kind: ReactionKind
    by: PersonId | None = None


class ReactionRemoved(Event, frozen=True, gc=False, tag="reaction.removed"):
    on: ThingId
    kind: ReactionKind
    by: PersonId | None = None


def reactions_id(on: str) -> str:
    return f"reaction:{on.replace(':', '-')}"


def counts(state: State, on: str) -> dict[str, int]:
    """How many reactions of each kind lie on a post."""
    reactions = get(state, reactions_id(on), Reactions)
    return reactions.counts if reactions else {}


def _target(state: State, on: str, actor: Actor) -> tuple[Reactions, str]:
    """The reactions on a post, and whose name the actor has among them."""
    post = state.get(on)
    if not isinstance(post, Post) or post.removed or not posts.visible(post, actor):
        raise not_found(on)
    if isinstance(post, Remark):
        raise Refusal(Code.INVALID, "expected an idea or a message")
    return _on(state, on), posts.known_as(post, actor)


def _on(state: State, on: str) -> Reactions:
    id = reactions_id(on)
    return get(state, id, Reactions) or Reactions(id, on, {}, {})


def _add(state: State, command: c.AddReaction, context: Context) -> Sequence[Event]:
    there, me = _target(state, command.on, context.actor)
    return [] if command.kind in there.by.get(me, ()) else [ReactionAdded(command.on, command.kind, me)]


def _remove(state: State, command: c.RemoveReaction, context: Context) -> Sequence[Event]:
    there, me = _target(state, command.on, context.actor)
    return [ReactionRemoved(command.on, command.kind, me)] if command.kind in there.by.get(me, ()) else []


def _added(state: State, event: ReactionAdded) -> State:
    now = _on(state, event.on)
    by = {**now.by, event.by: (*now.by.get(event.by, ()), event.kind)} if event.by else now.by
    counted = {**now.counts, event.kind: now.counts.get(event.kind, 0) + 1}
    return state.set(now.id, Reactions(now.id, now.on, by, counted))


def _removed(state: State, event: ReactionRemoved) -> State:
    now = _on(state, event.on)
    by = dict(now.by)
    if event.by:
        left = tuple(k for k in by.pop(event.by, ()) if k != event.kind)
        if left:
            by[event.by] = left
    counted = {**now.counts, event.kind: now.counts.get(event.kind, 0) - 1}
    if counted[event.kind] <= 0:
        del counted[event.kind]
    return state.set(now.id, Reactions(now.id, now.on, by, counted))


def _touch(before: State, after: State, event: ReactionAdded | ReactionRemoved) -> Sequence[Touch]:
    # Only the one who reacted: rendering all 500 who did before him would make a popular idea cost 500 times as much.
    return (*posts.touch(before, after, event.on), Touch(reactions_id(event.on), (event.by,) if event.by else ()))


def _render(state: State, id: str, viewer: Viewer) -> ReactionRecord | None:
    reactions = get(state, id, Reactions)
    kinds = reactions.by.get(viewer.owner) if reactions and viewer.owner is not None else None
    return ReactionRecord(id=id, on=reactions.on, kinds=tuple(kinds)) if reactions and kinds else None


def restored_counts(state: State, on: str, counts: Mapping[str, int]) -> State:
    """With so many reactions on a post; whose they were only their owners knew."""
    id = reactions_id(on)
    return state.set(id, Reactions(id, on, {}, dict(counts))) if counts else state


REACTIONS_CAPABILITY = Capability(
    entities=(Reactions,),
    decide={c.AddReaction: _add, c.RemoveReaction: _remove},
    events={ReactionAdded: (_added, _touch), ReactionRemoved: (_removed, _touch)},
    render={"reaction": _render},
)
