"""A batch of commands, decided on one running value of the state: pure, so that it can be done again on another value."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct

from protocol.commands import Command
from protocol.errors import Code, Refusal
from server.domain import room
from server.domain.events import FORMAT
from server.domain.kernel import Actor, Context, Entity, Event, State
from server.domain.layers import Layers
from server.follower import Follower, Hold
from server.journal.port import Commit, Entry, Sealed

SYSTEM = Actor("member:of-the-server-itself", "host")
"""Who submits what time alone brings about."""


class Submission(Struct, eq=False):
    """One command on its way.

    Attributes:
        member: who asks; his role is looked up when it is decided.
        key: the command's name for ever (SPEC I2), see `command_key`.
        follower: the connection it came from, if it came over one.
        answer: called with the seq of its commit or with the refusal; use `settle`, which calls it once.
        actor: given for the server's own commands only.
        sealed: entities of the sealed past that it names.
        turn: its place in the order in which this worker's rooms were given commands.
        twins: repetitions of it, which get the same answer.
        is_twin: it is one of those.
    """

    id: str
    member: str
    key: bytes
    command: Command
    answer: Callable[[int | Refusal], None]
    follower: Follower | None = None
    actor: Actor | None = None
    sealed: Mapping[str, Entity] = {}
    turn: int = 0
    twins: list["Submission"] = []
    is_twin: bool = False
    settled: bool = False

    def settle(self, outcome: int | Refusal) -> None:
        """Answer, the first time; what it means for the order of its connection's commands is noted there (SPEC D5)."""
        for each in (self, *self.twins):
            if not each.settled:
                each.settled = True
                if each.follower is not None:
                    each.follower.behind = _held(each.follower.behind, each, outcome)
                each.answer(outcome)

    def serve(self, twin: "Submission") -> None:
        """Let this one's answer be the answer of a repetition of the same command, too."""
        twin.is_twin = True
        self.twins = [*self.twins, twin]


def command_key(secret: bytes, stream: str, member: str, id: str) -> bytes:
    """16 bytes that stand for a member's command for ever and tell whoever reads the database nothing of the member."""
    digest = blake2b(key=secret, digest_size=16)
    for part in (stream, member, id):
        digest.update(part.encode())
        digest.update(b"\0")
    return digest.digest()


class Decided(NamedTuple):
    """
    Attributes:
        after: the state if the journal accepts `entry`.
        entry: None when no command was accepted.
        accepted, refused: every submission of the batch is in one of them.
        faults: what `decide` raised that was no refusal: bugs of ours, to be logged.
    """

    after: State
    events: Sequence[Event]
    entry: Entry | None
    accepted: Sequence[Submission]
    refused: Sequence[tuple[Submission, Refusal]]
    faults: Sequence[Exception]


def decide(stream: str, layers: Layers, batch: Sequence[Submission], now: int) -> Decided:
    """Decide commands in order, each on what the ones before it made of the state.

    Args:
        now: milliseconds since 1970 by this worker's clock; the commit's time never goes back behind its predecessor's.
    """
    at = max(now, layers.at)
    state, events = layers.state, list[Event]()
    accepted, refused, faults = list[Submission](), list[tuple[Submission, Refusal]](), list[Exception]()
    holds: dict[Follower, Hold | None] = {}
    for submission in batch:
        outcome: int | Refusal = layers.seq + 1
        try:
            _wait_turn(submission, holds)
            mine, state = _decide_one(state, submission, at)
        except Refusal as refusal:
            outcome = refusal
        except Exception as fault:  # noqa: BLE001  # a bug in one command's decide must cost this command only
            faults.append(fault)
            outcome = Refusal(Code.INTERNAL)
        else:
            events += mine
            accepted.append(submission)
        if isinstance(outcome, Refusal):
            refused.append((submission, outcome))
        for each in (submission, *submission.twins):
            if each.follower is not None:
                holds[each.follower] = _held(holds.get(each.follower, each.follower.behind), each, outcome)
    return Decided(state, events, _entry(stream, layers, events, accepted, at), accepted, refused, faults)


def _wait_turn(submission: Submission, holds: Mapping[Follower, Hold | None]) -> None:
    """
    Raises:
        Refusal: `behind`, when a command that the connection sent before this one must come again first (SPEC D5).
    """
    follower = submission.follower
    hold = holds.get(follower, follower.behind) if follower is not None else None
    if hold is not None and hold.id != submission.id and hold.turn < submission.turn:
        raise Refusal(Code.BEHIND)


def _held(hold: Hold | None, submission: Submission, outcome: int | Refusal) -> Hold | None:
    """What a connection's commands wait for once one of them is answered: the first sent of those that must come again."""
    if isinstance(outcome, Refusal) and outcome.retry and outcome.code not in (Code.RATE_LIMITED, Code.BEHIND):
        return hold if hold is not None and hold.turn < submission.turn else Hold(submission.id, submission.turn)
    return None if hold is not None and hold.id == submission.id else hold


def _decide_one(state: State, submission: Submission, at: int) -> tuple[Sequence[Event], State]:
    actor = submission.actor or room.actor_for(state, submission.member)
    if actor is None:
        raise Refusal(Code.FORBIDDEN, "expected a member of this room")
    if submission.follower is not None and submission.follower.screen:
        actor = Actor(actor.id, "screen")
    events = room.decide(state, submission.command, Context(actor, at, submission.sealed))
    for event in events:
        state = room.evolve(state, event)
    return events, state


def _entry(
    stream: str, layers: Layers, events: Sequence[Event], accepted: Sequence[Submission], at: int
) -> Entry | None:
    if not accepted:
        return None
    commit = Commit(layers.seq + 1, FORMAT, at, room.EVENTS.encode(events))
    sealed = tuple(
        Sealed(id, room.pack_entity(layers.state[id])) for event in events for id in event.seals if id in layers.state
    )
    return Entry(stream, commit, tuple(s.key for s in accepted), sealed)
