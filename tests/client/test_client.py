"""Several streams on one connection to a real server (SPEC S13, S14)."""

import asyncio
import json
import random
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest

from client_demo.python.sdk import Client, Entry, Refused, Room, connect, create_room, join_room, new_id, new_key
from client_demo.python.sdk.conversation import Conversation
from client_demo.python.sdk.errors import Refused as Refusal
from client_demo.python.sdk.rate import BURST, SHARE, Rate
from client_demo.python.sdk.watch import Heard, Watch
from server.accounts.port import ACCOUNT, Login
from server.accounts.tokens import Tokens
from tests.services import Cable, ServerProcess
from tests.services.process import HUNG

NOWHERE = "room:zzzzzzzzzzzz"


class Places(NamedTuple):
    """Two rooms with the same host, whom one token lets into both."""

    here: Entry
    there: Entry
    token: str


def copied(server: ServerProcess, entry: Entry) -> Entry:
    """Another room with the same host, as a file makes it (SPEC N1)."""
    bearer = {"Authorization": f"Bearer {entry.token}"}
    export = urllib.request.Request(f"{server.url}/api/rooms/{entry.room}/export.json", headers=bearer)
    with urllib.request.urlopen(export) as answer:
        file = answer.read()
    headers = {"Content-Type": "application/json", "Idempotency-Key": new_key()}
    bring = urllib.request.Request(f"{server.url}/api/import", file, headers)
    with urllib.request.urlopen(bring) as answer:
        made: dict[str, Any] = json.loads(answer.read())
    return Entry(made["room"], made["code"], made["token"])


@pytest.fixture
async def places(server: ServerProcess) -> Places:
    here = await create_room(server.url, "Printemps des managers", "Claire Vasseur")
    there = await asyncio.to_thread(copied, server, here)
    assert here.me is not None
    tokens = Tokens(server.env["PALABRE_SECRET"].encode())
    login = Login(tokens.verify(here.token).login, here.me.id, ACCOUNT, 0)
    return Places(here, there, tokens.mint(login))


def texts(room: Room) -> list[str]:
    return [idea["text"] for idea in room.all("idea")]


async def until(room: Room, condition: Callable[[Room], Any]) -> None:
    async with asyncio.timeout(HUNG):
        await room.until(lambda shown: bool(condition(shown)))


def idea(room: Room, text: str) -> Awaitable[int]:
    return room.do("idea.add", id=new_id("idea"), text=text)


async def test_S13_two_streams_on_one_connection_are_whole_by_themselves(server: ServerProcess, places: Places) -> None:
    async with (
        Client(server.url, places.token) as client,
        client.open(places.here.room) as here,
        client.open(places.there.room) as there,
    ):
        await asyncio.gather(idea(here, "ici"), idea(there, "là"))
        assert (texts(here), texts(there)) == (["ici"], ["là"])
        async with connect(server.url, places.here.token) as one, connect(server.url, places.there.token) as other:
            assert (texts(one), texts(other)) == (["ici"], ["là"])
        with pytest.raises(ValueError, match="not open"):
            async with client.open(places.here.room):
                pass


async def test_S13_a_stream_that_is_refused_ends_alone(server: ServerProcess, places: Places) -> None:
    async with Client(server.url, places.token) as client, client.open(places.here.room) as here:
        with pytest.raises(Refused, match="unknown_room"):
            async with client.open(NOWHERE):
                pass
        await idea(here, "encore là")
        assert client.online
        assert here.online


async def test_S13_who_leaves_one_stays_in_the_other_and_may_come_back(server: ServerProcess, places: Places) -> None:
    async with Client(server.url, places.token) as client, client.open(places.here.room) as here:
        nadia = await join_room(server.url, places.there.code, "Nadia Benali")
        async with connect(server.url, nadia.token) as other:
            async with client.open(places.there.room) as there:
                await until(other, lambda room: room.count == 2)
            await until(other, lambda room: room.count == 1)
            with pytest.raises(Refused, match="closed"):
                await idea(there, "trop tard")
            await idea(other, "entre-temps")
            assert texts(there) == []
        await idea(here, "ici")
        async with client.open(places.there.room) as again:
            assert texts(again) == ["entre-temps"]


