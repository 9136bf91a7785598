"""Bugs in what is sent, to whom, and what is kept of it."""

from collections.abc import Iterator
from typing import Any

from protocol.errors import Code, Refusal
from protocol.messages import Since
from server.live.channel import Channel
from server.live.fanout import Fanout
from server.live.follower import Follower
from server.live.hub import Hub
from server.session.session import Session, _Joined
from server.workshop.board.ideas import Idea
from tests.notes import NOTES
from tests.simulation.mutants.planting import mutant, patched


@mutant
def roles_change_nothing() -> Iterator[None]:
    """S10: who is no host any more is still shown what hosts are."""
    with patched(Fanout, "_move_roles", lambda self, dirty: None):
        yield


@mutant
def who_leaves_is_kept() -> Iterator[None]:
    """Nothing grows: a room closes when its last follower has gone."""
    with patched(Channel, "leave", lambda self, follower: None):
        yield


@mutant
def a_snapshot_outlives_a_removal() -> Iterator[None]:
    """C6: the cached snapshot holds what has been hidden since."""

    def stale(self: Fanout, audience: Any, encoding: Any, since: int | None) -> Any:
        layer = self.layers.shared[audience]
        revised, layer.revised = layer.revised, 0
        try:
            return state(self, audience, encoding, since)
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

    def spread(self: Fanout, group: Any, frame: bytes, piggybacked: Any, encoding: Any) -> None:
        lost = next(iter(group)) if frame and self.layers.seq % 10 == 0 else None
        all_but_one(self, {each: None for each in group if each is not lost}, frame, piggybacked, encoding)

    all_but_one = Fanout._spread
    with patched(Fanout, "_spread", spread):
        yield


@mutant
def no_mine_after_done() -> Iterator[None]:
    """S7: what only I see is not sent."""
    with patched(Fanout, "_own", lambda self, dirty: self.authors.clear()):
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


@mutant
def one_follower_for_all_streams_of_a_connection() -> Iterator[None]:
    """S13: what is said of one stream (an audience, a screen, what must come again) is said of the others."""

    def shared(self: Session, stream: str) -> Follower:
        joined = [place.follower for place in self._streams.values() if isinstance(place, _Joined)]
        return joined[0] if joined else own(self, stream)

    own = Session._unparted
    with patched(Session, "_unparted", shared):
        yield


@mutant
def models_see_what_their_first_audience_sees_not() -> Iterator[None]:
    """S8: of a model with three audiences, the second reads with the eyes of the third."""
    with patched(NOTES, "audience_of", lambda actor: NOTES.audiences[0 if actor is None else 2]):
        yield
