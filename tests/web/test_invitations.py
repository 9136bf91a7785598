"""Invitations over HTTP: told, opened, used (COMMUNITIES IN)."""

import asyncio
from typing import Any

import httpx
import pytest

from protocol.communities import (
    CloseInvitation,
    GrantRequest,
    RefuseRequest,
    RemovePerson,
    RequestRecord,
    SetPersonRole,
    SuspendPerson,
)
from protocol.errors import Code
from server.accounts.tokens import Tokens
from server.app import Application
from server.community.arrivals import request_id
from server.community.invitations import DAY
from server.community.state import record_id
from server.web.codes import Attempts
from server.web.invitations import invitation_secret, read_invitation
from tests.web.communities import OPEN, act, come, invite, key, make, path_of, secret_in, session, told, use
from tests.web.conftest import ORIGIN
from tests.web.test_api import bearer, refused


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | OPEN


async def look(client: httpx.AsyncClient, secret: str) -> httpx.Response:
    return await client.post("/api/invitations/open", json={"invitation": secret})


async def test_IN4_an_invitation_is_told_to_who_animates_the_same_each_time(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application, tokens: Tokens
) -> None:
    claire = await make(client)
    secret = await invite(app, client, claire)
    named = read_invitation(tokens, secret)
    assert named is not None and named.community == claire["community"]
    answer = await client.get(f"{path_of(claire)}/invitations/{named.invitation}", headers=bearer(claire))
    assert answer.json() == {"link": f"{ORIGIN}/i/#{secret}"}
    paul = await come(phone, secret)
    path = f"{path_of(claire)}/invitations/{named.invitation}"
    assert refused(await phone.get(path, headers=bearer(paul)), 403, Code.FORBIDDEN)
    await act(app, claire, SetPersonRole(record_id(paul["me"]["id"]), administrator=True))
    assert refused(await phone.get(path, headers=bearer(paul)), 403, Code.FORBIDDEN)
    await act(app, claire, SetPersonRole(record_id(paul["me"]["id"]), animator=True))
    assert await told(phone, paul, named.invitation) == secret
    for never in ("invitation:neverneverne", "x", paul["me"]["id"]):
        answer = await client.get(f"{path_of(claire)}/invitations/{never}", headers=bearer(claire))
        assert refused(answer, 404, Code.NOT_FOUND)
    await act(app, claire, CloseInvitation(named.invitation))
    assert refused(await client.get(path, headers=bearer(claire)), 410, Code.INVITATION_OVER)


async def test_IN5_who_opens_one_learns_what_it_is_and_uses_nothing(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application
) -> None:
    claire = await make(client)
    secret = await invite(app, client, claire, most=1, domains=("example.org",))
    await look(phone, secret)
    opened = (await look(phone, secret)).json()
    ends = opened.pop("ends")
    assert 0 <= app._hub.now() + 14 * DAY - ends < DAY
    assert opened == {
        "community": claire["community"], "title": "Les managers", "langs": ["fr"], "by": "Claire", "asks": False,
        "domains": ["example.org"],
    }  # fmt: skip
    assert (await use(phone, secret, address="Paul.Martin@Example.ORG")).status_code == 200


async def test_IN6_who_uses_one_is_in_the_community_with_a_cookie_and_a_link(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application
) -> None:
    claire = await make(client)
    secret = await invite(app, client, claire)
    paul = await come(phone, secret, "  Paul ")
    assert set(paul) == {"community", "token", "me", "title", "langs", "links"}
    assert (paul["me"]["name"], paul["me"]["roles"]) == ("Paul", [])
    assert (await session(phone, paul)).json()["me"] == paul["me"]
    entered = await client.post(f"{path_of(paul)}/enter", json={"link": secret_in(paul["links"]["personal"])})
    assert entered.json()["me"] == paul["me"]


async def test_IN6_one_key_is_one_person_whatever_became_of_the_answer(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application
) -> None:
    claire = await make(client)
    secret = await invite(app, client, claire, most=2)
    once = key()
    first, again = await come(phone, secret, key=once), await come(phone, secret, key=once)
    assert (first["me"], first["links"]) == (again["me"], again["links"])
    other = await come(phone, secret, "Nadia")
    assert other["me"]["id"] != first["me"]["id"]
    assert refused(await use(phone, secret, "Zoé"), 409, Code.INVITATION_FULL)
    assert refused(await look(phone, secret), 409, Code.INVITATION_FULL)
    assert (await come(phone, secret, key=once))["me"] == first["me"], "a used one opens what it opened"


