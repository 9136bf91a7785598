"""Pulses: what everyone answered, and never who (SPEC U)."""

from collections.abc import Sequence
from itertools import pairwise, product
from typing import Any, Literal

import msgspec
import pytest

from protocol import commands as c
from protocol.choices import Form
from protocol.errors import Code
from protocol.records import AnswerRecord, PulseRecord, StageRecord, StepRecord
from protocol.version import STATE_CHUNK_BYTES
from server.model.kernel import EMPTY, PUBLIC, Actor, Event
from server.workshop.model import WORKSHOP
from server.workshop.outcome.pulses import (
    HIDDEN,
    SHOWN_WORDS,
    TOLD_OTHERS,
    TOLD_WORDS,
    PulseAnswered,
    PulseAsked,
    PulseClosed,
)
from server.workshop.people.people import Enter
from server.workshop.state.stage import STAGE
from tests.workshop.table import CLAIRE, NADIA, PAUL, Table, alias

PULSE = "pulse:000000000001"
CROWD = [f"member:{n:06d}------" for n in range(15)]


def asked(form: Form = "scale", *, anonymous: bool = True, options: tuple[str, ...] = ()) -> Table:
    table = Table()
    for member in CROWD:
        table.commit((Enter(member, member[7:13], "participant"), Actor(member, "participant")))
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
    [("scale", (), 0), ("scale", (), 6), ("scale", (), "bien"), ("choice", ("Oui", "Non"), 2), ("choice", ("Oui", "Non"), -1), ("words", (), 3),
     ("weather", (), 0), ("weather", (), 6), ("weather", (), "pluie")],
)  # fmt: skip
def test_U1_an_answer_is_one_of_those_asked_for(form: Form, options: tuple[str, ...], value: int | str) -> None:
    assert asked(form, options=options).refused(PAUL, c.AnswerPulse(PULSE, value)) is Code.INVALID


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("choice", []),
        ("choice", ["Oui"]),
        ("choice", ["Oui", " Oui"]),
        ("scale", ["Oui", "Non"]),
        ("weather", ["Pluie", "Orage"]),
    ],
)
def test_U1_a_choice_has_options(form: Form, options: list[str]) -> None:
    assert Table().refused(CLAIRE, c.AskPulse(PULSE, "?", form, options)) is Code.INVALID


def test_U1_words_that_are_the_same_are_counted_together() -> None:
    table = asked("words", anonymous=False)
    for n, word in enumerate(("Confiance", "confiance ", "CONFIANCE.", "élan")):
        answer(table, 1, word, n)
    assert list(pulse(table).words.items()) == [("CONFIANCE.", 3), ("élan", 1)]
    assert pulse(table).counts == []


def many(table: Table, words: Sequence[str], first: int = 100) -> None:
    """So many more people, each with words of his own."""
    for n, word in enumerate(words, first):
        member = f"member:{n:06d}------"
        table.commit((Enter(member, str(n), "participant"), Actor(member, "participant")))
        table.do(member, c.AnswerPulse(PULSE, word))


def test_U6_what_comes_of_an_open_question_in_words_does_not_grow_with_them() -> None:
    table = asked("words", anonymous=False)
    many(table, [f"mot {n:03d}" for n in reversed(range(SHOWN_WORDS))])
    first, sent = pulse(table), len(msgspec.msgpack.encode(pulse(table)))
    many(table, [f"autre {n:03d}" for n in range(60)], 300)
    many(table, ["élan", "Élan"], 400)
    now = pulse(table)
    assert (now.answers, now.different) == (SHOWN_WORDS + 62, SHOWN_WORDS + 61)
    assert list(now.words.items()) == [("Élan", 2), *list(first.words.items())[:-1]], (
        "of two as frequent, what came first"
    )
    assert list(now.words)[1] == f"mot {SHOWN_WORDS - 1:03d}"
    assert len(msgspec.msgpack.encode(now)) <= sent + 10
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert (len(pulse(table).words), pulse(table).different) == (SHOWN_WORDS + 61, SHOWN_WORDS + 61)


