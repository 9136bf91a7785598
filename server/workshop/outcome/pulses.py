"""Pulses: a question on the fly, answered with a touch or a word; everyone sees what came, and nobody from whom (SPEC U)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, Final, Literal, cast

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, TextOf, ThingId, Words
from protocol.records import AnswerRecord, PulseRecord
from protocol.version import LINE_CHARS, NAME_CHARS, PROMPT_CHARS, TITLE_CHARS
from server.model.kernel import Capability, Context, Entity, Event, Restore, State, Touch, Viewer, get, not_found, tail
from server.model.restoring import a_time, expect, room_for, shaped, whole
from server.model.text import clean, clean_or_none
from server.workshop.outcome.tally import Chosen, Cloud, Tally, Value, alike
from server.workshop.people.people import MEMBERS
from server.workshop.state.stage import STAGE, looking_at
from server.workshop.state.steps import Step, agenda

PULSES: Final = "pulses:of-this-room"
MOST: Final = 100
"""How many a room holds (SPEC L6)."""

FEW: Final = 5
"""Answers below which, and steps by which, what came of an anonymous question is shown (SPEC U3)."""

ALIKE: Final = 10
"""Answers from which they are shown although all of them but at most one are alike (SPEC U3)."""

SHOWN_WORDS: Final = 100
"""Of an open question in words so many have a place in its record, which all are sent with each answer (SPEC U6)."""

TOLD_WORDS: Final = 1_000
"""Of a closed one: a record goes into one frame (SPEC S3)."""

TOLD_OTHERS: Final = 500
"""And of answers that people wrote themselves, which are longer (SPEC U10)."""

HIDDEN: Final = 100
"""Words that hosts hide of one question (SPEC U11)."""

SCALE: Final = 5
"""The steps of a scale, and the kinds of weather (SPEC U7)."""

Form = Literal["scale", "choice", "words", "weather"]


class Pulse(Entity, frozen=True, gc=False, tag="pulse", omit_defaults=True):
    """What came is kept as counts: a question costs what its different answers cost, and an answer the same however many these are.

    Attributes:
        low, high: what 1 and 5 mean on its scale.
        several: options may be chosen together; an answer is then a number of which bit n says whether option n is.
        other: one may choose, behind all options, what one writes oneself.
        answers: how many people have answered.
        shown: how often each answer is counted for people to see.
        cloud: the same of words, or of what people wrote themselves, most first.
        fresh: the same of answers that wait to be shown for the first time.
        left, taken: what those say in `shown` who think otherwise by now, and what they think, while that waits to be shown.
        round, thought: how often fresh answers, and second thoughts, have been shown.
        hidden: what is alike of the words that hosts hid.
        unlisted, unlisted_answers: different words of which a file said no more than how many there are, and how many people gave them.
    """

    is_everyones = True

    question: str
    form: Form
    at: int
    options: tuple[str, ...] = ()
    anonymous: bool = True
    closed: bool = False
    low: str = ""
    high: str = ""
    answers: int = 0
    shown: Tally = Tally()
    cloud: Cloud = Cloud()
    fresh: Tally = Tally()
    left: Tally = Tally()
    taken: Tally = Tally()
    round: int = 0
    thought: int = 0
    unlisted: int = 0
    unlisted_answers: int = 0
    several: bool = False
    other: bool = False
    hidden: tuple[str, ...] = ()

    @property
    def places(self) -> int:
        """How many things there are to choose from."""
        return len(self.options) + self.other

    @property
    def told(self) -> int:
        """Of so many words its record tells."""
        return SHOWN_WORDS if not self.closed else TOLD_WORDS if self.form == "words" else TOLD_OTHERS


class Answer(Entity, frozen=True, gc=False, tag="answer"):
    """Of one person, whose alias its id tells.

    Attributes:
        value: a number of the scale or of the weather, the place of a choice, or several (see `Pulse`), or words; where one may write an
            answer of one's own, what was chosen with it.
        was: what it says in `shown`; None: `value`.
        round, thought: those of its pulse when it came, and when it was thought over.
    """

    pulse: str
    value: Value
    was: Value | None = None
    round: int = 0
    thought: int = 0


class Pulses(Entity, frozen=True, gc=False, tag="pulses"):
    """Ids of all pulses, oldest first."""

    asked: tuple[str, ...] = ()


class PulseAsked(Event, frozen=True, gc=False, tag="pulse.asked"):
    id: ThingId
    at: int
    form: Form
    question: Words = ""
    options: tuple[Words, ...] = ()
    anonymous: bool = True
    low: Words = ""
    high: Words = ""
    several: bool = False
    other: bool = False


class PulseAnswered(Event, frozen=True, gc=False, tag="pulse.answered"):
    """`by` is an alias of the pulse."""

    id: ThingId
    by: PersonId | None = None
    value: int | Annotated[str, TextOf("by")] = 0
    other: Annotated[str, TextOf("by")] = ""


class PulseClosed(Event, frozen=True, gc=False, tag="pulse.closed"):
    """`kept`: people look at its result now."""

    id: ThingId
    kept: bool = False


class PulseWordHidden(Event, frozen=True, gc=False, tag="pulse.hidden"):
    """A host hides words that people gave, or shows them again."""

    id: ThingId
    word: Words = ""
    hidden: bool = True


def asked(state: State) -> tuple[str, ...]:
    here = get(state, PULSES, Pulses)
    return here.asked if here else ()


def ready_in(state: State, step: Step, at: int) -> Sequence[Event]:
    """What asks the question that a step has ready, once; nothing where it is none that could be asked."""
    options = list(step.options) if step.form == "choice" else []
    low, high = (step.low, step.high) if step.form == "scale" else ("", "")
    several, other = (step.several, step.other) if step.form == "choice" else (False, False)
    id = f"pulse:{tail(step.id)}"
    command = c.AskPulse(id, step.prompt, step.form, options, low=low, high=high, several=several, other=other)
    try:
        return [_question(state, command, at)]
    except Refusal:
        return []


def end_of_scale(text: str) -> str:
    """What an end of a scale means; "": nothing else than on every scale."""
    return clean_or_none(text, NAME_CHARS)


def _ask(state: State, command: c.AskPulse, context: Context) -> Sequence[Event]:
    return [_question(state, command, context.at)]


def _question(state: State, command: c.AskPulse, at: int) -> PulseAsked:
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    if len(asked(state)) >= MOST:
        raise Refusal(Code.TOO_MANY, f"expected at most {MOST} pulses")
    options = tuple(clean(option, TITLE_CHARS) for option in command.options)
    if command.form == "choice" and not 2 <= len(options) <= 8:
        raise Refusal(Code.INVALID, "expected 2 to 8 options to choose from")
    if len(set(options)) < len(options):
        raise Refusal(Code.INVALID, "expected options that differ")
    if command.form != "choice" and options:
        raise Refusal(Code.INVALID, "expected options for a choice only")
    if command.form != "choice" and command.several:
        raise Refusal(Code.INVALID, "expected several answers for a choice only")
    if command.form != "choice" and command.other:
        raise Refusal(Code.INVALID, "expected an answer of one's own for a choice only")
    if command.form != "scale" and (command.low or command.high):
        raise Refusal(Code.INVALID, "expected ends for a scale only")
    question, low, high = clean(command.question, PROMPT_CHARS), end_of_scale(command.low), end_of_scale(command.high)
    return PulseAsked(
        command.id, at, command.form, question, options, command.anonymous, low, high, command.several, command.other
    )


def _pulse(state: State, id: str) -> Pulse:
    pulse = get(state, id, Pulse)
    if pulse is None:
        raise not_found(id)
    return pulse


def _answer(state: State, command: c.AnswerPulse, context: Context) -> Sequence[Event]:
    pulse = _pulse(state, command.id)
    if pulse.closed:
        raise Refusal(Code.CLOSED)
    value, alias = _value(pulse, command.value), context.actor.alias(pulse.id)
    event = PulseAnswered(pulse.id, alias, value, _other(pulse, value, command.other))
    before = get(state, answer_id(alias), Answer)
    return [] if before and before.value == _given(pulse, event) else [event]


def _given(pulse: Pulse, event: PulseAnswered) -> Value:
    """An answer as it is counted."""
    return Chosen(int(event.value), event.other) if pulse.other else event.value


def _other(pulse: Pulse, value: int | str, other: str) -> str:
    """What was written by whoever chose an answer of their own (SPEC U10).

    Raises:
        Refusal: `invalid`, or of the text.
    """
    last = len(pulse.options)
    if pulse.other and isinstance(value, int) and (value >> last & 1 if pulse.several else value == last):
        return clean(other, LINE_CHARS)
    if other:
        raise Refusal(Code.INVALID, "expected `other` with the place behind the last option, where that may be chosen")
    return ""


def _value(pulse: Pulse, value: int | str | list[int]) -> int | str:
    """
    Raises:
        Refusal: `invalid`, or of the text.
    """
    if pulse.several or isinstance(value, list):
        return _together(pulse, value)
    match pulse.form, value:
        case "words", str():
            return clean(value, NAME_CHARS)
        case "scale" | "weather", int() if 1 <= value <= SCALE:
            return value
        case "choice", int() if 0 <= value < pulse.places:
            return value
        case _:
            expected = {"words": "words", "choice": "the place of an option"}
            of_form = expected.get(pulse.form, f"a number from 1 to {SCALE}")
            raise Refusal(Code.INVALID, f"expected `value` to be {of_form}")


def _together(pulse: Pulse, value: int | str | list[int]) -> int:
    """Several options as one number.

    Raises:
        Refusal: `invalid`.
    """
    if not pulse.several or not isinstance(value, list):
        kind = "a list of places, from 0, of options" if pulse.several else "one answer"
        raise Refusal(Code.INVALID, f"expected `value` to be {kind}")
    if not value or len(set(value)) < len(value) or not all(0 <= place < pulse.places for place in value):
        raise Refusal(Code.INVALID, "expected `value` to name one option or more, each once")
    return sum(1 << place for place in value)


def _number(value: Value) -> int:
    """What was chosen, without what was written (see `Pulse`)."""
    return value.options if isinstance(value, Chosen) else int(value)


def _places(value: int) -> Iterator[int]:
    """The options that one number says (see `Pulse`)."""
    return (place for place in range(value.bit_length()) if value >> place & 1)


def _close(state: State, command: c.ClosePulse, context: Context) -> Sequence[Event]:
    pulse = _pulse(state, command.id)
    return [] if pulse.closed else [PulseClosed(pulse.id, pulse.at >= agenda(state).since)]


def _hide(state: State, command: c.HideWord, context: Context) -> Sequence[Event]:
    """What nobody is told yet there is nothing to hide of (SPEC I3)."""
    pulse = _pulse(state, command.id)
    same = alike(command.word)
    if all(alike(word) != same for word, _ in islice(pulse.cloud, pulse.told)):
        raise Refusal(Code.NOT_FOUND, "expected words that are told of this question")
    if (same in pulse.hidden) is command.hidden:
        return []
    if command.hidden and len(pulse.hidden) >= HIDDEN:
        raise Refusal(Code.TOO_MANY, f"expected at most {HIDDEN} hidden words")
    return [PulseWordHidden(pulse.id, same, command.hidden)]


def _asked(state: State, event: PulseAsked) -> State:
    pulse = Pulse(
        event.id,
        event.question,
        event.form,
        event.at,
        event.options,
        event.anonymous,
        low=event.low,
        high=event.high,
        several=event.several,
        other=event.other,
    )
    return state.set(pulse.id, pulse).set(PULSES, Pulses(PULSES, (*asked(state), pulse.id)))


def _answered(state: State, event: PulseAnswered) -> State:
    pulse = get(state, event.id, Pulse)
    if pulse is None or event.by is None:
        return state
    id, value = answer_id(event.by), _given(pulse, event)
    before = get(state, id, Answer)
    if before is None:
        answer = Answer(id, pulse.id, value, round=pulse.round)
        pulse = replace(pulse, answers=pulse.answers + 1, fresh=pulse.fresh.plus(value))
        return _counted(state.set(id, answer), pulse, may=pulse.fresh.total % FEW == 0)
    if before.round == pulse.round:
        answer = replace(before, value=value)
        pulse = replace(pulse, fresh=pulse.fresh.plus(before.value, -1).plus(value))
    else:
        answer, pulse = _thought_over(before, pulse, value)
    # Told by itself it would tell of one person.
    return _counted(state.set(id, answer), pulse, may=False)


def _thought_over(answer: Answer, pulse: Pulse, value: Value) -> tuple[Answer, Pulse]:
    """An answer that is shown, and what is shown is not what that person thinks any more."""
    left, taken, was = pulse.left, pulse.taken, answer.value
    if answer.was is not None and answer.thought == pulse.thought:
        was = answer.was
        left, taken = left.plus(was, -1), taken.plus(answer.value, -1)
    if value == was:
        return replace(answer, value=value, was=None), replace(pulse, left=left, taken=taken)
    left, taken = left.plus(was), taken.plus(value)
    return replace(answer, value=value, was=was, thought=pulse.thought), replace(pulse, left=left, taken=taken)


def _closed(state: State, event: PulseClosed) -> State:
    pulse = get(state, event.id, Pulse)
    if pulse is None:
        return state
    state = _counted(state, replace(pulse, closed=True), may=True)
    return looking_at(state, pulse.id) if event.kept else state


def _word_hidden(state: State, event: PulseWordHidden) -> State:
    pulse = get(state, event.id, Pulse)
    if pulse is None:
        return state
    others = tuple(word for word in pulse.hidden if word != event.word)
    return state.set(pulse.id, replace(pulse, hidden=(*others, event.word) if event.hidden else others))


def _counted(state: State, pulse: Pulse, *, may: bool) -> State:
    """With what may be shown by now: who looks on while one more answer comes must not read it from the change."""
    if not pulse.anonymous:
        return state.set(pulse.id, _fresh_shown(_thoughts_shown(pulse)))
    if may and (pulse.closed or _tells_of_nobody(pulse, pulse.fresh)):
        thoughts = _tells_of_nobody(pulse, pulse.left) and _tells_of_nobody(pulse, pulse.taken)
        if thoughts and _what_stays_tells_of_nobody(pulse):
            pulse = _thoughts_shown(pulse)
        if _tells_of_nobody(pulse, pulse.fresh):
            pulse = _fresh_shown(pulse)
    return state.set(pulse.id, pulse)


def _fresh_shown(pulse: Pulse) -> Pulse:
    return replace(_with(pulse, pulse.fresh), fresh=Tally(), round=pulse.round + 1)


def _thoughts_shown(pulse: Pulse) -> Pulse:
    pulse = _with(_with(pulse, pulse.left, -1), pulse.taken)
    return replace(pulse, left=Tally(), taken=Tally(), thought=pulse.thought + 1)


def _with(pulse: Pulse, answers: Tally, sign: int = 1) -> Pulse:
    """These answers are shown, too; `sign` -1: no more."""
    cloud = pulse.cloud
    for value, n in answers if pulse.form == "words" or pulse.other else ():
        word = value.other if isinstance(value, Chosen) else str(value)
        # Of those as frequent comes first what was said first, so that what is shown of many stays; but in the order of the
        # alphabet where who answers is nobody's business: who saw people answer would read the order.
        cloud = cloud.plus(word, sign * n, by_alphabet=pulse.anonymous) if word else cloud
    return replace(pulse, shown=pulse.shown.changed(answers, sign), cloud=cloud)


def _what_stays_tells_of_nobody(pulse: Pulse) -> bool:
    """What is shown but for what is thought over by now."""
    few = pulse.shown.total - pulse.left.total
    return few == 0 or few >= ALIKE or _tells_of_nobody(pulse, pulse.shown.changed(pulse.left, -1))


def _tells_of_nobody(pulse: Pulse, answers: Tally) -> bool:
    """Whether whoever learns these answers, and gave one of them, knows no other's: but of ten people who are of one mind they may.
    Where several options are chosen, each is a question of its own, to which the answer is yes or no. Who wrote something themselves are of
    one mind, whatever it was: that they did is told, too."""
    few = answers.total
    if few >= ALIKE:
        return True
    if pulse.several:
        chosen = _chosen(pulse, answers)
        return few >= FEW and all(max(yes, few - yes) < few - 1 for yes in chosen)
    same: dict[Value, int] = {}
    for value, n in answers:
        mind = alike(value) if isinstance(value, str) else _number(value)
        same[mind] = same.get(mind, 0) + n
    return few >= FEW and max(same.values()) < few - 1


def _chosen(pulse: Pulse, answers: Tally) -> list[int]:
    """How many of these answers name each option, where several may be chosen."""
    counts = [0] * pulse.places
    for value, n in answers:
        for place in _places(_number(value)):
            counts[place] += n
    return counts


def _touch_asked(before: State, after: State, event: PulseAsked) -> Sequence[Touch]:
    return (Touch(event.id),)


def _touch_hidden(before: State, after: State, event: PulseWordHidden) -> Sequence[Touch]:
    return (Touch(event.id),)


def _touch_closed(before: State, after: State, event: PulseClosed) -> Sequence[Touch]:
    return (Touch(event.id), *((Touch(STAGE),) if event.kept else ()))


def _touch_answered(before: State, after: State, event: PulseAnswered) -> Sequence[Touch]:
    return (Touch(event.id), *((Touch(answer_id(event.by), (event.by,)),) if event.by else ()))


def answer_id(alias: str) -> str:
    return f"answer:{tail(alias)}"


def _render(state: State, id: str, viewer: Viewer) -> PulseRecord | None:
    pulse = get(state, id, Pulse)
    if pulse is None or viewer.owner is not None:
        return None
    words = list(islice(pulse.cloud, pulse.told))
    withheld = {word: n for word, n in words if alike(word) in pulse.hidden}
    return PulseRecord(
        id=id,
        question=pulse.question,
        form=pulse.form,
        at=pulse.at,
        options=list(pulse.options),
        low=pulse.low,
        high=pulse.high,
        several=pulse.several,
        other=pulse.other,
        anonymous=pulse.anonymous,
        closed=pulse.closed,
        # While it is anonymous, that more have answered than are counted would tell that these are of one mind.
        answers=pulse.shown.total + pulse.unlisted_answers if pulse.anonymous else pulse.answers,
        counts=_counts(pulse),
        words={word: n for word, n in words if word not in withheld},
        hidden=withheld if viewer.audience == "host" else {},
        different=pulse.cloud.different + pulse.unlisted - sum(pulse.cloud.holds(word) for word in pulse.hidden),
    )


def _counts(pulse: Pulse) -> list[int]:
    """How many gave each number, or chose each option; empty while nothing may be shown."""
    if pulse.form == "words" or not pulse.shown.total:
        return []
    if pulse.several:
        return _chosen(pulse, pulse.shown)
    first, there = (0, pulse.places) if pulse.form == "choice" else (1, SCALE)
    counts = [0] * there
    for value, n in pulse.shown:
        counts[_number(value) - first] += n
    return counts


def _render_answer(state: State, id: str, viewer: Viewer) -> AnswerRecord | None:
    answer = get(state, id, Answer)
    if answer is None or viewer.owner is None or answer_id(viewer.owner) != id:
        return None
    pulse = get(state, answer.pulse, Pulse)
    value, other = (
        (answer.value.options, answer.value.other) if isinstance(answer.value, Chosen) else (answer.value, "")
    )
    if pulse is not None and pulse.several:
        return AnswerRecord(id=id, pulse=answer.pulse, value=list(_places(int(value))), other=other)
    return AnswerRecord(id=id, pulse=answer.pulse, value=value, other=other)


def _check(state: State, record: PulseRecord) -> PulseRecord:
    room_for(len(asked(state)), MOST)
    said = shaped(record, c.AskPulse)
    if said.form != "words":
        each = len(record.options) + said.other if said.form == "choice" else SCALE
        expect(len(record.counts) in (0, each), "a count for each answer")
    expect(said.form == "scale" or not (said.low or said.high), "ends for a scale only")
    for n in (*record.counts, *record.words.values(), *record.hidden.values()):
        whole(n, MEMBERS)
    expect(len(record.hidden) <= HIDDEN, f"at most {HIDDEN} hidden words")
    a_time(record.at)
    kept = replace(
        record,
        question=clean(record.question, PROMPT_CHARS),
        options=[clean(option, TITLE_CHARS) for option in record.options],
        low=end_of_scale(record.low),
        high=end_of_scale(record.high),
        words=_cleaned(record.words, said),
        hidden=_cleaned(record.hidden, said),
    )
    expect(said.form == "choice" or not said.several, "several answers for a choice only")
    expect(said.form == "choice" or not said.other, "an answer of one's own for a choice only")
    there = whole(record.answers, MEMBERS)
    if said.several:
        expect(all(n <= there for n in record.counts), "no option chosen by more than answered")
        expect(not record.counts or sum(record.counts) >= there > 0, "an option for each who answered")
    wrote = sum(kept.words.values()) + sum(kept.hidden.values())
    if said.other:
        expect(wrote <= sum(record.counts[-1:]), "no more written than was chosen")
    more = there - sum(_told(kept).values())
    expect(more >= 0, "no more counted than answered")
    if whole(record.different, MEMBERS):
        told = sum(1 for n in record.words.values() if n)
        more = sum(record.counts[-1:]) - wrote if said.other else more
        expect(
            (said.form == "words" or said.other) and 0 <= record.different - told <= more,
            "as many different words as it tells, and as were answered",
        )
    return kept


def _cleaned(words: Mapping[str, int], said: c.AskPulse) -> dict[str, int]:
    """How many gave each word, where people give any."""
    if said.form != "words" and not said.other:
        return {}
    cleaned: dict[str, int] = {}
    for word, n in words.items():
        word = clean(word, LINE_CHARS if said.other else NAME_CHARS)  # two may come to the same
        cleaned[word] = cleaned.get(word, 0) + n
    return cleaned


def _put_back(state: State, record: PulseRecord) -> State:
    """Answers that were told are nobody's, and count; of an anonymous question those that waited to be told are not there to be told later."""
    told = _told(record)
    unlisted = max(0, record.different - sum(1 for n in record.words.values() if n))
    unlisted_answers = record.answers - sum(told.values()) if unlisted and not record.other else 0
    pulse = Pulse(
        record.id,
        record.question,
        cast(Form, record.form),
        record.at,
        tuple(record.options),
        record.anonymous,
        record.closed,
        record.low,
        record.high,
        record.answers if record.closed else sum(told.values()) + unlisted_answers,
        round=1,
        unlisted=unlisted,
        unlisted_answers=unlisted_answers,
        several=record.several,
        other=record.other,
        hidden=tuple(dict.fromkeys(map(alike, record.hidden))),
    )
    for value, n in told.items():
        pulse = _with(pulse, Tally().plus(value, n))
    return state.set(pulse.id, pulse).set(PULSES, Pulses(PULSES, (*asked(state), pulse.id)))


