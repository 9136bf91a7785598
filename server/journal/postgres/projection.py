"""The projection's tables on PostgreSQL."""

from collections.abc import Sequence

from server.journal.port import Row
from server.journal.postgres.connection import Connection
from server.journal.words import Query, index_words, scope

# Against a redaction under way, which takes the row for update; appends go on.
_HOLD_INCARNATION = "select 1 from streams where stream = $1 and incarnation = $2 for key share"

_MOVE = "update projected_heads set seq = $3 where stream = $1 and seq = $2 returning seq"

_PUT = """
insert into public_rows (stream, id, kind, n, text, record, words)
select $1, id, kind, n, text, record, array_to_tsvector(string_to_array(words, ' '))
from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::bytea[], $7::text[])
as put (id, kind, n, text, record, words)
on conflict (stream, id) do update
set kind = excluded.kind, n = excluded.n, text = excluded.text, record = excluded.record, words = excluded.words
"""

_PAGE = """
select id, kind, n, text, record from public_rows
where stream = $1 and kind = $2 and ($3::bigint is null or n < $3) order by n desc, id limit $4
"""

_SEARCH = """
select id, kind, n, text, record from public_rows
where stream = $1 and words @@ cast($2::text as tsquery)
order by words @@ cast($3::text as tsquery) desc, n desc, id
limit $4 offset $5
"""


async def project(
    connection: Connection,
    stream: str,
    incarnation: str,
    after: int,
    upto: int,
    put: Sequence[Row],
    gone: Sequence[str],
) -> bool:
    """In one transaction: write the rows and move the position, or return False."""
    async with connection.transaction():
        if await connection.fetchval(_HOLD_INCARNATION, stream, incarnation) is None:
            return False
        await connection.execute("insert into projected_heads values ($1, 0) on conflict do nothing", stream)
        if await connection.fetchval(_MOVE, stream, after, upto) is None:
            return False
        await connection.execute(
            "delete from public_rows where stream = $1 and id = any($2::text[])", stream, list(gone)
        )
        put = list({row.id: row for row in put}.values())
        await connection.execute(
            _PUT,
            stream,
            [row.id for row in put],
            [row.kind for row in put],
            [row.n for row in put],
            [row.text for row in put],
            [row.record for row in put],
            [" ".join([scope(stream), *index_words(row.text)]) for row in put],
        )
        return True


async def unproject(connection: Connection, stream: str) -> None:
    """In one transaction, which may be part of another: forget all rows of the stream."""
    async with connection.transaction():
        # The row stays: whoever projects at this moment waits for it, and then finds that it has moved.
        await connection.execute("update projected_heads set seq = 0 where stream = $1", stream)
        await connection.execute("delete from public_rows where stream = $1", stream)


async def page(connection: Connection, stream: str, kind: str, before: int | None, limit: int) -> list[Row]:
    """Rows of a kind below `before`."""
    return [Row(*row) for row in await connection.fetch(_PAGE, stream, kind, before, limit)]


async def search(connection: Connection, stream: str, query: Query, offset: int, limit: int) -> list[Row]:
    """Rows that match."""
    # Words are ASCII letters and digits (`words`), so quoting them is enough.
    inside = f"'{scope(stream)}'"
    groups = zip(query.stems, query.begins, strict=True)
    any_of = ([*(f"'{stem}'" for stem in stems), *([f"'{begins}':*"] if begins else [])] for stems, begins in groups)
    stems = " & ".join([inside, *(f"({' | '.join(words)})" for words in any_of)])
    exact = " & ".join([inside, *(f"'{word}'" for word in query.exact)])
    return [Row(*row) for row in await connection.fetch(_SEARCH, stream, stems, exact, limit, offset)]