def test_U6_S3_what_comes_of_a_closed_question_fits_into_a_frame() -> None:
    """Seen: a file with twenty thousand words gave a first frame of 900 KB."""
    table = asked("words", anonymous=False)
    many(table, [f"{n:04d}" + "語" * 36 for n in range(TOLD_WORDS + 200)])
    table.do(CLAIRE, c.ClosePulse(PULSE))
    told = pulse(table)
    assert (len(told.words), told.different) == (TOLD_WORDS, TOLD_WORDS + 200)
    assert len(msgspec.json.encode(told)) < STATE_CHUNK_BYTES


def test_U6_where_nobody_is_named_the_order_of_words_does_not_tell_who_came_first() -> None:
    table = asked("words")
    for n, word in enumerate(("zèle", "élan", "bon", "calme", "doux")):
        answer(table, 1, word, n)
    assert list(pulse(table).words) == ["bon", "calme", "doux", "zèle", "élan"]
    assert pulse(table).different == 5


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
        shown.append((pulse(table).answers, sum(pulse(table).counts)))
    assert shown == [(0, 0)] * 4 + [(5, 5)] * 5 + [(10, 10)] * 2


def test_U3_a_close_adds_no_rest_of_fewer_than_five() -> None:
    table = asked()
    for n, value in enumerate((4, 4, 4, 2, 2, 1)):
        answer(table, 1, value, n)
    assert pulse(table).counts == [0, 2, 0, 3, 0]
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert (pulse(table).answers, pulse(table).counts) == (5, [0, 2, 0, 3, 0]), "the sixth would be known by all"


def test_U3_a_close_adds_a_rest_of_five_and_more() -> None:
    table = asked()
    for n, value in enumerate((4, 4, 4, 4, 4, 1, 2)):
        answer(table, 1, value, n)
    assert (pulse(table).answers, pulse(table).counts) == (0, [])
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert (pulse(table).answers, pulse(table).counts) == (7, [1, 1, 0, 5, 0])


@pytest.mark.parametrize("odd", [4, 1])
def test_U3_those_of_one_mind_but_for_one_show_from_ten(odd: int) -> None:
    table = asked()
    answer(table, 9, 4)
    assert (pulse(table).answers, pulse(table).counts) == (0, []), "it looks like too few"
    closed = asked()
    answer(closed, 9, 4)
    closed.do(CLAIRE, c.ClosePulse(PULSE))
    assert (pulse(closed).answers, pulse(closed).counts) == (0, [])
    answer(table, 1, odd, 9)
    assert pulse(table).answers == 10
    assert pulse(table).counts[3] == (10 if odd == 4 else 9)


def test_U3_that_holds_from_one_showing_to_the_next() -> None:
    table = asked()
    for n, value in enumerate((1, 2, 3, 4, 5, 4, 4, 4, 4, 4)):
        answer(table, 1, value, n)
    assert pulse(table).counts == [1, 1, 1, 1, 1], "all five who came since answered alike"
    answer(table, 5, 4, 10)
    assert pulse(table).counts == [1, 1, 1, 11, 1]


def test_U3_words_are_alike_whatever_their_case() -> None:
    table = asked("words")
    for n, word in enumerate(("Oui", "oui", "OUI.", "oui ", "non")):
        answer(table, 1, word, n)
    assert (pulse(table).answers, pulse(table).words) == (0, {})


