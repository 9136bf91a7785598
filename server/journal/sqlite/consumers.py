"""How far each consumer of the commits is in each stream, on SQLite."""

import sqlite3
from collections.abc import Mapping, Sequence

from server.journal.port import Head, Lag, Waiting
from server.journal.sqlite.rows import as_json

_STANDING = """
select streams.stream, coalesce(checkpoints.seq, 0), head, incarnation
from streams left join checkpoints on checkpoints.stream = streams.stream and consumer = ?1
where head > coalesce(checkpoints.seq, 0)
"""

_LAGS = f"{_STANDING} and streams.stream in (select value from json_each(?2))"

_BEHIND = f"{_STANDING} and streams.stream > ?2 and substr(streams.stream, 1, length(?3)) = ?3 order by streams.stream limit 100"

_BEGIN = """
insert into checkpoints select ?1, stream, head from streams where substr(stream, 1, length(?2)) = ?2
on conflict do nothing
"""

_MOVE = """
insert into checkpoints select ?1, ?2, ?4 where coalesce((select seq from checkpoints where consumer = ?1 and stream = ?2), 0) = ?3
on conflict (consumer, stream) do update set seq = excluded.seq
"""

_WAIT = """
insert into waiting select ?1, ?2, key, value from json_each(?3)
where true on conflict do nothing
"""

_ARRIVED = """
delete from waiting where consumer = ?1 and stream = ?2 and target = ?3
and ?4 = coalesce((select seq from checkpoints where consumer = ?1 and stream = ?2), 0)
"""

_CAME = "update waiting set seq = max(seq, ?4) where consumer = ?1 and stream = ?2 and target = ?3"

_DUE = "select stream from wakeups where at <= ? order by at limit ?"

_PUT_OFF = """
update wakeups set at = ?3 where at <= ?1 and stream in (select value from json_each(?2)) returning stream
"""


def lags(connection: sqlite3.Connection, streams: Sequence[str], consumer: str) -> list[Lag]:
    """Those of these streams that a consumer does not have all of."""
    return [_lag(*row) for row in connection.execute(_LAGS, (consumer, as_json(streams)))]


def behind(connection: sqlite3.Connection, after: str, consumer: str, kind: str) -> list[Lag]:
    """Streams of a kind that a consumer does not have all of, by name."""
    # Whatever comes before the first of a kind is passed over by the index.
    return [_lag(*row) for row in connection.execute(_BEHIND, (consumer, max(after, kind), kind))]


def _lag(stream: str, projected: int, head: int, incarnation: str) -> Lag:
    return Lag(stream, projected, Head(head, incarnation))


def begin(connection: sqlite3.Connection, consumer: str, kind: str) -> None:
    """Inside a transaction: a consumer has all that there is, if it has not begun before."""
    if connection.execute(
        "insert into facts values (?, ?) on conflict do nothing", (f"begun {consumer}", kind)
    ).rowcount:
        connection.execute(_BEGIN, (consumer, kind))


def advance(
    connection: sqlite3.Connection, consumer: str, stream: str, after: int, upto: int, waiting: Mapping[str, int]
) -> bool:
    """Inside a transaction: move a position and note who waits, or return False."""
    if not connection.execute(_MOVE, (consumer, stream, after, upto)).rowcount:
        return False
    if waiting:
        connection.execute(_WAIT, (consumer, stream, as_json(dict(waiting))))
    return True


def forget(connection: sqlite3.Connection, consumer: str) -> None:
    """Inside a transaction: a consumer is no more."""
    for table in ("checkpoints", "waiting"):
        connection.execute(f"delete from {table} where consumer = ?", (consumer,))
    connection.execute("delete from facts where name = ?", (f"begun {consumer}",))


def waiting(connection: sqlite3.Connection, consumer: str, limit: int, stream: str | None) -> list[Waiting]:
    """Targets that wait."""
    sql = "select stream, target, seq from waiting where consumer = ?1 and (?3 is null or stream = ?3) order by random() limit ?2"
    return [Waiting(*row) for row in connection.execute(sql, (consumer, limit, stream))]


def arrived(connection: sqlite3.Connection, consumer: str, stream: str, target: str, upto: int) -> None:
    """Inside a transaction: a target has had all up to a seq."""
    if not connection.execute(_ARRIVED, (consumer, stream, target, upto)).rowcount:
        connection.execute(_CAME, (consumer, stream, target, upto))


def due(connection: sqlite3.Connection, now: int, limit: int) -> list[str]:
    """Streams that are due."""
    return [stream for (stream,) in connection.execute(_DUE, (now, limit))]


def put_off(connection: sqlite3.Connection, now: int, until: int, streams: Sequence[str]) -> list[str]:
    """Inside a transaction: those of these streams that are due still, until another time."""
    return [stream for (stream,) in connection.execute(_PUT_OFF, (now, as_json(streams), until))]
