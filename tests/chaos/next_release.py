"""The release after this one, as a program: `python -m tests.chaos.next_release serve` writes events in a format that this
release cannot read, which is the worst that a rolling deploy can meet (a release reads a format one release before any writes it).
"""

import contextlib
import sys
from collections.abc import Iterator, Sequence

from server.model import events
from server.workshop import formats
from tests.services import ServerProcess

FORMAT = events.FORMAT + 1


@contextlib.contextmanager
def reading_the_next_format() -> Iterator[None]:
    """Inside, this process reads and writes as the next release does."""
    events.FORMAT, formats.LIFTS[FORMAT - 1] = FORMAT, lambda event: event  # type: ignore[misc]  # Final, in one release
    try:
        yield
    finally:
        events.FORMAT = FORMAT - 1  # type: ignore[misc]
        del formats.LIFTS[FORMAT - 1]


class NextRelease(ServerProcess):
    """A server of the next release."""

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "tests.chaos.next_release", "serve"]


if __name__ == "__main__":
    with reading_the_next_format():
        from server.cli.main import main

        sys.exit(main())
