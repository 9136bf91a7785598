"""Everyone sorts a few cards: they are dealt to all, and what three agree on is proposed to hosts (SPEC G15 to G17)."""

from collections.abc import Iterator, Sequence
from heapq import nsmallest
from typing import Final

from msgspec.structs import replace

from protocol import commands as c
from protocol.errors import Code, Refusal
from protocol.persons import PersonId, ThingId
from protocol.records import HandRecord, ProposalRecord, SortingRecord
from server.model.kernel import Actor, Capability, Context, Entity, Event, State, Touch, Viewer, get
from server.workshop.board.ideas import Idea, end_for
from server.workshop.board.merges import IdeaMerged, IdeaUnmerged, merged, unmerged
from server.workshop.board.moves import IdeaMoved, back_to, moved
from server.workshop.board.standing import DEEPEST, depth, standing, stands_alone
from server.workshop.board.zones import Zone
from server.workshop.state.places import places
from server.workshop.state.sorting import Aimed, Hand, Pile, Sorting, aimed_id, hand_id, pile_id, piles, sorting_id
from server.workshop.state.steps import Step, off_board, step_of

DEALT: Final = 5
"""Cards at a time."""

AGREED: Final = 3
"""People who say the same of a card before it is proposed; as many are dealt each card before any is dealt to more."""

MOST: Final = 100
"""Cards that one person is dealt in a step (SPEC L6)."""

_SETTLED: Final = "settled:of-this-room"


class Settled(Entity, frozen=True, gc=False, tag="settled"):
    """What hosts settled last, to be taken back.

    Attributes:
        moved: (idea, its `moves` since, its rank before), of what lay in no zone.
        merged: (idea, into).
        refused: (idea, where it is not to go).
    """

    moved: tuple[tuple[str, int, str], ...] = ()
    merged: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


class HandDealt(Event, frozen=True, gc=False, tag="hand.dealt"):
    """`by` is an alias of the step."""

    step: ThingId
    cards: tuple[ThingId, ...] = ()
    by: PersonId | None = None


class HandPut(Event, frozen=True, gc=False, tag="hand.put"):
    """`by`, an alias of the step, puts an idea to a zone or to another idea; None: leaves it to others."""

    step: ThingId
    on: ThingId
    to: ThingId | None = None
    by: PersonId | None = None


class ProposalsSettled(Event, frozen=True, gc=False, tag="proposals.settled"):
    """Ideas that are about to be moved, or merged into others; and what is not proposed any more: (idea, zone or idea)."""

    moved: tuple[ThingId, ...] = ()
    merged: tuple[tuple[ThingId, ThingId], ...] = ()
    refused: tuple[tuple[ThingId, ThingId], ...] = ()


class ProposalsReturned(Event, frozen=True, gc=False, tag="proposals.returned"):
    """What was settled last is taken back: the ideas are where they were, and these are proposed again."""

    refused: tuple[tuple[ThingId, ThingId], ...] = ()


def _is_loose(state: State, id: str) -> bool:
    """Whether it is to be sorted: everyone reads it, it stands by itself, and lies in no zone."""
    idea = get(state, id, Idea)
    return idea is not None and idea.zone is None and stands_alone(state, idea) and not off_board(state, idea.step)


def _dealing(state: State, id: str) -> Step:
    """
    Raises:
        Refusal: `not_found`, `invalid` for a step that deals no cards, `not_open` for one that nobody has been in.
    """
    step = step_of(state, id)
    if step.act != "group" or not step.deals:
        raise Refusal(Code.INVALID, "expected a step of kind group that deals cards")
    if not step.opened:
        raise Refusal(Code.NOT_OPEN)
    return step


def _deal(state: State, command: c.DealHand, context: Context) -> Sequence[Event]:
    step = _dealing(state, command.step)
    alias = context.actor.alias(step.id)
    hand = get(state, hand_id(alias), Hand) or Hand(hand_id(alias), step.id)
    if any(card not in hand.put and _is_loose(state, card) for card in hand.cards):
        return []
    if len(hand.cards) >= MOST:
        raise Refusal(Code.TOO_MANY, f"expected at most {MOST} cards of one person")
    cards = nsmallest(DEALT, _deck(state, step, context.actor, frozenset(hand.cards)))
    return [HandDealt(step.id, tuple(id for *_, id in cards), alias)] if cards else []


