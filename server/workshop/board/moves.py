"""Where ideas lie, and how a move or a removal is taken back (SPEC C2, C3)."""

from collections.abc import Sequence
from typing import TypeAlias

from msgspec import UNSET
from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, ThingId, Words
from protocol.records import UndoRecord
from server.model import rank
from server.model.kernel import Actor, Capability, Context, Entity, Event, State, Touch, Viewer, get, tail
from server.workshop.board.ideas import Idea, end_for, idea_for, lying, zone_for
from server.workshop.board.standing import touch_standing
from server.workshop.state import posts
from server.workshop.state.board import board
from server.workshop.state.places import Which, before, behind, last, own_end, places, put
from server.workshop.state.sorting import touch_pile
from server.workshop.state.steps import Step, anonymous_steps


class Undo(Entity, frozen=True, gc=False, tag="undo"):
    """What a member's last move or removal would go back to, while the idea's `moves` is still the same."""

    on: str
    moves: int
    zone: str | None
    rank: str
    was_removal: bool


class IdeaMoved(Event, frozen=True, gc=False, tag="idea.moved"):
    id: ThingId
    rank: Words
    zone: ThingId | None = None
    by: PersonId | None = None


class IdeasDealt(Event, frozen=True, gc=False, tag="ideas.dealt"):
    """Neighbours whose ranks had grown long have short ones again: (id, rank), in the order they keep."""

    ideas: tuple[tuple[ThingId, Words], ...] = ()


class IdeaRemoved(Event, frozen=True, gc=False, tag="idea.removed"):
    id: ThingId
    by: PersonId | None = None


class IdeaRestored(Event, frozen=True, gc=False, tag="idea.restored"):
    id: ThingId


class MoveUndone(Event, frozen=True, gc=False, tag="idea.undone"):
    """Back to where `by`'s last move or removal took it from."""

    id: ThingId
    rank: Words
    zone: ThingId | None = None
    by: PersonId | None = None


def _move(state: State, command: c.MoveIdea, context: Context) -> Sequence[Event]:
    idea = idea_for(state, command.id, context.actor)
    zone, me = (
        idea.zone if command.zone is UNSET else zone_for(state, command.zone),
        posts.known_as(idea, context.actor),
    )
    # What decides on a place is what those see who see the rank: else it would tell them of more (SPEC G3).
    rows: Sequence[Which] = ("open", "held") if idea.row == "held" and context.actor.role == "host" else ("open",)
    if command.before is None:
        place = _end(state, idea, zone, rows)
        return [] if (zone, place) == (idea.zone, idea.rank) else [IdeaMoved(idea.id, place, zone, me)]
    if command.before == idea.id:
        return []
    right = idea_for(state, command.before, context.actor)
    if right.zone != zone:
        raise Refusal(Code.NOT_FOUND, "expected `before` to be an idea of the zone moved to")
    dealt, place = _before(state, idea, right, rows)
    if not dealt and (zone, place) == (idea.zone, idea.rank):
        return []
    return [*([IdeasDealt(dealt)] if dealt else ()), IdeaMoved(idea.id, place, zone, me)]


def _end(state: State, idea: Idea, zone: str | None, rows: Sequence[Which]) -> str:
    """A rank at the end of a zone: its own where it is the last one already."""
    end = max((place for row in rows if (place := last(state, zone, row))), default=None)
    if end == (idea.rank, idea.id) and idea.zone == zone:
        return idea.rank
    if idea.row == "open":
        return end_for(state, idea, zone)
    if "held" in rows:
        return rank.after(end[0] if end else None)
    return (
        idea.rank
        if idea.zone == zone and own_end(state, idea.author, zone) == idea.rank
        else end_for(state, idea, zone)
    )


_Dealt: TypeAlias = tuple[tuple[str, str], ...]


