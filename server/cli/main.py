"""The command line: `palabre run` on a laptop, `palabre serve` on a server, `palabre migrate` before a release, `palabre erase` for
whoever asks to be forgotten.

All of them exit with 1 and one sentence when they cannot do what they are asked.
"""

import argparse
import asyncio
import contextlib
import errno
import functools
import logging
import math
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from client_demo.python.demo import options as demo
from server.cli import terminal
from server.cli.loading import load
from server.config import (
    AT_HOME,
    EVERYWHERE,
    Kind,
    Lang,
    Phrase,
    SettingError,
    Settings,
    read_settings,
    terminal_language,
)
from server.journal.port import InUse, JournalError
from server.web.interfaces import Interface, interfaces
from server.wire.limits import Limits

if TYPE_CHECKING:
    from server.journal.sqlite.file import Holder

GRACE_SECONDS: Final = 30
"""How long a stopping worker waits for its connections, which are told to come back within a window (W7)."""

FAREWELL_SECONDS: Final = math.ceil(Limits().farewell)
"""How long it waits for devices that do not read, of these."""

FORCED_SECONDS: Final = 2
"""How long rooms may take to be saved when nothing else is to be waited for; what was acknowledged is durable without."""

HEALTH_SECONDS: Final = 15
"""How long a worker may answer nothing before it is taken for hung and replaced."""

BACKLOG: Final = 65_535
"""Connections that may wait to be accepted, or as many as the system allows: a hall that comes back at once and finds no place in it tries
again a second later."""

FILES_WANTED: Final = 65_536
FILES_SPARE: Final = 128
"""Descriptors that are no client's: the database, Redis, logs, files."""


def main(arguments: Sequence[str] | None = None) -> int:
    lang = terminal_language(os.environ)
    options = _parser(lang).parse_args(arguments)
    if options.command == "demo":
        from client_demo.python.demo.command_line import run as run_demo

        return run_demo(options, lang)
    command = options.command
    try:
        opens: frozenset[Kind] = AT_HOME if command == "run" else frozenset({"workshops"})
        settings = within_descriptors(replace(read_settings(os.environ, opens=opens), lang=lang))
        # Before the port: that it is taken is then no more than a part of it, and another one would not help.
        holder = _holder(settings)
        if holder is not None and holder.rewriting:
            return _fail(terminal.in_use(settings, rewriting=True, lang=lang))
        if holder is not None:
            return _fail(terminal.already_runs(settings, holder.process, lang))
        match command:
            case "migrate" if options.rewrite:
                return _rewrite(settings, lang)
            case "erase":
                return _erase(settings, options, lang)
            case "migrate":
                return _migrate(settings, lang)
            case "reindex":
                return _reindex(settings, lang)
            case "setup":
                return _setup(settings, lang)
            case "serve":
                return _serve(settings, lang)
            case _:
                return _run(settings, lang)
    except SettingError as error:
        return _fail(error.phrase.in_(lang))
    except JournalError as error:
        return _fail(str(error))
    except KeyboardInterrupt:  # before there is anything to stop, or at a question
        return 130


def _holder(settings: Settings) -> "Holder | None":
    """The process that has the database to itself; None for nobody."""
    from server.journal.connect import holder

    return holder(settings.database_url)


def _parser(lang: Lang) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="palabre",
        description=Phrase(
            "Palabre, le serveur. Les réglages viennent de l’environnement (voir README).",
            "Palabre, the server. Settings come from the environment (see README).",
        ).in_(lang),
        add_help=False,
    )
    title = Phrase("commandes", "commands").in_(lang)
    commands = parser.add_subparsers(dest="command", required=True, title=title)
    each = {name: commands.add_parser(name, help=words.in_(lang), add_help=False) for name, words in _COMMANDS.items()}
    each["demo"] = commands.add_parser("demo", help=demo.HELP.in_(lang), add_help=False)
    demo.add_arguments(each["demo"], lang)
    each["migrate"].add_argument("--rewrite", action="store_true", help=_REWRITE.in_(lang))
    erasing = each["erase"]
    erasing.add_argument("person", metavar="PERSON", nargs="?", help=_PERSON.in_(lang))
    erasing.add_argument("--stream", metavar="ROOM", help=_STREAM.in_(lang))
    erasing.add_argument("--texts", choices=("keep", "remove"), default="keep", help=_TEXTS.in_(lang))
    erasing.add_argument("--compact", action="store_true", help=_COMPACT.in_(lang))
    for one in (parser, *each.values()):
        # The module's own words are English.
        told = Phrase("afficher cette aide", "show this help").in_(lang)
        one.add_argument("-h", "--help", action="help", help=told)
    return parser


