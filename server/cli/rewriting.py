"""`palabre migrate --rewrite`: the whole database in the current format, with what the terminal shows meanwhile."""

import sys
import time
from typing import Final, TextIO

from server.cli import terminal
from server.config import Lang, Phrase, Settings
from server.journal.connect import open_to_rewrite
from server.live.rewriting import Progress, Unreadable, rewrite
from server.models import model_of

REDRAW_SECONDS: Final = 0.1
LINE_SECONDS: Final = 10.0


class Told:
    """Progress as it is shown: on a terminal in one line that changes, elsewhere a line now and then."""

    def __init__(self, out: TextIO, lang: Lang) -> None:
        self._out = out
        self._lang = lang
        self._every = REDRAW_SECONDS if out.isatty() else LINE_SECONDS
        self._last = -self._every
        self._open = False

    def tell(self, progress: Progress) -> None:
        now, whole = time.monotonic(), progress.streams == progress.of_streams
        if now - self._last < self._every and not whole:
            return
        self._last = now
        line = terminal.rewriting(progress, self._lang)
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


async def run(settings: Settings, lang: Lang) -> int:
    """Migrate and rewrite; 1 where a stream could not be read.

    Raises:
        InUse: somebody has the database.
        JournalError: it cannot be used.
    """
    journal, applied = await open_to_rewrite(settings.database_url)
    try:
        print(terminal.migrated(settings, applied, lang), flush=True)
        told = Told(sys.stdout, lang)
        try:
            unreadable = await rewrite(journal, model_of, told.tell)
        finally:
            told.end()
    finally:
        await journal.close()
    if unreadable:
        print(f"palabre: {_left(unreadable, lang)}", file=sys.stderr)
        return 1
    print(Phrase("Tout est au format de cette version.", "All of it is in this release’s format.").in_(lang))
    return 0


def _left(unreadable: list[Unreadable], lang: Lang) -> str:
    first = Phrase(
        f"Cette version ne sait pas tout lire. Laissé comme c’était, séance par séance ({len(unreadable)}) :",
        f"This release cannot read everything. Left as it was, workshop by workshop ({len(unreadable)}):",
    ).in_(lang)
    return "\n".join([first, *(f"  {each.stream} ({each.reason})" for each in unreadable)])
