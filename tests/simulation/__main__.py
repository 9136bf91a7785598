"""Tell the stories of many seeds: `python -m tests.simulation --seeds 1:20000 --events 300 --jobs 2`."""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.simulation.story import Found, run

SHOWN = 5
"""Failures that are told in full."""


def tell(seed: int, *, events: int) -> str | None:
    """What one seed found."""
    try:
        run(seed, events)
    except Found as found:
        return str(found)
    return None


def seeds(text: str) -> range:
    """`7` is one seed, `1:2000` all from 1 to 2000."""
    first, _, last = text.partition(":")
    return range(int(first), int(last or first) + 1)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=seeds, default=seeds("1:20000"))
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    began = time.monotonic()
    with ProcessPoolExecutor(args.jobs) as pool:
        found = [text for text in pool.map(partial(tell, events=args.events), args.seeds, chunksize=4) if text]
    for text in found[:SHOWN]:
        print(text)
    took = time.monotonic() - began
    rate = len(args.seeds) * args.events / took
    print(f"{len(args.seeds)} seeds × {args.events} events in {took:.0f} s ({rate:.0f} events/s): {len(found)} failed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
