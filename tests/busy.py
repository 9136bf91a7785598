"""Run the tests while something else wants the machine: `python -m tests.busy` (`make test-busy`).

Four loops that never rest and a writer that syncs share two cores with the tests, three times; all three must be green. Which
tests, and how, pytest's own arguments say: `python -m tests.busy --runs 1 tests/wire -n 2`. What a run said is in test-results/.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
RESULTS: Final = ROOT / "test-results"

CORES: Final = 2
LOOPS: Final = 4

LOOP: Final = "while True: pass"
WRITER: Final = """
import os, sys
with open(sys.argv[1], "wb", buffering=0) as file:
    while True:
        file.seek(0)
        file.write(os.urandom(1 << 16))
        os.fsync(file.fileno())
"""
WITH_US: Final = "import os, sys, threading; threading.Thread(target=lambda: os._exit(not sys.stdin.read())).start()\n"
"""Before a program that never ends: it ends all the same with whoever started it, whatever that dies of."""

SUITE: Final = ("-q", "-n", "auto", "--maxprocesses=4", "--dist", "worksteal")

SHOWN: Final = 20
"""Lines that are shown of a run that is red."""


@contextlib.contextmanager
def busy(loops: int) -> Iterator[None]:
    """Loops and a writer, for as long as the block lasts."""
    with tempfile.NamedTemporaryFile() as file:
        programs = [[LOOP]] * loops + [[WRITER, file.name]]
        others = [
            subprocess.Popen([sys.executable, "-c", WITH_US + program, *arguments], stdin=subprocess.PIPE)
            for program, *arguments in programs
        ]
        try:
            yield
        finally:
            for other in others:
                other.kill()
                other.communicate()


def run(command: Sequence[str], log: Path, seconds: float) -> int | None:
    """Its exit status; None when its time was over, and it was ended with all that it had started."""
    with log.open("wb") as file:
        tests = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        return tests.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        # The services that the tests started lie in sessions of their own: their guard ends them once the tests have ended.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(tests.pid, signal.SIGKILL)
        tests.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.busy", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--loops", type=int, default=LOOPS, help="0: only the writer beside the tests")
    parser.add_argument("--minutes", type=float, default=60, help="that one run may take")
    options, chosen = parser.parse_known_args(arguments)
    if hasattr(os, "sched_setaffinity"):
        # Where there are more, they are left alone; whoever is started here inherits that.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    RESULTS.mkdir(exist_ok=True)
    green = 0
    with busy(options.loops):
        for number in range(1, options.runs + 1):
            log, began = RESULTS / f"busy-{number}.log", time.monotonic()
            status = run([sys.executable, "-m", "pytest", *SUITE, *chosen], log, options.minutes * 60)
            took = time.monotonic() - began
            green += status == 0
            said = (
                "green" if status == 0 else f"not over after {options.minutes:g} minutes" if status is None else "red"
            )
            print(f"run {number} of {options.runs}: {said}, {took:.0f} s ({log.relative_to(ROOT)})", flush=True)
            if status != 0:
                print("\n".join(log.read_text(errors="replace").splitlines()[-SHOWN:]), flush=True)
    print(f"{green} of {options.runs} are green")
    return 0 if green == options.runs else 1


if __name__ == "__main__":
    sys.exit(main())
