"""The API over the whole application (SPEC H)."""

import asyncio
import time
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import jwt
import msgspec
import pytest

from protocol.commands import Command, EndScreen, RemoveMember, SetRoom
from protocol.errors import TABLE, Code
from server.accounts.port import Login
from server.accounts.tokens import LATE_SECONDS, Tokens
from server.admission.rooms import Rooms
from server.app import Application
from server.web import api, links
from server.web.codes import Attempts
from server.web.founding import founding
from server.web.interfaces import Interface
from server.web.templates import TEMPLATES
from server.workshop.people.screens import MOST
from tests.before import link_of_before, token_of_before
from tests.web.conftest import ORIGIN, Started, client_of

PARTICIPANT = {"name": "Zoé"}


async def make_room(
    client: httpx.AsyncClient, *, headers: dict[str, str] | None = None, **changes: Any
) -> dict[str, Any]:
    answer = await client.post("/api/rooms", json={"title": "Séminaire", "name": "Awa"} | changes, headers=headers)
    assert answer.status_code == 201, answer.text
    room: dict[str, Any] = answer.json()
    return room


async def join(client: httpx.AsyncClient, code: str, name: str = "Zoé") -> httpx.Response:
    return await client.post("/api/join", json={"code": code, "name": name})


def refused(answer: httpx.Response, status: int, code: Code) -> bool:
    """Whether this is that error, whole (SPEC E)."""
    body = answer.json()
    assert set(body) == {"code", "text", "retry"}
    assert (answer.status_code, body["code"]) == (status, code.value), answer.text
    assert body["retry"] is TABLE[code].retry
    assert body["text"]
    return True