_COMMANDS: Final = {
    "run": Phrase(
        "ouvrir sur cet ordinateur, pour les téléphones du même réseau", "open on this computer, for phones nearby"
    ),
    "serve": Phrase("servir, sans rien afficher que le journal de bord", "serve, showing nothing but the log"),
    "erase": Phrase(
        "effacer une personne de tout ce qui est gardé, puis s’arrêter",
        "take a person out of all that is kept, then stop",
    ),
    "migrate": Phrase("mettre la base à jour, puis s’arrêter", "bring the database up to date, then stop"),
    "setup": Phrase(
        "afficher le lien qui crée une communauté, une fois, là où chacun ne le peut pas",
        "show the link that makes one community where not everybody may make one",
    ),
    "reindex": Phrase(
        "refaire l’index de la recherche à partir de ce qui fut écrit",
        "make the search index anew from what was written",
    ),
}


_REWRITE: Final = Phrase(
    "réécrire aussi au format actuel tout ce qu’écrivirent d’anciennes versions ; Palabre arrêté",
    "also write anew in the current format all that older releases wrote; with Palabre stopped",
)


_INTERRUPTED: Final = Phrase(
    "Interrompu ; ce qui est fait reste, et la même commande fera la suite.",
    "Interrupted; what is done stays, and the same command does the rest.",
)

_PERSON: Final = Phrase("son identifiant, member:…", "their id, member:…")

_STREAM: Final = Phrase(
    "d’une seule séance, room:… ; sans cela, de toutes", "of one workshop, room:…; without it, of all"
)

_TEXTS: Final = Phrase(
    "ce qui fut écrit sous son nom reste, sans signature (keep, sans autre choix), ou est retiré (remove)",
    "what was written under their name stays, unsigned (keep, unless said otherwise), or goes (remove)",
)


_COMPACT: Final = Phrase(
    "réécrire aussi (sans PERSON : seulement) les tables de PostgreSQL, où ce qui fut effacé reste sinon jusqu’au vacuum ; Palabre arrêté",
    "also (without PERSON: only) rewrite PostgreSQL’s tables, in which what was erased stays until a vacuum otherwise; with Palabre stopped",
)


def _run(settings: Settings, lang: Lang) -> int:
    listener = _listen(settings, lang)
    others: list[Interface] = []
    near = settings.public_url is None
    if settings.public_url is None:
        host, others = _local_host(settings.host, lang)
        port = listener.getsockname()[1]
        settings = replace(settings, public_url=f"http://{f'[{host}]' if ':' in host else host}:{port}")
    assert settings.public_url is not None
    setup = None
    if "communities" not in settings.open:
        from server.cli.setup import setup_link

        setup = asyncio.run(setup_link(settings, settings.public_url))
    colours = sys.stdout.isatty()
    screen = terminal.welcome(settings, settings.public_url, others, lang, colours=colours, near=near, setup=setup)
    log_config = terminal.logging_config(logging.WARNING, "palabre: %(message)s")

    def stopping(connections: int | None) -> None:
        if connections != 0:
            print(terminal.stopping(connections, FAREWELL_SECONDS, lang), flush=True)

    return _start(settings, listener, log_config, lambda: print(screen, flush=True), stopping)


def _serve(settings: Settings, lang: Lang) -> int:
    listener = _listen(settings, lang)
    host, port = listener.getsockname()[:2]
    log = logging.getLogger("palabre")
    log_config = terminal.logging_config(logging.INFO, "%(asctime)s %(levelname)s %(name)s %(message)s")

    def opened() -> None:
        log.info("listening on %s port %d, workers: %d", host, port, settings.workers)
        if settings.trusted_proxies.strip() == "*":
            log.warning(
                "FORWARDED_ALLOW_IPS=*: anybody may give himself any address; name the networks of your proxies"
            )

    def stopping(connections: int | None) -> None:
        many = "all workers'" if connections is None else connections
        log.info("stopping; connections to be said farewell: %s, within %d s", many, FAREWELL_SECONDS)

    return _start(replace(settings, metrics_here=False), listener, log_config, opened, stopping)


def _migrate(settings: Settings, lang: Lang) -> int:
    from server.journal.connect import migrate

    print(terminal.migrated(settings, asyncio.run(migrate(settings.database_url)), lang))
    return 0


def _rewrite(settings: Settings, lang: Lang) -> int:
    from server.cli.rewriting import run

    return _long(run(settings, lang), settings, lang)


def _reindex(settings: Settings, lang: Lang) -> int:
    from server.cli.reindexing import run

    return _long(run(settings, lang), settings, lang)


def _setup(settings: Settings, lang: Lang) -> int:
    from server.cli.setup import setup_link

    if settings.public_url is None:
        return _fail(terminal.setup_where(lang))
    print(asyncio.run(setup_link(settings, settings.public_url)))
    return 0


def _long(work: Coroutine[Any, Any, int], settings: Settings, lang: Lang) -> int:
    """What may be interrupted, and begun again."""
    try:
        return asyncio.run(work)
    except InUse as error:
        return _fail(terminal.in_use(settings, rewriting=error.rewriting, lang=lang))
    except KeyboardInterrupt:
        print(f"palabre: {_INTERRUPTED.in_(lang)}", file=sys.stderr)
        return 130


