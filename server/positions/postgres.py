"""Positions in the journal's PostgreSQL."""

from collections.abc import Mapping, Sequence

from server.journal.postgres.connection import Connection
from server.journal.postgres.journal import PostgresJournal
from server.positions.port import Position

# In one order, so that two workers that write the same people wait for each other and no more.
_KEEP = """
insert into positions (person, stream, n)
select * from unnest($1::text[], $2::text[], $3::bigint[]) as read (person, stream, n) order by person, stream
on conflict (person, stream) do update set n = excluded.n
where excluded.n > positions.n or (excluded.person, excluded.stream) in (select * from unnest($4::text[], $5::text[]))
"""

_OF = "select stream, n from positions where person = $1 and stream = any($2::text[])"

_FORGET = """
delete from positions where not exists (select 1 from memberships where memberships.person = positions.person) returning 1
"""


class PostgresPositions:
    """See `port.Positions`."""

    def __init__(self, journal: PostgresJournal) -> None:
        self._journal = journal

    async def keep(self, positions: Sequence[Position]) -> None:
        back = [each for each in positions if each.back]
        await self._journal.use(
            _keep,
            [each.person for each in positions],
            [each.stream for each in positions],
            [each.n for each in positions],
            [each.person for each in back],
            [each.stream for each in back],
        )

    async def of(self, person: str, streams: Sequence[str]) -> Mapping[str, int]:
        return await self._journal.use(_of, person, list(streams))

    async def forget_strangers(self) -> int:
        return await self._journal.use(_forget)


async def _keep(
    connection: Connection, people: list[str], streams: list[str], numbers: list[int], *back: list[str]
) -> None:
    await connection.execute(_KEEP, people, streams, numbers, *back)


async def _of(connection: Connection, person: str, streams: list[str]) -> dict[str, int]:
    return {row["stream"]: row["n"] for row in await connection.fetch(_OF, person, streams)}


async def _forget(connection: Connection) -> int:
    return len(await connection.fetch(_FORGET))
