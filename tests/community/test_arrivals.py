"""How people come in: by an invitation, from a workshop, on request (COMMUNITIES IN)."""

import pytest

from protocol import communities as c
from protocol.errors import Code
from server.community import arrivals, invitations
from server.community.arrivals import is_waiting, request_id
from server.community.invitations import DAY, FORGOTTEN
from server.community.state import record_id
from tests.community.table import CLAIRE, COMMUNITY_ID, INVITATION, NADIA, PAUL, ZOE, Table

AYA = "member:aya---------"


def invited(table: Table, **how: object) -> Table:
    table.do(CLAIRE, c.AddInvitation(INVITATION, **how))  # type: ignore[arg-type]  # what AddInvitation says
    return table


def test_IN1_an_invitation_is_for_fourteen_days_and_those_who_lead_see_it() -> None:
    table = invited(Table())
    seen = table.invitation()
    assert (seen.by, seen.name, seen.ends - seen.at) == (CLAIRE, "Claire", 14 * DAY)
    assert INVITATION not in table.sees(PAUL)
    assert table.refused(CLAIRE, c.AddInvitation(INVITATION)) is Code.ID_TAKEN
    assert table.refused(PAUL, c.AddInvitation(INVITATION[:-1] + "2")) is Code.FORBIDDEN
    table.do(CLAIRE, c.SetPersonRole(record_id(PAUL), administrator=True))
    assert INVITATION in table.sees(PAUL), "who closes one sees it"


def test_IN1_domains_are_compared_in_small_letters() -> None:
    table = invited(Table(), domains=(" @Example.ORG", "example.org", "société.example"))
    assert table.invitation().domains == ("example.org", "xn--socit-esab.example")
    for domain in ("example", "", "a b.example", "-x.example", "exa_mple.org"):
        assert table.refused(CLAIRE, c.AddInvitation("invitation:000000000002", domains=(domain,))) is Code.INVALID


def test_IN2_nobody_comes_by_one_that_has_ended_was_closed_or_never_was() -> None:
    table = invited(Table(), days=1)
    table.come(ZOE, invitation=INVITATION)
    assert table.role(ZOE) == "member" and table.invitation().used == 1
    assert table.stays_out(AYA, invitation="invitation:neverneverne") is Code.INVITATION_OVER
    table.now = table.invitation().ends - 2
    table.come(AYA, invitation=INVITATION)
    table.do(AYA, c.LeaveCommunity())
    assert table.stays_out(AYA, invitation=INVITATION) is Code.INVITATION_OVER
    table = invited(Table())
    table.do(CLAIRE, c.CloseInvitation(INVITATION))
    assert table.invitation().closed
    assert table.do(CLAIRE, c.CloseInvitation(INVITATION)) == []
    assert table.stays_out(ZOE, invitation=INVITATION) is Code.INVITATION_OVER
    assert table.refused(CLAIRE, c.CloseInvitation("invitation:neverneverne")) is Code.NOT_FOUND


def test_IN2_no_more_come_than_it_is_for() -> None:
    table = invited(Table(), most=1)
    table.come(ZOE, invitation=INVITATION)
    assert table.stays_out(AYA, invitation=INVITATION) is Code.INVITATION_FULL
    table.do(ZOE, c.LeaveCommunity())
    assert table.stays_out(AYA, invitation=INVITATION) is Code.INVITATION_FULL, "whoever came has come"


def test_IN2_who_is_of_another_domain_stays_out() -> None:
    table = invited(Table(), domains=("example.org",))
    for domain in ("", "example.com", "sub.example.org"):
        assert table.stays_out(ZOE, invitation=INVITATION, domain=domain) is Code.INVITATION_DOMAIN
    table.come(ZOE, invitation=INVITATION, domain="example.org")


