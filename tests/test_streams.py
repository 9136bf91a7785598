"""Several rooms on one connection (SPEC S13): nothing of one room's audience reaches another, and each is whole by itself."""

import asyncio
import random
from pathlib import Path
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from server.admission.rooms import Rooms
from server.session.session import STREAMS
from server.workshop.board.ideas import IdeaAdded
from server.workshop.board.moderation import PostHidden
from server.workshop.people.people import MemberRemoved, RoleChanged
from tests.inprocess import HOST, PARTICIPANT, ROOM, Client, Someone, Wire, World, codes, fresh, world
from tests.virtual import settle, timed

ROOMS = (ROOM, "room:bbbbbbbbbbbb", "room:cccccccccccc")

Role = Literal["host", "participant"]


class Everywhere:
    """Somebody whose one connection has several rooms.

    Attributes:
        roles: what they are in each room that they are let into.
        clients: what they hold of each room that they follow.
    """

    def __init__(self, w: World, who: Someone) -> None:
        self.who = replace(who, others=ROOMS)
        self.roles: dict[str, Role] = {}
        self.clients: dict[str, Client] = {}
        self.wire = w.connect(self.who).wire
        self._of(ROOM).hello()

    def _of(self, room: str) -> Client:
        return Client(replace(self.who, room=room), self.wire)

    async def join(self, room: str) -> Client:
        client = self._of(room)
        client.read()
        client.join()
        await client.until(lambda: client.epoch)
        self.clients[room] = client
        return client

    def leave(self, room: str) -> None:
        self.clients.pop(room).send(t="leave", stream=room)


async def rooms(w: World) -> None:
    """The others, beside the one that a world has."""
    for room, code in zip(ROOMS[1:], ("ABC235", "ABC236"), strict=True):
        await Rooms(w.hub).create(room, member=HOST.member, name=HOST.name, title="Séminaire", code=code, lang="fr")


def told_of(wire: Wire, room: str, since: int) -> list[dict[str, Any]]:
    """Frames that came of a room behind the first `since`, but for answers."""
    return [m for m in wire.got[since:] if m.get("stream") == room]


@timed
@pytest.mark.parametrize("seed", range(12))
async def test_S13_nothing_of_one_room_reaches_who_follows_another(tmp_path: Path, seed: int) -> None:
    """One follower for all rooms of a connection had one audience: a host here was sent, after one lag, what participants do not see there."""
    chance = random.Random(seed)
    async with world(tmp_path) as w:
        await rooms(w)
        hosts = {room: await w.enter(replace(HOST, room=room)) for room in ROOMS}
        me = Everywhere(w, PARTICIPANT)
        n = 0
        for room in ROOMS:
            await me.join(room)
            me.roles[room] = "participant"
        for _ in range(40):
            room = chance.choice(ROOMS)
            before = len(me.wire.got)
            match chance.choice(
                ("write", "write", "hide", "hide", "slow", "read", "role", "role", "leave", "join", "do")
            ):
                case "write":
                    n += 1
                    await hosts[room].done(f"w{n}", "idea.add", id=fresh("idea", n), text=f"idée {n}" + "é" * 200)
                case "hide":
                    n += 1
                    hidden = IdeaAdded(fresh("idea", n), 1, f"b{n:03}x", f"SECRET of {room}", HOST.member)
                    await w.tell(hidden, PostHidden(hidden.id), room=room)
                case "slow":
                    me.wire.slow = True
                case "read":
                    me.wire.slow = False
                    me.wire.read_again()
                case "role":
                    me.roles[room] = "participant" if me.roles[room] == "host" else "host"
                    await w.tell(RoleChanged(PARTICIPANT.member, me.roles[room]), room=room)
                case "leave" if room in me.clients and not me.wire.slow:
                    me.leave(room)
                    left = len(me.wire.got)
                    await hosts[room].done(
                        f"l{n}-{before}", "message.send", id=fresh("message", n * 1000 + before), text="encore"
                    )
                    await asyncio.sleep(1)
                    assert told_of(me.wire, room, left) == []
                case "join" if not me.wire.slow:
                    await me.join(room)
                case "do" if room in me.clients and not me.wire.slow:
                    n += 1
                    answer = await me.clients[room].done(f"d{n}", "idea.add", id=fresh("idea", n), text=f"idée {n}")
                    assert answer["t"] == "done"
            await asyncio.sleep(1)
            for each in ROOMS:
                if me.roles[each] == "participant" and not me.wire.slow:
                    assert f"SECRET of {each}" not in repr(await records(me, each)), each
        me.wire.slow = False
        me.wire.read_again()
        await asyncio.sleep(2)
        for room, client in me.clients.items():
            client.read()
            again = await w.enter(replace(PARTICIPANT, room=room))
            assert (client.shared, client.mine) == (again.shared, again.mine), room
            assert client.epoch == again.epoch


async def records(me: Everywhere, room: str) -> dict[str, Any]:
    client = me.clients.get(room)
    if client is None:
        return {}
    client.read()
    return client.shared


@timed
async def test_S13_what_must_come_again_in_one_room_holds_up_no_other(tmp_path: Path) -> None:
    """D5 speaks of a room; each has an order of its own."""
    async with world(tmp_path) as w:
        await rooms(w)
        me = Everywhere(w, PARTICIPANT)
        here, there = await me.join(ROOM), await me.join(ROOMS[1])
        channel = await w.hub.channel(ROOM)
        channel.room._closing = True  # whatever comes now is refused `restart`, to come again
        here.do("a1", "idea.add", id=fresh("idea", 1), text="une idée")
        await here.until(lambda: "a1" in here.answers)
        channel.room._closing = False
        here.do("a2", "idea.add", id=fresh("idea", 2), text="la suivante")
        assert (await there.done("b1", "idea.add", id=fresh("idea", 3), text="ailleurs"))["t"] == "done"
        await here.until(lambda: "a2" in here.answers)
        assert [here.answers[id]["code"] for id in ("a1", "a2")] == ["restart", "behind"]


@timed
async def test_S13_a_connection_follows_so_many_rooms_and_no_more(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        names = tuple(f"room:{n:012d}" for n in range(STREAMS + 1))
        who = replace(PARTICIPANT, others=names)
        paul = w.connect(who)
        paul.hello()
        for room in names:
            paul.send(t="join", stream=room)
        await settle()
        paul.read()
        refused = dict(codes(paul))
        assert refused.pop(names[-1]) == "too_many"
        assert set(refused.values()) == {"unknown_room"}
        # Those that were refused are not counted any more.
        paul.send(t="join", stream=names[-1])
        await settle()
        assert codes(paul)[-1] == (names[-1], "unknown_room")


@timed
async def test_M3_who_is_sent_out_of_one_room_stays_in_the_others(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await rooms(w)
        me = Everywhere(w, PARTICIPANT)
        there = await me.join(ROOMS[1])
        await me.join(ROOM)
        await w.tell(MemberRemoved(PARTICIPANT.member), room=ROOM)
        await asyncio.sleep(1)
        assert (await there.done("b1", "idea.add", id=fresh("idea", 3), text="ailleurs"))["t"] == "done"
        assert codes(there)[-1] == (ROOM, "removed")
        await w.tell(MemberRemoved(PARTICIPANT.member), room=ROOMS[1])
        await there.until(lambda: there.got("bye"))
        assert there.got("bye")[0]["code"] == "removed"
