"""Coming into a community and being out of it, on several workers at once (COMMUNITIES CO5, IN2, IN6)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from protocol.commands import Command
from protocol.communities import AddInvitation, RemovePerson, SetPersonRole, SetProfile, SuspendPerson
from protocol.errors import Code, Refusal
from server.accounts.port import ACCOUNT
from server.admission.admission import Admission
from server.admission.communities import Communities
from server.community.arrivals import Arrive
from server.community.state import record_id
from server.live.hub import Hub
from tests.community.table import CLAIRE, COMMUNITY_ID, INVITATION, NADIA, PAUL, ZOE
from tests.inprocess import Client, Someone, World, granted, world
from tests.virtual import settle, timed


async def founded(w: World) -> list[Communities]:
    """Each worker's; with Claire, who leads it."""
    workers = [Communities(each.hub) for each in w.workers]
    await workers[0].found(COMMUNITY_ID, person=CLAIRE, name="Claire", title="Les managers", langs=("fr",), key="k")
    return workers


async def do(hub: Hub, member: str, command: Command, id: str) -> None:
    await hub.submit(await hub.channel(COMMUNITY_ID), member, id, command)


def arriving(member: str) -> Arrive:
    return Arrive(member, member[7:11], invitation=INVITATION)


@timed
async def test_IN6_by_the_last_place_one_gets_in_whichever_worker_they_come_to(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2, admits=lambda hub: Communities(hub).admit) as w:
        one, other = await founded(w)
        await do(w.hub, CLAIRE, AddInvitation(INVITATION, most=1), "invite")
        came = await asyncio.gather(
            one.come(COMMUNITY_ID, key="paul", arrive=arriving(PAUL)),
            other.come(COMMUNITY_ID, key="nadia", arrive=arriving(NADIA)),
            return_exceptions=True,
        )
        refused = [each.code for each in came if isinstance(each, Refusal)]
        assert refused == [Code.INVITATION_FULL] and len(came) == 2
        key, member = ("paul", PAUL) if isinstance(came[1], Refusal) else ("nadia", NADIA)
        for communities in (one, other):
            again = await communities.come(COMMUNITY_ID, key=key, arrive=arriving(member))
            assert again in came, "the same key is the same person, on whichever worker"


async def following(w: World, who: str, at: int) -> Client:
    """Somebody's device, on which they follow the community."""
    client = w.connect(Someone(who, "", room=COMMUNITY_ID), at=at)
    client.who = Someone(who, "", room=COMMUNITY_ID)
    client.send(t="hello", token=Someone(who, "", room=ACCOUNT, role=None).token)
    await client.ready()
    return client


@timed
@pytest.mark.parametrize("command", [SuspendPerson, RemovePerson])
async def test_CO5_who_is_out_is_cut_on_all_workers_within_a_second_and_comes_by_no_token(
    tmp_path: Path, command: Any
) -> None:
    async with world(tmp_path, workers=2, admits=lambda hub: Communities(hub).admit) as w:
        communities = await founded(w)
        for n, member in enumerate((PAUL, NADIA)):
            await do(w.hub, CLAIRE, AddInvitation(f"invitation:00000000000{n}"), f"invite {n}")
            arrive = Arrive(member, member[7:11], invitation=f"invitation:00000000000{n}")
            assert await communities[n].come(COMMUNITY_ID, key=member, arrive=arrive)
        pauls = [await following(w, PAUL, at) for at in (0, 1)]
        nadias = await following(w, NADIA, 1)
        await do(w.hub, CLAIRE, command(record_id(PAUL)), "out")
        await asyncio.sleep(1)
        for client in pauls:
            assert [message["code"] for message in client.got("bye")] == ["removed"]
        assert not nadias.got("bye")
        for at in (0, 1):
            again = w.connect(Someone(PAUL, ""), at=at)
            again.send(t="hello", token=Someone(PAUL, "", room=ACCOUNT, role=None).token)
            again.send(t="join", stream=COMMUNITY_ID)
            await settle()
            assert [message["code"] for message in again.got("refused")] == ["unknown_room"]


