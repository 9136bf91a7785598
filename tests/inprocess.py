"""Workers and clients in one process, without sockets: the real hub, sessions and journal, and a peer that is a list of messages."""

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgpack
import msgspec

from protocol.errors import Refusal
from protocol.records import Id
from server.accounts.port import ACCOUNT, Bearer
from server.admission.admission import Admission, Admit, Granted
from server.admission.rooms import Rooms
from server.bus.port import MESSAGE_BYTES, Bus, Listener
from server.journal.port import Appended, Commit, Entry, Journal
from server.journal.sqlite.journal import SqliteJournal
from server.live.consumer import Consumer
from server.live.courier import couriers
from server.live.hub import Hub
from server.live.peer import Encoding
from server.live.projector import Projector
from server.live.wakeups import Wakeups
from server.model.events import FORMAT
from server.model.kernel import Event
from server.model.model import Model, ModelOf
from server.models import model_of
from server.positions.port import Position, Positions
from server.readmodels.circles import CIRCLE_KINDS
from server.readmodels.home import community_queries
from server.session.queries import Hints, Queries, workshop_queries
from server.session.reading import Reading
from server.session.session import Rules, Session
from server.session.sessions import Sessions
from server.wire.encoding import BINARY
from server.workshop.model import WORKSHOP
from tests.faulty import FaultyJournal
from tests.services.process import HUNG
from tests.virtual import clock

ROOM = "room:aaaaaaaaaaaa"
SECRET = b"a secret of at least thirty-two bytes"

AS_SCREEN: dict[str, Any] = {"as": "screen"}
"""For `ready(**AS_SCREEN)`: `as` is a word of Python."""


class Someone(msgspec.Struct, frozen=True):
    """An identity; its token is its own encoding."""

    member: str
    name: str
    role: str | None = "participant"
    room: str = ROOM
    expires: int = 2**52
    others: tuple[str, ...] = ()
    """Rooms that the token opens, too."""
    login: str = ""
    since: int = 0
    issuer: str | None = None

    @property
    def person(self) -> str:
        return self.member

    @property
    def scope(self) -> str:
        return self.room

    @property
    def seat(self) -> str:
        return f"{self.room} {self.member}"

    @property
    def is_screen(self) -> bool:
        return self.member.startswith("screen:")

    def opens(self, stream: str) -> bool:
        return stream in (self.room, *self.others) or self.room == ACCOUNT

    @property
    def token(self) -> str:
        return msgspec.json.encode(self).decode()


def verify(token: str) -> Someone:
    from protocol.errors import Code

    try:
        return msgspec.json.decode(token, type=Someone)
    except msgspec.MsgspecError:
        raise Refusal(Code.UNAUTHORIZED) from None


async def granted(issuer: str, stream: str) -> bool:  # integrators are registered for all there is
    return True


class Wire:
    """A peer whose other end is this object: frames are decoded as a client would, and may be held back as a slow one would.

    Attributes:
        got: every message received, oldest first.
        slow: while true nothing is read: bytes wait.
    """

    def __init__(self, encoding: Encoding = BINARY) -> None:
        self.encoding = encoding
        self.address = "127.0.0.1"
        self.got: list[dict[str, Any]] = []
        self.slow = False
        self.closed_with: int | None = None
        self.waiting = bytearray()
        self.news = asyncio.Event()
        self.session: Session | None = None

    def write(self, frames: bytes) -> int:
        if self.closed_with is not None:
            return 0
        self.waiting += frames
        if self.slow:
            return len(self.waiting)
        self._read()
        return 0

    def close(self, code: int, reason: str) -> None:
        if self.closed_with is None:
            self.closed_with = code
            self.news.set()
            asyncio.get_running_loop().call_soon(self.cut)

    def cut(self) -> None:
        """The connection is gone."""
        self.closed_with = self.closed_with or 1006
        session, self.session = self.session, None
        if session is not None:
            session.closed()

    def read_again(self) -> None:
        self.slow = False
        self._read()
        if self.session is not None:
            self.session.drained()

    def _read(self) -> None:
        raw, self.waiting = bytes(self.waiting), bytearray()
        while raw:
            size, start = raw[1], 2
            if size == 126:
                size, start = int.from_bytes(raw[2:4], "big"), 4
            elif size == 127:
                size, start = int.from_bytes(raw[2:10], "big"), 10
            payload, raw = raw[start : start + size], raw[start + size :]
            self.got.append(msgpack.unpackb(payload) if self.encoding is BINARY else msgspec.json.decode(payload))
        self.news.set()


