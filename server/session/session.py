"""The conversation over one connection: frames in, frames out. Knows tokens, rights to a room and rates; knows no socket and no command.

A bad frame costs its sender an answer and nobody else anything (SPEC E2): nothing here raises for what a peer sends.
"""

import asyncio
import secrets
import sys
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, Protocol, assert_never

import msgspec

from protocol import codec
from protocol import messages as m
from protocol.errors import TABLE, Code, Refusal
from protocol.version import FRAME_BYTES, IDEA_CHARS, MESSAGE_CHARS, NAME_CHARS, PROMPT_CHARS, TITLE_CHARS
from server.accounts.port import Bearer
from server.journal.port import JournalError
from server.live.batch import Submission
from server.live.channel import Channel
from server.live.follower import Follower, refused
from server.live.hub import Hub
from server.live.peer import Peer
from server.positions.port import Position
from server.session import queries
from server.session.complaints import Complaints
from server.session.rate import Bucket, Pace
from server.session.reading import Reading
from server.session.watching import Watchers

HELLO: Final = 10.0
"""Seconds until `hello` must have come (SPEC W4)."""

BEAT: Final = 18
"""Seconds between two beats: below the 20 of SPEC W6."""

STREAMS: Final = 32
"""Rooms that one connection may follow at a time, or owe commands to (SPEC S13)."""

QUEUED: Final = 256
"""Messages for a room that may wait while it is being opened."""

_NO_FAULTS: Final[frozenset[Code]] = frozenset()
"""The same for all who have made none: each `frozenset()` is an object of its own."""

_SHOWS: Final = "expected host or participant; a screen only shows"

WINDOW: Final = m.Window(500, 5_000)
"""Where a reconnect falls after `bye` (ms): spread enough for a database, short enough for a person."""

CLOSE_CODES: Final = {
    Code.MALFORMED: 1007,
    Code.TOO_LARGE: 1009,
    Code.RESTART: 1012,
    Code.UPGRADE: 1012,
    Code.FULL: 1013,
}


class Rules(NamedTuple):
    """What sessions are run by.

    Attributes:
        identify: who a token names, or Refusal `unauthorized`, `expired`.
        rate: commands a second for one member, with bursts of four times as many (SPEC L5).
        origins: whether a page of this Origin on this host may connect, by TLS or not.
        connections: how many there may be.
        image_bytes: largest image that somebody may bring; 0: none may be brought.
    """

    identify: Callable[[str], Bearer]
    rate: float
    origins: Callable[[str | None, str, bool], bool]
    connections: int
    image_bytes: int = 0


class Admission(Protocol):
    """How people come into streams: the same for sockets and for HTTP."""

    async def may_hear(self, asked: Sequence[tuple[Bearer, str]]) -> list[bool]:
        """Of each of these, whether this bearer is in this stream, by the tables alone. Raises JournalError."""
        ...

    def is_in(self, bearer: Bearer, channel: Channel) -> bool:
        """Whether whoever this is need not be let in first: a screen of the stream, or somebody who has entered."""
        ...

    async def enter(self, bearer: Bearer, stream: str, at_least: int = 0) -> Channel:
        """The stream, known here up to this seq, once whoever this is may be in it.

        Raises:
            Refusal: `unknown_room`, `removed`, `locked` and the like.
            JournalError: it cannot be read now.
        """
        ...


class Ports(NamedTuple):
    """What a conversation needs of its worker.

    Attributes:
        messages: all that one connection may send, of whatever kind.
        clock: seconds of the loop.
        bucket: of a seat, for all its connections.
        queries: what may be asked.
        watchers: who hears of streams that they do not follow.
        reading: up to where people have read.
        spawn: runs what the conversation must wait for.
        forget: called once, when it has ended.
        complaints: where it is told what the peer did wrong.
    """

    hub: Hub
    admission: Admission
    rules: Rules
    messages: Pace
    clock: Callable[[], float]
    bucket: Callable[[str], Bucket]
    queries: queries.Queries
    watchers: Watchers
    reading: Reading
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    forget: "Callable[[Session], None]"
    complaints: Complaints


class _Opening:
    """A room that is being opened for this session; what is said meanwhile waits in order."""

    __slots__ = ("queue",)

    def __init__(self, queue: "deque[m.Do | m.Ask | m.Signal]") -> None:
        self.queue = queue