@pytest.mark.parametrize("answered", [5, 6, 10])
def test_U3_second_thoughts_of_fewer_than_five_never_show(answered: int) -> None:
    table = asked()
    for n in range(answered):
        answer(table, 1, 1 + n % 5, n)
    for n in range(4):
        table.do(CROWD[n], c.AnswerPulse(PULSE, 5))
    for n in range(answered, 5 * (answered // 5 + 1)):
        answer(table, 1, 1 + n % 5, n)
    shown = answered // 5 + 1
    assert pulse(table).counts == [shown] * 5, "not with the next five either"
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert pulse(table).counts == [shown] * 5


def test_U3_second_thoughts_of_five_show_with_the_next_five() -> None:
    table = asked()
    for n in range(10):
        answer(table, 1, 1 + n % 5, n)
    for n, value in enumerate((2, 1, 2, 1, 1)):
        table.do(CROWD[n], c.AnswerPulse(PULSE, value))
    assert pulse(table).counts == [2, 2, 2, 2, 2]
    for n, value in enumerate((3, 3, 4, 4, 4), 10):
        answer(table, 1, value, n)
    assert pulse(table).counts == [4, 3, 3, 4, 1]
    table.do(CROWD[0], c.AnswerPulse(PULSE, 5))
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert pulse(table).counts == [4, 3, 3, 4, 1], "what showed is what the next thought is counted from"


def test_U3_second_thoughts_that_are_alike_do_not_show() -> None:
    table = asked()
    for n in range(10):
        answer(table, 1, 1 + n % 4, n)
    for member in CROWD[:5]:
        table.do(member, c.AnswerPulse(PULSE, 5))
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert pulse(table).counts == [3, 3, 2, 2, 0]


def test_U3_who_thinks_twice_ends_where_he_began() -> None:
    table = asked()
    for n in range(10):
        answer(table, 1, 1 + n % 5, n)
    for n, value in enumerate((2, 1, 2, 1, 1)):
        table.do(CROWD[n], c.AnswerPulse(PULSE, value))
    table.do(CROWD[0], c.AnswerPulse(PULSE, 3))
    table.do(CROWD[0], c.AnswerPulse(PULSE, 1))
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert pulse(table).counts == [2, 2, 2, 2, 2], "four are left, and four are too few"


def test_U3_four_answers_are_never_shown() -> None:
    table = asked()
    answer(table, 4, 3)
    assert pulse(table).answers == 0, "nobody and too few look the same"
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert (pulse(table).answers, pulse(table).counts) == (0, [])


Figures = tuple[int, ...]


def figures(answers: Sequence[int], options: int) -> list[tuple[Figures, ...]]:
    """What is shown over time as these answers come, and again when it is closed."""
    state = EMPTY
    texts = tuple(f"{n}" for n in range(options))
    events: list[Event] = [PulseAsked(PULSE, 0, "choice", "?", texts)]
    events += [PulseAnswered(PULSE, f"alias:{n:012d}", value) for n, value in enumerate(answers)]
    told: list[Figures] = []
    upto = []
    for event in (*events, PulseClosed(PULSE)):
        state = WORKSHOP.evolve(state, event)
        record = WORKSHOP.render(state, PULSE, PUBLIC)
        assert isinstance(record, PulseRecord)
        assert sum(record.counts) == record.answers
        now = tuple(record.counts)
        if now and now not in told:
            told.append(now)
        upto.append(tuple(told))
    return upto[-2:]


@pytest.mark.parametrize(("options", "people"), [(2, n) for n in (4, 5, 6, 7, 9, 10, 11)] + [(3, 5), (3, 6), (3, 7)])
def test_U3_figures_and_ones_own_answer_pin_nobody_elses(options: int, people: int) -> None:
    """All that could have been answered, by what would have been shown. A reader knows who was counted in which showing, and how many
    wait: but not in which order people came between two. Whatever he answered, any other may have given one of two answers: but in a
    showing of ten or more who are of one mind, or are but for one."""
    worlds: dict[tuple[int, tuple[Figures, ...]], list[Sequence[int]]] = {}
    for answers in product(range(options), repeat=people):
        for closed, told in enumerate(figures(answers, options)):
            worlds.setdefault((closed, told), []).append(answers[sum(told[-1]) if told else 0 :])
    for (_, told), waiting in worlds.items():
        for before, after in pairwise(((0,) * options, *told)):
            group = [value for value in range(options) for _ in range(after[value] - before[value])]
            assert len(group) >= 5
            assert len(group) >= 10 or all(len(_others([group], mine)) > 1 for mine in (None, *group))
        for mine in (None, *range(options)):
            assert len(_others(waiting, mine)) != 1


def _others(groups: Sequence[Sequence[int]], mine: int | None) -> set[int]:
    """What another than the reader, who answered `mine` if he is one of them, may have answered in one of these groups."""
    seen = set()
    for group in groups:
        left = list(group)
        if mine in left:
            left.remove(mine)
        elif mine is not None:
            continue
        seen.update(left)
    return seen


def test_a_member_has_a_name_in_every_pulse_that_was_asked() -> None:
    assert PULSE in WORKSHOP.pseudonyms(asked().layers.state)


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


def test_U4_a_step_that_asks_does_so_the_first_time_that_one_comes_to_it() -> None:
    table, step = Table(), "step:000000000001"
    table.do(CLAIRE, c.AddStep(step, "pulse", "Météo", "Alors ?", low=" mal ", high="bien", asks=True))
    assert not [record for record in table.records("public").values() if isinstance(record, PulseRecord)]
    table.do(CLAIRE, c.GoToStep(step))
    (put,) = [record for record in table.records("public").values() if isinstance(record, PulseRecord)]
    assert (put.id, put.question, put.form, put.anonymous) == (PULSE, "Alors ?", "scale", True)
    assert (put.low, put.high) == ("mal", "bien")
    table.do(PAUL, c.AnswerPulse(PULSE, 3))
    table.do(CLAIRE, c.ClosePulse(PULSE))
    for id in (None, step):
        table.do(CLAIRE, c.GoToStep(id))
    assert len([record for record in table.records("public").values() if isinstance(record, PulseRecord)]) == 1


@pytest.mark.parametrize("more", [{"prompt": ""}, {"form": "choice", "options": ["Seul"]}])
def test_U4_a_question_that_could_not_be_asked_keeps_nobody_from_the_step(more: dict[str, Any]) -> None:
    table, step = Table(), "step:000000000001"
    said = {"id": step, "kind": "pulse", "title": "Météo", "prompt": "?", "asks": True} | more
    table.do(CLAIRE, msgspec.convert(said, c.AddStep))
    table.do(CLAIRE, c.GoToStep(step))
    assert not [record for record in table.records("public").values() if isinstance(record, PulseRecord)]


def test_U5_the_ends_of_a_scale_are_said_by_who_asks() -> None:
    table, step = Table(), "step:000000000001"
    table.do(CLAIRE, c.AskPulse(PULSE, "Alors ?", "scale", low="difficilement", high="très bien"))
    assert (pulse(table).low, pulse(table).high) == ("difficilement", "très bien")
    table.do(CLAIRE, c.AddStep(step, "pulse", "Météo", low="x"))
    table.do(CLAIRE, c.EditStep(step, low=" ", high="haut"))
    record = table.records("public")[step]
    assert isinstance(record, StepRecord)
    assert (record.low, record.high, record.asks) == ("", "haut", False)
    assert table.refused(CLAIRE, c.EditStep(step, low="x" * 41)) is Code.TEXT_TOO_LONG
    assert table.refused(CLAIRE, c.AskPulse("pulse:000000000002", "?", "words", low="x")) is Code.INVALID


def test_U7_the_weather_is_counted_as_a_scale_is_and_kept_as_secret() -> None:
    table = asked("weather")
    answer(table, 4, 1)
    assert (pulse(table).answers, pulse(table).counts) == (0, [])
    answer(table, 1, 5, first=4)
    assert (pulse(table).answers, pulse(table).counts) == (0, []), "of one mind but for one"
    answer(table, 5, 3, first=5)
    assert (pulse(table).answers, pulse(table).counts) == (10, [4, 0, 5, 0, 1])
    assert table.refused(CLAIRE, c.AskPulse("pulse:000000000002", "?", "weather", low="x")) is Code.INVALID


def test_U7_a_step_asks_for_the_weather() -> None:
    table, step = Table(), "step:000000000001"
    table.do(CLAIRE, c.AddStep(step, "pulse", "Météo", "Quel temps ?", form="weather", low="mal", asks=True))
    table.do(CLAIRE, c.GoToStep(step))
    (put,) = [record for record in table.records("public").values() if isinstance(record, PulseRecord)]
    assert (put.form, put.low) == ("weather", "")


def stage(table: Table) -> StageRecord | None:
    record = table.records("public").get(STAGE)
    assert record is None or isinstance(record, StageRecord)
    return record


def test_U8_what_came_stays_in_view_until_a_host_moves_on() -> None:
    table = asked()
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert (found := stage(table)) is not None
    assert (found.view, found.pulse) == ("auto", PULSE)
    table.do(CLAIRE, c.SetStage("auto"))
    assert (found := stage(table)) is not None
    assert found.pulse is None
    assert table.do(CLAIRE, c.SetStage("auto")) == []


def test_U8_in_another_step_it_is_looked_at_no_more() -> None:
    table, first, second = asked(), "step:aaaaaaaaaaaa", "step:bbbbbbbbbbbb"
    for step in (first, second):
        table.do(CLAIRE, c.AddStep(step, "discuss", "Échange"))
    table.do(CLAIRE, c.GoToStep(first))
    table.do(CLAIRE, c.ClosePulse(PULSE))
    assert stage(table) is None, "it was asked before people came here"
    table.do(CLAIRE, c.AskPulse("pulse:bbbbbbbbbbbb", "Et là ?", "scale"))
    table.do(CLAIRE, c.ClosePulse("pulse:bbbbbbbbbbbb"))
    assert (found := stage(table)) is not None
    assert found.pulse == "pulse:bbbbbbbbbbbb"
    table.do(CLAIRE, c.GoToStep(second))
    assert (found := stage(table)) is not None
    assert found.pulse is None


SEVERAL = ("Les horaires", "Le lieu", "Le contenu")


def several(*, anonymous: bool = True) -> Table:
    table = asked("choice", anonymous=anonymous, options=SEVERAL)
    other = "pulse:000000000002"
    table.do(CLAIRE, c.AskPulse(other, "Que garder ?", "choice", list(SEVERAL), anonymous, several=True))
    return table


def counted_of(table: Table) -> tuple[int, list[int]]:
    record = table.records("public")["pulse:000000000002"]
    assert isinstance(record, PulseRecord)
    return record.answers, record.counts


def choose(table: Table, member: str, *places: int) -> None:
    table.do(member, c.AnswerPulse("pulse:000000000002", list(places)))


def test_U9_several_are_chosen_and_people_are_counted_once() -> None:
    table = several(anonymous=False)
    choose(table, PAUL, 0, 2)
    choose(table, NADIA, 2)
    assert counted_of(table) == (2, [1, 0, 2])
    choose(table, PAUL, 1)
    assert counted_of(table) == (2, [0, 1, 1])
    assert [r.value for r in table.own(PAUL) if isinstance(r, AnswerRecord)] == [[1]]
    assert table.do(PAUL, c.AnswerPulse("pulse:000000000002", [1])) == []


@pytest.mark.parametrize("value", [[], [3], [-1], [0, 0], 1, "Le lieu"], ids=str)
def test_U9_what_names_no_options_is_refused(value: int | str | list[int]) -> None:
    table = several()
    assert table.refused(PAUL, c.AnswerPulse("pulse:000000000002", value)) is Code.INVALID
    assert table.refused(PAUL, c.AnswerPulse(PULSE, [0])) is Code.INVALID, "one is asked for there"
    ask = c.AskPulse("pulse:000000000003", "?", "scale", several=True)
    assert table.refused(CLAIRE, ask) is Code.INVALID


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        ([(0, 1), (0, 1), (1, 2), (2,), (0, 2)], (5, [3, 3, 3])),
        # All but one chose the first one, nobody the last.
        ([(0,), (0, 1), (0, 1), (0,), (1,)], (0, [])),
        ([(0, 1), (0, 1), (1,), (0,), (0,)], (0, [])),
        ([(0,), (1,), (0,), (1,)], (0, [])),
        ([(0,)] * 10, (10, [10, 0, 0])),
    ],
)
def test_U9_each_option_is_a_question_of_its_own(
    answers: Sequence[tuple[int, ...]], shown: tuple[int, list[int]]
) -> None:
    table = several()
    for member, places in zip(CROWD, answers, strict=False):
        choose(table, member, *places)
    assert counted_of(table) == shown
    table.do(CLAIRE, c.ClosePulse("pulse:000000000002"))
    assert counted_of(table) == shown


