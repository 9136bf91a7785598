"""From a community made by a press to what is said in its circles, over HTTP and real sockets (COMMUNITIES.md, CI and TH)."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from websockets import Subprotocol
from websockets.asyncio.client import ClientConnection, connect

from server.app import Application
from tests.circle.table import post
from tests.web.communities import OPEN, Entry, come, invite, make, path_of
from tests.web.conftest import _PORTS
from tests.web.test_api import bearer


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | OPEN


class Socket:
    """A connection in somebody's name; keeps all that came."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.got: list[dict[str, Any]] = []

    async def send(self, **message: Any) -> None:
        await self._socket.send(json.dumps(message))

    async def until(self, **like: Any) -> dict[str, Any]:
        """The next message that has all these fields."""
        async with asyncio.timeout(20):
            while True:
                message: dict[str, Any] = json.loads(await self._socket.recv())
                self.got.append(message)
                if like.items() <= message.items():
                    return message

    async def until_has(self, id: str, **like: Any) -> dict[str, Any]:
        """The record, once a message brings it with these fields."""
        async with asyncio.timeout(20):
            while True:
                message: dict[str, Any] = json.loads(await self._socket.recv())
                self.got.append(message)
                for record in message.get("put", ()):
                    if record["id"] == id and like.items() <= record.items():
                        return dict(record)

    async def join(self, *streams: str) -> None:
        for stream in streams:
            await self.send(t="join", stream=stream)
            await self.until(t="state", stream=stream)

    async def do(self, id: str, stream: str, cmd: str, /, **args: Any) -> dict[str, Any]:
        await self.send(t="do", id=id, stream=stream, cmd=cmd, args=args)
        return await self.until(id=id)


async def speak(app: Application, entry: Entry) -> Socket:
    socket = await connect(f"ws://127.0.0.1:{_PORTS[app]}/ws", subprotocols=[Subprotocol("palabre.v1.json")])
    here = Socket(socket)
    await here.send(t="hello", token=entry["token"], client="test")
    await here.until(t="welcome")
    return here


async def found(client: httpx.AsyncClient, entry: Entry, access: str) -> str:
    body = {"title": "Accueil", "access": access}
    answer = await client.post(f"{path_of(entry)}/circles", json=body, headers=bearer(entry))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["circle"])


async def test_TH1_what_is_said_in_a_circle_reaches_who_joined_it(
    app: Application, client: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    claire = await make(client)
    paul = await come(phone, await invite(app, client, claire))
    circle = await found(client, claire, "open")
    answer = await phone.post(f"/api/circles/{circle[7:]}/join", json={}, headers=bearer(paul))
    assert answer.json() == {"joined": True}
    hers, his = await speak(app, claire), await speak(app, paul)
    for each in (hers, his):
        await each.join(claire["community"], circle)
    mention = [paul["me"]["id"]]
    assert (await hers.do("a", circle, "post.add", id=post(1), text="Bienvenue", mentions=mention, all=True))[
        "t"
    ] == "done"
    record = await his.until_has(post(1))
    assert (record["name"], record["mentions"][0]["name"]) == ("Claire", "Paul")
    assert (await his.do("b", circle, "post.thank", id=post(1)))["t"] == "done"
    await hers.until_has(post(1), thanks=1)
    await his.send(t="ask", id="q", stream=circle, query="people", args={})
    assert [each["name"] for each in (await his.until(id="q"))["items"]] == ["Claire", "Paul"]
    await his.send(t="ask", id="c", stream=claire["community"], query="circles", args={})
    (listed,) = (await his.until(id="c"))["items"]
    assert (listed["id"], listed["role"], listed["people"]) == (circle, "member", 2)
    assert (await hers.do("c", circle, "member.remove", id=paul["me"]["id"]))["t"] == "done"
    assert (await his.until(id=circle))["code"] == "removed"


async def test_CI5_a_confidential_circle_is_not_there_for_others(
    app: Application, client: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    claire = await make(client)
    paul = await come(phone, await invite(app, client, claire))
    circle = await found(client, claire, "confidential")
    his = await speak(app, paul)
    await his.join(claire["community"])
    answers = list[Any]()
    for stream in ("circle:cccccccccccc", circle):
        await his.send(t="join", stream=stream)
        refused = await his.until(t="refused", id=stream)
        asked = await phone.post(f"/api/circles/{stream[7:]}/join", json={}, headers=bearer(paul))
        answers.append(({**refused, "id": ""}, asked.status_code, asked.json()))
    assert answers[0] == answers[1]
    assert (answers[0][0]["code"], answers[0][1]) == ("unknown_room", 404)
    await his.send(t="ask", id="c", stream=claire["community"], query="circles", args={})
    assert (await his.until(id="c"))["items"] == []


async def test_CI1_a_circle_is_entered_from_its_community(app: Application, client: httpx.AsyncClient) -> None:
    claire = await make(client)
    circle = await found(client, claire, "request")
    hers = await speak(app, claire)
    await hers.send(t="join", stream=circle)
    assert (await hers.until(t="refused", id=circle))["code"] == "not_joined"
    await hers.join(claire["community"], circle)
