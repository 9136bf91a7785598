"""From a workshop into its community (COMMUNITIES IN7, IN8)."""

from typing import Any

import httpx
import pytest

from protocol.commands import AddStep, GoToStep, RemoveMember
from protocol.communities import GrantRequest, RemovePerson, SuspendPerson
from protocol.errors import Code
from server.accounts.tokens import Tokens
from server.app import Application
from server.community.arrivals import request_id
from server.community.state import record_id
from server.web.communities import COMING
from server.workshop.state.steps import ENDS
from tests.web.communities import OPEN, Entry, act, key, make, session
from tests.web.conftest import Started, client_of
from tests.web.test_api import INTRANET, bearer, integrated, join, make_room, refused
from tests.web.test_api import act as act_in

STEP = "step:aaaaaaaaaaaa"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | OPEN


async def open_from(client: httpx.AsyncClient, entry: Entry, **how: Any) -> httpx.Response:
    body = {"title": "Séance", "name": "Claire", "community": entry["community"]} | how
    return await client.post("/api/rooms", json=body, headers=bearer(entry))


async def come(client: httpx.AsyncClient, guest: Entry, **how: Any) -> httpx.Response:
    return await client.post(f"/api/rooms/{guest['room']}/community", json={"key": key()} | how, headers=bearer(guest))


async def test_IN7_a_workshop_is_opened_from_a_community_by_who_is_in_it(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, tokens: Tokens
) -> None:
    claire, other = await make(client), await make(client)
    once = key()
    answer = await open_from(client, claire, key=once)
    room = answer.json()
    assert answer.status_code == 201 and room["me"]["id"] == claire["me"]["id"] and room["me"]["role"] == "host"
    assert tokens.verify(room["token"]).scope == room["room"], "and its link opens this workshop alone"
    assert (await open_from(client, claire, key=once)).json()["room"] == room["room"]
    export = await client.get(f"/api/rooms/{room['room']}/export.json", headers=bearer(claire))
    records = {record["id"]: record for record in export.json()["records"]}
    assert records[room["room"]]["community"] == claire["community"]
    for stranger in (other, room):
        assert refused(await open_from(phone, claire | {"token": stranger["token"]}), 404, Code.UNKNOWN_ROOM)
    body = {"title": "Séance", "name": "Claire", "community": claire["community"]}
    assert refused(await phone.post("/api/rooms", json=body), 401, Code.UNAUTHORIZED)
    assert refused(await open_from(phone, claire, community="room:aaaaaaaaaaaa"), 400, Code.INVALID)


async def test_IN7_people_of_a_community_open_workshops_where_not_everybody_may(started: Started) -> None:
    async with started({"PALABRE_OPEN": "communities"}) as app, client_of(app) as client:
        claire = await make(client)
        answer = await client.post("/api/rooms", json={"title": "x", "name": "x"}, headers=bearer(claire))
        assert refused(answer, 403, Code.FORBIDDEN)
        assert (await open_from(client, claire)).status_code == 201


async def test_IN7_a_file_brings_no_community(client: httpx.AsyncClient) -> None:
    claire = await make(client)
    room = (await open_from(client, claire)).json()
    file = (await client.get(f"/api/rooms/{room['room']}/export.json", headers=bearer(room))).content
    again = (await client.post("/api/import", content=file)).json()
    record = (await client.get(f"/api/rooms/{again['room']}/export.json", headers=bearer(again))).json()["records"][0]
    assert record["id"] == again["room"] and "community" not in record
    assert refused(await come(client, again), 404, Code.NOT_FOUND)


async def test_IN8_a_guest_comes_in_as_who_they_were_there(client: httpx.AsyncClient, phone: httpx.AsyncClient) -> None:
    claire = await make(client)
    room = (await open_from(client, claire)).json()
    paul = (await join(phone, room["code"], "Paul")).json()
    once = key()
    answer = await come(phone, paul, key=once)
    assert answer.status_code == 200, answer.text
    entry = answer.json()
    assert (entry["me"]["id"], entry["me"]["name"], entry["me"]["roles"]) == (paul["me"]["id"], "Paul", [])
    assert (await session(phone, entry)).json()["me"] == entry["me"]
    assert (await come(phone, paul, key=once)).json()["me"] == entry["me"], "an answer that was lost"
    export = await phone.get(f"/api/rooms/{room['room']}/export.json", headers=bearer(entry))
    assert export.json()["me"] == paul["me"]["id"], "the workshop is theirs as before, by the account too"


