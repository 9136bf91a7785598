"""Questions of the room: asked in a step of their own, supported by others, answered by hosts (SPEC U12, U13)."""

import pytest

from protocol import commands as c
from protocol.errors import Code
from protocol.records import IdeaRecord
from server.model.restoring import LATEST
from server.workshop.model import AUDIENCES, WORKSHOP
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table
from tests.workshop.test_imports import exported, imported

STEP, OTHER = "step:000000000001", "step:000000000002"
ASKED, SECOND, IDEA = "idea:000000000001", "idea:000000000002", "idea:000000000003"


def asking(**settings: bool) -> Table:
    """Two questions of Paul's, in a step of the kind, and an idea of Nadia's from before."""
    table = Table()
    table.do(NADIA, c.AddIdea(IDEA, "Moins de réunions"))
    table.do(CLAIRE, c.AddStep(STEP, "questions", "Vos questions", **settings))  # type: ignore[arg-type]  # switches
    table.do(CLAIRE, c.GoToStep(STEP))
    table.do(PAUL, c.AddIdea(ASKED, "Et les horaires ?"))
    table.do(PAUL, c.AddIdea(SECOND, "Qui décide ?"))
    return table


def question(table: Table, id: str = ASKED) -> IdeaRecord:
    record = table.records("public")[id]
    assert isinstance(record, IdeaRecord)
    return record


def test_U12_what_is_written_in_such_a_step_is_filed_in_it_and_supported_once_a_person() -> None:
    table = asking()
    assert question(table).step == STEP
    for member in (PAUL, NADIA, CLAIRE):
        table.do(member, c.AddReaction(ASKED, "like"))
    assert table.do(NADIA, c.AddReaction(ASKED, "like")) == []
    assert question(table).reactions == {"like": 3}
    table.do(NADIA, c.RemoveReaction(ASKED, "like"))
    assert question(table).reactions == {"like": 2}


def test_U12_where_nobody_is_named_nobody_is() -> None:
    table = asking(anonymous=True)
    table.do(NADIA, c.AddReaction(ASKED, "like"))
    for audience in AUDIENCES:
        seen = table.records(audience)[ASKED]
        assert isinstance(seen, IdeaRecord)
        assert (seen.author, seen.at) == (None, None)
    assert PAUL not in repr(table.commits[-3:])


def test_U12_a_question_is_no_idea_of_the_board() -> None:
    table = asking()
    table.do(CLAIRE, c.AddStep(OTHER, "vote", "Choisir", budget=3, cap=3))
    table.do(CLAIRE, c.GoToStep(OTHER))
    assert table.refused(PAUL, c.PutDots(OTHER, ASKED, 1)) is Code.INVALID
    assert table.refused(PAUL, c.AddRemark("remark:000000000001", ASKED, "offer", "Moi")) is Code.INVALID
    assert table.refused(CLAIRE, c.SetTopics(1, about=[ASKED])) is not None
    public = table.records("public").values()
    assert [id for id, _ in WORKSHOP.comparable(table.layers.state, public)] == [IDEA]


@pytest.mark.parametrize(("id", "into"), [(ASKED, SECOND), (ASKED, IDEA), (IDEA, ASKED)])
def test_U12_a_question_is_merged_with_nothing(id: str, into: str) -> None:
    """Whoever supported both would count twice."""
    assert asking().refused(CLAIRE, c.MergeIdea(id, into)) is Code.INVALID


def test_U12_it_counts_for_no_dots_that_are_suggested() -> None:
    table = Table()
    table.do(CLAIRE, c.AddStep(STEP, "questions", "Vos questions"))
    table.do(CLAIRE, c.GoToStep(STEP))
    for n in range(40):
        table.do(PAUL, c.AddIdea(f"idea:{n:012d}", f"Question {n} ?"))
    table.do(CLAIRE, c.AddStep(OTHER, "vote", "Choisir"))
    table.do(CLAIRE, c.GoToStep(OTHER))
    step = table.records("public")[OTHER]
    assert getattr(step, "budget", None) == 3


def test_U13_hosts_say_that_it_was_answered_and_that_it_was_not() -> None:
    table = asking()
    table.do(CLAIRE, c.AnswerQuestion(ASKED))
    assert question(table).answered
    assert table.do(CLAIRE, c.AnswerQuestion(ASKED)) == []
    table.do(NADIA, c.AddReaction(ASKED, "like"))
    assert question(table).reactions == {"like": 1}
    again = imported(exported(table))
    assert (question(again).answered, question(again, SECOND).answered) == (True, False)
    table.do(CLAIRE, c.AnswerQuestion(ASKED, False))
    assert not question(table).answered


def test_U13_of_what_is_no_question_or_gone_nothing_is_said() -> None:
    table = asking()
    assert table.refused(CLAIRE, c.AnswerQuestion(IDEA)) is Code.INVALID
    assert table.refused(PAUL, c.AnswerQuestion(ASKED)) is Code.FORBIDDEN
    table.do(PAUL, c.RemoveIdea(ASKED))
    assert table.refused(CLAIRE, c.AnswerQuestion(ASKED)) is Code.NOT_FOUND
    assert table.refused(CLAIRE, c.AnswerQuestion("idea:000000000009")) is Code.NOT_FOUND


def test_U13_a_file_makes_no_answered_question_of_an_idea() -> None:
    again = imported([{"id": IDEA, "text": "x", "rank": "a0", "answered": True, "at": LATEST}])
    assert not question(again, IDEA).answered
