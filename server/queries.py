"""What is asked of a room beside its records: pages of its history, search (SPEC Q)."""

import asyncio
from typing import assert_never

import msgspec

from protocol import messages as m
from protocol.commands import QUERIES, Duplicates, History, Query, Search
from protocol.errors import Code, Refusal
from protocol.records import IdeaRecord, StepRecord
from server import duplicates
from server.domain.room import actor_for
from server.domain.standing import standing
from server.hub import Hub


async def answer(hub: Hub, member: str, message: m.Ask) -> m.Answer:
    """
    Raises:
        Refusal: `unknown_query`, `invalid` or `forbidden`.
        JournalError: it cannot be looked up now.
    """
    shape = QUERIES.get(message.query)
    if shape is None:
        raise Refusal(Code.UNKNOWN_QUERY, f"expected one of {', '.join(QUERIES)}; got {message.query[:40]!r}")
    try:
        query: Query = msgspec.convert(message.args, shape)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, str(error)) from None
    match query:
        case History():
            rows = await hub.journal.page(message.room, "message", query.before, query.limit + 1)
        case Search():
            rows = await hub.journal.search(message.room, query.text, query.offset, query.limit + 1)
        case Duplicates():
            return await _duplicates(hub, member, message, query.limit)
        case _:
            assert_never(query)
    items = [msgspec.msgpack.decode(row.record) for row in rows[: query.limit]]
    return m.Answer(message.id, items, more=len(rows) > query.limit)


async def _duplicates(hub: Hub, member: str, message: m.Ask, limit: int) -> m.Answer:
    """Over what stands by itself and everyone reads: nothing else may be merged."""
    layers = (await hub.channel(message.room)).room.layers
    actor = actor_for(layers.state, member)
    if actor is None or actor.role != "host":
        raise Refusal(Code.FORBIDDEN, "expected a host")
    state, records = layers.state, layers.shared["public"].records
    meetings = {r.id for r in records.values() if isinstance(r, StepRecord) and r.kind == "meet"}
    ideas = (r for r in records.values() if isinstance(r, IdeaRecord) and r.step not in meetings)
    texts = [(idea.id, idea.text) for idea in ideas if standing(state, idea.id) == idea.id]
    found = await asyncio.to_thread(duplicates.pairs, texts)
    return m.Answer(message.id, [pair._asdict() for pair in found[:limit]], more=len(found) > limit)
