"""A community over the wire that people come through: followed with the token of an account, and left at once (COMMUNITIES CO2, CO5)."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from protocol.communities import RemovePerson, SuspendPerson
from protocol.errors import Code
from protocol.version import JSON
from server.app import Application
from server.community.state import record_id
from tests.web.communities import OPEN, Entry, act, come, devices, invite, make, path_of
from tests.web.conftest import client_of, port_of
from tests.web.test_api import bearer, refused


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | OPEN


@asynccontextmanager
async def following(app: Application, entry: Entry) -> AsyncIterator[ClientConnection]:
    """A connection that follows the community, and has its state."""
    async with connect(f"ws://127.0.0.1:{port_of(app)}/ws", subprotocols=[Subprotocol(JSON)]) as socket:
        await say(socket, t="hello", token=entry["token"])
        await say(socket, t="join", stream=entry["community"])
        await heard(socket, "state")
        yield socket


async def say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def heard(socket: ClientConnection, *types: str) -> dict[str, Any]:
    """The next message of one of these types."""
    while True:
        message: dict[str, Any] = json.loads(await socket.recv())
        if message["t"] in types:
            return message


@pytest.mark.parametrize("command", [SuspendPerson, RemovePerson])
async def test_CO5_who_is_out_is_cut_from_socket_and_http_alike(
    client: httpx.AsyncClient, app: Application, command: Any
) -> None:
    claire = await make(client)
    secret = await invite(app, client, claire)
    async with client_of(app, "192.0.2.2") as phone, following(app, claire) as desk:
        paul = await come(phone, secret)
        async with following(app, paul) as socket:
            await say(socket, t="do", id="1", stream=paul["community"], cmd="profile.set", args={"job": "Chef"})
            mine = await heard(socket, "mine")
            assert mine["put"][0]["job"] == "Chef"
            await act(app, claire, command(record_id(paul["me"]["id"])))
            assert (await heard(socket, "bye"))["code"] == "removed"
        answer = await phone.get(f"{path_of(paul)}/devices", headers=bearer(paul))
        assert refused(answer, 404, Code.UNKNOWN_ROOM)
        async with connect(f"ws://127.0.0.1:{port_of(app)}/ws", subprotocols=[Subprotocol(JSON)]) as again:
            await say(again, t="hello", token=paul["token"])
            await say(again, t="join", stream=paul["community"])
            assert (await heard(again, "refused"))["code"] == "unknown_room"
        await say(desk, t="ask", id="2", stream=claire["community"], query="history", args={})
        assert (await heard(desk, "refused"))["code"] == "unknown_query", "the others go on"


async def test_CO5_a_device_that_is_left_from_another_is_cut_within_a_second(
    client: httpx.AsyncClient, app: Application
) -> None:
    claire = await make(client)
    async with client_of(app, "192.0.2.2") as phone:
        link = claire["links"]["personal"].partition("#lien=")[2]
        entry = (await phone.post(f"{path_of(claire)}/enter", json={"link": link})).json()
        async with following(app, entry) as socket:
            there = next(each["id"] for each in await devices(client, claire) if not each["here"])
            await client.post(f"{path_of(claire)}/devices/end", json={"id": there}, headers=bearer(claire))
            assert (await heard(socket, "bye"))["code"] == "unauthorized"


async def test_CO3_a_frame_asks_for_what_its_role_may_and_what_a_community_knows(
    client: httpx.AsyncClient, app: Application
) -> None:
    claire = await make(client)
    secret = await invite(app, client, claire)
    async with client_of(app, "192.0.2.2") as phone:
        paul = await come(phone, secret)
        async with following(app, paul) as socket:
            await say(socket, t="do", id="1", stream=paul["community"], cmd="invitation.add", args={"id": "invitation:aaaaaaaaaaaa"})  # fmt: skip
            assert (await heard(socket, "refused"))["code"] == "forbidden"
            await say(socket, t="do", id="2", stream=paul["community"], cmd="member.remove", args={"id": paul["me"]["id"]})  # fmt: skip
            assert (await heard(socket, "refused"))["code"] == "unknown_command"