async def test_S13_a_connection_that_comes_back_brings_both(server: ServerProcess, places: Places) -> None:
    async with (
        Cable(server.port) as cable,
        Client(f"http://127.0.0.1:{cable.port}", places.token) as client,
        client.open(places.here.room) as here,
        client.open(places.there.room) as there,
        connect(server.url, places.there.token) as other,
    ):
        cable.cut()
        await until(there, lambda room: not room.online)
        assert not here.online
        given = [idea(here, "ici"), idea(there, "là")]
        await idea(other, "entre-temps")
        cable.restore()
        async with asyncio.timeout(HUNG):
            await asyncio.gather(*given)
        await until(there, lambda room: sorted(texts(room)) == ["entre-temps", "là"])
        assert texts(here) == ["ici"]


async def test_S14_what_is_watched_is_heard_of_and_not_followed(server: ServerProcess, places: Places) -> None:
    async with Client(server.url, places.token) as client, client.open(places.here.room) as here:
        assert await client.watch([places.there.room, NOWHERE]) == [places.there.room]
        news = client.news()
        hearing = asyncio.ensure_future(anext(news))
        async with connect(server.url, places.there.token) as other, asyncio.timeout(HUNG):
            await idea(other, "du neuf")
            assert places.there.room in (await hearing).streams
        assert texts(here) == []
        ending = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0)
    with pytest.raises(Refused, match="closed"):
        await ending
    with pytest.raises(Refused, match="closed"):
        await client.watch([places.there.room])


async def test_the_end_of_the_connection_is_the_end_of_all(server: ServerProcess, places: Places) -> None:
    with pytest.raises(Refused, match="unauthorized"):
        async with Client(server.url, places.token[:-3] + "abc"):
            pass
    async with Client(server.url, places.token) as client:
        room = client.open(places.here.room)
        await room.__aenter__()
    with pytest.raises(Refused, match="closed"):
        await idea(room, "trop tard")


@pytest.mark.parametrize("seed", range(4))
async def test_S13_fuzz(server: ServerProcess, places: Places, seed: int) -> None:
    """Streams are entered and left and the network comes and goes: nothing of one is seen in another, and what is there is all of it."""
    chance = random.Random(seed)
    streams = (places.here.room, places.there.room, NOWHERE)
    given: dict[str, Awaitable[int]] = {}
    async with Cable(server.port) as cable, Client(f"http://127.0.0.1:{cable.port}", places.token) as client:
        rooms: dict[str, Room] = {}
        connected = True
        for n in range(60):
            stream = chance.choice(streams)
            match chance.choice(("idea", "idea", "idea", "enter", "leave", "cut", "restore", "watch", "turn", "turn")):
                case "idea" if stream in rooms:
                    text = f"{stream} {n}"
                    given[text] = idea(rooms[stream], text)
                case "enter" if stream not in rooms and connected:
                    room = client.open(stream)
                    if stream == NOWHERE:
                        with pytest.raises(Refused, match="unknown_room"):
                            await room.__aenter__()
                    else:
                        rooms[stream] = await room.__aenter__()
                case "leave" if stream in rooms:
                    await rooms.pop(stream).__aexit__(None, None, None)
                case "cut":
                    cable.cut()
                    connected = False
                case "restore":
                    cable.restore()
                    connected = True
                case "watch" if connected:
                    assert set(await client.watch(streams)) == set(streams[:2])
                case _:
                    await asyncio.sleep(0)
            for at, room in rooms.items():
                assert {text.split()[0] for text in texts(room)} <= {at}
        cable.restore()
        for stream in streams[:2]:
            if stream not in rooms:
                rooms[stream] = await client.open(stream).__aenter__()
        async with asyncio.timeout(HUNG):
            answers = await asyncio.gather(*given.values(), return_exceptions=True)
        # Who leaves does not hear what became of it.
        done = {text for text, answer in zip(given, answers, strict=True) if isinstance(answer, int)}
        assert {repr(answer) for answer in answers if not isinstance(answer, int)} <= {repr(CLOSED)}
        for stream, entry in zip(streams, places[:2], strict=False):
            await whole(server, entry, rooms[stream], {text for text in done if text.startswith(stream)})


