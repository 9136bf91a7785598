"""Redaction on PostgreSQL. What was blanked leaves the disk when the database's own vacuum comes by, and its backups when they expire."""

from collections.abc import Callable

from server.journal.port import Commit, Sealed
from server.journal.postgres.connection import Connection
from server.journal.postgres.projection import unproject
from server.journal.postgres.read import commits
from server.journal.redaction import blank, blank_sealed

CHUNK = 200

# `for update` and not less: it is what the projection and snapshots wait for.
_RENAME = """
with held as (select stream from streams where stream = $1 and head > 0 for update)
update streams set incarnation = replace(gen_random_uuid()::text, '-', '') from held
where streams.stream = held.stream
returning incarnation
"""

_REWRITE = """
update commits set format = changed.format, at = changed.at, events = changed.events
from unnest($2::bigint[], $3::integer[], $4::bigint[], $5::bytea[]) as changed (seq, format, at, events)
where stream = $1 and commits.seq = changed.seq
"""

_SEALED = "select id, format, entity from sealed where stream = $1 and id > $2 order by id limit $3"

_RESEAL = """
update sealed set format = changed.format, entity = changed.entity
from unnest($2::text[], $3::integer[], $4::bytea[]) as changed (id, format, entity)
where stream = $1 and sealed.id = changed.id
"""


async def redact(
    connection: Connection, stream: str, change: Callable[[Commit], Commit], reseal: Callable[[Sealed], Sealed]
) -> str:
    """See `port.Journal.redact`. One transaction, however long the stream; its appends are Conflicts meanwhile."""
    async with connection.transaction():
        # Computing the changes of a chunk may take longer than a room may hold its stream.
        await connection.execute("set local idle_in_transaction_session_timeout = '60s'")
        incarnation: str | None = await connection.fetchval(_RENAME, stream)
        if incarnation is None:
            raise KeyError(f"no stream is named {stream}")
        await _rewrite_commits(connection, stream, change)
        await _rewrite_sealed(connection, stream, reseal)
        await connection.execute("delete from snapshots where stream = $1", stream)
        await unproject(connection, stream)
        return incarnation


async def _rewrite_commits(connection: Connection, stream: str, change: Callable[[Commit], Commit]) -> None:
    after = 0
    while chunk := await commits(connection, stream, after, CHUNK):
        after = chunk[-1].seq
        changed = []
        for commit in chunk:
            blanked = blank(commit, change)
            if blanked != commit:
                changed.append(blanked)
        await connection.execute(
            _REWRITE,
            stream,
            [commit.seq for commit in changed],
            [commit.format for commit in changed],
            [commit.at for commit in changed],
            [commit.events for commit in changed],
        )


async def _rewrite_sealed(connection: Connection, stream: str, reseal: Callable[[Sealed], Sealed]) -> None:
    after = ""
    while rows := await connection.fetch(_SEALED, stream, after, CHUNK):
        changed = []
        for row in rows:
            kept = Sealed(*row)
            after = kept.id
            blanked = blank_sealed(kept, reseal)
            if blanked != kept:
                changed.append(blanked)
        await connection.execute(
            _RESEAL,
            stream,
            [sealed.id for sealed in changed],
            [sealed.format for sealed in changed],
            [sealed.entity for sealed in changed],
        )
