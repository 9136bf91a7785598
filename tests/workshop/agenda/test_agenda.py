"""The workshop: steps, who reads what is written in them, under which name, and their clocks (SPEC G)."""

import pytest

from protocol import commands as c
from protocol.choices import Blind
from protocol.errors import Code, Refusal
from protocol.records import AgendaRecord, IdeaRecord, ReadyRecord, Record, StageRecord, StepRecord
from server.model.kernel import Actor, Context
from server.model.model import Relay
from server.workshop.board.ideas import Idea
from server.workshop.model import WORKSHOP
from server.workshop.signals import relay
from server.workshop.state.steps import GRACE, STEPS, step_of
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table, alias

ONE, TWO = "step:000000000001", "step:000000000002"


def idea(n: int) -> str:
    return f"idea:{n:012d}"


def workshop(*, blind: Blind = "open", anonymous: bool = False, moderated: bool = False, minutes: int = 0) -> Table:
    """Two steps, and people in the first."""
    table = Table()
    step = c.AddStep(ONE, "ideate", "Idées", blind=blind, anonymous=anonymous, moderated=moderated, minutes=minutes)
    table.do(CLAIRE, step)
    table.do(CLAIRE, c.AddStep(TWO, "group", "Rapprocher"))
    table.do(CLAIRE, c.GoToStep(ONE))
    return table


def step(table: Table, id: str = ONE) -> StepRecord:
    record = table.records("public")[id]
    assert isinstance(record, StepRecord)
    return record


def written(records: dict[str, Record], n: int = 1) -> IdeaRecord | None:
    record = records.get(idea(n))
    assert record is None or isinstance(record, IdeaRecord)
    return record


def test_G1_an_agenda_has_a_bound_and_a_step_that_is_used_stays() -> None:
    table = workshop()
    for n in range(3, STEPS + 1):
        table.do(CLAIRE, c.AddStep(f"step:{n:012d}", "discuss", "x", before=TWO))
    assert table.refused(CLAIRE, c.AddStep("step:zzzzzzzzzzzz", "discuss", "x")) is Code.TOO_MANY
    assert table.refused(CLAIRE, c.RemoveStep(ONE)) is Code.IN_USE
    table.do(PAUL, c.AddIdea(idea(1), "une idée"))
    table.do(CLAIRE, c.GoToStep(None))
    assert table.refused(CLAIRE, c.RemoveStep(ONE)) is Code.IN_USE
    table.do(CLAIRE, c.GoToStep(TWO))
    table.do(PAUL, c.SayReady(TWO))
    table.do(CLAIRE, c.GoToStep(None))
    assert table.refused(CLAIRE, c.RemoveStep(TWO)) is Code.IN_USE
    table.do(PAUL, c.SayReady(TWO, on=False))
    table.do(CLAIRE, c.RemoveStep(TWO))
    assert TWO not in table.records("public")


def test_G1_steps_stand_where_they_are_put() -> None:
    table = workshop()
    table.do(CLAIRE, c.MoveStep(TWO, ONE))
    assert step(table, TWO).rank < step(table).rank
    table.do(CLAIRE, c.MoveStep(TWO))
    assert step(table, TWO).rank > step(table).rank


def test_G2_going_forth_and_back_loses_nothing() -> None:
    table = workshop(blind="nobody", anonymous=True)
    table.do(PAUL, c.AddIdea(idea(1), "une idée"))
    before = step_of(table.layers.state, ONE), table.layers.state[idea(1)]
    table.do(CLAIRE, c.GoToStep(TWO, leaving=ONE))
    assert table.refused(CLAIRE, c.GoToStep(None, leaving=ONE)) is Code.SUPERSEDED
    table.do(CLAIRE, c.GoToStep(ONE))
    assert (step_of(table.layers.state, ONE), table.layers.state[idea(1)]) == before
    here = table.records("public")["agenda:of-this-room"]
    assert isinstance(here, AgendaRecord)
    assert here.now == ONE


@pytest.mark.parametrize(("blind", "host_reads"), [("nobody", False), ("hosts", True)])
def test_G3_nobody_reads_before_the_reveal_and_all_do_after(blind: Blind, host_reads: bool) -> None:
    table = workshop(blind=blind)
    table.do(PAUL, c.AddIdea(idea(1), "secret"))
    assert written(table.records("public")) is None
    assert (written(table.records("host")) is not None) is host_reads
    assert written(table.sees(PAUL)) is not None
    assert idea(1) not in table.sees(NADIA)
    assert step(table).written == 1
    for command in (c.EditIdea(idea(1), "x"), c.MoveIdea(idea(1)), c.AddReaction(idea(1), "love")):
        assert table.refused(NADIA, command) is Code.NOT_FOUND
    if not host_reads:
        assert table.refused(CLAIRE, c.HidePost(idea(1))) is Code.NOT_FOUND
    table.do(CLAIRE, c.RevealStep(ONE))
    assert written(table.records("public")) is not None
    assert step(table).revealed and step(table).written == 0
    table.do(NADIA, c.AddIdea(idea(2), "après"))
    assert written(table.records("public"), 2) is not None


