"""Cores and processor time: a server and the client that measures it have a core each, where there are two."""

import os
import resource
import sys
import time
from collections.abc import Sequence

import psutil

CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []


def prepare() -> None:
    """This process is the client: the last core is its own, and it may open as many sockets as there may be."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    if len(CORES) > 1:
        os.sched_setaffinity(0, {CORES[-1]})


def pin(processes: Sequence[psutil.Process], cores: Sequence[int] = CORES[:1]) -> None:
    """Put servers, with all their threads, on the first core, or on these."""
    if len(CORES) > 1:
        for process in processes:
            for thread in process.threads():
                os.sched_setaffinity(thread.id, cores)


def cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    """What they have spent in user and kernel, all threads together."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def settle(processes: Sequence[psutil.Process], seconds: float = 120) -> None:
    """Wait until they have next to nothing to do: what was filled in before is projected, its garbage collected."""
    until = time.monotonic() + seconds
    before = cpu_seconds(processes)
    while time.monotonic() < until:
        time.sleep(0.5)
        now = cpu_seconds(processes)
        if now - before < 0.03:
            return
        before = now
