"""Two servers on one PostgreSQL and one Redis: an invitation is for as many as it says whichever they come to, and whoever is out is out of both
(COMMUNITIES IN6, CO5, AC4)."""

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from protocol.version import JSON
from tests.services import RedisServer, ServerProcess

Entry = dict[str, Any]


def path_of(entry: Entry) -> str:
    return f"/api/communities/{entry['community'].partition(':')[2]}"


def bearer(entry: Entry) -> dict[str, str]:
    return {"Authorization": f"Bearer {entry['token']}"}


async def follow(server: ServerProcess, entry: Entry) -> ClientConnection:
    """A connection that follows the community, and has its state."""
    socket = await connect(server.ws_url, subprotocols=[Subprotocol(JSON)])
    for message in ({"t": "hello", "token": entry["token"]}, {"t": "join", "stream": entry["community"]}):
        await socket.send(json.dumps(message))
    await heard(socket, "state")
    return socket


async def heard(socket: ClientConnection, *types: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            message: dict[str, Any] = json.loads(await socket.recv())
            if message["t"] in types:
                return message


async def do(socket: ClientConnection, entry: Entry, cmd: str, **args: Any) -> None:
    id = secrets.token_urlsafe(12)
    await socket.send(json.dumps({"t": "do", "id": id, "stream": entry["community"], "cmd": cmd, "args": args}))
    answer = await heard(socket, "done", "refused")
    assert answer["t"] == "done", answer


async def use(client: httpx.AsyncClient, secret: str, name: str, key: str) -> httpx.Response:
    return await client.post("/api/invitations/use", json={"invitation": secret, "name": name, "key": key})


async def test_IN6_CO5_two_servers_are_one_community(
    database: str, redis_server: RedisServer, start_server: Callable[..., ServerProcess]
) -> None:
    env = {"PALABRE_OPEN": "communities"}
    servers = [start_server(database, redis_server.url, env=env) for _ in range(2)]
    async with (
        httpx.AsyncClient(base_url=servers[0].url, timeout=60) as one,
        httpx.AsyncClient(base_url=servers[1].url, timeout=60) as other,
    ):
        made = await one.post("/api/communities", json={"title": "Les managers", "name": "Claire"})
        claire: Entry = made.json()
        desk = await follow(servers[0], claire)
        invitation = f"invitation:{secrets.token_urlsafe(16)}"
        await do(desk, claire, "invitation.add", id=invitation, most=2)
        told = await other.get(f"{path_of(claire)}/invitations/{invitation}", headers=bearer(claire))
        secret = told.json()["link"].partition("/i/#")[2]

        keys = [secrets.token_urlsafe(24) for _ in range(8)]
        came = await asyncio.gather(*(use((one, other)[n % 2], secret, f"Paul {n}", key) for n, key in enumerate(keys)))
        assert sorted(answer.status_code for answer in came) == [200] * 2 + [409] * 6
        first, second = (n for n, answer in enumerate(came) if answer.status_code == 200)
        again = await use((one, other)[(first + 1) % 2], secret, "Paul", keys[first])
        assert again.json()["me"] == came[first].json()["me"], "the same key on the other server"

        paul, nadia = came[first].json(), came[second].json()
        sockets = [await follow(server, paul) for server in servers]
        theirs = await follow(servers[1], nadia)
        await do(desk, claire, "person.suspend", id=paul["me"]["id"].replace("member:", "person:"))
        assert [(await heard(socket, "bye"))["code"] for socket in sockets] == ["removed"] * 2
        for client in (one, other):
            answer = await client.get(f"{path_of(paul)}/devices", headers=bearer(paul))
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_room")

        listed = await one.get(f"{path_of(nadia)}/devices", headers=bearer(nadia))
        (device,) = listed.json()["devices"]
        await one.post(f"{path_of(nadia)}/devices/end", json={"id": device["id"]}, headers=bearer(nadia))
        assert (await heard(theirs, "bye"))["code"] == "unauthorized"
        for socket in (desk, theirs, *sockets):
            await socket.close()
