"""The API of communities: making one, coming into it, and the devices on which somebody is in it (COMMUNITIES, HTTP)."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from protocol.choices import Lang
from protocol.errors import Code, Refusal
from protocol.version import TITLE_CHARS
from server.accounts.devices import Devices
from server.accounts.logins import Given, Logins
from server.accounts.port import ACCOUNT
from server.accounts.tokens import Identity, Tokens, new_id
from server.admission.admission import Admission, role_in
from server.admission.communities import Communities
from server.admission.rooms import Rooms
from server.community.arrivals import Arrive
from server.community.state import ANIMATOR, LEADER
from server.config import Settings
from server.live.channel import Channel
from server.model.addresses import read_address
from server.model.kernel import tail
from server.model.text import clean, clean_name
from server.web.accounts import COOKIE, Entries, Label, label_of, personal_link
from server.web.codes import Attempts
from server.web.founding import EntryKey, OnceKey
from server.web.invitations import Named, invitation_secret, read_invitation, read_setup, setup_community
from server.web.links import base_url
from server.web.reads import LOGINS, Reads
from server.web.request import address_of, bearer_of, check_origin, entered, json_of, read_body, stream_of
from server.web.tries import Tries

MINUTE: Final = 60_000
"""Milliseconds."""

COMING: Final = 48 * 60 * MINUTE
"""Milliseconds after the end of a workshop for which its members come into its community by themselves."""


class NewCommunity(Struct, frozen=True, omit_defaults=True):
    """Attributes: setup: what the terminal told whoever runs a server on which not everybody makes communities."""

    title: str
    name: str
    langs: Annotated[tuple[Lang, ...], Meta(min_length=1, max_length=8)] = ("fr",)
    key: EntryKey = ""
    setup: str = ""
    label: Label = ""


class Entering(Struct, frozen=True):
    link: str
    label: Label = ""


class Linking(Struct, frozen=True):
    """Attributes: minutes: for how long the link is good; None: until it is ended."""

    minutes: Annotated[int, Meta(ge=1, le=60)] | None = None


class Linked(Struct, frozen=True):
    link: str


class DeviceSeen(Struct, frozen=True):
    """Attributes: here: it is the one that asks."""

    id: str
    label: str
    at: int
    seen: int
    here: bool


class DevicesSeen(Struct, frozen=True):
    devices: Sequence[DeviceSeen]


class Leaving(Struct, frozen=True):
    id: str


class Left(Struct, frozen=True):
    ended: bool = True


class Ending(Struct, frozen=True):
    everywhere: bool = False


class Door(Struct, frozen=True):
    """What stands on the door of a community."""

    community: str
    title: str
    langs: Sequence[str]


class Opening(Struct, frozen=True):
    invitation: str


class Opened(Struct, frozen=True):
    """An invitation, before it is used."""

    community: str
    title: str
    langs: Sequence[str]
    by: str
    asks: bool
    ends: int
    domains: Sequence[str]


class Coming(Struct, frozen=True):
    """From a workshop into its community."""

    key: OnceKey
    label: Label = ""


class Using(Struct, frozen=True):
    invitation: str
    name: str
    key: OnceKey
    address: str = ""
    label: Label = ""


class CommunityApi:
    """The routes under `/api/communities` and `/api/invitations`."""

    def __init__(
        self,
        settings: Settings,
        tokens: Tokens,
        logins: Logins,
        devices: Devices,
        communities: Communities,
        rooms: Rooms,
        admission: Admission,
        entries: Entries,
        attempts: Attempts,
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._logins = logins
        self._devices = devices
        self._communities = communities
        self._rooms = rooms
        self._admission = admission
        self._entries = entries
        self._attempts = attempts
        self._tries = Tries()
        self._changes = Reads(LOGINS)

    def routes(self) -> list[Route]:
        return [
            Route("/api/communities", self.create, methods=["POST"]),
            Route("/api/communities/{community}", self.door, methods=["GET"]),
            Route("/api/communities/{community}/session", self.session, methods=["POST"]),
            Route("/api/communities/{community}/enter", self.enter, methods=["POST"]),
            Route("/api/communities/{community}/link", self.link, methods=["POST"]),
            Route("/api/communities/{community}/devices", self.devices, methods=["GET"]),
            Route("/api/communities/{community}/devices/end", self.end_device, methods=["POST"]),
            Route("/api/communities/{community}/end", self.end, methods=["POST"]),
            Route("/api/communities/{community}/invitations/{invitation}", self.invitation, methods=["GET"]),
            Route("/api/rooms/{room}/community", self.come, methods=["POST"]),
            Route("/api/invitations/open", self.open, methods=["POST"]),
            Route("/api/invitations/use", self.use, methods=["POST"]),
        ]

    async def create(self, request: Request) -> Response:
        check_origin(request, self._settings)
        asked = await read_body(request, NewCommunity)
        number = read_setup(self._tokens, asked.setup) if asked.setup else None
        if "communities" not in self._settings.open and number is None:
            raise Refusal(
                Code.FORBIDDEN, "expected the setup link of this server: not everybody may make communities here"
            )
        name, title = clean_name(asked.name), clean(asked.title, TITLE_CHARS)
        if not self._attempts.may_create(address_of(request)):
            raise Refusal(Code.RATE_LIMITED, "expected fewer new communities from one address: wait a little")
        if number is not None:
            community = setup_community(self._tokens, number)
        elif asked.key:
            community = self._tokens.founded(asked.key, msgspec.json.encode(asked), "community")
        else:
            community = new_id("community")
        person = self._tokens.entrant(community, asked.key) if asked.key else new_id("member")
        key = asked.key or person
        try:
            founder = await self._communities.found(
                community, person=person, name=name, title=title, langs=asked.langs, key=key
            )
        except Refusal as refusal:
            if refusal.code is Code.ID_TAKEN:
                raise Refusal(Code.FORBIDDEN, "expected a setup link that has not been used") from None
            raise
        return await self._entries.arrived(request, community, founder, key=asked.key, label=asked.label, status=201)

    async def door(self, request: Request) -> Response:
        record = await self._communities.community(stream_of("community", request))
        return json_of(Door(record.id, record.title, record.langs))

    # In it, on one's devices.

    async def session(self, request: Request) -> Response:
        """A token for an hour, for the cookie of a device."""
        check_origin(request, self._settings)
        community, secret = stream_of("community", request), request.cookies.get(COOKIE, "")
        if not secret:
            # No try: a browser that comes for the first time has none.
            raise Refusal(Code.UNAUTHORIZED, "expected the cookie of a device")
        login = await self._tries.right(request, secret, lambda: self._devices.of_cookie(secret))
        self._count(community, login.person)
        person = await self._communities.person(community, login.person)
        token = await self._logins.renew(login)
        # The cookie again, so that it lasts as long from now on.
        return await self._entries.answer(request, community, person, Given(token, "", secret))

    async def enter(self, request: Request) -> Response:
        """By a personal link, on one more device."""
        check_origin(request, self._settings)
        community, asked = stream_of("community", request), await read_body(request, Entering)
        link, at = await self._tries.right(
            request, asked.link, lambda: self._devices.of_link(asked.link, tail(community))
        )
        self._count(community, link.person)
        person = await self._communities.person(community, link.person)
        given = await self._devices.add(person.id, label_of(asked.label), at=at)
        return await self._entries.answer(request, community, person, given)

    async def link(self, request: Request) -> Response:
        """For another device of whoever asks."""
        check_origin(request, self._settings)
        asked = await read_body(request, Linking)
        identity, community, _ = await self._account(request)
        self._count(community, identity.person)
        ends = 0 if asked.minutes is None else self._devices.now() + asked.minutes * MINUTE
        secret = await self._logins.new_link(identity.person, ACCOUNT, tail(community), ends=ends)
        return json_of(Linked(personal_link(self._entries.page(request, community), secret)))

    async def devices(self, request: Request) -> Response:
        identity, _, _ = await self._account(request)
        seen = [
            DeviceSeen(device.id, device.label, device.at, device.seen, device.id == identity.login)
            for device in await self._devices.of(identity)
        ]
        return json_of(DevicesSeen(seen))

    async def end_device(self, request: Request) -> Response:
        check_origin(request, self._settings)
        asked = await read_body(request, Leaving)
        identity, community, _ = await self._account(request)
        self._count(community, identity.person)
        await self._devices.end(identity, asked.id)
        left = json_of(Left())
        return self._entries.left(request, community, left) if asked.id == identity.login else left

    async def end(self, request: Request) -> Response:
        """Sign out here, or on all other devices, with all links."""
        check_origin(request, self._settings)
        asked = await read_body(request, Ending)
        identity, community, _ = await self._account(request)
        self._count(community, identity.person)
        if not asked.everywhere:
            await self._logins.sign_out(identity)
            return self._entries.left(request, community, json_of(Left()))
        person = await self._communities.person(community, identity.person)
        label = await self._devices.label_of(identity)
        given = await self._logins.sign_out_everywhere(identity, tail(community), label)
        return await self._entries.answer(request, community, person, given)

    # Invitations.

    async def invitation(self, request: Request) -> Response:
        """The link of an invitation, for whoever animates: it lies nowhere, and is told again to any of them."""
        identity, community, channel = await self._account(request)
        if role_in(channel, identity.person) not in (ANIMATOR, LEADER):
            raise Refusal(Code.FORBIDDEN, "expected an animator of the community")
        invitation = await self._communities.invitation(community, request.path_params["invitation"])
        secret = invitation_secret(self._tokens, community, invitation.id)
        return json_of(Linked(f"{base_url(request, self._settings)}/i/#{secret}"))

    async def open(self, request: Request) -> Response:
        """What an invitation is, for whoever has its secret; nothing is used by it."""
        check_origin(request, self._settings)
        asked = await read_body(request, Opening)
        community, id = await self._named(request, asked.invitation)
        invited = await self._communities.invited(community, id)
        record = await self._communities.community(community)
        return json_of(
            Opened(
                community,
                record.title,
                record.langs,
                invited.by,
                invited.invitation.asks,
                invited.invitation.ends,
                invited.invitation.domains,
            )
        )

    async def use(self, request: Request) -> Response:
        check_origin(request, self._settings)
        asked = await read_body(request, Using)
        community, id = await self._named(request, asked.invitation)
        name, domain = clean_name(asked.name), _domain_of(asked.address)
        if not self._attempts.may_join(address_of(request), community):
            raise Refusal(
                Code.RATE_LIMITED, "expected fewer newcomers to one community from one address: wait a little"
            )
        arrive = Arrive(self._tokens.entrant(community, asked.key), name, invitation=id, domain=domain)
        person = await self._communities.come(community, key=asked.key, arrive=arrive)
        return await self._entries.arrived(request, community, person, key=asked.key, label=asked.label)

    async def come(self, request: Request) -> Response:
        """A member of a workshop comes into the community from which it was opened, as who they are there."""
        check_origin(request, self._settings)
        room, asked = request.path_params["room"], await read_body(request, Coming)
        bearer, _ = await entered(request, self._logins, self._admission, room)
        if bearer.scope != room or bearer.issuer is not None:
            # What an integrator vouches for lasts for a day; and an account is there already.
            raise Refusal(
                Code.FORBIDDEN, "expected the token of a member that this server has signed for this workshop"
            )
        community, record = await self._rooms.community(room), await self._rooms.member(room, bearer.person)
        if not community or record is None:
            raise Refusal(Code.NOT_FOUND, "expected a workshop that was opened from a community")
        self._count(community, bearer.person)
        ended = await self._rooms.ended(room)
        asks = ended is not None and self._devices.now() >= ended + COMING
        arrive = Arrive(bearer.person, record.name, room=room, asks=asks)
        person = await self._communities.come(community, key=asked.key, arrive=arrive)
        return await self._entries.arrived(request, community, person, key=asked.key, label=asked.label)

    async def _named(self, request: Request, secret: str) -> Named:
        """The invitation of a secret; one that was never given is answered as one that has ended."""

        async def find() -> Named:
            named = read_invitation(self._tokens, secret)
            if named is None:
                raise Refusal(Code.INVITATION_OVER)
            return named

        return await self._tries.right(request, secret, find)

    # Who asks.

    async def _account(self, request: Request) -> tuple[Identity, str, Channel]:
        """Who asks, on a device on which they are in this community.

        Raises:
            Refusal: `unauthorized`, `expired`; `unknown_room` where they are not in it.
        """
        identity, community = self._logins.identify(bearer_of(request)), stream_of("community", request)
        return identity, community, await self._admission.enter(identity, community)

    def _count(self, community: str, person: str) -> None:
        """
        Raises:
            Refusal: `rate_limited`: what is given and ended without end would be looked through by everybody.
        """
        self._changes.count(f"{community} {person}")


def _domain_of(address: str) -> str:
    """What the address that somebody gave ends with; "" where they gave none. Nothing else of it is kept.

    Raises:
        Refusal: `address_invalid`.
    """
    if not address.strip():
        return ""
    read = read_address(address)
    if read is None:
        raise Refusal(Code.ADDRESS_INVALID)
    return read.domain
