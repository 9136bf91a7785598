"""The API: making, joining and coming back to rooms (SPEC.md, H)."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import quote
from weakref import WeakValueDictionary

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from play.lines import BOOKS
from protocol.choices import Lang
from protocol.commands import AddStep, RenameMember
from protocol.errors import Code, Refusal
from protocol.records import RoomRecord
from protocol.text import undirected
from protocol.version import IMAGE_BYTES, TITLE_CHARS
from server.accounts.logins import Logins
from server.accounts.port import ACCOUNT, Accounts, Bearer
from server.accounts.tokens import Tokens, is_signed, new_id
from server.admission.admission import Admission, role_in
from server.admission.rooms import Rooms
from server.config import Settings
from server.erasure.leaving import Leaving
from server.images.port import ImageStore
from server.journal.port import Journal
from server.live.hub import Hub
from server.model.text import clean, clean_name
from server.rehearsal import Rehearsals
from server.web.agenda import Agenda, agenda_of
from server.web.albums import kept_anew, pictures_on
from server.web.codes import Attempts, read_code
from server.web.files import FILE_BYTES, FILE_VERSION, File, brought_in, with_images
from server.web.founding import EntryKey, Founding, OnceKey, founding
from server.web.links import Links, base_url, host_links, minutes_links, personal_links, screen_links, shown_links
from server.web.metrics import Metrics
from server.web.offload import Offload
from server.web.reads import LOGINS, Reads
from server.web.request import address_of, bearer_of, check_origin, entered, entry_key_of, json_of, read_body, received
from server.web.templates import AGENDAS, DEMONSTRATED, TEMPLATES, Template
from server.wire.limits import LargeBody

T = TypeVar("T", bound=Struct)

LARGE_BODIES: Final = {
    ("POST", "/api/import"): LargeBody(FILE_BYTES),
    # A seminar has one address, and takes its pictures at the same time.
    ("POST", "/api/rooms/*/images"): LargeBody(IMAGE_BYTES, at_once=64, of_one=64),
}
"""What the wire lets through beyond the bound of all other bodies (H, N)."""

_REHEARSAL: Final[dict[Lang, str]] = {"fr": "Répétition", "en": "Rehearsal"}
_VISITOR: Final[dict[Lang, str]] = {"fr": "Vous", "en": "You"}
"""What somebody is called who has given no name."""


class NewRoom(Struct, frozen=True, omit_defaults=True):
    """
    Attributes:
        agenda: one that was kept as a file (N5), in the place of a template's.
        community: from which somebody with an account opens it.
    """

    title: str
    name: str
    lang: Lang = "fr"
    template: str = ""
    key: EntryKey = ""
    agenda: dict[str, Any] | None = None
    community: Annotated[str, Meta(pattern=r"^(?:community:[A-Za-z0-9_-]{12,64})?\Z")] = ""


class AgendaFile(Struct, frozen=True):
    agenda: dict[str, Any]


class Watching(Struct, frozen=True):
    """Somebody would like to see a workshop, and fills in nothing."""

    lang: Lang = "fr"


class Joining(Struct, frozen=True):
    code: str
    name: str
    key: EntryKey = ""


class Coded(Struct, frozen=True):
    code: str


class Returning(Struct, frozen=True):
    link: str
    key: EntryKey = ""


class Claiming(Struct, frozen=True):
    """The personal link of another room of this server, shown at the door of one that was made from its file."""

    code: str
    link: str
    key: OnceKey


class Claimed(Struct, frozen=True):
    member: str


class Sharing(Struct, frozen=True):
    """Attributes: shared: give the link that reads the minutes, or take it back; None: tell of it."""

    shared: bool | None = None


class Given(Struct, frozen=True, omit_defaults=True):
    links: Links
    token: str = ""


class Ending(Struct, frozen=True):
    """Attributes: everywhere: all logins and links of this person in this room, and not this one alone."""

    everywhere: bool = False


class Erasing(Struct, frozen=True):
    """Attributes: texts: what becomes of those under this person's name: they stay, unsigned, or go."""

    texts: Literal["keep", "remove"] = "keep"


