"""The compte rendu as a workbook: a sheet a subject, every cell a text, a number or a day of ours, none a formula or a link."""

import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TypeAlias

from msgspec import Struct
from xlsxwriter import Workbook  # type: ignore[import-untyped]  # ships no types

from protocol.text import closed, isolated
from server.report.model import Pulse, Report
from server.report.words import Words

_FIRST_YEAR = 1900
"""Workbooks know no day before it, and have one too many in it."""

Cell: TypeAlias = str | int | date | None


class Table(Struct, frozen=True):
    """
    Attributes:
        columns: titles, each with its width in characters.
    """

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[Cell]]


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
        book.set_properties({"title": isolated(report.title), "created": report.written.replace(tzinfo=None)})
        head, body = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        for table in _tables(report, words):
            sheet = book.add_worksheet(table.name)
            sheet.freeze_panes(1, 0)
            for x, (title, width) in enumerate(table.columns):
                sheet.set_column(x, x, width)
                sheet.write_string(0, x, title, head)
            for y, row in enumerate(table.rows, 1):
                for x, cell in enumerate(row):
                    match cell:
                        case str():
                            sheet.write_string(y, x, closed(cell), body)
                        case int():
                            sheet.write_number(y, x, cell, body)
                        case date() if cell.year > _FIRST_YEAR:
                            sheet.write_datetime(y, x, cell, day)
                        case date():
                            sheet.write_string(y, x, cell.isoformat(), body)
    return file.getvalue()


def _answers(pulse: Pulse, words: Words) -> Sequence[Sequence[Cell]]:
    return [[pulse.question, text, n] for text, n in pulse.counts] or [[pulse.question, words.too_few]]


def _tables(report: Report, words: Words) -> Iterator[Table]:
    """Those that have rows; the ideas always, so that there is a sheet."""
    for table in (
        Table(
            words.decisions,
            [(words.decision, 80), (words.came_from, 60)],
            [[decision.text, decision.quote] for decision in report.decisions],
        ),
        Table(
            words.actions,
            [
                (words.action, 60),
                (words.decision, 60),
                (words.owner, 24),
                (words.due, 12),
                (words.first, 40),
                (words.state, 10),
            ],
            [
                [
                    action.text,
                    of.text if of else "",
                    action.owner or "",
                    action.due,
                    action.first,
                    words.progress(action),
                ]
                for of, action in report.actions
            ],
        ),
        Table(
            words.commitments,
            [(words.commitment, 80), (words.person, 24)],
            [[one.text, one.author or ""] for one in report.commitments],
        ),
        Table(
            words.results,
            [(words.step, 24), (words.place, 8), (words.idea, 80), (words.dots, 12), (words.voters, 10)],
            [
                [result.step, total.place, words.voted_on(total), total.dots, total.voters]
                for result in report.results
                for total in result.totals
            ],
        ),
        Table(
            words.pulses,
            [(words.question, 60), (words.answer, 40), (words.answers, 12)],
            [row for pulse in report.pulses for row in _answers(pulse, words)],
        ),
    ):
        if table.rows:
            yield table
    yield Table(
        words.ideas,
        [
            (words.group, 24),
            (words.idea, 80),
            (words.author, 24),
            (words.step, 24),
            (words.reactions, 12),
            (words.merged, 60),
        ],
        [
            [
                words.group_title(group),
                idea.text,
                idea.author or words.anonymous,
                idea.step,
                idea.reactions,
                "\n".join(f"{isolated(one.text)} ({isolated(one.author or words.anonymous)})" for one in idea.merged),
            ]
            for group in report.groups
            for idea in group.ideas
        ],
    )
    if report.steps:
        yield Table(
            words.steps,
            [(words.step, 30), (words.prompt, 80), (words.minutes, 12)],
            [[step.title, step.prompt, step.minutes] for step in report.steps],
        )
    if report.people:
        yield Table(
            words.people,
            [(words.people, 40), (words.table, 12), (words.helps, 80)],
            [[person.name, person.table or None, "\n".join(map(closed, person.helps))] for person in report.people],
        )
