"""Remarks as they lie in the state: on which ideas and zones, and how many there are (SPEC K4, K5).

Who reads what a remark is on is asked of that thing whenever it is shown, and copied nowhere: so a merge, which changes nothing of
that, costs nothing here.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from protocol.choices import RemarkKind
from protocol.errors import Code, Refusal
from protocol.persons import ThingId
from server.model.kernel import Entity, State, Touch, get, not_found
from server.workshop.state.posts import Post, touch
from server.workshop.state.steps import off_board

REMARKED: Final = "remarked:of-this-room"
REMARKS: Final = 2_000
ON_ONE: Final = 200
"""How many a room holds, and how many one idea or zone (SPEC L6)."""


class Remark(Post, frozen=True, gc=False, tag="remark"):
    """
    Attributes:
        on: the idea or zone that it says something of.
        sort: on the wire its `kind`.
    """

    on: ThingId = ""
    sort: RemarkKind = "objection"


class RemarksOn(Entity, frozen=True, gc=False, tag="remarks"):
    """Ids of the remarks on one thing, oldest first."""

    remarks: tuple[str, ...]


class Remarked(Entity, frozen=True, gc=False, tag="remarked"):
    """How many remarks there are in the room."""

    count: int


def _remarks_id(thing: str) -> str:
    return f"remarks:{thing.replace(':', '-')}"


def remarks_on(state: State, thing: str) -> Sequence[str]:
    here = get(state, _remarks_id(thing), RemarksOn)
    return here.remarks if here else ()


def remarks_in(state: State, step: str) -> Iterator[Remark]:
    """Those that were written in a step, in no order."""
    return (entity for entity in state.values() if isinstance(entity, Remark) and entity.step == step)


def remark_count(state: State) -> int:
    here = get(state, REMARKED, Remarked)
    return here.count if here else 0


def is_read(state: State, thing: str) -> bool:
    """Whether everyone reads this idea, or sees this zone."""
    entity = state.get(thing)
    return entity.is_open if isinstance(entity, Post) else entity is not None


def check_on_board(state: State, thing: str) -> None:
    """
    Raises:
        Refusal: `not_found`, when not everyone reads it, whoever asks; `invalid`, of what is no idea of the board (SPEC G14, U12).
    """
    if not is_read(state, thing):
        raise not_found(thing)
    post = get(state, thing, Post)
    if post is not None and off_board(state, post.step):
        raise Refusal(Code.INVALID, "expected an idea of the board, or a zone")


def put_remark(state: State, remark: Remark) -> State:
    """The state with one more remark."""
    id = _remarks_id(remark.on)
    state = state.set(id, RemarksOn(id, (*remarks_on(state, remark.on), remark.id)))
    return state.set(REMARKED, Remarked(REMARKED, remark_count(state) + 1)).set(remark.id, remark)


def without(state: State, ids: Sequence[str]) -> State:
    """The state without these remarks; ids that are not there are passed over."""
    for id in ids:
        remark = get(state, id, Remark)
        if remark is None:
            continue
        there = _remarks_id(remark.on)
        left = tuple(each for each in remarks_on(state, remark.on) if each != id)
        state = state.set(there, RemarksOn(there, left)) if left else state.delete(there)
        state = state.set(REMARKED, Remarked(REMARKED, remark_count(state) - 1)).delete(id)
    return state


def touch_remark(state: State, id: str) -> Touch:
    (found,) = touch(state, state, id)
    return found


def shown_with(before: State, after: State, things: Sequence[str]) -> Iterator[Touch]:
    """The remarks on those of these things that everyone reads now and did not before, or the reverse."""
    for thing in things:
        if is_read(before, thing) is not is_read(after, thing):
            yield from (touch_remark(after, id) for id in remarks_on(after, thing))
