"""Many people in one room, in one process: they write at a rate, and come back from every broken connection."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from client_demo.python.sdk.client import backoff
from client_demo.python.sdk.conversation import Conversation
from client_demo.python.sdk.errors import Refused
from client_demo.python.sdk.http import Entry, create_room, enter_screen, join_room, wire_address
from client_demo.python.sdk.ids import new_id
from protocol.codec import encode
from protocol.messages import Do, Hello
from protocol.version import MSGPACK
from tests.load.wire import Wire
from tests.services.process import HUNG

JOINING = 16
"""So many join over HTTP at a time."""


@dataclass(eq=False, slots=True)
class Given:
    """A command that was given, and what became of it.

    Attributes:
        makes: the id of the thing that it makes, if it does.
        seq: that of its `done`.
        seconds: from giving it to its answer, waits for a dead server included.
    """

    cmd: str
    args: dict[str, Any]
    at: float
    makes: str | None = None
    seq: int | None = None
    refused: Refused | None = None
    seconds: float = 0.0


class Client:
    """One connection after another of one member.

    Attributes:
        given: its commands, in the order given.
        seen: ids of all records that it was ever shown.
        losses: connections lost.
        resent: commands sent again, on another connection.
        farewells: codes of `bye`.
        returns: seconds from each loss to following the room again.
        news_at: when something new last came, by the monotonic clock.
        stillness: longest time between two news since `watch`, in seconds.
        shown_at: when it was first shown what, by id; kept by a witness only.
    """

    def __init__(self, entry: Entry, servers: Sequence[str], first: int, news: asyncio.Event) -> None:
        self.entry = entry
        self.screen = entry.me is None
        self.given: list[Given] = []
        self.seen: set[str] = set()
        self.shown_at: dict[str, float] | None = None
        self.losses = 0
        self.resent = 0
        self._sent: set[str] = set()
        self.farewells: list[str] = []
        self.returns: list[float] = []
        self.stillness = 0.0
        self._lost_at: float | None = None
        self.news_at = time.monotonic()
        self._cursor = 0
        self.conversation = Conversation(entry.room, screen=self.screen)
        self._addresses = [wire_address(server) for server in servers]
        self._next = first
        self._attempts = 0
        self._news = news
        self._loop = asyncio.get_running_loop()
        self._wire: Wire | None = None
        self._welcomed = False
        self._timer: asyncio.TimerHandle | None = None
        self._pump_soon = False
        self._window: tuple[float, float] | None = None
        self._live: asyncio.Task[None] | None = None
        self._gone = asyncio.Event()

    def start(self) -> None:
        self._live = self._loop.create_task(self._connections())

    async def stop(self) -> None:
        if self._live is not None:
            self._live.cancel()
            await asyncio.wait({self._live})
            if not self._live.cancelled():
                self._live.result()

    @property
    def following(self) -> bool:
        return self.conversation.following and not self.conversation.replica.waiting

    def watch(self) -> None:
        """Measure from now on."""
        self.news_at, self.stillness = time.monotonic(), 0.0
        self.returns.clear()

    def _measure(self) -> None:
        now, cursor = time.monotonic(), self.conversation.replica.cursor
        if cursor > self._cursor:
            self.stillness = max(self.stillness, now - self.news_at)
            self.news_at, self._cursor = now, cursor
        if self._lost_at is not None and self.following:
            self.returns.append(now - self._lost_at)
            self._lost_at = None

    def give(self, cmd: str, **args: Any) -> Given:
        made = args.get("id") if cmd in ("idea.add", "message.send", "zone.add") else None
        given = Given(cmd, args, time.monotonic(), made)
        self.given.append(given)
        self.conversation.do(cmd, args, round(time.time() * 1000), lambda answer: self._answered(given, answer))
        self._stir()
        return given

    def cut(self) -> None:
        """Lose the connection without a word."""
        if self._wire is not None:
            self._wire.close()
            self._lost()

    def _answered(self, given: Given, answer: int | Refused) -> None:
        given.seconds = time.monotonic() - given.at
        if isinstance(answer, Refused):
            given.refused = answer
        else:
            given.seq = answer

    async def _connections(self) -> None:
        try:
            while True:
                address = self._addresses[self._next % len(self._addresses)]
                self._next += 1
                self._gone.clear()
                try:
                    self._wire = await Wire.open(address, self._received, self._lost)
                except OSError:
                    pass
                else:
                    self._wire.send(encode(Hello(self.entry.token, "load"), MSGPACK))
                    await self._gone.wait()
                self._attempts += 1
                window, self._window = self._window, None
                await asyncio.sleep(random.uniform(*window) if window else backoff(self._attempts))
        finally:
            if self._wire is not None:
                self._wire.close()
            if self._timer is not None:
                self._timer.cancel()

    def _received(self, message: dict[str, Any]) -> None:
        match message["t"]:
            case "welcome":
                self._welcomed, self._attempts = True, 0
                self.conversation.welcomed(message, self._loop.time())
            case "bye":
                self.farewells.append(message["code"])
                window = message["reconnect"]
                assert window is not None, f"sent away: {message}"
                self._window = window["min"] / 1000, window["max"] / 1000
            case _:
                change = self.conversation.receive(message, self._loop.time())
                ids = self.conversation.replica.shared.keys() if change.ids is None else change.ids
                self.seen |= ids
                if self.shown_at is not None:
                    self.shown_at |= dict.fromkeys(ids - self.shown_at.keys(), time.monotonic())
                self._measure()
        self._stir()
        self._news.set()

    def _lost(self) -> None:
        self.losses += 1
        if self._lost_at is None:
            self._lost_at = time.monotonic()
        self._wire, self._welcomed = None, False
        self.conversation.disconnected()
        self._gone.set()

    def _stir(self) -> None:
        """Send once what this turn of the loop has made sendable."""
        if not self._pump_soon:
            self._pump_soon = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        self._pump_soon = False
        if self._wire is None or not self._welcomed:
            return
        now = self._loop.time()
        for message in self.conversation.outgoing(now):
            if isinstance(message, Do):
                self.resent += message.id in self._sent
                self._sent.add(message.id)
            self._wire.send(encode(message, MSGPACK))
        pause = self.conversation.pause(now)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if pause is None else self._loop.call_later(pause, self._pump)


class Swarm:
    """A room full of clients; the first is its host, the last a screen.

    Args:
        servers: addresses of servers that share the room; clients are spread over them, and try the next when one is gone.
        rate: commands that all together give in a second.
        seed: of what is written and by whom.
    """

    def __init__(self, servers: Sequence[str], clients: int = 200, *, rate: float = 200, seed: int = 1) -> None:
        self.servers = servers
        self.news = asyncio.Event()
        self.clients: list[Client] = []
        self.room = ""
        self.code = ""
        self._size = clients
        self.rate = rate
        self._random = random.Random(seed)
        self._made = 0
        self._hushed: set[Client] = set()
        self._ideas: list[str] = []

    async def __aenter__(self) -> Self:
        """Everyone is in the room and has seen it whole."""
        host = await create_room(self.servers[0], "Printemps des managers", "Claire Vasseur")
        self.room, self.code = host.room, host.code
        turn = asyncio.Semaphore(JOINING)

        async def join(n: int) -> Entry:
            async with turn:
                return await join_room(self.servers[n % len(self.servers)], host.code, f"Manager {n}")

        participants = await asyncio.gather(*(join(n) for n in range(1, self._size - 1)))
        screen = await enter_screen(self.servers[0], host.code)
        self.clients = [
            Client(entry, self.servers, n, self.news) for n, entry in enumerate((host, *participants, screen))
        ]
        self.witness.shown_at = {}
        for client in self.clients:
            client.start()
        await self.until(lambda: all(client.following for client in self.clients))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await asyncio.gather(*(client.stop() for client in self.clients))

    @property
    def writers(self) -> list[Client]:
        return [client for client in self.clients if not client.screen and client not in self._hushed]

    @property
    def witness(self) -> Client:
        """One participant who notes when he is shown what the others do."""
        return self.clients[1]

    def echoes(self, of: Sequence[Given]) -> list[float]:
        """Seconds from giving these to their being shown on another phone, shortest first; of those that make something."""
        shown_at = self.witness.shown_at or {}
        own = set(self.witness.given)
        return sorted(
            shown_at[g.makes] - g.at for g in of if g.makes is not None and g.makes in shown_at and g not in own
        )

    @property
    def given(self) -> list[Given]:
        return [given for client in self.clients for given in client.given]

    @property
    def done(self) -> int:
        return sum(given.seq is not None for given in self.given)

    def watch(self) -> None:
        """Measure from now on: `stillness`, and each client's `returns`."""
        for client in self.clients:
            client.watch()

    def stillness(self) -> float:
        """The longest that anyone saw nothing new, in seconds; while something is written all the time."""
        now = time.monotonic()
        return max(max(client.stillness, now - client.news_at) for client in self.clients)

    @property
    def unanswered(self) -> int:
        return sum(client.conversation.outbox.unanswered for client in self.clients)

    async def until(self, condition: Callable[[], bool], seconds: float = HUNG) -> None:
        """Wait for messages to make a condition true."""
        async with asyncio.timeout(seconds):
            while not condition():
                self.news.clear()
                await self.news.wait()

    async def write(self, commands: int | None = None) -> None:
        """Give so many commands, at the rate, whatever the connections do; returns when all are given. None: until cancelled."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        for n in itertools.count() if commands is None else range(commands):
            await asyncio.sleep(start + n / self.rate - loop.time())
            self._write_one(self._random.choice(self.writers))

    def hush(self, server: int) -> None:
        """From now on those who first went to this server only read: a worker that writes sees what others wrote anyway."""
        self._hushed = set(self.clients[server :: len(self.servers)])

    def burst(self, each: int = 4) -> list[Given]:
        """Everyone who writes gives some commands at once."""
        return [
            client.give("idea.add", id=new_id("idea"), text=f"all at once, {n}")
            for n in range(each)
            for client in self.writers
        ]

    async def answered(self, seconds: float = HUNG) -> None:
        """Wait until every command has its answer."""
        await self.until(lambda: not self.unanswered, seconds)

    async def mark(self, seconds: float = HUNG) -> None:
        """One more idea; returns when everyone has it, and so, as order holds, all that was done before it."""
        given = self.clients[0].give("idea.add", id=new_id("idea"), text="the end")
        await self.until(lambda: given.seq is not None and all(map(self.reached, self.clients)), seconds)

    def reached(self, client: Client) -> bool:
        given = self.clients[0].given[-1]
        return client.following and given.seq is not None and client.conversation.replica.cursor >= given.seq

    def _write_one(self, client: Client) -> None:
        self._made += 1
        text = f"{self._made}"
        kind, idea = self._random.random(), self._seen_by(client)
        if kind < 0.55 or idea is None:
            id = new_id("idea")
            self._ideas.append(id)
            client.give("idea.add", id=id, text=f"idea {text}")
        elif kind < 0.7:
            client.give("message.send", id=new_id("message"), text=f"message {text}")
        elif kind < 0.85:
            client.give("reaction.add", on=idea, kind="like")
        else:
            client.give("idea.move", id=idea)

    def _seen_by(self, client: Client) -> str | None:
        """An idea that this client has been shown, if a few tries find one."""
        shared = client.conversation.replica.shared
        tries = (self._random.choice(self._ideas) for _ in range(5 if self._ideas else 0))
        return next((id for id in tries if id in shared), None)
