"""What each small table reports back: who speaks for it, and its best idea (SPEC T5, T6)."""

from collections.abc import Sequence

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, ThingId
from server.model.kernel import Capability, Context, Event, State, Touch, get, not_found
from server.workshop.board.ideas import idea_for
from server.workshop.people.people import Member
from server.workshop.state.breakouts import breakout, breakout_id, breakouts, is_kept, put_breakout


class SpeakerSet(Event, frozen=True, gc=False, tag="breakout.speaker"):
    """None: nobody, for now."""

    round: int
    breakout: int
    speaker: PersonId | None = None


class BestMarked(Event, frozen=True, gc=False, tag="breakout.best"):
    """None: no idea, for now."""

    round: int
    breakout: int
    idea: ThingId | None = None


def _set_speaker(state: State, command: c.SetSpeaker, context: Context) -> Sequence[Event]:
    here, id = breakouts(state), command.id or context.actor.id
    if id != context.actor.id and context.actor.role != "host":
        raise Refusal(Code.FORBIDDEN, "expected a host, or oneself")
    who = get(state, id, Member)
    if who is None or who.removed:
        raise not_found(id)
    if not who.breakout:
        raise Refusal(Code.NOT_OPEN, "expected somebody who sits at a small table")
    table = breakout(state, here.round, who.breakout)
    if (table.speaker == id) is command.speaks:
        return []
    return [SpeakerSet(table.round, table.breakout, id if command.speaks else None)]


def _mark_best(state: State, command: c.MarkBest, context: Context) -> Sequence[Event]:
    idea = idea_for(state, command.id, context.actor)
    if not idea.is_open:
        raise not_found(idea.id)
    if idea.anonymous or not idea.breakout or not idea.round:
        raise Refusal(Code.INVALID, "expected an idea that was written at a small table")
    if not is_kept(state, idea.round):
        raise Refusal(Code.NOT_OPEN, "expected an idea of a round that is remembered")
    table = breakout(state, idea.round, idea.breakout)
    if context.actor.role != "host" and table.speaker != context.actor.id:
        raise Refusal(Code.FORBIDDEN, "expected who reports back for this table, or a host")
    if (table.best == idea.id) is command.best:
        return []
    return [BestMarked(table.round, table.breakout, idea.id if command.best else None)]


def _speaker_set(state: State, event: SpeakerSet) -> State:
    return put_breakout(state, replace(breakout(state, event.round, event.breakout), speaker=event.speaker))


def _best_marked(state: State, event: BestMarked) -> State:
    return put_breakout(state, replace(breakout(state, event.round, event.breakout), best=event.idea))


def _touch(before: State, after: State, event: SpeakerSet | BestMarked) -> Sequence[Touch]:
    return (Touch(breakout_id(event.round, event.breakout)),)


REPORTING_CAPABILITY = Capability(
    entities=(),
    decide={c.SetSpeaker: _set_speaker, c.MarkBest: _mark_best},
    events={SpeakerSet: (_speaker_set, _touch), BestMarked: (_best_marked, _touch)},
)
