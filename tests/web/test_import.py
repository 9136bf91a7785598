"""Files over HTTP: a room that was exported is made again, here or on another server (SPEC N)."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from protocol.errors import Code
from server.app import create
from server.config import read_settings
from server.web.codes import Attempts
from server.web.files import FILE_BYTES, FILE_VERSION
from server.web.offload import Offload
from tests.web.conftest import Started, client_of, running
from tests.web.test_api import join, make_room, refused


def bearer(entry: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {entry['token']}"}


async def export(client: httpx.AsyncClient, entry: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/api/rooms/{entry['room']}/export.json", headers=bearer(entry))
    assert answer.status_code == 200
    file: dict[str, Any] = answer.json()
    return file


async def bring(client: httpx.AsyncClient, file: object) -> httpx.Response:
    return await client.post("/api/import", content=file if isinstance(file, bytes) else json.dumps(file).encode())


async def filled(client: httpx.AsyncClient) -> dict[str, Any]:
    """A host's file of a room with an agenda, in which somebody wrote."""
    host = await make_room(client, template="action")
    participant = (await join(client, host["code"])).json()
    file = await export(client, host)
    file["records"] += [
        {
            "id": "idea:000000000001",
            "text": "<script>alert(1)</script>",
            "rank": "a0",
            "author": participant["me"]["id"],
            "at": 1,
        },
        {"id": "message:000000000001", "text": "Bonjour à tous", "n": 1, "author": participant["me"]["id"], "at": 2},
    ]
    return file


def rooms(environ: dict[str, str]) -> int:
    """How many there are, in the database itself."""
    with closing(sqlite3.connect(Path(environ["PALABRE_DATA"]) / "palabre.sqlite")) as database:
        (count,) = database.execute("select count(*) from codes").fetchone()
    return int(count)


def bare(file: dict[str, Any]) -> list[dict[str, Any]]:
    """Its records, without what is each room's own."""
    return sorted(
        ({k: v for k, v in r.items() if k not in ("v", "code", "away") and (k, r["id"]) != ("id", file["room"])} for r in file["records"]),
        key=json.dumps,
    )  # fmt: skip


async def test_n1_a_room_comes_back_on_another_server(client: httpx.AsyncClient, tmp_path: Path) -> None:
    file = await filled(client)
    elsewhere = create(read_settings({"PALABRE_DATA": str(tmp_path / "elsewhere"), "PALABRE_SECRET": "x" * 32}))
    async with running(elsewhere), client_of(elsewhere) as other:
        answer = await bring(other, file)
        assert answer.status_code == 201, answer.text
        entry = answer.json()
        assert set(entry) == {"room", "code", "token", "me", "links"}
        assert (entry["me"]["id"], entry["me"]["name"], entry["me"]["role"]) == (file["me"], "Awa", "host")
        assert (entry["room"], entry["code"]) != (file["room"], file["records"][0].get("code"))
        again = await export(other, entry)
        assert bare(again) == bare(file)
        assert (again["palabre"], again["me"]) == (FILE_VERSION, file["me"])


async def test_n2_a_file_of_version_1_makes_what_it_said_in_its_own_words(client: httpx.AsyncClient) -> None:
    file = await filled(client)
    assert file["palabre"] == FILE_VERSION == 2
    old = {"id": "member:000000000009", "name": "Table 4", "role": "guest", "table": 8, "circle": 1, "at": 3}
    file["records"] += [old, {"id": "circles:of-this-room", "size": 4, "count": 2, "since": 5}]
    for record in file["records"]:
        if record["id"].startswith("member:") and record["role"] == "participant":
            record["role"] = "guest"
        if record["id"].startswith("idea:"):
            record["circle"] = 2
        if record["id"].startswith("room:"):
            record["tables"] = 3
    answer = await bring(client, file | {"palabre": 1})
    assert answer.status_code == 201, answer.text
    records = {
        record["id"].replace(answer.json()["room"], "room"): record
        for record in (await export(client, answer.json()))["records"]
    }
    assert {record.get("role") for record in records.values()} == {"host", "participant", None}
    table = records["member:000000000009"]
    assert (table["weight"], table["breakout"], records["room"]["unconfirmed"]) == (8, 1, 3)
    assert records["idea:000000000001"]["breakout"] == 2
    assert records["breakouts:of-this-room"]["count"] == 2
    # In a file of today these are fields that nobody knows, and a role that there is none.
    assert refused(await bring(client, file), 400, Code.INVALID)


