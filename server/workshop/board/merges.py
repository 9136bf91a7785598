"""Merging: ideas that say the same stand as one, with all their authors, texts and dots, until someone takes them apart (SPEC G13)."""

from collections.abc import Sequence

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import ThingId
from server.model.kernel import Actor, Capability, Context, Event, State, Touch, get, not_found
from server.workshop.board.ideas import Idea
from server.workshop.board.standing import DEEPEST, depth, standing, touch_standing
from server.workshop.state.posts import touch
from server.workshop.state.steps import asks_in, may_group


class IdeaMerged(Event, frozen=True, gc=False, tag="idea.merged"):
    id: ThingId
    into: ThingId


class IdeaUnmerged(Event, frozen=True, gc=False, tag="idea.unmerged"):
    id: ThingId


def _check(state: State, actor: Actor) -> None:
    if not may_group(state, actor):
        raise Refusal(Code.FORBIDDEN, "expected a host, or a step of kind group")


def _open(state: State, id: str | None) -> Idea:
    """An idea that everyone reads, whoever asks: what only some see is merged with nothing.

    Raises:
        Refusal: `not_found`.
    """
    idea = get(state, id, Idea)
    if idea is None or not idea.is_open:
        raise not_found(id or "")
    return idea


def _merge(state: State, command: c.MergeIdea, context: Context) -> Sequence[Event]:
    _check(state, context.actor)
    idea, into = _open(state, command.id), _open(state, standing(state, command.into) or command.into)
    if asks_in(state, idea.step) or asks_in(state, into.step):
        raise Refusal(Code.INVALID, "expected ideas: questions are supported one by one")
    now = standing(state, idea.id)
    if into.id == idea.id:
        raise Refusal(Code.INVALID, "expected two ideas that are not one already")
    if now == into.id:
        return []
    if now != idea.id:
        raise not_found(idea.id)
    if depth(state, idea) >= DEEPEST:
        raise Refusal(
            Code.INVALID, f"expected ideas merged into one another {DEEPEST} deep at most: merge the other way round"
        )
    return [IdeaMerged(idea.id, into.id)]


def _unmerge(state: State, command: c.UnmergeIdea, context: Context) -> Sequence[Event]:
    _check(state, context.actor)
    idea = _open(state, command.id)
    return [] if idea.into is None else [IdeaUnmerged(idea.id)]


def merged(state: State, event: IdeaMerged) -> State:
    """The state once ideas have been joined."""
    # What stands for others hangs on nothing any more: else ideas could come to stand in one another in a ring.
    state = _apart(_apart(state, event.id), event.into)
    idea, into = get(state, event.id, Idea), get(state, event.into, Idea)
    if idea is None or into is None:
        return state
    state = state.set(idea.id, replace(idea, into=into.id))
    return state.set(into.id, replace(into, merged=(*into.merged, idea.id)))


def unmerged(state: State, event: IdeaUnmerged) -> State:
    """The state once an idea stands by itself again."""
    return _apart(state, event.id)


def _apart(state: State, id: str) -> State:
    """The state in which an idea hangs on no other."""
    idea = get(state, id, Idea)
    if idea is None or idea.into is None:
        return state
    state = state.set(idea.id, replace(idea, into=None))
    into = get(state, idea.into, Idea)
    if into is None:
        return state
    at = into.merged.index(idea.id)
    return state.set(into.id, replace(into, merged=into.merged[:at] + into.merged[at + 1 :]))


def _touch_merged(before: State, after: State, event: IdeaMerged) -> Sequence[Touch]:
    return (*touch_standing(before, after, event.id), *touch(before, after, event.into))


def _touch_unmerged(before: State, after: State, event: IdeaUnmerged) -> Sequence[Touch]:
    return touch_standing(before, after, event.id)


MERGES_CAPABILITY = Capability(
    decide={c.MergeIdea: _merge, c.UnmergeIdea: _unmerge},
    events={IdeaMerged: (merged, _touch_merged), IdeaUnmerged: (unmerged, _touch_unmerged)},
)
