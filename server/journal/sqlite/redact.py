"""Redaction and renewal on SQLite. After a redaction and what follows it nothing of what was blanked is left in the file or in its log.

The writer is one, so a redaction takes no more of it than a slice at a time. It is whole or not at all nevertheless: what is to be is written
beside what is, holds from one small transaction on, and is put in its place then; a process that dies meanwhile leaves that to the next.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from msgspec.structs import astuple

from server.journal.port import Commit, Head, HeadMoved, JournalError, Part, Renewal, Rerow, Row, Sealed
from server.journal.redaction import SLICE, blank, blank_sealed, renewed, rerowed, slices
from server.journal.sqlite.projection import WORDED, forget, leave, words_of
from server.journal.sqlite.rows import as_json
from server.journal.sqlite.writer import in_transaction

T = TypeVar("T")

_HEAD = "select head, incarnation from streams where stream = ? and head > 0"

_RENAME = """
update streams set incarnation = lower(hex(randomblob(8))), listed = listed * ?2 where stream = ?1 returning incarnation
"""

_READ = """
select seq, format, at, events from commits where stream = ?1 and seq in (select value from json_each(?2)) order by seq
"""

_SEALED = (
    "select id, format, entity from sealed where stream = ?1 and id in (select value from json_each(?2)) order by id"
)

_ROWS = """
select number, id, kind, n, text, record, place, author from public_rows where stream = ?1 and id in (select value from json_each(?2)) order by number
"""

_LEAVE = "delete from {} where stream = ?1 and person in (select value from json_each(?2))"

_KEEP_COMMITS = "insert into rewritten_commits (stream, seq, format, at, events) values (?, ?, ?, ?, ?)"
_KEEP_SEALED = "insert into rewritten_sealed (stream, id, format, entity) values (?, ?, ?, ?)"
_KEEP_ROWS = (
    "insert into rewritten_rows (stream, number, n, text, record, words, place, author) values (?, ?, ?, ?, ?, ?, ?, ?)"
)

REWRITTEN: Final = ("rewritten_commits", "rewritten_sealed", "rewritten_rows")

# By table: what is put in its place, in slices of so many, and what is rid of then.
_PLACE: Final = (
    (
        "rewritten_commits",
        "seq",
        SLICE,
        (
            """
            update commits set format = new.format, at = new.at, events = new.events
            from (select * from rewritten_commits where stream = ?1 and seq <= ?2) as new
            where commits.stream = ?1 and commits.seq = new.seq
            """,
        ),
    ),
    (
        "rewritten_sealed",
        "id",
        SLICE,
        (
            """
            update sealed set format = new.format, entity = new.entity
            from (select * from rewritten_sealed where stream = ?1 and id <= ?2) as new
            where sealed.stream = ?1 and sealed.id = new.id
            """,
        ),
    ),
    (
        "rewritten_rows",
        "number",
        WORDED,
        (
            """
            delete from public_words where rowid in (
                select number from rewritten_rows where stream = ?1 and number <= ?2 and (record is null or words is not null)
            )
            """,
            """
            delete from public_rows where number in (
                select number from rewritten_rows where stream = ?1 and number <= ?2 and record is null
            )
            """,
            """
            update public_rows set n = new.n, text = new.text, record = new.record, place = new.place, author = new.author
            from (select * from rewritten_rows where stream = ?1 and number <= ?2 and record is not null) as new
            where public_rows.number = new.number
            """,
            """
            insert into public_words (rowid, words)
            select number, words from rewritten_rows where stream = ?1 and number <= ?2 and words is not null and record is not null
            """,
        ),
    ),
)

_COMMITS_OF_OTHERS = """
select seq, format, at, case when format <> ?4 then events end from commits
where stream = ?1 and seq > ?2 order by seq limit ?3
"""

_SEALED_OF_OTHERS = """
select id, format, case when format <> ?4 then entity end from sealed
where stream = ?1 and id > ?2 order by id limit ?3
"""


class Access(Protocol):
    """A file of which others use the two connections between two calls."""

    async def ask(self, function: Callable[[sqlite3.Connection], T]) -> T: ...
    async def change(self, function: Callable[[sqlite3.Connection], T]) -> T: ...


async def redact(
    file: Access,
    stream: str,
    change: Callable[[Commit], Commit],
    reseal: Callable[[Sealed], Sealed],
    rerow: Rerow | None,
    part: Part | None,
) -> str:
    """See `port.Journal.redact`: what is to be is written beside what is, and holds from one transaction on; `place` is to follow.

    Nobody else may append to the stream meanwhile, or write what is projected of it. `secure_delete` overwrites what leaves the tables; the
    index of words still holds it until `projection.merge_words`, the write-ahead log until `cut_log`.
    """
    whole = await file.change(lambda connection: _begin(connection, stream, part))
    try:
        for seqs in slices(whole.seqs):
            commits = await file.ask(partial(_blanked, stream=stream, seqs=seqs, change=change))
            await file.change(partial(_keep, sql=_KEEP_COMMITS, stream=stream, values=commits))
        for names in slices(whole.sealed):
            sealed = await file.ask(partial(_resealed, stream=stream, names=names, reseal=reseal))
            await file.change(partial(_keep, sql=_KEEP_SEALED, stream=stream, values=sealed))
        for ids in slices(whole.rows):
            if rerow is None:
                break
            rows = await file.ask(partial(_rerowed, stream=stream, ids=ids, rerow=rerow))
            await file.change(partial(_keep, sql=_KEEP_ROWS, stream=stream, values=rows))
        return await file.change(lambda connection: _stand(connection, stream, part, drops=rerow is None))
    except BaseException:
        with suppress(JournalError):
            await file.change(lambda connection: discard(connection, stream))
        raise


def place(connection: sqlite3.Connection, stream: str) -> bool:
    """Inside a transaction: put one slice of what holds in the place of what was; false when all of it is there, or nothing holds."""
    if not _holds(connection, stream):
        return False
    for table, by, many, statements in _PLACE:
        sql = f"select max({by}) from (select {by} from {table} where stream = ? order by {by} limit {many:d})"
        (last,) = connection.execute(sql, (stream,)).fetchone()
        if last is not None:
            for statement in statements:
                connection.execute(statement, (stream, last))
            connection.execute(f"delete from {table} where stream = ? and {by} <= ?", (stream, last))
            return True
    connection.execute("delete from rewriting where stream = ?", (stream,))
    return False


def finish(connection: sqlite3.Connection) -> None:
    """Whatever a process that died had begun: what holds is put in its place, the rest is as if it had never been."""
    for (stream,) in connection.execute("select stream from rewriting").fetchall():
        while in_transaction(connection, partial(place, stream=stream)):
            pass
    for table in REWRITTEN:
        if connection.execute(f"select 1 from {table} limit 1").fetchone():
            connection.execute(f"delete from {table}")


def discard(connection: sqlite3.Connection, stream: str) -> None:
    """Inside a transaction: nothing is to be put in the place of anything, unless it holds already."""
    if not _holds(connection, stream):
        for table in REWRITTEN:
            connection.execute(f"delete from {table} where stream = ?", (stream,))


def _holds(connection: sqlite3.Connection, stream: str) -> bool:
    return connection.execute("select 1 from rewriting where stream = ?", (stream,)).fetchone() is not None


def cut_log(connection: sqlite3.Connection) -> bool:
    """Fold the write-ahead log into the file and cut it; False while somebody reads a state of before, and nobody waits for them."""
    (timeout,) = connection.execute("pragma busy_timeout").fetchone()
    connection.execute("pragma busy_timeout = 0")
    try:
        busy, _, _ = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
    finally:
        connection.execute(f"pragma busy_timeout = {timeout:d}")
    return not busy


def fold_log(connection: sqlite3.Connection) -> None:
    """Fold as much of the write-ahead log into the file as nobody reads any more; whoever writes does not wait for it."""
    connection.execute("pragma wal_checkpoint(passive)")


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
        # What was sealed anew since it was read is of the newest format.
        connection.executemany(
            "update sealed set format = ?1, entity = ?2 where stream = ?3 and id = ?4 and format <> ?1",
            ((each.format, each.entity, stream, each.id) for each in sealed),
        )

    if commits or sealed:
        in_transaction(connection, write)
    return done


def _write_commits(connection: sqlite3.Connection, stream: str, changed: Iterable[Commit]) -> None:
    connection.executemany(
        "update commits set format = ?, at = ?, events = ? where stream = ? and seq = ?",
        ((commit.format, commit.at, commit.events, stream, commit.seq) for commit in changed),
    )


def _begin(connection: sqlite3.Connection, stream: str, part: Part | None) -> Part:
    """What is to be looked at, of a stream that stands where `part` says."""
    found = connection.execute(_HEAD, (stream,)).fetchone()
    if found is None:
        raise KeyError(f"no stream is named {stream}")
    head = Head(*found)
    discard(connection, stream)
    if part is not None:
        if head != part.head:
            raise HeadMoved(f"{stream} is at {head.seq}, and not at {part.head.seq} of the same history")
        return part
    # All of it.
    sealed, rows = (
        [id for (id,) in connection.execute(f"select id from {table} where stream = ? order by id", (stream,))]
        for table in ("sealed", "public_rows")
    )
    return Part(head, range(1, head.seq + 1), sealed, rows, ())


def _blanked(
    connection: sqlite3.Connection, stream: str, seqs: Sequence[int], change: Callable[[Commit], Commit]
) -> list[tuple[Any, ...]]:
    commits = [Commit(*row) for row in connection.execute(_READ, (stream, as_json(seqs)))]
    return [astuple(blanked) for each in commits if (blanked := blank(each, change)) != each]


def _resealed(
    connection: sqlite3.Connection, stream: str, names: Sequence[str], reseal: Callable[[Sealed], Sealed]
) -> list[tuple[Any, ...]]:
    kept = [Sealed(*row) for row in connection.execute(_SEALED, (stream, as_json(names)))]
    return [resealed for each in kept if (resealed := blank_sealed(each, reseal)) != each]


def _rerowed(
    connection: sqlite3.Connection, stream: str, ids: Sequence[str], rerow: Rerow
) -> list[tuple[int, int, str, bytes | None, str | None, int, str]]:
    """Rows that are another: number, n, text, record (None: it goes), words (None: they are the same), place and author."""
    changed = list[tuple[int, int, str, bytes | None, str | None, int, str]]()
    for number, *before in connection.execute(_ROWS, (stream, as_json(ids))).fetchall():
        row = Row(*before)
        after = rerowed(row, rerow)
        if after is None:
            changed.append((number, row.n, "", None, None, 0, ""))
        elif after != row:
            words = None if after.text == row.text else words_of(stream, after.text)
            changed.append((number, after.n, after.text, after.record, words, after.place, after.author))
    return changed


def _keep(connection: sqlite3.Connection, sql: str, stream: str, values: Sequence[tuple[Any, ...]]) -> None:
    connection.executemany(sql, [(stream, *each) for each in values])


def _stand(connection: sqlite3.Connection, stream: str, part: Part | None, *, drops: bool) -> str:
    """From now on what was prepared holds: there is no way back."""
    (incarnation,) = connection.execute(_RENAME, (stream, int(part is not None))).fetchone()
    connection.execute("insert into rewriting values (?)", (stream,))
    connection.execute("delete from snapshots where stream = ?", (stream,))
    if part is not None:
        for table in ("memberships", "appearances", "positions"):
            connection.execute(_LEAVE.format(table), (stream, as_json(list(part.leaving))))
        leave(connection, stream, part.leaving)
    if drops:
        forget(connection, stream)
    return str(incarnation)
