"""The ideas as CSV, for the spreadsheets that people have: in French `;` separates, and a mark tells that it is UTF-8."""

import io
from csv import QUOTE_ALL, writer

from server.report.model import Report
from server.report.words import Words

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, the full-width forms too."""


def csv(report: Report, words: Words) -> bytes:
    """One line an idea, below a line of titles."""
    file = io.StringIO(newline="")
    rows = writer(file, delimiter=";" if words.lang == "fr" else ",", quoting=QUOTE_ALL, lineterminator="\r\n")
    rows.writerow([words.group, words.idea, words.author, words.step, words.reactions])
    for group in report.groups:
        title = " · ".join(part for part in (group.letter, group.title) if part)
        for idea in group.ideas:
            author = idea.author or words.anonymous
            rows.writerow([*map(harmless, (title, idea.text, author, idea.step)), idea.reactions])
    return (BOM + file.getvalue()).encode()


def harmless(cell: str) -> str:
    """The text, of which no spreadsheet makes a formula: an apostrophe before it says so."""
    return f"'{cell}" if cell.lstrip(" \u00a0\u200b\ufeff").startswith(_FORMULA) else cell