def test_U9_nobody_is_known_by_all_that_was_shown_and_their_own_answer() -> None:
    """Of five, whatever they chose: what is shown leaves more than one answer, option by option, to each of the others."""
    choices = [(0,), (1,), (0, 1)]
    for answers in product(choices, repeat=5):
        table = Table()
        for member in CROWD[:5]:
            table.commit((Enter(member, member[7:13], "participant"), Actor(member, "participant")))
        table.do(CLAIRE, c.AskPulse("pulse:000000000002", "?", "choice", ["A", "B"], several=True))
        for member, places in zip(CROWD, answers, strict=False):
            choose(table, member, *places)
        said, counts = counted_of(table)
        if said:
            for place, yes in enumerate(counts):
                for mine in (place in each for each in answers):
                    assert 0 < yes - mine < said - 1


def test_U4_a_step_asks_for_several_answers() -> None:
    table = Table()
    step = "step:aaaaaaaaaaaa"
    options = list(SEVERAL)
    table.do(CLAIRE, c.AddStep(step, "pulse", "Garder", "Que garder ?", form="choice", options=options, several=True, asks=True))  # fmt: skip
    table.do(CLAIRE, c.GoToStep(step))
    record = table.records("public")["pulse:aaaaaaaaaaaa"]
    assert isinstance(record, PulseRecord)
    assert record.several


