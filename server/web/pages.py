"""The pages: one web application, built by Vite into `dist`, at every address that people open; and the QR codes.

The files are small and asked for by a whole seminar within seconds: they are read and compressed once and kept in memory, where
Starlette's `StaticFiles` would go through a thread for each and compress each answer anew.
"""

import asyncio
import gzip
import hashlib
import io
import mimetypes
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from protocol.errors import Code, Refusal
from server.config import Settings
from server.web.about import Lang, about, language
from server.web.errors import on_http_exception
from server.web.links import base_url

DIST: Final = Path(__file__).parent / "dist"

_ADDRESS_CHARS: Final = 200
"""Of what a QR says: a camera across a hall reads no more, and the longer it is the longer it is drawn."""
DOCUMENTS: Final = 32
"""In how many languages and for how many addresses of this server the document is kept."""

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_EACH_TIME: Final = "no-cache"

_NOT_BUILT: Final = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Palabre</title></head><body>
<h1>La page n’est pas encore construite</h1>
<p>Le serveur tourne, mais l’application web manque. Arrêtez-le, lancez <code>make run</code>, qui la construit, puis
rechargez cette page.</p>
<h1 lang="en">The page is not built yet</h1>
<p lang="en">The server runs, but the web application is missing. Stop it, start it with <code>make run</code>, which builds
the application, then reload this page.</p>
</body></html>
"""

# The system's table of types differs from machine to machine, and `nosniff` makes a wrong one fatal to a script.
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_PACKED_ALREADY: Final = frozenset({".ico", ".png", ".woff2"})


class File(NamedTuple):
    plain: bytes
    packed: bytes | None
    etag: str
    media_type: str
    cache: str


class Pages:
    """The routes of the web application.

    Args:
        settings: where links lead.
        room_of: a code as it is written and its room; it raises Refusal where there is none, or too many are tried.
        dist: the folder that Vite builds.
    """

    def __init__(
        self, settings: Settings, room_of: Callable[[Request, str], Awaitable[tuple[str, str]]], dist: Path = DIST
    ) -> None:
        self._settings = settings
        self._room_of = room_of
        self._drawing = asyncio.Lock()
        self._dist = dist
        self._built_at = 0
        self._files: dict[str, File] = {}
        self._documents: dict[tuple[Lang, str], File] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/", self.page),
            Route("/r/{code}", self.page),
            Route("/r/{code}/host", self.page),
            Route("/r/{code}/prepare", self.page),
            Route("/r/{code}/screen", self.page),
            Route("/r/{code}/minutes", self.page),
            Route("/r/{code}/participant", self.page),
            Route("/r/{code}/demo", self.page),
            Route("/c", self.page),
            Route("/c/{community}", self.page),
            Route("/c/{community}/{path:path}", self.page),
            Route("/i/", self.page),
            Route("/qr/{code}.svg", self.qr),
            Route("/licences", self.licences),
            Route("/assets/{path:path}", self.file),
            Route("/{path}", self.file),
        ]

    async def page(self, request: Request) -> Response:
        """The application; which screen it shows is its own to tell from the address."""
        index = self._built().get("index.html")
        if index is None:
            return HTMLResponse(_NOT_BUILT, 503, {"Cache-Control": "no-store"})
        return _answer(request, self._document(index, request), "Accept-Encoding, Accept-Language")

    def _document(self, index: File, request: Request) -> File:
        """The application's document as it tells of itself to this browser, or to a messenger."""
        asked = language(request.headers.get("accept-language", "")), base_url(request, self._settings)
        document = self._documents.get(asked)
        if document is None:
            if len(self._documents) >= DOCUMENTS:
                del self._documents[next(iter(self._documents))]
            of_language = re.compile(rf"assets/{asked[0]}-[\w-]+\.js")
            texts = next(filter(of_language.fullmatch, self._built()), None)
            document = self._documents[asked] = _packed(
                about(index.plain.decode(), *asked, texts).encode(), index.media_type, _ASK_EACH_TIME
            )
        return document

    async def file(self, request: Request) -> Response:
        return self._at(request, request.url.path.removeprefix("/"))

    async def licences(self, request: Request) -> Response:
        """Those of the work of others that the application carries."""
        return self._at(request, "licences.txt")

    def _at(self, request: Request, name: str) -> Response:
        file = self._built().get(name)
        if file is None:
            raise HTTPException(404)
        return _answer(request, file)

    async def lost(self, request: Request, error: Exception) -> Response:
        """The handler of paths that nothing has: a person reads the application's words for it, a program the error."""
        index = self._built().get("index.html")
        if index is None or "text/html" not in request.headers.get("accept", ""):
            return await on_http_exception(request, error)
        return Response(index.plain, 404, {"Cache-Control": "no-store", "Vary": "Accept"}, index.media_type)

    async def qr(self, request: Request) -> Response:
        """The QR code of a room's address; of no other, and drawn one at a time beside the loop (H3)."""
        code, _ = await self._room_of(request, request.path_params["code"])
        address = f"{base_url(request, self._settings)}/r/{code}"
        if len(address) > _ADDRESS_CHARS:
            raise Refusal(Code.INVALID, f"expected an address of at most {_ADDRESS_CHARS} characters")
        async with self._drawing:
            svg = await run_in_threadpool(_qr_svg, address)
        return Response(svg, 200, {"Cache-Control": "public, max-age=86400", "Vary": "Host"}, "image/svg+xml")

    def _built(self) -> dict[str, File]:
        """The files as Vite last wrote them; nothing where it has not run."""
        try:
            built_at = (self._dist / "index.html").stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        if built_at != self._built_at:
            self._files = {
                path.relative_to(self._dist).as_posix(): _load(
                    path, hashed="assets" in path.relative_to(self._dist).parts
                )
                for path in self._dist.rglob("*")
                if path.is_file()
            }
            self._documents = {}
            self._built_at = built_at
        return self._files


def _load(path: Path, *, hashed: bool) -> File:
    plain = path.read_bytes()
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    cache = _FOR_EVER if hashed else _ASK_EACH_TIME
    return _packed(plain, media_type, cache, pack=path.suffix not in _PACKED_ALREADY)


def _packed(plain: bytes, media_type: str, cache: str, *, pack: bool = True) -> File:
    packed = gzip.compress(plain, 9, mtime=0) if pack and len(plain) >= 500 else None
    etag = f'"{hashlib.sha256(plain).hexdigest()[:20]}"'
    return File(plain, packed, etag, media_type, cache)


def _answer(request: Request, file: File, vary: str = "Accept-Encoding") -> Response:
    headers = {"Cache-Control": file.cache, "ETag": file.etag, "Vary": vary}
    known = request.headers.get("if-none-match", "")
    if file.etag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
        return Response(None, 304, headers)
    if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.packed, 200, {**headers, "Content-Encoding": "gzip"}, file.media_type)
    return Response(file.plain, 200, headers, file.media_type)


@lru_cache(maxsize=256)
def _qr_svg(address: str) -> bytes:
    """One path, near black on white (16:1) with the quiet zone of four modules that readers need."""
    import segno  # here, so that a start does not wait for it

    svg = io.BytesIO()
    segno.make_qr(address, error="m").save(
        svg,
        kind="svg",
        border=4,
        dark="#1e2320",
        light="#ffffff",
        xmldecl=False,
        omitsize=True,
        svgclass=None,
        lineclass=None,
    )
    return svg.getvalue()
