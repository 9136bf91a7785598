"""All of it as one CSV, for the spreadsheets that people have: in French `;` separates, and a mark tells that it is UTF-8."""

import io
from collections.abc import Iterator
from csv import QUOTE_ALL, writer

from msgspec import Struct
from msgspec.structs import astuple, replace

from protocol.text import closed, isolated
from server.report.model import Action, Idea, Report
from server.report.words import Words

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, the full-width forms too."""


class Row(Struct, frozen=True, kw_only=True):
    """
    Attributes:
        under: what it belongs to: an action to a decision, a remark to an idea, an answer to a question, an idea to its group.
        number: dots, answers or reactions.
    """

    kind: str
    text: str
    under: str = ""
    person: str = ""
    step: str = ""
    due: str = ""
    first: str = ""
    state: str = ""
    number: int | str = ""


def csv(report: Report, words: Words) -> bytes:
    """
    One line for each thing, below a line of titles; decisions come first.

    In whose name it is, is a line of its own kind, like everything else: with lines above the titles, or another number of cells, whatever
    reads tables would take it for titles, or for an error.
    """
    file = io.StringIO(newline="")
    lines = writer(file, delimiter=";" if words.lang == "fr" else ",", quoting=QUOTE_ALL, lineterminator="\r\n")
    titles = Row(
        kind=words.kind,
        text=words.text,
        under=words.under,
        person=words.person,
        step=words.step,
        due=words.due,
        first=words.first,
        state=words.state,
        number=words.number,
    )
    lines.writerow(astuple(titles))
    for row in _rows(report, words):
        lines.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in astuple(row)])
    return (BOM + file.getvalue()).encode()


def harmless(cell: str) -> str:
    """The text, of which no spreadsheet makes a formula: an apostrophe before it says so. It turns no other cell of its line (SPEC L7)."""
    cell = closed(cell)
    return f"'{cell}" if cell.lstrip(" \u00a0\u200b\ufeff").startswith(_FORMULA) else cell


def _rows(report: Report, words: Words) -> Iterator[Row]:
    if report.line:
        yield Row(kind=words.in_name_of, text=report.line)
    for decision in report.decisions:
        row = Row(kind=words.decision, text=decision.text, under=decision.quote)
        yield _undertaken(row, decision.itself, words) if decision.itself else row
    for of, action in report.actions:
        row = Row(kind=words.action, text=action.text, under=of.text if of else "")
        yield _undertaken(row, action, words)
    for commitment in report.commitments:
        yield Row(kind=words.commitment, text=commitment.text, person=commitment.author or "")
    for result in report.results:
        for total in result.totals:
            yield Row(kind=words.dots, text=words.voted_on(total), step=result.step, number=total.dots)
    for tested in report.tested:
        for remark in tested.remarks:
            yield Row(
                kind=words.remark_kind(remark.kind),
                text=words.written(remark.text),
                under=words.tested_thing(tested),
                person=remark.author or words.anonymous,
            )
    yield from _breakouts(report, words)
    for pulse in report.pulses:
        answered = words.answered(pulse)
        for text, number in answered:
            yield Row(kind=words.answer, text=text, under=pulse.question, number=number)
        if not answered:
            yield Row(kind=words.answer, text=words.told_of_none(pulse), under=pulse.question)
    for one in report.questions:
        yield Row(
            kind=words.question,
            text=words.written(one.text),
            person=one.author or words.anonymous,
            state=words.outcome(one),
            number=one.supports,
        )
    yield from _ideas(report, words)
    yield from _rest(report, words)


def _rest(report: Report, words: Words) -> Iterator[Row]:
    for message in report.messages:
        yield Row(kind=words.message, text=words.written(message.text), person=message.author or words.anonymous)
    for left in report.left_out:
        number = left.ideas or left.voters or left.words
        yield Row(kind=words.left_out, text=words.told_of(left), step=left.step, number=number)
    for person in report.people:
        for text in person.helps:
            yield Row(kind=words.helps, text=text, person=person.name)


def _breakouts(report: Report, words: Words) -> Iterator[Row]:
    for each in report.rounds:
        if each.topic:
            yield Row(kind=words.topic, text=each.topic, under=words.round_title(each.number))
        for breakout in each.breakouts:
            under = f"{words.round_title(each.number)} · {words.breakout_title(breakout)}"
            if breakout.topic or (breakout.speaker and breakout.best is None):
                yield Row(
                    kind=words.topic if breakout.topic else words.speaker,
                    text=breakout.topic,
                    under=under,
                    person=breakout.speaker or "",
                )
            if breakout.best is not None:
                yield Row(
                    kind=words.best, text=words.written(breakout.best), under=under, person=breakout.speaker or ""
                )


def _undertaken(row: Row, action: Action, words: Words) -> Row:
    due = str(action.due or "")
    return replace(row, person=action.owner or "", due=due, first=action.first, state=words.progress(action))


def _ideas(report: Report, words: Words) -> Iterator[Row]:
    for group in report.groups:
        title = words.group_title(group)
        for idea in group.ideas:
            author = idea.author or words.anonymous
            yield Row(
                kind=words.idea,
                text=idea.text,
                under=title,
                person=author,
                step=idea.step,
                state=_image(idea, words),
                number=idea.reactions,
            )
            for one in idea.merged:
                author = one.author or words.anonymous
                yield Row(
                    kind=words.idea,
                    text=one.text,
                    under=idea.text,
                    person=author,
                    step=one.step,
                    state=_image(one, words),
                    number=one.reactions,
                )


def _image(idea: Idea, words: Words) -> str:
    if not idea.image:
        return ""
    return f"{words.image}{words.colon} {isolated(idea.alt)}" if idea.alt else words.image
