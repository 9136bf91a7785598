"""The devices of people with accounts: each a login that a cookie restores, for as long as it is used at least every ninety days.

A cookie is out of a page's reach, so whoever got hold of a page's token has it for an hour. Its secret lies hashed in the row of its login, and ends
with that: by itself, with all of a person's, or unused.
"""

from collections.abc import Callable

from protocol.errors import Code, Refusal
from server.accounts.logins import UNUSED_SECONDS, Given, Logins, hash_of
from server.accounts.port import ACCOUNT, Accounts, Device, Link, Login
from server.accounts.tokens import Identity

LABEL_CHARS = 80
"""Of what a device is called; the rest is cut, as browsers say much of themselves."""


class Devices:
    """
    Args:
        now: milliseconds since 1970.
    """

    def __init__(self, logins: Logins, accounts: Accounts, now: Callable[[], int]) -> None:
        self._logins = logins
        self._accounts = accounts
        self.now = now

    async def add(self, person: str, label: str, *, code: str = "", key: str = "", at: int = 0) -> Given:
        """Sign somebody in on one more device; see `Logins.sign_in`."""
        return await self._logins.sign_in(person, ACCOUNT, code=code, key=key, at=at, device=label[:LABEL_CHARS])

    async def of_cookie(self, secret: str) -> Login:
        """The login that a cookie restores.

        Raises:
            Refusal: `unauthorized`.
        """
        login = await self._accounts.device(hash_of(secret), self._since()) if secret else None
        if login is None:
            raise Refusal(Code.UNAUTHORIZED, "expected the cookie of a device that has not been left")
        return login

    async def of_link(self, secret: str, code: str) -> tuple[Link, int]:
        """Whom a link of the account of this community restores (see `Logins.account_link`).

        Raises:
            Refusal: `unauthorized`, of another community's too.
        """
        link, at = await self._logins.account_link(secret)
        if link.code != code:
            raise Refusal(Code.UNAUTHORIZED, "expected a link of this community")
        return link, at

    async def of(self, identity: Identity) -> list[Device]:
        """All devices of whoever asks, the last used first."""
        return await self._accounts.devices(identity.person, identity.scope, self._since())

    async def label_of(self, identity: Identity) -> str:
        """What the device is called that asks."""
        return next((device.label for device in await self.of(identity) if device.id == identity.login), "")

    async def end(self, identity: Identity, id: str) -> None:
        """Sign out on one device of whoever asks, wherever it is.

        Raises:
            Refusal: `not_found`, of another's too.
        """
        login = await self._accounts.login(id)
        if login is None or (login.person, login.scope) != (identity.person, identity.scope):
            raise Refusal(Code.NOT_FOUND, "expected the id of one of your devices")
        await self._logins.end(login.id)

    async def is_new(self, person: str) -> bool:
        """Whether nobody has ever signed in as this person."""
        return ACCOUNT not in await self._accounts.scopes_of(person)

    async def have_all_ended(self, person: str) -> bool:
        """Whether somebody has ended all devices of a person at once, of late or long ago."""
        return await self._accounts.all_ended(person, ACCOUNT) is not None

    def _since(self) -> int:
        return self.now() - UNUSED_SECONDS * 1000
