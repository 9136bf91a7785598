"""Circles on real workers: entered, followed, read by pages, and brought back from the past by two at once (COMMUNITIES.md, CI, TH)."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from protocol.choices import Access
from protocol.circles import ArchiveCircle
from server.admission.circles import Circles
from server.circle import sealing
from server.journal.port import Noticed
from tests.circle.table import CLAIRE, COMMUNITY, ELSA, KARIM, NADIA, PAUL, post
from tests.circle.world import community, enter, found, go, phone
from tests.inprocess import Client, codes
from tests.virtual import settle, timed

PROJECTED = 3.0
"""Seconds in which what was written is found."""


def texts(client: Client) -> dict[str, str]:
    client.read()
    return {id: record.get("text", "") for id, record in client.records.items() if id.startswith("post:")}


@timed
async def test_TH1_what_is_said_reaches_all_on_all_workers_with_a_name(tmp_path: Path) -> None:
    async with community(tmp_path, workers=2) as w:
        circle = await found(w.hub, 1, "request", PAUL, NADIA)
        paul, nadia = await enter(w, PAUL, circle), await enter(w, NADIA, circle, at=1)
        await paul.done("a", "post.add", id=post(1), text="Qui vient ?", mentions=[NADIA])
        await nadia.until(lambda: post(1) in nadia.records)
        assert nadia.records[post(1)]["name"] == "Paul"
        assert nadia.records[post(1)]["mentions"] == [{"id": NADIA, "name": "Nadia"}]
        await nadia.done("b", "post.add", id=post(2), text="Moi", reply=post(1))
        await paul.until(lambda: post(2) in paul.records)
        assert paul.records[post(1)]["replies"] == 1
        assert (await paul.done("c", "post.add", id=post(3), text="x", mentions=[ELSA]))["code"] == "not_found"
        assert paul.records["seat:paul--------"]["role"] == "member"


@timed
async def test_CI2_everyone_of_the_community_comes_into_what_is_common(tmp_path: Path) -> None:
    async with community(tmp_path) as w:
        circle = await found(w.hub, 1, "common")
        claire, elsa = await enter(w, CLAIRE, circle), await enter(w, ELSA, circle)
        await claire.done("a", "post.add", id=post(1), text="Bienvenue", all=True)
        await elsa.until(lambda: post(1) in elsa.records)
        assert (await elsa.done("b", "post.add", id=post(2), text="x"))["code"] == "forbidden"
        assert (await elsa.done("c", "post.add", id=post(2), text="Merci", reply=post(1)))["t"] == "done"
        assert (await elsa.done("d", "post.thank", id=post(1)))["t"] == "done"
        assert (await w.journal.standing(ELSA, circle)).role is None
        await claire.done("e", "member.role", id=ELSA, role="animator")
        await elsa.until(lambda: "seat:elsa--------" in elsa.records)
        assert elsa.epoch.endswith(".animators")
        assert (await elsa.done("f", "post.add", id=post(3), text="À moi"))["t"] == "done"


@timed
@pytest.mark.parametrize("access", ["confidential", "request", "open"])
async def test_CI5_who_is_not_in_it_is_answered_as_of_an_id_never_given(tmp_path: Path, access: Access) -> None:
    """The same words, by the same questions to the tables."""
    async with community(tmp_path) as w:
        circle = await found(w.hub, 1, access, PAUL)
        elsa = await phone(w, ELSA)
        asked = list[str]()

        def noting(name: str) -> Callable[..., Any]:
            inner = getattr(w.journal, name)

            def note(*args: Any) -> Any:
                asked.append(name)
                return inner(*args)

            return note

        for name in ("standing", "members", "heads", "read", "load_snapshot"):
            setattr(w.journal, name, noting(name))
        answers = list[Any]()
        for stream in ("circle:cccccccccccc", circle):
            asked.clear()
            elsa.above.send(t="join", stream=stream)
            elsa.above.send(t="watch", id=f"w-{stream}", streams=[stream])
            await settle()
            elsa.above.read()
            refused = [(m["code"], m["text"]) for m in elsa.above.got("refused") if m["id"] == stream]
            watched = [m["streams"] for m in elsa.above.got("watching") if m["id"] == f"w-{stream}"]
            answers.append((refused, watched, list(asked)))
        assert answers[0] == answers[1]
        assert answers[0][0][0][0] == "unknown_room"


@timed
async def test_CI6_who_is_sent_out_is_cut_and_has_nothing_any_more(tmp_path: Path) -> None:
    async with community(tmp_path, workers=2) as w:
        circle = await found(w.hub, 1, "confidential", PAUL, NADIA)
        claire, paul = await enter(w, CLAIRE, circle), await enter(w, PAUL, circle, at=1)
        assert (await claire.done("a", "member.remove", id=PAUL))["t"] == "done"
        await paul.until(lambda: (circle, "removed") in codes(paul))
        paul.forget()
        await claire.done("b", "post.add", id=post(1), text="SECRET")
        paul.join()
        await paul.until(lambda: (circle, "unknown_room") in codes(paul))
        paul.send(t="ask", id="q", stream=circle, query="posts", args={})
        await settle()
        paul.read()
        assert "SECRET" not in repr(paul.wire.got)
        assert ("q", "not_joined") in codes(paul)


@timed
async def test_CI1_who_leaves_the_community_is_in_none_of_its_circles(tmp_path: Path) -> None:
    async with community(tmp_path, workers=2) as w:
        circle = await found(w.hub, 1, "open", PAUL)
        common = await found(w.hub, 2, "common")
        paul = await phone(w, PAUL, at=1)
        for stream in (circle, common):
            await paul.at(stream).ready()
        claire = await enter(w, CLAIRE, circle)
        await go(w.hub, PAUL)
        await paul.above.until(lambda: paul.above.got("bye", "refused"))
        paul.above.forget()
        await claire.done("a", "post.add", id=post(1), text="SECRET")
        await settle()
        assert "SECRET" not in repr(paul.wire.got)
        assert (await claire.done("b", "post.add", id=post(2), text="x", mentions=[PAUL]))["code"] == "not_found"
        for stream in (circle, common):
            again = w.connect(paul.above.who)
            again.hello()
            again.send(t="join", stream=stream)
            await settle()
            again.read()
            assert codes(again) == [(stream, "unknown_room")]


@timed
async def test_TH15_pages_of_threads_and_replies_and_what_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "KEPT", 3)
    monkeypatch.setattr(sealing, "SLACK", 2)
    async with community(tmp_path) as w:
        circle = await found(w.hub, 1, "request", PAUL)
        claire = await enter(w, CLAIRE, circle)
        for n in range(1, 11):
            await claire.done(f"a{n}", "post.add", id=post(n), text=f"Fil numéro {n}")
            await claire.done(f"b{n}", "post.add", id=post(100 + n), text=f"Réponse {n}", reply=post(n))
        await claire.done("h", "post.hide", id=post(9), reason="x")
        await asyncio.sleep(PROJECTED)
        paul = await phone(w, PAUL)
        await paul.at(circle).ready()

        async def numbers(query: str, **args: Any) -> tuple[Sequence[str], bool]:
            items, more = await paul.ask(circle, query, **args)
            return [each["text"].rpartition(" ")[2] for each in items], more

        assert await numbers("posts", limit=4) == (["10", "8", "7", "6"], True)
        items, _ = await paul.ask(circle, "posts", limit=4)
        assert await numbers("posts", before=items[-1]["n"]) == (["5", "4", "3", "2", "1"], False)
        assert await numbers("replies", post=post(2)) == (["2"], False)
        assert await numbers("replies", post=post(9)) == ([], False)
        assert await numbers("search", text="reponse 2") == (["2"], False)
        assert await numbers("search", text="9") == ([], False)
        here = await enter(w, PAUL, circle)
        assert len(texts(here)) <= 8
        assert post(2) not in texts(here)
        assert (await here.done("t", "post.thank", id=post(102)))["t"] == "done"
        assert texts(here)[post(2)] == "Fil numéro 2"
        await asyncio.sleep(PROJECTED)
        (item,), _ = await paul.ask(circle, "replies", post=post(2))
        assert item["thanks"] == 1


@timed
async def test_CI12_who_is_in_it_by_name(tmp_path: Path) -> None:
    async with community(tmp_path) as w:
        circle = await found(w.hub, 1, "request", PAUL, NADIA, ELSA)
        paul = await phone(w, PAUL)
        await paul.at(circle).ready()
        items, more = await paul.ask(circle, "people", limit=3)
        assert ([each["name"] for each in items], more) == (["Claire", "Elsa", "Nadia"], True)
        assert items[0] == {"id": CLAIRE, "name": "Claire", "role": "animator"}
        assert await paul.ask(circle, "people", offset=3) == ([{"id": PAUL, "name": "Paul", "role": "member"}], False)


@timed
async def test_CI12_my_circles_and_those_that_i_may_join(tmp_path: Path) -> None:
    async with community(tmp_path) as w:
        accesses: Sequence[Access] = ("confidential", "open", "common", "request", "confidential")
        streams = [
            await found(w.hub, n, access, *((PAUL,) if n in (1, 4) else ())) for n, access in enumerate(accesses, 1)
        ]
        claire = await enter(w, CLAIRE, streams[3])

        async def of(person: str) -> list[tuple[int, str | None, int]]:
            items, _ = await (await phone(w, person)).ask(COMMUNITY, "circles")
            return [(streams.index(each["id"]) + 1, each.get("role"), each["people"]) for each in items]

        assert await of(PAUL) == [(1, "member", 2), (3, "member", 0), (4, "member", 2), (2, None, 1)]
        assert await of(KARIM) == [(3, "member", 0), (2, None, 1), (4, None, 2)]
        assert [n for n, role, _ in await of(CLAIRE) if role == "animator"] == [1, 2, 3, 4, 5]
        assert (await claire.done("a", "circle.set", title="Autre", access="confidential"))["t"] == "done"
        await w.hub.submit(await w.hub.channel(streams[1]), CLAIRE, "arch", ArchiveCircle())
        assert await of(KARIM) == [(3, "member", 0)]


@timed
async def test_TH11_notices_reach_those_who_are_named_who_follow_and_who_animate(tmp_path: Path) -> None:
    async with community(tmp_path) as w:
        circle = await found(w.hub, 1, "request", PAUL, NADIA)
        paul, nadia = await enter(w, PAUL, circle), await enter(w, NADIA, circle)
        claire = await enter(w, CLAIRE, circle)
        await paul.done("a", "post.add", id=post(1), text="x", mentions=[NADIA])
        await nadia.done("b", "post.add", id=post(2), text="x", reply=post(1))
        await claire.done("c", "post.add", id=post(3), text="x", reply=post(1))
        await claire.done("d", "post.add", id=post(4), text="x", all=True)
        await Circles(w.hub).join(circle, ELSA, "Bonjour")
        await asyncio.sleep(PROJECTED)

        async def told(person: str) -> list[tuple[str, str]]:
            notices: list[Noticed] = await w.journal.notices(circle, [person], 20)
            return [(notice.about, notice.kind) for notice in reversed(notices) if notice.kind != "added"]

        assert await told(PAUL) == [(post(2), "answered"), (post(3), "answered"), (post(4), "mentioned")]
        # What they wrote themselves is left out by who reads.
        assert await told(NADIA) == [
            (post(1), "mentioned"),
            (post(2), "answered"),
            (post(3), "answered"),
            (post(4), "mentioned"),
        ]
        assert (await told(CLAIRE))[-1] == ("asking:elsa--------", "asked")
        assert ("asking:elsa--------", "asked") not in await told(PAUL)


@timed
@pytest.mark.parametrize("reads_before", [True, False])
async def test_TH13_two_workers_bring_a_thread_back_and_neither_undoes_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads_before: bool
) -> None:
    """One has read what was sealed when the other brings it back, changes it, and has it sealed anew."""
    monkeypatch.setattr(sealing, "KEPT", 3)
    monkeypatch.setattr(sealing, "SLACK", 2)
    async with community(tmp_path, workers=2) as w:
        circle = await found(w.hub, 1, "request", PAUL, NADIA)
        paul, nadia = await enter(w, PAUL, circle), await enter(w, NADIA, circle, at=1)
        for n in range(1, 7):
            await paul.done(f"a{n}", "post.add", id=post(n), text=f"fil {n}")
        await asyncio.sleep(PROJECTED)
        assert post(1) not in texts(nadia)
        reading, go_on = asyncio.Event(), asyncio.Event()
        original, times = w.journal.sealed, list[str]()

        async def sealed(stream: str, names: Sequence[str]) -> Any:
            if post(1) in names and not times:
                times.append(stream)
                kept = await original(stream, names) if reads_before else None
                reading.set()
                await go_on.wait()
                return kept if kept is not None else await original(stream, names)
            return await original(stream, names)

        monkeypatch.setattr(w.journal, "sealed", sealed)
        nadia.do("t", "post.thank", id=post(1))
        await reading.wait()
        await paul.done("e", "post.edit", id=post(1), text="corrigé")
        for n in range(11, 17):
            await paul.done(f"a{n}", "post.add", id=post(n), text=f"fil {n}")
        await asyncio.sleep(PROJECTED)
        assert post(1) not in texts(paul)
        go_on.set()
        await nadia.until(lambda: "t" in nadia.answers)
        assert nadia.answers["t"]["t"] == "done"
        await paul.until(lambda: post(1) in texts(paul))
        assert (texts(paul)[post(1)], paul.records[post(1)]["thanks"]) == ("corrigé", 1)
