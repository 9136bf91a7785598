"""What each audience sees, kept beside the state and folded from commits: the index of a layer and the catch-up it gives.

A patch is what one flush changed in a layer, a catch-up is what the index holds behind a seq, a snapshot a catch-up since nothing, a
projection a catch-up that is stored: one mechanism. A record's `v` is the seq that last changed it *in this layer*, so a hidden
change moves nothing that others could compare (SPEC S8, R3).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct, field
from msgspec.structs import force_setattr

from protocol.records import Record
from server.journal.port import INDEX
from server.live.trail import UNBOUNDED, Trail
from server.model.kernel import EMPTY, Audience, Event, Slices, State, Viewer, at_once
from server.model.model import Model

TOMBSTONES: Final = 2_000
"""How many deletions a layer remembers; whoever slept through more starts afresh."""

SEALED: Final = 20_000
"""How many sealed ids wait for the projector; it takes as many within seconds, also in a flood."""

SLICE: Final = 200
"""Things that are looked at in one turn of the loop; what touches more is taken in a slice at a time."""


class Changes(NamedTuple):
    """Records to put and ids to delete."""

    put: Sequence[Record]
    gone: Sequence[str]


class Layer(Struct, gc=False, eq=False):
    """The records of one audience (or one member), in the order in which they last changed.

    A large room has more of them than people, so the garbage collector, which holds the loop while it looks, sees none of them.

    Attributes:
        tombstones: by id, the seq of its deletion, oldest first.
        floor: tombstones up to this seq may be missing.
        most: how many deletions it remembers.
        revised: the seq at which a record was last replaced or deleted: what was seen before it is not all to be seen any more.
    """

    records: dict[str, Record] = {}
    tombstones: dict[str, int] = {}
    floor: int = 0
    most: int = field(default_factory=lambda: TOMBSTONES)
    revised: int = 0

    def copy(self) -> "Layer":
        """Another that holds the same, to be changed beside this one."""
        return Layer(dict(self.records), dict(self.tombstones), self.floor, self.most, self.revised)

    def become(self, other: "Layer") -> None:
        """Hold what another does, which is given up."""
        self.records, self.tombstones = other.records, other.tombstones
        self.floor, self.most, self.revised = other.floor, other.most, other.revised

    def update(self, id: str, record: Record | None, seq: int) -> str | None:
        """Take in what an entity looks like after commit `seq`; silence when it looks the same. Returns what `bury` does."""
        old = self.records.get(id)
        if record is None:
            return self.bury(id, seq) if old is not None else None
        if old is None or not _looks_like(record, old):
            if old is not None:
                del self.records[id]
                self.revised = seq
            self.records[id] = _stamped(record, seq)
            self.tombstones.pop(id, None)
        return None

    def bury(self, id: str, seq: int) -> str | None:
        """Take out what has ceased to be. Returns the id whose deletion, at `floor`, is remembered no longer for it."""
        self.records.pop(id, None)
        self.tombstones.pop(id, None)
        self.tombstones[id] = seq
        self.revised = seq
        if len(self.tombstones) > self.most:
            oldest = next(iter(self.tombstones))
            self.floor = self.tombstones.pop(oldest)
            return oldest
        return None

    def since(self, seq: int) -> Changes | None:
        """What changed behind `seq`, oldest change first; None when tombstones are missing."""
        return self.remembered(seq) if seq >= self.floor else None

    def remembered(self, seq: int) -> Changes:
        """`since`, with those deletions that are remembered."""
        put: list[Record] = []
        for record in reversed(self.records.values()):
            if record.v <= seq:
                break
            put.append(record)
        gone: list[str] = []
        for id in reversed(self.tombstones):
            if self.tombstones[id] <= seq:
                break
            gone.append(id)
        return Changes(put[::-1], gone[::-1])


def _looks_like(record: Record, old: Record) -> bool:
    """Whether a record rendered anew (and nobody else's yet) is the one of before, whenever that last changed."""
    return _stamped(record, old.v) == old


def _stamped(record: Record, seq: int) -> Record:
    """A record just rendered, with its `v`: set in place, at a fifth of what `replace` takes for each of two layers."""
    force_setattr(record, "v", seq)
    return record


class SealedAt(NamedTuple):
    """The commit that sealed an entity, the `v` that its public record had last, and that record; None where it was not kept."""

    seq: int
    v: int
    record: Record | None = None


class Touches(NamedTuple):
    """What may look different, with the owners of views of their own of it (see `Viewer`); and what everyone is told is gone."""

    touched: Mapping[str, Collection[str]]
    gone: Sequence[str]


class Layers:
    """All that anyone sees of a stream after commit `seq`: the layer of each audience, and each owner's own (see `Viewer`).

    Args:
        forgetful: of deletions and of what was sealed the oldest are forgotten when they are too many; otherwise nothing is that the
            projector needs.

    Attributes:
        public: the layer of everyone.
        kept: the layer that is kept for paging and search (`Model.kept`).
        sealed: ids that left the layers by being sealed, oldest first, until the projector has them (`have_projected`).
        lost_before: of what was removed or sealed up to this seq, not everything can be told any more.
        trail: what commits led to beside the state.
        dirty: ids touched and members whose own records may have changed since a reader last emptied it.
    """

    def __init__(self, model: Model, *, forgetful: bool = True) -> None:
        self.model = model
        self._forgetful = forgetful
        self.state: State = EMPTY
        self.seq = 0
        self.at = 0
        self.shared: dict[Audience, Layer] = {audience: Layer() for audience in model.audiences}
        self.public = self.shared[model.everyone]
        self.kept = self.shared[model.kept]
        self._viewers = [(Viewer(audience), layer) for audience, layer in self.shared.items()]
        self.mine: dict[str, Layer] = {}
        self.sealed: dict[str, SealedAt] = {}
        self.lost_before = 0
        self.trail = Trail(model) if forgetful else Trail(model, wanted=(INDEX,), most=UNBOUNDED)
        if not forgetful:
            self.kept.most = UNBOUNDED
        self.dirty: set[str] = set()
        self._projected = 0
        self._lent: set[str] = set()
        """Pseudonyms whose layers are those of what this is a copy of."""

    def take(self, events: Sequence[Event], seq: int, at: int) -> None:
        """Take in commit `seq` as the journal has it."""
        self.fold(events, self.after(events), seq, at)

    def after(self, events: Sequence[Event]) -> State:
        """The state to which these events lead."""
        state = self.state
        for event in events:
            state = self.model.evolve(state, event)
        return state

    def fold(self, events: Sequence[Event], after: State, seq: int, at: int) -> None:
        """Take in commit `seq`, whose events are known to lead to state `after`."""
        at_once(self.folding(events, after, seq, at))

    def folding(
        self, events: Sequence[Event], after: State, seq: int, at: int, touches: Touches | None = None
    ) -> Slices[None]:
        """`fold`, a slice at a time: others may read between two, and see nothing of it before the last; nobody may fold.

        Args:
            touches: what `touched` says, if that is known.
        """
        touched, gone = touches or self.touched(events, after)
        self.trail.note(seq, self.state, after, events)
        large = len(touched) > SLICE
        into = self.copy() if large else self
        into.state, into.seq, into.at = after, seq, at
        for id in (id for event in events for id in event.seals):
            into._seal(id, seq)
        for n, (id, owners) in enumerate(touched.items(), 1):
            into._look(id, owners, seq)
            if large and n % SLICE == 0:
                yield
        into.dirty.update(touched, *touched.values())
        for id in gone:
            into._bury(id, seq)
        if large:
            self._become(into)

    def touched(self, events: Sequence[Event], after: State) -> Touches:
        """What these events may make look different."""
        touched: dict[str, Collection[str]] = {}
        gone: list[str] = []
        for event in events:
            for touch in self.model.touches(self.state, after, event):
                if touch.gone:
                    gone.append(touch.id)
                owners = touched.get(touch.id)
                touched[touch.id] = touch.owners if not owners else {*owners, *touch.owners}
        return Touches(touched, gone)

    def copy(self) -> "Layers":
        """Another that holds the same, to be changed beside this one, which stays as it is meanwhile."""
        other = Layers(self.model, forgetful=self._forgetful)
        other.state, other.seq, other.at = self.state, self.seq, self.at
        for audience, layer in self.shared.items():
            other.shared[audience].become(layer.copy())
        other.mine, other._lent = dict(self.mine), set(self.mine)
        other.sealed, other.lost_before = dict(self.sealed), self.lost_before
        return other

    def _become(self, other: "Layers") -> None:
        """Hold what a copy has become, and what was told and dirty here meanwhile."""
        self.state, self.seq, self.at = other.state, other.seq, other.at
        for audience, layer in self.shared.items():
            layer.become(other.shared[audience])
        self.mine, self.sealed, self.lost_before = other.mine, other.sealed, max(self.lost_before, other.lost_before)
        self.dirty |= other.dirty
        self.have_projected(self._projected)

    def _seal(self, id: str, seq: int) -> None:
        record = self.kept.records.get(id)
        if record is not None:
            self.sealed.pop(id, None)
            many = len(self.sealed) >= SEALED
            self.sealed[id] = SealedAt(seq, record.v, None if many and not self._forgetful else record)
            if many and self._forgetful:
                self.lost_before = self.sealed.pop(next(iter(self.sealed))).seq

    def _forgot(self, id: str | None) -> None:
        """The layer that is kept has dropped a deletion. That of a sealed record tells nothing that `sealed` does not."""
        if id is not None:
            floor, sealed = self.kept.floor, self.sealed.get(id)
            if sealed is None or sealed.seq != floor:
                self.lost_before = max(self.lost_before, floor)

    def have_projected(self, seq: int) -> None:
        """The projector has all up to `seq`, for good."""
        self._projected = max(self._projected, seq)
        self.trail.have(INDEX, seq)
        told = [id for id, _ in takewhile(lambda item: item[1].seq <= seq, self.sealed.items())]
        for id in told:
            self.lost_before = max(self.lost_before, self.sealed.pop(id).seq)

    def _look(self, id: str, owners: Iterable[str], seq: int) -> None:
        render, state = self.model.render, self.state
        for viewer, layer in self._viewers:
            record = render(state, id, viewer)
            forgotten = layer.update(id, record, seq)
            if layer is self.kept:
                self._forgot(forgotten)
                if record is not None:
                    self.sealed.pop(id, None)  # it is back
        self._share(id)
        for owner in owners:
            record = render(state, id, Viewer(None, owner))
            own = self.mine.get(owner)
            if own is None and record is not None:
                own = self.mine[owner] = Layer()
            if own is not None:
                if owner in self._lent:
                    self._lent.remove(owner)
                    own = self.mine[owner] = own.copy()
                own.update(id, record, seq)

    def _bury(self, id: str, seq: int) -> None:
        """Everyone who does not have it (any more) is told that something is gone, though their layer does not hold it."""
        for layer in self.shared.values():
            if id in layer.records:
                continue
            forgotten = layer.bury(id, seq)
            if layer is self.kept:
                self._forgot(forgotten)

    def _share(self, id: str) -> None:
        """Hold one record where all audiences see the same: most of a room's memory is records."""
        seen = self.public.records.get(id)
        if seen is not None:
            for layer in self.shared.values():
                if layer is not self.public and layer.records.get(id) == seen:
                    layer.records[id] = seen

    def own(self, *owners: str) -> Sequence[Record]:
        """All that a member alone has, who owns it under these names."""
        return tuple(record for owner in owners if owner in self.mine for record in self.mine[owner].records.values())

    def own_since(self, seq: int, *owners: str) -> Changes | None:
        """What of it changed behind `seq`; None when more of its deletions fell between than a layer keeps."""
        put, gone = list[Record](), list[str]()
        for owner in owners:
            layer = self.mine.get(owner)
            if layer is not None:
                changes = layer.since(seq)
                if changes is None:
                    return None
                put += changes.put
                gone += changes.gone
        return Changes(put, gone)


class _Marks(Struct, frozen=True, array_like=True):
    """A layer without its records: (id, v) in order, tombstones in order, floor."""

    records: list[tuple[str, int]]
    tombstones: list[tuple[str, int]]
    floor: int


_encode: Final = msgspec.msgpack.Encoder().encode
_decode_marks: Final = msgspec.msgpack.Decoder(_Marks).decode


class _Dump(Struct, frozen=True, array_like=True):
    state: bytes
    seq: int
    at: int
    shared: dict[Audience, msgspec.Raw]
    mine: dict[str, msgspec.Raw]
    sealed: dict[str, tuple[int, int]]
    lost_before: int = 0


def _marks(layer: Layer) -> msgspec.Raw:
    marks = _Marks([(r.id, r.v) for r in layer.records.values()], list(layer.tombstones.items()), layer.floor)
    return msgspec.Raw(_encode(marks))


def dump(layers: Layers) -> bytes:
    """A snapshot of everything, for a faster opening."""
    return at_once(dumping(layers))


def dumping(layers: Layers) -> Slices[bytes]:
    """`dump`, a slice at a time; nobody may fold meanwhile."""
    state = yield from layers.model.packing_state(layers.state)
    shared = dict[Audience, msgspec.Raw]()
    for audience, layer in layers.shared.items():
        yield
        shared[audience] = _marks(layer)
    mine = dict[str, msgspec.Raw]()
    for n, (owner, layer) in enumerate(list(layers.mine.items())):
        if n % SLICE == 0:
            yield
        mine[owner] = _marks(layer)
    sealed = {id: (sealed.seq, sealed.v) for id, sealed in layers.sealed.items()}
    return _encode(_Dump(state, layers.seq, layers.at, shared, mine, sealed, layers.lost_before))


def load(model: Model, raw: bytes) -> Layers:
    """The layers that `dump` was given; records are rendered anew, so a snapshot never outlives a rule of secrecy."""
    kept = msgspec.msgpack.decode(raw, type=_Dump)
    layers = Layers(model)
    layers.state, layers.seq, layers.at = model.unpack_state(kept.state), kept.seq, kept.at
    layers.sealed, layers.lost_before = {id: SealedAt(*sealed) for id, sealed in kept.sealed.items()}, kept.lost_before
    layers.trail = Trail(model, lost_before=kept.seq)
    for audience, marks in kept.shared.items():
        layers.shared[audience].become(_restore(model, layers.state, marks, Viewer(audience)))
    for owner, marks in kept.mine.items():
        layers.mine[owner] = _restore(model, layers.state, marks, Viewer(None, owner))
    for id in layers.public.records:
        layers._share(id)
    return layers


def _restore(model: Model, state: State, raw: msgspec.Raw, viewer: Viewer) -> Layer:
    layer, marks = Layer(), _decode_marks(raw)
    layer.tombstones, layer.floor = dict(marks.tombstones), marks.floor
    for id, v in marks.records:
        record = model.render(state, id, viewer)
        if record is not None:
            layer.records[id] = _stamped(record, v)
    return layer
