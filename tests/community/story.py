"""A community in which everything happens that can."""

from typing import Final

from protocol import communities as c
from server.community.arrivals import request_id
from server.community.invitations import DAY
from server.community.state import record_id
from tests.community.table import CLAIRE, NADIA, PAUL, ZOE, Table

AYA: Final = "member:aya---------"
ALI: Final = "member:ali---------"
ASKING: Final = "invitation:000000000001"
CLOSED: Final = "invitation:000000000002"


def everything() -> Table:
    """Each event there is, and at the end somebody of each standing, and an invitation and a request that are there still."""
    table = Table()
    table.do(CLAIRE, c.SetCommunity(title="Nos managers"))
    table.do(CLAIRE, c.AddInvitation(ASKING, domains=("example.org",), asks=True))
    table.do(CLAIRE, c.AddInvitation(CLOSED, days=1, most=3))
    table.do(CLAIRE, c.CloseInvitation(CLOSED))
    for member in (ZOE, AYA):
        table.come(member, invitation=ASKING, domain="example.org")
    table.do(CLAIRE, c.GrantRequest(request_id(ZOE)))
    table.do(CLAIRE, c.RefuseRequest(request_id(AYA)))
    table.come(ALI, room="room:aaaaaaaaaaaa", asks=True)
    table.do(PAUL, c.SetProfile("Paul Martin", "Chef", "Lyon", ["Excel"], ["Mentor"], ["Vélo"], ["fr"]))
    table.do(CLAIRE, c.SetPersonRole(record_id(NADIA), administrator=True))
    table.do(CLAIRE, c.SuspendPerson(record_id(PAUL)))
    table.do(CLAIRE, c.ReadmitPerson(record_id(PAUL)))
    table.do(NADIA, c.RemovePerson(record_id(ZOE)))
    table.do(PAUL, c.LeaveCommunity())
    table.come(PAUL, room="room:aaaaaaaaaaaa")
    table.do(CLAIRE, c.SuspendPerson(record_id(PAUL)))
    table.now += 40 * DAY
    table.do(CLAIRE, c.AddInvitation("invitation:000000000003"))
    return table
