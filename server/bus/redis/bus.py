"""The bus over Redis pub/sub: two connections, whatever the number of channels, replaced together when either fails.

Pub/sub loses what is sent while a subscriber is away and says nothing about it, so each life of the connections
(`link`) starts in doubt and ends in doubt; in between every subscription is known to be confirmed.
"""

import asyncio
import logging
import random
from collections.abc import Iterator

from redis.exceptions import RedisError

from server.bus.port import MESSAGE_BYTES, Listener
from server.bus.redis.link import Link, Moved, Outbox, Pace

logger = logging.getLogger("palabre.bus")


class RedisBus:
    """See the port.

    Args:
        url: `redis://…` or `rediss://…`, as redis-py reads it.
        moved: for one node of a cluster (`cluster`), see `Link`.
    """

    def __init__(
        self,
        url: str,
        pace: Pace = Pace(),  # noqa: B008  # a tuple cannot change
        moved: Moved | None = None,
    ) -> None:
        self._url = url
        self._pace = pace
        self._moved = moved
        self._wanted: set[str] = set()
        self._outbox = Outbox()
        self._link: Link | None = None
        self._doubtful = True
        self._listener: Listener | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self, listener: Listener) -> None:
        self._listener = listener
        listener.doubtful(True)
        self._task = asyncio.create_task(self._supervise(), name="bus")

    async def close(self) -> None:
        self._listener = None
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def subscribe(self, channel: str) -> None:
        self._wanted.add(channel)
        if self._link is not None:
            confirmation = self._link.changed(channel)
            if not self._doubtful:
                await confirmation.wait()

    async def unsubscribe(self, channel: str) -> None:
        self._wanted.discard(channel)
        if self._link is not None:
            self._link.changed(channel)

    def publish(self, channel: str, message: bytes) -> None:
        if len(message) > MESSAGE_BYTES:
            raise ValueError(f"expected at most {MESSAGE_BYTES} bytes; got {len(message)}")
        if not self._doubtful:
            self._outbox.put(channel, message)

    @property
    def doubtful(self) -> bool:
        """As the listener was last told."""
        return self._doubtful

    @property
    def queued_bytes(self) -> int:
        """Published and not yet sent; for metrics."""
        return self._outbox.bytes

    @property
    def pending(self) -> int:
        """Channels whose last change the broker has not confirmed; for metrics."""
        return 0 if self._link is None else self._link.pending

    async def _supervise(self) -> None:
        attempts = 0
        while True:
            link = self._link = Link(
                self._url, self._pace, self._wanted, self._outbox, self._heard, self._confirmed, self._moved
            )
            try:
                await link.live()
            except Exception as error:  # noqa: BLE001  # whatever it was, it is logged, and the bus comes back
                attempts = attempts + 1 if self._doubtful else 1
                self._log(error)
            finally:
                self._link = None
                link.end()
                self._doubt(True)
                await link.close()
            if self._listener is None:  # closed: a task group that has an error to tell swallows the cancellation
                return
            await asyncio.sleep(random.uniform(0, min(self._pace.retry, 0.05 * 2**attempts)))

    def _confirmed(self) -> None:
        logger.info("the broker confirms %d subscriptions", len(self._wanted))
        self._doubt(False)

    def _heard(self, channel: str, message: bytes) -> None:
        if self._listener is not None:
            self._listener.heard(channel, message)

    def _doubt(self, doubtful: bool) -> None:
        if doubtful == self._doubtful:
            return
        self._doubtful = doubtful
        if self._listener is not None:
            self._listener.doubtful(doubtful)

    def _log(self, error: Exception) -> None:
        """Say it once: not with each attempt to come back; but a fault of ours each time, with its traceback."""
        for cause in _causes(error):
            if not isinstance(cause, (RedisError, OSError)):
                logger.error("the bus failed", exc_info=cause)
            elif not self._doubtful:
                logger.warning("the broker is away: %s", cause)


def _causes(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _causes(inner)
    else:
        yield error
