"""The compte rendu holds what is public, in order, and nothing that people typed does anything (SPEC H8)."""

import csv as stdlib_csv
import io
import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from msgspec.structs import replace
from openpyxl import load_workbook  # type: ignore[import-untyped]  # ships no types
from pypdf import PdfReader

from protocol.choices import Form
from protocol.records import (
    ActionRecord,
    BreakoutRecord,
    CommitmentRecord,
    DecisionRecord,
    IdeaRecord,
    MemberRecord,
    MessageRecord,
    PulseRecord,
    Record,
    RemarkRecord,
    ResultRecord,
    RoomRecord,
    StepRecord,
    TotalRecord,
    ZoneRecord,
)
from protocol.text import closed, isolated
from server.report.accent import PAGE, accent_on
from server.report.delimited import csv
from server.report.html import html
from server.report.markdown import markdown
from server.report.model import Report, Vote, report
from server.report.pdf import pdf
from server.report.sheets import xlsx
from server.report.style import STYLE, hash_of
from server.report.words import ENGLISH, FRENCH, Words
from tests.properties import bounded
from tests.report.rooms import AT, rooms

BOTH = pytest.mark.parametrize("words", [FRENCH, ENGLISH], ids=lambda words: words.lang)

ROOM = RoomRecord(id="room:000000000000", title="Printemps des managers")
AWA = MemberRecord(id="member:000000000001", name="Awa Diop", role="participant")
STEP = StepRecord(id="step:000000000002", kind="ideate", title="Nos idées", rank="a0", minutes=10)
ZONE = ZoneRecord(id="zone:000000000003", title="Décider près du terrain", letter="B", rank="a0")


def idea(n: int, text: str, **more: object) -> IdeaRecord:
    return IdeaRecord(**{"id": f"idea:{n:012d}", "text": text, "rank": f"a{n}"} | more)  # type: ignore[arg-type]


def texts(records: list[Record]) -> list[str]:
    return [one.text for group in report(records, AT).groups for one in group.ideas]


def typed(told: Report) -> list[str]:
    """What people wrote and every form holds."""
    return [
        *(decision.text for decision in told.decisions),
        *(decision.quote for decision in told.decisions if decision.quote),
        *(decision.itself.first for decision in told.decisions if decision.itself and decision.itself.first),
        *(text for _, action in told.actions for text in (action.text, action.first) if text),
        *(one.text for one in told.commitments),
        *(total.text for result in told.results for total in result.totals if total.text),
        *(one.text for one in told.tested if one.text and not one.letter),
        *(remark.text for one in told.tested for remark in one.remarks if remark.text),
        *(one.topic for one in told.rounds if one.topic),
        *(text for one in told.rounds for b in one.breakouts for text in (b.topic, b.best) if text),
        *(pulse.question for pulse in told.pulses),
        *(question.text for question in told.questions),
        *(text for pulse in told.pulses for text, _ in pulse.counts),
        *(text for person in told.people for text in person.helps),
        *(message.text for message in told.messages if message.text),
        *(text for group in told.groups for one in group.ideas for text in (one.text, *(m.text for m in one.merged))),
    ]


def lines(text: str) -> str:
    """As it reads where white space counts for nothing."""
    return " ".join(text.split())


@BOTH
def test_C11_the_page_and_the_paper_say_in_whose_name_and_mark_in_their_colour(words: Words) -> None:
    named = report([replace(ROOM, line="Société nouvelle", accent="#ffdd00"), idea(1, "A")], AT)
    page = html(named, words)
    assert '<p class="line"><bdi>Société nouvelle</bdi></p>' in page
    dark = accent_on(PAGE, "#ffdd00")
    assert dark not in (None, "#ffdd00")
    # Its policy lets exactly these two styles be.
    styles = re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL)
    assert styles == [STYLE, f".minutes {{ --accent: {dark}; }}"]
    (policy,) = re.findall(r"style-src ([^\"]*)\"", page)
    assert policy.replace("&#39;", "'").split() == [hash_of(style) for style in styles]
    assert "Société nouvelle" in markdown(named, words)
    drawn = pdf(named, words)
    assert "Société nouvelle" in PdfReader(io.BytesIO(drawn)).pages[0].extract_text()
    assert drawn != pdf(report([replace(ROOM, line="Société nouvelle"), idea(1, "A")], AT), words)
    bare = html(report([ROOM, idea(1, "A")], AT), words)
    assert 'class="line"' not in bare
    assert bare.count("<style") == 1


def test_ideas_stand_zone_by_zone_then_step_by_step() -> None:
    told = report(
        [ROOM, AWA, STEP, ZONE,
         idea(5, "E"), idea(4, "D", step=STEP.id), idea(3, "C", zone=ZONE.id, author=AWA.id, step=STEP.id), idea(2, "B", zone=ZONE.id)],
        AT,
    )  # fmt: skip
    assert [(group.letter, group.title, [one.text for one in group.ideas]) for group in told.groups] == [
        ("B", "Décider près du terrain", ["B", "C"]),
        ("", "Nos idées", ["D"]),
        ("", "", ["E"]),
    ]
    (_, third) = told.groups[0].ideas
    assert (third.author, third.step) == ("Awa Diop", "Nos idées")