OWN = "pulse:000000000003"
MINE = len(SEVERAL)


def with_other(*, anonymous: bool = False, several: bool = False) -> Table:
    table = asked("choice", options=SEVERAL)
    table.do(CLAIRE, c.AskPulse(OWN, "Que garder ?", "choice", list(SEVERAL), anonymous, several=several, other=True))
    return table


def told(table: Table, audience: Literal["public", "host"] = "public") -> PulseRecord:
    record = table.records(audience)[OWN]
    assert isinstance(record, PulseRecord)
    return record


def write(table: Table, member: str, text: str, *places: int) -> None:
    table.do(member, c.AnswerPulse(OWN, [*places, MINE] if places else MINE, text))


def test_U10_an_answer_of_ones_own_is_counted_behind_all_options() -> None:
    table = with_other()
    write(table, PAUL, " Le café ")
    table.do(NADIA, c.AnswerPulse(OWN, 1))
    assert (told(table).counts, told(table).words) == ([0, 1, 0, 1], {"Le café": 1})
    assert [(r.value, r.other) for r in table.own(PAUL) if isinstance(r, AnswerRecord)] == [(MINE, "Le café")]
    assert table.do(PAUL, c.AnswerPulse(OWN, MINE, "Le café")) == []
    write(table, PAUL, "La salle")
    assert (told(table).counts, told(table).words, told(table).different) == ([0, 1, 0, 1], {"La salle": 1}, 1)
    table.do(PAUL, c.AnswerPulse(OWN, 0))
    assert (told(table).counts, told(table).words) == ([1, 1, 0, 0], {})


