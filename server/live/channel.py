"""What connections see of an open room: its records, its people and its signals, flushed at a pace.

The first flush leaves at once. While a room is busy flushes are spaced so that fan-out takes at most half of the event loop, and
never come faster than a screen can show them. Answers do not wait for the pace.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from protocol.codec import encode
from protocol.errors import Code
from protocol.messages import Done, People, Relayed, Signals, Since
from server.bus.port import MESSAGE_BYTES
from server.journal.port import Head
from server.live.batch import Submission
from server.live.fanout import Fanout
from server.live.follower import Follower
from server.live.peer import Encoding
from server.live.presence import RENEWAL, Presence
from server.live.room import Room
from server.model.kernel import Actor

FRAME: Final = 0.008
"""Seconds from the beginning of one flush to that of the next, at least."""

PEOPLE: Final = 0.25
"""Seconds between two frames about people at least: 500 who arrive together are one change, not 500; and so are their records."""


class HeadMoved(Struct, frozen=True, tag_field="k", tag="head"):
    """A stream has a head of at least `seq`; or its history has been `rewritten`."""

    seq: int
    rewritten: bool = False


class PresenceLease(Struct, frozen=True, tag_field="k", tag="lease"):
    """Whom a worker holds; `ask`: it would like to hear the others'."""

    worker: str
    ids: Sequence[str]
    count: int
    ask: bool = False


class RelayedSignals(Struct, frozen=True, tag_field="k", tag="signals"):
    """Signals of a worker's people, for the people and for the screens of the others."""

    worker: str
    people: Sequence[Relayed]
    screen: Sequence[Relayed]


_decoder: Final = msgspec.msgpack.Decoder(HeadMoved | PresenceLease | RelayedSignals)
_encode: Final = msgspec.msgpack.Encoder().encode


def head_moved(seq: int, *, rewritten: bool = False) -> bytes:
    """What tells the other workers that a room has a head of at least `seq`, or another history."""
    return _encode(HeadMoved(seq, rewritten))


