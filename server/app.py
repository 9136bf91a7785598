"""All the wiring: from settings to an ASGI application whose lifespan holds the journal, the bus, the hub and the sessions."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from protocol.errors import Refusal
from protocol.version import IMAGE_BYTES
from server.accounts.connect import accounts_of
from server.accounts.devices import Devices
from server.accounts.logins import Logins
from server.accounts.tokens import Tokens, alias_key, command_key, fingerprint
from server.admission.admission import Admission, Admit, by_kind
from server.admission.circles import Circles
from server.admission.communities import Communities
from server.admission.rooms import Rooms
from server.bus.local import LocalBus
from server.bus.port import Bus
from server.circle.model import CIRCLE
from server.community.model import COMMUNITY
from server.config import Phrase, SettingError, Settings
from server.erasure.erasure import Ports as ErasurePorts
from server.erasure.leaving import Leaving
from server.images.connect import dropping, images_of
from server.journal.connect import connect
from server.journal.port import JournalError
from server.live.consumer import Consumer
from server.live.courier import couriers
from server.live.hub import Hub
from server.live.peer import Receivers
from server.live.projector import Projector
from server.live.wakeups import Wakeups
from server.models import MODELS, model_of
from server.positions.connect import positions_of
from server.readmodels.circles import CIRCLE_KINDS
from server.readmodels.home import community_queries
from server.rehearsal import Rehearsals
from server.session.queries import Hints, workshop_queries
from server.session.reading import Reading
from server.session.session import Rules
from server.session.sessions import Sessions
from server.web.accounts import Entries
from server.web.api import LARGE_BODIES, Api
from server.web.circles import CircleRoutes
from server.web.codes import Attempts
from server.web.communities import CommunityApi
from server.web.errors import on_bug, on_gone, on_http_exception, on_journal_error, on_refusal
from server.web.health import Health
from server.web.images import Images
from server.web.metrics import Metrics
from server.web.middleware import Envelope, security_headers
from server.web.offload import Offload
from server.web.pages import Pages
from server.web.reads import Reads
from server.web.reports import Reports
from server.web.writing import Writing
from server.wire.limits import Limits
from server.workshop.model import WORKSHOP

log = logging.getLogger("palabre.app")

KEPT_SECRET: Final = "fingerprint of the kept secret"
"""The fact by which a database knows it."""

LAST_SECONDS: Final = 2.0
"""For which a worker that stops brings on what it appended: what it saves of its rooms begins behind it."""

CLOSING_SECONDS: Final = 10
"""More than a room waits for its journal while it closes."""


class Application:
    """The ASGI application. HTTP goes to Starlette; the WebSocket goes past it (`server.wire`), to the `receivers` that
    the lifespan puts into the server's state, with the limits of both.

    Starlette's own lifespan is not used: it answers a database that is down with a traceback.
    """

    def __init__(self, settings: Settings) -> None:
        self._images = images_of(settings.images)
        drop = dropping(self._images)
        self._journal = connect(settings.database_url, alone=settings.redis_url is None)
        self._hub = Hub(
            journal=self._journal,
            bus=_bus(settings.redis_url),
            secret=command_key(settings.kept_secret),
            alias_secret=alias_key(settings.kept_secret),
            model_of=model_of,
            worker=secrets.token_urlsafe(9),
            drop=drop,
        )
        tokens = Tokens(settings.secret, settings.integrators, before=settings.secret_before, kept=settings.kept_secret)
        metrics = Metrics()
        self._settings = settings
        accounts = accounts_of(self._journal)
        self._logins = Logins(tokens, accounts, self._hub.now)
        self._rules = Rules(
            self._logins.identify,
            settings.rate,
            settings.serves_origin,
            settings.max_connections,
            IMAGE_BYTES if self._images else 0,
        )
        self._consumers: list[Consumer] = [
            Projector(self._journal, self._hub.held, self._hub.backlog(), model_of, self._hub.now, self._hub.tell_news),
            *couriers(MODELS.values(), self._hub),
        ]
        self._health = Health(settings, self._journal, self._hub, metrics)
        self._limits = Limits(sockets=settings.max_sockets, large_bodies=LARGE_BODIES)
        rooms, communities, circles = Rooms(self._hub), Communities(self._hub), Circles(self._hub)
        admits: dict[str, Admit] = {
            WORKSHOP.name: rooms.admit,
            COMMUNITY.name: communities.admit,
            CIRCLE.name: circles.admit,
        }
        self._admission = Admission(self._hub, by_kind(admits), accounts.is_granted)
        self._rehearsals = Rehearsals(self._hub, rooms)
        self._offload, reads = Offload(), Reads()
        self._leaving = Leaving(
            ErasurePorts(self._journal, accounts, self._hub.now, model_of, drop), self._hub.ring_rewritten
        )
        attempts = Attempts()
        self._devices = devices = Devices(self._logins, accounts, self._hub.now)
        entries = Entries(settings, devices, communities)
        of_communities = CommunityApi(
            settings, tokens, self._logins, devices, communities, rooms, self._admission, entries, attempts
        )
        api = Api(
            settings, tokens, self._logins, accounts, self._journal, self._hub, self._admission, rooms, metrics, self._rehearsals, reads, self._leaving, attempts, self._images,
        )  # fmt: skip
        of_circles = CircleRoutes(settings, tokens, self._logins, self._admission, circles)
        reports = Reports(
            self._logins, self._admission, rooms, Writing(self._offload.run, Offload().run), reads, self._images
        )
        images = Images(settings, self._images, self._logins, self._admission, rooms, self._hub)
        pages = Pages(settings, api.room_of)
        app = Starlette(
            routes=[
                *api.routes(),
                *of_circles.routes(),
                *of_communities.routes(),
                *reports.routes(),
                *images.routes(),
                *self._health.routes(),
                *pages.routes(),
            ],
            middleware=_middleware(settings),
            exception_handlers={
                Refusal: on_refusal,
                JournalError: on_journal_error,
                HTTPException: on_http_exception,
                ClientDisconnect: on_gone,
                404: pages.lost,
                Exception: on_bug,
            },
        )
        headers, access_log = security_headers(settings.frame_ancestors), settings.access_log
        self._http: ASGIApp = Envelope(app, headers, metrics, access_log=access_log, is_https=settings.is_https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(scope["state"], receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            raise RuntimeError(
                "expected WebSockets to be taken by server.wire; run uvicorn with ws='server.wire.websocket:WebSocket'"
            )

    async def _lifespan(self, state: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self._running() as receivers:
                state.update(receivers=receivers, limits=self._limits)
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except JournalError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        except SettingError as error:
            await send({"type": "lifespan.startup.failed", "message": error.phrase.in_(self._settings.lang)})
            return
        await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[Receivers]:
        """Floors open from below and close from above."""
        async with AsyncExitStack() as floors:
            await self._journal.open()
            floors.push_async_callback(_close, "the journal", self._journal.close)
            await self._check_kept_secret()
            await self._hub.open()
            floors.push_async_callback(_close, "the hub", self._hub.close)
            floors.push_async_callback(_close, "the rehearsals", self._rehearsals.close)
            for consumer in self._consumers:
                floors.push_async_callback(
                    _close, f"the last of {consumer.name}", partial(consumer.catch_up, LAST_SECONDS)
                )
                self._go_on(floors, consumer.name, consumer.run())
            self._go_on(floors, "the wakeups", Wakeups(self._hub).run())
            reading = Reading(self._hub, positions_of(self._journal))
            queries = {
                WORKSHOP.name: workshop_queries(Hints(self._offload.run)),
                COMMUNITY.name: community_queries(reading),
                CIRCLE.name: CIRCLE_KINDS,
            }
            floors.push_async_callback(_close, "the last positions", reading.write)
            self._go_on(floors, "the positions", reading.run())
            sessions = Sessions(self._hub, self._admission, self._rules, queries, reading)
            floors.push_async_callback(_close, "the sessions", sessions.close)
            self._go_on(floors, "the logins", self._logins.watch(sessions.cut))
            self._go_on(floors, "the erasures", self._leaving.run())
            yield sessions

    @staticmethod
    def _go_on(floors: AsyncExitStack, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Work that ends with the floor that it stands on."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        floors.push_async_callback(_close, name, partial(_end, task))

    async def _check_kept_secret(self) -> None:
        """
        Raises:
            SettingError: the database was made with another: nobody would be the author of what he wrote without a name.
        """
        ours = fingerprint(self._settings.kept_secret)
        if await self._journal.fact(KEPT_SECRET, ours) != ours:
            raise SettingError(
                "PALABRE_KEPT_SECRET",
                Phrase(
                    "le secret avec lequel cette base fut faite, sans lequel chacun perdrait ses idées anonymes et ses gommettes (ce qu’était "
                    "PALABRE_SECRET alors, ou le fichier kept-secret de son dossier de données)",
                    "the secret that this database was made with, without which people would lose their anonymous ideas and dots (what "
                    "PALABRE_SECRET was then, or the file kept-secret of its data folder)",
                ),
                Phrase("un autre", "another one"),
            )


async def _close(floor: str, close: Callable[[], Awaitable[None]]) -> None:
    """A floor that cannot close keeps neither those below it open nor the process alive."""
    try:
        async with asyncio.timeout(CLOSING_SECONDS):
            await close()
    except TimeoutError:
        log.error("%s did not close within %d s", floor, CLOSING_SECONDS)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def create(settings: Settings) -> Application:
    """The application that these settings describe, not yet started. Raises JournalError for an unusable DATABASE_URL."""
    return Application(settings)


def _bus(url: str | None) -> Bus:
    if url is None:
        return LocalBus()
    from server.bus.redis.bus import RedisBus  # not needed on a laptop, and slow to load
    from server.bus.redis.cluster import SCHEMES, RedisClusterBus

    return RedisClusterBus(url) if url.startswith(SCHEMES) else RedisBus(url)


def _middleware(settings: Settings) -> list[Middleware]:
    if not settings.origins:
        return []
    methods, headers = ("GET", "POST"), ("Authorization", "Content-Type", "Idempotency-Key")
    return [Middleware(CORSMiddleware, allow_origins=settings.origins, allow_methods=methods, allow_headers=headers)]
