"""The agenda: hosts write its steps, and go to any of them, forth and back; nothing is lost or reset by going (SPEC G1 to G8)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from msgspec import UNSET
from msgspec.structs import replace

from protocol import commands as c
from protocol.choices import Form, StepKind, Targets
from protocol.errors import Code, Refusal
from protocol.persons import ThingId, Words
from protocol.records import AgendaRecord, StepRecord
from protocol.version import PROMPT_CHARS, TITLE_CHARS
from server.model import rank
from server.model.kernel import Capability, Context, Event, Restore, State, Touch, Viewer, get
from server.model.restoring import PEOPLE, a_rank, a_time, expect, room_for, shaped, whole
from server.model.text import clean, clean_or_none
from server.workshop.agenda.stage import StageSet
from server.workshop.board.ideas import Idea
from server.workshop.board.standing import stands_alone, touch_all_standing
from server.workshop.outcome.pulses import end_of_scale, ready_in
from server.workshop.state.ballots import ballots, owner_of, with_dots
from server.workshop.state.board import IDEAS, board
from server.workshop.state.places import last, put
from server.workshop.state.remarks import remarks_in, touch_remark
from server.workshop.state.sorting import sorting_id
from server.workshop.state.stage import STAGE, let_go, stage
from server.workshop.state.steps import (
    AGENDA,
    STEPS,
    Agenda,
    Blind,
    Step,
    agenda,
    all_steps,
    current,
    off_board,
    step_of,
)

_SECRECY: Final[Mapping[str, int]] = {"open": 0, "hosts": 1, "nobody": 2}
_SETTINGS: Final = (
    "minutes",
    "blind",
    "anonymous",
    "moderated",
    "budget",
    "cap",
    "targets",
    "form",
    "options",
    "low",
    "high",
    "asks",
    "deals",
    "several",
    "other",
)
"""What a step is planned with beside its words, named alike in commands, events and state."""

_SET: Final = (*_SETTINGS, "carried")
"""And what is set of it when it is under way."""


class StepAdded(Event, frozen=True, gc=False, tag="step.added"):
    id: ThingId
    kind: StepKind
    rank: Words
    title: Words = ""
    prompt: Words = ""
    minutes: int = 0
    blind: Blind = "open"
    anonymous: bool = False
    moderated: bool = False
    budget: int = 0
    cap: int = 0
    targets: Targets = "ideas"
    form: Form = "scale"
    options: tuple[Words, ...] = ()
    low: Words = ""
    high: Words = ""
    asks: bool = False
    deals: bool = False
    several: bool = False
    other: bool = False


class StepEdited(Event, frozen=True, gc=False, tag="step.edited"):
    """Only what changed."""

    id: ThingId
    title: Words | None = None
    prompt: Words | None = None
    minutes: int | None = None
    blind: Blind | None = None
    anonymous: bool | None = None
    moderated: bool | None = None
    budget: int | None = None
    cap: int | None = None
    targets: Targets | None = None
    form: Form | None = None
    options: tuple[Words, ...] | None = None
    low: Words | None = None
    high: Words | None = None
    asks: bool | None = None
    deals: bool | None = None
    several: bool | None = None
    other: bool | None = None
    carried: int | None = None


class StepMoved(Event, frozen=True, gc=False, tag="step.moved"):
    id: ThingId
    rank: Words


class StepRemoved(Event, frozen=True, gc=False, tag="step.removed"):
    id: ThingId


class StepWent(Event, frozen=True, gc=False, tag="step.went"):
    """The workshop is at another step now, or at none."""

    at: int
    id: ThingId | None = None


class StepRevealed(Event, frozen=True, gc=False, tag="step.revealed"):
    """`places`: where nobody is named, (id, rank) of what was written: an order that tells of nobody."""

    id: ThingId
    places: tuple[tuple[ThingId, Words], ...] = ()


def _title(text: str) -> str:
    return clean(text, TITLE_CHARS)


def _prompt(text: str) -> str:
    return clean_or_none(text, PROMPT_CHARS)


def _options(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(clean(text, TITLE_CHARS) for text in texts)


def _settings(said: c.AddStep) -> dict[str, Any]:
    settings = {name: getattr(said, name) for name in _SETTINGS}
    ends = {"low": end_of_scale(said.low), "high": end_of_scale(said.high)}
    return settings | ends | {"options": _options(said.options)}


def _check_readers(blind: str, moderated: bool) -> None:
    if moderated and blind == "nobody":
        raise Refusal(Code.INVALID, "expected `blind` to let hosts read what they are to review")


def _add(state: State, command: c.AddStep, context: Context) -> Sequence[Event]:
    if command.id in state:
        raise Refusal(Code.ID_TAKEN)
    here = agenda(state)
    if len(here.steps) >= STEPS:
        raise Refusal(Code.TOO_MANY, f"expected at most {STEPS} steps")
    _check_readers(command.blind, command.moderated)
    place = rank.after(here.end) if command.before is None else _place_before(state, step_of(state, command.before))
    settings = _settings(command)
    return [StepAdded(command.id, command.kind, place, _title(command.title), _prompt(command.prompt), **settings)]


def _place_before(state: State, right: Step) -> str:
    left = max((step.rank for step in all_steps(state) if step.rank < right.rank), default=None)
    return rank.between(left, right.rank)


def _edit(state: State, command: c.EditStep, context: Context) -> Sequence[Event]:
    step = step_of(state, command.id)
    asked: dict[str, object] = {name: value for name in _SET if (value := getattr(command, name)) is not UNSET}
    if command.title is not UNSET:
        asked["title"] = _title(command.title)
    if command.prompt is not UNSET:
        asked["prompt"] = _prompt(command.prompt)
    if command.options is not UNSET:
        asked["options"] = _options(command.options)
    for name in ("low", "high"):
        if name in asked:
            asked[name] = end_of_scale(getattr(command, name))
    changed = {name: value for name, value in asked.items() if getattr(step, name) != value}
    after = replace(step, **changed)
    _check_readers(after.blind, after.moderated)
    if (step.opened or step.written) and (
        _SECRECY[after.blind] < _SECRECY[step.blind] or (step.anonymous and not after.anonymous)
    ):
        # People wrote because they had been told who would read it, and under which name.
        raise Refusal(Code.RATCHET)
    if (step.voted or step.closed is not None) and (
        after.budget < step.budget or after.cap < step.cap or after.targets != step.targets
    ):
        raise Refusal(Code.IN_USE, "expected no fewer dots, on the same things: people have voted")
    return [StepEdited(step.id, **changed)] if changed else []  # type: ignore[arg-type]  # names and types are those of EditStep


def _move(state: State, command: c.MoveStep, context: Context) -> Sequence[Event]:
    step = step_of(state, command.id)
    if command.before == step.id:
        return []
    if command.before is None:
        end = agenda(state).end
        last = max(other.rank for other in all_steps(state))
        return [] if last == step.rank else [StepMoved(step.id, rank.after(end))]
    right = step_of(state, command.before)
    left = max((other.rank for other in all_steps(state) if other.rank < right.rank), default=None)
    return [] if left == step.rank else [StepMoved(step.id, rank.between(left, right.rank))]


def _remove(state: State, command: c.RemoveStep, context: Context) -> Sequence[Event]:
    step = step_of(state, command.id)
    if (
        step.written
        or step.voted
        or step.ready
        or step.closed is not None
        or agenda(state).now == step.id
        or any(remarks_in(state, step.id))
        or sorting_id(step.id) in state
    ):
        raise Refusal(Code.IN_USE)
    return [StepRemoved(step.id)]


def _go(state: State, command: c.GoToStep, context: Context) -> Sequence[Event]:
    now = agenda(state).now
    step = step_of(state, command.id) if command.id is not None else None
    if command.id == now:
        return []
    if command.leaving is not UNSET and command.leaving != now:
        raise Refusal(Code.SUPERSEDED)
    asked = ready_in(state, step, context.at) if step is not None and step.asks and not step.opened else []
    # What was shown of another step is not what this one is about; black stays, as it was put there against what people see.
    follows = [] if stage(state).view in ("auto", "black") else [StageSet()]
    return [StepWent(context.at, command.id), *follows, *asked]


def _reveal(state: State, command: c.RevealStep, context: Context) -> Sequence[Event]:
    step = step_of(state, command.id)
    if step.reader == "open":
        return []
    return [StepRevealed(step.id, _dealt(state, step) if step.anonymous else ())]


def _dealt(state: State, step: Step) -> tuple[tuple[str, str], ...]:
    """Places behind what everyone reads, by the ideas' random ids. What stays in review or removed leaves no gap."""
    zones: dict[str, list[Idea]] = {}
    for idea in sorted(_written_in(state, step.id), key=lambda idea: idea.id):
        zones.setdefault(idea.zone or "", []).append(idea)
    dealt: list[tuple[str, str]] = []
    for zone, ideas in sorted(zones.items()):
        place = end[0] if (end := last(state, zone or None)) else None
        ranks = list(rank.deal(place, None, sum(not idea.hidden and not idea.removed for idea in ideas)))
        for idea in ideas:
            if idea.hidden or idea.removed:
                dealt.append((idea.id, rank.scatter(place, ranks[0] if ranks else None, idea.id)))
            else:
                place = ranks.pop(0)
                dealt.append((idea.id, place))
    return tuple(dealt)


