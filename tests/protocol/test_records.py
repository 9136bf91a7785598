"""Records and their fields are those of SPEC.md's table (SPEC R1)."""

import re
from pathlib import Path

import msgspec
import pytest

import protocol
from protocol import records
from protocol.records import Record

SPEC = (Path(protocol.__file__).parent / "SPEC.md").read_text(encoding="utf-8")


def rows() -> dict[str, set[str]]:
    """Kind → fields, from the table of section R."""
    section = SPEC.partition("## R. Records")[2].partition("\n## ")[0]
    found = {}
    for kind, fields in re.findall(r"^\| ([a-z]+)(?: \([^)]*\))? \| (.*) \|$", section, re.MULTILINE):
        if kind != "kind":
            bare = re.sub(r"\([^)]*\)|\{[^}]*\}|:.*", "", fields)
            found[kind] = {field.strip() for field in bare.split(",") if field.strip()}
    return found


KINDS = {
    struct.__name__.removesuffix("Record").lower(): struct
    for struct in Record.__subclasses__()
    if struct.__module__ == records.__name__
}


def test_R1_every_kind_has_its_row() -> None:
    assert rows().keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_R1_the_fields_are_those_of_the_table(kind: str) -> None:
    assert {field.name for field in msgspec.structs.fields(KINDS[kind])} == rows()[kind] | {"id", "v"}


def test_R1_fields_at_their_default_are_absent() -> None:
    idea = records.IdeaRecord(id="idea:aaaaaaaaaaaa", v=3, text="x", rank="a0")
    assert msgspec.to_builtins(idea) == {"id": "idea:aaaaaaaaaaaa", "v": 3, "text": "x", "rank": "a0"}
