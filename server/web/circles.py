"""Making circles, and coming into them (COMMUNITIES.md, CI)."""

from typing import Final

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from protocol.choices import Access
from protocol.errors import Code, Refusal
from protocol.version import PROMPT_CHARS, TITLE_CHARS
from server.accounts.logins import Logins
from server.accounts.port import ACCOUNT, Bearer
from server.accounts.tokens import Tokens, new_id
from server.admission.admission import Admission
from server.admission.circles import Circles
from server.config import Settings
from server.model.text import clean, clean_or_none
from server.session.rate import Pace
from server.web.founding import EntryKey
from server.web.reads import Reads
from server.web.request import bearer_of, check_origin, json_of, read_body, stream_of

FOUNDED: Final = Pace(1 / 60, 10, "circles")
"""Made by one person."""

JOINED: Final = Pace(0.5, 30, "circles")
"""Joined, or asked to be, by one person."""


class NewCircle(Struct, frozen=True, omit_defaults=True):
    title: str
    access: Access
    purpose: str = ""
    key: EntryKey = ""


class Joining(Struct, frozen=True):
    """Attributes: text: what those who let people in are told, where one asks to come."""

    text: str = ""


class Founded(Struct, frozen=True):
    circle: str


class Come(Struct, frozen=True, omit_defaults=True):
    """Whether they are in, or have asked to be."""

    joined: bool = False
    asked: bool = False


class CircleRoutes:
    """The routes of circles under `/api`."""

    def __init__(
        self, settings: Settings, tokens: Tokens, logins: Logins, admission: Admission, circles: Circles
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._logins = logins
        self._admission = admission
        self._circles = circles
        self._founded = Reads(FOUNDED)
        self._joined = Reads(JOINED)

    def routes(self) -> list[Route]:
        return [
            Route("/api/communities/{community}/circles", self.found, methods=["POST"]),
            Route("/api/circles/{circle}/join", self.join, methods=["POST"]),
        ]

    async def found(self, request: Request) -> Response:
        """A circle of a community, by somebody of it."""
        check_origin(request, self._settings)
        bearer = self._account(request)
        community = stream_of("community", request)
        asked = await read_body(request, NewCircle)
        if not await self._admission.may_read(bearer.person, community):
            raise Refusal(Code.UNKNOWN_ROOM)
        # Checked here before a circle is counted, and again by the circle, whose rule it is.
        title, purpose = clean(asked.title, TITLE_CHARS), clean_or_none(asked.purpose, PROMPT_CHARS)
        self._founded.count(bearer.person)
        circle = new_id("circle")
        if asked.key:
            whole = b"\0".join((community.encode(), bearer.person.encode(), msgspec.json.encode(asked)))
            circle = self._tokens.founded(asked.key, whole, "circle")
        await self._circles.found(
            circle, community, founder=bearer.person, title=title, purpose=purpose, access=asked.access
        )
        return json_of(Founded(circle), 201)

    async def join(self, request: Request) -> Response:
        """Come in, where everyone of the community may; or ask to."""
        check_origin(request, self._settings)
        bearer = self._account(request)
        circle = stream_of("circle", request)
        text = clean_or_none((await read_body(request, Joining)).text, PROMPT_CHARS)
        self._joined.count(bearer.person)
        is_in = await self._circles.join(circle, bearer.person, text)
        return json_of(Come(joined=is_in, asked=not is_in))

    def _account(self, request: Request) -> Bearer:
        """
        Raises:
            Refusal: `unauthorized`, `expired`; `forbidden` for a token that opens one stream alone.
        """
        bearer = self._logins.identify(bearer_of(request))
        if bearer.scope != ACCOUNT or bearer.is_screen:
            raise Refusal(Code.FORBIDDEN, "expected the token of an account: this one opens one workshop")
        return bearer