def _deck(state: State, step: Step, actor: Actor, had: frozenset[str]) -> Iterator[tuple[int, int, int, str]]:
    """Cards for somebody, each behind what says how soon it is to be dealt.

    As many as agree on it get a card before the next one is begun, so that what few people do comes to something; then it is dealt to
    more where they do not agree. One's own is left out where it has a name, and nowhere else: what is left out tells whose it is.
    """
    for _, id in places(state, None):
        idea = get(state, id, Idea)
        if idea is None or id in had or not _is_loose(state, id) or (not idea.anonymous and idea.author == actor.id):
            continue
        pile = get(state, pile_id(id), Pile)
        if pile is None or pile.step != step.id:
            yield 0, 0, 0, id
        elif pile.dealt < AGREED:
            yield 0, -pile.dealt, 0, id
        else:
            yield 1 if _proposed(state, pile) is None else 2, len(pile.put), pile.dealt, id


def _put(state: State, command: c.PutHand, context: Context) -> Sequence[Event]:
    step = _dealing(state, command.step)
    alias = context.actor.alias(step.id)
    hand = get(state, hand_id(alias), Hand)
    if hand is None or command.on not in hand.cards:
        raise Refusal(Code.INVALID, "expected `on` to be a card that was dealt to you")
    if not _is_loose(state, command.on):
        raise Refusal(Code.SUPERSEDED)
    if command.to is not None and _target(state, command.on, command.to) is None:
        raise Refusal(Code.INVALID, "expected `to` to be a zone, or another idea of the board that everyone reads")
    if hand.put.get(command.on) == (command.to or ""):
        return []
    return [HandPut(step.id, command.on, command.to, alias)]


def _target(state: State, on: str, to: str) -> str | None:
    """Where a hand puts an idea as things stand: a zone, or the idea in which the named one stands; None where that is nowhere any more."""
    if get(state, to, Zone) is not None:
        return to
    idea = get(state, to, Idea)
    if idea is None or off_board(state, idea.step):
        return None
    target = standing(state, to)
    return target if target != on else None


def _proposed(state: State, pile: Pile) -> tuple[str, int] | None:
    """Where most would put it, if enough agree and as many agree on nothing else; with how many do."""
    said: dict[str, set[str]] = {}
    for alias, to in pile.put.items():
        target = _target(state, pile.on, to)
        if target is not None and target not in pile.refused:
            said.setdefault(target, set()).add(alias)
    # That this one says the same as that one, others may have said of that one.
    for target, hands in said.items():
        other = get(state, pile_id(target), Pile) if target.startswith("idea:") else None
        if other is not None and other.step == pile.step:
            hands.update(alias for alias, to in other.put.items() if _target(state, other.on, to) == pile.on)
    ranked = sorted(((len(hands), target) for target, hands in said.items()), reverse=True)
    if not ranked or ranked[0][0] < AGREED or (len(ranked) > 1 and ranked[1][0] == ranked[0][0]):
        return None
    return ranked[0][1], ranked[0][0]


def _proposal(state: State, id: str) -> tuple[Pile, str, int] | None:
    """What is proposed of an idea, if it is to be sorted still."""
    pile = get(state, id, Pile)
    if pile is None or not _is_loose(state, pile.on):
        return None
    found = _proposed(state, pile)
    return (pile, *found) if found else None


