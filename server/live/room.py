"""A room that is open on this worker: one actor that takes commands in, has them journalled, and shows what came of them.

    inbox → batch → decide → journal.append → fold → answers → flush

The journal orders; no worker owns a room. What another worker appended arrives by the doorbell and is read from the journal.
"""

import asyncio
import itertools
import logging
import secrets
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Final, NamedTuple, TypeVar

import msgspec

from protocol.errors import Code, Refusal
from server.journal.port import (
    Answer,
    Appended,
    Commit,
    Conflict,
    Duplicate,
    Head,
    Journal,
    JournalError,
    Outcome,
    Rejected,
    Snapshot,
    Unknown,
)
from server.live.batch import SYSTEM, Decided, Submission, decide, first_answer
from server.live.follower import came
from server.live.layers import Layers, dumping, load
from server.live.pseudonyms import Alias
from server.model.events import NewerFormat
from server.model.kernel import Due, Entity, Event, Present, Slices, State, unknown
from server.model.model import Model, ModelOf

log = logging.getLogger("palabre.room")

T = TypeVar("T")

BATCH: Final = 512
"""Commands decided and appended together at most."""

INBOX: Final = 4_096
"""Commands that may wait; beyond it they are refused `unavailable`, to be sent again."""

RECENT: Final = 10_000
"""Command keys kept in memory; the journal knows all of them."""

CONTENDED: Final = 1.0
"""Seconds that a room stays out of the group writer after a conflict."""

CLOSING: Final = 5.0
"""Seconds that closing waits for the journal."""

BACKOFF: Final = (0.05, 2.0)
"""First and longest pause between two tries to reach the journal, in seconds."""

LINGER: Final = 1.0
"""Seconds that what is due waits for a batch to go along with."""

DROP_AGAIN: Final = 60.0
"""Seconds between two tries to drop what is kept beside the journal."""

SNAPSHOT_EVERY: Final = 2_000
"""Commits between two saved states."""


_turns: Final = itertools.count(1)
"""The order in which commands come to this worker's rooms: a connection's order outlives a room that is closed and opened again."""


Drop = Callable[[str, Sequence[str]], Awaitable[None]]
"""Has nothing be left of these images of a stream. Raises OSError: not now."""


async def kept_nowhere(stream: str, images: Sequence[str]) -> None:
    pass


class Ports(NamedTuple):
    """What a room needs of the world.

    Attributes:
        now: milliseconds since 1970.
        key: the key of (stream, member, command id), see `batch.command_key`.
        ring: tells the other workers that a stream has a new head.
        hint: tells the consumers that a stream has something for them; whether somebody waits for it.
        alias: what a member of a stream is called in a step: (stream, step, member).
        model_of: the model of a stream.
        drop: see `Drop`.
    """

    journal: Journal
    now: Callable[[], int]
    key: Callable[[str, str, str], bytes]
    ring: Callable[[str, int], None]
    hint: Callable[[str, bool], None]
    alias: Callable[[str, str, str], str]
    model_of: ModelOf
    drop: Drop = kept_nowhere


