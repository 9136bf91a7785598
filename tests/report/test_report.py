"""The compte rendu holds what is public, in order, and nothing that people typed does anything (SPEC H8)."""

import csv as stdlib_csv
import io
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from openpyxl import load_workbook  # type: ignore[import-untyped]  # ships no types

from protocol.records import IdeaRecord, MemberRecord, Record, RoomRecord, StepRecord, ZoneRecord
from server.report import csv, html, markdown, report, xlsx
from server.report.words import ENGLISH, FRENCH, Words
from tests.report.rooms import AT, rooms

BOTH = pytest.mark.parametrize("words", [FRENCH, ENGLISH], ids=lambda words: words.lang)

ROOM = RoomRecord(id="room:000000000000", title="Printemps des managers")
AWA = MemberRecord(id="member:000000000001", name="Awa Diop", role="guest")
STEP = StepRecord(id="step:000000000002", kind="ideate", title="Nos idées", rank="a0", minutes=10)
ZONE = ZoneRecord(id="zone:000000000003", title="Décider près du terrain", letter="B", rank="a0")


def idea(n: int, text: str, **more: object) -> IdeaRecord:
    return IdeaRecord(**{"id": f"idea:{n:012d}", "text": text, "rank": f"a{n}"} | more)  # type: ignore[arg-type]


def texts(records: list[Record]) -> list[str]:
    return [one.text for group in report(records, AT).groups for one in group.ideas]


def lines(text: str) -> str:
    """As it reads where white space counts for nothing."""
    return " ".join(text.split())


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


def test_what_is_in_review_or_removed_is_not_told() -> None:
    assert texts([ROOM, idea(1, "A", hidden=True), idea(2, "B", removed=True), idea(3, "C")]) == ["C"]


def test_an_author_who_has_no_record_has_no_name() -> None:
    (group,) = report([ROOM, idea(1, "A", author="member:000000000009")], AT).groups
    assert group.ideas[0].author is None


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


@given(rooms())
@BOTH
def test_h8_nothing_typed_becomes_html(words: Words, records: list[Record]) -> None:
    told = report(records, AT)
    page = Reader(html(told, words))
    assert page.tags["li"] >= told.ideas
    assert not page.tags.keys() & {"script", "img", "iframe", "object", "form", "base", "embed"}
    assert page.tags["style"] == page.tags["h1"] == 1
    assert page.tags["a"] <= 4 + len(told.groups)
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
        "dir",
    }
    for one in (one for group in told.groups for one in group.ideas):
        assert one.text in page.read


@given(rooms())
@BOTH
def test_h8_nothing_typed_becomes_markdown(words: Words, records: list[Record]) -> None:
    told = report(records, AT)
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown(told, words))
    kinds = Counter(token.type for token in tokens)
    assert kinds["list_item_open"] == told.ideas + len(told.steps)
    assert kinds["heading_open"] == 1 + bool(told.groups) + len(told.groups) + bool(told.steps) + bool(told.people)
    assert not kinds.keys() & {"html_block", "code_block", "fence", "blockquote_open", "table_open", "hr"}
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"text", "text_special"}
    read = ["".join(child.content for child in token.children or ()) for token in tokens]
    for one in (one for group in told.groups for one in group.ideas):
        assert any(text.startswith(lines(one.text)) for text in read), one.text


@given(rooms())
@BOTH
def test_h8_no_cell_is_a_formula(words: Words, records: list[Record]) -> None:
    told = report(records, AT)
    ideas = [one for group in told.groups for one in group.ideas]

    book = load_workbook(io.BytesIO(xlsx(told, words)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert [row[1] for row in book[words.ideas].iter_rows(2, values_only=True)] == [one.text for one in ideas]

    raw = csv(told, words).decode()
    assert raw.startswith("\ufeff")
    head, *rows = stdlib_csv.reader(io.StringIO(raw[1:], newline=""), delimiter=";" if words is FRENCH else ",")
    assert len(head) == 5
    for row, one in zip(rows, ideas, strict=True):
        assert row[1] in (one.text, f"'{one.text}")
        for cell in row[:4]:
            assert not cell.strip().startswith(("=", "+", "-", "@", "＝"))


@BOTH
def test_a_room_without_anything_says_so(words: Words) -> None:
    told = report([ROOM], AT)
    assert words.none in html(told, words)
    assert words.none in markdown(told, words)
    assert xlsx(told, words)
    assert csv(told, words).count(b"\r\n") == 1
