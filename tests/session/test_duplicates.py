"""Hints of ideas that may say the same (SPEC Q4)."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Code
from server.session import duplicates
from server.session.duplicates import ALIKE, Pair, pairs
from tests.inprocess import HOST, PARTICIPANT, ROOM, fresh, world
from tests.properties import bounded
from tests.virtual import timed

SEMINAR = Path(__file__).parents[2] / "client_demo" / "python" / "demo" / "seminar.json"


def demonstration() -> tuple[list[str], set[tuple[str, str]]]:
    """The ideas of the demonstration seminar, and those that its author calls near."""
    zones: list[dict[str, Any]] = json.loads(SEMINAR.read_text(encoding="utf-8"))["zones"]
    texts, near = [], set()
    for zone in zones:
        for n, idea in enumerate(zone["ideas"]):
            texts.append(idea["text"])
            if idea.get("near"):
                near.add((zone["ideas"][n - 1]["text"], idea["text"]))
    return texts, near


def alike(*texts: str) -> set[tuple[str, str]]:
    return {(pair.id, pair.other) for pair in pairs((text, text) for text in texts)}


def test_Q4_finds_what_a_person_calls_near_and_nothing_else() -> None:
    texts, near = demonstration()
    assert len(near) == 6
    assert alike(*texts) == near


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Trois jours de télétravail par semaine", "Cinq jours de télétravail par semaine"),
        ("Un badge pour tous les sites", "Trois badges pour tous les sites"),
        ("Signer jusqu’à 2 000 €", "Signer jusqu’à 5 000 €"),
        ("Garder le rapport hebdomadaire", "Ne pas garder le rapport hebdomadaire"),
        ("Des réunions avec ordre du jour", "Des réunions sans ordre du jour"),
        ("Keep the weekly report", "Drop the weekly report"),
    ],
)
def test_Q4_another_quantity_or_a_negation_is_another_idea(one: str, other: str) -> None:
    assert alike(one, other) == set()


def test_Q4_words_in_another_order_and_form_say_the_same() -> None:
    assert alike("Créer un annuaire des compétences", "Un annuaire de compétences à créer") != set()
    assert alike("Share one holiday planning", "One shared planning of holidays") != set()


@bounded(60)
@given(st.lists(st.text(max_size=60), max_size=12))
def test_Q4_whatever_people_write_each_pair_is_told_once_likeliest_first(texts: list[str]) -> None:
    found = pairs((str(n), text) for n, text in enumerate(texts))
    assert len({frozenset((pair.id, pair.other)) for pair in found}) == len(found)
    assert [pair.score for pair in found] == sorted((pair.score for pair in found), reverse=True)
    assert all(pair.id != pair.other and ALIKE <= pair.score <= 100 for pair in found)


def test_a_full_room_is_looked_through_while_others_wait_for_nothing() -> None:
    """All pairs of 10,000 would be fifty million: only those are compared that share a word which tells something."""
    texts = [(str(n), f"Idée {n} pour mieux travailler ensemble à l’atelier {n % 97}, {n % 89}") for n in range(10_000)]
    began = time.process_time()
    assert isinstance(pairs(texts), list)
    assert time.process_time() - began < 60, "a bound that only all pairs would miss"


@timed
async def test_Q4_hosts_ask_over_what_everyone_reads(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        host, paul = await w.enter(HOST), await w.enter(PARTICIPANT)
        for n, text in enumerate(("Partager un planning des congés", "Un planning partagé des congés", "Dire merci")):
            await paul.done(f"i{n}", "idea.add", id=fresh("idea", n), text=text)
        paul.send(t="ask", id="a", stream=ROOM, query="duplicates", args={})
        await paul.until(lambda: bool(paul.got("refused")))
        assert paul.got("refused")[0]["code"] == Code.FORBIDDEN.value
        host.send(t="ask", id="b", stream=ROOM, query="duplicates", args={})
        await host.until(lambda: bool(host.got("answer")))
        (answer,) = host.got("answer")
        assert [(item["id"], item["other"]) for item in answer["items"]] == [(fresh("idea", 0), fresh("idea", 1))]
        assert isinstance(Pair(*(answer["items"][0][field] for field in Pair._fields)).score, int)
        # What people say of themselves may well be the same (G14).
        await host.done("s", "step.add", id=fresh("step", 0), kind="meet", title="Qui est là ?")
        await host.done("g", "step.go", id=fresh("step", 0))
        for n in (3, 4):
            await paul.done(f"i{n}", "idea.add", id=fresh("idea", n), text="Préparer un budget d’investissement")
        host.send(t="ask", id="d", stream=ROOM, query="duplicates", args={})
        await host.until(lambda: len(host.got("answer")) == 2)
        assert host.got("answer")[1]["items"] == answer["items"]
        # What is not everyone's to read is nobody's duplicate.
        await host.done("h", "post.hide", on=fresh("idea", 1))
        host.send(t="ask", id="c", stream=ROOM, query="duplicates", args={})
        await host.until(lambda: len(host.got("answer")) == 3)
        assert host.got("answer")[2]["items"] == []


def test_Q4_what_a_search_costs_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ideas of unique words: so many of them are stemmed, and no more; what is told of has a bound too."""
    monkeypatch.setattr(duplicates, "STEMMED", 50)
    stems = duplicates._Stems()
    assert [stems.of(f"réunions{n}") for n in range(100)][-1] == "reunions99"
    assert len(stems) == 50
    assert len(pairs((str(n), "Moins de réunions le lundi matin") for n in range(60))) == duplicates.MOST


def test_Q4_so_many_pairs_are_looked_at_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ideas that all share a word first those that share a rarer one: else all pairs of a full room would be compared."""
    compared = []

    def alike(a: Any, b: Any) -> int:
        compared.append((a, b))
        return compare(a, b)

    compare = duplicates._alike
    monkeypatch.setattr(duplicates, "COMPARED", 100)
    monkeypatch.setattr(duplicates, "_alike", alike)
    found = pairs((f"{n}-{half}", f"Le budget {'abcdefghij'[n] * 5}") for n in range(10) for half in range(2))
    assert {(pair.id, pair.other) for pair in found} == {(f"{n}-0", f"{n}-1") for n in range(10)}
    assert len(compared) == 10, "and none of those that share but the budget"
