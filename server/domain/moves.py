"""Where ideas lie, and how a move or a removal is taken back (SPEC C2, C3)."""

from collections.abc import Iterator, Sequence

from msgspec import UNSET
from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.records import UndoRecord
from server.domain import posts, rank
from server.domain.board import board
from server.domain.ideas import Idea, idea_for, zone_for
from server.domain.kernel import Actor, Capability, Context, Entity, Event, State, Touch, Viewer, get, tail
from server.domain.places import end_of, raise_end
from server.domain.standing import touch_standing
from server.domain.steps import anonymous_steps


class Undo(Entity, frozen=True, gc=False, tag="undo"):
    """What a member's last move or removal would go back to, while the idea's `moves` is still the same."""

    on: str
    moves: int
    zone: str | None
    rank: str
    was_removal: bool


class IdeaMoved(Event, frozen=True, gc=False, tag="idea.moved"):
    id: str
    rank: str
    zone: str | None = None
    by: str | None = None


class IdeasDealt(Event, frozen=True, gc=False, tag="ideas.dealt"):
    """Neighbours whose ranks had grown long have short ones again: (id, rank), in the order they keep."""

    ideas: tuple[tuple[str, str], ...] = ()


class IdeaRemoved(Event, frozen=True, gc=False, tag="idea.removed"):
    id: str
    by: str | None = None


class IdeaRestored(Event, frozen=True, gc=False, tag="idea.restored"):
    id: str


class MoveUndone(Event, frozen=True, gc=False, tag="idea.undone"):
    """Back to where `by`'s last move or removal took it from."""

    id: str
    rank: str
    zone: str | None = None
    by: str | None = None


def _move(state: State, command: c.MoveIdea, context: Context) -> Sequence[Event]:
    idea = idea_for(state, command.id, context.actor)
    zone = idea.zone if command.zone is UNSET else zone_for(state, command.zone)
    if command.before is None:
        end = end_of(state, zone)
        if zone == idea.zone and (end == idea.rank or max(_ranks(state, zone)) == idea.rank):
            return []
        return [IdeaMoved(idea.id, rank.after(end), zone, posts.known_as(idea, context.actor))]
    if command.before == idea.id:
        return []
    right = idea_for(state, command.before, context.actor)
    if right.zone != zone:
        raise Refusal(Code.NOT_FOUND, "expected `before` to be an idea of the zone moved to")
    # Hidden and removed neighbours count too: a place between two ideas that a viewer sees is also between those he does not.
    left = max((r for r in _ranks(state, zone) if r < right.rank), default=None)
    if idea.zone == zone and idea.rank == left:
        return []
    place, me = rank.between(left, right.rank), posts.known_as(idea, context.actor)
    if len(place) <= rank.LONGEST:
        return [IdeaMoved(idea.id, place, zone, me)]
    dealt = _dealt_around(state, zone, right)
    ranks = dict(dealt)
    left = max((r for r in ranks.values() if r < ranks[right.id]), default=None)
    return [IdeasDealt(dealt), IdeaMoved(idea.id, rank.between(left, ranks[right.id]), zone, me)]


def _dealt_around(state: State, zone: str | None, idea: Idea) -> tuple[tuple[str, str], ...]:
    """New ranks for the nearest neighbours of an idea: for as few as make room, the one before it among them."""
    ranked = sorted((e.rank, e.id) for e in state.values() if isinstance(e, Idea) and e.zone == zone)
    at, reach = ranked.index((idea.rank, idea.id)), 2
    while True:
        first, last = max(0, at - reach), min(len(ranked), at + reach)
        left, right = ranked[first - 1][0] if first else None, ranked[last][0] if last < len(ranked) else None
        if left is None or left != right:  # several may be of one rank, and nothing goes between them
            ranks = rank.deal(left, right, last - first)
            if max(map(len, ranks)) <= rank.LONGEST // 2:
                return tuple((id, place) for (_, id), place in zip(ranked[first:last], ranks, strict=True))
        reach *= 2


def _remove(state: State, command: c.RemoveIdea, context: Context) -> Sequence[Event]:
    idea = idea_for(state, command.id, context.actor)
    posts.may_alter(idea, context.actor)
    return [IdeaRemoved(idea.id, posts.known_as(idea, context.actor))]


def _restore(state: State, command: c.RestoreIdea, context: Context) -> Sequence[Event]:
    idea = idea_for(state, command.id, context.actor, removed=True)
    posts.may_alter(idea, context.actor)
    _check_may_give_back(idea, context.actor)
    return [IdeaRestored(idea.id)]


def _check_may_give_back(idea: Idea, actor: Actor) -> None:
    """
    Raises:
        Refusal: `forbidden`, when a host took it away and this is none.
    """
    if idea.taken and actor.role != "host":
        raise Refusal(Code.FORBIDDEN, "expected a host: one of them removed it")


