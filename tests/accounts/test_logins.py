"""Logins and links: what is given, shown again, exchanged and ended (SPEC H1, H2, H14), on several workers that tell each other nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from protocol.errors import Code, Refusal
from server.accounts.logins import LOOK, SWEPT, Logins
from server.accounts.port import AllEnded, Ended
from server.accounts.sqlite import SqliteAccounts
from server.accounts.tokens import ACCESS_SECONDS, LATE_SECONDS, Tokens
from server.journal.port import JournalError
from server.journal.sqlite.journal import SqliteJournal
from tests.before import link_of_before, token_of_before
from tests.faulty import FaultyJournal
from tests.inprocess import HOST, ROOM, SECRET, Client, Someone, Switchboard, create, worker
from tests.virtual import VirtualLoop, clock, run, timed

PAUL = "member:paul--------"

T = TypeVar("T")


class Waited(SqliteJournal):
    """While its threads work virtual time stands still."""

    async def _answer(self, answer: asyncio.Future[T]) -> T:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        return await loop.thread(super()._answer(answer))


class Watched(SqliteAccounts):
    """Attributes: away: whether the database is."""

    away = False

    async def ended_since(self, at: int, all_at: int) -> tuple[list[Ended], list[AllEnded]]:
        if self.away:
            raise JournalError("away", retry=True)
        return await super().ended_since(at, all_at)


class Office:
    """Some workers' logins over one database."""

    def __init__(self, journal: SqliteJournal, count: int) -> None:
        self.now = clock()
        self.journal = journal
        self.accounts = [Watched(journal) for _ in range(count)]
        self.tokens = [Tokens(SECRET, {"intranet": SECRET}) for _ in range(count)]
        pairs = zip(self.tokens, self.accounts, strict=True)
        self.workers = [Logins(tokens, accounts, self.now) for tokens, accounts in pairs]


@asynccontextmanager
async def office(folder: Path, workers: int = 1) -> AsyncIterator[Office]:
    journal = Waited(folder / "palabre.db")
    await journal.open()
    try:
        yield Office(journal, workers)
    finally:
        await journal.close()


async def refusal(work: Awaitable[Any]) -> Code:
    with pytest.raises(Refusal) as refused:
        await work
    return refused.value.code


def identified(logins: Logins, token: str) -> str:
    try:
        return logins.identify(token).person
    except Refusal as refused:
        return refused.code


@timed
async def test_H14_a_login_that_is_ended_cuts_its_connections_on_all_workers_within_a_second(tmp_path: Path) -> None:
    """With no bus between them: the table alone tells."""
    async with office(tmp_path, 2) as here:
        buses = Switchboard()
        buses.cut = True
        here_ends, there = here.workers
        async with (
            worker(FaultyJournal(here.journal), buses.bus(), identify=here_ends.identify, now=here.now) as one,
            worker(FaultyJournal(here.journal), buses.bus(), identify=there.identify, now=here.now) as other,
        ):
            watching = [
                asyncio.create_task(logins.watch(each.sessions.cut))
                for logins, each in ((here_ends, one), (there, other))
            ]
            await create(one.hub)
            phone, laptop = [await here_ends.sign_in(HOST.member, ROOM) for _ in range(2)]
            lost = [await _follow(one, phone.token), await _follow(other, phone.token)]
            kept = [await _follow(other, laptop.token)]
            await asyncio.sleep(10)
            await here_ends.sign_out(here_ends.identify(phone.token))
            await asyncio.sleep(1)
            for client in lost:
                assert [(m["code"], m["reconnect"]) for m in client.got("bye")] == [("unauthorized", None)]
                assert client.wire.session is None
            for client in kept:
                assert not client.got("bye")
            assert [identified(logins, phone.token) for logins in here.workers] == [Code.UNAUTHORIZED] * 2
            again = other.connect(HOST)
            again.send(t="hello", token=phone.token)
            assert [m["code"] for m in again.got("bye")] == ["unauthorized"]
            for task in watching:
                task.cancel()


async def _follow(at: Any, token: str) -> Client:
    client: Client = at.connect(Someone(HOST.member, HOST.name))
    client.send(t="hello", token=token)
    await client.ready()
    return client


