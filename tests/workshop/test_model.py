"""Which public records are kept for paging and search (SPEC Q2)."""

from protocol import commands as c
from server.model.model import Found
from server.workshop.model import WORKSHOP
from tests.workshop.table import CLAIRE, PAUL, Table


def test_Q2_ideas_remarks_and_messages_are_found_and_nothing_else() -> None:
    table = Table()
    table.do(CLAIRE, c.AddZone("zone:000000000001", "x"))
    table.do(PAUL, c.AddIdea("idea:000000000001", "une idée"))
    table.do(PAUL, c.AddRemark("remark:000000000001", "idea:000000000001", "offer", "je m’en charge"))
    table.do(PAUL, c.SendMessage("message:000000000001", "un message"))
    kept = [about for record in table.records("public").values() if (about := WORKSHOP.index(record))]
    assert kept == [
        Found("idea", 6, "une idée"),
        Found("remark", 7, "je m’en charge"),
        Found("message", 1, "un message"),
    ]
