"""Bugs planted on purpose, each of which the stories must catch: `python -m tests.simulation.mutants` (`make mutants`).

A simulation that finds nothing proves little until it is known what it would find.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, Final, NamedTuple
from unittest import mock

from msgspec.structs import replace

from client_demo.python.sdk.conversation import Conversation
from client_demo.python.sdk.replica import UNCHANGED, Applied, Replica
from protocol.errors import Code, Refusal
from protocol.messages import Since
from protocol.records import Record
from server import batch, channel, room
from server.channel import Channel
from server.domain import ballots, people, posts, pulses, signals, standing, votes
from server.domain import room as rules
from server.domain.ballots import owner_of
from server.domain.decisions import Commitment
from server.domain.events import FORMAT
from server.domain.ideas import Idea
from server.domain.kernel import HOST, Event, Render, State, Viewer, get
from server.domain.layers import Layer, Layers
from server.domain.plan import Decision
from server.domain.steps import Step
from server.fanout import Fanout
from server.follower import Follower
from server.hub import Hub
from server.journal.port import Appended
from server.room import Room
from server.session import Session
from tests.simulation.story import Found, run

Plant = Callable[[], AbstractContextManager[Any]]

MUTANTS: dict[str, Plant] = {}

SEEDS: Final = range(1, 201)
"""More than any bug needs to be noticed by the stories of today; which ones notice changes whenever people do more."""
EVENTS: Final = 300


def mutant(plant: Callable[[], Iterator[None]]) -> Callable[[], Iterator[None]]:
    """Name a bug by the function that plants it."""
    MUTANTS[plant.__name__] = contextmanager(plant)
    return plant


def patched(place: Any, name: str, value: Any) -> AbstractContextManager[Any]:
    return mock.patch.object(place, name, value)


# In the client's core.


@mutant
def done_raises_the_cursor() -> Iterator[None]:
    """D3: what was done is not what was shown."""

    def careless(self: Conversation, message: dict[str, Any], now: float) -> Any:
        if message["t"] == "done":
            self.replica.cursor = max(self.replica.cursor, message["seq"])
        return receive(self, message, now)

    receive = Conversation.receive
    with patched(Conversation, "receive", careless):
        yield


@mutant
def mine_of_a_join_raises_the_cursor() -> Iterator[None]:
    """S12: with it comes the seq that the room has, before the state has come."""

    def careless(self: Replica, message: dict[str, Any]) -> Applied:
        applied = own(self, message)
        if message.get("reset"):
            self.cursor += 1
        return applied

    own = Replica._own
    with patched(Replica, "_own", careless):
        yield


@mutant
def half_a_state_is_taken_in() -> Iterator[None]:
    """S3: the cursor of a chunk counts before the last has come."""

    def careless(self: Replica, message: dict[str, Any]) -> Applied:
        return state(self, {**message, "more": False})

    state = Replica._state
    with patched(Replica, "_state", careless):
        yield


@mutant
def chunks_of_a_state_that_was_given_up_are_kept() -> Iterator[None]:
    """S3: a `mine` with `reset` begins a new answer."""

    def careless(self: Replica, message: dict[str, Any]) -> Applied:
        if message["t"] in ("mine", "patch") and self.waiting:
            self._held.append(message)
            return UNCHANGED
        return receive(self, message)

    receive = Replica.receive
    with patched(Replica, "receive", careless):
        yield


# In the room.


@mutant
def done_before_it_is_durable() -> Iterator[None]:
    """D2."""

    async def hasty(self: Room, submissions: Any) -> batch.Decided:
        decided = await decide(self, submissions)
        for submission in decided.accepted:
            submission.settle(self.layers.seq + 1)
        return decided

    decide = Room._decide
    with patched(Room, "_decide", hasty):
        yield


@mutant
def no_dedupe_of_commands() -> Iterator[None]:
    """I2: a repetition is another command."""
    count = iter(range(10**9))

    def forgetful(secret: bytes, stream: str, member: str, id: str) -> bytes:
        return next(count).to_bytes(16, "big")

    with patched(Hub, "key", lambda self, stream, member, id: forgetful(b"", stream, member, id)):
        yield


@mutant
def the_bell_is_trusted() -> Iterator[None]:
    """The bus is a doorbell: what it says is not the journal's word."""

    def trusting(self: Room, head: Any, seq: int = 0) -> None:
        if head is None and seq > self.layers.seq:
            self.layers.seq = seq
            self.changed()
        else:
            heard(self, head, seq)

    heard = Room.heard
    with patched(Room, "heard", trusting):
        yield


