"""What there is for somebody: what is new, what concerns them, what holds their words, who is there (COMMUNITIES.md, HO)."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from protocol.circles import AddPost, HideFromCircle
from protocol.commands import Command
from server.readmodels.home import NOTICES, UNREAD
from tests.circle.table import CLAIRE, ELSA, KARIM, NADIA, PAUL, post
from tests.circle.table import COMMUNITY as STREAM
from tests.circle.world import Phone, community, found, go, phone
from tests.inprocess import World
from tests.virtual import timed

SOON = 3.0
"""Seconds after which the index has all."""


async def say(w: World, stream: str, person: str, *commands: Command) -> None:
    channel = await w.hub.channel(stream)
    for command in commands:
        await w.hub.submit(channel, person, f"{stream} {command}", command)


async def home(of: Phone) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Circles by id, and what concerns them."""
    items, more = await of.ask(STREAM, "home")
    assert not more
    return {each["id"]: each for each in items if each["kind"] == "circle"}, [
        each for each in items if each["kind"] == "notice"
    ]


def unread(circles: Mapping[str, dict[str, Any]], stream: str) -> tuple[int, int]:
    return circles[stream].get("unread", 0), circles[stream].get("first", 0)


@timed
async def test_HO1_home_tells_what_is_new_where_i_am_and_what_concerns_me(tmp_path: Path) -> None:
    async with community(tmp_path) as w:
        mine, common = await found(w.hub, 1, "confidential", PAUL, NADIA), await found(w.hub, 2, "common")
        other = await found(w.hub, 3, "confidential", KARIM)
        await say(w, mine, PAUL, AddPost(post(1), "Qui reçoit lundi ?"))
        await say(w, mine, NADIA, AddPost(post(2), "Moi", post(1)), AddPost(post(3), "Et Paul ?", mentions=(PAUL,)))
        await say(w, other, KARIM, AddPost(post(4), "Entre nous"))
        await say(w, common, CLAIRE, AddPost(post(5), "Bienvenue à tous"))
        await asyncio.sleep(SOON)
        paul, karim = await phone(w, PAUL), await phone(w, KARIM)
        circles, notices = await home(paul)
        assert set(circles) == {mine, common}
        assert (unread(circles, mine), unread(circles, common)) == ((2, 2), (1, 1))
        assert circles[mine]["role"] == circles[common]["role"] == "member"
        assert [(each["id"], each["why"], each["fresh"]) for each in notices] == [
            (post(3), "mentioned", True), (post(2), "answered", True),
        ]  # fmt: skip
        assert (notices[0]["title"], notices[0]["post"]["text"]) == ("Cercle 1", "Et Paul ?")
        assert set((await home(karim))[0]) == {other, common}


@timed
async def test_HO1_who_names_everyone_of_a_circle_is_heard_by_all_of_it_and_no_others(tmp_path: Path) -> None:
    async with community(tmp_path) as w:
        common, mine = await found(w.hub, 1, "common"), await found(w.hub, 2, "open", PAUL)
        await say(w, common, CLAIRE, AddPost(post(1), "À tous", all=True), AddPost(post(2), "À personne"))
        await say(w, mine, CLAIRE, AddPost(post(3), "À nous", all=True))
        await asyncio.sleep(SOON)
        told = {
            person: {each["id"] for each in (await home(await phone(w, person)))[1]} for person in (PAUL, KARIM, CLAIRE)
        }
        assert told == {PAUL: {post(1), post(3)}, KARIM: {post(1)}, CLAIRE: set()}


@timed
async def test_HO2_what_was_read_is_not_new_any_more(tmp_path: Path) -> None:
    async with community(tmp_path) as w:
        mine = await found(w.hub, 1, "open", PAUL, NADIA)
        await say(w, mine, NADIA, *(AddPost(post(n), f"Note {n}", mentions=(PAUL,)) for n in range(1, 6)))
        await say(w, mine, PAUL, AddPost(post(6), "La mienne"))
        await asyncio.sleep(SOON)
        paul = await phone(w, PAUL)
        here = paul.at(mine)
        await here.ready()
        assert unread((await home(paul))[0], mine) == (5, 1), "what one wrote moves nothing, and is read"
        here.send(t="seen", stream=mine, n=3)
        circles, notices = await home(paul)
        assert unread(circles, mine) == (2, 4), "at once, and not only once it is written"
        assert [each["fresh"] for each in notices] == [True, True, False, False, False]
        await asyncio.sleep(15)
        assert unread((await home(paul))[0], mine) == (2, 4)
        here.send(t="seen", stream=mine, n=1, back=True)
        assert unread((await home(paul))[0], mine) == (4, 2)


@timed
async def test_HO1_it_is_bounded_however_much_there_is(tmp_path: Path) -> None:
    async with community(tmp_path) as w:
        mine = await found(w.hub, 1, "open", PAUL, NADIA)
        await say(w, mine, NADIA, *(AddPost(post(n), f"Note {n}", mentions=(PAUL,)) for n in range(1, UNREAD + 20)))
        await asyncio.sleep(SOON)
        circles, notices = await home(await phone(w, PAUL))
        assert unread(circles, mine) == (UNREAD, 1)
        assert [each["id"] for each in notices] == [post(n) for n in range(UNREAD + 19, UNREAD + 19 - NOTICES, -1)]


