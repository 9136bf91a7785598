"""From a DATABASE_URL to a journal."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from server.journal.port import Journal, JournalError
from server.journal.sqlite import file as sqlite_file
from server.journal.sqlite.file import Holder
from server.journal.sqlite.journal import SqliteJournal

POSTGRES = ("postgresql", "postgres")


def connect(url: str, *, alone: bool = False) -> Journal:
    """The journal that a URL names, not yet open. Raises JournalError for a URL of neither database.

    `alone`: there is no bus, so a second process on the same database is refused at open (on SQLite it always is).
    `sqlite:///data/palabre.db` is relative to the working directory, `sqlite:////srv/palabre.db` is absolute.
    """
    if _scheme(url) in POSTGRES:
        # Not needed on a laptop, and slow to load.
        from server.journal.postgres.journal import PostgresJournal

        return PostgresJournal(url, alone=alone)
    return SqliteJournal(_file(url))


def is_file(url: str) -> bool:
    """Whether a URL names a SQLite file. Raises JournalError as `connect` does."""
    return _scheme(url) not in POSTGRES


def holder(url: str) -> Holder | None:
    """Who has the file that a URL names; None for nobody, and for PostgreSQL. Raises JournalError as `connect` does."""
    return None if _scheme(url) in POSTGRES else sqlite_file.holder(_file(url))


async def migrate(url: str) -> list[str]:
    """Bring a database to this release's version; the names of the migrations applied. Raises JournalError.

    A SQLite file is migrated by whoever opens it, so it is opened and closed.
    """
    if _scheme(url) in POSTGRES:
        from server.journal.postgres import journal as postgres

        return await postgres.migrate(url)
    journal = SqliteJournal(_file(url))
    await journal.open()
    await journal.close()
    return journal.migrated


async def open_to_compact(url: str) -> tuple[Journal, Callable[[], Awaitable[None]]]:
    """A journal that nobody else has while it is open, and what leaves nothing in its files of what was taken out.

    Raises:
        InUse: somebody has it.
        JournalError: it cannot be used.
    """
    if _scheme(url) in POSTGRES:
        from server.journal.postgres.journal import PostgresJournal

        on_postgres = PostgresJournal(url, rewriting=True)
        await on_postgres.open()
        return on_postgres, on_postgres.compact
    on_sqlite = SqliteJournal(_file(url), rewriting=True)
    await on_sqlite.open()
    return on_sqlite, on_sqlite.purge


async def open_to_rewrite(url: str) -> tuple[Journal, list[str]]:
    """A journal that nobody else has while it is open, of this release's version, and the names of the migrations that this took.

    Raises:
        InUse: somebody has it; nothing was changed.
        JournalError: it cannot be used.
    """
    if _scheme(url) in POSTGRES:
        from server.journal.postgres.journal import PostgresJournal

        on_postgres = PostgresJournal(url, migrate=True, rewriting=True)
        await on_postgres.open()
        return on_postgres, on_postgres.migrated
    on_sqlite = SqliteJournal(_file(url), rewriting=True)
    await on_sqlite.open()
    return on_sqlite, on_sqlite.migrated


def _scheme(url: str) -> str:
    scheme = urlsplit(url).scheme
    if scheme not in (*POSTGRES, "sqlite"):
        # The rest of the URL may hold a password.
        raise JournalError(
            f"DATABASE_URL begins with {scheme + ':' if scheme else 'no scheme'}; "
            "expected sqlite:///folder/file.db or postgresql://user:password@host/database",
            retry=False,
        )
    return scheme


def _file(url: str) -> Path:
    parts = urlsplit(url)
    path = unquote(parts.path.removeprefix("/"))
    if parts.netloc or path in ("", ":memory:"):
        raise JournalError(
            f"{url} names no file; expected sqlite:///folder/file.db, or four slashes for /", retry=False
        )
    return Path(path)
