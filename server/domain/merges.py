"""Merging: ideas that say the same stand as one, with all their authors, texts and dots, until someone takes them apart (SPEC G13)."""

from collections.abc import Sequence

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from server.domain.ballots import touched
from server.domain.ideas import Idea, parts
from server.domain.kernel import Actor, Capability, Context, Event, State, Touch, get, not_found
from server.domain.posts import touch
from server.domain.steps import may_group


class IdeaMerged(Event, frozen=True, gc=False, tag="idea.merged"):
    id: str
    into: str


class IdeaUnmerged(Event, frozen=True, gc=False, tag="idea.unmerged"):
    id: str


def _check(state: State, actor: Actor) -> None:
    if not may_group(state, actor):
        raise Refusal(Code.FORBIDDEN, "expected a host, or a step of kind group")


def _open(state: State, id: str) -> Idea:
    """An idea that everyone reads, whoever asks: what only some see is merged with nothing.

    Raises:
        Refusal: `not_found`.
    """
    idea = get(state, id, Idea)
    if idea is None or not idea.is_open:
        raise not_found(id)
    return idea


def _merge(state: State, command: c.MergeIdea, context: Context) -> Sequence[Event]:
    _check(state, context.actor)
    idea, into = _open(state, command.id), _open(state, command.into)
    while into.into is not None:
        into = _open(state, into.into)
    if idea.into == into.id:
        return []
    if idea.into is not None:
        raise not_found(idea.id)
    if into.id == idea.id:
        raise Refusal(Code.INVALID, "expected two ideas that are not one already")
    return [IdeaMerged(idea.id, into.id)]


def _unmerge(state: State, command: c.UnmergeIdea, context: Context) -> Sequence[Event]:
    _check(state, context.actor)
    idea = _open(state, command.id)
    return [] if idea.into is None else [IdeaUnmerged(idea.id)]


def _merged(state: State, event: IdeaMerged) -> State:
    idea, into = get(state, event.id, Idea), get(state, event.into, Idea)
    if idea is None or into is None:
        return state
    state = state.set(idea.id, replace(idea, into=into.id))
    return state.set(into.id, replace(into, merged=(*into.merged, idea.id)))


def _unmerged(state: State, event: IdeaUnmerged) -> State:
    idea = get(state, event.id, Idea)
    into = get(state, idea.into, Idea) if idea else None
    if idea is None:
        return state
    state = state.set(idea.id, replace(idea, into=None))
    if into is None:
        return state
    return state.set(into.id, replace(into, merged=tuple(id for id in into.merged if id != idea.id)))


def _touch(before: State, after: State, event: IdeaMerged | IdeaUnmerged) -> Sequence[Touch]:
    """The idea, what it was or is merged into, up to what stands for all of it; and the votes in which they count."""
    there = (before, after) if isinstance(event, IdeaUnmerged) else (after, after)
    whole = touch(there[0], there[0], event.id)
    idea = get(after, event.id, Idea)
    things = [event.id, *(part.id for part in parts(after, idea))] if idea else [event.id]
    return (*whole, *touched(after, things))


MERGES_CAPABILITY = Capability(
    decide={c.MergeIdea: _merge, c.UnmergeIdea: _unmerge},
    events={IdeaMerged: (_merged, _touch), IdeaUnmerged: (_unmerged, _touch)},
)
