"""Two secrets, from outside: one signs and is replaced, with the other the database was made (DESIGN, Two secrets)."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from websockets import Subprotocol
from websockets.sync.client import ClientConnection, connect

from protocol.version import JSON
from server.accounts.tokens import Tokens
from tests.before import link_of_before
from tests.services import RedisServer, ServerProcess
from tests.services.process import HUNG

FIRST = "the first secret of these tests, which did everything"
SECOND = "the second secret of these tests, which signs alone"
THIRD = "the third secret of these tests, which nobody knows"
KEY = "an-entry-that-has-a-key"
IDEA = "idea:0123456789abcdef"
STEP = "step:0123456789abcdef"

Start = Callable[..., ServerProcess]


def post(server: ServerProcess, path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=HUNG) as answer:
            result: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as error:
        result = json.load(error)
    return result


def restored(server: ServerProcess, link: str) -> dict[str, Any]:
    return post(server, "/api/link", {"link": link.partition("#lien=")[2]})


@contextmanager
def following(server: ServerProcess, room: str, token: str) -> Iterator[ClientConnection]:
    with connect(server.ws_url, subprotocols=[Subprotocol(JSON)]) as socket:
        socket.send(json.dumps({"t": "hello", "token": token, "client": "test"}))
        socket.send(json.dumps({"t": "join", "stream": room}))
        yield socket


def until(socket: ClientConnection, *kinds: str) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(socket.recv(HUNG))
        if frame["t"] in kinds:
            return frame


def do(socket: ClientConnection, room: str, name: str, cmd: str, /, again: bool = False, **args: Any) -> dict[str, Any]:
    frame = {"t": "do", "id": name, "stream": room, "cmd": cmd, "args": args} | ({"again": True} if again else {})
    socket.send(json.dumps(frame))
    return until(socket, "done", "refused")


class Before(NamedTuple):
    """What a participant has of a room in which he wrote without a name."""

    room: str
    code: str
    member: str
    token: str
    link: str
    done: int

    def is_still_himself(self, server: ServerProcess, token: str) -> bool:
        """His idea is his, what he sends again was done, and the entry that he tries again makes no second."""
        with following(server, self.room, token) as socket:
            mine = until(socket, "mine")
            again = do(socket, self.room, "written", "idea.add", again=True, id=IDEA, text="Oser")
        entered = post(server, "/api/join", {"code": self.code, "name": "Zoé", "key": KEY})
        own = [record["id"] for record in mine["put"] if record["id"] == IDEA]
        return own == [IDEA] and again.get("seq") == self.done and entered["me"]["id"] == self.member


def write_without_a_name(server: ServerProcess) -> Before:
    room = post(server, "/api/rooms", {"title": "Séminaire", "name": "Awa"})
    participant = post(server, "/api/join", {"code": room["code"], "name": "Zoé", "key": KEY})
    with following(server, room["room"], room["token"]) as host:
        step = do(
            host, room["room"], "1", "step.add", id=STEP, kind="ideate", title="Oser", blind="hosts", anonymous=True
        )
        assert step["t"] == "done", step
        assert do(host, room["room"], "2", "step.go", id=STEP)["t"] == "done"
    with following(server, room["room"], participant["token"]) as socket:
        done = do(socket, room["room"], "written", "idea.add", id=IDEA, text="Oser")
    assert done["t"] == "done", done
    link = participant["links"]["personal"]
    return Before(room["room"], room["code"], participant["me"]["id"], participant["token"], link, done["seq"])


def refusal(server: ServerProcess, before: Before) -> str:
    """What a token is answered with."""
    with connect(server.ws_url, subprotocols=[Subprotocol(JSON)]) as socket:
        socket.send(json.dumps({"t": "hello", "token": before.token, "client": "test"}))
        return str(until(socket, "bye", "refused", "hello").get("code", "welcome"))


@pytest.mark.parametrize("on", ["sqlite", "postgres"])
def test_the_secret_that_signs_is_replaced_and_nobody_loses_anything(
    start_server: Start, request: pytest.FixtureRequest, tmp_path: Path, on: str
) -> None:
    url = f"sqlite:///{tmp_path}/palabre.sqlite" if on == "sqlite" else request.getfixturevalue("database")
    server = start_server(url, env={"PALABRE_SECRET": FIRST})
    before = write_without_a_name(server)
    assert before.is_still_himself(server, before.token)
    server.stop()

    replaced = {"PALABRE_SECRET": SECOND, "PALABRE_SECRET_BEFORE": FIRST, "PALABRE_KEPT_SECRET": FIRST}
    server = start_server(url, env=replaced)
    signed = link_of_before(Tokens(FIRST.encode()), member=before.member, room=before.room, code=before.code)
    assert post(server, "/api/link", {"link": signed})["me"]["id"] == before.member
    back = restored(server, before.link)
    assert back["me"]["id"] == before.member
    assert before.is_still_himself(server, before.token)
    assert before.is_still_himself(server, back["token"])
    server.stop()

    server = start_server(url, env={"PALABRE_SECRET": SECOND, "PALABRE_KEPT_SECRET": FIRST})
    assert post(server, "/api/link", {"link": signed})["code"] == "unauthorized"
    assert restored(server, before.link)["me"]["id"] == before.member, "no secret signed it"
    assert refusal(server, before) == "unauthorized"
    assert before.is_still_himself(server, back["token"]), "what the new one signed is good"
    server.stop()


class OnItsFolder(ServerProcess):
    """A server that is given no secret."""

    def __init__(self, folder: Path) -> None:
        super().__init__(env={"PALABRE_DATA": str(folder)})
        del self.env["PALABRE_SECRET"]


def refused_to_start(environ: dict[str, str], **changes: str) -> str:
    command = [sys.executable, "-m", "server", "serve"]
    result = subprocess.run(command, env=environ | changes, capture_output=True, text=True, timeout=HUNG)
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr


EXPECTED = "PALABRE_KEPT_SECRET: expected the secret that this database was made with"
ATTENDU = "PALABRE_KEPT_SECRET : attendu le secret avec lequel cette base fut faite"


def test_in_a_data_folder_it_is_replaced_by_renaming_its_file(tmp_path: Path) -> None:
    """A folder of before there were two: the one secret made the aliases."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "secret").write_text(FIRST)
    with OnItsFolder(folder) as server:
        before = write_without_a_name(server)
    (folder / "secret").rename(folder / "secret-before")
    with OnItsFolder(folder) as server:
        back = restored(server, before.link)
        assert before.is_still_himself(server, before.token)
        assert before.is_still_himself(server, back["token"])
    (folder / "secret-before").unlink()
    with OnItsFolder(folder) as server:
        assert refusal(server, before) == "unauthorized"
        assert before.is_still_himself(server, back["token"])
    (folder / "kept-secret").rename(tmp_path / "backup")
    server = OnItsFolder(folder)
    assert EXPECTED in refused_to_start(server.env)
    assert ATTENDU in refused_to_start(server.env, LC_ALL="fr_FR.UTF-8")
    (tmp_path / "backup").rename(folder / "kept-secret")
    with server:
        assert before.is_still_himself(server, back["token"])


def test_a_database_takes_no_other_kept_secret(start_server: Start, database: str, redis_server: RedisServer) -> None:
    server = start_server(database, redis_server.url, env={"PALABRE_SECRET": FIRST})
    server.stop()
    for env in (
        {"PALABRE_SECRET": SECOND},
        {"PALABRE_SECRET": FIRST, "PALABRE_KEPT_SECRET": THIRD},
        {"PALABRE_SECRET": SECOND, "WEB_CONCURRENCY": "2"},
    ):
        said = refused_to_start(server.env | env)
        assert EXPECTED in said
        assert "what PALABRE_SECRET was then, or the file kept-secret" in said
        assert not any(secret in said for secret in (FIRST, SECOND, THIRD))
    server = start_server(database, redis_server.url, env={"PALABRE_SECRET": SECOND, "PALABRE_KEPT_SECRET": FIRST})
    assert server.is_ready()
