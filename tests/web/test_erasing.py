"""Whoever asks is taken out of a room over HTTP, and it is done whatever dies meanwhile (SPEC O6)."""

import asyncio
from typing import Any

import httpx
import pytest

from protocol.commands import AddIdea, SendMessage, SetRole
from protocol.errors import Code
from server.accounts.port import Leave
from server.app import Application
from server.erasure import leaving
from server.erasure import stream as stream_module
from server.journal.port import Commit, JournalError
from server.live.rewriting import UnreadableError
from tests.services.process import HUNG
from tests.web.test_api import act, bearer, join, make_room, refused

IDEA, MESSAGE = "idea:000000000001", "message:00000001"


async def erase(client: httpx.AsyncClient, entry: dict[str, Any], texts: str = "keep") -> httpx.Response:
    return await client.post(f"/api/rooms/{entry['room']}/erase", json={"texts": texts}, headers=bearer(entry))


async def records(client: httpx.AsyncClient, entry: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/api/rooms/{entry['room']}/export.json", headers=bearer(entry))
    assert answer.status_code == 200, answer.text
    return {record["id"]: record for record in answer.json()["records"]}


async def here(app: Application, client: httpx.AsyncClient) -> tuple[dict[str, Any], dict[str, Any]]:
    """A host, and somebody who has written."""
    awa = await make_room(client)
    zoe: dict[str, Any] = (await join(client, awa["code"], "Zoé Marqueur")).json()
    await act(app, zoe, AddIdea(IDEA, "une idée de Zoé"), SendMessage(MESSAGE, "un mot de Zoé"))
    await act(app, awa, AddIdea("idea:000000000002", "une idée d’Awa"))
    return awa, zoe


@pytest.mark.parametrize("texts", ["keep", "remove"])
async def test_o6_who_asks_is_nowhere_any_more(app: Application, client: httpx.AsyncClient, texts: str) -> None:
    awa, zoe = await here(app, client)
    answer = await erase(client, zoe, texts)
    assert answer.status_code == 200, answer.text
    assert answer.json()["texts"] == 2
    left = await records(client, awa)
    assert zoe["me"]["id"] not in repr(left)
    assert "Marqueur" not in repr(left)
    assert left["idea:000000000002"]["text"] == "une idée d’Awa"
    assert left[IDEA]["text"] == ("une idée de Zoé" if texts == "keep" else "")
    for path in ("/api/refresh", f"/api/rooms/{zoe['room']}/erase"):
        assert (await client.post(path, json={}, headers=bearer(zoe))).status_code in (401, 403)
    again = await client.post("/api/link", json={"link": zoe["links"]["personal"].partition("=")[2]})
    assert again.status_code in (400, 401)
    assert (await join(client, awa["code"], "Zoé Marqueur")).json()["me"]["id"] != zoe["me"]["id"]


async def test_o6_the_only_host_of_others_finds_another_first(app: Application, client: httpx.AsyncClient) -> None:
    awa, zoe = await here(app, client)
    assert refused(await erase(client, awa), 403, Code.FORBIDDEN)
    await act(app, awa, SetRole(zoe["me"]["id"], "host"))
    assert (await erase(client, awa)).status_code == 200
    assert "Awa" not in repr(await records(client, zoe)).replace("d’Awa", "")
    assert refused(await erase(client, zoe, "other"), 400, Code.INVALID)


async def test_o6_who_is_alone_may_go(client: httpx.AsyncClient) -> None:
    awa = await make_room(client)
    assert (await erase(client, awa)).status_code == 200


async def test_o6_a_screen_and_a_stranger_are_refused(app: Application, client: httpx.AsyncClient) -> None:
    awa, zoe = await here(app, client)
    screen = (await client.post("/api/screen", json={"code": awa["code"]})).json()
    assert refused(await erase(client, {**screen, "room": awa["room"]}), 403, Code.FORBIDDEN)
    other = await make_room(client)
    assert (await erase(client, {**zoe, "room": other["room"]})).status_code in (403, 404)
    assert zoe["me"]["id"] in await records(client, awa)


async def test_o6_what_dies_in_the_middle_another_finishes(
    app: Application, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    awa, zoe = await here(app, client)
    redact, died = app._journal.redact, list[str]()

    async def dies(stream: str, *args: Any) -> str:
        if not died:
            died.append(stream)
            raise JournalError("planted", retry=True)
        return await redact(stream, *args)

    monkeypatch.setattr(app._journal, "redact", dies)
    assert refused(await erase(client, zoe), 503, Code.UNAVAILABLE)
    assert zoe["me"]["id"] in await records(client, awa)
    assert await app._leaving.step() == 0, "whoever began may be at it still"
    monkeypatch.setattr(leaving, "LONG", -60_000)
    assert await app._leaving.step() == 1
    channel = await app._hub.channel(awa["room"])
    await channel.room.refresh()
    assert zoe["me"]["id"] not in await records(client, awa)
    assert await app._leaving.step() == 0


async def test_o6_of_two_hosts_who_ask_at_once_one_stays(app: Application, client: httpx.AsyncClient) -> None:
    awa, zoe = await here(app, client)
    await join(client, awa["code"], "Bob")
    await act(app, awa, SetRole(zoe["me"]["id"], "host"))
    answers = await asyncio.gather(erase(client, awa), erase(client, zoe))
    assert sorted(answer.status_code for answer in answers) == [200, 403]


async def test_o6_who_asks_twice_at_once_is_answered_once(app: Application, client: httpx.AsyncClient) -> None:
    _, zoe = await here(app, client)
    answers = await asyncio.gather(erase(client, zoe, "remove"), erase(client, zoe, "keep"))
    assert [answer.status_code for answer in answers] in ([200, 401], [200, 403])


async def test_o6_one_that_cannot_be_done_keeps_no_other_and_stays_noted(
    app: Application, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = await here(app, client), await here(app, client), await here(app, client)
    redact, bad = app._journal.redact, first[0]["room"]

    async def fails(stream: str, *args: Any) -> str:
        if stream == bad:
            raise JournalError("planted", retry=True)
        return await redact(stream, *args)

    look = stream_module.Looked.take

    def unreadable(self: stream_module.Looked, commit: Commit) -> None:
        if b"illisible" in commit.events:
            raise UnreadableError("planted")
        look(self, commit)

    monkeypatch.setattr(app._journal, "redact", fails)
    monkeypatch.setattr(stream_module.Looked, "take", unreadable)
    await act(app, third[0], AddIdea("idea:000000000003", "illisible"))
    for n, (_, zoe) in enumerate((first, third, second)):
        await app._leaving._ports.accounts.note_leave(Leave(zoe["me"]["id"], zoe["room"], False, n))
    assert await app._leaving.step() == 3
    assert [leave.scope for leave in await app._leaving._ports.accounts.leaving(99)] == [
        first[0]["room"],
        third[0]["room"],
    ]
    bad = ""
    monkeypatch.setattr(stream_module.Looked, "take", look)
    assert await app._leaving.step() == 2
    assert await app._leaving.step() == 0


async def test_o6_it_is_answered_though_the_room_was_closed_meanwhile(
    app: Application, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, zoe = await here(app, client)
    erase_from_it = app._leaving.erase

    async def slowly(*args: Any, **options: Any) -> Any:
        receipt = await erase_from_it(*args, **options)
        app._hub._begin_closing(zoe["room"])
        return receipt

    monkeypatch.setattr(app._leaving, "erase", slowly)
    async with asyncio.timeout(HUNG):
        assert (await erase(client, zoe)).status_code == 200
