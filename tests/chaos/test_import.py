"""A machine that dies while it takes in a file: whoever sends it again has one room, and all of it (SPEC H9, N1)."""

import json
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests.services import ServerProcess
from tests.services.process import wait_until

IDEAS = 3_000
KEY = {"Idempotency-Key": "a-file-that-is-sent-again", "Content-Type": "application/json"}


def sent(url: str, content: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, content, headers or {})) as answer:
        return json.load(answer)


def exported(server: ServerProcess, room: dict[str, Any]) -> dict[str, Any]:
    url = f"{server.url}/api/rooms/{room['room']}/export.json"
    file: dict[str, Any] = sent(url, headers={"Authorization": f"Bearer {room['token']}"})
    return file


def file_of(server: ServerProcess) -> bytes:
    """Of a workshop that is too large to be taken in at once."""
    asked = json.dumps({"title": "Séminaire", "name": "Awa"}).encode()
    file = exported(server, sent(f"{server.url}/api/rooms", asked, {"Content-Type": "application/json"}))
    ideas = [
        {"id": f"idea:{n:012}", "text": f"Idée {n}", "rank": "a0", "author": file["me"], "at": n}
        for n in range(1, IDEAS + 1)
    ]
    return json.dumps(file | {"records": file["records"] + ideas}).encode()


def commits(data: Path) -> int:
    with closing(sqlite3.connect(f"file:{data / 'palabre.sqlite'}?mode=ro", uri=True)) as database:
        return int(database.execute("select count(*) from commits").fetchone()[0])


@pytest.mark.parametrize("after", [1, 4, 12])
def test_H9_a_file_that_is_sent_again_after_a_kill_is_one_room_and_whole(
    start_server: Callable[..., ServerProcess], after: int
) -> None:
    server = start_server()
    data = Path(server.env["PALABRE_DATA"])
    file = file_of(server)
    before = commits(data)

    def bring() -> None:
        with pytest.raises((urllib.error.URLError, HTTPException, OSError)):
            sent(f"{server.url}/api/import", file, KEY)

    with ThreadPoolExecutor(1) as other:
        bringing = other.submit(bring)
        wait_until(lambda: commits(data) >= before + after, f"{after} commits of the file")
        server.kill()
        bringing.result()

    server.start()
    room = sent(f"{server.url}/api/import", file, KEY)
    again = sent(f"{server.url}/api/import", file, KEY)
    assert (room["room"], room["code"], room["me"]) == (again["room"], again["code"], again["me"])
    records = exported(server, room)["records"]
    texts = [record["text"] for record in records if record["id"].startswith("idea:")]
    assert sorted(texts) == sorted(f"Idée {n}" for n in range(1, IDEAS + 1))
    assert sum(record["id"].startswith("member:") for record in records) == 1
