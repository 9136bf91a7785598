"""SPEC.md and what holds to it: every numbered rule is cited by a test, and tests cite no rule that is not there."""

import re
from pathlib import Path

import pytest

import protocol
from protocol.commands import COMMANDS, QUERIES
from server.workshop.signals import KINDS

ROOT = Path(protocol.__file__).parents[1]
SPEC = (ROOT / "protocol/SPEC.md").read_text(encoding="utf-8")
RULES = re.findall(r"^- \*\*([A-Z]\d+)\*\*", SPEC, re.MULTILINE)
LETTERS = "".join(sorted({rule[0] for rule in RULES}))
TESTS = [
    path
    for folder, pattern in (("tests", "*.py"), ("client_demo/web/test", "*.ts"), ("tests/e2e", "*.py"))
    for path in (ROOT / folder).rglob(pattern)
    if path != Path(__file__) and "node_modules" not in path.parts
]


def cited(path: Path) -> set[str]:
    """The rules that a file names, `S1 to S4` and `S1, S2` included."""
    text = path.read_text(encoding="utf-8")
    found = set(re.findall(rf"(?<![A-Za-z0-9])([{LETTERS}]\d{{1,2}})(?![0-9A-Za-z])", text))
    for letter, first, last in re.findall(rf"\b([{LETTERS}])(\d{{1,2}}) (?:to|à) [{LETTERS}](\d{{1,2}})\b", text):
        found |= {f"{letter}{n}" for n in range(int(first), int(last) + 1)}
    return found


def test_rules_are_numbered_once_and_without_gaps() -> None:
    assert len(RULES) == len(set(RULES)) > 60
    for letter in LETTERS:
        numbers = sorted(int(rule[1:]) for rule in RULES if rule[0] == letter)
        assert numbers == list(range(1, len(numbers) + 1)), letter


def test_every_rule_is_cited_by_a_test() -> None:
    everywhere = {rule for path in TESTS for rule in cited(path)}
    uncited = [rule for rule in RULES if rule not in everywhere]
    assert not uncited, f"no test cites {', '.join(uncited)}"


def test_the_commands_of_the_specification_are_those_of_the_code() -> None:
    table = SPEC.partition("## C. Commands")[2].partition("\n- **C1**")[0]
    named = [
        name
        for row in re.findall(r"^\| ([a-z., ]+) \|", table, re.MULTILINE)
        for name in row.split(", ")
        if "." in name
    ]
    assert sorted(named) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_arguments_of_a_command_are_those_of_its_row(name: str) -> None:
    row = next(
        line for line in SPEC.splitlines() if line.startswith("| ") and name in line.split("|")[1].strip().split(", ")
    )
    args = [arg.strip() for arg in row.split("|")[2].split(",") if arg.strip()]
    fields = COMMANDS[name].__struct_fields__
    assert [arg.rstrip("?") for arg in args] == list(fields)
    for arg in args:
        default = COMMANDS[name].__struct_defaults__
        optional = list(fields)[len(fields) - len(default) :]
        assert arg.endswith("?") == (arg.rstrip("?") in optional)


def test_P2_the_signals_are_those_of_the_code() -> None:
    rule = SPEC.partition("Kinds: ")[2].partition(". Nothing")[0]
    assert re.findall(r"`(\w+) ", rule) == list(KINDS)


def test_Q2_the_queries_are_those_of_the_code() -> None:
    rule = SPEC.partition("- **Q2** ")[2].partition("- **Q3**")[0]
    assert re.findall(r"`(\w+) \{", rule) == list(QUERIES)


def test_C5_the_kinds_of_reactions() -> None:
    from typing import get_args

    from protocol.choices import ReactionKind

    rule = SPEC.partition("- **C5** ")[2].partition("- **C6**")[0]
    assert tuple(re.findall(r"`(\w+)`", rule))[:5] == get_args(ReactionKind)
