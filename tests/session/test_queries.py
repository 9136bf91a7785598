"""What is asked: pages of history, search (SPEC Q)."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from protocol.errors import Code, Refusal
from server.session.queries import Hints
from tests.inprocess import HOST, PARTICIPANT, ROOM, fresh, world
from tests.virtual import timed


@timed
async def test_Q1_Q2_history_pages_backwards_and_search_finds(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        paul = await w.enter(PARTICIPANT)
        for n in range(1, 8):
            await paul.done(f"m{n}", "message.send", id=fresh("message", n), text=f"Des réunions plus courtes {n}")
        await asyncio.sleep(3)

        async def ask(id: str, query: str, **args: object) -> dict[str, Any]:
            paul.send(t="ask", id=id, stream=ROOM, query=query, args=args)
            await paul.until(lambda: [m for m in paul.got("answer", "refused") if m["id"] == id])
            return next(m for m in paul.got("answer", "refused") if m["id"] == id)

        page = await ask("q1", "history", limit=3)
        assert [item["n"] for item in page["items"]] == [7, 6, 5]
        assert page["more"]
        page = await ask("q2", "history", before=5, limit=10)
        assert [item["n"] for item in page["items"]] == [4, 3, 2, 1]
        assert not page.get("more")
        page = await ask("q3", "search", text="REUNION courte")
        assert len(page["items"]) == 7
        assert page["items"][0] == paul.records[page["items"][0]["id"]]
        assert (await ask("q4", "recap"))["code"] == "unknown_query"
        assert (await ask("q5", "history", limit=1000))["code"] == "invalid"


@timed
async def test_Q2_what_everyone_reads_is_found_in_any_script(tmp_path: Path) -> None:
    """上海 stood in the middle of a sentence, a merged card in another, and neither was found."""
    async with world(tmp_path) as w:
        host, paul = await w.enter(HOST), await w.enter(PARTICIPANT)
        texts = ["我家在上海东边。", "Rester à Łódź", "Le budget de l’équipe 🎉"]
        for n, text in enumerate(texts):
            await paul.done(f"i{n}", "idea.add", id=fresh("idea", n), text=text)
        await host.done("merge", "idea.merge", id=fresh("idea", 1), into=fresh("idea", 2))
        await asyncio.sleep(3)

        async def search(text: str) -> list[str]:
            paul.send(t="ask", id=f"q-{text}".encode().hex(), stream=ROOM, query="search", args={"text": text})
            await paul.until(
                lambda: [m for m in paul.got("answer", "refused") if m["id"] == f"q-{text}".encode().hex()]
            )
            return [
                one["id"] for m in paul.got("answer") if m["id"] == f"q-{text}".encode().hex() for one in m["items"]
            ]

        assert await search("上海") == [fresh("idea", 0)]
        assert await search("budg") == await search("🎉") == [fresh("idea", 2)]
        assert await search("lodz") == [fresh("idea", 1)], "merged into another, in which everyone reads it"


@timed
async def test_Q3_answers_hold_public_records_only_even_for_hosts(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        host = await w.enter(HOST)
        await host.done("a", "message.send", id=fresh("message", 1), text="un SECRET")
        await asyncio.sleep(3)
        await host.done("b", "post.hide", on=fresh("message", 1))
        await asyncio.sleep(3)
        host.send(t="ask", id="q1", stream=ROOM, query="history", args={})
        host.send(t="ask", id="q2", stream=ROOM, query="search", args={"text": "secret"})
        await host.until(lambda: len(host.got("answer")) == 2)
        assert [m["items"] for m in host.got("answer")] == [[], []]


@timed
async def test_Q4_hints_are_looked_for_once_for_each_state_of_a_room(tmp_path: Path) -> None:
    """Hosts who ask at once, or again, wait for one search; a change of the room is another state."""
    async with world(tmp_path) as w:
        host = await w.enter(HOST)
        await host.done("a", "idea.add", id=fresh("idea", 1), text="Moins de réunions le lundi")
        await host.done("b", "idea.add", id=fresh("idea", 2), text="Moins de réunions le lundi !")
        layers = (await w.hub.channel(ROOM)).room.layers
        searches: list[int] = []

        async def run(pairs: Any, texts: Any) -> Any:
            searches.append(len(texts))
            await asyncio.sleep(1)
            return pairs(texts)

        hints = Hints(run)
        first, second = await asyncio.gather(hints.of(ROOM, layers), hints.of(ROOM, layers))
        assert first == second == await hints.of(ROOM, layers) != []
        await host.done("c", "idea.add", id=fresh("idea", 3), text="Autre chose")
        await hints.of(ROOM, layers)
        assert searches == [2, 3]


@timed
async def test_Q4_a_search_that_takes_too_long_is_looked_for_again(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        await w.enter(HOST)
        layers = (await w.hub.channel(ROOM)).room.layers
        outcomes: list[Any] = [TimeoutError(), []]

        async def run(pairs: Any, texts: Any) -> Any:
            outcome = outcomes.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        hints = Hints(run)
        with pytest.raises(Refusal) as refused:
            await hints.of(ROOM, layers)
        assert refused.value.code is Code.UNAVAILABLE
        assert await hints.of(ROOM, layers) == []
