"""Every route, as it is reached: through the wire, which bounds what comes in before the route sees it (SPEC H, N)."""

import re
from pathlib import Path

import httpx
import pytest

from protocol.errors import Code
from tests.web.test_api import refused

WEB = Path(__file__).parents[2] / "server" / "web"

BODY = 64 * 1024
LARGE = {"/api/import": 16 * 1024 * 1024, "/api/rooms/{room}/images": 5 * 1024 * 1024}
"""The largest bodies of all routes, and of those that take a file."""

ROUTES = {
    "/": "GET /",
    "/r/{code}": "GET /r/BCDFGH",
    "/r/{code}/host": "GET /r/BCDFGH/host",
    "/r/{code}/prepare": "GET /r/BCDFGH/prepare",
    "/r/{code}/screen": "GET /r/BCDFGH/screen",
    "/r/{code}/minutes": "GET /r/BCDFGH/minutes",
    "/r/{code}/participant": "GET /r/BCDFGH/participant",
    "/r/{code}/demo": "GET /r/BCDFGH/demo",
    "/c": "GET /c",
    "/c/{community}": "GET /c/aaaaaaaaaaaa",
    "/c/{community}/{path:path}": "GET /c/aaaaaaaaaaaa/circles",
    "/i/": "GET /i/",
    "/api/communities": "POST /api/communities",
    "/api/communities/{community}": "GET /api/communities/aaaaaaaaaaaa",
    "/api/communities/{community}/session": "POST /api/communities/aaaaaaaaaaaa/session",
    "/api/communities/{community}/enter": "POST /api/communities/aaaaaaaaaaaa/enter",
    "/api/communities/{community}/link": "POST /api/communities/aaaaaaaaaaaa/link",
    "/api/communities/{community}/devices": "GET /api/communities/aaaaaaaaaaaa/devices",
    "/api/communities/{community}/devices/end": "POST /api/communities/aaaaaaaaaaaa/devices/end",
    "/api/communities/{community}/end": "POST /api/communities/aaaaaaaaaaaa/end",
    "/api/communities/{community}/invitations/{invitation}": "GET /api/communities/aaaaaaaaaaaa/invitations/invitation:aaaaaaaaaaaa",
    "/api/rooms/{room}/community": "POST /api/rooms/room:aaaaaaaaaaaa/community",
    "/api/invitations/open": "POST /api/invitations/open",
    "/api/invitations/use": "POST /api/invitations/use",
    "/qr/{code}.svg": "GET /qr/BCDFGH.svg",
    "/assets/{path:path}": "GET /assets/nothing.js",
    "/{path}": "GET /favicon.svg",
    "/healthz": "GET /healthz",
    "/readyz": "GET /readyz",
    "/metrics": "GET /metrics",
    "/api/templates": "GET /api/templates",
    "/api/agenda": "POST /api/agenda",
    "/api/rooms": "POST /api/rooms",
    "/api/demonstration": "POST /api/demonstration",
    "/api/code": "POST /api/code",
    "/api/join": "POST /api/join",
    "/api/screen": "POST /api/screen",
    "/api/link": "POST /api/link",
    "/api/claim": "POST /api/claim",
    "/api/rooms/{room}/claims": "POST /api/rooms/room:aaaaaaaaaaaa/claims",
    "/licences": "GET /licences",
    "/api/refresh": "POST /api/refresh",
    "/api/links/end": "POST /api/links/end",
    "/api/logins/end": "POST /api/logins/end",
    "/api/rooms/{room}/integrators": "POST /api/rooms/room:aaaaaaaaaaaa/integrators",
    "/api/import": "POST /api/import",
    "/api/rooms/{room}/erase": "POST /api/rooms/room:aaaaaaaaaaaa/erase",
    "/api/rooms/{room}/minutes": "POST /api/rooms/room:aaaaaaaaaaaa/minutes",
    "/api/minutes/report.{form}": "GET /api/minutes/report.html",
    "/api/rooms/{room}/rehearsal": "POST /api/rooms/room:aaaaaaaaaaaa/rehearsal",
    "/api/rooms/{room}/images": "POST /api/rooms/room:aaaaaaaaaaaa/images",
    "/api/rooms/{room}/images/{image}": "GET /api/rooms/room:aaaaaaaaaaaa/images/image:aaaaaaaaaaaa",
    "/api/communities/{community}/circles": "POST /api/communities/aaaaaaaaaaaa/circles",
    "/api/circles/{circle}/join": "POST /api/circles/aaaaaaaaaaaa/join",
    "/api/rooms/{room}/export.json": "GET /api/rooms/room:aaaaaaaaaaaa/export.json",
    "/api/rooms/{room}/report.{form}": "GET /api/rooms/room:aaaaaaaaaaaa/report.html",
}
"""A request of each."""


def test_every_route_is_here() -> None:
    made = {path for file in WEB.glob("*.py") for path in re.findall(r'\bRoute\(\s*"([^"]+)"', file.read_text())}
    assert made == ROUTES.keys()


@pytest.mark.parametrize("route", ROUTES)
async def test_h_a_body_is_bounded_on_its_way_to_every_route(client: httpx.AsyncClient, route: str) -> None:
    method, path = ROUTES[route].split(" ", 1)
    most = LARGE.get(route, BODY)
    answer = await client.request(method, path, content=b" " * most)
    assert answer.status_code not in (413, 500), answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert refused(await client.request(method, path, content=b" " * (most + 1)), 413, Code.TOO_LARGE)


@pytest.mark.parametrize("route", ROUTES)
async def test_h_a_head_is_bounded_on_its_way_to_every_route(client: httpx.AsyncClient, route: str) -> None:
    method, path = ROUTES[route].split(" ", 1)
    answer = await client.request(method, path, headers={"X-Long": "x" * 32 * 1024})
    assert refused(answer, 431, Code.TOO_LARGE)