def _accept(state: State, command: c.AcceptProposals, context: Context) -> Sequence[Event]:
    """What is proposed no more, or otherwise, is passed over: a host accepts what they have read."""
    events: list[IdeaMoved | IdeaMerged] = []
    for on, to in command.places.items():
        found = _proposal(state, pile_id(on))
        idea = get(state, on, Idea)
        if found is None or idea is None or found[1] != to:
            continue
        if to.startswith("zone:"):
            move = IdeaMoved(on, end_for(state, idea, to), to)
            state = moved(state, move)
            events.append(move)
        elif depth(state, idea) < DEEPEST:
            merge = IdeaMerged(on, to)
            state = merged(state, merge)
            events.append(merge)
    if not events:
        return []
    settled = ProposalsSettled(
        tuple(event.id for event in events if isinstance(event, IdeaMoved)),
        tuple((event.id, event.into) for event in events if isinstance(event, IdeaMerged)),
    )
    return [settled, *events]


def _refuse(state: State, command: c.RefuseProposal, context: Context) -> Sequence[Event]:
    found = _proposal(state, pile_id(command.on))
    if found is None or found[1] != command.to:
        return []
    return [ProposalsSettled(refused=((command.on, command.to),))]


def _undo(state: State, command: c.UndoProposals, context: Context) -> Sequence[Event]:
    last = get(state, _SETTLED, Settled)
    if last is None:
        raise Refusal(Code.NOTHING_TO_UNDO)
    events: list[IdeaMoved | IdeaUnmerged] = []
    for id, into in reversed(last.merged):
        idea = get(state, id, Idea)
        if idea is not None and idea.is_open and idea.into == into:
            events.append(IdeaUnmerged(id))
            state = unmerged(state, IdeaUnmerged(id))
    for id, moves, place in last.moved:
        idea = get(state, id, Idea)
        if idea is not None and idea.is_open and idea.moves == moves:
            move = IdeaMoved(id, back_to(state, None, place))
            state = moved(state, move)
            events.append(move)
    if not events and not last.refused:
        raise Refusal(Code.SUPERSEDED)
    return [ProposalsReturned(last.refused), *events]


def _was_dealt(state: State, event: HandDealt) -> State:
    if event.by is None:
        return state
    hand = get(state, hand_id(event.by), Hand) or Hand(hand_id(event.by), event.step)
    state = state.set(hand.id, replace(hand, cards=(*hand.cards, *event.cards)))
    sorting = get(state, sorting_id(event.step), Sorting) or Sorting(sorting_id(event.step), event.step)
    begun: list[str] = []
    for card in event.cards:
        pile = get(state, pile_id(card), Pile)
        if pile is None or pile.step != event.step:
            pile = Pile(pile_id(card), event.step, card)
            # Two steps that deal the same cards in turn begin the same pile more than once.
            if pile.id not in sorting.piles:
                begun.append(pile.id)
        state = state.set(pile.id, replace(pile, dealt=pile.dealt + 1))
    return state.set(sorting.id, replace(sorting, piles=(*sorting.piles, *begun)))


def _was_put(state: State, event: HandPut) -> State:
    hand = get(state, hand_id(event.by), Hand) if event.by else None
    pile = get(state, pile_id(event.on), Pile)
    sorting = get(state, sorting_id(event.step), Sorting)
    if event.by is None or hand is None or sorting is None:
        return state
    first = not any(hand.put.values())
    left = hand.put.get(event.on) == ""
    hand = replace(hand, put={**hand.put, event.on: event.to or ""})
    state = state.set(hand.id, hand)
    people = sorting.people + (any(hand.put.values()) - (not first))
    if people != sorting.people:
        state = state.set(sorting.id, replace(sorting, people=people))
    if pile is None or pile.step != event.step:
        return state
    put = {alias: to for alias, to in pile.put.items() if alias != event.by}
    if event.to is not None:
        put[event.by] = event.to
        state = _aim(state, pile.id, event.to)
    dealt = pile.dealt + (left - (event.to is None))
    return state.set(pile.id, replace(pile, put=put, dealt=dealt))


def _aim(state: State, pile: str, to: str) -> State:
    if not to.startswith("idea:"):
        return state
    aimed = get(state, aimed_id(to), Aimed) or Aimed(aimed_id(to))
    return state if pile in aimed.piles else state.set(aimed.id, replace(aimed, piles=(*aimed.piles, pile)))


