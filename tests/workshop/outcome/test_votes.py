"""Votes: dots, whose they are, and what a closed vote keeps (SPEC V)."""

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from protocol import commands as c
from protocol.choices import Targets
from protocol.errors import Code
from protocol.records import BallotRecord, DecisionRecord, MemberRecord, ResultRecord, StepRecord
from server.model.kernel import get
from server.workshop.model import AUDIENCES
from server.workshop.state.ballots import Ballot, ballot_id, result_id, suggested
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table, alias

VOTE, NEXT = "step:000000000001", "step:000000000002"
ZONE = "zone:000000000001"


def idea(n: int) -> str:
    return f"idea:{n:012d}"


def vote(budget: int = 5, cap: int = 3, targets: Targets = "ideas") -> Table:
    """Four ideas, and people in a vote on them."""
    table = Table()
    for n in range(4):
        table.do(PAUL, c.AddIdea(idea(n), f"idée {n}"))
    table.do(CLAIRE, c.AddZone(ZONE, "Réunions"))
    table.do(CLAIRE, c.AddStep(VOTE, "vote", "Choisir", budget=budget, cap=cap, targets=targets))
    table.do(CLAIRE, c.AddStep(NEXT, "decide", "Décider"))
    table.do(CLAIRE, c.GoToStep(VOTE))
    return table


def put(table: Table, member: str, **counts: int) -> None:
    """`_1=3`: three dots on idea 1."""
    for name, count in counts.items():
        table.do(member, c.PutDots(VOTE, idea(int(name[1:])), count))


def step(table: Table) -> StepRecord:
    record = table.records("public")[VOTE]
    assert isinstance(record, StepRecord)
    return record


def ballot(table: Table, member: str) -> BallotRecord:
    (record,) = (record for record in table.own(member) if isinstance(record, BallotRecord))
    return record


def dots(table: Table, member: str) -> Mapping[str, int]:
    return {on.lstrip("idea:0") or "0": n for on, n in ballot(table, member).dots.items()}


def result(table: Table) -> ResultRecord:
    table.do(CLAIRE, c.CountVote(VOTE))
    record = table.records("host")[result_id(VOTE)]
    assert isinstance(record, ResultRecord)
    return record


def totals(table: Table) -> list[tuple[str, int, int]]:
    return [(total.text, total.dots, total.voters) for total in result(table).totals]


def test_V1_a_budget_and_a_cap() -> None:
    table = vote(budget=5, cap=3)
    assert table.refused(PAUL, c.PutDots(VOTE, idea(0), 4)) is Code.OVER_CAP
    put(table, PAUL, _0=3, _1=2)
    assert table.refused(PAUL, c.PutDots(VOTE, idea(2), 1)) is Code.OVER_BUDGET
    put(table, PAUL, _0=1, _2=2)
    assert dots(table, PAUL) == {"0": 1, "1": 2, "2": 2}
    assert table.do(PAUL, c.PutDots(VOTE, idea(1), 2)) == []


@pytest.mark.parametrize(("things", "dots"), [(0, (3, 2)), (4, (3, 2)), (20, (5, 3)), (29, (7, 4)), (300, (10, 5))])
def test_V1_what_is_suggested(things: int, dots: tuple[int, int]) -> None:
    assert suggested(things) == dots


def test_V1_what_the_host_leaves_open_is_suggested_when_people_come() -> None:
    table = vote(budget=0, cap=0)
    assert (step(table).budget, step(table).cap) == (3, 2)
    for n in range(4, 20):
        table.do(PAUL, c.AddIdea(idea(n), f"idée {n}"))
    table.do(CLAIRE, c.GoToStep(NEXT))
    table.do(CLAIRE, c.GoToStep(VOTE))
    assert (step(table).budget, step(table).cap) == (3, 2), "it does not change under those who vote"
    table.do(CLAIRE, c.EditStep(VOTE, budget=0, cap=0))
    assert (step(table).budget, step(table).cap) == (5, 3)


