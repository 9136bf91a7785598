"""Ideas: the cards of the board (SPEC C1 to C4), each filed in the step that it was written in (G5)."""

from collections.abc import Iterator, Sequence

from msgspec import UNSET
from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.records import IdeaRecord, MergedRecord, UndoRecord
from protocol.version import IDEA_CHARS, PROMPT_CHARS
from server.domain import posts, rank
from server.domain.ballots import touched
from server.domain.board import BOARD, IDEAS, board
from server.domain.kernel import Actor, Capability, Context, Entity, Event, State, Touch, Viewer, get, not_found, tail
from server.domain.people import circle_of
from server.domain.places import end_of, raise_end
from server.domain.plan import quoting
from server.domain.posts import Post
from server.domain.reactions import counts, restored_counts
from server.domain.restoring import a_rank, an_id, expect, room_for, shaped, whole
from server.domain.steps import GRACE, WRITTEN_IN, Step, anonymous_steps, current, step_of
from server.domain.text import clean


class Idea(Post, frozen=True, gc=False, tag="idea"):
    """
    Attributes:
        moves: counts changes of its place by anyone: it tells whether an undo still applies.
        late: its step was over.
        merged: ids of the ideas that were merged into it.
        circle: the small table at which its author sat; 0: none, or he has no name.
    """

    zone: str | None = None
    rank: str = ""
    moves: int = 0
    late: bool = False
    merged: tuple[str, ...] = ()
    circle: int = 0


class Undo(Entity, frozen=True, gc=False, tag="undo"):
    """What a member's last move or removal would go back to, while the idea's `moves` is still the same."""

    on: str
    moves: int
    zone: str | None
    rank: str
    was_removal: bool


class IdeaAdded(Event, frozen=True, gc=False, tag="idea.added"):
    id: str
    at: int
    rank: str
    text: str = ""
    by: str | None = None
    zone: str | None = None
    step: str | None = None
    late: bool = False
    review: bool = False
    circle: int = 0


class IdeaEdited(Event, frozen=True, gc=False, tag="idea.edited"):
    id: str
    text: str = ""


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


def idea_for(state: State, id: str, actor: Actor, *, removed: bool = False) -> Idea:
    """The idea, seen through the actor's eyes.

    Raises:
        Refusal: `not_found`, also for a removed idea unless `removed` asks for one, and then for one that is not.
    """
    idea = get(state, id, Idea)
    if idea is None or idea.removed != removed or not posts.visible(idea, actor):
        raise not_found(id)
    return idea


def parts(state: State, idea: Idea) -> Sequence[Idea]:
    """What was merged into an idea, and into that, in the order of their ids."""
    found: dict[str, Idea] = {}
    left = list(idea.merged)
    while left:
        part = get(state, left.pop(), Idea)
        if part is not None and part.id not in found:
            found[part.id] = part
            left += part.merged
    return [found[id] for id in sorted(found)]


def touch_standing(before: State, after: State, id: str) -> Sequence[Touch]:
    """An idea that came, went or was joined to another, the votes in which it counts, and the decisions that quote it."""
    return touch_all_standing(before, after, [id])


def touch_all_standing(before: State, after: State, ids: Sequence[str]) -> Sequence[Touch]:
    """The same of several."""
    ideas = [idea for id in ids if (idea := get(after, id, Idea)) is not None]
    things = [*ids, *(part.id for idea in ideas for part in parts(after, idea))]
    mine = (touch for id in ids for touch in posts.touch(before, after, id))
    return (*mine, *touched(after, things), *quoting(after, things))


def _zone(state: State, id: str | None) -> str | None:
    if id is not None and id not in board(state).zones:
        raise not_found(id)
    return id


def _add(state: State, command: c.AddIdea, context: Context) -> Sequence[Event]:
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    if board(state).ideas >= IDEAS:
        raise Refusal(Code.TOO_MANY, f"expected at most {IDEAS} ideas")
    text = clean(command.text, IDEA_CHARS)
    zone = _zone(state, command.zone)
    place = rank.after(end_of(state, zone))
    step, actor = _step_for(state, command, context.at), context.actor
    if step is None:
        circle = circle_of(state, actor.id)
        return [IdeaAdded(command.id, context.at, place, text, actor.id, zone, circle=circle)]
    author = actor.alias(step.id) if step.anonymous else actor.id
    late = step.over is not None and context.at - step.over > GRACE
    review = step.moderated and actor.role != "host"
    # Among so few people a table is half a name.
    circle = 0 if step.anonymous else circle_of(state, actor.id)
    return [IdeaAdded(command.id, context.at, place, text, author, zone, step.id, late, review, circle)]


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
    return [] if text == idea.text else [IdeaEdited(idea.id, text)]


def _move(state: State, command: c.MoveIdea, context: Context) -> Sequence[Event]:
    idea = idea_for(state, command.id, context.actor)
    zone = idea.zone if command.zone is UNSET else _zone(state, command.zone)
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
    return [IdeaRestored(idea.id)]


def _undo(state: State, command: c.UndoIdea, context: Context) -> Sequence[Event]:
    me, last = _last(state, command.on, context.actor)
    idea = get(state, last.on, Idea) if last else None
    if last is None or idea is None or not posts.visible(idea, context.actor):
        raise Refusal(Code.NOTHING_TO_UNDO)
    if idea.moves != last.moves:
        raise Refusal(Code.SUPERSEDED)
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


