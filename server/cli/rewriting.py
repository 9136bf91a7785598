"""`palabre migrate --rewrite`: the whole database in the current format, with what the terminal shows meanwhile."""

import sys

from server.cli import terminal
from server.cli.progress import LEFT, Line, left
from server.config import Lang, Phrase, Settings
from server.journal.connect import open_to_rewrite
from server.live.rewriting import Progress, rewrite
from server.models import model_of


async def run(settings: Settings, lang: Lang) -> int:
    """Migrate and rewrite; 1 where a stream could not be read.

    Raises:
        InUse: somebody has the database.
        JournalError: it cannot be used.
    """
    journal, applied = await open_to_rewrite(settings.database_url)
    try:
        print(terminal.migrated(settings, applied, lang), flush=True)
        line = Line(sys.stdout)

        def tell(progress: Progress) -> None:
            line.tell(terminal.rewriting(progress, lang), last=progress.streams == progress.of_streams)

        try:
            unreadable = await rewrite(journal, model_of, tell)
        finally:
            line.end()
    finally:
        await journal.close()
    if unreadable:
        print(f"palabre: {left(unreadable, LEFT, lang)}", file=sys.stderr)
        return 1
    print(Phrase("Tout est au format de cette version.", "All of it is in this release’s format.").in_(lang))
    return 0
