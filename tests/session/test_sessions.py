"""All conversations of a worker: beats, deadlines and rates; and nothing is left when they have ended (SPEC W4, W6, L5, PITFALLS 6)."""

import asyncio
from pathlib import Path

import msgspec

from server.session.session import BEAT, HELLO
from tests.inprocess import HOST, OTHER, PARTICIPANT, ROOM, codes, fresh, world
from tests.virtual import settle, timed


@timed
async def test_W6_a_quiet_connection_hears_a_beat_within_twenty_seconds(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        clients = [await w.enter(msgspec.structs.replace(PARTICIPANT, member=f"member:{n:012d}")) for n in range(10)]
        heard: list[float] = []
        for _ in range(10):
            await asyncio.sleep(20)
            for client in clients:
                assert client.got("beat"), "expected a beat in each window of twenty seconds"
                client.read()
                heard += [m["now"] for m in client.got("beat")]
                assert client.got("beat")[-1]["at"] == {ROOM: client.cursor}
                client.forget()
        assert len({int(now) // 1000 % BEAT for now in heard}) > 3  # spread, not all in one second


@timed
async def test_W6_a_beat_names_the_seq_of_the_last_frame_sent_to_the_audience(tmp_path: Path) -> None:
    """S8: what is invisible to it moves no beat; what it has missed shows."""
    async with world(tmp_path) as w:
        nadia, host = await w.enter(OTHER), await w.enter(HOST)
        await host.done("a", "idea.add", id=fresh("idea", 1), text="une idée")
        await host.done("b", "post.hide", on=fresh("idea", 1))
        await asyncio.sleep(1)
        nadia.read()
        seen = nadia.cursor
        await host.done("c", "idea.edit", id=fresh("idea", 1), text="cachée")
        nadia.forget()
        await asyncio.sleep(20)
        assert [m["at"] for m in nadia.got("beat")] == [{ROOM: seen}]


@timed
async def test_W4_without_hello_the_connection_ends_after_ten_seconds(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        silent, late = w.connect(PARTICIPANT), w.connect(PARTICIPANT)
        await asyncio.sleep(HELLO - 0.5)
        late.hello()
        assert silent.wire.got == []
        await asyncio.sleep(2)
        assert [(m["t"], m["code"]) for m in silent.wire.got] == [("bye", "hello_required")]
        assert silent.wire.session is None
        assert late.wire.closed_with is None


@timed
async def test_L5_counts_a_member_over_all_of_his_connections_and_nobody_else(tmp_path: Path) -> None:
    async with world(tmp_path, rate=5) as w:
        one, two, nadia = await w.enter(PARTICIPANT), await w.enter(PARTICIPANT), await w.enter(OTHER)
        await asyncio.sleep(10)
        for n in range(12):
            for client in (one, two):
                client.do(f"c{n}", "no.such")
        assert sum(code == "rate_limited" for _, code in codes(one) + codes(two)) == 4
        assert (await nadia.done("c1", "idea.add", id=fresh("idea", 1), text="x"))["t"] == "done"


@timed
async def test_everything_returns_to_zero_after_churn(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        before = len(asyncio.all_tasks())
        for turn in range(6):
            clients = [
                w.connect(msgspec.structs.replace(PARTICIPANT, member=f"member:{n:012d}"), at=n % 2) for n in range(20)
            ]
            for n, client in enumerate(clients):
                client.hello()
                client.join()
                if n % 3 == 0:
                    await settle(turn)
                if n % 4 == 1:
                    client.wire.cut()  # perhaps while the room is being opened, or the member entered
                else:
                    client.do(f"c{turn}-{n}", "idea.add", id=fresh("idea", 100 * turn + n), text="x")
            for client in clients:
                client.wire.cut()
            await settle(turn)
        await asyncio.sleep(120)
        for each in w.workers:
            assert len(each.sessions) == 0
            assert each.hub.stats()["rooms_open"] == each.hub.stats()["followers"] == 0
            assert not each.sessions._tasks
            assert not each.sessions._silent
            assert not any(each.sessions._beats)
            assert not each.hub._opening
            assert not each.hub._closing
        assert not any(bus.channels for bus in w.switchboard.buses)
        assert len(asyncio.all_tasks()) <= before
