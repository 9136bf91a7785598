"""The accounts in the journal's PostgreSQL database."""

from collections.abc import Sequence
from typing import Any

from server.accounts.port import AllEnded, Device, Ended, Leave, Link, Login
from server.journal.group import storable
from server.journal.postgres.connection import Connection
from server.journal.postgres.journal import PostgresJournal
from server.journal.postgres.read import value

_LOGINS = """
insert into logins (id, person, scope, at, used, cookie, label)
select id, person, scope, at, at, nullif(cookie, ''), label
from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::text[]) as new (id, person, scope, at, cookie, label)
"""

_LINKS = """
insert into links (digest, person, stream, code, claims, at, ends)
select digest, person, stream, code, claims, at, nullif(ends, 0)
from unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[], $7::bigint[])
    as new (digest, person, stream, code, claims, at, ends)
order by 1 on conflict do nothing
"""

_END_LINK = """
insert into links (digest, person, stream, code, claims, at, ends, ended)
values ($1, $2, $3, $4, $5, $6, nullif($7::bigint, 0), $8)
on conflict (digest) do update set ended = coalesce(links.ended, excluded.ended)
"""

_STANDS = (
    "not exists (select 1 from endings where endings.person = {0}.person and scope = {0}.{1} and endings.at >= {0}.at)"
)

_LOGIN_OF = f"""
select id, person, scope, at, coalesce(cookie, ''), label from logins
where id = $1 and ended is null and {_STANDS.format("logins", "scope")}
"""

_DEVICE_OF = f"""
select id, person, scope, at, cookie, label from logins
where cookie = $1 and used >= $2 and ended is null and {_STANDS.format("logins", "scope")}
"""

_DEVICES = f"""
select id, label, at, used from logins
where cookie is not null and person = $1 and scope = $2 and used >= $3 and ended is null
and {_STANDS.format("logins", "scope")} order by used desc, at desc, id
"""

_LINK_OF = f"""
select digest, person, stream, code, claims, at, coalesce(ends, 0) from links
where digest = $1 and ended is null and {_STANDS.format("links", "stream")}
"""

_END_ALL = """
insert into endings (person, scope, at) select person, scope, $2 from logins where id = $1 and ended is null
on conflict (person, scope) do update set at = excluded.at where endings.at < $3 returning at
"""

_SCOPES_OF = """
select scope from logins where person = $1 union select stream from links where person = $1
union select scope from endings where person = $1 order by 1
"""

_END_PERSON = """
insert into endings (person, scope, at) select $1, scope, $3 from unnest($2::text[]) as ending (scope) order by scope
on conflict (person, scope) do update set at = greatest(endings.at, excluded.at)
"""

_FORGET_PERSON = (
    "delete from logins where person = $1 and scope = any($2::text[])",
    "delete from links where person = $1 and stream = any($2::text[])",
)

_FORGET_ENDINGS = "delete from endings where person = $1 and scope = any($2::text[])"

_FORGET = (
    "delete from logins where id in (select id from logins where used < $1 and cookie is null limit $2)",
    "delete from logins where id in (select id from logins where ended < $1 limit $2)",
    "delete from links where digest in (select digest from links where ended < $1 and at > 0 limit $2)",
    "delete from links where digest in (select digest from links where ends < $1 limit $2)",
)

_FORGET_DEVICES = (
    "delete from logins where id in (select id from logins where used < $1 and cookie is not null limit $2)"
)


_ENDED = """
select id, null as person, null as scope, ended as at from logins where ended >= $1
union all select null, person, scope, at from endings where at >= $2
"""


