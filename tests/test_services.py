"""The services that other tests stand on keep what they promise."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis

from tests.services import Postgres, RedisServer
from tests.services.process import ServiceError, free_port, is_running, wait_until

ROOT = Path(__file__).parents[1]


async def test_database_is_an_empty_postgres_18(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        assert connection.get_server_version().major == 18
        tables = await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'")
        assert tables == 0
    finally:
        await connection.close()


async def test_postgres_has_what_french_search_needs(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("create extension unaccent")
        found = await connection.fetchval(
            "select to_tsvector('french', unaccent('Réunions écourtées')) @@ to_tsquery('french', unaccent('réunion'))"
        )
        assert found
    finally:
        await connection.close()


async def test_dropping_a_database_ends_its_connections(postgres: Postgres) -> None:
    url = postgres.create_database()
    connection = await asyncpg.connect(url)
    await asyncio.to_thread(postgres.drop_database, url)
    with pytest.raises((asyncpg.PostgresError, OSError, asyncpg.InterfaceError)):
        await connection.fetchval("select 1")
    connection.terminate()


@pytest.mark.parametrize("durable", [False, True])
def test_postgres_keeps_what_it_committed_through_every_way_to_end(durable: bool) -> None:
    with Postgres(durable=durable) as postgres:
        assert postgres.query("show fsync") == ("on" if durable else "off")
        url, port = postgres.create_database(), postgres.port
        database = url.rpartition("/")[2]
        postgres.query("create table t (n int)", database)

        postgres.query("insert into t values (1)", database)
        postgres.stop()
        postgres.start()
        postgres.query("insert into t values (2)", database)
        postgres.stop(mode="immediate")
        postgres.start()
        postgres.query("insert into t values (3)", database)
        postgres.kill()
        postgres.start()

        assert postgres.query("select sum(n) from t", database) == "6"
        assert postgres.port == port


def test_a_suspended_postgres_is_silent_and_comes_back() -> None:
    with Postgres() as postgres:
        postgres.suspend()
        with pytest.raises(subprocess.TimeoutExpired):
            postgres.psql("select 1", seconds=0.3)
        postgres.resume()
        assert postgres.query("select 1") == "1"


def test_redis_forgets_when_it_stops_and_keeps_its_port(redis_server: RedisServer) -> None:
    port = redis_server.port
    with redis_server.client() as client:
        client.set("a", "b")
    assert redis_server.connections() == 0
    redis_server.stop()
    with redis_server.client() as client, pytest.raises(redis.ConnectionError):
        client.ping()
    redis_server.start()
    assert redis_server.port == port
    with redis_server.client() as client:
        assert client.get("a") is None


def test_a_suspended_redis_is_silent_and_comes_back(redis_server: RedisServer) -> None:
    redis_server.suspend()
    with redis_server.client(seconds=0.3) as client, pytest.raises(redis.TimeoutError):
        client.ping()
    redis_server.resume()
    with redis_server.client() as client:
        assert client.ping()


def test_a_service_that_cannot_start_says_why() -> None:
    redis_server = RedisServer({"maxmemory-policy": "no-such-policy"})
    with pytest.raises(ServiceError, match="no-such-policy"):
        redis_server.start()
    redis_server.kill()


def test_what_runs_in_the_background_of_a_shell_can_be_interrupted() -> None:
    """And so can what it starts."""
    ask = "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
    script = f"""
import subprocess, sys
from tests.services.process import hear_interrupts
subprocess.run([sys.executable, "-c", {ask!r}])
hear_interrupts()
subprocess.run([sys.executable, "-c", {ask!r}])
"""
    background = ["sh", "-c", '"$@" & wait', "sh", sys.executable, "-c", script]
    told = subprocess.run(background, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "False"]


def test_free_ports_lie_below_those_of_outgoing_connections_and_are_given_once() -> None:
    ports = [free_port() for _ in range(200)]
    assert all(1024 < port < 32_768 for port in ports)
    assert len(set(ports)) == len(ports), "what was to have one may not listen yet"


@pytest.mark.parametrize("with_signal", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_when_the_tests_are_killed(with_signal: signal.Signals) -> None:
    script = """
from tests.services import Postgres, RedisServer
with Postgres() as postgres, RedisServer() as redis:
    postgres.suspend()  # its backends could not notice by themselves that it died
    processes = [*postgres.family(), *redis.family()]
    print(*[process.pid for process in processes], flush=True)
    print(postgres.folder, redis.folder, flush=True)
    input()
"""
    tests = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert tests.stdout is not None
    family = [psutil.Process(int(pid)) for pid in tests.stdout.readline().split()]
    folders = [Path(os.fsdecode(folder)) for folder in tests.stdout.readline().split()]
    assert len(family) > 3
    assert all(folder.is_dir() for folder in folders)

    tests.send_signal(with_signal)
    tests.communicate()

    wait_until(lambda: not any(map(is_running, family)), "every process ended")
    wait_until(lambda: not any(folder.exists() for folder in folders), "every folder removed")