@mutant
def refusal_without_a_look_at_the_journal() -> Iterator[None]:
    """I2: a repetition is refused by its own first effect, since only the journal knows of it."""

    async def blind(self: Room, decided: Any, lookup: Any) -> dict[bytes, int]:
        return {}

    with patched(Room, "_done_before", blind):
        yield


@mutant
def unknown_is_taken_for_done() -> Iterator[None]:
    """An append that timed out may have been lost."""

    async def hopeful(self: Room, submissions: Any) -> None:
        journal = self._ports.journal

        async def append(entry: Any) -> Any:
            outcome = await journal.append(entry)
            return Appended(entry.commit.seq) if type(outcome).__name__ == "Unknown" else outcome

        class Hopeful:
            def __getattr__(self, name: str) -> Any:
                return append if name == "append" else getattr(journal, name)

        ports, self._ports = self._ports, self._ports._replace(journal=Hopeful())
        try:
            await settle(self, submissions)
        finally:
            self._ports = ports

    settle = Room._settle
    with patched(Room, "_settle", hopeful):
        yield


@mutant
def refusals_are_not_kept() -> Iterator[None]:
    """D6: what was refused is done by a copy that comes late."""

    def forgetful(
        stream: str, incarnation: str, layers: Any, events: Any, accepted: Any, declined: Any, at: int
    ) -> Any:
        return entry(stream, incarnation, layers, events, accepted, (), at)

    entry = batch._entry
    with patched(batch, "_entry", forgetful):
        yield


@mutant
def behind_is_not_kept() -> Iterator[None]:
    """D5: what was sent behind a refused command overtakes it."""
    with patched(batch, "_wait_turn", lambda submission, holds: None):
        yield


@mutant
def a_rewritten_history_is_not_noticed() -> Iterator[None]:
    """S4: after a redaction all start afresh."""

    async def blind(self: Room) -> None:
        self.incarnation = (await self._ports.journal.heads([self.stream]))[self.stream].incarnation

    with patched(Room, "_reload", blind):
        yield


@mutant
def a_newer_format_is_passed_over() -> Iterator[None]:
    """An older release goes on showing what it cannot read."""

    async def passing(layers: Layers, commit: Any) -> Sequence[Event]:
        if commit.format <= FORMAT:
            return await fold(layers, commit)
        layers.seq, layers.at = commit.seq, commit.at
        return ()

    fold = room._fold
    with patched(room, "_fold", passing):
        yield


# In the layers and their rules.


@mutant
def an_index_by_entity() -> Iterator[None]:
    """S8: a change of what is hidden is told to everybody, though not what it was."""

    def by_entity(self: Layer, id: str, record: Any, seq: int) -> str | None:
        return self.bury(id, seq) if record is None else update(self, id, record, seq)

    update = Layer.update
    with patched(Layer, "update", by_entity):
        yield


@mutant
def hidden_posts_are_rendered() -> Iterator[None]:
    """C6: the public layer shows what is in review."""

    def leaky(post: posts.Post, viewer: Any) -> bool:
        return sees(post, viewer) or (viewer.owner is None and post.hidden)

    sees = posts.sees
    with patched(posts, "sees", leaky):
        yield