class Switchboard:
    """The buses of several workers in one process: what one says all hear, itself too. `cut` loses everything, as a broker may."""

    def __init__(self) -> None:
        self.buses: set[SwitchboardBus] = set()
        self.cut = False
        self.said: list[tuple[str, bytes]] = []

    def bus(self) -> "SwitchboardBus":
        return SwitchboardBus(self)


class SwitchboardBus:
    """One worker's end; see `port.Bus`."""

    def __init__(self, switchboard: Switchboard) -> None:
        self.channels: set[str] = set()
        self._switchboard = switchboard
        self._listener: Listener | None = None

    async def open(self, listener: Listener) -> None:
        self._listener = listener
        self._switchboard.buses.add(self)

    async def close(self) -> None:
        self._listener = None
        self._switchboard.buses.discard(self)

    async def subscribe(self, channel: str) -> None:
        self.channels.add(channel)

    async def unsubscribe(self, channel: str) -> None:
        self.channels.discard(channel)

    def publish(self, channel: str, message: bytes) -> None:
        if len(message) > MESSAGE_BYTES:
            raise ValueError(f"expected at most {MESSAGE_BYTES} bytes; got {len(message)}")
        self._switchboard.said.append((channel, message))
        if not self._switchboard.cut:
            for bus in self._switchboard.buses:
                asyncio.get_running_loop().call_soon(bus.hear, channel, message)

    def hear(self, channel: str, message: bytes) -> None:
        if self._listener is not None and channel in self.channels:
            self._listener.heard(channel, message)


class Client:
    """Someone in one room at a connection, which may have others: sends what the test says, keeps records as SPEC S says and nothing else."""

    def __init__(self, who: Someone, wire: Wire) -> None:
        self.who, self.wire = who, wire
        self.shared: dict[str, dict[str, Any]] = {}
        self.mine: dict[str, dict[str, Any]] = {}
        self.epoch, self.cursor = "", 0
        self.answers: dict[str, dict[str, Any]] = {}
        self.people: dict[str, Any] = {}
        self.gaps = 0
        self._chunks: list[dict[str, Any]] = []
        self._seen = 0

    @property
    def records(self) -> dict[str, dict[str, Any]]:
        return {**self.shared, **self.mine}

    def send(self, **message: Any) -> None:
        self.send_raw(msgpack.packb(message) if self.wire.encoding is BINARY else msgspec.json.encode(message))

    def send_raw(self, payload: bytes, *, codec_matches: bool = True) -> None:
        assert self.wire.session is not None, "expected a connection that is still open"
        self.wire.session.received(payload, codec_matches)

    def got(self, *types: str) -> list[dict[str, Any]]:
        """What came so far, of these types."""
        return [message for message in self.wire.got if message["t"] in types]

    def forget(self) -> None:
        """Look only at what comes from now on: messages and answers so far are dropped, records stay."""
        self.read()
        self.wire.got.clear()
        self._seen = 0
        self.answers.clear()

    @property
    def since(self) -> dict[str, Any]:
        """What a client says it has when it comes back."""
        return {"epoch": self.epoch, "seq": self.cursor}

    def awaken(self, asleep: "Client") -> None:
        """Be the one who slept, on this new connection: with his records, and how far they reach."""
        asleep.read()
        self.shared, self.mine = dict(asleep.shared), dict(asleep.mine)
        self.epoch, self.cursor = asleep.epoch, asleep.cursor

    def hello(self) -> None:
        self.send(t="hello", token=self.who.token)

    def join(self, *, since: bool | dict[str, Any] = False, **more: Any) -> None:
        """`since`: how far the records reach that the client says it has; true: those that it has."""
        if isinstance(since, dict):
            more["since"] = since
        elif since and self.epoch:
            more["since"] = self.since
        self.send(t="join", stream=self.who.room, **more)

    def do(self, id: str, cmd: str, /, **args: Any) -> None:
        self.send(t="do", id=id, stream=self.who.room, cmd=cmd, args=args)

    async def until(self, true: Callable[[], Any], seconds: float = HUNG) -> None:
        """Wait for what the server sends to make a condition true."""
        async with asyncio.timeout(seconds):
            while True:
                self.read()
                if true():
                    return
                self.wire.news.clear()
                await self.wire.news.wait()

    async def done(self, id: str, cmd: str, /, **args: Any) -> dict[str, Any]:
        """Do, and wait for the answer and for the cursor to reach it."""
        self.read()
        self.answers.pop(id, None)
        self.do(id, cmd, **args)
        await self.until(lambda: id in self.answers)
        answer = self.answers[id]
        if answer["t"] == "done":
            await self.until(lambda: self.cursor >= answer["seq"])
        return answer

    async def ready(self, *, since: bool | dict[str, Any] = False, **more: Any) -> None:
        """Join and wait for the whole state."""
        before = sum(m["t"] == "state" and not m.get("more") for m in self.wire.got)
        self.join(since=since, **more)
        await self.until(lambda: sum(m["t"] == "state" and not m.get("more") for m in self.wire.got) > before)

    def read(self) -> None:
        while self._seen < len(self.wire.got):
            self._apply(self.wire.got[self._seen])
            self._seen += 1

    def _apply(self, message: dict[str, Any]) -> None:
        if message.get("stream", self.who.room) != self.who.room:
            return
        match message["t"]:
            case "state":
                # Taken in when the last chunk has come: who stops between two has what he had, as far as his cursor says.
                self._chunks = [message] if message.get("reset") else [*self._chunks, message]
                if not message.get("more"):
                    for chunk in self._chunks:
                        if chunk.get("reset"):
                            self.shared.clear()
                        self._change(self.shared, chunk)
                    self._chunks = []
                    self.epoch, self.cursor = message["epoch"], message["seq"]
            case "patch":
                if message["from"] > self.cursor:
                    self.gaps += 1
                    return
                self._change(self.shared, message)
                self.cursor = max(self.cursor, message["seq"])
            case "mine":
                if message.get("reset"):
                    self.mine.clear()
                    self._chunks = []
                self._change(self.mine, message)
                self.cursor = max(self.cursor, message["seq"])
            case "done" | "refused":
                self.answers[message["id"]] = message
            case "people":
                self.people = message

    @staticmethod
    def _change(records: dict[str, dict[str, Any]], message: dict[str, Any]) -> None:
        for record in message.get("put", ()):
            records[record["id"]] = record
        for id in message.get("del", ()):
            records.pop(id, None)


