"""What a worker counts, in the Prometheus text format. Labels hold no names, no room codes, no addresses.

Written here rather than taken from `prometheus-client`: what the hub counts arrives as plain numbers at each scrape, and that library's
way of joining several processes wants a folder of mapped files. Each worker answers for itself; its `worker` label tells which.
"""

import os
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_HELP: Final = {
    "http_requests_total": "Answered requests, by route, method and status.",
    "http_request_seconds_total": "Time spent on requests, by route.",
    "codes_total": "Room codes that people entered: right, wrong, limited (wrong, too often) or refused (unseen, far too often).",
}


class Metrics:
    """The counters of one process. Only the event loop touches them."""

    def __init__(self) -> None:
        self._started = time.time()
        self._counts: dict[str, defaultdict[str, float]] = {name: defaultdict(float) for name in _HELP}

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Add to a counter. A label's values come from a fixed set, or the series are without end."""
        self._counts[name][",".join(f'{label}="{_escape(value)}"' for label, value in labels.items())] += by

    def exposition(self, gauges: Mapping[str, float]) -> str:
        """Everything at this moment; `gauges` by name without the prefix, `…_total` where they only grow."""
        worker = f'worker="{os.getpid()}"'
        lines: list[str] = []
        for name, series in self._counts.items():
            lines += (f"# HELP palabre_{name} {_HELP[name]}", f"# TYPE palabre_{name} counter")
            for labels, value in series.items():
                lines.append(f"palabre_{name}{{{worker},{labels}}} {value:.10g}")
        for name, value in sorted(gauges.items()):
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += (f"# TYPE palabre_{name} {kind}", f"palabre_{name}{{{worker}}} {value:.10g}")
        for name, value in _process(self._started):
            lines += (f"# TYPE {name} gauge", f"{name}{{{worker}}} {value:.10g}")
        return "\n".join(lines) + "\n"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _process(started: float) -> Iterator[tuple[str, float]]:
    yield "process_start_time_seconds", started
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counting needs no Path each
    except OSError:  # not Linux
        return
    yield "process_resident_memory_bytes", pages * os.sysconf("SC_PAGE_SIZE")
    yield "process_open_fds", descriptors
