"""From a journal to the accounts beside it, in the same database."""

from server.accounts.port import Accounts
from server.accounts.sqlite import SqliteAccounts
from server.journal.port import Journal
from server.journal.sqlite.journal import SqliteJournal


def accounts_of(journal: Journal) -> Accounts:
    """
    Raises:
        TypeError: it is a journal of no database.
    """
    if isinstance(journal, SqliteJournal):
        return SqliteAccounts(journal)
    # Not needed on a laptop, and slow to load.
    from server.accounts.postgres import PostgresAccounts
    from server.journal.postgres.journal import PostgresJournal

    if isinstance(journal, PostgresJournal):
        return PostgresAccounts(journal)
    raise TypeError(f"expected a journal in SQLite or PostgreSQL; got {type(journal).__name__}")
