"""Progress on a terminal and elsewhere."""

import io
import time

import pytest

from server.cli import progress
from server.cli.progress import Line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set."""
    at = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    return at


def test_on_a_terminal_one_line_changes(now: list[float]) -> None:
    out = Terminal()
    line = Line(out)
    line.tell("one")
    line.tell("too soon")
    now[0] += 2 * progress.REDRAW_SECONDS
    line.tell("two")
    line.tell("three", last=True)
    line.end()
    assert out.getvalue() == "\rone\x1b[K\rtwo\x1b[K\rthree\x1b[K\n"


def test_elsewhere_a_line_now_and_then(now: list[float]) -> None:
    out = io.StringIO()
    line = Line(out)
    line.tell("one")
    now[0] += progress.REDRAW_SECONDS
    line.tell("too soon")
    line.tell("last", last=True)
    line.end()
    assert out.getvalue() == "one\nlast\n"