@timed
async def test_HO1_what_may_not_be_read_any_more_is_not_told(tmp_path: Path) -> None:
    """Hidden since, or in a circle that they are not in any more, or as nobody of the community."""
    async with community(tmp_path) as w:
        mine, left = await found(w.hub, 1, "open", PAUL, NADIA), await found(w.hub, 2, "confidential", PAUL, NADIA)
        for n, circle in enumerate((mine, left)):
            await say(w, circle, NADIA, AddPost(post(1), f"SECRET {n}", mentions=(PAUL,)))
        await asyncio.sleep(SOON)
        paul = await phone(w, PAUL)
        assert len((await home(paul))[1]) == 2
        await say(w, mine, CLAIRE, HideFromCircle(post(1), "hors sujet"))
        here = paul.at(left)
        await here.ready()
        here.send(t="do", id="leave", stream=left, cmd="circle.leave", args={})
        await asyncio.sleep(SOON)
        circles, notices = await home(paul)
        assert (set(circles), notices) == ({mine}, [])
        found_now, _ = await paul.ask(STREAM, "search", text="secret")
        assert found_now == []


@timed
async def test_HO3_search_finds_what_i_may_read_of_all_my_circles(tmp_path: Path) -> None:
    async with community(tmp_path) as w:
        one, two = await found(w.hub, 1, "confidential", PAUL), await found(w.hub, 2, "open", PAUL, NADIA)
        not_mine, common = await found(w.hub, 3, "confidential", NADIA), await found(w.hub, 4, "common")
        for stream in (one, two, not_mine, common):
            await say(w, stream, CLAIRE, AddPost(post(1), f"Le budget de {stream}"))
        await say(w, two, NADIA, AddPost(post(2), "Des budgets", post(1)))
        await asyncio.sleep(SOON)
        paul = await phone(w, PAUL)
        first, more = await paul.ask(STREAM, "search", text="budget", limit=3)
        assert more
        assert {each["stream"] for each in first} == {one, two, common}
        rest, more = await paul.ask(STREAM, "search", text="budget", limit=3, before=first[-1]["mark"])
        assert [(each["stream"], each["id"], each["kind"]) for each in rest] == [(two, post(2), "reply")]
        assert not more
        people, _ = await paul.ask(STREAM, "search", text="Karim")
        assert [(each["kind"], each["record"]["name"]) for each in people] == [("person", "Karim")]
        assert {each["stream"] for each in (await (await phone(w, ELSA)).ask(STREAM, "search", text="budget"))[0]} == {
            common
        }


@timed
async def test_HO4_people_are_found_by_name_and_by_what_they_say_of_themselves(tmp_path: Path) -> None:
    async with community(tmp_path) as w:
        shared, theirs = (
            await found(w.hub, 1, "confidential", PAUL, NADIA),
            await found(w.hub, 2, "confidential", NADIA),
        )
        paul, nadia = await phone(w, PAUL), await phone(w, NADIA)
        here = nadia.at(STREAM)
        await here.done("p", "profile.set", job="Logistique", offers=["Animer une rétrospective"], site="Lyon")
        await asyncio.sleep(SOON)
        everyone, more = await paul.ask(STREAM, "people")
        assert [each["name"] for each in everyone] == sorted(each["name"] for each in everyone)
        assert (len(everyone), more) == (5, False)
        page, more = await paul.ask(STREAM, "people", offset=1, limit=2)
        assert ([each["id"] for each in page], more) == ([each["id"] for each in everyone[1:3]], True)
        for words in ("retrospective", "lyon", "nadia"):
            assert [each["name"] for each in (await paul.ask(STREAM, "people", text=words))[0]] == ["Nadia"]
        ((found_her,), _) = await paul.ask(STREAM, "person", id=NADIA)
        assert found_her["circles"] == [{"id": shared, "title": "Cercle 1"}], f"nothing tells of {theirs}"
        await go(w.hub, NADIA)
        await asyncio.sleep(SOON)
        assert [each["name"] for each in (await paul.ask(STREAM, "people", text="lyon"))[0]] == []
        paul.above.send(t="ask", id="gone", stream=STREAM, query="person", args={"id": NADIA})
        await paul.above.until(lambda: [m for m in paul.above.got("refused") if m["id"] == "gone"])
        assert [m["code"] for m in paul.above.got("refused")] == ["not_found"]


@timed
async def test_HO5_nobody_is_told_who_looks_in(tmp_path: Path) -> None:
    async with community(tmp_path, workers=2) as w:
        mine = await found(w.hub, 1, "open", PAUL, NADIA)
        phones = [await phone(w, PAUL), await phone(w, NADIA, at=1)]
        for each in phones:
            await each.at(mine).ready()
        await asyncio.sleep(30)
        for each in phones:
            each.above.read()
            told = [m for m in each.wire.got if m["t"] == "people"]
            assert {m["stream"] for m in told} == {STREAM, mine}
            assert all(m["count"] == 0 and not m.get("put") for m in told)


@timed
async def test_HO1_who_is_named_in_an_answer_is_told_that_they_are_named(tmp_path: Path) -> None:
    async with community(tmp_path) as w:
        mine = await found(w.hub, 1, "open", PAUL, NADIA)
        await say(w, mine, PAUL, AddPost(post(1), "Qui reçoit lundi ?"), AddPost(post(2), "Moi peut-être", post(1)))
        await say(w, mine, NADIA, AddPost(post(3), "Oui, Paul", post(1), mentions=(PAUL,)))
        await asyncio.sleep(SOON)
        _, notices = await home(await phone(w, PAUL))
        assert [(each["id"], each["why"]) for each in notices] == [(post(3), "mentioned")]
