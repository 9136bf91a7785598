"""The index of all streams made anew from their commits: what is paged and searched, whom what concerns (DESIGN, Read models), and whom each
names (Erasure).

It may be killed at any moment: which streams are done is noted, and the same again does the rest. All is found meanwhile, policies
are not moved, and people who use the server go on.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from protocol.errors import Refusal
from server.journal.port import Journal
from server.live.backlog import Backlog
from server.live.projector import Projector
from server.live.rewriting import Unreadable, UnreadableError, list_named, pages
from server.model.events import NewerFormat
from server.model.model import ModelOf

REINDEX: Final = "reindex"
"""The consumer whose positions say which streams are done."""


class Progress(NamedTuple):
    """How much is done."""

    streams: int
    of_streams: int


async def reindex(
    journal: Journal, model_of: ModelOf, now: Callable[[], int], tell: Callable[[Progress], None]
) -> list[Unreadable]:
    """Make anew what all streams have in the index, and whom they name; the streams that cannot be read.

    Args:
        now: milliseconds since 1970.
        tell: called after each stream.

    Raises:
        JournalError: the database cannot be used (any more).
    """
    projector = Projector(journal, lambda _: None, Backlog(), model_of, now)
    progress, unreadable = Progress(0, 0), list[Unreadable]()
    async for page in pages(journal):
        progress = progress._replace(of_streams=progress.of_streams + len(page))
    tell(progress)
    async for page in pages(journal):
        left = {lag.stream: lag.head for lag in await journal.lags(list(page), REINDEX) if lag.projected == 0}
        for stream in sorted(page):
            if stream in left:
                try:
                    model = model_of(stream)
                    await projector.rebuild(stream)
                    await list_named(journal, model, stream)
                except (Refusal, NewerFormat, UnreadableError, msgspec.MsgspecError) as error:
                    unreadable.append(Unreadable(stream, str(error)))
                await journal.advance(REINDEX, stream, 0, left[stream].seq)
            progress = progress._replace(streams=progress.streams + 1)
            tell(progress)
    await journal.forget(REINDEX)
    return unreadable
