"""Making circles and coming into them over HTTP (COMMUNITIES.md, CI)."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from protocol.choices import Access
from server.accounts.port import ACCOUNT
from server.app import Application
from server.circle.model import CIRCLE
from server.journal.port import Appended, Commit, Entry, Membership
from server.model.events import FORMAT
from tests.circle.table import CLAIRE, ELSA, NADIA, NAMES, PAUL

COMMUNITY = "community:aaaaaaaaaaaa"
OTHER = "community:bbbbbbbbbbbb"
STRANGER = "member:stranger----"


async def peopled(app: Application, community: str, names: Mapping[str, str]) -> None:
    """A community in which these people are, as the tables tell it."""
    members = tuple(Membership(person, "member", 1, name) for person, name in names.items())
    first = Entry(community, "first", Commit(1, FORMAT, 1, b"\x90"), (b"k" * 16,), memberships=members)
    assert await app._journal.append(first) == Appended(1)


@pytest.fixture
async def asks(app: Application, client: httpx.AsyncClient) -> Any:
    """Asks in somebody's name, with the token of their account: the status and the answer."""
    await peopled(app, COMMUNITY, NAMES)
    await peopled(app, OTHER, {STRANGER: "Zoé"})

    async def ask(person: str, address: str, body: Mapping[str, Any], scope: str = ACCOUNT) -> tuple[int, Any]:
        token = (await app._logins.sign_in(person, scope)).token
        answer = await client.post(f"/api/{address}", json=body, headers={"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.json()

    return ask


async def found(asks: Any, access: Access, person: str = CLAIRE, **more: str) -> str:
    """A circle of this community; what follows the colon of its id."""
    body = {"title": "Accueil", "access": access, **more}
    status, answer = await asks(person, f"communities/{COMMUNITY[10:]}/circles", body)
    assert status == 201, answer
    kind, _, tail = answer["circle"].partition(":")
    assert kind == "circle"
    return str(tail)


async def standing(app: Application, person: str, tail: str) -> tuple[str | None, str]:
    known = await app._journal.standing(person, f"circle:{tail}")
    return known.role, known.parent


async def test_CI13_somebody_of_the_community_founds_a_circle(app: Application, asks: Any) -> None:
    tail = await found(asks, "request", purpose="Le premier jour")
    assert await standing(app, CLAIRE, tail) == ("animator", COMMUNITY)
    (listed,) = await app._journal.listed(COMMUNITY, PAUL, "confidential")
    assert (listed.listing.title, listed.listing.purpose, listed.people) == ("Accueil", "Le premier jour", 1)
    state = (await app._hub.channel(f"circle:{tail}")).room.layers.state
    assert CIRCLE.name_of(state, CLAIRE) == "Claire"


async def test_CI13_tries_with_one_key_are_one_circle(asks: Any) -> None:
    key = "k" * 22
    one = await found(asks, "open", key=key)
    assert await found(asks, "open", key=key) == one
    others = [
        await found(asks, "request", key=key),
        await found(asks, "open", PAUL, key=key),
        await found(asks, "open"),
    ]
    assert len({one, *others}) == 4


@pytest.mark.parametrize("community", [OTHER[10:], "cccccccccccc", "x", "%00"])
async def test_CI13_nobody_founds_a_circle_where_they_are_not(asks: Any, community: str) -> None:
    body = {"title": "x", "access": "open"}
    status, answer = await asks(CLAIRE, f"communities/{community}/circles", body)
    assert status == 404
    assert answer["code"] == "unknown_room"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"title": " ", "access": "open"}, "text_empty"),
        ({"title": "x" * 121, "access": "open"}, "text_too_long"),
        ({"title": "x", "access": "secret"}, "invalid"),
        ({"title": "x"}, "invalid"),
        ({"title": "x", "access": "open", "key": "short"}, "invalid"),
    ],
)
async def test_CI13_what_no_circle_can_be_is_refused(asks: Any, body: Mapping[str, Any], code: str) -> None:
    status, answer = await asks(CLAIRE, f"communities/{COMMUNITY[10:]}/circles", body)
    assert (status, answer["code"]) == (400, code)


