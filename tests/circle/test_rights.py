"""What COMMUNITIES.md says of circles, and what the code has: one table of rights, of records, of arguments (CI, TH)."""

import re
from pathlib import Path

import msgspec
import pytest

import protocol
from protocol import circles
from protocol.circles import CIRCLE_COMMANDS, CIRCLE_RECORDS
from protocol.errors import Code, Refusal
from server.circle import people, rights, thread
from server.circle.model import CIRCLE
from server.model.kernel import Actor

ROOT = Path(protocol.__file__).parents[1]
PAGE = (ROOT / "protocol/COMMUNITIES.md").read_text(encoding="utf-8")
COMMANDS = PAGE.partition("### Commands of a circle")[2].partition("### ")[0]
RECORDS = PAGE.partition("### Records of a circle")[2].partition("\n## ")[0]
RULES = re.findall(r"^- \*\*((?:CI|TH)\d+)\*\*", PAGE, re.MULTILINE)
ROWS = {
    cells[0]: cells[1:]
    for line in COMMANDS.splitlines()
    if len(cells := [cell.strip() for cell in line.strip("|").split("|")]) == 4 and "." in cells[0]
}


def test_rules_are_numbered_once_without_gaps_and_cited() -> None:
    tests = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    for letters in ("CI", "TH"):
        numbers = [int(rule[2:]) for rule in RULES if rule.startswith(letters)]
        assert numbers == list(range(1, len(numbers) + 1))
    assert len(RULES) > 20
    assert [rule for rule in RULES if not re.search(rf"(?<![A-Za-z0-9]){rule}(?![0-9])", tests.replace("_", " "))] == []


def test_every_command_has_its_row() -> None:
    assert list(ROWS) == list(CIRCLE_COMMANDS)
    assert CIRCLE.commands == CIRCLE_COMMANDS
    assert set(rights.RIGHTS) == set(CIRCLE.decides)


@pytest.mark.parametrize("name", CIRCLE_COMMANDS)
def test_the_table_says_who(name: str) -> None:
    roles = {"animator": {"animator"}}.get(ROWS[name][1], {"animator", "member"})
    assert rights.RIGHTS[CIRCLE_COMMANDS[name]] == roles
    assert re.fullmatch(r"all|animator|author|author, animator", ROWS[name][1])


@pytest.mark.parametrize("name", CIRCLE_COMMANDS)
def test_the_arguments_of_a_command_are_those_of_its_row(name: str) -> None:
    fields = msgspec.structs.fields(CIRCLE_COMMANDS[name])
    args = [arg.strip() for arg in ROWS[name][0].split(",") if arg.strip()]
    assert args == [field.name if field.required else f"{field.name}?" for field in fields]


def test_CI8_what_an_archived_circle_takes_is_told() -> None:
    told = COMMANDS.partition("but for ")[2]
    named = {CIRCLE_COMMANDS[name] for name in re.findall(r"[a-z]+\.[a-z]+", told)}
    assert named == {command for command in rights.ARCHIVED if command in CIRCLE_COMMANDS.values()}


def test_the_records_are_those_of_the_table() -> None:
    rows = dict(re.findall(r"^\| ([a-z]+)(?: \([^)]*\))? \| (.*)\|$", RECORDS, re.MULTILINE))
    del rows["kind"]
    assert rows.keys() == CIRCLE_RECORDS.keys()
    for kind, fields in rows.items():
        bare = re.sub(r"\([^)]*\)|\{[^}]*\}", "", fields)
        named = [field.strip() for field in bare.split(",") if field.strip()]
        assert named == [f.name for f in msgspec.structs.fields(CIRCLE_RECORDS[kind]) if f.name not in ("id", "v")]


@pytest.mark.parametrize(
    ("rule", "number"),
    [
        ("CI4", people.ASKINGS),
        ("CI7", people.MOST_ANIMATORS),
        ("TH2", thread.REPLIES),
        ("TH4", circles.MENTIONS),
    ],
)
def test_the_page_says_how_many(rule: str, number: int) -> None:
    said = re.search(rf"\*\*{rule}\*\*(.*?)\n- ", PAGE, re.DOTALL)
    assert said is not None
    assert f"{number:,}" in said[1]


@pytest.mark.parametrize("role", ["screen", "administrator", "host", "stream"])
def test_nobody_else_may_anything(role: str) -> None:
    """A screen, what somebody is in the community, and what policies are."""
    for command in (circles.ThankPost("post:000000000001"), circles.LeaveCircle(), circles.SetCircle(title="x")):
        with pytest.raises(Refusal) as refused:
            CIRCLE.check_right(command, Actor("member:aaaaaaaaaaaa", role))
        assert refused.value.code is Code.FORBIDDEN
