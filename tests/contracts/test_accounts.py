"""What every store of accounts does (`server/accounts/port.py`): logins, links and grants."""

import asyncio
import hashlib

import pytest

from server.accounts.connect import accounts_of
from server.accounts.port import ACCOUNT, Accounts, AllEnded, Device, Ended, Leave, Link, Login
from tests.contracts.journals import AT, AnyJournal, Place

PAUL, ROOM = "member:paul--------", "room:aaaaaaaaaaaa"


def login(id: str, *, person: str = PAUL, scope: str = ROOM, at: int = AT) -> Login:
    return Login(id, person, scope, at)


def link(secret: str, *, person: str = PAUL, stream: str = ROOM, claims: bool = False, at: int = AT) -> Link:
    return Link(hashlib.sha256(secret.encode()).digest(), person, stream, "ABC234", claims, at)


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


async def test_opposite_orders_of_the_same_links_do_not_deadlock(place: Place) -> None:
    """Many joins that are tried again on another worker keep the same links (SPEC H9)."""
    one, other = accounts_of(await place.open()), accounts_of(await place.another())
    for turn in range(5):
        links = [link(f"{turn} {n}") for n in range(300)]
        await asyncio.gather(one.keep([], links), other.keep([], links[::-1]))
        assert await other.link(links[0].digest) == links[0]


async def test_a_login_that_ended_is_none_and_is_told_once(accounts: Accounts) -> None:
    await accounts.keep([login("a"), login("b")], [])
    await accounts.end_login("a", AT + 5)
    await accounts.end_login("a", AT + 9)
    await accounts.end_login("never", AT + 5)
    assert await accounts.login("a") is None
    assert await accounts.login("b") == login("b")
    assert (await accounts.ended_since(AT + 5, 2**62))[0] == [Ended("a", AT + 5)]
    assert (await accounts.ended_since(AT + 6, 2**62))[0] == []


async def test_all_of_a_person_in_a_scope_are_over_up_to_an_age_and_nobody_elses(accounts: Accounts) -> None:
    elsewhere = login("room", scope="room:bbbbbbbbbbbb")
    someone = login("someone", person="member:nadia-------")
    theirs, far = link("n", person="member:nadia-------"), link("b", stream="room:bbbbbbbbbbbb")
    await accounts.keep([login("asks"), login("lost", at=AT + 9), elsewhere, someone], [link("x"), theirs, far])
    assert await accounts.all_ended(PAUL, ROOM) is None
    assert await accounts.end_all(login("asks"), AT + 10)
    await accounts.keep([login("late", at=AT + 10), login("after", at=AT + 11)], [link("y"), link("z", at=AT + 11)])
    assert [await accounts.login(id) for id in ("asks", "lost", "late")] == [None] * 3
    assert [await accounts.link(link(secret).digest) for secret in "xy"] == [None] * 2
    assert await accounts.login("after") == login("after", at=AT + 11)
    assert await accounts.link(link("z").digest) == link("z", at=AT + 11)
    assert [await accounts.login(id) for id in ("room", "someone")] == [elsewhere, someone]
    assert [await accounts.link(each.digest) for each in (theirs, far)] == [theirs, far]
    assert await accounts.all_ended(PAUL, ROOM) == AT + 10
    assert (await accounts.ended_since(2**62, AT + 10))[1] == [AllEnded(PAUL, ROOM, AT + 10)]
    assert (await accounts.ended_since(2**62, AT + 11))[1] == []


async def test_who_is_over_ends_nothing_and_of_two_one_does(place: Place) -> None:
    one, other = accounts_of(await place.open()), accounts_of(await place.another())
    await one.keep([login("owner"), login("thief", at=AT + 1), login("left")], [])
    await one.end_login("left", AT + 2)
    assert not await one.end_all(login("left"), AT + 10)
    assert not await one.end_all(login("never"), AT + 10)
    asked = await asyncio.gather(
        one.end_all(login("owner"), AT + 10), other.end_all(login("thief", at=AT + 1), AT + 11)
    )
    assert sorted(asked) == [False, True]
    assert not await other.end_all(login("thief", at=AT + 1), AT + 20)


