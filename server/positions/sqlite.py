"""Positions in the journal's SQLite file."""

import sqlite3
from collections.abc import Mapping, Sequence

from server.journal.sqlite.journal import SqliteJournal
from server.journal.sqlite.rows import as_json
from server.positions.port import Position

_KEEP = """
insert into positions (person, stream, n)
select json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') from json_each(?1)
where true on conflict (person, stream) do update set n = excluded.n where excluded.n > n or (person, stream) in (select value ->> 0, value ->> 1 from json_each(?2))
"""

_OF = "select stream, n from positions where person = ?1 and stream in (select value from json_each(?2))"

_FORGET = """
delete from positions where not exists (select 1 from memberships where memberships.person = positions.person)
"""


class SqlitePositions:
    """See `port.Positions`."""

    def __init__(self, journal: SqliteJournal) -> None:
        self._journal = journal

    async def keep(self, positions: Sequence[Position]) -> None:
        def keep(connection: sqlite3.Connection) -> None:
            back = [(each.person, each.stream) for each in positions if each.back]
            connection.execute(_KEEP, (as_json(list(positions)), as_json(back)))

        await self._journal.change(keep)

    async def of(self, person: str, streams: Sequence[str]) -> Mapping[str, int]:
        asked = (person, as_json(list(streams)))
        return dict(await self._journal.ask(lambda connection: connection.execute(_OF, asked).fetchall()))

    async def forget_strangers(self) -> int:
        return await self._journal.change(lambda connection: connection.execute(_FORGET).rowcount)