def _before(state: State, idea: Idea, right: Idea, rows: Sequence[Which]) -> tuple[_Dealt, str]:
    """A rank right before another idea, its own where it lies there already; and new ranks of others, where there is no room."""
    here = (right.rank, right.id)
    left = max((found for row in rows if (found := before(state, right.zone, here, row))), default=None)
    if left == (idea.rank, idea.id):
        return (), idea.rank
    if idea.row == right.row == "open":
        room = left is None or left[0] != right.rank
        place = rank.between(left[0] if left else None, right.rank) if room else ""
        if room and len(place) <= rank.LONGEST:
            return (), place
        dealt = _dealt_around(state, right.zone, right)
        ranks = dict(dealt)
        return dealt, rank.between(
            max((r for r in ranks.values() if r < ranks[right.id]), default=None), ranks[right.id]
        )
    lower = max((found[0] for row in rows if (found := before(state, right.zone, (right.rank, ""), row))), default=None)
    place = (
        rank.between(lower, right.rank)
        if idea.row == "open" or "held" in rows
        else rank.scatter(lower, right.rank, idea.id)
    )
    if len(place) <= 2 * rank.LONGEST:
        return (), place
    # Between what everyone reads, wherever others of what not everyone does may lie: they are not looked at.
    outer, inner = before(state, right.zone, (right.rank, "")), behind(state, right.zone, here)
    edge = outer[0] if outer else None
    if right.row == "open":
        return (), rank.scatter(edge, right.rank, idea.id)
    anew = rank.scatter(edge, inner[0] if inner else None, right.id)
    return ((right.id, anew),), rank.between(edge, anew) if idea.row == "open" else rank.scatter(edge, anew, idea.id)


def _dealt_around(state: State, zone: str | None, idea: Idea) -> _Dealt:
    """New ranks for the nearest neighbours of an idea that everyone reads: for as few as make room, the one before it among them."""
    ranked = list(places(state, zone))
    at, reach = ranked.index((idea.rank, idea.id)), 2
    while True:
        first, end = max(0, at - reach), min(len(ranked), at + reach)
        left, right = ranked[first - 1][0] if first else None, ranked[end][0] if end < len(ranked) else None
        if left is None or left != right:  # several may be of one rank, and nothing goes between them
            ranks = rank.deal(left, right, end - first)
            if max(map(len, ranks)) <= rank.LONGEST // 2:
                return tuple((id, place) for (_, id), place in zip(ranked[first:end], ranks, strict=True))
        reach *= 2


def _remove(state: State, command: c.RemoveIdea, context: Context) -> Sequence[Event]:
    idea = _removable(state, command.id, context.actor)
    if idea.taken:
        return []
    return [IdeaRemoved(idea.id, posts.known_as(idea, context.actor))]


def _removable(state: State, id: str, actor: Actor) -> Idea:
    """The idea that an actor may remove; a host also one that its author has removed, which only hosts give back then.

    Raises:
        Refusal: `not_found`, `forbidden`.
    """
    idea = get(state, id, Idea)
    hosts = idea is not None and idea.removed and actor.role == "host" and not posts.is_author(idea, actor)
    idea = idea_for(state, id, actor, removed=hosts)
    posts.may_alter(idea, actor)
    return idea


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
    me, undo = _last(state, command.on, context.actor)
    idea = get(state, undo.on, Idea) if undo else None
    if undo is None or idea is None or not posts.visible(idea, context.actor):
        raise Refusal(Code.NOTHING_TO_UNDO)
    if idea.moves != undo.moves:
        raise Refusal(Code.SUPERSEDED)
    _check_may_give_back(idea, context.actor)
    zone, place = undo.zone, undo.rank
    if zone is not None and zone not in board(state).zones:
        zone, place = None, end_for(state, idea, None)
    elif (zone, place) != (idea.zone, idea.rank) and idea.row == "open":
        place = back_to(state, zone, place)
    return [MoveUndone(idea.id, place, zone, me)]


def back_to(state: State, zone: str | None, place: str) -> str:
    """A rank that an idea had, of those that everyone reads; or one right before it, where another was given that very place meanwhile:
    there is none between two of the same rank."""
    lower, there = before(state, zone, (place, "")), before(state, zone, (place, "~"))
    return rank.between(lower[0] if lower else None, place) if there is not None and there[0] == place else place