def test_G14_what_people_can_help_with_stands_beside_their_names() -> None:
    meet = StepRecord(id="step:000000000004", kind="meet", title="Qui est là ?", rank="a1")
    said = [
        idea(1, "Préparer un budget", author=AWA.id, step=meet.id),
        idea(2, "Lire un contrat", author=AWA.id, step=meet.id),
        idea(3, "Dit sans nom", step=meet.id, anonymous=True),
        idea(4, "Caché", author=AWA.id, step=meet.id, hidden=True),
    ]
    told = report([ROOM, AWA, meet, *said], AT)
    assert [(person.name, list(person.helps)) for person in told.people] == [
        ("Awa Diop", ["Préparer un budget", "Lire un contrat"])
    ]
    assert [(group.title, [one.text for one in group.ideas]) for group in told.groups] == [
        ("Qui est là ?", ["Dit sans nom"])
    ]
    assert told.ideas == 1
    assert not report([ROOM, AWA, meet, said[0]], AT).empty


def test_G13_what_was_merged_is_told_where_it_stands() -> None:
    told = report(
        [ROOM, AWA, ZONE, idea(1, "A", zone=ZONE.id), idea(2, "B", into=idea(1, "A").id, author=AWA.id),
         idea(3, "C", into=idea(2, "B").id), idea(4, "D", into="idea:000000000009"), idea(5, "E", into=idea(6, "F").id), idea(6, "F", hidden=True)],
        AT,
    )  # fmt: skip
    assert [(group.title, [(one.text, [(m.text, m.author) for m in one.merged]) for one in group.ideas]) for group in told.groups] == [
        ("Décider près du terrain", [("A", [("B", "Awa Diop"), ("C", None)])]),
        ("", [("D", []), ("E", [])]),
    ]  # fmt: skip
    assert told.ideas == 5


def remark(n: int, on: str, kind: str, text: str, **more: object) -> RemarkRecord:
    said = {"id": f"remark:{n:012d}", "on": on, "kind": kind, "text": text, "at": n}
    return RemarkRecord(**said | more)  # type: ignore[arg-type]


TESTED: list[Record] = [
    ROOM, AWA, STEP, ZONE, idea(1, "A"), idea(2, "B"), idea(3, "C", into=idea(2, "B").id), idea(4, "D"),
    ResultRecord(id="result:000000000005", step=STEP.id, at=1, voters=3, weight=3,
                 totals=[TotalRecord(idea(1, "A").id, "A", 2, 1), TotalRecord(idea(2, "B").id, "B", 5, 3)]),
    remark(1, idea(1, "A").id, "condition", "Si la salle est libre", author=AWA.id),
    remark(2, idea(2, "B").id, "offer", "Je préviens l’équipe", author=AWA.id),
    remark(3, idea(3, "C").id, "objection", "Et la nuit ?"),
    remark(4, ZONE.id, "objection", "", author=AWA.id),
    remark(5, idea(1, "A").id, "objection", "Cachée", hidden=True),
    remark(6, "idea:000000000099", "objection", "D’une idée que personne ne lit"),
]  # fmt: skip


def test_H8_K5_remarks_stand_below_what_was_tested_most_dots_first() -> None:
    told = report(TESTED, AT)
    assert [(one.letter, one.text, [(r.kind, r.text, r.author) for r in one.remarks]) for one in told.tested] == [
        ("", "B", [("objection", "Et la nuit ?", None), ("offer", "Je préviens l’équipe", "Awa Diop")]),
        ("", "A", [("condition", "Si la salle est libre", "Awa Diop")]),
        ("B", "Décider près du terrain", [("objection", "", "Awa Diop")]),
    ]
    assert [[vote.dots for vote in one.votes] for one in told.tested] == [[5], [2], []]


@BOTH
def test_H8_every_form_tells_what_was_tested(words: Words) -> None:
    told = report(TESTED, AT)
    book = load_workbook(io.BytesIO(xlsx(told, words)))
    sheet = " ".join(str(cell) for row in book[words.tested].iter_rows(values_only=True) for cell in row)
    page = html(told, words)
    for form in (page, markdown(told, words), csv(told, words).decode(), sheet):
        for text in (
            *("Et la nuit ?", "Je préviens l’équipe", "Si la salle est libre", "Awa Diop"),
            *(words.remarks.values()), words.taken, words.anonymous, "B · Décider près du terrain",
        ):  # fmt: skip
            assert lines(text) in lines(form.replace("\u202f", " ").replace("\xa0", " ")), text
        assert "Cachée" not in form
        assert "personne ne lit" not in form
    assert page.index('id="results"') < page.index('id="tested"')


def breakout(nth: int, number: int, **more: object) -> BreakoutRecord:
    said = {"id": f"breakout:{nth:06}-{number:06}", "round": nth, "breakout": number}
    return BreakoutRecord(**said | more)  # type: ignore[arg-type]


TABLES: list[Record] = [
    ROOM, AWA, ZONE, idea(1, "Un seul site, un mois"), idea(2, "Cachée", hidden=True), idea(3, ""),
    breakout(2, 1, topic="Au second tour", best=idea(3, "").id),
    breakout(1, 10, topic="Nos réunions", speaker=AWA.id, best=idea(1, "").id),
    breakout(1, 2, about=ZONE.id, speaker="member:000000000009"),
    breakout(1, 3, about=idea(2, "").id, best=idea(2, "").id),
]  # fmt: skip


