"""What surrounds every answer."""

import asyncio
import logging

import httpx
import pytest

from server.web.middleware import security_headers
from tests.web.conftest import Started, client_of


@pytest.mark.parametrize("path", ["/", "/r/BCDFGH", "/api/nothing", "/healthz", "/qr/BCDFGH.svg", "/metrics"])
async def test_every_answer_is_guarded(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


def test_some_may_frame_the_pages() -> None:
    policy = security_headers(("https://a.example", "https://b.example"))["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://a.example https://b.example" in policy


async def test_the_access_log_names_no_code(started: Started, caplog: pytest.LogCaptureFixture) -> None:
    async with started({"PALABRE_ACCESS_LOG": "yes"}) as app, client_of(app) as client:
        with caplog.at_level(logging.INFO):
            await client.get("/r/BCDFGH")
            await client.post("/api/join", json={"code": "BCDFGH", "name": "Zoé"})
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("palabre")]
    assert ours[0].startswith("GET /r/{code} ")
    assert ours[1].startswith("POST /api/join 404 ")
    assert not any("BCDFGH" in line or "Zoé" in line for line in ours)


async def test_no_access_log_by_default(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await client.get("/healthz")
    assert not [record for record in caplog.records if record.name == "palabre.access"]


@pytest.mark.parametrize(
    ("settings", "proto", "guarded"),
    [
        ({}, None, False),
        ({}, "https", True),
        ({"PALABRE_PUBLIC_URL": "https://palabre.test"}, None, True),
        ({"PALABRE_PUBLIC_URL": "http://palabre.test"}, None, False),
    ],
)
async def test_who_came_by_tls_comes_by_it_again(
    started: Started, settings: dict[str, str], proto: str | None, guarded: bool
) -> None:
    async with started(settings) as app, client_of(app) as client:
        headers = (await client.get("/", headers={} if proto is None else {"X-Forwarded-Proto": proto})).headers
    assert ("strict-transport-security" in headers) is guarded
    assert ("cross-origin-opener-policy" in headers) is guarded
    assert "camera=()" in headers["permissions-policy"]


async def test_a_client_that_goes_in_the_middle_of_its_body_costs_no_line(
    started: Started, caplog: pytest.LogCaptureFixture
) -> None:
    """A proxy that gives up on a phone does it; each was forty lines of a traceback."""
    async with started({"PALABRE_ACCESS_LOG": "yes"}) as app, client_of(app) as client:
        with caplog.at_level(logging.INFO):
            _, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
            writer.write(b"POST /api/join HTTP/1.1\r\nhost: palabre.test\r\ncontent-length: 100\r\n\r\n{")
            await writer.drain()
            await client.get("/healthz")
            writer.close()
            while not any("/api/join" in line for line in caplog.messages):
                await client.get("/healthz")
    assert [record.levelname for record in caplog.records if record.levelno > logging.INFO] == []


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"HTTP/1.1\r\nhost: palabre.test", 200),
        (b"HTTP/1.1\r\nhost: palabre.test\r\nHost: evil.test", 400),
        (b"HTTP/1.1\r\nx: y", 400),
        (b"HTTP/1.0\r\nx: y", 200),
    ],
)
async def test_a_request_has_one_host(started: Started, head: bytes, status: int) -> None:
    """Of two, a proxy before us may believe the other (RFC 9112, 3.2). Balancers that speak 1.0 name none."""
    async with started({}) as app, client_of(app) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
        writer.write(b"GET /healthz " + head + b"\r\nconnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
    assert int(answer.split()[1]) == status
