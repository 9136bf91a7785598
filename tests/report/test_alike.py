"""Names that look alike, by the vectors of the web client (SPEC L8)."""

from typing import Any

import msgspec
import pytest

from protocol.records import MemberRecord
from server.report.alike import look, told_apart
from tests.protocol.test_vectors import load, named

NAMES = load("names.json")


@pytest.mark.parametrize("case", named(NAMES["look"]))
def test_L8_what_looks_alike_is_one_to_the_eye(case: dict[str, str]) -> None:
    assert look(case["typed"]) == case["look"]


@pytest.mark.parametrize("case", named(NAMES["told_apart"]))
def test_L8_those_who_look_alike_are_told_apart(case: dict[str, Any]) -> None:
    members = msgspec.convert(case["members"], list[MemberRecord])
    called = told_apart(members)
    assert {id: name for id, name in called.items() if name != {m.id: m.name for m in members}[id]} == case["called"]
