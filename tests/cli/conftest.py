"""A database for each test, of either kind, and the environment in which a command finds it."""

import os
from pathlib import Path

import pytest

from tests.cli.places import ROOT, SECRET, Place


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    url = f"sqlite:///{tmp_path}/palabre.sqlite"
    if request.param == "postgres":
        url = request.getfixturevalue("migrated")
    inherited = {name: value for name, value in os.environ.items() if "PALABRE_" not in name}
    ours = {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": url,
        "PALABRE_DATA": str(tmp_path / "data"),
        "PALABRE_SECRET": SECRET,
        "HOST": "127.0.0.1",
        "PORT": "0",
        "LC_ALL": "C.UTF-8",
    }
    return Place(url, inherited | ours)
