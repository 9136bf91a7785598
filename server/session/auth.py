"""Who is asking: access tokens (JWT, HS256), the links that restore a member elsewhere, and keys derived from two secrets.

An *access token* says who its bearer is in which room, for a day. A *link* says which member it restores, for years, and no
more: what this member is called and may do is asked of the room when the link is used, so that a host who is no longer
one gets no host back. One is never taken for the other: they are signed with different keys and name different audiences.

The secret that signs them may be replaced. The kept one may not: what lies in the database was made with keys that are derived from it.
"""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeVar

import jwt
import msgspec
from msgspec import Meta, Struct

from protocol.errors import Code, Refusal

Role = Literal["host", "participant", "screen"]
T = TypeVar("T")

ACCESS_SECONDS: Final = 24 * 3600
LINK_SECONDS: Final = 5 * 365 * 24 * 3600
INTEGRATED_SECONDS: Final = 31 * 24 * 3600
"""How long a token that an integrator signs is taken for at a time: what outlives a month is a link."""
LEEWAY_SECONDS: Final = 10
"""How far the clocks of those who sign and those who verify may differ."""

LATEST: Final = 253_402_300_799
"""The last second of the year 9999."""

KNOWN: Final = 10_000
"""Tokens whose bearer is remembered once their signature was found good."""

_ALGORITHMS: Final = ["HS256"]
_LINK: Final = "link"
_CLAIM: Final = "claim"


class Identity(Struct, frozen=True):
    """Whom a token names, in one room.

    Attributes:
        member: `member:…`, or `screen:…` for the role `screen`, which is nobody.
        expires: milliseconds since 1970.
        issuer: the integrator who signed it; None for this server.
    """

    member: str
    name: str
    room: str
    role: Role
    expires: int
    issuer: str | None = None

    @property
    def seat(self) -> str:
        """Whose rates count: a member's, in this room. An id alone is nobody's, for whoever brings a file says who he is in it."""
        return f"{self.room} {self.member}"

    def opens(self, stream: str) -> bool:
        """A token opens one room."""
        return stream == self.room


class Link(Struct, frozen=True):
    """Which member of which room a personal or recovery link restores, and the code that led there."""

    member: str
    room: str
    code: str
    claims: bool = False
    """It restores nobody: its bearer may become this member of a file, once (SPEC N4)."""


class _AccessClaims(Struct, frozen=True):
    sub: Annotated[str, Meta(pattern=r"^(member|screen):[A-Za-z0-9_-]{12,64}\Z")]
    room: Annotated[str, Meta(pattern=r"^room:[A-Za-z0-9_-]{12,64}\Z")]
    role: Role | Literal["guest"]
    """`guest` is what participants were called in tokens that integrators go on signing."""
    exp: float
    name: Annotated[str, Meta(max_length=200)] = ""
    """Empty for a screen. Whether it is a fit name for a member is the room's to say."""


class _LinkClaims(Struct, frozen=True):
    sub: str
    room: str
    code: str
    use: Literal["link", "claim"]
    exp: float


