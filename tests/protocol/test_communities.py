"""COMMUNITIES.md and what holds to it: rules are cited by tests, and its tables are those of the code."""

import re
from pathlib import Path

import msgspec
import pytest

import protocol
from protocol.commands import COMMANDS
from protocol.communities import COMMUNITY_COMMANDS, COMMUNITY_RECORDS
from protocol.records import RECORDS
from server.community.rights import RIGHTS
from server.community.state import ADMINISTRATOR, ANIMATOR, LEADER, MEMBER

ROOT = Path(protocol.__file__).parents[1]
SPEC = (ROOT / "protocol/COMMUNITIES.md").read_text(encoding="utf-8")
RULES = re.findall(r"^- \*\*([A-Z]{2}\d+)\*\*", SPEC, re.MULTILINE)
SECTIONS = sorted({rule[:2] for rule in RULES})
TESTS = [
    path
    for folder, pattern in (("tests", "*.py"), ("client_demo/web/test", "*.ts"), ("tests/e2e", "*.py"))
    for path in (ROOT / folder).rglob(pattern)
    if path != Path(__file__) and "node_modules" not in path.parts
]

WHO = {
    "all": {MEMBER, ANIMATOR, ADMINISTRATOR, LEADER},
    "animator": {ANIMATOR, LEADER},
    "administrator": {ADMINISTRATOR, LEADER},
    "animator, administrator": {ANIMATOR, ADMINISTRATOR, LEADER},
}


def rows(heading: str) -> dict[str, list[str]]:
    """First cell → the others, of the tables of a section."""
    section = SPEC.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    found = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*\|$", section, re.MULTILINE)
    ]
    return {re.sub(r" \(.*", "", first): rest for first, *rest in found if first not in ("cmd", "kind", "---")}


def test_rules_are_numbered_once_and_without_gaps() -> None:
    assert len(RULES) == len(set(RULES))
    for section in SECTIONS:
        numbers = sorted(int(rule[2:]) for rule in RULES if rule.startswith(section))
        assert numbers == list(range(1, len(numbers) + 1)), section


def test_every_rule_is_cited_by_a_test() -> None:
    cited = set[str]()
    for path in TESTS:
        cited |= set(
            re.findall(rf"(?<![A-Za-z0-9])((?:{'|'.join(SECTIONS)})\d{{1,2}})(?![0-9A-Za-z])", path.read_text("utf-8"))
        )
    assert not set(RULES) - cited, f"no test cites {', '.join(sorted(set(RULES) - cited))}"


def test_the_commands_of_the_specification_are_those_of_the_code() -> None:
    assert COMMUNITY_COMMANDS.keys() <= rows("Commands").keys()
    assert not COMMUNITY_COMMANDS.keys() & COMMANDS.keys()


@pytest.mark.parametrize("name", COMMUNITY_COMMANDS)
def test_a_command_is_that_of_its_row(name: str) -> None:
    args, who, _ = rows("Commands")[name]
    fields = {
        field.encode_name: "" if field.required else "?" for field in msgspec.structs.fields(COMMUNITY_COMMANDS[name])
    }
    assert [arg.strip() for arg in args.split(",") if arg.strip()] == [
        f"{field}{mark}" for field, mark in fields.items()
    ]
    assert RIGHTS[COMMUNITY_COMMANDS[name]] == WHO[who]


def test_the_routes_of_the_specification_are_those_of_the_code() -> None:
    code = (ROOT / "server/web/communities.py").read_text("utf-8")
    routes = {
        f"{method} {path}" for path, method in re.findall(r'Route\("([^"]+)", self\.\w+, methods=\["(\w+)"\]\)', code)
    }
    assert set(rows("HTTP")) - {"request"} >= {
        f"`{route}`".replace("{community}", "{c}").replace("{invitation}", "{id}") for route in routes
    }


@pytest.mark.parametrize("kind", COMMUNITY_RECORDS)
def test_a_record_is_that_of_its_row(kind: str) -> None:
    (fields,) = rows("Records")[kind]
    assert [f.name for f in msgspec.structs.fields(COMMUNITY_RECORDS[kind])] == ["id", "v", *fields.split(", ")]
    assert kind not in RECORDS
