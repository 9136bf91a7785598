"""`palabre demo` fills a room with the seminar, and with nothing else."""

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence

import pytest

from client_demo.python.demo.command_line import names
from client_demo.python.demo.script import LEAVING, Act, write
from client_demo.python.demo.seminar import seminar
from client_demo.python.sdk import Room, connect, create_room, enter_screen, new_id
from tests.conftest import Spawn
from tests.services import ServerProcess
from tests.services.process import HUNG, free_port
from tests.services.server import ROOT

Demo = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
def demo(server: ServerProcess, spawn: Spawn) -> Demo:
    """Starts `palabre demo` at the server, with these options."""

    def demo(*options: str) -> Awaitable[asyncio.subprocess.Process]:
        command = [sys.executable, "-m", "server", "demo", "--server", server.url, *options]
        environment = {**server.env, "PYTHONUTF8": "1"}
        return spawn(*command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    return demo


async def output(process: asyncio.subprocess.Process) -> str:
    async with asyncio.timeout(HUNG):
        out, err = await process.communicate()
    assert err == b""
    return out.decode()


def wanted() -> set[tuple[str | None, str]]:
    return {(zone.letter, idea.text) for zone in seminar().zones for idea in zone.ideas}


def found(room: Room) -> list[tuple[str | None, str]]:
    letters = {zone["id"]: zone["letter"] for zone in room.all("zone")}
    return [(letters.get(idea.get("zone")), idea["text"]) for idea in room.all("idea")]


async def test_a_room_is_filled_with_exactly_the_seminar(server: ServerProcess, demo: Demo) -> None:
    process = await demo("--speed", "200")
    text = await output(process)
    assert process.returncode == 0
    shown = re.search(r"code (\w{6})", text)
    assert shown is not None, text
    assert f"{server.url}/r/{shown[1]}/screen" in text
    assert f"{server.url}/r/{shown[1]}/host#lien=" in text
    assert "█" in text
    entry = await enter_screen(server.url, shown[1])
    async with connect(server.url, entry.token, screen=True) as room:
        ideas = found(room)
        assert (len(ideas), set(ideas)) == (30, wanted())
        assert [zone["letter"] for zone in room.all("zone")] == list("ABCDEF")
        assert [message["text"] for message in room.all("message")] == [said.text for said in seminar().messages]
        assert {member["name"] for member in room.all("member")} == set(seminar().people)
        assert (room.all("room")[0]["title"], room.all("room")[0]["prompt"]) == (seminar().title, seminar().prompt)
        assert any(idea.get("reactions") for idea in room.all("idea"))
        async with asyncio.timeout(HUNG):
            await room.until(lambda room: room.count == 0)


async def test_a_room_that_exists_is_joined_and_its_zones_are_used(server: ServerProcess, demo: Demo) -> None:
    host = await create_room(server.url, "Essai", "Camille")
    async with connect(server.url, host.token) as room:
        await room.do("zone.add", id=new_id("zone"), title="Tout", letter="A")
        process = await demo("--code", host.code.lower(), "--people", "5", "--speed", "1000")
        await output(process)
        assert process.returncode == 0
        assert len(room.all("zone")) == 1
        places = {(zone if zone == "A" else None, text) for zone, text in wanted()}
        async with asyncio.timeout(HUNG):
            await room.until(lambda room: set(found(room)) == places)
        assert len(room.all("member")) == 6


async def test_the_host_of_a_room_that_exists_lays_the_zones_out(server: ServerProcess, demo: Demo) -> None:
    host = await create_room(server.url, "Essai", "Camille")
    process = await demo("--host", host.links.recovery, "--people", "5", "--speed", "1000")
    await output(process)
    assert process.returncode == 0
    async with connect(server.url, host.token) as room:
        assert set(found(room)) == wanted()


async def test_an_interrupt_ends_it_in_order(server: ServerProcess, demo: Demo) -> None:
    process = await demo("--speed", "5")
    assert process.stdout is not None
    async with asyncio.timeout(HUNG):
        while b" A \xc2\xb7 " not in await process.stdout.readline():
            pass
    process.send_signal(signal.SIGINT)
    text = await output(process)
    assert process.returncode == 0
    assert "Everyone has left" in text


@pytest.mark.parametrize(("lang", "words"), [("fr_FR.UTF-8", "Lancez d’abord"), ("C.UTF-8", "Run `make run`")])
def test_without_a_server_it_says_what_to_run(lang: str, words: str) -> None:
    command = [sys.executable, "-m", "server", "demo", "--server", f"http://127.0.0.1:{free_port()}"]
    result = subprocess.run(
        command, cwd=ROOT, env={"LC_ALL": lang, "PYTHONUTF8": "1"}, capture_output=True, text=True, timeout=HUNG
    )
    assert result.returncode == 1
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


async def test_a_code_that_does_not_exist(server: ServerProcess, demo: Demo) -> None:
    process = await demo("--code", "BCDFGH")
    _, err = await process.communicate()
    assert (process.returncode, err.decode()) == (1, "palabre: no room has this code\n")


# The script itself.


@pytest.mark.parametrize("people", [2, 5, 40, 300])
def test_a_script_needs_only_what_was_made_before(people: int) -> None:
    """So nobody waits for what comes later, whatever the speed."""
    made: set[str] = set()
    acts = write(seminar(), people, seed=people)
    for act in acts:
        assert set(act.needs) <= made
        made |= {act.args["id"]} if "id" in act.args else set()
    assert {act.who for act in acts} == set(range(people))
    assert [act.at for act in acts] == sorted(act.at for act in acts)
    assert max(act.at for act in acts if act.does != "leave") < LEAVING[0]


def test_a_script_is_the_same_for_the_same_seed() -> None:
    def shape(acts: Sequence[Act]) -> list[tuple[float, int, str]]:
        return [(act.at, act.who, act.does) for act in acts]

    assert shape(write(seminar(), 40, seed=1)) == shape(write(seminar(), 40, seed=1))
    assert shape(write(seminar(), 40, seed=1)) != shape(write(seminar(), 40, seed=2))


def test_the_seminar() -> None:
    assert [(zone.letter, zone.dots, len(zone.ideas)) for zone in seminar().zones] == [
        ("A", 52, 6), ("B", 41, 5), ("C", 38, 5), ("D", 27, 5), ("E", 12, 4), ("F", 17, 5),
    ]  # fmt: skip
    assert sum(idea.near for zone in seminar().zones for idea in zone.ideas) == 6
    assert all(remark.reply is None or remark.reply < n for n, remark in enumerate(seminar().messages))


@pytest.mark.parametrize("people", [2, 40, 41, 300])
def test_everyone_has_a_name_of_his_own(people: int) -> None:
    shown = names(seminar(), people)
    assert len(set(shown)) == people
    assert shown[:2] == seminar().people[:2]
    assert max(map(len, shown)) <= 40