def test_IN2_who_is_in_it_does_not_come_twice_and_who_is_out_not_at_all() -> None:
    table = invited(Table())
    assert table.stays_out(PAUL, invitation=INVITATION) is Code.ACCOUNT_EXISTS
    table.do(CLAIRE, c.SuspendPerson(record_id(PAUL)))
    table.do(CLAIRE, c.RemovePerson(record_id(NADIA)))
    assert table.stays_out(PAUL, invitation=INVITATION) is Code.SUSPENDED
    assert table.stays_out(NADIA, invitation=INVITATION) is Code.REMOVED
    assert table.invitation().used == 0


def test_IN3_on_request_people_wait_until_somebody_lets_them_in() -> None:
    table = invited(Table(), asks=True)
    table.come(ZOE, invitation=INVITATION)
    assert table.role(ZOE) is None and is_waiting(table.layers.state, ZOE)
    seen = table.sees(CLAIRE)[request_id(ZOE)]
    assert isinstance(seen, c.RequestRecord) and (seen.name, seen.invitation) == ("Zoe", INVITATION)
    assert table.sees(PAUL).keys() == {COMMUNITY_ID, record_id(PAUL)}
    assert table.come(ZOE, invitation=INVITATION) == [], "who asks twice waits once"
    assert table.refused(PAUL, c.GrantRequest(request_id(ZOE))) is Code.FORBIDDEN
    table.now = table.invitation().ends
    table.do(CLAIRE, c.GrantRequest(request_id(ZOE)))
    assert table.role(ZOE) == "member" and not is_waiting(table.layers.state, ZOE)
    assert request_id(ZOE) not in table.sees(CLAIRE)
    assert table.refused(CLAIRE, c.GrantRequest(request_id(ZOE))) is Code.NOT_FOUND


def test_IN3_who_is_refused_is_nobody_and_may_ask_again() -> None:
    table = invited(Table(), asks=True)
    table.come(ZOE, invitation=INVITATION)
    table.do(CLAIRE, c.RefuseRequest(request_id(ZOE)))
    assert table.role(ZOE) is None and not is_waiting(table.layers.state, ZOE)
    assert "Zoe" not in repr(table.layers.state)
    assert table.refused(CLAIRE, c.RefuseRequest(request_id(ZOE))) is Code.NOT_FOUND
    table.come(ZOE, invitation=INVITATION)
    assert is_waiting(table.layers.state, ZOE)


def test_IN3_no_more_are_let_in_than_it_is_for() -> None:
    table = invited(Table(), asks=True, most=1)
    for member in (ZOE, AYA):
        table.come(member, invitation=INVITATION)
    table.do(CLAIRE, c.GrantRequest(request_id(AYA)))
    assert table.refused(CLAIRE, c.GrantRequest(request_id(ZOE))) is Code.INVITATION_FULL


def test_CO6_so_many_wait_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "REQUESTS", 1)
    table = invited(Table(), asks=True)
    table.come(ZOE, invitation=INVITATION)
    assert table.stays_out(AYA, invitation=INVITATION) is Code.TOO_MANY
    table.do(CLAIRE, c.RefuseRequest(request_id(ZOE)))
    table.come(AYA, invitation=INVITATION)


def test_CO6_what_is_long_over_is_forgotten_before_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "INVITATIONS", 2)
    table = invited(Table(), days=1)
    table.do(CLAIRE, c.CloseInvitation(INVITATION))
    table.do(CLAIRE, c.AddInvitation("invitation:000000000002"))
    assert table.refused(CLAIRE, c.AddInvitation("invitation:000000000003")) is Code.TOO_MANY
    table.now += FORGOTTEN
    table.do(CLAIRE, c.AddInvitation("invitation:000000000003"))
    assert {id for id in table.sees(CLAIRE) if id.startswith("invitation:")} == {
        "invitation:000000000002",
        "invitation:000000000003",
    }


def test_only_the_first_comes_by_no_way() -> None:
    assert Table().stays_out(ZOE) is Code.FORBIDDEN