def test_U10_it_is_one_of_several() -> None:
    table = with_other(several=True)
    write(table, PAUL, "Le café", 0)
    write(table, NADIA, "le café", 0, 1)
    assert (told(table).answers, told(table).counts, told(table).words) == (2, [2, 1, 0, 2], {"Le café": 2})
    assert [(r.value, r.other) for r in table.own(PAUL) if isinstance(r, AnswerRecord)] == [([0, MINE], "Le café")]
    table.do(PAUL, c.AnswerPulse(OWN, [0]))
    assert (told(table).counts, told(table).words) == ([2, 1, 0, 1], {"le café": 1})


@pytest.mark.parametrize(
    ("id", "value", "other", "code"),
    [
        (OWN, MINE, "", Code.TEXT_EMPTY),
        (OWN, MINE, "x" * 81, Code.TEXT_TOO_LONG),
        (OWN, 0, "Le café", Code.INVALID),
        (OWN, MINE + 1, "Le café", Code.INVALID),
        (OWN, [MINE], "Le café", Code.INVALID),
        (PULSE, MINE, "Le café", Code.INVALID),
        (PULSE, 0, "Le café", Code.INVALID),
    ],
)
def test_U10_who_chooses_it_says_what_and_nobody_else(id: str, value: int | list[int], other: str, code: Code) -> None:
    assert with_other().refused(PAUL, c.AnswerPulse(id, value, other)) is code


