"""One connection, and the streams on it (SPEC.md, S13 and S14): each is joined anew whenever it is back, and given what is of it.

`websockets` keeps the connection alive: it pings so often that both sides have sent something within 20 seconds, and gives up one
that has not answered for long (W6). What is here is the hello, the farewell, the way back (W4 to W8) and the tokens.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from client_demo.python.sdk.errors import Refused, Unreachable
from client_demo.python.sdk.http import refresh_token, wire_address
from client_demo.python.sdk.listening import Listener
from client_demo.python.sdk.rate import Rate
from client_demo.python.sdk.replica import Message
from client_demo.python.sdk.room import Room, resolve, seen
from client_demo.python.sdk.token import Token
from client_demo.python.sdk.watch import Heard, Watch
from protocol import messages as m
from protocol.codec import encode
from protocol.version import FRAME_BYTES, MSGPACK

log = logging.getLogger("palabre.client")

OPENING: Final = 10.0
"""Seconds that a connection may take, and then its welcome."""

PING: Final = 18
PONG: Final = 25
"""Seconds between two pings, and until a connection that answers none is given up: 43 in all (W6)."""

LASTING: Final = 10.0
"""A connection that lasted so many seconds starts the count of attempts anew (W8)."""

ANSWER_BYTES: Final = 4 * 1024 * 1024
"""Largest message of the server: a page of history is the longest."""

REFRESH_PAUSE: Final = 30.0
"""Seconds between two attempts at a fresh token."""

CLIENT: Final = "palabre-python/0.1"


class Client:
    """One connection of a person, on which several streams may be followed and others watched, whatever the network does.

        async with Client("http://localhost:8000", token) as client, client.open(here) as room, client.open(there) as other:
            await client.watch([elsewhere])

    Args:
        server: its address, as in a browser.
        token: opens the streams; kept fresh.

    Attributes:
        me: who I am; None before the first welcome, and on a screen's connection nobody that others know.
        ended: why there is no connection any more, once there never will be.
    """

    def __init__(self, server: str, token: str) -> None:
        self.me: Message | None = None
        self.ended: Refused | None = None
        self.rate = Rate()
        self._server = server
        self._address = wire_address(server)
        self._token = Token(token)
        self._rooms: dict[str, Room] = {}
        self._leaving: list[m.Leave] = []
        self._watch = Watch(random.random)
        self._asked: dict[str, Room | Watch] = {}
        """Who asked, by the id of what is unanswered on this connection: answers do not name a stream."""
        self._socket: ClientConnection | None = None
        self._welcome: Message | None = None
        """Of this connection."""
        self._stirred = asyncio.Event()
        self._welcomed = asyncio.Event()
        self._listeners: set[Listener[Heard]] = set()
        self._ahead = time.time() - time.monotonic()
        """How far the server's clock is ahead of the one that nobody sets; before the first welcome this machine's."""
        self._attempts = 0
        self.task: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        """Returns when the connection is there. Raises Refused when it never will be."""
        self.start()
        await self.entered(self._welcomed)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def scope(self) -> str:
        """The stream that the token opens, if it is one."""
        return self._token.room

    @property
    def token(self) -> str:
        """The newest: what restores this member for another day."""
        return self._token.value

    @property
    def online(self) -> bool:
        """Whether there is a connection now."""
        return self._welcome is not None

    def open(self, stream: str, *, screen: bool = False) -> Room:
        """Follow a stream that the token opens, for as long as an `async with` of what this returns lasts.

        Args:
            screen: see what the projector sees, whatever the token allows.

        Raises:
            Refused: on entering, when the server does not let us in; no other stream ends by it.
        """
        return Room(self, stream, screen=screen)

    async def watch(self, streams: Sequence[str]) -> list[str]:
        """Hear of these streams, instead of those before, without following them (S14); over whatever connections.

        Returns:
            Those of them that I may hear of. Raises Refused.
        """
        answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(seen)
        if self.ended is not None:
            raise self.ended
        self._watch.set(streams, time.monotonic(), lambda given: resolve(answer, given))
        self.stir()
        return await answer

    async def news(self) -> AsyncIterator[Heard]:
        """What is new in what is watched, merged while nobody looks. Ends by raising Refused when the connection does."""
        listener = Listener(Heard(), Heard)
        self._listeners.add(listener)
        try:
            while True:
                heard = await listener.next()
                if self.ended is not None:
                    raise self.ended
                yield heard
        finally:
            self._listeners.discard(listener)

    # For rooms.

    def start(self) -> None:
        self.task = asyncio.create_task(self._live(), name="palabre client")

    async def entered(self, there: asyncio.Event) -> None:
        """Wait until something is there, for whoever started the connection. Raises Refused when it never will be."""
        waiting = asyncio.create_task(there.wait())
        try:
            await asyncio.wait({self.task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            # Whoever does not get in is not seen out, even where it came in that very turn.
            await self.stop()
            raise
        finally:
            waiting.cancel()
        if not there.is_set():
            await self.stop()
        if self.ended is not None:
            raise self.ended

    async def stop(self) -> None:
        self.task.cancel()
        try:
            await self.task
        except asyncio.CancelledError:
            pass

    def join(self, room: Room) -> None:
        """Raises ValueError where its stream is followed already."""
        if room.id in self._rooms:
            raise ValueError(f"expected a stream that is not open; got {room.id}")
        self._rooms[room.id] = room
        if self._welcome is not None:
            room.welcomed(self._welcome, time.monotonic())
            self.stir()

    def leave(self, room: Room) -> None:
        if self._rooms.get(room.id) is not room:
            return
        del self._rooms[room.id]
        self._asked = {id: asking for id, asking in self._asked.items() if asking is not room}
        if self._welcome is not None:
            self._leaving.append(m.Leave(room.id))
            self.stir()

    def end(self, why: Refused) -> None:
        """No connection is needed any more."""
        self.ended = self.ended or why

    def stir(self) -> None:
        """There may be something to send."""
        self._stirred.set()

    async def signal(self, message: m.Signal) -> None:
        if self._socket is not None:
            try:
                await self._socket.send(encode(message, MSGPACK))
            except WebSocketException:
                pass  # signals may be lost

    # The connections.

    async def _live(self) -> None:
        """One connection after another, until one says that there is no next."""
        try:
            while self.ended is None:
                welcomed = time.monotonic()
                try:
                    window = await self._connection()
                except (WebSocketException, OSError, TimeoutError, Unreachable) as error:
                    log.info("connection lost: %s", error)
                    window = None
                self._attempts = 1 if time.monotonic() - welcomed > LASTING else self._attempts + 1
                if self.ended is None:
                    await asyncio.sleep(backoff(self._attempts) if window is None else random.uniform(*window))
        finally:
            self._over(Refused("closed", "the room was left", retry=True) if self.ended is None else self.ended)

    def _over(self, why: Refused) -> None:
        self.ended = why
        self._watch.end(why)
        for room in list(self._rooms.values()):
            room.end(why)
        for listener in self._listeners:
            listener.wake()

    async def _connection(self) -> tuple[float, float] | None:
        """One, until it breaks or the server says farewell; then the window (seconds) in which to come back, if it named one."""
        fresh_for = self._token.fresh_for(self._server_now())
        if fresh_for is not None and fresh_for <= 0 and not await self._refresh():
            return None
        async with open_socket(
            self._address,
            subprotocols=[Subprotocol(MSGPACK)],
            compression=None,
            open_timeout=OPENING,
            ping_interval=PING,
            ping_timeout=PONG,
            close_timeout=1,
            max_size=ANSWER_BYTES,
        ) as socket:
            await socket.send(encode(m.Hello(self._token.value, CLIENT), MSGPACK))
            async with asyncio.timeout(OPENING):
                message = _read(await socket.recv(decode=False))
            if message["t"] == "bye":
                return await self._farewell(message)
            self._begin(message)
            self._socket = socket
            try:
                return await self._converse(socket)
            finally:
                self._socket = None
                self._disconnected()

    def _begin(self, welcome: Message) -> None:
        now = time.monotonic()
        self.me = welcome["me"]
        self._welcome = welcome
        self._ahead = welcome["now"] / 1000 - now
        for room in self._rooms.values():
            room.welcomed(welcome, now)
        self._watch.welcomed(now)
        self._welcomed.set()

    def _disconnected(self) -> None:
        self._welcome = None
        self._leaving.clear()
        self._asked.clear()
        self._watch.disconnected()
        for room in self._rooms.values():
            room.disconnected()

    async def _converse(self, socket: ClientConnection) -> tuple[float, float] | None:
        """Receive, send and keep the token fresh, until the first of these ends."""
        receiving = asyncio.create_task(self._receive(socket))
        beside = [asyncio.create_task(self._send(socket)), asyncio.create_task(self._keep_fresh(socket))]
        try:
            await asyncio.wait({receiving, *beside}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended = [task for task in (receiving, *beside) if task.done()]
            for task in (receiving, *beside):
                task.cancel()
            await asyncio.gather(receiving, *beside, return_exceptions=True)
        for task in ended:
            task.result()
        return receiving.result() if receiving in ended else None

    async def _receive(self, socket: ClientConnection) -> tuple[float, float] | None:
        while True:
            message = _read(await socket.recv(decode=False))
            if message["t"] == "bye":
                return await self._farewell(message)
            self._take(message)
            if self.ended is not None:
                return None

    def _take(self, message: Message) -> None:
        now = time.monotonic()
        for taking in self._takers(message):
            if isinstance(taking, Room):
                taking.receive(message, now)
            elif heard := taking.receive(message, now):
                for listener in self._listeners:
                    listener.tell(heard)
        self.stir()

    def _takers(self, message: Message) -> Sequence["Room | Watch"]:
        """Whose message it is."""
        if message["t"] == "beat":
            return list(self._rooms.values())
        if message["t"] == "news":
            return [self._watch]
        # A join is refused under the id of its stream (S11), and what has no id is nobody's.
        id = message.get("id", "")
        taking = self._asked.pop(id, None) or self._rooms.get(message.get("stream") or id)
        return [] if taking is None else [taking]

    async def _send(self, socket: ClientConnection) -> None:
        while True:
            self._stirred.clear()
            for asking, message in self._outgoing(time.monotonic()):
                frame = encode(message, MSGPACK)
                if isinstance(message, m.Do | m.Ask | m.Watch):
                    self._asked[message.id] = asking
                    if len(frame) > FRAME_BYTES:
                        refused = {"t": "refused", "id": message.id, "code": "too_large", "text": "", "retry": False}
                        self._take(refused)
                        continue
                await socket.send(frame)
            try:
                async with asyncio.timeout(self._pause(time.monotonic())):
                    await self._stirred.wait()
            except TimeoutError:
                pass

    def _outgoing(self, now: float) -> Iterator[tuple["Room | Watch", Any]]:
        """What is to be sent now, and for whom."""
        leaving, self._leaving = self._leaving, []
        yield from ((self._watch, message) for message in leaving)
        yield from ((self._watch, message) for message in self._watch.outgoing(now))
        for room in list(self._rooms.values()):
            yield from ((room, message) for message in room.outgoing(now))

    def _pause(self, now: float) -> float | None:
        pauses = [self._watch.pause(now), *(room.pause(now) for room in self._rooms.values())]
        return min((pause for pause in pauses if pause is not None), default=None)

    async def _farewell(self, bye: Message) -> tuple[float, float] | None:
        """W7: the window that it names, or the end; after `expired` a fresh token may do."""
        if bye["code"] == "expired":
            await self._refresh()
            return None
        if bye["reconnect"] is None:
            self.ended = Refused(bye["code"], bye["text"])
            return None
        return bye["reconnect"]["min"] / 1000, bye["reconnect"]["max"] / 1000

    # The token.

    def _server_now(self) -> float:
        """Seconds since 1970 by the server's clock, whatever this machine's is set to meanwhile."""
        return time.monotonic() + self._ahead

    async def _keep_fresh(self, socket: ClientConnection) -> None:
        while True:
            left = self._token.fresh_for(self._server_now())
            if left is None:
                await asyncio.get_running_loop().create_future()
            else:
                await asyncio.sleep(max(0.0, left))
            if await self._refresh():
                await socket.send(encode(m.Refresh(self._token.value), MSGPACK))
            elif self.ended is not None:
                return
            # Not at once, even where the fresh one is as short-lived: a request per turn would help nobody.
            await asyncio.sleep(REFRESH_PAUSE * random.uniform(0.5, 1.0))

    async def _refresh(self) -> bool:
        """Fetch a fresh token. False when that did not work; all has ended when it never will."""
        try:
            self._token = Token(await refresh_token(self._server, self._token.value))
        except Unreachable:
            return False
        except Refused as refused:
            if not refused.retry:
                self.ended = refused
            return False
        return True


def connect(server: str, token: str, *, screen: bool = False) -> Room:
    """Join the room of a token and follow it for as long as the `async with` lasts, through whatever the network does.

        entry = await join_room("http://localhost:8000", "BCDFGH", "Nadia Benali")
        async with connect("http://localhost:8000", entry.token) as room:
            await room.do("idea.add", id=new_id("idea"), text="Refuser toute réunion sans ordre du jour")

    Args:
        server: its address, as in a browser.
        token: from `create_room`, `join_room`, `enter_screen` or `come_back`; kept fresh.
        screen: see what the projector sees, whatever the token allows.

    Raises:
        Refused: on entering, when the server does not let us in.
    """
    client = Client(server, token)
    return Room(client, client.scope, screen=screen, alone=True)


def backoff(attempt: int) -> float:
    """Seconds before the n-th attempt to reconnect, from 1: full jitter, so that a room full of phones does not come back at once (W8)."""
    return random.uniform(0, min(20.0, 0.5 * 2.0 ** min(attempt, 10)))


def _read(frame: bytes) -> Message:
    message: Message = msgspec.msgpack.decode(frame)
    return message
