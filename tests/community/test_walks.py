"""Whatever is commanded, in whatever order: somebody always leads, who is out is nobody, and no invitation brings more than it says
(COMMUNITIES CO4, CO5, IN2)."""

from collections.abc import Sequence
from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from protocol import communities as c
from protocol.commands import Command
from protocol.errors import Refusal
from server.community.arrivals import Arrive, PersonArrived, PersonAsked, is_waiting, request_id
from server.community.invitations import DAY, Invitation
from server.community.model import COMMUNITY
from server.community.state import ADMINISTRATOR, ANIMATOR, LEADER, Person, record_id, roll
from server.live.layers import Layers, dump, load
from server.model.kernel import Event, State, Viewer, get
from tests.community.table import CLAIRE, COMMUNITY_ID, NADIA, PAUL, ZOE, Table
from tests.properties import bounded

PEOPLE = (CLAIRE, PAUL, NADIA, ZOE)
INVITATIONS = tuple(f"invitation:{n:012d}" for n in range(3))

_people = st.sampled_from(PEOPLE)
_named = st.sampled_from([record_id(member) for member in PEOPLE])
_requests = st.sampled_from([request_id(member) for member in PEOPLE])
_invitations = st.sampled_from(INVITATIONS)
_texts = st.sampled_from(["Chef", " Chef ", "", "Lyon"])
_switch = st.sampled_from([True, False])

COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(c.SetCommunity, title=_texts),
    st.just(c.LeaveCommunity()),
    st.builds(c.SetProfile, name=_texts, job=_texts, offers=st.lists(_texts, max_size=2)),
    st.builds(
        c.AddInvitation,
        _invitations,
        days=st.integers(1, 2),
        most=st.integers(0, 2),
        asks=_switch,
        domains=st.sampled_from([(), ("example.org",)]),
    ),
    st.builds(c.CloseInvitation, _invitations),
    st.builds(c.GrantRequest, _requests),
    st.builds(c.RefuseRequest, _requests),
    st.builds(c.SetPersonRole, _named, animator=_switch),
    st.builds(c.SetPersonRole, _named, administrator=_switch),
    st.builds(c.SetPersonRole, _named, animator=_switch, administrator=_switch),
    st.builds(c.SuspendPerson, _named),
    st.builds(c.ReadmitPerson, _named),
    st.builds(c.RemovePerson, _named),
)

ARRIVALS = st.builds(
    Arrive,
    _people,
    _texts,
    invitation=st.one_of(st.just(""), _invitations),
    room=st.sampled_from(["", "room:aaaaaaaaaaaa"]),
    domain=st.sampled_from(["", "example.org"]),
    asks=_switch,
)

STEPS = st.lists(st.one_of(st.tuples(_people, COMMANDS), ARRIVALS, st.just("a day")), max_size=40)


@given(steps=STEPS)
@bounded(200)
def test_CO4_CO5_IN2_hold_whatever_is_commanded(steps: Sequence[Any]) -> None:
    table = Table(PAUL)
    for step in steps:
        before = table.layers.state
        try:
            if isinstance(step, str):
                table.now += DAY
                continue
            events = table.arrive(step.id, step) if isinstance(step, Arrive) else table.do(*step)
        except Refusal:
            assert table.layers.state is before
            continue
        _check_led(table)
        _check_out(table)
        _check_invitations(before, table, events)
        _check_enrolled(before, table, events)
        _check_shown(table)


def _check_led(table: Table) -> None:
    state = table.layers.state
    roles = COMMUNITY.memberships(state)
    animators = {id for id, role in roles.items() if role in (ANIMATOR, LEADER)}
    administrators = {id for id, role in roles.items() if role in (ADMINISTRATOR, LEADER)}
    assert animators and administrators
    now = roll(state)
    assert (now.people, set(now.animators), set(now.administrators)) == (len(roles), animators, administrators)


def _check_out(table: Table) -> None:
    state = table.layers.state
    for person in (each for each in state.values() if isinstance(each, Person) and each.standing != "here"):
        assert COMMUNITY.actor_for(state, person.id) is None and COMMUNITY.is_out(state, person.id)
        assert COMMUNITY.name_of(state, person.id) == ""
        assert record_id(person.id) not in table.records("index") and not table.layers.own(person.id)
        assert person.standing == "suspended" or not person.name


def _check_invitations(before: State, table: Table, events: Sequence[Event]) -> None:
    for invitation in (each for each in table.layers.state.values() if isinstance(each, Invitation)):
        assert not invitation.most or invitation.used <= invitation.most
    for event in events:
        if isinstance(event, (PersonArrived, PersonAsked)) and event.invitation and not getattr(event, "by", ""):
            was = get(before, event.invitation, Invitation)
            assert was is not None and not was.is_over(event.at) and not was.is_full
        if isinstance(event, PersonArrived) and event.by:
            assert is_waiting(before, event.id)


def _check_enrolled(before: State, table: Table, events: Sequence[Event]) -> None:
    """Whose place or name is another is told by an event: so the tables are those of the state."""
    after, enrolled = table.layers.state, {person for event in events for person in event.enrols}
    for id in PEOPLE:
        was = COMMUNITY.membership(before, id), COMMUNITY.name_of(before, id)
        assert id in enrolled or was == (COMMUNITY.membership(after, id), COMMUNITY.name_of(after, id))


def _check_shown(table: Table) -> None:
    """What was shown step by step is what is there (SPEC R3), and what a snapshot brings back."""
    layers, again = table.layers, load(COMMUNITY, dump(table.layers))
    assert again.state == layers.state
    ids = {COMMUNITY_ID, *(f"{kind}:{id.partition(':')[2]}" for id in layers.state for kind in COMMUNITY.renders)}
    for audience, layer in layers.shared.items():
        assert _bare(layer.records.values()) == _rendered(layers, ids, Viewer(audience))
        assert again.shared[audience].records == layer.records
    for member in PEOPLE:
        assert _bare(layers.own(member)) == _rendered(layers, ids, Viewer(None, member))
        assert again.own(member) == layers.own(member)


def _rendered(layers: Layers, ids: set[str], viewer: Viewer) -> dict[str, Any]:
    return _bare(record for id in ids if (record := COMMUNITY.render(layers.state, id, viewer)) is not None)


def _bare(records: Any) -> dict[str, Any]:
    return {record.id: {f: getattr(record, f) for f in record.__struct_fields__ if f != "v"} for record in records}