class Erased(Struct, frozen=True):
    """How many commits were rewritten, and of how many texts this person was the author."""

    commits: int
    texts: int


class Integrator(Struct, frozen=True):
    name: str


class Me(Struct, frozen=True):
    id: str
    name: str
    role: str


class Door(Struct, frozen=True):
    """What stands on the door of a room, for whoever has its code and has not given a name yet."""

    code: str
    title: str
    lang: str
    door: bool
    away: bool


class Entry(Struct, frozen=True, omit_defaults=True):
    """How someone gets into a room; a screen is nobody and has no `me`."""

    room: str
    code: str
    token: str
    me: Me | None = None
    links: Links | None = None


class Refreshed(Struct, frozen=True):
    token: str
    expires: int


class Templates(Struct, frozen=True):
    """Attributes: open, communities: whether anybody may create a workshop, or a community, here."""

    templates: Sequence[Template]
    open: bool
    communities: bool


class Api:
    """The routes under `/api`, on the floors that they need."""

    def __init__(
        self,
        settings: Settings,
        tokens: Tokens,
        logins: Logins,
        accounts: Accounts,
        journal: Journal,
        hub: Hub,
        admission: Admission,
        rooms: Rooms,
        metrics: Metrics,
        rehearsals: Rehearsals,
        reads: Reads,
        leaving: Leaving,
        attempts: Attempts,
        images: ImageStore | None = None,
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._logins = logins
        self._accounts = accounts
        self._journal = journal
        self._hub = hub
        self._admission = admission
        self._rooms = rooms
        self._metrics = metrics
        self._rehearsals = rehearsals
        self._reads = reads
        self._leaving = leaving
        self._images = images
        self._erasing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._attempts = attempts
        self._changes = Reads(LOGINS)
        self._files = Offload()

    def routes(self) -> list[Route]:
        return [
            Route("/api/rooms", self.create, methods=["POST"]),
            Route("/api/demonstration", self.demonstrate, methods=["POST"]),
            Route("/api/templates", self.templates, methods=["GET"]),
            Route("/api/agenda", self.agenda, methods=["POST"]),
            Route("/api/code", self.door, methods=["POST"]),
            Route("/api/join", self.join, methods=["POST"]),
            Route("/api/screen", self.screen, methods=["POST"]),
            Route("/api/link", self.link, methods=["POST"]),
            Route("/api/claim", self.claim, methods=["POST"]),
            Route("/api/rooms/{room}/claims", self.invite_back, methods=["POST"]),
            Route("/api/rooms/{room}/minutes", self.share, methods=["POST"]),
            Route("/api/links/end", self.end_link, methods=["POST"]),
            Route("/api/rooms/{room}/integrators", self.register, methods=["POST"]),
            Route("/api/refresh", self.refresh, methods=["POST"]),
            Route("/api/logins/end", self.sign_out, methods=["POST"]),
            Route("/api/rooms/{room}/erase", self.erase, methods=["POST"]),
            Route("/api/rooms/{room}/rehearsal", self.rehearse, methods=["POST"]),
            Route("/api/rooms/{room}/export.json", self.export, methods=["GET"]),
            Route("/api/import", self.bring, methods=["POST"]),
        ]

    async def create(self, request: Request) -> Response:
        self._check_origin(request)
        asked = await read_body(request, NewRoom)
        opener = await self._opener(request, asked.community)
        if opener is None:
            self._check_open(request)
        # Checked here before a code is given away, and again by the room, whose rule it is.
        name, title = clean_name(asked.name), clean(asked.title, TITLE_CHARS)
        steps = _steps(asked)
        self._count_creation(request)
        founded = founding(self._tokens, asked.key, (opener or "").encode() + msgspec.json.encode(asked))
        if opener is not None:
            founded = founded._replace(member=opener)
        code = await self._new_room(request, founded, name, title, asked.lang, community=asked.community)
        if steps:
            await self._fill(founded.room, founded.member, steps)
        return await self._founded(request, founded, code, asked.key)

    async def _opener(self, request: Request, community: str) -> str | None:
        """Who opens a workshop from a community; None where it is opened from none.

        Raises:
            Refusal: `unknown_room` where they are not in it.
        """
        if not community:
            return None
        bearer = self._logins.identify(bearer_of(request))
        await self._admission.enter(bearer, community)
        return bearer.person

    async def rehearse(self, request: Request) -> Response:
        """A new room with the agenda of a host's, and people who only seem to be there (H6)."""
        self._check_origin(request)
        room = request.path_params["room"]
        me = await self._host(request, room)
        self._rehearsals.check_free()
        records = await self._rooms.records(room, member=me.id)
        planned = await self._rooms.room(room)
        lang: Lang = "en" if planned.lang == "en" else "fr"
        title = f"{_REHEARSAL[lang]} · {planned.title}"[:TITLE_CHARS]
        self._count_creation(request)
        founded = founding(self._tokens, "", b"")
        code = await self._new_room(request, founded, me.name, title, lang)
        await self._rehearsals.begin(founded.room, founded.member, lang, records)
        return await self._founded(request, founded, code, "")

    async def demonstrate(self, request: Request) -> Response:
        """A new room in which people who only seem to be there are led through a workshop, for whoever looks on as its other host (H15)."""
        self._check_origin(request)
        self._check_open(request)
        lang = (await read_body(request, Watching)).lang
        self._rehearsals.check_free_to_show()
        if not self._attempts.may_watch(address_of(request)):
            raise Refusal(Code.RATE_LIMITED, "expected fewer demonstrations from one address: wait a little")
        founded = founding(self._tokens, "", b"")
        code = await self._new_room(request, founded, _VISITOR[lang], BOOKS[lang].title, lang)
        await self._fill(founded.room, founded.member, _added(AGENDAS[DEMONSTRATED], lang))
        self._rehearsals.demonstrate(founded.room, lang)
        me = await self._me(founded.room, founded.member)
        # No link: it would open for good what is looked at once.
        given = await self._logins.sign_in(me.id, founded.room)
        return json_of(Entry(founded.room, code, given.token, me, shown_links(self._page(request, code))), 201)

    async def _new_room(
        self,
        request: Request,
        founded: Founding,
        name: str,
        title: str,
        lang: Lang,
        origin: str = "",
        community: str = "",
    ) -> str:
        """Make a room, or find it made by an earlier try; returns its code. An integrator who asks is registered for it."""
        room, member, codes = founded
        code = await self._claim_code(room, codes)
        await self._rooms.create(
            room, member=member, name=name, title=title, code=code, lang=lang, origin=origin, community=community
        )
        self._attempts.right(address_of(request), code)
        issuer = self._integrator(request)
        if issuer is not None:
            await self._accounts.grant(issuer, room, self._hub.now())
        return code

    async def _founded(self, request: Request, founded: Founding, code: str, key: str) -> Response:
        me = await self._me(founded.room, founded.member)
        given = await self._logins.sign_in(me.id, founded.room, code=code, key=key)
        links = host_links(self._page(request, code), given.secret)
        return json_of(Entry(founded.room, code, given.token, me, links), 201)

    def _check_open(self, request: Request) -> None:
        """
        Raises:
            Refusal: `forbidden`, where not everybody may create workshops (`PALABRE_OPEN`), and who asks shows no token of an integrator's host.
        """
        if "workshops" not in self._settings.open and self._integrator(request) is None:
            raise Refusal(
                Code.FORBIDDEN, "expected a host's token of an integrator: not everybody may create workshops here"
            )

    def _integrator(self, request: Request) -> str | None:
        """Whose host asks, if it is one of an integrator's."""
        try:
            bearer = self._logins.identify(bearer_of(request))
        except Refusal:
            return None
        return bearer.issuer if bearer.role == "host" else None

    def _count_creation(self, request: Request) -> None:
        """
        Raises:
            Refusal: `rate_limited`.
        """
        if not self._attempts.may_create(address_of(request)):
            raise Refusal(Code.RATE_LIMITED, "expected fewer new rooms from one address: wait a little")

    def _count_join(self, request: Request, room: str) -> None:
        """
        Raises:
            Refusal: `rate_limited`.
        """
        if not self._attempts.may_join(address_of(request), room):
            raise Refusal(Code.RATE_LIMITED, "expected fewer newcomers to one room from one address: wait a little")

    def _count_login(self, room: str, person: str) -> None:
        """
        Raises:
            Refusal: `rate_limited`: what is given and ended without end would be looked through by everybody.
        """
        self._changes.count(f"{room} {person}")

    async def _fill(self, room: str, member: str, steps: Sequence[AddStep]) -> None:
        """Give a new room an agenda: commands of its host like any other, and one commit."""
        channel = await self._hub.channel(room)
        await asyncio.gather(
            *(self._hub.submit(channel, member, f"template-{n}", step) for n, step in enumerate(steps, 1))
        )

    async def templates(self, request: Request) -> Response:
        """Agendas to begin with, in one language (H5)."""
        lang = request.query_params.get("lang", "fr")
        for known, templates in TEMPLATES.items():
            if lang == known:
                opens = self._settings.open
                return json_of(Templates(templates, "workshops" in opens, "communities" in opens))
        raise Refusal(Code.INVALID, f"expected `lang` to be one of {', '.join(TEMPLATES)}; got {lang[:40]!r}")

    async def agenda(self, request: Request) -> Response:
        """A file that holds an agenda, as a room would take it, before anybody keeps it or opens a room with it (N5)."""
        self._check_origin(request)
        return json_of(agenda_of((await read_body(request, AgendaFile)).agenda))

    async def door(self, request: Request) -> Response:
        """Where a code leads: nobody types his name for a code that does not exist (H7)."""
        self._check_origin(request)
        asked = await read_body(request, Coded)
        code, room = await self._room_of(request, asked.code)
        record = await self._rooms.room(room)
        return json_of(Door(code, record.title, record.lang, record.door, await self._rooms.some_are_away(room)))

    async def join(self, request: Request) -> Response:
        self._check_origin(request)
        asked = await read_body(request, Joining)
        name = clean_name(asked.name)
        code, room = await self._room_of(request, asked.code)
        self._count_join(request, room)
        member = self._tokens.entrant(room, asked.key) if asked.key else new_id("member")
        await self._rooms.enter(room, member=member, name=name)
        me = await self._me(room, member)
        if me.name != name:
            # An earlier try has been granted under another name: this is the one that is meant.
            await self._hub.submit(await self._hub.channel(room), member, secrets.token_urlsafe(16), RenameMember(name))
            me = await self._me(room, member)
        return await self._entry(request, room, code, me, key=asked.key)

    async def screen(self, request: Request) -> Response:
        """A screen, for a host, or for whoever has the code while the door is open (H10)."""
        self._check_origin(request)
        asked = await read_body(request, Coded)
        code, room = await self._room_of(request, asked.code)
        self._count_join(request, room)
        screen = new_id("screen")
        await self._rooms.open_screen(room, screen=screen, host=await self._is_hosted(request, room))
        given = await self._logins.sign_in(screen, room)
        return json_of(Entry(room, code, given.token, links=screen_links(self._page(request, code))))

    async def _is_hosted(self, request: Request, room: str) -> bool:
        """Whether whoever asks shows the token of a host of this room; one of another room, or an old one, is none."""
        try:
            await self._host(request, room)
        except Refusal:
            return False
        return True

    async def link(self, request: Request) -> Response:
        self._check_origin(request)
        asked = await read_body(request, Returning)
        link, at = await self._logins.link(asked.link)
        if link.claims:
            if not asked.key:
                raise Refusal(
                    Code.INVALID, "expected `key`: this link works once, and again with the key of that time alone"
                )
            await self._rooms.claim(link.stream, member=link.person, key=asked.key)
        self._attempts.right(address_of(request), link.code)
        me = await self._me(link.stream, link.person)
        self._count_login(link.stream, link.person)
        if link.claims or is_signed(asked.link):
            return await self._entry(request, link.stream, link.code, me, key=asked.key, at=at)
        given = await self._logins.sign_in(me.id, link.stream, at=at)
        links = personal_links(self._page(request, link.code), asked.link)
        return json_of(Entry(link.stream, link.code, given.token, me, links))

    async def end_link(self, request: Request) -> Response:
        """A link is given up by whoever has it: another takes the place of a personal one (H14)."""
        self._check_origin(request)
        asked = await read_body(request, Returning)
        link, at = await self._logins.link(asked.link)
        self._count_login(link.stream, link.person)
        await self._logins.end_link(link)
        if link.claims:
            return json_of(Given(Links()))
        me = await self._me(link.stream, link.person)
        secret = await self._logins.new_link(me.id, link.stream, link.code, at=at)
        return json_of(Given(personal_links(self._page(request, link.code), secret)))

    async def claim(self, request: Request) -> Response:
        """Be again who one was in the room from whose file this one was made (N4)."""
        self._check_origin(request)
        asked = await read_body(request, Claiming)
        link, _ = await self._logins.link(asked.link)
        if link.claims:
            raise Refusal(Code.FORBIDDEN, "expected a personal link")
        code, room = await self._room_of(request, asked.code)
        self._count_join(request, room)
        # Whoever brings a file says himself who he is in it: a link of the room that he makes so is proof of that in no other.
        if link.stream != await self._rooms.origin(room):
            raise Refusal(Code.FORBIDDEN, "expected a personal link of the room that this one was made from")
        await self._rooms.claim(room, member=link.person, key=asked.key)
        return await self._entry(request, room, code, await self._me(room, link.person), key=asked.key)

    async def invite_back(self, request: Request) -> Response:
        """A link for somebody of the file, from a host who knows him (N4)."""
        self._check_origin(request)
        room = request.path_params["room"]
        asked = await read_body(request, Claimed)
        await self._host(request, room)
        record = await self._rooms.member(room, asked.member)
        if record is None or not record.away:
            raise Refusal(Code.FORBIDDEN, "expected a member of the file, as whom nobody is here yet")
        code = (await self._rooms.room(room)).code
        secret = await self._logins.new_link(record.id, room, code, claims=True)
        return json_of(Given(personal_links(self._page(request, code), secret)))

    async def share(self, request: Request) -> Response:
        """The link that reads a room's minutes, and opens nothing else: told, given or taken back by a host (H16)."""
        self._check_origin(request)
        room = request.path_params["room"]
        asked = await read_body(request, Sharing)
        me = await self._host(request, room)
        self._count_login(room, me.id)
        code = (await self._rooms.room(room)).code
        if asked.shared is False:
            await self._logins.end_reading_link(room)
        elif asked.shared:
            await self._logins.new_reading_link(room, code)
        secret = await self._logins.reading_link(room)
        return json_of(Given(minutes_links(self._page(request, code), secret)))

    async def register(self, request: Request) -> Response:
        """An integrator may sign tokens for this room from now on, as its host says (H12)."""
        self._check_origin(request)
        room = request.path_params["room"]
        asked = await read_body(request, Integrator)
        await self._host(request, room)
        if asked.name not in self._settings.integrators:
            raise Refusal(Code.INVALID, "expected `name` to be an integrator registered in PALABRE_KEYS")
        await self._accounts.grant(asked.name, room, self._hub.now())
        return json_of(asked)

    async def refresh(self, request: Request) -> Response:
        """A fresh token of a login, for one that still holds or did not long ago."""
        self._check_origin(request)
        bearer, login = await self._logins.exchange(bearer_of(request))
        if login.cookie:
            # Else whoever got hold of a page's token would have it for good.
            raise Refusal(
                Code.FORBIDDEN, "expected the cookie of this device: `POST /api/communities/{community}/session`"
            )
        if bearer.is_screen:
            await self._rooms.keep_screen(bearer.scope, screen=bearer.person)
        elif bearer.scope != ACCOUNT:
            await self._admission.enter(bearer, bearer.scope)
        token = await self._logins.renew(login)
        return json_of(Refreshed(token, self._logins.identify(token).expires))

    async def sign_out(self, request: Request) -> Response:
        """Leave this device, or all others (H14)."""
        self._check_origin(request)
        asked = await read_body(request, Ending)
        bearer = self._logins.identify(bearer_of(request))
        self._count_login(bearer.scope, bearer.person)
        if not asked.everywhere:
            await self._logins.sign_out(bearer)
            return json_of(Given(Links()))
        alone = bearer.is_screen or bearer.scope == ACCOUNT or not bearer.login
        code = "" if alone else (await self._rooms.room(bearer.scope)).code
        given = await self._logins.sign_out_everywhere(bearer, code)
        links = personal_links(self._page(request, code), given.secret) if code else Links()
        return json_of(Given(links, given.token))

    async def erase(self, request: Request) -> Response:
        """Whoever asks is taken out of a room, for good (O6)."""
        self._check_origin(request)
        asked = await read_body(request, Erasing)
        room = request.path_params["room"]
        # One after the other: who asks twice, or is the last host by now, is asked anew.
        async with self._erasing.setdefault(room, asyncio.Lock()):
            bearer, channel = await entered(request, self._logins, self._admission, room)
            if bearer.is_screen:
                raise Refusal(Code.FORBIDDEN, "expected a member: a screen is nobody")
            self._count_login(room, bearer.person)
            roles = channel.room.model.memberships(channel.room.layers.state)
            hosts = [person for person, role in roles.items() if role == "host"]
            if hosts == [bearer.person] and len(roles) > 1:
                raise Refusal(Code.FORBIDDEN, "expected another host: make somebody one first")
            receipt = await self._leaving.erase(bearer.person, room, removes=asked.texts == "remove")
            if receipt.unreadable:
                raise Refusal(Code.INTERNAL, "this room's history cannot be read here")
            # So that here nobody reads the name any more once this is answered; elsewhere the bell rings.
            await (await self._hub.channel(room)).room.refresh()
        return json_of(Erased(sum(each.commits for each in receipt.erased), sum(each.texts for each in receipt.erased)))

    async def export(self, request: Request) -> Response:
        """The records that the bearer may see: the same as his own snapshot, and from the same place."""
        room = request.path_params["room"]
        bearer = await self._bearer(request, room)
        self._reads.count(bearer.seat)
        records = await self._rooms.records(room, member=bearer.person)
        file = File(FILE_VERSION, room, bearer.person, int(time.time() * 1000), records)
        body = msgspec.json.encode(file)
        if images := await pictures_on(self._images, room, records, FILE_BYTES - len(body)):
            body = msgspec.json.encode(replace(file, images=images))
        title = next((record.title for record in records if isinstance(record, RoomRecord)), "")
        name = quote(f"{undirected(title) or 'Palabre'}.json", safe="")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
        return Response(body, 200, headers, "application/json")

    async def bring(self, request: Request) -> Response:
        """A new room like the one that a file was exported from, with whoever exported it as its host (N)."""
        self._check_origin(request)
        self._check_open(request)
        key = entry_key_of(request)
        self._count_creation(request)
        try:
            async with received(request, FILE_BYTES) as path:
                self._attempts.has_weight(address_of(request), path.stat().st_size)
                file = await self._files.run(brought_in, path)
        except TimeoutError:
            raise Refusal(Code.TOO_LARGE, "expected a file that is looked through sooner") from None
        founded = founding(self._tokens, key, file.digest)._replace(member=file.member)
        # Its title and its language come with the file.
        code = await self._new_room(request, founded, file.name, file.name, "fr", file.room)
        channel = await self._hub.channel(founded.room)
        images = await kept_anew(self._images, self._files, founded.room, file.images, file.logos)
        for n, command in enumerate(file.commands, 1):
            told = with_images(command, images)
            await self._hub.submit(channel, file.member, f"import-{n}", told)
        return await self._founded(request, founded, code, key)

    async def _claim_code(self, room: str, codes: Sequence[str]) -> str:
        for code in codes:
            if await self._journal.claim_code(code, room):
                return code
        raise Refusal(Code.UNAVAILABLE, f"expected a free code within {len(codes)} tries")

    async def _room_of(self, request: Request, text: str) -> tuple[str, str]:
        """The code that someone typed and its room. Raises Refusal: `unknown_code` or `rate_limited`."""
        address, code = address_of(request), read_code(text)
        if not self._attempts.may_look_up(address, code or ""):
            self._metrics.count("codes_total", outcome="refused")
            raise Refusal(Code.RATE_LIMITED, "expected fewer wrong codes: wait a little, or open the room's link")
        room = None if code is None else await self._journal.room_of(code)
        if code is None or room is None:
            limited = self._attempts.wrong(address)
            self._metrics.count("codes_total", outcome="limited" if limited else "wrong")
            if limited:
                raise Refusal(Code.RATE_LIMITED, "expected fewer wrong codes: this one does not exist either")
            raise Refusal(Code.UNKNOWN_CODE)
        self._attempts.right(address, code)
        self._metrics.count("codes_total", outcome="right")
        return code, room

    async def room_of(self, request: Request, text: str) -> tuple[str, str]:
        """For routes of others that a code opens: as `POST /api/code` does, and with its bounds (H3)."""
        return await self._room_of(request, text)

    async def _me(self, room: str, member: str) -> Me:
        """
        Raises:
            Refusal: `removed`, or `unauthorized` where it never was a member.
        """
        record = await self._rooms.member(room, member)
        if record is None:
            raise Refusal(Code.UNAUTHORIZED, "expected someone who is still a member of the room")
        return Me(record.id, record.name, record.role)

    async def _bearer(self, request: Request, room: str) -> Bearer:
        """Who asks, a member of this room; see `entered`."""
        return (await entered(request, self._logins, self._admission, room))[0]

    async def _host(self, request: Request, room: str) -> Me:
        """Who asks, a host of this room.

        Raises:
            Refusal: `forbidden`.
        """
        bearer, channel = await entered(request, self._logins, self._admission, room)
        if role_in(channel, bearer.person) != "host":
            raise Refusal(Code.FORBIDDEN, "expected a host of the room")
        return await self._me(room, bearer.person)

    async def _entry(self, request: Request, room: str, code: str, me: Me, *, key: str, at: int = 0) -> Response:
        given = await self._logins.sign_in(me.id, room, code=code, key=key, at=at)
        return json_of(Entry(room, code, given.token, me, personal_links(self._page(request, code), given.secret)))

    def _page(self, request: Request, code: str) -> str:
        return f"{base_url(request, self._settings)}/r/{code}"

    def _check_origin(self, request: Request) -> None:
        check_origin(request, self._settings)


def _steps(asked: NewRoom) -> Sequence[AddStep]:
    """The agenda that a new room begins with.

    Raises:
        Refusal: `invalid`, when there is no such template, or an agenda beside it; what `agenda_of` does.
    """
    if asked.agenda is not None:
        if asked.template:
            raise Refusal(Code.INVALID, "expected `template` or `agenda`; got both")
        chosen = agenda_of(asked.agenda)
    elif not asked.template:
        return []
    elif asked.template in AGENDAS:
        chosen = AGENDAS[asked.template]
    else:
        names = ", ".join(AGENDAS)
        raise Refusal(Code.INVALID, f"expected `template` to be one of {names}; got {asked.template[:40]!r}")
    return _added(chosen, asked.lang)


def _added(agenda: Agenda, lang: Lang) -> Sequence[AddStep]:
    return [step.add(new_id("step")) for step in agenda.steps_in(lang)]
