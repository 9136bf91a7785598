"""How one gets into a room: the HTTP beside the wire (SPEC.md, H). Standard library only; each call is one request on a thread."""

import asyncio
import json
import secrets
import urllib.error
import urllib.request
from typing import Any, Final
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from client_demo.python.sdk.errors import Refused, Unreachable

SECONDS: Final = 10
"""An answer takes so long at most."""


class Links(Struct, frozen=True):
    """Addresses of pages; `personal` and `recovery` restore a member, and are his alone (H2)."""

    join: str = ""
    host: str = ""
    screen: str = ""
    recovery: str = ""
    personal: str = ""


class Me(Struct, frozen=True):
    """Who one is in the room, as one comes in."""

    id: str
    name: str
    role: str


class Entry(Struct, frozen=True):
    """What gets one into a room.

    Attributes:
        code: what people type to join.
        token: what `connect` takes.
        me: None for a screen, which is nobody.
    """

    room: str
    code: str
    token: str
    me: Me | None = None
    links: Links = Links()


async def create_room(server: str, title: str, name: str, lang: str = "fr", *, key: str | None = None) -> Entry:
    """Make a room, and become its host. Raises Refused, Unreachable, as all of these do.

    Args:
        server: its address, `http://localhost:8000`.
        name: the host's.
        key: names the entry, random and secret (`new_key`): tried again with it, it leaves one room (H9).
    """
    body = {"title": title, "name": name, "lang": lang} | ({"key": key} if key else {})
    return await _enter(server, "/api/rooms", body)


async def join_room(server: str, code: str, name: str, *, key: str | None = None) -> Entry:
    """Become a member of the room that has this code.

    Args:
        key: names the entry, random and secret (`new_key`): tried again with it, it leaves one member (H9).
    """
    return await _enter(server, "/api/join", {"code": code, "name": name} | ({"key": key} if key else {}))


def new_key() -> str:
    """What names one entry: 128 random bits."""
    return secrets.token_urlsafe(16)


async def templates(server: str, name: str, lang: str = "fr") -> list[dict[str, Any]]:
    """The steps of an agenda to begin with, as `step.add` takes them but for an id (H5); none where there is no such template."""
    offered = (await _request(server, f"/api/templates?lang={quote(lang)}", None))["templates"]
    return next((list(each["steps"]) for each in offered if each["name"] == name), [])


async def enter_screen(server: str, code: str) -> Entry:
    """See the public records of the room that has this code, as a projector does."""
    return await _enter(server, "/api/screen", {"code": code})


async def come_back(server: str, link: str, key: str = "") -> Entry:
    """Be a member again, by a personal or recovery link: its address, or the secret in it.

    Args:
        key: names this entry (`new_key`); a link that works once asks for one, and may be tried again with it (H9, N4).
    """
    secret = link.rpartition("#lien=")[2]
    return await _enter(server, "/api/link", {"link": secret} | ({"key": key} if key else {}))


async def refresh_token(server: str, token: str) -> str:
    """A token that lives longer, for the same member."""
    answer = await _request(server, "/api/refresh", {}, token)
    return str(answer["token"])


async def export(server: str, room: str, token: str) -> list[dict[str, Any]]:
    """The records that the bearer of this token may see."""
    answer = await _request(server, f"/api/rooms/{quote(room)}/export.json", None, token)
    records: list[dict[str, Any]] = answer["records"]
    return records


def wire_address(server: str) -> str:
    """Where the WebSocket of a server is (W1): `ws://localhost:8000/ws`."""
    parts = urlsplit(server)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme)
    if scheme is None or not parts.netloc:
        raise ValueError(f"expected an address like http://localhost:8000; got {server!r}")
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/ws"


async def _enter(server: str, path: str, body: dict[str, str]) -> Entry:
    return msgspec.convert(await _request(server, path, body), Entry)


async def _request(server: str, path: str, body: dict[str, str] | None, token: str | None = None) -> dict[str, Any]:
    """POST a body, or GET where there is none."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body, allow_nan=False).encode()
    request = urllib.request.Request(server.rstrip("/") + path, data, headers)
    return await asyncio.to_thread(_answer, request)


def _answer(request: urllib.request.Request) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error) from None
    except (OSError, ValueError) as error:
        raise Unreachable(f"{request.full_url}: {getattr(error, 'reason', error)}") from None


def _refusal(error: urllib.error.HTTPError) -> Refused:
    try:
        fields = json.load(error)
        return Refused(fields["code"], fields["text"], fields["retry"])
    except (ValueError, KeyError, TypeError):
        return Refused("internal", f"expected an answer of Palabre; got HTTP {error.code}", error.code >= 500)