class Tokens:
    """Mints and verifies what this server, or an integrator, signs.

    Args:
        secret: what signs; each purpose has a key derived from it.
        before: what signed until it was replaced: what it signed is good still.
        kept: what never changes: the entries that are tried again are told by it. None: `secret`.
        integrators: the names and secrets of applications that may sign access tokens for their own users; a token
            names its integrator as `kid` in its header or as `iss` in its claims.
    """

    def __init__(
        self,
        secret: bytes,
        integrators: Mapping[str, bytes] | None = None,
        *,
        before: bytes | None = None,
        kept: bytes | None = None,
    ) -> None:
        signing = [each for each in (secret, before) if each is not None]
        self._access_keys = [_derive(each, "access tokens") for each in signing]
        self._link_keys = [_derive(each, "links") for each in signing]
        self._entry_key = _derive(kept or secret, "entries")
        self._integrators = dict(integrators or {})
        self._known: dict[bytes, Identity] = {}

    def entrant(self, room: str, key: str) -> str:
        """The member whom the entry of this key makes: always the same, so that one that is tried again makes no second (H9)."""
        return f"member:{_short(self.drawn(room, key))}"

    def founded(self, key: str, asked: bytes) -> str:
        """The room that the entry of this key makes, where it asks for this (H9)."""
        return f"room:{_short(self.drawn('room', key, hashlib.sha256(asked).hexdigest()))}"

    def drawn(self, *names: str) -> bytes:
        """32 bytes that nobody foresees, the same whenever they are asked for under the same names."""
        return hmac.digest(self._entry_key, "\0".join(names).encode(), hashlib.sha256)

    def mint(self, *, member: str, name: str, room: str, role: Role, seconds: float = ACCESS_SECONDS) -> str:
        """An access token that lives so many seconds."""
        now = int(time.time())
        ends = now + int(seconds)
        claims = {"sub": member, "name": name, "room": room, "role": role, "iat": now, "exp": ends}
        token = jwt.encode(claims, self._access_keys[0], _ALGORITHMS[0])
        # Whoever is given it comes with it at once, mostly to this worker: nothing is to be asked of it.
        self._know(token, Identity(member, name, room, role, ends * 1000, None))
        return token

    def verify(self, token: str, *, room: str | None = None) -> Identity:
        """Whom an access token names.

        Args:
            room: the room it must be for; None: any.

        Raises:
            Refusal: `unauthorized`, `expired`, or `forbidden` where it is for another room.
        """
        # Who comes back shows the token of before, and after a restart of the network all come back at once.
        identity = self._known.get(_digest(token))
        if identity is None or identity.expires / 1000 + LEEWAY_SECONDS <= time.time():
            identity = self._identified(token)
            self._know(token, identity)
        if room is not None and identity.room != room:
            raise Refusal(Code.FORBIDDEN, "expected a token for this room; got one for another")
        return identity

    def _know(self, token: str, identity: Identity) -> None:
        if len(self._known) >= KNOWN:
            del self._known[next(iter(self._known))]
        self._known[_digest(token)] = identity

    def _identified(self, token: str) -> Identity:
        issuer = self._issuer_of(token)
        keys = self._access_keys if issuer is None else [self._integrators[issuer]]
        return self._identity(_convert(_verified(token, keys, audience=None), _AccessClaims), issuer)

    def _identity(self, claims: _AccessClaims, issuer: str | None) -> Identity:
        if not is_sound(claims.name):
            raise Refusal(Code.UNAUTHORIZED, "expected `name` without U+0000 and without lone surrogates")
        if (claims.role == "screen") != claims.sub.startswith("screen:"):
            raise Refusal(
                Code.UNAUTHORIZED, "expected `sub` to be `screen:…` for the role screen and `member:…` for others"
            )
        if not 0 <= claims.exp <= LATEST:
            raise Refusal(Code.UNAUTHORIZED, "expected `exp` to be a time (seconds since 1970)")
        expires = claims.exp if issuer is None else min(claims.exp, time.time() + INTEGRATED_SECONDS)
        role: Role = "participant" if claims.role == "guest" else claims.role
        return Identity(claims.sub, claims.name, claims.room, role, int(expires * 1000), issuer)

    def mint_link(self, *, member: str, room: str, code: str, once: bool = False, seconds: float = LINK_SECONDS) -> str:
        """The secret of a link that restores this member in another browser (H2); `once`: that makes its bearer this member of a file (N4)."""
        now = int(time.time())
        claims = {
            "sub": member,
            "room": room,
            "code": code,
            "use": _CLAIM if once else _LINK,
            "aud": _LINK,
            "exp": now + int(seconds),
        }
        return jwt.encode(claims, self._link_keys[0], _ALGORITHMS[0])

    def verify_link(self, link: str) -> Link:
        """Which member a link restores.

        Raises:
            Refusal: `unauthorized` or `expired`.
        """
        claims = _convert(_verified(link, self._link_keys, audience=_LINK), _LinkClaims)
        return Link(claims.sub, claims.room, claims.code, claims.use == _CLAIM)

    def _issuer_of(self, token: str) -> str | None:
        """The integrator that a token says it is from; believed only once its signature holds."""
        _check_text(token)
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        except jwt.InvalidTokenError as error:
            raise Refusal(Code.UNAUTHORIZED, f"expected a JSON Web Token: {error}") from None
        if kid is not None and issuer is not None and kid != issuer:
            raise Refusal(Code.UNAUTHORIZED, "expected `kid` and `iss` to name the same integrator")
        named = issuer if kid is None else kid
        if named is not None and (not isinstance(named, str) or named not in self._integrators):
            raise Refusal(Code.UNAUTHORIZED, "expected `kid` or `iss` to name an integrator registered in PALABRE_KEYS")
        return named


def fingerprint(kept: bytes) -> str:
    """What the database knows the kept secret by; it tells nothing else of it."""
    return _derive(kept, "fingerprint").hex()


def alias_key(kept: bytes) -> bytes:
    """What the aliases are made with, under which the journal knows who wrote without a name; it lies in no database."""
    return _derive(kept, "aliases")


def command_key(kept: bytes) -> bytes:
    """The key of the hashes under which the journal knows command ids (I2)."""
    return _derive(kept, "command ids")


def new_id(kind: Literal["room", "member", "screen", "step", "zone", "idea"]) -> str:
    """An unguessable id, 128 random bits (I1)."""
    return f"{kind}:{secrets.token_urlsafe(16)}"


def _digest(token: str) -> bytes:
    return hashlib.blake2b(token.encode(errors="surrogatepass"), digest_size=16).digest()


def _short(digest: bytes) -> str:
    """128 bits of it, as ids have them (I1)."""
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def is_sound(text: str) -> bool:
    """Whether every store can hold it: without U+0000 and lone surrogates, which `json.loads` both admits (L4)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _derive(secret: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, so that nothing signed for one is good for another."""
    return hmac.digest(secret, b"palabre 1: " + purpose.encode(), hashlib.sha256)


def _check_text(token: str) -> None:
    if not token.isascii():
        raise Refusal(Code.UNAUTHORIZED, "expected a JSON Web Token: ASCII text")


def _verified(token: str, keys: Sequence[bytes], *, audience: str | None) -> dict[str, Any]:
    _check_text(token)
    try:
        return _decoded(token, keys, audience)
    except jwt.ExpiredSignatureError:
        raise Refusal(Code.EXPIRED) from None
    except jwt.InvalidTokenError as error:
        raise Refusal(
            Code.UNAUTHORIZED, f"expected a token signed by this server or a registered integrator: {error}"
        ) from None


def _decoded(token: str, keys: Sequence[bytes], audience: str | None) -> dict[str, Any]:
    """The claims of a token that one of the keys signed. Raises what the library does."""
    key, *others = keys
    try:
        return jwt.decode(token, key, algorithms=_ALGORITHMS, audience=audience, leeway=LEEWAY_SECONDS)
    except jwt.InvalidSignatureError:
        if not others:
            raise
        return _decoded(token, others, audience)


def _convert(claims: dict[str, Any], to: type[T]) -> T:
    try:
        return msgspec.convert(claims, to)
    except msgspec.ValidationError as error:
        raise Refusal(Code.UNAUTHORIZED, f"expected the claims {', '.join(to.__annotations__)}: {error}") from None