def _told(record: PulseRecord) -> dict[Value, int]:
    """How often each answer was shown."""
    words = {word: n for told in (record.words, record.hidden) for word, n in told.items() if n}
    if record.form == "words":
        return {word: words[word] for word in words}
    if record.several and record.counts:
        chosen = _dealt(record.counts, record.answers)
    else:
        chosen = {value: n for value, n in enumerate(record.counts, 0 if record.form == "choice" else 1) if n}
    return _written(chosen, words, record) if record.other else {value: chosen[value] for value in chosen}


def _dealt(counts: Sequence[int], answers: int) -> dict[int, int]:
    """So many answers, each of one option or more, that name the options so often: which went together, no file says."""
    values, at = [0] * answers, 0
    for place, n in enumerate(counts):
        for _ in range(n):
            values[at % answers] |= 1 << place
            at += 1
    return dict(Counter(values))


def _written(chosen: Mapping[int, int], words: Mapping[str, int], record: PulseRecord) -> dict[Value, int]:
    """These answers, with what was written in those that name the last place: what went with what, no file says either."""
    last = len(record.options)
    texts = Counter(words).elements()
    answers: Counter[Value] = Counter()
    for value, n in chosen.items():
        if value >> last & 1 if record.several else value == last:
            answers.update(Chosen(value, next(texts, "")) for _ in range(n))
        else:
            answers[Chosen(value)] += n
    return dict(answers)


PULSES_CAPABILITY = Capability(
    entities=(Pulse, Pulses, Answer),
    decide={c.AskPulse: _ask, c.AnswerPulse: _answer, c.ClosePulse: _close, c.HideWord: _hide},
    events={
        PulseAsked: (_asked, _touch_asked),
        PulseAnswered: (_answered, _touch_answered),
        PulseClosed: (_closed, _touch_closed),
        PulseWordHidden: (_word_hidden, _touch_hidden),
    },
    render={"pulse": _render, "answer": _render_answer},
    restore={"pulse": Restore(_check, _put_back)},
)