class PostgresAccounts:
    """See `port.Accounts`."""

    def __init__(self, journal: PostgresJournal) -> None:
        self._journal = journal

    async def keep(self, logins: Sequence[Login], links: Sequence[Link]) -> None:
        await self._journal.use(_keep, logins, links)

    async def login(self, id: str) -> Login | None:
        return next((Login(*row) for row in await self._journal.use(_rows, _LOGIN_OF, id)), None)

    async def link(self, digest: bytes) -> Link | None:
        return next((Link(*row) for row in await self._journal.use(_rows, _LINK_OF, digest)), None)

    async def device(self, cookie: bytes, since: int) -> Login | None:
        return next((Login(*row) for row in await self._journal.use(_rows, _DEVICE_OF, cookie, since)), None)

    async def devices(self, person: str, scope: str, since: int) -> list[Device]:
        return [Device(*row) for row in await self._journal.use(_rows, _DEVICES, person, scope, since)]

    async def end_login(self, id: str, at: int) -> None:
        await self._value("update logins set ended = $2 where id = $1 and ended is null", id, at)

    async def end_all(self, asking: Login, at: int) -> bool:
        return await self._value(_END_ALL, asking.id, at, asking.at) is not None

    async def all_ended(self, person: str, scope: str) -> int | None:
        at: int | None = await self._value("select at from endings where person = $1 and scope = $2", person, scope)
        return at

    async def end_link(self, link: Link, at: int) -> None:
        await self._value(_END_LINK, *link, at)

    async def is_ended(self, digest: bytes) -> bool:
        return await self._value("select 1 from links where digest = $1 and ended is not null", digest) is not None

    async def ended_since(self, at: int, all_at: int) -> tuple[list[Ended], list[AllEnded]]:
        rows = await self._journal.use(_rows, _ENDED, at, all_at)
        return (
            [Ended(id, at) for id, _, _, at in rows if id is not None],
            [AllEnded(person, scope, at) for id, person, scope, at in rows if id is None],
        )

    async def renewed(self, id: str, at: int) -> None:
        await self._value("update logins set used = $2 where id = $1", id, at)

    async def forget(self, before: int, unused: int, most: int) -> int:
        gone = await self._journal.use(_count, _FORGET_DEVICES, unused, most)
        return gone + sum([await self._journal.use(_count, sql, before, most) for sql in _FORGET])

    async def scopes_of(self, person: str) -> list[str]:
        return [scope for (scope,) in await self._journal.use(_rows, _SCOPES_OF, person)]

    async def end_person(self, person: str, scopes: Sequence[str], at: int) -> None:
        await self._value(_END_PERSON, person, list(scopes), at)

    async def forget_person(self, person: str, scopes: Sequence[str]) -> int:
        return await self._journal.use(_forget_person, person, scopes)

    async def note_leave(self, leave: Leave) -> None:
        await self._value("insert into leaving values ($1, $2, $3, $4) on conflict do nothing", *leave)

    async def leaving(self, before: int) -> list[Leave]:
        sql = "select person, scope, removes, at from leaving where at <= $1 order by at"
        return [Leave(*row) for row in await self._journal.use(_rows, sql, before)]

    async def has_left(self, person: str, scope: str) -> None:
        await self._value("delete from leaving where person = $1 and scope = $2", person, scope)

    async def grant(self, issuer: str, stream: str, at: int) -> None:
        await self._value("insert into grants values ($1, $2, $3) on conflict do nothing", issuer, stream, at)

    async def is_granted(self, issuer: str, stream: str) -> bool:
        sql = "select 1 from grants where issuer = $1 and stream = $2"
        return storable(stream) and await self._value(sql, issuer, stream) is not None

    async def _value(self, sql: str, *arguments: object) -> Any:
        return await self._journal.use(value, sql, *arguments)


async def _rows(connection: Connection, sql: str, *arguments: object) -> list[Any]:
    return list(await connection.fetch(sql, *arguments))


async def _count(connection: Connection, sql: str, *arguments: object) -> int:
    """How many rows it changed."""
    return int((await connection.execute(sql, *arguments)).rpartition(" ")[2])


async def _keep(connection: Connection, logins: Sequence[Login], links: Sequence[Link]) -> None:
    async with connection.transaction():
        await connection.execute(_LOGINS, *_columns(logins, 6))
        await connection.execute(_LINKS, *_columns(links, 7))


async def _forget_person(connection: Connection, person: str, scopes: Sequence[str]) -> int:
    async with connection.transaction():
        await connection.execute(_FORGET_ENDINGS, person, list(scopes))
        return sum([await _count(connection, sql, person, list(scopes)) for sql in _FORGET_PERSON])


def _columns(rows: Sequence[Sequence[object]], count: int) -> list[list[object]]:
    return [[row[n] for row in rows] for n in range(count)]
