"""The settings: read once from the environment, cast and checked. Nothing else in the server reads the environment.

| variable | default | what it is |
|---|---|---|
| `PORT` | 8000 | the port to listen on; 0: any free one |
| `HOST` | all interfaces | the address to listen on |
| `DATABASE_URL` | SQLite in the data folder | `sqlite:///a/path` (four slashes when absolute) or `postgresql://…` |
| `REDIS_URL` | none: one process | `redis://…`, `rediss://…`, `unix://…`, or a cluster's `redis+cluster://host:port,host:port` (`rediss+cluster`) |
| `WEB_CONCURRENCY` | 1 | processes; more than one needs PostgreSQL and Redis |
| `PALABRE_DATA` | `./data` | the folder of the SQLite database and of the secrets |
| `PALABRE_SECRET` | made and kept in the data folder | signs tokens, at least 32 characters; required with PostgreSQL |
| `PALABRE_SECRET_BEFORE` | none, or `secret-before` in the data folder | what `PALABRE_SECRET` was: tokens, and links of older releases, that it signed are good still |
| `PALABRE_KEPT_SECRET` | what `PALABRE_SECRET` is, or kept in the data folder | tells whose anonymous ideas are whose: never another for the same database, and backed up with it |
| `PALABRE_KEYS` | none | integrators who may sign tokens: `name=secret,…`, secrets of at least 32 characters; each for the rooms that it made, or whose hosts registered it |
| `PALABRE_PUBLIC_URL` | as the browser asked | the address that links and QR codes lead to |
| `PALABRE_ORIGINS` | none | other sites whose pages may connect: `https://intranet.example,…`, or `*` |
| `PALABRE_FRAME_ANCESTORS` | none | sites that may show Palabre in a frame, as origins |
| `PALABRE_OPEN` | `workshops` | what anybody may create, of `workshops,communities` (which is the default under `run`); `none`: integrators alone, with a host's token of theirs. An imported file counts as what it makes. A community is made by a link of `palabre setup`, too |
| `PALABRE_IMAGES` | a folder `images` in the data folder; with PostgreSQL `off` | where pictures on ideas, and logos, are kept: a folder that all workers share, `s3://bucket/prefix` (reached as AWS's own variables say: `AWS_ENDPOINT`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`), or `off` |
| `PALABRE_IMAGES_SCAN` | none | a command that looks through each file that is brought, whose path comes behind it: 0 lets it in, else it is refused |
| `PALABRE_RATE` | 30 | commands a second of one member, with bursts of four times as many |
| `PALABRE_MAX_CONNECTIONS` | 10000 | WebSockets of one process; with those of HTTP, twice as many |
| `PALABRE_METRICS_TOKEN` | none: closed, but to this machine under `run` | the bearer token that opens `/metrics` |
| `PALABRE_ACCESS_LOG` | no | `yes`: one line a request (no codes, no names) |
| `FORWARDED_ALLOW_IPS` | 127.0.0.1,::1 | proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count, as addresses or networks (`*`: all, who then may give themselves any address) |
"""

import os
import re
import secrets
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit

Lang = Literal["fr", "en"]
Kind = Literal["workshops", "communities"]
KINDS: Final[tuple[Kind, ...]] = ("workshops", "communities")
EVERYWHERE: Final = (None, "0.0.0.0", "::")
"""Values of HOST that are no address to show."""

T = TypeVar("T")


class Phrase(NamedTuple):
    """What the terminal says, in both of its languages."""

    fr: str
    en: str

    def in_(self, lang: Lang) -> str:
        return self.fr if lang == "fr" else self.en


SECRET_CHARS: Final = 32
"""Shortest secret: HS256 wants a key as long as its hash (RFC 7518, 3.2)."""

_NOTHING: Final = Phrase("rien", "nothing")
_NO_SCHEME: Final = Phrase("une adresse sans schéma", "an address without a scheme")
_HOW_TO_MAKE: Final = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'