def bearer(entry: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {entry['token']}"}


async def act(app: Application, entry: dict[str, Any], *commands: Command) -> None:
    """What this member does over a connection."""
    channel = await app._hub.channel(entry["room"])
    for command in commands:
        await app._hub.submit(channel, entry["me"]["id"], uuid4().hex, command)


async def screens(client: httpx.AsyncClient, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that this member sees."""
    answer = await client.get(f"/api/rooms/{entry['room']}/export.json", headers=bearer(entry))
    return [record for record in answer.json()["records"] if record["id"].startswith("screen:")]


async def test_h1_making_a_room_makes_its_host(client: httpx.AsyncClient, tokens: Tokens) -> None:
    room = await make_room(client)
    assert set(room) == {"room", "code", "token", "me", "links"}
    assert room["me"]["name"] == "Awa"
    assert room["me"]["role"] == "host"
    identity = tokens.verify(room["token"])
    assert (identity.person, identity.scope) == (room["me"]["id"], room["room"])
    page = f"{ORIGIN}/r/{room['code']}"
    recovery = room["links"].pop("recovery")
    assert room["links"] == {"join": page, "host": f"{page}/host", "screen": f"{page}/screen"}
    assert recovery.startswith(f"{page}#lien=")


async def test_h1_joining_makes_a_participant(client: httpx.AsyncClient, tokens: Tokens) -> None:
    room = await make_room(client)
    typed = f" {room['code'][:3].lower()}-{room['code'][3:]} "
    answer = await join(client, typed, "  Zoe\u0301 ")
    assert answer.status_code == 200
    participant = answer.json()
    assert set(participant) == {"room", "code", "token", "me", "links"}
    assert (participant["room"], participant["code"]) == (room["room"], room["code"])
    assert participant["me"] == {"id": participant["me"]["id"], "name": "Zoé", "role": "participant"}
    assert tokens.verify(participant["token"]).person == participant["me"]["id"]
    assert set(participant["links"]) == {"join", "screen", "personal"}


async def test_a_screen_is_nobody_and_sees_what_is_public(client: httpx.AsyncClient, tokens: Tokens) -> None:
    room = await make_room(client)
    answer = await client.post("/api/screen", json={"code": room["code"]})
    assert answer.status_code == 200
    screen = answer.json()
    assert set(screen) == {"room", "code", "token", "links"}
    assert screen["links"] == {"join": room["links"]["join"]}
    assert tokens.verify(screen["token"]).is_screen


@pytest.mark.parametrize("path", ["export.json", "report.html", "report.csv"])
async def test_h10_a_screen_takes_nothing_away(client: httpx.AsyncClient, path: str) -> None:
    room = await make_room(client)
    screen = (await client.post("/api/screen", json={"code": room["code"]})).json()
    answer = await client.get(f"/api/rooms/{room['room']}/{path}", headers=bearer(screen))
    assert refused(answer, 403, Code.FORBIDDEN)


async def test_h10_behind_a_closed_door_hosts_alone_open_screens(client: httpx.AsyncClient, app: Application) -> None:
    room = await make_room(client)
    participant = (await join(client, room["code"])).json()
    await act(app, room, SetRoom(door=False))
    for headers in ({}, bearer(participant), bearer(await make_room(client)), {"Authorization": "Bearer x"}):
        answer = await client.post("/api/screen", json={"code": room["code"]}, headers=headers)
        assert refused(answer, 403, Code.LOCKED)
    assert (await client.post("/api/screen", json={"code": room["code"]}, headers=bearer(room))).status_code == 200


async def test_h10_hosts_see_screens_and_end_them(client: httpx.AsyncClient, app: Application) -> None:
    room = await make_room(client)
    screen = (await client.post("/api/screen", json={"code": room["code"]})).json()
    own = (await client.post("/api/screen", json={"code": room["code"]}, headers=bearer(room))).json()
    participant = (await join(client, room["code"])).json()
    assert sorted(record.get("host", False) for record in await screens(client, room)) == [False, True]
    assert await screens(client, participant) == []
    await act(app, room, EndScreen())
    assert await screens(client, room) == []
    for ended in (screen, own):
        assert refused(await client.post("/api/refresh", headers=bearer(ended)), 403, Code.REMOVED)


async def test_h10_screens_are_bounded(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    open_screen = partial(client.post, "/api/screen", json={"code": room["code"]})
    answers = [await open_screen() for _ in range(MOST + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert refused(answers[-1], 409, Code.TOO_MANY)
    for _ in range(MOST + 1):
        assert (await open_screen(headers=bearer(room))).status_code == 200
    assert len(await screens(client, room)) == 2 * MOST


async def test_m3_a_removed_member_has_no_way_in(client: httpx.AsyncClient, app: Application) -> None:
    """Every route that gives a token, and every one that gives something to read."""
    room = await make_room(client)
    participant = (await join(client, room["code"])).json()
    link = participant["links"]["personal"].partition("#lien=")[2]
    await act(app, room, SetRoom(door=False), RemoveMember(participant["me"]["id"]))
    code, at = room["code"], f"/api/rooms/{room['room']}"
    tries = {
        "join": (await client.post("/api/join", json={"code": code, "name": "Zoé"}), Code.LOCKED),
        "screen": (await client.post("/api/screen", json={"code": code}, headers=bearer(participant)), Code.LOCKED),
        "link": (await client.post("/api/link", json={"link": link}), Code.REMOVED),
        "refresh": (await client.post("/api/refresh", headers=bearer(participant)), Code.REMOVED),
        "export": (await client.get(f"{at}/export.json", headers=bearer(participant)), Code.REMOVED),
        "report": (await client.get(f"{at}/report.md", headers=bearer(participant)), Code.REMOVED),
        "rehearsal": (await client.post(f"{at}/rehearsal", headers=bearer(participant)), Code.REMOVED),
    }
    for answer, expected in tries.values():
        assert refused(answer, 403, expected)


async def test_m3_hosts_remove_many_at_once(client: httpx.AsyncClient, app: Application) -> None:
    room = await make_room(client)
    crowd = [(await join(client, room["code"])).json()["me"]["id"] for _ in range(5)]
    await act(app, room, RemoveMember(ids=crowd[1:]))
    await act(app, room, RemoveMember(ids=crowd[3:]))
    records = (await client.get(f"/api/rooms/{room['room']}/export.json", headers=bearer(room))).json()["records"]
    members = {record["id"]: record["at"] for record in records if record["id"].startswith("member:")}
    assert members.keys() == {room["me"]["id"], crowd[0]}
    assert all(members.values()), "when each came"


@pytest.mark.usefixtures("still")
async def test_h3_one_address_does_not_fill_a_room(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    answers = [await join(client, room["code"]) for _ in range(Attempts.JOINED + 3)]
    assert sum(answer.status_code == 200 for answer in answers) == Attempts.JOINED
    assert refused(next(answer for answer in answers if answer.status_code != 200), 429, Code.RATE_LIMITED)


@pytest.mark.parametrize("whose", ["host", "participant"])
async def test_h2_a_link_restores_the_same_member(client: httpx.AsyncClient, whose: str) -> None:
    room = await make_room(client)
    participant = (await join(client, room["code"])).json()
    before, link = (
        (room, room["links"]["recovery"]) if whose == "host" else (participant, participant["links"]["personal"])
    )
    answer = await client.post("/api/link", json={"link": link.partition("#lien=")[2]})
    assert answer.status_code == 200
    after = answer.json()
    assert after["me"] == before["me"]
    assert (after["room"], after["code"]) == (room["room"], room["code"])
    assert after["links"]["personal"].startswith(f"{ORIGIN}/r/{room['code']}#lien=")


async def test_refreshing_gives_a_token_for_the_same_member(client: httpx.AsyncClient, tokens: Tokens) -> None:
    room = await make_room(client)
    screen = (await client.post("/api/screen", json={"code": room["code"]})).json()
    for entry in (room, screen):
        answer = await client.post("/api/refresh", headers={"Authorization": f"Bearer {entry['token']}"})
        assert answer.status_code == 200
        fresh, old = tokens.verify(answer.json()["token"]), tokens.verify(entry["token"])
        assert (fresh.person, fresh.scope, fresh.login) == (old.person, old.scope, old.login)
        assert answer.json()["expires"] == fresh.expires


async def test_an_export_holds_what_its_bearer_may_see(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    participant = (await join(client, room["code"])).json()
    for entry in (room, participant):
        headers = {"Authorization": f"Bearer {entry['token']}"}
        answer = await client.get(f"/api/rooms/{room['room']}/export.json", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''S%C3%A9minaire.json"
        records = {record["id"]: record for record in answer.json()["records"]}
        assert records[room["room"]]["title"] == "Séminaire"
        assert records[room["me"]["id"]]["name"] == "Awa"


async def test_links_lead_to_the_public_address(started: Started) -> None:
    async with started({"PALABRE_PUBLIC_URL": "https://palabre.example"}) as app, client_of(app) as client:
        assert (await make_room(client))["links"]["join"].startswith("https://palabre.example/r/")


async def test_h11_every_answer_that_opens_a_room_tells_its_one_address(started: Started) -> None:
    """The desk that was opened elsewhere by the recovery link, a phone and a screen tell others the same way in."""
    async with started({"PALABRE_PUBLIC_URL": "https://palabre.example"}) as app, client_of(app) as client:
        host = await make_room(client)
        link = host["links"]["recovery"].partition("#lien=")[2]
        entries = [
            host,
            (await client.post("/api/link", json={"link": link})).json(),
            (await join(client, host["code"])).json(),
            (await client.post("/api/screen", json={"code": host["code"]})).json(),
        ]
    assert {entry["links"]["join"] for entry in entries} == {f"https://palabre.example/r/{host['code']}"}


@pytest.mark.parametrize("host", ["evil/?<script>", "evil.example", "192.0.2.80.evil.example:8000"])
async def test_h11_a_host_that_is_not_ours_is_not_given_back(app: Application, host: str) -> None:
    """H11: whoever asks may write what he likes there; what a proxy of ours hands on is believed."""
    async with client_of(app, "127.0.0.1") as client:
        answer = await client.post("/api/rooms", json={"title": "a", "name": "b"}, headers={"Host": host})
    assert answer.status_code == 201
    assert "evil" not in answer.text


async def test_h11_what_leads_to_this_machine_alone_is_not_told_to_phones(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "interfaces", lambda: [Interface("wlan0", "192.168.1.20")])
    for here in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000"):
        answer = await client.post("/api/rooms", json={"title": "a", "name": "b"}, headers={"Host": here})
        assert answer.json()["links"]["join"].startswith("http://192.168.1.20:"), here


@pytest.mark.parametrize("host", ["192.168.1.20:8000", "[fd00::1]:8000"])
async def test_h11_an_address_of_this_network_is(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.post("/api/rooms", json={"title": "a", "name": "b"}, headers={"Host": host})
    assert answer.json()["links"]["join"].startswith(f"http://{host}/r/")


async def test_h11_a_name_is_where_a_page_of_it_asks(client: httpx.AsyncClient) -> None:
    headers = {"Host": "palabre.intranet", "Origin": "http://palabre.intranet"}
    answer = await client.post("/api/rooms", json={"title": "a", "name": "b"}, headers=headers)
    assert answer.json()["links"]["join"].startswith("http://palabre.intranet/r/")


# Bad input.

BODIES: list[tuple[str, bytes, int, Code]] = [
    ("nothing", b"", 400, Code.MALFORMED),
    ("no JSON", b"{", 400, Code.MALFORMED),
    ("no UTF-8", b'{"code": "\xff"}', 400, Code.MALFORMED),
    ("a list", b"[]", 400, Code.MALFORMED),
    ("no name", b'{"code": "BCDFGH", "title": "a", "link": "a"}', 400, Code.INVALID),
    ("a name of no text", b'{"code": "BCDFGH", "title": "a", "name": 7}', 400, Code.INVALID),
    ("an empty name", b'{"code": "BCDFGH", "title": "a", "name": " "}', 400, Code.TEXT_EMPTY),
    ("a long name", b'{"code": "BCDFGH", "title": "a", "name": "%s"}' % (b"n" * 41), 400, Code.TEXT_TOO_LONG),
    ("U+0000", b'{"code": "BCDFGH", "title": "a", "name": "a\\u0000"}', 400, Code.TEXT_FORBIDDEN),
    ("a lone surrogate", b'{"code": "BCDFGH", "title": "a", "name": "\\ud800"}', 400, Code.TEXT_FORBIDDEN),
    ("too deep", b'{"name": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", 400, Code.TOO_DEEP),
    ("too large", b'{"name": "%s"}' % (b"n" * 65_536), 413, Code.TOO_LARGE),
]


@pytest.mark.parametrize("path", ["/api/rooms", "/api/join"])
@pytest.mark.parametrize(("body", "status", "code"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES])
async def test_a_bad_body_is_named(client: httpx.AsyncClient, path: str, body: bytes, status: int, code: Code) -> None:
    assert refused(await client.post(path, content=body), status, code)


async def test_a_body_without_a_length_is_bounded_too(client: httpx.AsyncClient) -> None:
    async def long() -> Any:
        for _ in range(20):
            yield b" " * 16_384

    assert refused(await client.post("/api/join", content=long()), 413, Code.TOO_LARGE)


@pytest.mark.parametrize("change", [{"title": ""}, {"title": "t" * 121}, {"lang": "de"}, {"title": "a\0"}])
async def test_a_room_of_unfit_texts_is_not_made(client: httpx.AsyncClient, change: dict[str, str]) -> None:
    answer = await client.post("/api/rooms", json={"title": "a", "name": "b"} | change)
    assert answer.status_code == 400


BEARERS = {
    "none": "",
    "no bearer": "Basic abc",
    "no token": "Bearer",
    "no JWT": "Bearer palabre",
    "another secret": "Bearer "
    + Tokens(b"f" * 32).mint(Login("a" * 22, "member:aaaaaaaaaaaa", "room:aaaaaaaaaaaa", 0)),
}


@pytest.mark.parametrize("bearer", BEARERS.values(), ids=BEARERS.keys())
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/refresh"), ("GET", "/api/rooms/room:aaaaaaaaaaaa/export.json")]
)
async def test_a_wrong_bearer_is_unauthorized(client: httpx.AsyncClient, bearer: str, method: str, path: str) -> None:
    answer = await client.request(method, path, headers={"Authorization": bearer})
    assert refused(answer, 401, Code.UNAUTHORIZED)
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_an_expired_bearer_is_told_so(client: httpx.AsyncClient, tokens: Tokens) -> None:
    login = Login("a" * 22, "member:aaaaaaaaaaaa", "room:aaaaaaaaaaaa", 0)
    old = {"Authorization": f"Bearer {tokens.mint(login, seconds=-60)}"}
    export = await client.get("/api/rooms/room:aaaaaaaaaaaa/export.json", headers=old)
    assert refused(export, 401, Code.EXPIRED)
    older = {"Authorization": f"Bearer {tokens.mint(login, seconds=-LATE_SECONDS - 60)}"}
    assert refused(await client.post("/api/refresh", headers=older), 401, Code.EXPIRED)


async def test_h1_who_has_nothing_to_do_with_a_room_is_told_what_he_is_of_one_that_never_was(
    client: httpx.AsyncClient, app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is not even looked for: to open a large one takes time, by which it would be known to be there."""
    mine, theirs = await make_room(client), await make_room(client)
    monkeypatch.setattr(app._hub, "channel", None)
    told = []
    for room in (theirs["room"], "room:neverneverne"):
        for path in ("export.json", "report.csv"):
            answer = await client.get(f"/api/rooms/{room}/{path}", headers=bearer(mine))
            assert refused(answer, 404, Code.UNKNOWN_ROOM)
            told.append(answer.text)
    assert len(set(told)) == 1


async def test_a_bearer_for_a_room_that_is_not_there(client: httpx.AsyncClient, tokens: Tokens) -> None:
    room = "room:aaaaaaaaaaaa"
    token = token_of_before(tokens, member="member:aaaaaaaaaaaa", name="Zoé", room=room, role="host")
    headers = {"Authorization": f"Bearer {token}"}
    assert refused(await client.get(f"/api/rooms/{room}/export.json", headers=headers), 404, Code.UNKNOWN_ROOM)
    assert refused(await client.post("/api/refresh", headers=headers), 404, Code.UNKNOWN_ROOM)


async def test_a_member_who_is_none_is_not_restored(client: httpx.AsyncClient, tokens: Tokens) -> None:
    room = await make_room(client)
    link = link_of_before(tokens, member="member:aaaaaaaaaaaa", room=room["room"], code=room["code"])
    assert refused(await client.post("/api/link", json={"link": link}), 401, Code.UNAUTHORIZED)


async def test_a_token_is_no_link_and_a_link_no_token(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    link = room["links"]["recovery"].partition("#lien=")[2]
    assert refused(await client.post("/api/link", json={"link": room["token"]}), 401, Code.UNAUTHORIZED)
    assert refused(
        await client.post("/api/refresh", headers={"Authorization": f"Bearer {link}"}), 401, Code.UNAUTHORIZED
    )


INTRANET = "fedcba9876543210fedcba9876543210"


def integrated(sub: str, room: str, role: str = "participant", **claims: Any) -> dict[str, str]:
    """The header of somebody for whom the intranet has signed."""
    who = {"iss": "intranet", "sub": sub, "name": sub.partition("@")[0], "room": room, "role": role}
    return {"Authorization": f"Bearer {jwt.encode(who | {'exp': time.time() + 60} | claims, INTRANET)}"}


async def test_h12_an_integrator_is_let_into_the_rooms_that_it_is_registered_for(started: Started) -> None:
    """Its own, and those whose host says so; of the others it learns nothing, not even that there are any."""
    async with started({"PALABRE_KEYS": f"intranet={INTRANET},hr={'h' * 32}"}) as app, client_of(app) as client:
        its = await make_room(client, headers=integrated("claire@example.org", "room:none--------", "host"))
        theirs, registered = await make_room(client), await make_room(client)
        path = f"/api/rooms/{registered['room']}/integrators"
        paul = (await join(client, registered["code"])).json()
        assert refused(await client.post(path, json={"name": "intranet"}, headers=bearer(paul)), 403, Code.FORBIDDEN)
        assert refused(await client.post(path, json={"name": "payroll"}, headers=bearer(registered)), 400, Code.INVALID)
        assert (await client.post(path, json={"name": "intranet"}, headers=bearer(registered))).status_code == 200

        async def export(room: str) -> httpx.Response:
            headers = integrated("zoe@example.org", room)
            return await client.get(f"/api/rooms/{room}/export.json", headers=headers)

        never, not_its = await export("room:neverneverne"), await export(theirs["room"])
        assert refused(not_its, 404, Code.UNKNOWN_ROOM)
        assert (never.status_code, never.text) == (not_its.status_code, not_its.text)
        exported = [(await export(room["room"])).json()["me"] for room in (its, registered)]
        assert len(set(exported)) == 1, "one person in all of an integrator's rooms"
        names = await export(registered["room"])
        assert "zoe" in [record.get("name") for record in names.json()["records"]]


async def test_h12_an_integrator_names_no_member_of_ours(started: Started) -> None:
    """It was believed in who its `sub` is: whoever signs could be any host whose id he knew."""
    async with started({"PALABRE_KEYS": f"intranet={INTRANET}"}) as app, client_of(app) as client:
        room = await make_room(client, headers=integrated("claire@example.org", "room:none--------", "host"))
        headers = integrated(room["me"]["id"], room["room"])
        exported = (await client.get(f"/api/rooms/{room['room']}/export.json", headers=headers)).json()
        assert exported["me"] != room["me"]["id"]
        assert not [record for record in exported["records"] if record["id"].startswith("screen:")]


async def test_an_integrators_token_is_refreshed_by_the_integrator(started: Started, environ: dict[str, str]) -> None:
    async with started({"PALABRE_KEYS": f"intranet={INTRANET}"}) as app, client_of(app) as client:
        host = integrated("claire@example.org", "room:none--------", "host")
        room = await make_room(client, headers=host)
        headers = integrated("zoe@example.org", room["room"])
        answer = await client.get(f"/api/rooms/{room['room']}/export.json", headers=headers)
        assert answer.status_code == 200
        assert refused(await client.post("/api/refresh", headers=headers), 403, Code.FORBIDDEN)


# Origins.


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{ORIGIN}.evil.example"])
async def test_a_foreign_origin_is_refused(client: httpx.AsyncClient, origin: str) -> None:
    for path in ("/api/rooms", "/api/code", "/api/join", "/api/screen", "/api/link", "/api/refresh"):
        assert refused(await client.post(path, json={}, headers={"Origin": origin}), 403, Code.ORIGIN)


async def test_a_listed_origin_may_ask_from_its_own_pages(started: Started) -> None:
    origin = "https://intranet.example"
    async with started({"PALABRE_ORIGINS": origin}) as app, client_of(app, headers={"Origin": origin}) as client:
        answer = await client.post("/api/rooms", json={"title": "a", "name": "b"})
        assert answer.status_code == 201
        assert answer.headers["access-control-allow-origin"] == origin
        preflight = await client.options(
            "/api/join",
            headers={"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"},
        )
        assert preflight.status_code == 200


# Codes (H3, H4).


async def test_h7_a_code_tells_what_it_opens(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    answer = await client.post("/api/code", json={"code": room["code"].lower()})
    assert answer.json() == {"code": room["code"], "title": "Séminaire", "lang": "fr", "door": True, "away": False}


@pytest.mark.parametrize("code", ["BCDFGH", "bcd fgh", "nothing like a code", "", "BCDFG0"])
async def test_h3_a_code_that_does_not_exist(client: httpx.AsyncClient, code: str) -> None:
    assert refused(await join(client, code), 404, Code.UNKNOWN_CODE)
    assert refused(await client.post("/api/code", json={"code": code}), 404, Code.UNKNOWN_CODE)
    assert refused(await client.post("/api/screen", json={"code": code}), 404, Code.UNKNOWN_CODE)


@pytest.mark.usefixtures("still")
async def test_h3_wrong_codes_are_slowed_and_right_ones_are_not(app: Application, client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    async with client_of(app, "198.51.100.1") as seminar, client_of(app, "198.51.100.2") as elsewhere:
        for _ in range(Attempts.ADDRESS_LOW):
            assert refused(await join(seminar, "BCDFGH"), 404, Code.UNKNOWN_CODE)
        answer = await join(seminar, "BCDFGH")
        assert refused(answer, 429, Code.RATE_LIMITED)
        assert answer.headers["retry-after"]
        assert (await join(seminar, room["code"])).status_code == 200
        assert refused(await join(elsewhere, "BCDFGH"), 404, Code.UNKNOWN_CODE)


@pytest.mark.usefixtures("still")
async def test_h3_a_machine_that_guesses_is_not_looked_up_for(app: Application, client: httpx.AsyncClient) -> None:
    known, unseen = await make_room(client), await make_room(client)
    async with client_of(app, "198.51.100.1") as seminar, client_of(app, "198.51.100.2") as elsewhere:
        assert (await join(seminar, known["code"])).status_code == 200
        for _ in range(Attempts.ADDRESS_HIGH):
            assert "open the room's link" not in (await join(seminar, "BCDFGH")).text
        assert "open the room's link" in (await join(seminar, "BCDFGH")).text
        assert refused(await join(seminar, unseen["code"]), 429, Code.RATE_LIMITED)
        assert (await join(seminar, known["code"])).status_code == 200
        assert (await join(elsewhere, unseen["code"])).status_code == 200


async def test_many_join_at_once(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    answers = await asyncio.gather(*(join(client, room["code"], f"Invité {n}") for n in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["me"]["id"] for answer in answers}) == 100


# Entries that are tried again (H9).

KEY = "an-entry-that-has-a-key"


async def enter(client: httpx.AsyncClient, code: str, name: str = "Zoé", key: str = KEY) -> httpx.Response:
    return await client.post("/api/join", json={"code": code, "name": name, "key": key})


async def names(client: httpx.AsyncClient, room: dict[str, Any]) -> list[str]:
    headers = {"Authorization": f"Bearer {room['token']}"}
    records = (await client.get(f"/api/rooms/{room['room']}/export.json", headers=headers)).json()["records"]
    return sorted(record["name"] for record in records if record["id"].startswith("member:"))


async def test_h9_an_entry_tried_again_leaves_one_member(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    answers = await asyncio.gather(*(enter(client, room["code"]) for _ in range(20)))
    answers.append(await enter(client, room["code"]))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["me"]["id"] for answer in answers}) == 1
    assert await names(client, room) == ["Awa", "Zoé"]


async def test_h9_a_room_that_is_tried_again_troubles_nobody(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Operators read of a journal that could not be reached, and of a history that had been rewritten."""
    asked = {"title": "Séminaire", "name": "Awa", "key": KEY}
    rooms = [(await client.post("/api/rooms", json=asked)).json()["room"] for _ in range(3)]
    assert len(set(rooms)) == 1
    assert [line for line in caplog.messages if "palabre" in line or rooms[0] in line] == []


async def test_h9_the_name_is_that_of_the_last_try(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    for name in ("Zoé", "Zoé Bonnet", "Zoé", "Zoé B."):
        assert (await enter(client, room["code"], name)).json()["me"]["name"] == name
    assert await names(client, room) == ["Awa", "Zoé B."]


async def test_h9_another_key_or_room_is_another_member(client: httpx.AsyncClient) -> None:
    first, second = await make_room(client), await make_room(client)
    entries = [(first, KEY), (first, KEY + "2"), (second, KEY)]
    ids = {(await enter(client, room["code"], key=key)).json()["me"]["id"] for room, key in entries}
    assert len(ids) == 3
    assert not [id for id in ids if KEY in id]


@pytest.mark.parametrize("key", ["short", "k" * 65, "a key that has spaces in it", KEY + "\n", KEY + "é"])
async def test_h9_a_key_that_could_be_guessed_is_refused(client: httpx.AsyncClient, key: str) -> None:
    room = await make_room(client)
    assert refused(await enter(client, room["code"], key=key), 400, Code.INVALID)
    assert await names(client, room) == ["Awa"]


async def test_h9_a_room_asked_for_again_is_one_room(client: httpx.AsyncClient) -> None:
    rooms = await asyncio.gather(*(make_room(client, key=KEY, template="action") for _ in range(10)))
    rooms.append(await make_room(client, key=KEY, template="action"))
    assert len({(room["room"], room["code"], room["me"]["id"]) for room in rooms}) == 1
    assert len({room["links"]["recovery"] for room in rooms}) == 1
    assert await names(client, rooms[0]) == ["Awa"]
    export = await client.get(f"/api/rooms/{rooms[0]['room']}/export.json", headers=bearer(rooms[-1]))
    steps = [record for record in export.json()["records"] if record["id"].startswith("step:")]
    assert len(steps) == len(next(each for each in TEMPLATES["fr"] if each.name == "action").steps)


async def test_h9_a_room_that_was_half_made_is_made_whole(
    client: httpx.AsyncClient, app: Application, tokens: Tokens
) -> None:
    """The worker died after the room's first commits, and before its agenda's."""
    asked = api.NewRoom("Séminaire", "Awa", template="action", key=KEY)
    room, member, codes = founding(tokens, KEY, msgspec.json.encode(asked))
    assert await app._journal.claim_code(codes[0], room)
    await Rooms(app._hub).create(room, member=member, name="Awa", title="Séminaire", code=codes[0], lang="fr")
    made = await make_room(client, key=KEY, template="action")
    assert (made["room"], made["code"], made["me"]["id"]) == (room, codes[0], member)
    channel = await app._hub.channel(room)
    assert any(id.startswith("step:") for id in channel.room.layers.shared["public"].records)


async def test_h9_another_key_or_another_room_under_it_is_a_room_of_its_own(client: httpx.AsyncClient) -> None:
    asked: list[dict[str, Any]] = [{"key": KEY}, {"key": KEY + "2"}, {"key": KEY, "title": "Autre"}, {}, {}]
    rooms = [await make_room(client, **changes) for changes in asked]
    assert len({room["room"] for room in rooms} | {room["me"]["id"] for room in rooms}) == 2 * len(asked)
    assert len({room["code"] for room in rooms}) == len(asked)
    for room in rooms:
        assert KEY not in room["room"] + room["me"]["id"]


async def test_h9_a_code_that_is_taken_is_passed_over_at_each_try(
    client: httpx.AsyncClient, app: Application, tokens: Tokens
) -> None:
    asked = api.NewRoom("Séminaire", "Awa", key=KEY)
    codes = founding(tokens, KEY, msgspec.json.encode(asked)).codes
    assert await app._journal.claim_code(codes[0], "room:somebody-elses-")
    assert {(await make_room(client, key=KEY))["code"] for _ in range(2)} == {codes[1]}


# What is not there.


async def test_what_is_not_there_says_so_in_json(client: httpx.AsyncClient) -> None:
    assert refused(await client.get("/api/nothing"), 404, Code.NOT_FOUND)
    answer = await client.get("/api/join")
    assert refused(answer, 405, Code.INVALID)
    assert "POST" in answer.headers["allow"]


# Who may create (H12).


@pytest.mark.parametrize(("setting", "status"), [("", 201), ("workshops", 201), ("none", 403), ("communities", 403)])
async def test_h12_who_may_create_is_a_setting(started: Started, setting: str, status: int) -> None:
    async with (
        started({"PALABRE_OPEN": setting, "PALABRE_KEYS": f"intranet={'k' * 32}"}) as app,
        client_of(app) as client,
    ):
        answer = await client.post("/api/rooms", json={"title": "a", "name": "b"})
        assert answer.status_code == status
        answer = await client.post("/api/import", content=b"x")
        assert answer.status_code == (400 if status == 201 else 403)
        assert (await client.get("/api/templates")).json()["open"] is (status == 201)
        claims = {
            "sub": "member:intranet-0001",
            "room": "room:intranet-0001",
            "exp": time.time() + 60,
            "iss": "intranet",
        }
        for role, expected in (("host", 201), ("participant", status)):
            token = jwt.encode(claims | {"role": role}, "k" * 32, "HS256")
            answer = await client.post(
                "/api/rooms", json={"title": "a", "name": "b"}, headers={"Authorization": f"Bearer {token}"}
            )
            assert answer.status_code == expected
