"""A live room: a conversation held over a WebSocket that comes and goes.

`websockets` keeps the connection alive: it pings so often that both sides have sent something within 20 seconds, and gives up one
that has not answered for long (W6). What is here is the hello, the farewell, the way back (W4 to W8) and the tokens.
"""

import asyncio
import json
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from client_demo.python.sdk.conversation import Change, Conversation
from client_demo.python.sdk.errors import Refused, Unreachable
from client_demo.python.sdk.http import refresh_token, wire_address
from client_demo.python.sdk.replica import Message, Record
from client_demo.python.sdk.token import Token
from protocol.codec import encode
from protocol.messages import Do, Hello, Refresh, Signal
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


class Room:
    """A room as one member, or a screen, sees it; see `connect`.

    Attributes:
        me: who I am; None before the first welcome, and on a screen's connection nobody that others know.
    """

    def __init__(self, server: str, token: str, *, screen: bool = False) -> None:
        self._server = server
        self._address = wire_address(server)
        self._token = Token(token)
        self._conversation = Conversation(self._token.room, screen=screen)
        self._socket: ClientConnection | None = None
        self._stirred = asyncio.Event()
        self._listeners: set[_Listener] = set()
        self._following = asyncio.Event()
        self._ended: Refused | None = None
        self._ahead = time.time() - time.monotonic()
        """How far the server's clock is ahead of the one that nobody sets; before the first welcome this machine's."""
        self._attempts = 0
        self.me: Message | None = None

    async def __aenter__(self) -> Self:
        """Returns when the room is there. Raises Refused when it never will be."""
        self._task = asyncio.create_task(self._live(), name="room")
        waiting = asyncio.create_task(self._following.wait())
        try:
            await asyncio.wait({self._task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            # Whoever does not get in is not seen out, even where the room came in that very turn.
            await self._stop()
            raise
        finally:
            waiting.cancel()
        if not self._following.is_set():
            await self._stop()
        if self._ended is not None:
            raise self._ended
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        self._task.cancel()
        try:
            await self._task
        except asyncio.CancelledError:
            pass

    # What is shown.

    @property
    def id(self) -> str:
        return self._conversation.stream

    @property
    def token(self) -> str:
        """The newest: what restores this member for another day."""
        return self._token.value

    @property
    def online(self) -> bool:
        """Whether records are followed now; what is shown stays readable, and commands wait, while they are not."""
        return self._conversation.following

    @property
    def present(self) -> frozenset[str]:
        """Ids of the members present, as far as they are named (P1)."""
        return frozenset(self._conversation.present)

    @property
    def count(self) -> int:
        """How many people are present."""
        return self._conversation.count

    def get(self, id: str) -> Record | None:
        """A record as it is shown now, my unacknowledged commands included."""
        return self._conversation.get(id)

    def all(self, kind: str) -> list[Record]:
        """All records of a kind in their order: `room`, `member`, `zone`, `idea`, `message`."""
        return self._conversation.all(kind)

    async def __aiter__(self) -> AsyncIterator[Change]:
        """What changes, merged while nobody looks; the first says that all may have. Ends by raising Refused when the room does."""
        listener = _Listener(Change(None))
        self._listeners.add(listener)
        try:
            while True:
                yield await listener.next()
                if self._ended is not None:
                    raise self._ended
        finally:
            self._listeners.discard(listener)

    async def until(self, condition: Callable[["Room"], bool]) -> None:
        """Wait until what is shown makes a condition true."""
        async for _ in self:
            if condition(self):
                return

    # What is done.

    def do(self, cmd: str, /, **args: Any) -> Awaitable[int]:
        """Give a command (C): it is drawn at once, and sent until it is answered, over however many connections.

        Returns:
            Awaited, it gives the seq of its `done` or raises Refused; awaiting it is not needed for it to be done.
        """
        _check(args)  # raises here, before the caller has gone on
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(_seen)
        if self._ended is not None:
            answer.set_exception(self._ended)
            return answer
        self._tell(self._conversation.do(cmd, args, round(time.time() * 1000), lambda given: _resolve(answer, given)))
        self._stirred.set()
        return answer

    async def ask(self, query: str, /, **args: Any) -> tuple[list[Record], bool]:
        """Ask (Q): the records found, and whether there are more. Raises Refused, also when the connection goes."""
        _check(args)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._conversation.ask(query, args, lambda given: _resolve(answer, given))
        self._stirred.set()
        message = await answer
        return list(message["items"]), bool(message.get("more"))

    async def signal(self, kind: str, /, **fields: Any) -> None:
        """Show the others something that is not kept (P2); dropped while not online."""
        _check(fields)
        if self._socket is not None and self.online:
            try:
                await self._socket.send(encode(Signal(self.id, kind, fields), MSGPACK))
            except WebSocketException:
                pass  # signals may be lost

    # The connections.

    async def _live(self) -> None:
        """One connection after another, until one says that there is no next."""
        try:
            while self._ended is None:
                welcomed = time.monotonic()
                try:
                    window = await self._connection()
                except (WebSocketException, OSError, TimeoutError, Unreachable) as error:
                    log.info("connection lost: %s", error)
                    window = None
                self._attempts = 1 if time.monotonic() - welcomed > LASTING else self._attempts + 1
                if self._ended is None:
                    await asyncio.sleep(backoff(self._attempts) if window is None else random.uniform(*window))
        finally:
            self._end(Refused("closed", "the room was left", retry=True) if self._ended is None else self._ended)

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
            await socket.send(encode(Hello(self._token.value, CLIENT), MSGPACK))
            async with asyncio.timeout(OPENING):
                message = _read(await socket.recv(decode=False))
            if message["t"] == "bye":
                return await self._farewell(message)
            self._welcome(message)
            self._socket = socket
            try:
                return await self._converse(socket)
            finally:
                self._socket = None
                self._conversation.disconnected()
                self._tell(Change(people=True))

    def _welcome(self, message: Message) -> None:
        self.me = message["me"]
        self._ahead = message["now"] / 1000 - time.monotonic()
        self._conversation.welcomed(message, time.monotonic())

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
            if self._ended is not None:
                return None

    def _take(self, message: Message) -> None:
        self._tell(self._conversation.receive(message, time.monotonic()))
        if self._conversation.following:
            self._following.set()
        if self._conversation.refused is not None:
            self._ended = self._conversation.refused
        self._stirred.set()

    async def _send(self, socket: ClientConnection) -> None:
        while True:
            self._stirred.clear()
            for message in self._conversation.outgoing(time.monotonic()):
                frame = encode(message, MSGPACK)
                if isinstance(message, Do) and len(frame) > FRAME_BYTES:
                    refused = {"t": "refused", "id": message.id, "code": "too_large", "text": "", "retry": False}
                    self._take(refused)
                else:
                    await socket.send(frame)
            try:
                async with asyncio.timeout(self._conversation.pause(time.monotonic())):
                    await self._stirred.wait()
            except TimeoutError:
                pass

    async def _farewell(self, bye: Message) -> tuple[float, float] | None:
        """W7: the window that it names, or the end; after `expired` a fresh token may do."""
        if bye["code"] == "expired":
            await self._refresh()
            return None
        if bye["reconnect"] is None:
            self._ended = Refused(bye["code"], bye["text"])
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
                await socket.send(encode(Refresh(self._token.value), MSGPACK))
            elif self._ended is not None:
                return
            # Not at once, even where the fresh one is as short-lived: a request per turn would help nobody.
            await asyncio.sleep(REFRESH_PAUSE * random.uniform(0.5, 1.0))

    async def _refresh(self) -> bool:
        """Fetch a fresh token. False when that did not work; the room has ended when it never will."""
        try:
            self._token = Token(await refresh_token(self._server, self._token.value))
        except Unreachable:
            return False
        except Refused as refused:
            if not refused.retry:
                self._ended = refused
            return False
        return True

    # Those who wait.

    def _tell(self, change: Change) -> None:
        if change:
            for listener in self._listeners:
                listener.tell(change)

    def _end(self, why: Refused) -> None:
        self._ended = why
        for command in self._conversation.outbox:
            if command.seq is None:
                command.answered(why)
        for listener in self._listeners:
            listener.tell(Change(None))


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
    return Room(server, token, screen=screen)


def backoff(attempt: int) -> float:
    """Seconds before the n-th attempt to reconnect, from 1: full jitter, so that a room full of phones does not come back at once (W8)."""
    return random.uniform(0, min(20.0, 0.5 * 2.0 ** min(attempt, 10)))


class _Listener:
    """One who iterates: what he has not seen yet, in one piece."""

    def __init__(self, first: Change) -> None:
        self._change = first
        self._told = asyncio.Event()
        self._told.set()

    def tell(self, change: Change) -> None:
        self._change.add(change)
        self._told.set()

    async def next(self) -> Change:
        await self._told.wait()
        self._told.clear()
        change, self._change = self._change, Change()
        return change


def _read(frame: bytes) -> Message:
    message: Message = msgspec.msgpack.decode(frame)
    return message


def _resolve(answer: "asyncio.Future[Any]", given: Any) -> None:
    if answer.done():
        return  # whoever waited has gone
    if isinstance(given, Refused):
        answer.set_exception(given)
    else:
        answer.set_result(given)


def _seen(answer: "asyncio.Future[int]") -> None:
    """A command need not be awaited; its refusal is no unhandled error then."""
    if not answer.cancelled():
        answer.exception()


def _check(args: dict[str, Any]) -> None:
    """Raise for what no frame can carry, whichever its codec (X1): a ValueError for NaN and infinite numbers."""
    encode(args, MSGPACK)
    json.dumps(args, allow_nan=False, default=str)
