"""My unacknowledged commands, in the order given, and when each may be sent. Pure: time comes in, in seconds.

A command is `waiting` until it is sent and `sent` until it is answered or the connection breaks; then it is sent again, with the
same id, and done once (I2). A refusal with `retry` holds everything: what was sent behind it is refused `behind` (D5),
so when all answers are in and a pause is over, the first goes again by itself, and the others follow once it is done.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from msgspec import UNSET

from client_demo.python.sdk.errors import Refused
from client_demo.python.sdk.rate import Rate
from protocol.messages import Do

WINDOW: Final = 32
"""So many answers may be outstanding at most."""

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 5.0
"""Seconds after a refusal with `retry`, doubling."""


@dataclass(eq=False, slots=True)
class Command:
    """
    Attributes:
        at: when it was given, in ms since 1970 by this machine's clock.
        order: its place among all commands given.
        again: it was sent before, so that a copy may still be under way (D6).
        seq: that of its `done`; then it is only drawn, until the records are there (D3).
    """

    id: str
    cmd: str
    args: Mapping[str, Any]
    at: int
    order: int
    answered: Callable[[int | Refused], None] = field(repr=False)
    state: Literal["waiting", "sent"] = "waiting"
    again: bool = False
    seq: int | None = None


class Outbox:
    """
    Args:
        stream: its id.
        fraction: a random number from 0 to 1.
        rate: what may be sent, with all else on the connection; None: this is alone on it.
    """

    def __init__(self, stream: str, fraction: Callable[[], float], rate: Rate | None = None) -> None:
        self._stream = stream
        self._fraction = fraction
        self._commands: dict[str, Command] = {}
        self._outstanding: dict[str, Command] = {}
        self._held_until = 0.0
        self._holds = 0
        self.held_for: str | None = None
        """The code of the refusal that holds everything, if one does."""
        self._awaited: str | None = None
        """The command that the server waits for (D5)."""
        self._rate = Rate() if rate is None else rate

    def __iter__(self) -> Iterator[Command]:
        """All that are drawn: not done, or done and not yet among the records."""
        return iter(list(self._commands.values()))

    def __len__(self) -> int:
        return len(self._commands)

    @property
    def unanswered(self) -> int:
        return sum(command.seq is None for command in self._commands.values())

    def grant(self, rate: float) -> None:
        """The server grants so many messages a second (L5)."""
        self._rate.grant(rate)

    def add(self, command: Command) -> None:
        self._commands[command.id] = command

    def remove(self, command: Command) -> None:
        del self._commands[command.id]

    def next(self, now: float) -> Do | None:
        """The next to send now, marked as sent."""
        command = self._candidate()
        if command is None or self._delay(now) > 0:
            return None
        self._rate.take(self)
        command.state = "sent"
        self._outstanding[command.id] = command
        again, command.again = command.again, True
        return Do(command.id, self._stream, command.cmd, dict(command.args), again or UNSET)

    def pause(self, now: float) -> float | None:
        """Seconds until `next` has something; None when only an answer or a new command can change that."""
        if self._candidate() is not None:
            return self._delay(now)
        self.rest()
        return None

    def rest(self) -> None:
        """Nothing is to be sent now: others need not wait for it."""
        self._rate.leave(self)

    def done(self, id: str, seq: int) -> Command | None:
        """The command that is done, and was not before."""
        self._outstanding.pop(id, None)
        if self._awaited in (None, id):
            # One that was sent before it tells nothing: those behind it are still to be refused `behind`.
            self._holds, self.held_for, self._awaited = 0, None, None
        command = self._commands.get(id)
        if command is None or command.seq is not None:
            return None
        command.seq = seq
        return command

    def refused(self, id: str, code: str, retry: bool, now: float) -> Command | None:
        """The command that is refused for good; it is gone from here."""
        self._outstanding.pop(id, None)
        if self._awaited == id:
            self._awaited = None
        command = self._commands.get(id)
        if command is None or command.seq is not None:
            return None
        if not retry:
            del self._commands[id]
            return command
        command.state = "waiting"
        if code not in ("behind", "rate_limited"):
            self._awaited = self._awaited or id
        # Those behind it say nothing new, and must not lengthen the pause.
        if code != "behind" or not self._holds:
            longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self._holds)
            self._held_until = now + longest * (0.5 + self._fraction() / 2)
            self.held_for = code
            self._holds += 1
        return None

    def release(self) -> None:
        """End a pause early: what it waited for is here."""
        self._held_until = 0.0

    def hasten(self, now: float) -> None:
        """What `unavailable` waited for is here: go on within a first pause, not all clients at the same moment (D5)."""
        if self.held_for == "unavailable" and self._held_until > now + FIRST_PAUSE:
            self._held_until = now + FIRST_PAUSE * self._fraction()

    def disconnected(self) -> None:
        """Nothing that was sent will be answered."""
        self.rest()
        for command in self._outstanding.values():
            command.state = "waiting"
        self._outstanding.clear()
        self._held_until, self._holds, self.held_for, self._awaited = 0.0, 0, None, None

    def _candidate(self) -> Command | None:
        """The first that waits, unless an answer must come before it.

        Order holds on one connection (D4), but not when one of two is refused `rate_limited`. So a command waits for those
        that name the same thing: an edit never overtakes the addition of what it edits.
        """
        if len(self._outstanding) >= (1 if self._holds else WINDOW):
            return None
        for command in self._commands.values():
            if command.state == "waiting":
                return None if any(_related(command, other) for other in self._outstanding.values()) else command
        return None

    def _delay(self, now: float) -> float:
        """How long a pause, or else the rate, still keeps the next one back."""
        held = self._held_until - now
        if held <= 0:
            return self._rate.delay(self, now)
        self.rest()
        return held


def _related(a: Command, b: Command) -> bool:
    """Whether the outcome of one may depend on the other."""
    return "idea.undo" in (a.cmd, b.cmd) or _about(b) in _mentions(a) or _about(a) in _mentions(b)


def _about(command: Command) -> Any:
    return command.args.get("id") or command.args.get("on") or command.cmd


def _mentions(command: Command) -> tuple[Any, ...]:
    args = command.args
    return _about(command), args.get("zone"), args.get("before"), args.get("reply")
