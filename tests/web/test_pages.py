"""The pages and the QR codes."""

import asyncio
import gzip
import io
import json
import re
import struct
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
import segno
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ExceptionHandler

from protocol.errors import Code, Refusal
from server.config import Settings
from server.web import pages as the_pages
from server.web.about import MARK
from server.web.errors import on_http_exception, on_refusal
from server.web.pages import Pages
from tests.web.conftest import ORIGIN
from tests.web.test_api import make_room

INDEX = "<!doctype html><title>Palabre</title>" + "<p>" * 500
PAGES = ["/", "/r/BCDFGH", "/r/BCDFGH/host", "/r/BCDFGH/screen"]


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text(INDEX)
    (dist / "favicon.svg").write_text("<svg/>")
    (dist / "assets" / "index-abc.js").write_text("let a = 1;" * 100)
    (dist / "assets" / "text-abc.woff2").write_bytes(b"wOF2" * 200)
    return dist


async def nobody(_: Request, __: str) -> tuple[str, str]:
    """There are no rooms."""
    raise Refusal(Code.UNKNOWN_CODE)


@pytest.fixture
def pages(settings: Settings, dist: Path) -> httpx.AsyncClient:
    """The pages alone, on a folder as Vite leaves it."""
    pages = Pages(settings, nobody, dist)
    handlers: dict[Any, ExceptionHandler] = {Refusal: on_refusal, HTTPException: on_http_exception, 404: pages.lost}
    app = Starlette(routes=pages.routes(), exception_handlers=handlers)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN)


