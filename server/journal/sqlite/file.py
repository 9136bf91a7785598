"""Opening a SQLite file: one server process at a time, durable, migrated."""

import fcntl
import os
import sqlite3
import time
from pathlib import Path
from typing import IO, Final, NamedTuple

from server.journal.migrate import CREATE_TABLE, Migration, pending
from server.journal.port import InUse, JournalError
from server.journal.sqlite.redact import finish

# A foreign process (a backup, a shell) may hold the file for a moment; longer, and an append is Unknown.
BUSY_SECONDS = 2


_REWRITING: Final = "rewriting"


class Holder(NamedTuple):
    """The process that has a file.

    Attributes:
        process: its number; "unknown" where it does not say.
        rewriting: it rewrites the file, and will be done.
    """

    process: str
    rewriting: bool


def lock(path: Path, *, rewriting: bool = False) -> IO[str]:
    """Hold `path`.lock until the returned file is closed or the process dies. Raises InUse when another holds it.

    Args:
        rewriting: what it is held for, as `holder` tells whoever is refused.

    A file of its own: SQLite's locks on the database are let go by closing any descriptor of it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not for appending only: the holder's number is read by whoever is refused.
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise JournalError(
            f"cannot write beside {path}: {error.strerror}; give this user the folder", retry=False
        ) from error
    held = os.fdopen(descriptor, "r+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        there = _holder(held)
        held.close()
        raise InUse(
            f"another Palabre {'rewrites' if there.rewriting else 'runs on'} this file: {path} (process {there.process}); "
            "several workers need PostgreSQL and Redis",
            rewriting=there.rewriting,
        ) from None
    held.truncate(0)
    held.write(f"{os.getpid()} {_REWRITING}\n" if rewriting else f"{os.getpid()}\n")
    held.flush()
    return held


def holder(path: Path) -> Holder | None:
    """The process that holds `path`.lock; None when nobody does, as far as can be seen."""
    try:
        with Path(f"{path}.lock").open(encoding="ascii", errors="replace") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _holder(held)
    except OSError:
        pass  # there is none, or what keeps it from being read is told when the file is opened
    return None


def _holder(held: IO[str]) -> Holder:
    process, _, purpose = held.read().strip().partition(" ")
    return Holder(process or "unknown", purpose == _REWRITING)


def connect_writer(path: Path) -> tuple[sqlite3.Connection, list[Migration]]:
    """The writing connection, in autocommit mode, and the migrations that the file was given. Raises JournalError."""
    try:
        _keep_private(path)
        connection = _connect(str(path))
        try:
            # Write-ahead: readers never wait for the writer. FULL: a commit is on the disk before it is answered.
            connection.execute("pragma journal_mode = wal")
            connection.execute("pragma synchronous = full")
            # The rarer a checkpoint, the longer it takes, but the more commits do without one (against SQLite's own 1,000 pages: the
            # 99th percentile of a commit of 32 commands 0.35 ×).
            connection.execute("pragma wal_autocheckpoint = 4000")
            # What is removed or redacted is overwritten with zeros, not left in free pages.
            connection.execute("pragma secure_delete = on")
            # SQLite opens a file that it may only read without a word.
            connection.execute("begin immediate")
            connection.execute("rollback")
            migrated = _migrate(connection)
            finish(connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise explained(error, path) from error
    return connection, migrated


def _keep_private(path: Path) -> None:
    """The file holds what is hidden from everybody: nobody else on this machine reads it. SQLite gives its neighbours the same mode."""
    try:
        # Closed before there is a connection: closing a descriptor lets go of the locks of all others on the file.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        for each in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            if each.exists() and each.stat().st_mode & 0o007:
                each.chmod(0o600)
    except OSError:
        pass  # what keeps it from being used is told when it is opened


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write."""
    connection = _connect(str(path))
    connection.execute("pragma query_only = on")
    return connection


def explained(error: sqlite3.Error, path: Path) -> JournalError:
    """The error in words for whoever runs the server."""
    code = getattr(error, "sqlite_errorname", "")
    advice, retry = next((advice for name, advice in _ADVICE.items() if code.startswith(name)), ("", False))
    return JournalError(f"SQLite cannot use {path}: {error}{advice}", retry=retry)


_ADVICE = {
    "SQLITE_FULL": ("; free some space on the disk", True),
    "SQLITE_BUSY": ("; another program holds the file: end it, or wait", True),
    "SQLITE_READONLY": ("; give this user the right to write the file and its folder", False),
    "SQLITE_CANTOPEN": ("; does the folder exist, and may this user write in it?", False),
    "SQLITE_NOTADB": ("; the file holds something else: give DATABASE_URL another path", False),
    "SQLITE_CORRUPT": ("; restore a backup, or try sqlite3's .recover", False),
    "SQLITE_IOERR": ("; look at the disk", True),
}


def _connect(database: str) -> sqlite3.Connection:
    return sqlite3.connect(database, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _migrate(connection: sqlite3.Connection) -> list[Migration]:
    connection.execute(CREATE_TABLE)
    (applied,) = connection.execute("select coalesce(max(number), 0) from migrations").fetchone()
    missing = pending("sqlite", applied)
    for migration in missing:
        # `executescript` commits what is open, so the transaction is part of the script.
        at = int(time.time() * 1000)
        record = f"insert into migrations values ({migration.number}, '{migration.name}', {at});"
        try:
            connection.executescript(f"begin immediate;\n{migration.sql}\n{record}\ncommit;")
        finally:
            if connection.in_transaction:
                connection.execute("rollback")
    return missing
