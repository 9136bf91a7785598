"""Ideas that say the same stand as one, until someone takes them apart (SPEC G12, G13)."""

import pytest

from protocol import commands as c
from protocol.errors import Code
from protocol.records import IdeaRecord, ZoneRecord
from tests.domain.table import CLAIRE, NADIA, PAUL, Table

GROUP, BLIND = "step:000000000001", "step:000000000002"
ZONE = "zone:000000000001"


def idea(n: int) -> str:
    return f"idea:{n:012d}"


def grouping(*, anonymous: bool = False) -> Table:
    """Three ideas, of Paul, Nadia and Claire, and everyone groups."""
    table = Table()
    table.do(CLAIRE, c.AddStep(BLIND, "ideate", "Idées", anonymous=anonymous))
    table.do(CLAIRE, c.AddStep(GROUP, "group", "Rapprocher"))
    table.do(CLAIRE, c.GoToStep(BLIND))
    for n, member in enumerate((PAUL, NADIA, CLAIRE)):
        table.do(member, c.AddIdea(idea(n), f"idée {n}"))
    table.do(CLAIRE, c.GoToStep(GROUP))
    return table


def shown(table: Table, member: str, n: int) -> IdeaRecord:
    record = table.sees(member)[idea(n)]
    assert isinstance(record, IdeaRecord)
    return record


def test_G12_everyone_groups_in_a_step_of_that_kind_and_hosts_always() -> None:
    table = grouping()
    table.do(PAUL, c.AddZone(ZONE, " "))
    zone = table.records("public")[ZONE]
    assert isinstance(zone, ZoneRecord)
    assert zone.title == ""
    table.do(NADIA, c.EditZone(ZONE, "Réunions"))
    table.do(NADIA, c.MergeIdea(idea(0), idea(1)))
    table.do(PAUL, c.UnmergeIdea(idea(0)))
    table.do(CLAIRE, c.GoToStep(BLIND))
    for command in (
        c.AddZone("zone:000000000002", "x"), c.EditZone(ZONE, "x"), c.MergeIdea(idea(0), idea(1)), c.UnmergeIdea(idea(0)),
    ):  # fmt: skip
        assert table.refused(PAUL, command) is Code.FORBIDDEN
    assert table.refused(CLAIRE, c.EditZone(ZONE, "")) is Code.TEXT_EMPTY
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(1)))


def test_G13_what_is_merged_stands_in_what_it_was_merged_into() -> None:
    table = grouping()
    table.do(NADIA, c.MergeIdea(idea(0), idea(1)))
    assert idea(0) not in table.records("public")
    assert [(part.text, part.author) for part in shown(table, NADIA, 1).merged] == [("idée 0", PAUL)]
    assert shown(table, PAUL, 0).into == idea(1)
    assert shown(table, CLAIRE, 0).into == idea(1)
    table.do(NADIA, c.UnmergeIdea(idea(0)))
    assert shown(table, NADIA, 0).into is None
    assert shown(table, NADIA, 1).merged == []


def test_G13_an_anonymous_author_stays_so() -> None:
    table = grouping(anonymous=True)
    table.do(NADIA, c.MergeIdea(idea(0), idea(1)))
    for member in (PAUL, NADIA, CLAIRE):
        assert [(part.text, part.author) for part in shown(table, member, 1).merged] == [("idée 0", None)]
    assert shown(table, PAUL, 0).own
    assert idea(0) not in table.sees(NADIA)


def test_G13_a_part_that_is_hidden_edited_or_removed_is_so_in_the_whole() -> None:
    table = grouping()
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(1)))
    table.do(CLAIRE, c.MergeIdea(idea(1), idea(2)))
    assert [part.text for part in shown(table, PAUL, 2).merged] == ["idée 0", "idée 1"]
    table.do(PAUL, c.EditIdea(idea(0), "mieux dit"))
    assert [part.text for part in shown(table, NADIA, 2).merged] == ["mieux dit", "idée 1"]
    table.do(CLAIRE, c.HidePost(idea(0)))
    assert [part.text for part in shown(table, NADIA, 2).merged] == ["idée 1"]
    assert [part.text for part in shown(table, CLAIRE, 2).merged] == ["idée 1"]
    table.do(CLAIRE, c.ShowPost(idea(0)))
    table.do(CLAIRE, c.UnmergeIdea(idea(1)))
    assert shown(table, NADIA, 2).merged == []
    assert [part.text for part in shown(table, NADIA, 1).merged] == ["mieux dit"], "with all that it has"


def test_G13_merging_goes_to_what_stands_and_never_in_a_circle() -> None:
    table = grouping()
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(1)))
    table.do(CLAIRE, c.MergeIdea(idea(2), idea(0)))
    assert [part.id for part in shown(table, NADIA, 1).merged] == [idea(0), idea(2)]
    assert table.do(CLAIRE, c.MergeIdea(idea(0), idea(1))) == []
    assert table.refused(CLAIRE, c.MergeIdea(idea(1), idea(0))) is Code.INVALID
    assert table.refused(CLAIRE, c.MergeIdea(idea(1), idea(1))) is Code.INVALID


@pytest.mark.parametrize("away", [c.HidePost(idea(0)), c.RemoveIdea(idea(0))])
def test_G13_only_what_everyone_reads_is_merged(away: c.Command) -> None:
    table = grouping()
    table.do(CLAIRE, away)
    for member in (PAUL, NADIA, CLAIRE):
        assert table.refused(member, c.MergeIdea(idea(0), idea(1))) is Code.NOT_FOUND
        assert table.refused(member, c.MergeIdea(idea(1), idea(0))) is Code.NOT_FOUND
    assert table.refused(PAUL, c.MergeIdea(idea(1), idea(9))) is Code.NOT_FOUND
