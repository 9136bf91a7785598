"""Pulses: a question on the fly, answered with a touch or a word; everyone sees what came, and nobody from whom (SPEC U)."""

import re
from collections.abc import Sequence
from typing import Final, Literal

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.records import AnswerRecord, PulseRecord
from protocol.version import NAME_CHARS, PROMPT_CHARS, TITLE_CHARS
from server.domain.kernel import Capability, Context, Entity, Event, State, Touch, Viewer, get, not_found, tail
from server.domain.people import MEMBERS
from server.domain.restoring import a_time, expect, room_for, shaped, whole
from server.domain.text import clean

PULSES: Final = "pulses:of-this-room"
MOST: Final = 100
"""How many a room holds (SPEC L6)."""

FEW: Final = 5
"""Answers below which, and steps by which, what came of an anonymous question is shown (SPEC U3)."""

SCALE: Final = 5
"""The steps of a scale."""

Form = Literal["scale", "choice", "words"]


class Pulse(Entity, frozen=True, gc=False, tag="pulse"):
    """
    Attributes:
        answers: ids of the answers, in the order in which they came.
        shown: what those said that are counted for people to see.
    """

    question: str
    form: Form
    at: int
    options: tuple[str, ...] = ()
    anonymous: bool = True
    closed: bool = False
    answers: tuple[str, ...] = ()
    shown: tuple[int | str, ...] = ()


class Answer(Entity, frozen=True, gc=False, tag="answer"):
    """Of one person, whose alias its id tells. `value`: a number of the scale, the place of a choice, or words."""

    pulse: str
    value: int | str


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


def _ask(state: State, command: c.AskPulse, context: Context) -> Sequence[Event]:
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
    question = clean(command.question, PROMPT_CHARS)
    return [PulseAsked(command.id, context.at, command.form, question, options, command.anonymous)]


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


def _value(pulse: Pulse, value: int | str) -> int | str:
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
    pulse = Pulse(event.id, event.question, event.form, event.at, event.options, event.anonymous)
    return state.set(pulse.id, pulse).set(PULSES, Pulses(PULSES, (*asked(state), pulse.id)))


def _answered(state: State, event: PulseAnswered) -> State:
    pulse = get(state, event.id, Pulse)
    if pulse is None or event.by is None:
        return state
    id = answer_id(event.by)
    again = id in state
    state = state.set(id, Answer(id, pulse.id, event.value))
    if again:
        # Told by itself it would tell of one person: it waits for the next five, or for the close.
        return state if pulse.anonymous else _counted(state, pulse)
    return _counted(state, replace(pulse, answers=(*pulse.answers, id)))


def _closed(state: State, event: PulseClosed) -> State:
    pulse = get(state, event.id, Pulse)
    return _counted(state, replace(pulse, closed=True)) if pulse else state


def _counted(state: State, pulse: Pulse) -> State:
    """With what may be shown by now: who looks on while one more answer comes must not read it from the change."""
    count = len(pulse.answers)
    if not pulse.anonymous or (count >= FEW and (pulse.closed or count % FEW == 0)):
        given = (get(state, id, Answer) for id in pulse.answers)
        pulse = replace(pulse, shown=tuple(answer.value for answer in given if answer is not None))
    return state.set(pulse.id, pulse)


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
    return PulseRecord(
        id=id,
        question=pulse.question,
        form=pulse.form,
        at=pulse.at,
        options=list(pulse.options),
        anonymous=pulse.anonymous,
        closed=pulse.closed,
        answers=len(pulse.answers),
        counts=_counts(pulse),
        words=_cloud(pulse),
    )


def _counts(pulse: Pulse) -> list[int]:
    """How many gave each number of the scale, or chose each option; empty while nothing may be shown."""
    places = {"scale": range(1, SCALE + 1), "choice": range(len(pulse.options)), "words": ()}[pulse.form]
    return [pulse.shown.count(place) for place in places] if pulse.shown else []


def _cloud(pulse: Pulse) -> dict[str, int]:
    """Words and how many gave them, most first; one that differs in case or white space only is the same."""
    if pulse.form != "words":
        return {}
    first: dict[str, str] = {}
    count: dict[str, int] = {}
    for word in sorted(map(str, pulse.shown)):
        same = re.sub(r"\s+", " ", word).casefold().strip(" .!")
        first.setdefault(same, word)
        count[same] = count.get(same, 0) + 1
    return {first[same]: n for same, n in sorted(count.items(), key=lambda item: (-item[1], item[0]))}


def _render_answer(state: State, id: str, viewer: Viewer) -> AnswerRecord | None:
    answer = get(state, id, Answer)
    if answer is None or viewer.owner is None or answer_id(viewer.owner) != id:
        return None
    return AnswerRecord(id=id, pulse=answer.pulse, value=answer.value)


def _put_back(state: State, record: PulseRecord) -> State:
    """Answers that were told are nobody's, and count; of an anonymous question those that waited to be told are not there to be told later."""
    room_for(len(asked(state)), MOST)
    said = shaped(record, c.AskPulse)
    options = tuple(clean(option, TITLE_CHARS) for option in said.options)
    came, counted = whole(record.answers, MEMBERS), [*record.counts, *record.words.values()]
    expect(sum(map(whole, counted)) <= came, "no more counted than answered")
    shown = _told(said.form, record)
    ids = tuple(answer_id(f"imported:{n:06d}-{tail(record.id)}") for n in range(came if record.closed else len(shown)))
    for id, value in zip(ids, shown, strict=False):
        state = state.set(id, Answer(id, record.id, value))
    pulse = Pulse(
        record.id,
        clean(record.question, PROMPT_CHARS),
        said.form,
        a_time(record.at),
        options,
        record.anonymous,
        record.closed,
        ids,
        shown,
    )
    return state.set(pulse.id, pulse).set(PULSES, Pulses(PULSES, (*asked(state), pulse.id)))


def _told(form: Form, record: PulseRecord) -> tuple[int | str, ...]:
    """The answers behind what is counted, in some order."""
    if form == "words":
        given: list[int | str] = []
        for word, n in record.words.items():
            given += [clean(word, NAME_CHARS)] * n
        return tuple(given)
    expect(len(record.counts) in (0, SCALE if form == "scale" else len(record.options)), "a count for each answer")
    first = 1 if form == "scale" else 0
    return tuple(place for place, n in enumerate(record.counts, first) for _ in range(n))


PULSES_CAPABILITY = Capability(
    entities=(Pulse, Pulses, Answer),
    decide={c.AskPulse: _ask, c.AnswerPulse: _answer, c.ClosePulse: _close},
    events={
        PulseAsked: (_asked, _touch_asked),
        PulseAnswered: (_answered, _touch_answered),
        PulseClosed: (_closed, _touch_asked),
    },
    render={"pulse": _render, "answer": _render_answer},
    restore={"pulse": _put_back},
)