def test_G14_V1_what_people_say_of_themselves_and_what_is_gone_is_not_to_be_chosen() -> None:
    table = vote(budget=0, cap=0)
    meeting = "step:000000000003"
    table.do(CLAIRE, c.AddStep(meeting, "meet", "Qui est là ?"))
    table.do(CLAIRE, c.GoToStep(meeting))
    for n in range(4, 40):
        table.do(PAUL, c.AddIdea(idea(n), f"Je peux aider, la {n}"))
    table.do(CLAIRE, c.GoToStep(NEXT))
    for n in range(40, 60):
        table.do(PAUL, c.AddIdea(idea(n), f"idée {n}"))
    for n in range(40, 44):
        table.do(PAUL, c.RemoveIdea(idea(n)))
    table.do(CLAIRE, c.EditStep(VOTE, budget=0, cap=0))
    table.do(CLAIRE, c.GoToStep(VOTE))
    assert (step(table).budget, step(table).cap) == suggested(20) == (5, 3)
    assert table.refused(PAUL, c.PutDots(VOTE, idea(4), 1)) is Code.INVALID
    put(table, PAUL, _0=1)


def test_V1_who_has_voted_loses_no_dots() -> None:
    table = vote()
    put(table, PAUL, _0=3)
    for edit in (c.EditStep(VOTE, budget=4), c.EditStep(VOTE, cap=2), c.EditStep(VOTE, targets="zones")):
        assert table.refused(CLAIRE, edit) is Code.IN_USE
    table.do(CLAIRE, c.EditStep(VOTE, budget=6, cap=4))
    put(table, PAUL, _0=4, _1=2)
    table.do(CLAIRE, c.GoToStep(NEXT))
    assert table.refused(CLAIRE, c.RemoveStep(VOTE)) is Code.IN_USE


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (c.PutDots(VOTE, idea(9), 1), Code.NOT_FOUND),
        (c.PutDots(VOTE, ZONE, 1), Code.INVALID),
        (c.PutDots("step:zzzzzzzzzzzz", idea(0), 1), Code.NOT_FOUND),
        (c.PutDots(NEXT, idea(0), 1), Code.INVALID),
    ],
)
def test_V1_dots_lie_on_what_is_voted_on(command: c.Command, code: Code) -> None:
    assert vote().refused(PAUL, command) is code


def test_V1_before_people_have_come_to_a_vote_it_is_not_open() -> None:
    table = Table()
    table.do(PAUL, c.AddIdea(idea(0), "idée"))
    table.do(CLAIRE, c.AddStep(VOTE, "vote", "Choisir"))
    assert table.refused(PAUL, c.PutDots(VOTE, idea(0), 1)) is Code.NOT_OPEN
    assert table.refused(CLAIRE, c.CloseVote(VOTE)) is Code.NOT_OPEN


def test_V1_groups_can_be_voted_on() -> None:
    table = vote(targets="zones")
    table.do(PAUL, c.PutDots(VOTE, ZONE, 2))
    assert table.refused(PAUL, c.PutDots(VOTE, idea(0), 1)) is Code.INVALID
    table.do(CLAIRE, c.CloseVote(VOTE))
    assert totals(table) == [("Réunions", 2, 1)]
    table.do(CLAIRE, c.RemoveZone(ZONE))
    assert totals(table) == [("Réunions", 2, 1)]


def test_V2_others_learn_how_many_and_not_who_or_what() -> None:
    table = vote()
    put(table, PAUL, _0=2)
    assert step(table).voted == 1
    put(table, NADIA, _0=1)
    put(table, NADIA, _0=0)
    assert step(table).voted == 1
    for audience in AUDIENCES:
        assert not [record for record in table.records(audience).values() if isinstance(record, BallotRecord)]
        assert result_id(VOTE) not in table.records(audience)
    assert not [record for record in table.own(NADIA) if isinstance(record, BallotRecord)]
    written = repr([event for commit in table.commits for event in commit if "Dots" in type(event).__name__])
    assert alias(VOTE, PAUL) in written
    assert PAUL not in written, "nor does the journal know who"


