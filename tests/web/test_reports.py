"""The compte rendu over HTTP (SPEC H8)."""

import asyncio
import re
from pathlib import Path
from urllib.parse import unquote

import httpx
import msgpack
import pytest

from protocol.commands import SendMessage
from protocol.errors import Code
from server.journal.port import Appended, Commit, Entry
from server.journal.sqlite.journal import SqliteJournal
from server.model.events import FORMAT
from server.model.restoring import LATEST
from server.web.reports import FORMS
from tests.services.process import HUNG
from tests.web.conftest import Started, client_of
from tests.web.test_api import act, bearer, join, make_room, refused


async def ask(client: httpx.AsyncClient, room: dict[str, str], form: str, **params: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {room['token']}"}
    return await client.get(f"/api/rooms/{room['room']}/report.{form}", params=params, headers=headers)


@pytest.mark.parametrize("form", FORMS)
async def test_h8_everybody_in_the_room_has_the_same(client: httpx.AsyncClient, form: str) -> None:
    host = await make_room(client, title="Réunion & « tri »", template="action")
    participant = (await join(client, host["code"])).json()
    answers = [await ask(client, bearer, form) for bearer in (host, participant)]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["content-type"] for answer in answers} == {FORMS[form]}
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


async def test_h8_messages_where_they_are_asked_for(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    answer = await client.post(f"/api/rooms/{room['room']}/minutes", json={"shared": True}, headers=bearer(room))
    secret = answer.json()["links"]["minutes"].partition("#lien=")[2]
    assert refused(await ask(client, room, "md", messages="yes"), 400, Code.INVALID)
    for messages in ("true", "false"):
        assert "## Messages" not in (await ask(client, room, "md", messages=messages)).text
        shared = await client.get(f"/api/minutes/report.md?messages={messages}", headers=bearer({"token": secret}))
        assert shared.status_code == 200


async def test_c9_sealed_messages_are_told_too(environ: dict[str, str], started: Started) -> None:
    async with started({}) as app, client_of(app) as client:
        room = await make_room(client)
        answer = await client.post(f"/api/rooms/{room['room']}/minutes", json={"shared": True}, headers=bearer(room))
        secret = answer.json()["links"]["minutes"].partition("#lien=")[2]
        await act(app, room, *(SendMessage(f"message:{n:012d}", f"Dit {n} fois") for n in range(700)))
        channel = await app._hub.channel(room["room"])
        assert len([id for id in channel.room.layers.public.records if id.startswith("message:")]) < 700
        # What was sealed is read where it is projected, which takes a moment.
        async with asyncio.timeout(HUNG):
            while len(await app._journal.page(room["room"], "message", None, 1000)) < 700:
                await app._consumers[0].catch_up(HUNG)
        text = (await ask(client, room, "md", messages="true")).text
        read = re.findall(r"^- (Dit \d+ fois) — Awa$", text, re.MULTILINE)
        assert read == [f"Dit {n} fois" for n in range(700)]
        assert "Dit 1 fois" not in (await ask(client, room, "md")).text
        shared = await client.get("/api/minutes/report.md?messages=true", headers=bearer({"token": secret}))
        assert "Dit 1 fois" not in shared.text


async def test_h8_for_nobody_else(client: httpx.AsyncClient) -> None:
    room, other = await make_room(client), await make_room(client)
    assert refused(await ask(client, room | {"token": "x"}, "html"), 401, Code.UNAUTHORIZED)
    assert refused(await ask(client, room | {"token": other["token"]}, "html"), 404, Code.UNKNOWN_ROOM)
    assert refused(await ask(client, room, "docx"), 404, Code.NOT_FOUND)


async def test_e2_a_day_that_is_none_is_told_as_it_stands(environ: dict[str, str], started: Started) -> None:
    """A journal may hold one since before it was refused; it cost every report, and the room what it had been imported with."""
    database = Path(environ["PALABRE_DATA"]) / "palabre.sqlite"
    async with started({}) as app, client_of(app) as client:
        room = await make_room(client)
    action = {"e": "action.added", "id": "action:000000000001", "at": 1, "text": "Écrire", "due": "٢٠٢٦-٠١-٠١"}
    none = action | {"id": "action:000000000002", "text": "Lire", "due": "bientôt [1]"}
    record = {"id": "action:000000000003", "text": "Relire", "at": 2**53, "due": "２０２６-０２-０３"}
    long = {"id": "action:000000000004", "text": "x" * 281, "at": 1}
    imported = {"e": "room.imported", "records": [long, record]}
    journal = SqliteJournal(database)
    await journal.open()
    head = (await journal.heads([room["room"]]))[room["room"]]
    for n, (format, event) in enumerate([(3, action), (FORMAT, none), (3, imported)], 1):
        commit = Commit(head.seq + n, format, n, msgpack.packb([event]))
        assert await journal.append(Entry(room["room"], head.incarnation, commit, (bytes([n]) * 16,))) == Appended(
            head.seq + n
        )
    await journal.close()
    async with started({}) as app, client_of(app) as client:
        forms = {form: await ask(client, room, form) for form in FORMS}
        assert {answer.status_code for answer in forms.values()} == {200}
        for form, told in (("html", "bientôt [1]"), ("md", "bientôt \\[1\\]"), ("csv", "bientôt [1]")):
            day = "2026-01-01" if form == "csv" else "1er janvier 2026"
            assert day in forms[form].text
            assert told in forms[form].text
        export = await client.get(
            f"/api/rooms/{room['room']}/export.json", headers={"Authorization": f"Bearer {room['token']}"}
        )
        held = {record["id"]: record for record in export.json()["records"]}
        assert held["action:000000000003"]["due"] == "2026-02-03"
        assert held["action:000000000003"]["at"] == LATEST
        assert held["action:000000000004"]["text"] == long["text"], "what was once taken is taken for good"
