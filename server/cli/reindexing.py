"""`palabre reindex`: what is searched and told to whom it concerns, made anew, with what the terminal shows meanwhile."""

import sys

from server.cli import terminal
from server.cli.progress import LEFT, Line, left
from server.config import Lang, Phrase, Settings
from server.journal.connect import connect
from server.live.hub import milliseconds
from server.live.reindexing import Progress, reindex
from server.models import model_of


async def run(settings: Settings, lang: Lang) -> int:
    """Index anew; 1 where a stream could not be read.

    Raises:
        JournalError: the database cannot be used.
    """
    journal = connect(settings.database_url, alone=False)
    await journal.open()
    line = Line(sys.stdout)

    def tell(progress: Progress) -> None:
        line.tell(terminal.reindexing(progress, lang), last=progress.streams == progress.of_streams)

    try:
        unreadable = await reindex(journal, model_of, milliseconds, tell)
    finally:
        line.end()
        await journal.close()
    if unreadable:
        print(f"palabre: {left(unreadable, LEFT, lang)}", file=sys.stderr)
        return 1
    print(Phrase("L’index est refait.", "The index is made anew.").in_(lang))
    return 0