@mutant
def no_tombstones() -> Iterator[None]:
    """S2: who slept is not told what is gone."""

    def forgetful(self: Layer, id: str, seq: int) -> str | None:
        self.records.pop(id, None)
        self.revised = seq
        return None

    with patched(Layer, "bury", forgetful):
        yield


@mutant
def no_floor() -> Iterator[None]:
    """S4: tombstones are dropped, and nobody starts afresh."""
    with patched(Layer, "since", Layer.remembered):
        yield


@mutant
def a_catch_up_off_by_one() -> Iterator[None]:
    """S2: the first commit behind `since` is missing."""

    def late(self: Layer, seq: int) -> Any:
        return remembered(self, seq + 1)

    remembered = Layer.remembered
    with patched(Layer, "remembered", late):
        yield


# In the rules of a workshop.


def rendered(kind: str, careless: Callable[[Render, State, str, Viewer], Record | None]) -> AbstractContextManager[Any]:
    """Records of a kind as a careless rule would have them."""
    render = rules._RENDER[kind]
    return mock.patch.dict(rules._RENDER, {kind: lambda state, id, viewer: careless(render, state, id, viewer)})


@mutant
def hosts_read_what_nobody_may() -> Iterator[None]:
    """G3: blind to all, hosts included."""

    def leaky(post: posts.Post, viewer: Viewer) -> bool:
        return sees(post, viewer) or (viewer.audience == "host" and post.reader == "nobody")

    sees = posts.sees
    with patched(posts, "sees", leaky):
        yield


@mutant
def authors_without_a_name_are_named() -> Iterator[None]:
    """G4: an alias is a name, too."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        seen, idea = render(state, id, viewer), state.get(id)
        return replace(seen, author=idea.author) if seen and isinstance(idea, Idea) else seen

    with rendered("idea", careless):
        yield


@mutant
def ideas_without_a_name_tell_their_table() -> Iterator[None]:
    """T3: where one sat when one still had a name."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        seen, idea = render(state, id, viewer), state.get(id)
        return replace(seen, circle=idea.circle) if seen and isinstance(idea, Idea) else seen

    with rendered("idea", careless):
        yield


@mutant
def dots_stay_in_what_is_gone() -> Iterator[None]:
    """G13, V4: where ideas stand was asked without asking who reads what they were merged into."""

    def careless(state: State, id: str) -> str | None:
        idea = state.get(id)
        while isinstance(idea, Idea) and isinstance(into := state.get(idea.into or ""), Idea):
            idea = into
        return idea.id if isinstance(idea, Idea) and idea.is_open else None

    with patched(votes, "standing", careless):
        yield


@mutant
def what_was_merged_is_its_authors_alone() -> Iterator[None]:
    """G13: it stays a record of everyone's."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        idea = state.get(id)
        return (
            None if viewer.audience == "public" and isinstance(idea, Idea) and idea.into else render(state, id, viewer)
        )

    with rendered("idea", careless):
        yield


@mutant
def ballots_are_shown_to_hosts() -> Iterator[None]:
    """V2."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        return render(state, id, Viewer(None, owner_of(id)) if viewer.audience == "host" else viewer)

    with rendered("ballot", careless):
        yield


@mutant
def results_are_shown_when_the_vote_is_closed() -> Iterator[None]:
    """V3: closing and revealing are two things."""
    with rendered("result", lambda render, state, id, viewer: render(state, id, HOST)):
        yield


@mutant
def hosts_see_the_result_before_they_look() -> Iterator[None]:
    """V3: so the vote might be reopened once it is known."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        result = get(state, id, ballots.Result)
        step = get(state, result.step, Step) if result else None
        return render(state.set(step.id, replace(step, counted=True)) if step else state, id, viewer)

    with rendered("result", careless):
        yield


@mutant
def ballots_do_not_change_with_what_they_lie_on() -> Iterator[None]:
    """V4: what was hidden or merged gives dots back."""
    with ExitStack() as stack:
        for module in (standing, ballots):
            stack.enter_context(patched(module, "touched", lambda state, things: ()))
        yield


@mutant
def quotes_outlive_what_they_quote() -> Iterator[None]:
    """K1."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        seen, decision = render(state, id, viewer), state.get(id)
        return replace(seen, quote=decision.quote) if seen and isinstance(decision, Decision) else seen

    with rendered("decision", careless):
        yield


