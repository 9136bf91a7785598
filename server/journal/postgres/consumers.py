"""How far each consumer of the commits is in each stream, on PostgreSQL."""

from collections.abc import Mapping, Sequence

from server.journal.port import Head, Lag, Waiting
from server.journal.postgres.connection import Connection

_STANDING = """
select streams.stream, coalesce(checkpoints.seq, 0), head, incarnation
from streams left join checkpoints on checkpoints.stream = streams.stream and consumer = $1
where head > coalesce(checkpoints.seq, 0)
"""

_LAGS = f"{_STANDING} and streams.stream = any($2::text[])"

_BEHIND = f"{_STANDING} and streams.stream > $2 and starts_with(streams.stream, $3) order by streams.stream limit 100"

_BEGIN = """
insert into checkpoints select $1, stream, head from streams where starts_with(stream, $2) order by stream
on conflict do nothing
"""

_MOVE = "update checkpoints set seq = $4 where consumer = $1 and stream = $2 and seq = $3 returning seq"

_WAIT = """
insert into waiting select $1, $2, target, seq from unnest($3::text[], $4::bigint[]) as waits (target, seq) order by target
on conflict do nothing
"""

# The row of the position is held meanwhile: who moves it notes who waits in the same transaction.
_STANDS_AT = "select seq from checkpoints where consumer = $1 and stream = $2 for update"

_CAME = "update waiting set seq = greatest(seq, $4) where consumer = $1 and stream = $2 and target = $3"

_WAKE = """
update wakeups set at = $2 where stream in (
    select stream from wakeups where at <= $1 order by at limit $3 for update skip locked
) returning stream
"""


async def lags(connection: Connection, streams: Sequence[str], consumer: str) -> list[Lag]:
    """Those of these streams that a consumer does not have all of."""
    return [_lag(*row) for row in await connection.fetch(_LAGS, consumer, list(streams))]


async def behind(connection: Connection, after: str, consumer: str, kind: str) -> list[Lag]:
    """Streams of a kind that a consumer does not have all of, by name."""
    # Whatever comes before the first of a kind is passed over by the index.
    return [_lag(*row) for row in await connection.fetch(_BEHIND, consumer, max(after, kind), kind)]


def _lag(stream: str, projected: int, head: int, incarnation: str) -> Lag:
    return Lag(stream, projected, Head(head, incarnation))


async def begin(connection: Connection, consumer: str, kind: str) -> None:
    """In one transaction: a consumer has all that there is, if it has not begun before."""
    async with connection.transaction():
        sql = "insert into facts values ($1, $2) on conflict do nothing returning name"
        if await connection.fetchval(sql, f"begun {consumer}", kind) is not None:
            await connection.execute(_BEGIN, consumer, kind)


async def advance(
    connection: Connection, consumer: str, stream: str, after: int, upto: int, waiting: Mapping[str, int]
) -> bool:
    """In one transaction: move a position and note who waits, or return False."""
    async with connection.transaction():
        if after == 0:
            await connection.execute(
                "insert into checkpoints values ($1, $2, 0) on conflict do nothing", consumer, stream
            )
        if await connection.fetchval(_MOVE, consumer, stream, after, upto) is None:
            return False
        if waiting:
            await connection.execute(_WAIT, consumer, stream, list(waiting), list(waiting.values()))
        return True


async def forget(connection: Connection, consumer: str) -> None:
    """In one transaction: a consumer is no more."""
    async with connection.transaction():
        for table in ("checkpoints", "waiting"):
            await connection.execute(f"delete from {table} where consumer = $1", consumer)
        await connection.execute("delete from facts where name = $1", f"begun {consumer}")


async def waiting(connection: Connection, consumer: str, limit: int, stream: str | None) -> list[Waiting]:
    """Targets that wait."""
    sql = "select stream, target, seq from waiting where consumer = $1 and ($3::text is null or stream = $3) order by random() limit $2"
    return [Waiting(*row) for row in await connection.fetch(sql, consumer, limit, stream)]


async def arrived(connection: Connection, consumer: str, stream: str, target: str, upto: int) -> None:
    """In one transaction: a target has had all up to a seq."""
    async with connection.transaction():
        if await connection.fetchval(_STANDS_AT, consumer, stream) in (upto, None):
            sql = "delete from waiting where consumer = $1 and stream = $2 and target = $3"
            await connection.execute(sql, consumer, stream, target)
        else:
            await connection.execute(_CAME, consumer, stream, target, upto)


async def wake(connection: Connection, now: int, until: int, limit: int) -> list[str]:
    """Streams that are due, put off."""
    return [stream for (stream,) in await connection.fetch(_WAKE, now, until, limit)]
