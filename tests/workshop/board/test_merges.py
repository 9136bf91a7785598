"""Ideas that say the same stand as one, until someone takes them apart (SPEC G12, G13)."""

import msgspec
import pytest

from protocol import commands as c
from protocol.errors import Code
from protocol.records import IdeaRecord, StepRecord, ZoneRecord
from server.workshop.board.standing import standing
from server.workshop.model import AUDIENCES, WORKSHOP
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table

GROUP, BLIND, OTHER = "step:000000000001", "step:000000000002", "step:000000000003"
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


def stands(table: Table, member: str) -> dict[int, int]:
    """Where each idea that a member sees stands, by the rule that SPEC G13 gives to clients."""
    seen = {id: idea for id, idea in table.sees(member).items() if isinstance(idea, IdeaRecord)}
    steps = {id: step for id, step in table.sees(member).items() if isinstance(step, StepRecord)}

    def is_open(idea: IdeaRecord) -> bool:
        step = steps.get(idea.step or "")
        return not (idea.hidden or idea.removed or (step and step.blind != "open" and not step.revealed))

    found = {}
    for id, idea in seen.items():
        while is_open(idea) and idea.into in seen and is_open(seen[idea.into]):
            idea = seen[idea.into]
        found[int(id[5:])] = int(idea.id[5:])
    return found


def test_G13_what_is_merged_stands_in_what_it_was_merged_into() -> None:
    table = grouping()
    table.do(NADIA, c.MergeIdea(idea(0), idea(1)))
    for member in (PAUL, NADIA, CLAIRE):
        part = shown(table, member, 0)
        assert (part.text, part.author, part.into) == ("idée 0", PAUL, idea(1))
        assert stands(table, member) == {0: 1, 1: 1, 2: 2}
    assert not [record for record in table.own(PAUL) if record.id == idea(0)], "it is everyone's"
    table.do(NADIA, c.UnmergeIdea(idea(0)))
    assert shown(table, NADIA, 0).into is None
    assert stands(table, NADIA) == {0: 0, 1: 1, 2: 2}


def test_G13_an_anonymous_author_stays_so() -> None:
    table = grouping(anonymous=True)
    table.do(NADIA, c.MergeIdea(idea(0), idea(1)))
    for member in (NADIA, CLAIRE):
        part = shown(table, member, 0)
        assert (part.text, part.author, part.at, part.own) == ("idée 0", None, None, False)
    assert (shown(table, PAUL, 0).own, shown(table, PAUL, 0).into) == (True, idea(1))


def test_G13_a_merge_and_an_edit_touch_one_record() -> None:
    table = grouping()
    for n, into in ((0, 1), (1, 2)):
        table.do(CLAIRE, c.MergeIdea(idea(n), idea(into)))
        changed = table.layers.shared["public"].since(table.layers.seq - 1)
        assert changed is not None
        assert [record.id for record in changed.put] == [idea(n)]
    table.do(PAUL, c.EditIdea(idea(0), "mieux dit"))
    table.do(CLAIRE, c.UnmergeIdea(idea(0)))
    changed = table.layers.shared["public"].since(table.layers.seq - 2)
    assert changed is not None
    assert [record.id for record in changed.put] == [idea(0)]
    assert not changed.gone


def test_G13_a_part_stands_alone_while_not_everyone_reads_what_it_is_in() -> None:
    """Seen: whoever took his card back took another's off the board, the screen and the minutes with it."""
    table = grouping()
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(1)))
    for away, back in (
        ((NADIA, c.RemoveIdea(idea(1))), (NADIA, c.RestoreIdea(idea(1)))),
        ((NADIA, c.RemoveIdea(idea(1))), (NADIA, c.UndoIdea())),
        ((CLAIRE, c.HidePost(idea(1))), (CLAIRE, c.ShowPost(idea(1)))),
        ((CLAIRE, c.RefusePost(idea(1), "trop long")), (NADIA, c.EditIdea(idea(1), "plus court"))),
    ):
        table.do(*away)
        for member in (PAUL, NADIA, CLAIRE):
            assert shown(table, member, 0).text == "idée 0"
            assert stands(table, member)[0] == 0, (away, member)
            assert standing(table.layers.state, idea(0)) == idea(0)
        table.do(*back)
        if isinstance(back[1], c.EditIdea):
            table.do(CLAIRE, c.ShowPost(idea(1)))
        for member in (PAUL, NADIA, CLAIRE):
            assert stands(table, member)[0] == 1, (back, member)
            assert standing(table.layers.state, idea(0)) == idea(1)


def test_G13_nor_while_the_step_of_what_it_is_in_is_blind() -> None:
    table = grouping()
    table.do(CLAIRE, c.AddStep(OTHER, "ideate", "Encore"))
    table.do(CLAIRE, c.GoToStep(OTHER))
    table.do(NADIA, c.AddIdea(idea(3), "idée 3"))
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(3)))
    table.do(CLAIRE, c.EditStep(OTHER, blind="hosts"))
    for member in (PAUL, NADIA, CLAIRE):
        assert stands(table, member)[0] == 0, member
    assert standing(table.layers.state, idea(0)) == idea(0)
    table.do(CLAIRE, c.RevealStep(OTHER))
    for member in (PAUL, NADIA, CLAIRE):
        assert stands(table, member)[0] == 3, member


