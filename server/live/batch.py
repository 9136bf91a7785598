"""A batch of commands, decided on one running value of the state: pure, so that it can be done again on another value."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from protocol.commands import Command
from protocol.errors import Code, Refusal
from server.journal.port import Answer, Commit, Entry, ListingRow, Membership, Sealed
from server.live.follower import Follower, Holds, answered, is_behind, refused
from server.live.layers import Layers
from server.live.pseudonyms import Alias
from server.model.events import FORMAT
from server.model.kernel import Actor, Context, Entity, Event, Present, State, unknown
from server.model.model import Model
from server.model.persons import appearing

SYSTEM = Actor("server:itself", "host")
"""Who submits what time alone brings about; no token names an id of this kind."""


class Submission(Struct, eq=False):
    """One command on its way.

    Attributes:
        member: who asks; his role is looked up when it is decided.
        key: the command's name for ever (SPEC I2), see `command_key`.
        follower: the connection it came from, if it came over one.
        answer: called with the seq of its commit or with the refusal; use `settle`, which calls it once.
        actor: given for the server's own commands only.
        sealed: entities of the sealed past that it names.
        people: what persons are called in the stream above, see `Context.people`.
        turn: its place in the order in which this worker's rooms were given commands.
        again: a copy of it may be under way elsewhere, so that its final refusal must be kept (SPEC D6).
        done: what it was answered before, where it turns out to be a repetition; it keeps its place in the order.
    """

    id: str
    member: str
    key: bytes
    command: Command
    answer: Callable[[int | Refusal], None]
    follower: Follower | None = None
    actor: Actor | None = None
    sealed: Mapping[str, Entity] = {}
    people: Mapping[str, str] = {}
    turn: int = 0
    again: bool = False
    done: int | Refusal | None = None
    settled: bool = False

    def settle(self, outcome: int | Refusal) -> None:
        """Answer, the first time; what it means for the order of its connection's commands is noted there (SPEC D5)."""
        if not self.settled:
            self.settled = True
            if self.follower is not None:
                self.follower.holds = _held(self.follower.holds, self, outcome)
            self.answer(outcome)


def command_key(secret: bytes, stream: str, member: str, id: str) -> bytes:
    """16 bytes that stand for a member's command for ever and tell whoever reads the database nothing of the member."""
    return blake2b(f"{stream}\0{member}\0{id}\0".encode(), key=secret, digest_size=16).digest()


def member_alias(secret: bytes, stream: str, step: str, member: str) -> str:
    """What a member is called in a step: the same each time, and to whoever lacks the secret another person in each step."""
    digest = command_key(secret, stream, step, member)
    return f"alias:{urlsafe_b64encode(digest).decode().rstrip('=')}"


class Decided(NamedTuple):
    """
    Attributes:
        after: the state if the journal accepts `entry`.
        entry: None when no command was accepted.
        accepted, refused: what is done with `entry`, and what is not.
        outcomes: of every submission, in order; with those of the two that were done before or are repeated.
        faults: what `decide` raised that was no refusal: bugs of ours, to be logged.
    """

    after: State
    events: Sequence[Event]
    entry: Entry | None
    accepted: Sequence[Submission]
    refused: Sequence[tuple[Submission, Refusal]]
    outcomes: Sequence[tuple[Submission, int | Refusal]]
    faults: Sequence[Exception]


def decide(
    stream: str,
    incarnation: str,
    layers: Layers,
    batch: Sequence[Submission],
    now: int,
    alias: Alias,
    present: Present = unknown,
) -> Decided:
    """Decide commands in order, each on what the ones before it made of the state.

    Args:
        incarnation: of the history that made the layers.
        now: milliseconds since 1970 by this worker's clock; the commit's time never goes back behind its predecessor's.
        alias: what a member is called in a step.
        present: the members who are here, if all of them are known.
    """
    at = max(now, layers.at)
    state, events = layers.state, list[Event]()
    accepted, declined, faults = list[Submission](), list[tuple[Submission, Refusal]](), list[Exception]()
    outcomes, holds = list[tuple[Submission, int | Refusal]](), dict[Follower, Holds]()
    final: dict[bytes, int | Refusal] = {}
    for submission in batch:
        outcome: int | Refusal = layers.seq + 1 if submission.done is None else submission.done
        try:
            if submission.key in final:
                outcome = _repeat(final[submission.key])
            elif submission.done is None:
                _wait_turn(submission, holds)
                mine, state = _decide_one(stream, layers.model, state, submission, at, alias, present)
                events += mine
                accepted.append(submission)
        except Refusal as refusal:
            outcome = refusal
        except Exception as fault:  # noqa: BLE001  # a bug in one command's decide must cost this command only
            faults.append(fault)
            outcome = Refusal(Code.INTERNAL)
        if submission.done is None:
            if isinstance(outcome, Refusal):
                declined.append((submission, outcome))
            if not (isinstance(outcome, Refusal) and outcome.retry):
                final[submission.key] = outcome
        outcomes.append((submission, outcome))
        follower = submission.follower
        if follower is not None:
            holds[follower] = _held(holds.get(follower, follower.holds), submission, outcome)
    entry = _entry(stream, incarnation, layers, state, events, accepted, declined, at)
    return Decided(state, events, entry, accepted, declined, outcomes, faults)


