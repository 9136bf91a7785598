"""A live stream: a conversation, for those who wait for what comes of it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import Any, Protocol, Self

from client_demo.python.sdk.conversation import Change, Conversation
from client_demo.python.sdk.errors import Refused
from client_demo.python.sdk.listening import Listener
from client_demo.python.sdk.rate import Rate
from client_demo.python.sdk.replica import Message, Record
from protocol.codec import encode
from protocol.messages import Ask, Do, Join, Signal
from protocol.version import MSGPACK


class Connection(Protocol):
    """What carries it, with others perhaps; see `client.Client`."""

    me: Message | None
    ended: Refused | None
    rate: Rate

    @property
    def token(self) -> str: ...

    def start(self) -> None: ...
    async def entered(self, there: asyncio.Event) -> None: ...
    async def stop(self) -> None: ...
    def join(self, room: "Room") -> None: ...
    def leave(self, room: "Room") -> None: ...
    def end(self, why: Refused) -> None: ...
    def stir(self) -> None: ...
    async def signal(self, message: Signal) -> None: ...


class Room:
    """A stream as one member, or a screen, sees it; see `connect` and `Client.open`.

    Args:
        alone: the connection is for nothing else, and begins and ends with it.
    """

    def __init__(self, client: Connection, stream: str, *, screen: bool = False, alone: bool = False) -> None:
        self._client = client
        self._alone = alone
        self._conversation = Conversation(stream, screen=screen, rate=client.rate)
        self._listeners: set[Listener[Change]] = set()
        self._following = asyncio.Event()
        self._settled = asyncio.Event()
        """It is followed, or never will be."""
        self._ended: Refused | None = None

    async def __aenter__(self) -> Self:
        """Returns when the room is there. Raises Refused when it never will be."""
        self._client.join(self)
        if self._alone:
            self._client.start()
            await self._client.entered(self._following)
        else:
            try:
                await self._settled.wait()
            except asyncio.CancelledError:
                self._part()
                raise
        if self._ended is not None:
            raise self._ended
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._alone:
            await self._client.stop()
        else:
            self._part()

    def _part(self) -> None:
        self._client.leave(self)
        if self._ended is None:
            self.end(Refused("closed", "the room was left", retry=True))

    # What is shown.

    @property
    def id(self) -> str:
        return self._conversation.stream

    @property
    def me(self) -> Message | None:
        """Who I am; None before the first welcome, and on a screen's connection nobody that others know."""
        return self._client.me

    @property
    def token(self) -> str:
        """The newest: what restores this member for another day."""
        return self._client.token

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
        listener = Listener(Change(None), Change)
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
        answer.add_done_callback(seen)
        if self._ended is not None:
            answer.set_exception(self._ended)
            return answer
        self._tell(self._conversation.do(cmd, args, round(time.time() * 1000), lambda given: resolve(answer, given)))
        self._client.stir()
        return answer

    async def ask(self, query: str, /, **args: Any) -> tuple[list[Record], bool]:
        """Ask (Q): the records found, and whether there are more. Raises Refused, also when the connection goes."""
        _check(args)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._conversation.ask(query, args, lambda given: resolve(answer, given))
        self._client.stir()
        message = await answer
        return list(message["items"]), bool(message.get("more"))

    async def signal(self, kind: str, /, **fields: Any) -> None:
        """Show the others something that is not kept (P2); dropped while not online."""
        _check(fields)
        if self.online:
            await self._client.signal(Signal(self.id, kind, fields))

    # For the connection.

    def welcomed(self, welcome: Message, now: float) -> None:
        self._conversation.welcomed(welcome, now)

    def disconnected(self) -> None:
        self._conversation.disconnected()
        self._tell(Change(people=True))

    def outgoing(self, now: float) -> Iterator[Join | Do | Ask]:
        return self._conversation.outgoing(now)

    def pause(self, now: float) -> float | None:
        return self._conversation.pause(now)

    def receive(self, message: Message, now: float) -> None:
        self._tell(self._conversation.receive(message, now))
        if self._conversation.following:
            self._following.set()
            self._settled.set()
        if (refused := self._conversation.refused) is not None:
            # It ends alone, unless there is nothing else that the connection would be for.
            if self._alone:
                self._client.end(refused)
            self._client.leave(self)
            self.end(refused)

    def end(self, why: Refused) -> None:
        """It is followed no more."""
        self._ended = why
        self._conversation.disconnected()
        for command in self._conversation.outbox:
            if command.seq is None:
                command.answered(why)
        for listener in self._listeners:
            listener.tell(Change(None))
        self._settled.set()

    def _tell(self, change: Change) -> None:
        if change:
            for listener in self._listeners:
                listener.tell(change)


def resolve(answer: "asyncio.Future[Any]", given: Any) -> None:
    if answer.done():
        return  # whoever waited has gone
    if isinstance(given, Refused):
        answer.set_exception(given)
    else:
        answer.set_result(given)


def seen(answer: "asyncio.Future[Any]") -> None:
    """An answer need not be awaited; its refusal is no unhandled error then."""
    if not answer.cancelled():
        answer.exception()


def _check(args: dict[str, Any]) -> None:
    """Raise for what no frame can carry, whichever its codec (X1): a ValueError for NaN and infinite numbers."""
    encode(args, MSGPACK)
    json.dumps(args, allow_nan=False, default=str)
