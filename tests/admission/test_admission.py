"""Entering a stream: by the tables first, the one way for sockets and for HTTP (SPEC H1, H12, S11)."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from protocol.errors import Code, Refusal
from server.accounts.port import ACCOUNT
from server.admission.admission import Admission, role_in
from server.admission.rooms import Rooms
from server.workshop.imports import RoomImported
from tests.inprocess import HOST, PARTICIPANT, ROOM, World, codes, create, world
from tests.virtual import settle, timed

ELSEWHERE = "room:bbbbbbbbbbbb"
NEVER = "room:cccccccccccc"
OTHERS = "room:dddddddddddd"


class Grants:
    """Attributes: given: pairs of an integrator and a stream."""

    def __init__(self) -> None:
        self.given: set[tuple[str, str]] = set()

    async def is_granted(self, issuer: str, stream: str) -> bool:
        return (issuer, stream) in self.given


def admission(w: World, grants: Grants) -> Admission:
    return Admission(w.hub, Rooms(w.hub).admit, grants.is_granted)


async def refusal(work: Admission, who: object, stream: str) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await work.enter(who, stream)  # type: ignore[arg-type]
    return refused.value


@timed
async def test_S11_who_has_nothing_to_do_with_a_stream_is_told_what_he_is_of_one_that_never_was(tmp_path: Path) -> None:
    """And nothing is opened for it, which would take its time."""
    async with world(tmp_path) as w:
        await create(w.hub, ELSEWHERE)
        here = admission(w, Grants())
        intranet = replace(PARTICIPANT, room=ELSEWHERE, issuer="intranet")
        for who in (PARTICIPANT, intranet):
            told = [await refusal(here, who, stream) for stream in (ELSEWHERE, NEVER)]
            assert {(each.code, each.text) for each in told} == {(Code.UNKNOWN_ROOM, told[0].text)}
        assert w.hub.get(ELSEWHERE) is None


@timed
async def test_H12_an_integrator_comes_in_while_it_is_registered(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        grants = Grants()
        here, zoe = admission(w, grants), replace(PARTICIPANT, issuer="intranet")
        assert (await refusal(here, zoe, ROOM)).code is Code.UNKNOWN_ROOM
        grants.given.add(("intranet", ROOM))
        channel = await here.enter(zoe, ROOM)
        assert role_in(channel, zoe.member) == "participant"
        grants.given.clear()
        assert not here.is_in(zoe, channel), "who has entered before is asked again"
        assert (await refusal(here, zoe, ROOM)).code is Code.UNKNOWN_ROOM


@timed
async def test_the_state_has_the_last_word(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        here = admission(w, Grants())
        host, paul = await w.enter(HOST), await w.enter(PARTICIPANT)
        channel = await here.enter(PARTICIPANT, ROOM)
        assert here.is_in(PARTICIPANT, channel)
        assert role_in(channel, HOST.member) == "host"
        await host.done("r", "member.remove", id=PARTICIPANT.member)
        assert not here.is_in(PARTICIPANT, channel)
        assert (await refusal(here, PARTICIPANT, ROOM)).code is Code.REMOVED
        assert role_in(channel, PARTICIPANT.member) is None
        await settle()
        assert [m["code"] for m in paul.got("bye")] == ["removed"]


@timed
async def test_a_login_of_somebody_who_never_came_makes_nobody(tmp_path: Path) -> None:
    """Only an integrator's people come in by their token; ours have come in before they are given one."""
    async with world(tmp_path) as w:
        nobody = replace(PARTICIPANT, role=None)
        assert (await refusal(admission(w, Grants()), nobody, ROOM)).code is Code.UNKNOWN_ROOM
        client = w.connect(nobody)
        client.hello()
        client.join()
        await settle()
        assert codes(client) == [(ROOM, "unknown_room")]


@timed
async def test_an_account_opens_what_its_person_is_a_member_of_and_nothing_else(tmp_path: Path) -> None:
    """By the table alone: a room that it has nothing to do with is not even opened."""
    async with world(tmp_path) as w:
        for room in (ELSEWHERE, OTHERS):
            await create(w.hub, room)
        account = replace(PARTICIPANT, room=ACCOUNT, role=None)
        host, _ = await w.enter(HOST), await w.enter(PARTICIPANT)
        await w.enter(replace(PARTICIPANT, room=ELSEWHERE))
        client = w.connect(account)
        client.hello()
        for room in (ROOM, ELSEWHERE, OTHERS, NEVER):
            client.send(t="join", stream=room)
        await settle()
        told = client.got("refused")
        assert [(m["id"], m["code"], m["text"]) for m in told] == [
            (room, "unknown_room", told[0]["text"]) for room in (OTHERS, NEVER)
        ]
        assert {m["stream"] for m in client.got("state")} == {ROOM, ELSEWHERE}
        assert w.hub.get(OTHERS) is None
        await host.done("r", "member.remove", id=PARTICIPANT.member)
        await settle()
        assert [(m["id"], m["code"]) for m in client.got("refused")[2:]] == [(ROOM, "removed")]
        client.send(t="join", stream=ROOM)
        await settle()
        assert [(m["id"], m["code"]) for m in client.got("refused")[3:]] == [(ROOM, "unknown_room")]
        assert (await w.journal.standing(HOST.member, ROOM)).role == "host"


@timed
async def test_N4_whom_his_own_application_vouches_for_is_there_as_he_was_in_the_file(tmp_path: Path) -> None:
    """Until he comes he is nobody: neither in, nor in the table, so that what is open here tells no more than what is not."""
    async with world(tmp_path) as w:
        zoe = replace(PARTICIPANT, issuer="intranet")
        await w.enter(HOST)
        await w.tell(RoomImported(({"id": zoe.member, "name": "Zoé", "role": "participant"},)))
        grants = Grants()
        grants.given.add(("intranet", ROOM))
        here, channel = admission(w, grants), await w.hub.channel(ROOM)
        for nobody in (replace(zoe, issuer=None, role=None), replace(zoe, issuer=None, role=None, room=ACCOUNT)):
            assert not here.is_in(nobody, channel)
            assert (await refusal(here, nobody, ROOM)).code is Code.UNKNOWN_ROOM
        await here.enter(zoe, ROOM)
        assert (await w.journal.standing(zoe.member, ROOM)).role == "participant"
        assert here.is_in(replace(zoe, issuer=None), channel)
