"""The projection's tables on PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Final

import asyncpg

from server.journal.noticed import KINDS, newest
from server.journal.port import Beside, Bookmark, Found, Noticed, Rerow, Row, Unread
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

# No number is taken for a row that is there: the blocks of numbers (`_NEWEST`) would be empty once the index was made anew.
_PUT = """
insert into public_rows (stream, id, kind, n, text, record, place, author, words, number)
select $1, put.id, put.kind, put.n, put.text, put.record, put.place, put.author, array_to_tsvector(string_to_array(put.words, ' ')),
       coalesce(there.number, nextval('public_rows_number'))
from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::bigint[])
with ordinality as put (id, kind, n, text, record, words, author, place, turn)
left join public_rows as there on there.stream = $1 and there.id = put.id
order by turn
on conflict (stream, id) do update
set kind = excluded.kind, n = excluded.n, text = excluded.text, record = excluded.record, place = excluded.place,
    author = excluded.author, words = excluded.words
"""

_HOLD_POSITION = "select 1 from checkpoints where consumer = 'index' and stream = $1 for update"

_FORGET = "delete from public_rows where stream = $1 and id = any($2::text[])"

_ROWS = """
select id, kind, n, text, record, place, author from public_rows
where stream = $1 and id > $2 and ($4::text[] is null or id = any($4::text[])) order by id limit $3
"""

# The newest of each owner, from the end of the index; of what they have a stake in as of themselves. Two kinds of one thing are one notice, so a
# few more are taken than are told.
_NOTICED = """
select stream, seq, about, kind from unnest($1::text[]) as mine (stream)
cross join lateral (
    select owner from unnest($2::text[]) as named (owner)
    union select about from stakes where stakes.stream = mine.stream and stakes.owner = any($2::text[])
) as owners
cross join lateral (
    select seq, about, kind from notices
    where notices.owner = owners.owner and notices.stream = mine.stream order by seq desc limit $3
) as theirs
"""

# Counted in the index, and no further than is told.
_UNREAD = """
select stream, many, first from unnest($1::text[], $2::bigint[]) as mine (stream, at)
cross join lateral (
    select count(*) as many, min(place) as first from (
        select place from public_rows
        where public_rows.stream = mine.stream and place > mine.at and place > 0 and author <> $3 order by place limit $4
    ) as behind
) as theirs
where many > 0
"""

_ROWS_OF = """
select stream, id, kind, n, text, record, place, author
from unnest($1::text[], $2::text[]) as asked (stream, id) join public_rows using (stream, id)
"""

_PAGE = """
select id, kind, n, text, record, place, author from public_rows
where stream = $1 and kind = $2 and ($3::bigint is null or n < $3) order by n desc, id limit $4
"""

_SEARCH = """
select id, kind, n, text, record, place, author from public_rows
where stream = $1 and words @@ cast($2::text as tsquery)
order by words @@ cast($3::text as tsquery) desc, n desc, id
limit $4 offset $5
"""

_BLOCK: Final = 12
"""Rows whose numbers differ in these last bits only are in one block, as the index of migration 0011 has it."""
_NEWEST_BLOCKS = 4
_FEW = 2000
"""Rows that are all read, whatever is looked for: more of them would take longer than most searches do."""

# However a search of many streams is planned, rows are gathered and then sorted; no index walks them by number, which would never end where
# nobody's row holds the words. Left to the planner is what it gathers by: words, streams, or both, which it joins before it reads a row. It is
# told what that costs where most of the database is in memory, and not to compile, share or read everything for it.
_GATHERING = """
set local enable_seqscan = off; set local random_page_cost = 1.1; set local work_mem = '32MB'; set local jit = off;
set local max_parallel_workers_per_gather = 0; set local plan_cache_mode = force_custom_plan
"""

# Stream by stream: the planner would weigh each of a thousand, which takes it longer than the counting.
_KNOWN = """
select (
    select count(*) from (
        select from unnest($1::text[]) as mine (stream)
        cross join lateral (select from public_rows where public_rows.stream = mine.stream limit $2) as theirs limit $2
    ) as counted
), (select last_value from public_rows_number)
"""

_FOUND = """
select stream, number, id, kind, n, text, record, place, author from public_rows
where {} and number < $3 order by number desc limit $4
"""

# `is true`: a condition that is looked at row by row, and not what is gathered by.
_OF_FEW = _FOUND.format("stream = any($1::text[]) and (words @@ cast($2::text as tsquery)) is true")

_NEWEST = _FOUND.format(
    f"words @@ cast($2::text as tsquery) and array[number >> {_BLOCK}] && $5::bigint[]"
    " and (stream in (select unnest($1::text[]))) is true"
)

_ALL = _FOUND.format("stream = any($1::text[]) and words @@ cast($2::text as tsquery)")


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
        [row.author for row in put],
        [row.place for row in put],
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


async def noticed(
    connection: Connection, streams: Sequence[str], owners: Sequence[str], each: int
) -> list[tuple[str, Noticed]]:
    """`notices` of several streams."""
    rows = await connection.fetch(_NOTICED, list(streams), list(owners), KINDS * each)
    return newest([(stream, Noticed(*row)) for stream, *row in rows], each)


async def unread(connection: Connection, person: str, positions: Mapping[str, int], most: int) -> dict[str, Unread]:
    """How much of each stream lies behind a position."""
    asked = (list(positions), list(positions.values()), person, most)
    return {stream: Unread(many, first) for stream, many, first in await connection.fetch(_UNREAD, *asked)}


async def rows(connection: Connection, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
    """Rows by stream and id."""
    found = await connection.fetch(_ROWS_OF, [stream for stream, _ in asked], [id for _, id in asked])
    return {(stream, id): Row(id, *row) for stream, id, *row in found}


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
    stems, exact = (f"'{scope(stream)}' & {words}" for words in _matches(query))
    return [Row(*row) for row in await connection.fetch(_SEARCH, stream, stems, exact, limit, offset)]


async def search_many(
    connection: Connection, streams: Sequence[str], query: Query, before: Bookmark | None, limit: int
) -> list[Found]:
    """Rows of these streams that match: of the newest blocks, and only if they are not enough of all."""
    stems, exact = _matches(query)
    found: list[Found] = []
    # Of one state of the database: no row changes over from one statement to the next.
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(_GATHERING)
        ((rows, newest),) = await connection.fetch(_KNOWN, list(streams), _FEW + 1)
        for is_exact, words in ((True, exact), (False, f"{stems} & !({exact})")):
            top = Bookmark(is_exact, newest + 1)
            below = top if before is None else min(before, top)
            if below.exact == is_exact:
                gather = _gathered_few if rows <= _FEW else _gathered
                rows_found = await gather(connection, list(streams), words, below.number, limit - len(found))
                found.extend(
                    Found(stream, Bookmark(is_exact, number), Row(*row)) for stream, number, *row in rows_found
                )
            if len(found) == limit:
                break
    return found


async def _gathered_few(
    connection: Connection, streams: list[str], words: str, below: int, limit: int
) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await connection.fetch(_OF_FEW, streams, words, below, limit)
    return found


async def _gathered(
    connection: Connection, streams: list[str], words: str, below: int, limit: int
) -> list[asyncpg.Record]:
    last = (below - 1) >> _BLOCK
    first = max(0, last + 1 - _NEWEST_BLOCKS)
    found: list[asyncpg.Record] = await connection.fetch(
        _NEWEST, streams, words, below, limit, list(range(first, last + 1))
    )
    if len(found) < limit and first > 0:
        found += await connection.fetch(_ALL, streams, words, first << _BLOCK, limit - len(found))
    return found


def _matches(query: Query) -> tuple[str, str]:
    """What rows hold that are found, and those of them that come first."""
    # Words are ASCII letters and digits (`words`), so quoting them is enough.
    groups = zip(query.stems, query.begins, strict=True)
    any_of = ([*(f"'{stem}'" for stem in stems), *([f"'{begins}':*"] if begins else [])] for stems, begins in groups)
    stems = " & ".join(f"({' | '.join(words)})" for words in any_of)
    return stems, " & ".join(f"'{word}'" for word in query.exact)
