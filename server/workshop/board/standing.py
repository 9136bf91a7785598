"""Where an idea stands: by itself, or in one that says the same (SPEC G13).

What it was merged into is remembered in `into`, whatever becomes of that one. It stands in it only while everyone reads that one;
otherwise it stands by itself, where it lay, with its dots. So nothing that happens to one idea takes another from people's eyes.
"""

from collections.abc import Sequence
from typing import Final

from server.model.kernel import State, Touch, get
from server.workshop.board.ideas import Idea
from server.workshop.state.ballots import touched
from server.workshop.state.decided import quoting
from server.workshop.state.posts import touch
from server.workshop.state.remarks import shown_with
from server.workshop.state.sorting import proposing

DEEPEST: Final = 50
"""Ideas merged into ideas merged into ideas: no deeper, neither in a room nor in a file."""


def standing(state: State, id: str) -> str | None:
    """The idea that stands for this one: itself, or what it was merged into; None where not everyone reads it."""
    idea = get(state, id, Idea)
    if idea is None or not idea.is_open:
        return None
    while (into := get(state, idea.into, Idea)) is not None and into.is_open:
        idea = into
    return idea.id


def stands_alone(state: State, idea: Idea) -> bool:
    """Whether it stands by itself, for everyone."""
    return standing(state, idea.id) == idea.id


def parts(state: State, idea: Idea) -> Sequence[Idea]:
    """What was merged into an idea, and into that, whether it stands there or not; in the order of their ids."""
    return sorted((part for row in _rows(state, idea) for part in row), key=lambda part: part.id)


def depth(state: State, idea: Idea) -> int:
    """How deep ideas were merged below this one; 0: none was."""
    return len(_rows(state, idea))


def _rows(state: State, idea: Idea) -> Sequence[Sequence[Idea]]:
    """What was merged into an idea, what was merged into those, and so on."""
    rows: list[list[Idea]] = []
    row = [idea]
    while row := [part for each in row for id in each.merged if (part := get(state, id, Idea)) is not None]:
        rows.append(row)
    return rows


def touch_standing(before: State, after: State, id: str) -> Sequence[Touch]:
    """An idea that came, went or was joined to another, the votes in which it counts, the decisions that quote it,
    and the remarks on it."""
    return touch_all_standing(before, after, [id])


def touch_all_standing(before: State, after: State, ids: Sequence[str]) -> Sequence[Touch]:
    """The same of several. What was merged into them looks as before; the dots on it may lie elsewhere."""
    ideas = [idea for id in ids if (idea := get(after, id, Idea)) is not None]
    things = [*ids, *(part.id for idea in ideas if idea.merged for part in parts(after, idea))]
    mine = (each for id in ids for each in touch(before, after, id))
    stand = {stands for id in ids for state in (before, after) if (stands := standing(state, id)) is not None}
    return (
        *mine,
        *touched(after, things),
        *quoting(after, frozenset(ids)),
        *shown_with(before, after, ids),
        *proposing(after, stand.union(things)),
    )
