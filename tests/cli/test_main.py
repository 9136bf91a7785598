"""The command line from outside: what it starts, what it says, and how it ends."""

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from websockets import ConnectionClosed, InvalidStatus, Origin, Subprotocol
from websockets.frames import CloseCode
from websockets.sync.client import connect

from protocol.version import JSON
from server.cli.main import HEALTH_SECONDS
from server.web.templates import TEMPLATES
from tests.services import Postgres, RedisServer, ServerProcess
from tests.services.process import HUNG, free_port, wait_until

ROOT = Path(__file__).parents[2]
SECRET = "0123456789abcdef0123456789abcdef"
OURS = ("DATABASE_URL", "HOST", "PORT", "REDIS_URL", "WEB_CONCURRENCY", "LANG", "LC_ALL", "LC_MESSAGES")

Environ = dict[str, str]


@pytest.fixture
def environ(tmp_path: Path) -> Environ:
    """A server of this test alone: SQLite in a folder of its own, a free loopback port, English."""
    inherited = {key: value for key, value in os.environ.items() if key not in OURS and "PALABRE_" not in key}
    return inherited | {
        "PYTHONPATH": str(ROOT),
        "PALABRE_DATA": str(tmp_path / "data"),
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "LANG": "en_US.UTF-8",
    }