async def test_n1_the_same_file_makes_as_many_rooms_as_one_likes(client: httpx.AsyncClient) -> None:
    file = await filled(client)
    rooms = [(await bring(client, file)).json()["room"] for _ in range(2)]
    assert len({file["room"], *rooms}) == 3


async def test_h9_a_file_brought_again_under_one_key_makes_one_room(client: httpx.AsyncClient) -> None:
    file = await filled(client)
    file["records"] += [
        {"id": f"idea:{n:012}", "text": f"{n}", "rank": "a0", "author": file["me"], "at": n} for n in range(10, 500)
    ]
    raw, headers = json.dumps(file).encode(), {"Idempotency-Key": "a-file-that-has-a-key-"}
    answers = await asyncio.gather(*(client.post("/api/import", content=raw, headers=headers) for _ in range(2)))
    answers.append(await client.post("/api/import", content=raw, headers=headers))
    assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
    assert len({(entry["room"], entry["code"], entry["me"]["id"]) for entry in (a.json() for a in answers)}) == 1
    assert bare(await export(client, answers[-1].json())) == bare(file)
    # Another file under the same key is not mixed with it.
    other = await client.post("/api/import", content=json.dumps(await filled(client)), headers=headers)
    assert other.json()["room"] != answers[0].json()["room"]


async def test_h9_a_key_of_a_file_that_could_be_guessed_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/import", content=b"x", headers={"Idempotency-Key": "short"})
    assert refused(answer, 400, Code.INVALID)


@pytest.mark.parametrize("ideas", [300, 10_000])
async def test_n1_a_whole_workshop_comes_back(client: httpx.AsyncClient, ideas: int) -> None:
    """H bounds all other bodies at 64 KiB; N this one at 16 MiB."""
    file = await filled(client)
    file["records"] += [
        {"id": f"idea:{n:012}", "text": f"{n} {'é' * 250}", "rank": "a0", "author": file["me"], "at": n}
        for n in range(10, ideas)
    ]
    raw = json.dumps(file, ensure_ascii=False).encode()
    assert len(raw) > 65_536
    answer = await bring(client, raw)
    assert answer.status_code == 201, answer.text
    again = await export(client, answer.json())
    assert len(again["records"]) == len(file["records"])


async def test_n1_a_participant_who_brings_what_he_saw_hosts_his_own(client: httpx.AsyncClient) -> None:
    host = await make_room(client)
    participant = (await join(client, host["code"])).json()
    answer = await bring(client, await export(client, participant))
    assert answer.json()["me"] == participant["me"] | {"role": "host"}


@pytest.mark.usefixtures("still")
async def test_n2_files_are_counted_as_rooms_whatever_they_hold(client: httpx.AsyncClient) -> None:
    answer = await bring(client, b"x")
    assert refused(answer, 400, Code.MALFORMED)
    for _ in range(Attempts.CREATED):
        answer = await bring(client, b"x")
        if answer.status_code != 400:
            break
    assert refused(answer, 429, Code.RATE_LIMITED)


async def test_n3_whoever_brings_a_file_is_a_member_of_it_and_else_no_room_is_made(
    client: httpx.AsyncClient, environ: dict[str, str]
) -> None:
    file = await filled(client)
    file["records"][-2]["name"] = "Awa"
    made = rooms(environ)
    for me in ("member:nobody------", "idea:000000000001", None):
        assert refused(await bring(client, file | {"me": me}), 400, Code.INVALID)
    assert rooms(environ) == made