@pytest.mark.parametrize("anonymous", [False, True])
def test_G3_how_many_there_are_are_those_that_were_not_taken_back(anonymous: bool) -> None:
    table = workshop(blind="hosts", anonymous=anonymous)
    for n in (1, 2):
        table.do(PAUL, c.AddIdea(idea(n), "secret"))
    told = []
    for member, command in (
        (PAUL, c.RemoveIdea(idea(1))),
        (PAUL, c.RestoreIdea(idea(1))),
        (PAUL, c.RemoveIdea(idea(1))),
        (PAUL, c.UndoIdea(idea(1))),
        (PAUL, c.MoveIdea(idea(1), before=idea(2))),
        (PAUL, c.UndoIdea(idea(1))),
        (CLAIRE, c.HidePost(idea(1))),
        (CLAIRE, c.RemoveIdea(idea(1))),
        (CLAIRE, c.RemoveIdea(idea(2))),
    ):
        table.do(member, command)
        told.append(step(table).written)
    assert told == [1, 2, 1, 2, 2, 2, 2, 1, 0]
    table.do(CLAIRE, c.GoToStep(None))
    assert table.refused(CLAIRE, c.RemoveStep(ONE)) is Code.IN_USE
    table.do(CLAIRE, c.RevealStep(ONE))
    assert not [record for record in table.records("public").values() if isinstance(record, IdeaRecord)]


def test_G4_nobody_learns_who_wrote_and_the_journal_does_not_know() -> None:
    table = workshop(anonymous=True)
    table.do(PAUL, c.AddIdea(idea(1), "une idée"))
    table.do(PAUL, c.AddReaction(idea(1), "love"))
    for audience in ("public", "host"):
        seen = written(table.records(audience))
        assert seen is not None
        assert (seen.author, seen.at, seen.own, seen.anonymous) == (None, None, False, True)
    mine = written(table.sees(PAUL))
    assert mine is not None and mine.own
    table.do(PAUL, c.EditIdea(idea(1), "mieux"))
    table.do(PAUL, c.MoveIdea(idea(1), None))
    table.do(PAUL, c.RemoveIdea(idea(1)))
    table.do(PAUL, c.UndoIdea(idea(1)))
    assert written(table.records("public")) is not None
    assert table.refused(NADIA, c.EditIdea(idea(1), "x")) is Code.FORBIDDEN
    told = [event for commit in table.commits[4:] for event in commit]
    assert told and PAUL not in repr(told)
    kept = table.layers.state[idea(1)]
    assert isinstance(kept, Idea)
    assert kept.author == alias(ONE, PAUL)


def test_G4_once_revealed_the_order_does_not_tell_when() -> None:
    table = workshop(anonymous=True, blind="nobody")
    for n in (3, 1, 2):
        table.do(PAUL, c.AddIdea(idea(n), f"idée {n}"))
    table.do(CLAIRE, c.RevealStep(ONE))
    ideas = [record for record in table.records("public").values() if isinstance(record, IdeaRecord)]
    assert [record.id for record in sorted(ideas, key=lambda record: record.rank)] == [idea(1), idea(2), idea(3)]


def test_G5_what_was_typed_when_the_step_changed_is_on_time() -> None:
    table = workshop()
    table.do(CLAIRE, c.GoToStep(TWO))
    left, paul = table.layers.at, Actor(PAUL, "participant")

    def late(command: c.AddIdea, after: int) -> object:
        return WORKSHOP.decide(table.layers.state, command, Context(paul, left + after))

    on_time = late(c.AddIdea(idea(1), "x", step=ONE), GRACE)
    assert "late=False" in repr(on_time) and ONE in repr(on_time)
    with pytest.raises(Refusal, match="step_over"):
        late(c.AddIdea(idea(1), "x", step=ONE), GRACE + 1)
    assert "late=True" in repr(late(c.AddIdea(idea(1), "x", step=ONE, late=True), GRACE + 1))
    assert TWO in repr(late(c.AddIdea(idea(1), "x"), 1))
    table.do(CLAIRE, c.AddStep("step:000000000003", "ideate", "Plus tard"))
    assert table.refused(PAUL, c.AddIdea(idea(1), "x", step="step:000000000003")) is Code.NOT_OPEN


def test_G6_discretion_only_grows_once_people_are_there() -> None:
    table = workshop(blind="hosts", anonymous=True)
    assert table.refused(CLAIRE, c.EditStep(ONE, blind="open")) is Code.RATCHET
    assert table.refused(CLAIRE, c.EditStep(ONE, anonymous=False)) is Code.RATCHET
    table.do(CLAIRE, c.EditStep(ONE, blind="nobody", title="Autrement"))
    assert (step(table).blind, step(table).title) == ("nobody", "Autrement")
    table.do(CLAIRE, c.EditStep(TWO, blind="nobody"))
    table.do(CLAIRE, c.EditStep(TWO, blind="open"))  # nobody has been there