async def test_a_link_ends_alone(accounts: Accounts) -> None:
    await accounts.keep([], [link("x"), link("y")])
    await accounts.end_link(link("x"), AT + 1)
    assert await accounts.link(link("x").digest) is None
    assert await accounts.link(link("y").digest) == link("y")


async def test_a_link_that_ended_does_not_come_back_and_one_of_before_can_end(accounts: Accounts) -> None:
    await accounts.keep([], [link("x")])
    for each in (link("x"), link("signed")):
        await accounts.end_link(each, AT + 1)
        await accounts.end_link(each, AT + 2)
        await accounts.keep([], [each])
        assert await accounts.link(each.digest) is None
        assert await accounts.is_ended(each.digest)
    assert not await accounts.is_ended(link("y").digest)


async def test_what_is_out_of_use_is_forgotten(accounts: Accounts) -> None:
    await accounts.keep([login("old"), login("used"), login("over"), login("new", at=AT + 50)], [])
    await accounts.renewed("used", AT + 60)
    await accounts.renewed("over", AT + 60)
    await accounts.end_login("over", AT + 10)
    await accounts.keep([], [link("gone"), link("signed", at=0), link("kept")])
    for each, at in ((link("gone"), AT + 10), (link("signed", at=0), AT + 10), (link("kept"), AT + 50)):
        await accounts.end_link(each, at)
    swept = [await accounts.forget(AT + 40, AT + 40, 1) for _ in range(4)]
    assert (sum(swept), swept[-1]) == (3, 0)
    assert [await accounts.is_ended(link(secret).digest) for secret in ("gone", "signed", "kept")] == [
        False,
        True,
        True,
    ]
    assert [await accounts.login(id) for id in ("old", "over")] == [None, None]
    assert (await accounts.ended_since(0, 2**62))[0] == []
    assert [await accounts.login(id) for id in ("used", "new")] == [login("used"), login("new", at=AT + 50)]


def device(id: str, *, person: str = PAUL, at: int = AT) -> Login:
    return Login(id, person, ACCOUNT, at, hashlib.sha256(id.encode()).digest(), f"the {id}")


async def test_AC2_a_device_is_found_by_its_cookie_until_it_is_left_or_unused(place: Place) -> None:
    phone, tablet, nadias = device("phone"), device("tablet", at=AT + 5), device("hers", person="member:nadia-------")
    one, other = accounts_of(await place.open()), accounts_of(await place.another())
    await one.keep([phone, tablet, nadias, login("no device", scope=ACCOUNT)], [])
    assert await other.device(phone.cookie, AT) == phone
    assert await other.login("phone") == phone
    assert await other.device(phone.cookie, AT + 1) is None
    assert await other.device(b"\x00" * 32, 0) is None
    await one.renewed("phone", AT + 9)
    assert await other.device(phone.cookie, AT + 9) == phone
    assert await other.devices(PAUL, ACCOUNT, AT + 5) == [
        Device("phone", "the phone", AT, AT + 9),
        Device("tablet", "the tablet", AT + 5, AT + 5),
    ]
    assert [each.id for each in await other.devices(PAUL, ACCOUNT, AT + 6)] == ["phone"]
    await one.end_login("phone", AT + 10)
    assert await other.device(phone.cookie, 0) is None
    assert [each.id for each in await other.devices(PAUL, ACCOUNT, 0)] == ["tablet"]
    await one.end_person(PAUL, [ACCOUNT], AT + 20)
    assert await other.devices(PAUL, ACCOUNT, 0) == []
    assert await other.device(tablet.cookie, 0) is None
    assert await other.device(nadias.cookie, 0) == nadias


async def test_AC2_two_devices_have_no_cookie_in_common(accounts: Accounts) -> None:
    await accounts.keep([device("phone")], [])
    with pytest.raises(Exception, match=r"(?i)unique"):
        await accounts.keep([device("phone")._replace(id="another")], [])


