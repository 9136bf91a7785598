"""Pulses: a question on the fly, answered with a touch or a word; everyone sees what came, and nobody from whom (SPEC U)."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final, Literal, cast

from msgspec import field
from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.records import AnswerRecord, PulseRecord
from protocol.version import NAME_CHARS, PROMPT_CHARS, TITLE_CHARS
from server.model.kernel import Capability, Context, Entity, Event, Restore, State, Touch, Viewer, get, not_found, tail
from server.model.restoring import a_time, expect, room_for, shaped, whole
from server.model.text import clean, clean_or_none
from server.workshop.people.people import MEMBERS
from server.workshop.state.steps import Step

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

SCALE: Final = 5
"""The steps of a scale."""

Form = Literal["scale", "choice", "words"]


Value = int | str
Counts = Mapping[Value, int]


class Pulse(Entity, frozen=True, gc=False, tag="pulse"):
    """What came is kept as counts, which are never changed in place: a question costs what its different answers cost.

    Attributes:
        low, high: what 1 and 5 mean on its scale.
        answers: how many people have answered.
        shown: how often each answer is counted for people to see.
        fresh: the same of answers that wait to be shown for the first time.
        left, taken: what those say in `shown` who think otherwise by now, and what they think, while that waits to be shown.
        round, thought: how often fresh answers, and second thoughts, have been shown.
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
    shown: dict[Value, int] = field(default_factory=dict)
    fresh: dict[Value, int] = field(default_factory=dict)
    left: dict[Value, int] = field(default_factory=dict)
    taken: dict[Value, int] = field(default_factory=dict)
    round: int = 0
    thought: int = 0
    unlisted: int = 0
    unlisted_answers: int = 0


