"""Which ideas are compared with each other, to see whether two say the same (SPEC Q4)."""

from collections.abc import Iterable, Sequence

from protocol.records import IdeaRecord, Record, StepRecord
from server.model.kernel import State
from server.workshop.board.standing import standing
from server.workshop.state.steps import OFF_BOARD


def comparable(state: State, records: Iterable[Record]) -> Sequence[tuple[str, str]]:
    """Ids and texts of what stands by itself and everyone reads: nothing else may be merged.

    Args:
        records: of the audience of everyone.
    """
    public = list(records)
    elsewhere = {r.id for r in public if isinstance(r, StepRecord) and r.kind in OFF_BOARD}
    ideas = (r for r in public if isinstance(r, IdeaRecord) and r.step not in elsewhere)
    return [(idea.id, idea.text) for idea in ideas if idea.into is None or standing(state, idea.id) == idea.id]