def _added(state: State, event: IdeaAdded) -> State:
    idea = Idea(event.id, event.text, event.by, event.at, zone=event.zone, rank=event.rank, circle=event.circle)
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
    state = state.set(idea.id, idea).set(BOARD, replace(here, ideas=here.ideas + 1))
    return raise_end(state, event.zone, event.rank)


def _edited(state: State, event: IdeaEdited) -> State:
    idea = get(state, event.id, Idea)
    return state.set(idea.id, replace(idea, text=event.text, edited=True, reason="")) if idea else state


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
    return state.set(idea.id, replace(idea, removed=True, moves=idea.moves + 1))


def _restored(state: State, event: IdeaRestored) -> State:
    idea = get(state, event.id, Idea)
    return state.set(idea.id, replace(idea, removed=False, moves=idea.moves + 1)) if idea else state


def _undone(state: State, event: MoveUndone) -> State:
    idea = get(state, event.id, Idea)
    mark = _undo_id(event.by) if event.by else None
    if mark is not None and mark in state:
        state = state.delete(mark)
    if idea is None:
        return state
    state = state.set(idea.id, replace(idea, zone=event.zone, rank=event.rank, removed=False, moves=idea.moves + 1))
    return raise_end(state, event.zone, event.rank)


def _touch_added(before: State, after: State, event: IdeaAdded) -> Sequence[Touch]:
    touched = posts.touch(before, after, event.id)
    return (*touched, Touch(event.step)) if event.step else touched


def _touch(before: State, after: State, event: IdeaEdited) -> Sequence[Touch]:
    return posts.touch(before, after, event.id)


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


def _render(state: State, id: str, viewer: Viewer) -> IdeaRecord | None:
    idea = get(state, id, Idea)
    if idea is None or not posts.sees(idea, viewer):
        return None
    return IdeaRecord(
        id=idea.id,
        text=idea.text,
        rank=idea.rank,
        zone=idea.zone,
        author=None if idea.anonymous else idea.author,
        at=None if idea.anonymous else idea.at,
        edited=idea.edited,
        removed=idea.removed,
        hidden=idea.hidden,
        step=idea.step,
        anonymous=idea.anonymous,
        own=idea.anonymous and viewer.owner is not None,
        late=idea.late,
        circle=0 if idea.anonymous else idea.circle,
        reason=idea.reason,
        muted=posts.marked_muted(state, idea, viewer),
        reactions=counts(state, id),
        into=idea.into,
        merged=[
            MergedRecord(part.id, part.text, None if part.anonymous else part.author)
            for part in parts(state, idea)
            if part.is_open
        ],
    )


def _render_undo(state: State, id: str, viewer: Viewer) -> UndoRecord | None:
    undo = get(state, id, Undo)
    if undo is None or viewer.owner is None or _undo_id(viewer.owner) != id:
        return None
    return UndoRecord(id=id, on=undo.on, what="remove" if undo.was_removal else "move")


def _put_back(state: State, record: IdeaRecord) -> State:
    here = board(state)
    room_for(here.ideas, IDEAS)
    said = shaped(record, c.AddIdea)
    step, into = get(state, record.step, Step), get(state, record.into, Idea)
    expect((step is None) == (record.step is None), "`step` to be a step")
    expect((into is None) == (record.into is None), "`into` to be another idea")
    anonymous = record.anonymous or (step is not None and step.anonymous)
    idea = Idea(
        record.id,
        clean(record.text, IDEA_CHARS),
        None if anonymous or record.author is None else an_id(record.author, c.MemberId),
        0 if anonymous else whole(record.at),
        edited=record.edited,
        hidden=record.hidden,
        removed=record.removed,
        step=record.step,
        reader="open" if step is None else step.reader,
        anonymous=anonymous,
        reason=clean(record.reason, PROMPT_CHARS) if record.reason else "",
        into=record.into,
        zone=_zone(state, said.zone),
        rank=a_rank(record.rank),
        late=record.late,
        circle=whole(record.circle),
    )
    if step is not None:
        over = step.over if step.opened else 0
        state = state.set(step.id, replace(step, opened=True, over=over, written=step.written + 1))
    if into is not None:
        state = state.set(into.id, replace(into, merged=(*into.merged, idea.id)))
    state = raise_end(state.set(idea.id, idea).set(BOARD, replace(here, ideas=here.ideas + 1)), idea.zone, idea.rank)
    return posts.restored_mute(restored_counts(state, idea.id, record.reactions), idea, record.muted)


IDEAS_CAPABILITY = Capability(
    entities=(Idea, Undo),
    decide={
        c.AddIdea: _add,
        c.EditIdea: _edit,
        c.MoveIdea: _move,
        c.RemoveIdea: _remove,
        c.RestoreIdea: _restore,
        c.UndoIdea: _undo,
    },
    events={
        IdeaAdded: (_added, _touch_added),
        IdeaEdited: (_edited, _touch),
        IdeaMoved: (_moved, _touch_moved),
        IdeasDealt: (_dealt, _touch_dealt),
        IdeaRemoved: (_removed, _touch_undoable),
        IdeaRestored: (_restored, _touch_restored),
        MoveUndone: (_undone, _touch_undoable),
    },
    render={"idea": _render, "undo": _render_undo},
    restore={"idea": _put_back},
)
