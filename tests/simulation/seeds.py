"""Which stories `make test` tells: the same ones each time, and others for each commit, so that a year of commits tells thousands."""

import subprocess
from pathlib import Path
from typing import Final

FIXED: Final = range(1, 301)

FRESH: Final = 200
"""How many more are told of each commit."""

FIRST_FRESH: Final = 1_000_000
"""Above all that are named anywhere."""


def commit() -> str:
    """The commit that is checked out, in hexadecimal digits; zeros where there is none, as in an archive."""
    command = ["git", "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        found = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True)
    except FileNotFoundError:
        return "0" * 40
    return found.stdout.strip() or "0" * 40


def fresh(commit: str) -> range:
    """Seeds that are this commit's own, the same in every process that tests it."""
    first = FIRST_FRESH + int(commit[:10], 16) % 1_000_000 * FRESH
    return range(first, first + FRESH)


def told() -> str:
    """Which they are, and how to tell those again."""
    at = commit()
    seeds = fresh(at)
    return (
        f"stories: seeds {FIXED[0]} to {FIXED[-1]}, and {len(seeds)} of commit {at[:10]} "
        f"(make simulate SEEDS={seeds[0]}:{seeds[-1]})"
    )
