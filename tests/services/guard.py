"""Ends what its parent left behind.

Reads lines on its standard input, `watch <pid>`, `forget <pid>`, `folder <path>`; at the end of the input, which comes
when the parent ends in whatever way, kills the process groups still watched with all their descendants, and removes
the folders. Runs in a session of its own, so that a Ctrl-C meant for the tests does not end it.
"""

import contextlib
import os
import shutil
import signal
import sys

import psutil


def kill_family(pid: int) -> None:
    """Kills the process, its descendants (a backend of Postgres has a group of its own) and its group."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.NoSuchProcess):
        leader = psutil.Process(pid)
        family = [leader, *leader.children(recursive=True)]
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def main() -> None:
    watched: set[int] = set()
    folders: set[str] = set()
    for line in sys.stdin:
        verb, _, argument = line.rstrip("\n").partition(" ")
        match verb:
            case "watch":
                watched.add(int(argument))
            case "forget":
                watched.discard(int(argument))
            case "folder":
                folders.add(argument)
            case _:
                raise ValueError(f"expected watch, forget or folder, got {line!r}")
    for pid in watched:
        kill_family(pid)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
