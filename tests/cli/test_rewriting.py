"""`palabre migrate --rewrite` from outside: what older releases wrote, in a real database, by the real command."""

import asyncio
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import msgpack
import msgspec
import pytest
from websockets import Subprotocol
from websockets.sync.client import connect as connect_socket

from protocol.records import Record
from protocol.version import JSON
from server.accounts.port import Login
from server.accounts.tokens import Tokens
from server.journal.connect import migrate, open_to_rewrite
from server.journal.port import Appended, Commit, Entry, Journal
from server.live.layers import Layers, load
from server.live.rewriting import rewrite
from server.model.events import FORMAT
from server.models import model_of
from server.workshop.model import WORKSHOP
from tests.cli.places import FRENCH, GOLDEN, SECRET, Place, golden, write, write_golden
from tests.contracts.journals import key
from tests.services import ServerProcess
from tests.services.process import HUNG, wait_until


async def write_long(place: Place, stream: str, edits: int, format: int = 4) -> None:
    """A room in which one idea was changed again and again; put there at once, since each append waits for the disk."""
    head = golden(format)[:6]
    edited = [
        (format, head[-1][1] + n, msgpack.packb([{"e": "idea.edited", "id": "idea:000000000001", "text": f"v{n}"}]))
        for n in range(edits)
    ]
    rows = [(stream, seq, *commit) for seq, commit in enumerate([*head, *edited], 1)]
    if place.url.startswith("sqlite"):
        with closing(sqlite3.connect(place.url.removeprefix("sqlite:///"))) as file, file:
            file.execute("insert into streams (stream, head, incarnation) values (?, ?, 'one')", (stream, len(rows)))
            file.executemany("insert into commits (stream, seq, format, at, events) values (?, ?, ?, ?, ?)", rows)
    else:
        connection = await asyncpg.connect(place.url)
        await connection.execute(
            "insert into streams (stream, head, incarnation) values ($1, $2, 'one')", stream, len(rows)
        )
        await connection.copy_records_to_table("commits", records=rows)
        await connection.close()


async def folded(journal: Journal, stream: str) -> Layers:
    layers = Layers(WORKSHOP)
    while commits := await journal.read(stream, layers.seq):
        for commit in commits:
            layers.take(WORKSHOP.events.decode(commit.format, commit.events), commit.seq, commit.at)
    return layers


def seen(layers: Layers) -> dict[str, list[Record]]:
    """What each audience and each member has, in order, with its `v`."""
    shared = {str(audience): list(layer.records.values()) for audience, layer in layers.shared.items()}
    return shared | {member: list(layers.own(member)) for member in layers.mine}


def formats(place: Place) -> set[tuple[str, int]]:
    found = place.query("select stream, format from commits union select stream, format from sealed")
    return {(stream, format) for stream, format in found}


async def test_what_any_older_release_wrote_is_of_the_current_format_and_looks_the_same(place: Place) -> None:
    async with place.journal() as journal:
        streams = await write_golden(journal)
        before = {stream: seen(await folded(journal, stream)) for stream in streams.values()}
        heads = await journal.heads(list(streams.values()))
        times = {stream: [commit.at for commit in await journal.read(stream, 0)] for stream in streams.values()}
    assert {(stream, n) for n, stream in streams.items()} <= await asyncio.to_thread(formats, place)

    done = await asyncio.to_thread(place.rewrite)
    assert (done.returncode, done.stderr) == (0, "")
    commits = sum(head.seq for head in heads.values())
    assert f"Rewriting: {len(streams)} of {len(streams)} workshops, {commits} of {commits} commits" in done.stdout

    assert await asyncio.to_thread(formats, place) == {(stream, FORMAT) for stream in streams.values()}
    async with place.journal() as journal:
        assert await journal.heads(list(streams.values())) == heads
        for n, stream in streams.items():
            assert [commit.at for commit in await journal.read(stream, 0)] == times[stream]
            layers = await folded(journal, stream)
            assert seen(layers) == before[stream]
            for audience, expected in GOLDEN[n]["records"].items():
                assert json.loads(msgspec.json.encode(seen(layers)[audience])) == expected
            snapshot = await journal.load_snapshot(stream, WORKSHOP.version)
            assert snapshot is not None and snapshot.seq == heads[stream].seq
            assert seen(load(WORKSHOP, snapshot.state)) == before[stream]
            people = [record for record in GOLDEN[n]["records"]["public"] if record["id"].startswith("member:")]
            for record in people:
                assert stream in [name async for name in journal.streams_naming(record["id"])]
                role = None if record.get("away") else record["role"]
                assert (await journal.standing(record["id"], stream)).role == role
            assert people
            assert stream not in [name async for name in journal.streams_naming("member:of-none-of-them")]
            sealed = (await journal.sealed(stream, ["message:000000000001"]))["message:000000000001"]
            assert WORKSHOP.unpack_entity(sealed.format, sealed.entity).id == sealed.id


