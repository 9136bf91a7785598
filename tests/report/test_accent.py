"""The colour of those in whose name a workshop is, by the vectors of the web client (SPEC C11)."""

from typing import Any

import pytest

from server.report.accent import accent_on
from tests.protocol.test_vectors import load, named

ACCENTS = load("accents.json")


@pytest.mark.parametrize("case", named(ACCENTS["light"]))
def test_C11_it_is_read_on_paper_and_as_near_as_can_be(case: dict[str, Any]) -> None:
    assert accent_on(case["ground"], case["colour"]) == case["shown"]


@pytest.mark.parametrize("none", ["", "red", "#FFF", "url(x)", "#12345g"])
def test_C11_what_is_no_colour_marks_nothing(none: str) -> None:
    assert accent_on("#ffffff", none) is None
