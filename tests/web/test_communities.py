"""Making a community, and being in it on one's devices (COMMUNITIES CO1, AC)."""

import re

import httpx
import pytest

from protocol.communities import LeaveCommunity, RemovePerson, SetPersonRole, SetProfile, SuspendPerson
from protocol.errors import Code
from server.accounts.tokens import Tokens
from server.app import Application
from server.community.state import record_id
from server.web.codes import Attempts
from server.web.invitations import setup_secret
from server.web.reads import LOGINS
from tests.web.communities import OPEN, act, come, devices, invite, key, make, path_of, secret_in, session
from tests.web.conftest import ORIGIN, Started, client_of
from tests.web.test_api import bearer, join, make_room, refused


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | OPEN


async def test_AC1_who_makes_a_community_is_in_it_and_leads_it(client: httpx.AsyncClient, tokens: Tokens) -> None:
    entry = await make(client, langs=["en", "fr"])
    assert set(entry) == {"community", "token", "me", "title", "langs", "links"}
    assert (entry["title"], entry["langs"]) == ("Les managers", ["en", "fr"])
    assert entry["me"]["name"] == "Claire" and entry["me"]["roles"] == ["animator", "administrator"]
    identity = tokens.verify(entry["token"])
    assert (identity.person, identity.scope) == (entry["me"]["id"], "account")
    assert entry["links"]["personal"].startswith(f"{ORIGIN}/c/{entry['community'][10:]}#lien=")


