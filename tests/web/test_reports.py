"""The compte rendu over HTTP (SPEC H8)."""

import re
from urllib.parse import unquote

import httpx
import pytest

from protocol.errors import Code
from server.web.reports import FORMS
from tests.web.test_api import join, make_room, refused


async def ask(client: httpx.AsyncClient, room: dict[str, str], form: str, **params: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {room['token']}"}
    return await client.get(f"/api/rooms/{room['room']}/report.{form}", params=params, headers=headers)


@pytest.mark.parametrize("form", FORMS)
async def test_h8_everybody_in_the_room_has_the_same(client: httpx.AsyncClient, form: str) -> None:
    host = await make_room(client, title="Réunion & « tri »", template="action")
    guest = (await join(client, host["code"])).json()
    screen = (await client.post("/api/screen", json={"code": host["code"]})).json()
    answers = [await ask(client, bearer, form) for bearer in (host, guest, screen)]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["content-type"] for answer in answers} == {FORMS[form].media_type}
    name = unquote(answers[0].headers["content-disposition"])
    assert re.fullmatch(
        rf"attachment; filename\*=UTF-8''Compte rendu Réunion & « tri » \d{{4}}-\d\d-\d\d\.{form}", name
    )
    assert answers[0].headers["cache-control"] == "no-store"
    if form != "xlsx":  # a workbook tells when it was made
        assert len({re.sub(r"\d\d?\u202fh\u202f\d\d", "", answer.text) for answer in answers}) == 1


async def test_h8_in_the_language_and_at_the_hour_of_the_reader(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    assert "Compte rendu" in (await ask(client, room, "md")).text
    english = (await ask(client, room, "md", lang="en", tz="Europe/Paris")).text
    assert "Minutes · " in english
    assert refused(await ask(client, room, "md", lang="de"), 400, Code.INVALID)
    for tz in ("Nowhere/At_All", "../../etc/passwd", "", "x" * 300, "\0"):
        assert refused(await ask(client, room, "md", tz=tz), 400, Code.INVALID)


async def test_h8_for_nobody_else(client: httpx.AsyncClient) -> None:
    room, other = await make_room(client), await make_room(client)
    assert refused(await ask(client, room | {"token": "x"}, "html"), 401, Code.UNAUTHORIZED)
    assert (await ask(client, room | {"token": other["token"]}, "html")).status_code in (401, 403)
    assert refused(await ask(client, room, "pdf"), 404, Code.NOT_FOUND)