def test_H8_T7_small_tables_are_told_round_by_round() -> None:
    told = report(TABLES, AT)
    assert [(one.number, [(b.number, b.topic, b.speaker, b.best) for b in one.breakouts]) for one in told.rounds] == [
        (1, [(2, ZONE.title, None, None), (10, "Nos réunions", "Awa Diop", "Un seul site, un mois")]),
        (2, [(1, "Au second tour", None, "")]),
    ]


def test_T7_what_all_tables_of_a_round_talk_about_is_told_once() -> None:
    shared = [breakout(1, n, topic="Nos réunions", **({"best": idea(1, "").id} if n == 2 else {})) for n in (1, 2, 3)]
    (told,) = report([ROOM, idea(1, "Un seul site"), *shared], AT).rounds
    assert (told.topic, [(one.number, one.topic, one.best) for one in told.breakouts]) == (
        "Nos réunions",
        [(2, "", "Un seul site")],
    )


@BOTH
def test_H8_every_form_tells_what_small_tables_report_back(words: Words) -> None:
    told = report(TABLES, AT)
    book = load_workbook(io.BytesIO(xlsx(told, words)))
    sheet = " ".join(str(cell) for row in book[words.breakouts].iter_rows(values_only=True) for cell in row)
    page = html(told, words)
    drawn = "".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf(told, words))).pages)
    for form in (page, markdown(told, words), csv(told, words).decode(), sheet, drawn):
        for text in ("Nos réunions", ZONE.title, "Awa Diop", "Un seul site, un mois", "Au second tour", words.taken):
            assert lines(text) in lines(form.replace("\u202f", " ").replace("\xa0", " ")), text
        assert "Cachée" not in form
    assert words.round_title(2) in page
    assert page.index('id="breakouts"') < page.index('id="ideas"')


@BOTH
def test_H8_messages_are_told_in_their_order_where_they_are_asked_for(words: Words) -> None:
    said = [
        MessageRecord(id="message:000000000001", text="Bonjour à tous", n=2, author=AWA.id),
        MessageRecord(id="message:000000000002", text="On commence ?", n=1),
        MessageRecord(id="message:000000000003", text="Caché", n=3, hidden=True),
    ]
    told = report([ROOM, AWA, *said], AT)
    assert [(one.text, one.author) for one in told.messages] == [
        ("On commence ?", None),
        ("Bonjour à tous", "Awa Diop"),
    ]
    book = load_workbook(io.BytesIO(xlsx(told, words)))
    assert [*book[words.messages].iter_rows(2, values_only=True)] == [
        ("On commence ?", words.anonymous), ("Bonjour à tous", "Awa Diop"),
    ]  # fmt: skip
    for form in (html(told, words).replace("\u00a0", " "), markdown(told, words), csv(told, words).decode()):
        assert form.index(words.messages[:7]) < form.index("On commence ?") < form.index("Bonjour à tous")
        assert "Caché" not in form
    without = report([ROOM, AWA, idea(1, "A")], AT)
    assert words.messages not in html(without, words) + markdown(without, words)


def test_what_is_in_review_or_removed_is_not_told() -> None:
    assert texts([ROOM, idea(1, "A", hidden=True), idea(2, "B", removed=True), idea(3, "C")]) == ["C"]


def test_an_author_who_has_no_record_has_no_name() -> None:
    (group,) = report([ROOM, idea(1, "A", author="member:000000000009")], AT).groups
    assert group.ideas[0].author is None


def test_a_decision_brings_its_evidence_and_its_actions() -> None:
    decision = DecisionRecord(id="decision:000000000010", text="Essayer", at=2, source="idea:000000000001", quote="A")
    later = DecisionRecord(id="decision:000000000011", text="Attendre", at=3)
    action = ActionRecord(
        id="action:000000000012", text="Écrire", at=1, decision=decision.id, owner=AWA.id, due="2026-12-01"
    )
    orphan = ActionRecord(id="action:000000000013", text="Relire", at=1, decision="decision:000000000099")
    totals = [
        TotalRecord("idea:000000000002", "B", 1, 1),
        TotalRecord("idea:000000000001", "A", 5, 2),
        TotalRecord("idea:000000000003", "", 1, 1),
    ]
    result = ResultRecord(id="result:000000000014", step=STEP.id, at=1, totals=totals, voters=3, weight=3)
    told = report([ROOM, AWA, STEP, later, decision, orphan, action, result], AT)
    first, second = told.decisions
    assert (first.text, first.quote, first.votes) == ("Essayer", "A", [Vote("Nos idées", 5, 2)])
    assert [(one.text, one.owner, one.due) for one in first.actions] == [("Écrire", "Awa Diop", date(2026, 12, 1))]
    assert (second.text, second.votes, second.actions) == ("Attendre", [], [])
    assert [one.text for one in told.loose] == ["Relire"]
    assert [(total.place, total.text) for total in told.results[0].totals] == [(1, "A"), (2, "B"), (2, "")]
    page = html(told, FRENCH)
    assert page.index("Essayer") < page.index("Écrire") < page.index("D’où vient") < page.index("Attendre")
    assert "5 gommettes de 2 votants dans «\u00a0Nos idées\u00a0»" in page
    assert "(retirée depuis)" in page


