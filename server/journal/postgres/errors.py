"""What asyncpg raises, sorted by what it means to a journal."""

from urllib.parse import urlsplit

import asyncpg

from server.journal.port import JournalError

# The data of an entry, refused by the server, or by asyncpg before anything was sent.
DATA_ERRORS = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    ValueError,
    OverflowError,
)

# The server undid the statement because somebody else was in the way.
CONTENTION_ERRORS = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)

# All else that a working program meets: a database that is away, full, read-only, stopping or silent.
DATABASE_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)


def words(error: BaseException) -> str:
    """What the error says, without the data that it is about: a DETAIL quotes rows, and asyncpg quotes arguments."""
    match error:
        case ValueError() | asyncpg.DataError() if error.__cause__ is not None:
            return f"a value that cannot be sent ({type(error.__cause__).__name__})"
        case asyncpg.PostgresError():
            return f"{error.args[0]} ({error.sqlstate})"
        case _:
            return str(error) or type(error).__name__


def explained(error: BaseException, url: str) -> JournalError:
    """The error in words for whoever runs the server; the URL's password is not among them."""
    parts = urlsplit(url)
    where = f"PostgreSQL at {parts.netloc.rpartition('@')[2] or 'the local socket'}{parts.path}"
    said = f"{where}: {words(error)}"
    match error:
        case asyncpg.InvalidAuthorizationSpecificationError():
            return JournalError(f"{said}; check the user and the password in DATABASE_URL", retry=False)
        case asyncpg.InvalidCatalogNameError():
            return JournalError(f"{said}; create it, or check the name in DATABASE_URL", retry=False)
        case asyncpg.InsufficientPrivilegeError():
            return JournalError(
                f"{said}; grant this user the tables, or run `palabre migrate` as their owner", retry=False
            )
        case asyncpg.UndefinedTableError() | asyncpg.UndefinedColumnError():
            return JournalError(f"{said}; run `palabre migrate`", retry=False)
        case asyncpg.ReadOnlySQLTransactionError():
            return JournalError(f"{said}; is it a standby? Palabre needs the primary", retry=True)
        case asyncpg.DiskFullError():
            return JournalError(f"{said}; free some space on its disk", retry=True)
        case asyncpg.LockNotAvailableError():
            return JournalError(f"{said}; another worker holds it, try again", retry=True)
        case asyncpg.QueryCanceledError() | TimeoutError():
            return JournalError(f"{said}; it did not answer in time", retry=True)
        case ValueError() | asyncpg.DataError():
            return JournalError(f"{said}; it refuses what was asked", retry=False)
        case _:
            return JournalError(f"{said}; is it running, and reachable from here?", retry=True)
