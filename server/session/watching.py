"""Who hears that there is something new in streams that they do not follow, and that something concerns them (SPEC S14): without a stream
being opened for it.

The bus tells the streams, at once and without a promise; who may hear of them is asked of the tables each time that it is told.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

from protocol.errors import Code, Refusal
from protocol.messages import News, Watching
from server.accounts.port import Bearer
from server.journal.port import JournalError
from server.live.hub import Hub, concerns_channel, news_channel, seen_channel

PACE: Final = 1.0
"""Seconds in which one who watches is told once."""

GATHERED: Final = 0.05
"""For which what comes behind a rest is waited with: a commit is told on several channels."""

MOST: Final = 100
"""Streams in which something concerns one person, of those that are named at once: the bus may say what it likes."""

TOGETHER: Final = 50
"""Connections whose rights are asked for in one question."""


CONCERNS: Final = "concerns me"
SEEN: Final = "seen by me"
"""What a channel tells that is of no stream."""


class Watcher(Protocol):
    """A connection."""

    gone: bool

    def send(self, message: News | Watching) -> None: ...

    def refuse(self, id: str, refusal: Refusal) -> None: ...


class MayHear(Protocol):
    """Of each of these, whether the tables say that this bearer may come into this stream. Raises JournalError."""

    def __call__(self, asked: Sequence[tuple[Bearer, str]]) -> Coroutine[Any, Any, list[bool]]: ...


class _Watch(NamedTuple):
    """What somebody watches; and what they are yet to be told."""

    bearer: Bearer
    channels: dict[str, str]
    """By channel the stream that it is of, or what is told of the person."""
    news: dict[str, None]
    concerns: dict[str, None]
    seen: dict[str, int]

    @property
    def is_due(self) -> bool:
        return bool(self.news or self.concerns or self.seen)


class Watchers:
    """Of one worker.

    Args:
        spawn: runs what must be waited for.
    """

    def __init__(self, hub: Hub, may_hear: MayHear, spawn: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._hub = hub
        self._may_hear = may_hear
        self._spawn = spawn
        self._watches: dict[Watcher, _Watch] = {}
        self._by_channel: dict[str, dict[Watcher, None]] = {}
        self._listening: dict[str, asyncio.Future[None]] = {}
        self._turns: dict[Watcher, asyncio.Lock] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._telling = False
        self._told_at = -PACE

    def __len__(self) -> int:
        return len(self._watches)

    async def watch(self, watcher: Watcher, bearer: Bearer, id: str, streams: Sequence[str]) -> None:
        """Have a connection hear of these streams, instead of those of before, and of what concerns its person."""
        # One after the other, in the order in which they came.
        async with self._turns.setdefault(watcher, asyncio.Lock()):
            await self._watch(watcher, bearer, id, list(dict.fromkeys(streams)))
        if watcher.gone:  # before it had its turn, perhaps
            self._turns.pop(watcher, None)

    async def _watch(self, watcher: Watcher, bearer: Bearer, id: str, streams: Sequence[str]) -> None:
        try:
            heard = await self._may_hear([(bearer, stream) for stream in streams])
        except JournalError:
            watcher.refuse(id, Refusal(Code.UNAVAILABLE))
            return
        if watcher.gone:
            return
        mine = [stream for stream, may in zip(streams, heard, strict=True) if may]
        of_me = {concerns_channel(bearer.person): CONCERNS, seen_channel(bearer.person): SEEN}
        channels = {**of_me, **{news_channel(stream): stream for stream in mine}}
        before = self._watches.get(watcher)
        self._watches[watcher] = _Watch(bearer, channels, *(before[2:] if before else ({}, {}, {})))
        for channel in channels:
            self._by_channel.setdefault(channel, {})[watcher] = None
            if channel not in self._listening:
                self._listening[channel] = asyncio.ensure_future(
                    self._hub.listen(channel, partial(self._heard, channel))
                )
        listening = [self._listening[channel] for channel in channels]
        if before:
            self._leave(watcher, [channel for channel in before.channels if channel not in channels])
        # What comes from now on is heard, whoever asked for it first.
        await asyncio.gather(*listening)
        if not watcher.gone:
            watcher.send(Watching(id, mine))

    def forget(self, watcher: Watcher) -> None:
        """It is gone."""
        watch = self._watches.pop(watcher, None)
        self._turns.pop(watcher, None)
        if watch is not None:
            self._leave(watcher, watch.channels)

    def close(self) -> None:
        """Nobody is told anything any more."""
        self._watches.clear()
        self._by_channel.clear()
        for listening in self._listening.values():
            listening.cancel()
        if self._timer is not None:
            self._timer.cancel()

    def _leave(self, watcher: Watcher, channels: Iterable[str]) -> None:
        for channel in channels:
            here = self._by_channel.get(channel, {})
            here.pop(watcher, None)
            if not here and self._by_channel.pop(channel, None) is not None:
                self._spawn(self._unlisten(channel))

    async def _unlisten(self, channel: str) -> None:
        listening = self._listening.get(channel)
        if listening is None:
            return
        await asyncio.wait([listening])
        # Somebody may have come meanwhile.
        if channel not in self._by_channel and self._listening.pop(channel, None) is not None:
            await self._hub.unlisten(channel)

    def _heard(self, channel: str, message: bytes | None) -> None:
        """Something came over the bus; None: something may have been lost, so that all of it is news."""
        for watcher in self._by_channel.get(channel, ()):
            watch = self._watches[watcher]
            told = watch.channels[channel]
            if told == CONCERNS:
                if message is not None and len(watch.concerns) < MOST:
                    watch.concerns[message.decode(errors="replace")] = None
            elif told == SEEN:
                n, _, stream = (message or b"").decode(errors="replace").partition(" ")
                if n.isdecimal() and len(watch.seen) < MOST:
                    watch.seen[stream] = int(n)
            else:
                watch.news[told] = None
        self._tell_later()

    def _tell_later(self) -> None:
        if self._timer is None and not self._telling:
            loop = asyncio.get_running_loop()
            # Behind a rest at once: what concerns somebody is on their other device before they look there.
            wait = max(self._told_at + PACE - loop.time(), GATHERED)
            self._timer = loop.call_later(wait, self._begin_telling)

    def _begin_telling(self) -> None:
        self._timer, self._telling = None, True
        self._told_at = asyncio.get_running_loop().time()
        self._spawn(self._tell_all())

    async def _tell_all(self) -> None:
        try:
            await self._tell()
        finally:
            self._telling = False
            if any(watch.is_due for watch in self._watches.values()):
                self._tell_later()

    async def _tell(self) -> None:
        waiting = [watcher for watcher, watch in self._watches.items() if watch.is_due]
        for start in range(0, len(waiting), TOGETHER):
            await self._tell_some(waiting[start : start + TOGETHER])

    async def _tell_some(self, watchers: Sequence[Watcher]) -> None:
        """In one question: whatever else this worker does has its turn between two."""
        waiting = [
            (watcher, watch, list(watch.news), list(watch.concerns), dict(watch.seen))
            for watcher in watchers
            if (watch := self._watches.get(watcher)) is not None
        ]
        asked = [(watch.bearer, stream) for _, watch, news, concerns, _ in waiting for stream in (*news, *concerns)]
        try:
            heard = iter(await self._may_hear(asked))
        except JournalError:
            return  # and asked again
        for watcher, watch, news, concerns, seen in waiting:
            # What came meanwhile comes next.
            for stream in news:
                watch.news.pop(stream, None)
            for stream in concerns:
                watch.concerns.pop(stream, None)
            for stream, n in seen.items():
                if watch.seen.get(stream) == n:
                    del watch.seen[stream]
            told, concerning = ([stream for stream in streams if next(heard)] for streams in (news, concerns))
            if (told or concerning or seen) and not watcher.gone:
                watcher.send(News(told, concerning, seen))
