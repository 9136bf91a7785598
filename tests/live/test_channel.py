"""An open room as its followers meet it: the pace, people, signals, and what the other workers say (SPEC P)."""

import asyncio
import itertools
from pathlib import Path

import msgspec
import pytest

from server.bus.port import MESSAGE_BYTES
from server.live.channel import FRAME, PEOPLE, HeadMoved, PresenceLease, RelayedSignals
from server.live.peer import Encoding
from server.live.presence import LEASE, RENEWAL
from tests.inprocess import AS_SCREEN, HOST, OTHER, PARTICIPANT, ROOM, Client, Someone, fresh, world
from tests.virtual import settle, timed

encode = msgspec.msgpack.Encoder().encode


def someone(n: int) -> Someone:
    return msgspec.structs.replace(PARTICIPANT, member=f"member:{n:012d}", name=f"M{n}")


def signal(client: Client, kind: str, /, **fields: object) -> None:
    client.send(t="signal", stream=ROOM, kind=kind, data=fields)


def heard(client: Client) -> list[tuple[str, str | None]]:
    """(kind, by) of all signals so far."""
    return [(s["kind"], s.get("by")) for m in client.got("signals") for s in m["list"]]


# The pace.


@timed
async def test_the_first_flush_leaves_at_once_and_the_next_when_a_screen_can_show_it(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul, nadia = await w.enter(PARTICIPANT), await w.enter(OTHER)
        await asyncio.sleep(1)
        nadia.forget()
        loop, times = asyncio.get_running_loop(), list[float]()
        write = nadia.wire.write
        nadia.wire.write = lambda frames: (times.append(loop.time()), write(frames))[1]  # type: ignore[method-assign]
        started = loop.time()
        for n in range(5):
            await paul.done(f"c{n}", "idea.add", id=fresh("idea", n), text="x")
        await nadia.until(lambda: fresh("idea", 4) in nadia.records)
        assert times[0] == started
        assert all(later - earlier >= FRAME * 0.99 for earlier, later in itertools.pairwise(times))


@timed
async def test_D2_answers_do_not_wait_for_the_pace(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        await asyncio.sleep(1)
        started = asyncio.get_running_loop().time()
        for n in range(5):
            paul.do(f"c{n}", "idea.add", id=fresh("idea", n), text="x")
            await paul.until(lambda: f"c{n}" in paul.answers)  # noqa: B023
        assert asyncio.get_running_loop().time() == started


# People (SPEC P1).


@timed
async def test_P1_people_come_and_go_and_screens_do_not_count(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        await paul.until(lambda: paul.people)
        greeting = paul.got("people")[0]
        assert (greeting["reset"], greeting["count"], greeting["put"]) == (True, 1, [{"id": PARTICIPANT.member}])
        nadia, screen = await w.enter(OTHER), w.connect(HOST)
        screen.hello()
        screen.send(t="join", stream=ROOM, **AS_SCREEN)
        await paul.until(lambda: paul.people["count"] == 2)
        assert paul.people["put"] == [{"id": OTHER.member}]
        await nadia.until(lambda: nadia.people.get("count") == 2)
        assert {p["id"] for p in nadia.got("people")[0]["put"]} == {PARTICIPANT.member, OTHER.member}
        nadia.wire.cut()
        await paul.until(lambda: paul.people["count"] == 1)
        assert paul.people["del"] == [OTHER.member]
        assert screen.got("state")


@timed
async def test_P1_five_hundred_who_arrive_together_are_few_frames(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        await asyncio.sleep(1)
        paul.forget()
        for n in range(300):
            w.connect(someone(n)).hello()
            client = w.connect(someone(n))
            client.hello()
            client.join()
        await paul.until(lambda: paul.people.get("count") == 301)
        await asyncio.sleep(2 * PEOPLE)
        assert len(paul.got("people")) <= 8
        assert len(paul.got("patch")) <= 8, "newcomers' records come with them"
        assert sum(id.startswith("member:") for id in paul.records) == 302


@timed
async def test_P1_people_of_two_workers_see_each_other_until_a_lease_ends(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        paul = await w.enter(PARTICIPANT)
        nadia = await w.enter(OTHER, at=1)
        for client in (paul, nadia):
            await client.until(lambda: client.people.get("count") == 2)  # noqa: B023
        await asyncio.sleep(3 * LEASE)
        paul.read()
        assert paul.people["count"] == 2
        w.switchboard.cut = True  # as if the other worker had been killed
        await paul.until(lambda: paul.people["count"] == 1, seconds=LEASE + 3)


@timed
async def test_two_quiet_workers_say_no_more_than_their_leases_need(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        await w.enter(PARTICIPANT)
        await w.enter(OTHER, at=1)
        await asyncio.sleep(10)
        before = len(w.switchboard.said)
        await asyncio.sleep(10 * RENEWAL)
        assert len(w.switchboard.said) - before <= 22


@timed
async def test_P1_a_room_that_closes_takes_its_people_along(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        paul, nadia = await w.enter(PARTICIPANT), await w.enter(OTHER, at=1)
        await paul.until(lambda: paul.people.get("count") == 2)
        nadia.wire.cut()
        await paul.until(lambda: paul.people["count"] == 1, seconds=2)


# Signals (SPEC P2, P3).


@timed
async def test_P2_signals_reach_the_others_and_are_coalesced(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        paul, nadia, far = await w.enter(PARTICIPANT), await w.enter(OTHER), await w.enter(HOST, at=1)
        await far.done("c1", "zone.add", id=fresh("zone", 1), title="Garder")
        await asyncio.sleep(1)
        for client in (paul, nadia, far):
            client.forget()
        for n in range(50):
            signal(paul, "cursor", x=n / 100, y=0.5)
        signal(paul, "typing", on=fresh("zone", 1))
        for client in (nadia, far):
            await client.until(lambda: len(heard(client)) >= 2)  # noqa: B023
            await asyncio.sleep(0.1)
            assert sorted(heard(client)) == [("cursor", PARTICIPANT.member), ("typing", PARTICIPANT.member)]
            cursor = next(s for m in client.got("signals") for s in m["list"] if s["kind"] == "cursor")
            assert cursor["data"] == {"x": 0.49, "y": 0.5}


@timed
async def test_P3_a_screen_receives_bursts_only_and_not_whose(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        paul = await w.enter(PARTICIPANT)
        screens = [w.connect(HOST, at=at) for at in (0, 1)]
        for screen in screens:
            screen.hello()
            await screen.ready(**AS_SCREEN)
        await asyncio.sleep(1)
        for kind, fields in (
            ("cursor", {"x": 0, "y": 1}),
            ("typing", {}),
            ("hand", {"up": True}),
            ("burst", {"kind": "love"}),
        ):
            signal(paul, kind, **fields)
        for screen in screens:
            await screen.until(lambda: heard(screen))  # noqa: B023
            await asyncio.sleep(0.1)
            assert heard(screen) == [("burst", None)]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("cursor", {"x": 2, "y": 0}), ("cursor", {"x": -0.1, "y": 0}), ("cursor", {}), ("cursor", {"x": "0", "y": 0}),
        ("burst", {"kind": "boom"}), ("typing", {"on": "idea"}), ("typing", {"on": "x" * 81}), ("hand", {"up": 1}), ("vote", {"for": "me"}), ("cursor" * 20, {}),
    ],
)  # fmt: skip
@timed
async def test_P2_other_signals_are_refused_and_reach_nobody(
    kind: str, fields: dict[str, object], tmp_path: Path
) -> None:
    async with world(tmp_path) as w:
        paul, nadia = await w.enter(PARTICIPANT), await w.enter(OTHER)
        await asyncio.sleep(1)
        nadia.forget()
        signal(paul, kind, **fields)
        assert [m["code"] for m in paul.got("refused")] == ["invalid"]
        await asyncio.sleep(1)
        assert not nadia.got("signals")


@timed
async def test_P2_more_signals_than_the_bus_carries_are_lost_and_harm_nothing(tmp_path: Path) -> None:
    """Signals may be lost. What rides in the same flush may not."""
    async with world(tmp_path) as w:
        talkers = [await w.enter(someone(n)) for n in range(330)]
        await asyncio.sleep(1)
        paul, nadia = talkers[:2]
        idea = f"idea:{'x' * 64}"
        await paul.done("c0", "idea.add", id=idea, text="x")
        nadia.forget()
        for talker in talkers:
            signal(talker, "typing", on=idea)
            signal(talker, "cursor", x=0.123456789, y=0.987654321)
            signal(talker, "hand", up=True)
        assert sum(len(encode(s[0])) for s in (await w.hub.channel(ROOM))._signals.values()) > MESSAGE_BYTES
        await paul.done("c1", "idea.add", id=fresh("idea", 1), text="x")
        await nadia.until(lambda: fresh("idea", 1) in nadia.records)
        await asyncio.sleep(1)
        nadia.forget()
        signal(paul, "hand", up=False)
        await nadia.until(lambda: ("hand", paul.who.member) in heard(nadia))


# The other workers.


@timed
async def test_whatever_the_bus_says_does_no_harm(tmp_path: Path) -> None:
    """A forged, early, repeated or mangled message."""
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        await asyncio.sleep(1)
        paul.forget()
        for message in (
            b"", b"\xc1", b"\x81\xa1k\xa4head", encode({"k": "head", "seq": -1}), encode(HeadMoved(2**53)), encode(HeadMoved(1)),
            encode({"k": "lease", "worker": 1}), encode(PresenceLease("ghost", ["x"] * 3, -5)), encode({"k": "none"}),
            encode(RelayedSignals("ghost", (), ())),
        ):  # fmt: skip
            w.hub.heard(ROOM, message)
            w.hub.heard("room:zzzzzzzzzzzz", message)
        await settle()
        await asyncio.sleep(60)
        assert not paul.got("state", "patch", "bye")
        assert all(m["count"] >= 1 for m in paul.got("people"))
        assert (await paul.done("c1", "idea.add", id=fresh("idea", 1), text="x"))["t"] == "done"


@timed
async def test_nothing_hidden_lies_on_the_bus(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        paul = await w.enter(PARTICIPANT)
        await paul.done("c1", "idea.add", id=fresh("idea", 1), text="un SECRET")
        await paul.done("c2", "message.send", id=fresh("message", 1), text="un SECRET")
        assert w.switchboard.said
        assert not [said for _, said in w.switchboard.said if b"SECRET" in said]


@timed
async def test_a_quiet_room_costs_nothing(tmp_path: Path) -> None:
    """No flush, no frame, no word but the lease's renewal: there may be ten thousand of them."""
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        await asyncio.sleep(5)
        channel = await w.hub.channel(ROOM)
        flushes = 0
        flush = channel.fanout.flush

        def counted(piggybacked: dict[tuple[bool, Encoding], bytes]) -> None:
            nonlocal flushes
            flushes += 1
            flush(piggybacked)

        channel.fanout.flush = counted  # type: ignore[method-assign]
        await asyncio.sleep(100)
        assert flushes == 0
        assert paul.wire.closed_with is None
