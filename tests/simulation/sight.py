"""What may be seen, by rules of its own: SPEC.md's, written once more, and not by the server's `render`.

record(state, id, audience, pulses)   the shared record of an entity for an audience, or None
own(state, names, ...)                all that one member alone has

State is the server's; who sees what of it is told here.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from protocol import records as r
from server.model.kernel import Audience, Entity, State
from server.workshop.agenda.readiness import Ready
from server.workshop.board.ideas import Idea
from server.workshop.board.moves import Undo
from server.workshop.board.zones import Zone
from server.workshop.outcome.decisions import Action, Commitment
from server.workshop.outcome.pulses import Answer, Pulse
from server.workshop.outcome.tally import Chosen
from server.workshop.people.people import Member
from server.workshop.people.screens import Screen
from server.workshop.people.settings import Settings
from server.workshop.people.wordlist import Wordlist
from server.workshop.state.ballots import Ballot, Result
from server.workshop.state.breakouts import Breakout, Breakouts
from server.workshop.state.decided import Decision
from server.workshop.state.images import Image
from server.workshop.state.posts import MUTED, Muted
from server.workshop.state.remarks import Remark
from server.workshop.state.sorting import Hand, Pile, Sorting
from server.workshop.state.stage import Stage
from server.workshop.state.steps import Agenda, Step
from server.workshop.talk.messages import Message
from server.workshop.talk.reactions import Reactions, reactions_id

Post = Idea | Message | Remark


Said = int | str | tuple[int, str]
"""An answer; where one may write one's own (U10), what was chosen and what was written."""


class Given(NamedTuple):
    """What came of a pulse (SPEC U3): the answers by alias, in the order in which they first came, and what of them is shown.

    Attributes:
        hidden: words that hosts hid (U11).
    """

    answers: dict[str, Said]
    shown: Mapping[str, Said] = MappingProxyType({})
    hidden: frozenset[str] = frozenset()

    def counted(self, pulse: Pulse, *, fresh: bool, closed: bool) -> "Given":
        if not pulse.anonymous:
            return self._replace(shown=dict(self.answers))
        waiting = {by: value for by, value in self.answers.items() if by not in self.shown}
        places = len(pulse.options) + pulse.other

        def veiled(answers: Collection[Said]) -> bool:
            chosen = [_chosen(answer) for answer in answers]
            # U9: each option by itself.
            each = [[int(value) >> n & 1 for value in chosen] for n in range(places)] if pulse.several else [chosen]
            return all(map(_veiled, each))

        if not closed and not (fresh and len(waiting) % 5 == 0 and veiled(waiting.values())):
            return self
        shown = dict(self.shown)
        thought = {by for by, value in self.shown.items() if self.answers[by] != value}
        stayed = [value for by, value in shown.items() if by not in thought]
        said, say = [shown[by] for by in thought], [self.answers[by] for by in thought]
        if veiled(said) and veiled(say) and (not stayed or veiled(stayed)):
            shown |= {by: self.answers[by] for by in thought}
        if veiled(waiting.values()):
            shown |= waiting
        return self._replace(shown=shown)


def _chosen(answer: Said) -> int | str:
    """U10: who wrote something of their own are of one mind, whatever it was."""
    return answer[0] if isinstance(answer, tuple) else answer


def _veiled(answers: Sequence[int | str]) -> bool:
    """They are so many, and so many minds, that nobody's is known by the rest."""
    most = max(Counter(answers).values(), default=0)
    return len(answers) >= 10 or (len(answers) >= 5 and most + 1 < len(answers))


def _step(state: State, post: Post) -> Step | None:
    step = state.get(post.step) if post.step else None
    return step if isinstance(step, Step) else None


def _reader(state: State, post: Post) -> str:
    """G3: who reads it beside its author: open, hosts, nobody."""
    step = _step(state, post)
    return "open" if step is None or step.revealed else step.blind


