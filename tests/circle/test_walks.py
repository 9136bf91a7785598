"""Whatever people do in a circle, and in whatever order, what it promises holds (COMMUNITIES.md, CI and TH)."""

import os
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import circles as p
from protocol.choices import Access
from protocol.circles import PostRecord
from server.circle import sealing, thread
from server.circle.model import AUDIENCES, CIRCLE
from server.circle.people import AskedIn, AskingRefused, JoinCircle, SeatChanged, SeatLeft, SeatTaken
from server.circle.sealing import ThreadRecalled, ThreadsSealed
from server.circle.settings import CircleArchived, CircleFounded, CircleSet, RespondentNamed
from server.circle.state import Post, circle, roll
from server.circle.state import thread as thread_of
from server.circle.thread import (
    PostAdded,
    PostEdited,
    PostHidden,
    PostPinned,
    PostRemoved,
    PostShown,
    PostThanked,
    PostUnthanked,
)
from server.live.batch import SYSTEM
from server.model.kernel import EMPTY, Actor, Event, Viewer
from tests.circle.acts import PEOPLE, check_state, some
from tests.circle.table import STRANGER, STREAM, Table, post
from tests.properties import bounded


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in (
        (sealing, "KEPT", 3),
        (sealing, "SLACK", 2),
        (sealing, "AT_ONCE", 4),
        (thread, "REPLIES", 4),
        (thread, "PINS", 2),
    ):
        monkeypatch.setattr(module, name, value)