@mutant
def all_commitments_are_shared() -> Iterator[None]:
    """K3."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        it = state.get(id)
        return render(state, id, Viewer(None, it.author) if isinstance(it, Commitment) and not it.shared else viewer)

    with rendered("commitment", careless):
        yield


@mutant
def a_few_answers_are_shown() -> Iterator[None]:
    """U3: each as it comes."""
    with patched(pulses, "FEW", 1):
        yield


@mutant
def answers_that_are_all_alike_are_shown() -> Iterator[None]:
    """U3: from ten only."""
    with patched(pulses, "ALIKE", 5):
        yield


@mutant
def a_few_second_thoughts_are_shown() -> Iterator[None]:
    """U3: with the next five."""

    def careless(before: State, event: pulses.PulseAnswered) -> State:
        state = answered(before, event)
        pulse = state.get(event.id)
        if not isinstance(pulse, pulses.Pulse) or not pulse.left:
            return state
        shown = pulses._plus(pulses._minus(pulse.shown, pulse.left), pulse.taken)
        return state.set(pulse.id, replace(pulse, shown=shown, left={}, taken={}, thought=pulse.thought + 1))

    answered, touched = rules._EVENTS[pulses.PulseAnswered]
    with mock.patch.dict(rules._EVENTS, {pulses.PulseAnswered: (careless, touched)}):
        yield


@mutant
def those_who_wait_to_be_shown_are_counted() -> Iterator[None]:
    """U3: nobody, too few and too much alike look the same."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        record, pulse = render(state, id, viewer), state.get(id)
        return replace(record, answers=pulse.answers) if record and isinstance(pulse, pulses.Pulse) else record

    with rendered("pulse", careless):
        yield


@mutant
def answers_are_shown_to_hosts() -> Iterator[None]:
    """U2."""

    def careless(render: Render, state: State, id: str, viewer: Viewer) -> Record | None:
        tail = id.partition(":")[2]
        return render(state, id, Viewer(None, f"alias:{tail}") if viewer.audience == "host" else viewer)

    with rendered("answer", careless):
        yield


@mutant
def who_is_muted_is_marked_on_all_he_wrote() -> Iterator[None]:
    """M2: hosts learn which posts have one author."""

    def leaky(state: State, post: posts.Post, viewer: Viewer) -> bool:
        return viewer.audience == "host" and post.author in posts.muted(state)

    with patched(posts, "marked_muted", leaky):
        yield


@mutant
def who_was_removed_comes_back() -> Iterator[None]:
    """M3."""

    def forgiving(state: State, member: str) -> None:
        pass

    with patched(rules, "check_not_out", forgiving), patched(people, "check_not_removed", forgiving):
        yield


@mutant
def the_screen_hears_who_types() -> Iterator[None]:
    """P3."""

    def careless(state: State, actor: Any, kind: str, fields: dict[str, Any]) -> Any:
        said = relay(state, actor, kind, fields)
        return said._replace(screen=said.people)

    relay = signals.relay
    with patched(channel, "relay", careless):
        yield


# In what is sent.


@mutant
def roles_change_nothing() -> Iterator[None]:
    """S10: who is no host any more is still shown what hosts are."""
    with patched(Fanout, "_move_roles", lambda self, stirred: None):
        yield


@mutant
def who_leaves_is_kept() -> Iterator[None]:
    """Nothing grows: a room closes when its last follower has gone."""
    with patched(Channel, "leave", lambda self, follower: None):
        yield