@BOTH
def test_H8_a_decision_with_its_owner_and_day_is_told_once(words: Words) -> None:
    decision = DecisionRecord(id="decision:000000000010", text="Essayer un jour", at=2)
    own, other = (
        ActionRecord(id=f"action:{n:012d}", text=text, at=n, decision=decision.id, owner=AWA.id, due=due, first=first)
        for n, text, due, first in (
            (1, "Écrire", "2026-12-02", ""),
            (2, "Essayer un jour", "2026-12-01", "Appeler le site"),
        )
    )
    told = report([ROOM, AWA, decision, own, other], AT)
    assert [action.text for _, action in told.actions] == ["Écrire"]
    book = load_workbook(io.BytesIO(xlsx(told, words)))
    (_, row) = book[words.decisions].iter_rows(values_only=True)
    assert [str(cell) for cell in row[:5]] == [
        "Essayer un jour", "Awa Diop", "2026-12-01 00:00:00", "Appeler le site", words.to_do,
    ]  # fmt: skip
    assert book[words.actions].max_row == 2
    line = stdlib_csv.reader(
        io.StringIO(csv(told, words).decode(), newline=""), delimiter=";" if words is FRENCH else ","
    )
    assert [*line][1] == [words.decision, "Essayer un jour", "", "Awa Diop", "", "2026-12-01", "Appeler le site", words.to_do, ""]  # fmt: skip
    for page in (html(told, words), markdown(told, words)):
        assert page.count("Essayer un jour") == 1
        assert page.index("Essayer un jour") < page.index("Appeler le site") < page.index("Écrire")
        assert page.count(words.day(date(2026, 12, 1))) == 1


def test_o3_what_went_with_its_author_is_said_to_have_gone() -> None:
    gone, merged = idea(1, ""), idea(2, "", into="idea:000000000003")
    decision = DecisionRecord(id="decision:000000000010", text="Essayer", at=2, source=gone.id)
    hidden = DecisionRecord(id="decision:000000000011", text="Attendre", at=3, source="idea:000000000009")
    totals = [TotalRecord(gone.id, "", 5, 2), TotalRecord("idea:000000000009", "", 1, 1)]
    result = ResultRecord(id="result:000000000014", step=STEP.id, at=1, totals=totals, voters=3, weight=3)
    told = report([ROOM, STEP, gone, merged, idea(3, "C"), decision, hidden, result], AT)
    assert [one.taken for one in told.decisions] == [True, False]
    for page in (html(told, FRENCH), markdown(told, FRENCH)):
        # The idea, what was merged, the quote and the total.
        assert (page.count("Texte retiré"), page.count("(retirée depuis)")) == (4, 1)
    assert "Text removed" in html(told, ENGLISH)


@pytest.mark.parametrize("due", ["0026-12-01", "1899-12-31", "1900-03-01", "2026-12-01", "9999-12-31"])
def test_h8_a_workbook_tells_any_day(due: str) -> None:
    action = ActionRecord(id="action:000000000001", text="Écrire", at=1, due=due)
    book = load_workbook(io.BytesIO(xlsx(report([ROOM, action], AT), FRENCH)))
    assert str(book[FRENCH.actions]["D2"].value).startswith(due)


def test_a_table_counts_as_many_as_it_is() -> None:
    table = MemberRecord(id="member:000000000002", name="Table 4", role="participant", weight=8)
    assert report([ROOM, AWA, table], AT).present == 9


def test_u3_few_answers_to_an_anonymous_question_are_not_shown() -> None:
    asked = PulseRecord(id="pulse:000000000001", question="Ça va ?", form="words", at=1, anonymous=True)
    told = report([ROOM, asked], AT)
    assert told.pulses[0].counts == []
    assert "0 réponse" not in html(told, FRENCH) + markdown(told, FRENCH), "nobody and too few look the same"
    assert all(
        FRENCH.too_few in text for text in (html(told, FRENCH), markdown(told, FRENCH), csv(told, FRENCH).decode())
    )


def test_U7_the_weather_is_drawn_as_on_the_screens_and_said_in_words() -> None:
    asked = PulseRecord(
        id="pulse:000000000001", question="Quel temps ?", form="weather", at=1, answers=7, counts=[3, 0, 2, 1, 1]
    )
    told = report([ROOM, asked], AT)
    page = html(told, FRENCH)
    assert re.findall(r"<b>(\d)</b> (\w+ ?\w+)", page) == [*zip("30211", FRENCH.weather, strict=True)]
    assert f"- Grand soleil{FRENCH.colon} 3" in markdown(told, FRENCH)
    assert "Éclaircies" in csv(told, FRENCH).decode()
    book = load_workbook(io.BytesIO(xlsx(told, FRENCH)))
    assert [row[1].value for row in book[FRENCH.pulses].iter_rows(min_row=2)] == [*FRENCH.weather]
    drawing = (Path("client_demo/web/src/ui/parts/pulses/Weather.svelte")).read_text("utf-8")
    assert re.findall(r' d="([^"]+)"', page) == re.findall(r' d="([^"]+)"', drawing)


def test_U7_nothing_is_drawn_of_too_few() -> None:
    asked = PulseRecord(id="pulse:000000000001", question="Quel temps ?", form="weather", at=1, anonymous=True)
    told = report([ROOM, asked], AT)
    assert "<svg" not in html(told, FRENCH)
    assert FRENCH.too_few in html(told, FRENCH)


