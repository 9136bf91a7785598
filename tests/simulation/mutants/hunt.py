"""Stories are told with a bug in them until one notices."""

from typing import Final, NamedTuple

from tests.simulation.mutants import client, commits, consumers, delivery, layers, pulses, visibility, votes  # noqa: F401  # they name their bugs
from tests.simulation.mutants.planting import MUTANTS
from tests.simulation.story import Found, run

SEEDS: Final = range(1, 101)
"""More than any bug needs to be noticed by the stories of today; which ones notice changes whenever people do more."""

EVENTS: Final = 300


class Verdict(NamedTuple):
    """`seed` is None where no story noticed."""

    mutant: str
    seed: int | None
    words: str


def hunt(name: str, seeds: range = SEEDS, events: int = EVENTS) -> Verdict:
    """Tell stories with a bug in them until one notices."""
    for seed in seeds:
        with MUTANTS[name]():
            words = _found(seed, events)
        if words is not None:
            assert _found(seed, events) is None, f"seed {seed} finds something without {name}, too"
            return Verdict(name, seed, words)
    return Verdict(name, None, "")


def _found(seed: int, events: int) -> str | None:
    try:
        run(seed, events)
    except Found as found:
        return str(found).splitlines()[0]
    return None