@timed
async def test_H14_while_the_database_is_away_nothing_is_forgotten(tmp_path: Path) -> None:
    async with office(tmp_path, 2) as here:
        one, other = here.workers
        cut: list[bool] = []
        watching = asyncio.create_task(
            other.watch(lambda is_over: cut.append(is_over(one._tokens.verify(given.token))))
        )
        given = await one.sign_in(PAUL, ROOM)
        await asyncio.sleep(2 * LOOK)
        here.accounts[1].away = True
        await one.sign_out(one.identify(given.token))
        await asyncio.sleep(600)
        assert cut == []
        here.accounts[1].away = False
        await asyncio.sleep(1)
        assert cut == [True]
        await asyncio.sleep(600)
        assert len(cut) == 1, "once"
        watching.cancel()


@timed
async def test_H14_a_worker_that_starts_later_knows_what_ended_while_its_tokens_last(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        given = await here.workers[0].sign_in(PAUL, ROOM)
        await here.workers[0].sign_out(here.workers[0].identify(given.token))
        await asyncio.sleep(ACCESS_SECONDS - 60)
        late = Logins(Tokens(SECRET), here.accounts[0], here.now)
        watching = asyncio.create_task(late.watch(lambda _: None))
        await asyncio.sleep(1)
        assert given.token and late._ended.keys() == {here.tokens[0].verify(given.token).login}
        await asyncio.sleep(2 * ACCESS_SECONDS)
        other = await late.sign_in(PAUL, ROOM)
        await late.sign_out(late.identify(other.token))
        assert len(late._ended) == 1, "what no token names any more is not remembered"
        watching.cancel()


@timed
async def test_H14_everywhere_ends_with_all_links_and_a_new_login_is_given(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        logins, tokens = here.workers[0], here.tokens[0]
        this = await logins.sign_in(PAUL, ROOM, code="ABC234")
        lost = await logins.sign_in(PAUL, ROOM, code="ABC234")
        elsewhere = await logins.sign_in(PAUL, "room:bbbbbbbbbbbb", code="ABC235")
        nadia = await logins.sign_in("member:nadia-------", ROOM, code="ABC234")
        of_before = link_of_before(tokens, member=PAUL, room=ROOM, code="ABC234")
        token = token_of_before(tokens, member=PAUL, name="Paul", room=ROOM, role="host")
        fresh = await logins.sign_out_everywhere(logins.identify(this.token), "ABC234")
        for each in (this.token, lost.token, token):
            assert identified(logins, each) == Code.UNAUTHORIZED
            assert await refusal(logins.exchange(each)) is Code.UNAUTHORIZED
        for secret in (this.secret, lost.secret, of_before):
            assert await refusal(logins.link(secret)) is Code.UNAUTHORIZED
        for given in (fresh, elsewhere):
            assert identified(logins, given.token) == PAUL
            assert (await logins.link(given.secret))[0].person == PAUL
        assert (await logins.link(nadia.secret))[0].person == "member:nadia-------"
        await asyncio.sleep(60)
        back, at = await logins.link(fresh.secret)
        assert identified(logins, (await logins.sign_in(back.person, ROOM, at=at)).token) == PAUL


@timed
async def test_H14_what_was_ended_elsewhere_a_moment_ago_ends_nothing_and_gives_nothing(tmp_path: Path) -> None:
    """A worker that has not looked since takes its token; the table does not."""
    async with office(tmp_path, 2) as here:
        one, other = here.workers
        owner, thief = [await one.sign_in(PAUL, ROOM, code="ABC234") for _ in range(2)]
        fresh = await one.sign_out_everywhere(one.identify(owner.token), "ABC234")
        assert await refusal(other.sign_out_everywhere(other.identify(thief.token), "ABC234")) is Code.UNAUTHORIZED
        assert identified(one, fresh.token) == PAUL
        assert (await one.link(fresh.secret))[0].person == PAUL


@timed
async def test_H14_what_crosses_an_ending_on_its_way_is_over_too(tmp_path: Path) -> None:
    """A link is looked at, all is ended, and then the login is given that the link was shown for."""
    async with office(tmp_path, 2) as here:
        one, other = here.workers
        owner, thief = [await one.sign_in(PAUL, ROOM, code="ABC234") for _ in range(2)]
        token = token_of_before(here.tokens[0], member=PAUL, name="Paul", room=ROOM, role="host")
        _, at = await other.link(thief.secret)
        _, login = await other.exchange(token)
        await one.sign_out_everywhere(one.identify(owner.token), "ABC234")
        late = await other.sign_in(PAUL, ROOM, code="ABC234", at=at)
        exchanged = await other.renew(login)
        for each in (late.token, exchanged):
            assert await refusal(one.exchange(each)) is Code.UNAUTHORIZED
            assert identified(one, each) == Code.UNAUTHORIZED
        assert await refusal(one.link(late.secret)) is Code.UNAUTHORIZED


def test_what_is_out_of_use_is_swept_in_parts_beside_the_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.accounts.logins.SWEEP", 5.0)

    async def sweep() -> None:
        async with office(tmp_path) as here:
            one = here.workers[0]
            given = await asyncio.gather(*(one.sign_in(PAUL, ROOM) for _ in range(SWEPT + 5)))
            late = Logins(here.tokens[0], here.accounts[0], lambda: here.now() + 2 * LATE_SECONDS * 1000)
            kept = await late.sign_in(PAUL, ROOM)
            watching = asyncio.create_task(late.watch(lambda _: None))
            await asyncio.sleep(8)
            watching.cancel()
            ids = [one._tokens.verify(each.token).login for each in (*given, kept)]
            assert [await here.accounts[0].login(id) is not None for id in ids] == [False] * len(given) + [True]

    run(sweep())


@timed
async def test_H14_a_link_ends_alone(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        logins = here.workers[0]
        first, second = [await logins.sign_in(PAUL, ROOM, code="ABC234") for _ in range(2)]
        signed = [link_of_before(here.tokens[0], member=PAUL, room=ROOM, code="ABC234", seconds=n) for n in (900, 999)]
        for ended, other in ((first.secret, second.secret), (signed[0], signed[1])):
            await logins.end_link((await logins.link(ended))[0])
            assert await refusal(logins.link(ended)) is Code.UNAUTHORIZED
            assert (await logins.link(other))[0].person == PAUL
        assert identified(logins, first.token) == PAUL


@timed
async def test_H2_a_link_of_before_keeps_the_scope_of_its_room(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        secret = link_of_before(here.tokens[0], member=PAUL, room=ROOM, code="ABC234", once=True)
        link, _ = await here.workers[0].link(secret)
        assert (link.person, link.stream, link.code, link.claims) == (PAUL, ROOM, "ABC234", True)


@timed
async def test_H9_an_entry_that_is_tried_again_is_given_the_same_link(tmp_path: Path) -> None:
    async with office(tmp_path, 2) as here:
        given = [await logins.sign_in(PAUL, ROOM, code="ABC234", key="k" * 22) for logins in here.workers]
        assert given[0].secret == given[1].secret
        assert here.tokens[0].verify(given[0].token).login != here.tokens[0].verify(given[1].token).login
        await here.workers[0].end_link((await here.workers[0].link(given[0].secret))[0])
        again = await here.workers[1].sign_in(PAUL, ROOM, code="ABC234", key="k" * 22)
        assert await refusal(here.workers[1].link(given[0].secret)) is Code.UNAUTHORIZED, "nor does it bring one back"
        assert (await here.workers[1].link(again.secret))[0].person == PAUL


@timed
async def test_H1_a_token_of_before_is_given_a_login_once_it_is_exchanged(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        logins = here.workers[0]
        token = token_of_before(here.tokens[0], member=PAUL, name="Paul", room=ROOM, role="host")
        bearer, login = await logins.exchange(token)
        assert (bearer.person, login.person, login.scope) == (PAUL, PAUL, ROOM)
        fresh = logins.identify(await logins.renew(login))
        assert (fresh.person, fresh.scope, fresh.role) == (PAUL, ROOM, None)
        assert (await logins.exchange(await logins.renew(login)))[1].id


@timed
async def test_a_hundred_who_come_together_cost_few_transactions(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        before = here.journal.transactions
        given = await asyncio.gather(*(here.workers[0].sign_in(PAUL, ROOM, code="ABC234") for _ in range(100)))
        assert here.journal.transactions - before <= 3
        assert len({each.secret for each in given}) == 100
        for each in given[:3]:
            assert (await here.workers[0].link(each.secret))[0].person == PAUL
