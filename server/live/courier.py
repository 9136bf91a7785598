"""Couriers: what a policy makes of what rooms commit is brought to other streams (DESIGN, Policies).

A command has the same name however often and by whichever worker it is brought, so that twice is once; and it is answered for good, also
when it is refused. What cannot be reached waits alone: nothing else waits for it.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from protocol.commands import Command
from protocol.errors import Code, Refusal
from server.journal.port import Commit, JournalError
from server.live.consumer import SETTLE, SOON, Consumer
from server.live.hub import Hub
from server.live.trail import UNBOUNDED, Step, Trail, policy_consumer
from server.model.events import NewerFormat
from server.model.kernel import EMPTY, State
from server.model.model import Model
from server.model.policies import Policy, Reaction, asking, policy_name, told_name

log = logging.getLogger("palabre.courier")

PATIENCE: Final = 10.0
"""Seconds that an answer is waited for."""

AT_ONCE: Final = 4
"""Targets that are gone to at once."""

WAITING: Final = 1_000
"""Targets that wait, of those that are gone to again in one look."""

READ: Final = 200
"""Commits read and folded together."""

ELSEWHERE: Final = frozenset((Code.UPGRADE, Code.RESTART))
"""Codes that say nothing of the command, but of this worker."""


class Courier(Consumer):
    """
    Args:
        model: of the streams whose policy it is.
    """

    def __init__(self, policy: Policy, model: Model, hub: Hub) -> None:
        super().__init__(policy_consumer(policy.name), hub.journal, hub.backlog(), f"{model.name}:")
        self._policy = policy
        self._model = model
        self._hub = hub

    async def run(self) -> None:
        # What happened before there was this policy leads to nothing.
        while True:
            try:
                await self._journal.begin(self.name, self.kind)
                break
            except JournalError:
                await asyncio.sleep(SOON)
        await super().run()

    async def bring(self, stream: str, at: int) -> None:
        steps, upto = await self._steps(stream, at)
        waiting: dict[str, int] = {}
        if reactions := self._reactions(steps):
            before = {each.target for each in await self._journal.waiting(self.name, WAITING, stream)}
            # Who waits already gets it in turn.
            now = {target: its for target, its in reactions.items() if target not in before}
            waiting = {target: its[0][0] - 1 for target, its in reactions.items() if target in before}
            waiting |= await self._go_to(stream, now)
        if await self._journal.advance(self.name, stream, at, upto, waiting):
            held = self._hub.held(stream)
            if held is not None:
                held.layers.trail.have(self.name, upto)

    async def sweep(self, settle: float = SETTLE) -> bool:
        brought = await super().sweep(settle)
        await self.go_again()
        return brought

    async def go_again(self) -> None:
        """Go to who waits."""
        for stream, target, seq in await self._journal.waiting(self.name, WAITING):
            name = f"{stream} {target}"
            if self._is_left_alone(name):
                continue
            try:
                reached = await self._go_once_more(stream, target, seq)
            except JournalError:
                raise
            except Exception as error:
                # A source that cannot be read keeps no other waiting; of what is newer or damaged, it says so itself when it is opened.
                reached = False
                if name not in self._failed and not isinstance(error, (NewerFormat, msgspec.MsgspecError)):
                    log.exception("%s cannot go on from %s to %s", self.name, stream, target)
            if reached:
                self._failed.pop(name, None)
            else:
                self._leave_alone(name)

    async def _go_once_more(self, stream: str, target: str, seq: int) -> bool:
        """Whether it has had all that there is."""
        steps, upto = await self._steps(stream, seq)
        its = self._reactions(steps).get(target, [])
        reached = (await self._go_to(stream, {target: its})).get(target, upto)
        await self._journal.arrived(self.name, stream, target, reached)
        return reached == upto

    def _reactions(self, steps: Iterable[Step]) -> dict[str, list[tuple[int, Reaction]]]:
        """By target, each with the seq that led to it."""
        found: dict[str, list[tuple[int, Reaction]]] = {}
        for step in steps:
            for reaction in step.reactions.get(self._policy.name, ()):
                found.setdefault(reaction.target, []).append((step.seq, reaction))
        return found

    # What commits led to.

    async def _steps(self, stream: str, after: int) -> tuple[Sequence[Step], int]:
        """Of the commits behind a seq, and up to which."""
        held = self._hub.held(stream)
        if held is not None and held.layers.trail.lost_before <= after:
            return held.layers.trail.between(after, held.layers.seq), held.layers.seq
        # The state of that moment is kept nowhere: it is told once more from the beginning.
        trail, state, seq = Trail(self._model, wanted=(self.name,), most=UNBOUNDED), EMPTY, 0
        while commits := await self._journal.read(stream, seq, READ):
            state = await asyncio.to_thread(self._follow_on, trail, state, commits, after)
            seq = commits[-1].seq
        return trail.between(after, seq), seq

    def _follow_on(self, trail: Trail, state: State, commits: Sequence[Commit], after: int) -> State:
        for commit in commits:
            events, before = self._model.events.decode(commit.format, commit.events), state
            for event in events:
                state = self._model.evolve(state, event)
            if commit.seq > after:
                trail.note(commit.seq, before, state, events)
        return state

    # To the targets.

    async def _go_to(self, stream: str, reactions: Mapping[str, Sequence[tuple[int, Reaction]]]) -> dict[str, int]:
        """Do what the targets are to do, in the order of its seqs; for those that could not be reached, up to which seq they have all."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def go(its: Sequence[tuple[int, Reaction]]) -> int | None:
            async with turns:
                for seq, reaction in its:
                    if not await self._bring_to(stream, seq, reaction):
                        return seq - 1
            return None

        reached = await asyncio.gather(*map(go, reactions.values()))
        return {target: seq for target, seq in zip(reactions, reached, strict=True) if seq is not None}

    async def _bring_to(self, stream: str, seq: int, reaction: Reaction) -> bool:
        """Whether it is done, or refused for good and the source told of it."""
        name = policy_name(self._policy.name, stream, seq, reaction.target, reaction.subject)
        try:
            async with asyncio.timeout(PATIENCE):
                refusal = await self._ask(stream, reaction.target, name, reaction.command)
                told = self._policy.refused(reaction, refusal) if refusal else None
                if told is not None and (refusal := await self._ask(stream, stream, told_name(name), told)):
                    log.error("%s could not be told of a refusal by %s: %s", stream, self.name, refusal)
        except (Refusal, JournalError, TimeoutError) as error:
            log.info("%s waits for %s: %r", self.name, reaction.target, error)
            return False
        return True

    async def _ask(self, source: str, target: str, name: str, command: Command) -> Refusal | None:
        """Have a command done; its refusal, if it was refused for good.

        Raises:
            Refusal: by this worker, or for now.
            JournalError: the target cannot be read now.
        """
        try:
            channel = await self._hub.channel(target)
        except Refusal as refusal:
            if refusal.code is Code.UNKNOWN_ROOM:
                return refusal
            raise
        actor = asking(source)
        try:
            await self._hub.submit(channel, actor.id, name, command, actor, again=True)
        except Refusal as refusal:
            if refusal.retry or refusal.code in ELSEWHERE:
                raise
            return refusal
        return None


def couriers(models: Iterable[Model], hub: Hub) -> list[Courier]:
    """One for each policy that there is."""
    return [Courier(policy, model, hub) for model in models for policy in model.policies]