async def test_what_is_done_already_is_left_alone(place: Place) -> None:
    async with place.journal() as journal:
        await write_golden(journal)
    assert (await asyncio.to_thread(place.rewrite)).returncode == 0
    everything = "select stream, seq, events from commits order by 1, 2", "select stream, seq, state from snapshots"
    before = [await asyncio.to_thread(place.query, sql) for sql in everything]
    again = await asyncio.to_thread(place.rewrite)
    assert (again.returncode, again.stderr) == (0, "")
    assert "nothing to do" in again.stdout
    assert [await asyncio.to_thread(place.query, sql) for sql in everything] == before


def test_killed_in_the_middle_it_goes_on_with_the_rest(place: Place) -> None:
    # One takes long enough for a kill to come between; of the other it is enough that its turn has not come.
    edits = {"room:first-of-two": 6_000, "room:second-of-two": 60}

    async def prepare() -> dict[str, dict[str, list[Record]]]:
        async with place.journal() as journal:
            for stream, times in edits.items():
                await write_long(place, stream, times)
            return {stream: seen(await folded(journal, stream)) for stream in edits}

    before = asyncio.run(prepare())
    count = f"select count(*) from commits where format = {FORMAT}"
    whole = sum(edits.values()) + len(edits) * 6

    killed = subprocess.Popen(place.command(), env=place.environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: place.query(count)[0][0] > 0, "the first commits of the current format")
    finally:
        killed.kill()
        killed.communicate()
    ((done,),) = place.query(count)
    assert 0 < done < max(edits.values()), "it was killed too late, or a room is all or nothing"

    async def look() -> dict[str, dict[str, list[Record]]]:
        async with place.journal() as journal:
            return {stream: seen(await folded(journal, stream)) for stream in edits}

    assert asyncio.run(look()) == before
    again = place.rewrite()
    assert (again.returncode, again.stderr) == (0, "")
    assert place.query(count) == [(whole,)]
    assert len(place.query("select 1 from snapshots")) == len(edits)
    assert asyncio.run(look()) == before


def test_a_room_that_cannot_be_read_is_left_as_it_is_and_named(place: Place) -> None:
    raws = golden(3)
    torn = (3, raws[8][1], raws[8][2][:-3])

    async def prepare() -> None:
        async with place.journal() as journal:
            await write_golden(journal)
            for stream, commits in (
                ("room:of-a-newer-release", [*raws[:8], (FORMAT + 1, raws[8][1], raws[8][2])]),
                ("room:torn-in-its-middle", [*raws[:8], torn, *raws[9:]]),
                ("room:torn-where-current", [*raws[:8], (FORMAT, *torn[1:])]),
            ):
                for seq, (format, at, raw) in enumerate(commits, 1):
                    entry = Entry(stream, f"first of {stream}", Commit(seq, format, at, raw), (key(),))
                    assert await journal.append(entry) == Appended(seq)
            await write(journal, "room:sealed-and-torn", raws)

    asyncio.run(prepare())
    sql = "update sealed set entity = {} where stream = 'room:sealed-and-torn'"
    if place.url.startswith("sqlite"):
        with closing(sqlite3.connect(place.url.removeprefix("sqlite:///"))) as connection, connection:
            connection.execute(sql.format("x'ff'"))
    else:
        place.query(sql.format(r"'\xff'"))
    bad = "room:of-a-newer-release", "room:sealed-and-torn", "room:torn-in-its-middle", "room:torn-where-current"
    look = f"select stream, seq, format, events from commits where stream in {bad} order by 1, 2"
    before = place.query(look)

    done = place.rewrite()
    assert done.returncode == 1
    first, *named = done.stderr.splitlines()
    assert first == "palabre: This release cannot read everything. Left as it was, workshop by workshop (4):"
    assert [line.split()[0] for line in named] == list(bad)
    assert f"commit 9: NewerFormat: expected format {FORMAT} or older; got {FORMAT + 1}" in named[0]
    assert "message:000000000001, which was sealed" in named[1]
    assert "commit 9" in named[2] and "commit 9" in named[3]
    assert "Traceback" not in done.stderr
    assert place.query(look) == before
    assert {stream for stream, _ in place.query("select stream, seq from snapshots")}.isdisjoint(bad)
    assert {(stream, format) for stream, format in formats(place) if stream not in bad} == {
        (f"room:of-format-{n}", FORMAT) for n in GOLDEN
    }


def test_it_is_refused_while_a_palabre_runs(
    place: Place, start_server: Callable[..., ServerProcess], request: pytest.FixtureRequest
) -> None:
    file = place.url.startswith("sqlite")
    redis = None if file else request.getfixturevalue("redis_server")
    for url in (None,) if redis is None else (None, redis.url):
        server = start_server(place.url, url)
        french, english = place.rewrite(**FRENCH), place.rewrite()
        assert (french.returncode, english.returncode) == (1, 1)
        if file:
            assert french.stderr.startswith("palabre: Palabre est déjà ouvert ici, sur le fichier ")
            assert english.stderr.startswith("palabre: Palabre already runs here, on the file ")
        else:
            assert french.stderr.startswith("palabre: Palabre tourne sur cette base : postgresql://127.0.0.1/")
            assert english.stderr.startswith("palabre: A Palabre runs on this database: postgresql://127.0.0.1/")
        assert len(french.stderr.splitlines()) == len(english.stderr.splitlines()) == 1
        assert server.stop() == 0
    assert place.rewrite().returncode == 0