async def test_IN8_nothing_of_a_workshop_opens_an_account_that_is_there(
    client: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    """Else whoever was lent a phone for the workshop, or has its link, would have the account."""
    claire = await make(client)
    room = (await open_from(client, claire)).json()
    assert refused(await come(phone, room), 409, Code.ACCOUNT_EXISTS)
    paul = (await join(phone, room["code"], "Paul")).json()
    await come(phone, paul)
    assert refused(await come(phone, paul), 409, Code.ACCOUNT_EXISTS)
    link = paul["links"]["personal"].partition("#lien=")[2]
    back = (await phone.post("/api/link", json={"link": link})).json()
    assert refused(await come(phone, back), 409, Code.ACCOUNT_EXISTS)
    account = claire | {"room": room["room"]}
    assert refused(await come(client, account), 403, Code.FORBIDDEN)


async def test_IN8_two_days_after_its_end_they_ask_to_be_let_in(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    claire = await make(client)
    room = (await open_from(client, claire)).json()
    await act_in(app, room, AddStep(STEP, "ideate", "Idées"), GoToStep(STEP))
    guests = [(await join(phone, room["code"], name)).json() for name in ("Paul", "Nadia")]
    now, ends = app._hub.now, app._hub.now() + ENDS + COMING
    monkeypatch.setattr(app._devices, "now", lambda: ends - 60_000)
    assert (await come(phone, guests[0])).json()["me"]["name"] == "Paul"
    monkeypatch.setattr(app._devices, "now", lambda: ends + 60_000)
    once = key()
    for _ in range(2):
        assert (await come(phone, guests[1], key=once)).json() == {"asked": True}
    monkeypatch.setattr(app._devices, "now", now)
    await act(app, claire, GrantRequest(request_id(guests[1]["me"]["id"])))
    assert (await come(phone, guests[1], key=once)).json()["me"]["id"] == guests[1]["me"]["id"]


async def test_IN8_who_is_out_of_the_workshop_or_of_the_community_stays_out(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application
) -> None:
    claire = await make(client)
    room = (await open_from(client, claire)).json()
    for command, code in ((SuspendPerson, Code.SUSPENDED), (RemovePerson, Code.REMOVED)):
        guest = (await join(phone, room["code"], "Paul")).json()
        once = key()
        await come(phone, guest, key=once)
        await act(app, claire, command(record_id(guest["me"]["id"])))
        assert refused(await come(phone, guest, key=once), 403, code)
        assert refused(await come(phone, guest), 403, code)
    guest = (await join(phone, room["code"], "Nadia")).json()
    await act_in(app, room, RemoveMember(guest["me"]["id"]))
    assert refused(await come(phone, guest), 403, Code.REMOVED)


async def test_IN8_from_a_workshop_of_no_community_nobody_comes(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    assert refused(await come(client, room), 404, Code.NOT_FOUND)
    answer = await client.post(f"/api/rooms/{room['room']}/community", json={}, headers=bearer(room))
    assert refused(answer, 400, Code.INVALID), "without a key a lost answer would be lost for good"


async def test_IN8_who_comes_by_an_integrator_has_no_account(started: Started) -> None:
    async with started(OPEN | {"PALABRE_KEYS": f"intranet={INTRANET}"}) as app, client_of(app) as client:
        claire = await make(client)
        room = (await open_from(client, claire)).json()
        answer = await client.post(
            f"/api/rooms/{room['room']}/integrators", json={"name": "intranet"}, headers=bearer(room)
        )
        assert answer.status_code == 200
        headers = integrated("zoe@example.org", room["room"])
        answer = await client.post(f"/api/rooms/{room['room']}/community", json={"key": key()}, headers=headers)
        assert refused(answer, 403, Code.FORBIDDEN)
