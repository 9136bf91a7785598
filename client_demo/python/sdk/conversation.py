"""One room over one connection after another: messages in, messages out, and what they mean for me. Pure: no socket, no clock.

Whoever holds the connection calls `welcomed`, `receive` and `disconnected`, sends what `outgoing` gives, and calls it again
after `pause` seconds. Times are seconds of a clock that only grows.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from client_demo.python.sdk.errors import Refused
from client_demo.python.sdk.ids import command_id
from client_demo.python.sdk.outbox import Command, Outbox
from client_demo.python.sdk.rate import Rate
from client_demo.python.sdk.replica import Message, Record, Replica
from client_demo.python.sdk.view import View
from protocol.messages import Ask, Do, Join

JOIN_PAUSE: Final = 3.0
"""Seconds before a join that was refused for now is tried again, at most."""

Answered = Callable[[int | Refused], None]


@dataclass
class Change:
    """What is different since the last one.

    Attributes:
        ids: of records that may look different; None when all may.
        people: whether others came or went.
        signals: what others showed and is not kept: `{kind, data, by}` each (P2).
    """

    ids: frozenset[str] | None = frozenset()
    people: bool = False
    signals: list[dict[str, Any]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.ids is None or bool(self.ids or self.people or self.signals)

    def add(self, other: "Change") -> None:
        self.ids = None if self.ids is None or other.ids is None else self.ids | other.ids
        self.people |= other.people
        self.signals += other.signals


class Conversation:
    """
    Args:
        stream: its id.
        screen: follow as a projector does: public records, no presence, nothing to say.
        fraction: random numbers from 0 to 1.
        rate: what may be sent, with all else on the connection; None: this is alone on it.

    Attributes:
        present: ids of the people present, as far as they are named (P1); `count` is how many there are.
        following: whether this connection has brought a whole state.
        joins: how often the room was joined.
        refused: why the room cannot be followed, once it was said for good.
    """

    def __init__(
        self,
        stream: str,
        *,
        screen: bool = False,
        fraction: Callable[[], float] = random.random,
        rate: Rate | None = None,
    ) -> None:
        self.stream = stream
        self.replica = Replica(stream)
        self.outbox = Outbox(stream, fraction, rate)
        self.view = View(self.replica, self.outbox)
        self.present: set[str] = set()
        self.count = 0
        self.following = False
        self.joins = 0
        self.refused: Refused | None = None
        self._screen = screen
        self._fraction = fraction
        self._connected = False
        self._join_at: float | None = None
        self._orders = 0
        self._asks: dict[str, Callable[[Message | Refused], None]] = {}
        self._asking: list[Ask] = []

    # What a person does.

    def do(self, cmd: str, args: Mapping[str, Any], at: int, answered: Answered) -> Change:
        """Give a command; it is drawn at once, and sent until it is answered.

        Args:
            at: now, in ms since 1970.
            answered: called once, with the seq of its `done` or with its final refusal.
        """
        self._orders += 1
        command = Command(command_id(), cmd, dict(args), at, self._orders, answered)
        before = set(self.view.drawn)
        self.outbox.add(command)
        self.view.stir()
        return Change(frozenset(before | self.view.drawn.keys()))

    def ask(self, query: str, args: Mapping[str, Any], answered: Callable[[Message | Refused], None]) -> None:
        """Ask (Q): once, on this connection. `answered` is called once."""
        if not self.following:
            answered(Refused("offline", "expected a live connection", retry=True))
            return
        id = command_id()
        self._asks[id] = answered
        self._asking.append(Ask(id, self.stream, query, dict(args)))

    # What happens to the connection.

    def welcomed(self, welcome: Message, now: float) -> None:
        """A session has begun."""
        self.view.me = welcome["me"]["id"]
        self.view.stir()
        self.outbox.grant(welcome["limits"].get("rate", 10))
        self._connected = True
        self._join_at = now

    def disconnected(self) -> None:
        self._connected = self.following = False
        self._join_at = None
        self.replica.disconnected()
        self.outbox.disconnected()
        self._asking.clear()
        asks, self._asks = self._asks, {}
        for answered in asks.values():
            answered(Refused("offline", "the connection was lost before the answer came", retry=True))

    def outgoing(self, now: float) -> Iterator[Join | Do | Ask]:
        """What is to be sent now."""
        if self._join_at is not None and self._join_at <= now:
            self._join_at = None
            self.joins += 1
            since = self.replica.since
            self.replica.joining()
            yield Join(self.stream, since, "screen" if self._screen else None)
        if self.following and not self.replica.waiting:
            yield from self._asking
            self._asking.clear()
            while (do := self.outbox.next(now)) is not None:
                yield do
        else:
            self.outbox.rest()

    def pause(self, now: float) -> float | None:
        """Seconds until `outgoing` has something; None when only a message or a command can change that."""
        if self._join_at is not None:
            return max(0.0, self._join_at - now)
        return self.outbox.pause(now) if self.following and not self.replica.waiting else None

    def receive(self, message: Message, now: float) -> Change:
        """Take any message but `welcome` and `bye`."""
        if message.get("stream", self.stream) != self.stream:
            return Change()
        match message["t"]:
            case "state" | "mine" | "patch" | "beat":
                return self._follow(message, now)
            case "done":
                command = self.outbox.done(message["id"], message["seq"])
                if command is not None:
                    command.answered(message["seq"])
                return self._settle(reset=False)
            case "refused":
                return self._refused(message, now)
            case "answer":
                self._answer(message["id"], message)
            case "people":
                return self._people(message)
            case "signals":
                return Change(signals=list(message["list"]))
        return Change()

    def _follow(self, message: Message, now: float) -> Change:
        touched, join = self.replica.receive(message)
        if touched is None or touched:
            self.view.stir()
        if join:
            self._join_at = now
        if message["t"] == "state" and not message.get("more"):
            self.following = True
        change = Change(touched)
        change.add(self._settle(reset=touched is None))
        if message["t"] == "patch":
            self.outbox.hasten(now)
        if self.outbox.held_for == "paused" and (self.replica.get(self.stream) or {}).get("writing", True):
            self.outbox.release()
        return change

    def _settle(self, *, reset: bool) -> Change:
        """Take the drawings off whose records are here (D3); after a reset nothing older will come."""
        if not len(self.outbox):
            return Change()
        here = [c for c in self.outbox if c.seq is not None and (reset or c.seq <= self.replica.settled)]
        if not here:
            return Change()
        before = set(self.view.drawn)
        for command in here:
            self.outbox.remove(command)
        self.view.stir()
        return Change(frozenset(before))

    def _refused(self, message: Message, now: float) -> Change:
        id, refused = message["id"], Refused(message["code"], message["text"], message["retry"])
        if id in self._asks:
            self._answer(id, refused)
            return Change()
        if id == self.stream:
            self._turned_away(refused, now)
            return Change()
        if not id:
            # A signal, say: nobody waits for it, and least of all a state that is under way (S11).
            return Change()
        # Not joined is this client's fault, not the command's: it goes again after the join.
        not_joined = refused.code == "not_joined"
        if not_joined and not self.replica.waiting:
            self._join_at = now
        before = set(self.view.drawn)
        command = self.outbox.refused(id, refused.code, refused.retry or not_joined, now)
        if command is None:
            return Change()
        self.view.stir()
        command.answered(refused)
        return Change(frozenset(before))

    def _turned_away(self, refused: Refused, now: float) -> None:
        """The join was refused (S11), or who was in one of several streams has been sent out of it (S13)."""
        self.following = False
        self.replica.disconnected()
        if refused.retry:
            self._join_at = now + JOIN_PAUSE * (0.5 + self._fraction() / 2)
        else:
            self.refused = refused

    def _answer(self, id: str, answer: Message | Refused) -> None:
        answered = self._asks.pop(id, None)
        if answered is not None:
            answered(answer)

    def _people(self, message: Message) -> Change:
        if message.get("reset"):
            self.present = set()
        self.present -= set(message.get("del", ()))
        self.present |= {person["id"] for person in message.get("put", ())}
        self.count = message["count"]
        return Change(people=True)

    # What is shown.

    def get(self, id: str) -> Record | None:
        return self.view.get(id)

    def all(self, kind: str) -> list[Record]:
        return self.view.all(kind)
