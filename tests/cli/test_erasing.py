"""`palabre erase` from outside: a real database, the real command, and a receipt (SPEC O)."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
import pytest

from server.cli.erasing import left_of, receipt_of
from server.config import Lang
from server.erasure.erasure import Receipt
from server.erasure.stream import Erased
from server.journal.connect import migrate
from server.journal.postgres.compact import NAMELESS, TABLES
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
    french = receipt_of(receipt, removes=False, lang="fr")
    english = receipt_of(receipt, removes=True, lang="en")
    assert "  room:a : 3 commits, 1 messages anciens, 2 textes" in french
    assert "texts removed: 2; logins and links ended: 4" in english


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_O2_it_says_what_holds_it_until_when(lang: Lang) -> None:
    """In PostgreSQL's files it is until they are rewritten; in its log, and in backups, for as long as these are kept."""
    in_file, in_tables, compacted = (
        left_of(in_file=in_file, compacted=compacted).in_(lang)
        for in_file, compacted in ((True, False), (False, False), (False, True))
    )
    assert left_of(in_file=True, compacted=True).in_(lang) == in_file
    assert ["WAL" in each for each in (in_file, in_tables, compacted)] == [False, True, True]
    assert ["vacuum" in each and "palabre erase --compact" in each for each in (in_file, in_tables, compacted)] == [
        False,
        True,
        False,
    ]
    assert len({in_file, in_tables, compacted}) == 3


def test_O2_once_it_is_compacted_no_file_of_a_table_holds_it(place: Place) -> None:
    async def prepare() -> None:
        async with place.journal() as journal:
            await write_golden(journal)

    asyncio.run(prepare())
    if not place.url.startswith("sqlite"):
        place.query("analyze")  # what the planner has seen of it is kept, too
    erased = erase(place, PAUL, "--texts", "remove")
    assert erased.returncode == 0
    assert in_tables(place) is not place.url.startswith("sqlite"), "PostgreSQL keeps what was until its vacuum"
    compacted = erase(place, "--compact")
    assert (compacted.returncode, compacted.stderr) == (0, "")
    assert len(compacted.stdout.splitlines()) == 1
    assert not in_tables(place)
    both = erase(place, "member:nadia-------", "--compact")
    assert (both.returncode, both.stderr) == (0, "")
    assert "Erased from " in both.stdout
    assert not in_tables(place, "member:nadia-------")
    nothing = erase(place, **FRENCH)
    assert (nothing.returncode, nothing.stderr) == (
        1,
        "palabre: Il faut l’identifiant d’une personne, member:… ; reçu : rien\n",
    )


def in_tables(place: Place, person: str = PAUL) -> bool:
    """Whether it is in a byte of the files in which tables and indexes lie."""
    if place.url.startswith("sqlite"):
        folder = Path(place.url.removeprefix("sqlite:///")).parent
    else:
        place.query("checkpoint")
        ((data, oid),) = place.query(
            "select current_setting('data_directory'), oid from pg_database where datname = current_database()"
        )
        folder = Path(data) / "base" / str(oid)
    return any(person.encode() in file.read_bytes() for file in folder.iterdir() if file.is_file())


def test_O2_every_table_is_written_anew_or_names_nobody(database: str) -> None:
    async def tables() -> set[str]:
        await migrate(database)
        connection = await asyncpg.connect(database)
        try:
            sql = "select tablename from pg_tables where schemaname = 'public'"
            return {name for (name,) in await connection.fetch(sql)}
        finally:
            await connection.close()

    assert asyncio.run(tables()) == {*TABLES, *NAMELESS}


def test_O2_tables_are_not_rewritten_beside_workers(
    tmp_path: Path, start_server: Callable[..., ServerProcess], redis_server: RedisServer, database: str
) -> None:
    server = start_server(database, redis_server.url)
    made = post(server, "/api/rooms", {"title": "Séminaire", "name": "Claire"})
    refused = erase(place_of(database, redis_server.url, tmp_path, server), made["me"]["id"], "--compact")
    assert refused.returncode == 1
    assert "Stop all its processes" in refused.stderr
    assert made["me"]["id"] in asyncio.run(everything(database)), "nothing is erased then"


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