async def test_a_worker_that_comes_while_it_runs_is_refused(place: Place) -> None:
    journal, _ = await open_to_rewrite(place.url)
    try:
        for command in ("serve", "migrate --rewrite"):
            refused = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-m", "server", *command.split()],
                env=place.environ,
                capture_output=True,
                text=True,
                timeout=HUNG,
            )
            assert refused.returncode == 1
            assert "database is being rewritten" in refused.stderr
            assert "migrate --rewrite" in refused.stderr
            assert "Traceback" not in refused.stderr
        second = await asyncio.to_thread(place.rewrite, **FRENCH)
        assert second.stderr.startswith(
            "palabre: On réécrit cette base en ce moment (palabre migrate --rewrite, ou palabre erase --compact) : "
        )
    finally:
        await journal.close()


def test_who_comes_back_notices_nothing(place: Place, start_server: Callable[..., ServerProcess]) -> None:
    """A room of format 4, open before and after; what was of that room's epoch and seq is so still."""
    stream, member = "room:aaaaaaaaaaaa", "member:claire------"

    async def prepare() -> None:
        async with place.journal() as journal:
            await write(journal, stream, golden(4))

    asyncio.run(prepare())
    token = Tokens(SECRET.encode()).mint(Login("a" * 22, member, stream, 0))

    def join(since: dict[str, Any] | None) -> dict[str, Any]:
        server = start_server(place.url)
        with connect_socket(server.ws_url, subprotocols=[Subprotocol(JSON)]) as socket:
            socket.send(json.dumps({"t": "hello", "token": token, "client": "test"}))
            socket.send(json.dumps({"t": "join", "stream": stream} | ({"since": since} if since else {})))
            while True:
                frame: dict[str, Any] = json.loads(socket.recv(HUNG))
                if frame["t"] == "state":
                    break
        assert server.stop() == 0
        return frame

    first = join(None)
    assert first["put"]
    # No snapshot: what is read is the commits.
    assert place.rewrite().returncode == 0
    assert formats(place) == {(stream, FORMAT)}
    back = join({"epoch": first["epoch"], "seq": first["seq"]})
    assert (back["epoch"], back["seq"], back.get("reset", False)) == (first["epoch"], first["seq"], False)
    assert (back["put"], back["del"]) == ([], [])


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    ours, theirs = os.openpty()
    yield ours, theirs
    os.close(ours)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_on_a_terminal_progress_stays_in_one_line(place: Place, terminal: tuple[int, int]) -> None:
    async def prepare() -> None:
        async with place.journal() as journal:
            await write_golden(journal)
            await write_long(place, "room:long", 500)

    asyncio.run(prepare())
    ours, theirs = terminal
    process = subprocess.Popen(place.command(), env=place.environ | FRENCH, stdout=theirs, stderr=theirs)
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 65_536):
            said += part
    except OSError:  # its end is closed
        pass
    assert process.wait(HUNG) == 0
    lines = [line for line in said.decode().replace("\r\n", "\n").split("\n") if line]
    assert len(lines) == 3
    drawn = lines[1].split("\r")
    assert len(drawn) > 2
    rooms = len(GOLDEN) + 1
    assert re.fullmatch(rf"Réécriture : {rooms} séances sur {rooms}, (\d+) commits sur \1\x1b\[K", drawn[-1])
    assert lines[2] == "Tout est au format de cette version."


async def test_progress_counts_up_and_never_back(tmp_path: Path) -> None:
    here = Place(f"sqlite:///{tmp_path}/palabre.sqlite", {})
    async with here.journal() as journal:
        streams = await write_golden(journal)
        await write_long(here, "room:long", 900)
        told = list[Any]()
        assert await rewrite(journal, model_of, told.append) == []
    assert told == sorted(told)
    last = told[-1]
    assert (last.streams, last.commits) == (last.of_streams, last.of_commits)
    assert last.of_streams == len(streams) + 1
    assert len({progress.commits for progress in told}) > 10, "a long room is seen to go on"


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_interrupted_it_says_how_to_go_on(place: Place) -> None:
    async def prepare() -> None:
        await migrate(place.url)
        await write_long(place, "room:long", 6_000)

    asyncio.run(prepare())
    process = subprocess.Popen(
        place.command(), env=place.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    count = f"select count(*) from commits where format = {FORMAT}"
    wait_until(lambda: place.query(count)[0][0] > 0, "the first commits of the current format")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=HUNG)
    assert process.returncode == 130
    assert said == "palabre: Interrupted; what is done stays, and the same command does the rest.\n"
    assert place.rewrite().returncode == 0
    assert place.query(count) == [(6_006,)]
