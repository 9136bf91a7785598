"""What must be true after a swarm has written, whatever died meanwhile (the promises of DESIGN; SPEC D2, I2, R3, S8)."""

import asyncio
from collections import Counter
from typing import Any, NamedTuple

from client_demo.python.sdk.http import export
from client_demo.python.sdk.view import ordered
from server.journal.connect import connect
from server.workshop.model import WORKSHOP
from tests.load.swarm import Client, Swarm

Record = dict[str, Any]


async def verify(swarm: Swarm) -> None:
    """Nothing acknowledged is lost, nothing happened twice, everyone sees the same in the same order.

    Every command must have been answered. Compares every client with a fresh connection of the same member, to the next server.
    """
    _nothing_is_open(swarm)
    await swarm.mark()
    fresh = [Client(client.entry, swarm.servers, n + 1, swarm.news) for n, client in enumerate(swarm.clients)]
    try:
        for client in fresh:
            client.start()
        await swarm.until(lambda: all(map(swarm.reached, fresh)))
        for client, anew in zip(swarm.clients, fresh, strict=True):
            _equal(client, anew)
    finally:
        await asyncio.gather(*(client.stop() for client in fresh))
    await _same_as_export(swarm)
    _holds_all_that_was_done(swarm)
    _orders_are_equal(swarm)


class Tally(NamedTuple):
    """What the journal says of a swarm's ideas and messages.

    Attributes:
        acknowledged: those answered `done`.
        lost: of these, those that are not in the journal.
        doubled: those that are in it more than once.
    """

    acknowledged: int
    lost: int
    doubled: int


async def tally(swarm: Swarm, database_url: str) -> Tally:
    """Count in the journal. The server need not run."""
    made = await _made(swarm, database_url)
    done = [given.makes for given in swarm.given if given.makes is not None and given.seq is not None]
    return Tally(len(done), sum(id not in made for id in done), sum(len(places) > 1 for places in made.values()))


async def verify_journal(swarm: Swarm, database_url: str) -> None:
    """In the journal every `done` is there once, in the commit that it names, and each author's in the order given.

    The server need not run.
    """
    made = await _made(swarm, database_url)
    given = {given.makes: [given.seq] for given in swarm.given if given.makes is not None}
    assert {id: [seq for seq, _ in places] for id, places in made.items()} == given
    for client in swarm.clients:
        places = [made[given.makes] for given in client.given if given.makes is not None]
        assert places == sorted(places), f"{client.entry.me}: commands landed in another order than given"


async def _made(swarm: Swarm, database_url: str) -> dict[str, list[tuple[int, int]]]:
    """Where in the journal each idea and message was made: commit and place in it."""
    journal = connect(database_url)
    await journal.open()
    try:
        made: dict[str, list[tuple[int, int]]] = {}
        after = 0
        while commits := await journal.read(swarm.room, after):
            assert [commit.seq for commit in commits] == list(range(after + 1, after + 1 + len(commits)))
            after = commits[-1].seq
            for commit in commits:
                for place, event in enumerate(WORKSHOP.events.decode(commit.format, commit.events)):
                    if type(event).__name__ in ("IdeaAdded", "MessageSent"):
                        id = getattr(event, "id")  # noqa: B009 - events have no id in common
                        made.setdefault(id, []).append((commit.seq, place))
    finally:
        await journal.close()
    return made


def _nothing_is_open(swarm: Swarm) -> None:
    assert swarm.unanswered == 0
    refused = Counter(f"{given.cmd}: {given.refused}" for given in swarm.given if given.refused is not None)
    assert not refused, f"refused for good: {dict(refused)}"


def _equal(client: Client, anew: Client) -> None:
    """R3: what a client holds after all its patches is what a new one is given."""
    held, given = client.conversation.replica, anew.conversation.replica
    assert held.unreadable == 0
    for name, left, right in (("shared", held.shared, given.shared), ("mine", held.mine, given.mine)):
        if left != right:
            who = client.entry.me.name if client.entry.me else "the screen"
            wrong = [id for id in left.keys() | right.keys() if left.get(id) != right.get(id)]
            shown = "\n".join(f"  {id}: held {left.get(id)}, fresh {right.get(id)}" for id in wrong[:5])
            raise AssertionError(f"{who}: {len(wrong)} {name} records differ from a fresh snapshot\n{shown}")


async def _same_as_export(swarm: Swarm) -> None:
    for client in (swarm.clients[0], swarm.clients[1], swarm.clients[-2]):
        exported = await export(swarm.servers[0], swarm.room, client.entry.token)
        assert _by_id(exported) == {record["id"]: record for record in client.conversation.replica}


def _holds_all_that_was_done(swarm: Swarm) -> None:
    shared = swarm.clients[0].conversation.replica.shared
    for given in swarm.given:
        if given.makes is not None and given.cmd == "idea.add":
            record = shared.get(given.makes)
            assert record is not None, f"done and lost: {given}"
            assert record["text"] == given.args["text"]
    likes: Counter[str] = Counter()
    for client in swarm.clients:
        likes.update({given.args["on"] for given in client.given if given.cmd == "reaction.add"})
    counted = {id: record["reactions"]["like"] for id, record in shared.items() if record.get("reactions")}
    assert counted == likes
    made = {given.makes for given in swarm.given}
    for client in swarm.clients:
        ideas = {id for id in client.seen if id.startswith(("idea:", "message:"))}
        assert ideas <= made, f"shown and never done: {ideas - made}"


def _orders_are_equal(swarm: Swarm) -> None:
    def order(client: Client) -> list[str]:
        records = client.conversation.replica.shared.values()
        return [record["id"] for record in ordered(record for record in records if "rank" in record or "n" in record)]

    orders = {tuple(order(client)) for client in swarm.clients}
    assert len(orders) == 1


def _by_id(records: list[Record]) -> dict[str, Record]:
    return {record["id"]: record for record in records}