def _was_settled(state: State, event: ProposalsSettled) -> State:
    ideas = [idea for id in event.moved if (idea := get(state, id, Idea)) is not None]
    moved = tuple((idea.id, idea.moves + 1, idea.rank) for idea in ideas)
    state = state.set(_SETTLED, Settled(_SETTLED, moved, event.merged, event.refused))
    for on, to in event.refused:
        pile = get(state, pile_id(on), Pile)
        if pile is not None:
            state = state.set(pile.id, replace(pile, refused=(*pile.refused, to)))
    return state


def _was_returned(state: State, event: ProposalsReturned) -> State:
    for on, to in event.refused:
        pile = get(state, pile_id(on), Pile)
        if pile is not None:
            state = state.set(pile.id, replace(pile, refused=tuple(each for each in pile.refused if each != to)))
    return state.delete(_SETTLED) if _SETTLED in state else state


def _touch_dealt(before: State, after: State, event: HandDealt) -> Sequence[Touch]:
    if event.by is None:
        return ()
    cards, steps = set(event.cards), {event.step}
    for card in event.cards:
        # What another step had asked of it is proposed no more, nor said of those that it was put to.
        pile = get(before, pile_id(card), Pile)
        if pile is not None and pile.step != event.step:
            steps.add(pile.step)
            cards.update(standing(after, to) or to for to in pile.put.values() if to.startswith("idea:"))
    return (
        Touch(hand_id(event.by), (event.by,)),
        *(Touch(pile_id(card)) for card in sorted(cards)),
        *(Touch(sorting_id(step)) for step in sorted(steps)),
    )


def _touch_put(before: State, after: State, event: HandPut) -> Sequence[Touch]:
    if event.by is None:
        return ()
    hand = get(before, hand_id(event.by), Hand)
    named = {to for to in (event.to, hand.put.get(event.on) if hand else None) if to}
    ideas = sorted({standing(after, to) or to for to in named if to.startswith("idea:")} | {event.on})
    return (
        Touch(hand_id(event.by), (event.by,)),
        Touch(sorting_id(event.step)),
        *(Touch(pile_id(idea)) for idea in ideas),
    )


def _touch_refused(before: State, after: State, event: ProposalsSettled | ProposalsReturned) -> Sequence[Touch]:
    return [Touch(pile_id(on)) for on, _ in event.refused]


def _render_hand(state: State, id: str, viewer: Viewer) -> HandRecord | None:
    hand = get(state, id, Hand)
    if hand is None or viewer.owner is None or hand_id(viewer.owner) != id:
        return None
    return HandRecord(id=id, step=hand.step, cards=hand.cards, put=hand.put)


def _render_sorting(state: State, id: str, viewer: Viewer) -> SortingRecord | None:
    sorting = get(state, id, Sorting)
    if sorting is None or viewer.owner is not None:
        return None
    placed = sum(1 for pile in piles(state, sorting.step) if pile.put and _is_loose(state, pile.on))
    return SortingRecord(id=id, step=sorting.step, placed=placed, people=sorting.people)


def _render_proposal(state: State, id: str, viewer: Viewer) -> ProposalRecord | None:
    if viewer.owner is not None or viewer.audience != "host":
        return None
    found = _proposal(state, id)
    if found is None:
        return None
    pile, to, hands = found
    return ProposalRecord(id=id, step=pile.step, on=pile.on, to=to, hands=hands, of=max(hands, len(pile.put)))


SORTING_CAPABILITY = Capability(
    entities=(Hand, Pile, Sorting, Aimed, Settled),
    decide={
        c.DealHand: _deal,
        c.PutHand: _put,
        c.AcceptProposals: _accept,
        c.RefuseProposal: _refuse,
        c.UndoProposals: _undo,
    },
    events={
        HandDealt: (_was_dealt, _touch_dealt),
        HandPut: (_was_put, _touch_put),
        ProposalsSettled: (_was_settled, _touch_refused),
        ProposalsReturned: (_was_returned, _touch_refused),
    },
    render={"hand": _render_hand, "sorting": _render_sorting, "proposal": _render_proposal},
)
