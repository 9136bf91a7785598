"""The link that reads the minutes of a room, and opens nothing else (SPEC H16)."""

import asyncio

import httpx

from protocol.errors import Code
from server.web.reports import FORMS
from tests.web.test_api import join, make_room, refused


async def share(client: httpx.AsyncClient, by: dict[str, str], **asked: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {by['token']}"}
    return await client.post(f"/api/rooms/{by['room']}/minutes", json=asked, headers=headers)


async def given(client: httpx.AsyncClient, by: dict[str, str], **asked: object) -> str:
    """The secret of the link that hosts are told; "" for none."""
    answer = await share(client, by, **asked)
    assert answer.status_code == 200, answer.text
    page, _, secret = answer.json()["links"].get("minutes", "").partition("#lien=")
    assert page.endswith(f"/r/{by['code']}/minutes") or not secret
    return str(secret)


async def read(client: httpx.AsyncClient, secret: str, form: str = "md") -> httpx.Response:
    return await client.get(f"/api/minutes/report.{form}", headers={"Authorization": f"Bearer {secret}"})


async def test_h16_a_link_reads_the_minutes_until_a_host_takes_it_back(client: httpx.AsyncClient) -> None:
    host = await make_room(client, title="Réunion du printemps")
    assert await given(client, host) == ""
    secret = await given(client, host, shared=True)
    assert len(secret) >= 32
    assert await given(client, host) == await given(client, host, shared=True) == secret
    for form, media_type in FORMS.items():
        answer = await read(client, secret, form)
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert "Réunion du printemps" in (await read(client, secret)).text

    assert await given(client, host, shared=False) == ""
    assert refused(await read(client, secret), 403, Code.REMOVED)
    assert await given(client, host, shared=False) == ""
    another = await given(client, host, shared=True)
    assert another != secret
    assert (await read(client, another)).status_code == 200
    assert refused(await read(client, secret), 403, Code.REMOVED)


async def test_h16_two_hosts_who_share_at_once_share_one_link(client: httpx.AsyncClient) -> None:
    host = await make_room(client)
    assert len({*await asyncio.gather(*(given(client, host, shared=True) for _ in range(5)))}) == 1


async def test_h16_for_hosts_alone(client: httpx.AsyncClient) -> None:
    host, other = await make_room(client), await make_room(client)
    participant = (await join(client, host["code"])).json()
    for asked in ({}, {"shared": True}, {"shared": False}):
        assert refused(await share(client, participant, **asked), 403, Code.FORBIDDEN)
        assert refused(await share(client, host | {"token": other["token"]}, **asked), 404, Code.UNKNOWN_ROOM)
    assert refused(await share(client, host, shared="yes"), 400, Code.INVALID)


async def test_h16_it_opens_nothing_else(client: httpx.AsyncClient) -> None:
    host = await make_room(client)
    secret = await given(client, host, shared=True)
    assert refused(await client.post("/api/link", json={"link": secret}), 401, Code.UNAUTHORIZED)
    assert refused(await client.post("/api/links/end", json={"link": secret}), 401, Code.UNAUTHORIZED)
    claiming = {"code": host["code"], "link": secret, "key": "k" * 22}
    assert refused(await client.post("/api/claim", json=claiming), 401, Code.UNAUTHORIZED)
    bearer = {"Authorization": f"Bearer {secret}"}
    room = f"/api/rooms/{host['room']}"
    for path in (f"{room}/export.json", f"{room}/report.md"):
        assert refused(await client.get(path, headers=bearer), 401, Code.UNAUTHORIZED)
    for path in ("/api/refresh", "/api/logins/end", f"{room}/minutes", f"{room}/erase"):
        assert refused(await client.post(path, json={}, headers=bearer), 401, Code.UNAUTHORIZED)
    assert (await read(client, secret)).status_code == 200


async def test_h16_nobody_reads_by_anything_else(client: httpx.AsyncClient) -> None:
    host = await make_room(client)
    personal = host["links"]["recovery"].partition("#lien=")[2]
    for bearer in ("x", "é" * 3, personal, host["token"]):
        headers = {b"Authorization": f"Bearer {bearer}".encode()}
        answer = await client.get("/api/minutes/report.md", headers=headers)
        assert refused(answer, 401, Code.UNAUTHORIZED), bearer
    secret = await given(client, host, shared=True)
    assert refused(await read(client, secret, "json"), 404, Code.NOT_FOUND)
