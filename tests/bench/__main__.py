"""The table of figures of server/DESIGN.md, measured here and now: `make bench`, or `python -m tests.bench --quick`.

Server and client have a core each, where there are two. Absolute figures are those of the machine and of its other work at the
moment: the ratios, taken in the same run, are what can be compared.
"""

import argparse
import time

from tests.bench import machine
from tests.bench.figures import FIGURES
from tests.bench.table import HEADER, Scale


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="smaller crowds and shorter runs: a few minutes in all")
    parser.add_argument(
        "--only", nargs="+", choices=FIGURES, default=list(FIGURES), metavar="NAME", help=", ".join(FIGURES)
    )
    chosen = parser.parse_args()
    machine.prepare()
    print(HEADER, flush=True)
    began = time.perf_counter()
    for name in chosen.only:
        for row in FIGURES[name](Scale(chosen.quick)):
            print(row, flush=True)
    print(f"\n{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