def test_no_line_of_the_page_begins_with_a_unit() -> None:
    text = "Signer 2 000 € : de 19 h à 7 h 30, en 45 min « sans lui » ?"
    page = Reader(html(report([ROOM, idea(1, text)], AT), FRENCH))
    assert (
        "Signer 2\u00a0000\u00a0€\u00a0: de 19\u00a0h à 7\u00a0h\u00a030, en 45\u00a0min «\u00a0sans lui\u00a0»\u00a0?"
        in page.read
    )


def test_names_and_words_stand_in_the_order_of_the_alphabet() -> None:
    """Accented ones came last."""
    names = [
        "Zoé",
        "emma",
        "Łukasz",
        "Élodie",
        "Luc",
        "Eda",
        "Ève",
        "Eve",
        "Øystein",
        "Pia",
        "Œdipe",
        "Omar",
        "Marc",
        "Émile",
    ]
    members = [MemberRecord(id=f"member:{n:012d}", name=name, role="participant") for n, name in enumerate(names)]
    asked = PulseRecord(
        id="pulse:000000000001", question="?", form="words", at=1, answers=3, words={"zen": 1, "épuisé": 1, "fier": 1}
    )
    told = report([ROOM, *members, asked], AT)
    assert [person.name for person in told.people] == [
        "Eda", "Élodie", "Émile", "emma", "Eve", "Ève", "Luc", "Łukasz", "Marc", "Œdipe", "Omar", "Øystein", "Pia", "Zoé",
    ]  # fmt: skip
    assert [text for text, _ in told.pulses[0].counts] == ["épuisé", "fier", "zen"]


def test_dates_and_counts_as_each_language_writes_them() -> None:
    assert FRENCH.moment(AT) == "1er novembre 2026, 14\u202fh\u202f05"
    assert ENGLISH.moment(AT) == "1 November 2026, 14:05"
    assert [FRENCH.count(n, "idea") for n in (0, 1, 2)] == ["0 idée", "1 idée", "2 idées"]
    assert [ENGLISH.count(n, "idea") for n in (0, 1, 2)] == ["0 ideas", "1 idea", "2 ideas"]


