"""What lies between a client and its worker, and between workers: a stream of bytes as TCP gives it, and a bus that may lose all."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from protocol.codec import encode
from protocol.version import MSGPACK
from server.bus.port import MESSAGE_BYTES, Listener
from server.session.session import Session
from server.wire.encoding import BINARY

_decode = msgspec.msgpack.Decoder().decode


class Receiver(Protocol):
    """A client's end of a link."""

    def heard(self, payload: bytes, message: dict[str, Any]) -> None:
        """A message has come."""

    def lost(self, link: "Link") -> None:
        """Nothing more will come over this link."""


class Link:
    """One connection. What was written arrives late, in order, once; or not at all when it is cut. The server's `Peer`.

    Args:
        latency: longest time on the way, in seconds.
        inside: calls what happens in the worker's process.

    Attributes:
        slow: while true the client reads nothing: bytes wait.
        frozen: while true the worker neither reads nor writes.
    """

    def __init__(
        self, receiver: Receiver, chance: random.Random, latency: float, inside: Callable[[Callable[[], None]], None]
    ) -> None:
        self.encoding = BINARY
        self.address = "127.0.0.1"
        self.session: Session | None = None
        self.slow = self.frozen = self.dead = False
        self._receiver: Receiver | None = receiver
        self._chance = chance
        self._latency = latency
        self._inside = inside
        self._down: deque[bytes | None] = deque()
        self._up: deque[bytes | None] = deque()
        self._waiting = 0
        self._down_at = self._up_at = 0.0
        self._loop = asyncio.get_running_loop()

    @property
    def is_open(self) -> bool:
        return self._receiver is not None

    # The server's end.

    def write(self, frames: bytes) -> int:
        if self.dead or self._receiver is None:
            return 0
        self._carry_down(frames)
        self._waiting += len(frames)
        return self._waiting if self.slow or self.frozen else 0

    def close(self, code: int, reason: str) -> None:
        self._carry_down(None)
        self._loop.call_soon(self._closed)

    def _closed(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            session.closed()

    # The client's end.

    def send(self, message: Any) -> None:
        if self._receiver is not None:
            self._carry_up(encode(message, MSGPACK))

    def hang_up(self) -> None:
        """The client is gone at once; the worker hears of it later."""
        self._receiver = None
        self._down.clear()
        self._carry_up(None)

    def read_again(self) -> None:
        self.slow = False
        self._deliver()

    # What happens to it.

    def cut(self) -> None:
        """The network has lost it: what was under way is gone, and each end hears of it in its own time."""
        receiver, self._receiver = self._receiver, None
        self._down.clear()
        self._up.clear()
        self._carry_up(None)
        if receiver is not None:
            self._loop.call_later(self._delay(), receiver.lost, self)

    def die(self) -> None:
        """The worker's process has ended."""
        self.dead = True
        self.session = None
        self.cut()

    def thaw(self) -> None:
        self.frozen = False
        self._deliver()
        while self._up:
            self._arrive_up()

    def _delay(self) -> float:
        # Its own chance, and never quite as long as another's: so the order of a set of links decides nothing.
        return self._chance.uniform(1e-6, 1e-5 + self._latency)

    def _carry_down(self, frames: bytes | None) -> None:
        self._down.append(frames)
        self._down_at = max(self._down_at, self._loop.time() + self._delay())
        self._loop.call_at(self._down_at, self._arrive_down)

    def _carry_up(self, payload: bytes | None) -> None:
        self._up.append(payload)
        self._up_at = max(self._up_at, self._loop.time() + self._delay())
        self._loop.call_at(self._up_at, self._arrive_up)

    def _arrive_down(self) -> None:
        if not self.slow and not self.frozen and self._down:
            self._read(self._down.popleft())

    def _deliver(self) -> None:
        while self._down and not self.slow and not self.frozen:
            self._read(self._down.popleft())
        if self.session is not None and not self.slow and not self.frozen:
            self._waiting = 0
            self.session.drained()

    def _read(self, frames: bytes | None) -> None:
        receiver = self._receiver
        if receiver is None:
            return
        if frames is None:
            self._receiver = None
            receiver.lost(self)
            return
        self._waiting = max(0, self._waiting - len(frames))
        at, end = 0, len(frames)
        while at < end and self._receiver is not None:
            size, at = frames[at + 1], at + 2
            if size == 126:
                size, at = int.from_bytes(frames[at : at + 2], "big"), at + 2
            elif size == 127:
                size, at = int.from_bytes(frames[at : at + 8], "big"), at + 8
            payload, at = frames[at : at + size], at + size
            receiver.heard(payload, _decode(payload))

    def _arrive_up(self) -> None:
        if self.frozen or not self._up:
            return
        payload = self._up.popleft()
        if payload is None:
            self._closed()
        elif (session := self.session) is not None:
            self._inside(lambda: session.received(payload, True))


class Broker:
    """The bus of several workers: loses, doubles, delays and reorders.

    Attributes:
        down: while true everything is lost.
        careless: the share of messages lost, and of those doubled.
    """

    def __init__(self, chance: random.Random) -> None:
        self.ends: dict[BrokerBus, None] = {}
        self.down = False
        self.careless = 0.1
        self.latency = 0.02
        self._chance = chance

    def carry(self, channel: str, message: bytes) -> None:
        loop = asyncio.get_running_loop()
        for end in list(self.ends):
            lot = self._chance.random()
            for _ in range(0 if self.down or lot < self.careless else 2 if lot < 2 * self.careless else 1):
                loop.call_later(self._chance.random() * self.latency, end.hear, channel, message)

    def announce(self) -> None:
        """Tell the workers, as a broken connection does."""
        for end in list(self.ends):
            end.doubt(self.down)


class BrokerBus:
    """One worker's end; see `port.Bus`."""

    def __init__(self, broker: Broker) -> None:
        self.channels: set[str] = set()
        self.frozen = False
        self._broker = broker
        self._listener: Listener | None = None
        self._unheard: list[tuple[str, bytes]] = []

    async def open(self, listener: Listener) -> None:
        self._listener = listener
        self._broker.ends[self] = None

    async def close(self) -> None:
        self.die()

    def die(self) -> None:
        self._listener = None
        self._broker.ends.pop(self, None)

    async def subscribe(self, channel: str) -> None:
        await asyncio.sleep(0)
        self.channels.add(channel)

    async def unsubscribe(self, channel: str) -> None:
        self.channels.discard(channel)

    def publish(self, channel: str, message: bytes) -> None:
        if len(message) > MESSAGE_BYTES:
            raise ValueError(f"expected at most {MESSAGE_BYTES} bytes; got {len(message)}")
        if self._listener is not None:
            self._broker.carry(channel, message)

    def hear(self, channel: str, message: bytes) -> None:
        if self._listener is None or channel not in self.channels:
            return
        if self.frozen:
            self._unheard.append((channel, message))
        else:
            self._listener.heard(channel, message)

    def doubt(self, doubtful: bool) -> None:
        if self._listener is not None:
            self._listener.doubtful(doubtful)

    def thaw(self) -> None:
        self.frozen = False
        unheard, self._unheard = self._unheard, []
        for channel, message in unheard:
            self.hear(channel, message)