class _Joined(NamedTuple):
    channel: Channel
    follower: Follower


class Session:
    """One connection's conversation; a `Receiver` to the wire."""

    __slots__ = (
        "_acks", "_bearer", "_bucket", "_everything", "_hub", "_noted", "_parted", "_peer", "_ports", "_streams", "deadline", "gone",
        "__weakref__",
    )  # fmt: skip

    def __init__(self, peer: Peer, ports: Ports) -> None:
        now = ports.clock()
        self._peer = peer
        self._ports = ports
        self._hub = ports.hub
        self._bearer: Bearer | None = None
        self._streams: dict[str, _Opening | _Joined] = {}
        self._parted: dict[str, Follower] | None = None
        """Of streams that are not followed now: what must come again there outlives joins, for the order is the connection's (SPEC D5)."""
        self._bucket: Bucket | None = None
        self._everything = Bucket(ports.messages, now)
        self._acks = b""
        self._noted = _NO_FAULTS
        self.deadline = now + HELLO
        self.gone = False

    @property
    def known(self) -> bool:
        """Whether `hello` has come."""
        return self._bearer is not None

    @property
    def bearer(self) -> Bearer | None:
        """Whom its token names, the last that it was given; None before `hello`."""
        return self._bearer

    # What the wire calls.

    def received(self, payload: bytes, codec_matches: bool) -> None:
        if self.gone:
            return
        if not codec_matches:
            self.bye(Code.MALFORMED, f"expected frames of {self._peer.encoding.codec}")
            return
        if not self._everything.take(self._ports.clock()):
            self.bye(Code.RATE_LIMITED, reconnect=WINDOW)
            return
        plain = codec.plain(payload, self._peer.encoding.codec)
        if plain is not None:
            try:
                self._take(plain)
            except Refusal as refusal:
                self.refuse(plain.id, refusal)
            return
        try:
            fields = codec.unpack(payload, self._peer.encoding.codec)
        except Refusal as refusal:
            if refusal.code is Code.TOO_DEEP:
                self.refuse("", refusal)
            else:
                self.bye(refusal.code, refusal.text)
            return
        try:
            self._take(codec.typed(fields))
        except Refusal as refusal:
            if refusal.code is Code.MALFORMED:  # what the other codec could not carry (X1)
                self.bye(refusal.code, refusal.text)
            else:
                self.refuse(_request_id(fields), refusal)

    def oversized(self, size: int) -> None:
        self.bye(Code.TOO_LARGE, f"expected at most {FRAME_BYTES} bytes; got {size}")

    def drained(self) -> None:
        for joined in list(self._streams.values()):
            if isinstance(joined, _Joined):
                joined.channel.fanout.drained(joined.follower)

    def drain(self, after: float) -> None:
        asyncio.get_running_loop().call_later(after, self.bye, Code.RESTART, "", WINDOW)

    def closed(self) -> None:
        self.gone = True
        self._ports.forget(self)
        for stream in list(self._streams):
            self._leave(stream)
        self._parted = None

    # What comes in.

    def _take(self, message: m.ClientMessage) -> None:
        if self._bearer is None and not isinstance(message, m.Hello):
            raise Refusal(Code.HELLO_REQUIRED)
        match message:
            case m.Do() | m.Ask() | m.Signal():
                self._in_stream(message)
            case m.Hello():
                self._hello(message)
            case m.Refresh():
                self._refresh(message)
            case m.Watch():
                self._watch(message)
            case m.Seen():
                self._seen(message)
            case m.Ping():
                self.beat()
            case m.Join():
                self._join(message)
            case m.Leave():
                self._leave(message.stream)
            case _:
                assert_never(message)

    def _hello(self, message: m.Hello) -> None:
        if self._bearer is not None:
            raise Refusal(Code.INVALID, "expected `hello` once; send `refresh` for a new token")
        try:
            bearer = self._ports.rules.identify(message.token)
        except Refusal as refusal:
            self.bye(refusal.code, refusal.text)
            return
        self._bearer = bearer
        self._bucket = self._ports.bucket(bearer.seat)
        self.deadline = bearer.expires / 1000 - self._hub.now() / 1000 + self._ports.clock()
        limits = {
            "frame": FRAME_BYTES,
            "idea": IDEA_CHARS,
            "message": MESSAGE_CHARS,
            "name": NAME_CHARS,
            "title": TITLE_CHARS,
            "prompt": PROMPT_CHARS,
            "rate": int(self._ports.rules.rate),
            "image": self._ports.rules.image_bytes,
        }
        me = m.Me(bearer.person)
        self.send(m.Welcome(secrets.token_hex(8), me, self._hub.now(), BEAT * 1000, limits))

    def _refresh(self, message: m.Refresh) -> None:
        assert self._bearer is not None
        try:
            fresh = self._ports.rules.identify(message.token)
        except Refusal as refusal:
            self.bye(refusal.code, refusal.text)
            return
        if (fresh.person, fresh.scope, fresh.seat) != (self._bearer.person, self._bearer.scope, self._bearer.seat):
            raise Refusal(Code.FORBIDDEN, "expected a token of the same person and room")
        self._bearer = fresh
        self.deadline = fresh.expires / 1000 - self._hub.now() / 1000 + self._ports.clock()

    def _watch(self, message: m.Watch) -> None:
        assert self._bearer is not None
        assert self._bucket is not None
        if not self._bucket.take(self._ports.clock()):
            raise Refusal(Code.RATE_LIMITED)
        if self._bearer.is_screen:
            raise Refusal(Code.FORBIDDEN, _SHOWS)
        self._ports.spawn(self._ports.watchers.watch(self, self._bearer, message.id, message.streams))

    def _seen(self, message: m.Seen) -> None:
        assert self._bearer is not None
        assert self._bucket is not None
        if not self._bucket.take(self._ports.clock()):
            raise Refusal(Code.RATE_LIMITED)
        place = self._streams.get(message.stream)
        if not isinstance(place, _Joined) or place.follower.screen:
            raise Refusal(Code.NOT_JOINED)
        room = place.channel.room
        last = room.model.last(room.layers.state)
        if last is None:
            raise Refusal(Code.INVALID, "expected a stream in which people read one after the other")
        # What a client says that is ahead, by a restored database say, would keep what comes from being unread.
        self._ports.reading.seen(Position(self._bearer.person, message.stream, min(message.n, last), message.back))

    def _in_stream(self, message: m.Do | m.Ask | m.Signal) -> None:
        place = self._streams.get(message.stream)
        match place:
            case None:
                raise Refusal(Code.NOT_JOINED)
            case _Opening():
                if len(place.queue) >= QUEUED:
                    raise Refusal(Code.RATE_LIMITED, "expected fewer messages while the room opens")
                place.queue.append(message)
            case _Joined():
                self._perform(place, message)
            case _:
                assert_never(place)

    def _perform(self, joined: _Joined, message: m.Do | m.Ask | m.Signal) -> None:
        assert self._bearer is not None
        assert self._bucket is not None
        allowed = self._bucket.take(self._ports.clock())
        match message:
            case m.Do():
                if not allowed:
                    raise Refusal(Code.RATE_LIMITED)
                if joined.follower.screen:
                    raise Refusal(Code.FORBIDDEN, _SHOWS)
                command = joined.channel.room.model.typed(message.cmd, message.args)
                key = self._hub.key(message.stream, self._bearer.person, message.id)
                answer = partial(self._answered, joined, message.id)
                joined.channel.submit(
                    Submission(
                        message.id,
                        self._bearer.person,
                        key,
                        command,
                        answer,
                        joined.follower,
                        again=message.again is True,
                    )
                )
            case m.Ask():
                if not allowed:
                    raise Refusal(Code.RATE_LIMITED)
                if self._bearer.is_screen:
                    raise Refusal(Code.FORBIDDEN, _SHOWS)
                self._ports.spawn(self._answer(message))
            case m.Signal():
                if allowed and not joined.follower.screen:
                    joined.channel.signal(joined.follower, message.kind, message.data)
            case _:
                assert_never(message)

    def _answered(self, joined: _Joined, id: str, outcome: int | Refusal) -> None:
        """A command's answer; those of one batch leave in one write."""
        if self.gone:
            return
        if not self._acks:
            asyncio.get_running_loop().call_soon(self._send_acks)
        if isinstance(outcome, Refusal):
            self._acks += self._framed(self._refused(id, outcome))
        else:
            # The room may have been joined again since; who follows it now is owed the cursor (SPEC D3).
            place = self._streams.get(joined.channel.room.stream)
            now = place if isinstance(place, _Joined) else joined
            self._acks += now.channel.answer(now.follower, id, outcome)

    def _send_acks(self) -> None:
        acks, self._acks = self._acks, b""
        if acks:
            self._peer.write(acks)

    # Joining and leaving.

    def _join(self, message: m.Join) -> None:
        bearer = self._bearer
        assert bearer is not None
        if message.stream not in self._streams and len(self._streams.keys() | (self._parted or {}).keys()) >= STREAMS:
            self.refuse(message.stream, Refusal(Code.TOO_MANY, f"expected at most {STREAMS} rooms on one connection"))
            return
        queue = self._part(message.stream)
        screen = message.as_ == "screen" or bearer.is_screen
        channel = self._hub.get(message.stream)
        if channel is not None and self._ports.admission.is_in(bearer, channel):
            since = message.since
            if since is None or since.seq <= channel.room.layers.seq:
                self._perform_all(self._follow(message, channel, screen), queue)
                return
        opening = self._streams[sys.intern(message.stream)] = _Opening(queue)
        self._ports.spawn(self._open(message, bearer, opening, screen))

    async def _open(self, message: m.Join, bearer: Bearer, opening: _Opening, screen: bool) -> None:
        # What this member has seen elsewhere must be known here before he is answered.
        at_least = message.since.seq if message.since is not None else 0
        try:
            channel = await self._ports.admission.enter(bearer, message.stream, at_least)
        except (Refusal, JournalError) as error:
            if self._streams.get(message.stream) is opening and not self.gone:
                del self._streams[message.stream]
                refusal = error if isinstance(error, Refusal) else Refusal(Code.UNAVAILABLE)
                self.refuse(message.stream, refusal)
                self._refuse_all(message.stream, opening.queue, refusal if refusal.retry else Refusal(Code.NOT_JOINED))
            return
        if self._streams.get(message.stream) is not opening or self.gone:
            return
        parent = channel.room.model.parent(channel.room.layers.state)
        if parent and not isinstance(self._streams.get(parent), _Joined):
            # Who goes there is told so there, and here with it.
            self._leave(message.stream)
            self.refuse(message.stream, Refusal(Code.NOT_JOINED, f"expected `join` of {parent} first"))
            return
        self._perform_all(self._follow(message, channel, screen), opening.queue)

    def _perform_all(self, joined: _Joined, queue: Iterable[m.Do | m.Ask | m.Signal]) -> None:
        """What waited for the room, in order."""
        for waiting in queue:
            try:
                self._perform(joined, waiting)
            except Refusal as refusal:
                self.refuse(_request_id(msgspec.to_builtins(waiting)), refusal)

    def _follow(self, message: m.Join, channel: Channel, screen: bool) -> _Joined:
        stream = sys.intern(message.stream)  # one for the thousands who follow it
        follower = self._unparted(stream)
        follower.screen = screen
        joined = self._streams[stream] = _Joined(channel, follower)
        channel.join(follower, message.since)
        return joined

    def _unparted(self, stream: str) -> Follower:
        """One for all joins of a stream, and none for two of them: who is a host here may be a participant there."""
        if self._parted and stream in self._parted:
            return self._parted.pop(stream)
        assert self._bearer is not None
        return Follower(self._peer, self._bearer.person, screen=False, ended=self._ended, stream=stream)

    def _keep(self, follower: Follower) -> None:
        """For the next join of its stream."""
        self._parted = {**(self._parted or {}), follower.stream: follower}

    def _ended(self, stream: str, code: Code) -> None:
        """A room cannot be followed here any more, nor can what stands under it; the others can, unless this worker itself is at fault."""
        over = [stream, *self._under(stream)]
        if TABLE[code].retry or self._streams.keys() <= set(over):
            self.bye(code)
        elif not self.gone:
            self._leave(stream)
            for each in over:
                self.refuse(each, Refusal(code))

    def _under(self, stream: str) -> list[str]:
        """What is followed of the streams under one."""
        followed = [(each, place.channel.room) for each, place in self._streams.items() if isinstance(place, _Joined)]
        return [each for each, room in followed if room.model.parent(room.layers.state) == stream]

    def _leave(self, stream: str) -> None:
        for each in self._under(stream):
            self._leave(each)
        self._refuse_all(stream, self._part(stream), Refusal(Code.NOT_JOINED))
        if self._parted and stream in self._parted and not self._parted[stream].holds:
            del self._parted[stream]

    def _part(self, stream: str) -> "deque[m.Do | m.Ask | m.Signal]":
        """Follow no more; what was said while the room was being opened is handed over."""
        place = self._streams.pop(stream, None)
        if isinstance(place, _Joined):
            place.channel.leave(place.follower)
            self._keep(place.follower)
        return place.queue if isinstance(place, _Opening) else deque()

    def _refuse_all(self, stream: str, queue: Iterable[m.Do | m.Ask | m.Signal], refusal: Refusal) -> None:
        """What waited for a room that is not joined after all."""
        for waiting in queue:
            if isinstance(waiting, m.Do) and refusal.retry:
                follower = self._unparted(stream)
                follower.holds = refused(follower.holds, waiting.id, 0)
                self._keep(follower)
            if not isinstance(waiting, m.Signal):
                self.refuse(waiting.id, refusal)

    # Asking.

    async def _answer(self, message: m.Ask) -> None:
        try:
            assert self._bearer is not None
            asking = queries.Asking(self._hub, self._bearer.person, message.stream)
            answer = await queries.answer(self._ports.queries, asking, message)
        except Refusal as refusal:
            self.refuse(message.id, refusal)
        except JournalError:
            self.refuse(message.id, Refusal(Code.UNAVAILABLE))
        else:
            self.send(answer)

    # What goes out.

    def send(self, message: m.ServerMessage) -> None:
        if not self.gone:
            self._peer.write(self._framed(message))

    def beat(self) -> None:
        joined = {stream: j.channel.cursor(j.follower) for stream, j in self._streams.items() if isinstance(j, _Joined)}
        self.send(m.Beat(self._hub.now(), joined))

    def bye(self, code: Code, text: str = "", reconnect: m.Window | None = None) -> None:
        """The last word, then the close (SPEC W7)."""
        if self.gone:
            return
        if reconnect is None and TABLE[code].retry:
            reconnect = WINDOW
        self._note(code)
        self._send_acks()
        self.send(m.Bye(code.value, text or TABLE[code].text, reconnect))
        self.gone = True
        for stream in list(self._streams):
            self._leave(stream)
        self._peer.close(CLOSE_CODES.get(code, 1008), code.value)

    def cut(self) -> None:
        """What it said it was with `hello` has been ended."""
        self.bye(Code.UNAUTHORIZED, "this login has been ended")

    def expire(self) -> None:
        """The deadline has passed: for `hello`, or of the token."""
        self.bye(Code.EXPIRED if self._bearer else Code.HELLO_REQUIRED)

    def refuse(self, id: str, refusal: Refusal) -> None:
        self.send(self._refused(id, refusal))

    def _refused(self, id: str, refusal: Refusal) -> m.Refused:
        self._note(refusal.code)
        return m.Refused(id, refusal.code.value, refusal.text, refusal.retry)

    def _note(self, code: Code) -> None:
        """Log what this peer did wrong, each fault once: he may repeat it as often as he likes. The words are the table's, not his."""
        if (code is Code.RATE_LIMITED or not TABLE[code].retry) and code not in self._noted:
            self._noted |= {code}
            address = self._peer.address
            self._ports.complaints.of(address, f"%s: {code.value}, {TABLE[code].text}", address)

    def _framed(self, message: Any) -> bytes:
        encoding = self._peer.encoding
        return encoding.frame(codec.encode(message, encoding.codec))


def _request_id(fields: dict[str, Any]) -> str:
    """What a refusal names: the request, or the stream that was to be joined (SPEC S11); "" where neither can be told."""
    name, longest = ("stream", 80) if fields.get("t") in ("join", "seen") else ("id", 64)
    id = fields.get(name)
    return id if isinstance(id, str) and len(id) <= longest and id.isascii() and id.isprintable() else ""
