"""Merged ideas, as phones and the desk get them over the wire (SPEC G13, R3)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgpack

from client_demo.python.sdk.standing import standing
from tests.inprocess import HOST, OTHER, PARTICIPANT, Client, World, fresh, world
from tests.virtual import timed

GROUP = fresh("step", 1)
HEAD = fresh("idea", 0)


@asynccontextmanager
async def grouping(tmp_path: Path, ideas: int) -> AsyncIterator[tuple[World, Client, Client, Client]]:
    """A host and two participants in a step in which all group; Paul wrote the ideas, but the first, which is Nadia's."""
    async with world(tmp_path) as w:
        host, paul, nadia = await w.enter(HOST), await w.enter(PARTICIPANT), await w.enter(OTHER)
        await host.done("s", "step.add", id=GROUP, kind="group", title="Rapprocher")
        await nadia.done("i0", "idea.add", id=HEAD, text="Une idée de Nadia")
        for n in range(1, ideas):
            await paul.done(f"i{n}", "idea.add", id=fresh("idea", n), text=f"Une idée de Paul, la {n:04}e")
        await host.done("g", "step.go", id=GROUP)
        yield w, host, paul, nadia


def sent(client: Client) -> int:
    """Bytes of the patches that came since it was last told to forget."""
    return sum(len(msgpack.packb(message)) for message in client.got("patch", "state", "mine"))


@timed
async def test_G13_one_merge_and_one_edit_cost_a_phone_the_same_in_a_group_of_five_and_of_sixty(tmp_path: Path) -> None:
    async with grouping(tmp_path, 62) as (_, host, paul, nadia):
        costs: list[tuple[int, int]] = []
        for n in range(1, 62):
            nadia.forget()
            done = await host.done(f"m{n}", "idea.merge", id=fresh("idea", n), into=HEAD)
            await nadia.until(lambda done=done: nadia.cursor >= done["seq"])  # type: ignore[misc]
            merge = sent(nadia)
            nadia.forget()
            done = await paul.done(f"e{n}", "idea.edit", id=fresh("idea", n), text=f"Une idée de Paul, mieux, {n:04}")
            await nadia.until(lambda done=done: nadia.cursor >= done["seq"])  # type: ignore[misc]
            costs.append((merge, sent(nadia)))
        (first_merge, first_edit), (last_merge, last_edit) = costs[4], costs[60]
        assert last_merge <= first_merge + 8, costs
        assert last_edit <= first_edit + 8, costs


@timed
async def test_G13_who_takes_a_card_back_takes_nobody_elses_with_it(tmp_path: Path) -> None:
    async with grouping(tmp_path, 2) as (w, host, paul, nadia):
        part = fresh("idea", 1)
        await host.done("m", "idea.merge", id=part, into=HEAD)
        screen = await w.enter(OTHER)
        for client in (paul, nadia, screen):
            await client.until(lambda client=client: client.records[part].get("into") == HEAD)  # type: ignore[misc]
            assert standing(client.records[part], client.records.get)["id"] == HEAD
        await nadia.done("r", "idea.remove", id=HEAD)
        await host.until(lambda: host.records[HEAD].get("removed"))
        for client in (paul, screen):
            await client.until(lambda client=client: HEAD not in client.shared)  # type: ignore[misc]
        for client in (host, paul, nadia, screen):
            assert standing(client.records[part], client.records.get)["id"] == part
        answer = await paul.done("u", "idea.unmerge", id=part)
        assert answer["t"] == "done", "its author is not stuck"
        await nadia.done("b", "idea.restore", id=HEAD)
        await paul.until(lambda: HEAD in paul.shared)
        assert standing(paul.records[part], paul.records.get)["id"] == part