class Room:
    """Owned by the hub. `changed`, `arrived` (no more than: somebody came) and `rewritten` are set by whoever shows the room."""

    def __init__(self, stream: str, ports: Ports, layers: Layers, incarnation: str) -> None:
        self.stream = stream
        self.layers = layers
        self.model = layers.model
        self.incarnation = incarnation
        self.changed: Callable[[], None] = lambda: None
        self.arrived: Callable[[], None] = lambda: None
        self.rewritten: Callable[[], None] = lambda: None
        self.present: Present = unknown
        self.outdated = False
        """The cycle has stopped (a newer release writes this room, or a bug): nothing is decided or shown here any more."""
        self.alias: Alias = partial(ports.alias, stream)
        self._ports = ports
        self._inbox: deque[Submission] = deque()
        self._waiting: dict[bytes, int] = {}
        self._recent: OrderedDict[bytes, Answer] = OrderedDict()
        self._heard: Head | None = None
        self._wake = asyncio.Event()
        self._contended_until = 0.0
        self._unreachable = False
        self._closing = False
        self._overdue = False
        self._linger: asyncio.TimerHandle | None = None
        self._dropping: asyncio.Task[None] | None = None
        self._dropped = ""
        """The id of what is due and has nothing kept beside the journal any more."""
        self._refreshed: list[asyncio.Future[None]] = []
        self._saved = layers.seq
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def new(cls, stream: str, ports: Ports) -> "Room":
        """A room of which the journal holds nothing yet; its first commit makes it."""
        return cls(stream, ports, Layers(ports.model_of(stream)), secrets.token_hex(8))

    @classmethod
    async def load(cls, stream: str, ports: Ports) -> "Room":
        """Open a room from its newest snapshot and the commits behind it.

        Raises:
            Refusal: `unknown_room`; `upgrade` when a newer release has written it; `internal` when it is damaged.
            JournalError: it cannot be read now.
        """
        model, heads = ports.model_of(stream), await ports.journal.heads([stream])
        if stream not in heads:
            raise Refusal(Code.UNKNOWN_ROOM)
        incarnation = heads[stream].incarnation
        try:
            layers = await _load_layers(stream, model, ports.journal)
        except NewerFormat as error:
            log.error("%s: %s", stream, error)
            raise Refusal(Code.UPGRADE) from None
        except msgspec.MsgspecError as error:
            log.error("%s: a commit or a snapshot cannot be read: %s", stream, error)
            raise Refusal(Code.INTERNAL, "this room's history cannot be read here") from None
        return cls(stream, ports, layers, incarnation)

    def begin(self) -> None:
        """Start the cycle; what is overdue comes first."""
        self._come_alone()
        self._task = self._loop.create_task(self._run(), name=f"room {self.stream}")
        self._task.add_done_callback(self._ended)

    # In.

    def submit(self, submission: Submission) -> None:
        """Take a command; its answer comes once, later."""
        submission.turn = next(_turns)
        self._recognise(submission)
        follower = submission.follower
        if follower is not None and follower.holds:
            follower.holds = came(follower.holds, submission.id, submission.turn)
        elif submission.done is not None:
            submission.settle(submission.done)
            return
        if self.outdated or self._closing:
            submission.settle(Refusal(Code.UPGRADE if self.outdated else Code.RESTART))
        elif (
            (self._unreachable or len(self._inbox) >= INBOX)
            and submission.done is None
            and submission.key not in self._waiting
        ):
            submission.settle(Refusal(Code.UNAVAILABLE))
        else:
            self._inbox.append(submission)
            self._waiting[submission.key] = self._waiting.get(submission.key, 0) + 1
            self._wake.set()

    def heard(self, head: Head | None, seq: int = 0) -> None:
        """The head as the journal has it, or a seq that a doorbell names: look, if it is news."""
        if head is not None and (head.incarnation != self.incarnation or head.seq != self.layers.seq):
            self._heard = head
            self._wake.set()
        elif seq > self.layers.seq:
            self._heard = self._heard or Head(seq, self.incarnation)
            self._wake.set()

    def look_for_due(self) -> None:
        """See to what time alone brings about by now."""
        self._overdue = True
        self._wake.set()

    async def refresh(self) -> None:
        """Be at least where the journal is now.

        Raises:
            JournalError: it cannot be asked.
        """
        head = (await self._ports.journal.heads([self.stream])).get(self.stream)
        self.heard(head)
        if self._heard is not None and (self._closing or self.outdated):
            raise JournalError("the room has closed", retry=True)
        if self._heard is not None:
            looked: asyncio.Future[None] = self._loop.create_future()
            self._refreshed.append(looked)
            await looked

    @property
    def idle(self) -> bool:
        return not self._inbox and not self._wake.is_set()

    async def close(self) -> None:
        """Stop once what waits is answered; after `CLOSING` seconds without a journal it is refused `restart`, to be sent again."""
        self._closing = True
        if self._linger is not None:
            self._linger.cancel()
        if self._dropping is not None:
            self._dropping.cancel()
        self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=CLOSING)
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        for submission in self._inbox:
            submission.settle(Refusal(Code.RESTART))
        self._inbox.clear()
        self._have_refreshed(JournalError("the room has closed", retry=True))

    # The cycle.

    async def _run(self) -> None:
        pause = BACKOFF[0]
        while self._inbox or not self._closing:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._cycle()
                self._unreachable, pause = False, BACKOFF[0]
            except JournalError as error:
                if not self._unreachable:
                    log.warning("journal unreachable, %s waits: %s", self.stream, error)
                self._have_refreshed(error)
                self._unreachable = True
                self._wake.set()
                await asyncio.sleep(pause)
                pause = min(2 * pause, BACKOFF[1])
            except NewerFormat as error:
                log.error("%s: %s", self.stream, error)
                return

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """The cycle has stopped. Unless it was asked to, this room can go on only by being opened again."""
        if self._closing:
            return
        if not task.cancelled() and task.exception() is not None:
            log.critical("%s: a bug stopped the room", self.stream, exc_info=task.exception())
        self.outdated = True
        for submission in self._inbox:
            submission.settle(Refusal(Code.UPGRADE))
        self._inbox.clear()
        self._have_refreshed(JournalError("the room has stopped", retry=True))
        self.rewritten()

    async def _cycle(self) -> None:
        while self._heard is not None:
            await self._look()
        self._have_refreshed(None)
        if self._overdue:
            await self._settle(self._with_due([]))
        self._overdue = False
        while self._inbox:
            # Taken out only once it is settled: whatever stops the cycle, no command is lost.
            batch = self._next_batch()
            await self._settle(self._with_due(self._unanswered(batch)))
            for submission in batch:
                self._inbox.popleft()
                left = self._waiting.pop(submission.key) - 1
                if left:
                    self._waiting[submission.key] = left
        self._await_company()
        if self.layers.seq - self._saved >= SNAPSHOT_EVERY:
            await self.save()

    def _next_batch(self) -> list[Submission]:
        """The first of what waits: many commands, or one that may touch as much as they, which would else hold the loop in a row."""
        batch: list[Submission] = []
        for submission in itertools.islice(self._inbox, BATCH):
            heavy = self.model.is_large(submission.command)
            if not (heavy and batch):
                batch.append(submission)
            if heavy:
                break
        return batch

    def _have_refreshed(self, error: JournalError | None) -> None:
        """Tell those who wait for news that all has been looked at, or could not be."""
        for looked in self._refreshed:
            if not looked.done():
                looked.set_result(None) if error is None else looked.set_exception(error)
        self._refreshed.clear()

    def _unanswered(self, batch: Sequence[Submission]) -> list[Submission]:
        """What is still to be answered, with a mark on what was done before."""
        for submission in batch:
            self._recognise(submission)
        return [submission for submission in batch if not submission.settled]

    async def _settle(self, batch: list[Submission]) -> None:
        """Bring a batch to its end: every submission is answered."""
        while batch:
            if self._loop.time() < self._contended_until:
                outcome, decided = await self._append_alone(batch)
            else:
                decided = await self._decide(batch)
                done = await self._done_before(decided, partial(self._ports.journal.lookup, self.stream))
                if done:
                    outcome = Duplicate(done)
                else:
                    outcome = await self._ports.journal.append(decided.entry) if decided.entry else None
            match outcome:
                case None:
                    if not decided.refused or not await self._look_again():
                        self._answer(decided)
                        return
                case Appended():
                    await self._accept(decided)
                    return
                case Duplicate(answers):
                    await self._catch_up()
                    batch = self._drop_known(batch, answers)
                case Conflict():
                    self._contended_until = self._loop.time() + CONTENDED
                    before = self.layers.seq
                    await self._catch_up()
                    if self.layers.seq == before:
                        # Nobody was quicker: another writer holds the stream, or what this was decided on has been rewritten.
                        await self._look_again()
                case Unknown(reason):
                    # Written or not: the next append of the same keys tells. Only the journal may say.
                    log.warning("%s: append unknown: %s", self.stream, reason)
                    raise JournalError(reason, retry=True)
                case Rejected(reason):
                    log.error("%s: the journal rejects %d commands: %s", self.stream, len(batch), reason)
                    if len(batch) == 1:
                        batch[0].settle(Refusal(Code.INTERNAL))
                        return
                    await self._settle(batch[: len(batch) // 2])
                    batch = self._unanswered(batch[len(batch) // 2 :])

    async def _decide(self, batch: Sequence[Submission]) -> Decided:
        """Decide, knowing of the sealed past what commands would make anew or do not find: as it is now, each time."""
        for submission in batch:
            submission.sealed = {}
        await self._remember_sealed(batch, [self.model.made(self.layers.state, s.command) for s in batch])
        await self._ask_names(batch)
        decided = await self._decided(batch)
        for fault in decided.faults:
            log.error("%s: a command's decide raised", self.stream, exc_info=fault)
        missed = [s for s, refusal in decided.refused if refusal.code is Code.NOT_FOUND and not s.sealed]
        if await self._remember_sealed(missed, [self.model.sealable(s.command) for s in missed]):
            decided = await self._decided(batch)
        return decided

    async def _decided(self, batch: Sequence[Submission]) -> Decided:
        """Of what is immutable: so what may be much is decided in a thread, and the loop goes on."""
        if not any(self.model.is_large(submission.command) for submission in batch):
            return decide(
                self.stream, self.incarnation, self.layers, batch, self._ports.now(), self.alias, self.present
            )
        here, now = self.present(), self._ports.now()
        return await asyncio.to_thread(
            decide, self.stream, self.incarnation, self.layers, batch, now, self.alias, lambda: here
        )

    async def _remember_sealed(self, submissions: Sequence[Submission], named: Sequence[Sequence[str]]) -> bool:
        """Give submissions those of the ids named by each that were sealed, with what belongs to them; whether there were any."""
        wanted, asked, found = [dict.fromkeys(ids) for ids in named], set[str](), dict[str, Entity]()
        while ids := {id for names in wanted for id in names} - asked:
            asked |= ids
            for id, kept in (await self._ports.journal.sealed(self.stream, sorted(ids))).items():
                found[id] = self.model.unpack_entity(kept.format, kept.entity)
            for names in wanted:
                names |= dict.fromkeys(self.model.sealed_along([found[id] for id in names if id in found]))
        for submission, names in zip(submissions, wanted, strict=True):
            submission.sealed = {id: found[id] for id in names if id in found} or submission.sealed
        return bool(found)

    async def _ask_names(self, batch: Sequence[Submission]) -> None:
        """Give submissions the names that they need of the stream above; those of a rename that is under way are of before or after it."""
        state = self.layers.state
        wanted = [self.model.introduces(state, s.command, s.member) for s in batch]
        ids = sorted({id for each in wanted for id in each})
        if not ids:
            return
        names = await self._ports.journal.names(self.model.parent(state), ids)
        for submission, each in zip(batch, wanted, strict=True):
            submission.people = {id: names[id] for id in each if id in names}

    async def _append_alone(self, batch: Sequence[Submission]) -> tuple[Outcome | None, Decided]:
        """Out of the group writer: wait for the stream in turn, catch up, decide and append in one transaction."""
        async with self._ports.journal.exclusive(self.stream) as held:
            if held.head.seq and held.head.incarnation != self.incarnation:
                self._heard = held.head
                raise JournalError("history was rewritten", retry=True)
            await self._fold(await held.read(self.layers.seq))
            decided = await self._decide(batch)
            done = await self._done_before(decided, held.lookup)
            if done:
                return Duplicate(done), decided
            outcome = await held.append(decided.entry) if decided.entry else None
        return outcome, decided

    async def _done_before(
        self, decided: Decided, lookup: Callable[[Sequence[bytes]], Awaitable[dict[bytes, Answer]]]
    ) -> dict[bytes, Answer]:
        """Of what would be refused, what the journal has as answered: a repetition gets the first answer (SPEC I2), and its own first
        effect (the id it took) must not refuse it."""
        keys = [submission.key for submission, _ in decided.refused]
        return await lookup(keys) if keys else {}

    def _drop_known(self, batch: Sequence[Submission], answers: Mapping[bytes, Answer]) -> list[Submission]:
        for key, answer in answers.items():
            self._remember(key, answer)
        return self._unanswered(batch)

    async def _accept(self, decided: Decided) -> None:
        """The journal has it: fold, answer, show."""
        assert decided.entry is not None
        commit = decided.entry.commit
        await _take(self.layers, decided.events, decided.after, commit)
        for key, refusal in decided.entry.answers:
            self._remember(key, refusal or commit.seq)
        self._answer(decided)
        self._ports.ring(self.stream, commit.seq)
        self._ports.hint(self.stream, self.layers.trail.last == commit.seq)
        self._show(decided.events)

    def _answer(self, decided: Decided) -> None:
        for submission, outcome in decided.outcomes:
            submission.settle(outcome)

    def _recognise(self, submission: Submission) -> None:
        answer = self._recent.get(submission.key)
        if answer is not None and submission.done is None:
            submission.done = first_answer(answer)

    def _remember(self, key: bytes, answer: Answer) -> None:
        self._recent[key] = answer
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)

    def _with_due(self, batch: list[Submission]) -> list[Submission]:
        """What time alone brings about goes along with the next batch: alone it would be every fourth commit of a flood of messages, which
        are sealed in hundreds. It comes first, and not with a batch that names what it might seal: its commit decides what becomes of that."""
        due = self.model.due(self.layers.state)
        if due is None or due.at > self._ports.now():
            return batch
        if due.drops and due.id != self._dropped:
            self._drop_first(due)
            return batch
        key = self._ports.key(self.stream, SYSTEM.id, due.id)
        if key in self._recent or any(id in self.layers.state for s in batch for id in self.model.sealable(s.command)):
            return batch
        return [Submission(due.id, SYSTEM.id, key, due.command, _ignore, actor=SYSTEM, turn=next(_turns)), *batch]

    def _drop_first(self, due: Due) -> None:
        """What is kept beside the journal goes before the journal says so: whoever dies in between leaves it due."""
        if self._dropping is None and not self._closing:
            self._dropping = self._loop.create_task(self._drop(due), name=f"drop {self.stream}")

    async def _drop(self, due: Due) -> None:
        try:
            await self._ports.drop(self.stream, due.drops)
        except OSError as error:
            log.warning("%s: %d images stay for now: %s", self.stream, len(due.drops), error)
            await asyncio.sleep(DROP_AGAIN)
        else:
            self._dropped = due.id
        finally:
            self._dropping = None
        self.look_for_due()

    def _await_company(self) -> None:
        """See to what is due in a while, if no batch takes it along before."""
        if self._linger is None and self._with_due([]):
            self._linger = self._loop.call_later(LINGER, self._come_alone)

    def _come_alone(self) -> None:
        self._linger = None
        self.look_for_due()

    # Following the journal.

    async def _look(self) -> None:
        """A doorbell or a comparison of heads says that there is news."""
        head, self._heard = self._heard, None
        assert head is not None
        try:
            if head.incarnation != self.incarnation or head.seq < self.layers.seq:
                # It was read while commits landed here, perhaps. Now none is under way.
                heads = await self._ports.journal.heads([self.stream])
                head = heads.get(self.stream, head)
            if head.incarnation != self.incarnation or head.seq < self.layers.seq:
                await self._reload()
            else:
                await self._catch_up()
        except JournalError:
            self._heard = head
            raise

    async def _look_again(self) -> bool:
        """Before a refusal: true when the head has moved, so that what was not found may be there by now."""
        head = (await self._ports.journal.heads([self.stream])).get(self.stream)
        if head is None or (head.seq == self.layers.seq and head.incarnation == self.incarnation):
            return False
        self._heard = head
        await self._look()
        return True

    async def _catch_up(self) -> None:
        while True:
            commits = await self._ports.journal.read(self.stream, self.layers.seq)
            if not commits:
                return
            for commit in commits:
                await self._fold([commit])
                await asyncio.sleep(0)

    async def _fold(self, commits: Sequence[Commit]) -> None:
        events = [event for commit in commits for event in await _fold(self.layers, commit)]
        if commits:
            self._show(events)

    def _show(self, events: Sequence[Event]) -> None:
        (self.arrived if all(map(self.model.is_arrival, events)) else self.changed)()

    async def _reload(self) -> None:
        """History was rewritten (redaction, import, restore): what was known here no longer counts."""
        heads = await self._ports.journal.heads([self.stream])
        if self.stream not in heads:
            raise JournalError(f"{self.stream} is gone from the journal", retry=True)
        layers = await _load_layers(self.stream, self.model, self._ports.journal)
        self.layers, self.incarnation, self._saved = layers, heads[self.stream].incarnation, layers.seq
        # A redaction keeps each seq and each key used; after a restore what lay behind its head never was.
        self._recent = OrderedDict(
            (key, answer) for key, answer in self._recent.items() if isinstance(answer, str) or answer <= layers.seq
        )
        # What was projected of the other history is gone with it.
        self._ports.hint(self.stream, False)
        self.rewritten()

    async def save(self) -> None:
        """Keep a snapshot of the state, so that the next opening is short."""
        if self.layers.seq == self._saved or self.outdated:
            return
        snapshot = Snapshot(self.layers.seq, await _breathing(dumping(self.layers)))
        self._saved = snapshot.seq
        await self._ports.journal.save_snapshot(self.stream, self.incarnation, self.model.version, snapshot)


async def _load_layers(stream: str, model: Model, journal: Journal) -> Layers:
    snapshot = await journal.load_snapshot(stream, model.version)
    # A large room takes a while to render: what others do meanwhile has its turn.
    layers = await asyncio.to_thread(load, model, snapshot.state) if snapshot else Layers(model)
    while commits := await journal.read(stream, layers.seq):
        for commit in commits:
            await _fold(layers, commit)
            await asyncio.sleep(0)  # the other rooms of this worker have their turn
    layers.dirty.clear()
    return layers


async def _fold(layers: Layers, commit: Commit) -> Sequence[Event]:
    events = layers.model.events.decode(commit.format, commit.events)
    after = await asyncio.to_thread(layers.after, events) if layers.model.evolves_much(events) else layers.after(events)
    await _take(layers, events, after, commit)
    return events


async def _take(layers: Layers, events: Sequence[Event], after: State, commit: Commit) -> None:
    """Fold a commit, whose events lead to this state; nobody sees any of it before all is there."""
    touches = await asyncio.to_thread(layers.touched, events, after) if layers.model.touches_much(events) else None
    await _breathing(layers.folding(events, after, commit.seq, commit.at, touches))


async def _breathing(slices: Slices[T]) -> T:
    """Work in slices: whatever else this worker has to do has its turn between two."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        await asyncio.sleep(0)


def _ignore(outcome: int | Refusal) -> None:
    """The server's own commands need no answer."""
