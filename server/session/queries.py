"""What is asked of a stream beside its records, by what it is: pages of its history, search (SPEC Q)."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct

from protocol import messages as m
from protocol.commands import QUERIES, Duplicates, History, Search
from protocol.errors import Code, Refusal
from server.journal.port import Row
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


class Asking(NamedTuple):
    """Who asks, and of which stream, in which they are.

    Attributes:
        person: as the token names them.
    """

    hub: Hub
    person: str
    stream: str


Answering = Callable[[Asking, Any], Awaitable[tuple[Sequence[Any], bool]]]


class Kind(NamedTuple):
    """One query: what it is asked with, and what answers it: items, and whether there are more."""

    shape: type[Struct]
    answer: Answering


Queries = Mapping[str, Mapping[str, Kind]]
"""By the kind of stream, and by name, what may be asked."""


async def answer(queries: Queries, asking: Asking, message: m.Ask) -> m.Answer:
    """
    Raises:
        Refusal: `unknown_query`, `invalid`, and what the query refuses.
        JournalError: it cannot be looked up now.
    """
    known = queries.get(asking.stream.partition(":")[0], {})
    kind = known.get(message.query)
    if kind is None:
        expected = f"expected one of {', '.join(known)}" if known else "expected no query of such a stream"
        raise Refusal(Code.UNKNOWN_QUERY, f"{expected}; got {message.query[:40]!r}")
    try:
        query = msgspec.convert(message.args, kind.shape)
    except msgspec.ValidationError as error:
        raise Refusal(Code.INVALID, str(error)) from None
    items, more = await kind.answer(asking, query)
    return m.Answer(message.id, items, more=more)


def workshop_queries(hints: Hints) -> Mapping[str, Kind]:
    """What may be asked of a workshop (SPEC Q)."""

    async def history(asking: Asking, query: History) -> tuple[Sequence[Any], bool]:
        rows = await asking.hub.journal.page(asking.stream, "message", query.before, query.limit + 1)
        return paged(rows, query.limit)

    async def search(asking: Asking, query: Search) -> tuple[Sequence[Any], bool]:
        rows = await asking.hub.journal.search(asking.stream, query.text, query.offset, query.limit + 1)
        return paged(rows, query.limit)

    async def duplicates(asking: Asking, query: Duplicates) -> tuple[Sequence[Any], bool]:
        layers = (await asking.hub.channel(asking.stream)).room.layers
        actor = layers.model.actor_for(layers.state, asking.person)
        if actor is None or actor.role != "host":
            raise Refusal(Code.FORBIDDEN, "expected a host")
        found = await hints.of(asking.stream, layers)
        return [pair._asdict() for pair in found[: query.limit]], len(found) > query.limit

    answers: Mapping[type[Struct], Answering] = {History: history, Search: search, Duplicates: duplicates}
    return {name: Kind(shape, answers[shape]) for name, shape in QUERIES.items()}


def paged(rows: Sequence[Row], limit: int) -> tuple[Sequence[Any], bool]:
    """Rows of which one more than a page was asked for."""
    return [msgspec.msgpack.decode(row.record) for row in rows[:limit]], len(rows) > limit
