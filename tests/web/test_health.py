"""What operators and balancers look at."""

import re
from dataclasses import replace

import httpx
import pytest

from server.app import Application
from server.app import create as create_app
from server.config import Settings, read_settings
from server.journal.connect import migrate
from tests.services import Postgres
from tests.web.conftest import SECRET, Started, client_of, running


async def test_alive_and_ready(client: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"


async def test_alive_but_not_ready_without_its_database(started: Started) -> None:
    with Postgres() as postgres:
        url = postgres.create_database()
        await migrate(url)
        async with started({"DATABASE_URL": url}) as app, client_of(app) as client:
            assert (await client.get("/readyz")).status_code == 200
            postgres.stop()
            assert (await client.get("/healthz")).status_code == 200
            answer = await client.get("/readyz")
            assert (answer.status_code, answer.text) == (503, "the journal does not answer")
            assert answer.headers["retry-after"]
            answer = await client.post("/api/join", json={"code": "BCDFGH", "name": "Zoé"})
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert answer.json()["retry"] is True


async def test_not_ready_once_it_stops(environ: dict[str, str]) -> None:
    app = create_app(read_settings(environ))
    async with running(app), client_of(app) as client:
        assert (await client.get("/readyz")).status_code == 200
    async with client_of(app) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("/readyz")


async def test_one_file_has_one_server(environ: dict[str, str]) -> None:
    first = create_app(read_settings(environ))
    async with running(first):
        with pytest.raises(RuntimeError, match="another Palabre runs on this file"):
            async with running(create_app(read_settings(environ))):
                pass


# Metrics.


async def test_metrics_are_for_this_machine(app: Application, client: httpx.AsyncClient) -> None:
    assert (await client.get("/metrics")).status_code == 403
    async with client_of(app, "127.0.0.1", headers={"Host": "localhost:8000"}) as local:
        assert (await local.get("/metrics")).status_code == 200
        # A proxy here that does or does not say for whom it asks, and a page whose name leads here by now.
        for others in ({"X-Forwarded-For": "192.0.2.1"}, {"Host": "palabre.example"}):
            assert (await local.get("/metrics", headers=others)).status_code == 403


async def test_metrics_of_a_server_are_for_nobody_without_a_token(settings: Settings) -> None:
    """A proxy on the same machine may say nothing of its clients: all of them come from here then."""
    app = create_app(replace(settings, metrics_here=False))
    async with running(app), client_of(app, "127.0.0.1") as local:
        answer = await local.get("/metrics")
        assert answer.status_code == 403
        assert "PALABRE_METRICS_TOKEN" in answer.json()["text"]


async def test_metrics_are_for_who_has_the_token(started: Started) -> None:
    async with started({"PALABRE_METRICS_TOKEN": SECRET}) as app, client_of(app) as client:
        assert (await client.get("/metrics")).status_code == 401
        assert (
            await client.get("/metrics", headers={b"Authorization": "Bearer é".encode("latin1")})
        ).status_code == 401
        assert (await client.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"})).status_code == 200


async def test_metrics_count_and_name_nobody(app: Application) -> None:
    async with client_of(app, "127.0.0.1", headers={"Host": "127.0.0.1"}) as client:
        room = (await client.post("/api/rooms", json={"title": "Secret title", "name": "Awa"})).json()
        for code in (room["code"], "BCDFGH"):
            await client.post("/api/join", json={"code": code, "name": "Zoé"})
        await client.request("BREW", "/coffee/BCDFGH")
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    text = answer.text
    line = r'[a-z_:]+\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\} -?[0-9.e+-]+'
    assert all(re.fullmatch(line, each) for each in text.splitlines() if not each.startswith("#"))
    assert re.search(r'palabre_codes_total\{worker="\d+",outcome="right"\} 1\n', text)
    assert re.search(r'palabre_codes_total\{worker="\d+",outcome="wrong"\} 1\n', text)
    assert re.search(
        r'palabre_http_requests_total\{worker="\d+",route="/api/join",method="POST",status="404"\} 1\n', text
    )
    assert re.search(r'palabre_rooms_open\{worker="\d+"\} 1\n', text)
    for secret in (room["code"], room["room"], room["me"]["id"], "BCDFGH", "Awa", "Zoé", "Secret", "coffee", "BREW"):
        assert secret not in text
