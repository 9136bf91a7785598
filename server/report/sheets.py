"""The compte rendu as a workbook: a sheet a subject, every cell a text, a number or a day of ours, none a formula or a link."""

import io
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, zip_longest
from typing import Final, TypeAlias

from msgspec import Struct
from xlsxwriter import Workbook  # type: ignore[import-untyped]  # ships no types

from protocol.text import closed, isolated
from server.report.model import Action, Pulse, Report
from server.report.words import Words

_FIRST_YEAR: Final = 1900
"""Workbooks know no day before it, and have one too many in it."""

_LONGEST: Final = 32_767
"""UTF-16 code units that a cell holds; what is longer goes on in the next row."""

Cell: TypeAlias = str | int | date | None


class Table(Struct, frozen=True):
    """
    Attributes:
        columns: titles, each with its width in characters; each sheet begins with them, so that it is sorted and filtered as it is.
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
            if report.line:
                sheet.set_header(f"&L{closed(report.line).replace('&', '&&')}")
            for x, (title, width) in enumerate(table.columns):
                sheet.set_column(x, x, width)
                sheet.write_string(0, x, title, head)
            for y, row in enumerate(chain.from_iterable(map(_fitting, table.rows)), 1):
                for x, cell in enumerate(row):
                    failed = 0
                    match cell:
                        case str():
                            failed = sheet.write_string(y, x, cell, body)
                        case int():
                            failed = sheet.write_number(y, x, cell, body)
                        case date() if cell.year > _FIRST_YEAR:
                            failed = sheet.write_datetime(y, x, cell, day)
                        case date():
                            failed = sheet.write_string(y, x, cell.isoformat(), body)
                    if failed:
                        raise ValueError(f"expected a cell that fits at {table.name} {y}:{x}; xlsxwriter says {failed}")
    return file.getvalue()


def _fitting(row: Sequence[Cell]) -> Iterator[Sequence[Cell]]:
    """The row, and below it what of its texts no cell can hold at once."""
    texts = [_pieces(closed(cell)) if isinstance(cell, str) else [cell] for cell in row]
    return zip_longest(*texts)


def _pieces(text: str) -> Sequence[Cell]:
    """A text in pieces that a cell holds each; no sign is cut in two."""
    if 2 * len(text) <= _LONGEST:
        return [text]
    pieces, units, begun = list[Cell](), 0, 0
    for at, sign in enumerate(text):
        units += 2 if ord(sign) > 0xFFFF else 1
        if units > _LONGEST:
            pieces.append(text[begun:at])
            begun, units = at, 2 if ord(sign) > 0xFFFF else 1
    return [*pieces, text[begun:]]


def _answers(pulse: Pulse, words: Words) -> Sequence[Sequence[Cell]]:
    return [[pulse.question, text, n] for text, n in words.answered(pulse)] or [
        [pulse.question, words.told_of_none(pulse)]
    ]


def _undertaking(words: Words) -> Sequence[tuple[str, int]]:
    return [(words.owner, 24), (words.due, 12), (words.first, 40), (words.state, 10)]


def _undertaken(action: Action | None, words: Words) -> Sequence[Cell]:
    if action is None:
        return ["", None, "", ""]
    return [action.owner or "", action.due, action.first, words.progress(action)]


def _tables(report: Report, words: Words) -> Iterator[Table]:
    """Those that have rows; the ideas always, so that there is a sheet. In whose name it is, has one of its own, and heads the printed pages."""
    if report.line:
        yield Table(words.report, [(words.in_name_of, 40), (words.report, 80)], [[report.line, report.title]])
    for table in (
        Table(
            words.decisions,
            [(words.decision, 60), *_undertaking(words), (words.came_from, 60)],
            [[decision.text, *_undertaken(decision.itself, words), decision.quote] for decision in report.decisions],
        ),
        Table(
            words.actions,
            [
                (words.action, 60),
                (words.decision, 60),
                *_undertaking(words),
            ],
            [[action.text, of.text if of else "", *_undertaken(action, words)] for of, action in report.actions],
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
            words.tested,
            [(words.idea, 80), (words.kind, 16), (words.remark, 80), (words.person, 24)],
            [
                [
                    words.tested_thing(tested),
                    words.remark_kind(remark.kind),
                    words.written(remark.text),
                    remark.author or words.anonymous,
                ]
                for tested in report.tested
                for remark in tested.remarks
            ],
        ),
        Table(
            words.breakouts,
            [
                (words.round.format(n="").strip(), 8),
                (words.breakout.format(n="").strip(), 8),
                (words.topic, 60),
                (words.speaker, 24),
                (words.best, 80),
            ],
            [
                [
                    each.number,
                    breakout.number,
                    breakout.topic,
                    breakout.speaker or "",
                    None if breakout.best is None else words.written(breakout.best),
                ]
                for each in report.rounds
                for breakout in each.breakouts
            ]
            + [[each.number, None, each.topic] for each in report.rounds if each.topic],
        ),
        Table(
            words.pulses,
            [(words.question, 60), (words.answer, 40), (words.answers, 12)],
            [row for pulse in report.pulses for row in _answers(pulse, words)],
        ),
        Table(
            words.asked,
            [(words.question, 80), (words.author, 24), (words.support, 12), (words.state, 20)],
            [
                [words.written(one.text), one.author or words.anonymous, one.supports, words.outcome(one)]
                for one in report.questions
            ],
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
            (words.joined, 60),
            (words.image, 40),
        ],
        [
            [
                words.group_title(group),
                one.text,
                one.author or words.anonymous,
                one.step,
                one.reactions,
                None if one is idea else idea.text,
                (one.alt or words.image) if one.image else None,
            ]
            for group in report.groups
            for idea in group.ideas
            for one in (idea, *idea.merged)
        ],
    )
    if report.messages:
        yield Table(
            words.messages,
            [(words.message, 80), (words.person, 24)],
            [[words.written(one.text), one.author or words.anonymous] for one in report.messages],
        )
    if report.left_out:
        yield Table(
            words.left_out,
            [(words.left_out, 80), (words.step, 30), (words.number, 12)],
            [[words.told_of(left), left.step, left.ideas or left.voters or left.words] for left in report.left_out],
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
            [
                [person.name, (person.weight or None) if n == 0 else None, text]
                for person in report.people
                for n, text in enumerate(person.helps or ("",))
            ],
        )
