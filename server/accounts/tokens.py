"""Who is asking: access tokens (JWT, HS256), and keys derived from two secrets. Pure: what lies in the database is `logins`' to ask.

An *access token* names a login, its person and its scope, for an hour; what that person is called and may do is the stream's to say.
An integrator's token names one of its own people in one room, with the name and the role that they enter with. Links of before are
signed, too, with a key of their own and for another audience, so that one is never taken for the other.

The secret that signs them may be replaced. The kept one may not: what lies in the database was made with keys that are derived from it.
"""

import hashlib
import hmac
import secrets
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeVar

import jwt
import msgspec
from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from protocol.errors import Code, Refusal
from server.accounts.port import ACCOUNT, Login

Role = Literal["host", "participant", "screen"]
T = TypeVar("T")

ACCESS_SECONDS: Final = 3600
"""How long a token is taken for, and so how long each worker remembers which logins have ended."""
LATE_SECONDS: Final = 31 * 24 * 3600
"""How long after its end a token may still be exchanged for a fresh one, while its login lasts."""
INTEGRATED_SECONDS: Final = 24 * 3600
"""How long a token that an integrator signs is taken for at a time."""
LEEWAY_SECONDS: Final = 10
"""How far the clocks of those who sign and those who verify may differ."""

LATEST: Final = 253_402_300_799
"""The last second of the year 9999."""

KNOWN: Final = 10_000
"""Tokens whose bearer is remembered once their signature was found good."""

_ALGORITHMS: Final = ["HS256"]
_LINK: Final = "link"
_CLAIM: Final = "claim"
_UNSIGNED: Final = "expected a token signed by this server or a registered integrator: {}"


class Identity(Struct, frozen=True, gc=False):
    """Whom a token names; see `port.Bearer`."""

    person: str
    scope: str
    expires: int
    login: str = ""
    since: int = 0
    issuer: str | None = None
    name: str = ""
    role: Role | None = None

    def __post_init__(self) -> None:
        force_setattr(self, "scope", sys.intern(self.scope))  # thousands come into one room

    @property
    def seat(self) -> str:
        """Whose rates count: a person's, in all that this opens. An id alone is nobody's, for whoever brings a file says who he is in it."""
        return f"{self.scope if self.issuer is None else self.issuer} {self.person}"

    @property
    def is_screen(self) -> bool:
        return self.person.startswith("screen:")

    def opens(self, stream: str) -> bool:
        return self.scope in (stream, ACCOUNT)


class SignedLink(Struct, frozen=True):
    """What a link of before says: which member of which room it restores, the code that led there, whether it claims (SPEC N4)."""

    member: str
    room: str
    code: str
    claims: bool = False


_Stream = Annotated[str, Meta(pattern=r"^room:[A-Za-z0-9_-]{12,64}\Z")]


class _AccessClaims(Struct, frozen=True):
    sub: Annotated[str, Meta(pattern=r"^(member|screen):[A-Za-z0-9_-]{12,64}\Z")]
    # One pattern: of a pattern and a literal together the pattern alone would count.
    scope: Annotated[str, Meta(pattern=rf"^(room:[A-Za-z0-9_-]{{12,64}}|{ACCOUNT})\Z")]
    sid: Annotated[str, Meta(min_length=1, max_length=64)]
    at: int
    """Of the login, in milliseconds since 1970."""
    exp: float


class _EarlierClaims(Struct, frozen=True):
    """Of our own tokens of before there were logins: a page that is open over a deploy has one for a day."""

    sub: Annotated[str, Meta(pattern=r"^(member|screen):[A-Za-z0-9_-]{12,64}\Z")]
    room: _Stream
    role: Role | Literal["guest"]
    exp: float
    name: Annotated[str, Meta(max_length=200)] = ""


class _IntegratedClaims(Struct, frozen=True):
    sub: Annotated[str, Meta(min_length=1, max_length=200)]
    """In a name space of the integrator's own."""
    room: _Stream
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


