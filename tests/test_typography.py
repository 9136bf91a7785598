"""What we say in French is set as French is, wherever it is put together: on screens, in files, in what is played (SPEC H8)."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from play import lines
from server.report.words import ENGLISH, FRENCH
from server.web.templates import TEMPLATES

ROOT = Path(__file__).parents[1]
SPACE = " \u00a0\u202f"
STRAIGHT = re.compile(r"(?<=\w)'(?=\w)|\.\.\.")
UNSPACED = re.compile(rf"(?<=[\w»)])[?!;»]|«(?![{SPACE}])|(?<=[^\W\d])(?<!https)(?<!http):(?=\s|$)")
BREAKS = re.compile(r" [?!;:»€%]|« |\d (?:h|min|s|km|m|kg|k?€)(?!\w)|\d \d{3}\b")


def texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield from texts(key)
                yield from texts(inner)
        case list() | tuple():
            for inner in value:
                yield from texts(inner)


def prose(markdown: str) -> str:
    """Without what is not read: code, addresses."""
    return re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|<!--.*?-->", "", markdown, flags=re.DOTALL)


def phrases(path: Path) -> Iterator[str]:
    """The French of each `Phrase` in a module, with a letter where something is put in."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Phrase", "_UnfitError"):
            french = node.args[0]
            parts = french.values if isinstance(french, ast.JoinedStr) else [french]
            whole = [str(part.value) if isinstance(part, ast.Constant) else "N" for part in parts]
            yield "".join(whole)


SAID = {
    "terminal": [
        text
        for folder in ("server", "client_demo/python")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for text in phrases(path)
    ],
    "demo": list(texts(json.loads((ROOT / "client_demo/python/demo/seminar.json").read_text("utf-8")))),
    "rehearsal": list(texts(lines.BOOKS["fr"])),
    "templates": list(texts(msgspec.to_builtins(TEMPLATES["fr"]))),
    "report": list(texts(msgspec.to_builtins(FRENCH))),
    "README": [prose((ROOT / "README.fr.md").read_text("utf-8"))],
}


@pytest.mark.parametrize("where", SAID)
def test_french_has_its_apostrophes_and_its_spaces(where: str) -> None:
    assert SAID[where]
    wrong = [text for text in SAID[where] if STRAIGHT.search(text) or UNSPACED.search(text)]
    assert wrong == []


@pytest.mark.parametrize("where", ["report", "README"])
def test_no_line_begins_with_a_sign_where_nobody_sets_the_text(where: str) -> None:
    """What is on a screen is set when it is shown (`unbroken`, `typeset`); these are read as they stand."""
    assert [found for text in SAID[where] for found in BREAKS.findall(text)] == []


def test_english_has_its_apostrophes() -> None:
    said = [
        *texts(msgspec.to_builtins(ENGLISH)),
        *texts(lines.BOOKS["en"]),
        *texts(msgspec.to_builtins(TEMPLATES["en"])),
    ]
    assert [text for text in said if STRAIGHT.search(text)] == []