def palabre(command: str, environ: Mapping[str, str], within: float = HUNG) -> subprocess.CompletedProcess[str]:
    """Runs a command that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "server", *command.split()], env=environ, capture_output=True, text=True, timeout=within
    )


@pytest.fixture
def run(environ: Environ, tmp_path: Path) -> Iterator[Callable[[Environ], tuple[subprocess.Popen[str], Path]]]:
    """Starts `palabre run`, with what it prints in a file."""
    started: list[subprocess.Popen[str]] = []

    def start(changes: Environ) -> tuple[subprocess.Popen[str], Path]:
        out = tmp_path / "out"
        with out.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "server", "run"],
                env=environ | changes,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        started.append(process)
        return process, out

    yield start
    for process in started:
        process.kill()
        process.wait()


def post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=HUNG) as answer:
        result: dict[str, Any] = json.load(answer)
        return result


# run


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fr_FR.UTF-8", ["Palabre est ouvert", "Données : ", "Pour arrêter : Ctrl+C"]),
        ("en_GB.UTF-8", ["Palabre is open", "Data: ", "To stop: Ctrl+C"]),
    ],
)
def test_run_says_where_phones_find_it(run: Any, environ: Environ, lang: str, words: list[str]) -> None:
    process, out = run({"LANG": lang})
    address = f"http://127.0.0.1:{environ['PORT']}"
    wait_until(lambda: "Ctrl+C" in out.read_text() or process.poll() is not None, "the first screen")
    screen = out.read_text()
    assert all(word in screen for word in [*words, address, f"{environ['PALABRE_DATA']}/palabre.sqlite", "█▄▄▄▄▄▄▄█"])
    room = post(f"{address}/api/rooms", {"title": "Séminaire", "name": "Awa"})
    assert room["links"]["join"].startswith(f"{address}/r/"), "links lead where phones can follow"

    process.send_signal(signal.SIGINT)
    assert process.wait(HUNG) == 0
    assert "Traceback" not in out.read_text()


def test_run_says_what_it_waits_for_when_it_stops_and_need_not_wait(run: Any, environ: Environ) -> None:
    process, out = run({"LANG": "fr_FR.UTF-8"})
    wait_until(lambda: "Ctrl+C" in out.read_text() or process.poll() is not None, "the first screen")
    address = f"ws://127.0.0.1:{environ['PORT']}/ws"
    with contextlib.ExitStack() as hall:
        phones = [hall.enter_context(connect(address, subprotocols=[Subprotocol(JSON)])) for _ in range(25)]
        process.send_signal(signal.SIGINT)
        wait_until(lambda: "encore une fois" in out.read_text(), "what it waits for")
        assert (
            "les appareils connectés (25) sont prévenus ; ceux qui ne répondent plus sont attendus 12 s"
            in out.read_text()
        )
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert "Traceback" not in out.read_text()
        for phone in phones:
            with contextlib.suppress(ConnectionClosed):
                list(phone)
    # They are told over some seconds, so that they do not all come back at once: most were not told yet.
    assert [phone.close_code for phone in phones].count(CloseCode.ABNORMAL_CLOSURE) > 5


def test_run_on_any_free_port_says_which(run: Any) -> None:
    process, out = run({"PORT": "0"})
    wait_until(lambda: "Ctrl+C" in out.read_text() or process.poll() is not None, "the first screen")
    found = re.search(r"http://127\.0\.0\.1:([1-9][0-9]+)", out.read_text())
    assert found is not None
    with urllib.request.urlopen(f"{found[0]}/readyz", timeout=HUNG) as answer:
        assert answer.status == 200


def test_run_on_all_of_ipv6_is_on_all_of_ipv4_too(run: Any, environ: Environ) -> None:
    """The screen shows an address of IPv4."""
    process, out = run({"HOST": "::"})
    wait_until(lambda: "Ctrl+C" in out.read_text() or process.poll() is not None, "the first screen")
    if not socket.has_dualstack_ipv6():
        assert "HOST must be an address of this machine" in out.read_text()
        return
    with urllib.request.urlopen(f"http://127.0.0.1:{environ['PORT']}/readyz", timeout=HUNG) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "changes", [{"HOST": "127.0.0.1"}, {"HOST": "", "PALABRE_PUBLIC_URL": "http://phones.example"}]
)
def test_run_offers_no_address_that_leads_nowhere_or_was_not_asked_for(run: Any, changes: Environ) -> None:
    process, out = run(changes)
    wait_until(lambda: "Ctrl+C" in out.read_text() or process.poll() is not None, "the first screen")
    assert "Another address?" not in out.read_text()


def test_run_keeps_the_room_over_a_restart(run: Any, environ: Environ) -> None:
    address = f"http://127.0.0.1:{environ['PORT']}"
    process, out = run({})
    wait_until(lambda: "Ctrl+C" in out.read_text(), "the first screen")
    room = post(f"{address}/api/rooms", {"title": "Séminaire", "name": "Awa"})
    process.terminate()
    assert process.wait(HUNG) == 0
    _, out = run({})
    wait_until(lambda: "Ctrl+C" in out.read_text(), "the first screen again")
    link = room["links"]["recovery"].partition("#lien=")[2]
    assert post(f"{address}/api/link", {"link": link})["me"] == room["me"]


# serve


def test_serve_logs_one_line_each_and_ends_with_0(start_server: Callable[..., ServerProcess]) -> None:
    server = start_server()
    room = post(f"{server.url}/api/rooms", {"title": "Secret title", "name": "Zoé"})
    assert server.stop() == 0
    lines = server.log.splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d [\d:,]+ (INFO|WARNING) [a-z.]+ ", line) for line in lines)
    assert f"listening on 127.0.0.1 port {server.port}, workers: 1" in server.log
    for secret in (room["token"], room["code"], room["links"]["recovery"], "Secret title", "Zoé"):
        assert secret not in server.log


def test_a_phone_that_does_not_read_is_waited_for_as_long_as_is_said(run: Any, environ: Environ) -> None:
    """Seen: « within seconds », and then twelve of them."""
    process, out = run({})
    wait_until(lambda: "Ctrl+C" in out.read_text() or process.poll() is not None, "the first screen")
    with socket.create_connection(("127.0.0.1", int(environ["PORT"])), HUNG) as phone:
        phone.sendall(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: palabre.v1.json\r\n\r\n"
        )
        assert phone.recv(12) == b"HTTP/1.1 101"
        process.send_signal(signal.SIGINT)
        wait_until(lambda: "at most" in out.read_text(), "for how long")
        found = re.search(r"waited for ([0-9]+) seconds at most", out.read_text())
        assert found is not None
        began = time.monotonic()
        assert process.wait(HUNG) == 0
        assert time.monotonic() - began < int(found[1]) + 3, "and rooms are saved"


def test_serve_with_several_workers(
    database: str, redis_server: RedisServer, start_server: Callable[..., ServerProcess], environ: Environ
) -> None:
    settings = {"DATABASE_URL": database, "PALABRE_SECRET": SECRET}
    assert palabre("migrate", environ | settings).returncode == 0
    server = start_server(database, redis_server.url, workers=2)
    server.wait_log("Application startup complete")
    assert len(server.workers()) == 2
    room = post(f"{server.url}/api/rooms", {"title": "Séminaire", "name": "Awa"})
    participants = [post(f"{server.url}/api/join", {"code": room["code"], "name": f"Invité {n}"}) for n in range(10)]
    assert len({participant["me"]["id"] for participant in participants}) == 10
    assert server.stop() == 0
    assert server.log.count("stopping; connections to be said farewell: all workers', within 12 s") == 1
    assert "Traceback" not in server.log


def test_a_process_takes_no_more_connections_than_it_may_open(environ: Environ) -> None:
    """The limit of descriptors is raised as far as it goes, and what it leaves is the limit of connections."""
    script = """
