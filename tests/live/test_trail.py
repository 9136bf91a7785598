"""What commits lead to beside the state, kept until whoever it is for has it."""

from server.journal.port import INDEX
from server.live.layers import Layers, dump, load
from server.live.trail import Trail, consumers
from server.model.kernel import Event, Notice, Stake
from server.workshop.model import WORKSHOP
from server.workshop.outcome.decisions import ActionAdded, ActionEdited
from server.workshop.talk.messages import MessageSent
from tests.notes import (
    KIN,
    NOTES,
    PARENT,
    STREAM,
    CarryNote,
    Married,
    NoteFollowed,
    NoteTold,
    NoteWritten,
)

NOTE = "note:000000000001"
CARRY = "policy:carry"


def told(*commits: list[Event], model: object = NOTES) -> Layers:
    layers = Layers(NOTES if model is NOTES else WORKSHOP)
    for seq, events in enumerate(commits, 1):
        layers.take(events, seq, seq)
    return layers


BEGUN: list[list[Event]] = [
    [Married((PARENT,), "")],
    [NoteWritten(NOTE, "x", "member:p", secret=True, to="member:q")],
    [NoteFollowed(NOTE, "member:q", on=True)],
    [NoteTold(NOTE)],
]


def test_a_commit_leads_to_whom_it_concerns_and_to_what_policies_make_of_it() -> None:
    steps = told(*BEGUN).trail.between(0, 99)
    assert [(step.seq, list(step.concerns)) for step in steps] == [
        (2, [Notice("member:q", "mentioned", NOTE)]),
        (3, [Stake("member:q", NOTE, "follower")]),
        (4, [Notice(NOTE, "told", NOTE)]),
    ]
    assert [step.reactions for step in steps] == [{}, {}, {"carry": [(PARENT, NOTE, CarryNote(NOTE, "x"))]}]
    assert [step.seq for step in told(*BEGUN).trail.between(2, 3)] == [3]


def test_policies_do_not_react_to_what_policies_made() -> None:
    layers = told(*BEGUN[:3], [NoteTold(NOTE, via=STREAM)])
    assert [step.reactions for step in layers.trail.between(0, 99)] == [{}, {}, {}]
    assert KIN in layers.state


def test_a_step_is_kept_until_all_consumers_have_it() -> None:
    trail = told(*BEGUN).trail
    trail.have(INDEX, 4)
    trail.have("policy:none", 4)
    assert [step.seq for step in trail.between(0, 99)] == [2, 3, 4]
    assert trail.lost_before == 0
    trail.have(CARRY, 3)
    assert [step.seq for step in trail.between(0, 99)] == [4]
    assert trail.lost_before == 3
    trail.have(CARRY, 1)
    trail.have(CARRY, 4)
    assert (trail.between(0, 99), trail.lost_before) == ([], 4)


def test_what_is_too_much_is_forgotten_and_that_is_known() -> None:
    trail, state = Trail(NOTES, most=2), told(*BEGUN).state
    for seq in range(1, 5):
        trail.note(seq, state, state, [NoteTold(NOTE)])
    assert [step.seq for step in trail.between(0, 99)] == [3, 4]
    assert trail.lost_before == 2


def test_of_what_a_snapshot_holds_the_way_there_is_not_known() -> None:
    layers = told(*BEGUN)
    again = load(NOTES, dump(layers))
    assert again.trail.lost_before == 4
    again.take([NoteTold(NOTE)], 5, 5)
    assert [step.seq for step in again.trail.between(4, 99)] == [5]


def test_only_what_is_wanted_is_made() -> None:
    assert consumers(NOTES) == [INDEX, CARRY]
    assert consumers(WORKSHOP) == [INDEX]
    layers = Layers(NOTES)
    layers.trail = Trail(NOTES, wanted=(INDEX,))
    for seq, events in enumerate(BEGUN, 1):
        layers.take(events, seq, seq)
    assert [step.reactions for step in layers.trail.between(0, 99)] == [{}, {}, {}]


def test_who_is_given_an_action_and_who_is_answered_is_told() -> None:
    """Not who answers himself, nor who has the action already."""
    layers = told(
        [MessageSent("message:1", 1, "x", "member:p"), MessageSent("message:2", 1, "x")],
        [
            MessageSent("message:3", 1, "y", "member:q", "message:1"),
            MessageSent("message:4", 1, "y", "member:p", "message:1"),
        ],
        [
            MessageSent("message:5", 1, "y", "member:q", "message:2"),
            MessageSent("message:6", 1, "y", "member:q", "message:9"),
        ],
        [ActionAdded("action:1", 1, "z", owner="member:p"), ActionAdded("action:2", 1, "z")],
        [ActionEdited("action:1", text="zz"), ActionEdited("action:2", owner="member:q")],
        [ActionEdited("action:1", owner="")],
        model=WORKSHOP,
    )
    assert [(step.seq, *step.concerns) for step in layers.trail.between(0, 99)] == [
        (2, Notice("member:p", "answered", "message:3")),
        (4, Notice("member:p", "assigned", "action:1")),
        (5, Notice("member:q", "assigned", "action:2")),
    ]
