"""What is asked of a room beside its records: pages of its history, search (SPEC Q)."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, assert_never

import msgspec

from protocol import messages as m
from protocol.commands import QUERIES, Duplicates, History, Query, Search
from protocol.errors import Code, Refusal
from server.live.hub import Hub
from server.live.layers import Layers
from server.session import duplicates
from server.session.duplicates import Pair

Run = Callable[
    [Callable[[Sequence[tuple[str, str]]], list[Pair]], Sequence[tuple[str, str]]], Awaitable[Sequence[Pair]]
]

KEPT: Final = 100
"""Rooms whose hints are kept for whoever asks next."""


class Hints:
    """Which ideas may say the same, looked for when a host asks, once for each state of a room (SPEC Q4).

    Args:
        run: does it elsewhere, so that nobody waits for it who has not asked.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._kept: OrderedDict[str, tuple[int, asyncio.Future[Sequence[Pair]]]] = OrderedDict()

    async def of(self, stream: str, layers: Layers) -> Sequence[Pair]:
        """
        Raises:
            Refusal: `rate_limited`, while too many others wait; `unavailable`, when it took too long.
        """
        seq, looking = self._kept.get(stream, (-1, None))
        if looking is None or seq != layers.seq:
            looking = asyncio.ensure_future(
                self._run(duplicates.pairs, layers.model.comparable(layers.state, layers.public.records.values()))
            )
            self._kept[stream] = (layers.seq, looking)
            self._kept.move_to_end(stream)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        try:
            return await asyncio.shield(looking)
        except TimeoutError:
            raise Refusal(Code.UNAVAILABLE, "expected fewer ideas to look through") from None
        finally:
            if looking.done() and (looking.cancelled() or looking.exception()):
                self._kept.pop(stream, None)


async def answer(hub: Hub, hints: Hints, member: str, message: m.Ask) -> m.Answer:
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
            rows = await hub.journal.page(message.stream, "message", query.before, query.limit + 1)
        case Search():
            rows = await hub.journal.search(message.stream, query.text, query.offset, query.limit + 1)
        case Duplicates():
            return await _duplicates(hub, hints, member, message, query.limit)
        case _:
            assert_never(query)
    items = [msgspec.msgpack.decode(row.record) for row in rows[: query.limit]]
    return m.Answer(message.id, items, more=len(rows) > query.limit)


async def _duplicates(hub: Hub, hints: Hints, member: str, message: m.Ask, limit: int) -> m.Answer:
    layers = (await hub.channel(message.stream)).room.layers
    actor = layers.model.actor_for(layers.state, member)
    if actor is None or actor.role != "host":
        raise Refusal(Code.FORBIDDEN, "expected a host")
    found = await hints.of(message.stream, layers)
    return m.Answer(message.id, [pair._asdict() for pair in found[:limit]], more=len(found) > limit)