def _added(state: State, event: StepAdded) -> State:
    here = agenda(state)
    settings = {name: getattr(event, name) for name in _SETTINGS}
    step = Step(event.id, event.kind, event.title, event.rank, event.prompt, **settings)
    end = max(here.end or "", event.rank)
    return state.set(step.id, step).set(AGENDA, replace(here, steps=(*here.steps, step.id), end=end))


def _edited(state: State, event: StepEdited) -> State:
    step = get(state, event.id, Step)
    if step is None:
        return state
    names = ("title", "prompt", *_SET)
    changed = {name: value for name in names if (value := getattr(event, name)) is not None}
    step = replace(step, **changed)
    return _handed_down(state, with_dots(step, _things_of(state)) if step.opened else step)


def _moved(state: State, event: StepMoved) -> State:
    step = get(state, event.id, Step)
    if step is None:
        return state
    here = agenda(state)
    state = state.set(AGENDA, replace(here, end=max(here.end or "", event.rank)))
    return state.set(step.id, replace(step, rank=event.rank))


def _removed(state: State, event: StepRemoved) -> State:
    here = agenda(state)
    state = state.set(AGENDA, replace(here, steps=tuple(id for id in here.steps if id != event.id)))
    return state.delete(event.id) if event.id in state else state


def _went(state: State, event: StepWent) -> State:
    left, entered = current(state), get(state, event.id, Step)
    if left is not None:
        state = state.set(left.id, left.rested(event.at))
    if entered is not None:
        state = state.set(entered.id, with_dots(entered.entered(event.at), _things_of(state)))
    return let_go(state.set(AGENDA, replace(agenda(state), now=event.id, since=event.at)))


