"""Rehearsals: a host sees his workshop move, and his room sees nothing of it (SPEC H6)."""

import asyncio
import random
from pathlib import Path

import pytest

from protocol import commands as c
from protocol.errors import Refusal
from protocol.records import IdeaRecord, MemberRecord, StepRecord
from server.rehearsal import AT_ONCE, NAMES, Rehearsals
from tests.inprocess import HOST, ROOM, Someone, world
from tests.virtual import timed

REHEARSAL = "room:rrrrrrrrrrrr"
ACTOR = Someone(HOST.member, HOST.name, "host", REHEARSAL)
IDEAS, GROUP = "step:000000000001", "step:000000000002"


@timed
async def test_H6_people_write_group_and_go_when_the_host_has_gone(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        channel = await w.hub.channel(ROOM)
        await w.hub.submit(
            channel, HOST.member, "1", c.AddStep(IDEAS, "ideate", "Idées", blind="nobody", anonymous=True)
        )
        await w.hub.submit(channel, HOST.member, "2", c.AddStep(GROUP, "group", "Rapprocher"))
        before = channel.room.layers.seq
        rehearsals = Rehearsals(w.hub, random.Random(1))
        await w.hub.create(REHEARSAL, member=HOST.member, name="Claire", title="R", code="RRR234", lang="fr")
        await rehearsals.begin(REHEARSAL, HOST.member, "fr", await w.hub.records(ROOM, member=HOST.member))
        host = await w.enter(ACTOR)
        await host.until(lambda: sum(id.startswith("member:") for id in host.shared) > len(NAMES["fr"]))
        steps = [r for r in host.records.values() if r["id"].startswith("step:")]
        assert [(s["title"], s.get("blind"), s.get("anonymous")) for s in steps] == [
            ("Idées", "nobody", True), ("Rapprocher", None, None),
        ]  # fmt: skip
        await host.done("go", "step.go", id=steps[0]["id"])
        await asyncio.sleep(120)
        records = await w.hub.records(REHEARSAL, member=HOST.member)
        first = next(r for r in records if isinstance(r, StepRecord) and r.id == steps[0]["id"])
        assert first.written == 2 * len(NAMES["fr"])
        assert first.ready > 0
        assert not any(isinstance(r, IdeaRecord) for r in records)
        await host.done("reveal", "step.reveal", id=steps[0]["id"])
        await host.done("zone", "zone.add", id="zone:000000000001", title="A")
        await host.done("on", "step.go", id=steps[1]["id"])
        await host.until(lambda: any(r.get("zone") for r in host.shared.values()), 60)

        host.wire.cut()
        await asyncio.sleep(120)
        there = await w.hub.channel(REHEARSAL)
        assert len(there.fanout) == 0
        assert channel.room.layers.seq == before
        await rehearsals.close()


@timed
async def test_H6_a_process_has_so_many_at_once(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        rehearsals = Rehearsals(w.hub)
        for n in range(AT_ONCE):
            rehearsals.check_free()
            room = f"room:{n:012d}"
            await w.hub.create(room, member=HOST.member, name="Claire", title="R", code=f"RRR{n}", lang="en")
            await rehearsals.begin(room, HOST.member, "en", [])
        with pytest.raises(Refusal, match="full"):
            rehearsals.check_free()
        await asyncio.sleep(1)
        members = [r for r in await w.hub.records("room:000000000000", member=None) if isinstance(r, MemberRecord)]
        assert len(members) == 1 + len(NAMES["en"])
        await rehearsals.close()
