"""How long each command, at the sizes of SPEC L6, keeps everybody else of its worker waiting: the longest turn of the loop.

The real room and its followers, with a journal that takes everything; times are of the processor, so that other work of the machine
counts for little.
"""

import asyncio
import gc
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from protocol import commands as c
from server.journal.port import Appended, Entry, Head, Journal
from server.live.batch import Submission
from server.live.channel import Channel
from server.live.follower import Follower
from server.live.layers import Layers, dumping, load
from server.live.room import Ports, Room
from server.model.kernel import Actor
from server.models import model_of
from server.wire.encoding import BINARY, TEXT
from server.workshop.model import WORKSHOP
from server.workshop.people.people import MEMBERS
from server.workshop.state.board import IDEAS
from tests.bench.table import Row, Scale
from tests.bench.whole import HOST, RECIPES, ROOM, VOTED, Given, Size, alias, of, whole

GOAL: Final = 0.05
"""Seconds that nothing may hold the loop."""

SHOWN: Final = 10
"""How many of the longest are told by name."""

BURST: Final = range(1, 501)

BURSTS: Final[Mapping[str, Sequence[Given]]] = {
    "500 answers": [(c.AnswerPulse(of("pulse", 0), f"mot {n}"), of("member", n)) for n in BURST],
    "500 dots": [(c.PutDots(VOTED, of("idea", 5), 1), of("member", n)) for n in BURST],
    "500 reactions": [(c.AddReaction(of("idea", 0), "love"), of("member", n)) for n in BURST],
    "500 merges": [(c.MergeIdea(of("idea", n), of("idea", 900)), HOST) for n in BURST],
    "500 edits": [(c.EditIdea(of("idea", n), "Autre"), HOST) for n in BURST],
}
"""What comes at once."""


class _Taking:
    """A journal that takes everything."""

    async def append(self, entry: Entry) -> Appended:
        return Appended(entry.commit.seq)

    async def heads(self, streams: Sequence[str]) -> dict[str, Head]:
        return {}

    async def sealed(self, stream: str, ids: Sequence[str]) -> dict[str, Any]:
        return {}

    async def lookup(self, stream: str, keys: Sequence[bytes]) -> dict[bytes, Any]:
        return {}


class _Reading:
    """A peer that reads at once."""

    address = "127.0.0.1"

    def __init__(self, encoding: Any) -> None:
        self.encoding = encoding

    def write(self, frames: bytes) -> int:
        return 0

    def close(self, code: int, reason: str) -> None: ...


class Turns:
    """The longest turn of the running loop, in seconds of its thread, since it was last asked."""

    def __init__(self) -> None:
        self._longest = 0.0
        self._run: Any = asyncio.Handle._run

    def __enter__(self) -> "Turns":
        mine = threading.get_ident()

        def timed(handle: asyncio.Handle) -> None:
            if threading.get_ident() != mine:
                self._run(handle)
                return
            began = time.thread_time()
            self._run(handle)
            self._longest = max(self._longest, time.thread_time() - began)

        handles: Any = asyncio.Handle
        handles._run = timed
        return self

    def __exit__(self, *_: object) -> None:
        handles: Any = asyncio.Handle
        handles._run = self._run

    async def longest(self) -> float:
        await asyncio.sleep(0)  # this turn counts too
        longest, self._longest = self._longest, 0.0
        return longest


async def given(layers: Layers, commands: Sequence[Given], *, at_once: bool = False) -> list[object]:
    """What becomes of commands in a room of its own, whose followers are of both audiences and both codecs."""
    ports = Ports(
        cast(Journal, _Taking()),
        now=lambda: 1,
        key=_key,
        ring=lambda stream, seq: None,
        hint=lambda stream, hurry: None,
        alias=lambda stream, step, member: alias(step, member),
        model_of=model_of,
    )
    room = Room(ROOM, ports, layers, "incarnation")
    channel = Channel(room, "worker", lambda message: None)
    for member in (HOST, of("member", 1)):
        for encoding in (BINARY, TEXT):
            channel.join(Follower(cast(Any, _Reading(encoding)), member, screen=False, ended=lambda *_: None), None)
            await asyncio.sleep(0)
    room.begin()
    outcomes: list[asyncio.Future[object]] = []
    for n, (command, member) in enumerate(commands):
        outcome: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        actor = None if WORKSHOP.actor_for(layers.state, member) else Actor(member, "participant")
        key = _key(ROOM, member, f"c{n}")
        room.submit(Submission(f"c{n}", member, key, command, outcome.set_result, actor=actor))
        outcomes.append(outcome)
        if not at_once:
            await outcome
            await asyncio.sleep(0.02)  # until it is shown
    told = [await outcome for outcome in outcomes]
    await asyncio.sleep(0.02)
    channel.farewell()
    await room.close()
    return told


def _key(stream: str, member: str, id: str) -> bytes:
    return f"{member}{id}".encode()


async def _longest(size: Size) -> dict[str, float]:
    took: dict[str, float] = {}
    layers = whole(size)
    gc.collect()
    gc.freeze()  # as a server does with what it has loaded
    with Turns() as turns:
        for name, commands in ((kind.__name__, recipe(size)) for kind, recipe in RECIPES.items()):
            copy = layers.copy()
            await turns.longest()
            await given(copy, commands)
            took[name] = await turns.longest()
        for name, commands in BURSTS.items():
            copy = layers.copy()
            await turns.longest()
            await given(copy, commands, at_once=True)
            took[name] = await turns.longest()
        slices, kept = dumping(layers), b""
        while not kept:
            await asyncio.sleep(0)
            try:
                next(slices)
            except StopIteration as end:
                kept = end.value
        took["a snapshot taken"] = await turns.longest()
    began = time.thread_time()
    load(WORKSHOP, kept)
    took[_OPENED] = time.thread_time() - began
    return took


_OPENED: Final = "a snapshot opened, in a thread"


def rows(scale: Scale) -> Iterator[Row]:
    size = Size(scale.of(MEMBERS, 2_000) - 10, scale.of(IDEAS, 2_000) - 10)
    took = asyncio.run(_longest(size))
    opened = took.pop(_OPENED)
    longest = sorted(took.items(), key=lambda item: -item[1])
    over = sum(each > GOAL for each in took.values())
    told = ", ".join(f"{name} {1000 * each:.0f}" for name, each in longest[:SHOWN])
    yield Row(
        f"each of {len(RECIPES)} commands, joins, and a snapshot, in a room of {size.ideas:,} ideas and {size.members:,} members:"
        " the loop's longest turn (ms of CPU)",
        "none over 50 ms",
        f"{'**missed** by ' + str(over) if over else 'met'}: {told}; a snapshot is opened in {opened:.1f} s of a thread",
    )