class Worker:
    """One worker: a hub and its sessions."""

    def __init__(self, hub: Hub, sessions: Sessions) -> None:
        self.hub, self.sessions = hub, sessions

    def connect(self, who: Someone, encoding: Encoding = BINARY) -> Client:
        wire = Wire(encoding)
        wire.session = self.sessions.connected(wire)
        return Client(who, wire)

    async def enter(self, who: Someone, encoding: Encoding = BINARY, **more: Any) -> Client:
        """Connect, say hello and join."""
        client = self.connect(who, encoding)
        client.hello()
        await client.ready(**more)
        return client


_workers = itertools.count(1)


class MemoryPositions:
    """See `server.positions.port.Positions`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], int] = {}

    async def keep(self, positions: Sequence[Position]) -> None:
        for person, stream, n, back in positions:
            self.kept[person, stream] = n if back else max(n, self.kept.get((person, stream), n))

    async def of(self, person: str, streams: Sequence[str]) -> Mapping[str, int]:
        return {stream: self.kept[person, stream] for stream in streams if (person, stream) in self.kept}

    async def forget_strangers(self) -> int:
        return 0


def every_query(reading: Reading) -> Queries:
    """What may be asked of a workshop, of streams of the tests' own kinds as well; and of circles."""
    of_workshops = workshop_queries(Hints(asyncio.to_thread))
    return {
        **dict.fromkeys(("room", "notes"), of_workshops),
        "circle": CIRCLE_KINDS,
        "community": community_queries(reading),
    }