def _is_anonymous(state: State, post: Post) -> bool:
    """G4."""
    step = _step(state, post)
    return step is not None and step.anonymous


def is_open(state: State, post: Post) -> bool:
    """Everyone may read its text: neither blind, nor in review, nor taken back (G3, C2, C6)."""
    return _reader(state, post) == "open" and not post.hidden and not post.removed


def _has(state: State, post: Post, audience: Audience) -> bool:
    """Whether an audience has it; what was merged stays everyone's (G13)."""
    if isinstance(post, Remark) and not _is_there(state, post):
        return False
    return is_open(state, post) if audience == "public" else _reader(state, post) != "nobody"


def _is_there(state: State, remark: Remark) -> bool:
    """K5: it is seen while everyone reads what it is on."""
    thing = state.get(remark.on)
    return is_open(state, thing) if isinstance(thing, Idea) else isinstance(thing, Zone)


def _reactions(state: State, post: str) -> dict[str, int]:
    """C5: each counts once for each member and kind."""
    on = state.get(reactions_id(post))
    return dict(Counter(kind for kinds in on.by.values() for kind in kinds)) if isinstance(on, Reactions) else {}


def _is_marked(state: State, post: Post, audience: Audience | None) -> bool:
    """M2: hosts see it on that one post."""
    muted = state.get(MUTED)
    return audience == "host" and isinstance(muted, Muted) and post.id in muted.posts


def _post(state: State, post: Post, audience: Audience | None) -> r.IdeaRecord | r.MessageRecord | r.RemarkRecord:
    seen: dict[str, Any] = {
        "id": post.id,
        "text": post.text,
        "edited": post.edited,
        "hidden": post.hidden,
        "reason": post.reason,
        "muted": _is_marked(state, post, audience),
    }
    anonymous = _is_anonymous(state, post)
    if isinstance(post, Remark):
        return r.RemarkRecord(
            on=post.on,
            kind=post.sort,
            author=None if anonymous else post.author,
            at=None if anonymous else post.at,
            step=post.step,
            anonymous=anonymous,
            own=anonymous and audience is None,
            **seen,
        )
    seen["reactions"] = _reactions(state, post.id)
    if isinstance(post, Message):
        return r.MessageRecord(n=post.n, author=post.author, at=post.at, reply=post.reply, **seen)
    image = state.get(post.image)
    return r.IdeaRecord(
        rank=post.rank,
        zone=post.zone,
        author=None if anonymous else post.author,
        at=None if anonymous else post.at,
        removed=post.removed,
        taken=post.taken,
        step=post.step,
        anonymous=anonymous,
        own=anonymous and audience is None,
        late=post.late,
        breakout=0 if anonymous else post.breakout,
        round=0 if anonymous else post.round,
        into=post.into,
        answered=post.answered,
        image=post.image,
        alt=post.alt,
        width=image.width if isinstance(image, Image) else 0,
        height=image.height if isinstance(image, Image) else 0,
        **seen,
    )


def _step_record(state: State, step: Step, audience: Audience) -> r.StepRecord:
    same = (
        "id",
        "title",
        "rank",
        "prompt",
        "minutes",
        "blind",
        "anonymous",
        "moderated",
        "revealed",
        "ready",
        "ends",
        "left",
    )
    of_votes = ("budget", "cap", "targets", "carried", "voted", "closed", "shown")
    is_blind = step.blind != "open" and not step.revealed
    there = (e for e in state.values() if isinstance(e, Idea) and e.step == step.id and not e.removed)
    written = sum(1 for _ in there) if is_blind else 0  # G3
    of_questions = ("form", "low", "high", "asks", "deals", "several", "other")
    said = {name: getattr(step, name) for name in (*same, *of_votes, *of_questions)}
    # V3: that they have looked, hosts know.
    counted = step.counted and audience == "host"
    return r.StepRecord(kind=step.act, written=written, options=list(step.options), counted=counted, **said)


