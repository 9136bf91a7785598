"""The client against a real server: what a bot, a terminal or an integration sees."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from client_demo.python.sdk import (
    Change,
    Entry,
    Refused,
    Room,
    Unreachable,
    come_back,
    connect,
    create_room,
    enter_screen,
    export,
    join_room,
    new_id,
)
from client_demo.python.sdk.client import backoff
from client_demo.python.sdk.http import wire_address
from server.accounts.port import Login
from server.accounts.tokens import LATE_SECONDS, Tokens
from tests.conftest import Spawn
from tests.services import Cable, ServerProcess
from tests.services.process import HUNG
from tests.services.server import ROOT


@pytest.fixture
async def host(server: ServerProcess) -> Entry:
    return await create_room(server.url, "Printemps des managers", "Claire Vasseur")


@pytest.fixture
async def participant(server: ServerProcess, host: Entry) -> AsyncIterator[Room]:
    entry = await join_room(server.url, host.code, "Nadia Benali")
    async with connect(server.url, entry.token) as room:
        yield room


def texts(room: Room) -> list[str]:
    return [idea["text"] for idea in room.all("idea")]


async def until(room: Room, condition: Callable[[Room], Any]) -> None:
    async with asyncio.timeout(HUNG):
        await room.until(lambda shown: bool(condition(shown)))


async def test_whoever_is_cancelled_in_the_turn_in_which_the_room_comes_leaves_nothing(
    server: ServerProcess, host: Entry
) -> None:
    before = asyncio.all_tasks()
    room = connect(server.url, host.token)
    entering = asyncio.create_task(room.__aenter__())
    await room._following.wait()
    entering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await entering
    assert {task.get_name() for task in asyncio.all_tasks() - before} - {entering.get_name()} == set()


async def test_an_idea_is_drawn_at_once_done_and_seen_by_others(
    server: ServerProcess, host: Entry, participant: Room
) -> None:
    """D1, D3, S2, S5."""
    async with connect(server.url, host.token) as other:
        answer = participant.do("idea.add", id=new_id("idea"), text="Refuser toute réunion sans ordre du jour")
        assert texts(participant) == ["Refuser toute réunion sans ordre du jour"]
        assert await answer > 0
        await until(other, lambda room: texts(room) == texts(participant))
        await until(participant, lambda room: room.all("idea")[0]["v"] > 0)
        assert participant.all("idea") == other.all("idea")


async def test_a_refusal_takes_the_drawing_off_and_says_why(participant: Room) -> None:
    """D6."""
    answer = participant.do("zone.add", id=new_id("zone"), title="Souffler")
    assert len(participant.all("zone")) == 1
    with pytest.raises(Refused) as refused:
        await answer
    assert refused.value.code == "forbidden"
    assert participant.all("zone") == []


async def test_what_no_frame_can_carry_is_refused_here(participant: Room) -> None:
    """L1, X1."""
    with pytest.raises(TypeError):
        participant.do("idea.add", id=object())
    for number in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not JSON compliant"):
            await participant.signal("cursor", x=number, y=0.5)
    with pytest.raises(Refused, match="too_large"):
        await participant.do("message.send", id=new_id("message"), text="x" * 70_000)


async def test_kill_of_the_server_in_the_middle_loses_and_doubles_nothing(
    server: ServerProcess, host: Entry, participant: Room
) -> None:
    """I2, D2: the outbox is delivered once, and in order."""
    wanted = [f"idée {n}" for n in range(60)]
    given = [participant.do("idea.add", id=new_id("idea"), text=text) for text in wanted[:30]]
    await given[4]
    await asyncio.to_thread(server.kill)
    await until(participant, lambda room: not room.online)
    given += [participant.do("idea.add", id=new_id("idea"), text=text) for text in wanted[30:]]
    assert texts(participant) == wanted
    await asyncio.to_thread(server.start)
    async with asyncio.timeout(HUNG):
        seqs = await asyncio.gather(*given)
    assert seqs == sorted(seqs)
    async with connect(server.url, host.token) as fresh:
        assert texts(fresh) == wanted
        await until(participant, lambda room: room.all("idea") == fresh.all("idea"))


async def test_a_deploy_is_a_short_absence(start_server: Callable[..., ServerProcess]) -> None:
    """W7: the server says farewell with a window, and the room comes back in it."""
    server = start_server()
    host = await create_room(server.url, "Printemps des managers", "Claire Vasseur")
    entry = await join_room(server.url, host.code, "Nadia Benali")
    async with connect(server.url, entry.token) as participant:
        await participant.do("idea.add", id=new_id("idea"), text="avant")
        stopping = asyncio.create_task(asyncio.to_thread(server.stop))
        await until(participant, lambda room: not room.online)
        answer = participant.do("idea.add", id=new_id("idea"), text="pendant")
        await stopping
        await asyncio.to_thread(server.start)
        async with asyncio.timeout(HUNG):
            await answer
        assert texts(participant) == ["avant", "pendant"]


async def test_a_phone_that_slept_resumes_where_it_was(server: ServerProcess, host: Entry) -> None:
    """S2, S4: by `since`, without a reset."""
    entry = await join_room(server.url, host.code, "Olivier Kerbrat")
    async with (
        Cable(server.port) as cable,
        connect(server.url, host.token) as other,
        connect(f"http://127.0.0.1:{cable.port}", entry.token) as sleeper,
    ):
        await other.do("idea.add", id=new_id("idea"), text="un")
        await until(sleeper, lambda room: len(texts(room)) == 1)
        cable.cut()
        await until(sleeper, lambda room: not room.online)
        await other.do("idea.add", id=new_id("idea"), text="deux")
        changes = aiter(sleeper)
        await anext(changes)
        cable.restore()
        async with asyncio.timeout(HUNG):
            async for change in changes:
                assert change.ids is not None, "expected a catch-up, not a reset"
                if texts(sleeper) == ["un", "deux"]:
                    break


async def test_a_change_of_role_resets(server: ServerProcess, host: Entry, participant: Room) -> None:
    """S10: a host sees what was hidden, and loses sight of it with the role."""
    me = participant.me
    assert me is not None
    async with connect(server.url, host.token) as hosting:
        id = new_id("idea")
        await hosting.do("idea.add", id=id, text="en relecture")
        await until(participant, lambda room: room.get(id))
        await hosting.do("post.hide", on=id)
        await until(participant, lambda room: room.get(id) is None)
        await hosting.do("member.role", id=me["id"], role="host")
        await until(participant, lambda room: room.get(id))
        await hosting.do("member.role", id=me["id"], role="participant")
        await until(participant, lambda room: room.get(id) is None)


async def test_while_writing_is_paused_commands_wait(server: ServerProcess, host: Entry, participant: Room) -> None:
    """C7, D5: a refusal with `retry` is no end; they go as soon as the host allows it, in their order."""
    async with connect(server.url, host.token) as hosting:
        await hosting.do("room.set", writing=False)
        given = [participant.do("idea.add", id=new_id("idea"), text=text) for text in ("un", "deux")]
        await until(participant, lambda room: room.all("room")[0].get("writing") is False)
        assert texts(participant) == ["un", "deux"]
        await hosting.do("room.set", writing=True)
        async with asyncio.timeout(HUNG):
            await asyncio.gather(*given)
        await until(hosting, lambda room: texts(room) == ["un", "deux"])


async def test_people_come_and_go_and_signals_are_seen(server: ServerProcess, host: Entry, participant: Room) -> None:
    """P1, P2."""
    async with connect(server.url, host.token) as other:
        await until(participant, lambda room: room.count == 2)
        assert other.me is not None
        assert other.me["id"] in participant.present
        changes = aiter(participant)
        await anext(changes)
        await other.signal("burst", kind="love")
        async with asyncio.timeout(HUNG):
            while not (signals := (await anext(changes)).signals):
                pass
        assert signals == [{"kind": "burst", "data": {"kind": "love"}, "by": other.me["id"]}]
    await until(participant, lambda room: room.count == 1)


async def test_asking(start_server: Callable[..., ServerProcess]) -> None:
    """Q1, Q2."""
    server = start_server(env={"PALABRE_RATE": "10000"})
    host = await create_room(server.url, "Printemps des managers", "Claire Vasseur")
    async with connect(server.url, host.token) as room:
        for text in ("un", "deux", "trois"):
            await room.do("message.send", id=new_id("message"), text=text)
        async with asyncio.timeout(HUNG):
            while len((await room.ask("history"))[0]) < 3:  # it follows within a second or so (Q3)
                pass
        items, more = await room.ask("history", limit=2)
        assert ([item["text"] for item in items], more) == (["trois", "deux"], True)
        with pytest.raises(Refused, match="unknown_query"):
            await room.ask("what")


async def test_a_screen_sees_and_says_nothing(server: ServerProcess, host: Entry, participant: Room) -> None:
    """S1, P1."""
    await participant.do("idea.add", id=new_id("idea"), text="vue")
    entry = await enter_screen(server.url, host.code)
    async with connect(server.url, entry.token, screen=True) as screen:
        assert texts(screen) == ["vue"]
        with pytest.raises(Refused, match="forbidden"):
            await screen.do("idea.add", id=new_id("idea"), text="non")
    assert participant.count == 1


async def test_coming_back_by_a_link_is_the_same_member(server: ServerProcess, host: Entry) -> None:
    """H2."""
    again = await come_back(server.url, host.links.recovery)
    assert again.me == host.me
    exported = await export(server.url, again.room, again.token)
    assert {record["id"].partition(":")[0] for record in exported} == {"room", "member"}


async def test_doors_that_do_not_open(server: ServerProcess, host: Entry) -> None:
    """H3, W4."""
    with pytest.raises(Refused, match="unknown_code"):
        await join_room(server.url, "BCDFGH", "Personne")
    with pytest.raises(Refused, match="unauthorized"):
        async with connect(server.url, host.token[:-3] + "abc"):
            pass
    with pytest.raises(Unreachable):
        await create_room("http://127.0.0.1:9", "titre", "nom")
    with pytest.raises(ValueError, match="expected an address"):
        connect("localhost:8000", host.token)


async def test_a_token_is_replaced_before_it_expires(start_server: Callable[..., ServerProcess]) -> None:
    """W5."""
    server = start_server(env={"PALABRE_RATE": "10000"})
    host = await create_room(server.url, "Printemps des managers", "Claire Vasseur")
    assert host.me is not None
    tokens = Tokens(server.env["PALABRE_SECRET"].encode())
    login = Login(tokens.verify(host.token).login, host.me.id, host.room, 0)
    short = tokens.mint(login, seconds=1)
    async with connect(server.url, short) as room, asyncio.timeout(HUNG):
        while room.token == short:
            await room.ask("history")
        assert tokens.verify(room.token).expires > tokens.verify(short).expires + 3_000_000
        assert await room.do("idea.add", id=new_id("idea"), text="encore là") > 0


async def test_H1_who_slept_for_longer_than_a_token_lasts_comes_back(server: ServerProcess, host: Entry) -> None:
    assert host.me is not None
    tokens = Tokens(server.env["PALABRE_SECRET"].encode())
    old = tokens.mint(Login(tokens.verify(host.token).login, host.me.id, host.room, 0), seconds=-7_200)
    async with connect(server.url, old) as room:
        assert await room.do("idea.add", id=new_id("idea"), text="encore là") > 0


async def test_a_token_that_expired_long_ago_ends_it(server: ServerProcess, host: Entry) -> None:
    """W4."""
    assert host.me is not None
    tokens = Tokens(server.env["PALABRE_SECRET"].encode())
    login = Login(tokens.verify(host.token).login, host.me.id, host.room, 0)
    old = tokens.mint(login, seconds=-LATE_SECONDS - 60)
    with pytest.raises(Refused, match="expired"):
        async with connect(server.url, old):
            pass


async def test_leaving_answers_whoever_waits(start_server: Callable[..., ServerProcess]) -> None:
    server = start_server()
    host = await create_room(server.url, "Printemps des managers", "Claire Vasseur")
    async with connect(server.url, host.token) as room:
        await asyncio.to_thread(server.kill)
        answer = room.do("idea.add", id=new_id("idea"), text="trop tard")
    with pytest.raises(Refused, match="closed"):
        await answer
    with pytest.raises(Refused, match="closed"):
        await room.do("idea.add", id=new_id("idea"), text="trop tard")


async def test_the_example_prints_a_room_live(
    server: ServerProcess, host: Entry, participant: Room, spawn: Spawn
) -> None:
    command = [sys.executable, "-m", "client_demo.python.watch", host.code, "--server", server.url]
    environment = {**server.env, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    await participant.do("idea.add", id=new_id("idea"), text="déjà là")
    process = await spawn(*command, stdout=subprocess.PIPE, cwd=ROOT, env=environment)
    assert process.stdout is not None
    async with asyncio.timeout(HUNG):
        assert (await process.stdout.readline()).decode().split() == ["+", "idea", "déjà", "là"]
        await participant.do("message.send", id=new_id("message"), text="bonjour")
        assert (await process.stdout.readline()).decode().split() == ["+", "message", "bonjour"]


def test_addresses() -> None:
    assert wire_address("http://localhost:8000") == "ws://localhost:8000/ws"
    assert wire_address("https://palabre.example/outils/") == "wss://palabre.example/outils/ws"


def test_the_way_back_is_random_and_bounded() -> None:
    """W8."""
    for attempt, most in ((1, 1), (2, 2), (5, 16), (6, 20), (10_000, 20)):
        waits = [backoff(attempt) for _ in range(200)]
        assert 0 <= min(waits) < most / 4
        assert most * 3 / 4 < max(waits) <= most


def test_changes_merge() -> None:
    change = Change()
    assert not change
    change.add(Change(frozenset({"a"})))
    change.add(Change(frozenset({"b"}), people=True))
    assert (change.ids, change.people) == (frozenset({"a", "b"}), True)
    change.add(Change(None))
    assert change.ids is None