def test_V3_closing_and_revealing_are_two_things() -> None:
    table = vote()
    put(table, PAUL, _0=2, _1=1)
    put(table, NADIA, _0=1)
    assert table.refused(CLAIRE, c.RevealVote(VOTE)) is Code.STILL_OPEN
    table.do(CLAIRE, c.CloseVote(VOTE))
    assert table.refused(PAUL, c.PutDots(VOTE, idea(2), 1)) is Code.CLOSED
    assert totals(table) == [("idée 0", 3, 2), ("idée 1", 1, 1)]
    assert result_id(VOTE) not in table.records("public")
    table.do(CLAIRE, c.RevealVote(VOTE))
    assert replace(table.records("public")[result_id(VOTE)], v=0) == replace(result(table), v=0)
    assert step(table).shown
    assert table.refused(CLAIRE, c.ReopenVote(VOTE)) is Code.CLOSED


def test_V3_a_close_tells_hosts_how_many_voted_and_can_be_taken_back() -> None:
    table = vote()
    put(table, PAUL, _0=2)
    assert table.refused(CLAIRE, c.CountVote(VOTE)) is Code.STILL_OPEN
    table.do(CLAIRE, c.CloseVote(VOTE))
    for audience in AUDIENCES:
        assert result_id(VOTE) not in table.records(audience)
    assert step(table).voted == 1
    table.do(CLAIRE, c.ReopenVote(VOTE))
    put(table, PAUL, _2=1)
    table.do(CLAIRE, c.CloseVote(VOTE))
    table.do(CLAIRE, c.RevealVote(VOTE))
    assert result_id(VOTE) in table.records("public")


def test_V3_who_has_seen_the_result_does_not_reopen_the_vote() -> None:
    """A close, a look and a reopening around each ballot would read every one."""
    table = vote()
    put(table, PAUL, _0=2)
    table.do(CLAIRE, c.CloseVote(VOTE))
    table.do(CLAIRE, c.CountVote(VOTE))
    assert result_id(VOTE) in table.records("host")
    assert result_id(VOTE) not in table.records("public")
    assert table.refused(CLAIRE, c.ReopenVote(VOTE)) is Code.CLOSED
    told = table.records("host")[VOTE], table.records("public")[VOTE]
    assert [record.counted for record in told if isinstance(record, StepRecord)] == [True, False]
    assert table.do(CLAIRE, c.CountVote(VOTE)) == []
    assert table.refused(PAUL, c.CountVote(VOTE)) is Code.FORBIDDEN


def test_V3_nothing_done_later_alters_a_result() -> None:
    table = vote()
    put(table, PAUL, _0=2, _1=1)
    table.do(CLAIRE, c.CloseVote(VOTE))
    before = totals(table)
    table.do(CLAIRE, c.EditIdea(idea(0), "tout autre chose"))
    table.do(CLAIRE, c.MergeIdea(idea(1), idea(0)))
    table.do(CLAIRE, c.GoToStep(NEXT))
    table.do(CLAIRE, c.GoToStep(VOTE))
    assert totals(table) == before


@pytest.mark.parametrize("command", [c.HidePost(idea(0)), c.RemoveIdea(idea(0))])
def test_V3_a_text_taken_from_peoples_eyes_is_not_in_the_result(command: c.Command) -> None:
    table = vote()
    put(table, PAUL, _0=2)
    table.do(CLAIRE, c.CloseVote(VOTE))
    table.do(CLAIRE, c.RevealVote(VOTE))
    table.do(CLAIRE, command)
    for audience in AUDIENCES:
        shown = table.records(audience)[result_id(VOTE)]
        assert isinstance(shown, ResultRecord)
        assert [(total.text, total.dots) for total in shown.totals] == [("", 2)]


