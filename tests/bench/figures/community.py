"""What a community costs those who are in it: home, what is unread, search, a circle opened, at each database's size of a company.

Circles differ in size as they do in life (Zipf): the largest have thousands of people. Whoever asks is in sixty of them and was away for
half of what was ever written. Times are those of this machine; each is told as a multiple of one indexed query of the same run.
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import accumulate
from typing import Final, NamedTuple

import asyncpg
import msgspec

from protocol.circles import PostRecord
from protocol.communities import Home
from server.bus.local import LocalBus
from server.journal.port import Journal
from server.journal.words import scope
from server.live.hub import Hub
from server.models import model_of
from server.positions.connect import positions_of
from server.positions.port import Position
from server.readmodels.home import UNREAD, AtHome
from server.session.queries import Asking
from server.session.reading import Reading
from tests.bench.filled import on_postgres, on_sqlite
from tests.bench.table import Row, Scale, quantile

COMMUNITY: Final = "community:aaaaaaaaaaaaaaaaaaaaaa"
MINE: Final = 60
"""Circles of one person."""
PAGE: Final = 50


class Company(NamedTuple):
    """How large it is.

    Attributes:
        posts: in all circles; each names one person, and one in ten begins to be followed by somebody.
    """

    people: int
    circles: int
    posts: int

    def __str__(self) -> str:
        return f"{self.people:,} people, {self.circles:,} circles, {self.posts:,} posts"


class Written:
    """What stands in the tables of a company: the same for each database."""

    def __init__(self, company: Company) -> None:
        self.company = company
        chance = random.Random(7)
        self.people = [f"member:{n:022x}" for n in range(company.people)]
        self.circles = [f"circle:{n:022x}" for n in range(company.circles)]
        share = [1 / (rank + 4) for rank in range(company.circles)]
        # People of the largest circle: half of all; everybody is in some.
        self.members = [chance.sample(self.people, max(5, int(company.people / 2 * each / share[0]))) for each in share]
        self.readers = chance.sample(self.people, 20)
        for reader in self.readers:
            at = {n for n, members in enumerate(self.members) if reader in members}
            for n in chance.sample(range(company.circles), min(MINE, company.circles)):
                if len(at) < MINE and n not in at:
                    self.members[n].append(reader)
                    at.add(n)
        self.sizes = list(accumulate(share))
        self.chance = chance

    def memberships(self) -> Iterator[tuple[str, str, str, int, str]]:
        yield from ((person, COMMUNITY, "member", 0, f"Nom {n}") for n, person in enumerate(self.people))
        for stream, members in zip(self.circles, self.members, strict=True):
            yield from ((person, stream, "member", 0, "") for person in dict.fromkeys(members))

    def listings(self) -> Iterator[tuple[str, str, str, str, str, bool]]:
        for n, stream in enumerate(self.circles):
            access = ("open", "request", "confidential")[n % 3]
            yield (stream, COMMUNITY, access, f"Cercle {n}", "Pour ce qui nous occupe", False)

    def posts(self) -> Iterator[tuple[int, str, str, str, int, bytes, str, str]]:
        """Number, stream, id, kind, place, record, author, and whom it names."""
        last = [0] * len(self.circles)
        chosen = self.chance.choices(range(len(self.circles)), cum_weights=self.sizes, k=self.company.posts)
        for number, circle in enumerate(chosen, 1):
            last[circle] += 1
            members = self.members[circle]
            author, named = members[number % len(members)], members[number * 7 % len(members)]
            record = PostRecord(
                id=f"post:{number:022x}",
                text="Un texte d’une longueur de tous les jours, sur ce qui nous occupe. " * 3,
                n=last[circle],
                author=author,
                name="Nadia Benali",
                at=1_760_000_000_000 + number,
            )
            raw = msgspec.msgpack.encode(record)
            yield number, self.circles[circle], record.id, "post", record.n, raw, author, named
        self.last = last

    def mine(self, reader: str) -> list[int]:
        return [n for n, members in enumerate(self.members) if reader in members]


def rows(scale: Scale) -> Iterator[Row]:
    large = Company(scale.of(10_000, 1_000), scale.of(1_000, 100), scale.of(1_000_000, 20_000))
    small = Company(1_000, 100, scale.of(100_000, 10_000))
    for name, opened, company in (("PostgreSQL", _on_postgres, large), ("SQLite", _on_sqlite, small)):
        yield from asyncio.run(_measured(name, opened, Written(company), scale.of(200, 40)))


async def _measured(
    name: str, opened: Callable[[Written], AbstractAsyncContextManager[Journal]], written: Written, times: int
) -> list[Row]:
    where = f"{name}, {written.company}"
    async with opened(written) as journal:
        hub = Hub(
            journal=journal, bus=LocalBus(), secret=bytes(32), alias_secret=bytes(32), model_of=model_of, worker="bench"
        )
        reading = Reading(hub, positions_of(journal))
        at_home = AtHome(reading)
        for reader in written.readers:
            await positions_of(journal).keep(
                [Position(reader, written.circles[n], written.last[n] // 2) for n in written.mine(reader)]
            )
        sizes = list[int]()

        async def home(reader: str) -> None:
            items, _ = await at_home.home(Asking(hub, reader, COMMUNITY), Home())
            sizes.append(len(msgspec.msgpack.encode(items)))

        async def unread(reader: str) -> None:
            streams = [written.circles[n] for n in written.mine(reader)[:MINE]]
            await journal.unread(reader, await reading.of(reader, streams), UNREAD)

        async def listed(reader: str) -> None:
            await journal.listed(COMMUNITY, reader, "confidential")

        async def page(reader: str) -> None:
            await journal.page(written.circles[0], "post", None, PAGE)

        one = await _took(journal, written, times, page)
        measured: list[Row] = []
        for figure, goal, ask in (
            ("home", "p95 ≤ 150 ms", home),
            (f"what one person has not read in {MINE} circles", "≤ 10 ms", unread),
            ("the circles that one person finds", "", listed),
        ):
            took = await _took(journal, written, times, ask)
            measured.append(Row(f"{figure}, {where}: p50 / p95", goal, _told(took, one)))
        measured.append(Row(f"home, {where}: the largest answer", "≤ 60 KB", f"{max(sizes) / 1024:.1f} KB"))
        return measured


async def _took(journal: Journal, written: Written, times: int, ask: Callable[[str], Awaitable[None]]) -> list[float]:
    """Seconds of each, behind a first round that warms."""
    took = list[float]()
    for turn in range(times + len(written.readers)):
        reader = written.readers[turn % len(written.readers)]
        began = time.perf_counter()
        await ask(reader)
        if turn >= len(written.readers):
            took.append(time.perf_counter() - began)
    return took


def _told(took: Sequence[float], one: Sequence[float]) -> str:
    p50, p95, indexed = (quantile(list(values), share) for values, share in ((took, 0.5), (took, 0.95), (one, 0.5)))
    return f"{p50:.1f} / {p95:.1f} ms ({p50 / indexed:.1f} / {p95 / indexed:.1f} × one indexed page)"


def _on_sqlite(written: Written) -> AbstractAsyncContextManager[Journal]:
    def fill(database: sqlite3.Connection) -> None:
        database.executemany(
            "insert into memberships (person, stream, role, since, name) values (?, ?, ?, ?, ?)", written.memberships()
        )
        database.executemany("insert into listings values (?, ?, ?, ?, ?, ?)", written.listings())
        for number, stream, id, kind, place, record, author, named in written.posts():
            database.execute(
                "insert into public_rows (number, stream, id, kind, n, text, record, place, author)"
                " values (?, ?, ?, ?, ?, '', ?, ?, ?)",
                (number, stream, id, kind, place, record, place, author),
            )
            words = f"{scope(stream)} texte"
            database.execute("insert into public_words (rowid, words) values (?, ?)", (number, words))
            database.execute("insert into notices values (?, ?, ?, ?, 'mentioned', '')", (named, stream, place, id))
            if place % 10 == 0:
                database.execute("insert into stakes values (?, ?, ?, 'follower')", (named, stream, id))

    return on_sqlite(fill)


def _on_postgres(written: Written) -> AbstractAsyncContextManager[Journal]:
    async def fill(connection: asyncpg.Connection) -> None:
        await connection.copy_records_to_table("memberships", records=written.memberships())
        await connection.copy_records_to_table("listings", records=written.listings())
        await connection.execute(
            "create temporary table written"
            " (number bigint, stream text, id text, kind text, place bigint, record bytea, author text, named text)"
        )
        await connection.copy_records_to_table("written", records=written.posts())
        await connection.execute(
            "insert into public_rows (stream, id, kind, n, text, record, words, number, place, author)"
            " select stream, id, kind, place, '', record, array_to_tsvector(array['texte']), number, place, author"
            " from written order by number"
        )
        await connection.execute(
            "insert into notices select named, stream, place, id, 'mentioned', '' from written;"
            " insert into stakes select named, stream, id, 'follower' from written where place % 10 = 0"
        )

    return on_postgres(written.company.posts, fill)