class Answer(Entity, frozen=True, gc=False, tag="answer"):
    """Of one person, whose alias its id tells.

    Attributes:
        value: a number of the scale, the place of a choice, or words.
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
    id: str
    at: int
    form: Form
    question: str = ""
    options: tuple[str, ...] = ()
    anonymous: bool = True
    low: str = ""
    high: str = ""


class PulseAnswered(Event, frozen=True, gc=False, tag="pulse.answered"):
    """`by` is an alias of the pulse."""

    id: str
    by: str | None = None
    value: int | str = 0


class PulseClosed(Event, frozen=True, gc=False, tag="pulse.closed"):
    id: str


def asked(state: State) -> tuple[str, ...]:
    here = get(state, PULSES, Pulses)
    return here.asked if here else ()


def ready_in(state: State, step: Step, at: int) -> Sequence[Event]:
    """What asks the question that a step has ready, once; nothing where it is none that could be asked."""
    options = list(step.options) if step.form == "choice" else []
    low, high = (step.low, step.high) if step.form == "scale" else ("", "")
    command = c.AskPulse(f"pulse:{tail(step.id)}", step.prompt, step.form, options, low=low, high=high)
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
    if command.form != "scale" and (command.low or command.high):
        raise Refusal(Code.INVALID, "expected ends for a scale only")
    question, low, high = clean(command.question, PROMPT_CHARS), end_of_scale(command.low), end_of_scale(command.high)
    return PulseAsked(command.id, at, command.form, question, options, command.anonymous, low, high)


def _pulse(state: State, id: str) -> Pulse:
    pulse = get(state, id, Pulse)
    if pulse is None:
        raise not_found(id)
    return pulse


def _answer(state: State, command: c.AnswerPulse, context: Context) -> Sequence[Event]:
    pulse = _pulse(state, command.id)
    if pulse.closed:
        raise Refusal(Code.CLOSED)
    value = _value(pulse, command.value)
    alias = context.actor.alias(pulse.id)
    before = get(state, answer_id(alias), Answer)
    return [] if before and before.value == value else [PulseAnswered(pulse.id, alias, value)]


def _value(pulse: Pulse, value: Value) -> Value:
    """
    Raises:
        Refusal: `invalid`, or of the text.
    """
    match pulse.form, value:
        case "words", str():
            return clean(value, NAME_CHARS)
        case "scale", int() if 1 <= value <= SCALE:
            return value
        case "choice", int() if 0 <= value < len(pulse.options):
            return value
        case _:
            expected = {"words": "words", "scale": f"a number from 1 to {SCALE}", "choice": "the place of an option"}
            raise Refusal(Code.INVALID, f"expected `value` to be {expected[pulse.form]}")


def _close(state: State, command: c.ClosePulse, context: Context) -> Sequence[Event]:
    pulse = _pulse(state, command.id)
    return [] if pulse.closed else [PulseClosed(pulse.id)]


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
    )
    return state.set(pulse.id, pulse).set(PULSES, Pulses(PULSES, (*asked(state), pulse.id)))


def _answered(state: State, event: PulseAnswered) -> State:
    pulse = get(state, event.id, Pulse)
    if pulse is None or event.by is None:
        return state
    id, value = answer_id(event.by), event.value
    before = get(state, id, Answer)
    if before is None:
        answer = Answer(id, pulse.id, value, round=pulse.round)
        pulse = replace(pulse, answers=pulse.answers + 1, fresh=_plus(pulse.fresh, {value: 1}))
        return _counted(state.set(id, answer), pulse, may=_sum(pulse.fresh) % FEW == 0)
    if before.round == pulse.round:
        answer = replace(before, value=value)
        pulse = replace(pulse, fresh=_plus(_minus(pulse.fresh, {before.value: 1}), {value: 1}))
    else:
        answer, pulse = _thought_over(before, pulse, value)
    # Told by itself it would tell of one person.
    return _counted(state.set(id, answer), pulse, may=False)


def _thought_over(answer: Answer, pulse: Pulse, value: Value) -> tuple[Answer, Pulse]:
    """An answer that is shown, and what is shown is not what that person thinks any more."""
    left, taken, was = pulse.left, pulse.taken, answer.value
    if answer.was is not None and answer.thought == pulse.thought:
        was = answer.was
        left, taken = _minus(left, {was: 1}), _minus(taken, {answer.value: 1})
    if value == was:
        return replace(answer, value=value, was=None), replace(pulse, left=left, taken=taken)
    left, taken = _plus(left, {was: 1}), _plus(taken, {value: 1})
    return replace(answer, value=value, was=was, thought=pulse.thought), replace(pulse, left=left, taken=taken)


def _closed(state: State, event: PulseClosed) -> State:
    pulse = get(state, event.id, Pulse)
    return _counted(state, replace(pulse, closed=True), may=True) if pulse else state


def _counted(state: State, pulse: Pulse, *, may: bool) -> State:
    """With what may be shown by now: who looks on while one more answer comes must not read it from the change."""
    if not pulse.anonymous:
        shown = _plus(_minus(_plus(pulse.shown, pulse.fresh), pulse.left), pulse.taken)
        return state.set(pulse.id, replace(_thoughts_shown(pulse), shown=shown, fresh={}, round=pulse.round + 1))
    if not may or not (pulse.closed or _tells_of_nobody(pulse.fresh)):
        return state.set(pulse.id, pulse)
    stays = _minus(pulse.shown, pulse.left)
    if all(map(_tells_of_nobody, (pulse.left, pulse.taken))) and (not stays or _tells_of_nobody(stays)):
        pulse = _thoughts_shown(replace(pulse, shown=_plus(stays, pulse.taken)))
    if _tells_of_nobody(pulse.fresh):
        pulse = replace(pulse, shown=_plus(pulse.shown, pulse.fresh), fresh={}, round=pulse.round + 1)
    return state.set(pulse.id, pulse)


def _thoughts_shown(pulse: Pulse) -> Pulse:
    return replace(pulse, left={}, taken={}, thought=pulse.thought + 1)


def _tells_of_nobody(counts: Counts) -> bool:
    """Whether whoever learns these answers, and gave one of them, knows no other's: but of ten people who are of one mind they may."""
    few = _sum(counts)
    alike: dict[Value, int] = {}
    for value, n in counts.items():
        same = _alike(value) if isinstance(value, str) else value
        alike[same] = alike.get(same, 0) + n
    return few >= ALIKE or (few >= FEW and max(alike.values()) < few - 1)


def _alike(words: str) -> str:
    """Words that differ in case or white space only are the same."""
    return " ".join(words.split()).casefold().strip(" .!")


def _sum(counts: Counts) -> int:
    return sum(counts.values())


def _plus(counts: Counts, more: Counts) -> dict[Value, int]:
    sums = dict(counts)
    for value, n in more.items():
        sums[value] = sums.get(value, 0) + n
        if not sums[value]:
            del sums[value]
    return sums


def _minus(counts: Counts, less: Counts) -> dict[Value, int]:
    return _plus(counts, {value: -n for value, n in less.items()})


def _touch_asked(before: State, after: State, event: PulseAsked | PulseClosed) -> Sequence[Touch]:
    return (Touch(event.id),)


def _touch_answered(before: State, after: State, event: PulseAnswered) -> Sequence[Touch]:
    return (Touch(event.id), *((Touch(answer_id(event.by), (event.by,)),) if event.by else ()))


def answer_id(alias: str) -> str:
    return f"answer:{tail(alias)}"


