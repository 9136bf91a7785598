"""The projection's tables on SQLite: one statement for all rows of a table, as in `append`."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from server.journal.noticed import KINDS, newest
from server.journal.port import Beside, Bookmark, Found, Noticed, Rerow, Row, Unread
from server.journal.redaction import rerowed
from server.journal.sqlite.rows import as_json, with_blobs
from server.journal.words import Query, index_words, scope

_ABOVE_ALL = 2**63 - 1

_STANDS_AT = """
select coalesce((select seq from checkpoints where consumer = 'index' and stream = ?1), 0) from streams
where stream = ?1 and incarnation = ?2
"""

_MOVE = """
insert into checkpoints values ('index', ?1, ?2) on conflict (consumer, stream) do update set seq = excluded.seq
"""

_NOTE = """
insert into notices (owner, stream, seq, about, kind, scope)
select json_extract(value, '$[0]'), ?1, json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
       json_extract(value, '$[4]')
from json_each(?2)
where true on conflict do nothing
"""

_STAKE = """
insert into stakes (owner, stream, about, role)
select json_extract(value, '$[0]'), ?1, json_extract(value, '$[1]'), json_extract(value, '$[2]') from json_each(?2)
where true on conflict (owner, stream, about) do update set role = excluded.role
"""

_LEAVE = """
delete from stakes where stream = ?1
and (owner, about) in (select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(?2))
"""

_NOTICES = """
with mine (owner) as (select value from json_each(?2)),
followed (owner) as (select about from mine cross join stakes using (owner) where stream = ?1)
select seq, about, min(kind) from notices
where stream = ?1 and owner in (select owner from mine union select owner from followed)
group by seq, about order by seq desc, about limit ?3
"""

_FORGET_WORDS = """
delete from public_words
where rowid in (select number from public_rows where stream = ?1 and id in (select value from json_each(?2)))
"""

_PUT_ROWS = """
insert into public_rows (stream, id, kind, n, text, place, author, record)
select ?1, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
       json_extract(value, '$[4]'), json_extract(value, '$[5]'), substr(?3, json_extract(value, '$[6]') + 1, json_extract(value, '$[7]'))
