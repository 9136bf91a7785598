"""Logins and links: given, shown again, exchanged and ended.

A login is one person on one device with one scope. Its tokens say all that a join needs, so none costs a query; what they cannot say
is that it has ended, by itself or with all that are as old. That lies in the tables, and each worker looks there every moment for what
ended of late: longer ago than a token lives need not be remembered.

Whatever is given for something else (a login for a link, a link for a login) is as old as that, or as old as the moment at which that
was looked at; so it ends with it, however the two cross on their way.
"""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from protocol.errors import Code, Refusal
from server.accounts.gathered import Gathered
from server.accounts.port import ACCOUNT, READER, Accounts, AllEnded, Bearer, Link, Login
from server.accounts.tokens import ACCESS_SECONDS, LATE_SECONDS, LEEWAY_SECONDS, Identity, Tokens, is_signed
from server.journal.port import JournalError

log = logging.getLogger("palabre.accounts")

LOOK: Final = 0.7
"""Seconds between two looks for what has ended."""

OVERLAP: Final = 60_000
"""Milliseconds of the past that each look takes in again: clocks of workers differ, and what was noted first may be seen last."""

REMEMBERED: Final = (ACCESS_SECONDS + LEEWAY_SECONDS) * 1000 + OVERLAP
"""Milliseconds for which an ended login is remembered: until its last token has expired."""

ALL_REMEMBERED: Final = 25 * ACCESS_SECONDS * 1000
"""Milliseconds for which it is remembered that all have: tokens of before there were logins lasted a day."""

AHEAD: Final = 15_000
"""Milliseconds beyond now up to which all are ended: longer than a statement may take, so that what was looked at before is over, too."""

SWEEP: Final = 3600.0
PAUSE: Final = 0.2
SWEPT: Final = 500
"""Seconds between two sweeps of what is out of use, and between their parts, each of so many rows: others write meanwhile."""

SECRET_BYTES: Final = 24

UNUSED_SECONDS: Final = 90 * 24 * 3600
"""How long a device that nobody uses stays one of somebody's with an account."""

_NO_LINK: Final = "expected a link of this server that has not been ended"
_ENDED: Final = "expected a login that has not been ended"

Cut = Callable[[Callable[[Bearer], bool]], None]
"""Ends what goes on for bearers of whom this is so."""


class Given(NamedTuple):
    """What somebody is let in with: an access token, the secret of the link that restores them, and that of the cookie; "" for none."""

    token: str
    secret: str
    cookie: str = ""


class _Kept(NamedTuple):
    login: Login | None
    link: Link | None


