"""From a room's layers to its followers: frames are built once per audience and encoding, and written to every socket.

What it costs is one write per socket and flush; the loop in `_spread` is the hot path of the whole server.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

from protocol.codec import encode
from protocol.errors import Code
from protocol.messages import Mine, Patch, Since, State
from protocol.records import Record
from protocol.version import STATE_CHUNK_BYTES
from server.live.follower import Follower
from server.live.layers import Changes, Layers
from server.live.peer import Encoding
from server.live.pseudonyms import Alias, Pseudonyms
from server.model.kernel import Audience

LAGGING_BYTES: Final = 256 * 1024
"""A follower with more than this waiting gets no patches until it has drained (SPEC S9)."""

BURST_BYTES: Final = 128 * 1024
"""A larger patch is streamed as a catch-up instead: 485 KB × 500 phones must not land in memory at once."""

FIRST: Final = 500
"""Records that are tried as the first chunk of a `state`."""

LEAST_BYTES: Final = 32
"""What a record weighs at least: of so many that must be too much, a patch is not even tried."""

SPARE_BYTES: Final = 1024
"""Room in a chunk for the message around its records; and again for a few deletions, of 80 bytes each."""

STALE_CHANGES: Final = 200
"""A cached snapshot is sent with a catch-up behind it until that many additions have gathered."""


Followers: TypeAlias = dict[Follower, None]
"""A set in the order of arrival: that of a `set` would be where its members happen to lie in memory, and a story could not be told again."""


class Fanout:
    """The followers of one room and what was last sent to each audience.

    Args:
        greet: framed bytes for one who follows (again): who is present.
        alias: what a member is called in a step.
    """

    def __init__(
        self, stream: str, layers: Layers, incarnation: str, greet: Callable[[Follower], bytes], alias: Alias
    ) -> None:
        self.stream = stream
        self._greet = greet
        self.layers = layers
        self.incarnation = incarnation
        self.following: dict[tuple[Audience, Encoding], Followers] = {}
        self.by_member: dict[str, Followers] = {}
        self.screens: dict[str, Followers] = {}
        """By whose token they show: that of a screen, or of a member."""
        self.pseudonyms = Pseudonyms(alias)
        self.pseudonyms.opened(layers.model.pseudonyms(layers.state))
        self.sent: dict[Audience, int] = dict.fromkeys(layers.shared, layers.seq)
        self.flushed = layers.seq
        self.catching_up: Followers = {}
        self.authors: Followers = {}
        """Who has had a `done` since the last flush and is owed a `mine` (SPEC D3)."""
        self._snapshots: dict[tuple[Audience, Encoding], tuple[int, list[bytes]]] = {}
        self._catchups: dict[tuple[Audience, Encoding, int], list[bytes]] = {}
        """Frames already built for those who slept equally long; good while the seq is `_catchups_at`."""
        self._catchups_at = layers.seq

    def __len__(self) -> int:
        return sum(map(len, self.following.values())) + len(self.catching_up)

    def followers(self) -> Iterable[Follower]:
        for group in self.following.values():
            yield from group
        yield from self.catching_up

    def epoch(self, audience: Audience) -> str:
        return f"{self.incarnation}.{self.layers.model.versions.render}.{audience}"

    # Joining, leaving, catching up.

    def join(self, follower: Follower, since: Since | None) -> None:
        """Send `mine` and `state`, then follow (SPEC S1 to S4)."""
        follower.audience = self._audience_of(follower)
        if follower.screen:
            self.screens.setdefault(follower.member, {})[follower] = None
        elif follower.member:
            self.by_member.setdefault(follower.member, {})[follower] = None
            self.pseudonyms.came(follower.member)
        if not any(
            self.following.get((follower.audience, encoding)) for encoding in self._encodings(follower.audience)
        ):
            # Nobody was listening: what was committed meanwhile needs no patch.
            self.sent[follower.audience] = self.layers.seq
        self._start(follower, since.seq if since and since.epoch == self.epoch(follower.audience) else None)

    def leave(self, follower: Follower) -> None:
        group = self.following.get((follower.audience, follower.peer.encoding))
        if group:
            group.pop(follower, None)
        self.catching_up.pop(follower, None)
        self.authors.pop(follower, None)
        shown = self.screens.get(follower.member)
        if shown and follower in shown:
            del shown[follower]
            if not shown:
                del self.screens[follower.member]
            return
        mine = self.by_member.get(follower.member)
        if mine:
            mine.pop(follower, None)
            if not mine:
                del self.by_member[follower.member]
                self.pseudonyms.went(follower.member)

    def drained(self, follower: Follower) -> None:
        """A follower that was catching up has read all it was sent: go on, and follow again when it is up to date."""
        if follower not in self.catching_up:
            return
        if follower.chunks is None:
            self._continue(follower)
        elif follower.pump():
            self._arrived(follower)

    def reset(self, layers: Layers, incarnation: str) -> None:
        """History was rewritten: everyone starts afresh (SPEC S4)."""
        model, before = layers.model, self.layers.state
        self.layers, self.incarnation = layers, incarnation
        self.pseudonyms.opened(model.pseudonyms(layers.state))
        self.sent = dict.fromkeys(layers.shared, layers.seq)
        self.flushed = layers.seq
        self._snapshots.clear()
        self._catchups.clear()
        for follower in list(self.followers()):
            was = None if follower.screen else model.actor_for(before, follower.member)
            if was is not None and model.actor_for(layers.state, follower.member) is None:
                follower.end(Code.REMOVED)  # erased: there never was anybody under this id (SPEC O4)
            else:
                self._start_afresh(follower)

    def _audience_of(self, follower: Follower) -> Audience:
        model = self.layers.model
        return model.audience_of(None if follower.screen else model.actor_for(self.layers.state, follower.member))

    def _encodings(self, audience: Audience) -> Iterable[Encoding]:
        return [encoding for a, encoding in self.following if a == audience]

    def _start_afresh(self, follower: Follower) -> None:
        """A reset; for one who has not yet read what he was sent, when he has: else his backlog would grow with each reset."""
        if self.layers.model.is_out(self.layers.state, follower.member):
            follower.end(Code.REMOVED)
            return
        waits = follower in self.catching_up
        self._stop(follower)
        follower.audience = self._audience_of(follower)
        if waits:
            follower.cursor = -1
        else:
            self._start(follower, None)

    def _start(self, follower: Follower, since: int | None, state: tuple[list[bytes], int] | None = None) -> None:
        """Stream what lies behind `since` (None, or too old: everything), then follow; `state`: its frames, if known."""
        frames, follower.cursor = state or self._state(follower.audience, follower.peer.encoding, since)
        own = self.layers.own(*self.pseudonyms.members.get(follower.member, ())) if not follower.screen else ()
        mine = Mine(self.stream, 0, own, reset=True)
        follower.chunks = deque((_framed(follower.peer.encoding, mine) + frames[0], *frames[1:]))
        follower.own = b""
        self.catching_up[follower] = None
        if follower.pump():
            self._arrived(follower)

    def _arrived(self, follower: Follower) -> None:
        follower.chunks = None
        if follower.cursor < max(self.flushed, self.sent[follower.audience]):
            self._continue(follower)
            return
        self.catching_up.pop(follower, None)
        self.following.setdefault((follower.audience, follower.peer.encoding), {})[follower] = None
        follower.peer.write(self._greet(follower))

    def _continue(self, follower: Follower) -> None:
        """Stream what came meanwhile, for what its member is by now: a change of role may not have been flushed yet (SPEC S10)."""
        if self.layers.model.is_out(self.layers.state, follower.member):
            follower.end(Code.REMOVED)
            return
        before, follower.audience = follower.audience, self._audience_of(follower)
        self._start(follower, follower.cursor if follower.audience == before else None)

    def _stop(self, follower: Follower) -> None:
        group = self.following.get((follower.audience, follower.peer.encoding))
        if group:
            group.pop(follower, None)
        self.catching_up[follower] = None
        follower.chunks = None

    # Frames of `state`.

    def _state(self, audience: Audience, encoding: Encoding, since: int | None) -> tuple[list[bytes], int]:
        """Frames that bring a follower from `since` to the present, and the seq they bring it to."""
        layer, seq = self.layers.shared[audience], self.layers.seq
        changes = layer.since(since) if since is not None and since <= seq else None
        if since is not None and changes is not None:
            return self._catchup(audience, encoding, since, changes), seq
        cached = self._snapshots.get((audience, encoding))
        if cached is not None and layer.revised <= cached[0]:
            # Only additions lie behind it: nobody who comes now is sent what was hidden, removed or corrected before.
            behind = layer.since(cached[0])
            if behind is not None and len(behind.put) <= STALE_CHANGES:
                return [*cached[1], *self._chunks(audience, encoding, behind, seq, reset=False)], seq
        whole = Changes(tuple(layer.records.values()), ())
        # One chunk more always follows: what came behind the cached ones, so that the client takes in all as one value (SPEC S3).
        frames = self._chunks(audience, encoding, whole, seq, reset=True, more=True)
        self._snapshots[audience, encoding] = (seq, frames)
        return [*frames, *self._chunks(audience, encoding, Changes((), ()), seq, reset=False)], seq

    def _catchup(self, audience: Audience, encoding: Encoding, since: int, changes: Changes) -> list[bytes]:
        if self._catchups_at != self.layers.seq:
            self._catchups_at = self.layers.seq
            self._catchups.clear()
        frames = self._catchups.get((audience, encoding, since))
        if frames is None:
            frames = self._chunks(audience, encoding, changes, self.layers.seq, reset=False)
            self._catchups[audience, encoding, since] = frames
        return frames

    def _chunks(
        self, audience: Audience, encoding: Encoding, changes: Changes, seq: int, *, reset: bool, more: bool = False
    ) -> list[bytes]:
        parts = _split(changes.put, encoding)
        if len(changes.gone) > SPARE_BYTES // 80:
            parts.append(())
        epoch, last = self.epoch(audience), len(parts) - 1
        return [
            _framed(
                encoding,
                State(
                    self.stream,
                    epoch,
                    seq,
                    part,
                    changes.gone if i == last else (),
                    reset=reset and i == 0,
                    more=more or i != last,
                ),
            )
            for i, part in enumerate(parts)
        ]

    # The flush.

    def flush(self, piggybacked: dict[tuple[bool, Encoding], bytes]) -> None:
        """Send every audience what changed since its last frame.

        Args:
            piggybacked: framed bytes for all followers (key: is it a screen?) that ride in the same write: people and signals.
        """
        dirty, self.layers.dirty = self.layers.dirty, set()
        self._move_roles(dirty)
        self._own(dirty)
        self.flushed = self.layers.seq
        for audience, layer in self.layers.shared.items():
            before, after = self.sent[audience], self.layers.seq
            changes = layer.since(before)
            changed = changes is None or bool(changes.put or changes.gone)
            if changed:
                self.sent[audience] = after
            for (group_audience, encoding), group in self.following.items():
                if group_audience != audience or not group:
                    continue
                frame = b""
                if changed:
                    fits = changes is not None and len(changes.put) <= BURST_BYTES // LEAST_BYTES
                    frame = self._patch(encoding, before, after, changes) if changes is not None and fits else b""
                    if not frame or len(frame) > BURST_BYTES:
                        self._stream_all(group, audience, encoding, before)
                        continue
                self._spread(group, frame, piggybacked, encoding)

    def _patch(self, encoding: Encoding, before: int, after: int, changes: Changes) -> bytes:
        return _framed(encoding, Patch(self.stream, after, before, changes.put, changes.gone))

    def _spread(
        self, group: Followers, frame: bytes, piggybacked: dict[tuple[bool, Encoding], bytes], encoding: Encoding
    ) -> None:
        """One write per socket. Followers are moved only after the loop: a write never re-enters it."""
        full = frame + piggybacked.get((False, encoding), b"")
        screen = frame + piggybacked.get((True, encoding), b"")
        lagging: list[Follower] = []
        for follower in group:
            data = screen if follower.screen else full
            if follower.own:
                data = data + follower.own
                follower.own = b""
            if data and follower.peer.write(data) > LAGGING_BYTES:
                lagging.append(follower)
        for follower in lagging:
            self._stop(follower)
            follower.cursor = self.sent[follower.audience]

    def _stream_all(self, group: Followers, audience: Audience, encoding: Encoding, since: int) -> None:
        """To all the same frames, which lie in memory once, however slowly they are read."""
        state = self._state(audience, encoding, since)
        for follower in list(group):
            self._stop(follower)
            self._start(follower, since, state)

    def _own(self, dirty: set[str]) -> None:
        """Put each member's changed own records (or, for authors, the bare seq) behind the patch in the same write."""
        seq = self.layers.seq
        self.pseudonyms.opened(self.layers.model.pseudonyms(self.layers.state))
        for member in self.pseudonyms.among(dirty):
            changes = self.layers.own_since(self.flushed, *self.pseudonyms.members[member])
            if changes is None:
                for follower in list(self.by_member[member]):
                    self._start_afresh(follower)
                continue
            if not changes.put and not changes.gone:
                continue
            for follower in self.by_member[member]:
                if follower not in self.catching_up:
                    follower.own = _framed(follower.peer.encoding, Mine(self.stream, seq, changes.put, changes.gone))
                elif follower.chunks is not None:
                    # Behind the stream's own `mine`, and without raising the cursor above what the stream brings.
                    mine = Mine(self.stream, follower.cursor, changes.put, changes.gone)
                    follower.chunks.append(_framed(follower.peer.encoding, mine))
        for follower in self.authors:
            if not follower.own and follower not in self.catching_up:
                follower.own = _framed(follower.peer.encoding, Mine(self.stream, seq))
        self.authors.clear()

    def _move_roles(self, dirty: set[str]) -> None:
        """A live change of role gives each of the member's connections a new audience and a reset (SPEC S10); whoever is out, is."""
        for id in sorted(dirty & self.screens.keys()):
            if self.layers.model.is_out(self.layers.state, id):
                for follower in list(self.screens[id]):
                    follower.end(Code.REMOVED)
        for member in sorted(dirty & self.by_member.keys()):
            gone = self.layers.model.actor_for(self.layers.state, member) is None
            for follower in list(self.by_member[member]):
                if gone:
                    follower.end(Code.REMOVED)
                elif self._audience_of(follower) != follower.audience:
                    self._start_afresh(follower)


def _framed(encoding: Encoding, message: Any) -> bytes:
    return encoding.frame(encode(message, encoding.codec))


def _split(records: Sequence[Record], encoding: Encoding) -> list[Sequence[Record]]:
    """Parts whose encodings stay under the bound of a chunk (SPEC S3), with room for the message around them.

    Each is as long as those before it let expect, so that what is a whole room is encoded hardly more than once to be cut.
    """
    most = STATE_CHUNK_BYTES - 2 * SPARE_BYTES
    parts: list[Sequence[Record]] = []
    start, length = 0, FIRST
    while start < len(records) or not parts:
        part = records[start : start + length]
        size = len(encode(list(part), encoding.codec))
        if size >= most and len(part) > 1:
            length = max(1, len(part) // 2)
            continue
        parts.append(part)
        start += len(part)
        length = max(1, int(0.8 * most * len(part) / size))
    return parts