async def test_IN6_of_two_who_come_at_once_by_the_last_place_one_gets_in(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application
) -> None:
    claire = await make(client)
    for _ in range(3):
        secret = await invite(app, client, claire, most=1)
        answers = await asyncio.gather(use(client, secret, "Paul"), use(phone, secret, "Nadia"))
        assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_IN2_what_is_over_and_what_never_was_are_answered_alike(
    client: httpx.AsyncClient,
    phone: httpx.AsyncClient,
    app: Application,
    tokens: Tokens,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claire = await make(client)
    closed, ended = await invite(app, client, claire), await invite(app, client, claire, days=1)
    named = read_invitation(tokens, closed)
    assert named is not None
    await act(app, claire, CloseInvitation(named.invitation))
    other = invitation_secret(tokens, "community:neverneverne", named.invitation)
    forgotten = invitation_secret(tokens, claire["community"], "invitation:neverneverne")
    forged = ended[:-22] + "A" * 22
    now = app._hub.now
    monkeypatch.setattr(app._hub, "now", lambda: now() + DAY)
    # A room knows the time that it was opened with.
    channel = await app._hub.channel(claire["community"])
    monkeypatch.setattr(channel.room, "_ports", channel.room._ports._replace(now=lambda: now() + DAY))
    told_ = set()
    for secret in (closed, ended, other, forgotten, forged, "x", "", "é" * 70, f"{ended}."):
        for answer in (await look(phone, secret), await use(phone, secret)):
            assert refused(answer, 410, Code.INVITATION_OVER)
            told_.add(answer.text)
    assert len(told_) == 1


@pytest.mark.parametrize(
    "address", ["paul", "paul@", "@example.org", "paul@example", "pa ul@example.org", "a@b@", "paul@-x.org"]
)
async def test_IN6_an_address_that_is_none_is_refused(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application, address: str
) -> None:
    secret = await invite(app, client, await make(client))
    assert refused(await use(phone, secret, address=address), 400, Code.ADDRESS_INVALID)


async def test_IN2_an_address_of_another_domain_or_none_does_not_do(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application
) -> None:
    secret = await invite(app, client, await make(client), domains=("example.org", "example.com"))
    for address in ("", "paul@example.net", "paul@sub.example.org", "paul@example.org.net"):
        assert refused(await use(phone, secret, address=address), 403, Code.INVITATION_DOMAIN)
    await come(phone, secret, address="paul@example.com")
    held = b"".join(file.read_bytes() for file in app._settings.folder.glob("palabre.sqlite*"))
    assert b"paul@" not in held, "an address is looked at, and not kept"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, Code.TEXT_EMPTY),
        ({"name": "x" * 41}, Code.TEXT_TOO_LONG),
        ({"name": "\0"}, Code.TEXT_FORBIDDEN),
        ({"key": ""}, Code.INVALID),
        ({"key": "x" * 21}, Code.INVALID),
        ({"name": None}, Code.INVALID),
    ],
)
async def test_h_what_is_wrong_uses_nothing(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application, changes: dict[str, Any], code: Code
) -> None:
    secret = await invite(app, client, await make(client), most=1)
    assert refused(await use(phone, secret, **changes), 400, code)
    await come(phone, secret)


async def test_IN3_on_request_people_come_in_by_the_same_key_once_they_are_let_in(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application
) -> None:
    claire = await make(client)
    secret = await invite(app, client, claire, asks=True)
    once, others = key(), key()
    for _ in range(2):
        answer = await use(phone, secret, key=once)
        assert answer.json() == {"asked": True} and "set-cookie" not in answer.headers
    assert (await use(phone, secret, "Nadia", key=others)).json() == {"asked": True}
    channel = await app._hub.channel(claire["community"])
    seen = channel.room.layers.shared["animators"].records.values()
    waiting = {record.name: record.id for record in seen if isinstance(record, RequestRecord)}
    await act(app, claire, GrantRequest(waiting["Paul"]), RefuseRequest(waiting["Nadia"]))
    paul = await come(phone, secret, key=once)
    assert request_id(paul["me"]["id"]) == waiting["Paul"]
    assert (await session(phone, paul)).status_code == 200
    assert refused(await use(phone, secret, "Nadia", key=others), 403, Code.REQUEST_REFUSED)


async def test_IN6_who_was_suspended_or_removed_comes_back_by_no_key(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application
) -> None:
    claire = await make(client)
    secret = await invite(app, client, claire)
    for command, code in ((SuspendPerson, Code.SUSPENDED), (RemovePerson, Code.REMOVED)):
        once = key()
        paul = await come(phone, secret, key=once)
        await act(app, claire, command(record_id(paul["me"]["id"])))
        assert refused(await use(phone, secret, key=once), 403, code)


@pytest.mark.usefixtures("still")
async def test_AC6_who_tries_invitations_is_slowed_and_who_has_one_is_not(
    client: httpx.AsyncClient, phone: httpx.AsyncClient, app: Application
) -> None:
    secret = await invite(app, client, await make(client))
    assert (await look(phone, secret)).status_code == 200
    wrong = [await look(phone, f"{'a' * 12}.{n:012d}.{'A' * 22}") for n in range(4 * Attempts.ADDRESS_LOW)]
    assert {answer.status_code for answer in wrong[: Attempts.ADDRESS_LOW]} == {410}
    assert refused(wrong[-1], 429, Code.RATE_LIMITED)
    assert (await look(phone, secret)).status_code == 200
    assert (await use(client, secret)).status_code == 200