def _undo(state: State, command: c.UndoIdea, context: Context) -> Sequence[Event]:
    me, last = _last(state, command.on, context.actor)
    idea = get(state, last.on, Idea) if last else None
    if last is None or idea is None or not posts.visible(idea, context.actor):
        raise Refusal(Code.NOTHING_TO_UNDO)
    if idea.moves != last.moves:
        raise Refusal(Code.SUPERSEDED)
    _check_may_give_back(idea, context.actor)
    zone, place = last.zone, last.rank
    if zone is not None and zone not in board(state).zones:
        zone, place = None, rank.after(end_of(state, None))
    elif (zone, place) != (idea.zone, idea.rank) and place in _ranks(state, zone):
        # Another was given that very place meanwhile, and there is none between two of the same rank.
        place = rank.between(max((r for r in _ranks(state, zone) if r < place), default=None), place)
    return [MoveUndone(idea.id, place, zone, me)]


def _last(state: State, on: str | None, actor: Actor) -> tuple[str, Undo | None]:
    """The actor's last move or removal (`on`: of this idea), and under which of his names it was done."""
    for name in (actor.id, *(actor.alias(step) for step in anonymous_steps(state))):
        undo = get(state, _undo_id(name), Undo)
        if undo is not None and on in (None, undo.on):
            return name, undo
    return actor.id, None


def _ranks(state: State, zone: str | None) -> Iterator[str]:
    """The ranks in a zone, those of hidden and removed ideas too, in no order."""
    return (e.rank for e in state.values() if isinstance(e, Idea) and e.zone == zone)


def _undo_id(member: str) -> str:
    return f"undo:{tail(member)}"


def _remember(state: State, idea: Idea, by: str | None, *, was_removal: bool) -> State:
    if by is None:
        return state
    id = _undo_id(by)
    return state.set(id, Undo(id, idea.id, idea.moves + 1, idea.zone, idea.rank, was_removal))


def _moved(state: State, event: IdeaMoved) -> State:
    idea = get(state, event.id, Idea)
    if idea is None:
        return state
    state = _remember(state, idea, event.by, was_removal=False)
    state = state.set(idea.id, replace(idea, zone=event.zone, rank=event.rank, moves=idea.moves + 1))
    return raise_end(state, event.zone, event.rank)


def _dealt(state: State, event: IdeasDealt) -> State:
    for id, place in event.ideas:
        idea = get(state, id, Idea)
        if idea is not None:
            # Where somebody else's undo would put it back is no place any more.
            state = state.set(id, replace(idea, rank=place, moves=idea.moves + 1))
            state = raise_end(state, idea.zone, place)
    return state


def _removed(state: State, event: IdeaRemoved) -> State:
    idea = get(state, event.id, Idea)
    if idea is None:
        return state
    state = _remember(state, idea, event.by, was_removal=True)
    taken = event.by is not None and event.by != idea.author
    return state.set(idea.id, replace(idea, removed=True, taken=taken, moves=idea.moves + 1))


def _restored(state: State, event: IdeaRestored) -> State:
    idea = get(state, event.id, Idea)
    return state.set(idea.id, replace(idea, removed=False, taken=False, moves=idea.moves + 1)) if idea else state


def _undone(state: State, event: MoveUndone) -> State:
    idea = get(state, event.id, Idea)
    mark = _undo_id(event.by) if event.by else None
    if mark is not None and mark in state:
        state = state.delete(mark)
    if idea is None:
        return state
    state = state.set(
        idea.id, replace(idea, zone=event.zone, rank=event.rank, removed=False, taken=False, moves=idea.moves + 1)
    )
    return raise_end(state, event.zone, event.rank)


def _touch_restored(before: State, after: State, event: IdeaRestored) -> Sequence[Touch]:
    return touch_standing(before, after, event.id)


def _touch_moved(before: State, after: State, event: IdeaMoved) -> Sequence[Touch]:
    return (*posts.touch(before, after, event.id), *_touch_undo(event.by))


def _touch_dealt(before: State, after: State, event: IdeasDealt) -> Sequence[Touch]:
    return [touch for id, _ in event.ideas for touch in posts.touch(before, after, id)]


def _touch_undoable(before: State, after: State, event: IdeaRemoved | MoveUndone) -> Sequence[Touch]:
    return (*touch_standing(before, after, event.id), *_touch_undo(event.by))


def _touch_undo(by: str | None) -> Sequence[Touch]:
    return (Touch(_undo_id(by), (by,)),) if by else ()


def _render_undo(state: State, id: str, viewer: Viewer) -> UndoRecord | None:
    undo = get(state, id, Undo)
    if undo is None or viewer.owner is None or _undo_id(viewer.owner) != id:
        return None
    return UndoRecord(id=id, on=undo.on, what="remove" if undo.was_removal else "move")


MOVES_CAPABILITY = Capability(
    entities=(Undo,),
    decide={c.MoveIdea: _move, c.RemoveIdea: _remove, c.RestoreIdea: _restore, c.UndoIdea: _undo},
    events={
        IdeaMoved: (_moved, _touch_moved),
        IdeasDealt: (_dealt, _touch_dealt),
        IdeaRemoved: (_removed, _touch_undoable),
        IdeaRestored: (_restored, _touch_restored),
        MoveUndone: (_undone, _touch_undoable),
    },
    render={"undo": _render_undo},
)