@timed
async def test_CO2_CO3_what_each_is_sent_is_what_their_role_sees(tmp_path: Path) -> None:
    async with world(tmp_path, admits=lambda hub: Communities(hub).admit) as w:
        (communities,) = await founded(w)
        await do(w.hub, CLAIRE, AddInvitation(INVITATION), "invite")
        await communities.come(COMMUNITY_ID, key="paul", arrive=arriving(PAUL))
        claire, paul = await following(w, CLAIRE, 0), await following(w, PAUL, 0)
        assert kinds(claire) == ["community", "invitation", "person"]
        assert kinds(paul) == ["community", "person"] and record_id(PAUL) in paul.mine
        await do(w.hub, CLAIRE, SetPersonRole(record_id(PAUL), animator=True), "role")
        await paul.until(lambda: kinds(paul) == ["community", "invitation", "person"])
        assert all("Claire" not in str(record) for record in paul.mine.values())


def kinds(client: Client) -> Sequence[str]:
    return sorted({id.partition(":")[0] for id in (*client.shared, *client.mine)})


@timed
async def test_CO2_what_people_are_called_is_told_by_the_tables_to_who_asks_from_elsewhere(tmp_path: Path) -> None:
    async with world(tmp_path, admits=lambda hub: Communities(hub).admit) as w:
        (communities,) = await founded(w)
        await do(w.hub, CLAIRE, AddInvitation(INVITATION), "invite")
        await communities.come(COMMUNITY_ID, key="paul", arrive=arriving(PAUL))
        await do(w.hub, PAUL, SetProfile(name="Paul Martin", job="Chef"), "rename")
        assert await w.journal.names(COMMUNITY_ID, [PAUL, CLAIRE, ZOE]) == {PAUL: "Paul Martin", CLAIRE: "Claire"}
        await do(w.hub, CLAIRE, SuspendPerson(record_id(PAUL)), "suspend")
        assert await w.journal.names(COMMUNITY_ID, [PAUL]) == {}
        assert (await w.journal.standing(PAUL, COMMUNITY_ID)).role is None


@timed
async def test_CO1_who_is_not_in_it_is_told_what_they_are_of_one_that_never_was(tmp_path: Path) -> None:
    async with world(tmp_path, admits=lambda hub: Communities(hub).admit) as w:
        await founded(w)
        here = Admission(w.hub, Communities(w.hub).admit, granted)
        told = set()
        for who in (
            Someone(ZOE, "Zoé", room=ACCOUNT, role=None),
            Someone(ZOE, "Zoé", room=ACCOUNT),
            Someone("screen:aaaaaaaaaaaa", "", room=COMMUNITY_ID),
            Someone(ZOE, "Zoé", room=COMMUNITY_ID),
        ):
            for stream in (COMMUNITY_ID, "community:neverneverne"):
                with pytest.raises(Refusal) as refused:
                    await here.enter(who, stream)
                told.add((refused.value.code, refused.value.text))
        assert told == {(Code.UNKNOWN_ROOM, Refusal(Code.UNKNOWN_ROOM).text)}


@timed
async def test_a_community_is_made_once_by_one_entry(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2, admits=lambda hub: Communities(hub).admit) as w:
        one, other = await founded(w)
        again = await other.found(COMMUNITY_ID, person=CLAIRE, name="x", title="x", langs=("en",), key="k")
        assert again.name == "Claire" and again.roles == ("animator", "administrator")
        with pytest.raises(Refusal) as refused:
            await other.found(COMMUNITY_ID, person=ZOE, name="Zoé", title="x", langs=("fr",), key="another")
        assert refused.value.code is Code.ID_TAKEN
        assert (await one.community(COMMUNITY_ID)).people == 1
