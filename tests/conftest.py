"""Fixtures that every test may ask for: real services, each as fresh as it is cheap to make it.

What no test of a run asks for is neither started nor imported: tests of pure code run where none of it is installed.

A cluster of Postgres takes long to start, a database in it and a Redis server do not. So a session (each xdist worker)
shares one cluster and every test that asks gets a database, and a Redis, of its own; to copy a database that was migrated once
takes less than to migrate each. A test that stops, kills or
freezes Postgres starts one for itself: `with Postgres() as postgres`.
"""

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from hypothesis import HealthCheck, settings

from tests.services.process import GUARD, hear_interrupts, is_running
from tests.simulation.seeds import told

if TYPE_CHECKING:
    from tests.services import Postgres, RedisServer, ServerProcess

# Images of containers forbid bytecode on disk, where a program starts once; here hundreds of servers of the same sources do.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long a draw takes is the machine's affair: the first of a fresh clone makes the tables of all characters, in seconds.
settings.register_profile("test", suppress_health_check=[HealthCheck.too_slow], deadline=None)
# While one writes: `make test` tries five times as many.
settings.register_profile("check", settings.get_profile("test"), max_examples=20)
settings.load_profile("test")

SLOW = {
    "chaos",
    "client",
    "contracts",
    "e2e",
    "journal",
    "simulation",
    "wire",
    "test_bad_input.py",
    "test_main.py",
    "test_projector.py",
    "test_services.py",
}
"""What talks to databases, brokers, browsers, sockets and processes, and what plays at random for long: `make check` is what one runs while one writes."""

LONGEST = {
    "test_erasure.py",
    "test_full_size.py",
    "test_home.py",
    "test_kill.py",
    "test_readme.py",
    "test_rewriting.py",
    "test_scenes.py",
    "test_services.py",
    "test_storage.py",
    "test_whole.py",
}
"""Files in which a test takes a good part of a minute."""

SERVICES = {"postgres", "redis_server", "server", "start_server"}
"""Fixtures by which any other test does."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a fifth of the time a test waits for processes to start, stop or come back."""
    return (os.cpu_count() or 1) + 1


def pytest_configure() -> None:
    hear_interrupts()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: looking through it for garbage again and again finds none."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_report_header() -> str:
    """What is different from commit to commit."""
    return told()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if asked & SERVICES or SLOW & set(item.path.relative_to(Path(__file__).parent).parts):
            item.add_marker("slow")
    if hasattr(config, "workerinput"):  # this process is one of xdist's
        items[:] = dealt(items, config.workerinput["workercount"])


def dealt(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """In the order in which each worker begins with slow tests, the longest first, and ends with short ones: so all end together.

    xdist gives each worker an equal part of the list, and who has done his takes from the end of another's. A file stays together
    as long as nobody takes of it: its tests may share what is slow to make.
    """
    slow = [item for item in items if item.get_closest_marker("slow")]
    files: dict[Path, list[pytest.Item]] = {}
    for item in sorted(slow, key=lambda item: not LONGEST & set(item.path.parts)):
        files.setdefault(item.path, []).append(item)
    hands: list[list[pytest.Item]] = [[] for _ in range(workers)]
    for n, file in enumerate(files.values()):
        hands[n % workers] += file
    short = [item for item in items if not item.get_closest_marker("slow")]
    left = len(items)
    for n, hand in enumerate(hands):
        size = left // (workers - n)
        left -= size
        missing = max(0, size - len(hand))
        hand += short[:missing]
        del short[:missing]
    return [*(item for hand in hands for item in hand), *short]


@pytest.fixture(scope="session", autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Every process that the session's tests started has ended when the session ends."""
    before = set(psutil.Process().children(recursive=True))
    yield
    left = [child for child in psutil.Process().children(recursive=True) if child not in before and is_running(child)]
    names = {child.pid: " ".join(child.cmdline()) for child in left if child.pid != GUARD.pid}
    GUARD.close()
    assert not names, f"left behind by the tests (and ended now): {names}"


@pytest.fixture(scope="session")
def postgres(nothing_left_behind: None) -> Iterator["Postgres"]:
    """The session's Postgres, for the `database` fixture and for looking at what a test did."""
    from tests.services import Postgres

    with Postgres() as server:
        yield server


@pytest.fixture
def database(postgres: "Postgres") -> Iterator[str]:
    """The URL of an empty Postgres database of this test."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="session")
def migrated_once(postgres: "Postgres") -> str:
    """The URL of a database of this release's version, which nobody opens: each `migrated` is a copy."""
    from server.journal.connect import migrate

    url = postgres.create_database()
    with ThreadPoolExecutor(1) as thread:  # a test whose loop runs may be the first that asks
        thread.submit(lambda: asyncio.run(migrate(url))).result()
    return url


@pytest.fixture
def migrated(postgres: "Postgres", migrated_once: str) -> Iterator[str]:
    """The URL of a Postgres database of this test, of this release's version and with nothing in it."""
    url = postgres.create_database(migrated_once)
    yield url
    postgres.drop_database(url)


@pytest.fixture
def redis_server() -> Iterator["RedisServer"]:
    """A Redis-protocol server of this test, which may stop and start it."""
    from tests.services import RedisServer

    with RedisServer() as server:
        yield server


@pytest.fixture(scope="session")
def server(nothing_left_behind: None) -> Iterator["ServerProcess"]:
    """A server on SQLite, shared by the tests that make rooms of their own in it; a test that kills one starts one."""
    from tests.services import ServerProcess

    with ServerProcess() as server:
        yield server


@pytest.fixture
def start_server() -> Iterator[Callable[..., "ServerProcess"]]:
    """Starts servers, `start_server(database_url, redis_url, workers=3, env={…})`, and ends them after the test.

    A database of Postgres is migrated first.
    """
    from tests.services import ServerProcess

    servers: list[ServerProcess] = []

    def start(*args: object, **kwargs: object) -> ServerProcess:
        server = ServerProcess(*args, **kwargs)  # type: ignore[arg-type]  # the class checks its own arguments
        servers.append(server)
        if "DATABASE_URL" in server.env:
            server.migrate()
        server.start()
        return server

    yield start
    for server in servers:
        server.__exit__()


Spawn = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def spawn() -> AsyncIterator[Spawn]:
    """Starts programs, `await spawn(sys.executable, "-m", "server", stdout=PIPE)`; what a test leaves running ends with it."""
    started: list[asyncio.subprocess.Process] = []

    async def spawn(*command: str, **options: Any) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(*command, **options)
        started.append(process)
        return process

    yield spawn
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()  # which closes its pipes
