"""What the contract suites run on."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.contracts.journals import PARTITION, AnyJournal, Place
from tests.services import Postgres


@pytest.fixture(scope="session")
def partitioned_once(postgres: Postgres, migrated_once: str) -> str:
    """The URL of a migrated database whose large tables are partitioned, which nobody opens."""
    url = postgres.create_database(migrated_once)
    postgres.query(PARTITION.read_text(), url.rpartition("/")[2])
    return url


@pytest.fixture
def partitioned(postgres: Postgres, partitioned_once: str) -> Iterator[str]:
    """The URL of a database of this test, migrated and partitioned."""
    url = postgres.create_database(partitioned_once)
    yield url
    postgres.drop_database(url)


@pytest.fixture(params=["sqlite", "postgres", "partitioned"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """An empty place of each adapter; its journals are closed after the test."""
    if request.param == "sqlite":
        place = Place(tmp_path / "data" / "palabre.db")
    else:
        whole = request.param == "postgres"
        place = Place(request.getfixturevalue("migrated" if whole else "partitioned"), partitioned=not whole)
    yield place
    await place.close()


@pytest.fixture
async def journal(place: Place) -> AnyJournal:
    """An open journal, empty."""
    return await place.open()
