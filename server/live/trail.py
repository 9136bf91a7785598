"""What commits lead to beside the state: whom they concern, and what policies make of them; kept until it is written where it belongs."""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from server.journal.port import INDEX
from server.model.kernel import Event, Notice, Stake, State
from server.model.model import Model
from server.model.policies import Reaction

KEPT: Final = 5_000
"""Commits of one stream of which it is remembered; whoever is further behind goes through the journal."""

UNBOUNDED: Final = 2**63
"""More than there ever is."""


class Step(NamedTuple):
    """What one commit led to; commits that led to nothing have none.

    Attributes:
        reactions: by the name of the policy.
    """

    seq: int
    concerns: Sequence[Notice | Stake]
    reactions: dict[str, Sequence[Reaction]]


class Trail:
    """Of one stream.

    Args:
        wanted: the consumers for whom it is kept; by default all that take something from such a stream.
        most: so many steps.

    Attributes:
        lost_before: of commits up to this seq, not everything can be told any more.
        last: the seq of the last step; 0 where there was none.
    """

    def __init__(
        self, model: Model, lost_before: int = 0, *, wanted: Collection[str] | None = None, most: int | None = None
    ) -> None:
        self.lost_before = lost_before
        self.last = 0
        self._model = model
        self._most = KEPT if most is None else most
        self._steps: deque[Step] = deque()
        self._done = dict.fromkeys(consumers(model) if wanted is None else wanted, 0)
        self._policies = [policy for policy in model.policies if policy_consumer(policy.name) in self._done]

    def note(self, seq: int, before: State, after: State, events: Iterable[Event]) -> None:
        """Look at the next commit, which led from one state to the other."""
        if not self._done:
            return
        concerns: list[Notice | Stake] = []
        reactions: dict[str, Sequence[Reaction]] = {}
        for event in events:
            concerns += self._model.concerns(before, after, event)
            if not event.via:
                for policy in self._policies:
                    if reacted := policy.react(before, after, event):
                        reactions[policy.name] = [*reactions.get(policy.name, ()), *reacted]
        if concerns or reactions:
            self.last = seq
            self._steps.append(Step(seq, concerns, reactions))
            if len(self._steps) > self._most:
                self.lost_before = self._steps.popleft().seq

    def between(self, after: int, upto: int) -> list[Step]:
        """What the commits behind `after` led to, up to `upto`, in order. Only where `after` is not before `lost_before`."""
        return [step for step in self._steps if after < step.seq <= upto]

    def have(self, consumer: str, seq: int) -> None:
        """A consumer has all up to `seq`, for good."""
        if self._done.get(consumer, seq) < seq:
            self._done[consumer] = seq
            done = min(self._done.values())
            while self._steps and self._steps[0].seq <= done:
                self.lost_before = self._steps.popleft().seq


def policy_consumer(name: str) -> str:
    """By which name a policy's positions are kept."""
    return f"policy:{name}"


def consumers(model: Model) -> list[str]:
    """Who takes something from the trail of such a stream."""
    index = [INDEX] if model.concerned else []
    return [*index, *(policy_consumer(policy.name) for policy in model.policies)]