def test_G6_what_was_written_before_becomes_as_discreet() -> None:
    table = workshop()
    table.do(PAUL, c.AddIdea(idea(1), "une idée"))
    table.do(CLAIRE, c.EditStep(ONE, anonymous=True, blind="hosts"))
    assert written(table.records("public")) is None
    seen, mine = written(table.records("host")), written(table.sees(PAUL))
    assert seen is not None and seen.author is None
    assert mine is not None and mine.own


def test_G7_a_moderated_step_shows_nothing_before_a_host_does() -> None:
    table = workshop(moderated=True)
    assert table.refused(CLAIRE, c.EditStep(ONE, blind="nobody")) is Code.INVALID
    table.do(PAUL, c.AddIdea(idea(1), "une idée"))
    assert written(table.records("public")) is None
    assert written(table.records("host")) is not None
    table.do(CLAIRE, c.ShowPost(idea(1)))
    assert written(table.records("public")) is not None


def test_G8_G9_a_clock_rests_while_people_are_elsewhere() -> None:
    table = workshop(minutes=10)
    ends = step(table).ends
    assert ends == table.layers.at + 600_000
    table.do(CLAIRE, c.GoToStep(TWO))
    left = step(table).left
    assert step(table).ends is None and left is not None and left < 600_000
    table.do(CLAIRE, c.GoToStep(ONE))
    assert step(table).ends == table.layers.at + left
    table.do(CLAIRE, c.PauseTimer())
    table.do(CLAIRE, c.AddTime(60_000))
    assert step(table).ends is None
    table.do(CLAIRE, c.StartTimer())
    assert step(table).ends == table.layers.at + left + 60_000 - 1
    table.do(CLAIRE, c.GoToStep(None))
    assert table.refused(CLAIRE, c.AddTime()) is Code.NOT_OPEN


def test_G10_the_stage_is_what_a_host_says() -> None:
    table = workshop()
    table.do(CLAIRE, c.SetStage("black"))
    stage = table.records("public")["stage:of-this-room"]
    assert isinstance(stage, StageRecord) and stage.view == "black"
    assert table.refused(CLAIRE, c.SetStage("ideas", idea(9))) is Code.NOT_FOUND


def test_G10_with_another_step_the_screen_shows_what_that_one_asks_for_unless_it_is_black() -> None:
    table = workshop()
    table.do(PAUL, c.AddIdea(idea(1), "Un banc", step=ONE))

    def shown() -> tuple[str, str | None]:
        stage = table.records("public")["stage:of-this-room"]
        assert isinstance(stage, StageRecord)
        return stage.view, stage.on

    table.do(CLAIRE, c.SetStage("ideas", idea(1)))
    table.do(CLAIRE, c.GoToStep(ONE))
    assert shown() == ("ideas", idea(1))
    table.do(CLAIRE, c.GoToStep(TWO))
    assert shown() == ("auto", None)
    table.do(CLAIRE, c.SetStage("black"))
    table.do(CLAIRE, c.GoToStep(ONE))
    assert shown() == ("black", None)


def test_V7_how_many_are_gone_on_with_is_what_hosts_say() -> None:
    table = workshop()
    for carried in (4, 0):
        table.do(CLAIRE, c.EditStep(TWO, carried=carried))
        record = table.records("public")[TWO]
        assert isinstance(record, StepRecord) and record.carried == carried


def test_G10_a_page_is_held_until_it_is_let_go_or_the_step_changes() -> None:
    table = workshop()

    def page() -> int:
        stage = table.records("public")["stage:of-this-room"]
        assert isinstance(stage, StageRecord)
        return stage.page

    table.do(CLAIRE, c.SetStage("auto", page=2))
    assert page() == 2
    table.do(CLAIRE, c.SetStage("auto", page=2))
    assert table.commits[-1] == []
    table.do(CLAIRE, c.SetStage("auto"))
    assert page() == 0
    table.do(CLAIRE, c.SetStage("ideas", page=3))
    table.do(CLAIRE, c.GoToStep(TWO))
    stage = table.records("public")["stage:of-this-room"]
    assert isinstance(stage, StageRecord) and (stage.view, stage.page) == ("auto", 0)


def test_G11_all_see_how_many_have_finished_and_nobody_who() -> None:
    table = workshop()
    assert table.refused(PAUL, c.SayReady(TWO)) is Code.NOT_OPEN
    for member in (PAUL, NADIA, PAUL):
        table.do(member, c.SayReady(ONE))
    assert step(table).ready == 2
    assert any(isinstance(record, ReadyRecord) for record in table.own(PAUL))
    assert PAUL not in repr(table.commits[-3:])
    table.do(PAUL, c.SayReady(ONE, False))
    assert step(table).ready == 1


def test_P4_nothing_tells_who_writes_in_a_discreet_step() -> None:
    table = workshop(blind="hosts")
    paul = table.actor(PAUL)
    assert relay(table.layers.state, paul, "typing", {}) == Relay(None, None)
    assert relay(table.layers.state, paul, "burst", {"kind": "love"}).people is not None
    table.do(CLAIRE, c.RevealStep(ONE))
    assert relay(table.layers.state, paul, "typing", {}).people is not None