@pytest.mark.parametrize(
    ("away", "back"),
    [(c.HidePost(idea(0)), c.ShowPost(idea(0))), (c.RemoveIdea(idea(0)), c.RestoreIdea(idea(0)))],
)
def test_V4_dots_on_what_goes_come_back(away: c.Command, back: c.Command) -> None:
    table = vote()
    put(table, PAUL, _0=3, _1=2)
    table.do(CLAIRE, away)
    assert dots(table, PAUL) == {"1": 2}
    assert ballot(table, PAUL).returned == (idea(0),)
    assert table.refused(PAUL, c.PutDots(VOTE, idea(0), 1)) is Code.NOT_FOUND
    table.do(CLAIRE, back)
    assert dots(table, PAUL) == {"0": 3, "1": 2}

    table.do(CLAIRE, away)
    put(table, PAUL, _2=2)
    table.do(CLAIRE, back)
    assert dots(table, PAUL) == {"0": 1, "1": 2, "2": 2}, "those put elsewhere are not there any more"


def test_V4_a_ballot_tells_what_counts_also_while_the_vote_is_closed() -> None:
    """Found by a simulated story: whoever was there kept the ballot of before, whoever came saw another."""
    table = vote()
    put(table, PAUL, _0=3, _1=2)
    table.do(CLAIRE, c.CloseVote(VOTE))
    table.do(CLAIRE, c.HidePost(idea(0)))
    assert ballot(table, PAUL).returned == (idea(0),)
    table.do(CLAIRE, c.ReopenVote(VOTE))
    assert dots(table, PAUL) == {"1": 2}


def test_V4_dots_on_what_nobody_reads_any_more_come_back() -> None:
    """Found by a simulated story: a step made blind takes its ideas from people's eyes, as hiding does."""
    table = vote()
    table.do(CLAIRE, c.AddStep("step:000000000009", "ideate", "Nos idées"))
    table.do(CLAIRE, c.GoToStep("step:000000000009"))
    table.do(PAUL, c.AddIdea(idea(7), "une idée lue de tous"))
    table.do(CLAIRE, c.AddDecision("decision:000000000001", "Décidé", idea(7)))
    put(table, PAUL, _7=2)
    table.do(CLAIRE, c.EditStep("step:000000000009", blind="hosts"))
    assert ballot(table, PAUL).returned == (idea(7),)
    decision = table.records("public")["decision:000000000001"]
    assert isinstance(decision, DecisionRecord)
    assert decision.quote == ""
    table.do(CLAIRE, c.RevealStep("step:000000000009"))
    assert dots(table, PAUL) == {"7": 2}


def test_V4_merged_dots_add_up_to_the_cap_and_the_rest_comes_back() -> None:
    table = vote(budget=5, cap=3)
    put(table, PAUL, _0=2, _1=2)
    put(table, NADIA, _1=1)
    table.do(CLAIRE, c.MergeIdea(idea(1), idea(0)))
    assert dots(table, PAUL) == {"0": 3}
    assert ballot(table, PAUL).returned == (idea(0),)
    assert dots(table, NADIA) == {"0": 1}
    assert table.refused(PAUL, c.PutDots(VOTE, idea(1), 1)) is Code.NOT_FOUND

    table.do(CLAIRE, c.UnmergeIdea(idea(1)))
    assert dots(table, PAUL) == {"0": 2, "1": 2}

    table.do(CLAIRE, c.MergeIdea(idea(1), idea(0)))
    put(table, PAUL, _2=2)
    table.do(CLAIRE, c.CloseVote(VOTE))
    assert totals(table) == [("idée 0", 4, 2), ("idée 2", 2, 1)]


@pytest.mark.parametrize("away", [c.RemoveIdea(idea(0)), c.HidePost(idea(0)), c.RefusePost(idea(0), "non")])
def test_V4_dots_on_a_part_that_goes_come_back_from_it(away: c.Command) -> None:
    """Seen: they stayed with what it had been merged into, and nobody was told."""
    table = vote()
    put(table, PAUL, _0=3)
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(1)))
    assert dots(table, PAUL) == {"1": 3}
    table.do(CLAIRE, away)
    assert dots(table, PAUL) == {}
    assert ballot(table, PAUL).returned == (idea(0),)
    table.do(CLAIRE, c.CloseVote(VOTE))
    assert totals(table) == []


