"""`make chaos`: every scenario at full length, and its figures as one table, which is put into README.

python -m tests.chaos                       all of it, about a quarter of an hour
python -m tests.chaos redis-silent deploy   some, shown and not kept
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from tests.chaos import report
from tests.chaos.play import play, worst
from tests.chaos.scenarios import SCENARIOS
from tests.chaos.storm import storm
from tests.services import ServerProcess

STORM = "storm"
STORM_SECONDS = 60


async def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenario", nargs="*", help=f"of {', '.join([*SCENARIOS, STORM])}; all unless some are named")
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--rate", type=float, default=100, help="commands a second of all together")
    parser.add_argument("--reconnects", type=float, default=1000, help="of the storm, in a second")
    parser.add_argument("--runs", type=int, default=3, help="of each scenario; the worst is shown")
    options = parser.parse_args(arguments)
    chosen = options.scenario or [*SCENARIOS, STORM]
    if unknown := [name for name in chosen if name not in (*SCENARIOS, STORM)]:
        parser.error(f"expected names of scenarios; got {', '.join(unknown)}")

    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(line)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    say(report.HEAD.format(clients=options.clients, rate=options.rate))
    for name in chosen:
        if name != STORM:
            scenario = SCENARIOS[name]
            runs = [await play(scenario, options.clients, options.rate, scenario.seconds) for _ in range(options.runs)]
            say(report.row(worst(runs)))
    say("")
    if STORM in chosen:
        with ServerProcess() as server:
            blown = await storm(server, rate=options.reconnects, seconds=STORM_SECONDS)
        say(report.sentence(blown, STORM_SECONDS))
        say("")
    which = f"the worst of {options.runs} runs of each"
    say(f"Measured by `make chaos`, {which}, on {report.machine()}; the crowd has the same cores as the servers.")
    if not options.scenario:
        report.keep("\n".join(lines))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
