"""The compte rendu as a PDF holds what people typed as they typed it, tagged, and no more than a machine can bear (SPEC H8)."""

import io
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from protocol.errors import Code, Refusal
from protocol.records import (
    ActionRecord,
    DecisionRecord,
    IdeaRecord,
    MemberRecord,
    PulseRecord,
    Record,
    RoomRecord,
    StepRecord,
)
from server.report.model import Report, report
from server.report.pdf import LONGEST, pdf
from server.report.words import FRENCH, Words
from tests.properties import bounded
from tests.report.rooms import AT, rooms
from tests.report.test_report import AWA, BOTH, ROOM, TESTED, idea, typed


def read(made: bytes) -> str:
    """What stands in it, without its page numbers."""
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    return "\n".join(re.sub(r"\n\d+ / \d+$", "", page) for page in pages)


def signs(text: str) -> str:
    """In one order, whichever way it is written and wherever its lines break: without what shows nothing."""
    shown = (
        sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) not in ("Cf", "Zs", "Cc")
    )
    return "".join(shown)


PLAIN = st.text(
    st.one_of(
        st.sampled_from("#*_`$@<>\\/[]{}()\"'~-+=|&%^:;!?. "),
        st.characters(
            min_codepoint=0x20, max_codepoint=0xFF, exclude_categories=["Cc", "Cf"], include_characters="œŒŸ€’«»–…"
        ),
    ),
    min_size=1,
    max_size=80,
).filter(lambda text: bool(text.strip()))
"""What French and English are written in, and what is markup somewhere. (Of other letters the reader that this test has does not
tell what they were made of: it looks at glyphs, which « Ĭ » and « I » share, and not at what the PDF says of them.)"""


@bounded(40)
@given(st.lists(PLAIN, min_size=1, max_size=12))
def test_H8_what_people_typed_is_read_back_as_they_typed_it(texts: list[str]) -> None:
    told = report([ROOM, *(idea(n, text) for n, text in enumerate(texts, 1))], AT)
    text = signs(read(pdf(told, FRENCH)))
    for each in typed(told):
        assert signs(each) in text, each


@settings(max_examples=10, deadline=None, phases=[Phase.generate])
@given(rooms())
@BOTH
def test_H8_any_room_is_drawn(words: Words, records: list[Record]) -> None:
    told = report(records, AT)
    made = PdfReader(io.BytesIO(pdf(told, words)))
    assert made.pages
    root: Any = made.trailer["/Root"]
    assert root["/StructTreeRoot"]


STRANGE = (
    "#let x = 1; #sys.inputs", "*gras* _oui_ `code` $x^2$", "@citation <étiquette> = Titre", "- liste", "+ liste", "/ terme: oui", "\\# \\u{1f600} \\\\",
    "#image(\"/etc/passwd\")", "#read(\"report.typ\")", "// rien /* rien */", "https://intranet.example/a_b", "\"guillemets\" 'et' ~ --- ...", "#pagebreak()",
    "{\"json\": [1, 2]}", "fin. \\", "]]) }", "👍 🎉 👨‍👩‍👧 🇫🇷 ❤️ ✅", "Ελληνικά", "Кириллица",
)  # fmt: skip


def test_H8_nothing_typed_becomes_markup() -> None:
    told = report([ROOM, *(idea(n, text) for n, text in enumerate(STRANGE, 1))], AT)
    made = pdf(told, FRENCH)
    text = signs(read(made))
    for each in STRANGE:
        assert signs(each) in text, each
    assert len(PdfReader(io.BytesIO(made)).pages) == 1


@pytest.mark.parametrize("text", ["شكرا جزيلا", "תודה רבה"])
def test_H8_scripts_from_right_to_left_are_whole(text: str) -> None:
    found = read(pdf(report([ROOM, idea(1, f"Merci {text} !")], AT), FRENCH))
    assert "Merci" in found
    assert sorted(text.replace(" ", "")) == sorted(sign for sign in found if sign in text.replace(" ", ""))


def test_H8_signs_that_no_face_has_are_said_to_be_missing() -> None:
    # Unicode has given this sign to nobody, and no machine has a face for it.
    told = report([ROOM, idea(1, "Un signe \U000e0fff\U0003fffd ici"), idea(2, "Une idée")], AT)
    text = signs(read(pdf(told, FRENCH)))
    assert signs(FRENCH.undrawn) in text
    assert signs("Une idée") in text
    assert signs(FRENCH.undrawn) not in signs(read(pdf(report([ROOM, idea(2, "Une idée")], AT), FRENCH)))


@BOTH
def test_H8_it_is_tagged_and_tells_its_language_and_its_title(words: Words) -> None:
    made = PdfReader(io.BytesIO(pdf(report([ROOM, idea(1, "A")], AT), words)))
    root: Any = made.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/Lang"] == words.lang
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert made.metadata is not None
    assert made.metadata.title == ROOM.title
    assert made.metadata.creation_date is not None
    assert made.metadata.creation_date.timestamp() == AT.timestamp()


@BOTH
def test_H8_a_pdf_tells_decisions_first_and_each_once(words: Words) -> None:
    decision = DecisionRecord(id="decision:000000000010", text="Essayer un jour", at=2, quote="Une idée")
    actions = [
        ActionRecord(id="action:000000000011", text="Écrire", at=1, decision=decision.id),
        ActionRecord(id="action:000000000012", text="Essayer un jour", at=2, decision=decision.id, owner=AWA.id, due="2026-12-01", first="Appeler"),
    ]  # fmt: skip
    asked = PulseRecord(
        id="pulse:000000000001", question="Quel temps ?", form="weather", at=1, answers=7, counts=[3, 0, 2, 1, 1]
    )
    met = StepRecord(id="step:000000000020", kind="meet", title="Qui est là ?", rank="a1")
    helps = IdeaRecord(id="idea:000000000021", text="Lire un contrat", rank="a9", author=AWA.id, step=met.id)
    text = read(pdf(report([*TESTED, decision, *actions, asked, met, helps], AT), words))
    order = [words.decisions, "Essayer un jour", "Awa Diop", words.day(AT.date().replace(month=12)), "Appeler", words.came_from, "Écrire",
             words.results, "5 ", words.tested, words.remarks["objection"], words.taken, words.pulses, words.weather[0], words.ideas, words.steps, words.people,
             words.helps, "Lire un contrat"]  # fmt: skip
    place = 0
    for each in order:
        place = text.index(each, place)
    assert text.count("Essayer un jour") == 1


def test_H8_what_is_too_long_is_refused_by_name() -> None:
    told = report([ROOM, AWA, *(idea(n, f"Idée {n}") for n in range(LONGEST))], AT)
    with pytest.raises(Refusal, match="take another form") as refused:
        pdf(told, FRENCH)
    assert refused.value.code == Code.TOO_LARGE


def test_an_empty_room_has_one_too() -> None:
    empty: Report = report(
        [
            RoomRecord(id="room:000000000000", title="Vide"),
            MemberRecord(id="member:000000000001", name="Léa", role="host"),
        ],
        AT,
    )
    text = read(pdf(empty, FRENCH))
    assert signs(FRENCH.none) in signs(text)
    assert "Léa" in text