def _things_of(state: State) -> Callable[[Targets], int]:
    def things(targets: Targets) -> int:
        if targets == "zones":
            return len(board(state).zones)
        return sum(
            isinstance(e, Idea) and stands_alone(state, e) and not off_board(state, e.step) for e in state.values()
        )

    return things


def _revealed(state: State, event: StepRevealed) -> State:
    step = get(state, event.id, Step)
    if step is None:
        return state
    if step.anonymous and not event.places:  # as releases of event format 3 dealt them
        state = _shuffled(state, step)
    return _handed_down(state, replace(step, revealed=True), dict(event.places))


def _handed_down(state: State, step: Step, places: Mapping[str, str] = {}) -> State:
    """The state with this step, and with what was written in it read by whom the step says, and lying in these places."""
    state, reader, anonymous = state.set(step.id, step), step.reader, step.anonymous
    for remark in list(remarks_in(state, step.id)):
        if remark.reader != reader or remark.anonymous is not anonymous:
            state = state.set(remark.id, replace(remark, reader=reader, anonymous=anonymous))
    return put(
        state,
        *(
            replace(idea, reader=reader, anonymous=anonymous, rank=places.get(idea.id, idea.rank))
            for idea in _written_in(state, step.id)
            if idea.reader != reader or idea.anonymous is not anonymous or idea.id in places
        ),
    )


def _shuffled(state: State, step: Step) -> State:
    """Who saw the count grow while his neighbour wrote must not find the neighbour's idea by its place. Ids are random: they give the order."""
    zones: dict[str | None, list[Idea]] = {}
    for idea in _written_in(state, step.id):
        zones.setdefault(idea.zone, []).append(idea)
    for ideas in zones.values():
        places = sorted(idea.rank for idea in ideas)
        by_id = sorted(ideas, key=lambda idea: idea.id)
        state = put(state, *(replace(idea, rank=place) for place, idea in zip(places, by_id, strict=True)))
    return state


def _written_in(state: State, step: str) -> Iterator[Idea]:
    return (entity for entity in state.values() if isinstance(entity, Idea) and entity.step == step)


def _touch_agenda(before: State, after: State, event: StepAdded | StepRemoved) -> Sequence[Touch]:
    return (Touch(event.id), Touch(AGENDA))


def _touch(before: State, after: State, event: StepMoved) -> Sequence[Touch]:
    return (Touch(event.id),)


def _touch_went(before: State, after: State, event: StepWent) -> Sequence[Touch]:
    left = agenda(before).now
    held = (Touch(STAGE),) if before.get(STAGE) is not after.get(STAGE) else ()
    return (Touch(AGENDA), *held, *(Touch(id) for id in (left, event.id) if id is not None))


def _touch_edited(before: State, after: State, event: StepEdited) -> Sequence[Touch]:
    """A higher cap counts what had come back."""
    held = ballots(after, event.id) if event.cap is not None else ()
    return (*_touch_written(before, after, event), *(Touch(one.id, (owner_of(one.id),)) for one in held))