from json_each(?2)
where true on conflict (stream, id)
do update set kind = excluded.kind, n = excluded.n, text = excluded.text, place = excluded.place, author = excluded.author, record = excluded.record
"""

_PUT_WORDS = """
insert into public_words (rowid, words)
select number, json_extract(value, '$[1]') from json_each(?2)
cross join public_rows on stream = ?1 and public_rows.id = json_extract(value, '$[0]')
"""

_ROWS_PART = """
select number, id, kind, n, text, record, place, author from public_rows where stream = ?1 and id in (select value from json_each(?2))
"""

_REROW = "update public_rows set n = ?, text = ?, record = ?, place = ?, author = ? where number = ?"

_MERGE = "insert into public_words (public_words, rank) values ('merge', ?)"

MERGED: Final = 64
"""Pages of the index that are written in one transaction of a merge."""

WORDED: Final = 25
"""Rows whose words are rewritten in one transaction: an index of words takes longer than a table."""

# The newest of each owner, from the end of the index. Two kinds of one thing are one notice, so a few more are taken than are told.
_NEWEST = "select seq, about, kind from notices where owner = ?1 and stream = ?2 order by seq desc limit ?3"

_NEWEST_FOLLOWED = """
select notices.seq, notices.about, notices.kind from stakes
cross join notices on notices.owner = stakes.about and notices.stream = stakes.stream
where stakes.owner = ?1 and stakes.stream = ?2 order by notices.seq desc limit ?3
"""

# Counted in the index alone, and no further than is told.
_UNREAD = """
select count(*), min(place) from (
    select place from public_rows where stream = ?1 and place > ?2 and place > 0 and author <> ?3 order by place limit ?4
)
"""

_ROWS_OF = """
select stream, public_rows.id, kind, n, text, record, place, author from json_each(?1)
cross join public_rows on stream = json_extract(value, '$[0]') and public_rows.id = json_extract(value, '$[1]')
"""

_PAGE = """
select id, kind, n, text, record, place, author from public_rows
where stream = ?1 and kind = ?2 and n < ?3 order by n desc, id limit ?4
"""

_SEARCH = """
select id, kind, n, text, record, place, author from public_rows
where stream = ?1 and number in (select rowid from public_words where public_words match ?2)
order by number in (select rowid from public_words where public_words match ?3) desc, n desc, id
limit ?4 offset ?5
"""

# Words are walked from the newest row that holds them, and of each its stream alone is looked at (`+` and `indexed by`: the planner would
# look for each of the streams in turn). Whole rows are read of those that are found.
_SEARCH_MANY = """
with found (number) as (
    select number from public_words
    cross join public_rows indexed by public_rows_streams on number = public_words.rowid
    where public_words match ?1 and public_words.rowid < ?2 and +stream in (select value from json_each(?3))
    order by public_words.rowid desc limit ?4
)
select stream, number, id, kind, n, text, record, place, author from found join public_rows using (number) order by number desc
"""


def project(
    connection: sqlite3.Connection,
    stream: str,
    incarnation: str,
    after: int,
    upto: int,
    put: Sequence[Row],
    gone: Sequence[str],
    beside: Beside,
) -> bool:
    """Inside a transaction: write the rows and what is beside them, and move the position; or return False."""
    stands = connection.execute(_STANDS_AT, (stream, incarnation)).fetchone()
    if stands != (after,):
        return False
    put = list({row.id: row for row in put}.values())
    if put or gone:
        connection.execute(_FORGET_WORDS, (stream, as_json([*gone, *(row.id for row in put)])))
    if gone:
        sql = "delete from public_rows where stream = ? and id in (select value from json_each(?))"
        connection.execute(sql, (stream, as_json(gone)))
    if put:
        rows, records = with_blobs(
            [(row.id, row.kind, row.n, row.text, row.place, row.author) for row in put], [row.record for row in put]
        )
        connection.execute(_PUT_ROWS, (stream, rows, records))
        words = [(row.id, words_of(stream, row.text)) for row in put]
        connection.execute(_PUT_WORDS, (stream, as_json(words)))
    _put_beside(connection, stream, beside)
    connection.execute(_MOVE, (stream, upto))
    return True


def _put_beside(connection: sqlite3.Connection, stream: str, beside: Beside) -> None:
    if beside.notices:
        connection.execute(_NOTE, (stream, as_json(beside.notices)))
    stakes = {(stake.owner, stake.about): stake for stake in beside.stakes}.values()
    if left := [stake for stake in stakes if stake.role is None]:
        connection.execute(_LEAVE, (stream, as_json(left)))
    if taken := [stake for stake in stakes if stake.role is not None]:
        connection.execute(_STAKE, (stream, as_json(taken)))
    if beside.due is None:
        connection.execute("delete from wakeups where stream = ?", (stream,))
    else:
        sql = "insert into wakeups values (?, ?) on conflict (stream) do update set at = excluded.at"
        connection.execute(sql, (stream, beside.due))


def unproject(connection: sqlite3.Connection, stream: str) -> None:
    """Inside a transaction: begin anew."""
    connection.execute("delete from checkpoints where consumer = 'index' and stream = ?", (stream,))


def forget(connection: sqlite3.Connection, stream: str) -> None:
    """Inside a transaction: begin anew, with nothing."""
    connection.execute(
        "delete from public_words where rowid in (select number from public_rows where stream = ?)", (stream,)
    )
    for table in ("public_rows", "notices", "stakes"):
        connection.execute(f"delete from {table} where stream = ?", (stream,))
    unproject(connection, stream)


def leave(connection: sqlite3.Connection, stream: str, persons: Sequence[str]) -> None:
    """Inside a transaction: nothing concerns these persons, or is followed by them."""
    for table in ("notices", "stakes"):
        sql = f"delete from {table} where stream = ? and owner in (select value from json_each(?))"
        connection.execute(sql, (stream, as_json(list(persons))))


def words_of(stream: str, text: str) -> str:
    """What the index holds of a row."""
    return " ".join([scope(stream), *index_words(text)])


def reproject(connection: sqlite3.Connection, stream: str, rerow: Rerow, ids: Sequence[str]) -> None:
    """Inside a transaction: each of these rows as it is to be, where it is; the position stays."""
    for number, *before in connection.execute(_ROWS_PART, (stream, as_json(list(ids)))).fetchall():
        row = Row(*before)
        after = rerowed(row, rerow)
        if after is None or after.text != row.text:
            connection.execute("delete from public_words where rowid = ?", (number,))
        if after is None:
            connection.execute("delete from public_rows where number = ?", (number,))
        elif after != row:
            connection.execute(_REROW, (after.n, after.text, after.record, after.place, after.author, number))
            if after.text != row.text:
                words = words_of(stream, after.text)
                connection.execute("insert into public_words (rowid, words) values (?, ?)", (number, words))


def merge_words(connection: sqlite3.Connection, *, first: bool) -> bool:
    """Inside a transaction: one slice of what leaves nothing removed in the index; false when it is done.

    FTS5 only marks words as gone until what holds them is merged. All at once (`optimize`) would hold up every append for as long as the
    whole index takes.

    Args:
        first: whether it begins.
    """
    before = connection.total_changes
    # A negative number of pages: as `optimize` does, all of the index is to be one.
    connection.execute(_MERGE, (-MERGED if first else MERGED,))
    # So FTS5 tells that it did nothing (its documentation, 6.6).
    return first or connection.total_changes - before >= 2


def notices(connection: sqlite3.Connection, stream: str, owners: Sequence[str], limit: int) -> list[Noticed]:
    """What concerns these owners, or what they have a stake in."""
    return [Noticed(*row) for row in connection.execute(_NOTICES, (stream, as_json(owners), limit))]


def noticed(
    connection: sqlite3.Connection, streams: Sequence[str], owners: Sequence[str], each: int
) -> list[tuple[str, Noticed]]:
    """`notices` of several streams."""
    found = list[tuple[str, Noticed]]()
    for stream in streams:
        for owner in owners:
            for sql in (_NEWEST, _NEWEST_FOLLOWED):
                rows = connection.execute(sql, (owner, stream, KINDS * each))
                found += [(stream, Noticed(*row)) for row in rows]
    return newest(found, each)


def unread(connection: sqlite3.Connection, person: str, positions: Mapping[str, int], most: int) -> dict[str, Unread]:
    """How much of each stream lies behind a position."""
    found = dict[str, Unread]()
    for stream, place in positions.items():
        many, first = connection.execute(_UNREAD, (stream, place, person, most)).fetchone()
        if many:
            found[stream] = Unread(many, first)
    return found


def rows(connection: sqlite3.Connection, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
    """Rows by stream and id."""
    found = connection.execute(_ROWS_OF, (as_json(list(asked)),))
    return {(stream, id): Row(id, *row) for stream, id, *row in found}


def page(connection: sqlite3.Connection, stream: str, kind: str, before: int | None, limit: int) -> list[Row]:
    """Rows of a kind below `before`."""
    below = _ABOVE_ALL if before is None else before
    return [Row(*row) for row in connection.execute(_PAGE, (stream, kind, below, limit))]


def search(connection: sqlite3.Connection, stream: str, query: Query, offset: int, limit: int) -> list[Row]:
    """Rows that match."""
    stems, exact = (f'"{scope(stream)}" AND {words}' for words in _matches(query))
    return [Row(*row) for row in connection.execute(_SEARCH, (stream, stems, exact, limit, offset))]


def search_many(
    connection: sqlite3.Connection, streams: Sequence[str], query: Query, before: Bookmark | None, limit: int
) -> list[Found]:
    """Rows of these streams that match: walked from the newest, until there are enough."""
    stems, exact = _matches(query)
    found: list[Found] = []
    # Of one state of the file: no row changes over from one walk to the other.
    connection.execute("begin")
    try:
        for is_exact, words in ((True, exact), (False, f"({stems}) NOT ({exact})")):
            below = Bookmark(is_exact, _ABOVE_ALL) if before is None else min(before, Bookmark(is_exact, _ABOVE_ALL))
            if below.exact == is_exact and len(found) < limit:
                values = (words, below.number, as_json(streams), limit - len(found))
                found.extend(
                    Found(stream, Bookmark(is_exact, number), Row(*row))
                    for stream, number, *row in connection.execute(_SEARCH_MANY, values)
                )
    finally:
        connection.execute("rollback")
    return found


def _matches(query: Query) -> tuple[str, str]:
    """What rows hold that are found, and those of them that come first."""
    # Words are ASCII letters and digits (`words`), so quoting them is enough.
    groups = zip(query.stems, query.begins, strict=True)
    any_of = ([*(f'"{stem}"' for stem in stems), *([f'"{begins}" *'] if begins else [])] for stems, begins in groups)
    stems = " AND ".join(f"({' OR '.join(words)})" for words in any_of)
    return stems, " AND ".join(f'"{word}"' for word in query.exact)
