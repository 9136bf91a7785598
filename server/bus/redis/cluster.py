"""The bus over a Redis Cluster: sharded pub/sub, so that a message goes to the node of its channel's slot and to no other.

Each node that has slots is a `RedisBus` of its own, two connections and a task each. What this file adds is who has which slot: asked of
any node that answers, at the start, when a node says that a slot moved or is in doubt, and every ten seconds. While channels
move the bus is in doubt, as messages of these channels may be lost.
"""

import asyncio
import logging
from typing import Any, Final
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import RedisError

from server.bus.port import MESSAGE_BYTES, Listener
from server.bus.redis.bus import RedisBus
from server.bus.redis.link import PREFIX, Outbox, Pace, close

logger = logging.getLogger("palabre.bus")

SCHEMES: Final = ("redis+cluster", "rediss+cluster")

_LOOK: Final = 10.0
"""Seconds after which the slots are asked for again, though nobody said that they moved."""

_AGAIN: Final = 0.25
"""Seconds between two questions while something is in doubt: a failover takes the cluster a second or more."""


class RedisClusterBus:
    """See the port.

    Args:
        url: `redis+cluster://user:password@host:7000,host:7001` (`rediss+cluster`: with TLS): nodes to begin with, of which one must answer.
    """

    def __init__(self, url: str, pace: Pace = Pace()) -> None:  # noqa: B008  # a tuple cannot change
        scheme, _, rest = url.partition("://")
        rest = rest.split("/")[0].split("?")[0]
        self._credentials, _, hosts = rest.rpartition("@")
        self._scheme = scheme.removesuffix("+cluster")
        self._seeds = [_address(host) for host in hosts.split(",")]
        self._pace = pace
        self._listener: Listener | None = None
        self._wanted: set[str] = set()
        self._homes: dict[str, RedisBus] = {}
        """Where each wanted channel is subscribed."""
        self._slots: dict[range, str] = {}
        self._nodes: dict[str, RedisBus] = {}
        self._bounced = Outbox()
        """What went to a node that has its channel no longer: it goes again when it is known who has."""
        self._moving = True
        self._doubtful = True
        self._look = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._ends: set[asyncio.Task[None]] = set()

    async def open(self, listener: Listener) -> None:
        self._listener = listener
        listener.doubtful(True)
        self._task = asyncio.create_task(self._follow(), name="bus slots")

    async def close(self) -> None:
        self._listener = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        self._bounced.clear()
        await asyncio.gather(*(node.close() for node in self._nodes.values()), *self._ends)
        self._nodes.clear()

    async def subscribe(self, channel: str) -> None:
        self._wanted.add(channel)
        node = self._node(channel)
        if node is not None:
            self._homes[channel] = node
            await node.subscribe(channel)

    async def unsubscribe(self, channel: str) -> None:
        self._wanted.discard(channel)
        node = self._homes.pop(channel, None)
        if node is not None:
            await node.unsubscribe(channel)

    def publish(self, channel: str, message: bytes) -> None:
        if len(message) > MESSAGE_BYTES:
            raise ValueError(f"expected at most {MESSAGE_BYTES} bytes; got {len(message)}")
        node = self._node(channel)
        if node is not None:
            node.publish(channel, message)

    @property
    def queued_bytes(self) -> int:
        """Published and not yet sent; for metrics."""
        return sum(node.queued_bytes for node in self._nodes.values())

    @property
    def pending(self) -> int:
        """Channels whose last change a node has not confirmed; for metrics."""
        return sum(node.pending for node in self._nodes.values())

    # Who has which slot.

    def _node(self, channel: str) -> RedisBus | None:
        """The one that has the channel's slot, as far as is known."""
        slot = key_slot((PREFIX + channel).encode())
        for slots, address in self._slots.items():
            if slot in slots:
                return self._nodes.get(address)
        return None

    async def _follow(self) -> None:
        said = ""
        while True:
            self._look.clear()
            try:
                self._slots = await self._ask()
                await self._settle()
                said = ""
            except Exception as error:  # whatever it was, it is logged, and asked again
                self._move(True)
                if said != str(error):
                    said = str(error)
                    logger.warning("the cluster does not say who has its slots: %s", said, exc_info=_unforeseen(error))
            try:
                async with asyncio.timeout(_AGAIN if self._doubtful else _LOOK):
                    await self._look.wait()
            except TimeoutError:
                pass

    async def _ask(self) -> dict[range, str]:
        """Raises the last node's error where none answers."""
        failure: Exception = ConnectionError("expected the address of a node")
        for address in dict.fromkeys((*self._nodes, *self._seeds)):
            try:
                return await self._ask_one(address)
            except (RedisError, OSError) as error:
                failure = error
        raise failure

    async def _ask_one(self, address: str) -> dict[range, str]:
        deadline, retry = self._pace.deadline, Retry(NoBackoff(), 0, supported_errors=())
        node = Redis.from_url(
            self._url(address), protocol=2, socket_timeout=None, socket_connect_timeout=deadline, retry=retry
        )
        try:
            rows: list[tuple[int, int, list[Any]]]
            async with asyncio.timeout(deadline):
                rows = await node.execute_command("CLUSTER SLOTS")  # type: ignore[no-untyped-call]  # redis-py forgot
        finally:
            await close(node)
        # A node that does not know its own name leaves it empty: then it is the one that was asked.
        asked = urlsplit(f"//{address}").hostname or ""
        return {
            range(first, last + 1): _joined(primary[0].decode() if primary[0] else asked, primary[1])
            for first, last, primary, *_ in rows
        }

    async def _settle(self) -> None:
        """Every channel to the node that has it now; nodes that have none are left."""
        for address in set(self._slots.values()) - self._nodes.keys():
            self._nodes[address] = node = RedisBus(self._url(address), self._pace, self._moved)
            await node.open(_Ear(self))
        gone = [self._nodes.pop(address) for address in self._nodes.keys() - set(self._slots.values())]
        strays = [channel for channel in self._wanted if self._homes.get(channel) is not self._node(channel)]
        if strays or gone:
            self._move(True)
        for node in gone:
            end = asyncio.create_task(node.close(), name="bus leaves a node")
            self._ends.add(end)
            end.add_done_callback(self._ends.discard)
        for channel in strays:
            old = self._homes.pop(channel, None)
            if old is not None and old not in gone:
                await old.unsubscribe(channel)
        await asyncio.gather(*(self.subscribe(channel) for channel in strays if channel in self._wanted))
        for channel, message in self._bounced.take():
            self.publish(channel, message)
        if not self._look.is_set():
            self._move(False)

    def _moved(self, channel: str, message: bytes | None) -> None:
        """A node says that it has this channel no longer."""
        self._homes.pop(channel, None)
        self._move(True)
        self._look.set()
        if message is not None:
            self._bounced.put(channel, message)

    def _move(self, moving: bool) -> None:
        self._moving = moving
        self._doubt()

    def _doubt(self) -> None:
        doubtful = self._moving or any(node.doubtful for node in self._nodes.values())
        if doubtful == self._doubtful:
            return
        self._doubtful = doubtful
        if doubtful:
            self._look.set()
        if self._listener is not None:
            self._listener.doubtful(doubtful)

    def _heard(self, channel: str, message: bytes) -> None:
        if self._listener is not None and channel in self._wanted:
            self._listener.heard(channel, message)

    def _url(self, address: str) -> str:
        return f"{self._scheme}://{self._credentials}{'@' if self._credentials else ''}{address}"


class _Ear:
    """What listens to one node."""

    def __init__(self, bus: RedisClusterBus) -> None:
        self.heard = bus._heard
        self._bus = bus

    def doubtful(self, doubtful: bool) -> None:  # noqa: ARG002  # the node itself says so when it is asked
        self._bus._doubt()


def _unforeseen(error: Exception) -> Exception | None:
    """A fault of ours is told with its traceback."""
    return None if isinstance(error, (RedisError, OSError)) else error


def _address(host: str) -> str:
    return host if urlsplit(f"//{host}").port else f"{host}:6379"


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