def _touch_written(before: State, after: State, event: StepEdited | StepRevealed) -> Sequence[Touch]:
    # In an order that all workers have: that of a map of texts is another in each process.
    changed = sorted(idea.id for idea in _written_in(after, event.id) if before.get(idea.id) is not idea)
    remarks = sorted(remark.id for remark in remarks_in(after, event.id) if before.get(remark.id) is not remark)
    return (
        Touch(event.id),
        *touch_all_standing(before, after, changed),
        *(touch_remark(after, id) for id in remarks),
    )


def _render_step(state: State, id: str, viewer: Viewer) -> StepRecord | None:
    step = get(state, id, Step)
    if step is None or viewer.owner is not None:
        return None
    return StepRecord(
        id=step.id,
        kind=step.act,
        title=step.title,
        rank=step.rank,
        prompt=step.prompt,
        minutes=step.minutes,
        blind=step.blind,
        anonymous=step.anonymous,
        moderated=step.moderated,
        revealed=step.revealed,
        written=0 if step.reader == "open" else step.there_are,
        ready=step.ready,
        ends=step.ends,
        left=step.left,
        budget=step.budget,
        cap=step.cap,
        targets=step.targets,
        form=step.form,
        options=list(step.options),
        low=step.low,
        high=step.high,
        asks=step.asks,
        deals=step.deals,
        several=step.several,
        other=step.other,
        carried=step.carried,
        voted=step.voted,
        closed=step.closed,
        counted=step.counted and viewer.audience == "host",
        shown=step.shown,
    )


def _render_agenda(state: State, id: str, viewer: Viewer) -> AgendaRecord | None:
    here = get(state, id, Agenda)
    if here is None or viewer.owner is not None:
        return None
    return AgendaRecord(id=id, now=here.now, since=here.since)


def _check_step(state: State, record: StepRecord) -> StepRecord:
    room_for(len(agenda(state).steps), STEPS)
    said = shaped(record, c.AddStep)
    _check_readers(said.blind, said.moderated)
    whole(record.ready, PEOPLE)
    whole(record.voted, PEOPLE)
    whole(record.carried, IDEAS)
    for time in (record.closed, record.ends, record.left):
        a_time(time)
    return replace(
        record,
        title=_title(record.title),
        rank=a_rank(record.rank),
        prompt=_prompt(record.prompt),
        options=list(_options(said.options)),
        low=end_of_scale(record.low),
        high=end_of_scale(record.high),
    )


def _put_back_step(state: State, record: StepRecord) -> State:
    """What is not told is how it was left: whoever comes late to it is late, and ballots of an open vote are nobody's any more."""
    here = agenda(state)
    closed, ends, left = record.closed, record.ends, record.left
    counts = record.ready or record.voted or record.revealed or record.shown
    opened = bool(counts) or (closed, ends, left) != (None, None, None)
    settings = {name: getattr(record, name) for name in _SETTINGS} | {"options": tuple(record.options)}
    step = Step(
        record.id,
        cast(StepKind, record.kind),
        record.title,
        record.rank,
        record.prompt,
        **settings,
        revealed=record.revealed,
        opened=opened,
        over=0 if opened else None,
        ready=record.ready,
        ends=ends,
        left=left,
        rests=left is not None,
        carried=record.carried,
        voted=0 if closed is None else record.voted,
        closed=closed,
        counted=record.counted and closed is not None,
        shown=record.shown and closed is not None,
    )
    end = max(here.end or "", step.rank)
    return state.set(step.id, step).set(AGENDA, replace(here, steps=(*here.steps, step.id), end=end))


def _check_agenda(state: State, record: AgendaRecord) -> AgendaRecord:
    expect(record.id == AGENDA, f"the agenda's id to be {AGENDA}")
    expect((get(state, record.now, Step) is None) == (record.now is None), "`now` to be a step")
    a_time(record.since)
    return record


def _put_back_agenda(state: State, record: AgendaRecord) -> State:
    now = get(state, record.now, Step)
    if now is not None:
        state = state.set(now.id, replace(now, opened=True, over=None, rests=False))
    return state.set(AGENDA, replace(agenda(state), now=record.now, since=record.since))


AGENDA_CAPABILITY = Capability(
    entities=(Step, Agenda),
    decide={
        c.AddStep: _add,
        c.EditStep: _edit,
        c.MoveStep: _move,
        c.RemoveStep: _remove,
        c.GoToStep: _go,
        c.RevealStep: _reveal,
    },
    events={
        StepAdded: (_added, _touch_agenda),
        StepEdited: (_edited, _touch_edited),
        StepMoved: (_moved, _touch),
        StepRemoved: (_removed, _touch_agenda),
        StepWent: (_went, _touch_went),
        StepRevealed: (_revealed, _touch_written),
    },
    render={"step": _render_step, "agenda": _render_agenda},
    restore={"step": Restore(_check_step, _put_back_step), "agenda": Restore(_check_agenda, _put_back_agenda)},
)