def _result(state: State, result: Result, audience: Audience) -> r.ResultRecord | None:
    step = state.get(result.step)
    if not isinstance(step, Step) or not (step.shown or (audience == "host" and step.counted)):
        return None
    totals = []
    for total in result.totals:
        thing = state.get(total.id)
        gone = isinstance(thing, Idea) and not is_open(state, thing)
        totals.append(r.TotalRecord(total.id, "" if gone else total.text, total.dots, total.voters))
    return r.ResultRecord(
        id=result.id, step=result.step, at=result.at, totals=totals, voters=result.voters, weight=result.weight
    )


def _decided(state: State, decided: Decision | Action) -> r.Record:
    if isinstance(decided, Decision):
        return _decision(state, decided)
    of_actions = ("id", "text", "at", "decision", "owner", "due", "first", "done")
    return r.ActionRecord(**{name: getattr(decided, name) for name in of_actions})


def _decision(state: State, decision: Decision) -> r.DecisionRecord:
    source = state.get(decision.source) if decision.source else None
    gone = isinstance(source, Idea | Message) and not is_open(state, source)
    return r.DecisionRecord(
        id=decision.id,
        text=decision.text,
        at=decision.at,
        source=decision.source,
        quote="" if gone else decision.quote,
    )


def _pulse(pulse: Pulse, given: Given, audience: Audience) -> r.PulseRecord:
    numbers, options = range(1, 6), range(len(pulse.options) + pulse.other)
    places = {"scale": numbers, "weather": numbers, "choice": options, "words": ()}[pulse.form]
    shown = [_chosen(answer) for answer in given.shown.values()]
    said = [answer[1] if isinstance(answer, tuple) else answer for answer in given.shown.values()]
    told = pulse.form == "words" or pulse.other
    words = Counter(str(word) for word in said if word != "") if told else Counter[str]()
    hidden = {word: words.pop(word) for word in given.hidden if word in words}
    return r.PulseRecord(
        id=pulse.id,
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
        answers=len(shown),
        counts=[sum(int(v) >> n & 1 for v in shown) if pulse.several else shown.count(n) for n in places]
        if shown
        else [],
        words=dict(
            words.most_common(1_000 if pulse.closed else 100)
        ),  # U6; stories have fewer, so whichever of as many does not matter
        hidden=hidden if audience == "host" else {},  # U11
        different=len(words),
    )


def _someone(someone: Member | Screen | Muted | Wordlist, audience: Audience) -> r.Record | None:
    """Who is in the room, and for hosts what shows it (H10), for how many posts they muted somebody (M2) and what they look for (M5)."""
    if isinstance(someone, Wordlist):
        listed = audience == "host" and bool(someone.words)
        return r.WordlistRecord(id=someone.id, words=list(someone.words)) if listed else None
    if isinstance(someone, Muted):
        known = audience == "host" and someone.posts
        return r.MutedRecord(id=someone.id, count=len(someone.posts)) if known else None
    if isinstance(someone, Screen):
        shown = audience == "host" and not someone.ended
        return r.ScreenRecord(id=someone.id, at=someone.at, host=someone.host) if shown else None
    if someone.removed:
        return None
    seen = {name: getattr(someone, name) for name in ("id", "role", "weight", "asked", "breakout", "at", "away")}
    return r.MemberRecord(name=someone.name or "", **seen)


def _tables(tables: Breakouts | Breakout) -> r.Record | None:
    """T2, T4: small tables while anybody sits at them, and what is said of each for good."""
    if isinstance(tables, Breakout):
        of_tables = ("id", "round", "breakout", "topic", "about", "speaker", "best")
        return r.BreakoutRecord(**{name: getattr(tables, name) for name in of_tables})
    seen = {name: getattr(tables, name) for name in ("id", "size", "count", "since", "round")}
    return r.BreakoutsRecord(**seen) if tables.count else None


