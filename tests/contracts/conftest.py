"""What the contract suites run on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.journals import AnyJournal, Place


@pytest.fixture(params=["sqlite", "postgres", "partitioned"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """An empty place of each adapter; its journals are closed after the test."""
    if request.param == "sqlite":
        place = Place(tmp_path / "data" / "palabre.db")
    else:
        place = Place(request.getfixturevalue("database"), partitioned=request.param == "partitioned")
    yield place
    await place.close()


@pytest.fixture
async def journal(place: Place) -> AnyJournal:
    """An open journal, empty."""
    return await place.open()
