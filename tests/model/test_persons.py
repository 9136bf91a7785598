"""Where persons stand is told by the types of fields: whoever is named is found, and nobody else (SPEC O1)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgpack
import msgspec
import pytest
from msgspec import Struct

from protocol.persons import PERSON, ImageOf, NameOf, PersonId, RecordMark, TextOf, ThingId, Words
from server.model.kernel import Capability, Event
from server.model.persons import Erasure, check_declared, images, named, things, written
from server.workshop.board.ideas import IdeaAdded, IdeaEdited
from server.workshop.model import WORKSHOP, Workshop
from tests.model.test_events import GOLDEN

ANNA, BEN, FRESH = "member:anna--------", "member:ben---------", "member:fresh-------"


def strings(value: object) -> Iterator[str]:
    """All of them, keys too, however deep."""
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield from strings(key)
                yield from strings(inner)
        case list() | tuple():
            for inner in value:
                yield from strings(inner)


def persons(thing: Struct) -> set[str]:
    """Whom a look at its values finds, whatever its types say."""
    return {text for text in strings(msgspec.to_builtins(thing)) if text.startswith(PERSON)}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_O1_who_is_named_in_a_golden_journal_is_found(path: Path) -> None:
    golden: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    found = set[str]()
    for commit in golden["commits"]:
        for event in WORKSHOP.events.decode(golden["format"], msgpack.packb(commit["events"])):
            assert named(event) == persons(event), event
            found |= named(event)
    assert len(found) > 2


class Everything(Event, frozen=True, tag="everything"):
    id: ThingId
    by: PersonId | None = None
    seats: tuple[tuple[PersonId, ...], ...] = ()
    pairs: tuple[tuple[ThingId, Words], ...] = ()
    counts: dict[PersonId, int] = msgspec.field(default_factory=dict)
    all: list[PersonId] = msgspec.field(default_factory=list)
    name: Annotated[str, NameOf("by")] | None = None
    called: Annotated[str, NameOf("by")] = "-"
    text: Annotated[str, TextOf("by")] = ""
    value: int | Annotated[str, TextOf("by")] = 0
    again: Annotated[str, TextOf("id")] = ""
    title: Words = ""
    records: tuple[Annotated[dict[str, Any], RecordMark()], ...] = ()


FULL = Everything(
    "idea:1",
    ANNA,
    ((BEN, ANNA), (ANNA,)),
    (("idea:1", "a0"),),
    {ANNA: 2, BEN: 1},
    [BEN, ANNA],
    "Anna",
    "Anna",
    "mine",
    "mine",
    "mine, edited",
    "Anna’s birthday",
    (
        {"id": ANNA, "name": "Anna", "role": "host"},
        {"id": "commitment:anna--------", "text": "I do", "author": ANNA, "at": 1},
        {"id": "idea:2", "text": "hers", "rank": "a0", "author": BEN},
    ),
)


def test_O2_an_id_is_another_wherever_it_stands_and_a_name_is_nowhere() -> None:
    check_declared([Everything])
    assert (named(FULL), written(FULL, ANNA)) == ({ANNA, BEN}, {"idea:1", "commitment:anna--------"})
    assert things(FULL) >= {"idea:1", "idea:2", ANNA}
    after = Erasure(ANNA, FRESH, False, frozenset()).of(FULL)
    assert after == Everything(
        "idea:1",
        FRESH,
        ((BEN, FRESH), (FRESH,)),
        (("idea:1", "a0"),),
        {FRESH: 2, BEN: 1},
        [BEN, FRESH],
        None,
        "",
        "mine",
        "mine",
        "mine, edited",
        "Anna’s birthday",
        (
            {"id": FRESH, "name": "", "role": "host"},
            {"id": "commitment:fresh-------", "text": "I do", "author": FRESH, "at": 1},
            {"id": "idea:2", "text": "hers", "rank": "a0", "author": BEN},
        ),
    )
    assert after.records[2] is FULL.records[2]


def test_O3_texts_of_theirs_go_and_those_of_others_stay() -> None:
    erasure = Erasure(ANNA, FRESH, True, frozenset({"idea:1"}))
    after = erasure.of(FULL)
    assert (after.text, after.value, after.again, after.title) == ("", "", "", "Anna’s birthday")
    assert [record.get("text") for record in after.records] == [None, "", "hers"]
    of_ben = msgspec.structs.replace(FULL, id="idea:3", by=BEN, records=())
    assert (erasure.of(of_ben).text, erasure.of(of_ben).again, erasure.of(of_ben).name) == (
        "mine",
        "mine, edited",
        "Anna",
    )


def test_O2_what_is_no_persons_is_the_same_object() -> None:
    nobody = Everything("idea:1", "alias:anna--------", text="hidden")
    assert Erasure(ANNA, FRESH, True, frozenset()).of(nobody) is nobody
    assert named(nobody) == set()


class Undeclared(Event, frozen=True, tag="undeclared"):
    id: ThingId
    seats: tuple[tuple[str, ...], ...] = ()


class Astray(Event, frozen=True, tag="astray"):
    text: Annotated[str, TextOf("author")] = ""


class Inner(Struct, frozen=True):
    who: str


class Nested(Event, frozen=True, tag="nested"):
    inner: tuple[Inner, ...] = ()


@pytest.mark.parametrize(
    ("kind", "said"),
    [(Undeclared, "Undeclared.seats to say"), (Astray, "to have a field author"), (Nested, "Inner.who to say")],
)
def test_O1_no_model_takes_an_event_that_does_not_say_whom_it_names(kind: type[Event], said: str) -> None:
    capability = Capability(events={kind: (lambda s, e: s, lambda before, after, event: ())})
    with pytest.raises(TypeError, match=said):
        Workshop(
            "room",
            [*WORKSHOP.capabilities, capability],
            commands={},
            rights={},
            audiences=WORKSHOP.audiences,
            versions=WORKSHOP.versions,
            lifts={},
        )


def test_O1_marks_of_two_kinds_are_never_taken_for_each_other() -> None:
    """`typing` keeps one of two unions that are equal: where marks were, a text was looked for as a name."""
    marks = [NameOf("id"), TextOf("id"), ImageOf("id")]
    assert len({*marks}) == 3
    unions = [Annotated[str, mark] | None for mark in marks]
    assert [union.__args__[0].__metadata__[0] for union in unions] == marks  # type: ignore[attr-defined]


def test_O3_an_image_goes_with_the_text_that_it_is_on() -> None:
    table = IdeaAdded("idea:aaaaaaaaaaaa", 1, "a0", "Un banc", ANNA, image="image:aaaaaaaaaaaa", alt="Anna, de dos")
    edited = IdeaEdited("idea:aaaaaaaaaaaa", "Deux", "image:bbbbbbbbbbbb", "Anna, de face")
    theirs = frozenset({"idea:aaaaaaaaaaaa"})
    gone, kept = Erasure(ANNA, FRESH, True, theirs), Erasure(ANNA, FRESH, False, theirs)
    assert [images(event, gone) for event in (table, edited)] == [{"image:aaaaaaaaaaaa"}, {"image:bbbbbbbbbbbb"}]
    assert [images(event, kept) for event in (table, edited)] == [set(), set()]
    assert (gone.of(table).image, gone.of(table).alt) == ("", "")
    assert (gone.of(edited).text, gone.of(edited).image, gone.of(edited).alt) == ("", None, None)
    assert (kept.of(table).image, kept.of(table).alt, kept.of(table).by) == (table.image, table.alt, FRESH)
