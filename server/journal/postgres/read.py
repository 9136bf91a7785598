"""What is read from PostgreSQL, over whatever connection."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.journal.port import Answer, Commit, Head, Listed, ListingRow, Sealed, Snapshot, Standing
from server.journal.postgres.connection import Connection

_HEADS = "select stream, head, incarnation from streams where stream = any($1::text[]) and head > 0"

_COMMITS = "select seq, format, at, events from commits where stream = $1 and seq > $2 order by seq limit $3"

# The heads are what a worker that fell behind has many of, so all of its streams are asked at once.
_COMMITS_OF_MANY = """
select wanted.stream, seq, format, at, events
from unnest($1::text[], $2::bigint[]) as wanted (stream, after)
cross join lateral (
    select seq, format, at, events from commits
    where commits.stream = wanted.stream and seq > wanted.after order by seq limit $3
) as missing
order by wanted.stream, seq
"""

_USED_KEYS = "select key, seq, refusal from command_keys where stream = $1 and key = any($2::bytea[])"

_SEALED = "select id, format, entity from sealed where stream = $1 and id = any($2)"

_LOAD_SNAPSHOT = """
select seq, state from snapshots join streams using (stream, incarnation) where stream = $1 and version = $2
"""

_MEMBERS = """
select asked.person, asked.stream from unnest($1::text[], $2::text[]) as asked (person, stream)
left join memberships as mine on mine.person = asked.person and mine.stream = asked.stream
left join listings on listings.stream = asked.stream
left join memberships as above on above.person = asked.person and above.stream = parent
where case when parent is null then mine.role is not null else above.role is not null and (mine.role is not null or access = $3) end
"""

_STANDING = """
select mine.role, parent, access, above.role
from (select $1::text as person, $2::text as stream) as asked
left join memberships as mine on mine.person = asked.person and mine.stream = asked.stream
left join listings on listings.stream = asked.stream
left join memberships as above on above.person = asked.person and above.stream = listings.parent
"""

_NAMES = "select person, name from memberships where stream = $1 and person = any($2::text[])"

_LISTED = """
select listings.stream, parent, access, title, purpose, closed, mine.role,
       (select count(*) from memberships where memberships.stream = listings.stream)
from listings left join memberships as mine on mine.person = $2 and mine.stream = listings.stream
where parent = $1 and not closed and (access <> $3 or mine.role is not null)
order by title collate "C", listings.stream
"""

_NAMING = """
select stream from appearances where person = $1 and stream > $2
union select stream from memberships where person = $1 and stream > $2
union select stream from streams where not listed and head > 0 and stream > $2
order by stream limit 1000
"""

_STREAMS = "select stream from streams where head > 0 and stream > $1 order by stream limit 1000"


async def standing(connection: Connection, person: str, stream: str) -> Standing:
    """What a person is in a stream, and above it."""
    [(role, parent, access, above)] = await connection.fetch(_STANDING, person, stream)
    return Standing(role, parent or "", access or "", above)


async def names(connection: Connection, stream: str, persons: Sequence[str]) -> dict[str, str]:
    """What members of a stream are called."""
    rows = await connection.fetch(_NAMES, stream, list(persons))
    return {row["person"]: row["name"] for row in rows}


async def listed(connection: Connection, parent: str, person: str, hidden: str) -> list[Listed]:
    """Streams under another, as a person finds them."""
    rows = await connection.fetch(_LISTED, parent, person, hidden)
    return [Listed(stream, ListingRow(*listing), role, people) for stream, *listing, role, people in rows]


async def heads(connection: Connection, streams: Sequence[str]) -> dict[str, Head]:
    """The heads of those streams that have commits."""
    rows = await connection.fetch(_HEADS, list(streams))
    return {stream: Head(seq, incarnation) for stream, seq, incarnation in rows}


async def commits(connection: Connection, stream: str, after: int, limit: int | None) -> list[Commit]:
    """Commits behind a seq, in order; all of them when there is no limit."""
    return [Commit(*row) for row in await connection.fetch(_COMMITS, stream, after, limit)]


async def commits_of_many(connection: Connection, after: Mapping[str, int], limit: int) -> dict[str, list[Commit]]:
    """Commits behind a seq of each stream, at most `limit` of each."""
    found: dict[str, list[Commit]] = {stream: [] for stream in after}
    for stream, *row in await connection.fetch(_COMMITS_OF_MANY, list(after), list(after.values()), limit):
        found[stream].append(Commit(*row))
    return found


async def used_keys(connection: Connection, stream: str, keys: Sequence[bytes]) -> dict[bytes, Answer]:
    """What became of these keys, where a commit used them."""
    rows = await connection.fetch(_USED_KEYS, stream, list(keys))
    return {row["key"]: row["refusal"] or row["seq"] for row in rows}


async def sealed(connection: Connection, stream: str, names: Sequence[str]) -> dict[str, Sealed]:
    """Those of these ids that were sealed, as they were."""
    return {row["id"]: Sealed(*row) for row in await connection.fetch(_SEALED, stream, names)}


async def members(connection: Connection, pairs: Sequence[tuple[str, str]], common: str) -> set[tuple[str, str]]:
    """Pairs of a person and a stream where the one is a member of the other."""
    persons, streams = [person for person, _ in pairs], [stream for _, stream in pairs]
    return {(person, stream) for person, stream in await connection.fetch(_MEMBERS, persons, streams, common)}


async def streams_after(connection: Connection, after: str) -> list[str]:
    """Streams by name, at most 1,000."""
    return [stream for (stream,) in await connection.fetch(_STREAMS, after)]


async def streams_naming(connection: Connection, person: str, after: str) -> list[str]:
    """Streams that name a person, or of which that is not known, by name, at most 1,000."""
    return [stream for (stream,) in await connection.fetch(_NAMING, person, after)]


async def load_snapshot(connection: Connection, stream: str, version: str) -> Snapshot | None:
    """The stream's snapshot of this version, if it is of the current incarnation."""
    row = await connection.fetchrow(_LOAD_SNAPSHOT, stream, version)
    return None if row is None else Snapshot(*row)


async def value(connection: Connection, sql: str, *arguments: object) -> Any:
    """The first column of the first row, None when there is none."""
    return await connection.fetchval(sql, *arguments)