def test_G13_of_a_chain_each_stands_below_the_first_that_is_gone() -> None:
    table = grouping()
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(1)))
    table.do(CLAIRE, c.MergeIdea(idea(1), idea(2)))
    assert stands(table, PAUL) == {0: 2, 1: 2, 2: 2}
    table.do(CLAIRE, c.HidePost(idea(1)))
    assert stands(table, PAUL) == {0: 0, 2: 2}
    assert stands(table, CLAIRE) == {0: 0, 1: 1, 2: 2}, "what is hidden stands in nothing"
    table.do(CLAIRE, c.ShowPost(idea(1)))
    table.do(CLAIRE, c.RemoveIdea(idea(2)))
    assert stands(table, PAUL) == {0: 1, 1: 1}


def test_G13_hiding_and_showing_what_many_stand_in_resends_none_of_them() -> None:
    table = grouping()
    for n in range(10, 40):
        table.do(PAUL, c.AddIdea(idea(n), f"idée {n}"))
        table.do(CLAIRE, c.MergeIdea(idea(n), idea(1)))
    for command in (c.HidePost(idea(1)), c.ShowPost(idea(1)), c.RemoveIdea(idea(1)), c.RestoreIdea(idea(1))):
        table.do(CLAIRE, command)
        for audience in AUDIENCES:
            changed = table.layers.shared[audience].since(table.layers.seq - 1)
            assert changed is not None
            assert [*(record.id for record in changed.put), *changed.gone] == [idea(1)]


def test_G13_whoever_is_left_alone_may_be_merged_and_taken_apart_anew() -> None:
    table = grouping()
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(1)))
    table.do(NADIA, c.RemoveIdea(idea(1)))
    table.do(PAUL, c.UnmergeIdea(idea(0)))
    table.do(NADIA, c.RestoreIdea(idea(1)))
    assert stands(table, PAUL) == {0: 0, 1: 1, 2: 2}, "taken apart while the other was away"

    table.do(CLAIRE, c.MergeIdea(idea(0), idea(1)))
    table.do(NADIA, c.RemoveIdea(idea(1)))
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(2)))
    table.do(NADIA, c.RestoreIdea(idea(1)))
    assert stands(table, PAUL) == {0: 2, 1: 1, 2: 2}, "it is where it was put last"


def test_G13_what_becomes_the_first_of_a_group_hangs_on_nothing_any_more() -> None:
    """Else three would stand in one another in a ring, once the one that was away is back."""
    table = grouping()
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(1)))
    table.do(CLAIRE, c.MergeIdea(idea(1), idea(2)))
    table.do(CLAIRE, c.HidePost(idea(1)))
    table.do(CLAIRE, c.MergeIdea(idea(2), idea(0)))
    table.do(CLAIRE, c.ShowPost(idea(1)))
    assert stands(table, PAUL) == {0: 0, 1: 0, 2: 0}
    assert shown(table, PAUL, 0).into is None


def test_G13_a_part_that_is_hidden_edited_or_removed_is_so_in_the_whole() -> None:
    table = grouping()
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(1)))
    table.do(CLAIRE, c.MergeIdea(idea(1), idea(2)))
    table.do(PAUL, c.EditIdea(idea(0), "mieux dit"))
    assert shown(table, NADIA, 0).text == "mieux dit"
    assert stands(table, NADIA) == {0: 2, 1: 2, 2: 2}
    table.do(CLAIRE, c.HidePost(idea(0)))
    assert stands(table, NADIA) == {1: 2, 2: 2}
    table.do(CLAIRE, c.ShowPost(idea(0)))
    table.do(CLAIRE, c.UnmergeIdea(idea(1)))
    assert stands(table, NADIA) == {0: 1, 1: 1, 2: 2}, "with all that it has"


def test_G13_merging_goes_to_what_stands_and_never_in_a_circle() -> None:
    table = grouping()
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(1)))
    table.do(CLAIRE, c.MergeIdea(idea(2), idea(0)))
    assert stands(table, NADIA) == {0: 1, 1: 1, 2: 1}
    assert table.do(CLAIRE, c.MergeIdea(idea(0), idea(1))) == []
    assert table.refused(CLAIRE, c.MergeIdea(idea(1), idea(0))) is Code.INVALID
    assert table.refused(CLAIRE, c.MergeIdea(idea(1), idea(1))) is Code.INVALID


def test_G13_no_deeper_than_a_file_can_hold() -> None:
    table = grouping()
    table.do(CLAIRE, c.GoToStep(None))
    for n in range(10, 62):
        table.do(CLAIRE, c.AddIdea(idea(n), f"idée {n}"))
    for n in range(10, 60):
        table.do(CLAIRE, c.MergeIdea(idea(n), idea(n + 1)))
    assert table.refused(CLAIRE, c.MergeIdea(idea(60), idea(61))) is Code.INVALID
    table.do(CLAIRE, c.MergeIdea(idea(61), idea(60)))
    file = [msgspec.to_builtins(record) for record in table.sees(CLAIRE).values()]
    assert WORKSHOP.imports(file)


@pytest.mark.parametrize("away", [c.HidePost(idea(0)), c.RemoveIdea(idea(0))])
def test_G13_only_what_everyone_reads_is_merged(away: c.Command) -> None:
    table = grouping()
    table.do(CLAIRE, away)
    for member in (PAUL, NADIA, CLAIRE):
        assert table.refused(member, c.MergeIdea(idea(0), idea(1))) is Code.NOT_FOUND
        assert table.refused(member, c.MergeIdea(idea(1), idea(0))) is Code.NOT_FOUND
    assert table.refused(PAUL, c.MergeIdea(idea(1), idea(9))) is Code.NOT_FOUND
