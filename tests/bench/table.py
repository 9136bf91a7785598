"""What a figure is: a goal and what was measured; and how many of everything a run takes."""

from typing import NamedTuple

HEADER = "| figure | goal | measured |\n|---|---|---|"


class Row(NamedTuple):
    figure: str
    goal: str
    measured: str

    def __str__(self) -> str:
        return f"| {self.figure} | {self.goal} | {self.measured} |"


class Scale(NamedTuple):
    """`quick`: a minute for the whole table, with smaller crowds where the full ones take long to gather."""

    quick: bool

    def of(self, full: int, quick: int) -> int:
        return quick if self.quick else full


def quantile(values: list[float], share: float) -> float:
    """Seconds in, milliseconds out."""
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]