@asynccontextmanager
async def worker(
    journal: Journal,
    bus: Bus,
    *,
    rate: float = 10_000,
    model_of: ModelOf = model_of,
    models: Iterable[Model] = (WORKSHOP,),
    admits: Callable[[Hub], Admit] = lambda hub: Rooms(hub).admit,
    granted: Granted = granted,
    identify: Callable[[str], Bearer] = verify,
    positions: Positions | None = None,
    **options: Any,
) -> AsyncIterator[Worker]:
    """A hub, its sessions and its consumers.

    Args:
        models: those whose policies are followed.
        admits: what lets people into its streams.
        granted: whether an integrator is registered for one.
        identify: whom a token names.
        positions: up to where people have read; the workers of one world share them.
    """
    hub = Hub(
        journal=journal,
        bus=bus,
        secret=SECRET,
        alias_secret=SECRET,
        model_of=model_of,
        worker=f"w{next(_workers)}",
        **options,
    )
    await hub.open()
    rules = Rules(identify, rate, lambda origin, host, by_tls: True, 10_000)
    reading = Reading(hub, positions or MemoryPositions())
    sessions = Sessions(hub, Admission(hub, admits(hub), granted), rules, every_query(reading), reading)
    consumers: list[Consumer] = [
        Projector(journal, hub.held, hub.backlog(), model_of, hub.now, hub.tell_news),
        *couriers(models, hub),
    ]
    going_on = [
        asyncio.create_task(work) for work in (*(each.run() for each in consumers), Wakeups(hub).run(), reading.run())
    ]
    try:
        yield Worker(hub, sessions)
    finally:
        await sessions.close()
        for task in going_on:
            task.cancel()
        await asyncio.wait(going_on)
        await hub.close()


class World:
    """Workers on one journal and one switchboard, and a room, `ROOM`, with its first host."""

    def __init__(self, journal: FaultyJournal, switchboard: Switchboard, workers: list[Worker]) -> None:
        self.journal, self.switchboard, self.workers = journal, switchboard, workers

    @property
    def hub(self) -> Hub:
        return self.workers[0].hub

    async def plant(self, *events: Event, format: int = FORMAT, room: str = ROOM, raw: bytes | None = None) -> int:
        """A commit of somebody else's, of which no bell rings; `raw` stands for its encoded events. Its seq."""
        encoded = WORKSHOP.events.encode(events) if raw is None else raw
        while True:
            head = (await self.journal.heads([room]))[room]
            commit = Commit(head.seq + 1, format, self.hub.now(), encoded)
            entry = Entry(room, head.incarnation, commit, (secrets.token_bytes(16),))
            if await self.journal.append(entry) == Appended(entry.commit.seq):
                return entry.commit.seq

    async def tell(self, *events: Event, room: str = ROOM) -> int:
        """A commit of somebody else's, seen (and shown) by every worker that has the room open."""
        seq = await self.plant(*events, room=room)
        for each in self.workers:
            channel = each.hub.get(room)
            if channel is not None:
                await channel.room.refresh()
                await asyncio.sleep(0.02)
        return seq

    def connect(self, who: Someone, encoding: Encoding = BINARY, *, at: int = 0) -> Client:
        return self.workers[at].connect(who, encoding)

    async def enter(self, who: Someone, encoding: Encoding = BINARY, *, at: int = 0, **more: Any) -> Client:
        return await self.workers[at].enter(who, encoding, **more)


@asynccontextmanager
async def world(
    folder: Path, *, workers: int = 1, rate: float = 10_000, make: bool = True, **options: Any
) -> AsyncIterator[World]:
    """A SQLite journal (that may fail on command), and workers that have one room; without `make`, the one that the folder has."""
    async with AsyncExitStack() as stack:
        journal, switchboard = FaultyJournal(SqliteJournal(folder / "palabre.db")), Switchboard()
        await journal.open()
        stack.push_async_callback(journal.close)
        options = {"now": clock(), "positions": MemoryPositions(), **options}
        running = [
            await stack.enter_async_context(worker(journal, switchboard.bus(), rate=rate, **options))
            for _ in range(workers)
        ]
        if make:
            await create(running[0].hub)
        yield World(journal, switchboard, running)


async def create(hub: Hub, room: str = ROOM) -> None:
    """Make a room whose first host is `HOST`."""
    await Rooms(hub).create(room, member=HOST.member, name=HOST.name, title="Séminaire", code="ABC234", lang="fr")


HOST = Someone("member:hhhhhhhhhhhh", "Claire", "host")
PARTICIPANT = Someone("member:gggggggggggg", "Paul")
OTHER = Someone("member:oooooooooooo", "Nadia")


def fresh(kind: str, n: int) -> Id:
    """A well-formed id, the n-th of its kind."""
    return f"{kind}:{n:012d}"


def codes(client: Client) -> list[tuple[str, str]]:
    """(id, code) of every refusal so far."""
    return [(m["id"], m["code"]) for m in client.got("refused")]
