"""What is kept of who may come in (contract suite: tests/contracts/test_accounts.py): logins, links and grants.

No secret lies here: a login is named by its tokens, which are signed, and a link is known by the hash of its secret.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

ACCOUNT: Final = "account"
"""The scope of a login that opens all that its person is a member of."""


READER: Final = "reader"
"""The person of links that read a room's minutes and open nothing else (SPEC H16): nobody, and the same in each room."""


class Bearer(Protocol):
    """Who shows a token.

    Attributes:
        person: `member:…`, or `screen:…`, who only looks.
        scope: the stream that the token opens, or `ACCOUNT`.
        expires: milliseconds since 1970.
        login: whose token it is; "" for one that an integrator signed, or that is of before there were any.
        issuer: the integrator who signed it; None for this server.
        since: how old the login is, in milliseconds since 1970; 0 where there is none.
        name, role: what they come with for the first time; None for the role where they have come already.
        seat: under what their rates are counted.
    """

    @property
    def person(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def expires(self) -> int: ...
    @property
    def login(self) -> str: ...
    @property
    def since(self) -> int: ...
    @property
    def issuer(self) -> str | None: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str | None: ...
    @property
    def seat(self) -> str: ...
    @property
    def is_screen(self) -> bool: ...

    def opens(self, stream: str) -> bool:
        """Whether the token is for this stream; whether its bearer may come in is asked there."""
        ...


class Login(NamedTuple):
    """Somebody on one device, for as long as they do not leave it.

    Attributes:
        id: unguessable; what its tokens name.
        person: `member:…`, or `screen:…`, who is nobody.
        scope: the stream that it opens, or `ACCOUNT`.
        at: since when, in milliseconds since 1970: as old as what it was given for, so that it ends with that.
        cookie: a hash of the secret that restores it, of a device of somebody with an account; b"" for none.
        label: what such a device is called.
    """

    id: str
    person: str
    scope: str
    at: int
    cookie: bytes = b""
    label: str = ""


class Device(NamedTuple):
    """One of somebody's devices.

    Attributes:
        id: of its login.
        at: since when, in milliseconds since 1970.
        seen: when it was last in use.
    """

    id: str
    label: str
    at: int
    seen: int


class Link(NamedTuple):
    """What restores somebody in another browser.

    Attributes:
        digest: a hash of its secret.
        person: whom it restores, or `READER`.
        stream: the scope of what it gives, `ACCOUNT` too.
        code: of the room, as it was when the link was given; of an account, what follows the colon of its community's id.
        claims: it restores nobody: its bearer may become this member of a file, once (SPEC N4).
        at: since when, in milliseconds since 1970.
        ends: until when it is good; 0: until somebody ends it.
    """

    digest: bytes
    person: str
    stream: str
    code: str
    claims: bool
    at: int
    ends: int = 0


class Ended(NamedTuple):
    """A login that is over, since when (milliseconds since 1970, by the clock of whoever ended it)."""

    id: str
    at: int


class AllEnded(NamedTuple):
    """All logins and links of a person with this scope that are of this time or before are over."""

    person: str
    scope: str
    at: int


class Leave(NamedTuple):
    """Somebody has asked to be erased.

    Attributes:
        scope: the stream that they leave.
        removes: what they wrote under their name goes, too.
        at: since when, in milliseconds since 1970.
    """

    person: str
    scope: str
    removes: bool
    at: int


class Accounts(Protocol):
    """Every method raises JournalError when the database cannot answer within its deadline. What returns is durable."""

    async def keep(self, logins: Sequence[Login], links: Sequence[Link]) -> None:
        """Write them, all in one transaction. A link that is there already stays as it is, ended or not."""

    async def login(self, id: str) -> Login | None:
        """The login of this id; None where there is none, or none any more."""
        ...

    async def link(self, digest: bytes) -> Link | None:
        """The link of this digest; None where there is none, or none any more."""
        ...

    async def end_login(self, id: str, at: int) -> None: ...

    async def end_all(self, asking: Login, at: int) -> bool:
        """End all logins and links of a login's person and scope that are of that time or before, this one too; False, and nothing is
        ended, where it is over itself. Of two that ask at the same time one does."""
        ...

    async def all_ended(self, person: str, scope: str) -> int | None:
        """Up to which time all of a person with this scope are over; None where none are for that reason."""
        ...

    async def end_link(self, link: Link, at: int) -> None:
        """End a link, also one of which there is no row."""

    async def is_ended(self, digest: bytes) -> bool:
        """Whether a link was ended by itself, also one of which there was no row."""
        ...

    async def ended_since(self, at: int, all_at: int) -> tuple[list[Ended], list[AllEnded]]:
        """Logins that ended at that time or later, and those people all of whose logins and links are over up to some time that is not
        before `all_at`. Asked all the time, by every worker, so in one question."""
        ...

    async def renewed(self, id: str, at: int) -> None:
        """Note that a login is in use."""

    async def device(self, cookie: bytes, since: int) -> Login | None:
        """The login that a cookie of this hash restores, in use at that time or later; None where there is none, or none any more."""
        ...

    async def devices(self, person: str, scope: str, since: int) -> list[Device]:
        """A person's devices that have been in use at that time or later, the last used first."""
        ...

    async def forget(self, before: int, unused: int, most: int) -> int:
        """Drop logins that have not been in use since `before`, devices since `unused`, and logins and links that ended before, at most so many
        of each; how many.

        A link that says itself whom it restores (`at` 0) is not: without its row it would be good again."""
        ...

    async def scopes_of(self, person: str) -> list[str]:
        """The scopes of all logins and links of a person of which there are rows, of those that are over too."""
        ...

    async def end_person(self, person: str, scopes: Sequence[str], at: int) -> None:
        """End all logins and links of a person with these scopes that are of that time or before, also those of which there is no row."""

    async def forget_person(self, person: str, scopes: Sequence[str]) -> int:
        """Drop all rows of a person with these scopes, and that they are over; how many logins and links there were.

        Whoever does not remember that they are over takes their tokens again, for as long as these live: so it is done once every
        worker has looked (`logins.LOOK`), and when these tokens open nothing any more."""
        ...

    async def note_leave(self, leave: Leave) -> None:
        """Keep it until `has_left`; of one person and scope the first stays."""

    async def leaving(self, before: int) -> list[Leave]:
        """Those who asked up to this time (milliseconds since 1970), and have not left."""
        ...

    async def has_left(self, person: str, scope: str) -> None: ...

    async def grant(self, issuer: str, stream: str, at: int) -> None:
        """Register an integrator for a stream."""

    async def is_granted(self, issuer: str, stream: str) -> bool: ...