class SettingError(Exception):
    """A setting that cannot be used: whose fault, what was expected, what came. Holds no secret."""

    def __init__(self, name: str, expected: Phrase, got: str | Phrase) -> None:
        came = Phrase(got, got) if isinstance(got, str) else got
        super().__init__(f"{name}: expected {expected.en}; got {came.en}")
        self.phrase = Phrase(f"{name} : attendu {expected.fr} ; reçu {came.fr}", str(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this server runs. Secrets are left out of its `repr`.

    Attributes:
        lang: in which whoever starts it is told what is wrong.
        secret: signs; what `secret_before` signed is good still.
        kept_secret: what is kept in the database was made with it.
        max_connections: WebSockets of one process.
        max_sockets: these and connections of HTTP together.
        images: a folder, or `s3://…`; None: none are kept.
        images_scan: a command and its arguments; none: empty.
        metrics_here: whether this machine may read `/metrics` where there is no token; not where a proxy on it may lend its own address to all.
    """

    lang: Lang = "en"
    port: int = 8000
    host: str | None = None
    database_url: str = field(repr=False)
    redis_url: str | None = field(default=None, repr=False)
    workers: int = 1
    folder: Path = Path("data")
    secret: bytes = field(repr=False)
    secret_before: bytes | None = field(default=None, repr=False)
    kept_secret: bytes = field(repr=False)
    integrators: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    public_url: str | None = None
    origins: tuple[str, ...] = ()
    frame_ancestors: tuple[str, ...] = ()
    images: str | None = None
    images_scan: tuple[str, ...] = ()
    rate: float = 30.0
    max_connections: int = 10_000
    max_sockets: int = 20_000
    metrics_token: str | None = field(default=None, repr=False)
    metrics_here: bool = True
    access_log: bool = False
    open: frozenset[Kind] = frozenset({"workshops"})
    """What anybody may create here."""
    trusted_proxies: str = "127.0.0.1,::1"

    @property
    def burst(self) -> float:
        """Commands that a member may send at once after a silence (L5)."""
        return 4 * self.rate

    @property
    def is_https(self) -> bool:
        """Whether people come by TLS, as far as is known here."""
        return self.public_url is not None and self.public_url.startswith("https:")

    def serves_origin(self, origin: str | None, host: str, by_tls: bool = False) -> bool:
        """Whether a page of this Origin may connect: ours, a listed one, or no page at all.

        Args:
            origin: the `Origin` header, absent where the client is no browser.
            host: the `Host` header, with its port.
            by_tls: whether the request is known to have come by TLS: a page of the same host without it may be anybody's.
                Of a page by TLS nothing more is asked: a proxy that ends TLS may not say so, and nobody else has such a page.
        """
        if origin is None or "*" in self.origins or origin in self.origins:
            return True
        if self.public_url is not None and origin == _origin_of(self.public_url):
            return True
        scheme, _, authority = origin.partition("://")
        if authority == "" or authority.lower() != host.lower():
            return False
        if self.public_url is not None and _origin_of(self.public_url).endswith(f"://{host.lower()}"):
            return False  # its other scheme
        return scheme == "https" or (scheme == "http" and not by_tls)


def terminal_language(environ: Mapping[str, str]) -> Lang:
    """French where the locale of messages is French (POSIX order), else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "fr" if environ[name].lower().startswith("fr") else "en"
    return "en"


AT_HOME: Final = frozenset[Kind](KINDS)
"""What anybody may create on somebody's own computer, for those on the same network, unless it is set otherwise."""


def read_settings(environ: Mapping[str, str], *, opens: frozenset[Kind] = frozenset({"workshops"})) -> Settings:
    """The settings that these variables describe. Makes the data folder and the secrets where they are needed.

    Args:
        opens: what anybody may create where nothing is said of it.

    Raises:
        SettingError: a value is wrong, or two do not go together.
    """
    folder = Path(environ.get("PALABRE_DATA") or "data")
    database_url = _read(environ, "DATABASE_URL", _database_url, f"sqlite:///{folder / 'palabre.sqlite'}")
    on_sqlite = database_url.startswith("sqlite:")
    workers = _read(environ, "WEB_CONCURRENCY", _whole(1, 512), 1)
    redis_url = _read(environ, "REDIS_URL", _redis_url, None)
    most = _read(environ, "PALABRE_MAX_CONNECTIONS", _whole(1, 1_000_000), 10_000)
    if workers > 1 and (on_sqlite or redis_url is None):
        missing = Phrase("avec SQLite", "with SQLite") if on_sqlite else Phrase("sans REDIS_URL", "without REDIS_URL")
        raise SettingError(
            "WEB_CONCURRENCY",
            Phrase(
                "1 : plusieurs processus demandent PostgreSQL et Redis (DATABASE_URL et REDIS_URL)",
                "1: several processes need PostgreSQL and Redis (DATABASE_URL and REDIS_URL)",
            ),
            Phrase(f"{workers} {missing.fr}", f"{workers} {missing.en}"),
        )
    secret, before, kept = _secrets(environ, folder, on_sqlite)
    return Settings(
        port=_read(environ, "PORT", _whole(0, 65_535), 8000),
        host=environ.get("HOST") or None,
        database_url=database_url,
        redis_url=redis_url,
        workers=workers,
        folder=folder,
        secret=secret,
        secret_before=before,
        kept_secret=kept,
        integrators=_read(environ, "PALABRE_KEYS", _integrators, {}),
        public_url=_read(environ, "PALABRE_PUBLIC_URL", _public_url, None),
        origins=_read(environ, "PALABRE_ORIGINS", _origins, ()),
        frame_ancestors=_read(environ, "PALABRE_FRAME_ANCESTORS", _origins, ()),
        images=_read(environ, "PALABRE_IMAGES", _images, str(folder / "images") if on_sqlite else None),
        images_scan=_read(environ, "PALABRE_IMAGES_SCAN", _command, ()),
        rate=_read(environ, "PALABRE_RATE", _rate, 30.0),
        max_connections=most,
        max_sockets=2 * most,
        metrics_token=_read(environ, "PALABRE_METRICS_TOKEN", _long_secret, None),
        access_log=_read(environ, "PALABRE_ACCESS_LOG", _flag, False),
        open=_read(environ, "PALABRE_OPEN", _kinds, opens),
        trusted_proxies=environ.get("FORWARDED_ALLOW_IPS") or "127.0.0.1,::1",
    )


class _UnfitError(Exception):
    """What a cast expected; `got` replaces the value where that is a secret."""

    def __init__(self, fr: str, en: str, got: str | Phrase | None = None) -> None:
        super().__init__(en)
        self.expected = Phrase(fr, en)
        self.got = got


def _read(environ: Mapping[str, str], name: str, cast: Callable[[str], T], default: T) -> T:
    """One variable, cast; an empty one counts as unset, as shells and Compose files leave them."""
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        return cast(text)
    except _UnfitError as unfit:
        raise SettingError(name, unfit.expected, repr(text) if unfit.got is None else unfit.got) from None


def _whole(least: int, most: int) -> Callable[[str], int]:
    def cast(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most):
            raise _UnfitError(f"un nombre entier de {least} à {most}", f"a whole number from {least} to {most}")
        return int(text)

    return cast


def _kinds(text: str) -> frozenset[Kind]:
    named = [part for part in re.split(r"[\s,]+", text) if part]
    kinds = frozenset(kind for kind in KINDS if kind in named)
    if named != ["none"] and len(kinds) < len(named):
        raise _UnfitError(f"{', '.join(KINDS)}, ou none", f"{', '.join(KINDS)}, or none")
    return kinds


def _images(text: str) -> str | None:
    if text.lower() == "off":
        return None
    scheme, found, rest = text.partition("://")
    bucket, _, prefix = rest.partition("/")
    if found and not (
        scheme == "s3" and re.fullmatch(r"[a-z0-9.-]{3,63}", bucket) and re.fullmatch(r"[A-Za-z0-9._/-]*", prefix)
    ):
        # The rest may hold a password.
        raise _UnfitError(
            "un dossier, s3://bucket/prefixe, ou off", "a folder, s3://bucket/prefix, or off", f"{scheme}://…"
        )
    return text


def _command(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        raise _UnfitError("une commande et ses arguments", "a command and its arguments") from None


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0.1 <= rate <= 100_000:
        raise _UnfitError("un nombre de 0.1 à 100000", "a number from 0.1 to 100000")
    return rate


def _flag(text: str) -> bool:
    known = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}
    if text.lower() not in known:
        raise _UnfitError("« yes » ou « no »", "yes or no")
    return known[text.lower()]


def _database_url(text: str) -> str:
    scheme, found, rest = text.partition("://")
    if scheme == "postgres":  # what several hosting platforms still write
        scheme = "postgresql"
    if not found or scheme not in ("sqlite", "postgresql") or (scheme == "sqlite" and not rest.lstrip("/")):
        # The rest may hold a password.
        raise _UnfitError(
            "sqlite:///un/chemin ou postgresql://utilisateur@machine/base",
            "sqlite:///a/path or postgresql://user@host/database",
            f"{scheme}://…" if found else _NO_SCHEME,
        )
    if scheme == "sqlite" and (not rest.startswith("/") or rest.endswith(("/", ":memory:"))):
        raise _UnfitError("sqlite:///un/fichier (trois barres, un fichier)", "sqlite:///a/file (three slashes, a file)")
    return f"{scheme}://{rest}"


def _redis_url(text: str) -> str:
    scheme, found, rest = text.partition("://")
    if not found or scheme not in ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster") or not rest:
        raise _UnfitError("redis://machine:6379/0", "redis://host:6379/0", f"{scheme}://…" if found else _NO_SCHEME)
    return text


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _is_web_address(text: str, *, with_path: bool) -> bool:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it checks it
    except ValueError:
        return False
    plain = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    no_tail = not parts.query and not parts.fragment and (with_path or not parts.path)
    return plain and no_tail and re.fullmatch(r"[!-~]+", text) is not None and not set(text) & set("\"'<>;,\\")


def _public_url(text: str) -> str:
    text = text.rstrip("/")
    if not _is_web_address(text, with_path=False):
        got = Phrase("une adresse avec un utilisateur", "an address with a user in it") if "@" in text else None
        raise _UnfitError("une adresse comme https://palabre.example", "an address like https://palabre.example", got)
    return text


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.lower().rstrip("/") for part in re.split(r"[\s,]+", text) if part)
    for origin in origins:
        if origin != "*" and not _is_web_address(origin, with_path=False):
            raise _UnfitError(
                "des origines comme https://intranet.example, séparées par des virgules",
                "origins like https://intranet.example, separated by commas",
                repr(origin),
            )
    return origins


def _long_secret(text: str) -> str:
    if len(text) < SECRET_CHARS:
        raise _UnfitError(
            f"au moins {SECRET_CHARS} caractères au hasard ({_HOW_TO_MAKE})",
            f"at least {SECRET_CHARS} random characters ({_HOW_TO_MAKE})",
            f"{len(text)}",
        )
    return text


def _secret(text: str) -> bytes:
    return _long_secret(text).encode()


def _integrators(text: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for part in filter(None, text.split(",")):
        name, equals, secret = part.strip().partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name) or name in keys:
            raise _UnfitError(
                "nom=secret,… avec des noms distincts de lettres, chiffres, points et tirets",
                "name=secret,… with distinct names of letters, digits, dots and dashes",
                f"{len(keys) + 1}. name {name!r}" if equals else f"{len(keys) + 1}. entry without `=`",
            )
        keys[name] = _secret(secret)
    return keys


class _Secrets(NamedTuple):
    """What signs, what signed before, and what the database was made with."""

    signing: bytes
    before: bytes | None
    kept: bytes


def _secrets(environ: Mapping[str, str], folder: Path, on_sqlite: bool) -> _Secrets:
    signing = _read(environ, "PALABRE_SECRET", _secret, None)
    before = _read(environ, "PALABRE_SECRET_BEFORE", _secret, None)
    kept = _read(environ, "PALABRE_KEPT_SECRET", _secret, None)
    if signing is None and on_sqlite:
        try:
            return _secrets_of_folder(folder, before, kept)
        except OSError as error:
            raise SettingError(
                "PALABRE_DATA",
                Phrase("un dossier où lire et écrire", "a folder to read and write in"),
                f"{str(folder)!r} ({error.strerror})",
            ) from None
    if signing is None:
        raise SettingError(
            "PALABRE_SECRET",
            Phrase(
                f"un secret commun à tous les processus, avec PostgreSQL ({_HOW_TO_MAKE})",
                f"one secret for all processes, with PostgreSQL ({_HOW_TO_MAKE})",
            ),
            _NOTHING,
        )
    if kept is None and before is not None:
        # It would be the new one, and nobody would be the author of what he wrote without a name.
        raise SettingError(
            "PALABRE_KEPT_SECRET",
            Phrase(
                "avec PALABRE_SECRET_BEFORE, ce qu’était PALABRE_SECRET quand la base fut faite",
                "with PALABRE_SECRET_BEFORE, what PALABRE_SECRET was when the database was made",
            ),
            _NOTHING,
        )
    return _Secrets(signing, before, kept or signing)


def _secrets_of_folder(folder: Path, before: bytes | None, kept: bytes | None) -> _Secrets:
    """The secrets in the data folder, made on the first start; those that are given win."""
    # The database beside it holds what is hidden from everyone else.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, path_before, path_kept = (folder / name for name in ("secret", "secret-before", "kept-secret"))
    if kept is None and not path_kept.exists():
        # The first secret of the folder made what is in the database, while one secret did everything.
        first = path_before if path_before.exists() else path
        _write_once(path_kept, _written(first).decode() if first.exists() else secrets.token_urlsafe(32))
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(32))
    if before is None and path_before.exists():
        before = _written(path_before)
    return _Secrets(_written(path), before, kept or _written(path_kept))


def _write_once(path: Path, text: str) -> None:
    """Make a file that its owner alone may read, unless it is there."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link and not a rename: of two servers that start at once, the second keeps the first one's secret.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _written(path: Path) -> bytes:
    """The secret in a file, which nobody else may read from now on."""
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    written = path.read_text().strip()
    if len(written) < SECRET_CHARS:
        raise SettingError(
            "PALABRE_DATA",
            Phrase(
                f"un secret d’au moins {SECRET_CHARS} caractères dans {path} ({_REPAIRS[path.name].fr})",
                f"a secret of at least {SECRET_CHARS} characters in {path} ({_REPAIRS[path.name].en})",
            ),
            f"{len(written)}",
        )
    return written.encode()


_REPAIRS: Final = {
    "secret": Phrase("supprimez-le pour en changer", "remove it to have a new one"),
    "secret-before": Phrase("supprimez-le pour n’en avoir plus", "remove it to have none"),
    "kept-secret": Phrase("reprenez-le d’une sauvegarde", "restore it from a backup"),
}
