"""Plant every bug, or those that are named: `python -m tests.simulation.mutants` (`make mutants`).

A simulation that finds nothing proves little until it is known what it would find.
"""

import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.mutants.hunt import hunt
from tests.simulation.mutants.planting import MUTANTS


def main() -> int:
    began = time.monotonic()
    missed = 0
    with ProcessPoolExecutor(2) as pool:
        for verdict in pool.map(hunt, sys.argv[1:] or MUTANTS):
            missed += verdict.seed is None
            seed = "missed" if verdict.seed is None else f"seed {verdict.seed}"
            print(f"{verdict.mutant:40} {seed:10} {verdict.words[:150]}", flush=True)
    print(f"{len(MUTANTS)} bugs planted, {missed} missed, in {time.monotonic() - began:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