class Walk:
    """
    Attributes:
        answers: what was answered to whom, each once.
        was: posts as they were when they were sealed last.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        access: Access = self.chance.choice(("common", "open", "request", "confidential"))
        self.table = Table(access)
        self.answers = set[str]()
        self.was: dict[str, Post] = {}
        self.made = 0

    def step(self) -> None:
        command, animators = some(self.chance, self.made), roll(self.table.state).animators
        person = self.chance.choice(PEOPLE if self.chance.random() < 0.6 else animators or PEOPLE)
        if circle(self.table.state).archived and animators and self.chance.random() < 0.2:
            command, person = p.ArchiveCircle(on=False), self.chance.choice(animators)
        actor = CIRCLE.actor_for(self.table.state, person)
        if isinstance(command, JoinCircle):
            actor = Actor(person, "member")
        if actor is None:
            return
        before = self.table.state
        refusals = self.table.commit((command, actor))
        self.answers.add(refusals[0].code.value if refusals else "done")
        if refusals:
            assert self.table.state is before
        events = self.table.commits[-1]
        for event in events:
            if isinstance(event, PostAdded):
                self.made += event.id == post(self.made)
            if isinstance(event, ThreadRecalled):
                assert len(events) > 1, "brought back for nothing"
                assert list(event.posts) == [self.was[each.id] for each in event.posts], "another than it was"
        if (due := CIRCLE.due(self.table.state)) is not None:
            self.table.commit((due.command, SYSTEM))
            for each in self.table.commits[-1]:
                self.was |= {id: sealed for id in each.seals if isinstance(sealed := self.table.sealed[id], Post)}


def check(table: Table) -> None:
    """What holds at any time."""
    state, now = table.state, circle(table.state)
    check_state(state)
    assert thread_of(state).live - len(thread_of(state).pins) <= sealing.KEPT + sealing.SLACK
    for audience in AUDIENCES:
        shown = {id: msgspec.structs.replace(record, v=0) for id, record in table.records(audience).items()}
        assert shown == table.rendered(Viewer(audience)), audience
    for person in PEOPLE:
        own = {record.id: msgspec.structs.replace(record, v=0) for record in table.layers.own(person)}
        assert own == table.rendered(Viewer(None, person)), person
    everyone = [record for record in table.records("everyone").values() if isinstance(record, PostRecord)]
    assert not any(record.hidden for record in everyone), "a hidden post is everyone's"
    assert table.records("index") == {record.id: record for record in everyone}
    assert table.circle.people == (0 if now.access == "common" else roll(state).people)


@pytest.mark.parametrize("seed", range(12 * int(os.environ.get("PALABRE_EXAMPLES", "1"))))
def test_CI_TH_what_a_circle_promises_holds_after_whatever_people_do(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(200):
        walk.step()
        check(walk.table)
    assert {"done", "not_found"} <= walk.answers


def test_CI_TH_the_walks_come_to_what_they_are_to_try() -> None:
    answers, events = set[str](), set[type[Event]]()
    for seed in range(40):
        walk = Walk(seed)
        for _ in range(200):
            walk.step()
        answers |= walk.answers
        events |= {type(event) for commit in walk.table.commits for event in commit}
    assert answers >= {
        "handover",
        "archived",
        "forbidden",
        "id_taken",
        "invalid",
        "too_many",
        "text_empty",
        "removed",
        "ratchet",
    }
    assert events == set(CIRCLE.folds)


PERSONS = st.sampled_from((*PEOPLE, STRANGER))
IDS = st.sampled_from([post(n) for n in range(5)])
NAMES = st.sampled_from((None, "Claire"))
POSTS = st.builds(
    Post,
    IDS,
    st.just("texte"),
    st.none() | PERSONS,
    n=st.integers(0, 9),
    reply=st.none() | IDS,
    hidden=st.booleans(),
    removed=st.booleans(),
    pinned=st.booleans(),
    replies=st.lists(IDS, max_size=2).map(tuple),
    thanked=st.lists(PERSONS, max_size=2, unique=True).map(tuple),
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(CircleFounded, st.just(STREAM), st.just("community:aaaaaaaaaaaa"), st.just("x"), st.sampled_from(("common", "open"))),
    st.builds(CircleSet, access=st.sampled_from((None, "common", "open", "request", "confidential"))),
    st.builds(RespondentNamed, id=st.none() | PERSONS, name=NAMES),
    st.builds(CircleArchived, on=st.booleans()),
    st.builds(SeatTaken, PERSONS, st.sampled_from(("animator", "member")), NAMES),
    st.builds(SeatLeft, PERSONS, st.booleans()),
    st.builds(SeatChanged, PERSONS, st.sampled_from(("animator", "member"))),
    st.builds(AskedIn, PERSONS, st.just(1), NAMES),
    st.builds(AskingRefused, PERSONS),
    st.builds(PostAdded, IDS, st.just(1), by=st.none() | PERSONS, reply=st.none() | IDS),
    st.builds(PostEdited, IDS, st.sampled_from(("", "x"))),
    st.builds(PostRemoved, IDS),
    st.builds(PostThanked, IDS, PERSONS),
    st.builds(PostUnthanked, IDS, PERSONS),
    st.builds(PostPinned, IDS, st.booleans()),
    st.builds(PostHidden, IDS, st.just("x")),
    st.builds(PostShown, IDS),
    st.builds(ThreadsSealed, st.lists(IDS, max_size=4, unique=True).map(tuple)),
    st.builds(ThreadRecalled, st.lists(POSTS, max_size=3).map(tuple)),
)  # fmt: skip


@bounded(300)
@given(st.lists(EVENTS, max_size=25))
def test_whatever_a_journal_holds_is_folded_and_shown(events: list[Event]) -> None:
    """A release of tomorrow may have refused less; and who was erased is in events under no name."""
    state = EMPTY
    for event in (CircleFounded(STREAM, "community:aaaaaaaaaaaa", "x", "open"), *events):
        before, state = state, CIRCLE.evolve(state, event)
        CIRCLE.concerns(before, state, event)
        for touch in CIRCLE.touches(before, state, event):
            for viewer in (*map(Viewer, AUDIENCES), *(Viewer(None, owner) for owner in touch.owners)):
                CIRCLE.render(state, touch.id, viewer)
        CIRCLE.due(state)
    assert {type(event) for event in events} <= set(CIRCLE.folds)