def _room(state: State, room: Settings) -> r.Record:
    """C11, and B5: everyone is told of its logos."""
    of_rooms = ("title", "prompt", "lang", "code", "writing", "door", "unconfirmed", "line", "accent")
    seen = {name: getattr(room, name) for name in of_rooms}
    for name in ("logo", "logo_dark"):
        logo = state.get(getattr(room, name))
        if isinstance(logo, Image):
            seen |= {name: logo.id, f"{name}_width": logo.width, f"{name}_height": logo.height}
    return r.RoomRecord(id=room.room, **seen)


def record(state: State, id: str, audience: Audience, pulses: Mapping[str, Given]) -> dict[str, Any] | None:
    """As it goes over the wire, without `v`. Words of a pulse must differ in more than case."""
    found: r.Record | None = None
    match state.get(id):
        case Settings() as room:
            found = _room(state, room)
        case Member() | Screen() | Muted() | Wordlist() as someone:
            found = _someone(someone, audience)
        case Zone() as zone:
            found = r.ZoneRecord(id=id, title=zone.title, letter=zone.letter, rank=zone.rank)
        case Idea() | Message() | Remark() as post if _has(state, post, audience):
            found = _post(state, post, audience)
        case Step() as step:
            found = _step_record(state, step, audience)
        case Agenda() as agenda:
            found = r.AgendaRecord(id=id, now=agenda.now, since=agenda.since)
        case Stage() as stage:
            found = r.StageRecord(id=id, view=stage.view, on=stage.on, page=stage.page, pulse=stage.pulse)
        case Breakouts() | Breakout() as tables:
            found = _tables(tables)
        case Result() as result:
            found = _result(state, result, audience)
        case Decision() | Action() as decided:
            found = _decided(state, decided)
        case Commitment(shared=True) as it:
            found = r.CommitmentRecord(id=id, text=it.text, author=it.author, at=it.at, shared=True)
        case Pulse() as pulse:
            found = _pulse(pulse, pulses[id], audience)
        case Sorting() | Pile() as sorted_by_all:
            found = _sorting(state, sorted_by_all, audience)
    return None if found is None else _sent(found)


# Cards that everyone sorts.


def _lies_about(state: State, id: str) -> bool:
    """G15: whether it is to be sorted: in no zone, by itself, read by all, and said of nobody."""
    idea = state.get(id)
    if not isinstance(idea, Idea) or idea.zone is not None or _stands(state, id) != id:
        return False
    step = _step(state, idea)
    return step is None or step.act not in ("meet", "questions")  # G14, U12


def _hands(state: State, step: str) -> dict[str, dict[str, str]]:
    """By alias, where each card was put that this step dealt, and no other since."""
    hands: dict[str, dict[str, str]] = {}
    for pile in state.values():
        if isinstance(pile, Pile) and pile.step == step:
            for alias, to in pile.put.items():
                hands.setdefault(alias, {})[pile.on] = to
    return hands


def _sorting(state: State, sorting: Sorting | Pile, audience: Audience) -> r.Record | None:
    """G16: how far people are, and for hosts what they agree on."""
    if isinstance(sorting, Pile):
        return _proposal(state, sorting) if audience == "host" else None
    hands = _hands(state, sorting.step)
    put = {on for hand in hands.values() for on in hand}
    placed = sum(_lies_about(state, on) for on in put)
    return r.SortingRecord(id=sorting.id, step=sorting.step, placed=placed, people=sorting.people)


def _proposal(state: State, pile: Pile) -> r.ProposalRecord | None:
    """G16: as hands lie, read from both ends."""
    if not _lies_about(state, pile.on):
        return None
    hands = _hands(state, pile.step)
    targets = {_place(state, pile.on, to) for to in pile.put.values()} - {None, *pile.refused}
    votes = Counter(
        {
            target: sum(
                _place(state, pile.on, hand.get(pile.on, "")) == target
                or (target in hand and _place(state, target, hand[target]) == pile.on)
                for hand in hands.values()
            )
            for target in targets
            if target is not None
        }
    )
    best = votes.most_common(2)
    if not best or best[0][1] < 3 or (len(best) == 2 and best[1][1] == best[0][1]):
        return None
    to, most = best[0]
    return r.ProposalRecord(id=pile.id, step=pile.step, on=pile.on, to=to, hands=most, of=max(most, len(pile.put)))