def _last(state: State, on: str | None, actor: Actor) -> tuple[str, Undo | None]:
    """The actor's last move or removal (`on`: of this idea), and under which of his names it was done."""
    for name in (actor.id, *(actor.alias(step) for step in anonymous_steps(state))):
        undo = get(state, _undo_id(name), Undo)
        if undo is not None and on in (None, undo.on):
            return name, undo
    return actor.id, None


def _undo_id(member: str) -> str:
    return f"undo:{tail(member)}"


def _remember(state: State, idea: Idea, by: str | None, *, was_removal: bool) -> State:
    if by is None:
        return state
    id = _undo_id(by)
    return state.set(id, Undo(id, idea.id, idea.moves + 1, idea.zone, idea.rank, was_removal))


def moved(state: State, event: IdeaMoved) -> State:
    """The state once an idea lies elsewhere."""
    idea = get(state, event.id, Idea)
    if idea is None:
        return state
    state = _remember(state, idea, event.by, was_removal=False)
    return lying(state, replace(idea, zone=event.zone, rank=event.rank, moves=idea.moves + 1))


def _dealt(state: State, event: IdeasDealt) -> State:
    ideas = ((get(state, id, Idea), place) for id, place in event.ideas)
    # Where somebody else's undo would put one back is no place any more.
    return put(state, *(replace(idea, rank=place, moves=idea.moves + 1) for idea, place in ideas if idea))


def _removed(state: State, event: IdeaRemoved) -> State:
    idea = get(state, event.id, Idea)
    if idea is None:
        return state
    if not idea.removed:
        # To undo the second of two removals would show what its author did not want shown.
        state = _remember(state, idea, event.by, was_removal=True)
    taken = idea.taken or (event.by is not None and event.by != idea.author)
    state = _tallied(state, idea, removed=True)
    return state.set(idea.id, replace(idea, removed=True, taken=taken, moves=idea.moves + 1))


def _restored(state: State, event: IdeaRestored) -> State:
    idea = get(state, event.id, Idea)
    if idea is None:
        return state
    state = _tallied(state, idea, removed=False)
    return state.set(idea.id, replace(idea, removed=False, taken=False, moves=idea.moves + 1))


def _undone(state: State, event: MoveUndone) -> State:
    idea = get(state, event.id, Idea)
    mark = _undo_id(event.by) if event.by else None
    if mark is not None and mark in state:
        state = state.delete(mark)
    if idea is None:
        return state
    return lying(
        _tallied(state, idea, removed=False),
        replace(idea, zone=event.zone, rank=event.rank, removed=False, taken=False, moves=idea.moves + 1),
    )


def _tallied(state: State, idea: Idea, *, removed: bool) -> State:
    """The state whose step counts this idea among those that are there, or no more."""
    step = get(state, idea.step, Step)
    if step is None or idea.removed is removed:
        return state
    return state.set(step.id, replace(step, gone=step.gone + (1 if removed else -1)))


def _touch_restored(before: State, after: State, event: IdeaRestored) -> Sequence[Touch]:
    return (*touch_standing(before, after, event.id), *_touch_step(after, event.id))


def _touch_moved(before: State, after: State, event: IdeaMoved) -> Sequence[Touch]:
    return (*posts.touch(before, after, event.id), *touch_pile(after, event.id), *_touch_undo(event.by))


def _touch_dealt(before: State, after: State, event: IdeasDealt) -> Sequence[Touch]:
    return [touch for id, _ in event.ideas for touch in posts.touch(before, after, id)]


def _touch_undoable(before: State, after: State, event: IdeaRemoved | MoveUndone) -> Sequence[Touch]:
    return (*touch_standing(before, after, event.id), *_touch_step(after, event.id), *_touch_undo(event.by))


def _touch_step(after: State, id: str) -> Sequence[Touch]:
    idea = get(after, id, Idea)
    return (Touch(idea.step),) if idea is not None and idea.step is not None else ()


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
        IdeaMoved: (moved, _touch_moved),
        IdeasDealt: (_dealt, _touch_dealt),
        IdeaRemoved: (_removed, _touch_undoable),
        IdeaRestored: (_restored, _touch_restored),
        MoveUndone: (_undone, _touch_undoable),
    },
    render={"undo": _render_undo},
)
