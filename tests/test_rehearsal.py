"""Rehearsals: a host sees his workshop move, and his room sees nothing of it (SPEC H6); and demonstrations (H15)."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from play.lines import BOOKS
from play.person import Person
from protocol import commands as c
from protocol.choices import Lang
from protocol.errors import Refusal
from protocol.records import (
    CommitmentRecord,
    IdeaRecord,
    MemberRecord,
    PulseRecord,
    ResultRecord,
    StepRecord,
    ZoneRecord,
)
from server.admission.rooms import Rooms
from server.rehearsal.rehearsals import ALONE, AT_ONCE, SHOWN_AT_ONCE, Rehearsals
from server.web.agenda import LANGS, TemplateStep
from server.web.templates import AGENDAS, DEMONSTRATED, NAMES
from tests.inprocess import HOST, ROOM, Client, Someone, World, world
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
        rehearsals = Rehearsals(w.hub, Rooms(w.hub), random.Random(1))
        await Rooms(w.hub).create(REHEARSAL, member=HOST.member, name="Claire", title="R", code="RRR234", lang="fr")
        await rehearsals.begin(REHEARSAL, HOST.member, "fr", await Rooms(w.hub).records(ROOM, member=HOST.member))
        host = await w.enter(ACTOR)
        await host.until(lambda: sum(id.startswith("member:") for id in host.shared) > len(BOOKS["fr"].people))
        steps = [r for r in host.records.values() if r["id"].startswith("step:")]
        assert [(s["title"], s.get("blind"), s.get("anonymous")) for s in steps] == [
            ("Idées", "nobody", True), ("Rapprocher", None, None),
        ]  # fmt: skip
        await host.done("go", "step.go", id=steps[0]["id"])
        await asyncio.sleep(120)
        records = await Rooms(w.hub).records(REHEARSAL, member=HOST.member)
        first = next(r for r in records if isinstance(r, StepRecord) and r.id == steps[0]["id"])
        assert first.written == 2 * len(BOOKS["fr"].people)
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
        rehearsals = Rehearsals(w.hub, Rooms(w.hub))
        for n in range(AT_ONCE):
            rehearsals.check_free()
            room = f"room:{n:012d}"
            await Rooms(w.hub).create(room, member=HOST.member, name="Claire", title="R", code=f"RRR{n}", lang="en")
            await rehearsals.begin(room, HOST.member, "en", [])
        with pytest.raises(Refusal, match="full"):
            rehearsals.check_free()
        await asyncio.sleep(1)
        members = [
            r for r in await Rooms(w.hub).records("room:000000000000", member=None) if isinstance(r, MemberRecord)
        ]
        assert len(members) == 1 + len(BOOKS["en"].people)
        await rehearsals.close()


DEMONSTRATION = "room:dddddddddddd"
VISITOR = Someone("member:vvvvvvvvvvvv", "Vous", "host", DEMONSTRATION)


async def demonstrated(w: World, rehearsals: Rehearsals, lang: Lang) -> Client:
    """A demonstration that has begun, as whoever looks on sees it."""
    await Rooms(w.hub).create(DEMONSTRATION, member=VISITOR.member, name="Vous", title="D", code="DDD234", lang=lang)
    channel = await w.hub.channel(DEMONSTRATION)
    for n, step in enumerate(AGENDAS[DEMONSTRATED].steps_in(lang)):
        await w.hub.submit(channel, VISITOR.member, f"{n}", step.add(f"step:{n:012d}"))
    rehearsals.demonstrate(DEMONSTRATION, lang)
    return await w.enter(VISITOR)


def of_kind(client: Client, kind: str) -> list[dict[str, Any]]:
    return [record for record in client.records.values() if record["id"].startswith(f"{kind}:")]


@timed
@pytest.mark.parametrize("lang", ["fr", "en"])
async def test_H15_a_demonstration_plays_a_workshop_to_its_end(tmp_path: Path, lang: Lang) -> None:
    async with world(tmp_path) as w:
        rehearsals = Rehearsals(w.hub, Rooms(w.hub), random.Random(7))
        visitor = await demonstrated(w, rehearsals, lang)
        started = asyncio.get_running_loop().time()
        steps: list[str | None] = []

        def over() -> bool:
            now = next((agenda.get("now") for agenda in of_kind(visitor, "agenda")), None)
            if not steps or steps[-1] != now:
                steps.append(now)
            return len(steps) > 1 and now is None

        await visitor.until(over, 200)
        took = asyncio.get_running_loop().time() - started
        assert 100 < took < 140
        assert steps == [None, *(f"step:{n:012d}" for n in range(7)), None]
        book = BOOKS[lang]
        zones = {zone["id"]: zone["title"] for zone in of_kind(visitor, "zone")}
        assert sorted(zones.values()) == sorted(book.groups)
        ideas = [each for each in of_kind(visitor, "idea") if each["step"] == "step:000000000001"]
        assert len(ideas) == 24
        assert all(zones[each["zone"]] == book.group_of(each["text"]) for each in ideas if not each.get("into"))
        assert sum(bool(each.get("into")) for each in ideas) == len(book.alike)
        (result,) = of_kind(visitor, "result")
        assert result["voters"] == len(book.people)
        remarks = of_kind(visitor, "remark")
        assert len(remarks) >= 8
        assert {remark["on"] for remark in remarks} <= {total["id"] for total in result["totals"][:3]}
        decisions = of_kind(visitor, "decision")
        assert len(decisions) == 2
        actions = of_kind(visitor, "action")
        assert sorted(each["decision"] for each in actions) == sorted(each["id"] for each in decisions)
        assert all(each["owner"] and each["due"] and each["first"] for each in actions)
        assert len(of_kind(visitor, "commitment")) >= 3
        assert of_kind(visitor, "stage")[0].get("view", "auto") == "auto"

        # It rests there, and people go when whoever looked has gone.
        seq = (await w.hub.channel(DEMONSTRATION)).room.layers.seq
        await asyncio.sleep(60)
        assert (await w.hub.channel(DEMONSTRATION)).room.layers.seq == seq
        visitor.wire.cut()
        await asyncio.sleep(90)
        assert len((await w.hub.channel(DEMONSTRATION)).fanout) == 0
        await rehearsals.close()


@timed
async def test_H15_whoever_takes_over_leads_from_there_and_the_people_stay(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        rehearsals = Rehearsals(w.hub, Rooms(w.hub), random.Random(7))
        visitor = await demonstrated(w, rehearsals, "fr")
        await visitor.until(lambda: any(step.get("revealed") for step in of_kind(visitor, "step")), 200)
        (leads,) = [m for m in of_kind(visitor, "member") if m["role"] == "host" and m["id"] != VISITOR.member]
        await visitor.done("mine", "member.remove", id=leads["id"])
        at = of_kind(visitor, "agenda")[0]["now"]
        await asyncio.sleep(300)
        assert of_kind(visitor, "agenda")[0]["now"] == at
        assert len((await w.hub.channel(DEMONSTRATION)).presence) == 1 + len(BOOKS["fr"].people)
        # They do what this host's steps ask for.
        steps = sorted(of_kind(visitor, "step"), key=lambda step: step["rank"])
        await visitor.done("on", "step.go", id=steps[3]["id"])
        await visitor.until(lambda: any(step.get("voted", 0) > 5 for step in of_kind(visitor, "step")), 300)
        await rehearsals.close()


@timed
async def test_H6_people_stay_for_whoever_looks_from_another_worker(tmp_path: Path) -> None:
    async with world(tmp_path, workers=2) as w:
        rehearsals = Rehearsals(w.hub, Rooms(w.hub), random.Random(7))
        await Rooms(w.hub).create(REHEARSAL, member=HOST.member, name="Claire", title="R", code="RRR234", lang="fr")
        await rehearsals.begin(REHEARSAL, HOST.member, "fr", [])
        host = await w.enter(ACTOR, at=1)
        await asyncio.sleep(3 * ALONE)
        there = await w.hub.channel(REHEARSAL)
        assert len(there.fanout) == len(BOOKS["fr"].people)
        host.wire.cut()
        await asyncio.sleep(3 * ALONE)
        assert len((await w.hub.channel(REHEARSAL)).fanout) == 0
        await rehearsals.close()


@timed
async def test_H15_so_many_are_shown_at_once_and_hosts_rehearse_beside_them(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        rehearsals = Rehearsals(w.hub, Rooms(w.hub))
        for _ in range(SHOWN_AT_ONCE):
            rehearsals.check_free_to_show()
            rehearsals.demonstrate(ROOM, "fr")
        with pytest.raises(Refusal, match="full"):
            rehearsals.check_free_to_show()
        rehearsals.check_free()
        await rehearsals.close()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_H6_each_says_what_nobody_else_does(lang: Lang) -> None:
    book = BOOKS[lang]
    dealt = list(book.deal(random.Random(3)))
    said = [line for name, *lines in dealt for of_a_kind in lines for line in of_a_kind]
    assert len(said) == len(set(said)) == 6 * len(book.people)
    assert {book.group_of(idea) for lines in dealt for idea in lines.ideas} == set(book.groups)
    assert book.group_of("Une idée de l’animatrice") is None


def assert_planned(steps: Sequence[dict[str, Any]], planned: Sequence[TemplateStep]) -> None:
    for step, plan in zip(steps, planned, strict=True):
        wanted = msgspec.to_builtins(plan)
        assert {key: step.get(key) for key in wanted} == wanted


@timed
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
async def test_H6_each_template_is_rehearsed_to_its_end(tmp_path: Path, name: str, lang: Lang) -> None:
    """A host goes through it as it stands; whatever a step asks for comes, and nothing of its settings is lost on the way."""
    planned = AGENDAS[name].steps_in(lang)
    async with world(tmp_path) as w:
        rooms = Rooms(w.hub)
        channel = await w.hub.channel(ROOM)
        for n, plan in enumerate(planned):
            await w.hub.submit(channel, HOST.member, f"step-{n}", plan.add(f"step:{n:012d}"))
        await rooms.create(REHEARSAL, member=HOST.member, name="Claire", title="R", code="RRR234", lang=lang)
        rehearsals = Rehearsals(w.hub, rooms, random.Random(name))
        await rehearsals.begin(REHEARSAL, HOST.member, lang, await rooms.records(ROOM, member=HOST.member))
        host = await w.enter(ACTOR)
        everybody = len(BOOKS[lang].people)
        await host.until(lambda: sum(id.startswith("member:") for id in host.shared) > everybody)

        def of(kind: str) -> list[dict[str, Any]]:
            return [record for id, record in host.records.items() if id.startswith(f"{kind}:")]

        steps = sorted(of("step"), key=lambda step: step["rank"])
        assert_planned(steps, planned)
        for number, step in enumerate(steps):
            id, kind = step["id"], step["kind"]

            def now(id: str = id) -> dict[str, Any]:
                return host.records[id]

            async def do(cmd: str, number: int = number, **args: Any) -> None:
                assert (await host.done(f"{cmd.replace('.', '-')}-{number}", cmd, **args))["t"] == "done", (cmd, args)

            await do("step.go", id=id)
            match kind:
                case "present":
                    assert now().get("ready", 0) == 0
                case "decide":
                    await do("decision.add", id=f"decision:{number:012d}", text="Essayer")
                case "next":
                    await host.until(lambda: len(of("commitment")) > 1, 600)
                case _:
                    await host.until(lambda now=now: now().get("ready", 0) == everybody, 900)  # type: ignore[misc]
            if kind in ("meet", "ideate", "discuss"):
                if step.get("blind", "open") != "open":
                    assert now()["written"] >= 3
                    await do("step.reveal", id=id)
                # What was chosen is talked about in remarks.
                assert sum(said.get("step") == id for said in (*of("idea"), *of("remark"))) >= 3
            elif kind == "group":
                assert any(idea.get("zone") for idea in of("idea"))
            elif kind == "pulse":
                (asked,) = of("pulse")
                await do("pulse.close", id=asked["id"])
                assert of("pulse")[0]["answers"] > everybody / 2  # told by fives (U3)
            elif kind == "vote":
                assert now()["voted"] == everybody
                await do("vote.close", step=id)
                await do("vote.reveal", step=id)
                assert sum(total["dots"] for total in of("result")[-1]["totals"]) > 0
        host.wire.cut()
        await rehearsals.close()


@timed
@pytest.mark.parametrize("targets", ["ideas", "zones"])
async def test_H6_people_do_what_each_step_asks_for_and_are_refused_nothing(tmp_path: Path, targets: str) -> None:
    chance, book = random.Random(5), BOOKS["fr"]
    async with world(tmp_path) as w:
        channel = await w.hub.channel(ROOM)
        people = [Person(lines, book, chance) for lines in book.deal(chance)]
        members = [f"member:{n:012d}" for n in range(len(people))]
        for member, name in zip(members, book.people, strict=True):
            await Rooms(w.hub).enter(ROOM, member=member, name=name, role="participant")

        async def host(**commands: c.Command) -> None:
            for id, command in commands.items():
                await w.hub.submit(channel, HOST.member, f"host-{id}-{chance.random()}", command)

        async def play(kind: str, **settings: Any) -> StepRecord:
            step = f"step:{kind:0>12}"
            await host(add=c.AddStep(step, kind, kind, **settings), go=c.GoToStep(step))  # type: ignore[arg-type]
            for turn in range(12):
                for member, person in zip(members, people, strict=True):
                    command = person.next(channel.room.layers.shared["public"].records)
                    if command is not None:
                        await w.hub.submit(channel, member, f"{kind}-{turn}-{member}", command)
            return next(r for r in await Rooms(w.hub).records(ROOM, member=HOST.member) if r.id == step)  # type: ignore[return-value]

        async def all_of(kind: type[Any]) -> list[Any]:
            return [r for r in await Rooms(w.hub).records(ROOM, member=HOST.member) if isinstance(r, kind)]

        assert (await play("meet")).ready == 12
        assert {idea.text for idea in await all_of(IdeaRecord)} == set(book.skills)
        assert (await play("ideate", blind="hosts", anonymous=True)).ready == 12
        await host(reveal=c.RevealStep("step:000000ideate"))
        assert len(await all_of(IdeaRecord)) == 36
        # An idea of the host's is put somewhere, too.
        await host(idea=c.AddIdea("idea:000000000001", "Une idée de l’animatrice"))
        assert (await play("group")).ready == 12
        zones = {zone.id: zone.title for zone in await all_of(ZoneRecord)}
        assert sorted(zones.values()) == sorted(book.groups)
        ideas = await all_of(IdeaRecord)
        assert {idea.text for idea in ideas if not idea.zone} == set(book.skills)
        assert all(zones[i.zone] == book.group_of(i.text) for i in ideas if i.zone and book.group_of(i.text))
        vote = await play("vote", targets=targets, budget=5, cap=3)
        assert (vote.voted, vote.ready) == (12, 12)
        await host(close=c.CloseVote(vote.id), count=c.CountVote(vote.id))
        (result,) = await all_of(ResultRecord)
        assert sum(total.dots for total in result.totals) == 5 * 12
        assert (await play("discuss")).ready == 12
        assert (await play("questions", anonymous=True)).ready == 12
        asked = [idea for idea in await all_of(IdeaRecord) if idea.text in book.questions]
        assert len(asked) == len(book.questions)
        assert max(idea.reactions.get("like", 0) for idea in asked) > 1, "some are supported by many"
        for kind, form, options in (
            ("present", "scale", []),
            ("pulse", "choice", ["Oui", "Non"]),
            ("decide", "weather", []),
            ("next", "words", []),
        ):
            pulse = f"pulse:{form:0>12}"
            await host(ask=c.AskPulse(pulse, "Alors ?", form, options=options, anonymous=False))  # type: ignore[arg-type]
            played = await play(kind)
            assert kind != "decide" or played.ready == 0
            (told,) = [r for r in await all_of(PulseRecord) if r.id == pulse]
            assert told.answers == 12
            await host(close=c.ClosePulse(pulse))
        assert 0 < len(await all_of(CommitmentRecord)) <= 12


@timed
async def test_H6_people_sort_what_they_are_dealt(tmp_path: Path) -> None:
    chance, book = random.Random(7), BOOKS["fr"]
    async with world(tmp_path) as w:
        channel = await w.hub.channel(ROOM)
        await w.hub.submit(channel, HOST.member, "step", c.AddStep(GROUP, "group", "Ranger", deals=True))
        ideas = [idea for group in book.groups.values() for idea in group][:6]
        await Rooms(w.hub).create(REHEARSAL, member=HOST.member, name="Claire", title="R", code="RRR234", lang="fr")
        rehearsals = Rehearsals(w.hub, Rooms(w.hub), chance)
        await rehearsals.begin(REHEARSAL, HOST.member, "fr", await Rooms(w.hub).records(ROOM, member=HOST.member))
        host = await w.enter(ACTOR)
        await host.done("zone", "zone.add", id="zone:000000000002", title="Des réunions qui servent")
        for n, text in enumerate(ideas):
            await host.done(f"idea-{n}", "idea.add", id=f"idea:{n:012d}", text=text)
        (step,) = [r for r in host.records.values() if r["id"].startswith("step:")]
        await host.done("go", "step.go", id=step["id"])
        await host.until(lambda: any(id.startswith("proposal:") for id in host.shared), 120)
        host.wire.cut()
        await asyncio.sleep(120)
        await rehearsals.close()
