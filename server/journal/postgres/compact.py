"""The tables written anew on PostgreSQL, so that nothing is in them of what was taken out: for a window in which nothing else runs."""

from typing import Final

from server.journal.port import JournalError
from server.journal.postgres.connection import Connection

# Not one is left out in which somebody may have been: the keys of commands and how far consumers are name nobody.
TABLES: Final = (
    "commits",
    "sealed",
    "snapshots",
    "public_rows",
    "notices",
    "stakes",
    "memberships",
    "positions",
    "appearances",
    "logins",
    "endings",
    "links",
    "leaving",
)

NAMELESS: Final = (
    "streams",
    "command_keys",
    "codes",
    "facts",
    "grants",
    "checkpoints",
    "waiting",
    "wakeups",
    "listings",
    "migrations",
)


# What the planner has seen in columns: samples of texts and ids.
_STATISTICS: Final = "pg_statistic"

_FILES = """
select relname, pg_relation_filenode(oid) from pg_class
where relkind = 'r' and (oid = $1::regclass or oid in (select inhrelid from pg_inherits where inhparent = $1::regclass))
"""


async def compact(connection: Connection) -> None:
    """Rewrite the tables, and their parts where they have some, one by one. Nobody reads or writes it meanwhile, and it needs its size once more.

    Outside any transaction.

    Raises:
        JournalError: one was left as it was, since it is another user's: PostgreSQL only warns of it.
        Exception: what asyncpg raises.
    """
    for table in (*TABLES, _STATISTICS):
        before = await connection.fetch(_FILES, table)
        await connection.execute(f"vacuum (full, analyze) {table}")
        after = await connection.fetch(_FILES, table)
        if kept := [name for name, file in before if (name, file) in map(tuple, after)]:
            raise JournalError(
                f"{', '.join(kept)} cannot be rewritten by this user; do it as the owner of the database", retry=False
            )