@pytest.mark.parametrize("path", PAGES)
async def test_each_address_is_the_application_and_asked_for_each_time(pages: httpx.AsyncClient, path: str) -> None:
    answer = await pages.get(path)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    again = await pages.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_files_with_a_hash_in_their_name_are_kept_for_ever(pages: httpx.AsyncClient) -> None:
    answer = await pages.get("/assets/index-abc.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (await pages.get("/favicon.svg")).headers["cache-control"] == "no-cache"


async def test_what_compresses_is_sent_compressed(pages: httpx.AsyncClient) -> None:
    async with pages.stream("GET", "/assets/index-abc.js", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert gzip.decompress(raw) == b"let a = 1;" * 100
    plain = await pages.get("/assets/index-abc.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"
    font = await pages.get("/assets/text-abc.woff2")
    assert "content-encoding" not in font.headers
    assert font.headers["content-type"] == "font/woff2"


async def test_a_new_build_is_seen(pages: httpx.AsyncClient, dist: Path) -> None:
    await pages.get("/")
    (dist / "index.html").write_text("new")
    assert (await pages.get("/")).text == "new"


@pytest.mark.parametrize(
    "path", ["/assets/../secret", "/assets/%2e%2e/%2e%2e/secret", "/.env", "/assets/", "/assets/nothing.js"]
)
async def test_nothing_else_is_served(pages: httpx.AsyncClient, dist: Path, path: str) -> None:
    (dist.parent / "secret").write_text("secret")
    assert (await pages.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/nowhere", "/r/BCDFGH/elsewhere", "/a/b/c", "/assets/nothing.js"])
async def test_a_person_at_an_unknown_path_reads_words_and_a_program_an_error(
    pages: httpx.AsyncClient, path: str
) -> None:
    known = (await pages.get("/")).headers["etag"]
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = await pages.get(path, headers={"Accept": accept, "If-None-Match": known})
    assert (answer.status_code, answer.text) == (404, INDEX)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"

    refused = await pages.get(path, headers={"Accept": "*/*"})
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", PAGES)
async def test_a_client_that_is_not_built_is_told_in_words(settings: Settings, tmp_path: Path, path: str) -> None:
    app = Starlette(routes=Pages(settings, nobody, tmp_path / "nowhere").routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
        answer = await client.get(path)
    assert answer.status_code == 503
    assert "make run" in answer.text
    assert answer.headers["cache-control"] == "no-store"


# QR codes.


async def test_a_qr_code_leads_to_the_rooms_page(client: httpx.AsyncClient) -> None:
    code = (await make_room(client))["code"]
    answer = await client.get(f"/qr/{code[:3].lower()}-{code[3:]}.svg")
    assert answer.status_code == 200
    assert answer.headers["vary"] == "Host"
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["cache-control"] == "public, max-age=86400"
    expected = io.BytesIO()
    segno.make_qr(f"{ORIGIN}/r/{code}", error="m").save(
        expected,
        kind="svg",
        border=4,
        dark="#1e2320",
        light="#ffffff",
        xmldecl=False,
        omitsize=True,
        svgclass=None,
        lineclass=None,
    )
    assert answer.content == expected.getvalue()


@pytest.mark.parametrize("path", ["/qr/nothing.svg", "/qr/BCDFG0.svg", "/qr/<script>.svg", "/qr/BCDFGH.svg"])
async def test_what_is_no_code_has_no_qr(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_H3_a_qr_tells_no_more_of_codes_than_trying_them(client: httpx.AsyncClient) -> None:
    drawn = the_pages._qr_svg.cache_info().misses
    answers = [(await client.get(f"/qr/BCDF{a}{b}.svg")).status_code for a in "BCDFGHJK" for b in "BCDFGHJK"]
    assert set(answers) == {404, 429}
    assert the_pages._qr_svg.cache_info().misses == drawn, "nothing is drawn for codes that do not exist"


async def test_a_qr_is_drawn_once_beside_the_loop_and_never_for_a_host_without_end(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def draw(address: str) -> bytes:
        assert threading.current_thread() is not threading.main_thread()
        drawn.append(address)
        return b"<svg/>"

    monkeypatch.setattr(the_pages, "_qr_svg", draw)
    code = (await make_room(client))["code"]
    host = "a" * 60 + "." + "b" * 60 + "." + "c" * 60 + "." + "d" * 58
    answers = await asyncio.gather(*(client.get(f"/qr/{code}.svg", headers={"Host": host}) for _ in range(16)))
    assert {answer.status_code for answer in answers} <= {200, 400}
    assert all(len(address) <= 200 for address in drawn)


# What a link shows.

ABOUT = f'<!doctype html><html lang="fr"><head>{MARK}</head></html>'


@pytest.mark.parametrize(
    ("accepted", "lang", "words"),
    [
        (None, "fr", "Des idées aux décisions"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr", "Des idées aux décisions"),
        ("de,en-US;q=0.7", "en", "From ideas to decisions"),
        ("de", "fr", "Des idées aux décisions"),
    ],
)
async def test_a_link_shows_the_product_in_a_language_and_nothing_of_its_room(
    pages: httpx.AsyncClient, dist: Path, accepted: str | None, lang: str, words: str
) -> None:
    (dist / "index.html").write_text(ABOUT)
    headers = {} if accepted is None else {"Accept-Language": accepted}
    answer = await pages.get("/r/BCDFGH", headers=headers)
    meta = dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]+)">', answer.text))
    assert meta["og:title"] == "Palabre"
    assert meta["og:description"] == meta["description"]
    assert words in meta["og:description"]
    assert meta["og:image"] == f"{ORIGIN}/share.png"
    assert f'<html lang="{lang}">' in answer.text
    assert f'href="/manifest.{lang}.webmanifest"' in answer.text
    assert "BCDFGH" not in answer.text
    assert "Accept-Language" in answer.headers["vary"]
    assert (await pages.get("/", headers=headers)).text == answer.text


async def test_a_host_that_is_none_is_not_given_back_in_the_document(pages: httpx.AsyncClient, dist: Path) -> None:
    (dist / "index.html").write_text(ABOUT)
    answer = await pages.get("/", headers={"Host": 'evil"><script>'})
    assert "evil" not in answer.text
    for n in range(40):
        await pages.get("/", headers={"Host": f"192.0.2.{n}"})
    assert (await pages.get("/", headers={"Host": "192.0.2.0"})).text.count("http://192.0.2.0/share.png") == 1


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_what_the_manifest_names_is_there_as_it_says(lang: str) -> None:
    public = Path(__file__).parents[2] / "client_demo/web/public"
    manifest = json.loads((public / f"manifest.{lang}.webmanifest").read_text())
    assert manifest["lang"] == lang
    for icon in manifest["icons"]:
        picture = (public / icon["src"].removeprefix("/")).read_bytes()
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", picture[16:24])
            assert f"{width}x{height}" == icon["sizes"]
    assert (public.parent / "index.html").read_text().count(MARK) == 1
    assert struct.unpack(">II", (public / "share.png").read_bytes()[16:24]) == (1200, 630)
    assert struct.unpack(">II", (public / "touch-icon.png").read_bytes()[16:24]) == (180, 180)
