"""`python -m tests.load`: a crowd against a server that runs, and what it measured."""

import argparse
import asyncio
import statistics
import sys
import time

from tests.load import Swarm, verify


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--server", action="append", help="address of a server; may be given several times")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--rate", type=float, default=200, help="commands a second of all together")
    parser.add_argument("--commands", type=int, default=2000)
    options = parser.parse_args()
    begun = time.monotonic()
    async with Swarm(options.server or ["http://localhost:8000"], options.clients, rate=options.rate) as swarm:
        joined = time.monotonic()
        await swarm.write(options.commands)
        await swarm.answered()
        written = time.monotonic()
        await verify(swarm)
        seconds = sorted(given.seconds for given in swarm.given)
        lines = (
            f"{options.clients} clients joined in {joined - begun:.1f} s",
            f"{options.commands} commands in {written - joined:.1f} s, {options.commands / (written - joined):.0f}/s",
            f"done after {spread(seconds)}",
            f"shown on another phone after {spread(swarm.echoes(swarm.given))}",
            "every done once, all records as in fresh snapshots, orders equal",
        )
        sys.stdout.write("\n".join(lines) + "\n")


def spread(seconds: list[float]) -> str:
    """Of sorted times."""
    p50, p95, worst = statistics.median(seconds), seconds[int(len(seconds) * 0.95)], seconds[-1]
    return f"{p50 * 1000:.1f} ms (p50), {p95 * 1000:.1f} ms (p95), {worst * 1000:.1f} ms (worst)"


if __name__ == "__main__":
    asyncio.run(main())
