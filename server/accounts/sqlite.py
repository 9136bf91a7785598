"""The accounts in the journal's SQLite file."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from server.accounts.port import AllEnded, Device, Ended, Leave, Link, Login
from server.journal.group import storable
from server.journal.sqlite.journal import SqliteJournal
from server.journal.sqlite.rows import as_json

_LOGIN = """
insert into logins (id, person, scope, at, used, cookie, label) values (?1, ?2, ?3, ?4, ?4, nullif(?5, x''), ?6)
"""

_LINK = """
insert into links (digest, person, stream, code, claims, at, ends) values (?, ?, ?, ?, ?, ?, nullif(?, 0))
on conflict do nothing
"""

_END_LINK = """
insert into links (digest, person, stream, code, claims, at, ends, ended)
values (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, 0), ?8)
on conflict (digest) do update set ended = coalesce(ended, excluded.ended)
"""

_STANDS = (
    "not exists (select 1 from endings where endings.person = {0}.person and scope = {0}.{1} and endings.at >= {0}.at)"
)

_LOGIN_OF = f"""
select id, person, scope, at, coalesce(cookie, x''), label from logins
where id = ? and ended is null and {_STANDS.format("logins", "scope")}
"""

_DEVICE_OF = f"""
select id, person, scope, at, cookie, label from logins
where cookie = ?1 and used >= ?2 and ended is null and {_STANDS.format("logins", "scope")}
"""

_DEVICES = f"""
select id, label, at, used from logins
where cookie is not null and person = ?1 and scope = ?2 and used >= ?3 and ended is null
and {_STANDS.format("logins", "scope")} order by used desc, at desc, id
"""

_LINK_OF = f"""
select digest, person, stream, code, claims, at, coalesce(ends, 0) from links
where digest = ? and ended is null and {_STANDS.format("links", "stream")}
"""

_END_ALL = """
insert into endings (person, scope, at) select person, scope, ?2 from logins where id = ?1 and ended is null
on conflict (person, scope) do update set at = excluded.at where endings.at < ?3 returning at
"""

_SCOPES_OF = """
select scope from logins where person = ?1 union select stream from links where person = ?1
union select scope from endings where person = ?1 order by 1
"""

_END_PERSON = """
insert into endings (person, scope, at) select ?1, value, ?3 from json_each(?2) where true
on conflict (person, scope) do update set at = max(at, excluded.at)
"""

_FORGET_PERSON = (
    "delete from logins where person = ?1 and scope in (select value from json_each(?2))",
    "delete from links where person = ?1 and stream in (select value from json_each(?2))",
)

_FORGET_ENDINGS = "delete from endings where person = ?1 and scope in (select value from json_each(?2))"

_FORGET = (
    "delete from logins where id in (select id from logins where used < ?1 and cookie is null limit ?2)",
    "delete from logins where id in (select id from logins where ended < ?1 limit ?2)",
    "delete from links where digest in (select digest from links where ended < ?1 and at > 0 limit ?2)",
    "delete from links where digest in (select digest from links where ends < ?1 limit ?2)",
)

_FORGET_DEVICES = (
    "delete from logins where id in (select id from logins where used < ?1 and cookie is not null limit ?2)"
)


class SqliteAccounts:
    """See `port.Accounts`."""

    def __init__(self, journal: SqliteJournal) -> None:
        self._journal = journal

    async def keep(self, logins: Sequence[Login], links: Sequence[Link]) -> None:
        def keep(connection: sqlite3.Connection) -> None:
            connection.executemany(_LOGIN, logins)
            connection.executemany(_LINK, links)

        await self._journal.change(keep)

    async def login(self, id: str) -> Login | None:
        row = await self._row(_LOGIN_OF, id)
        return row and Login(*row)

    async def link(self, digest: bytes) -> Link | None:
        row = await self._row(_LINK_OF, digest)
        return row and Link(*row)._replace(claims=bool(row[4]))

    async def device(self, cookie: bytes, since: int) -> Login | None:
        row = await self._row(_DEVICE_OF, cookie, since)
        return row and Login(*row)

    async def devices(self, person: str, scope: str, since: int) -> list[Device]:
        rows = await self._journal.ask(
            lambda connection: connection.execute(_DEVICES, (person, scope, since)).fetchall()
        )
        return [Device(*row) for row in rows]

    async def end_login(self, id: str, at: int) -> None:
        await self._do("update logins set ended = ?2 where id = ?1 and ended is null", id, at)

    async def end_all(self, asking: Login, at: int) -> bool:
        def end(connection: sqlite3.Connection) -> bool:
            return connection.execute(_END_ALL, (asking.id, at, asking.at)).fetchone() is not None

        return await self._journal.change(end)

    async def all_ended(self, person: str, scope: str) -> int | None:
        row = await self._row("select at from endings where person = ? and scope = ?", person, scope)
        return int(row[0]) if row else None

    async def end_link(self, link: Link, at: int) -> None:
        await self._do(_END_LINK, *link, at)

    async def is_ended(self, digest: bytes) -> bool:
        return await self._row("select 1 from links where digest = ? and ended is not null", digest) is not None

    async def ended_since(self, at: int, all_at: int) -> tuple[list[Ended], list[AllEnded]]:
        def ended(connection: sqlite3.Connection) -> tuple[list[Ended], list[AllEnded]]:
            logins = connection.execute("select id, ended from logins where ended >= ?", (at,))
            people = connection.execute("select person, scope, at from endings where at >= ?", (all_at,))
            return [Ended(*row) for row in logins], [AllEnded(*row) for row in people]

        return await self._journal.ask(ended)

    async def renewed(self, id: str, at: int) -> None:
        await self._do("update logins set used = ?2 where id = ?1", id, at)

    async def forget(self, before: int, unused: int, most: int) -> int:
        def forget(connection: sqlite3.Connection) -> int:
            gone = connection.execute(_FORGET_DEVICES, (unused, most)).rowcount
            return gone + sum(connection.execute(sql, (before, most)).rowcount for sql in _FORGET)

        return await self._journal.change(forget)

    async def scopes_of(self, person: str) -> list[str]:
        def scopes(connection: sqlite3.Connection) -> list[str]:
            return [scope for (scope,) in connection.execute(_SCOPES_OF, (person,))]

        return await self._journal.ask(scopes)

    async def end_person(self, person: str, scopes: Sequence[str], at: int) -> None:
        await self._do(_END_PERSON, person, as_json(list(scopes)), at)

    async def forget_person(self, person: str, scopes: Sequence[str]) -> int:
        def forget(connection: sqlite3.Connection) -> int:
            named = (person, as_json(list(scopes)))
            connection.execute(_FORGET_ENDINGS, named)
            return sum(connection.execute(sql, named).rowcount for sql in _FORGET_PERSON)

        return await self._journal.change(forget)

    async def note_leave(self, leave: Leave) -> None:
        await self._do("insert into leaving values (?, ?, ?, ?) on conflict do nothing", *leave)

    async def leaving(self, before: int) -> list[Leave]:
        sql = "select person, scope, removes, at from leaving where at <= ? order by at"
        rows = await self._journal.ask(lambda connection: connection.execute(sql, (before,)).fetchall())
        return [Leave(person, scope, bool(removes), at) for person, scope, removes, at in rows]

    async def has_left(self, person: str, scope: str) -> None:
        await self._do("delete from leaving where person = ? and scope = ?", person, scope)

    async def grant(self, issuer: str, stream: str, at: int) -> None:
        await self._do("insert into grants values (?, ?, ?) on conflict do nothing", issuer, stream, at)

    async def is_granted(self, issuer: str, stream: str) -> bool:
        return (
            storable(stream)
            and await self._row("select 1 from grants where issuer = ? and stream = ?", issuer, stream) is not None
        )

    async def _row(self, sql: str, *arguments: object) -> Any:
        return await self._journal.ask(lambda connection: connection.execute(sql, arguments).fetchone())

    async def _do(self, sql: str, *arguments: object) -> None:
        def do(connection: sqlite3.Connection) -> None:
            connection.execute(sql, arguments)

        await self._journal.change(do)
