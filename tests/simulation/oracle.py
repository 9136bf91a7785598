"""What anyone may be shown, and when, told from the journal alone: `sight`, kept for every seq.

A frame that names a seq may hold what its audience sees at that seq, and nothing else (SPEC R3, S8).
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from server.journal.port import Commit
from server.model.events import FORMAT
from server.model.kernel import EMPTY, Audience, Entity, Event, State
from server.workshop.board.ideas import Idea, IdeaAdded
from server.workshop.board.zones import Zone
from server.workshop.model import WORKSHOP
from server.workshop.outcome.pulses import Answer, Pulse, PulseAnswered, PulseAsked, PulseClosed, PulseWordHidden
from server.workshop.outcome.remarks import RemarkAdded
from server.workshop.people.people import Member
from server.workshop.people.settings import Settings
from server.workshop.state.ballots import Result
from server.workshop.state.decided import Decision
from server.workshop.state.posts import Muted
from server.workshop.state.remarks import Remark
from server.workshop.state.sorting import Pile, Sorting
from server.workshop.state.steps import Step
from server.workshop.talk.messages import Message, MessageRemoved, MessageSent
from server.workshop.talk.reactions import Reactions
from server.workshop.talk.sealing import MessagesSealed
from tests.simulation.sight import Given, Said, record

AUDIENCES: tuple[Audience, ...] = ("public", "host")

Record = dict[str, Any]


class Changes(NamedTuple):
    """What one audience was to see of one id: at `seqs[n]` it became `records[n]`; None: it was gone."""

    seqs: list[int]
    records: list[Record | None]

    def at(self, seq: int) -> Record | None:
        n = bisect_right(self.seqs, seq)
        return self.records[n - 1] if n else None

    def went(self, after: int, upto: int) -> bool:
        return any(after < seq <= upto and record is None for seq, record in zip(self.seqs, self.records, strict=True))


class History:
    """The commits of one incarnation, looked at one after the other.

    Attributes:
        hosts: by seq, who is one; that of seq 0 is empty.
        seen: per audience, by id, what it was to see when.
        now: per audience, by id, what it sees now, with the seq that last changed it for this audience as `v` (SPEC S8).
        authors: by the id of a post, as the journal has them.
        muted: who has ever been, under the names of posts.
        sealed: what everyone saw of messages when they were sealed, until somebody removed them.
    """

    def __init__(self) -> None:
        self.hosts: list[frozenset[str]] = [frozenset()]
        self.seen: dict[Audience, dict[str, Changes]] = {audience: {} for audience in AUDIENCES}
        self.now: dict[Audience, dict[str, Record]] = {audience: {} for audience in AUDIENCES}
        self.authors: dict[str, str | None] = {}
        self.muted: set[str] = set()
        self.sealed: dict[str, Record] = {}
        self.state: State = EMPTY
        self._pulses: dict[str, Given] = {}
        self._quoting: set[str] = set()
        """Results and decisions: they tell the words of something else."""

    def follow(self, commits: Sequence[Commit]) -> None:
        """Look at those that are new."""
        for commit in commits[len(self.hosts) - 1 :]:
            self._fold(commit)

    def _fold(self, commit: Commit) -> None:
        before = self.state
        for event in WORKSHOP.events.decode(FORMAT, commit.events):
            self.state = WORKSHOP.evolve(self.state, event)
            self._hear(event, commit.seq)
        after = self.state
        touched = {id for id, entity in after.items() if before.get(id) is not entity}
        if len(after) < len(before) + sum(id not in before for id in touched):
            touched |= {id for id in before if id not in after}
        changed = [entity for id in touched for entity in (before.get(id), after.get(id)) if entity is not None]
        for id in touched | set(self._told_by(changed)):
            self._look(id, commit.seq)
        hosts = self.hosts[-1]
        if any(isinstance(entity, Member) for entity in changed):
            hosts = frozenset(e.id for e in after.values() if isinstance(e, Member) and e.role == "host")
        self.hosts.append(hosts)

    def _hear(self, event: Event, seq: int) -> None:
        """What state does not keep, or keeps as the server's own rules would have it."""
        match event:
            case IdeaAdded() | MessageSent() | RemarkAdded():
                assert event.id not in self.authors, f"SPEC I2: {event.id} was added twice, again at {seq}"
            case MessagesSealed():
                now = self.now["public"]
                self.sealed |= {id: now[id] for id in event.ids if id in now}
            case MessageRemoved(late=True):
                self.sealed.pop(event.id, None)
                for audience in AUDIENCES:  # it was sealed, and all could read it
                    self._changes(audience, event.id, seq, None)
            case PulseAsked():
                self._pulses[event.id] = Given({})
            case PulseAnswered(by=str() as alias):
                given = self._pulses[event.id]
                other = self._pulse(event.id).other
                answer: Said = (int(event.value), event.other) if other else event.value
                given = given._replace(answers={**given.answers, alias: answer})
                fresh = alias not in self._pulses[event.id].answers
                self._pulses[event.id] = given.counted(self._pulse(event.id), fresh=fresh, closed=False)
            case PulseClosed():
                self._pulses[event.id] = self._pulses[event.id].counted(self._pulse(event.id), fresh=False, closed=True)
            case PulseWordHidden():
                given, word = self._pulses[event.id], frozenset({event.word})
                hidden = given.hidden | word if event.hidden else given.hidden - word
                self._pulses[event.id] = given._replace(hidden=hidden)
            case _:
                pass

    def _pulse(self, id: str) -> Pulse:
        pulse = self.state[id]
        assert isinstance(pulse, Pulse)
        return pulse

    def _told_by(self, changed: Sequence[Entity]) -> Iterator[str]:
        """What may look different because something else has changed."""
        posts = False
        if any(isinstance(entity, Idea | Step | Zone | Pile) for entity in changed):
            yield from (other.id for other in self.state.values() if isinstance(other, Pile | Sorting))
        for entity in changed:
            match entity:
                case Reactions():
                    yield entity.on
                case Idea() | Message() | Remark():
                    posts = True
                    self.authors[entity.id] = entity.author
                    yield entity.id
                    if isinstance(entity, Idea):
                        yield from self._remarks(on={entity.id})
                case Step():
                    posts = True
                    written = {
                        o.id for o in self.state.values() if isinstance(o, Idea | Remark) and o.step == entity.id
                    }
                    yield from written
                    yield from self._remarks(on=written)
                case Muted():
                    self.muted |= set(entity.posts.values())
                    yield from entity.posts
                case Answer():
                    yield entity.pulse
                case Result() | Decision():
                    self._quoting.add(entity.id)
                case _:
                    pass
        if posts:
            yield from self._quoting

    def _remarks(self, on: Collection[str]) -> Iterator[str]:
        return (other.id for other in self.state.values() if isinstance(other, Remark) and other.on in on)

    def _look(self, id: str, seq: int) -> None:
        entity = self.state.get(id)
        name = entity.room if isinstance(entity, Settings) else id
        for audience in AUDIENCES:
            found = record(self.state, id, audience, self._pulses)
            last = self.now[audience].get(name)
            if found is None:
                if last is not None:
                    del self.now[audience][name]
                    self._changes(audience, name, seq, None)
            elif last is None or last != {**found, "v": last["v"]}:
                self.now[audience][name] = {**found, "v": seq}
                self._changes(audience, name, seq, self.now[audience][name])

    def _changes(self, audience: Audience, id: str, seq: int, record: Record | None) -> None:
        changes = self.seen[audience].setdefault(id, Changes([], []))
        changes.seqs.append(seq)
        changes.records.append(record)

    # What is checked.

    def check(self, audience: Audience, message: dict[str, Any], redacted: Collection[str]) -> None:
        """A `state` or a `patch` of this history.

        Args:
            redacted: texts that have been blanked in a later one; a worker may read that before it hears of it.

        Raises:
            AssertionError: it holds what this audience may not see at its seq, or something that has not changed.
        """
        seq, after = message["seq"], message.get("from", 0)
        seen = self.seen[audience]
        for put in message.get("put", ()):
            changes = seen.get(put["id"])
            expected = changes.at(seq) if changes else None
            is_expected = put == expected or _without(put, redacted) == _without(expected, redacted)
            assert is_expected, f"SPEC R3: at {seq} {audience} was shown {put}, expected {expected}"
            assert put["v"] > after, f"SPEC S8: at {seq} {audience} was shown again {put}"
        for id in message.get("del", ()):
            went = id in seen and seen[id].went(after, seq)
            assert went, f"SPEC S8: at {seq} {audience} was told that {id} is gone"
        if message["t"] == "patch":
            assert message.get("put") or message.get("del"), f"SPEC S8: a patch that brings nothing: {message}"


def _without(value: Any, texts: Collection[str]) -> Any:
    """A record without these texts, blank ones and what holds nothing else."""
    if isinstance(value, dict):
        return {k: v for k, v in ((k, _without(v, texts)) for k, v in value.items()) if v != ""}
    if isinstance(value, list):
        return [_without(each, texts) for each in value]
    return "" if isinstance(value, str) and value in texts else value
