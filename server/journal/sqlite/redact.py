"""Redaction and renewal on SQLite. After a redaction and what follows it nothing of what was blanked is left in the file or in its log."""

import sqlite3
from collections.abc import Callable, Iterable

from server.journal.port import Commit, HeadMoved, Part, Renewal, Rerow, Sealed
from server.journal.redaction import SLICE, blank, blank_sealed, renewed
from server.journal.sqlite.projection import forget, leave, reproject
from server.journal.sqlite.rows import as_json
from server.journal.sqlite.writer import in_transaction

_RENAME = """
update streams set incarnation = lower(hex(randomblob(8))), listed = listed * ?2 where stream = ?1 and head > 0
returning head, incarnation
"""

_INCARNATION = "select incarnation from streams where stream = ?"

_SEALED = "select id, format, entity from sealed where stream = ?1 order by id"
_SEALED_PART = (
    "select id, format, entity from sealed where stream = ?1 and id in (select value from json_each(?2)) order by id"
)

_READ = "select seq, format, at, events from commits where stream = ?1 order by seq"
_READ_PART = """
select seq, format, at, events from commits where stream = ?1 and seq in (select value from json_each(?2)) order by seq
"""

_LEAVE = "delete from {} where stream = ?1 and person in (select value from json_each(?2))"

_COMMITS_OF_OTHERS = """
select seq, format, at, case when format <> ?4 then events end from commits
where stream = ?1 and seq > ?2 order by seq limit ?3
"""

_SEALED_OF_OTHERS = """
select id, format, case when format <> ?4 then entity end from sealed
where stream = ?1 and id > ?2 order by id limit ?3
"""


def redact(
    connection: sqlite3.Connection,
    stream: str,
    change: Callable[[Commit], Commit],
    reseal: Callable[[Sealed], Sealed],
    rerow: Rerow | None,
    part: Part | None,
) -> str:
    """See `port.Journal.redact`. Runs on the writer, so that no append comes between.

    `secure_delete` overwrites what leaves the tables; the index of words still holds it until `projection.merge_words`, the write-ahead log
    until `cut_log`.
    """
    return in_transaction(connection, lambda connection: _rewrite(connection, stream, change, reseal, rerow, part))


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
    connection: sqlite3.Connection,
    stream: str,
    change: Callable[[Commit], Commit],
    reseal: Callable[[Sealed], Sealed],
    rerow: Rerow | None,
    part: Part | None,
) -> str:
    before = connection.execute(_INCARNATION, (stream,)).fetchone()
    found = connection.execute(_RENAME, (stream, int(part is not None))).fetchone()
    if found is None:
        raise KeyError(f"no stream is named {stream}")
    head, incarnation = found
    if part is not None and (head, before[0]) != part.head:
        raise HeadMoved(f"{stream} is at {head}, and not at {part.head.seq} of the same history")
    if part is None:
        rows = connection.execute(_READ, (stream,))
        sealed_rows = connection.execute(_SEALED, (stream,))
    else:
        rows = connection.execute(_READ_PART, (stream, as_json(list(part.seqs))))
        sealed_rows = connection.execute(_SEALED_PART, (stream, as_json(list(part.sealed))))
        for table in ("memberships", "appearances"):
            connection.execute(_LEAVE.format(table), (stream, as_json(list(part.leaving))))
        leave(connection, stream, part.leaving)
    commits, kept = [Commit(*row) for row in rows], [Sealed(*row) for row in sealed_rows]
    _write_commits(connection, stream, (blanked for each in commits if (blanked := blank(each, change)) != each))
    connection.execute("delete from snapshots where stream = ?", (stream,))
    _write_sealed(connection, stream, (resealed for each in kept if (resealed := blank_sealed(each, reseal)) != each))
    if rerow is None:
        forget(connection, stream)
    else:
        reproject(connection, stream, rerow, None if part is None else part.rows)
    return str(incarnation)
