"""From a journal to the positions beside it, in the same database."""

from server.journal.port import Journal
from server.journal.sqlite.journal import SqliteJournal
from server.positions.port import Positions
from server.positions.sqlite import SqlitePositions


def positions_of(journal: Journal) -> Positions:
    """
    Raises:
        TypeError: it is a journal of no database.
    """
    if isinstance(journal, SqliteJournal):
        return SqlitePositions(journal)
    # Not needed on a laptop, and slow to load.
    from server.journal.postgres.journal import PostgresJournal
    from server.positions.postgres import PostgresPositions

    if isinstance(journal, PostgresJournal):
        return PostgresPositions(journal)
    raise TypeError(f"expected a journal in SQLite or PostgreSQL; got {type(journal).__name__}")