import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300))
from server.cli.main import FILES_SPARE, read_settings, within_descriptors
settings = within_descriptors(read_settings(os.environ))
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (300, 300)
assert settings.max_sockets == 300 - FILES_SPARE
assert settings.max_connections == 151  # an eighth is for those who ask by HTTP
"""
    result = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, timeout=HUNG)
    assert result.returncode == 0, result.stderr


# migrate


def test_migrate_says_what_it_did(environ: Environ) -> None:
    first, second = palabre("migrate", environ), palabre("migrate", environ)
    assert (first.returncode, second.returncode) == (0, 0)
    assert "up to date" in first.stdout
    assert "0001_" in first.stdout
    assert "nothing to do" in second.stdout


def test_AC7_setup_prints_a_link_that_makes_a_community_once(environ: Environ) -> None:
    """The same until it is used; the terminal of `run` shows it where not everybody may make one."""
    assert "PALABRE_PUBLIC_URL" in palabre("setup", environ).stderr
    served = environ | {"PALABRE_PUBLIC_URL": f"http://127.0.0.1:{environ['PORT']}", "PALABRE_OPEN": "workshops"}
    served |= {"PALABRE_SECRET": SECRET}
    first, again = palabre("setup", served), palabre("setup", served)
    assert first.returncode == 0 and first.stdout == again.stdout
    address, _, secret = first.stdout.strip().partition("#setup=")
    assert address == f"{served['PALABRE_PUBLIC_URL']}/c"
    with ServerProcess(port=int(environ["PORT"]), env=served):
        body = {"title": "Les managers", "name": "Claire", "setup": secret}
        made = post(f"{served['PALABRE_PUBLIC_URL']}/api/communities", body)
        assert made["community"].startswith("community:")
        with pytest.raises(urllib.error.HTTPError, match="403"):
            post(f"{served['PALABRE_PUBLIC_URL']}/api/communities", body)
    assert palabre("setup", served).stdout not in ("", first.stdout)


def test_a_database_that_is_not_migrated_is_told_so(database: str, environ: Environ) -> None:
    result = palabre("serve", environ | {"DATABASE_URL": database, "PALABRE_SECRET": SECRET})
    assert result.returncode == 1
    assert "migrate" in result.stderr


# What cannot start: one sentence, status 1, no traceback.


def _newer_sqlite(environ: Environ) -> Environ:
    assert palabre("migrate", environ).returncode == 0
    with sqlite3.connect(Path(environ["PALABRE_DATA"]) / "palabre.sqlite") as connection:
        connection.execute("insert into migrations values (9999, '9999_future.sql', 0)")
    connection.close()
    return {}


REFUSALS: dict[str, tuple[str, Callable[[Environ], Environ], str]] = {
    "a port of no number": ("serve", lambda _: {"PORT": "http"}, "PORT: expected a whole number"),
    "an address elsewhere": ("serve", lambda _: {"HOST": "203.0.113.9"}, "HOST must be an address of this machine"),
    "a second worker on SQLite": (
        "serve",
        lambda _: {"WEB_CONCURRENCY": "2"},
        "several processes need PostgreSQL and Redis",
    ),
    "a second worker without Redis": (
        "serve",
        lambda _: {"WEB_CONCURRENCY": "2", "DATABASE_URL": "postgresql://u:hunter2@h/d", "PALABRE_SECRET": SECRET},
        "several processes need PostgreSQL and Redis",
    ),
    "a second worker, in French": (
        "run",
        lambda _: {"WEB_CONCURRENCY": "2", "LANG": "fr_FR.UTF-8"},
        "plusieurs processus demandent PostgreSQL et Redis",
    ),
    "no secret for Postgres": (
        "serve",
        lambda _: {"DATABASE_URL": "postgresql://u:hunter2@h/d"},
        "PALABRE_SECRET: expected",
    ),
    "a newer database": ("serve", _newer_sqlite, "made by a newer Palabre"),
    "a newer database, to run": ("run", _newer_sqlite, "made by a newer Palabre"),
    "a newer database, to migrate": ("migrate", _newer_sqlite, "made by a newer Palabre"),
    "a folder that cannot be": (
        "serve",
        lambda _: {"PALABRE_DATA": "/dev/null/data"},
        "PALABRE_DATA: expected a folder",
    ),
    "a database that cannot be": (
        "serve",
        lambda _: {"DATABASE_URL": "sqlite:////dev/null/p.sqlite"},
        "cannot write beside /dev/null/p.sqlite",
    ),
    "no Postgres": (
        "serve",
        lambda _: {"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/d", "PALABRE_SECRET": SECRET},
        "PostgreSQL at 127.0.0.1:1/d: ",
    ),
    "no Postgres to migrate": (
        "migrate",
        lambda _: {"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/d", "PALABRE_SECRET": SECRET},
        "PostgreSQL at 127.0.0.1:1/d: ",
    ),
    "no Postgres for several": (
        "serve",
        lambda _: {
            "DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/d",
            "REDIS_URL": "redis://127.0.0.1:1",
            "WEB_CONCURRENCY": "2",
            "PALABRE_SECRET": SECRET,
        },
        "PostgreSQL at 127.0.0.1:1/d: ",
    ),
}


@pytest.mark.parametrize(("command", "prepare", "told"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_cannot_start_says_why(
    environ: Environ, command: str, prepare: Callable[[Environ], Environ], told: str
) -> None:
    result = palabre(command, environ | prepare(environ), within=HEALTH_SECONDS)
    assert result.returncode == 1
    assert told in result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    assert "hunter2" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("lang", "told"), [("fr_FR", "Le port {port} est déjà pris."), ("en_GB", "Port {port} is already in use.")]
)
@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_port_in_use_is_told(environ: Environ, command: str, lang: str, told: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = palabre(command, environ | {"PORT": str(port), "LANG": lang})
    assert result.returncode == 1
    assert result.stderr.startswith("palabre: " + told.format(port=port))
    assert len(result.stderr.splitlines()) == 1


def test_a_palabre_that_runs_on_the_file_already_is_told_of_first(environ: Environ, run: Any) -> None:
    process, out = run({})
    wait_until(lambda: "Ctrl+C" in out.read_text(), "the first screen")
    file = f"{environ['PALABRE_DATA']}/palabre.sqlite"
    for command, changes, told in (
        ("run", {"LANG": "fr_FR"}, f"Palabre est déjà ouvert ici, sur le fichier {file} (processus {process.pid})."),
        ("run", {"PORT": "0", "LANG": "fr_FR"}, f"Palabre est déjà ouvert ici, sur le fichier {file} (processus {process.pid})."),
        ("serve", {"PORT": "0"}, f"Palabre already runs here, on the file {file} (process {process.pid})."),
        ("migrate", {}, f"Palabre already runs here, on the file {file} (process {process.pid})."),
    ):  # fmt: skip
        result = palabre(command, environ | changes)
        assert result.returncode == 1
        assert result.stderr.startswith(f"palabre: {told}")
        assert len(result.stderr.splitlines()) == 1
    assert process.poll() is None


def test_a_postgres_that_only_reads_is_told(environ: Environ) -> None:
    with Postgres() as postgres:
        url = postgres.create_database()
        settings = {"DATABASE_URL": url, "PALABRE_SECRET": SECRET}
        assert palabre("migrate", environ | settings).returncode == 0
        postgres.query(f"alter database {url.rpartition('/')[2]} set default_transaction_read_only = on")
        result = palabre("serve", environ | settings)
    assert result.returncode == 1
    assert "read-only" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", ["", "walk"])
def test_an_unknown_command_is_answered_with_the_known_ones(environ: Environ, command: str) -> None:
    result = palabre(command, environ)
    assert result.returncode == 2
    assert "run" in result.stderr
    assert "migrate" in result.stderr


# The whole way, once: the rules themselves have tests of their own.


def test_an_idea_goes_all_the_way(start_server: Callable[..., ServerProcess]) -> None:
    server = start_server()
    room = post(f"{server.url}/api/rooms", {"title": "Séminaire", "name": "Awa"})
    participant = post(f"{server.url}/api/join", {"code": room["code"], "name": "Zoé"})
    idea = "idea:0123456789abcdef"
    with connect(server.ws_url, subprotocols=[Subprotocol(JSON)], origin=Origin(server.url)) as socket:
        socket.send(json.dumps({"t": "hello", "token": participant["token"], "client": "test"}))
        assert json.loads(socket.recv(10))["me"] == {"id": participant["me"]["id"]}
        socket.send(json.dumps({"t": "join", "stream": room["room"]}))
        socket.send(
            json.dumps(
                {"t": "do", "id": "1", "stream": room["room"], "cmd": "idea.add", "args": {"id": idea, "text": "Oser"}}
            )
        )
        seen: set[str] = set()
        while not {"done", "patch"} <= seen:
            seen.add(json.loads(socket.recv(10))["t"])
    request = urllib.request.Request(
        f"{server.url}/api/rooms/{room['room']}/export.json", headers={"Authorization": f"Bearer {room['token']}"}
    )
    with urllib.request.urlopen(request, timeout=HUNG) as answer:
        records = {record["id"]: record for record in json.load(answer)["records"]}
    assert records[idea]["text"] == "Oser"
    assert records[idea]["author"] == participant["me"]["id"]


def test_h4_a_closed_door_refuses_newcomers_only(start_server: Callable[..., ServerProcess]) -> None:
    server = start_server()
    room = post(f"{server.url}/api/rooms", {"title": "Séminaire", "name": "Awa"})
    entry = {"code": room["code"], "name": "Zoé", "key": "an-entry-that-has-a-key"}
    participant = post(f"{server.url}/api/join", entry)
    with connect(server.ws_url, subprotocols=[Subprotocol(JSON)]) as socket:
        socket.send(json.dumps({"t": "hello", "token": room["token"], "client": "test"}))
        socket.send(json.dumps({"t": "join", "stream": room["room"]}))
        closing = {"t": "do", "id": "1", "stream": room["room"], "cmd": "room.set", "args": {"door": False}}
        socket.send(json.dumps(closing))
        while json.loads(socket.recv(10))["t"] != "done":
            pass
    with pytest.raises(urllib.error.HTTPError) as refused:
        post(f"{server.url}/api/join", {"code": room["code"], "name": "Max"})
    answer = json.load(refused.value)
    assert (refused.value.code, answer["code"], answer["retry"]) == (403, "locked", True)
    back = post(f"{server.url}/api/link", {"link": participant["links"]["personal"].partition("#lien=")[2]})
    assert back["me"] == participant["me"]
    # Who was in when it closed, and never heard of it (H9).
    assert post(f"{server.url}/api/join", entry)["me"] == participant["me"]


def test_h9_a_room_tried_on_several_workers_is_one(
    start_server: Callable[..., ServerProcess], database: str, redis_server: RedisServer
) -> None:
    server = start_server(database, redis_server.url, workers=2)
    asked = {"title": "Séminaire", "name": "Awa", "template": "action", "key": "an-entry-that-has-a-key"}
    with ThreadPoolExecutor(8) as tries:
        rooms = list(tries.map(lambda _: post(f"{server.url}/api/rooms", asked), range(16)))
    assert len({(room["room"], room["code"], room["me"]["id"]) for room in rooms}) == 1
    # Nobody heard an answer, and all workers are others now: the same room still, with all that is in it.
    server.stop()
    server.start()
    room = post(f"{server.url}/api/rooms", asked)
    assert room["code"] == rooms[0]["code"]
    export = urllib.request.Request(
        f"{server.url}/api/rooms/{room['room']}/export.json", headers={"Authorization": f"Bearer {room['token']}"}
    )
    with urllib.request.urlopen(export) as answer:
        file = answer.read()
    kinds = [record["id"].partition(":")[0] for record in json.loads(file)["records"]]
    assert (kinds.count("step"), kinds.count("member")) == (len(TEMPLATES["fr"][0].steps), 1)

    def bring(_: int) -> str:
        headers = {"Idempotency-Key": "a-file-that-has-a-key-", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{server.url}/api/import", file, headers)) as answer:
            return str(json.load(answer)["room"])

    with ThreadPoolExecutor(2) as tries:
        assert len(set(tries.map(bring, range(4)))) == 1


def test_a_page_of_elsewhere_may_not_connect(start_server: Callable[..., ServerProcess]) -> None:
    server = start_server(env={"PALABRE_ORIGINS": "https://intranet.example"})
    with pytest.raises(InvalidStatus) as refused:
        connect(server.ws_url, subprotocols=[Subprotocol(JSON)], origin=Origin("https://evil.example"))
    assert refused.value.response.status_code == 403
    with connect(server.ws_url, subprotocols=[Subprotocol(JSON)], origin=Origin("https://intranet.example")):
        pass


def test_a_page_without_tls_may_not_connect_where_people_come_by_tls(
    start_server: Callable[..., ServerProcess],
) -> None:
    server = start_server()
    mine = f"{server.host}:{server.port}"

    def opens(scheme: str, proto: str | None) -> bool:
        headers = {} if proto is None else {"X-Forwarded-Proto": proto}
        origin = Origin(f"{scheme}://{mine}")
        try:
            with connect(server.ws_url, subprotocols=[Subprotocol(JSON)], origin=origin, additional_headers=headers):
                return True
        except InvalidStatus as refused:
            assert refused.response.status_code == 403
            return False

    # On a laptop, and behind a proxy that says nothing or whose own way here has no TLS.
    assert [opens(scheme, proto) for scheme in ("http", "https") for proto in (None, "http", "ws")] == [True] * 6
    assert [opens("https", proto) for proto in ("https", "wss", "https, http")] == [True] * 3
    assert [opens("http", proto) for proto in ("https", "wss", "https, http")] == [False] * 3
    # Who is no trusted proxy cannot say how others came.
    alone = start_server(env={"FORWARDED_ALLOW_IPS": "192.0.2.7"})
    with connect(
        alone.ws_url,
        subprotocols=[Subprotocol(JSON)],
        origin=Origin(f"http://{alone.host}:{alone.port}"),
        additional_headers={"X-Forwarded-Proto": "https"},
    ):
        pass


def test_a_worker_holds_so_many_connections_and_no_more(start_server: Callable[..., ServerProcess]) -> None:
    server = start_server(env={"PALABRE_MAX_CONNECTIONS": "1"})
    with connect(server.ws_url, subprotocols=[Subprotocol(JSON)]), pytest.raises(InvalidStatus) as refused:
        connect(server.ws_url, subprotocols=[Subprotocol(JSON)])
    assert refused.value.response.status_code == 503


def test_what_a_server_keeps_is_for_nobody_else_on_its_machine(
    start_server: Callable[..., ServerProcess], tmp_path: Path
) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    path = folder / "palabre.sqlite"
    path.touch(mode=0o644)
    server = start_server(f"sqlite:///{path}")
    post(f"{server.url}/api/rooms", {"title": "Séminaire", "name": "Awa"})
    modes = {each.name: oct(each.stat().st_mode & 0o777) for each in folder.iterdir()}
    assert set(modes) >= {"palabre.sqlite", "palabre.sqlite-wal", "palabre.sqlite.lock"}
    assert set(modes.values()) == {"0o600"}


def test_a_server_that_believes_everybody_says_so(start_server: Callable[..., ServerProcess]) -> None:
    server = start_server(env={"FORWARDED_ALLOW_IPS": "*"})
    server.wait_log("name the networks of your proxies")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{server.url}/metrics", timeout=10)


class FewDescriptors(ServerProcess):
    """A server on a machine that gives it 300."""

    def command(self) -> list[str]:
        return ["bash", "-c", f"ulimit -n 300; exec {sys.executable} -m server serve"]


def test_connections_that_say_nothing_leave_room_for_a_balancer() -> None:
    with FewDescriptors() as server, contextlib.ExitStack() as crowd:
        for _ in range(600):
            peer = crowd.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            with contextlib.suppress(OSError):  # it has given way already
                peer.send(b"G")
        for _ in range(5):
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=10) as answer:
                assert answer.status == 200
        assert server.log.count("gave way to others") == 1
        assert "Too many open files" not in server.log
