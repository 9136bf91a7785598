"""`palabre erase` from outside: a real database, the real command, and a receipt (SPEC O)."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg

from server.cli.erasing import receipt_of
from server.erasure.erasure import Receipt
from server.erasure.stream import Erased
from tests.cli.places import FRENCH, Place, write_golden
from tests.cli.test_secrets import do, following, post, until
from tests.services import RedisServer, ServerProcess
from tests.services.process import HUNG

PAUL = "member:paul--------"


def erase(place: Place, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", "erase", *arguments]
    return subprocess.run(command, env=place.environ | changes, capture_output=True, text=True, timeout=HUNG)


def kept(place: Place) -> str:
    """All that is in the tables in which somebody may stand."""
    tables = ("commits", "sealed", "memberships", "logins", "links", "endings", "public_rows", "snapshots")
    return repr([place.query(f"select * from {table}") for table in tables])


def test_O2_it_says_what_was_done_and_what_was_not(place: Place) -> None:
    async def prepare() -> list[str]:
        async with place.journal() as journal:
            return list((await write_golden(journal)).values())

    streams = asyncio.run(prepare())
    assert PAUL in kept(place)
    french = erase(place, PAUL, "--stream", streams[0], "--texts", "remove", **FRENCH)
    assert (french.returncode, french.stderr) == (0, "")
    _, first, one, *others = french.stdout.splitlines()
    assert first.startswith("Effacé de 1 séances ; textes retirés : ")
    assert one.startswith(f"  {streams[0]} : ")
    assert len(others) == 2
    english = erase(place, PAUL)
    assert (english.returncode, english.stderr) == (0, "")
    assert f"Erased from {len(streams) - 1} workshops; texts kept, unsigned: " in english.stdout
    assert "their name may be in it" in english.stdout
    assert ("In the file and its log nothing is left." in english.stdout) is place.url.startswith("sqlite")
    assert PAUL not in kept(place)
    again = erase(place, PAUL)
    assert (again.returncode, again.stderr) == (0, "")
    assert "Erased from 0 workshops" in again.stdout
    nobody = erase(place, "Paul")
    assert (nobody.returncode, nobody.stderr) == (1, "palabre: Expected the id of a person, member:…; got Paul\n")


def test_O2_a_receipt_is_in_both_languages() -> None:
    receipt = Receipt((Erased("room:a", 3, 1, 2),), 4, ())
    french = receipt_of(receipt, removes=False, in_file=False, lang="fr")
    english = receipt_of(receipt, removes=True, in_file=False, lang="en")
    assert "PostgreSQL" in french and "PostgreSQL" in english
    assert "  room:a : 3 commits, 1 messages anciens, 2 textes" in french
    assert "texts removed: 2; logins and links ended: 4" in english


def test_O5_it_is_done_beside_workers(
    tmp_path: Path, start_server: Callable[..., ServerProcess], redis_server: RedisServer, database: str
) -> None:
    """What a page shows of them goes, their own page is told that its login has ended, and others go on."""
    server = start_server(database, redis_server.url)
    made = post(server, "/api/rooms", {"title": "Séminaire", "name": "Claire"})
    paul = post(server, "/api/join", {"code": made["code"], "name": "Paul"})
    room, person = made["room"], paul["me"]["id"]
    environ = place_of(database, redis_server.url, tmp_path, server)
    with following(server, room, made["token"]) as hers, following(server, room, paul["token"]) as his:
        until(hers, "state"), until(his, "state")
        assert do(his, room, "one", "idea.add", id="idea:0123456789abcdef", text="la sienne")["t"] == "done"
        erased = erase(environ, person)
        assert (erased.returncode, erased.stderr) == (0, "")
        assert "Erased from 1 workshops; texts kept, unsigned: 1; logins and links ended: 2." in erased.stdout
        assert until(his, "bye")["code"] in ("unauthorized", "removed")
        afresh = until(hers, "state")
        while not afresh.get("reset"):
            afresh = until(hers, "state")
        assert person not in json.dumps(afresh)
        (idea,) = [each for each in afresh["put"] if each["id"] == "idea:0123456789abcdef"]
        assert idea["text"] == "la sienne"
        assert do(hers, room, "two", "idea.add", id="idea:1123456789abcdef", text="la suite")["t"] == "done"
    assert (
        post(server, "/api/link", {"link": paul["links"]["personal"].partition("#lien=")[2]})["code"] == "unauthorized"
    )
    assert person not in asyncio.run(everything(database))


def place_of(database: str, redis: str, folder: Path, server: ServerProcess) -> Place:
    import os

    inherited = {name: value for name, value in os.environ.items() if "PALABRE_" not in name}
    ours = {
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "PALABRE_DATA": str(folder),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    return Place(
        database, inherited | ours | {"PALABRE_SECRET": "a secret of the tests, the same in every server of a run"}
    )


async def everything(database: str) -> str:
    connection = await asyncpg.connect(database)
    try:
        tables: Sequence[str] = [
            row[0] for row in await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
        ]
        return repr([await connection.fetch(f'select * from "{table}"') for table in tables])
    finally:
        await connection.close()
