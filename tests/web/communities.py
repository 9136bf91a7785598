"""Communities over HTTP, as a browser comes to them."""

import secrets
from typing import Any
from uuid import uuid4

import httpx

from protocol.commands import Command
from protocol.communities import AddInvitation
from server.app import Application
from tests.web.test_api import bearer

OPEN = {"PALABRE_OPEN": "workshops,communities"}

Entry = dict[str, Any]


def key() -> str:
    """Of an entry, each time another."""
    return secrets.token_urlsafe(24)


def path_of(entry: Entry) -> str:
    return f"/api/communities/{entry['community'].partition(':')[2]}"


def secret_in(link: str) -> str:
    return link.partition("#lien=")[2]


async def make(client: httpx.AsyncClient, **how: Any) -> Entry:
    answer = await client.post("/api/communities", json={"title": "Les managers", "name": "Claire"} | how)
    assert answer.status_code == 201, answer.text
    entry: Entry = answer.json()
    return entry


async def act(app: Application, entry: Entry, *commands: Command) -> None:
    """What this person does over a connection."""
    channel = await app._hub.channel(entry["community"])
    for command in commands:
        await app._hub.submit(channel, entry["me"]["id"], uuid4().hex, command)


async def invite(app: Application, client: httpx.AsyncClient, entry: Entry, **how: Any) -> str:
    """The secret of a new invitation."""
    id = f"invitation:{secrets.token_urlsafe(16)}"
    await act(app, entry, AddInvitation(id, **how))
    return await told(client, entry, id)


async def told(client: httpx.AsyncClient, entry: Entry, id: str) -> str:
    answer = await client.get(f"{path_of(entry)}/invitations/{id}", headers=bearer(entry))
    assert answer.status_code == 200, answer.text
    link: str = answer.json()["link"]
    return link.partition("/i/#")[2]


async def use(client: httpx.AsyncClient, secret: str, name: str = "Paul", **how: Any) -> httpx.Response:
    body = {"invitation": secret, "name": name, "key": key()} | how
    return await client.post("/api/invitations/use", json=body)


async def come(client: httpx.AsyncClient, secret: str, name: str = "Paul", **how: Any) -> Entry:
    answer = await use(client, secret, name, **how)
    assert answer.status_code == 200, answer.text
    entry: Entry = answer.json()
    return entry


async def session(client: httpx.AsyncClient, entry: Entry) -> httpx.Response:
    """What the cookie of this client's browser gives."""
    return await client.post(f"{path_of(entry)}/session")


async def devices(client: httpx.AsyncClient, entry: Entry) -> list[dict[str, Any]]:
    answer = await client.get(f"{path_of(entry)}/devices", headers=bearer(entry))
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["devices"]
    return listed
