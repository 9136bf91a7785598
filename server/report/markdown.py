"""The compte rendu in Markdown (CommonMark). What people typed stays text: it begins no list, no heading, no link, no HTML."""

import re
from collections.abc import Iterator

from server.report.model import Idea, Report
from server.report.words import Words

_ANYWHERE = re.compile(r"[\\`*_\[\]<>&|~$]")
_AT_START = re.compile(r"[#+=:!-]|\d+(?=[.)])")


def markdown(report: Report, words: Words) -> str:
    return "\n".join(_lines(report, words)) + "\n"


def _lines(report: Report, words: Words) -> Iterator[str]:
    yield f"# {_text(report.title)}"
    yield ""
    about = (words.report, words.moment(report.written), words.count(len(report.people), "person"))
    yield " · ".join(about)
    if not report.groups:
        yield from ("", words.none)
    else:
        yield from ("", f"## {words.ideas}")
    for group in report.groups:
        yield from ("", f"### {_heading(group.letter, group.title, words)}", "")
        for idea in group.ideas:
            yield f"- {_text(idea.text)} — {_source(idea, words)}"
    if report.steps:
        yield from ("", f"## {words.steps}", "")
        for n, step in enumerate(report.steps, 1):
            minutes = f" ({words.count(step.minutes, 'minute')})" if step.minutes else ""
            prompt = f" — {_text(step.prompt)}" if step.prompt else ""
            yield f"{n}. {_text(step.title)}{minutes}{prompt}"
    if report.people:
        yield from ("", f"## {words.people}", "", ", ".join(_text(name) for name in report.people))


def _heading(letter: str, title: str, words: Words) -> str:
    return " · ".join(part for part in (letter, _text(title)) if part) or words.loose


def _source(idea: Idea, words: Words) -> str:
    parts = [_text(idea.author) if idea.author else words.anonymous]
    if idea.reactions:
        parts.append(words.count(idea.reactions, "reaction"))
    if idea.late:
        parts.append(words.late)
    return ", ".join(parts)


def _text(typed: str) -> str:
    """One line of plain text that reads as it was typed."""
    line = " ".join(typed.split())
    line = _ANYWHERE.sub(r"\\\g<0>", line)
    start = _AT_START.match(line)
    if start is None:
        return line
    if start[0].isdigit():
        return f"{start[0]}\\{line[start.end() :]}"
    return f"\\{line}"
