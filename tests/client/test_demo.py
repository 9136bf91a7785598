"""`palabre demo` plays the seminar through its agenda to the end, and nothing else (SPEC H15)."""

import asyncio
import random
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest

from client_demo.python.demo.command_line import names
from client_demo.python.demo.seminar import book, seminar
from client_demo.python.sdk import Room, connect, create_room, enter_screen, new_id, templates
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
    return {(zone.title, idea.text) for zone in seminar().zones for idea in zone.ideas}


def found(room: Room) -> set[tuple[str | None, str]]:
    """Ideas of the board, each with the group in which it stands."""
    titles = {zone["id"]: zone["title"] for zone in room.all("zone")}
    ideas = {idea["id"]: idea for idea in room.all("idea")}
    meetings = {step["id"] for step in room.all("step") if step["kind"] == "meet"}
    return {
        (titles.get(ideas[idea.get("into") or idea["id"]].get("zone")), idea["text"])
        for idea in ideas.values()
        if idea.get("step") not in meetings
    }


def is_whole(room: Room) -> None:
    """It was led from the first step to behind the last, and everything was done that they ask for."""
    assert found(room) == wanted()
    # Without a name, in the step that asks for them.
    assert sum(idea.get("author") is None for idea in room.all("idea")) == len(wanted())
    assert [step["title"] for step in room.all("step")][:2] == ["Qui est là ?", "Nos idées"]
    assert room.all("agenda")[0].get("now") is None
    assert [zone["title"] for zone in room.all("zone")] == [zone.title for zone in seminar().zones]
    assert any(idea.get("into") for idea in room.all("idea"))
    (result,) = room.all("result")
    assert sum(total["dots"] for total in result["totals"]) > 0
    assert room.all("remark")
    decisions = {decision["id"]: decision["text"] for decision in room.all("decision")}
    assert len(decisions) == 2
    assert set(decisions.values()) <= {decided.decision for decided in seminar().decided}
    for action in room.all("action"):
        assert decisions.pop(action["decision"])
        assert action["owner"]
        assert action["due"]
        assert action["first"]
    assert decisions == {}
    assert room.all("commitment")


async def test_H15_a_workshop_is_played_with_its_agenda_to_the_end(server: ServerProcess, demo: Demo) -> None:
    process = await demo("--speed", "200")
    text = await output(process)
    assert process.returncode == 0
    shown = re.search(r"code (\w{6})", text)
    assert shown is not None, text
    assert f"{server.url}/r/{shown[1]}/screen" in text
    assert f"{server.url}/r/{shown[1]}/host#lien=" in text
    assert "█" in text
    assert re.search(r"Over: \d+ ideas, 2 decisions, \d+ commitments", text)
    entry = await enter_screen(server.url, shown[1])
    async with connect(server.url, entry.token, screen=True) as room:
        is_whole(room)
        assert [message["text"] for message in room.all("message")] == [said.text for said in seminar().messages]
        assert {member["name"] for member in room.all("member")} == set(seminar().people)
        assert room.all("room")[0]["title"] == seminar().title
        async with asyncio.timeout(HUNG):
            await room.until(lambda room: room.count == 0)


async def test_a_room_that_exists_is_joined_and_written_in(server: ServerProcess, demo: Demo) -> None:
    host = await create_room(server.url, "Essai", "Camille")
    async with connect(server.url, host.token) as room:
        await room.do("zone.add", id=new_id("zone"), title="Tout", letter="A")
        process = await demo("--code", host.code.lower(), "--people", "5", "--speed", "1000")
        await output(process)
        assert process.returncode == 0
        assert len(room.all("zone")) == 1
        async with asyncio.timeout(HUNG):
            await room.until(lambda room: found(room) == {(None, text) for _, text in wanted()})
        assert len(room.all("member")) == 5


async def test_whoever_leads_a_room_is_followed_to_its_end(server: ServerProcess, demo: Demo) -> None:
    host = await create_room(server.url, "Essai", "Camille")
    async with connect(server.url, host.token) as room:
        first, last = new_id("step"), new_id("step")
        await room.do("step.add", id=first, kind="ideate", title="Idées")
        await room.do("step.add", id=last, kind="next", title="La suite")
        process = await demo("--code", host.code, "--people", "3", "--speed", "20")
        async with asyncio.timeout(HUNG):
            await room.do("step.go", id=first)
            await room.until(lambda room: any(step.get("ready") == 2 for step in room.all("step")))
            await room.do("step.go", id=last)
            await room.until(lambda room: any(step.get("ready") == 2 for step in room.all("step")[1:]))
            await room.do("step.go", id=None)
        await output(process)
        assert process.returncode == 0


async def test_the_host_of_a_room_that_exists_leads_it(server: ServerProcess, demo: Demo) -> None:
    host = await create_room(server.url, "Essai", "Camille")
    process = await demo("--host", host.links.recovery, "--people", "5", "--speed", "1000")
    await output(process)
    assert process.returncode == 0
    async with connect(server.url, host.token) as room:
        is_whole(room)


async def test_an_interrupt_ends_it_in_order(server: ServerProcess, demo: Demo) -> None:
    process = await demo("--speed", "5")
    assert process.stdout is not None
    async with asyncio.timeout(HUNG):
        while b" + " not in await process.stdout.readline():
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


# What they say.


@pytest.mark.parametrize("people", [2, 5, 40, 300])
def test_all_of_the_seminar_is_dealt_to_however_many(people: int) -> None:
    said = book(seminar(), names(seminar(), people))
    dealt = list(said.deal(random.Random(1)))
    assert len(dealt) == people - 1
    assert {idea for lines in dealt for idea in lines.ideas} == {text for _, text in wanted()}
    assert sum(len(lines.ideas) for lines in dealt) == len(wanted())


def test_what_comes_of_ideas_is_told_of_ideas_that_there_are() -> None:
    said = book(seminar(), seminar().people)
    ideas = {text for _, text in wanted()}
    assert {decided.idea for decided in said.decided} <= ideas
    assert {decided.owner for decided in said.decided} <= set(seminar().people)
    assert len(said.alike) == 6
    assert set(said.alike.values()) <= ideas
    assert not set(said.alike) & {decided.idea for decided in said.decided}


async def test_H5_the_steps_of_a_template_are_had(server: ServerProcess) -> None:
    titles = [step["title"] for step in await templates(server.url, "action", "en")]
    assert titles[:2] == ["Who is here?", "Our ideas"]
    assert len(titles) == 7
    assert await templates(server.url, "karaoke") == []


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