@pytest.mark.parametrize("away", [c.RemoveIdea(idea(1)), c.HidePost(idea(1)), c.RefusePost(idea(1), "non")])
def test_V4_dots_on_a_part_stay_with_it_when_the_whole_goes(away: c.Command) -> None:
    table = vote()
    put(table, PAUL, _0=1, _1=2)
    table.do(CLAIRE, c.MergeIdea(idea(0), idea(1)))
    assert dots(table, PAUL) == {"1": 3}
    table.do(CLAIRE, away)
    assert dots(table, PAUL) == {"0": 1}
    assert ballot(table, PAUL).returned == (idea(1),)
    put(table, PAUL, _0=2)
    table.do(CLAIRE, c.CloseVote(VOTE))
    assert totals(table) == [("idée 0", 2, 1)]


def test_V4_a_stack_put_anew_lies_on_the_one_that_stands() -> None:
    table = vote(budget=5, cap=3)
    put(table, PAUL, _0=1, _1=2)
    table.do(CLAIRE, c.MergeIdea(idea(1), idea(0)))
    put(table, PAUL, _0=2)
    table.do(CLAIRE, c.UnmergeIdea(idea(1)))
    assert dots(table, PAUL) == {"0": 2}


def test_V5_a_table_counts_as_many_as_it_is() -> None:
    table = vote()
    table.do(PAUL, c.SetWeight(8))
    member = table.records("public")[PAUL]
    assert isinstance(member, MemberRecord)
    assert member.weight == 8
    put(table, PAUL, _0=2)
    put(table, NADIA, _0=1, _1=1)
    assert table.refused(PAUL, c.SetWeight(2)) is Code.IN_USE
    table.do(CLAIRE, c.CloseVote(VOTE))
    assert totals(table) == [("idée 0", 17, 9), ("idée 1", 1, 1)]
    assert (result(table).voters, result(table).weight) == (2, 9)
    table.do(PAUL, c.SetWeight(1))
    assert totals(table) == [("idée 0", 17, 9), ("idée 1", 1, 1)]


def test_V5_more_than_the_room_takes_for_granted_waits_for_a_host() -> None:
    table = vote()

    def seat(member: str = PAUL) -> tuple[int, int]:
        record = table.records("public")[member]
        assert isinstance(record, MemberRecord)
        return record.weight, record.asked

    table.do(PAUL, c.SetWeight(10))
    assert seat() == (10, 0)
    table.do(PAUL, c.SetWeight(16))
    assert seat() == (10, 16)
    put(table, PAUL, _0=1)
    assert table.refused(NADIA, c.SetWeight(16, PAUL)) is Code.FORBIDDEN
    assert table.refused(CLAIRE, c.SetWeight(16, "member:000000000009")) is Code.NOT_FOUND
    # A host is not told by a refusal who has voted; the ballot weighs what it weighed when it was begun.
    table.do(CLAIRE, c.SetWeight(16, PAUL))
    assert seat() == (16, 0)
    table.do(CLAIRE, c.CloseVote(VOTE))
    assert totals(table)[0] == ("idée 0", 10, 10)
    # What was confirmed is not asked again; what is said of less needs nobody.
    table.do(PAUL, c.SetWeight(14))
    assert seat() == (14, 0)
    table.do(CLAIRE, c.SetRoom(unconfirmed=1))
    table.do(PAUL, c.SetWeight(15))
    assert seat() == (14, 15)
    table.do(NADIA, c.SetWeight(2))
    assert seat(NADIA) == (0, 2)
    table.do(CLAIRE, c.SetWeight(1, NADIA))
    assert seat(NADIA) == (0, 0)
    table.do(CLAIRE, c.SetWeight(20))
    assert seat(CLAIRE) == (20, 0)


def test_V6_a_host_has_no_dots() -> None:
    table = vote()
    assert table.refused(CLAIRE, c.PutDots(VOTE, idea(0), 1)) is Code.FORBIDDEN


def test_a_ballot_without_dots_is_gone() -> None:
    table = vote()
    put(table, PAUL, _0=2)
    put(table, PAUL, _0=0)
    assert get(table.layers.state, ballot_id(alias(VOTE, PAUL)), Ballot) is None
    assert step(table).voted == 0
