"""What the contract suites run on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.journals import AnyJournal, Place


@pytest.fixture(params=["sqlite", "postgres"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """An empty place of each adapter; its journals are closed after the test."""
    is_postgres = request.param == "postgres"
    place = Place(request.getfixturevalue("database") if is_postgres else tmp_path / "data" / "palabre.db")
    yield place
    await place.close()


@pytest.fixture
async def journal(place: Place) -> AnyJournal:
    """An open journal, empty."""
    return await place.open()
