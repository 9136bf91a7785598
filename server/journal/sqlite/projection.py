"""The projection's tables on SQLite: one statement for all rows of a table, as in `append`."""

import sqlite3
from collections.abc import Sequence

from server.journal.port import Row
from server.journal.sqlite.rows import as_json, with_blobs
from server.journal.words import Query, index_words, scope

_STANDS_AT = """
select coalesce((select seq from projected_heads where stream = ?1), 0) from streams where stream = ?1 and incarnation = ?2
"""

_FORGET_WORDS = """
delete from public_words
where rowid in (select number from public_rows where stream = ?1 and id in (select value from json_each(?2)))
"""

_PUT_ROWS = """
insert into public_rows (stream, id, kind, n, text, record)
select ?1, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
       substr(?3, json_extract(value, '$[4]') + 1, json_extract(value, '$[5]'))
from json_each(?2)
where true on conflict (stream, id)
do update set kind = excluded.kind, n = excluded.n, text = excluded.text, record = excluded.record
"""

_PUT_WORDS = """
insert into public_words (rowid, words)
select number, json_extract(value, '$[1]') from json_each(?2)
cross join public_rows on stream = ?1 and public_rows.id = json_extract(value, '$[0]')
"""

_PAGE = """
select id, kind, n, text, record from public_rows
where stream = ?1 and kind = ?2 and n < ?3 order by n desc, id limit ?4
"""

_SEARCH = """
select id, kind, n, text, record from public_rows
where stream = ?1 and number in (select rowid from public_words where public_words match ?2)
order by number in (select rowid from public_words where public_words match ?3) desc, n desc, id
limit ?4 offset ?5
"""


def project(
    connection: sqlite3.Connection,
    stream: str,
    incarnation: str,
    after: int,
    upto: int,
    put: Sequence[Row],
    gone: Sequence[str],
) -> bool:
    """Inside a transaction: write the rows and move the position, or return False."""
    stands = connection.execute(_STANDS_AT, (stream, incarnation)).fetchone()
    if stands != (after,):
        return False
    put = list({row.id: row for row in put}.values())
    connection.execute(_FORGET_WORDS, (stream, as_json([*gone, *(row.id for row in put)])))
    connection.execute(
        "delete from public_rows where stream = ? and id in (select value from json_each(?))", (stream, as_json(gone))
    )
    rows, records = with_blobs([(row.id, row.kind, row.n, row.text) for row in put], [row.record for row in put])
    connection.execute(_PUT_ROWS, (stream, rows, records))
    words = [(row.id, " ".join([scope(stream), *index_words(row.text)])) for row in put]
    connection.execute(_PUT_WORDS, (stream, as_json(words)))
    connection.execute(
        "insert into projected_heads values (?, ?) on conflict (stream) do update set seq = excluded.seq",
        (stream, upto),
    )
    return True


def unproject(connection: sqlite3.Connection, stream: str) -> None:
    """Inside a transaction: forget all rows of the stream."""
    connection.execute(
        "delete from public_words where rowid in (select number from public_rows where stream = ?)", (stream,)
    )
    connection.execute("delete from public_rows where stream = ?", (stream,))
    connection.execute("delete from projected_heads where stream = ?", (stream,))


def forget_removed_words(connection: sqlite3.Connection) -> None:
    """Rewrite the index so that nothing removed is left in it: until then FTS5 only marks words as gone."""
    connection.execute("insert into public_words (public_words) values ('optimize')")


def page(connection: sqlite3.Connection, stream: str, kind: str, before: int | None, limit: int) -> list[Row]:
    """Rows of a kind below `before`."""
    below = 2**63 - 1 if before is None else before
    return [Row(*row) for row in connection.execute(_PAGE, (stream, kind, below, limit))]


def search(connection: sqlite3.Connection, stream: str, query: Query, offset: int, limit: int) -> list[Row]:
    """Rows that match."""
    # Words are ASCII letters and digits (`words`), so quoting them is enough.
    inside = f'"{scope(stream)}"'
    groups = zip(query.stems, query.begins, strict=True)
    any_of = ([*(f'"{stem}"' for stem in stems), *([f'"{begins}" *'] if begins else [])] for stems, begins in groups)
    stems = " AND ".join([inside, *(f"({' OR '.join(words)})" for words in any_of)])
    exact = " AND ".join([inside, *(f'"{word}"' for word in query.exact)])
    return [Row(*row) for row in connection.execute(_SEARCH, (stream, stems, exact, limit, offset))]