def _place(state: State, on: str, to: str) -> str | None:
    """Where a hand lies that said so, as things stand."""
    thing = state.get(to)
    if isinstance(thing, Idea):
        step = _step(state, thing)
        if step is not None and step.act in ("meet", "questions"):
            return None
    place = _stands(state, to)
    return place if place != on else None


# Mine.


def _stands(state: State, on: str) -> str | None:
    """G13: where dots on a thing lie: on a zone, or on the farthest idea of those merged into one another that everyone reads from here on."""
    if isinstance(state.get(on), Zone):
        return on
    farthest = None
    thing = state.get(on)
    while isinstance(thing, Idea) and is_open(state, thing):
        farthest = thing.id
        thing = state.get(thing.into) if thing.into else None
    return farthest


def _dots(state: State, ballot: Ballot) -> tuple[dict[str, int], list[str]]:
    """V4: what counts, and where some of it came back from."""
    step = state[ballot.step]
    assert isinstance(step, Step)
    laid: dict[str, int] = {}
    lost: list[str] = []
    for on, n in ballot.dots.items():
        place = _stands(state, on)
        if place is not None:
            laid[place] = laid.get(place, 0) + n
        else:
            lost.append(on)
    over = [on for on, n in laid.items() if n > step.cap]
    return {on: min(n, step.cap) for on, n in laid.items()}, sorted([*lost, *over])


def _mine(state: State, entity: Entity, names: Collection[str], tails: Collection[str]) -> Iterator[r.Record]:
    id = entity.id
    match entity:
        case Idea() | Message() | Remark() as post:
            there = not isinstance(post, Remark) or _is_there(state, post)
            if there and post.author in names and (_is_anonymous(state, post) or not is_open(state, post)):
                yield _post(state, post, None)
        case Reactions() as on:
            for name in names & on.by.keys():
                yield r.ReactionRecord(id=id, on=on.on, kinds=tuple(on.by[name]))
        case Undo() as undo if _tail(id) in tails:
            yield r.UndoRecord(id=id, on=undo.on, what="remove" if undo.was_removal else "move")
        case Ready() as ready if _tail(id) in tails:
            yield r.ReadyRecord(id=id, step=ready.step)
        case Answer() as answer if _tail(id) in tails:
            value = answer.value.options if isinstance(answer.value, Chosen) else answer.value
            places = [n for n in range(8) if int(value) >> n & 1] if _is_several(state, answer) else value
            other = answer.value.other if isinstance(answer.value, Chosen) else ""
            yield r.AnswerRecord(id=id, pulse=answer.pulse, value=places, other=other)
        case Hand() as hand if _tail(id) in tails:
            yield r.HandRecord(id=id, step=hand.step, cards=hand.cards, put=hand.put)
        case Ballot() as ballot if _tail(id) in tails:
            dots, returned = _dots(state, ballot)
            yield r.BallotRecord(id=id, step=ballot.step, dots=dots, returned=tuple(returned))
        case Commitment(shared=False) as it if it.author in names:
            yield r.CommitmentRecord(id=id, text=it.text, author=it.author, at=it.at)


def _is_several(state: State, answer: Answer) -> bool:
    pulse = state.get(answer.pulse)
    return isinstance(pulse, Pulse) and pulse.several


def _tail(id: str) -> str:
    return id.partition(":")[2]


def own(state: State, names: frozenset[str]) -> dict[str, dict[str, Any]]:
    """All that a member alone has, without `v`."""
    tails = {_tail(name) for name in names}
    found = (mine for entity in state.values() for mine in _mine(state, entity, names, tails))
    return {mine.id: _sent(mine) for mine in found}


def _sent(record: r.Record) -> Any:
    """As it comes over the wire."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(record))
