"""The real services that tests, the simulation, chaos and the bench run against, as context managers.

    with Postgres() as postgres, RedisServer() as redis, ServerProcess(postgres.create_database(), redis.url) as server:
        ...

Each is a process of our own on a free loopback port, started in a second without root (and as root too), with its files
in a temporary folder. Each can be stopped, killed, frozen and started again on the same port. Whatever happens to the
process that started it, kill -9 included, the guard ends it and removes its files.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.services.balancer import Balancer
    from tests.services.cable import Cable
    from tests.services.cluster import RedisCluster
    from tests.services.postgres import Postgres
    from tests.services.redis import RedisServer
    from tests.services.seaweed import Seaweed
    from tests.services.server import ServerProcess

__all__ = ["Balancer", "Cable", "Postgres", "RedisCluster", "RedisServer", "Seaweed", "ServerProcess"]

_MODULES = {name: name.removeprefix("Redis").removesuffix("Process").lower() for name in __all__} | {
    "RedisServer": "redis"
}


def __getattr__(name: str) -> object:
    """A service is imported where it is asked for: what a test does not need may be missing."""
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