async def test_AC2_an_unused_device_is_forgotten_later_than_other_logins(accounts: Accounts) -> None:
    await accounts.keep([device("phone"), device("tablet", at=AT + 50), login("guest")], [])
    assert await accounts.forget(AT + 40, AT, 10) == 1
    assert await accounts.device(device("phone").cookie, 0) == device("phone")
    assert await accounts.forget(AT + 40, AT + 40, 10) == 1
    assert await accounts.device(device("phone").cookie, 0) is None
    assert await accounts.device(device("tablet").cookie, 0) is not None


async def test_AC3_a_link_says_until_when_it_is_good_and_is_forgotten_then(accounts: Accounts) -> None:
    short = link("short")._replace(stream=ACCOUNT, ends=AT + 15)
    await accounts.keep([], [short, link("kept")])
    assert await accounts.link(short.digest) == short
    assert await accounts.forget(AT + 15, AT, 10) == 0
    assert await accounts.forget(AT + 16, AT, 10) == 1
    assert await accounts.link(short.digest) is None
    assert await accounts.link(link("kept").digest) == link("kept")
    await accounts.end_link(short, AT + 20)
    assert await accounts.is_ended(short.digest)


async def test_an_integrator_is_registered_for_what_it_is_and_no_more(accounts: Accounts) -> None:
    await accounts.grant("intranet", ROOM, AT)
    await accounts.grant("intranet", ROOM, AT + 1)
    assert await accounts.is_granted("intranet", ROOM)
    assert not await accounts.is_granted("hr", ROOM)
    assert not await accounts.is_granted("intranet", "room:bbbbbbbbbbbb")
    for unfit in ("room:\0", "room:\ud800"):
        assert not await accounts.is_granted("intranet", unfit)


async def test_O4_all_of_a_person_is_over_and_then_forgotten(place: Place) -> None:
    one, other = accounts_of(await place.open()), accounts_of(await place.another())
    nadia = "member:nadia-------"
    await one.keep(
        [login("a"), login("b", scope="account"), login("c", at=AT + 9), login("n", person=nadia)],
        [link("x"), link("y", stream="room:bbbbbbbbbbbb"), link("z", person=nadia)],
    )
    await one.grant("intranet", ROOM, AT)
    assert await other.scopes_of(PAUL) == ["account", ROOM, "room:bbbbbbbbbbbb"]
    await one.end_person(PAUL, [ROOM, "room:of-which-nothing-is-kept"], AT + 5)
    assert [await other.login(id) is None for id in ("a", "b", "c", "n")] == [True, False, False, False]
    assert [await other.link(link(secret).digest) is None for secret in ("x", "y", "z")] == [True, False, False]
    assert {each.scope for each in (await other.ended_since(2**62, AT + 5))[1]} == {
        ROOM,
        "room:of-which-nothing-is-kept",
    }
    await one.end_person(PAUL, [ROOM], AT + 2)
    assert await other.all_ended(PAUL, ROOM) == AT + 5
    assert await one.forget_person(PAUL, [ROOM, "room:of-which-nothing-is-kept"]) == 3
    assert await other.scopes_of(PAUL) == ["account", "room:bbbbbbbbbbbb"]
    assert await other.all_ended(PAUL, ROOM) is None
    assert [await other.login(id) is None for id in ("a", "b", "c", "n")] == [True, False, True, False]
    assert await other.link(link("z").digest) == link("z", person=nadia)
    assert await other.is_granted("intranet", ROOM)
    assert await one.forget_person(PAUL, ["account", "room:bbbbbbbbbbbb"]) == 2
    assert await other.scopes_of(PAUL) == []


async def test_who_asks_to_be_erased_is_known_until_it_is_done(place: Place) -> None:
    one, other = accounts_of(await place.open()), accounts_of(await place.another())
    first = Leave(PAUL, ROOM, True, AT)
    await one.note_leave(first)
    await one.note_leave(first._replace(removes=False, at=AT + 5))
    await one.note_leave(Leave("member:nadia", ROOM, False, AT + 1))
    assert await other.leaving(AT - 1) == []
    assert await other.leaving(AT) == [first]
    assert [leave.person for leave in await other.leaving(AT + 9)] == [PAUL, "member:nadia"]
    await other.has_left(PAUL, ROOM)
    await other.has_left(PAUL, "room:none")
    assert [leave.person for leave in await one.leaving(AT + 9)] == ["member:nadia"]
