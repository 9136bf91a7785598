"""Which public records are kept for paging and search, and under what."""

from typing import NamedTuple

from protocol.records import IdeaRecord, MessageRecord, Record


class Found(NamedTuple):
    """`n` orders the pages of a kind; `text` is what is searched."""

    kind: str
    n: int
    text: str


def found(record: Record) -> Found | None:
    match record:
        case IdeaRecord():
            return Found("idea", record.v, record.text)
        case MessageRecord():
            return Found("message", record.n, record.text)
        case _:
            return None
