"""What people may come to ask of a circle, and what its state promises whatever they do (COMMUNITIES.md, CI and TH)."""

import random
from typing import Final

from protocol import circles as p
from protocol.commands import Command
from server.circle import thread
from server.circle.model import CIRCLE
from server.circle.people import JoinCircle
from server.circle.state import Asking, Post, Seat, asking_id, circle, roll
from server.circle.state import thread as thread_of
from server.model.kernel import State
from tests.circle.table import CLAIRE, ELSA, KARIM, NADIA, PAUL, STRANGER, post

PEOPLE: Final = (CLAIRE, PAUL, NADIA, KARIM, ELSA)


def some(chance: random.Random, made: int) -> Command:
    """What somebody may come to ask for."""
    person, other, n = chance.choice((*PEOPLE, STRANGER)), chance.choice(PEOPLE), chance.randrange(max(1, made))
    id, root = post(n), post(chance.randrange(max(1, made)))
    commands: list[Command] = [
        *[p.AddPost(post(made), f"texte {made}", chance.choice((None, root, root)), all=chance.random() < 0.1)] * 12,
        p.AddPost(post(made), "avec", None, (person, other)), p.AddPost(id, "encore"), p.EditPost(id, f"repris {made}"), p.EditPost(id, " "),
        p.RemovePost(id), p.RemovePost(id), p.ThankPost(id), p.ThankPost(id), p.ThankPost(id), p.UnthankPost(id), p.PinPost(id), p.UnpinPost(id),
        *[p.HideFromCircle(id, f"raison {made}")] * 4, p.ShowToCircle(id), p.ShowToCircle(root), p.AddMember(person), p.RemoveMember(person),
        p.SetMemberRole(person, chance.choice(("animator", "member"))), p.LeaveCircle(), p.ArchiveCircle(chance.random() < 0.3),
        p.GrantAsking(asking_id(other)), p.RefuseAsking(asking_id(other)), p.SetCircle(respondent=chance.choice((None, person))),
        p.SetCircle(access=chance.choice(("common", "open", "request", "confidential"))), p.SetCircle(title=f"Cercle {made}"),
        *[JoinCircle("s'il vous plaît")] * 4,
    ]  # fmt: skip
    return chance.choice(commands)


def check_state(state: State) -> None:
    """
    Raises:
        AssertionError: it breaks one of its promises; says which.
    """
    _check_people(state)
    _check_threads(state)


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


def _check_threads(state: State) -> None:
    posts = {id: each for id, each in state.items() if isinstance(each, Post)}
    roots = [each for each in posts.values() if each.reply is None]
    count = thread_of(state)
    assert (count.live, count.held) == (len(roots), len(posts))
    assert sorted(count.pins) == sorted(root.id for root in roots if root.pinned)
    assert len(count.pins) <= thread.PINS
    for each in posts.values():
        assert len(set(each.thanked)) == len(each.thanked), "thanked twice"
        assert each.author not in each.thanked
        assert not (each.hidden and each.pinned)
        if each.reply is not None:
            assert each.reply in posts, "a reply without its thread"
            root = posts[each.reply]
            assert root.reply is None
            assert each.id in root.replies
            assert each.shut == root.hidden
            assert each.n > root.n
    for root in roots:
        assert posts.keys() >= {*root.replies}, "a thread without its replies"
        replies = [posts[id] for id in root.replies]
        read = [reply.at for reply in replies if not reply.hidden and not reply.removed]
        kept = sum(not reply.removed for reply in replies)
        assert (root.count, root.last, root.kept) == (len(read), max(read, default=0), kept)
    numbers = [each.n for each in posts.values()]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers, default=0) <= count.last
