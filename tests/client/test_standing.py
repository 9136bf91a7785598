"""Where an idea stands, as protocol/vectors/standing.json says (SPEC G13); TypeScript runs it too."""

from typing import Any

import pytest

from client_demo.python.sdk.standing import standing
from tests.client.vectors import vectors

CASES = vectors("standing")["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_G13_an_idea_stands(case: dict[str, Any]) -> None:
    records = {record["id"]: record for record in case["records"]}
    ideas = [record for id, record in records.items() if id.startswith("idea:")]
    assert {idea["id"]: standing(idea, records.get)["id"] for idea in ideas} == case["stands"]
