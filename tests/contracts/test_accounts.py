"""What every store of accounts does (`server/accounts/port.py`): logins, links and grants."""

import hashlib

import pytest

from server.accounts.connect import accounts_of
from server.accounts.port import Accounts, Ended, Link, Login
from tests.contracts.journals import AT, AnyJournal, Place

PAUL, ROOM = "member:paul--------", "room:aaaaaaaaaaaa"


def login(id: str, *, person: str = PAUL, scope: str = ROOM, at: int = AT) -> Login:
    return Login(id, person, scope, at)


def link(secret: str, *, person: str = PAUL, stream: str = ROOM, claims: bool = False) -> Link:
    return Link(hashlib.sha256(secret.encode()).digest(), person, stream, "ABC234", claims, AT)


@pytest.fixture
def accounts(journal: AnyJournal) -> Accounts:
    return accounts_of(journal)


async def test_logins_and_links_are_found_as_they_were_kept(place: Place) -> None:
    logins, links = [login("a"), login("b", at=AT + 1)], [link("x"), link("y", claims=True)]
    await accounts_of(await place.open()).keep(logins, links)
    here = accounts_of(await place.another())
    assert [await here.login(each.id) for each in logins] == logins
    assert [await here.link(each.digest) for each in links] == links
    assert await here.login("c") is None
    assert await here.link(b"\x00" * 32) is None


async def test_nothing_is_kept_of_what_is_refused(accounts: Accounts) -> None:
    await accounts.keep([login("a")], [])
    with pytest.raises(Exception, match=r"(?i)unique"):
        await accounts.keep([login("b"), login("a")], [link("x")])
    assert await accounts.login("b") is None
    assert await accounts.link(link("x").digest) is None


async def test_a_login_that_ended_is_none_and_is_told_once(accounts: Accounts) -> None:
    await accounts.keep([login("a"), login("b")], [])
    await accounts.end_login("a", AT + 5)
    await accounts.end_login("a", AT + 9)
    await accounts.end_login("never", AT + 5)
    assert await accounts.login("a") is None
    assert await accounts.login("b") == login("b")
    assert await accounts.ended_since(AT + 5) == [Ended("a", AT + 5)]
    assert await accounts.ended_since(AT + 6) == []


async def test_all_others_of_a_person_in_a_scope_end_and_nobody_elses(accounts: Accounts) -> None:
    other = login("room", scope="room:bbbbbbbbbbbb")
    someone = login("someone", person="member:nadia-------")
    await accounts.keep([login("this"), login("lost"), login("over"), other, someone], [])
    await accounts.end_login("over", AT + 1)
    assert await accounts.end_logins(PAUL, ROOM, AT + 2, but="this") == ["lost"]
    assert [await accounts.login(id) for id in ("this", "room", "someone")] == [login("this"), other, someone]
    assert set(await accounts.ended_since(AT)) == {Ended("over", AT + 1), Ended("lost", AT + 2)}


async def test_links_end_one_by_one_or_all(accounts: Accounts) -> None:
    theirs, elsewhere = link("n", person="member:nadia-------"), link("b", stream="room:bbbbbbbbbbbb")
    await accounts.keep([], [link("x"), link("y"), link("z"), theirs, elsewhere])
    await accounts.end_link(link("x"), AT + 1)
    assert await accounts.link(link("x").digest) is None
    assert await accounts.link(link("y").digest) == link("y")
    await accounts.end_links(PAUL, ROOM, AT + 2)
    assert [await accounts.link(link(secret).digest) for secret in "xyz"] == [None] * 3
    assert [await accounts.link(each.digest) for each in (theirs, elsewhere)] == [theirs, elsewhere]


async def test_a_link_that_ended_does_not_come_back_and_one_of_before_can_end(accounts: Accounts) -> None:
    await accounts.keep([], [link("x")])
    for each in (link("x"), link("signed")):
        await accounts.end_link(each, AT + 1)
        await accounts.end_link(each, AT + 2)
        await accounts.keep([], [each])
        assert await accounts.link(each.digest) is None
        assert await accounts.is_ended([link("y").digest, each.digest])
    assert not await accounts.is_ended([link("y").digest])


async def test_what_is_out_of_use_is_forgotten(accounts: Accounts) -> None:
    await accounts.keep([login("old"), login("used"), login("over"), login("new", at=AT + 50)], [])
    await accounts.renewed("used", AT + 60)
    await accounts.renewed("over", AT + 60)
    await accounts.end_login("over", AT + 10)
    await accounts.forget(AT + 40)
    assert [await accounts.login(id) for id in ("old", "over")] == [None, None]
    assert await accounts.ended_since(0) == []
    assert [await accounts.login(id) for id in ("used", "new")] == [login("used"), login("new", at=AT + 50)]


async def test_an_integrator_is_registered_for_what_it_is_and_no_more(accounts: Accounts) -> None:
    await accounts.grant("intranet", ROOM, AT)
    await accounts.grant("intranet", ROOM, AT + 1)
    assert await accounts.is_granted("intranet", ROOM)
    assert not await accounts.is_granted("hr", ROOM)
    assert not await accounts.is_granted("intranet", "room:bbbbbbbbbbbb")
    for unfit in ("room:\0", "room:\ud800"):
        assert not await accounts.is_granted("intranet", unfit)
