"""Redaction on SQLite: afterwards nothing of what was blanked is left in the file or in its log."""

import sqlite3
from collections.abc import Callable

from server.journal.port import Commit, Sealed
from server.journal.redaction import blank, blank_sealed
from server.journal.sqlite.projection import forget_removed_words, unproject
from server.journal.sqlite.writer import in_transaction

_SEALED = "select id, format, entity from sealed where stream = ? order by id"

_READ = "select seq, format, at, events from commits where stream = ? order by seq"


def redact(
    connection: sqlite3.Connection, stream: str, change: Callable[[Commit], Commit], reseal: Callable[[Sealed], Sealed]
) -> str:
    """See `port.Journal.redact`. Runs on the writer, so that no append comes between.

    `secure_delete` overwrites what leaves the tables; the write-ahead log still holds it until `cut_log`.
    """
    return in_transaction(connection, lambda connection: _rewrite(connection, stream, change, reseal))


def cut_log(connection: sqlite3.Connection) -> bool:
    """Fold the write-ahead log into the file and cut it; False while somebody reads a state of before, and nobody waits for them."""
    (timeout,) = connection.execute("pragma busy_timeout").fetchone()
    connection.execute("pragma busy_timeout = 0")
    try:
        busy, _, _ = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
    finally:
        connection.execute(f"pragma busy_timeout = {timeout:d}")
    return not busy


def _rewrite(
    connection: sqlite3.Connection, stream: str, change: Callable[[Commit], Commit], reseal: Callable[[Sealed], Sealed]
) -> str:
    sql = (
        "update streams set incarnation = lower(hex(randomblob(8))) where stream = ? and head > 0 returning incarnation"
    )
    found = connection.execute(sql, (stream,)).fetchone()
    if found is None:
        raise KeyError(f"no stream is named {stream}")
    for row in connection.execute(_READ, (stream,)).fetchall():
        before = Commit(*row)
        after = blank(before, change)
        if after != before:
            connection.execute(
                "update commits set format = ?, at = ?, events = ? where stream = ? and seq = ?",
                (after.format, after.at, after.events, stream, after.seq),
            )
    connection.execute("delete from snapshots where stream = ?", (stream,))
    for row in connection.execute(_SEALED, (stream,)).fetchall():
        kept = Sealed(*row)
        blanked = blank_sealed(kept, reseal)
        if blanked != kept:
            connection.execute(
                "update sealed set format = ?, entity = ? where stream = ? and id = ?",
                (blanked.format, blanked.entity, stream, kept.id),
            )
    unproject(connection, stream)
    forget_removed_words(connection)
    return str(found[0])
