"""Redaction on SQLite: afterwards nothing of what was blanked is left in the file or in its log."""

import sqlite3
from collections.abc import Callable

from server.journal.port import Commit
from server.journal.sqlite_projection import forget_removed_words, unproject
from server.journal.sqlite_writer import in_transaction

_READ = "select seq, format, at, events from commits where stream = ? order by seq"


def redact(connection: sqlite3.Connection, stream: str, change: Callable[[Commit], Commit]) -> str:
    """See `port.Journal.redact`. Runs on the writer, so that no append comes between.

    `secure_delete` overwrites what leaves the tables; the write-ahead log still holds it until it is folded into the file and cut.
    """
    incarnation = in_transaction(connection, lambda connection: _rewrite(connection, stream, change))
    connection.execute("pragma wal_checkpoint(truncate)")
    return incarnation


def _rewrite(connection: sqlite3.Connection, stream: str, change: Callable[[Commit], Commit]) -> str:
    sql = (
        "update streams set incarnation = lower(hex(randomblob(8))) where stream = ? and head > 0 returning incarnation"
    )
    found = connection.execute(sql, (stream,)).fetchone()
    if found is None:
        raise KeyError(f"no stream is named {stream}")
    for row in connection.execute(_READ, (stream,)).fetchall():
        before = Commit(*row)
        after = change(before)
        if after.seq != before.seq:
            raise ValueError(f"a redaction keeps each seq: {before.seq} became {after.seq}")
        if after != before:
            connection.execute(
                "update commits set format = ?, at = ?, events = ? where stream = ? and seq = ?",
                (after.format, after.at, after.events, stream, after.seq),
            )
    connection.execute("delete from snapshots where stream = ?", (stream,))
    connection.execute("delete from sealed where stream = ?", (stream,))
    unproject(connection, stream)
    forget_removed_words(connection)
    return str(found[0])