class Logins:
    """
    Args:
        now: milliseconds since 1970.
    """

    def __init__(self, tokens: Tokens, accounts: Accounts, now: Callable[[], int]) -> None:
        self._tokens = tokens
        self._accounts = accounts
        self._now = now
        self._ended: dict[str, int] = {}
        """Ids of logins, until when they are remembered (ms since 1970)."""
        self._all_ended: dict[tuple[str, str], int] = {}
        """By person and scope, up to which age all are over."""
        self._pruned = 0
        self._cut: Cut = lambda _: None
        self._writing = Gathered(self._keep)

    async def _keep(self, kept: Sequence[_Kept]) -> None:
        logins = [each.login for each in kept if each.login is not None]
        links = {each.link.digest: each.link for each in kept if each.link is not None}
        await self._accounts.keep(logins, list(links.values()))

    # Who is asking.

    def identify(self, token: str) -> Identity:
        """Whom a token names.

        Raises:
            Refusal: `unauthorized`, `expired`.
        """
        identity = self._tokens.verify(token)
        if self._is_over(identity):
            raise Refusal(Code.UNAUTHORIZED, _ENDED)
        return identity

    def _is_over(self, bearer: Bearer) -> bool:
        return bearer.login in self._ended or (
            bearer.issuer is None and self._all_ended.get((bearer.person, bearer.scope), -1) >= bearer.since
        )

    # What is given.

    async def sign_in(
        self, person: str, scope: str, *, code: str = "", key: str = "", at: int = 0, device: str | None = None
    ) -> Given:
        """Give somebody a login.

        Args:
            code: of the room, for a link that restores them (see `Link`); "" for none.
            key: of the entry, which gives the same link each time it is tried (SPEC H9), unless that was given up since.
            at: how old it is at least.
            device: what to call the device that a cookie restores; None: there is no cookie.
        """
        at = at or self._now()
        cookie = "" if device is None else secrets.token_urlsafe(SECRET_BYTES)
        login = Login(secrets.token_urlsafe(16), person, scope, at, hash_of(cookie) if cookie else b"", device or "")
        secret = self._new_secret(scope, person, key) if code else ""
        await self._writing.add(_Kept(login, Link(hash_of(secret), person, scope, code, False, at) if secret else None))
        if secret and key and await self._accounts.link(hash_of(secret)) is None:
            secret = await self.new_link(person, scope, code, at=at)
        return Given(self._tokens.mint(login), secret, cookie)

    def _new_secret(self, scope: str, person: str, key: str) -> str:
        if key:
            return self._tokens.drawn("link", scope, person, key)[:SECRET_BYTES].hex()
        return secrets.token_urlsafe(SECRET_BYTES)

    async def new_link(
        self, person: str, stream: str, code: str, *, claims: bool = False, at: int = 0, ends: int = 0
    ) -> str:
        """The secret of a link that restores a person.

        Args:
            claims: it makes its bearer this member of a file (SPEC N4).
            ends: until when it is good; 0: until somebody ends it.
        """
        secret = secrets.token_urlsafe(SECRET_BYTES)
        await self._writing.add(
            _Kept(None, Link(hash_of(secret), person, stream, code, claims, at or self._now(), ends))
        )
        return secret

    async def link(self, secret: str) -> tuple[Link, int]:
        """What a link of a room restores, one of before too; and how old is what it is given for.

        Raises:
            Refusal: `unauthorized` or `expired`.
        """
        looked = self._now()
        if not is_signed(secret):
            link = await self._good_link(secret, looked)
            if link.person == READER or link.stream == ACCOUNT:
                raise Refusal(Code.UNAUTHORIZED, _NO_LINK)
            return link, max(looked, link.at)
        said = self._tokens.verify_link(secret)
        link = Link(hash_of(secret), said.member, said.room, said.code, said.claims, 0)
        all_ended = await self._accounts.all_ended(said.member, said.room)
        if all_ended is not None or await self._accounts.is_ended(link.digest):
            raise Refusal(Code.UNAUTHORIZED, "expected a link that has not been ended")
        return link, looked

    async def account_link(self, secret: str) -> tuple[Link, int]:
        """Whose account a link opens; and how old is what it is given for.

        Raises:
            Refusal: `unauthorized`.
        """
        looked = self._now()
        link = await self._good_link(secret, looked)
        if link.stream != ACCOUNT:
            raise Refusal(Code.UNAUTHORIZED, _NO_LINK)
        return link, max(looked, link.at)

    async def _good_link(self, secret: str, now: int) -> Link:
        link = await self._accounts.link(hash_of(secret))
        if link is None or 0 < link.ends <= now:
            raise Refusal(Code.UNAUTHORIZED, _NO_LINK)
        return link

    # The one link of a stream that reads its minutes alone. Its secret follows from when the last one was taken back: so any worker
    # tells it to any host, two hosts who ask at once are given the same, and it lies nowhere.

    async def reading_link(self, stream: str) -> str | None:
        """Its secret; None where none is given."""
        secret, _ = await self._next_reading(stream)
        return secret if await self._accounts.link(hash_of(secret)) is not None else None

    async def new_reading_link(self, stream: str, code: str) -> None:
        """Give one, unless there is one."""
        secret, ended = await self._next_reading(stream)
        at = max(self._now(), ended + 1)
        await self._writing.add(_Kept(None, Link(hash_of(secret), READER, stream, code, False, at)))

    async def end_reading_link(self, stream: str) -> None:
        """Take it back: who comes by it reads nothing from now on, on no worker."""
        secret, _ = await self._next_reading(stream)
        link = await self._accounts.link(hash_of(secret))
        if link is None:
            return
        at = max(self._now(), link.at)
        await self._accounts.end_person(READER, [stream], at)
        await self._accounts.end_link(link, at)  # so that whoever still has it is told what became of it

    async def _next_reading(self, stream: str) -> tuple[str, int]:
        ended = await self._accounts.all_ended(READER, stream) or 0
        return self._new_secret(stream, READER, str(ended)), ended

    async def reading(self, secret: str) -> Link:
        """The link of this secret, that reads.

        Raises:
            Refusal: `removed`, where hosts have taken it back; `unauthorized`.
        """
        digest = hash_of(secret)
        link = await self._accounts.link(digest)
        if link is None and await self._accounts.is_ended(digest):
            raise Refusal(Code.REMOVED, "expected a link that the room's hosts have not taken back")
        if link is None or link.person != READER:
            raise Refusal(Code.UNAUTHORIZED, "expected a link that reads the minutes of a room")
        return link

    async def exchange(self, token: str) -> tuple[Identity, Login]:
        """The login of a token, which may have expired; one of before there were any may be given one (`renew`).

        Raises:
            Refusal: `unauthorized`, `expired`; `forbidden` for an integrator's.
        """
        identity = self._tokens.verify(token, late=LATE_SECONDS)
        if identity.issuer is not None:
            raise Refusal(
                Code.FORBIDDEN, "expected a token of this server; ask the application that signed yours for another"
            )
        if not identity.login:
            looked = self._now()
            if await self._accounts.all_ended(identity.person, identity.scope) is not None:
                raise Refusal(Code.UNAUTHORIZED, _ENDED)
            self.identify(token)  # it is taken until it ends, and not after
            return identity, Login("", identity.person, identity.scope, looked)
        found = await self._accounts.login(identity.login)
        if found is None:
            raise Refusal(Code.UNAUTHORIZED, _ENDED)
        return identity, found

    async def renew(self, login: Login) -> str:
        """A fresh token of a login."""
        if not login.id:
            return (await self.sign_in(login.person, login.scope, at=login.at)).token
        await self._accounts.renewed(login.id, self._now())
        return self._tokens.mint(login)

    # What ends.

    async def sign_out(self, identity: Identity) -> None:
        """End the login of this token: it, and all others that it was exchanged for, are good no more, on no worker."""
        _check_has_login(identity)
        await self.end(identity.login)

    async def end(self, id: str) -> None:
        """End a login, on whatever device it is."""
        await self._accounts.end_login(id, self._now())
        self._note([id], [])

    async def sign_out_everywhere(self, identity: Identity, code: str, device: str | None = None) -> Given:
        """End all logins and links of this person with this scope, and give a new login.

        Args:
            code: of the room, for a new link; "" for none.
            device: see `sign_in`.

        Raises:
            Refusal: `unauthorized`, where the one that asks has ended, perhaps a moment ago and elsewhere.
        """
        _check_has_login(identity)
        at = self._now() + AHEAD
        if not await self._accounts.end_all(Login(identity.login, identity.person, identity.scope, identity.since), at):
            raise Refusal(Code.UNAUTHORIZED, _ENDED)
        self._note([], [AllEnded(identity.person, identity.scope, at)])
        return await self.sign_in(identity.person, identity.scope, code=code, at=at + 1, device=device)

    async def end_link(self, link: Link) -> None:
        """A link that whoever has it gives up: who comes with it comes no more."""
        await self._accounts.end_link(link, self._now())

    # What ended elsewhere.

    async def watch(self, cut: Cut) -> None:
        """Look for what ends, on whatever worker, for as long as this runs; and sweep away what is out of use."""
        self._cut = cut
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look(), name="logins that end")
            group.create_task(self._sweep(), name="logins out of use")

    async def _look(self) -> None:
        since, all_since = self._now() - REMEMBERED, self._now() - ALL_REMEMBERED
        while True:
            try:
                began = self._now()
                ended, all_ended = await self._accounts.ended_since(since, all_since)
                self._note([each.id for each in ended], all_ended)
                since = all_since = began - OVERLAP
            except JournalError as error:
                log.debug("the database is away: %s", error)  # each room says so itself
            await asyncio.sleep(LOOK)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            now = self._now()
            before, unused = now - (ACCESS_SECONDS + LATE_SECONDS) * 1000, now - UNUSED_SECONDS * 1000
            try:
                swept = SWEPT
                while swept:
                    swept = await self._accounts.forget(before, unused, SWEPT)
                    await asyncio.sleep(PAUSE)
            except JournalError as error:
                log.debug("the database is away: %s", error)

    def _note(self, ids: Iterable[str], all_ended: Iterable[AllEnded]) -> None:
        now = self._now()
        fresh = {id: now + REMEMBERED for id in ids if id not in self._ended}
        whole = {(p, scope): at for p, scope, at in all_ended if self._all_ended.get((p, scope), -1) < at}
        if now - self._pruned > OVERLAP:
            self._pruned = now
            self._ended = {id: until for id, until in self._ended.items() if until > now}
            self._all_ended = {who: at for who, at in self._all_ended.items() if at + ALL_REMEMBERED > now}
        self._ended |= fresh
        self._all_ended |= whole
        if fresh or whole:
            self._cut(self._is_over)


def _check_has_login(identity: Identity) -> None:
    """
    Raises:
        Refusal: `forbidden`.
    """
    if not identity.login:
        raise Refusal(Code.FORBIDDEN, "expected a token of a login of this server")


def hash_of(secret: str) -> bytes:
    """A secret has as many bits as its hash can tell apart, so it needs no salt."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