def test_U10_of_a_choice_alone() -> None:
    assert Table().refused(CLAIRE, c.AskPulse(PULSE, "?", "words", other=True)) is Code.INVALID


def test_M2_whoever_is_muted_writes_no_answer_of_their_own() -> None:
    table = with_other()
    table.do(PAUL, c.SendMessage("message:000000000001", "Non"))
    table.do(CLAIRE, c.MuteAuthor("message:000000000001"))
    assert table.refused(PAUL, c.AnswerPulse(OWN, MINE, "Le café")) is Code.MUTED
    table.do(PAUL, c.AnswerPulse(OWN, 1))


@pytest.mark.parametrize("several", [False, True])
def test_U10_what_was_written_is_told_with_what_was_chosen_and_not_before(several: bool) -> None:
    table = with_other(anonymous=True, several=several)
    for n, member in enumerate(CROWD[:5]):
        assert (told(table).counts, told(table).words, told(table).different) == ([], {}, 0)
        if n % 2:
            # What comes later in the alphabet was chosen with what comes first.
            write(table, member, f"Texte {9 - n}", *([0] if n == 1 else [0, 2]) if several else ())
        else:
            table.do(member, c.AnswerPulse(OWN, [1, n % 3] if several and n % 3 != 1 else [1, 2] if several else n % 3))
    assert sum(told(table).counts) >= 5
    assert list(told(table).words) == ["Texte 6", "Texte 8"], (
        "in the order of the alphabet, not of when they came, nor of what else was chosen"
    )
    written = repr(table.commits[-2])
    assert alias(OWN, CROWD[3]) in written
    assert CROWD[3] not in written


@pytest.mark.parametrize("several", [False, True])
def test_U10_who_write_something_of_their_own_are_of_one_mind(several: bool) -> None:
    """What they wrote differs; that all of them wrote something would be known of each."""
    table = with_other(anonymous=True, several=several)
    for n, member in enumerate(CROWD[:5]):
        table.do(member, c.AnswerPulse(OWN, [MINE] if several else MINE, f"Texte {n}"))
    table.do(CLAIRE, c.ClosePulse(OWN))
    assert (told(table).answers, told(table).counts, told(table).words, told(table).different) == (0, [], {}, 0)


def test_U10_another_text_is_a_second_thought() -> None:
    """Told by itself it would tell of one person."""
    table = with_other(anonymous=True)
    for n, member in enumerate(CROWD[:5]):
        if n < 2:
            write(table, member, f"Texte {n}")
        else:
            table.do(member, c.AnswerPulse(OWN, n % 2))
    write(table, CROWD[0], "Autre chose")
    table.do(CLAIRE, c.ClosePulse(OWN))
    assert told(table).words == {"Texte 0": 1, "Texte 1": 1}