def _render(state: State, id: str, viewer: Viewer) -> PulseRecord | None:
    pulse = get(state, id, Pulse)
    if pulse is None or viewer.owner is not None:
        return None
    words = _cloud(pulse)
    return PulseRecord(
        id=id,
        question=pulse.question,
        form=pulse.form,
        at=pulse.at,
        options=list(pulse.options),
        low=pulse.low,
        high=pulse.high,
        anonymous=pulse.anonymous,
        closed=pulse.closed,
        # While it is anonymous, that more have answered than are counted would tell that these are of one mind.
        answers=_sum(pulse.shown) + pulse.unlisted_answers if pulse.anonymous else pulse.answers,
        counts=_counts(pulse),
        words=dict(islice(words.items(), TOLD_WORDS if pulse.closed else SHOWN_WORDS)),
        different=len(words) + pulse.unlisted,
    )


def _counts(pulse: Pulse) -> list[int]:
    """How many gave each number of the scale, or chose each option; empty while nothing may be shown."""
    places = {"scale": range(1, SCALE + 1), "choice": range(len(pulse.options)), "words": ()}[pulse.form]
    return [pulse.shown.get(place, 0) for place in places] if pulse.shown else []


def _cloud(pulse: Pulse) -> dict[str, int]:
    """Words and how many gave them, most first; one that differs in case or white space only is the same.

    Of those as frequent come first what was said first, so that what is shown of many stays; but in the order of the alphabet where
    who answers is nobody's business: who saw people answer would read the order.
    """
    if pulse.form != "words":
        return {}
    spelt: dict[str, str] = {}
    count: dict[str, int] = {}
    for value, n in pulse.shown.items():
        word = str(value)
        same = _alike(word)
        spelt[same] = min(spelt.get(same, word), word)
        count[same] = count.get(same, 0) + n
    told = sorted(count) if pulse.anonymous else count
    return {spelt[same]: count[same] for same in sorted(told, key=lambda same: -count[same])}


def _render_answer(state: State, id: str, viewer: Viewer) -> AnswerRecord | None:
    answer = get(state, id, Answer)
    if answer is None or viewer.owner is None or answer_id(viewer.owner) != id:
        return None
    return AnswerRecord(id=id, pulse=answer.pulse, value=answer.value)


def _check(state: State, record: PulseRecord) -> PulseRecord:
    room_for(len(asked(state)), MOST)
    said = shaped(record, c.AskPulse)
    if said.form != "words":
        each = SCALE if said.form == "scale" else len(record.options)
        expect(len(record.counts) in (0, each), "a count for each answer")
    for n in (*record.counts, *record.words.values()):
        whole(n, MEMBERS)
    words: dict[str, int] = {}
    for word, n in record.words.items():
        word = clean(word, NAME_CHARS)  # two may come to the same
        words[word] = words.get(word, 0) + n
    a_time(record.at)
    kept = replace(
        record,
        question=clean(record.question, PROMPT_CHARS),
        options=[clean(option, TITLE_CHARS) for option in record.options],
        low=end_of_scale(record.low),
        high=end_of_scale(record.high),
        words=words,
    )
    more = whole(record.answers, MEMBERS) - _sum(_told(kept))
    expect(more >= 0, "no more counted than answered")
    if whole(record.different, MEMBERS):
        told = sum(1 for n in record.words.values() if n)
        expect(
            said.form == "words" and 0 <= record.different - told <= more,
            "as many different words as it tells, and as were answered",
        )
    return kept


def _put_back(state: State, record: PulseRecord) -> State:
    """Answers that were told are nobody's, and count; of an anonymous question those that waited to be told are not there to be told later."""
    shown = _told(record)
    unlisted = max(0, record.different - len(shown))
    unlisted_answers = record.answers - _sum(shown) if unlisted else 0
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
        record.answers if record.closed else _sum(shown) + unlisted_answers,
        shown,
        round=1,
        unlisted=unlisted,
        unlisted_answers=unlisted_answers,
    )
    return state.set(pulse.id, pulse).set(PULSES, Pulses(PULSES, (*asked(state), pulse.id)))


def _told(record: PulseRecord) -> dict[Value, int]:
    """How often each answer was shown."""
    if record.form == "words":
        return {word: n for word, n in record.words.items() if n}
    return {value: n for value, n in enumerate(record.counts, 1 if record.form == "scale" else 0) if n}


PULSES_CAPABILITY = Capability(
    entities=(Pulse, Pulses, Answer),
    decide={c.AskPulse: _ask, c.AnswerPulse: _answer, c.ClosePulse: _close},
    events={
        PulseAsked: (_asked, _touch_asked),
        PulseAnswered: (_answered, _touch_answered),
        PulseClosed: (_closed, _touch_asked),
    },
    render={"pulse": _render, "answer": _render_answer},
    restore={"pulse": Restore(_check, _put_back)},
)