def _repeat(outcome: int | Refusal) -> int:
    """The same command twice in one batch: the answer is the same, too.

    Raises:
        Refusal: it was refused for good.
    """
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def first_answer(answer: Answer) -> int | Refusal:
    """As the journal keeps it (SPEC I2)."""
    if isinstance(answer, int):
        return answer
    try:
        return Refusal(Code(answer))
    except ValueError:  # a code of a newer release
        return Refusal(Code.INTERNAL)


def _wait_turn(submission: Submission, holds: Mapping[Follower, Holds]) -> None:
    """
    Raises:
        Refusal: `behind`, when a command that the connection sent before this one must come again first (SPEC D5).
    """
    follower = submission.follower
    if follower is not None and is_behind(holds.get(follower, follower.holds), submission.id, submission.turn):
        raise Refusal(Code.BEHIND)


def _held(holds: Holds, submission: Submission, outcome: int | Refusal) -> Holds:
    """What a connection's commands wait for once one of them is answered."""
    if isinstance(outcome, Refusal) and outcome.code is Code.BEHIND:
        return holds
    if isinstance(outcome, Refusal) and outcome.retry and outcome.code is not Code.RATE_LIMITED:
        return refused(holds, submission.id, submission.turn)
    return answered(holds, submission.id)


def _decide_one(
    stream: str, model: Model, state: State, submission: Submission, at: int, alias: Alias, present: Present
) -> tuple[Sequence[Event], State]:
    actor = submission.actor or model.actor_for(state, submission.member)
    if actor is None:
        model.check_not_out(state, submission.member)
        raise Refusal(Code.FORBIDDEN, "expected a member of this room")
    member = actor.id
    role = "screen" if submission.follower is not None and submission.follower.screen else actor.role
    if actor.source not in ("", stream) and not model.takes_from(state, actor.source):
        raise Refusal(Code.FORBIDDEN, "expected a stream that this one takes from")
    actor = Actor(member, role, lambda step: alias(step, member), actor.source)
    events = model.decide(state, submission.command, Context(actor, at, submission.sealed, present, submission.people))
    if actor.source:
        events = [replace(event, via=actor.source) for event in events]
    for event in events:
        state = model.evolve(state, event)
    return events, state


def _entry(
    stream: str,
    incarnation: str,
    layers: Layers,
    after: State,
    events: Sequence[Event],
    accepted: Sequence[Submission],
    declined: Sequence[tuple[Submission, Refusal]],
    at: int,
) -> Entry | None:
    """What is to be kept; a refusal of which other copies must know makes a commit without events, if need be (SPEC D6)."""
    kept = {s.key: refusal.code.value for s, refusal in declined if s.again and not refusal.retry}
    if not accepted and not kept:
        return None
    commit = Commit(layers.seq + 1, FORMAT, at, layers.model.events.encode(events))
    sealed = tuple(
        Sealed(id, FORMAT, layers.model.pack_entity(layers.state[id]))
        for event in events
        for id in event.seals
        if id in layers.state
    )
    people = sorted({person for event in events for person in event.enrols})
    model, before = layers.model, layers.state
    memberships = tuple(
        Membership(person, role, at, name)
        for person in people
        if ((role := model.membership(after, person)), (name := model.name_of(after, person)))
        != (model.membership(before, person), model.name_of(before, person))
    )
    listing = model.listing(after) if any(event.lists for event in events) else None
    # Whoever stands in the state has been named: so nothing more is written of what members do.
    named = appearing(events, before)
    keys, refusals = tuple(s.key for s in accepted), tuple(kept.items())
    known = ListingRow(*listing) if listing is not None else None
    return Entry(stream, incarnation, commit, keys, sealed, refusals, memberships, named, known)
