"""Whatever people do in a circle, and in whatever order, what it promises holds (COMMUNITIES.md, CI and TH)."""

import os
import random
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import circles as p
from protocol.choices import Access
from protocol.circles import PostRecord
from protocol.commands import Command
from server.circle import sealing, thread
from server.circle.model import AUDIENCES, CIRCLE
from server.circle.people import AskedIn, AskingRefused, JoinCircle, SeatChanged, SeatLeft, SeatTaken
from server.circle.sealing import ThreadRecalled, ThreadsSealed
from server.circle.settings import CircleArchived, CircleFounded, CircleSet, RespondentNamed
from server.circle.state import Asking, Post, Seat, asking_id, circle, roll
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
from server.model.kernel import EMPTY, Actor, Event, State, Viewer
from tests.circle.table import CLAIRE, ELSA, KARIM, NADIA, PAUL, STRANGER, STREAM, Table, post
from tests.properties import bounded

PEOPLE = (CLAIRE, PAUL, NADIA, KARIM, ELSA)


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


def some(chance: random.Random, made: int) -> Command:
    """What somebody may come to ask for."""
    person, other, n = chance.choice((*PEOPLE, STRANGER)), chance.choice(PEOPLE), chance.randrange(max(1, made))
    id, root = post(n), post(chance.randrange(max(1, made)))
    commands: list[Command] = [
        *[p.AddPost(post(made), f"texte {made}", chance.choice((None, root, root)), all=chance.random() < 0.1)] * 12,
        p.AddPost(post(made), "avec", None, (person, other)), p.AddPost(id, "encore"), p.EditPost(id, f"repris {made}"), p.EditPost(id, " "),
        p.RemovePost(id), p.RemovePost(id), p.ThankPost(id), p.ThankPost(id), p.ThankPost(id), p.UnthankPost(id), p.PinPost(id), p.UnpinPost(id),
        p.HideFromCircle(id, f"raison {made}"), p.ShowToCircle(id), p.ShowToCircle(root), p.AddMember(person), p.RemoveMember(person),
        p.SetMemberRole(person, chance.choice(("animator", "member"))), p.LeaveCircle(), p.ArchiveCircle(chance.random() < 0.3),
        p.GrantAsking(asking_id(other)), p.RefuseAsking(asking_id(other)), p.SetCircle(respondent=chance.choice((None, person))),
        p.SetCircle(access=chance.choice(("common", "open", "request", "confidential"))), p.SetCircle(title=f"Cercle {made}"),
        *[JoinCircle("s'il vous plaît")] * 4,
    ]  # fmt: skip
    return chance.choice(commands)


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
    posts = {id: each for id, each in state.items() if isinstance(each, Post)}
    _check_people(state)
    _check_threads(state, posts)
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


def _check_people(state: State) -> None:
    seats = [each for each in state.values() if isinstance(each, Seat) and each.role is not None]
    animators = {seat.id for seat in seats if seat.role == "animator"}
    assert roll(state).people == len(seats)
    assert set(roll(state).animators) == animators
    assert len(roll(state).animators) == len(animators)
    assert animators or circle(state).archived, "nobody animates it"
    assert roll(state).asking == sum(isinstance(each, Asking) for each in state.values())
    assert not [seat for seat in seats if asking_id(seat.id) in state], "who is in asks no more"
    assert CIRCLE.memberships(state) == {seat.id: seat.role for seat in seats}
    for person in PEOPLE:
        actor = CIRCLE.actor_for(state, person)
        common = circle(state).access == "common"
        assert (actor is not None) is (common or person in {seat.id for seat in seats})
    assert circle(state).access != "common" or {seat.role for seat in seats} <= {"animator"}


def _check_threads(state: State, posts: Mapping[str, Post]) -> None:
    roots = [each for each in posts.values() if each.reply is None]
    count = thread_of(state)
    assert (count.live, count.held) == (len(roots), len(posts))
    assert sorted(count.pins) == sorted(root.id for root in roots if root.pinned)
    assert len(count.pins) <= thread.PINS
    assert len(roots) - len(count.pins) < sealing.KEPT + sealing.SLACK + 1
    for each in posts.values():
        assert len(set(each.thanked)) == len(each.thanked), "thanked twice"
        assert each.author not in each.thanked
        assert not (each.hidden and each.pinned)
        if each.reply is not None:
            root = posts[each.reply]
            assert root.reply is None
            assert each.id in root.replies
            assert each.shut == root.hidden
            assert each.n > root.n
    for root in roots:
        replies = [posts[id] for id in root.replies]
        read = [reply.at for reply in replies if not reply.hidden and not reply.removed]
        kept = sum(not reply.removed for reply in replies)
        assert (root.count, root.last, root.kept) == (len(read), max(read, default=0), kept)
    numbers = [each.n for each in posts.values()]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers, default=0) <= count.last


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
