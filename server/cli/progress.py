"""Progress as a command shows it: on a terminal one line that changes, elsewhere a line now and then."""

import time
from collections.abc import Sequence
from typing import Final, TextIO

from server.config import Lang, Phrase
from server.live.rewriting import Unreadable

REDRAW_SECONDS: Final = 0.1
LINE_SECONDS: Final = 10.0


class Line:
    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._every = REDRAW_SECONDS if out.isatty() else LINE_SECONDS
        self._last = -self._every
        self._open = False

    def tell(self, line: str, *, last: bool = False) -> None:
        """Show this, unless something was shown a moment ago; `last` always."""
        now = time.monotonic()
        if now - self._last < self._every and not last:
            return
        self._last = now
        if self._out.isatty():
            self._out.write(f"\r{line}\x1b[K")
            self._open = True
        else:
            self._out.write(f"{line}\n")
        self._out.flush()

    def end(self) -> None:
        """What is written next begins a line."""
        if self._open:
            self._out.write("\n")
            self._out.flush()


LEFT: Final = Phrase("Laissé comme c’était", "Left as it was")


def left(unreadable: Sequence[Unreadable], what: Phrase, lang: Lang) -> str:
    """Which streams could not be read, and what that means for them."""
    first = Phrase(
        f"Cette version ne sait pas tout lire. {what.fr}, séance par séance ({len(unreadable)}) :",
        f"This release cannot read everything. {what.en}, workshop by workshop ({len(unreadable)}):",
    ).in_(lang)
    return "\n".join([first, *(f"  {each.stream} ({each.reason})" for each in unreadable)])
