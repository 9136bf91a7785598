"""Appending a group to SQLite: four statements between `begin` and `commit`, however many entries.

Every step of a statement costs a hand-over of Python's lock, up to a switch interval beside a busy event loop; so there is one
statement for all rows of a table, which takes them from a JSON array and their bytes from one joined blob (32 streams, 8 keys
each, beside a loop that never rests: 19 ms at the 99th percentile, against 104 with `executemany`). The common case is
tried without looking; only when the counts do not add up is it asked who stands in the way.
"""

import sqlite3
from collections.abc import Sequence

from server.journal.port import Appended, Conflict, Duplicate, Entry, Membership, Outcome, Rejected, Unknown
from server.journal.sqlite.keys import Keys
from server.journal.sqlite.rows import as_json, with_blobs

# What SQLite or its driver raises for the data of an entry, and not for the state of the database.
DATA_ERRORS = (sqlite3.IntegrityError, sqlite3.DataError, UnicodeEncodeError, OverflowError)

_MOVE_HEADS = """
insert into streams (stream, head, incarnation, listed)
select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]')
from json_each(?1)
where json_extract(value, '$[1]') = 1
   or exists (select 1 from streams where stream = json_extract(value, '$[0]'))
on conflict (stream) do update set head = excluded.head, incarnation = excluded.incarnation, listed = max(listed, excluded.listed)
where head = excluded.head - 1 and (head = 0 or incarnation = excluded.incarnation)
"""

_INSERT_COMMITS = """
insert into commits (stream, seq, format, at, events)
select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
       substr(?2, json_extract(value, '$[4]') + 1, json_extract(value, '$[5]'))
from json_each(?1)
"""

_INSERT_SEALED = """
insert into sealed (stream, id, format, entity)
select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
       substr(?2, json_extract(value, '$[3]') + 1, json_extract(value, '$[4]'))
from json_each(?1)
where true on conflict (stream, id) do update set format = excluded.format, entity = excluded.entity
"""

_LEAVE = """
delete from memberships
where (person, stream) in (select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(?1))
"""

_ENROL = """
insert into memberships (person, stream, role, since, name)
select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[4]')
from json_each(?1)
where true on conflict (person, stream) do update set role = excluded.role, name = excluded.name
"""

_LISTING = """
insert into listings (stream, parent, access, title, purpose, closed)
select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[4]'),
       json_extract(value, '$[5]')
from json_each(?1)
where true on conflict (stream) do update set
    parent = excluded.parent, access = excluded.access, title = excluded.title, purpose = excluded.purpose, closed = excluded.closed
"""

_APPEAR = """
insert into appearances (person, stream)
select json_extract(value, '$[0]'), json_extract(value, '$[1]') from json_each(?1)
where true on conflict do nothing
"""

_HEADS = "select stream, head, incarnation from streams where stream in (select value from json_each(?1))"


def append_group(connection: sqlite3.Connection, keys: Keys, entries: Sequence[Entry]) -> list[Outcome]:
    """Append entries of different streams in one transaction; outcomes in the same order. Never raises sqlite3.Error.

    The connection must be in autocommit mode (`isolation_level=None`), and is left outside any transaction.
    """
    outcomes: dict[str, Outcome] = {}
    rest = list(entries)
    try:
        while rest and not _commit(connection, keys, rest):
            standing = _obstacles(connection, keys, rest)
            if not standing:
                reason = "rows written do not add up, though nobody stands in the way: is the database damaged?"
                standing = {entry.stream: Unknown(reason) for entry in rest}
            outcomes |= standing
            rest = [entry for entry in rest if entry.stream not in standing]
        outcomes |= {entry.stream: Appended(entry.commit.seq) for entry in rest}
    except DATA_ERRORS as error:
        if len(rest) == 1:
            outcomes[rest[0].stream] = Rejected(f"SQLite refuses the data: {error}")
        else:
            middle = len(rest) // 2
            for half in (rest[:middle], rest[middle:]):
                outcomes |= zip((entry.stream for entry in half), append_group(connection, keys, half), strict=True)
    except sqlite3.Error as error:
        keys.doubt()
        outcomes |= {entry.stream: Unknown(f"SQLite could not write: {error}") for entry in rest}
    return [outcomes[entry.stream] for entry in entries]


def _commit(connection: sqlite3.Connection, keys: Keys, entries: Sequence[Entry]) -> bool:
    """Write all entries or none; False when a head or a key stood in the way."""
    connection.execute("begin immediate")
    try:
        moved = [(e.stream, e.commit.seq, e.incarnation, int(e.begins_list)) for e in entries]
        heads = connection.execute(_MOVE_HEADS, (as_json(moved),))
        if heads.rowcount != len(entries):
            return False
        commits = [(e.stream, e.commit.seq, e.commit.format, e.commit.at) for e in entries]
        connection.execute(_INSERT_COMMITS, with_blobs(commits, [e.commit.events for e in entries]))
        if not keys.write(connection, entries):
            return False
        if any(e.sealed for e in entries):
            names = [(e.stream, sealed.id, sealed.format) for e in entries for sealed in e.sealed]
            connection.execute(_INSERT_SEALED, with_blobs(names, [s.entity for e in entries for s in e.sealed]))
        if any(e.memberships for e in entries):
            write_memberships(connection, [(e.stream, membership) for e in entries for membership in e.memberships])
        listings = [(e.stream, *e.listing) for e in entries if e.listing is not None]
        if listings:
            connection.execute(_LISTING, (as_json(listings),))
        if any(e.appearing for e in entries):
            write_appearances(connection, [(person, e.stream) for e in entries for person in e.appearing or ()])
        connection.execute("commit")
        keys.written(entries)
        return True
    finally:
        if connection.in_transaction:
            connection.execute("rollback")


def write_memberships(connection: sqlite3.Connection, memberships: Sequence[tuple[str, Membership]]) -> None:
    """Those of some streams, in a transaction that somebody else begins and ends; no person twice in one."""
    left = [(each.person, stream) for stream, each in memberships if each.role is None]
    if left:
        connection.execute(_LEAVE, (as_json(left),))
    joined = [
        (each.person, stream, each.role, each.since, each.name) for stream, each in memberships if each.role is not None
    ]
    if joined:
        connection.execute(_ENROL, (as_json(joined),))


def write_appearances(connection: sqlite3.Connection, appearances: Sequence[tuple[str, str]]) -> None:
    """Persons and the streams that name them, in a transaction that somebody else begins and ends."""
    connection.execute(_APPEAR, (as_json(appearances),))


def _obstacles(connection: sqlite3.Connection, keys: Keys, entries: Sequence[Entry]) -> dict[str, Outcome]:
    """Why some of the entries cannot be written, by stream."""
    rows = connection.execute(_HEADS, (as_json([entry.stream for entry in entries]),))
    heads: dict[str, tuple[int, str]] = {stream: (head, incarnation) for stream, head, incarnation in rows}
    standing: dict[str, Outcome] = {}
    for entry in entries:
        head, incarnation = heads.get(entry.stream, (0, ""))
        if head != entry.commit.seq - 1 or (head and incarnation != entry.incarnation):
            standing[entry.stream] = Conflict()
        elif used := keys.used(connection, entry.stream, [key for key, _ in entry.answers]):
            standing[entry.stream] = Duplicate(used)
    return standing
