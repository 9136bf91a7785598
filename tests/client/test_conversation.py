"""The client's core against the real hub, without sockets: connections break anywhere, answers are lost, phones read slowly.

Seeded, on virtual time: a seed that failed once becomes a case of `test_fuzz` by name.
"""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from client_demo.python.sdk.conversation import Conversation
from client_demo.python.sdk.errors import Refused
from client_demo.python.sdk.ids import new_id
from client_demo.python.sdk.replica import Message
from protocol.codec import encode
from protocol.messages import Hello
from protocol.version import MSGPACK
from tests.inprocess import HOST, OTHER, PARTICIPANT, ROOM, Someone, Wire, World, world
from tests.virtual import run, settle, timed


class Phone:
    """A conversation over wires that the test cuts.

    Attributes:
        answers: what came of each command, by its place among those given.
        seqs: of ideas added, in the order given; None while unanswered.
    """

    def __init__(self, who: Someone, here: World) -> None:
        self.who, self.here = who, here
        self.conversation = Conversation(ROOM, fraction=lambda: 0.5)
        self.wire: Wire | None = None
        self.answers: dict[int, list[int | Refused]] = {}
        self.added: list[tuple[str, int]] = []
        self._seen = 0

    def connect(self, at: int = 0) -> None:
        self.cut()
        wire = self.wire = Wire()
        wire.session = self.here.workers[at].sessions.connected(wire)
        self._seen = 0
        wire.session.received(encode(Hello(self.who.token), MSGPACK), True)
        self.step()

    def cut(self) -> None:
        """What was held back is lost, as what was sent and not read by the server would be."""
        if self.wire is not None:
            self.wire.cut()
            self.wire = None
            self.conversation.disconnected()

    def step(self) -> None:
        """Read what has come and send what may be sent."""
        now = asyncio.get_running_loop().time()
        while self.wire is not None and self._seen < len(self.wire.got):
            message = self.wire.got[self._seen]
            self._seen += 1
            self._take(message, now)
        if self.wire is not None and self.wire.session is not None and self.conversation.view.me is not None:
            for request in self.conversation.outgoing(now):
                self.wire.session.received(encode(request, MSGPACK), True)

    def _take(self, message: Message, now: float) -> None:
        if message["t"] == "welcome":
            self.conversation.welcomed(message, now)
        else:
            assert message["t"] != "bye", message
            self.conversation.receive(message, now)
            self.watch()

    def do(self, cmd: str, **args: Any) -> int:
        place = len(self.answers)
        self.answers[place] = []
        self.conversation.do(cmd, args, 0, self.answers[place].append)
        if cmd == "idea.add":
            self.added.append((args["id"], place))
        self.watch()
        return place

    def watch(self) -> None:
        """D3: an idea of mine, once drawn, stays in my sight unless it is refused."""
        for id, place in self.added:
            refused = self.answers[place] and isinstance(self.answers[place][0], Refused)
            assert refused or self.conversation.get(id) is not None, f"own idea {id} is out of sight"

    @property
    def ideas(self) -> list[str]:
        return [record["id"] for record in self.conversation.all("idea")]


async def quiet(here: World, phones: list[Phone], condition: Callable[[], bool]) -> None:
    """Let everyone read and send until a condition holds."""
    async with asyncio.timeout(600):
        while True:
            await settle()
            for phone in phones:
                phone.step()
            if condition():
                return
            await asyncio.sleep(0.5)


def is_live(phone: Phone) -> bool:
    return phone.conversation.following and not phone.conversation.replica.waiting


def test_S11_a_signal_refused_in_the_middle_of_a_state_is_no_answer_to_the_join() -> None:
    """Seen in a story: the first chunk was forgotten, and with it that all of before was to go. So a host who was one no more kept what
    hosts alone read."""
    conversation = Conversation(ROOM)
    state = {"t": "state", "stream": ROOM, "seq": 1}
    conversation.receive(
        {"t": "welcome", "me": {"id": HOST.member, "name": "Claire", "role": "host"}, "limits": {}}, 0.0
    )
    conversation.receive(state | {"epoch": "a.host", "reset": True, "put": [{"id": "idea:of-hosts----", "v": 1}]}, 0.0)
    conversation.receive(state | {"epoch": "a.public", "reset": True, "more": True}, 0.0)
    conversation.receive({"t": "refused", "id": "", "code": "not_found", "text": "", "retry": False}, 0.0)
    conversation.receive(state | {"epoch": "a.public", "put": [{"id": "idea:of-all------", "v": 1}]}, 0.0)
    assert set(conversation.replica.shared) == {"idea:of-all------"}
    assert conversation.refused is None


def test_S13_who_is_sent_out_of_one_of_several_streams_follows_it_no_more() -> None:
    """Seen in a story: the refusal came where no join was unanswered, was taken for none of ours, and all looked live for ever."""
    conversation = Conversation(ROOM)
    conversation.receive({"t": "state", "stream": ROOM, "seq": 1, "epoch": "a.public", "reset": True}, 0.0)
    followed = [conversation.following]
    conversation.receive({"t": "refused", "id": ROOM, "code": "removed", "text": "", "retry": False}, 0.0)
    followed.append(conversation.following)
    assert followed == [True, False]
    assert conversation.refused is not None
    assert conversation.refused.code == "removed"


