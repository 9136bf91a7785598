"""A few stories in which, together, every command is done and refused. `python -m tests.simulation.witnesses` finds such anew."""

from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from protocol.commands import COMMANDS
from tests.simulation.seeds import FIXED
from tests.simulation.story import run

WITNESSES: Final = (7, 20, 22, 29, 32, 49, 88, 117, 134, 167, 191, 213, 238, 247)
"""Enough of the stories of today, so that no test tells many; people who do more tell others."""

COUNTED: Final = FIXED
"""Where they are found: what is rarer is not proven."""

EVENTS: Final = 300

Outcome = tuple[str, bool]
"""A command, and whether it was done."""

ALL: Final[frozenset[Outcome]] = frozenset((cmd, done) for cmd in COMMANDS for done in (True, False)) - {
    ("commitment.write", False)  # which nobody can do wrong
}


def seen(seed: int) -> set[Outcome]:
    """What became of commands in one story."""
    did: Counter[tuple[str, str]] = Counter()
    run(seed, EVENTS, did)
    return {(cmd, answer == "done") for cmd, answer in did}


def main() -> None:
    with ProcessPoolExecutor() as pool:
        stories = dict(zip(COUNTED, pool.map(seen, COUNTED), strict=True))
    missing, chosen = set(ALL), set[int]()
    while missing & set().union(*stories.values()):
        best = max(stories, key=lambda seed: len(stories[seed] & missing))
        chosen.add(best)
        missing -= stories[best]
    print(
        f"WITNESSES: Final = {tuple(sorted(chosen))}", *(f"in none: {outcome}" for outcome in sorted(missing)), sep="\n"
    )


if __name__ == "__main__":
    main()
