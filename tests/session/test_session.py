"""One connection's conversation: what is said when, who may say it, how often, and how it ends (SPEC W, L5, S11, S13, D1)."""

import asyncio
from pathlib import Path

import msgpack
import msgspec
import pytest

from protocol.errors import TABLE, Code
from protocol.version import FRAME_BYTES
from server.session.session import BEAT, QUEUED
from server.wire.encoding import TEXT
from tests.inprocess import AS_SCREEN, HOST, OTHER, PARTICIPANT, ROOM, Someone, World, codes, create, fresh, world
from tests.virtual import EPOCH, settle, timed

SCREEN = msgspec.structs.replace(HOST, member="screen:ssssssssssss", name="", role="screen")


# Hello (SPEC W4, W5).


@timed
async def test_W4_hello_is_answered_by_welcome_with_the_limits(tmp_path: Path) -> None:
    async with world(tmp_path, rate=30) as w:
        paul = w.connect(PARTICIPANT)
        paul.hello()
        (welcome,) = paul.wire.got
        assert welcome["me"] == {"id": PARTICIPANT.member}
        assert welcome["now"] == w.hub.now()
        assert welcome["beat"] == BEAT * 1000 <= 20_000
        assert welcome["limits"] == {
            "frame": 65_536, "idea": 280, "message": 2_000, "name": 40, "title": 120, "prompt": 280, "rate": 30, "image": 0,
        }  # fmt: skip


