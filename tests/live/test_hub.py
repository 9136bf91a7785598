"""Rooms open once, close when nobody is there, and open again whatever happens meanwhile (DESIGN, Hub; PITFALLS 6, 8)."""

import asyncio
from pathlib import Path

import pytest

from protocol.errors import Code, Refusal
from protocol.records import IdeaRecord
from server.admission.rooms import Rooms
from server.journal.port import JournalError
from server.live.hub import COMPARE, COMPARE_IN_DOUBT, IDLE
from server.live.layers import Layers
from server.workshop.board.ideas import IdeaAdded
from server.workshop.board.moderation import PostHidden
from tests.inprocess import HOST, OTHER, PARTICIPANT, ROOM, create, fresh, worker, world
from tests.virtual import settle, timed


@timed
async def test_those_who_come_together_wait_for_one_opening(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        before = w.journal.calls["load_snapshot"]
        channels = await asyncio.gather(*(w.hub.channel(ROOM) for _ in range(20)))
        assert len(set(channels)) == 1
        assert w.journal.calls["load_snapshot"] - before <= 2  # the projector may look, too


@timed
async def test_an_opening_goes_on_when_who_began_it_gives_up(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        first, second = (asyncio.ensure_future(w.hub.channel(ROOM)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).room.stream == ROOM
        assert not w.hub._opening


@timed
async def test_an_opening_that_fails_leaves_nothing_behind_and_may_be_tried_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.journal.down = True
        with pytest.raises(JournalError):
            await w.hub.channel(ROOM)
        with pytest.raises(JournalError):
            await w.hub.channel("room:zzzzzzzzzzzz")
        w.journal.down = False
        with pytest.raises(Refusal) as refused:
            await w.hub.channel("room:zzzzzzzzzzzz")
        assert refused.value.code is Code.UNKNOWN_ROOM
        assert not w.hub._opening
        assert not any(bus.channels for bus in w.switchboard.buses)
        await w.hub.channel(ROOM)


@timed
async def test_a_room_with_nobody_in_it_closes_and_saves_and_opens_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        await paul.done("a", "idea.add", id=fresh("idea", 1), text="x")
        await asyncio.sleep(10 * IDLE)
        assert w.hub.get(ROOM) is not None
        paul.wire.cut()
        await asyncio.sleep(IDLE - 5)
        assert w.hub.held(ROOM) is not None
        await asyncio.sleep(10)
        assert w.hub.held(ROOM) is None
        assert not any(bus.channels for bus in w.switchboard.buses)
        assert w.journal.calls["save_snapshot"] == 1
        again = await w.enter(PARTICIPANT)
        assert fresh("idea", 1) in again.records


@timed
async def test_who_comes_while_a_room_closes_waits_and_finds_it_open(tmp_path: Path) -> None:
    """PITFALLS 8: a reconnect meets the unload."""
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        await paul.done("a", "idea.add", id=fresh("idea", 1), text="x")
        paul.wire.cut()
        w.hub._begin_closing(ROOM)
        assert w.hub.get(ROOM) is None
        again = await w.enter(PARTICIPANT)
        assert not w.hub._closing
        assert (await again.done("b", "idea.add", id=fresh("idea", 2), text="y"))["t"] == "done"
        assert any(ROOM in bus.channels for bus in w.switchboard.buses)


@timed
async def test_a_room_that_cannot_be_saved_closes_all_the_same(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        await paul.done("a", "idea.add", id=fresh("idea", 1), text="x")
        paul.wire.cut()
        w.journal.down = True
        await asyncio.sleep(IDLE + 20)
        assert w.hub.held(ROOM) is None
        assert not w.hub._closing
        w.journal.down = False
        assert fresh("idea", 1) in (await w.enter(PARTICIPANT)).records


@timed
async def test_a_room_that_a_bug_stopped_opens_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its people are sent away to come back; nothing that was done is lost, and nobody waits for ever."""
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        folding = Layers.folding

        def bug(self: Layers, *args: object) -> None:
            raise ZeroDivisionError("planted")

        monkeypatch.setattr(Layers, "folding", bug)
        paul.do("a", "idea.add", id=fresh("idea", 1), text="x")
        await paul.until(lambda: paul.got("bye"))
        assert paul.got("bye")[0]["reconnect"] is not None
        monkeypatch.setattr(Layers, "folding", folding)
        back = await w.enter(PARTICIPANT)
        assert (await back.done("a", "idea.add", id=fresh("idea", 1), text="x"))["t"] == "done"
        assert len([e for e in w.journal.appended if e.stream == ROOM]) == 4
        assert (await back.done("b", "idea.add", id=fresh("idea", 2), text="y"))["t"] == "done"
    assert "ZeroDivisionError: planted" in caplog.text


@timed
async def test_close_ends_rooms_that_are_being_opened(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        bus = w.switchboard.bus()
        async with worker(w.journal, bus, now=w.hub.now) as other:
            opening = asyncio.ensure_future(other.hub.channel(ROOM))
            await asyncio.sleep(0)
        await asyncio.gather(opening, return_exceptions=True)
        assert not other.hub._rooms
        assert not bus.channels
        assert not [task for task in asyncio.all_tasks() if ROOM in task.get_name()]


@timed
async def test_what_lands_while_a_worker_stops_is_rung_at_the_others(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        nadia = await w.enter(OTHER, at=1)
        async with worker(w.journal, w.switchboard.bus(), now=w.hub.now) as third:
            paul = await third.enter(PARTICIPANT)
            await asyncio.sleep(1)
            w.journal.hold()
            paul.do("a", "idea.add", id=fresh("idea", 1), text="x")
            await w.journal.held()
            asyncio.get_running_loop().call_later(1, w.journal.let_go)
        await nadia.until(lambda: fresh("idea", 1) in nadia.records, seconds=1.5)


@timed
async def test_heads_are_compared_and_more_often_while_the_bus_is_in_doubt(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.enter(PARTICIPANT)
        calls = w.journal.calls
        before = calls["heads"]
        await asyncio.sleep(10 * COMPARE)
        assert 9 <= calls["heads"] - before <= 11
        before = calls["heads"]
        w.hub.doubtful(True)
        await asyncio.sleep(10 * COMPARE_IN_DOUBT)
        assert 9 <= calls["heads"] - before <= 12
        before = calls["heads"]
        w.hub.doubtful(False)
        await settle()
        assert calls["heads"] - before == 1  # at once: what was said meanwhile is lost


@timed
async def test_what_was_committed_in_doubt_is_rung_when_the_broker_is_back(tmp_path: Path) -> None:
    """Workers leave their doubt one after the other: who is sure already waits for a bell, and compares heads every ten seconds only."""
    async with world(tmp_path, workers=2) as w:
        paul, nadia = await w.enter(PARTICIPANT), await w.enter(OTHER, at=1)
        await settle()
        w.switchboard.cut = True
        w.hub.doubtful(True)
        await paul.done("a", "idea.add", id=fresh("idea", 1), text="x")
        w.switchboard.cut = False
        await settle()
        assert fresh("idea", 1) not in nadia.records
        w.hub.doubtful(False)
        await nadia.until(lambda: fresh("idea", 1) in nadia.records, seconds=COMPARE / 10)
        said = len(w.switchboard.said)
        w.hub.doubtful(True)
        w.hub.doubtful(False)
        await settle()
        assert len(w.switchboard.said) == said, "what was rung needs no second bell"


@timed
async def test_a_room_is_made_once_with_its_first_host(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        with pytest.raises(Refusal):
            await Rooms(w.hub).create(ROOM, member=OTHER.member, name="x", title="Autre", code="ZZZZZZ", lang="fr")
        first = await Rooms(w.hub).member(ROOM, HOST.member)
        assert first is not None
        assert (first.v, first.name, first.role) == (2, "Claire", "host")
        assert await Rooms(w.hub).member(ROOM, OTHER.member) is None


@pytest.mark.parametrize(("title", "name", "code"), [("", "x", Code.TEXT_EMPTY), ("x" * 121, "x", Code.TEXT_TOO_LONG)])
@timed
async def test_L3_a_room_that_cannot_be_made_leaves_nothing_behind(
    title: str, name: str, code: Code, tmp_path: Path
) -> None:
    async with world(tmp_path) as w:
        with pytest.raises(Refusal) as refused:
            await Rooms(w.hub).create(
                "room:bbbbbbbbbbbb", member=OTHER.member, name=name, title=title, code="BBBBBB", lang="fr"
            )
        assert refused.value.code is code
        assert await w.journal.heads(["room:bbbbbbbbbbbb"]) == {}


@timed
async def test_entering_is_once_and_by_the_tokens_role(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        for each in (*w.workers, *w.workers):
            await Rooms(each.hub).enter(ROOM, member=PARTICIPANT.member, name="Paul", role="participant")
        await asyncio.gather(
            *(Rooms(e.hub).enter(ROOM, member=OTHER.member, name="Nadia", role="host") for e in w.workers)
        )
        assert len([e for e in w.journal.appended if e.stream == ROOM]) == 4
        host, participant = (
            await Rooms(w.hub).member(ROOM, OTHER.member),
            await Rooms(w.hub).member(ROOM, PARTICIPANT.member),
        )
        assert host
        assert participant
        assert (host.role, participant.role) == ("host", "participant")


@timed
async def test_S10_a_role_is_what_the_room_says_and_not_what_the_token_said(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        host = await w.enter(HOST)
        await host.done("a", "idea.add", id=fresh("idea", 1), text="SECRET")
        await host.done("b", "post.hide", on=fresh("idea", 1))
        await Rooms(w.hub).enter(ROOM, member=OTHER.member, name="Nadia", role="host")
        await host.done("c", "member.role", id=OTHER.member, role="participant")
        from msgspec.structs import replace

        nadia = await w.enter(replace(OTHER, role="host"))
        assert fresh("idea", 1) not in nadia.records
        nadia.do("d", "post.show", on=fresh("idea", 1))
        await nadia.until(lambda: "d" in nadia.answers)
        assert nadia.answers["d"]["code"] == "forbidden"


@timed
async def test_S8_an_export_holds_what_its_bearer_may_see(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.enter(PARTICIPANT)
        await w.enter(OTHER)
        await w.tell(IdeaAdded(fresh("idea", 1), 1, "a1", "SECRET", PARTICIPANT.member), PostHidden(fresh("idea", 1)))

        async def ideas(member: str | None) -> list[str]:
            return [r.text for r in await Rooms(w.hub).records(ROOM, member=member) if isinstance(r, IdeaRecord)]

        assert await ideas(None) == await ideas(OTHER.member) == await ideas("member:nobody-at-all") == []
        assert await ideas(PARTICIPANT.member) == await ideas(HOST.member) == ["SECRET"]


@timed
async def test_a_second_room_is_another_world(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await create(w.hub, "room:bbbbbbbbbbbb")
        from msgspec.structs import replace

        paul, elsewhere = await w.enter(PARTICIPANT), await w.enter(replace(PARTICIPANT, room="room:bbbbbbbbbbbb"))
        await paul.done("same", "idea.add", id=fresh("idea", 1), text="ici")
        await elsewhere.done("same", "idea.add", id=fresh("idea", 1), text="là")
        assert paul.records[fresh("idea", 1)]["text"] == "ici"
        assert elsewhere.records[fresh("idea", 1)]["text"] == "là"
        assert w.hub.stats()["rooms_open"] == w.hub.stats()["followers"] == 2


@timed
async def test_O5_a_rewriting_is_rung_to_all_workers(tmp_path: Path) -> None:
    """Else who joins elsewhere is sent what was blanked until heads are compared."""
    async with world(tmp_path, workers=2) as w:
        await w.enter(HOST)
        there = await w.enter(PARTICIPANT, at=1)
        room = w.workers[1].hub.get(ROOM)
        assert room is not None
        before = room.room.incarnation
        await w.journal.redact(ROOM, lambda commit: commit, lambda sealed: sealed)
        w.hub.ring_rewritten(ROOM)
        await there.until(lambda: room.room.incarnation != before, 1.0)


@timed
async def test_a_room_that_has_closed_keeps_nobody_waiting_for_its_news(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        channel = await w.hub.channel(ROOM)
        w.hub._begin_closing(ROOM)
        await settle()
        await w.journal.redact(ROOM, lambda commit: commit, lambda sealed: sealed)
        with pytest.raises(JournalError, match="closed"):
            await channel.room.refresh()