@mutant
def a_snapshot_outlives_a_removal() -> Iterator[None]:
    """C6: the cached snapshot holds what has been hidden since."""

    def stale(self: Fanout, audience: Any, form: Any, since: int | None) -> Any:
        layer = self.layers.shared[audience]
        revised, layer.revised = layer.revised, 0
        try:
            return state(self, audience, form, since)
        finally:
            layer.revised = revised

    state = Fanout._state
    with patched(Fanout, "_state", stale):
        yield


@mutant
def since_of_any_epoch() -> Iterator[None]:
    """S4: records of another audience, or of a history that was rewritten, are taken for the room's."""

    def trusting(self: Fanout, follower: Follower, since: Since | None) -> None:
        audience = self._audience_of(follower)
        join(self, follower, since and Since(self.epoch(audience), since.seq))

    join = Fanout.join
    with patched(Fanout, "join", trusting):
        yield


@mutant
def a_patch_is_lost_on_its_way() -> Iterator[None]:
    """S5: whoever comes later on the same connection is told of a gap, and asks again; nobody would ever see it."""

    def spread(self: Fanout, group: Any, frame: bytes, riders: Any, form: Any) -> None:
        lost = next(iter(group)) if frame and self.layers.seq % 10 == 0 else None
        all_but_one(self, {each: None for each in group if each is not lost}, frame, riders, form)

    all_but_one = Fanout._spread
    with patched(Fanout, "_spread", spread):
        yield


@mutant
def no_mine_after_done() -> Iterator[None]:
    """S7: what only I see is not sent."""
    with patched(Fanout, "_own", lambda self, stirred: self.authors.clear()):
        yield


@mutant
def answered_twice() -> Iterator[None]:
    """D1, D6: after `done`, a refusal for good."""

    def twice(self: Session, joined: Any, id: str, outcome: int | Refusal) -> None:
        if not isinstance(outcome, Refusal) and id.endswith("7"):
            answered(self, joined, id, Refusal(Code.NOT_FOUND))
        answered(self, joined, id, outcome)

    answered = Session._answered
    with patched(Session, "_answered", twice):
        yield


@mutant
def figures_are_named_after_what_is_written() -> Iterator[None]:
    """H: whoever reads the metrics is in no room."""

    def chatty(self: Hub) -> dict[str, float]:
        states = [held.channel.room.layers.state for held in self._rooms.values()]
        texts = [each.text for state in states for each in state.values() if isinstance(each, Idea)]
        return {**stats(self), **{f"idea_{text}": 1.0 for text in texts}}

    stats = Hub.stats
    with patched(Hub, "stats", chatty):
        yield


class Verdict(NamedTuple):
    """`seed` is None where no story noticed."""

    mutant: str
    seed: int | None
    words: str


def hunt(name: str, seeds: range = SEEDS, events: int = EVENTS) -> Verdict:
    """Tell stories with a bug in them until one notices."""
    for seed in seeds:
        with MUTANTS[name]():
            words = _found(seed, events)
        if words is not None:
            assert _found(seed, events) is None, f"seed {seed} finds something without {name}, too"
            return Verdict(name, seed, words)
    return Verdict(name, None, "")


def _found(seed: int, events: int) -> str | None:
    try:
        run(seed, events)
    except Found as found:
        return str(found).splitlines()[0]
    return None


def main() -> int:
    began = time.monotonic()
    missed = 0
    with ProcessPoolExecutor(2) as pool:
        for verdict in pool.map(hunt, sys.argv[1:] or MUTANTS):
            missed += verdict.seed is None
            seed = "missed" if verdict.seed is None else f"seed {verdict.seed}"
            print(f"{verdict.mutant:40} {seed:10} {verdict.words[:150]}", flush=True)
    print(f"{len(MUTANTS)} bugs planted, {missed} missed, in {time.monotonic() - began:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
