"""The whole application on SQLite, behind the wire that users come through: what that refuses no route ever sees."""

import asyncio
import ssl
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from uvicorn.server import ServerState

from server.accounts.tokens import Tokens
from server.app import Application, create
from server.config import Settings, read_settings
from server.wire.http import BoundedHttp
from server.wire.websocket import WebSocket

SECRET = "0123456789abcdef0123456789abcdef"
ORIGIN = "http://192.0.2.80:8000"

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
        async with _listening(app, state):
            yield state
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        assert (await from_app.get())["type"] == "lifespan.shutdown.complete"
        await task


_PORTS: weakref.WeakKeyDictionary[Application, int] = weakref.WeakKeyDictionary()
"""Where the applications that run are listened for."""

_UNUSED_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Else httpx reads all certificates of the world for each client."""


@asynccontextmanager
async def _listening(app: Application, state: dict[str, Any]) -> AsyncIterator[None]:
    config = uvicorn.Config(app, http=BoundedHttp, ws=WebSocket, lifespan="off", log_config=None)
    config.load()
    server_state = ServerState()
    listener = await asyncio.get_running_loop().create_server(
        lambda: BoundedHttp(config, server_state, state), "127.0.0.1", 0
    )
    _PORTS[app] = listener.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        listener.close()
        connections: list[Any] = list(server_state.connections)
        for connection in connections:
            (connection.transport if isinstance(connection, BoundedHttp) else connection._transport).abort()
        await asyncio.gather(*server_state.tasks, return_exceptions=True)


def port_of(app: Application) -> int:
    """Where an application that runs is listened for, on this machine."""
    return _PORTS[app]


def client_of(app: Application, address: str = "192.0.2.1", **options: Any) -> httpx.AsyncClient:
    """A client at this address, as a proxy on this machine tells."""
    headers = {"Host": ORIGIN.removeprefix("http://"), **dict(options.pop("headers", {}))}
    if address != "127.0.0.1":
        headers["X-Forwarded-For"] = address
    address_here = f"http://127.0.0.1:{_PORTS[app]}"
    return httpx.AsyncClient(base_url=address_here, headers=headers, timeout=30, verify=_UNUSED_TLS, **options)


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
async def phone(app: Application) -> AsyncIterator[httpx.AsyncClient]:
    """Another browser, at another address."""
    async with client_of(app, "192.0.2.2") as client:
        yield client


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is forgiven while a test asks, however long it takes. To be named before whatever makes the application."""
    for module in ("codes", "reads"):
        monkeypatch.setattr(f"server.web.{module}.monotonic", lambda: 1000.0)


@pytest.fixture
def tokens(settings: Settings) -> Tokens:
    return Tokens(settings.secret, settings.integrators, kept=settings.kept_secret)


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
