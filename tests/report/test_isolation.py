"""In no form of the compte rendu does a text of people turn what is around it (SPEC L7)."""

import csv as stdlib_csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import msgspec
from hypothesis import Phase, given, settings
from openpyxl import load_workbook  # type: ignore[import-untyped]  # ships no types

from protocol.records import RECORDS, Record
from protocol.text import closed
from server.report.delimited import csv
from server.report.html import html
from server.report.markdown import markdown
from server.report.model import Vote, report
from server.report.sheets import xlsx
from server.report.words import ENGLISH, FRENCH, Words
from tests.report.rooms import AT, rooms
from tests.report.test_report import BOTH

OPEN = "\u202e"
"""Shows all that follows from right to left, until it is closed."""
TYPED = {"text", "title", "name", "prompt", "question", "first", "quote", "due"}
INSIDE = re.compile("\u2068[^\u2068\u2069]*\u2069")


def turned(record: Record) -> Record:
    """The record, in which every text that people typed opens a mark of direction and does not close it."""

    def turn(value: Any, name: str) -> Any:
        if isinstance(value, dict):
            keys = (f"{key}{OPEN}" if name == "words" else key for key in value)
            return dict(zip(keys, (turn(inner, key) for key, inner in value.items()), strict=True))
        if isinstance(value, list):
            return [turn(inner, name) for inner in value]
        return (
            f"{value.replace(OPEN, '')}{OPEN}"
            if isinstance(value, str) and value and name in {*TYPED, "options"}
            else value
        )

    built = turn(msgspec.to_builtins(record), "")
    return msgspec.convert(built, RECORDS[record.id.partition(":")[0]])


class Bare(HTMLParser):
    """Texts that open a mark and stand in an element of which they are not all, or that has no direction of its own."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.within: list[bool] = []
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.within.append(tag == "bdi" or ("dir", "auto") in attrs)

    def handle_endtag(self, tag: str) -> None:
        self.within.pop()

    def handle_data(self, data: str) -> None:
        if OPEN in INSIDE.sub("", data) and not self.within[-1]:
            self.found.append(data)


@settings(max_examples=25, deadline=None, phases=[Phase.generate])
@given(rooms())
@BOTH
def test_L7_every_text_is_isolated_in_every_form(words: Words, records: list[Record]) -> None:
    told = report(map(turned, records), AT)
    page = html(told, words)
    assert OPEN in page
    assert Bare(page).found == []
    for line in markdown(told, words).splitlines():
        assert OPEN not in INSIDE.sub("", line), line
    for line in csv(told, words).decode()[1:].splitlines():
        assert line == closed(line), "an open mark would turn the cells behind it"
    raw = csv(told, words).decode()[1:]
    cells = [
        cell for row in stdlib_csv.reader(io.StringIO(raw), delimiter=";" if words is FRENCH else ",") for cell in row
    ]
    book = load_workbook(io.BytesIO(xlsx(told, words)))
    cells += [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert all(cell == closed(cell) for cell in cells)


def test_L7_votes_name_their_step_in_a_sentence_of_ours() -> None:
    assert (
        FRENCH.vote(Vote(f"Choisir{OPEN}", 5, 2))
        == f"5 gommettes de 2 votants dans «\u00a0\u2068Choisir{OPEN}\u202c\u2069\u00a0»"
    )
    assert ENGLISH.vote(Vote("Choose", 5, 2)) == "5 dots from 2 voters in “Choose”"
