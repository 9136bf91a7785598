"""Every bug can be planted: one whose place has moved would end `make mutants` before the others were looked for."""

import pytest

from tests.simulation.mutants import hunt  # noqa: F401  # by it they are named
from tests.simulation.mutants.planting import MUTANTS


@pytest.mark.parametrize("name", MUTANTS)
def test_a_bug_can_be_planted(name: str) -> None:
    with MUTANTS[name]():
        pass