class _ForeignError(Refusal):
    """Somebody else has signed it, or nobody."""


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

    def founded(self, key: str, asked: bytes, kind: str = "room") -> str:
        """The stream of this kind that the entry of this key makes, where it asks for this (H9)."""
        return f"{kind}:{_short(self.drawn(kind, key, hashlib.sha256(asked).hexdigest()))}"

    def drawn(self, *names: str) -> bytes:
        """32 bytes that nobody foresees, the same whenever they are asked for under the same names."""
        return hmac.digest(self._entry_key, "\0".join(names).encode(), hashlib.sha256)

    def mint(self, login: Login, *, seconds: float = ACCESS_SECONDS) -> str:
        """An access token of a login that lives so many seconds."""
        now = int(time.time())
        ends = now + int(seconds)
        claims = {"sub": login.person, "scope": login.scope, "sid": login.id, "at": login.at, "iat": now, "exp": ends}
        token = jwt.encode(claims, self._access_keys[0], _ALGORITHMS[0])
        # Whoever is given it comes with it at once, mostly to this worker: nothing is to be asked of it.
        self._know(token, Identity(login.person, login.scope, ends * 1000, login.id, login.at))
        return token

    def verify(self, token: str, *, late: float = 0.0) -> Identity:
        """Whom an access token names.

        Args:
            late: how many seconds ago it may have expired.

        Raises:
            Refusal: `unauthorized`, `expired`.
        """
        # Who comes back shows the token of before, and after a restart of the network all come back at once.
        identity = self._known.get(_digest(token))
        if identity is None or identity.expires / 1000 + LEEWAY_SECONDS <= time.time():
            identity = self._identified(token, late)
            self._know(token, identity)
        return identity

    def _know(self, token: str, identity: Identity) -> None:
        if len(self._known) >= KNOWN:
            del self._known[next(iter(self._known))]
        self._known[_digest(token)] = identity

    def _identified(self, token: str, late: float) -> Identity:
        try:
            claims = _verified(token, self._access_keys, audience=None, late=late)
        except _ForeignError:
            # Most are ours, and to take one apart costs more than anything else that is done with it: so that is tried first.
            issuer = self._issuer_of(token)
            if issuer is None:
                raise
            claims = _verified(token, [self._integrators[issuer]], audience=None)
            return self._integrated(_convert(claims, _IntegratedClaims), issuer)
        if "sid" not in claims:
            earlier = _convert(claims, _EarlierClaims)
            return Identity(
                earlier.sub, earlier.room, _expires(earlier.exp), name=earlier.name, role=_role(earlier.role)
            )
        ours = _convert(claims, _AccessClaims)
        return Identity(ours.sub, ours.scope, _expires(ours.exp), ours.sid, ours.at)

    def _integrated(self, claims: _IntegratedClaims, issuer: str) -> Identity:
        if not is_sound(claims.name) or not is_sound(claims.sub):
            raise Refusal(Code.UNAUTHORIZED, "expected `name` and `sub` without U+0000 and without lone surrogates")
        role = _role(claims.role)
        person = self.integrated(issuer, claims.sub, screen=role == "screen")
        expires = min(_expires(claims.exp), int((time.time() + INTEGRATED_SECONDS) * 1000))
        return Identity(person, claims.room, expires, issuer=issuer, name=claims.name, role=role)

    def integrated(self, issuer: str, sub: str, *, screen: bool = False) -> str:
        """Who an integrator's `sub` is here: nobody whom another could name, this server included."""
        kind = "screen" if screen else "member"
        return f"{kind}:{_short(self.drawn('integrated', kind, issuer, sub))}"

    def verify_link(self, link: str) -> SignedLink:
        """What a link of before says.

        Raises:
            Refusal: `unauthorized` or `expired`.
        """
        claims = _convert(_verified(link, self._link_keys, audience=_LINK), _LinkClaims)
        return SignedLink(claims.sub, claims.room, claims.code, claims.use == _CLAIM)

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


def new_id(
    kind: Literal["room", "community", "circle", "member", "screen", "step", "zone", "idea", "image"],
) -> str:
    """An unguessable id, 128 random bits (I1)."""
    return f"{kind}:{secrets.token_urlsafe(16)}"


def is_signed(link: str) -> bool:
    """Whether it is a link of before, which says itself what it restores."""
    return "." in link


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


def _role(role: Role | Literal["guest"]) -> Role:
    return "participant" if role == "guest" else role


def _expires(exp: float) -> int:
    """Milliseconds since 1970."""
    if not 0 <= exp <= LATEST:
        raise Refusal(Code.UNAUTHORIZED, "expected `exp` to be a time (seconds since 1970)")
    return int(exp * 1000)


def _verified(token: str, keys: Sequence[bytes], *, audience: str | None, late: float = 0.0) -> dict[str, Any]:
    _check_text(token)
    try:
        return _decoded(token, keys, audience, LEEWAY_SECONDS + late)
    except jwt.ExpiredSignatureError:
        raise Refusal(Code.EXPIRED) from None
    except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError) as error:
        raise _ForeignError(Code.UNAUTHORIZED, _UNSIGNED.format(error)) from None
    except jwt.InvalidTokenError as error:
        raise Refusal(Code.UNAUTHORIZED, _UNSIGNED.format(error)) from None


def _decoded(token: str, keys: Sequence[bytes], audience: str | None, leeway: float) -> dict[str, Any]:
    """The claims of a token that one of the keys signed. Raises what the library does."""
    key, *others = keys
    try:
        return jwt.decode(token, key, algorithms=_ALGORITHMS, audience=audience, leeway=leeway)
    except jwt.InvalidSignatureError:
        if not others:
            raise
        return _decoded(token, others, audience, leeway)


def _convert(claims: dict[str, Any], to: type[T]) -> T:
    try:
        return msgspec.convert(claims, to)
    except msgspec.ValidationError as error:
        raise Refusal(Code.UNAUTHORIZED, f"expected the claims {', '.join(to.__annotations__)}: {error}") from None
