"""The accounts in the journal's SQLite file."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from server.accounts.port import Ended, Link, Login
from server.journal.group import storable
from server.journal.sqlite.journal import SqliteJournal

_LOGIN = "insert into logins (id, person, scope, at, used) values (?1, ?2, ?3, ?4, ?4)"

_LINK = """
insert into links (digest, person, stream, code, claims, at) values (?, ?, ?, ?, ?, ?) on conflict do nothing
"""

_END_LINK = """
insert into links (digest, person, stream, code, claims, at, ended) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
on conflict (digest) do update set ended = coalesce(ended, excluded.ended)
"""

_END_LOGINS = """
update logins set ended = ?3 where person = ?1 and scope = ?2 and id <> ?4 and ended is null returning id
"""

_END_LINKS = "update links set ended = ?3 where person = ?1 and stream = ?2 and ended is null"


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
        row = await self._row("select id, person, scope, at from logins where id = ? and ended is null", id)
        return row and Login(*row)

    async def link(self, digest: bytes) -> Link | None:
        sql = "select digest, person, stream, code, claims, at from links where digest = ? and ended is null"
        row = await self._row(sql, digest)
        return row and Link(*row)._replace(claims=bool(row[4]))

    async def end_login(self, id: str, at: int) -> None:
        await self._do("update logins set ended = ?2 where id = ?1 and ended is null", id, at)

    async def end_logins(self, person: str, scope: str, at: int, *, but: str) -> list[str]:
        def end(connection: sqlite3.Connection) -> list[str]:
            return [id for (id,) in connection.execute(_END_LOGINS, (person, scope, at, but)).fetchall()]

        return await self._journal.change(end)

    async def end_links(self, person: str, stream: str, at: int) -> None:
        await self._do(_END_LINKS, person, stream, at)

    async def end_link(self, link: Link, at: int) -> None:
        await self._do(_END_LINK, *link, at)

    async def is_ended(self, digests: Sequence[bytes]) -> bool:
        sql = f"select 1 from links where digest in ({', '.join('?' * len(digests))}) and ended is not null"
        return await self._row(sql, *digests) is not None

    async def ended_since(self, at: int) -> list[Ended]:
        def ended(connection: sqlite3.Connection) -> list[Ended]:
            return [Ended(*row) for row in connection.execute("select id, ended from logins where ended >= ?", (at,))]

        return await self._journal.ask(ended)

    async def renewed(self, id: str, at: int) -> None:
        await self._do("update logins set used = ?2 where id = ?1", id, at)

    async def forget(self, before: int) -> None:
        await self._do("delete from logins where used < ?1 or ended < ?1", before)

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
        work: Callable[[sqlite3.Connection], Any] = lambda connection: connection.execute(sql, arguments)  # noqa: E731
        await self._journal.change(work)
