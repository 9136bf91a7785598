"""The whole application on SQLite, without a socket: its lifespan runs as a server would run it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.app import Application, create
from server.auth import Tokens
from server.config import Settings, read_settings

SECRET = "0123456789abcdef0123456789abcdef"
ORIGIN = "http://palabre.test"

Client = Callable[..., httpx.AsyncClient]


@asynccontextmanager
async def running(app: Application) -> AsyncIterator[dict[str, Any]]:
    """The lifespan state of an application that runs. Raises RuntimeError with the words of one that does not start."""
    to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    from_app: asyncio.Queue[Any] = asyncio.Queue()
    state: dict[str, Any] = {}
    task = asyncio.create_task(app({"type": "lifespan", "state": state}, to_app.get, from_app.put))
    await to_app.put({"type": "lifespan.startup"})
    answer = await from_app.get()
    if answer["type"] != "lifespan.startup.complete":
        await task
        raise RuntimeError(answer["message"])
    try:
        yield state
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        assert (await from_app.get())["type"] == "lifespan.shutdown.complete"
        await task


def client_of(app: Application, address: str = "192.0.2.1", **kwargs: Any) -> httpx.AsyncClient:
    """A client at this address."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, **kwargs)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """What a test may add settings to before it asks for `app`."""
    return {"PALABRE_DATA": str(tmp_path / "data"), "PALABRE_SECRET": SECRET}


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return read_settings(environ)


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Application]:
    app = create(settings)
    async with running(app):
        yield app


@pytest.fixture
async def client(app: Application) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture
def tokens(settings: Settings) -> Tokens:
    return Tokens(settings.secret, settings.integrators)


Started = Callable[[dict[str, str]], AbstractAsyncContextManager[Application]]


@pytest.fixture
def started(environ: dict[str, str]) -> Started:
    """Starts the application with further settings."""

    @asynccontextmanager
    async def start(changes: dict[str, str]) -> AsyncIterator[Application]:
        app = create(read_settings(environ | changes))
        async with running(app):
            yield app

    return start
