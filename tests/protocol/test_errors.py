"""The table of codes (SPEC E1)."""

import re
from pathlib import Path

import pytest

import protocol
from protocol.errors import TABLE, Code, Refusal

ROOT = Path(protocol.__file__).parents[1]
SOURCES = {
    path: path.read_text(encoding="utf-8") for part in ("server", "protocol") for path in (ROOT / part).rglob("*.py")
}


def test_E1_every_code_has_a_meaning() -> None:
    assert TABLE.keys() == set(Code)
    assert all(meaning.text for meaning in TABLE.values())


def test_E1_every_code_that_is_sent_is_in_the_table() -> None:
    used = {name for text in SOURCES.values() for name in re.findall(r"\bCode\.([A-Z_]+)", text)}
    assert used <= set(Code.__members__)


@pytest.mark.parametrize("code", list(Code))
def test_E1_every_code_is_used(code: Code) -> None:
    """Else it goes: the clients translate each."""
    uses = [path for path, text in SOURCES.items() if path.name != "errors.py" and f"Code.{code.name}" in text]
    assert uses


def test_a_refusal_teaches() -> None:
    assert Refusal(Code.BEHIND).text == TABLE[Code.BEHIND].text
    assert Refusal(Code.BEHIND, "more").text == "more"
    assert Refusal(Code.BEHIND).retry and not Refusal(Code.INTERNAL).retry
