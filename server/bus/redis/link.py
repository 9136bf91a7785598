"""One life of the connections to Redis: one that listens, one that publishes. Any failure of either ends both."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokerAwayError
from redis.exceptions import MovedError, RedisError

PREFIX: Final = "palabre:"
"""Channels belong to all databases of a Redis, and a company may share it."""

_AT_ONCE: Final = 1000
"""Channels in one SUBSCRIBE, messages in one pipeline, and messages heard before others have a turn of the loop."""

_IDLE: Final = 10.0
"""Seconds after which an idle publisher is probed: brokers and firewalls close idle connections."""

Moved: TypeAlias = Callable[[str, bytes | None], None]


class Pace(NamedTuple):
    """Times in seconds.

    Attributes:
        probe: between two pings on the subscriber's connection.
        probes: so many unanswered pings in a row are a broker that is away: silence is noticed within `probe * (probes + 1)`.
        deadline: for connecting and for each publish.
        retry: longest wait before connecting anew; waits are random below it, so that workers do not come all at once.
    """

    probe: float = 0.5
    probes: int = 3
    deadline: float = 1.0
    retry: float = 2.0


class Outbox:
    """Messages that wait for the publisher: a doorbell that cannot be rung now need not be rung later."""

    LIMIT: Final = 4 * 1024 * 1024
    """Bytes; what does not fit is dropped."""

    def __init__(self) -> None:
        self._messages: deque[tuple[str, bytes]] = deque()
        self.bytes = 0
        self.waiting = asyncio.Event()

    def put(self, channel: str, message: bytes) -> None:
        if self.bytes + len(message) <= self.LIMIT:
            self._messages.append((channel, message))
            self.bytes += len(message)
            self.waiting.set()

    def take(self) -> list[tuple[str, bytes]]:
        taken = [self._messages.popleft() for _ in range(min(_AT_ONCE, len(self._messages)))]
        self.bytes -= sum(len(message) for _, message in taken)
        if not self._messages:
            self.waiting.clear()
        return taken

    def clear(self) -> None:
        self._messages.clear()
        self.bytes = 0
        self.waiting.clear()


async def close(client: Redis, pubsub: PubSub | None = None) -> None:
    """Leave no socket open, whatever ends the caller meanwhile: redis-py's own closing, when it is cancelled, forgets them.

    It takes no longer than the `socket_connect_timeout` of the client.
    """

    async def closing() -> None:
        with contextlib.suppress(OSError, RedisError):
            if pubsub is not None:
                await pubsub.aclose()  # type: ignore[no-untyped-call]  # redis-py forgot
        with contextlib.suppress(OSError, RedisError):
            await client.aclose()

    task = asyncio.create_task(closing(), name="bus closes")
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


class Link:
    """Two connections and what is known about their subscriptions.

    Args:
        wanted: the channels to be subscribed; changed from outside, which then calls `changed`.
        heard: called with each message on a wanted channel.
        confirmed: called once, when the broker answers and has confirmed every channel that is wanted.
        moved: given for a node of a cluster, with which sharded pub/sub is spoken. Called with a channel that another node has now,
            and with the message that was to be published there, if there was one.
    """

    def __init__(
        self,
        url: str,
        pace: "Pace",
        wanted: set[str],
        outbox: Outbox,
        heard: Callable[[str, bytes], None],
        confirmed: Callable[[], None],
        moved: Moved | None = None,
    ) -> None:
        self._pace = pace
        self._wanted = wanted
        self._outbox = outbox
        self._heard = heard
        self._confirmed = confirmed
        self._moved = moved
        self._in_doubt = True
        # Without retries and without errors to retry on: redis-py would reconnect by itself and tell nobody. Without
        # `socket_timeout`: it uses `asyncio.wait_for`, which before Python 3.12 may swallow a cancellation. The deadlines
        # are ours.
        self._client = Redis.from_url(
            url,
            protocol=2,
            socket_timeout=None,
            socket_connect_timeout=pace.deadline,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0, supported_errors=()),
        )
        self._pubsub = self._client.pubsub()
        self._changed: set[str] = set(wanted)
        self._any_changed = asyncio.Event()
        self._asked: set[str] = set()
        """What the broker was last asked to send."""
        self._unanswered: dict[str, int] = {}
        """How many (un)subscriptions of a channel the broker has not answered; answers come in order."""
        self._settled: dict[str, asyncio.Event] = {}
        """Set when a channel's last question is answered, and when this life ends."""
        self._unanswered_pings = 0

    async def live(self) -> None:
        """Run until something fails.

        Raises:
            ExceptionGroup: of redis-py's errors and OSErrors.
        """
        async with asyncio.timeout(self._pace.deadline):
            await self._client.ping()
            await self._pubsub.connect()  # type: ignore[no-untyped-call]  # redis-py forgot
        await self._ask()
        await self._ping()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(), name="bus listen")
            group.create_task(self._keep_asking(), name="bus subscribe")
            group.create_task(self._keep_pinging(), name="bus probe")
            group.create_task(self._publish(), name="bus publish")

    def end(self) -> None:
        """Nobody waits for a broker that is away."""
        self._outbox.clear()
        for settled in self._settled.values():
            settled.set()

    async def close(self) -> None:
        await close(self._client, self._pubsub)

    def changed(self, channel: str) -> asyncio.Event:
        """The channel is now wanted, or no longer; the event is set when the broker knows."""
        settled = self._settled.get(channel)
        if settled is None:
            settled = asyncio.Event()
            if (channel in self._wanted) == (channel in self._asked) and channel not in self._unanswered:
                settled.set()
                return settled
            self._settled[channel] = settled
        self._changed.add(channel)
        self._any_changed.set()
        return settled

    @property
    def pending(self) -> int:
        return len(self._unanswered) + len(self._changed)

    # The subscriber's connection.

    async def _keep_asking(self) -> None:
        while True:
            await self._any_changed.wait()
            self._any_changed.clear()
            await self._ask()

    async def _ask(self) -> None:
        changed, self._changed = self._changed, set()
        new = [channel for channel in changed if channel in self._wanted and channel not in self._asked]
        old = [channel for channel in changed if channel not in self._wanted and channel in self._asked]
        if self._moved is None:
            subscribe, unsubscribe, at_once = self._pubsub.subscribe, self._pubsub.unsubscribe, _AT_ONCE
        else:  # a command of a cluster names channels of one slot
            subscribe, unsubscribe, at_once = self._pubsub.ssubscribe, self._pubsub.sunsubscribe, 1
        for channels, ask in ((new, subscribe), (old, unsubscribe)):
            for start in range(0, len(channels), at_once):
                some = channels[start : start + at_once]
                for channel in some:
                    self._unanswered[channel] = self._unanswered.get(channel, 0) + 1
                self._asked.symmetric_difference_update(some)
                async with asyncio.timeout(self._pace.deadline):
                    await ask(*(PREFIX + channel for channel in some))
        for channel in changed:
            self._settle(channel)

    def _answered(self, channel: str) -> None:
        left = self._unanswered.get(channel, 0) - 1
        if left > 0:
            self._unanswered[channel] = left
        else:
            self._unanswered.pop(channel, None)
            self._settle(channel)

    def _settle(self, channel: str) -> None:
        if channel not in self._unanswered and channel not in self._changed:
            settled = self._settled.pop(channel, None)
            if settled is not None:
                settled.set()

    async def _keep_pinging(self) -> None:
        while True:
            await asyncio.sleep(self._pace.probe)
            if self._unanswered_pings >= self._pace.probes:
                raise BrokerAwayError(f"expected an answer to one of {self._unanswered_pings} pings")
            await self._ping()

    async def _ping(self) -> None:
        # Counted, not timed: a worker that was frozen itself must first read what lies in its socket.
        self._unanswered_pings += 1
        async with asyncio.timeout(self._pace.deadline):
            await self._pubsub.ping()

    async def _listen(self) -> None:
        heard = 0
        while True:
            message = await self._pubsub.get_message(timeout=_IDLE)
            if message is None:
                continue
            self._unanswered_pings = 0
            self._take(message)
            heard += 1
            if heard % _AT_ONCE == 0:
                await asyncio.sleep(0)

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] != "pong":
            channel = message["channel"].decode().removeprefix(PREFIX)
            if message["type"] == "sunsubscribe" and channel in self._asked and channel not in self._unanswered:
                self._taken_away(channel)
            elif message["type"] not in ("message", "smessage"):
                self._answered(channel)
            elif channel in self._wanted:
                self._heard(channel, message["data"])
        # Answers come in order, and the first ping went behind the first subscriptions.
        if self._in_doubt and not self._unanswered and not self._changed:
            self._in_doubt = False
            self._confirmed()

    def _taken_away(self, channel: str) -> None:
        """The node says by itself that it no longer has the channel's slot."""
        self._asked.discard(channel)
        if self._moved is not None:
            self._moved(channel, None)

    # The publisher's connection.

    async def _publish(self) -> None:
        command = "PUBLISH" if self._moved is None else "SPUBLISH"
        while True:
            try:
                async with asyncio.timeout(_IDLE):
                    await self._outbox.waiting.wait()
            except TimeoutError:
                pass
            pipeline = self._client.pipeline(transaction=False)
            pipeline.ping()
            messages = self._outbox.take()
            for channel, message in messages:
                pipeline.execute_command(command, PREFIX + channel, message)
            async with asyncio.timeout(self._pace.deadline):
                _, *answers = await pipeline.execute(raise_on_error=self._moved is None)
            if self._moved is not None:
                for (channel, message), answer in zip(messages, answers, strict=True):
                    if isinstance(answer, MovedError):
                        self._moved(channel, message)
                    elif isinstance(answer, Exception):
                        raise answer
