"""The projection's tables on PostgreSQL."""

from collections.abc import Sequence

from server.journal.port import Beside, Noticed, Rerow, Row
from server.journal.postgres.connection import Connection
from server.journal.redaction import SLICE, rerowed
from server.journal.words import Query, index_words, scope

# Against a redaction under way, which takes the row for update; appends go on.
_HOLD_INCARNATION = "select 1 from streams where stream = $1 and incarnation = $2 for key share"

_MOVE = "update checkpoints set seq = $3 where consumer = 'index' and stream = $1 and seq = $2 returning seq"

_NOTE = """
insert into notices (owner, stream, seq, about, kind, scope)
select owner, $1, seq, about, kind, scope
from unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[]) as noted (owner, seq, about, kind, scope)
order by owner on conflict do nothing
"""

_STAKE = """
insert into stakes (owner, stream, about, role)
select owner, $1, about, role from unnest($2::text[], $3::text[], $4::text[]) as taken (owner, about, role)
on conflict (owner, stream, about) do update set role = excluded.role
"""

_LEAVE = """
delete from stakes using unnest($2::text[], $3::text[]) as left_ (owner, about)
where stream = $1 and stakes.owner = left_.owner and stakes.about = left_.about
"""

_DUE = "insert into wakeups values ($1, $2) on conflict (stream) do update set at = excluded.at"

_NOTICES = """
select seq, about, min(kind) from notices
where stream = $1 and owner in (
    select unnest($2::text[]) union select about from stakes where stream = $1 and owner = any($2::text[])
)
group by seq, about order by seq desc, about limit $3
"""

_PUT = """
insert into public_rows (stream, id, kind, n, text, record, words)
select $1, id, kind, n, text, record, array_to_tsvector(string_to_array(words, ' '))
from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::bytea[], $7::text[])
as put (id, kind, n, text, record, words)
on conflict (stream, id) do update
set kind = excluded.kind, n = excluded.n, text = excluded.text, record = excluded.record, words = excluded.words
"""

_HOLD_POSITION = "select 1 from checkpoints where consumer = 'index' and stream = $1 for update"

_FORGET = "delete from public_rows where stream = $1 and id = any($2::text[])"

_ROWS = """
select id, kind, n, text, record from public_rows
where stream = $1 and id > $2 and ($4::text[] is null or id = any($4::text[])) order by id limit $3
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
    beside: Beside,
) -> bool:
    """In one transaction: write the rows and what is beside them, and move the position; or return False."""
    async with connection.transaction():
        if await connection.fetchval(_HOLD_INCARNATION, stream, incarnation) is None:
            return False
        if after == 0:
            await connection.execute("insert into checkpoints values ('index', $1, 0) on conflict do nothing", stream)
        if await connection.fetchval(_MOVE, stream, after, upto) is None:
            return False
        if gone:
            await connection.execute(_FORGET, stream, list(gone))
        if put:
            await _put(connection, stream, list({row.id: row for row in put}.values()))
        await _put_beside(connection, stream, beside)
        return True


async def _put(connection: Connection, stream: str, put: Sequence[Row]) -> None:
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


async def _put_beside(connection: Connection, stream: str, beside: Beside) -> None:
    if beside.notices:
        await connection.execute(_NOTE, stream, *_columns(beside.notices))
    stakes = {(stake.owner, stake.about): stake for stake in beside.stakes}.values()
    if left := [(stake.owner, stake.about) for stake in stakes if stake.role is None]:
        await connection.execute(_LEAVE, stream, *_columns(left))
    if taken := [stake for stake in stakes if stake.role is not None]:
        await connection.execute(_STAKE, stream, *_columns(taken))
    if beside.due is None:
        await connection.execute("delete from wakeups where stream = $1", stream)
    else:
        await connection.execute(_DUE, stream, beside.due)


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


async def unproject(connection: Connection, stream: str) -> None:
    """Begin anew."""
    # The row stays: whoever projects at this moment waits for it, and then finds that it has moved.
    await connection.execute("update checkpoints set seq = 0 where consumer = 'index' and stream = $1", stream)


async def forget(connection: Connection, stream: str) -> None:
    """In one transaction, which may be part of another: begin anew, with nothing."""
    async with connection.transaction():
        await unproject(connection, stream)
        for table in ("public_rows", "notices", "stakes"):
            await connection.execute(f"delete from {table} where stream = $1", stream)


async def notices(connection: Connection, stream: str, owners: Sequence[str], limit: int) -> list[Noticed]:
    """What concerns these owners, or what they have a stake in."""
    return [Noticed(*row) for row in await connection.fetch(_NOTICES, stream, list(owners), limit)]


async def leave(connection: Connection, stream: str, persons: Sequence[str]) -> None:
    """In a transaction: nothing concerns these persons, or is followed by them."""
    for table in ("notices", "stakes"):
        await connection.execute(
            f"delete from {table} where stream = $1 and owner = any($2::text[])", stream, list(persons)
        )


async def reproject(connection: Connection, stream: str, rerow: Rerow, ids: Sequence[str] | None) -> None:
    """In one transaction, which may be part of another: each row of the stream (`ids`: those of them) as it is to be, where it is; the
    position stays, and holds back whoever projects at this moment."""
    after = ""
    async with connection.transaction():
        await connection.execute(_HOLD_POSITION, stream)
        while found := await connection.fetch(_ROWS, stream, after, SLICE, None if ids is None else list(ids)):
            rows = [Row(*row) for row in found]
            after = rows[-1].id
            became = {row.id: rerowed(row, rerow) for row in rows}
            gone = [id for id, row in became.items() if row is None]
            await connection.execute(_FORGET, stream, gone)
            await _put(connection, stream, [new for old in rows if (new := became[old.id]) is not None and new != old])


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
