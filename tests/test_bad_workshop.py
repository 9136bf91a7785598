"""What goes wrong in a workshop: each is a refusal by name or does no harm; nothing is lost, and the others notice nothing (SPEC E2, V, G)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from protocol.errors import Code
from tests.inprocess import HOST, OTHER, PARTICIPANT, Client, Someone, World, fresh, world
from tests.virtual import timed

SECOND = Someone("member:second-hostx", "Olivier", "host")
VOTE, GROUP, IDEATE = (fresh("step", n) for n in range(3))
FIRST, SAME, HIDDEN = (fresh("idea", n) for n in range(3))


@asynccontextmanager
async def workshop(tmp_path: Path) -> AsyncIterator[tuple[World, Client, Client, Client]]:
    """A host, two participants; three ideas, of which one is hidden and one merged; people are in a vote."""
    async with world(tmp_path) as w:
        host, paul, nadia = await w.enter(HOST), await w.enter(PARTICIPANT), await w.enter(OTHER)
        for id, kind in ((VOTE, "vote"), (GROUP, "group"), (IDEATE, "ideate")):
            await host.done(f"step-{kind}", "step.add", id=id, kind=kind, title=kind, budget=3, cap=2)
        for n, id in enumerate((FIRST, SAME, HIDDEN)):
            await paul.done(f"i{n}", "idea.add", id=id, text=f"idée {n}")
        await host.done("m", "idea.merge", id=SAME, into=FIRST)
        await host.done("h", "post.hide", on=HIDDEN)
        await host.done("g", "step.go", id=VOTE)
        yield w, host, paul, nadia


async def answer(client: Client, id: str, cmd: str, /, **args: Any) -> str:
    """`done`, or the code of the refusal."""
    client.do(id, cmd, **args)
    await client.until(lambda: id in client.answers)
    message = client.answers[id]
    return str(message.get("code", "done"))


@pytest.mark.parametrize(
    ("on", "count", "code"),
    [
        (FIRST, 3, Code.OVER_CAP),
        (SAME, 1, Code.NOT_FOUND),
        (HIDDEN, 1, Code.NOT_FOUND),
        (fresh("idea", 9), 1, Code.NOT_FOUND),
        (fresh("zone", 1), 1, Code.NOT_FOUND),
        (FIRST, -1, Code.INVALID),
        (FIRST, 10**6, Code.INVALID),
    ],
)
def test_dots_that_cannot_lie_there(tmp_path: Path, on: str, count: int, code: Code) -> None:
    @timed
    async def play() -> None:
        async with workshop(tmp_path) as (_, host, paul, _):
            assert await answer(paul, "bad", "dots.put", step=VOTE, on=on, count=count) == code
            assert await answer(paul, "good", "dots.put", step=VOTE, on=FIRST, count=2) == "done"
            await host.until(lambda: host.records[VOTE].get("voted") == 1)

    play()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"kind": "opinion"}, Code.INVALID),
        ({"kind": ["offer"]}, Code.INVALID),
        ({"on": HIDDEN}, Code.NOT_FOUND),
        ({"on": fresh("idea", 9)}, Code.NOT_FOUND),
        ({"on": fresh("zone", 9)}, Code.NOT_FOUND),
        ({"on": fresh("message", 1)}, Code.INVALID),
        ({"on": "idea:<script>"}, Code.INVALID),
        ({"on": None}, Code.INVALID),
        ({"step": fresh("step", 9)}, Code.NOT_FOUND),
        ({"step": GROUP}, Code.NOT_OPEN),
        ({"text": "x" * 281}, Code.TEXT_TOO_LONG),
        ({"text": " \u200b"}, Code.TEXT_EMPTY),
        ({"text": "a\0"}, Code.TEXT_FORBIDDEN),
        ({"text": 3}, Code.INVALID),
        ({"id": fresh("idea", 9)}, Code.INVALID),
    ],
    ids=ascii,
)
def test_K4_a_remark_that_cannot_be_written(tmp_path: Path, said: dict[str, Any], code: Code) -> None:
    """Of hidden ideas nobody tests any, hosts neither."""
    good = {"id": fresh("remark", 1), "on": FIRST, "kind": "objection", "text": "Et la nuit ?"}

    @timed
    async def play() -> None:
        async with workshop(tmp_path) as (_, host, paul, nadia):
            for n, who in enumerate((paul, host)):
                assert await answer(who, f"bad{n}", "remark.add", **good | said) == code
            assert await answer(paul, "good", "remark.add", **good) == "done"
            assert await answer(nadia, "taken", "remark.add", **good) == Code.ID_TAKEN
            assert await answer(nadia, "others", "remark.edit", id=good["id"], text="Non") == Code.FORBIDDEN
            assert await answer(host, "hosts", "remark.edit", id=good["id"], text="Non") == Code.FORBIDDEN
            assert await answer(nadia, "away", "remark.remove", id=good["id"]) == Code.FORBIDDEN
            assert await answer(nadia, "never", "remark.remove", id=fresh("remark", 9)) == Code.NOT_FOUND
            await nadia.until(lambda: nadia.shared.get(good["id"], {}).get("text") == "Et la nuit ?")

    play()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"on": HIDDEN}, Code.NOT_FOUND),
        ({"on": SAME}, Code.INVALID),
        ({"on": "idea:<script>"}, Code.INVALID),
        ({"to": fresh("zone", 9)}, Code.NOT_FOUND),
        ({"to": HIDDEN}, Code.NOT_FOUND),
        ({"to": FIRST}, Code.INVALID),
        ({"to": "message:aaaaaaaaaaaa"}, Code.INVALID),
        ({"to": 3}, Code.INVALID),
        ({"step": VOTE}, Code.INVALID),
        ({"step": fresh("step", 9)}, Code.NOT_FOUND),
    ],
    ids=ascii,
)
def test_G15_a_card_that_cannot_be_put_there(tmp_path: Path, said: dict[str, Any], code: Code) -> None:
    @timed
    async def play() -> None:
        async with workshop(tmp_path) as (_, host, paul, nadia):
            zone, good = fresh("zone", 1), {"step": GROUP, "on": FIRST}
            await host.done("z", "zone.add", id=zone, title="Réunions")
            assert await answer(nadia, "early", "hand.deal", step=GROUP) == Code.INVALID
            await host.done("deals", "step.edit", id=GROUP, deals=True)
            assert await answer(nadia, "closed", "hand.deal", step=GROUP) == Code.NOT_OPEN
            await host.done("go", "step.go", id=GROUP)
            assert await answer(nadia, "deal", "hand.deal", step=GROUP) == "done"
            assert await answer(nadia, "bad", "hand.put", **{**good, "to": zone, **said}) == code
            assert await answer(host, "hosts", "hand.put", **good, to=zone) == Code.FORBIDDEN
            assert await answer(paul, "hand", "hand.put", **good, to=zone) == Code.INVALID, (
                "his own was not dealt to him"
            )
            assert await answer(nadia, "good", "hand.put", **good, to=zone) == "done"
            assert await answer(nadia, "mine", "proposal.accept", places={FIRST: zone}) == Code.FORBIDDEN
            assert await answer(host, "never", "proposal.accept", places={FIRST: zone}) == "done", "and nothing moves"
            await host.until(lambda: host.records.get("sorting:" + GROUP[5:], {}).get("placed") == 1)
            assert "zone" not in host.records[FIRST]

    play()


@timed
async def test_T4_a_topic_for_a_table_that_is_gone(tmp_path: Path) -> None:
    async with workshop(tmp_path) as (_, host, paul, nadia):
        topic = {"round": 1, "breakout": 1, "texts": ["Nos réunions"]}
        assert await answer(host, "none", "breakout.topic", **topic) == Code.NOT_OPEN
        assert await answer(host, "draw", "breakout.draw", size=2, texts=["Avant"]) == "done"
        assert await answer(host, "there", "breakout.topic", **topic) == "done"
        bad: list[tuple[dict[str, Any], Code]] = [
            ({"breakout": 9}, Code.NOT_FOUND), ({"breakout": 0}, Code.INVALID), ({"breakout": "1"}, Code.INVALID),
            ({"round": 2}, Code.SUPERSEDED), ({"round": None}, Code.INVALID), ({"texts": [""]}, Code.TEXT_EMPTY),
            ({"texts": ["x" * 281]}, Code.TEXT_TOO_LONG), ({"texts": "Nos réunions"}, Code.INVALID),
            ({"texts": ["x"] * 61}, Code.INVALID), ({"about": [HIDDEN]}, Code.NOT_FOUND),
            ({"about": [fresh("zone", 9)]}, Code.NOT_FOUND), ({"about": [HOST.member]}, Code.INVALID),
        ]  # fmt: skip
        for n, (said, code) in enumerate(bad):
            assert await answer(host, f"bad{n}", "breakout.topic", **topic | said) == code, said
        assert await answer(paul, "his", "breakout.topic", **topic) == Code.FORBIDDEN
        assert await answer(paul, "other", "breakout.speaker", id=OTHER.member) == Code.FORBIDDEN
        assert await answer(paul, "seat", "breakout.take", id=OTHER.member, breakout=1) == Code.FORBIDDEN
        assert await answer(paul, "best", "breakout.best", id=FIRST) == Code.INVALID
        assert await answer(paul, "unread", "breakout.best", id=HIDDEN) == Code.NOT_FOUND
        assert await answer(host, "again", "breakout.draw", size=2) == "done"
        assert await answer(host, "gone", "breakout.topic", **topic) == Code.SUPERSEDED
        assert await answer(host, "end", "breakout.end") == "done"
        assert await answer(host, "ended", "breakout.topic", **topic | {"round": 2}) == Code.NOT_OPEN
        table = "breakout:000001-000001"
        await nadia.until(lambda: nadia.shared.get(table, {}).get("topic") == "Nos réunions")


@timed
async def test_dots_over_the_budget_after_the_close_and_twice(tmp_path: Path) -> None:
    async with workshop(tmp_path) as (_, host, paul, nadia):
        other = fresh("idea", 7)
        await nadia.done("i", "idea.add", id=other, text="une autre")
        assert await answer(paul, "a", "dots.put", step=VOTE, on=FIRST, count=2) == "done"
        assert await answer(paul, "b", "dots.put", step=VOTE, on=FIRST, count=2) == "done", "the same again"
        assert await answer(paul, "c", "dots.put", step=VOTE, on=other, count=2) == Code.OVER_BUDGET
        assert await answer(host, "d", "dots.put", step=VOTE, on=FIRST, count=1) == Code.FORBIDDEN
        await host.done("close", "vote.close", step=VOTE)
        await host.done("count", "vote.count", step=VOTE)
        assert await answer(nadia, "e", "dots.put", step=VOTE, on=other, count=1) == Code.CLOSED
        await host.until(lambda: any(id.startswith("result:") for id in host.records))
        (result,) = (record for id, record in host.records.items() if id.startswith("result:"))
        assert [(total["id"], total["dots"]) for total in result["totals"]] == [(FIRST, 2)]


@timed
async def test_grouping_what_was_just_removed(tmp_path: Path) -> None:
    async with workshop(tmp_path) as (_, host, paul, nadia):
        await host.done("go", "step.go", id=GROUP)
        zone = fresh("zone", 1)
        await nadia.done("z", "zone.add", id=zone, title="Réunions")
        await host.done("zr", "zone.remove", id=zone)
        assert await answer(nadia, "a", "idea.move", id=FIRST, zone=zone) == Code.NOT_FOUND
        await paul.done("r", "idea.remove", id=FIRST)
        assert await answer(nadia, "b", "idea.move", id=FIRST) == Code.NOT_FOUND
        assert await answer(nadia, "c", "idea.merge", id=fresh("idea", 8), into=FIRST) == Code.NOT_FOUND
        await paul.done("back", "idea.restore", id=FIRST)
        await nadia.until(lambda: FIRST in nadia.shared)
        assert nadia.shared[FIRST]["text"] == "idée 0"


@timed
async def test_two_hosts_who_want_opposite_things(tmp_path: Path) -> None:
    async with workshop(tmp_path) as (w, host, _, nadia):
        other = await w.enter(SECOND)
        # Both look at the vote: one goes on, the other, a moment later, goes back from what he still sees.
        host.do("a", "step.go", id=GROUP, leaving=VOTE)
        other.do("b", "step.go", id=IDEATE, leaving=VOTE)
        await other.until(lambda: "b" in other.answers)
        assert other.answers["b"]["code"] == Code.SUPERSEDED
        await nadia.until(lambda: nadia.records["agenda:of-this-room"]["now"] == GROUP)
        host.do("c", "post.show", on=HIDDEN)
        other.do("d", "post.hide", on=HIDDEN)
        host.do("e", "vote.close", step=VOTE)
        other.do("f", "vote.reopen", step=VOTE)
        await host.until(lambda: {"c", "e"} <= host.answers.keys())
        await other.until(lambda: {"d", "f"} <= other.answers.keys())
        assert not [m for m in (*host.got("refused"), *other.got("refused")) if m["code"] != Code.SUPERSEDED]


@timed
async def test_a_step_without_a_duration_and_an_agenda_of_two_hundred(tmp_path: Path) -> None:
    async with workshop(tmp_path) as (_, host, paul, _):
        assert await answer(host, "t", "timer.start") == "done"
        await paul.until(lambda: "ends" not in paul.records[VOTE])
        assert (
            await answer(host, "n", "step.add", id=fresh("step", 5), kind="ideate", title="x", minutes=-1)
            == Code.INVALID
        )
        codes = [
            await answer(host, f"s{n}", "step.add", id=fresh("step", 100 + n), kind="discuss", title=f"Étape {n}")
            for n in range(200)
        ]
        assert codes == ["done"] * 57 + [Code.TOO_MANY] * 143
        assert await answer(paul, "i", "idea.add", id=fresh("idea", 50), text="encore") == "done"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\u202eécrit à l’envers\u202c", "écrit à l’envers"),
        ("e" + "\u0301" * 10_000, None),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=HYPERLINK(\"http://x\")", "=HYPERLINK(\"http://x\")"),
    ],
)  # fmt: skip
def test_a_strange_text_is_kept_as_text_or_refused_by_name(tmp_path: Path, text: str, told: str | None) -> None:
    @timed
    async def play() -> None:
        async with workshop(tmp_path) as (_, host, paul, nadia):
            id = fresh("idea", 60)
            code = await answer(paul, "x", "idea.add", id=id, text=text)
            assert code == ("done" if told is not None else Code.TEXT_TOO_LONG)
            if told is not None:
                await nadia.until(lambda: id in nadia.shared)
                assert nadia.shared[id]["text"] == told
            assert await answer(host, "y", "decision.add", id=fresh("decision", 1), text=text) == code

    play()


@pytest.mark.parametrize(
    "due",
    [
        "٢٠٢٦-٠١-٠١",
        "２０２６-０１-０１",
        "२०२६-०१-०१",
        "2026-０1-01",
        "²⁰²⁶-⁰¹-⁰¹",
        "2026-1-1",
        "2026-02-30",
        "0000-01-01",
        "10000-01-01",
        "2026-01-01\n",
        " 2026-01-01",
        "+026-01-01",
        "20260101",
        "2026-W01-1",
    ],
)
def test_K2_a_day_is_written_in_the_digits_0_to_9(tmp_path: Path, due: str) -> None:
    @timed
    async def play() -> None:
        async with workshop(tmp_path) as (_, host, paul, nadia):
            action = fresh("action", 1)
            await host.done("add", "action.add", id=action, text="Écrire", owner=paul.who.member)
            assert await answer(paul, "edit", "action.edit", id=action, due=due) == Code.INVALID
            assert await answer(host, "new", "action.add", id=fresh("action", 2), text="Lire", due=due) == Code.INVALID
            for n, good in enumerate(("0001-01-01", "9999-12-31", "2028-02-29", "")):
                assert await answer(paul, f"good{n}", "action.edit", id=action, due=good) == "done"
            await nadia.until(lambda: not nadia.records[action].get("due"))

    play()


NOTHING = [
    "\u3164",
    "\u2800",
    "\u200b",
    "\u2060",
    "\ufe0f",
    "\u0007",
    "\u00ad",
    "\u200e\u202e",
    "\ufeff \u3000",
    "\U000e0041",
]


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_L3_what_shows_nothing_is_empty(tmp_path: Path, text: str) -> None:
    """Names and cards of one invisible sign were taken, and stood blank on every screen."""

    @timed
    async def play() -> None:
        async with workshop(tmp_path) as (_, host, paul, nadia):
            empty: list[tuple[Client, str, dict[str, Any]]] = [
                (paul, "idea.add", {"id": fresh("idea", 5), "text": text}),
                (paul, "idea.edit", {"id": FIRST, "text": text}),
                (paul, "message.send", {"id": fresh("message", 5), "text": text}),
                (paul, "member.rename", {"name": text}),
                (host, "room.set", {"title": text}),
                (host, "zone.add", {"id": fresh("zone", 5), "title": text}),
                (host, "step.add", {"id": fresh("step", 5), "kind": "ideate", "title": text}),
                (paul, "remark.add", {"id": fresh("remark", 5), "on": FIRST, "kind": "offer", "text": text}),
                (host, "decision.add", {"id": fresh("decision", 5), "text": text}),
                (host, "action.add", {"id": fresh("action", 5), "text": text}),
                (host, "pulse.ask", {"id": fresh("pulse", 5), "question": text, "form": "words"}),
                (host, "pulse.ask", {"id": fresh("pulse", 6), "question": "?", "form": "choice", "options": ["a", text]}),
                (host, "post.refuse", {"on": HIDDEN, "reason": text}),
            ]  # fmt: skip
            for n, (who, cmd, args) in enumerate(empty):
                assert await answer(who, f"e{n}", cmd, **args) == Code.TEXT_EMPTY, cmd
            assert await answer(host, "p", "room.set", prompt=text) == "done", "no prompt"
            await nadia.until(lambda: nadia.records[next(id for id in nadia.records if id.startswith("room:"))])
            assert not nadia.records[next(id for id in nadia.records if id.startswith("room:"))].get("prompt")

    play()


@timed
async def test_L3_what_means_nothing_is_taken_out_and_what_means_something_stays(tmp_path: Path) -> None:
    async with workshop(tmp_path) as (_, _host, paul, nadia):
        me, family, persian = paul.who.member, "\U0001f468\u200d\U0001f469\u200d\U0001f467", "می\u200cخواهم"
        for n, (typed, told) in enumerate(
            [("Lé\u200ba", "Léa"), ("Ann\u202e", "Ann"), (f"{family} {persian}",) * 2, ("Jean\nPaul", "Jean Paul")]
        ):
            await paul.done(f"n{n}", "member.rename", name=typed)
            await nadia.until(lambda told=told: nadia.records[me]["name"] == told)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"value": 2}, Code.TEXT_EMPTY),
        ({"value": 2, "other": " \u200b"}, Code.TEXT_EMPTY),
        ({"value": 2, "other": "x" * 81}, Code.TEXT_TOO_LONG),
        ({"value": 2, "other": "a\0"}, Code.TEXT_FORBIDDEN),
        ({"value": 2, "other": 3}, Code.INVALID),
        ({"value": [2], "other": "Le café"}, Code.INVALID),
        ({"value": 0, "other": "Le café"}, Code.INVALID),
        ({"value": 3, "other": "Le café"}, Code.INVALID),
        ({"value": "Le café"}, Code.INVALID),
    ],
    ids=ascii,
)
def test_U10_an_answer_of_ones_own_that_is_none(tmp_path: Path, said: dict[str, Any], code: Code) -> None:
    pulse = fresh("pulse", 1)

    @timed
    async def play() -> None:
        async with workshop(tmp_path) as (_, host, paul, nadia):
            ask = {"id": pulse, "question": "Que garder ?", "form": "choice", "options": ["A", "B"], "anonymous": False}
            await host.done("ask", "pulse.ask", **ask, other=True)
            assert await answer(paul, "bad", "pulse.answer", id=pulse, **said) == code
            assert await answer(paul, "good", "pulse.answer", id=pulse, value=2, other="Le café") == "done"
            await nadia.until(lambda: nadia.shared.get(pulse, {}).get("words") == {"Le café": 1})
            assert await answer(paul, "hides", "pulse.hide", id=pulse, word="Le café") == Code.FORBIDDEN
            assert await answer(host, "never", "pulse.hide", id=pulse, word="Le thé") == Code.NOT_FOUND
            assert await answer(host, "hide", "pulse.hide", id=pulse, word="le  CAFÉ") == "done"
            await nadia.until(lambda: not nadia.shared[pulse].get("words"))
            assert "hidden" not in nadia.shared[pulse]
            await host.until(lambda: host.shared[pulse].get("hidden") == {"Le café": 1})

    play()


@timed
async def test_U13_what_is_no_question_is_not_answered(tmp_path: Path) -> None:
    step, question = fresh("step", 7), fresh("idea", 7)
    async with workshop(tmp_path) as (_, host, paul, nadia):
        await host.done("step", "step.add", id=step, kind="questions", title="Vos questions", anonymous=True)
        await host.done("go", "step.go", id=step)
        await paul.done("ask", "idea.add", id=question, text="Et les horaires ?")
        for n, (on, code) in enumerate(
            (
                (FIRST, Code.INVALID),
                (fresh("idea", 9), Code.NOT_FOUND),
                (fresh("zone", 1), Code.INVALID),
                (None, Code.INVALID),
            )
        ):
            assert await answer(host, f"bad{n}", "question.answer", id=on) == code
        assert await answer(nadia, "others", "question.answer", id=question) == Code.FORBIDDEN
        assert await answer(nadia, "merge", "idea.merge", id=question, into=FIRST) == Code.FORBIDDEN
        assert await answer(host, "merges", "idea.merge", id=question, into=FIRST) == Code.INVALID
        for who in (paul, nadia, nadia):
            assert await answer(who, f"like{len(who.answers)}", "reaction.add", on=question, kind="like") == "done"
        assert await answer(host, "good", "question.answer", id=question) == "done"
        await nadia.until(lambda: nadia.shared.get(question, {}).get("answered") is True)
        assert nadia.shared[question]["reactions"] == {"like": 2}
        assert "author" not in nadia.shared[question]