def _erase(settings: Settings, options: argparse.Namespace, lang: Lang) -> int:
    from server.cli.erasing import Asked, run

    asked = Asked(options.person, options.stream, options.texts == "remove", options.compact)
    return _long(run(settings, asked, lang), settings, lang)


def _local_host(host: str | None, lang: Lang) -> tuple[str, list[Interface]]:
    """The address to show (what HOST says, or the one network, or the one chosen of several) and others that lead here too."""
    if host not in EVERYWHERE:
        return host, []
    found = interfaces()
    if not found:
        return "localhost", []
    chosen = found[0]
    if len(found) > 1 and sys.stdin.isatty() and sys.stdout.isatty():
        with contextlib.suppress(EOFError):  # Ctrl+D: as good an answer as Enter
            chosen = terminal.choose(found, lang, input)
    return chosen.address, [interface for interface in found if interface != chosen]


def _listen(settings: Settings, lang: Lang) -> socket.socket:
    """The socket that all workers accept from. Raises SystemExit with a sentence when it cannot be had."""
    host = settings.host or "0.0.0.0"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # On all of IPv6 means on all of IPv4 too: the address that phones are shown is one of IPv4.
        both = host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server((host, settings.port), family=family, backlog=BACKLOG, dualstack_ipv6=both)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sentence = terminal.port_taken(settings.port, lang)
        else:
            sentence = terminal.cannot_listen(host, settings.port, os.strerror(error.errno or 0), lang)
        raise SystemExit(_fail(sentence)) from None


class _Server(uvicorn.Server):
    """Says when it is open (not before, when it may yet fail for want of a database), and what it waits for when it stops.

    Args:
        stopping: told how many connections are to be said farewell (None: it is not known); a second Ctrl+C does without.
    """

    def __init__(
        self, config: uvicorn.Config, announce: Callable[[], None], stopping: Callable[[int | None], None]
    ) -> None:
        super().__init__(config)
        self._announce = announce
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping(len(self.server_state.connections))
        await super().shutdown(sockets)
        if (
            self.force_exit
        ):  # uvicorn would leave the application where it is: rooms unsaved, and a traceback of its end
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FORCED_SECONDS):
                    await self.lifespan.shutdown()


class _Workers(Multiprocess):
    """Sees a worker that ends in the middle of a ping at once, not when the ping's time is over; and says once what all of them wait for.

    Args:
        stopping: see `_Server`; which connections workers have, this process does not know.
    """

    def __init__(self, config: uvicorn.Config, listener: socket.socket, stopping: Callable[[int | None], None]) -> None:
        super().__init__(config, sockets=[listener])
        self._stopping = stopping

    def handle_int(self) -> None:
        self._stop()

    def handle_term(self) -> None:
        self._stop()

    def _stop(self) -> None:
        if not self.should_exit.is_set():
            self._stopping(None)
        self.should_exit.set()

    def keep_subprocess_alive(self) -> None:
        for process in self.processes:
            process.child_conn.close()  # the worker's end: while the parent holds it too, its pipe is never at its end
        super().keep_subprocess_alive()


def _start(
    settings: Settings,
    listener: socket.socket,
    log_config: dict[str, Any],
    announce: Callable[[], None],
    stopping: Callable[[int | None], None],
) -> int:
    """Serve until told to stop; 1 when it could not start."""
    config = uvicorn.Config(
        # The settings travel to spawned workers as they were read here.
        functools.partial(load, settings),
        factory=True,
        http="server.wire.http:BoundedHttp",
        ws="server.wire.websocket:WebSocket",
        lifespan="on",
        backlog=BACKLOG,
        workers=settings.workers,  # always given: uvicorn reads WEB_CONCURRENCY itself where it is not
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=HEALTH_SECONDS,
        access_log=False,  # it names paths, and they hold codes: see server.web.middleware
        server_header=False,
        log_config=log_config,
    )
    # uvicorn raises the signal that stopped it again once it has stopped; to have been told to stop is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        if settings.workers == 1:
            _Server(config, announce, stopping).run(sockets=[listener])
        else:
            announce()
            workers = _Workers(config, listener, stopping)
            workers.run()
            if any(process.exitcode == STARTUP_FAILURE for process in workers.processes):
                return 1
    except KeyboardInterrupt:
        return 0
    except SystemExit as stopped:
        return 1 if stopped.code == STARTUP_FAILURE else 0
    return 0


def within_descriptors(settings: Settings) -> Settings:
    """As many connections as this process may have open; macOS begins with 256 descriptors and allows more for the asking."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES_WANTED:
        wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, FILES_WANTED)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        except (OSError, ValueError):  # a system that promises more than it gives
            pass
    sockets = max(2, min(settings.max_sockets, soft - FILES_SPARE))
    # Some are left for requests, without which nobody comes in at all.
    connections = min(settings.max_connections, sockets - max(1, sockets // 8))
    return replace(settings, max_connections=connections, max_sockets=sockets)


def _fail(sentence: str) -> int:
    print(f"palabre: {sentence}", file=sys.stderr)
    return 1
