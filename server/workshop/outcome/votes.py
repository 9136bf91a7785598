"""Votes with dots: everyone has a few, and lays them on what he would carry; closing and revealing are two things (SPEC V)."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, ThingId
from protocol.records import BallotRecord, ResultRecord, TotalRecord
from protocol.version import PROMPT_CHARS
from server.model.kernel import Capability, Context, Event, Restore, State, Touch, Viewer, get, not_found
from server.model.restoring import DOTS, PEOPLE, a_time, an_id, expect, whole
from server.model.text import clean_or_none
from server.workshop.board.ideas import Idea
from server.workshop.board.standing import standing
from server.workshop.board.zones import Zone
from server.workshop.people.people import Member
from server.workshop.state.ballots import (
    Ballot,
    BallotBox,
    Result,
    Total,
    ballot_box_id,
    ballot_id,
    ballots,
    owner_of,
    result_id,
)
from server.workshop.state.board import IDEAS
from server.workshop.state.posts import Post
from server.workshop.state.steps import Step, off_board, step_of


class DotsPut(Event, frozen=True, gc=False, tag="dots.put"):
    """So many of `by`'s dots lie on a thing now; `by` is an alias of the step."""

    step: ThingId
    on: ThingId
    count: int
    by: PersonId | None = None
    weight: int = 1


class VoteClosed(Event, frozen=True, gc=False, tag="vote.closed"):
    step: ThingId
    at: int


class VoteCounted(Event, frozen=True, gc=False, tag="vote.counted"):
    """Hosts see its result from now on."""

    step: ThingId


class VoteReopened(Event, frozen=True, gc=False, tag="vote.reopened"):
    step: ThingId


class VoteRevealed(Event, frozen=True, gc=False, tag="vote.revealed"):
    step: ThingId


def choice(state: State, on: str) -> str | None:
    """What dots on a thing count for now: it, or the idea in which it stands; nothing where not everyone sees it any more."""
    return on if get(state, on, Zone) is not None else standing(state, on)


def counted(state: State, dots: Mapping[str, int], cap: int) -> dict[str, int]:
    """What counts of someone's dots: those on things that were merged add up, as far as the cap."""
    return _counted(dots, cap, partial(choice, state))


def _counted(dots: Mapping[str, int], cap: int, choose: Callable[[str], str | None]) -> dict[str, int]:
    count: dict[str, int] = {}
    for on, n in dots.items():
        target = choose(on)
        if target is not None:
            count[target] = min(cap, count.get(target, 0) + n)
    return count


def returned(state: State, dots: Mapping[str, int], cap: int) -> tuple[str, ...]:
    """Things whose dots, or some of them, are their owner's to put again."""
    count = counted(state, dots, cap)
    laid: dict[str, int] = {}
    for on, n in dots.items():
        target = choice(state, on)
        laid[target or on] = laid.get(target or on, 0) + n
    return tuple(sorted(on for on, n in laid.items() if n > count.get(on, 0)))


def _trimmed(state: State, dots: dict[str, int], step: Step) -> dict[str, int]:
    """Dots that had come back and have been put elsewhere are not there any more, should what they lay on come back too."""
    over = sum(dots.values()) - step.budget
    kept = dict(dots)
    for on in sorted(dots, key=lambda on: (choice(state, on) is not None, on)):
        if over <= 0:
            break
        target = choice(state, on)
        laid = sum(n for other, n in kept.items() if target is not None and choice(state, other) == target)
        spare = kept[on] if target is None else min(kept[on], max(0, laid - step.cap))
        taken = min(spare, over)
        kept[on] -= taken
        over -= taken
    return {on: n for on, n in kept.items() if n}


def _vote(state: State, id: str) -> Step:
    """
    Raises:
        Refusal: `not_found`, `invalid` for a step that is no vote, `not_open` for one that nobody has been in.
    """
    step = step_of(state, id)
    if step.act != "vote":
        raise Refusal(Code.INVALID, "expected a step of kind vote")
    if not step.opened:
        raise Refusal(Code.NOT_OPEN)
    return step