@timed
async def test_what_was_given_without_a_connection_is_done_with_one(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        phone = Phone(PARTICIPANT, here)
        ids = [new_id("idea") for _ in range(3)]
        for id in ids:
            phone.do("idea.add", id=id, text=id)
        assert phone.ideas == ids
        phone.connect()
        await quiet(here, [phone], lambda: not len(phone.conversation.outbox))
        assert phone.ideas == ids
        assert list(map(len, phone.answers.values())) == [1, 1, 1]


@timed
async def test_a_done_that_was_lost_comes_again_on_another_worker(tmp_path: Path) -> None:
    """I2: the retry of an addition that landed is done, not `id_taken`."""
    async with world(tmp_path, workers=2) as here:
        phone = Phone(PARTICIPANT, here)
        phone.connect(0)
        await quiet(here, [phone], lambda: is_live(phone))
        assert phone.wire is not None
        phone.wire.slow = True
        phone.do("idea.add", id=new_id("idea"), text="une fois")
        phone.step()
        await settle()
        assert phone.answers == {0: []}
        phone.connect(1)
        await quiet(here, [phone], lambda: bool(phone.answers[0]))
        assert isinstance(phone.answers[0][0], int)


@timed
async def test_a_paused_command_goes_when_writing_does(tmp_path: Path) -> None:
    """C7, D5."""
    async with world(tmp_path) as here:
        host, participant = Phone(HOST, here), Phone(PARTICIPANT, here)
        for phone in (host, participant):
            phone.connect()
        await quiet(here, [host, participant], lambda: is_live(host) and is_live(participant))
        host.do("room.set", writing=False)
        await quiet(here, [host, participant], lambda: bool(host.answers[0]))
        ids = [new_id("idea"), new_id("idea")]
        for id in ids:
            participant.do("idea.add", id=id, text=id)
        await quiet(here, [host, participant], lambda: participant.conversation.outbox.held_for == "paused")
        assert participant.answers == {0: [], 1: []}
        host.do("room.set", writing=True)
        await quiet(here, [host, participant], lambda: all(participant.answers.values()))
        assert participant.ideas == ids


@timed
async def test_a_room_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    """S11."""
    async with world(tmp_path) as here:
        phone = Phone(PARTICIPANT, here)
        phone.conversation = Conversation("room:bbbbbbbbbbbb")
        phone.connect()
        await quiet(here, [phone], lambda: phone.conversation.refused is not None)
        assert phone.conversation.refused is not None
        assert phone.conversation.refused.code == "unknown_room"


@pytest.mark.parametrize("seed", range(12))
def test_fuzz(seed: int, tmp_path: Path) -> None:
    """D1 to D4, I2, R3: whatever breaks, each command is answered once, in order, and all see what a new phone sees."""
    run(_fuzz(random.Random(seed), tmp_path))


async def _fuzz(chance: random.Random, folder: Path) -> None:
    async with world(folder, workers=2) as here:
        phones = [Phone(who, here) for who in (HOST, PARTICIPANT, OTHER, PARTICIPANT)]
        for _ in range(200):
            await _something(chance, chance.choice(phones), phones)
        for phone in phones:
            phone.connect(chance.randrange(2))
        await quiet(here, phones, lambda: not any(len(phone.conversation.outbox) for phone in phones))
        assert all(len(answers) == 1 for phone in phones for answers in phone.answers.values())
        for phone in phones:
            seqs = [answer for _, place in phone.added for answer in phone.answers[place]]
            assert not any(isinstance(seq, Refused) for seq in seqs), "an addition was refused, so it was done twice"
            assert seqs == sorted(seqs)  # type: ignore[type-var]  # no refusals, see above
        fresh = [Phone(phone.who, here) for phone in phones]
        for phone in fresh:
            phone.connect()
        await quiet(here, [*phones, *fresh], lambda: all(map(is_live, fresh)))
        for phone, anew in zip(phones, fresh, strict=True):
            assert phone.conversation.replica.shared == anew.conversation.replica.shared
            assert phone.conversation.replica.mine == anew.conversation.replica.mine
            assert phone.ideas == anew.ideas


async def _something(chance: random.Random, phone: Phone, phones: list[Phone]) -> None:
    there = [id for other in phones for id, _ in other.added]
    match chance.choices(("add", "touch", "step", "time", "connect", "cut", "slow"), (5, 5, 8, 4, 2, 1, 1))[0]:
        case "add":
            phone.do("idea.add", id=new_id("idea"), text="x")
        case "touch" if there:
            on = chance.choice(there)
            cmd, args = chance.choice(
                [
                    ("idea.edit", {"id": on, "text": str(chance.random())}),
                    ("idea.move", {"id": on, "before": chance.choice(there)}),
                    ("reaction.add", {"on": on, "kind": "like"}),
                    ("reaction.remove", {"on": on, "kind": "like"}),
                    ("message.send", {"id": new_id("message"), "text": "m"}),
                    ("member.rename", {"name": str(chance.random())}),
                ]
            )
            phone.do(cmd, **args)
        case "time":
            await asyncio.sleep(chance.choice((0.001, 0.05, 2.0)))
            await settle(5)
        case "connect":
            phone.connect(chance.randrange(2))
        case "cut":
            phone.cut()
        case "slow" if phone.wire is not None:
            if phone.wire.slow:
                phone.wire.read_again()
            else:
                phone.wire.slow = True
        case _:
            phone.step()
