"""Where ideas lie: zone by zone their places in order, so that no command has to look at all the ideas of a zone (SPEC R2).

What everyone reads is ordered among itself. Were a place between two of it to depend on what is blind or in review, a rank would
tell that there is something (SPEC G3, S8). So those lie in a row of their own: hosts, who see them, order them too.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, Literal, Protocol

from server.model.kernel import Entity, State, get, tail

Place = tuple[str, str]
"""A rank, and the id of what has it."""

Which = Literal["open", "held"]
"""What everyone reads, or has read before it was taken back; or what hosts alone see."""

CHUNK: Final = 64
"""Places that stand together in a row at least, once there are so many: what is copied for a change."""


class Row(Entity, frozen=True, gc=False, tag="row"):
    """The places of one zone, in their order, in chunks; neither is ever changed in place."""

    open: tuple[tuple[Place, ...], ...] = ()
    held: tuple[tuple[Place, ...], ...] = ()


class Placed(Protocol):
    """An idea, as far as its place goes."""

    @property
    def id(self) -> str: ...
    @property
    def zone(self) -> str | None: ...
    @property
    def rank(self) -> str: ...
    @property
    def row(self) -> Which | None: ...


Chunks = tuple[tuple[Place, ...], ...]


def row_id(zone: str | None) -> str:
    return "row:of-no-zone" if zone is None else f"row:{tail(zone)}"


class OwnEnds(Entity, frozen=True, gc=False, tag="own_ends"):
    """By zone ("" for none), the highest rank that an author's own ideas were given while others could not read them."""

    ranks: dict[str, str]


def own_end(state: State, author: str | None, zone: str | None) -> str | None:
    ends = get(state, f"ends:{author.replace(':', '-')}", OwnEnds) if author else None
    return ends.ranks.get(zone or "") if ends else None


def raise_own_end(state: State, author: str | None, zone: str | None, rank: str) -> State:
    """The state in which what this author writes next there, unread by others, comes behind this."""
    if author is None or (own_end(state, author, zone) or "") >= rank:
        return state
    id = f"ends:{author.replace(':', '-')}"
    ends = get(state, id, OwnEnds) or OwnEnds(id, {})
    return state.set(id, OwnEnds(id, {**ends.ranks, zone or "": rank}))


def last(state: State, zone: str | None, which: Which = "open") -> Place | None:
    """The last place of a zone (None: outside zones)."""
    chunks = _chunks(state, zone, which)
    return chunks[-1][-1] if chunks else None


def before(state: State, zone: str | None, place: Place, which: Which = "open") -> Place | None:
    """The place before this one, whether anything lies there or not."""
    chunks = _chunks(state, zone, which)
    at = bisect_left(chunks, place, key=_first) - 1
    if at < 0:
        return None
    chunk = chunks[at]
    inside = bisect_left(chunk, place)
    return chunk[inside - 1]


def behind(state: State, zone: str | None, place: Place, which: Which = "open") -> Place | None:
    """The place behind this one, whether anything lies there or not."""
    chunks = _chunks(state, zone, which)
    at = max(0, bisect_right(chunks, place, key=_first) - 1)
    for chunk in chunks[at : at + 2]:
        inside = bisect_right(chunk, place)
        if inside < len(chunk):
            return chunk[inside]
    return None


def places(state: State, zone: str | None, which: Which = "open") -> Iterator[Place]:
    """All of them, in order."""
    return (place for chunk in _chunks(state, zone, which) for place in chunk)


def put(state: State, *ideas: Placed) -> State:
    """The state with these ideas, new or changed, and with their places."""
    gone: dict[tuple[str | None, Which], list[Place]] = {}
    come: dict[tuple[str | None, Which], list[Place]] = {}
    changing = state.mutate()
    for idea in ideas:
        old: Placed | None = changing.get(idea.id)  # type: ignore[assignment]  # what has an idea's id is one
        changing[idea.id] = idea  # type: ignore[assignment]
        was = None if old is None or old.row is None else (old.zone, old.row, old.rank)
        now = None if idea.row is None else (idea.zone, idea.row, idea.rank)
        if was == now:
            continue
        if was is not None:
            gone.setdefault(was[:2], []).append((was[2], idea.id))
        if now is not None:
            come.setdefault(now[:2], []).append((now[2], idea.id))
    state = changing.finish()
    for key in {**gone, **come}:
        state = _changed(state, *key, gone.get(key, ()), come.get(key, ()))
    return state


def _changed(state: State, zone: str | None, which: Which, gone: Sequence[Place], come: Sequence[Place]) -> State:
    id = row_id(zone)
    row = get(state, id, Row) or Row(id)
    chunks = row.open if which == "open" else row.held
    if len(gone) + len(come) > CHUNK:
        left = {place for chunk in chunks for place in chunk}.difference(gone).union(come)
        chunks = _cut(sorted(left))
    else:
        for place in gone:
            chunks = _without(chunks, place)
        for place in come:
            chunks = _with(chunks, place)
    row = Row(id, chunks, row.held) if which == "open" else Row(id, row.open, chunks)
    if row.open or row.held:
        return state.set(id, row)
    return state.delete(id) if id in state else state


def _chunks(state: State, zone: str | None, which: Which) -> Chunks:
    row = get(state, row_id(zone), Row)
    return () if row is None else row.open if which == "open" else row.held


def _first(chunk: tuple[Place, ...]) -> Place:
    return chunk[0]


def _cut(places: Sequence[Place]) -> Chunks:
    return tuple(tuple(places[n : n + CHUNK]) for n in range(0, len(places), CHUNK))


def _with(chunks: Chunks, place: Place) -> Chunks:
    at = max(0, bisect_right(chunks, place, key=_first) - 1)
    chunk = chunks[at] if chunks else ()
    inside = bisect_left(chunk, place)
    chunk = (*chunk[:inside], place, *chunk[inside:])
    halves = (chunk,) if len(chunk) <= 2 * CHUNK else (chunk[:CHUNK], chunk[CHUNK:])
    return (*chunks[:at], *halves, *chunks[at + 1 :])


def _without(chunks: Chunks, place: Place) -> Chunks:
    at = max(0, bisect_right(chunks, place, key=_first) - 1)
    chunk = chunks[at]
    inside = bisect_left(chunk, place)
    left = chunk[:inside] + chunk[inside + 1 :]
    return (*chunks[:at], *((left,) if left else ()), *chunks[at + 1 :])
