"""Bugs in the room: what is committed, once, and what is answered for it."""

from collections.abc import Iterator, Sequence
from typing import Any

from server.journal.port import Appended
from server.live import batch, room
from server.live.hub import Hub
from server.live.layers import Layers
from server.live.room import Room
from server.model.events import FORMAT
from server.model.kernel import Event
from tests.simulation.mutants.planting import mutant, patched


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
        stream: str, incarnation: str, layers: Any, after: Any, events: Any, accepted: Any, declined: Any, at: int
    ) -> Any:
        return entry(stream, incarnation, layers, after, events, accepted, (), at)

    entry = batch._entry
    with patched(batch, "_entry", forgetful):
        yield


@mutant
def who_leaves_stays_enrolled() -> Iterator[None]:
    """The table of memberships keeps who was removed."""

    def kept(*args: Any) -> Any:
        made = entry(*args)
        return made and made._replace(memberships=tuple(m for m in made.memberships if m.role is not None))

    entry = batch._entry
    with patched(batch, "_entry", kept):
        yield


@mutant
def who_is_new_is_looked_for_in_the_state_after() -> Iterator[None]:
    """The table of appearances learns of nobody whom a commit adds to the state."""

    def listed(stream: str, incarnation: str, layers: Any, after: Any, *args: Any) -> Any:
        made = entry(stream, incarnation, layers, after, *args)
        return made and made._replace(appearing=tuple(p for p in made.appearing or () if p not in after))

    entry = batch._entry
    with patched(batch, "_entry", listed):
        yield


@mutant
def who_is_made_a_host_stays_enrolled_as_what_he_was() -> Iterator[None]:
    """The table of memberships learns who comes and who goes, and no change of role."""

    def kept(stream: str, incarnation: str, layers: Any, *args: Any) -> Any:
        made = entry(stream, incarnation, layers, *args)
        was = layers.state
        rows = tuple(m for m in made.memberships if m.role is None or m.person not in was) if made else ()
        return made and made._replace(memberships=rows)

    entry = batch._entry
    with patched(batch, "_entry", kept):
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
