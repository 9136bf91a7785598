"""What whoever comes into a community is answered with: a token for an hour, and the cookie that gives others."""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from protocol.errors import Code, Refusal
from protocol.text import one_line
from server.accounts.devices import Devices
from server.accounts.logins import UNUSED_SECONDS, Given
from server.admission.communities import Communities
from server.community.state import Person
from server.config import Settings
from server.model.kernel import tail
from server.web.links import base_url
from server.web.request import json_of

COOKIE: Final = "palabre"
"""Of the same name in each community: its path tells whose it is."""

TRIED_AGAIN: Final = 24 * 3600 * 1000
"""Milliseconds for which an entry whose answer was lost may be tried again by its key."""

Label = Annotated[str, Meta(max_length=400)]
"""What a device is called; "": nothing is known of it."""


class AccountLinks(Struct, frozen=True, omit_defaults=True):
    personal: str = ""


class Myself(Struct, frozen=True):
    id: str
    name: str
    roles: Sequence[str]


class AccountEntry(Struct, frozen=True, omit_defaults=True):
    """How somebody is in a community."""

    community: str
    token: str
    me: Myself
    title: str
    langs: Sequence[str]
    links: AccountLinks | None = None


class Asked(Struct, frozen=True):
    """They wait to be let in."""

    asked: bool = True


class Entries:
    """Signs people in, and answers them."""

    def __init__(self, settings: Settings, devices: Devices, communities: Communities) -> None:
        self._settings = settings
        self._devices = devices
        self._communities = communities

    async def arrived(
        self, request: Request, community: str, person: Person | None, *, key: str, label: str, status: int = 200
    ) -> Response:
        """Sign somebody in who has come by this entry, or tell that they wait.

        Raises:
            Refusal: `account_exists` where the entry is too old to be one whose answer was lost: its key would be a way in for good.
        """
        if person is None:
            return json_of(Asked())
        if not await self._is_fresh(person):
            raise Refusal(Code.ACCOUNT_EXISTS)
        given = await self._devices.add(person.id, label_of(label), code=tail(community), key=key)
        return await self.answer(request, community, person, given, status=status)

    async def _is_fresh(self, person: Person) -> bool:
        if await self._devices.is_new(person.id):
            return True
        return self._devices.now() - person.at < TRIED_AGAIN and not await self._devices.have_all_ended(person.id)

    async def answer(
        self, request: Request, community: str, person: Person, given: Given, *, status: int = 200
    ) -> Response:
        record = await self._communities.community(community)
        links = AccountLinks(personal_link(self.page(request, community), given.secret)) if given.secret else None
        me = Myself(person.id, person.name, person.roles)
        response = json_of(AccountEntry(community, given.token, me, record.title, record.langs, links), status)
        if given.cookie:
            self._set_cookie(request, response, community, given.cookie, UNUSED_SECONDS)
        return response

    def left(self, request: Request, community: str, response: Response) -> Response:
        """The same answer, which takes the cookie away."""
        self._set_cookie(request, response, community, "", 0)
        return response

    def page(self, request: Request, community: str) -> str:
        """Where a community is."""
        return f"{base_url(request, self._settings)}/c/{tail(community)}"

    def _set_cookie(self, request: Request, response: Response, community: str, secret: str, seconds: int) -> None:
        response.set_cookie(
            COOKIE,
            secret,
            max_age=seconds,
            path=f"/api/communities/{tail(community)}",
            secure=self._settings.is_https or request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )


def personal_link(page: str, secret: str) -> str:
    return f"{page}#lien={secret}"


def label_of(text: str) -> str:
    return one_line(text)
