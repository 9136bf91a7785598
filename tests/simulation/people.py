"""Someone with the real client core (`client_demo/python/sdk`) on a network that fails; notes all he was shown and answered."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from client_demo.python.sdk.conversation import Conversation
from client_demo.python.sdk.errors import Refused
from client_demo.python.sdk.outbox import Command
from protocol.messages import Do, Hello, Signal
from tests.inprocess import ROOM, Someone
from tests.simulation.network import Link

if TYPE_CHECKING:
    from tests.simulation.world import Site

A_MOMENT: Final = 1e-6
"""Seconds; less might be nothing beside a clock that has run for long."""

ORDERED: Final = ("idea.add", "message.send")

QUIET: Final = frozenset(("done", "beat", "people", "welcome"))
"""Frames that can tell of no thing."""


class Shown(NamedTuple):
    """A frame that tells of things, and which epoch it belongs to."""

    epoch: str
    payload: bytes
    message: dict[str, Any]


class Person:
    """
    Attributes:
        answers: by command id, in the order given: the seq of its `done`, its final refusal, or None.
        asked: by command id, its name.
        ordered: ids of commands that must be done in their order: nothing but that can refuse them for a while.
        sent: how often each command was sent.
        shown: frames that told of things.
        removed: he was told that he has been.
    """

    def __init__(self, who: Someone, site: "Site", chance: random.Random, *, screen: bool = False) -> None:
        self.device = next(site.devices)
        self.who, self.site, self.screen = who, site, screen
        self.link: Link | None = None
        self.answers: dict[str, int | Refused | None] = {}
        self.asked: dict[str, str] = {}
        self.ordered: list[str] = []
        self.sent: Counter[str] = Counter()
        self.shown: list[Shown] = []
        self.removed = False
        self.conversation = self._new_conversation()
        self._chance = chance
        self._ids = itertools.count(1)
        self._epoch = ""
        self._later: asyncio.TimerHandle | None = None

    def _new_conversation(self) -> Conversation:
        return Conversation(ROOM, screen=self.screen, fraction=lambda: 0.5)

    @property
    def is_connected(self) -> bool:
        return self.link is not None and self.link.is_open

    @property
    def is_live(self) -> bool:
        return self.is_connected and self.conversation.following and not self.conversation.replica.waiting

    @property
    def unanswered(self) -> list[str]:
        return [id for id, answer in self.answers.items() if answer is None]

    # What he does.

    def connect(self, at: int | None = None) -> None:
        self.disconnect()
        at = self._chance.randrange(len(self.site.workers)) if at is None else at
        self.link = self.site.workers[at].connect(self, self._chance.choice((0.0, 0.005, 0.05, 0.3)))
        self.link.send(Hello(self.who.token))

    def disconnect(self) -> None:
        link, self.link = self.link, None
        if link is not None:
            link.hang_up()
            self.conversation.disconnected()

    def reload(self) -> None:
        """A page that was loaded anew: the outbox was kept, records and what was under way are lost."""
        self.disconnect()
        kept = [command for command in self.conversation.outbox if command.seq is None]
        self.conversation = self._new_conversation()
        for command in kept:
            self.conversation.outbox.add(
                Command(command.id, command.cmd, command.args, command.at, command.order, command.answered, again=True)
            )

    def do(self, cmd: str, **args: Any) -> None:
        id = f"{self.device}-{next(self._ids)}"
        self.answers[id] = None
        self.asked[id] = cmd
        if cmd in ORDERED and not args.keys() & {"step", "zone"}:
            self.ordered.append(id)
        order = len(self.answers)
        self.conversation.outbox.add(Command(id, cmd, args, 0, order, self._answered(id)))
        self.step()

    def signal(self, kind: str, /, **data: Any) -> None:
        """What is shown and not kept (P2)."""
        if self.link is not None and self.is_live:
            self.link.send(Signal(ROOM, kind, data))

    def _answered(self, id: str) -> Callable[[int | Refused], None]:
        def answered(answer: int | Refused) -> None:
            assert self.answers[id] is None, f"SPEC D1, D6: {id} was answered {self.answers[id]} and then {answer}"
            self.answers[id] = answer

        return answered

    def step(self) -> None:
        """Send what may be sent, and come back when more may be."""
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self.link is None or self.conversation.view.me is None:
            return
        loop = asyncio.get_running_loop()
        for request in self.conversation.outgoing(loop.time()):
            self.link.send(request)
            if isinstance(request, Do):
                self.sent[request.id] += 1
        pause = self.conversation.pause(loop.time())
        if pause is not None:
            self._later = loop.call_later(max(pause, A_MOMENT), self.step)

    # What he hears.

    def heard(self, payload: bytes, message: dict[str, Any]) -> None:
        now = asyncio.get_running_loop().time()
        match message["t"]:
            case "welcome":
                self.conversation.welcomed(message, now)
            case "bye":
                self.removed |= message["code"] == "removed"
                self.disconnect()
                return
            case kind:
                self.site.trace.update(b"%r %d " % (now, self.device) + payload)
                if kind == "state":
                    self._epoch = message["epoch"]
                elif kind == "patch" and not self.conversation.replica.waiting:
                    cursor = self.conversation.replica.cursor
                    # He would ask again, and all would look well; but a connection carries every change that he is to see.
                    assert message["from"] <= cursor, (
                        f"SPEC S5: {self.device} at {cursor} got a patch from {message['from']}"
                    )
                elif kind == "refused":
                    self.removed |= message["code"] == "removed"
                if kind not in QUIET:
                    self.shown.append(Shown(self._epoch, payload, message))
                self.conversation.receive(message, now)
        self.step()

    def lost(self, link: Link) -> None:
        if link is self.link:
            self.link = None
            self.conversation.disconnected()
