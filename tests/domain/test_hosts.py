"""What hosts do about posts, about their authors, and about people (SPEC M1 to M4)."""

import pytest

from protocol import commands as c
from protocol.errors import Code
from protocol.records import IdeaRecord, MemberRecord
from server.domain import room
from tests.domain.table import CLAIRE, NADIA, PAUL, SYSTEM, Table
from tests.domain.test_agenda import TWO, idea, workshop, written


def seen(table: Table, member: str, n: int = 1) -> IdeaRecord:
    record = written(table.sees(member), n)
    assert record is not None
    return record


def test_M1_only_its_author_and_hosts_learn_why_a_post_was_refused() -> None:
    table = workshop(moderated=True)
    table.do(PAUL, c.AddIdea(idea(1), "hors sujet"))
    table.do(CLAIRE, c.RefusePost(idea(1), "Parlons d'abord des réunions"))
    assert seen(table, PAUL).reason == seen(table, CLAIRE).reason == "Parlons d'abord des réunions"
    assert idea(1) not in table.sees(NADIA)
    table.do(PAUL, c.EditIdea(idea(1), "les réunions"))
    assert (seen(table, PAUL).reason, seen(table, PAUL).hidden) == ("", True)
    table.do(CLAIRE, c.RefusePost(idea(1), "encore"))
    table.do(CLAIRE, c.ShowPost(idea(1)))
    assert seen(table, NADIA).reason == ""


def test_M2_a_named_author_is_muted_in_the_whole_room() -> None:
    table = workshop()
    table.do(PAUL, c.AddIdea(idea(1), "une idée"))
    table.do(CLAIRE, c.MuteAuthor(idea(1)))
    assert table.refused(PAUL, c.SendMessage("message:000000000001", "x")) is Code.MUTED
    table.do(CLAIRE, c.GoToStep(TWO))
    assert table.refused(PAUL, c.AddIdea(idea(2), "x")) is Code.MUTED
    table.do(NADIA, c.AddIdea(idea(2), "x"))
    table.do(CLAIRE, c.UnmuteAuthor(idea(1)))
    table.do(PAUL, c.AddIdea(idea(3), "x"))


def test_M2_an_author_without_a_name_is_muted_without_being_known() -> None:
    table = workshop(anonymous=True)
    for n in (1, 2):
        table.do(PAUL, c.AddIdea(idea(n), f"idée {n}"))
    table.do(CLAIRE, c.MuteAuthor(idea(1)))
    assert table.refused(PAUL, c.AddIdea(idea(3), "x")) is Code.MUTED
    assert (seen(table, CLAIRE, 1).muted, seen(table, CLAIRE, 2).muted) == (True, False)
    assert not seen(table, NADIA, 1).muted
    assert PAUL not in repr(table.commits[-1])
    table.do(CLAIRE, c.GoToStep(TWO))
    table.do(PAUL, c.AddIdea(idea(3), "dans une autre étape"))


def test_M2_hosts_are_never_muted() -> None:
    table = workshop(anonymous=True)
    table.do(CLAIRE, c.AddIdea(idea(1), "une idée"))
    table.do(CLAIRE, c.MuteAuthor(idea(1)))
    table.do(CLAIRE, c.AddIdea(idea(2), "une autre"))


def test_M3_who_was_removed_is_nobody_and_what_he_wrote_stays() -> None:
    table = workshop()
    table.do(PAUL, c.AddIdea(idea(1), "une idée"))
    table.do(CLAIRE, c.RemoveMember(PAUL))
    assert PAUL not in table.records("public")
    assert room.actor_for(table.layers.state, PAUL) is None
    assert written(table.records("public")) is not None
    refusals = table.commit((room.Enter(PAUL, "Paul", "guest"), SYSTEM))
    assert [refusal.code for refusal in refusals] == [Code.REMOVED]
    assert table.refused(CLAIRE, c.RemoveMember(CLAIRE)) is Code.FORBIDDEN
    assert table.refused(CLAIRE, c.SetRole(PAUL, "host")) is Code.NOT_FOUND


@pytest.mark.parametrize("who", [PAUL, NADIA])
def test_M4_a_host_renames_anybody(who: str) -> None:
    table = Table()
    table.do(CLAIRE, c.RenameMember("Camille", who))
    record = table.records("public")[who]
    assert isinstance(record, MemberRecord) and record.name == "Camille"
    assert table.refused(PAUL, c.RenameMember("Moi", NADIA)) is Code.FORBIDDEN
