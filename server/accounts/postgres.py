"""The accounts in the journal's PostgreSQL database."""

from collections.abc import Sequence
from typing import Any

from server.accounts.port import Ended, Link, Login
from server.journal.group import storable
from server.journal.postgres.connection import Connection
from server.journal.postgres.journal import PostgresJournal
from server.journal.postgres.read import value

_LOGINS = """
insert into logins (id, person, scope, at, used)
select id, person, scope, at, at from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as new (id, person, scope, at)
"""

_LINKS = """
insert into links (digest, person, stream, code, claims, at)
select * from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[])
on conflict do nothing
"""

_END_LINK = """
insert into links (digest, person, stream, code, claims, at, ended) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (digest) do update set ended = coalesce(links.ended, excluded.ended)
"""

_END_LOGINS = """
update logins set ended = $3 where person = $1 and scope = $2 and id <> $4 and ended is null returning id
"""

_END_LINKS = "update links set ended = $3 where person = $1 and stream = $2 and ended is null"


class PostgresAccounts:
    """See `port.Accounts`."""

    def __init__(self, journal: PostgresJournal) -> None:
        self._journal = journal

    async def keep(self, logins: Sequence[Login], links: Sequence[Link]) -> None:
        await self._journal.use(_keep, logins, links)

    async def login(self, id: str) -> Login | None:
        sql = "select id, person, scope, at from logins where id = $1 and ended is null"
        return next((Login(*row) for row in await self._journal.use(_rows, sql, id)), None)

    async def link(self, digest: bytes) -> Link | None:
        sql = "select digest, person, stream, code, claims, at from links where digest = $1 and ended is null"
        return next((Link(*row) for row in await self._journal.use(_rows, sql, digest)), None)

    async def end_login(self, id: str, at: int) -> None:
        await self._value("update logins set ended = $2 where id = $1 and ended is null", id, at)

    async def end_logins(self, person: str, scope: str, at: int, *, but: str) -> list[str]:
        return [id for (id,) in await self._journal.use(_rows, _END_LOGINS, person, scope, at, but)]

    async def end_links(self, person: str, stream: str, at: int) -> None:
        await self._value(_END_LINKS, person, stream, at)

    async def end_link(self, link: Link, at: int) -> None:
        await self._value(_END_LINK, *link, at)

    async def is_ended(self, digests: Sequence[bytes]) -> bool:
        sql = "select 1 from links where digest = any($1::bytea[]) and ended is not null limit 1"
        return await self._value(sql, list(digests)) is not None

    async def ended_since(self, at: int) -> list[Ended]:
        sql = "select id, ended from logins where ended >= $1"
        return [Ended(*row) for row in await self._journal.use(_rows, sql, at)]

    async def renewed(self, id: str, at: int) -> None:
        await self._value("update logins set used = $2 where id = $1", id, at)

    async def forget(self, before: int) -> None:
        await self._value("delete from logins where used < $1 or ended < $1", before)

    async def grant(self, issuer: str, stream: str, at: int) -> None:
        await self._value("insert into grants values ($1, $2, $3) on conflict do nothing", issuer, stream, at)

    async def is_granted(self, issuer: str, stream: str) -> bool:
        sql = "select 1 from grants where issuer = $1 and stream = $2"
        return storable(stream) and await self._value(sql, issuer, stream) is not None

    async def _value(self, sql: str, *arguments: object) -> object:
        return await self._journal.use(value, sql, *arguments)


async def _rows(connection: Connection, sql: str, *arguments: object) -> list[Any]:
    return list(await connection.fetch(sql, *arguments))


async def _keep(connection: Connection, logins: Sequence[Login], links: Sequence[Link]) -> None:
    async with connection.transaction():
        await connection.execute(_LOGINS, *_columns(logins, 4))
        await connection.execute(_LINKS, *_columns(links, 6))


def _columns(rows: Sequence[Sequence[object]], count: int) -> list[list[object]]:
    return [[row[n] for row in rows] for n in range(count)]
