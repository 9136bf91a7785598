"""Redaction and renewal on SQLite. After a redaction nothing of what was blanked is left in the file or in its log."""

import sqlite3
from collections.abc import Callable, Iterable

from server.journal.port import Commit, Renewal, Sealed
from server.journal.redaction import SLICE, blank, blank_sealed, renewed
from server.journal.sqlite.projection import forget, forget_removed_words
from server.journal.sqlite.writer import in_transaction

_SEALED = "select id, format, entity from sealed where stream = ? order by id"

_READ = "select seq, format, at, events from commits where stream = ? order by seq"

_COMMITS_OF_OTHERS = """
select seq, format, at, case when format <> ?4 then events end from commits
where stream = ?1 and seq > ?2 order by seq limit ?3
"""

_SEALED_OF_OTHERS = """
select id, format, case when format <> ?4 then entity end from sealed
where stream = ?1 and id > ?2 order by id limit ?3
"""


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


def renew(
    connection: sqlite3.Connection,
    stream: str,
    format: int,
    change: Callable[[Commit], Commit],
    reseal: Callable[[Sealed], Sealed],
    since: Renewal,
) -> Renewal:
    """See `port.Journal.renew`. Runs on the writer, as `redact` does; a slice of which nothing is to be written costs no transaction."""
    if connection.execute("select 1 from streams where stream = ? and head > 0", (stream,)).fetchone() is None:
        raise KeyError(f"no stream is named {stream}")
    commits, sealed = list[Commit](), list[Sealed]()
    rows = connection.execute(_COMMITS_OF_OTHERS, (stream, since.seq, SLICE, format)).fetchall()
    if rows:
        done = Renewal(rows[-1][0])
        before = [Commit(*row) for row in rows if row[-1] is not None]
        commits = [lifted for each in before if (lifted := renewed(each, change)) != each]
    else:
        rows = connection.execute(_SEALED_OF_OTHERS, (stream, since.sealed, SLICE, format)).fetchall()
        done = Renewal(since.seq, rows[-1][0]) if rows else since._replace(done=True)
        kept = [Sealed(*row) for row in rows if row[-1] is not None]
        sealed = [after for each in kept if (after := blank_sealed(each, reseal)) != each]

    def write(connection: sqlite3.Connection) -> None:
        _write_commits(connection, stream, commits)
        _write_sealed(connection, stream, sealed)

    if commits or sealed:
        in_transaction(connection, write)
    return done


def _write_commits(connection: sqlite3.Connection, stream: str, changed: Iterable[Commit]) -> None:
    connection.executemany(
        "update commits set format = ?, at = ?, events = ? where stream = ? and seq = ?",
        ((commit.format, commit.at, commit.events, stream, commit.seq) for commit in changed),
    )


def _write_sealed(connection: sqlite3.Connection, stream: str, changed: Iterable[Sealed]) -> None:
    connection.executemany(
        "update sealed set format = ?, entity = ? where stream = ? and id = ?",
        ((sealed.format, sealed.entity, stream, sealed.id) for sealed in changed),
    )


def _rewrite(
    connection: sqlite3.Connection, stream: str, change: Callable[[Commit], Commit], reseal: Callable[[Sealed], Sealed]
) -> str:
    sql = (
        "update streams set incarnation = lower(hex(randomblob(8))) where stream = ? and head > 0 returning incarnation"
    )
    found = connection.execute(sql, (stream,)).fetchone()
    if found is None:
        raise KeyError(f"no stream is named {stream}")
    commits = [Commit(*row) for row in connection.execute(_READ, (stream,))]
    _write_commits(connection, stream, (blanked for each in commits if (blanked := blank(each, change)) != each))
    connection.execute("delete from snapshots where stream = ?", (stream,))
    kept = [Sealed(*row) for row in connection.execute(_SEALED, (stream,))]
    _write_sealed(connection, stream, (resealed for each in kept if (resealed := blank_sealed(each, reseal)) != each))
    forget(connection, stream)
    forget_removed_words(connection)
    return str(found[0])
