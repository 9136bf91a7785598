"""What both group writers share: which entries may travel together, and which may never.

Group commit: appends that arrive while a commit is in flight wait and go together into the next one. An entry that the database
refuses for its data must cost only itself, so a refused group is halved until the culprit stands alone.
"""

import asyncio
from collections import deque
from typing import NamedTuple

from server.journal.port import Entry, JournalError, Outcome

LARGEST_SEQ = 2**53 - 1
MOST_ENTRIES = 512
MOST_BYTES = 8 * 2**20


class Waiting(NamedTuple):
    """An entry and the promise of its outcome."""

    entry: Entry
    outcome: asyncio.Future[Outcome]


def flaw(entry: Entry) -> str | None:
    """Why no database could hold the entry, where that is plain to see; None when nothing is."""
    keys = [key for key, _ in entry.answers]
    if not keys:
        return "an entry needs at least one key"
    if len(set(keys)) != len(keys):
        return "a key comes twice in one entry"
    if any(len(key) != 16 for key in keys):
        return "a key that is not 16 bytes long"
    if not 0 < entry.commit.seq <= LARGEST_SEQ:
        return f"seq {entry.commit.seq} is not between 1 and 2^53 - 1"
    if (
        not storable(entry.stream)
        or not storable(entry.incarnation)
        or not all(storable(sealed.id) for sealed in entry.sealed)
        or not all(
            storable(each.person) and storable(each.role or "") and storable(each.name) for each in entry.memberships
        )
        or not all(map(storable, entry.appearing or ()))
        or not (entry.listing is None or all(storable(each) for each in entry.listing if isinstance(each, str)))
    ):
        return "a name holds U+0000 or a lone surrogate"
    return None


def storable(text: str) -> bool:
    """Whether both databases can hold the text: PostgreSQL refuses U+0000 (and SQLite's JSON would cut there), none encodes surrogates."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text))


def closed() -> JournalError:
    """What anything asked of a journal before `open` or after `close` fails with."""
    return JournalError("the journal is closed; open it first", retry=False)


def next_group(waiting: deque[Waiting]) -> list[Waiting]:
    """Take from `waiting` what may share a transaction: in order, one entry of a stream, bounded in number and bytes.

    A second entry of a stream waits for the next group, where it meets the head that the first one left.
    """
    group: list[Waiting] = []
    kept: list[Waiting] = []
    streams: set[str] = set()
    size = 0
    while waiting and len(group) < MOST_ENTRIES and size < MOST_BYTES:
        item = waiting.popleft()
        if item.entry.stream in streams:
            kept.append(item)
            continue
        streams.add(item.entry.stream)
        size += len(item.entry.commit.events)
        group.append(item)
    waiting.extendleft(reversed(kept))
    return group
