"""Figures as Markdown, and where they are kept."""

import platform
from pathlib import Path
from typing import Final

import psutil

from tests.chaos.play import Figures
from tests.chaos.storm import Storm

PAGE: Final = Path(__file__).parents[2] / "README.md"
MARKS: Final = "<!-- chaos: written by `make chaos` -->", "<!-- /chaos -->"

HEAD: Final = """\
| {clients} people write {rate:g} commands a second, and… | acknowledged | lost | doubled | a phone stood still, at most | an idea on \
another phone, at the latest | connections lost | back after (p50 / p99) |
|---|---|---|---|---|---|---|---|"""


def row(figures: Figures) -> str:
    returns = figures.returns
    cells = (
        figures.words,
        f"{figures.acknowledged:,}",
        str(figures.lost),
        str(figures.doubled),
        f"{figures.still:.1f} s",
        f"{figures.late:.1f} s",
        str(len(returns)),
        f"{of(returns, 0.5):.1f} / {of(returns, 0.99):.1f} s" if returns else "–",
    )
    return f"| {' | '.join(cells)} |"


def sentence(storm: Storm, seconds: float) -> str:
    return (
        f"{storm.rate:,.0f} reconnects a second (handshake, hello, join, state, gone) for {seconds:g} s into one worker on SQLite: "
        f"{storm.reconnects:,} joined, within {of(storm.joins, 0.5) * 1000:.0f} / {of(storm.joins, 0.99) * 1000:.0f} ms "
        f"(p50 / p99); afterwards its memory had grown by {storm.grown / 2**20:.1f} MB, its descriptors by {max(0, storm.left)}."
    )


def of(sorted_times: list[float], share: float) -> float:
    """The percentile."""
    return sorted_times[min(len(sorted_times) - 1, int(len(sorted_times) * share))]


def machine() -> str:
    """On what it was measured."""
    models = [line.partition(":")[2].strip() for line in _cpuinfo().splitlines() if line.startswith("model name")]
    model = models[0] if models else platform.processor() or platform.machine()
    memory = psutil.virtual_memory().total / 2**30
    return f"{len(models) or psutil.cpu_count()} cores of {model}, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"


def _cpuinfo() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text() if path.exists() else ""


def keep(text: str) -> None:
    """Put it between the two marks of README."""
    page = PAGE.read_text()
    before, found, rest = page.partition(MARKS[0])
    _, ends, after = rest.partition(MARKS[1])
    if not found or not ends:
        raise ValueError(f"expected the lines {MARKS[0]!r} and {MARKS[1]!r} in {PAGE.name}")
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{after}")
