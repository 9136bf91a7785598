"""The compte rendu as a workbook: a sheet a subject, every cell a text or a number of ours, none a formula or a link."""

import io
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from xlsxwriter import Workbook  # type: ignore[import-untyped]  # ships no types

from server.report.model import Report
from server.report.words import Words

Cell: TypeAlias = str | int
Table: TypeAlias = tuple[str, Sequence[tuple[str, int]], Sequence[Sequence[Cell]]]
"""A sheet's name; its columns, each with its width in characters; its rows."""


def xlsx(report: Report, words: Words) -> bytes:
    file = io.BytesIO()
    # What is typed stays text: without these a cell that begins with = or http would be made a formula or a link.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": False,
    }
    with Workbook(file, options) as book:
        book.set_properties({"title": report.title, "created": report.written.replace(tzinfo=None)})
        head, body = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
        for name, columns, rows in _tables(report, words):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for x, (title, width) in enumerate(columns):
                sheet.set_column(x, x, width)
                sheet.write_string(0, x, title, head)
            for y, row in enumerate(rows, 1):
                for x, cell in enumerate(row):
                    write = sheet.write_number if isinstance(cell, int) else sheet.write_string
                    write(y, x, cell, body)
    return file.getvalue()


def _tables(report: Report, words: Words) -> Iterator[Table]:
    yield (
        words.ideas,
        [(words.group, 24), (words.idea, 80), (words.author, 24), (words.step, 24), (words.reactions, 12)],
        [
            [
                " · ".join(part for part in (group.letter, group.title) if part),
                idea.text,
                idea.author or words.anonymous,
                idea.step,
                idea.reactions,
            ]
            for group in report.groups
            for idea in group.ideas
        ],
    )
    yield (
        words.steps,
        [(words.step, 30), ("", 80), (words.minutes, 12)],
        [[step.title, step.prompt, step.minutes] for step in report.steps],
    )
    yield words.people, [(words.people, 40)], [[name] for name in report.people]
