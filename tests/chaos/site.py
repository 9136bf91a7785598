"""What a company runs, on this machine: PostgreSQL that syncs each commit, Valkey, three workers. Or a laptop's SQLite."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.services import Balancer, Postgres, RedisServer, ServerProcess

WORKERS = 3


@dataclass
class Site:
    """
    Attributes:
        servers: those that clients may go to.
        database_url: where the journal can be read once the test is over.
    """

    servers: list[ServerProcess]
    database_url: str
    _postgres: Postgres | None = None
    _redis: RedisServer | None = None
    balancer: Balancer | None = None

    @property
    def postgres(self) -> Postgres:
        assert self._postgres is not None
        return self._postgres

    @property
    def redis(self) -> RedisServer:
        assert self._redis is not None
        return self._redis

    @property
    def addresses(self) -> list[str]:
        return [self.balancer.url] if self.balancer else [server.url for server in self.servers]


@contextlib.contextmanager
def laptop() -> Iterator[Site]:
    """One worker on SQLite."""
    with ServerProcess() as server:
        yield Site([server], f"sqlite:///{server.folder / 'data' / 'palabre.sqlite'}")


@contextlib.contextmanager
def one_port() -> Iterator[Site]:
    """Three workers of one server behind one port."""
    with Postgres(durable=True) as postgres, RedisServer() as redis:
        url = postgres.create_database()
        server = ServerProcess(url, redis.url, workers=WORKERS)
        server.migrate()
        with server:
            yield Site([server], url, postgres, redis)


@contextlib.contextmanager
def three_ports() -> Iterator[Site]:
    """Three servers of one worker each, each with a port of its own."""
    with servers_of_a_company(["127.0.0.1"] * WORKERS) as site:
        yield site


@contextlib.contextmanager
def three_machines() -> Iterator[Site]:
    """Three servers of one worker each, each with an address of its own, and a balancer before them."""
    with (
        servers_of_a_company([f"127.0.0.{n}" for n in range(2, 2 + WORKERS)]) as site,
        Balancer([f"{server.host}:{server.port}" for server in site.servers]) as site.balancer,
    ):
        yield site


@contextlib.contextmanager
def servers_of_a_company(hosts: Sequence[str]) -> Iterator[Site]:
    with Postgres(durable=True) as postgres, RedisServer() as redis, contextlib.ExitStack() as running:
        url = postgres.create_database()
        servers = [ServerProcess(url, redis.url, host=host) for host in hosts]
        servers[0].migrate()
        for server in servers:
            server.launch()
            running.push(server)
        for server in servers:
            server.wait_ready()
        site = Site(servers, url, postgres, redis)
        yield site
        for server in site.servers:
            if server not in servers:  # a deploy put it there
                server.__exit__()