@timed
async def test_W4_anything_before_hello_is_refused_and_hello_may_still_come(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = w.connect(PARTICIPANT)
        paul.join()
        paul.do("c1", "idea.add", id=fresh("idea", 1), text="x")
        paul.send(t="refresh", token=PARTICIPANT.token)
        assert codes(paul) == [(ROOM, "hello_required"), ("c1", "hello_required"), ("", "hello_required")]
        paul.hello()
        await paul.ready()
        assert paul.wire.closed_with is None


@timed
async def test_W4_a_second_hello_is_refused(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        paul.hello()
        assert codes(paul) == [("", "invalid")]
        assert paul.wire.closed_with is None


@timed
async def test_W4_a_token_that_nobody_signed_ends_the_connection(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = w.connect(PARTICIPANT)
        paul.send(t="hello", token="forged")
        (bye,) = paul.wire.got
        assert (bye["t"], bye["code"], bye["reconnect"]) == ("bye", "unauthorized", None)
        assert paul.wire.closed_with == 1008


@timed
async def test_W5_a_token_that_expires_ends_the_connection(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(msgspec.structs.replace(PARTICIPANT, expires=EPOCH + 60_000))
        await asyncio.sleep(55)
        assert not paul.got("bye")
        await asyncio.sleep(5 + BEAT + 1)
        assert [m["code"] for m in paul.got("bye")] == ["expired"]


@timed
async def test_W5_a_refresh_keeps_the_connection_and_says_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(msgspec.structs.replace(PARTICIPANT, expires=EPOCH + 60_000))
        await asyncio.sleep(1)
        paul.forget()
        paul.send(t="refresh", token=msgspec.structs.replace(PARTICIPANT, expires=EPOCH + 600_000).token)
        await settle()
        assert paul.wire.got == []
        await asyncio.sleep(500)
        assert not paul.got("bye")
        await asyncio.sleep(130)
        assert [m["code"] for m in paul.got("bye")] == ["expired"]


@timed
async def test_W5_a_refresh_is_for_the_same_member_and_room(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        for other in (OTHER, msgspec.structs.replace(PARTICIPANT, room="room:bbbbbbbbbbbb")):
            paul.send(t="refresh", token=other.token)
        assert codes(paul) == [("", "forbidden")] * 2
        paul.send(t="refresh", token="forged")
        assert [m["code"] for m in paul.got("bye")] == ["unauthorized"]


# Byes (SPEC W7).


@timed
async def test_W7_after_bye_nothing_is_said_or_heard(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        await asyncio.sleep(1)
        paul.forget()
        session = paul.wire.session
        assert session is not None
        session.bye(Code.RESTART)
        session.bye(Code.RESTART)
        add = {"t": "do", "id": "c1", "stream": ROOM, "cmd": "idea.add", "args": {"id": fresh("idea", 1), "text": "x"}}
        for message in ({"t": "join", "stream": ROOM}, add):
            session.received(msgpack.packb(message), True)
        await settle()
        assert [m["t"] for m in paul.wire.got] == ["bye"]
        assert paul.got("bye")[0]["reconnect"]["min"] < paul.got("bye")[0]["reconnect"]["max"]
        channel = await w.hub.channel(ROOM)
        assert len(channel.fanout) == 0
        assert len(channel.presence) == 0
        assert fresh("idea", 1) not in channel.room.layers.shared["public"].records


@timed
async def test_D1_what_is_done_is_said_before_the_bye(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        session = paul.wire.session
        assert session is not None
        paul.do("wrong", "no.such", x=1)
        answered = session._answered  # the room answers, and in the same turn of the loop the server stops

        def answered_then_bye(*args: object) -> None:
            answered(*args)  # type: ignore[arg-type]
            session.bye(Code.RESTART)

        joined = session._streams[ROOM]
        answered_then_bye(joined, "c1", 3)
        kinds = [m["t"] for m in paul.wire.got if m["t"] in ("done", "bye")]
        assert kinds == ["done", "bye"]


@timed
async def test_W7_a_drained_server_says_restart_with_a_window(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        session = paul.wire.session
        assert session is not None
        session.drain(3)
        await asyncio.sleep(2.9)
        assert not paul.got("bye")
        await asyncio.sleep(0.2)
        assert [(m["code"], m["reconnect"] is not None) for m in paul.got("bye")] == [("restart", True)]
        assert paul.wire.closed_with == 1012


@timed
async def test_L1_a_message_too_large_ends_the_connection(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul, nadia = await w.enter(PARTICIPANT), await w.enter(PARTICIPANT)
        assert paul.wire.session is not None
        paul.wire.session.oversized(FRAME_BYTES + 1)
        nadia.send_raw(b"\x81" * (FRAME_BYTES + 1))
        for client in (paul, nadia):
            assert [m["code"] for m in client.got("bye")] == ["too_large"]
            assert client.wire.closed_with == 1009


# Rates (SPEC L5).


@timed
async def test_L5_beyond_the_rate_commands_and_questions_are_refused_and_signals_dropped(tmp_path: Path) -> None:
    async with world(tmp_path, rate=5) as w:
        paul, nadia = await w.enter(PARTICIPANT), await w.enter(OTHER)
        await asyncio.sleep(10)
        nadia.forget()
        for n in range(25):
            paul.do(f"c{n}", "idea.add", id=fresh("idea", n), text="x")
        paul.send(t="ask", id="q1", stream=ROOM, query="history", args={})
        paul.send(t="signal", stream=ROOM, kind="burst", data={"kind": "love"})
        await paul.until(lambda: len(paul.answers) >= 26)
        assert [id for id, code in codes(paul) if code == "rate_limited"] == [f"c{n}" for n in range(20, 25)] + ["q1"]
        assert all(m["retry"] for m in paul.got("refused"))
        await asyncio.sleep(1)
        assert not nadia.got("signals")
        await asyncio.sleep(3)
        paul.forget()
        assert (await paul.done("later", "idea.add", id=fresh("idea", 99), text="x"))["t"] == "done"


@timed
async def test_L5_a_rate_limited_command_holds_nothing_back(tmp_path: Path) -> None:
    """D5 excepts it: the client slows down, and may send what it likes first."""
    async with world(tmp_path, rate=1) as w:
        paul = await w.enter(PARTICIPANT)
        await asyncio.sleep(10)
        for n in range(5):
            paul.do(f"c{n}", "idea.add", id=fresh("idea", n), text="x")
        await paul.until(lambda: "c4" in paul.answers and "c3" in paul.answers)
        assert codes(paul) == [("c4", "rate_limited")]
        await asyncio.sleep(2)
        assert (await paul.done("c5", "idea.add", id=fresh("idea", 5), text="x"))["t"] == "done"


@timed
async def test_L5_a_flood_of_anything_ends_the_connection_and_harms_nobody(tmp_path: Path) -> None:
    async with world(tmp_path, rate=5) as w:
        paul, nadia = await w.enter(PARTICIPANT), await w.enter(OTHER)
        for _ in range(1_000):
            if paul.wire.session is not None:
                paul.send(t="leave", stream="room:zzzzzzzzzzzz")
        assert [m["code"] for m in paul.got("bye")] == ["rate_limited"]
        assert (await nadia.done("c1", "idea.add", id=fresh("idea", 1), text="x"))["t"] == "done"


# Rooms (SPEC S11, S13, D1).


@timed
async def test_S11_a_room_that_is_not_the_tokens_is_refused_with_its_id(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await create(w.hub, "room:bbbbbbbbbbbb")
        paul = w.connect(PARTICIPANT)
        paul.hello()
        for room in ("room:bbbbbbbbbbbb", "room:cccccccccccc", "x"):
            paul.send(t="join", stream=room)
        await settle()
        assert codes(paul) == [(room, "unknown_room") for room in ("room:bbbbbbbbbbbb", "room:cccccccccccc", "x")]
        assert len({m["text"] for m in paul.got("refused")}) == 1
        assert w.hub.get("room:bbbbbbbbbbbb") is None, "it was not even opened"


@timed
async def test_S11_a_room_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = w.connect(msgspec.structs.replace(PARTICIPANT, room="room:cccccccccccc"))
        paul.hello()
        paul.join()
        await paul.until(lambda: paul.got("refused"))
        assert codes(paul) == [("room:cccccccccccc", "unknown_room")]
        assert w.hub.get("room:cccccccccccc") is None


@timed
async def test_C8_behind_a_closed_door_newcomers_wait_and_members_come_back(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        host, paul = await w.enter(HOST), await w.enter(PARTICIPANT)
        await host.done("a", "room.set", door=False)
        nadia = w.connect(OTHER)
        nadia.hello()
        nadia.join()
        await nadia.until(lambda: nadia.got("refused"))
        assert codes(nadia) == [(ROOM, "locked")]
        assert nadia.got("refused")[0]["retry"] is True
        paul.wire.cut()
        await w.enter(PARTICIPANT)
        await host.done("b", "room.set", door=True)
        await nadia.ready()


@timed
async def test_S11_while_the_journal_is_away_a_join_is_refused_to_come_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = w.connect(PARTICIPANT)
        paul.hello()
        w.journal.down = True
        paul.join()
        paul.do("early", "idea.add", id=fresh("idea", 1), text="tapée trop tôt")
        await paul.until(lambda: len(paul.got("refused")) == 2)
        assert codes(paul) == [(ROOM, "unavailable"), ("early", "unavailable")]
        w.journal.down = False
        await paul.ready()
        assert (await paul.done("early", "idea.add", id=fresh("idea", 1), text="tapée trop tôt"))["t"] == "done"


@timed
async def test_D4_what_is_sent_while_the_room_opens_waits_in_order(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = w.connect(PARTICIPANT)
        paul.hello()
        paul.join()
        for n in range(20):
            paul.do(f"c{n}", "idea.add", id=fresh("idea", n), text=f"idée {n}")
        paul.send(t="ask", id="q", stream=ROOM, query="history", args={})
        await paul.until(lambda: len(paul.got("done")) == 20 and paul.got("answer"))
        assert [m["id"] for m in paul.got("done")] == [f"c{n}" for n in range(20)]


@timed
async def test_D1_what_waits_for_a_room_that_is_left_is_answered(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = w.connect(PARTICIPANT)
        paul.hello()
        paul.join()
        paul.do("c1", "idea.add", id=fresh("idea", 1), text="x")
        paul.send(t="leave", stream=ROOM)
        paul.join()
        paul.do("c2", "idea.add", id=fresh("idea", 2), text="x")
        paul.join()
        paul.do("c3", "idea.add", id=fresh("idea", 3), text="x")
        await paul.until(lambda: paul.got("state") and {"c1", "c2", "c3"} <= set(paul.answers))
        await asyncio.sleep(1)
        assert [(m["id"], m["t"]) for m in paul.got("done", "refused")] == [
            ("c1", "refused"),
            ("c2", "done"),
            ("c3", "done"),
        ]
        assert len([state for state in paul.got("state") if not state.get("more")]) == 1
        assert len((await w.hub.channel(ROOM)).fanout) == 1


@timed
async def test_D5_outlives_a_join_of_the_same_connection(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul, host = await w.enter(PARTICIPANT), await w.enter(HOST)
        await host.done("pause", "room.set", writing=False)
        await paul.done("c1", "idea.add", id=fresh("idea", 1), text="x")
        await paul.ready()
        await host.done("resume", "room.set", writing=True)
        assert (await paul.done("c2", "idea.add", id=fresh("idea", 2), text="x"))["code"] == "behind"
        assert (await paul.done("c1", "idea.add", id=fresh("idea", 1), text="x"))["t"] == "done"
        assert (await paul.done("c2", "idea.add", id=fresh("idea", 2), text="x"))["t"] == "done"


@timed
async def test_D5_holds_after_a_join_that_could_not_be_granted(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = w.connect(PARTICIPANT)
        paul.hello()
        w.journal.down = True
        paul.join()
        paul.do("c1", "idea.add", id=fresh("idea", 1), text="x")
        await paul.until(lambda: "c1" in paul.answers)
        w.journal.down = False
        await paul.ready()
        assert (await paul.done("c2", "idea.add", id=fresh("idea", 2), text="x"))["code"] == "behind"
        assert (await paul.done("c1", "idea.add", id=fresh("idea", 1), text="x"))["t"] == "done"
        assert (await paul.done("c2", "idea.add", id=fresh("idea", 2), text="x"))["t"] == "done"


@timed
async def test_too_much_while_the_room_opens_is_refused_to_come_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = w.connect(PARTICIPANT)
        paul.hello()
        paul.join()
        for n in range(QUEUED + 10):
            paul.do(f"c{n}", "idea.add", id=fresh("idea", n), text=f"idée {n}")
        await paul.until(lambda: len(paul.answers) == QUEUED + 10)
        assert codes(paul) == [(f"c{n}", "rate_limited") for n in range(QUEUED, QUEUED + 10)]


@timed
async def test_S13_after_leave_nothing_more_is_sent_for_the_room(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul, nadia = await w.enter(PARTICIPANT), await w.enter(OTHER)
        await asyncio.sleep(1)
        paul.send(t="leave", stream=ROOM)
        paul.forget()
        await nadia.done("a", "idea.add", id=fresh("idea", 1), text="x")
        nadia.send(t="signal", stream=ROOM, kind="burst", data={"kind": "love"})
        await asyncio.sleep(30)
        assert {m["t"] for m in paul.wire.got} == {"beat"}
        assert paul.got("beat")[-1]["at"] == {}
        nadia.read()
        assert nadia.people["count"] == 1
        paul.do("c1", "idea.add", id=fresh("idea", 2), text="x")
        assert codes(paul) == [("c1", "not_joined")]


@timed
async def test_S13_joining_twice_follows_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul, nadia = await w.enter(PARTICIPANT), await w.enter(OTHER)
        await paul.ready()
        await paul.ready(since=True)
        channel = await w.hub.channel(ROOM)
        assert len(channel.fanout) == 2
        await asyncio.sleep(1)
        paul.forget()
        await nadia.done("a", "idea.add", id=fresh("idea", 1), text="x")
        await paul.until(lambda: fresh("idea", 1) in paul.records)
        assert len(paul.got("patch")) == 1
        assert len(channel.presence) == 2


@timed
async def test_D3_holds_for_a_command_under_way_while_its_connection_joins_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        w.journal.hold()
        paul.do("c1", "member.rename", name=PARTICIPANT.name)
        await w.journal.held()
        await paul.ready()
        w.journal.let_go()
        await paul.until(lambda: "c1" in paul.answers and paul.cursor >= paul.answers["c1"]["seq"])


@timed
async def test_H10_who_is_sent_out_sees_no_more_as_a_screen_either(tmp_path: Path) -> None:
    """A screen that is ended; a member who followed as one; and one who never came in, while the door is closed."""
    async with world(tmp_path) as w:
        host = await w.enter(HOST)
        await w.enter(PARTICIPANT)
        shown = w.connect(SCREEN)
        as_screen = w.connect(PARTICIPANT)
        for peer in (shown, as_screen):
            peer.hello()
            await peer.ready(**AS_SCREEN)
        await host.until(lambda: SCREEN.member in host.records)
        await host.done("e", "screen.end", id=SCREEN.member)
        await host.done("r", "member.remove", ids=[PARTICIPANT.member])
        for peer in (shown, as_screen):
            await peer.until(lambda peer=peer: peer.got("bye"))  # type: ignore[misc]
            assert peer.got("bye")[0]["code"] == "removed"
            assert await _refused(w, peer.who) == "removed"
        await host.done("d", "room.set", door=False)
        assert await _refused(w, msgspec.structs.replace(PARTICIPANT, member="member:stranger----")) == "locked"
        assert await _refused(w, msgspec.structs.replace(SCREEN, member="screen:stranger----")) == "locked"


async def _refused(w: World, who: Someone) -> str:
    """What somebody who would follow as a screen is told."""
    peer = w.connect(who)
    peer.hello()
    peer.join(**AS_SCREEN)
    await peer.until(lambda: peer.got("refused"))
    return str(peer.got("refused")[0]["code"])


@timed
async def test_H10_a_screen_asks_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.enter(HOST)
        shown = w.connect(SCREEN)
        shown.hello()
        await shown.ready()
        shown.send(t="ask", id="q1", stream=ROOM, query="search", args={"text": "x"})
        assert codes(shown) == [("q1", "forbidden")]


@timed
async def test_a_screen_may_do_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        nadia = await w.enter(OTHER)
        screen = w.connect(msgspec.structs.replace(HOST, member="screen:ssssssssssss", name="", role="screen"))
        screen.hello()
        await screen.ready()
        nadia.forget()
        screen.do("c1", "idea.add", id=fresh("idea", 1), text="x")
        screen.send(t="signal", stream=ROOM, kind="burst", data={"kind": "love"})
        assert codes(screen) == [("c1", "forbidden")]
        await asyncio.sleep(1)
        assert not nadia.got("signals", "patch", "people")
        assert "screen:ssssssssssss" not in nadia.records


# Both codecs, and the table.


@timed
async def test_X1_both_codecs_hold_the_same_conversation(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        binary, text = await w.enter(PARTICIPANT), await w.enter(OTHER, TEXT)
        await binary.done("a", "idea.add", id=fresh("idea", 1), text="depuis msgpack ✓")
        await text.done("b", "idea.add", id=fresh("idea", 2), text="depuis JSON ✓")
        await binary.until(lambda: fresh("idea", 2) in binary.records)
        await text.until(lambda: fresh("idea", 1) in text.records)
        assert binary.shared == text.shared


@timed
async def test_E1_a_refusal_carries_the_tables_retry(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        paul.do("a", "no.such")
        paul.do("b", "zone.add", id=fresh("zone", 1), title="x")
        paul.do("c", "idea.edit", id=fresh("idea", 1), text="x")
        paul.do("d", "idea.add", id=fresh("idea", 1), text=" \u3000 ")
        await paul.until(lambda: len(paul.answers) == 4)
        for message in paul.got("refused"):
            assert message["retry"] == TABLE[Code(message["code"])].retry
            assert message["text"]
        assert [code for _, code in codes(paul)] == ["unknown_command", "forbidden", "not_found", "text_empty"]


# Ends (PITFALLS 6, 9).


@timed
async def test_a_connection_cut_while_its_room_opens_leaves_nobody_behind(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        w.journal.hold()
        paul = w.connect(PARTICIPANT)
        paul.hello()
        paul.join()
        await w.journal.held()  # the member's entry is being written
        paul.wire.cut()
        w.journal.let_go()
        await settle()
        channel = await w.hub.channel(ROOM)
        assert len(channel.fanout) == len(channel.presence) == 0


@timed
async def test_an_old_connections_late_close_does_not_end_the_new_one(tmp_path: Path) -> None:
    """PITFALLS 9."""
    async with world(tmp_path) as w:
        old, nadia = await w.enter(PARTICIPANT), await w.enter(OTHER)
        new = await w.enter(PARTICIPANT)
        old.wire.cut()
        await asyncio.sleep(1)
        assert len((await w.hub.channel(ROOM)).presence) == 2
        await nadia.done("a", "idea.add", id=fresh("idea", 1), text="x")
        await new.until(lambda: fresh("idea", 1) in new.records)
        assert (await new.done("b", "idea.add", id=fresh("idea", 2), text="x"))["t"] == "done"


@pytest.mark.parametrize("code", list(Code))
def test_E1_every_code_is_in_the_table(code: Code) -> None:
    assert TABLE[code].text


@timed
async def test_H14_a_connection_ends_with_the_login_of_its_last_token(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        phone = w.connect(msgspec.structs.replace(PARTICIPANT, login="before"))
        phone.hello()
        phone.send(t="refresh", token=msgspec.structs.replace(PARTICIPANT, login="after").token)
        sessions = w.workers[0].sessions
        sessions.cut(lambda bearer: bearer.login == "before")
        assert not phone.got("bye")
        sessions.cut(lambda bearer: bearer.login == "after")
        assert [(m["code"], m["reconnect"]) for m in phone.got("bye")] == [("unauthorized", None)]
