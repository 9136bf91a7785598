"""Someone with the real client core (`client_demo/python/sdk`) on a network that fails; notes all he was shown and answered."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
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
        streams: what he follows over one connection, the room first.
        elsewhere: answers in the others of them.
    """

    def __init__(
        self,
        who: Someone,
        site: "Site",
        chance: random.Random,
        *,
        screen: bool = False,
        streams: tuple[str, ...] = (ROOM,),
        watch: "Callable[[Person, dict[str, Any]], None] | None" = None,
    ) -> None:
        self.device = next(site.devices)
        self.who, self.site, self.screen = who, site, screen
        self.link: Link | None = None
        self.answers: dict[str, int | Refused | None] = {}
        self.asked: dict[str, str] = {}
        self.ordered: list[str] = []
        self.sent: Counter[str] = Counter()
        self.shown: list[Shown] = []
        self.removed = False
        self.streams = streams
        self.elsewhere: dict[str, int | Refused | None] = {}
        self._watch = watch
        self._conversations = self._new_conversations()
        self._chance = chance
        self._ids = itertools.count(1)
        self._epoch = ""
        self._later: asyncio.TimerHandle | None = None

    def _new_conversations(self) -> dict[str, Conversation]:
        return {each: Conversation(each, screen=self.screen, fraction=lambda: 0.5) for each in self.streams}

    @property
    def conversation(self) -> Conversation:
        """That of the first stream."""
        return self._conversations[self.streams[0]]

    def in_stream(self, stream: str) -> Conversation:
        return self._conversations[stream]

    @property
    def is_connected(self) -> bool:
        return self.link is not None and self.link.is_open

    @property
    def is_live(self) -> bool:
        return self.is_connected and all(
            each.following and not each.replica.waiting for each in self._conversations.values()
        )

    @property
    def unanswered(self) -> list[str]:
        return [id for id, answer in (*self.answers.items(), *self.elsewhere.items()) if answer is None]

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
            for conversation in self._conversations.values():
                conversation.disconnected()

    def reload(self) -> None:
        """A page that was loaded anew: the outbox was kept, records and what was under way are lost."""
        self.disconnect()
        before, self._conversations = self._conversations, self._new_conversations()
        for stream, conversation in before.items():
            for c in conversation.outbox:
                if c.seq is None:
                    again = Command(c.id, c.cmd, c.args, c.at, c.order, c.answered, again=True)
                    self._conversations[stream].outbox.add(again)

    def do_in(self, stream: str, cmd: str, **args: Any) -> None:
        """A command in another stream than the room."""
        id = f"{self.device}-{next(self._ids)}"
        self.elsewhere[id] = None
        order = len(self.elsewhere)
        command = Command(id, cmd, args, 0, order, partial(self.elsewhere.__setitem__, id))
        self._conversations[stream].outbox.add(command)
        self.step()

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
            self.link.send(Signal(self.streams[0], kind, data))

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
        pauses = []
        for conversation in self._conversations.values():
            for request in conversation.outgoing(loop.time()):
                self.link.send(request)
                if isinstance(request, Do):
                    self.sent[request.id] += 1
            pauses.append(conversation.pause(loop.time()))
        pause = min((each for each in pauses if each is not None), default=None)
        if pause is not None:
            self._later = loop.call_later(max(pause, A_MOMENT), self.step)

    # What he hears.

    def heard(self, payload: bytes, message: dict[str, Any]) -> None:
        now = asyncio.get_running_loop().time()
        match message["t"]:
            case "welcome":
                for conversation in self._conversations.values():
                    conversation.welcomed(message, now)
            case "bye":
                self.removed |= message["code"] == "removed"
                self.disconnect()
                return
            case kind:
                self.site.trace.update(b"%r %d " % (now, self.device) + payload)
                of = self._conversations.get(message.get("stream", ""), self.conversation)
                if kind == "state" and of is self.conversation:
                    self._epoch = message["epoch"]
                elif kind == "patch" and not of.replica.waiting:
                    cursor = of.replica.cursor
                    # He would ask again, and all would look well; but a connection carries every change that he is to see.
                    assert message["from"] <= cursor, (
                        f"SPEC S5: {self.device} at {cursor} got a patch from {message['from']}"
                    )
                elif kind == "refused":
                    self.removed |= message["code"] == "removed"
                if message.get("stream", ROOM) != ROOM:
                    if self._watch is not None:
                        self._watch(self, message)
                elif kind not in QUIET:
                    self.shown.append(Shown(self._epoch, payload, message))
                for conversation in self._conversations.values():
                    conversation.receive(message, now)
        self.step()

    def lost(self, link: Link) -> None:
        if link is self.link:
            self.link = None
            for conversation in self._conversations.values():
                conversation.disconnected()
