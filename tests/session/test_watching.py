"""Who hears of streams that they do not follow (SPEC S14): what they may know, once a second, and without a room being opened for it."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from server.accounts.port import ACCOUNT
from server.admission.rooms import Rooms
from server.live.consumer import EVERY
from server.session.watching import PACE
from tests.inprocess import HOST, OTHER, PARTICIPANT, ROOM, Client, World, codes, create, fresh, world
from tests.live.test_courier import both
from tests.live.test_models import here
from tests.notes import STREAM, begin
from tests.session.test_session import SCREEN
from tests.virtual import settle, timed

ELSEWHERE = "room:eeeeeeeeeeee"
SOON = EVERY + 2 * PACE

of: Callable[..., Any] = partial(replace, PARTICIPANT, room=ACCOUNT, role=None)


def watch(client: Client, *streams: str, id: str = "w") -> None:
    client.send(t="watch", id=id, streams=list(streams))


async def watching(w: World, *streams: str, at: int = 0, **who: Any) -> Client:
    client: Client = w.connect(of(**who), at=at)
    client.hello()
    watch(client, *streams)
    await client.until(lambda: client.got("watching"))
    return client


def news(client: Client) -> list[tuple[list[str], list[str]]]:
    client.read()
    return [(each.get("streams", []), each.get("concerns", [])) for each in client.got("news")]


@timed
async def test_S14_who_is_a_member_hears_and_no_stream_is_opened_for_it(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        host, paul = await w.enter(HOST), await w.enter(PARTICIPANT)
        watcher = await watching(w, ROOM, ELSEWHERE, "room:none", "cave:x", at=1)
        assert watcher.got("watching") == [{"t": "watching", "id": "w", "streams": [ROOM]}]
        await host.done("a", "idea.add", id=fresh("idea", 1), text="une idée")
        await asyncio.sleep(SOON)
        assert news(watcher) == [([ROOM], [])]
        assert w.workers[1].hub.get(ROOM) is None
        assert not paul.got("news"), "who does not ask is told nothing"


@timed
async def test_S14_what_concerns_somebody_is_told_also_of_what_they_do_not_watch(tmp_path: Path) -> None:
    async with both(tmp_path, workers=2) as w:
        await begin(w.hub)
        keeper = await w.enter(here(HOST))
        await w.enter(here(PARTICIPANT))
        watcher, other = await watching(w, at=1), await watching(w, at=1, member=OTHER.member)
        await keeper.done("a", "note.write", id=fresh("note", 1), text="x", to=PARTICIPANT.member)
        await keeper.done("b", "note.write", id=fresh("note", 2), text="x", secret=True, to=OTHER.member)
        await asyncio.sleep(SOON)
        assert news(watcher) == [([], [STREAM])]
        assert news(other) == [], "of a stream that she is not in she hears nothing, whatever names her there"


@timed
async def test_S14_what_nobody_else_sees_is_no_news(tmp_path: Path) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        keeper = await w.enter(here(HOST))
        await w.enter(here(PARTICIPANT))
        watcher = await watching(w, STREAM)
        await keeper.done("a", "note.write", id=fresh("note", 1), text="x", secret=True)
        await asyncio.sleep(SOON)
        assert news(watcher) == []
        await keeper.done("b", "note.tell", id=fresh("note", 1))
        await asyncio.sleep(SOON)
        assert news(watcher) == [([STREAM], [])]


@timed
async def test_S14_rights_are_asked_when_it_is_told(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        host = await w.enter(HOST)
        await w.enter(PARTICIPANT)
        watcher = await watching(w, ROOM)
        await host.done("a", "idea.add", id=fresh("idea", 1), text="une idée")
        await host.done("b", "member.remove", id=PARTICIPANT.member)
        await asyncio.sleep(SOON)
        assert news(watcher) == []
        watch(watcher, ROOM, id="again")
        await settle()
        watcher.read()
        assert watcher.got("watching")[-1]["streams"] == []


@timed
async def test_S14_a_token_hears_of_what_it_opens(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await Rooms(w.hub).create(
            ELSEWHERE, member=PARTICIPANT.member, name="Paul", title="x", code="ABC235", lang="fr"
        )
        host = await w.enter(HOST)
        paul = await w.enter(PARTICIPANT)
        watch(paul, ROOM, ELSEWHERE)
        screen = w.connect(SCREEN)
        screen.hello()
        watch(screen, ROOM)
        await settle()
        paul.read()
        screen.read()
        assert paul.got("watching") == [{"t": "watching", "id": "w", "streams": [ROOM]}]
        assert codes(screen) == [("w", "forbidden")]
        await host.done("a", "idea.add", id=fresh("idea", 1), text="une idée")
        await asyncio.sleep(SOON)
        assert news(paul) == [([ROOM], [])]


@timed
async def test_S14_a_later_watch_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        host = await w.enter(HOST)
        await w.enter(PARTICIPANT)
        watcher, other = await watching(w, ROOM), await watching(w, ROOM)
        watch(watcher, id="none")
        await settle()
        await host.done("a", "idea.add", id=fresh("idea", 1), text="une idée")
        await asyncio.sleep(SOON)
        assert news(watcher) == []
        assert news(other) == [([ROOM], [])]


@timed
async def test_S14_it_is_told_once_a_second_at_most(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await create(w.hub, ELSEWHERE)
        host, there = await w.enter(HOST), await w.enter(replace(HOST, room=ELSEWHERE))
        await w.enter(PARTICIPANT)
        await w.enter(replace(PARTICIPANT, room=ELSEWHERE))
        watcher = await watching(w, ROOM, ELSEWHERE)
        for n in range(40):
            await (host, there)[n % 2].done(f"a{n}", "idea.add", id=fresh("idea", n), text="une idée")
            await asyncio.sleep(0.1)
        await asyncio.sleep(SOON)
        assert {stream for streams, _ in news(watcher) for stream in streams} == {ROOM, ELSEWHERE}
        assert len(news(watcher)) <= 4


@timed
async def test_S14_after_a_doubt_all_of_it_may_be_new(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        host = await w.enter(HOST)
        await w.enter(PARTICIPANT)
        watcher = await watching(w, ROOM, at=1)
        w.workers[1].hub.doubtful(True)
        w.switchboard.cut = True
        await host.done("a", "idea.add", id=fresh("idea", 1), text="une idée")
        await asyncio.sleep(SOON)
        assert news(watcher) == []
        w.switchboard.cut = False
        w.workers[1].hub.doubtful(False)
        await asyncio.sleep(SOON)
        assert news(watcher) == [([ROOM], [])]


@timed
async def test_S14_while_the_tables_cannot_be_asked_nothing_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        host = await w.enter(HOST)
        await w.enter(PARTICIPANT)
        watcher = await watching(w, ROOM)
        await host.done("a", "idea.add", id=fresh("idea", 1), text="une idée")
        await asyncio.sleep(0.5)
        w.journal.down = True
        await asyncio.sleep(10)
        assert news(watcher) == []
        watch(watcher, ROOM, id="away")
        await settle()
        watcher.read()
        assert ("away", "unavailable") in codes(watcher)
        w.journal.down = False
        await asyncio.sleep(SOON)
        assert news(watcher) == [([ROOM], [])]


@timed
@pytest.mark.parametrize("when", ["at once", "later"])
async def test_S14_who_leaves_leaves_nothing_behind(tmp_path: Path, when: str) -> None:
    async with world(tmp_path) as w:
        await w.enter(PARTICIPANT)
        watcher = w.connect(of())
        watcher.hello()
        watch(watcher, ROOM)
        if when == "later":
            await settle()
        watcher.wire.cut()
        await settle()
        watchers = w.workers[0].sessions._watchers
        assert (len(watchers), watchers._by_channel, watchers._turns, w.hub._listeners) == (0, {}, {}, {})


@timed
async def test_S14_what_comes_while_the_tables_are_asked_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path) as w:
        await create(w.hub, ELSEWHERE)
        host, there = await w.enter(HOST), await w.enter(replace(HOST, room=ELSEWHERE))
        await w.enter(PARTICIPANT)
        await w.enter(replace(PARTICIPANT, room=ELSEWHERE))
        watcher, members = await watching(w, ROOM, ELSEWHERE), w.journal.members

        async def slowly(pairs: Any, common: str) -> Any:
            found = await members(pairs, common)
            await asyncio.sleep(5)
            return found

        monkeypatch.setattr(w.journal, "members", slowly)
        await host.done("a", "idea.add", id=fresh("idea", 1), text="une idée")
        await asyncio.sleep(2 * PACE)
        await there.done("b", "idea.add", id=fresh("idea", 1), text="une idée")
        await asyncio.sleep(20)
        assert news(watcher) == [([ROOM], []), ([ELSEWHERE], [])]


@timed
async def test_S14_whoever_comes_as_another_leaves_hears_it_and_who_leaves_at_once_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path) as w:
        host = await w.enter(HOST)
        await w.enter(PARTICIPANT)
        bus = w.hub._bus
        subscribe, unsubscribe = bus.subscribe, bus.unsubscribe

        async def slowly(channel: str) -> None:
            await asyncio.sleep(0.2)
            await subscribe(channel)

        async def gone(channel: str) -> None:
            await asyncio.sleep(0.1)
            await unsubscribe(channel)

        first = await watching(w, ROOM)
        monkeypatch.setattr(bus, "subscribe", slowly)
        monkeypatch.setattr(bus, "unsubscribe", gone)
        first.wire.cut()
        second = w.connect(of())
        second.hello()
        watch(second, ROOM)
        hasty = w.connect(of(member=OTHER.member))
        hasty.hello()
        watch(hasty, ROOM)
        await asyncio.sleep(0.05)
        hasty.wire.cut()
        await asyncio.sleep(2)
        await host.done("a", "idea.add", id=fresh("idea", 1), text="une idée")
        await asyncio.sleep(SOON)
        assert news(second) == [([ROOM], [])]
        second.wire.cut()
        await asyncio.sleep(2)
        watchers = w.workers[0].sessions._watchers
        assert (len(watchers), watchers._by_channel, watchers._turns, w.hub._listeners) == (0, {}, {}, {})


@timed
async def test_S14_one_who_leaves_a_channel_in_the_turn_in_which_another_comes_takes_nothing_away(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as w:
        host = await w.enter(HOST)
        await w.enter(PARTICIPANT)
        one, other = await watching(w, ROOM), await watching(w)
        for n in range(10):
            watch(one, id=f"a{n}")
            watch(other, ROOM, id=f"b{n}")
            await settle()
            other.forget()
            await host.done(f"i{n}", "idea.add", id=fresh("idea", n), text="une idée")
            await asyncio.sleep(SOON)
            assert news(other) == [([ROOM], [])], n
            one, other = other, one


@timed
async def test_S14_the_later_watch_counts_also_where_the_earlier_is_answered_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path) as w:
        await w.enter(PARTICIPANT)
        watcher, members, pauses = await watching(w), w.journal.members, [0.5]

        async def late(pairs: Any, common: str) -> Any:
            await asyncio.sleep(pauses.pop() if pauses else 0)
            return await members(pairs, common)

        monkeypatch.setattr(w.journal, "members", late)
        watch(watcher, id="first")
        watch(watcher, ROOM, id="then")
        await asyncio.sleep(2)
        watcher.read()
        assert [(each["id"], each["streams"]) for each in watcher.got("watching")[1:]] == [
            ("first", []),
            ("then", [ROOM]),
        ]
        assert any(ROOM in channel for channel in w.hub._listeners)


@timed
async def test_S14_nobody_is_told_that_he_hears_before_he_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with world(tmp_path) as w:
        await w.enter(PARTICIPANT)
        bus, confirmed = w.hub._bus, asyncio.Event()
        subscribe = bus.subscribe

        async def slowly(channel: str) -> None:
            await confirmed.wait()
            await subscribe(channel)

        monkeypatch.setattr(bus, "subscribe", slowly)
        both_of_them = [w.connect(of()) for _ in range(2)]
        for each in both_of_them:
            each.hello()
            watch(each, ROOM)
            await asyncio.sleep(1)
        for each in both_of_them:
            each.read()
        assert [each.got("watching") for each in both_of_them] == [[], []]
        confirmed.set()
        for each in both_of_them:
            await each.until(lambda: each.got("watching"))  # noqa: B023


@timed
async def test_S14_a_token_of_one_room_hears_nothing_by_another_of_the_same_person(tmp_path: Path) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        keeper = await w.enter(here(HOST))
        await w.enter(here(PARTICIPANT))
        account, room = await watching(w, STREAM), w.connect(replace(PARTICIPANT, role=None))
        room.hello()
        watch(room, STREAM)
        await settle()
        await keeper.done("a", "note.write", id=fresh("note", 1), text="x", to=PARTICIPANT.member)
        await asyncio.sleep(SOON)
        assert news(account) == [([STREAM], [STREAM])]
        assert news(room) == []


@timed
async def test_S14_what_names_somebody_and_is_hidden_is_news_to_nobody_else(tmp_path: Path) -> None:
    async with both(tmp_path) as w:
        await begin(w.hub)
        keeper = await w.enter(here(HOST))
        await w.enter(here(PARTICIPANT))
        watcher = await watching(w, STREAM)
        await keeper.done("a", "note.write", id=fresh("note", 1), text="x", secret=True, to=OTHER.member)
        await asyncio.sleep(SOON)
        assert news(watcher) == []


@timed
async def test_S14_rights_cost_a_question_for_many_and_a_grant_one_for_each_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[tuple[str, str]]()

    async def granted(issuer: str, stream: str) -> bool:
        asked.append((issuer, stream))
        return True

    async with world(tmp_path, granted=granted) as w:
        host = await w.enter(HOST)
        await w.enter(PARTICIPANT)
        watchers = [await watching(w, ROOM, issuer="erp") for _ in range(40)]
        asked.clear()
        w.journal.calls.clear()
        await host.done("a", "idea.add", id=fresh("idea", 1), text="une idée")
        await asyncio.sleep(SOON)
        assert [news(each) for each in watchers] == [[([ROOM], [])]] * 40
        assert asked == [("erp", ROOM)]
        assert w.journal.calls["members"] == 1