def _put(state: State, command: c.PutDots, context: Context) -> Sequence[Event]:
    step = _vote(state, command.step)
    if step.closed is not None:
        raise Refusal(Code.CLOSED)
    if command.on.partition(":")[0] != step.targets.removesuffix("s"):
        raise Refusal(Code.INVALID, f"expected `on` to be one of the {step.targets}")
    if choice(state, command.on) != command.on:
        raise not_found(command.on)
    thing = get(state, command.on, Idea)
    if thing is not None and off_board(state, thing.step):
        raise Refusal(Code.INVALID, "expected `on` to be an idea, and not what somebody says of himself")
    alias = context.actor.alias(step.id)
    ballot = get(state, ballot_id(alias), Ballot)
    now = counted(state, ballot.dots, step.cap) if ballot else {}
    before = now.get(command.on, 0)
    if command.count == before:
        return []
    if command.count > step.cap:
        raise Refusal(Code.OVER_CAP, f"expected at most {step.cap} dots on one thing")
    if sum(now.values()) - before + command.count > step.budget:
        raise Refusal(Code.OVER_BUDGET, f"expected at most {step.budget} dots in all")
    member = get(state, context.actor.id, Member)
    weight = ballot.weight if ballot else max(1, member.weight if member else 0)
    return [DotsPut(step.id, command.on, command.count, alias, weight)]


def _close(state: State, command: c.CloseVote, context: Context) -> Sequence[Event]:
    step = _vote(state, command.step)
    return [VoteClosed(step.id, context.at)] if step.closed is None else []


def _count(state: State, command: c.CountVote, context: Context) -> Sequence[Event]:
    step = _vote(state, command.step)
    if step.closed is None:
        raise Refusal(Code.STILL_OPEN)
    return [] if step.counted else [VoteCounted(step.id)]


def _reopen(state: State, command: c.ReopenVote, context: Context) -> Sequence[Event]:
    step = _vote(state, command.step)
    if step.counted or step.shown:
        # A look around each ballot would tell who put dots where.
        raise Refusal(Code.CLOSED, "expected a vote whose result nobody has been shown, hosts included")
    return [VoteReopened(step.id)] if step.closed is not None else []


def _reveal(state: State, command: c.RevealVote, context: Context) -> Sequence[Event]:
    step = _vote(state, command.step)
    if step.closed is None:
        raise Refusal(Code.STILL_OPEN)
    return [] if step.shown else [VoteRevealed(step.id)]


def _was_put(state: State, event: DotsPut) -> State:
    step = get(state, event.step, Step)
    if step is None or event.by is None:
        return state
    id = ballot_id(event.by)
    ballot = get(state, id, Ballot) or Ballot(id, step.id, {}, event.weight)
    dots = {on: n for on, n in ballot.dots.items() if choice(state, on) != event.on}
    if event.count:
        dots[event.on] = event.count
    dots = _trimmed(state, dots, step)
    box = get(state, ballot_box_id(step.id), BallotBox) or BallotBox(ballot_box_id(step.id))
    if (id in state) is not bool(dots):
        held = (*box.ballots, id) if dots else tuple(other for other in box.ballots if other != id)
        state = state.set(box.id, BallotBox(box.id, held)).set(step.id, replace(step, voted=len(held)))
    if dots:
        return state.set(id, replace(ballot, dots=dots))
    return state.delete(id) if id in state else state


def _was_closed(state: State, event: VoteClosed) -> State:
    step = get(state, event.step, Step)
    if step is None:
        return state
    result = _result(state, step, event.at)
    return state.set(step.id, replace(step, closed=event.at)).set(result.id, result)


def _result(state: State, step: Step, at: int) -> Result:
    dots: dict[str, int] = {}
    voters: dict[str, int] = {}
    held, choose = list(ballots(state, step.id)), cache(partial(choice, state))
    for ballot in held:
        for on, n in _counted(ballot.dots, step.cap, choose).items():
            dots[on] = dots.get(on, 0) + n * ballot.weight
            voters[on] = voters.get(on, 0) + ballot.weight
    totals = [Total(on, _words(state, on), n, voters[on]) for on, n in dots.items()]
    totals.sort(key=lambda total: (-total.dots, -total.voters, total.id))
    weight = sum(ballot.weight for ballot in held)
    return Result(result_id(step.id), step.id, at, tuple(totals), len(held), weight)


