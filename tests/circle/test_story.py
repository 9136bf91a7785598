"""What circles promise holds on real workers, and what breaks it is noticed (COMMUNITIES.md, CI and TH)."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from protocol import circles as p
from protocol.commands import Command
from server.admission.admission import Admission
from server.circle import people, sealing, thread
from server.circle import state as held
from server.circle.model import CIRCLE
from server.circle.people import SeatLeft
from server.circle.sealing import SealThreads, ThreadRecalled, ThreadsSealed
from server.circle.settings import CircleSet
from server.circle.state import Post
from server.circle.thread import PostHidden, PostThanked
from server.live.layers import Layers
from server.model.kernel import Context, Event, State, Touch, Viewer
from tests.circle.story import tell
from tests.virtual import run

STORIES: Final = 3
"""What is right is told so often."""

TRIES: Final = 8
"""In so many stories each planted bug must have been noticed."""


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in (
        (sealing, "KEPT", 3),
        (sealing, "SLACK", 2),
        (thread, "REPLIES", 4),
        (thread, "PINS", 2),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.mark.parametrize("seed", range(STORIES))
def test_CI_TH_what_circles_promise_holds_in_a_story(tmp_path: Path, seed: int) -> None:
    answers = run(tell(tmp_path, seed), seed=seed)
    assert answers["done"] > 40


Plant = Callable[[pytest.MonkeyPatch], None]


def folds(plant: pytest.MonkeyPatch, event: type[Event], *, evolve: Any = None, touch: Any = None) -> None:
    before = CIRCLE.folds[event]
    plant.setitem(CIRCLE.folds, event, (evolve or before[0], touch or before[1]))


def decides(plant: pytest.MonkeyPatch, command: type[Command], decide: Any) -> None:
    table: dict[type[Command], Any] = CIRCLE.decides
    plant.setitem(table, command, decide)


def a_hidden_post_is_everyones(plant: pytest.MonkeyPatch) -> None:
    right = held.sees

    def sees(post: Post, viewer: Viewer) -> bool:
        return right(post, viewer) or (viewer.audience == "everyone" and post.is_there)

    plant.setattr(held, "sees", sees)


def a_hidden_post_is_found(plant: pytest.MonkeyPatch) -> None:
    right = held.sees

    def sees(post: Post, viewer: Viewer) -> bool:
        return right(post, viewer) or (viewer.audience == "index" and post.is_there and not post.shut)

    plant.setattr(held, "sees", sees)


def replies_to_what_is_hidden_stay(plant: pytest.MonkeyPatch) -> None:
    def hidden(state: State, event: PostHidden) -> State:
        post = state.get(event.id)
        return state.set(event.id, replace(post, hidden=True, reason=event.reason)) if isinstance(post, Post) else state

    folds(plant, PostHidden, evolve=hidden)


def who_is_out_keeps_their_row(plant: pytest.MonkeyPatch) -> None:
    plant.setattr(SeatLeft, "enrols", property(lambda self: ()))


def another_access_is_not_listed(plant: pytest.MonkeyPatch) -> None:
    plant.setattr(CircleSet, "lists", property(lambda self: False))


def the_last_animator_leaves(plant: pytest.MonkeyPatch) -> None:
    plant.setattr(people, "_check_not_last", lambda state, person: None)


def everyone_comes_by(plant: pytest.MonkeyPatch) -> None:
    async def may_enter(self: Admission, bearer: object, stream: str) -> bool:
        return True

    plant.setattr(Admission, "_may_enter", may_enter)


def a_thread_is_sealed_without_its_replies(plant: pytest.MonkeyPatch) -> None:
    right = CIRCLE.decides[SealThreads]

    def seal(state: State, command: SealThreads, context: Context) -> Sequence[Event]:
        events = right(state, command, context)
        return [ThreadsSealed(tuple(id for id in e.seals if state[id].reply is None)) for e in events]  # type: ignore[attr-defined]

    decides(plant, SealThreads, seal)


def a_thread_comes_back_without_its_replies(plant: pytest.MonkeyPatch) -> None:
    right = sealing.recalled

    def recalled(*asked: Any) -> ThreadRecalled | None:
        back = right(*asked)
        return back and ThreadRecalled(back.posts[:1])

    plant.setattr(sealing, "recalled", recalled)


def what_comes_back_is_as_it_was_sealed_first(plant: pytest.MonkeyPatch) -> None:
    from tests.faulty import FaultyJournal

    right, first = FaultyJournal.sealed, dict[str, Any]()

    async def sealed(self: FaultyJournal, stream: str, names: Sequence[str]) -> Any:
        kept = await right(self, stream, names)
        return {id: first.setdefault(f"{stream} {id}", each) for id, each in kept.items()}

    plant.setattr(FaultyJournal, "sealed", sealed)


def what_lies_in_the_past_wins(plant: pytest.MonkeyPatch) -> None:
    """It is brought back although it is there: as it was then."""

    def back(state: State, event: ThreadRecalled) -> State:
        for post in event.posts:
            state = state.set(post.id, post)
        return state

    right = sealing.recalled
    plant.setattr(sealing, "recalled", lambda state, command, sealed: right(State(), command, sealed))
    folds(plant, ThreadRecalled, evolve=back)


def what_is_hidden_as_it_comes_back_is_told_to_nobody(plant: pytest.MonkeyPatch) -> None:
    right = CIRCLE.folds[ThreadRecalled][1]

    def touch(before: State, after: State, event: ThreadRecalled) -> Sequence[Touch]:
        return [each._replace(gone=False) for each in right(before, after, event)]

    folds(plant, ThreadRecalled, touch=touch)


def what_is_hidden_as_it_comes_back_is_taken_from_animators(plant: pytest.MonkeyPatch) -> None:
    def bury(self: Layers, id: str, seq: int) -> None:
        for layer in self.shared.values():
            layer.bury(id, seq)

    plant.setattr(Layers, "_bury", bury)


def one_thanks_twice(plant: pytest.MonkeyPatch) -> None:
    def thanked(state: State, event: PostThanked) -> State:
        post = state.get(event.id)
        return (
            state.set(event.id, replace(post, thanked=(*post.thanked, event.by))) if isinstance(post, Post) else state
        )

    decides(plant, p.ThankPost, lambda state, command, context: [PostThanked(command.id, context.actor.id)])
    folds(plant, PostThanked, evolve=thanked)


BUGS: Final[Sequence[Plant]] = (
    a_hidden_post_is_everyones,
    a_hidden_post_is_found,
    replies_to_what_is_hidden_stay,
    who_is_out_keeps_their_row,
    another_access_is_not_listed,
    the_last_animator_leaves,
    everyone_comes_by,
    a_thread_is_sealed_without_its_replies,
    a_thread_comes_back_without_its_replies,
    what_comes_back_is_as_it_was_sealed_first,
    what_lies_in_the_past_wins,
    what_is_hidden_as_it_comes_back_is_told_to_nobody,
    what_is_hidden_as_it_comes_back_is_taken_from_animators,
    one_thanks_twice,
)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: Plant) -> None:
    bug(monkeypatch)
    for seed in range(TRIES):
        folder = tmp_path / f"{seed}"
        folder.mkdir()
        try:
            run(tell(folder, seed), seed=seed)
        except AssertionError:
            return
    raise AssertionError(f"nobody noticed in {TRIES} stories that {bug.__name__.replace('_', ' ')}")
