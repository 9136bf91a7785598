"""Bugs in the client's core."""

from collections.abc import Iterator
from typing import Any

from client_demo.python.sdk.conversation import Conversation
from client_demo.python.sdk.replica import UNCHANGED, Applied, Replica
from tests.simulation.mutants.planting import mutant, patched


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
