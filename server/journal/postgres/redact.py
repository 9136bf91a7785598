"""Redaction and renewal on PostgreSQL. What was blanked leaves the disk when the database's own vacuum comes by, and its backups when they expire."""

from collections.abc import Callable, Sequence

from server.journal.port import Commit, Head, HeadMoved, Part, Renewal, Rerow, Sealed
from server.journal.postgres.connection import Connection
from server.journal.postgres.projection import forget, leave, reproject
from server.journal.postgres.read import commits
from server.journal.redaction import SLICE, blank, blank_sealed, renewed, slices

# `for update` and not less: it is what the projection and snapshots wait for.
_RENAME = """
with held as (select stream, head, incarnation as before from streams where stream = $1 and head > 0 for update)
update streams set incarnation = replace(gen_random_uuid()::text, '-', ''), listed = listed and $2 from held
where streams.stream = held.stream
returning held.head, held.before, streams.incarnation
"""

_COMMITS_OF_PART = """
select seq, format, at, events from commits where stream = $1 and seq = any($2::bigint[]) order by seq
"""

_SEALED_OF_PART = "select id, format, entity from sealed where stream = $1 and id = any($2::text[]) order by id"

_LEAVE = "delete from {} where stream = $1 and person = any($2::text[])"

_REWRITE = """
update commits set format = changed.format, at = changed.at, events = changed.events
from unnest($2::bigint[], $3::integer[], $4::bigint[], $5::bytea[]) as changed (seq, format, at, events)
where stream = $1 and commits.seq = changed.seq
"""

_SEALED = "select id, format, entity from sealed where stream = $1 and id > $2 order by id limit $3"

_INCARNATION = "select incarnation from streams where stream = $1 and head > 0"

_HOLD_INCARNATION = "select 1 from streams where stream = $1 and incarnation = $2 for key share"

_COMMITS_OF_OTHERS = """
select seq, format, at, case when format <> $4 then events end as events from commits
where stream = $1 and seq > $2 order by seq limit $3
"""

_SEALED_OF_OTHERS = """
select id, format, case when format <> $4 then entity end as entity from sealed
where stream = $1 and id > $2 order by id limit $3
"""

_RESEAL = """
update sealed set format = changed.format, entity = changed.entity
from unnest($2::text[], $3::integer[], $4::bytea[]) as changed (id, format, entity)
where stream = $1 and sealed.id = changed.id
"""

# What was sealed anew since it was read is of the newest format.
_LIFT_SEALED = f"{_RESEAL} and sealed.format <> changed.format"


async def redact(
    connection: Connection,
    stream: str,
    change: Callable[[Commit], Commit],
    reseal: Callable[[Sealed], Sealed],
    rerow: Rerow | None,
    part: Part | None,
) -> str:
    """See `port.Journal.redact`. One transaction, however long the stream; its appends are Conflicts meanwhile."""
    async with connection.transaction():
        # Computing the changes of a chunk may take longer than a room may hold its stream.
        await connection.execute("set local idle_in_transaction_session_timeout = '60s'")
        found = await connection.fetchrow(_RENAME, stream, part is not None)
        if found is None:
            raise KeyError(f"no stream is named {stream}")
        seq, before, incarnation = found
        if part is None:
            await _rewrite_commits(connection, stream, change)
            await _rewrite_sealed(connection, stream, reseal)
        elif Head(seq, before) != part.head:
            raise HeadMoved(f"{stream} is at {seq}, and not at {part.head.seq} of the same history")
        else:
            await _rewrite_part(connection, stream, change, reseal, part)
        await connection.execute("delete from snapshots where stream = $1", stream)
        if rerow is None:
            await forget(connection, stream)
        else:
            await reproject(connection, stream, rerow, None if part is None else part.rows)
        return str(incarnation)


async def _rewrite_part(
    connection: Connection,
    stream: str,
    change: Callable[[Commit], Commit],
    reseal: Callable[[Sealed], Sealed],
    part: Part,
) -> None:
    for some in slices(part.seqs):
        chunk = [Commit(*row) for row in await connection.fetch(_COMMITS_OF_PART, stream, some)]
        await _write_commits(
            connection, stream, [blanked for each in chunk if (blanked := blank(each, change)) != each]
        )
    for names in slices(part.sealed):
        kept = [Sealed(*row) for row in await connection.fetch(_SEALED_OF_PART, stream, names)]
        resealed = [sealed for each in kept if (sealed := blank_sealed(each, reseal)) != each]
        await _write_sealed(connection, stream, resealed)
    for table in ("memberships", "appearances", "positions"):
        await connection.execute(_LEAVE.format(table), stream, list(part.leaving))
    await leave(connection, stream, part.leaving)


async def renew(
    connection: Connection,
    stream: str,
    format: int,
    change: Callable[[Commit], Commit],
    reseal: Callable[[Sealed], Sealed],
    since: Renewal,
) -> Renewal:
    """See `port.Journal.renew`. A slice of which nothing is to be written costs no transaction."""
    while True:
        incarnation: str | None = await connection.fetchval(_INCARNATION, stream)
        if incarnation is None:
            raise KeyError(f"no stream is named {stream}")
        commits, sealed = list[Commit](), list[Sealed]()
        # Which of them are of this format already is told without their bytes, of which they have the most.
        rows = await connection.fetch(_COMMITS_OF_OTHERS, stream, since.seq, SLICE, format)
        if rows:
            done = Renewal(rows[-1]["seq"])
            before = [Commit(*row) for row in rows if row["events"] is not None]
            commits = [lifted for each in before if (lifted := renewed(each, change)) != each]
        else:
            rows = await connection.fetch(_SEALED_OF_OTHERS, stream, since.sealed, SLICE, format)
            done = Renewal(since.seq, rows[-1]["id"]) if rows else since._replace(done=True)
            kept = [Sealed(*row) for row in rows if row["entity"] is not None]
            sealed = [after for each in kept if (after := blank_sealed(each, reseal)) != each]
        if not commits and not sealed:
            return done
        async with connection.transaction():
            # Whoever redacts comes before or after: what was blanked since these were read must not come back.
            if await connection.fetchval(_HOLD_INCARNATION, stream, incarnation) is None:
                continue
            await _write_commits(connection, stream, commits)
            await _write_sealed(connection, stream, sealed, _LIFT_SEALED)
        return done


async def _rewrite_commits(connection: Connection, stream: str, change: Callable[[Commit], Commit]) -> None:
    after = 0
    while chunk := await commits(connection, stream, after, SLICE):
        after = chunk[-1].seq
        changed = [blanked for commit in chunk if (blanked := blank(commit, change)) != commit]
        await _write_commits(connection, stream, changed)


async def _write_commits(connection: Connection, stream: str, changed: Sequence[Commit]) -> None:
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
    while rows := await connection.fetch(_SEALED, stream, after, SLICE):
        kept = [Sealed(*row) for row in rows]
        after = kept[-1].id
        await _write_sealed(
            connection, stream, [blanked for each in kept if (blanked := blank_sealed(each, reseal)) != each]
        )


async def _write_sealed(connection: Connection, stream: str, changed: Sequence[Sealed], sql: str = _RESEAL) -> None:
    await connection.execute(
        sql,
        stream,
        [sealed.id for sealed in changed],
        [sealed.format for sealed in changed],
        [sealed.entity for sealed in changed],
    )
