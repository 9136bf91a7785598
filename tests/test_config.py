"""Settings: what the environment may say, and what each mistake is told."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from server import config
from server.config import AT_HOME, SettingError, Settings, read_settings, terminal_language

SECRET = "0123456789abcdef0123456789abcdef"
BEFORE = "another one of thirty-two letters, which signed"
KEPT = "a third one of thirty-two letters, which is kept"
POSTGRES = "postgresql://palabre:hunter2@db.example/palabre"


@pytest.fixture
def here(tmp_path: Path) -> dict[str, str]:
    return {"PALABRE_DATA": str(tmp_path / "data")}


def test_nothing_set_is_a_laptop_on_sqlite(here: dict[str, str]) -> None:
    settings = read_settings(here)
    assert settings.port == 8000
    assert settings.workers == 1
    assert settings.database_url == f"sqlite:///{here['PALABRE_DATA']}/palabre.sqlite"
    assert settings.redis_url is None
    assert (settings.rate, settings.burst) == (30, 120)


def test_empty_variables_count_as_unset(here: dict[str, str]) -> None:
    empty = dict.fromkeys(["PORT", "HOST", "DATABASE_URL", "REDIS_URL", "WEB_CONCURRENCY", "PALABRE_SECRET"], "")
    assert read_settings(here | empty) == read_settings(here)


def test_everything_set(here: dict[str, str]) -> None:
    settings = read_settings(
        here
        | {
            "PORT": "9000",
            "HOST": "192.0.2.7",
            "DATABASE_URL": "postgres://u@h/d",
            "REDIS_URL": "rediss://r",
            "WEB_CONCURRENCY": "3",
            "PALABRE_SECRET": SECRET,
            "PALABRE_SECRET_BEFORE": BEFORE,
            "PALABRE_KEPT_SECRET": KEPT,
            "PALABRE_KEYS": f"intranet={SECRET}=, hr.app={SECRET}",
            "PALABRE_PUBLIC_URL": "https://palabre.example/",
            "PALABRE_ORIGINS": "https://Intranet.example, https://b.example:8443",
            "PALABRE_FRAME_ANCESTORS": "https://intranet.example",
            "PALABRE_IMAGES": "s3://palabre-images/here",
            "PALABRE_IMAGES_SCAN": "clamdscan --fdpass",
            "PALABRE_RATE": "2.5",
            "PALABRE_MAX_CONNECTIONS": "77",
            "PALABRE_METRICS_TOKEN": SECRET,
            "PALABRE_ACCESS_LOG": "yes",
            "FORWARDED_ALLOW_IPS": "*",
        }
    )
    assert settings == Settings(
        port=9000,
        host="192.0.2.7",
        database_url="postgresql://u@h/d",
        redis_url="rediss://r",
        workers=3,
        folder=Path(here["PALABRE_DATA"]),
        secret=SECRET.encode(),
        secret_before=BEFORE.encode(),
        kept_secret=KEPT.encode(),
        integrators={"intranet": f"{SECRET}=".encode(), "hr.app": SECRET.encode()},
        public_url="https://palabre.example",
        origins=("https://intranet.example", "https://b.example:8443"),
        frame_ancestors=("https://intranet.example",),
        images="s3://palabre-images/here",
        images_scan=("clamdscan", "--fdpass"),
        rate=2.5,
        max_connections=77,
        max_sockets=154,
        metrics_token=SECRET,
        access_log=True,
        trusted_proxies="*",
    )


def test_images_lie_in_the_data_folder_and_beside_postgres_where_it_is_said(here: dict[str, str]) -> None:
    assert read_settings(here).images == f"{here['PALABRE_DATA']}/images"
    assert read_settings(here | {"PALABRE_IMAGES": "off"}).images is None
    shared = here | {"DATABASE_URL": POSTGRES, "PALABRE_SECRET": SECRET}
    assert read_settings(shared).images is None
    assert read_settings(shared | {"PALABRE_IMAGES": "/srv/images"}).images == "/srv/images"


def test_the_table_in_the_docstring_names_what_is_read() -> None:
    asked: set[str] = set()

    class Watched(dict[str, str]):
        def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
            asked.add(key)
            return super().get(key, default)

    read_settings(Watched(PALABRE_SECRET=SECRET))
    assert set(re.findall(r"^\| `([A-Z_]+)`", config.__doc__ or "", re.MULTILINE)) == asked


MISTAKES: list[tuple[dict[str, str], str]] = [
    ({"PORT": "http"}, r"PORT: expected a whole number from 0 to 65535; got 'http'"),
    ({"PORT": "65536"}, "PORT: expected"),
    ({"PORT": "-1"}, "PORT: expected"),
    ({"PORT": "٣"}, "PORT: expected"),
    ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY: expected a whole number from 1"),
    ({"WEB_CONCURRENCY": "2"}, r"several processes need PostgreSQL and Redis .*got 2 with SQLite"),
    (
        {"WEB_CONCURRENCY": "2", "DATABASE_URL": POSTGRES, "PALABRE_SECRET": SECRET},
        r"several processes need PostgreSQL and Redis .*got 2 without REDIS_URL",
    ),
    ({"WEB_CONCURRENCY": "2", "REDIS_URL": "redis://r"}, r"got 2 with SQLite"),
    ({"DATABASE_URL": "mysql://me:hunter2@h/d"}, "DATABASE_URL: expected .*postgresql://.*got mysql://…"),
    ({"DATABASE_URL": "palabre.db"}, "DATABASE_URL: expected .*got an address without a scheme"),
    ({"DATABASE_URL": "sqlite://palabre.db"}, "three slashes"),
    ({"DATABASE_URL": "sqlite:///:memory:"}, "a file"),
    ({"DATABASE_URL": "sqlite:///"}, "DATABASE_URL: expected"),
    ({"DATABASE_URL": POSTGRES}, "PALABRE_SECRET: expected one secret for all processes, .*token_urlsafe"),
    ({"REDIS_URL": "localhost:6379"}, "REDIS_URL: expected redis://"),
    ({"REDIS_URL": "http://me:hunter2@r"}, "REDIS_URL: expected .*got http://…"),
    ({"PALABRE_SECRET": "hunter2"}, "PALABRE_SECRET: expected at least 32 .*got 7"),
    ({"PALABRE_SECRET": SECRET, "PALABRE_SECRET_BEFORE": "short"}, "PALABRE_SECRET_BEFORE: expected at least 32"),
    ({"PALABRE_SECRET": SECRET, "PALABRE_KEPT_SECRET": "short"}, "PALABRE_KEPT_SECRET: expected at least 32"),
    (
        {"PALABRE_SECRET": SECRET, "PALABRE_SECRET_BEFORE": BEFORE},
        "PALABRE_KEPT_SECRET: expected with PALABRE_SECRET_BEFORE, what PALABRE_SECRET was",
    ),
    ({"PALABRE_KEYS": "intranet"}, "PALABRE_KEYS: expected name=secret.*got 1. entry without `=`"),
    ({"PALABRE_KEYS": "intranet=hunter2"}, "PALABRE_KEYS: expected at least 32"),
    ({"PALABRE_KEYS": f"a={SECRET},a={SECRET}"}, "PALABRE_KEYS: expected .*distinct"),
    ({"PALABRE_KEYS": f"a b={SECRET}"}, "PALABRE_KEYS: expected name=secret"),
    ({"PALABRE_PUBLIC_URL": "palabre.example"}, "PALABRE_PUBLIC_URL: expected an address like https://"),
    ({"PALABRE_PUBLIC_URL": "ftp://palabre.example"}, "PALABRE_PUBLIC_URL: expected"),
    ({"PALABRE_PUBLIC_URL": "https://palabre.example/?a=b"}, "PALABRE_PUBLIC_URL: expected"),
    ({"PALABRE_PUBLIC_URL": "https://me:hunter2@palabre.example"}, "PALABRE_PUBLIC_URL: expected"),
    ({"PALABRE_PUBLIC_URL": "https://palabre.example:http"}, "PALABRE_PUBLIC_URL: expected"),
    ({"PALABRE_ORIGINS": "https://a.example, b.example"}, "PALABRE_ORIGINS: expected .*got 'b.example'"),
    ({"PALABRE_ORIGINS": "https://a.example/path"}, "PALABRE_ORIGINS: expected origins"),
    ({"PALABRE_FRAME_ANCESTORS": "https://a.example;script-src"}, "PALABRE_FRAME_ANCESTORS: expected"),
    ({"PALABRE_RATE": "fast"}, "PALABRE_RATE: expected a number"),
    ({"PALABRE_RATE": "nan"}, "PALABRE_RATE: expected a number"),
    ({"PALABRE_RATE": "0"}, "PALABRE_RATE: expected a number"),
    ({"PALABRE_MAX_CONNECTIONS": "many"}, "PALABRE_MAX_CONNECTIONS: expected"),
    (
        {"PALABRE_IMAGES": "https://u:hunter2@h/b"},
        "PALABRE_IMAGES: expected a folder, s3://bucket/prefix, or off; got https://…",
    ),
    ({"PALABRE_IMAGES": "s3://"}, "PALABRE_IMAGES: expected a folder"),
    ({"PALABRE_IMAGES_SCAN": "scan 'here"}, "PALABRE_IMAGES_SCAN: expected a command"),
    ({"PALABRE_METRICS_TOKEN": "hunter2"}, "PALABRE_METRICS_TOKEN: expected at least 32"),
    ({"PALABRE_ACCESS_LOG": "maybe"}, "PALABRE_ACCESS_LOG: expected yes or no; got 'maybe'"),
]


@pytest.mark.parametrize(
    ("mistake", "told"), MISTAKES, ids=[" ".join(f"{k}={v}"[:40] for k, v in m.items()) for m, _ in MISTAKES]
)
def test_a_mistake_is_told_without_its_secrets(here: dict[str, str], mistake: Mapping[str, str], told: str) -> None:
    with pytest.raises(SettingError, match=told) as refused:
        read_settings(here | dict(mistake))
    assert "hunter2" not in str(refused.value) + refused.value.phrase.fr
    assert " : attendu " in refused.value.phrase.fr


def test_several_processes_in_french(here: dict[str, str]) -> None:
    with pytest.raises(SettingError) as refused:
        read_settings(here | {"WEB_CONCURRENCY": "2"})
    words = refused.value.phrase.in_("fr")
    assert "plusieurs processus demandent PostgreSQL et Redis" in words
    assert words.endswith("reçu 2 avec SQLite")


def test_secrets_are_in_no_repr(here: dict[str, str]) -> None:
    settings = read_settings(here | {"DATABASE_URL": POSTGRES, "PALABRE_SECRET": SECRET, "PALABRE_KEYS": f"a={SECRET}"})
    assert "hunter2" not in repr(settings)
    assert SECRET not in repr(settings)


# Two secrets.


def test_one_secret_that_is_given_is_both(here: dict[str, str]) -> None:
    for database in ({}, {"DATABASE_URL": POSTGRES}):
        settings = read_settings(here | database | {"PALABRE_SECRET": SECRET})
        assert (settings.secret, settings.secret_before, settings.kept_secret) == (
            SECRET.encode(),
            None,
            SECRET.encode(),
        )
    assert not Path(here["PALABRE_DATA"]).exists()


def test_a_fresh_data_folder_has_two_secrets(here: dict[str, str]) -> None:
    settings = read_settings(here)
    assert settings.secret != settings.kept_secret
    assert settings.secret_before is None
    assert read_settings(here) == settings


def test_in_a_folder_of_before_there_were_two_the_secret_is_kept(here: dict[str, str]) -> None:
    folder = Path(here["PALABRE_DATA"])
    folder.mkdir()
    (folder / "secret").write_text(SECRET)
    settings = read_settings(here)
    assert (settings.secret, settings.kept_secret) == (SECRET.encode(), SECRET.encode())
    assert (folder / "kept-secret").read_text() == SECRET
    assert (folder / "kept-secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("started", [True, False], ids=["started since", "at once with the upgrade"])
def test_in_the_folder_the_signing_secret_is_replaced_by_renaming_it(here: dict[str, str], started: bool) -> None:
    folder = Path(here["PALABRE_DATA"])
    folder.mkdir()
    (folder / "secret").write_text(SECRET)
    if started:
        read_settings(here)
    (folder / "secret").rename(folder / "secret-before")
    (folder / "secret-before").chmod(0o644)
    settings = read_settings(here)
    assert settings.secret != SECRET.encode()
    assert (settings.secret_before, settings.kept_secret) == (SECRET.encode(), SECRET.encode())
    assert (folder / "secret-before").stat().st_mode & 0o777 == 0o600
    (folder / "secret-before").unlink()
    after = read_settings(here)
    assert (after.secret, after.secret_before, after.kept_secret) == (settings.secret, None, SECRET.encode())


def test_secrets_that_are_given_win_over_those_of_the_folder(here: dict[str, str]) -> None:
    folder = Path(here["PALABRE_DATA"])
    read_settings(here)
    (folder / "secret-before").write_text(SECRET)
    given = {"PALABRE_SECRET_BEFORE": BEFORE, "PALABRE_KEPT_SECRET": KEPT}
    settings = read_settings(here | given)
    assert settings.secret == (folder / "secret").read_bytes()
    assert (settings.secret_before, settings.kept_secret) == (BEFORE.encode(), KEPT.encode())


@pytest.mark.parametrize(
    ("name", "told"),
    [("secret", "remove it to have a new one"), ("secret-before", "remove it"), ("kept-secret", "from a backup")],
)
def test_a_truncated_file_of_a_secret_says_what_to_do(here: dict[str, str], name: str, told: str) -> None:
    read_settings(here)
    (Path(here["PALABRE_DATA"]) / name).write_text("short")
    with pytest.raises(SettingError, match=f"PALABRE_DATA: expected a secret of at least 32 .*/{name} .*{told}"):
        read_settings(here)


# The secret in the data folder.


def test_a_secret_is_made_once_and_kept_for_its_owner_only(here: dict[str, str]) -> None:
    first = read_settings(here).secret
    path = Path(here["PALABRE_DATA"]) / "secret"
    assert len(first) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {file.name for file in path.parent.iterdir()} == {"secret", "kept-secret"}
    assert read_settings(here).secret == first


def test_a_secret_that_others_may_read_is_closed_to_them(here: dict[str, str]) -> None:
    read_settings(here)
    path = Path(here["PALABRE_DATA"]) / "secret"
    path.chmod(0o644)
    read_settings(here)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_truncated_secret_is_refused(here: dict[str, str]) -> None:
    read_settings(here)
    (Path(here["PALABRE_DATA"]) / "secret").write_text("short")
    with pytest.raises(SettingError, match="remove it to have a new one"):
        read_settings(here)


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        SettingError, match=r"PALABRE_DATA: expected a folder to read and write in; got .*Not a directory"
    ):
        read_settings({"PALABRE_DATA": str(tmp_path / "file" / "data")})


# Origins.


@pytest.mark.parametrize(
    ("origin", "host", "served"),
    [
        (None, "palabre.example", True),
        ("https://palabre.example", "10.0.0.1:8000", True),
        ("http://10.0.0.1:8000", "10.0.0.1:8000", True),
        ("https://intranet.example", "10.0.0.1:8000", True),
        ("http://intranet.example", "10.0.0.1:8000", False),
        ("https://intranet.example.evil.example", "10.0.0.1:8000", False),
        ("http://10.0.0.1:8001", "10.0.0.1:8000", False),
        ("null", "10.0.0.1:8000", False),
        ("", "10.0.0.1:8000", False),
        ("http://", "", False),
        ("file://10.0.0.1:8000", "10.0.0.1:8000", False),
    ],
)
def test_origins(here: dict[str, str], origin: str | None, host: str, served: bool) -> None:
    own = {"PALABRE_PUBLIC_URL": "https://palabre.example", "PALABRE_ORIGINS": "https://intranet.example"}
    assert read_settings(here | own).serves_origin(origin, host) is served


@pytest.mark.parametrize(
    ("public", "origin", "by_tls", "served"),
    [
        (None, "http://10.0.0.1:8000", False, True),
        (None, "https://10.0.0.1:8000", False, True),
        (None, "https://10.0.0.1:8000", True, True),
        (None, "http://10.0.0.1:8000", True, False),
        ("https://10.0.0.1:8000", "http://10.0.0.1:8000", False, False),
        ("https://10.0.0.1:8000", "https://10.0.0.1:8000", False, True),
        ("http://10.0.0.1:8000", "https://10.0.0.1:8000", False, False),
        ("https://palabre.example", "http://10.0.0.1:8000", False, True),
    ],
)
def test_a_page_of_the_other_scheme_is_anothers(
    here: dict[str, str], public: str | None, origin: str, by_tls: bool, served: bool
) -> None:
    settings = read_settings(here | ({} if public is None else {"PALABRE_PUBLIC_URL": public}))
    assert settings.serves_origin(origin, "10.0.0.1:8000", by_tls=by_tls) is served


def test_a_star_serves_all_origins(here: dict[str, str]) -> None:
    assert read_settings(here | {"PALABRE_ORIGINS": "*"}).serves_origin("null", "a")


# The language of the terminal.


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fr_CA", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE", "LC_MESSAGES": "fr_FR"}, "fr"),
        ({"LANG": "fr", "LC_ALL": ""}, "fr"),
    ],
)
def test_the_terminal_speaks_the_language_of_its_locale(environ: dict[str, str], lang: str) -> None:
    assert terminal_language(environ) == lang


@pytest.mark.parametrize("url", ["redis+cluster://r:7000,r:7001", "rediss+cluster://me:secret@r:7000"])
def test_a_cluster_is_named_by_some_of_its_nodes(here: dict[str, str], url: str) -> None:
    assert read_settings(here | {"REDIS_URL": url}).redis_url == url


def test_what_anybody_may_create_is_told_by_how_it_is_started_unless_it_is_set(here: dict[str, str]) -> None:
    assert read_settings(here).open == {"workshops"}
    assert read_settings(here, opens=AT_HOME).open == {"workshops", "communities"}
    assert read_settings(here | {"PALABRE_OPEN": "workshops"}, opens=AT_HOME).open == {"workshops"}
    assert read_settings(here | {"PALABRE_OPEN": "none"}, opens=AT_HOME).open == set()


@pytest.mark.parametrize("text", ["everything", "workshops,rooms", "none,workshops"])
def test_what_anybody_may_create_is_named(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="PALABRE_OPEN: expected workshops, communities, or none"):
        read_settings({"PALABRE_DATA": str(tmp_path), "PALABRE_OPEN": text})


def test_the_settings_are_told_in_both_languages() -> None:
    """As they are read: by name, with the values that are written the same in both."""
    root = Path(__file__).parents[1]
    read = set(re.findall(r"""environ(?:\.get\(|, )"([A-Z_]+)\"""", (root / "server/config.py").read_text()))
    read -= {"LC_ALL", "LC_MESSAGES", "LANG"}
    assert {"PORT", "PALABRE_OPEN", "FORWARDED_ALLOW_IPS"} < read
    row = re.compile(r"^\| `([A-Z_]+)` \| ([^|]+) \|", re.MULTILINE)
    told = {name: row.findall((root / name).read_text()) for name in ("README.md", "README.fr.md")}
    told["server/config.py"] = row.findall(config.__doc__ or "")
    for where, rows in told.items():
        assert {name for name, _ in rows} == read, where
        assert [name for name, _ in rows] == [name for name, _ in told["README.md"]], where
    same = {
        where: {name: default for name, default in rows if default[0].isdigit() or default[0] == "`"}
        for where, rows in told.items()
    }
    assert same["README.md"] == same["README.fr.md"] == same["server/config.py"] != {}