class Reader(HTMLParser):
    """What a browser makes of a page: its elements, and what may be read."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.read: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.read.append(data)


@bounded(40)
@given(rooms())
@BOTH
def test_h8_nothing_typed_becomes_html(words: Words, records: list[Record]) -> None:
    told = report(records, AT)
    page = Reader(html(told, words))
    assert page.tags["li"] >= told.ideas
    assert not page.tags.keys() & {"script", "img", "iframe", "object", "form", "base", "embed"}
    assert page.tags["style"] == page.tags["h1"] == 1
    assert page.tags["a"] <= 14 + len(told.groups)
    assert page.attributes <= {
        "lang",
        "charset",
        "name",
        "content",
        "http-equiv",
        "class",
        "id",
        "href",
        "aria-label",
        *("aria-hidden", "viewbox", "d", "cx", "cy", "r"),
        "dir",
        "scope",
    }
    read = {text.replace("\u00a0", " ") for text in page.read}
    for text in typed(told):
        assert text.replace("\u00a0", " ") in read


@bounded(40)
@given(rooms())
@BOTH
def test_h8_nothing_typed_becomes_markdown(words: Words, records: list[Record]) -> None:
    told = report(records, AT)
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown(told, words))
    kinds = Counter(token.type for token in tokens)
    helpers = [person for person in told.people if person.helps]
    sections = (told.decisions, told.loose, told.commitments, told.results, told.tested, told.rounds, told.pulses, told.questions, told.groups, told.messages, told.left_out, told.steps, told.people, helpers)  # fmt: skip
    parts = (told.results, told.rounds, told.pulses, told.groups)
    assert kinds["heading_open"] == 1 + sum(map(bool, sections)) + sum(map(len, parts))
    evidence = [(bool(decision.quote), len(decision.votes)) for decision in told.decisions]
    items = (
        len(told.decisions),
        sum(map(sum, evidence)),
        len(list(told.actions)),
        len(told.commitments),
        sum(len(result.totals) for result in told.results),
        sum(1 + len(one.votes) + len(one.remarks) for one in told.tested),
        sum(1 + (breakout.best is not None) for one in told.rounds for breakout in one.breakouts),
        sum(len(words.answered(pulse)) for pulse in told.pulses),
        len(told.questions),
        told.ideas,
        len(told.messages),
        len(told.left_out),
        len(told.steps),
        len(helpers),
    )
    assert kinds["list_item_open"] == sum(items)
    assert not kinds.keys() & {"html_block", "code_block", "fence", "blockquote_open", "table_open", "hr"}
    inline = [child for token in tokens for child in token.children or ()]
    strong = Counter(child.type for child in inline)
    assert strong.keys() <= {"text", "text_special", "strong_open", "strong_close"}
    assert strong["strong_open"] == len(told.decisions)
    read = "\n".join("".join(child.content for child in token.children or ()) for token in tokens)
    for text in typed(told):
        assert lines(closed(text)) in lines(read), text


@bounded(40)
@given(rooms())
@BOTH
def test_h8_no_cell_is_a_formula(words: Words, records: list[Record]) -> None:
    told = report(records, AT)
    ideas = [one for group in told.groups for one in group.ideas]

    book = load_workbook(io.BytesIO(xlsx(told, words)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert [row[1] for row in book[words.ideas].iter_rows(2, values_only=True)] == [
        closed(each.text) for one in ideas for each in (one, *one.merged)
    ]
    read = [str(cell.value) for cell in cells]
    for text in typed(told):
        assert any(closed(text) in cell for cell in read), text

    raw = csv(told, words).decode()
    assert raw.startswith("\ufeff")
    head, *rows = stdlib_csv.reader(io.StringIO(raw[1:], newline=""), delimiter=";" if words is FRENCH else ",")
    assert {len(head), *map(len, rows)} == {9}
    read = [cell for row in rows for cell in row]
    for text in typed(told):
        assert closed(text) in read or f"'{closed(text)}" in read
    for cell in read:
        assert not cell.strip().startswith(("=", "+", "-", "@", "＝"))


@BOTH
def test_a_room_without_anything_says_so(words: Words) -> None:
    told = report([ROOM], AT)
    assert words.none in html(told, words)
    assert words.none in markdown(told, words)
    assert xlsx(told, words)
    assert csv(told, words).count(b"\r\n") == 1


def cells(book: bytes, sheet: str) -> list[list[object]]:
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(book))[sheet].iter_rows(min_row=2)]


def test_H8_all_that_was_merged_is_in_the_workbook_however_much() -> None:
    """Seen: one cell was cut at 32,767 characters, and 32 texts were missing without a word."""
    merged = [
        idea(n, f"{n:03} {'é' * 270}", into=idea(1, "").id, author=AWA.id, rank=f"b{n:03}") for n in range(2, 152)
    ]
    rows = cells(xlsx(report([ROOM, AWA, ZONE, idea(1, "A", zone=ZONE.id), *merged], AT), FRENCH), "Idées")
    # Compared by their beginnings first: whole, it takes minutes to tell how they differ.
    shown = [str(row[1]) for row in rows]
    assert [text[:3] for text in shown] == ["A", *(one.text[:3] for one in merged)]
    assert set(shown[1:]) == {one.text for one in merged}
    assert {row[0] for row in rows} == {"B · Décider près du terrain"}
    assert rows[0][5] is None
    assert {(row[2], row[5]) for row in rows[1:]} == {("Awa Diop", "A")}, "whose it is, and in what it stands"


def test_H8_all_that_someone_can_help_with_is_in_the_workbook_however_much() -> None:
    meet = StepRecord(id="step:000000000004", kind="meet", title="Qui est là ?", rank="a1")
    said = [idea(n, f"{n:03} {'é' * 270}", author=AWA.id, step=meet.id, rank=f"b{n:03}") for n in range(150)]
    rows = cells(xlsx(report([ROOM, replace(AWA, weight=8), meet, *said], AT), FRENCH), "Participants")
    shown = [str(row[2]) for row in rows]
    assert [text[:3] for text in shown] == [one.text[:3] for one in said]
    assert set(shown) == {one.text for one in said}
    assert [row[1] for row in rows[:2]] == [8, None], "a table is counted once"


@pytest.mark.parametrize("sign", ["é", "🎉"])
def test_a_cell_that_would_be_too_long_goes_on_in_the_next_row(sign: str) -> None:
    """Such as no command could write, but that a file of elsewhere or another column may bring. A sign beyond U+FFFF counts as two."""
    text = sign * 70_000
    rows = cells(xlsx(report([ROOM, replace(AWA, name=text)], AT), FRENCH), "Participants")
    assert "".join(str(row[0]) for row in rows) == text
    assert max(len(str(row[0]).encode("utf-16-le")) // 2 for row in rows) <= 32_767


NONE_TOLD = {
    "fr": ("Au moins 7 réponses\u00a0: rien n’en est montré.", FRENCH.too_few, "Pas de réponse."),
    "en": ("At least 7 answers: nothing of them is shown.", ENGLISH.too_few, "No answer."),
}


@BOTH
def test_U11_where_no_answers_are_told_every_form_says_why(words: Words) -> None:
    """A host has hidden every word, or too few have answered, or nobody has."""
    asked = PulseRecord(id="pulse:000000000010", question="Un mot ?", form="words", at=1, anonymous=True)
    pulses = (replace(asked, answers=7), asked, replace(asked, anonymous=False))
    for pulse, line in zip(pulses, NONE_TOLD[words.lang], strict=True):
        told = report([ROOM, pulse], AT)
        book = load_workbook(io.BytesIO(xlsx(told, words)))
        assert list(book[words.pulses].iter_rows(2, max_col=2, values_only=True)) == [("Un mot ?", line)]
        drawn = "".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf(told, words))).pages)
        for form in (html(told, words), markdown(told, words), csv(told, words).decode(), drawn):
            assert lines(line) in lines(form), line
            assert not [other for other in NONE_TOLD[words.lang] if other != line and lines(other) in lines(form)]


@BOTH
def test_H8_of_a_decision_that_nobody_takes_on_it_is_asked_who_does(words: Words) -> None:
    decided = DecisionRecord(id="decision:000000000001", text="Un seul site", at=1)
    action = ActionRecord(id="action:000000000001", text="Appeler", at=2, decision=decided.id)
    for known, asked in (([decided], True), ([decided, action], False)):
        told = report([ROOM, *known], AT)
        drawn = "".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf(told, words))).pages)
        for form in (html(told, words), markdown(told, words), drawn):
            assert (lines(words.undertaken_by_none) in lines(form)) is asked


SHOWN = {
    "fr": "Réponses montrées\u00a0: 5. Elles se montrent par cinq, pour qu’on ne devine pas qui a répondu quoi.",
    "en": "Answers shown: 5. They are shown by fives, so that nobody can guess who answered what.",
}


@BOTH
@pytest.mark.parametrize("form", ["scale", "weather"])
def test_U3_of_anonymous_answers_so_many_are_shown_not_given(words: Words, form: Form) -> None:
    """Seen: six had answered, and all was headed « 5 réponses »."""
    asked = PulseRecord(
        id="pulse:000000000010", question="Et ?", form=form, at=1, answers=5, counts=[1, 1, 1, 1, 1], anonymous=True
    )
    for anonymous in (True, False):
        told = report([ROOM, replace(asked, anonymous=anonymous)], AT)
        drawn = "".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf(told, words))).pages)
        for written in (html(told, words), markdown(told, words), drawn):
            assert (lines(SHOWN[words.lang]) in lines(written)) is anonymous
            assert (words.count(5, "answer") in written) is not anonymous


@BOTH
def test_C11_every_form_says_in_whose_name_it_is(words: Words) -> None:
    line = "Boulanger & Fils"
    told = report([replace(ROOM, line=line), AWA, idea(1, "Un seul site")], AT)
    book = load_workbook(io.BytesIO(xlsx(told, words)))
    first, *others = book
    assert list(first.iter_rows(values_only=True)) == [(words.in_name_of, words.report), (line, ROOM.title)]
    assert others
    assert {sheet.oddHeader.left.text for sheet in book} == {"Boulanger && Fils"}

    def table(told: Report) -> list[list[str]]:
        raw = csv(told, words).decode().removeprefix("\ufeff")
        return list(stdlib_csv.reader(io.StringIO(raw, newline=""), delimiter=";" if words is FRENCH else ","))

    titles, named, *rest = table(told)
    assert named == [words.in_name_of, line, *[""] * (len(titles) - 2)]
    assert [titles, *rest] == table(replace(told, line=""))
    assert words.in_name_of not in csv(replace(told, line=""), words).decode()
    assert [sheet.title for sheet in load_workbook(io.BytesIO(xlsx(replace(told, line=""), words)))] == [
        sheet.title for sheet in others
    ]
    for form in (html(told, words), markdown(told, words).replace("\\", "")):
        assert line in form.replace("&amp;", "&")


BLIND = StepRecord(id="step:000000000003", kind="ideate", title="En silence", rank="a1", blind="nobody", written=24)
VOTED = StepRecord(id="step:000000000004", kind="vote", title="Choisir", rank="a2", voted=3, closed=1)
SAID = {
    "fr": ("24 idées de «\u202fEn silence\u202f» n’ont pas été révélées.", "Le vote «\u202fChoisir\u202f» n’a pas été montré\u00a0: 3 votants."),
    "en": ("24 ideas of “En silence” have not been revealed.", "The vote “Choisir” has not been shown: 3 voters."),
}  # fmt: skip


@BOTH
def test_h8_every_form_says_what_it_leaves_out(words: Words) -> None:
    told = report([ROOM, VOTED, BLIND, STEP], AT)
    assert not told.empty
    book = load_workbook(io.BytesIO(xlsx(told, words)))
    forms = (html(told, words), markdown(told, words), csv(told, words).decode())
    for line in SAID[words.lang]:
        assert all(lines(line) in lines(form) for form in forms), line
        assert line in [row[0] for row in book[words.left_out].iter_rows(2, values_only=True)]


ASKED = PulseRecord(
    id="pulse:000000000009", question="Un mot ?", form="words", at=1, answers=3, words={"zen": 2}, different=2
)
MORE = {
    "fr": "«\u202fUn mot ?\u202f»\u00a0: 1 autre mot.",
    "en": "“Un mot ?”: 1 more word.",
}


@BOTH
def test_u6_a_question_that_is_still_open_says_how_many_words_are_missing(words: Words) -> None:
    told = report([ROOM, ASKED], AT)
    line = words.told_of(told.left_out[0])
    assert line == MORE[words.lang]
    for form in (html(told, words), markdown(told, words), csv(told, words).decode()):
        assert lines(line) in lines(form)
    book = load_workbook(io.BytesIO(xlsx(told, words)))
    assert list(book[words.left_out].iter_rows(2, values_only=True)) == [(line, "Un mot ?", 1)]
    assert report([ROOM, replace(ASKED, words={"zen": 2, "fier": 1})], AT).left_out == []


def test_h8_no_break_spaces_stay_in_markdown() -> None:
    title = "Qui fait quoi\u00a0?"
    told = report([ROOM, replace(BLIND, title=title)], AT)
    text = markdown(told, FRENCH)
    assert FRENCH.told_of(told.left_out[0]) in text
    assert f" {title}" in text, "what people typed so, too"


@BOTH
def test_h8_what_was_revealed_is_not_left_out(words: Words) -> None:
    revealed, shown = replace(BLIND, revealed=True, written=0), replace(VOTED, shown=True)
    unused = replace(BLIND, id="step:000000000005", written=0), replace(VOTED, id="step:000000000006", voted=0)
    told = report([ROOM, revealed, shown, *unused], AT)
    assert told.left_out == []
    assert words.left_out not in html(told, words) + markdown(told, words) + csv(told, words).decode()


@BOTH
def test_l8_h8_people_who_look_alike_are_told_apart_in_every_form(words: Words) -> None:
    """Seen: two of one name were one in the minutes, whoever of them had an action to carry out."""
    twins = [
        MemberRecord(id="member:aaaaaaaaak7q", name="Léa", role="participant"),
        MemberRecord(id="member:bbbbbbbbb2mx", name="Le\u0301a", role="participant"),
        MemberRecord(id="member:cccccccccaaa", name="Lé\u0430", role="host"),
    ]
    action = ActionRecord(id="action:000000000001", text="Appeler", at=1, owner=twins[0].id)
    said = CommitmentRecord(id="commitment:000000000001", text="Écouter", author=twins[1].id, at=1, shared=True)
    idea = IdeaRecord(id="idea:000000000077", text="Un banc", rank="a1", author=twins[1].id, at=1)
    told = report([ROOM, *twins, action, said, idea], AT)
    assert [person.name for person in told.people] == ["Le\u0301a\u00a0(2MX)", "Léa\u00a0(K7Q)", "Lé\u0430"]
    assert [one.owner for one in told.loose] == ["Léa\u00a0(K7Q)"]
    assert [one.author for one in told.commitments] == ["Le\u0301a\u00a0(2MX)"]
    assert told.groups[0].ideas[0].author == "Le\u0301a\u00a0(2MX)"
    book = load_workbook(io.BytesIO(xlsx(told, words)))
    cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    for form in (html(told, words), markdown(told, words), csv(told, words).decode()):
        assert "Léa (K7Q)" in form.replace("\u00a0", " ")
        assert "Le\u0301a (2MX)" in form.replace("\u00a0", " ")
    assert {"Lé\u0430", "Le\u0301a\u00a0(2MX)", "Léa\u00a0(K7Q)"} <= cells


def test_U10_what_people_wrote_beside_the_options_stands_with_what_was_chosen() -> None:
    asked = PulseRecord(
        id="pulse:000000000001", question="Que garder ?", form="choice", at=1, options=["Le lieu", "L’heure"], other=True, answers=9,
        counts=[4, 2, 3], words={"La salle": 1, "Le café": 2}, different=2,
    )  # fmt: skip
    told = report([ROOM, asked], AT)
    own = [f"Autre{FRENCH.colon} {isolated(text)}" for text in ("Le café", "La salle")]
    assert FRENCH.answered(told.pulses[0]) == [("Le lieu", 4), ("L’heure", 2), ("Autre", 3), (own[0], 2), (own[1], 1)]
    for form in (html(told, FRENCH), markdown(told, FRENCH), csv(told, FRENCH).decode()):
        assert own[0] in form.replace("&#39;", "’")
    book = load_workbook(io.BytesIO(xlsx(told, FRENCH)))
    assert [row[1].value for row in book[FRENCH.pulses].iter_rows(min_row=2)] == ["Le lieu", "L’heure", "Autre", *own]


def test_U10_nothing_of_it_stands_there_before_it_may_be_told() -> None:
    asked = PulseRecord(
        id="pulse:000000000001",
        question="Que garder ?",
        form="choice",
        at=1,
        options=["A", "B"],
        other=True,
        anonymous=True,
    )
    assert FRENCH.answered(report([ROOM, asked], AT).pulses[0]) == []


QUESTIONS: list[Record] = [
    ROOM,
    AWA,
    StepRecord(id="step:000000000008", kind="questions", title="Vos questions", rank="a8"),
    idea(1, "Et les horaires ?", step="step:000000000008", reactions={"like": 1, "love": 9}, author=AWA.id),
    idea(2, "Qui décide ?", step="step:000000000008", reactions={"like": 4}, answered=True, anonymous=True),
    idea(3, "Zut", step="step:000000000008", hidden=True),
    idea(4, "Une idée"),
]


@BOTH
def test_U13_the_minutes_list_what_was_asked_most_supported_first(words: Words) -> None:
    told = report(QUESTIONS, AT)
    assert [(one.text, one.author, one.supports, one.answered) for one in told.questions] == [
        ("Qui décide ?", None, 4, True),
        ("Et les horaires ?", "Awa Diop", 1, False),
    ]
    assert [one.text for group in told.groups for one in group.ideas] == ["Une idée"]
    assert told.ideas == 1
    book = load_workbook(io.BytesIO(xlsx(told, words)))
    rows = [tuple(cell.value for cell in row) for row in book[words.asked].iter_rows(min_row=2)]
    assert [row[1:] for row in rows] == [
        (words.anonymous, 4, words.answered_already),
        ("Awa Diop", 1, words.awaits_answer),
    ]
    for form in (html(told, words), markdown(told, words), csv(told, words).decode()):
        assert form.index("Qui décide") < form.index("Et les horaires")
        assert words.awaits_answer in form
        assert "Zut" not in form
    assert words.asked in html(told, words)
