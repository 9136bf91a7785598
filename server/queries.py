"""What is asked of a room beside its records: pages of its history, search (SPEC Q)."""

from typing import assert_never

import msgspec

from protocol import messages as m
from protocol.commands import QUERIES, History, Search
from protocol.errors import Code, Refusal
from server.hub import Hub


async def answer(hub: Hub, message: m.Ask) -> m.Answer:
    """
    Raises:
        Refusal: `unknown_query` or `invalid`.
        JournalError: it cannot be looked up now.
    """
    shape = QUERIES.get(message.query)
    if shape is None:
        raise Refusal(Code.UNKNOWN_QUERY, f"expected one of {', '.join(QUERIES)}; got {message.query[:40]!r}")
    try:
        query: History | Search = msgspec.convert(message.args, shape)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, str(error)) from None
    match query:
        case History():
            rows = await hub.journal.page(message.room, "message", query.before, query.limit + 1)
        case Search():
            rows = await hub.journal.search(message.room, query.text, query.offset, query.limit + 1)
        case _:
            assert_never(query)
    items = [msgspec.msgpack.decode(row.record) for row in rows[: query.limit]]
    return m.Answer(message.id, items, more=len(rows) > query.limit)