CLOSED = Refused("closed", "the room was left", retry=True)


async def whole(server: ServerProcess, entry: Entry, room: Room, done: set[str]) -> None:
    """It holds what whoever comes now is shown: once what was done, and perhaps what nobody waited for."""
    async with connect(server.url, entry.token) as fresh:
        assert done <= set(texts(fresh))
        assert len(texts(fresh)) == len(set(texts(fresh)))
        await until(room, lambda shown: shown.all("idea") == fresh.all("idea"))


def test_S14_a_watch_is_asked_for_again_and_what_was_missed_is_news() -> None:
    watch, answers = Watch(lambda: 0.5), list[list[str] | Refusal]()
    watch.set(["room:a"], 0.0, answers.append)
    assert list(watch.outgoing(0.0)) == []
    watch.welcomed(1.0)
    (first,) = watch.outgoing(1.0)
    assert (
        watch.receive({"t": "refused", "id": first.id, "code": "unavailable", "text": "", "retry": True}, 1.0)
        == Heard()
    )
    assert watch.pause(1.0) == pytest.approx(2.25)
    (again,) = watch.outgoing(4.0)
    assert not watch.receive({"t": "watching", "id": first.id, "streams": []}, 4.0)
    assert not watch.receive({"t": "watching", "id": again.id, "streams": ["room:a"]}, 4.0)
    assert answers == [["room:a"]]
    watch.disconnected()
    assert (list(watch.outgoing(5.0)), watch.pause(5.0)) == ([], None)
    watch.welcomed(6.0)
    (back,) = watch.outgoing(6.0)
    heard = watch.receive({"t": "watching", "id": back.id, "streams": ["room:a"]}, 6.0)
    assert heard == Heard(frozenset({"room:a"}))
    watch.set(["room:b"], 7.0, answers.append)
    (refused,) = watch.outgoing(7.0)
    watch.receive({"t": "refused", "id": refused.id, "code": "forbidden", "text": "", "retry": False}, 7.0)
    assert isinstance(answers[-1], Refusal)
    assert answers[-1].code == "forbidden"


def test_L5_who_has_sent_stands_behind_those_who_wait() -> None:
    rate, now = Rate(), 0.0
    rate.grant(10 / SHARE)
    sent = {"a": 0, "b": 0}
    while rate.delay("a", now) == 0:
        rate.take("a")
    assert rate.delay("b", now) > 0
    for _ in range(2_000):
        now += 0.01
        for who in sent:
            if rate.delay(who, now) == 0:
                rate.take(who)
                sent[who] += 1
    assert abs(sent["a"] - sent["b"]) <= 1
    assert sent["a"] + sent["b"] == pytest.approx(200, abs=10 * BURST)


def test_L5_two_streams_of_a_person_send_no_more_than_one_would() -> None:
    rate = Rate()
    both = [Conversation(stream, rate=rate) for stream in ("room:a", "room:b")]
    for conversation in both:
        conversation.welcomed({"me": {"id": "member:a"}, "limits": {"rate": 10}}, 0.0)
        list(conversation.outgoing(0.0))
        conversation.receive({"t": "state", "stream": conversation.stream, "seq": 1, "epoch": "a", "reset": True}, 0.0)
        for n in range(20):
            conversation.do("idea.add", {"id": f"idea:{n}", "text": "une idée"}, 0, lambda _: None)
    assert sum(len(list(conversation.outgoing(0.0))) for conversation in both) == int(10 * SHARE * BURST)
