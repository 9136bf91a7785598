"""Pulses: what everyone answered, and never who (SPEC U)."""

import pytest

from protocol import commands as c
from protocol.errors import Code
from protocol.records import AnswerRecord, PulseRecord, StepRecord
from server.domain import room
from server.domain.kernel import Actor
from server.domain.people import Enter
from tests.domain.table import CLAIRE, NADIA, PAUL, Table, alias

PULSE = "pulse:000000000001"
CROWD = [f"member:{n:06d}------" for n in range(15)]


def asked(form: c.Form = "scale", *, anonymous: bool = True, options: tuple[str, ...] = ()) -> Table:
    table = Table()
    for member in CROWD:
        table.commit((Enter(member, member[7:13], "guest"), Actor(member, "guest")))
    table.do(CLAIRE, c.AskPulse(PULSE, "Comment allez-vous ?", form, list(options), anonymous))
    return table


def pulse(table: Table) -> PulseRecord:
    record = table.records("public")[PULSE]
    assert isinstance(record, PulseRecord)
    assert table.records("host")[PULSE] == record
    return record


def answer(table: Table, count: int, value: int | str, first: int = 0) -> None:
    for member in CROWD[first : first + count]:
        table.do(member, c.AnswerPulse(PULSE, value))


def test_U1_everyone_answers_once_and_may_think_again() -> None:
    table = asked(anonymous=False)
    table.do(PAUL, c.AnswerPulse(PULSE, 2))
    table.do(PAUL, c.AnswerPulse(PULSE, 4))
    assert (pulse(table).answers, pulse(table).counts) == (1, [0, 0, 0, 1, 0])
    assert table.do(PAUL, c.AnswerPulse(PULSE, 4)) == []
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert pulse(table).closed
    assert table.refused(PAUL, c.AnswerPulse(PULSE, 1)) is Code.CLOSED
    assert table.do(CLAIRE, c.ClosePulse(PULSE)) == []


@pytest.mark.parametrize(
    ("form", "options", "value"),
    [("scale", (), 0), ("scale", (), 6), ("scale", (), "bien"), ("choice", ("Oui", "Non"), 2), ("choice", ("Oui", "Non"), -1), ("words", (), 3)],
)  # fmt: skip
def test_U1_an_answer_is_one_of_those_asked_for(form: c.Form, options: tuple[str, ...], value: int | str) -> None:
    assert asked(form, options=options).refused(PAUL, c.AnswerPulse(PULSE, value)) is Code.INVALID


@pytest.mark.parametrize(
    ("form", "options"), [("choice", []), ("choice", ["Oui"]), ("choice", ["Oui", " Oui"]), ("scale", ["Oui", "Non"])]
)
def test_U1_a_choice_has_options(form: c.Form, options: list[str]) -> None:
    assert Table().refused(CLAIRE, c.AskPulse(PULSE, "?", form, options)) is Code.INVALID


def test_U1_words_that_are_the_same_are_counted_together() -> None:
    table = asked("words", anonymous=False)
    for n, word in enumerate(("Confiance", "confiance ", "CONFIANCE.", "élan")):
        answer(table, 1, word, n)
    assert list(pulse(table).words.items()) == [("CONFIANCE.", 3), ("élan", 1)]
    assert pulse(table).counts == []


def test_U2_an_answer_is_in_mine_alone() -> None:
    table = asked()
    table.do(PAUL, c.AnswerPulse(PULSE, 2))
    (own,) = (record for record in table.own(PAUL) if isinstance(record, AnswerRecord))
    assert (own.pulse, own.value) == (PULSE, 2)
    assert not [record for record in table.sees(CLAIRE).values() if isinstance(record, AnswerRecord)]
    assert not [record for record in table.sees(NADIA).values() if isinstance(record, AnswerRecord)]
    written = repr(table.commits[-1])
    assert alias(PULSE, PAUL) in written
    assert PAUL not in written


def test_U3_nothing_is_shown_before_five_and_then_by_fives() -> None:
    table = asked()
    shown = []
    for n in range(11):
        answer(table, 1, 1 + n % 5, n)
        shown.append(sum(pulse(table).counts))
    assert shown == [0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10]
    table.do(CROWD[0], c.AnswerPulse(PULSE, 5))
    assert pulse(table).counts == [2, 2, 2, 2, 2], "nor does a second thought show"
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert pulse(table).counts == [2, 2, 2, 2, 3]


@pytest.mark.parametrize("answered", [5, 6, 10])
def test_U3_a_second_thought_does_not_show_by_itself(answered: int) -> None:
    table = asked()
    for n in range(answered):
        answer(table, 1, 1 + n % 5, n)
    shown = pulse(table).counts
    table.do(CROWD[0], c.AnswerPulse(PULSE, 5))
    assert pulse(table).counts == shown
    for n in range(answered, 5 * (answered // 5 + 1)):
        answer(table, 1, 1, n)
    assert sum(pulse(table).counts) == 5 * (answered // 5 + 1)
    assert pulse(table).counts[4] == answered // 5 + 1, "it shows with the next five"


def test_U3_four_answers_are_never_shown() -> None:
    table = asked()
    answer(table, 4, 3)
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert (pulse(table).answers, pulse(table).counts) == (4, [])


def test_a_member_has_a_name_in_every_pulse_that_was_asked() -> None:
    assert PULSE in room.opened(asked().layers.state)


def test_U4_a_step_has_its_question_ready_and_asks_nothing_by_itself() -> None:
    table, step = Table(), "step:000000000001"
    table.do(CLAIRE, c.AddStep(step, "pulse", "Météo", "On y va ?", form="choice", options=[" Oui ", "Non"]))
    table.do(CLAIRE, c.GoToStep(step))
    ready = table.records("public")[step]
    assert isinstance(ready, StepRecord)
    assert (ready.form, ready.options) == ("choice", ["Oui", "Non"])
    assert not any(isinstance(record, PulseRecord) for record in table.records("public").values())
    assert table.do(CLAIRE, c.EditStep(step, form="words", options=[])) != []
    assert table.do(CLAIRE, c.EditStep(step, form="words", options=[])) == []
    edited = table.records("public")[step]
    assert isinstance(edited, StepRecord)
    assert (edited.form, edited.options) == ("words", [])
    assert table.refused(CLAIRE, c.EditStep(step, options=["Oui", " "])) is Code.TEXT_EMPTY
