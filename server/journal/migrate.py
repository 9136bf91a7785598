"""Numbered SQL files, applied in order and recorded in the table `migrations`; what both adapters share of it.

A file is never changed once released: a change of the schema is a new file. A database that knows a migration which this release
does not is refused: a newer Palabre wrote it, and it may mean things that we would break.
"""

from importlib.resources import files
from typing import Literal, NamedTuple

from server.journal.port import JournalError

Dialect = Literal["sqlite", "postgres"]

CREATE_TABLE = """
create table if not exists migrations (number integer primary key, name text not null, at bigint not null)
"""


class Migration(NamedTuple):
    """One numbered file, `0001_name.sql`."""

    number: int
    name: str
    sql: str


def migrations(dialect: Dialect) -> list[Migration]:
    """All that this release knows, in order."""
    folder = files(f"server.journal.{dialect}") / "migrations"
    return sorted(
        Migration(int(file.name[:4]), file.name, file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    )


def pending(dialect: Dialect, applied: int) -> list[Migration]:
    """What a database whose last migration is number `applied` (0: none) still needs. Raises JournalError when it is newer."""
    known = migrations(dialect)
    if applied > known[-1].number:
        raise JournalError(
            f"the database is of version {applied}, made by a newer Palabre; this one knows versions up to {known[-1].number}. "
            "Start the newer release, or restore a backup made before the upgrade.",
            retry=False,
        )
    return [migration for migration in known if migration.number > applied]