def test_U10_S3_what_is_told_of_what_people_wrote_fits_into_a_frame() -> None:
    table = with_other()
    for n in range(TOLD_OTHERS + 20):
        member = f"member:{n + 100:06d}------"
        table.commit((Enter(member, str(n), "participant"), Actor(member, "participant")))
        write(table, member, f"{n:04d}" + "語" * 76)
    table.do(CLAIRE, c.ClosePulse(OWN))
    assert (len(told(table).words), told(table).different) == (TOLD_OTHERS, TOLD_OTHERS + 20)
    assert len(msgspec.msgpack.encode(told(table))) < STATE_CHUNK_BYTES


def test_U10_a_step_asks_for_it() -> None:
    table = Table()
    step = "step:aaaaaaaaaaaa"
    options = list(SEVERAL)
    table.do(CLAIRE, c.AddStep(step, "pulse", "Garder", "Que garder ?", form="choice", options=options, asks=True))
    table.do(CLAIRE, c.EditStep(step, other=True))
    table.do(CLAIRE, c.GoToStep(step))
    record = table.records("public")["pulse:aaaaaaaaaaaa"]
    assert isinstance(record, PulseRecord)
    assert record.other


@pytest.mark.parametrize("form", ["words", "choice"])
def test_U11_hosts_hide_words_and_show_them_again(form: Form) -> None:
    table = with_other()
    id = OWN
    if form == "words":
        id = "pulse:000000000004"
        table.do(CLAIRE, c.AskPulse(id, "En un mot ?", "words", anonymous=False))
    for member, text in ((PAUL, "Gros mot"), (NADIA, "gros  MOT"), (CROWD[0], "Café")):
        table.do(member, c.AnswerPulse(id, text if form == "words" else MINE, "" if form == "words" else text))
    table.do(CLAIRE, c.HideWord(id, "gros mot"))
    public, host = table.records("public")[id], table.records("host")[id]
    assert isinstance(public, PulseRecord)
    assert isinstance(host, PulseRecord)
    assert (public.words, public.hidden, public.different, public.answers) == ({"Café": 1}, {}, 1, 3)
    assert (host.words, host.hidden) == ({"Café": 1}, {"Gros mot": 2})
    assert table.do(CLAIRE, c.HideWord(id, "Gros mot")) == []
    # What is alike and comes later is hidden, too; nobody but hosts is told that it came.
    before = table.records("public")[id].v
    table.do(
        CROWD[1], c.AnswerPulse(id, "GROS MOT" if form == "words" else MINE, "" if form == "words" else "GROS MOT")
    )
    now = table.records("public")[id]
    assert isinstance(now, PulseRecord)
    assert (now.words, now.v > before) == ({"Café": 1}, True), "it is counted"
    table.do(CLAIRE, c.HideWord(id, "Gros mot", False))
    shown = table.records("public")[id]
    assert isinstance(shown, PulseRecord)
    assert (sum(shown.words.values()), shown.hidden) == (4, {})
    assert table.records("host")[id] == shown


def test_U11_only_words_that_are_told_are_hidden_and_by_hosts() -> None:
    table = with_other(anonymous=True)
    write(table, PAUL, "Le café")
    assert table.refused(CLAIRE, c.HideWord(OWN, "Le café")) is Code.NOT_FOUND, "it may not be told that it is there"
    assert table.refused(CLAIRE, c.HideWord(OWN, "Autre")) is Code.NOT_FOUND
    assert table.refused(PAUL, c.HideWord(OWN, "Le café")) is Code.FORBIDDEN


def test_U11_so_many_are_hidden_at_most() -> None:
    table = with_other()
    for n in range(HIDDEN + 1):
        member = f"member:{n + 100:06d}------"
        table.commit((Enter(member, str(n), "participant"), Actor(member, "participant")))
        write(table, member, f"Texte {n:04d}")
    table.do(CLAIRE, c.ClosePulse(OWN))
    for n in range(HIDDEN):
        table.do(CLAIRE, c.HideWord(OWN, f"Texte {n:04d}"))
    assert table.refused(CLAIRE, c.HideWord(OWN, f"Texte {HIDDEN:04d}")) is Code.TOO_MANY
    assert list(told(table).words) == [f"Texte {HIDDEN:04d}"]