async def test_CI13_a_token_of_one_workshop_founds_and_joins_nothing(asks: Any) -> None:
    tail = await found(asks, "open")
    body = {"title": "x", "access": "open"}
    for address in (f"communities/{COMMUNITY[10:]}/circles", f"circles/{tail}/join"):
        status, answer = await asks(PAUL, address, body, "room:aaaaaaaaaaaa")
        assert (status, answer["code"]) == (403, "forbidden")


async def test_CI13_so_many_are_founded_at_once(asks: Any) -> None:
    for _ in range(10):
        await found(asks, "open")
    status, answer = await asks(CLAIRE, f"communities/{COMMUNITY[10:]}/circles", {"title": "x", "access": "open"})
    assert (status, answer["code"]) == (429, "rate_limited")
    await found(asks, "open", PAUL)


async def test_CI3_one_press_joins_what_is_open(app: Application, asks: Any) -> None:
    tail = await found(asks, "open")
    for _ in range(2):
        assert await asks(PAUL, f"circles/{tail}/join", {}) == (200, {"joined": True})
    assert (await standing(app, PAUL, tail))[0] == "member"


async def test_CI4_what_is_on_request_is_asked_for(app: Application, asks: Any) -> None:
    tail = await found(asks, "request")
    for _ in range(2):
        assert await asks(PAUL, f"circles/{tail}/join", {"text": "Pour les stages"}) == (200, {"asked": True})
    assert (await standing(app, PAUL, tail))[0] is None
    assert await asks(CLAIRE, f"circles/{tail}/join", {}) == (200, {"joined": True})


async def test_CI2_everyone_is_in_what_is_common(app: Application, asks: Any) -> None:
    tail = await found(asks, "common")
    assert await asks(PAUL, f"circles/{tail}/join", {}) == (200, {"joined": True})
    assert (await standing(app, PAUL, tail))[0] is None


@pytest.mark.parametrize("access", ["common", "open", "request", "confidential"])
async def test_CI1_nobody_of_another_community_learns_that_it_is_there(asks: Any, access: Access) -> None:
    tail = await found(asks, access)
    never = await asks(STRANGER, "circles/cccccccccccc/join", {})
    assert await asks(STRANGER, f"circles/{tail}/join", {}) == never
    assert (never[0], never[1]["code"]) == (404, "unknown_room")


async def test_CI5_what_is_confidential_is_not_there_for_others(
    app: Application, asks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same words, by the same questions."""
    tail = await found(asks, "confidential")
    asked = list[str]()

    def noting(whose: Any, name: str) -> None:
        inner = getattr(whose, name)

        def note(*args: Any) -> Any:
            task = asyncio.current_task()
            # Not what consumers and rooms, whose tasks have names, ask meanwhile.
            if task is not None and task.get_name().startswith("Task-"):
                asked.extend(f"{name} {each}" for each in args if isinstance(each, str) and each.startswith("circle:"))
            return inner(*args)

        monkeypatch.setattr(whose, name, note)

    for method in ("standing", "heads", "read", "names", "members", "load_snapshot", "exclusive", "lookup"):
        noting(app._journal, method)
    noting(app._hub, "channel")
    answers = []
    for address in ("cccccccccccc", tail):
        asked.clear()
        answers.append(
            (
                await asks(NADIA, f"circles/{address}/join", {"text": "x"}),
                [each.replace(address, "…") for each in asked],
            )
        )
    assert answers[0] == answers[1]
    assert answers[0][1] == ["standing circle:…"]
    assert await asks(CLAIRE, f"circles/{tail}/join", {}) == (200, {"joined": True})
    assert [each.stream for each in await app._journal.listed(COMMUNITY, ELSA, "confidential")] == []