@pytest.mark.parametrize(
    "record",
    [
        {"id": "action:000000000001", "text": "Écrire", "at": 1, "due": "٢٠٢٦-٠١-٠١"},
        {"id": "action:000000000001", "text": "Écrire", "at": 253_402_300_800_000},
        {"id": "message:000000000001", "text": "Bonjour", "n": 1, "at": 2**53},
    ],
)
async def test_n2_a_day_or_a_time_that_no_calendar_has_is_refused(
    client: httpx.AsyncClient, record: dict[str, Any]
) -> None:
    """A time behind the last one that browsers know threw in every screen that showed it."""
    file = await filled(client)
    kept = [each for each in file["records"] if each["id"] != record["id"]]
    assert refused(await bring(client, file | {"records": [*kept, record]}), 400, Code.INVALID)


async def test_n2_what_is_too_large_is_refused_unseen(client: httpx.AsyncClient) -> None:
    assert refused(await bring(client, b" " * (FILE_BYTES + 1)), 413, Code.TOO_LARGE)


async def test_n3_files_are_looked_through_and_minutes_written_beside_everybodys_work(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the loop a file of 9 KB held everyone up for ten seconds."""
    beside: list[str] = []
    run = Offload.run

    async def noting(self: Offload, work: Callable[..., Any], *args: Any) -> Any:
        beside.append(work.__name__)
        return await run(self, work, *args)

    monkeypatch.setattr(Offload, "run", noting)
    async with started({}) as app, client_of(app) as client:
        host = (await bring(client, await filled(client))).json()
        assert (await client.get(f"/api/rooms/{host['room']}/report.md", headers=bearer(host))).status_code == 200
    assert beside == ["brought_in", "written"]


async def test_n4_one_of_the_file_is_so_again_by_a_hosts_link_once(client: httpx.AsyncClient) -> None:
    """N4: with what he wrote; whoever comes second with it is nobody."""
    file = await filled(client)
    participant = next(r["id"] for r in file["records"] if r["id"].startswith("member:") and r["id"] != file["me"])
    host = (await bring(client, file)).json()
    held = {record["id"]: record for record in (await export(client, host))["records"]}
    assert held[participant]["away"] is True
    assert "away" not in held[file["me"]]
    at = f"/api/rooms/{host['room']}/claims"
    given = await client.post(at, json={"member": participant}, headers=bearer(host))
    link = given.json()["links"]["personal"].partition("#lien=")[2]
    mine, another = {"key": "a-return-that-has-a-key"}, {"key": "some-other-key-of-a-thief"}
    again = await client.post("/api/link", json={"link": link} | mine)
    assert again.json()["me"] == {"id": participant, "name": held[participant]["name"], "role": "participant"}
    held = {record["id"]: record for record in (await export(client, again.json()))["records"]}
    assert held["idea:000000000001"]["author"] == again.json()["me"]["id"]
    assert refused(await client.post("/api/link", json={"link": link} | another), 403, Code.FORBIDDEN)
    own = again.json()["links"]["personal"].partition("#lien=")[2]
    assert (await client.post("/api/link", json={"link": own})).json()["me"]["id"] == participant
    assert refused(await client.post(at, json={"member": participant}, headers=bearer(host)), 403, Code.FORBIDDEN)
    assert refused(await client.post(at, json={"member": file["me"]}, headers=bearer(host)), 403, Code.FORBIDDEN)
    assert refused(
        await client.post(at, json={"member": participant}, headers=bearer(again.json())), 403, Code.FORBIDDEN
    )


async def test_n4_the_personal_link_of_before_tells_who_one_was(client: httpx.AsyncClient) -> None:
    before = await make_room(client)
    participant = (await join(client, before["code"])).json()
    host = (await bring(client, await export(client, before))).json()
    link = participant["links"]["personal"].partition("#lien=")[2]
    asked, another = {"code": host["code"], "key": "a-return-that-has-a-key"}, "some-other-key-of-a-thief"
    again = await client.post("/api/claim", json=asked | {"link": link})
    assert again.status_code == 200
    assert again.json()["me"] == participant["me"]
    assert again.json()["room"] == host["room"]
    assert (await client.post("/api/link", json={"link": link})).json()["room"] == before["room"], "its own room alone"
    assert refused(await client.post("/api/claim", json=asked | {"link": link, "key": another}), 403, Code.FORBIDDEN)
    stranger = (await join(client, before["code"], "Ana")).json()["links"]["personal"].partition("#lien=")[2]
    answer = await client.post("/api/claim", json=asked | {"link": stranger})
    assert refused(answer, 403, Code.FORBIDDEN)


async def ways_back(
    client: httpx.AsyncClient,
) -> tuple[dict[str, Any], list[tuple[str, dict[str, str], dict[str, Any]]]]:
    """A room from a file, with its host; and two who were in the room before, each with a way of their own to be so again."""
    before = await make_room(client)
    clea, dan = [(await join(client, before["code"], name)).json() for name in ("Cléa", "Dan")]
    host = (await bring(client, await export(client, before))).json()
    at = f"/api/rooms/{host['room']}/claims"
    given = (await client.post(at, json={"member": clea["me"]["id"]}, headers=bearer(host))).json()
    link, own = (each["links"]["personal"].partition("#lien=")[2] for each in (given, dan))
    return host, [("/api/link", {"link": link}, clea), ("/api/claim", {"link": own, "code": host["code"]}, dan)]


async def test_n4_who_comes_once_names_his_try(client: httpx.AsyncClient) -> None:
    """Seen: tried without a key, and its answer lost, it had been the only one, and no host could give another link."""
    host, ways = await ways_back(client)
    for route, asked, participant in ways:
        for nothing in ({}, {"key": ""}, {"key": "short"}):
            answer = await client.post(route, json=asked | nothing)
            assert refused(answer, 400, Code.INVALID)
            assert "key" in answer.json()["text"]
        held = {record["id"]: record for record in (await export(client, host))["records"]}
        assert held[participant["me"]["id"]]["away"] is True, "nothing has changed"
        answer = await client.post(route, json=asked | {"key": "a-return-that-has-a-key"})
        assert answer.json()["me"] == participant["me"]


async def test_n4_who_one_says_to_be_in_a_file_is_believed_in_no_other_room(client: httpx.AsyncClient) -> None:
    """Whoever sees ids of others could bring his own export with theirs as `me`, and had a link signed to be them, a host too."""
    before = await make_room(client)
    victim, thief = [(await join(client, before["code"], name)).json() for name in ("Cléa", "Eve")]
    for whom in (victim["me"]["id"], before["me"]["id"]):
        forged = (await bring(client, await export(client, thief) | {"me": whom})).json()
        assert forged["me"]["id"] == whom, "in a room of his own making he may be who he likes"
        made = (await bring(client, await export(client, thief))).json()
        link = forged["links"]["recovery"].partition("#lien=")[2]
        asked = {"code": made["code"], "link": link, "key": "a-return-that-has-a-key"}
        answer = await client.post("/api/claim", json=asked)
        assert refused(answer, 403, Code.FORBIDDEN)
        # Nor does he use up what those may read who he says he is.
        while (await client.get(f"/api/rooms/{forged['room']}/export.json", headers=bearer(forged))).status_code == 200:
            pass
    for theirs in (victim, before):
        assert await export(client, theirs)


async def test_n4_h9_whoever_did_not_hear_that_he_is_back_tries_again_with_his_key(client: httpx.AsyncClient) -> None:
    _, ways = await ways_back(client)
    for route, asked, participant in ways:
        mine, another = {"key": "a-return-that-has-a-key"}, {"key": "some-other-key-of-a-thief"}
        answers = [await client.post(route, json=asked | mine) for _ in range(2)]
        assert [(answer.status_code, answer.json()["me"]) for answer in answers] == [(200, participant["me"])] * 2
        assert refused(await client.post(route, json=asked | another), 403, Code.FORBIDDEN)
        assert refused(await client.post(route, json=asked), 400, Code.INVALID)
