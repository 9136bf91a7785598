"""Logins and links: given, shown again, exchanged and ended.

A login is one person on one device with one scope. Its tokens say all that a join needs, so none costs a query; what they cannot say
is that it has ended. That lies in the table, and each worker looks there every moment for those that ended of late: longer ago than a
token lives need not be remembered.
"""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple

from protocol.errors import Code, Refusal
from server.accounts.gathered import Gathered
from server.accounts.port import Accounts, Link, Login
from server.accounts.tokens import ACCESS_SECONDS, LATE_SECONDS, LEEWAY_SECONDS, Identity, Tokens, is_signed
from server.journal.port import JournalError

log = logging.getLogger("palabre.accounts")

LOOK: Final = 0.7
"""Seconds between two looks for logins that have ended."""

OVERLAP: Final = 60_000
"""Milliseconds of the past that each look takes in again: clocks of workers differ, and what was noted first may be seen last."""

REMEMBERED: Final = (ACCESS_SECONDS + LEEWAY_SECONDS) * 1000 + OVERLAP
"""Milliseconds for which an ended login is remembered: until its last token has expired."""

SWEEP: Final = 3600.0
"""Seconds between two sweeps of logins that are out of use."""

SECRET_BYTES: Final = 24

_ENDED: Final = "expected a login that has not been ended"


class Given(NamedTuple):
    """What somebody is let in with: an access token, and the secret of the link that restores them; "" for a screen."""

    token: str
    secret: str


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
        self._cut: Callable[[Collection[str]], None] = lambda _: None
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
        if identity.login in self._ended:
            raise Refusal(Code.UNAUTHORIZED, _ENDED)
        return identity

    # What is given.

    async def sign_in(self, person: str, scope: str, *, code: str = "", key: str = "") -> Given:
        """Give somebody a login.

        Args:
            code: of the room, for a link that restores them; "" for none.
            key: of the entry, which gives the same link each time it is tried (SPEC H9).
        """
        login = Login(secrets.token_urlsafe(16), person, scope, self._now())
        secret = self._new_secret(scope, person, key) if code else ""
        link = Link(_hash(secret), person, scope, code, False, self._now()) if secret else None
        await self._writing.add(_Kept(login, link))
        return Given(self._tokens.mint(login), secret)

    def _new_secret(self, scope: str, person: str, key: str) -> str:
        if key:
            return self._tokens.drawn("link", scope, person, key)[:SECRET_BYTES].hex()
        return secrets.token_urlsafe(SECRET_BYTES)

    async def new_link(self, person: str, stream: str, code: str, *, claims: bool = False) -> str:
        """The secret of a link that restores a person; `claims`: that makes its bearer this member of a file (SPEC N4)."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        await self._writing.add(_Kept(None, Link(_hash(secret), person, stream, code, claims, self._now())))
        return secret

    async def link(self, secret: str) -> Link:
        """What a link restores, one of before too.

        Raises:
            Refusal: `unauthorized` or `expired`.
        """
        if not is_signed(secret):
            link = await self._accounts.link(_hash(secret))
            if link is None:
                raise Refusal(Code.UNAUTHORIZED, "expected a link of this server that has not been ended")
            return link
        said = self._tokens.verify_link(secret)
        link = Link(_hash(secret), said.member, said.room, said.code, said.claims, self._now())
        if await self._accounts.is_ended([link.digest, _of_before(said.member, said.room).digest]):
            raise Refusal(Code.UNAUTHORIZED, "expected a link that has not been ended")
        return link

    async def exchange(self, token: str) -> tuple[Identity, Login]:
        """The login of a token, which may have expired; one of before there were any gets one.

        Raises:
            Refusal: `unauthorized`, `expired`; `forbidden` for an integrator's.
        """
        identity = self._tokens.verify(token, late=LATE_SECONDS)
        if identity.issuer is not None:
            raise Refusal(
                Code.FORBIDDEN, "expected a token of this server; ask the application that signed yours for another"
            )
        if not identity.login:
            if await self._accounts.is_ended([_of_before(identity.person, identity.scope).digest]):
                raise Refusal(Code.UNAUTHORIZED, _ENDED)
            login = Login(secrets.token_urlsafe(16), identity.person, identity.scope, self._now())
            await self._writing.add(_Kept(login, None))
            return identity, login
        found = await self._accounts.login(identity.login)
        if found is None:
            raise Refusal(Code.UNAUTHORIZED, _ENDED)
        return identity, found

    async def renew(self, login: Login) -> str:
        """A fresh token of a login."""
        await self._accounts.renewed(login.id, self._now())
        return self._tokens.mint(login)

    # What ends.

    async def sign_out(self, identity: Identity) -> None:
        """End the login of this token: it, and all others that it was exchanged for, are good no more, on no worker."""
        if not identity.login:
            raise Refusal(Code.FORBIDDEN, "expected a token of a login of this server")
        await self._accounts.end_login(identity.login, self._now())
        self._note([identity.login])

    async def sign_out_others(self, identity: Identity) -> None:
        """End all other logins of this person with this scope, and all links."""
        if not identity.login:
            raise Refusal(Code.FORBIDDEN, "expected a token of a login of this server")
        person, scope, now = identity.person, identity.scope, self._now()
        await self._accounts.end_links(person, scope, now)
        await self._accounts.end_link(_of_before(person, scope), now)
        self._note(await self._accounts.end_logins(person, scope, now, but=identity.login))

    async def end_link(self, link: Link) -> None:
        """A link that whoever has it gives up: who comes with it comes no more."""
        await self._accounts.end_link(link, self._now())

    # What ended elsewhere.

    async def watch(self, cut: Callable[[Collection[str]], None]) -> None:
        """Look for logins that end, on whatever worker, for as long as this runs.

        Args:
            cut: ends what goes on under these logins.
        """
        self._cut = cut
        since, sweep = self._now() - REMEMBERED, asyncio.get_running_loop().time() + SWEEP
        while True:
            try:
                began = self._now()
                self._note([each.id for each in await self._accounts.ended_since(since)])
                since = began - OVERLAP
                if asyncio.get_running_loop().time() >= sweep:
                    sweep += SWEEP
                    await self._accounts.forget(self._now() - (ACCESS_SECONDS + LATE_SECONDS) * 1000)
            except JournalError as error:
                log.debug("the database is away: %s", error)  # each room says so itself
            await asyncio.sleep(LOOK)

    def _note(self, ids: Sequence[str]) -> None:
        now = self._now()
        fresh = [id for id in ids if id not in self._ended]
        if not fresh:
            return
        self._ended = {id: until for id, until in self._ended.items() if until > now}
        self._ended.update(dict.fromkeys(fresh, now + REMEMBERED))
        self._cut(fresh)


def _hash(secret: str) -> bytes:
    """A secret has as many bits as its hash can tell apart, so it needs no salt."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


def _of_before(person: str, stream: str) -> Link:
    """Stands for all links, and tokens, of before of a person to a room: these have no rows."""
    return Link(_hash(f"links of before\0{person}\0{stream}"), person, stream, "", False, 0)