def _words(state: State, on: str) -> str:
    match state.get(on):
        case Idea(text=text):
            return text
        case Zone(title=title):
            return title
        case _:
            return ""


def _was_counted(state: State, event: VoteCounted) -> State:
    step = get(state, event.step, Step)
    return state.set(step.id, replace(step, counted=True)) if step else state


def _was_reopened(state: State, event: VoteReopened) -> State:
    step, result = get(state, event.step, Step), result_id(event.step)
    if step is None:
        return state
    state = state.set(step.id, replace(step, closed=None))
    return state.delete(result) if result in state else state


def _was_revealed(state: State, event: VoteRevealed) -> State:
    step = get(state, event.step, Step)
    return state.set(step.id, replace(step, shown=True)) if step else state


def _touch_put(before: State, after: State, event: DotsPut) -> Sequence[Touch]:
    return (Touch(event.step), Touch(ballot_id(event.by), (event.by,))) if event.by else ()


def _touch(
    before: State, after: State, event: VoteClosed | VoteCounted | VoteReopened | VoteRevealed
) -> Sequence[Touch]:
    return (Touch(event.step), Touch(result_id(event.step)))


def _render_ballot(state: State, id: str, viewer: Viewer) -> BallotRecord | None:
    ballot = get(state, id, Ballot)
    step = get(state, ballot.step, Step) if ballot else None
    if ballot is None or step is None or viewer.owner != owner_of(id):
        return None
    dots = counted(state, ballot.dots, step.cap)
    return BallotRecord(id=id, step=step.id, dots=dots, returned=returned(state, ballot.dots, step.cap))


def _render_result(state: State, id: str, viewer: Viewer) -> ResultRecord | None:
    result = get(state, id, Result)
    step = get(state, result.step, Step) if result else None
    if result is None or step is None or viewer.audience is None:
        return None
    if not (step.shown or (step.counted and viewer.audience == "host")):
        return None
    totals = [TotalRecord(total.id, _told(state, total), total.dots, total.voters) for total in result.totals]
    return ResultRecord(id=id, step=step.id, at=result.at, totals=totals, voters=result.voters, weight=result.weight)


def _told(state: State, total: Total) -> str:
    """The words of then, unless they have been taken from people's eyes since."""
    post = state.get(total.id)
    return "" if isinstance(post, Post) and not post.is_open else total.text


def _check_result(state: State, record: ResultRecord) -> ResultRecord:
    step = get(state, record.step, Step)
    if step is None or step.closed is None or record.id != result_id(record.step):
        raise Refusal(Code.INVALID, "expected a vote that is closed")
    expect(len(record.totals) <= IDEAS, f"at most {IDEAS} totals")
    for total in record.totals:
        an_id(total.id)
        whole(total.dots, DOTS)
        whole(total.voters, PEOPLE)
    whole(record.voters, PEOPLE)
    whole(record.weight, PEOPLE)
    a_time(record.at)
    totals = [replace(total, text=clean_or_none(total.text, PROMPT_CHARS)) for total in record.totals]
    return replace(record, totals=totals)


def _put_back_result(state: State, record: ResultRecord) -> State:
    totals = tuple(Total(total.id, total.text, total.dots, total.voters) for total in record.totals)
    result = Result(record.id, record.step, record.at, totals, record.voters, record.weight)
    state, step = state.set(result.id, result), get(state, record.step, Step)
    return state if step is None else state.set(step.id, replace(step, counted=True))


VOTES_CAPABILITY = Capability(
    entities=(Ballot, BallotBox, Result),
    decide={
        c.PutDots: _put,
        c.CloseVote: _close,
        c.CountVote: _count,
        c.ReopenVote: _reopen,
        c.RevealVote: _reveal,
    },
    events={
        DotsPut: (_was_put, _touch_put),
        VoteClosed: (_was_closed, _touch),
        VoteCounted: (_was_counted, _touch),
        VoteReopened: (_was_reopened, _touch),
        VoteRevealed: (_was_revealed, _touch),
    },
    render={"ballot": _render_ballot, "result": _render_result},
    restore={"result": Restore(_check_result, _put_back_result)},
)
