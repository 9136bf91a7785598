"""What is watched without being followed (SPEC.md, S14): asked for on every connection anew, until something else is. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from client_demo.python.sdk.errors import Refused
from client_demo.python.sdk.ids import command_id
from client_demo.python.sdk.replica import Message
from protocol import messages as m

PAUSE: Final = 3.0
"""Seconds before what was refused for now is asked again, at most."""

Answered = Callable[[list[str] | Refused], None]


@dataclass
class Heard:
    """Streams in which there is something new, and in which something names me: a hint, and what it is, is asked for there."""

    streams: frozenset[str] = frozenset()
    concerns: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.streams or self.concerns)

    def add(self, other: "Heard") -> None:
        self.streams |= other.streams
        self.concerns |= other.concerns


class Watch:
    """
    Args:
        fraction: random numbers from 0 to 1.
    """

    def __init__(self, fraction: Callable[[], float]) -> None:
        self._fraction = fraction
        self._streams: list[str] | None = None
        self._id: str | None = None
        """Of the question whose answer counts; those before it are over."""
        self._ask_at: float | None = None
        self._waiting: list[Answered] = []
        self._missed = False
        """It was granted on a connection before this one, and what came meanwhile was told to nobody."""
        self._connected = False

    def set(self, streams: Sequence[str], now: float, answered: Answered) -> None:
        """Watch these instead. `answered` is called once: with those of them that I may hear of, or the final refusal."""
        self._streams = list(streams)
        self._missed = False
        self._waiting.append(answered)
        self._ask_at = now if self._connected else None

    def welcomed(self, now: float) -> None:
        self._connected = True
        self._ask_at = None if self._streams is None else now

    def disconnected(self) -> None:
        self._connected = False
        self._id = self._ask_at = None

    def outgoing(self, now: float) -> Iterator[m.Watch]:
        if self._streams is not None and self._ask_at is not None and self._ask_at <= now:
            self._ask_at = None
            self._id = command_id()
            yield m.Watch(self._id, self._streams)

    def pause(self, now: float) -> float | None:
        """Seconds until `outgoing` has something; None when only a message or another wish can change that."""
        return None if self._ask_at is None else max(0.0, self._ask_at - now)

    def receive(self, message: Message, now: float) -> Heard:
        """Take a `watching`, a `refused` of it, or `news`."""
        if message["t"] == "news":
            return Heard(frozenset(message.get("streams", ())), frozenset(message.get("concerns", ())))
        if message["id"] != self._id:
            return Heard()
        self._id = None
        if message["t"] == "refused":
            if message["retry"]:
                self._ask_at = now + PAUSE * (0.5 + self._fraction() / 2)
            else:
                self.end(Refused(message["code"], message["text"]))
            return Heard()
        streams = list(message["streams"])
        missed, self._missed = self._missed, True
        self._answer(streams)
        return Heard(frozenset(streams)) if missed else Heard()

    def end(self, why: Refused) -> None:
        """Nothing is watched any more."""
        self._streams = self._id = self._ask_at = None
        self._answer(why)

    def _answer(self, given: list[str] | Refused) -> None:
        waiting, self._waiting = self._waiting, []
        for answered in waiting:
            answered(given)
