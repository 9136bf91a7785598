"""Appending a group to PostgreSQL: one statement, one round trip, whatever the number of entries.

Nothing in it waits for a row: a head that another writer holds is skipped, so two workers cannot deadlock however their groups
are ordered. New streams alone may wait for each other, for as long as one such statement takes, and are inserted in order.
"""

from collections.abc import Sequence

from server.journal.port import Answer, Appended, Conflict, Duplicate, Entry, Head, Membership, Outcome
from server.journal.postgres.connection import Connection

STATEMENT_SECONDS = 5.0
LOCK_SECONDS = 5.0
# Longer than the server's own limit, which leaves the connection whole; this one is for a server or a network that is silent.
CLIENT_SECONDS = STATEMENT_SECONDS + 1.0

WRITER_SETTINGS = {
    "application_name": "palabre writer",
    "synchronous_commit": "on",
    "statement_timeout": f"{STATEMENT_SECONDS * 1000:.0f}",
    "lock_timeout": f"{LOCK_SECONDS * 1000:.0f}",
    "idle_in_transaction_session_timeout": "2000",
    # The plan is always the same: what comes is joined by hashing, tables are looked up by their primary keys. Planning it costs
    # as much as running it, and without this a young database, of which there are no statistics, would be read from end to end.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}

# All parts see the database as it was when the statement began. A head that moved since is found out when its row is locked
# (PostgreSQL then looks at the row's last version again), and keys are only ever added by who moves the head; so where the head
# is locked and as expected, the keys seen are all there are.
#
# `no key update` leaves room for `key share`, which the projection and snapshots take against a redaction.
APPEND = """
with entry as materialized (
    select * from unnest($1::text[], $2::bigint[], $3::integer[], $4::bigint[], $5::bytea[], $12::text[])
    as entry (stream, seq, format, at, events, incarnation)
), fresh as materialized (
    select * from unnest($6::text[], $7::bytea[], $11::text[]) as fresh (stream, key, refusal)
), held as materialized (
    select streams.stream from entry join streams on streams.stream = entry.stream and streams.head = entry.seq - 1
    and (streams.head = 0 or streams.incarnation = entry.incarnation)
    order by streams.stream
    for no key update of streams skip locked
), used as materialized (
    select stream, key, command_keys.seq, command_keys.refusal from held join fresh using (stream) join command_keys using (stream, key)
), moved as (
    update streams set head = entry.seq, incarnation = entry.incarnation from entry
    where streams.stream = entry.stream and entry.stream in (select stream from held except select stream from used)
    returning streams.stream
), made as (
    insert into streams (stream, head, incarnation) select stream, 1, incarnation from entry where seq = 1 order by stream
    on conflict do nothing returning stream
), won as materialized (
    select stream from moved union all select stream from made
), new_commits as (
    insert into commits (stream, seq, format, at, events)
    select stream, seq, format, at, events from won join entry using (stream)
), new_keys as (
    insert into command_keys (stream, key, seq, refusal)
    select stream, key, seq, refusal from won join entry using (stream) join fresh using (stream)
), new_sealed as (
    insert into sealed (stream, id, format, entity)
    select stream, id, format, entity from won
    join unnest($8::text[], $9::text[], $13::integer[], $10::bytea[]) as leaving (stream, id, format, entity) using (stream)
    on conflict (stream, id) do update set format = excluded.format, entity = excluded.entity
)
select stream, null::bytea, null::bigint, null::text from won union all select stream, key, seq, refusal from used
"""

# For entries that make somebody a member, or something else, that name somebody first, or that begin a list of whom a stream names: what
# all others need is planned and run without it. Nobody waits here either: the rows of a stream are written by who has moved its head.
_LAST = "select stream, null::bytea"
APPEND_AND_ENROL = (
    APPEND.replace(
        "insert into streams (stream, head, incarnation) select stream, 1, incarnation",
        "insert into streams (stream, head, incarnation, listed) select stream, 1, incarnation, stream = any($20::text[])",
    )
    .replace(
        "incarnation = entry.incarnation from entry",
        "incarnation = entry.incarnation, listed = streams.listed or entry.stream = any($20::text[]) from entry",
    )
    .replace(
        f"){chr(10)}{_LAST}",
        f"""
), enrolled as materialized (
    select person, stream, role, since, name from won
    join unnest($14::text[], $15::text[], $16::text[], $17::bigint[], $21::text[]) as enrolled (stream, person, role, since, name) using (stream)
), joined as (
    insert into memberships (person, stream, role, since, name) select * from enrolled where role is not null order by person
    on conflict (person, stream) do update set role = excluded.role, name = excluded.name
), gone as (
    delete from memberships using enrolled
    where memberships.person = enrolled.person and memberships.stream = enrolled.stream and enrolled.role is null
), appeared as (
    insert into appearances (person, stream)
    select person, stream from won join unnest($18::text[], $19::text[]) as named (person, stream) using (stream) order by person
    on conflict do nothing
), known as (
    insert into listings (stream, parent, access, title, purpose, closed)
    select stream, parent, access, title, purpose, closed from won
    join unnest($22::text[], $23::text[], $24::text[], $25::text[], $26::text[], $27::boolean[])
        as listing (stream, parent, access, title, purpose, closed) using (stream)
    on conflict (stream) do update set
        parent = excluded.parent, access = excluded.access, title = excluded.title, purpose = excluded.purpose, closed = excluded.closed
)
{_LAST}""",
    )
)


_LIST = "update streams set listed = true where stream = $1 and incarnation = $2 returning 1"

_APPEAR = """
insert into appearances (person, stream) select person, $2 from unnest($1::text[]) as named (person) order by person
on conflict do nothing
"""

# Against appends: they skip the row, and come again.
_HOLD_HEAD = "select 1 from streams where stream = $1 and head = $2 and incarnation = $3 for no key update"


async def append_group(connection: Connection, entries: Sequence[Entry]) -> list[Outcome]:
    """Append entries of different streams in one statement; outcomes in the same order. Raises what asyncpg raises.

    Inside a transaction its holder commits; outside the statement commits itself.
    """
    commits = [entry.commit for entry in entries]
    fresh = [(entry.stream, *answer) for entry in entries for answer in entry.answers]
    leaving = [(entry.stream, *sealed) for entry in entries for sealed in entry.sealed]
    enrolled = [(entry.stream, *membership) for entry in entries for membership in entry.memberships]
    appearing = [(person, entry.stream) for entry in entries for person in entry.appearing or ()]
    listed = [entry.stream for entry in entries if entry.begins_list]
    known = [(entry.stream, *entry.listing) for entry in entries if entry.listing is not None]
    streams, people, roles, since, names = _columns(enrolled, 5)
    beside = (streams, people, roles, since, *_columns(appearing, 2), listed, names, *_columns(known, 6))
    more = beside if enrolled or appearing or listed or known else ()
    rows = await connection.fetch(
        APPEND_AND_ENROL if more else APPEND,
        [entry.stream for entry in entries],
        [commit.seq for commit in commits],
        [commit.format for commit in commits],
        [commit.at for commit in commits],
        [commit.events for commit in commits],
        [stream for stream, _, _ in fresh],
        [key for _, key, _ in fresh],
        [stream for stream, _, _, _ in leaving],
        [name for _, name, _, _ in leaving],
        [entity for _, _, _, entity in leaving],
        [refusal for _, _, refusal in fresh],
        [entry.incarnation for entry in entries],
        [format for _, _, format, _ in leaving],
        *more,
        timeout=CLIENT_SECONDS,
    )
    won: set[str] = set()
    used: dict[str, dict[bytes, Answer]] = {}
    for stream, key, seq, refusal in rows:
        if key is None:
            won.add(stream)
        else:
            used.setdefault(stream, {})[key] = refusal or seq
    return [_outcome(entry, won, used) for entry in entries]


def _columns(rows: Sequence[tuple[object, ...]], many: int) -> list[list[object]]:
    return [[row[n] for row in rows] for n in range(many)]


def _outcome(entry: Entry, won: set[str], used: dict[str, dict[bytes, Answer]]) -> Outcome:
    if entry.stream in won:
        return Appended(entry.commit.seq)
    if entry.stream in used:
        return Duplicate(used[entry.stream])
    return Conflict()


async def list_appearances(connection: Connection, stream: str, incarnation: str, persons: Sequence[str]) -> bool:
    """Note whom a stream names; False where its history is another."""
    async with connection.transaction():
        if await connection.fetchval(_LIST, stream, incarnation) is None:
            return False
        await connection.execute(_APPEAR, list(persons), stream)
        return True


async def enrol(connection: Connection, stream: str, head: Head, memberships: Sequence[Membership]) -> bool:
    """Write all memberships of a stream anew; False where its head is another."""
    joined = [each for each in memberships if each.role is not None]
    async with connection.transaction():
        if await connection.fetchval(_HOLD_HEAD, stream, head.seq, head.incarnation) is None:
            return False
        await connection.execute("delete from memberships where stream = $1", stream)
        await connection.execute(
            "insert into memberships (person, stream, role, since, name) select person, $1, role, since, name "
            "from unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) as m (person, role, since, name)",
            stream,
            [each.person for each in joined],
            [each.role for each in joined],
            [each.since for each in joined],
            [each.name for each in joined],
        )
        return True