class Channel:
    """One open room as its followers meet it.

    Args:
        worker: this worker's incarnation.
        publish: sends bytes to this room's other workers.
    """

    def __init__(self, room: Room, worker: str, publish: Callable[[bytes], None]) -> None:
        self.room = room
        self.presence = Presence()
        self.fanout = Fanout(room.stream, room.layers, room.incarnation, self._greeting, room.alias)
        self._worker = worker
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        self._not_before = 0.0
        self._people_not_before = 0.0
        self._people_timer: asyncio.Handle | None = None
        self._people_dirty = False
        self._lease_dirty = False
        self._people_said_at = 0.0
        self._signals: dict[tuple[str, str], tuple[Relayed | None, Relayed | None]] = {}
        self._foreign: list[RelayedSignals] = []
        room.changed = self.schedule_flush
        room.present = self.presence.known
        room.arrived = self._schedule_people
        room.rewritten = self._rewritten
        self._say_people(ask=True)

    # Followers.

    def join(self, follower: Follower, since: Since | None) -> None:
        if not follower.screen and self.room.model.tells_presence:
            self.presence.came(follower.member)
            self._lease_dirty = True
            self._schedule_people()
        self.fanout.join(follower, since)

    def leave(self, follower: Follower) -> None:
        self.fanout.leave(follower)
        if not follower.screen and self.room.model.tells_presence:
            self.presence.went(follower.member)
            self._lease_dirty = True
            self._schedule_people()

    def submit(self, submission: Submission) -> None:
        self.room.submit(submission)

    def answer(self, follower: Follower, id: str, seq: int) -> bytes:
        """The framed `done` of a follower's command, who is owed a `mine` with the next flush (SPEC D3)."""
        self.fanout.authors[follower] = None
        self.schedule_flush()
        encoding = follower.peer.encoding
        return encoding.frame(encode(Done(id, seq), encoding.codec))

    def signal(self, follower: Follower, kind: str, fields: dict[str, Any]) -> None:
        """
        Raises:
            Refusal: `invalid`.
        """
        model, state = self.room.layers.model, self.room.layers.state
        actor = model.actor_for(state, follower.member)
        said = model.relay(state, actor or Actor(follower.member, "screen"), kind, fields)
        self._signals[follower.member, kind] = (said.people, said.screen)
        self.schedule_flush()

    def cursor(self, follower: Follower) -> int:
        """The seq of the last frame sent to this follower (or to its audience, which it follows), for beats."""
        if follower in self.fanout.catching_up:
            return follower.cursor
        return self.fanout.sent[follower.audience]

    @property
    def idle(self) -> bool:
        return not len(self.fanout) and self.room.idle

    # The pace.

    def schedule_flush(self) -> None:
        """There is something to show: now, or when the pace allows."""
        if self._timer is not None:
            return
        wait = self._not_before - self._loop.time()
        self._timer = self._loop.call_later(wait, self._flush) if wait > 0 else self._loop.call_soon(self._flush)

    def _schedule_people(self) -> None:
        self._people_dirty = True
        wait = self._people_not_before - self._loop.time()
        if wait <= 0:
            self.schedule_flush()
        elif self._people_timer is None:
            self._people_timer = self._loop.call_later(wait, self._people_due)

    def _people_due(self) -> None:
        self._people_timer = None
        self.schedule_flush()

    def _flush(self) -> None:
        self._timer = None
        started = self._loop.time()
        piggybacked: dict[tuple[bool, Encoding], bytes] = {}
        if self._people_dirty and started >= self._people_not_before:
            self._people_dirty, self._people_not_before = False, started + PEOPLE
            if self._lease_dirty:
                # Not for what another worker said: two would go on telling each other for ever.
                self._say_people()
            people = self.presence.changes(self.room.stream)
            if people is not None:
                self._piggyback(piggybacked, people, people)
        self._piggyback_signals(piggybacked)
        self.fanout.flush(piggybacked)
        self._not_before = started + max(2 * (self._loop.time() - started), FRAME)

    def _piggyback(self, piggybacked: dict[tuple[bool, Encoding], bytes], people: Any, screen: Any) -> None:
        for encoding in {encoding for _, encoding in self.fanout.following}:
            for is_screen, message in ((False, people), (True, screen)):
                if message is not None:
                    before = piggybacked.get((is_screen, encoding), b"")
                    piggybacked[is_screen, encoding] = before + encoding.frame(encode(message, encoding.codec))

    # Signals.

    def _piggyback_signals(self, piggybacked: dict[tuple[bool, Encoding], bytes]) -> None:
        if not self._signals and not self._foreign:
            return
        people = [person for person, _ in self._signals.values() if person]
        screen = [shown for _, shown in self._signals.values() if shown]
        if self._signals:
            self._publish_signals(people, screen)
        for said in self._foreign:
            people += said.people
            screen += said.screen
        self._signals, self._foreign = {}, []
        stream = self.room.stream
        self._piggyback(
            piggybacked, Signals(stream, people) if people else None, Signals(stream, screen) if screen else None
        )

    def _publish_signals(self, people: Sequence[Relayed], screen: Sequence[Relayed]) -> None:
        """In as many messages as the bus needs."""
        message = _encode(RelayedSignals(self._worker, people, screen))
        if len(message) <= MESSAGE_BYTES:
            self._publish(message)
            return
        some, few = len(people) // 2, len(screen) // 2
        self._publish_signals(people[:some], screen[:few])
        self._publish_signals(people[some:], screen[few:])

    # The other workers.

    def heard(self, raw: bytes) -> None:
        """A message of the bus: forged, late or lost, it does no harm."""
        try:
            message = _decoder.decode(raw)
        except msgspec.MsgspecError:
            return
        match message:
            case HeadMoved(seq, rewritten):
                # Of which history it is, the journal says.
                self.room.heard(Head(0, "") if rewritten else None, seq)
            case PresenceLease(worker, ids, count, ask) if worker != self._worker:
                self.presence.heard(worker, ids, count, self._loop.time())
                self._schedule_people()
                if ask:
                    self._say_people(force=True)
            case RelayedSignals(worker) if worker != self._worker:
                self._foreign.append(message)
                self.schedule_flush()

    def renew(self) -> None:
        """Called every few seconds: renew our word, drop what others have not renewed."""
        if self.presence.expire(self._loop.time()):
            self._schedule_people()
        if self._loop.time() - self._people_said_at >= RENEWAL:
            self._say_people(force=True)

    def _say_people(self, *, ask: bool = False, force: bool = False) -> None:
        ids, count = self.presence.lease()
        if ask or force or count or self._people_said_at:
            self._people_said_at, self._lease_dirty = self._loop.time(), False
            self._publish(_encode(PresenceLease(self._worker, ids, count, ask)))

    def farewell(self) -> None:
        """The room closes here: our people are gone, and nothing is shown any more."""
        for timer in (self._timer, self._people_timer):
            if timer is not None:
                timer.cancel()
        self._publish(_encode(PresenceLease(self._worker, (), 0)))

    def _greeting(self, follower: Follower) -> bytes:
        whole: People = self.presence.whole(self.room.stream)
        return follower.peer.encoding.frame(encode(whole, follower.peer.encoding.codec))

    def _rewritten(self) -> None:
        if self.room.outdated:
            for follower in list(self.fanout.followers()):
                follower.end(Code.UPGRADE)
        else:
            self.fanout.reset(self.room.layers, self.room.incarnation)