async def test_AC2_the_cookie_is_out_of_pages_reach_and_of_this_community_alone(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/communities", json={"title": "Les managers", "name": "Claire"})
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(
        rf"palabre=[A-Za-z0-9_-]{{32}}; HttpOnly; Max-Age=7776000; Path={path_of(answer.json())}; SameSite=lax", cookie
    )
    assert secret_in(answer.json()["links"]["personal"]) not in cookie


async def test_AC2_where_people_come_by_tls_so_does_the_cookie(started: Started) -> None:
    async with started({"PALABRE_PUBLIC_URL": "https://palabre.example"}) as app, client_of(app) as client:
        answer = await client.post("/api/communities", json={"title": "Les managers", "name": "Claire"})
        assert "; Secure" in answer.headers["set-cookie"]


async def test_AC2_a_cookie_gives_tokens_and_nothing_else_does(client: httpx.AsyncClient) -> None:
    entry, other = await make(client), await make(client)
    answer = await session(client, entry)
    assert answer.status_code == 200
    again = answer.json()
    assert "links" not in again
    assert (again["me"], again["community"]) == (entry["me"], entry["community"])
    assert "Max-Age=7776000" in answer.headers["set-cookie"]
    assert (await session(client, other)).json()["me"] == other["me"], "each community has its own"
    assert refused(await client.post("/api/refresh", headers=bearer(again)), 403, Code.FORBIDDEN)


async def test_AC2_another_cookie_or_none_or_that_of_another_community_gives_nothing(
    client: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    entry, other = await make(client), await make(client)
    assert refused(await session(phone, entry), 401, Code.UNAUTHORIZED)
    for secret in ("n" * 32, "", entry["token"], secret_in(entry["links"]["personal"])):
        answer = await phone.post(f"{path_of(entry)}/session", headers={"Cookie": f"palabre={secret}"})
        assert refused(answer, 401, Code.UNAUTHORIZED)
    mine = next(cookie.value for cookie in client.cookies.jar if cookie.path == path_of(entry))
    answer = await phone.post(f"{path_of(other)}/session", headers={"Cookie": f"palabre={mine}"})
    assert refused(answer, 404, Code.UNKNOWN_ROOM), "nobody is in another community by it"


async def test_CO1_the_door_says_what_a_community_is_and_of_its_people_nothing(
    client: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    entry = await make(client)
    door = await phone.get(path_of(entry))
    assert door.json() == {"community": entry["community"], "title": "Les managers", "langs": ["fr"]}
    for path in ("/api/communities/neverneverne", "/api/communities/x", "/api/communities/room:aaaaaaaaaaaa"):
        assert refused(await phone.get(path), 404, Code.UNKNOWN_ROOM)
    for method, path in (("GET", "/devices"), ("POST", "/link"), ("GET", "/invitations/invitation:aaaaaaaaaaaa")):
        assert refused(await phone.request(method, f"{path_of(entry)}{path}", json={}), 401, Code.UNAUTHORIZED)


async def test_AC1_a_token_of_a_workshop_opens_no_community_and_one_of_an_account_only_its_own(
    client: httpx.AsyncClient,
) -> None:
    entry, other, room = await make(client), await make(client), await make_room(client)
    for stranger in (other, room):
        answers = [
            await client.get(f"{path_of(each)}/devices", headers=bearer(stranger))
            for each in (entry, {"community": "community:neverneverne"})
        ]
        assert all(refused(answer, 404, Code.UNKNOWN_ROOM) for answer in answers)
        assert len({answer.text for answer in answers}) == 1, "as of an id never given"


async def test_AC1_an_account_asks_nothing_of_a_community_as_if_it_were_a_workshop(client: httpx.AsyncClient) -> None:
    entry = await make(client)
    for method, path in (("GET", "export.json"), ("POST", "erase"), ("POST", "minutes"), ("GET", "report.html")):
        answer = await client.request(method, f"/api/rooms/{entry['community']}/{path}", json={}, headers=bearer(entry))
        assert refused(answer, 404, Code.UNKNOWN_ROOM)
    for path in ("/api/link", "/api/links/end"):
        answer = await client.post(path, json={"link": secret_in(entry["links"]["personal"])})
        assert refused(answer, 401, Code.UNAUTHORIZED)
    assert (await session(client, entry)).status_code == 200


async def test_AC3_a_personal_link_signs_in_on_another_device(
    client: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    entry = await make(client, label="Ordinateur")
    link = secret_in(entry["links"]["personal"])
    answer = await phone.post(f"{path_of(entry)}/enter", json={"link": link, "label": " Téléphone\u202e "})
    assert answer.status_code == 200 and answer.json()["me"] == entry["me"]
    assert "links" not in answer.json()
    assert (await session(phone, entry)).status_code == 200
    assert sorted((each["label"], each["here"]) for each in await devices(client, entry)) == [
        ("Ordinateur", True),
        ("Téléphone", False),
    ]


async def test_AC3_a_link_for_a_quarter_of_an_hour_is_good_for_that_long(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, other = await make(client), await make(client)
    answer = await client.post(f"{path_of(entry)}/link", json={"minutes": 15}, headers=bearer(entry))
    secret = secret_in(answer.json()["link"])
    lasting = await client.post(f"{path_of(entry)}/link", json={}, headers=bearer(entry))
    for link in (secret, secret_in(lasting.json()["link"])):
        assert (await phone.post(f"{path_of(entry)}/enter", json={"link": link})).json()["me"] == entry["me"]
        assert refused(await phone.post(f"{path_of(other)}/enter", json={"link": link}), 401, Code.UNAUTHORIZED)
    now = app._hub.now
    monkeypatch.setattr(app._logins, "_now", lambda: now() + 15 * 60_000)
    assert refused(await phone.post(f"{path_of(entry)}/enter", json={"link": secret}), 401, Code.UNAUTHORIZED)
    for minutes in (0, 61, -1, 1.5, "15"):
        answer = await client.post(f"{path_of(entry)}/link", json={"minutes": minutes}, headers=bearer(entry))
        assert refused(answer, 400, Code.INVALID)


async def test_AC4_a_device_is_left_from_another_and_nobody_elses_is(
    client: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    entry, other = await make(client), await make(client)
    lost = (await phone.post(f"{path_of(entry)}/enter", json={"link": secret_in(entry["links"]["personal"])})).json()
    there = next(each["id"] for each in await devices(client, entry) if not each["here"])
    answer = await client.post(f"{path_of(other)}/devices/end", json={"id": there}, headers=bearer(other))
    assert refused(answer, 404, Code.NOT_FOUND)
    answer = await client.post(f"{path_of(entry)}/devices/end", json={"id": there}, headers=bearer(entry))
    assert answer.json() == {"ended": True} and "set-cookie" not in answer.headers
    assert refused(await session(phone, entry), 401, Code.UNAUTHORIZED)
    answer = await phone.get(f"{path_of(entry)}/devices", headers=bearer(lost))
    assert refused(answer, 401, Code.UNAUTHORIZED)
    assert [each["here"] for each in await devices(client, entry)] == [True]


async def test_AC4_who_signs_out_has_no_cookie_any_more(client: httpx.AsyncClient) -> None:
    entry = await make(client)
    answer = await client.post(f"{path_of(entry)}/end", json={}, headers=bearer(entry))
    assert answer.json() == {"ended": True}
    assert 'palabre=""; HttpOnly; Max-Age=0' in answer.headers["set-cookie"]
    assert refused(await session(client, entry), 401, Code.UNAUTHORIZED)
    assert refused(await client.get(f"{path_of(entry)}/devices", headers=bearer(entry)), 401, Code.UNAUTHORIZED)


async def test_AC4_everywhere_ends_all_others_and_all_links_and_gives_a_new_one(
    client: httpx.AsyncClient, phone: httpx.AsyncClient
) -> None:
    once = key()
    entry = await make(client, key=once, label="Ordinateur")
    link = secret_in(entry["links"]["personal"])
    await phone.post(f"{path_of(entry)}/enter", json={"link": link})
    answer = await client.post(f"{path_of(entry)}/end", json={"everywhere": True}, headers=bearer(entry))
    again = answer.json()
    assert again["me"] == entry["me"] and again["links"]["personal"] != entry["links"]["personal"]
    assert refused(await session(phone, entry), 401, Code.UNAUTHORIZED)
    assert refused(await phone.post(f"{path_of(entry)}/enter", json={"link": link}), 401, Code.UNAUTHORIZED)
    assert (await session(client, entry)).status_code == 200
    assert [each["label"] for each in await devices(client, again)] == ["Ordinateur"]
    body = {"title": "Les managers", "name": "Claire", "key": once, "label": "Ordinateur"}
    assert refused(await phone.post("/api/communities", json=body), 409, Code.ACCOUNT_EXISTS), "nor by its key"


async def test_AC5_an_entry_that_is_tried_again_is_the_same_for_a_day(
    client: httpx.AsyncClient, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = key()
    first, again = await make(client, key=once), await make(client, key=once)
    assert (first["community"], first["me"], first["links"]) == (again["community"], again["me"], again["links"])
    assert (await make(client, key=once, title="Autrement"))["community"] != first["community"]
    now = app._hub.now
    monkeypatch.setattr(app._devices, "now", lambda: now() + 24 * 3600 * 1000)
    body = {"title": "Les managers", "name": "Claire", "key": once}
    assert refused(await client.post("/api/communities", json=body), 409, Code.ACCOUNT_EXISTS)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"title": " "}, 400, Code.TEXT_EMPTY),
        ({"name": "\u200b"}, 400, Code.TEXT_EMPTY),
        ({"title": "x" * 121}, 400, Code.TEXT_TOO_LONG),
        ({"name": "x" * 41}, 400, Code.TEXT_TOO_LONG),
        ({"langs": []}, 400, Code.INVALID),
        ({"langs": ["de"]}, 400, Code.INVALID),
        ({"key": "short"}, 400, Code.INVALID),
        ({"title": "\0"}, 400, Code.TEXT_FORBIDDEN),
        ({"label": "x" * 401}, 400, Code.INVALID),
    ],
)
async def test_h_what_is_wrong_makes_no_community(
    client: httpx.AsyncClient, changes: dict[str, object], status: int, code: Code
) -> None:
    answer = await client.post("/api/communities", json={"title": "Les managers", "name": "Claire"} | changes)
    assert refused(answer, status, code)
    assert "set-cookie" not in answer.headers


async def test_h_a_page_of_another_site_is_refused(client: httpx.AsyncClient) -> None:
    entry = await make(client)
    for path in ("/api/communities", *(f"{path_of(entry)}/{each}" for each in ("session", "enter", "link", "end"))):
        answer = await client.post(path, json={}, headers=bearer(entry) | {"Origin": "https://elsewhere.example"})
        assert refused(answer, 403, Code.ORIGIN)


async def test_CO5_who_is_suspended_removed_or_has_left_is_in_it_on_no_device(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application
) -> None:
    claire = await make(client)
    invitation = await invite(app, client, claire)
    codes = {SuspendPerson: Code.SUSPENDED, RemovePerson: Code.REMOVED, LeaveCommunity: Code.REMOVED}
    for command, code in codes.items():
        async with client_of(app, "192.0.2.3") as browser:
            paul = await come(browser, invitation)
            link = secret_in(paul["links"]["personal"])
            if command is LeaveCommunity:
                await act(app, paul, LeaveCommunity())
            else:
                await act(app, claire, command(record_id(paul["me"]["id"])))
            assert refused(await session(browser, paul), 403, code)
            assert refused(await phone.post(f"{path_of(paul)}/enter", json={"link": link}), 403, code)
            answer = await browser.get(f"{path_of(paul)}/devices", headers=bearer(paul))
            assert refused(answer, 404, Code.UNKNOWN_ROOM), "of it nothing is told by what opened it before"


async def test_AC1_what_somebody_is_called_and_leads_is_told_with_each_session(
    client: httpx.AsyncClient, app: Application
) -> None:
    claire = await make(client)
    async with client_of(app) as browser:
        paul = await come(browser, await invite(app, client, claire))
    await act(app, claire, SetProfile(name="Claire V."), SetPersonRole(record_id(paul["me"]["id"]), administrator=True))
    await act(app, paul, SetPersonRole(record_id(claire["me"]["id"]), administrator=False))
    me = (await session(client, claire)).json()["me"]
    assert (me["name"], me["roles"]) == ("Claire V.", ["animator"])


async def test_AC7_where_not_everybody_makes_communities_a_setup_link_makes_one_and_once(
    started: Started,
) -> None:
    async with started({"PALABRE_OPEN": "workshops"}) as app, client_of(app) as client:
        tokens, once = Tokens(app._settings.secret, kept=app._settings.kept_secret), key()
        body = {"title": "Les managers", "name": "Claire"}
        assert refused(await client.post("/api/communities", json=body), 403, Code.FORBIDDEN)
        for setup in ("0.aaaaaaaaaaaaaaaaaaaaaa", "x", setup_secret(tokens, 1).replace("1.", "0.")):
            answer = await client.post("/api/communities", json=body | {"setup": setup})
            assert refused(answer, 403, Code.FORBIDDEN)
        setup = setup_secret(tokens, 0)
        first = await make(client, setup=setup, key=once)
        assert (await make(client, setup=setup, key=once))["me"] == first["me"], "an answer that was lost"
        for again in ({}, {"key": key()}):
            answer = await client.post("/api/communities", json=body | {"setup": setup} | again)
            assert refused(answer, 403, Code.FORBIDDEN)
        assert (await make(client, setup=setup_secret(tokens, 1)))["community"] != first["community"]


@pytest.mark.parametrize("opens", ["workshops", "communities", "none"])
async def test_AC7_clients_know_whether_everybody_may_make_one(started: Started, opens: str) -> None:
    async with started({"PALABRE_OPEN": opens}) as app, client_of(app) as client:
        told = (await client.get("/api/templates")).json()
        assert (told["open"], told["communities"]) == (opens == "workshops", opens == "communities")


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'"x"', b"{", b'{"title": {}, "name": [], "key": 1, "link": null}',
    b'{"invitation": 5, "name": "x", "key": null}', b'{"id": {"a": 1}, "minutes": [], "everywhere": "no"}', b"\xff\xfe"])  # fmt: skip
async def test_E2_whatever_is_asked_is_refused_by_name_and_nobody_is_the_worse_for_it(
    client: httpx.AsyncClient, body: bytes
) -> None:
    entry = await make(client)
    paths = [
        "/api/communities",
        "/api/invitations/open",
        "/api/invitations/use",
        "/api/rooms/room:aaaaaaaaaaaa/community",
    ]
    paths += [f"{path_of(entry)}/{each}" for each in ("enter", "devices/end")]
    for path in paths:
        for headers in ({}, bearer(entry), {"Authorization": "Bearer x"}):
            answer = await client.post(path, content=body, headers=headers)
            assert 400 <= answer.status_code < 500 and answer.json()["code"], (path, answer.text)
    assert (await session(client, entry)).status_code == 200


async def test_AC6_who_tries_secrets_is_slowed_and_others_are_not(client: httpx.AsyncClient, app: Application) -> None:
    entry = await make(client)
    link = secret_in(entry["links"]["personal"])
    async with client_of(app, "198.51.100.9") as thief:
        await thief.post(f"{path_of(entry)}/enter", json={"link": link})
        tried = [
            (await thief.post(f"{path_of(entry)}/enter", json={"link": f"{n:048x}"})).status_code
            for n in range(4 * Attempts.ADDRESS_LOW)
        ]
        assert set(tried[: Attempts.ADDRESS_LOW]) == {401} and 429 in tried
        again = await thief.post(f"{path_of(entry)}/enter", json={"link": link})
        assert again.status_code == 200, "what was right from there is right"
    assert (await session(client, entry)).status_code == 200
    assert (await client.post(f"{path_of(entry)}/enter", json={"link": link})).status_code == 200


@pytest.mark.usefixtures("still")
async def test_h14_links_and_devices_of_one_person_have_a_rate(client: httpx.AsyncClient) -> None:
    entry = await make(client)
    answers = [await session(client, entry) for _ in range(int(LOGINS.burst) + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert refused(answers[-1], 429, Code.RATE_LIMITED)


async def test_h1_no_secret_of_an_account_lies_in_the_database(client: httpx.AsyncClient, app: Application) -> None:
    entry = await make(client)
    invitation = await invite(app, client, entry)
    cookie = next(iter(client.cookies.jar)).value
    path = app._settings.folder / "palabre.sqlite"
    held = b"".join(file.read_bytes() for file in path.parent.glob("palabre.sqlite*"))
    assert cookie is not None
    for secret in (cookie, secret_in(entry["links"]["personal"]), invitation, invitation.rpartition(".")[2]):
        assert secret.encode() not in held


async def test_AC1_a_code_gives_its_workshop_alone_also_to_who_has_an_account(
    client: httpx.AsyncClient, tokens: Tokens
) -> None:
    room = await make_room(client)
    guest = (await join(client, room["code"])).json()
    assert tokens.verify(guest["token"]).scope == room["room"]
