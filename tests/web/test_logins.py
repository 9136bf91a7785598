"""Logins and links over HTTP: left on one device, ended on all others, given up (SPEC H1, H2, H14)."""

from typing import Any

import httpx
import pytest

from protocol.errors import Code
from server.accounts.port import Login
from server.accounts.tokens import ACCESS_SECONDS, Tokens
from server.app import Application
from server.web.reads import LOGINS
from server.workshop.people.screens import STALE
from tests.before import link_of_before
from tests.web.conftest import Started, client_of
from tests.web.test_api import INTRANET, bearer, integrated, join, make_room, refused


def secret_of(entry: dict[str, Any]) -> str:
    links: dict[str, str] = entry["links"]
    return (links.get("personal") or links["recovery"]).partition("#lien=")[2]


async def back(client: httpx.AsyncClient, secret: str) -> httpx.Response:
    return await client.post("/api/link", json={"link": secret})


async def refresh(client: httpx.AsyncClient, entry: dict[str, Any]) -> httpx.Response:
    return await client.post("/api/refresh", headers=bearer(entry))


async def export(client: httpx.AsyncClient, entry: dict[str, Any]) -> httpx.Response:
    return await client.get(f"/api/rooms/{entry['room']}/export.json", headers=bearer(entry))


async def test_h14_who_leaves_a_device_has_left_it_and_the_link_brings_him_back(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    paul = (await join(client, room["code"])).json()
    assert (await client.post("/api/logins/end", json={}, headers=bearer(paul))).json() == {"links": {}}
    for answer in (await export(client, paul), await refresh(client, paul)):
        assert refused(answer, 401, Code.UNAUTHORIZED)
    again = await client.post("/api/logins/end", json={}, headers=bearer(paul))
    assert refused(again, 401, Code.UNAUTHORIZED)
    assert (await back(client, secret_of(paul))).json()["me"] == paul["me"]


async def test_h14_a_lost_phone_is_out_with_every_link_and_whoever_ended_it_is_in(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    laptop = (await join(client, room["code"])).json()
    phone = (await back(client, secret_of(laptop))).json()
    answer = await client.post("/api/logins/end", json={"everywhere": True}, headers=bearer(laptop))
    for gone in (await export(client, phone), await refresh(client, phone), await back(client, secret_of(laptop))):
        assert refused(gone, 401, Code.UNAUTHORIZED)
    again = laptop | {"token": answer.json()["token"]}
    assert (await export(client, again)).status_code == 200
    assert (await export(client, room)).status_code == 200, "nobody else is concerned"
    assert (await back(client, secret_of(answer.json()))).json()["me"] == laptop["me"]


async def test_h14_a_link_that_went_to_the_wrong_person_is_given_up_for_another(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    fresh = (await client.post("/api/links/end", json={"link": secret_of(room)})).json()
    assert refused(await back(client, secret_of(room)), 401, Code.UNAUTHORIZED)
    assert refused(await client.post("/api/links/end", json={"link": secret_of(room)}), 401, Code.UNAUTHORIZED)
    assert (await back(client, secret_of(fresh))).json()["me"] == room["me"]
    assert (await export(client, room)).status_code == 200, "who is there stays"


async def test_h2_a_link_is_the_same_however_often_it_is_used_and_one_of_before_becomes_one_of_ours(
    client: httpx.AsyncClient, tokens: Tokens
) -> None:
    room = await make_room(client)
    for _ in range(3):
        assert secret_of((await back(client, secret_of(room))).json()) == secret_of(room)
    of_before = link_of_before(tokens, member=room["me"]["id"], room=room["room"], code=room["code"])
    fresh = secret_of((await back(client, of_before)).json())
    assert (await back(client, fresh)).json()["me"] == room["me"]
    assert (await back(client, of_before)).json()["me"] == room["me"], "and it is good still"
    await client.post("/api/links/end", json={"link": of_before})
    assert refused(await back(client, of_before), 401, Code.UNAUTHORIZED)


async def test_h2_no_secret_lies_in_the_database(client: httpx.AsyncClient, app: Application) -> None:
    room = await make_room(client)
    paul = (await join(client, room["code"])).json()
    path = app._settings.folder / "palabre.sqlite"
    held = b"".join(file.read_bytes() for file in path.parent.glob("palabre.sqlite*"))
    for entry in (room, paul):
        assert secret_of(entry).encode() not in held
        assert entry["token"].rpartition(".")[2].encode() not in held


async def test_h1_a_token_that_has_ended_is_exchanged_as_long_as_its_login_lasts(
    client: httpx.AsyncClient, tokens: Tokens
) -> None:
    room = await make_room(client)
    login = tokens.verify(room["token"]).login
    slept = room | {"token": tokens.mint(Login(login, room["me"]["id"], room["room"], 0), seconds=-ACCESS_SECONDS)}
    assert refused(await export(client, slept), 401, Code.EXPIRED)
    fresh = (await refresh(client, slept)).json()["token"]
    assert (await export(client, room | {"token": fresh})).status_code == 200
    await client.post("/api/logins/end", json={}, headers={"Authorization": f"Bearer {fresh}"})
    assert refused(await refresh(client, slept), 401, Code.UNAUTHORIZED)


async def test_h1_a_login_that_never_was_is_exchanged_for_nothing(client: httpx.AsyncClient, tokens: Tokens) -> None:
    room = await make_room(client)
    forged = tokens.mint(Login("n" * 22, room["me"]["id"], room["room"], 0))
    assert refused(await refresh(client, room | {"token": forged}), 401, Code.UNAUTHORIZED)


async def test_h10_a_screen_that_goes_on_showing_counts_and_costs_no_commit_an_hour(
    client: httpx.AsyncClient, app: Application
) -> None:
    room = await make_room(client)
    screen = (await client.post("/api/screen", json={"code": room["code"]})).json()
    channel = await app._hub.channel(room["room"])
    before = channel.room.layers.seq
    for _ in range(3):
        assert (await refresh(client, screen)).status_code == 200
    assert channel.room.layers.seq == before
    now = app._hub.now
    app._hub.now = lambda: now() + STALE // 2
    assert (await refresh(client, screen)).status_code == 200
    app._hub.now = now
    assert channel.room.layers.seq == before + 1


async def test_h14_what_is_asked_is_looked_at_before_who_asks(client: httpx.AsyncClient) -> None:
    assert refused(await client.post("/api/logins/end", json={"everywhere": 1}), 400, Code.INVALID)
    assert refused(await client.post("/api/logins/end", json={}), 401, Code.UNAUTHORIZED)


async def test_h14_what_has_no_login_is_told_nothing_of_a_room(started: Started) -> None:
    """An integrator that is not registered asks to end: what it is told is the same whether there is such a room."""
    async with started({"PALABRE_KEYS": f"intranet={INTRANET}"}) as app, client_of(app) as client:
        told = []
        for room in ((await make_room(client))["room"], "room:neverneverne"):
            headers = integrated("zoe@example.org", room)
            answer = await client.post("/api/logins/end", json={"everywhere": True}, headers=headers)
            assert refused(answer, 403, Code.FORBIDDEN)
            told.append(answer.text)
        assert len(set(told)) == 1


@pytest.mark.usefixtures("still")
async def test_h14_links_and_logins_of_one_person_have_a_rate(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    answers = [await back(client, secret_of(room)) for _ in range(int(LOGINS.burst) + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert refused(answers[-1], 429, Code.RATE_LIMITED)
