"""The devices of somebody with an account: come back by a cookie, left one by one or all at once (COMMUNITIES AC1 to AC4)."""

import asyncio
from pathlib import Path

from protocol.errors import Code
from server.accounts.devices import LABEL_CHARS, Devices
from server.accounts.logins import LOOK, UNUSED_SECONDS
from server.accounts.port import ACCOUNT
from tests.accounts.test_logins import PAUL, Office, identified, office, refusal
from tests.inprocess import ROOM
from tests.virtual import timed

NADIA = "member:nadia-------"
TAIL = "aaaaaaaaaaaa"


def desks(here: Office) -> list[Devices]:
    pairs = zip(here.workers, here.accounts, strict=True)
    return [Devices(logins, accounts, here.now) for logins, accounts in pairs]


@timed
async def test_AC2_a_device_that_is_used_stays_and_one_that_is_not_ends(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        (logins,), (devices,) = here.workers, desks(here)
        given = await devices.add(PAUL, "x" * (LABEL_CHARS + 1))
        identity = logins.identify(given.token)
        assert (identity.person, identity.scope) == (PAUL, ACCOUNT)
        for _ in range(3):
            await asyncio.sleep(UNUSED_SECONDS - 1)
            login = await devices.of_cookie(given.cookie)
            assert (login.person, login.label) == (PAUL, "x" * LABEL_CHARS)
            await logins.renew(login)
        await asyncio.sleep(UNUSED_SECONDS + 1)
        assert await refusal(devices.of_cookie(given.cookie)) is Code.UNAUTHORIZED
        assert await devices.of(identity) == []


@timed
async def test_AC2_no_other_secret_is_a_cookie(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        (logins,), (devices,) = here.workers, desks(here)
        given = await devices.add(PAUL, "", code=TAIL)
        for secret in ("", "never", given.secret, given.token, "\udc80"):
            assert await refusal(devices.of_cookie(secret)) is Code.UNAUTHORIZED
        assert await refusal(logins.account_link(given.cookie)) is Code.UNAUTHORIZED


@timed
async def test_AC3_a_link_of_an_account_opens_no_room_and_one_of_a_room_no_account(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        (logins,), (devices,) = here.workers, desks(here)
        account = (await devices.add(PAUL, "", code=TAIL)).secret
        room = (await logins.sign_in(PAUL, ROOM, code="ABC234")).secret
        link, _ = await logins.account_link(account)
        assert (link.person, link.code) == (PAUL, TAIL)
        assert await refusal(logins.link(account)) is Code.UNAUTHORIZED
        assert await refusal(logins.account_link(room)) is Code.UNAUTHORIZED


@timed
async def test_AC3_a_link_for_another_device_is_good_for_as_long_as_it_says(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        (logins,) = here.workers
        secret = await logins.new_link(PAUL, ACCOUNT, TAIL, ends=here.now() + 900_000)
        await asyncio.sleep(899)
        assert (await logins.account_link(secret))[0].person == PAUL
        await asyncio.sleep(1)
        assert await refusal(logins.account_link(secret)) is Code.UNAUTHORIZED


@timed
async def test_AC4_a_device_is_left_from_another_within_a_second_on_all_workers(tmp_path: Path) -> None:
    async with office(tmp_path, 2) as here:
        (one, other), (here_ends, there) = here.workers, desks(here)
        watching = [asyncio.create_task(logins.watch(lambda _: None)) for logins in here.workers]
        phone, laptop = await here_ends.add(PAUL, "phone"), await there.add(PAUL, "laptop")
        nadias = await there.add(NADIA, "phone")
        asking = one.identify(laptop.token)
        listed = {device.label: device.id for device in await here_ends.of(asking)}
        assert listed.keys() == {"phone", "laptop"}
        assert await here_ends.label_of(asking) == "laptop"
        assert await refusal(here_ends.end(asking, one.identify(nadias.token).login)) is Code.NOT_FOUND
        assert await refusal(here_ends.end(asking, "never")) is Code.NOT_FOUND
        await here_ends.end(asking, listed["phone"])
        await asyncio.sleep(LOOK + 0.1)
        assert [identified(logins, phone.token) for logins in (one, other)] == [Code.UNAUTHORIZED] * 2
        assert await refusal(there.of_cookie(phone.cookie)) is Code.UNAUTHORIZED
        assert [identified(logins, laptop.token) for logins in (one, other)] == [PAUL] * 2
        for task in watching:
            task.cancel()


@timed
async def test_AC4_all_devices_and_links_end_at_once_but_for_a_new_one(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        (logins,), (devices,) = here.workers, desks(here)
        assert await devices.is_new(PAUL)
        phone = await devices.add(PAUL, "phone", code=TAIL)
        laptop = await devices.add(PAUL, "laptop")
        assert not await devices.is_new(PAUL) and not await devices.have_all_ended(PAUL)
        again = await logins.sign_out_everywhere(logins.identify(laptop.token), TAIL, "laptop")
        assert await devices.have_all_ended(PAUL)
        for cookie in (phone.cookie, laptop.cookie):
            assert await refusal(devices.of_cookie(cookie)) is Code.UNAUTHORIZED
        assert await refusal(logins.account_link(phone.secret)) is Code.UNAUTHORIZED
        assert (await devices.of_cookie(again.cookie)).label == "laptop"
        assert (await logins.account_link(again.secret))[0].person == PAUL
