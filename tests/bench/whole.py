"""A room as full as rooms may be (SPEC L6), and for every command there is what may make it touch most: the last of each recipe.

A command without a recipe ends the bench, and `tests/test_sweep.py`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from protocol import commands as c
from protocol.records import MessageRecord
from server.live.layers import Layers
from server.model import rank
from server.model.kernel import Event
from server.workshop.agenda.agenda import StepAdded, StepWent
from server.workshop.agenda.readiness import ReadySaid
from server.workshop.board.ideas import IdeaAdded
from server.workshop.board.images import BringImage, DropImages
from server.workshop.board.sorting import HandDealt, HandPut
from server.workshop.board.zones import ZoneAdded
from server.workshop.imports import AT_ONCE, Import
from server.workshop.model import WORKSHOP
from server.workshop.outcome.decisions import ActionAdded, CommitmentWritten, DecisionAdded
from server.workshop.outcome.pulses import PulseAnswered, PulseAsked
from server.workshop.outcome.remarks import RemarkAdded
from server.workshop.outcome.votes import DotsPut
from server.workshop.people.breakouts import BreakoutsDrawn, BreakoutTaken
from server.workshop.people.people import Claim, Enter, MemberEntered
from server.workshop.people.screens import OpenScreen, ScreenOpened
from server.workshop.people.settings import Create, RoomCreated
from server.workshop.rights import RIGHTS
from server.workshop.state.board import ZONES
from server.workshop.state.decided import ACTIONS, DECISIONS
from server.workshop.state.remarks import ON_ONE, REMARKS
from server.workshop.talk.messages import MessageSent
from server.workshop.talk.reactions import ReactionAdded
from server.workshop.talk.sealing import KEPT, SealMessages

ROOM: Final = "room:aaaaaaaaaaaa"
WRITTEN, BLIND, GROUPED, VOTED, EMPTY, OTHER, SORTED = (f"step:{n:012d}" for n in range(7))
LOOSE: Final = 400
"""Ideas that lie in no zone, and that three people each have put somewhere; in a small room fewer."""
WORDS: Final = 2_000
"""Different words of the question to the room; what a cloud holds is sent with each answer."""


def of(kind: str, n: int) -> str:
    return f"{kind}:{n:012d}"


def alias(step: str, member: str) -> str:
    return f"alias:{member[-12:]}-{step[-6:]}"


class Size(NamedTuple):
    members: int
    ideas: int


HOST: Final = of("member", 0)


def _loose(size: Size) -> range:
    """The numbers of those ideas, the last that were not blind."""
    half = size.ideas // 2
    return range(half - min(LOOSE, half // 5), half)


def whole(size: Size) -> Layers:
    """The room, after a few commits."""
    layers, at = Layers(WORKSHOP), 1
    for events in _events(size):
        at += 1
        layers.take(events, at, at)
    layers.dirty.clear()
    return layers


def _events(size: Size) -> Iterator[Sequence[Event]]:
    people = [of("member", n) for n in range(size.members)]
    yield [RoomCreated(ROOM, "Plénière", "BCDFGH", "fr")]
    yield [MemberEntered(id, "participant" if n else "host", f"P {n}", 1) for n, id in enumerate(people)]
    places = rank.deal(None, None, ZONES)
    yield [ZoneAdded(of("zone", n), "Zone", "A", place) for n, place in enumerate(places[:-1])]
    yield [
        StepAdded(WRITTEN, "ideate", "a1", "Idées"),
        StepAdded(BLIND, "ideate", "a2", "Idées", blind="nobody", anonymous=True),
        StepAdded(GROUPED, "group", "a3", "Groupes"),
        StepAdded(VOTED, "vote", "a4", "Vote", budget=10, cap=5),
        StepAdded(EMPTY, "vote", "a5", "Vote"),
        StepAdded(OTHER, "discuss", "a6", "Échange", minutes=5),
        StepAdded(SORTED, "group", "a7", "Ranger", deals=True),
    ]
    half = size.ideas // 2
    for step, first, end in ((WRITTEN, 0, half), (BLIND, half, size.ideas)):
        yield [StepWent(1, step)]
        yield [
            IdeaAdded(of("idea", n), 1, place, f"Moins de réunions {n} le lundi, et plus courtes", by, zone, step)
            for n, place in zip(range(first, end), rank.deal("b00", None, end - first), strict=True)
            for member in [people[n % len(people)]]
            for by in [alias(step, member) if step == BLIND else member]
            for zone in [None if n in _loose(size) else of("zone", n % 3)]
        ]
    yield [StepWent(1, SORTED)]
    loose = [of("idea", n) for n in _loose(size)]
    sorters = people[1 : 1 + len(loose) * 3 // 5]
    yield [
        HandDealt(SORTED, tuple(loose[(n // 3) * 5 : (n // 3) * 5 + 5]), alias(SORTED, member))
        for n, member in enumerate(sorters)
    ]
    yield [
        HandPut(SORTED, on, of("zone", 1) if at % 2 else of("idea", 2), alias(SORTED, member))
        for n, member in enumerate(sorters)
        for at, on in enumerate(loose[(n // 3) * 5 : (n // 3) * 5 + 5])
    ]
    yield [StepWent(1, VOTED)]
    yield [
        DotsPut(VOTED, of("idea", on), 2, alias(VOTED, member))
        for n, member in enumerate(people[1:])
        for on in (0, n % half)
    ]
    yield [ReadySaid(VOTED, alias(VOTED, member)) for member in people]
    yield [ReactionAdded(of("idea", 0), "like", member) for member in people]
    yield [PulseAsked(of("pulse", 0), 1, "words", "En un mot ?", anonymous=False)]
    yield [
        PulseAnswered(of("pulse", 0), alias(of("pulse", 0), member), f"mot {n % WORDS}")
        for n, member in enumerate(people)
    ]
    tables = len(people) // 4
    yield [BreakoutsDrawn(1, 4, tuple((id,) for id in people[:tables]))]
    yield [BreakoutTaken(id, 1 + n % tables) for n, id in enumerate(people[tables:-1])]
    yield [CommitmentWritten(1, member, "Je commence lundi", shared=True) for member in people]
    yield [DecisionAdded(of("decision", n), 1, "Décidé", of("idea", 0)) for n in range(DECISIONS - 1)]
    yield [ActionAdded(of("action", n), 1, "À faire") for n in range(ACTIONS - 1)]
    yield [
        RemarkAdded(of("remark", n), 1, on, "objection", "Et la nuit ?", people[n % len(people)], WRITTEN)
        for n in range(REMARKS - 1)
        for on in [of("idea", 0) if n < ON_ONE - 1 else of("idea", 1 + n % (half - 1))]
    ]
    yield [MessageSent(of("message", n), 1, "Bonjour", people[n % len(people)]) for n in range(KEPT + 99)]
    yield [ScreenOpened(of("screen", n), 1, n % 2 == 0) for n in range(20)]


Given = tuple[c.Command, str]
"""A command, and who gives it."""

Recipe = Callable[[Size], Sequence[Given]]


def _host(*commands: c.Command) -> Recipe:
    return lambda _: [(command, HOST) for command in commands]


def _participant(*commands: c.Command) -> Recipe:
    return lambda _: [(command, of("member", 1)) for command in commands]


def _people(size: Size) -> list[str]:
    return [of("member", n) for n in range(1, min(size.members, 1_001))]


def _all_proposed(size: Size) -> c.AcceptProposals:
    return c.AcceptProposals(
        {of("idea", n): of("zone", 1) if at % 5 % 2 else of("idea", 2) for at, n in enumerate(_loose(size))}
    )


_POPULAR, _NEXT, _FREE = of("idea", 0), of("idea", 3), of("idea", 99_999_999)
_CLOSED: Final = c.CloseVote(VOTED)
_FILE: Final = [MessageRecord(id=of("message", 10_000 + n), text="Bonjour", n=n) for n in range(AT_ONCE)]

RECIPES: Final[Mapping[type[c.Command], Recipe]] = {
    c.AddIdea: _participant(c.AddIdea(_FREE, "Une idée", of("zone", 0), WRITTEN, late=True)),
    c.EditIdea: _host(c.EditIdea(_POPULAR, "Une autre")),
    c.MoveIdea: _participant(c.MoveIdea(of("idea", 1), of("zone", 0), _NEXT)),
    c.RemoveIdea: _host(c.RemoveIdea(_POPULAR)),
    c.RestoreIdea: _host(c.RemoveIdea(_POPULAR), c.RestoreIdea(_POPULAR)),
    c.UndoIdea: _host(c.RemoveIdea(_POPULAR), c.UndoIdea()),
    c.MergeIdea: _host(c.MergeIdea(_POPULAR, _NEXT)),
    c.UnmergeIdea: _host(c.MergeIdea(_POPULAR, _NEXT), c.UnmergeIdea(_POPULAR)),
    c.AddZone: _host(c.AddZone(of("zone", 999), "Zone")),
    c.EditZone: _host(c.EditZone(of("zone", 0), "Autre")),
    c.RemoveZone: _host(c.RemoveZone(of("zone", 0))),
    c.SendMessage: _participant(c.SendMessage(of("message", 9_999), "Bonjour")),
    c.EditMessage: _participant(c.EditMessage(of("message", 1), "Bonsoir")),
    c.RemoveMessage: _host(c.RemoveMessage(of("message", 1))),
    c.AddReaction: _participant(c.AddReaction(_POPULAR, "love")),
    c.RemoveReaction: _participant(c.RemoveReaction(_POPULAR, "like")),
    c.HidePost: _host(c.HidePost(_POPULAR)),
    c.ShowPost: _host(c.HidePost(_POPULAR), c.ShowPost(_POPULAR)),
    c.RefusePost: _host(c.RefusePost(_POPULAR, "Trop tôt")),
    c.MuteAuthor: _host(c.MuteAuthor(of("idea", 1))),
    c.UnmuteAuthor: _host(c.MuteAuthor(of("idea", 1)), c.UnmuteAuthor(of("idea", 1))),
    c.SetRoom: _host(c.SetRoom(title="Autre")),
    c.SetWordlist: _host(c.SetWordlist(["grève"])),
    c.RenameMember: _participant(c.RenameMember("Autre")),
    c.RemoveMember: lambda size: [(c.RemoveMember(ids=_people(size)), HOST)],
    c.EndScreen: _host(c.EndScreen()),
    c.SetRole: _host(c.SetRole(of("member", 1), "host")),
    c.SetWeight: lambda size: [(c.EndBreakouts(), HOST), (c.SetWeight(4), HOST)],
    c.DrawBreakouts: lambda size: (
        [(c.DrawBreakouts(4, _people(size)), HOST)] * 3 + [(c.DrawBreakouts(join=True), HOST)]
    ),
    c.TakeBreakout: lambda size: [(c.TakeBreakout(), of("member", size.members - 1))],
    c.EndBreakouts: _host(c.EndBreakouts()),
    c.SetTopics: _host(c.SetTopics(1, about=[_POPULAR, of("zone", 0)])),
    c.SetSpeaker: _participant(c.SetSpeaker()),
    c.MarkBest: lambda size: [
        (c.GoToStep(WRITTEN), HOST),
        (c.AddIdea(_FREE, "À notre table"), of("member", 1)),
        (c.MarkBest(_FREE), HOST),
    ],
    c.AddStep: _host(c.AddStep(of("step", 99), "ideate", "Étape")),
    c.EditStep: _host(c.EditStep(WRITTEN, anonymous=True), c.EditStep(VOTED, cap=6)),
    c.MoveStep: _host(c.MoveStep(OTHER, WRITTEN)),
    c.RemoveStep: _host(c.RemoveStep(OTHER)),
    c.GoToStep: _host(c.GoToStep(EMPTY)),
    c.RevealStep: _host(c.RevealStep(BLIND)),
    c.SayReady: _participant(c.SayReady(VOTED, on=False)),
    c.DealHand: lambda size: [(c.DealHand(SORTED), of("member", size.members - 1))],
    c.PutHand: lambda size: [(c.PutHand(SORTED, of("idea", _loose(size)[0]), of("zone", 2)), of("member", 1))],
    c.AcceptProposals: lambda size: [(_all_proposed(size), HOST)],
    c.RefuseProposal: lambda size: [(c.RefuseProposal(of("idea", _loose(size)[0]), of("idea", 2)), HOST)],
    c.UndoProposals: lambda size: [(_all_proposed(size), HOST), (c.UndoProposals(), HOST)],
    c.PutDots: _participant(c.PutDots(VOTED, of("idea", 5), 1)),
    c.CloseVote: _host(_CLOSED),
    c.CountVote: _host(_CLOSED, c.CountVote(VOTED)),
    c.ReopenVote: _host(_CLOSED, c.ReopenVote(VOTED)),
    c.RevealVote: _host(_CLOSED, c.RevealVote(VOTED), c.HidePost(_POPULAR), c.ShowPost(_POPULAR)),
    c.AddDecision: _host(c.AddDecision(of("decision", 9_999), "Décidé", _POPULAR)),
    c.EditDecision: _host(c.EditDecision(of("decision", 1), "Autre")),
    c.RemoveDecision: _host(c.RemoveDecision(of("decision", 1))),
    c.AddRemark: _participant(c.AddRemark(of("remark", 9_999), _POPULAR, "objection", "Et la nuit ?", WRITTEN)),
    c.EditRemark: _participant(c.EditRemark(of("remark", 1), "Et le jour ?")),
    c.RemoveRemark: _host(c.RemoveRemark(of("remark", 1))),
    c.AddAction: _host(c.AddAction(of("action", 9_999), "À faire")),
    c.EditAction: _host(c.EditAction(of("action", 1), "Autre")),
    c.RemoveAction: _host(c.RemoveAction(of("action", 1))),
    c.WriteCommitment: _participant(c.WriteCommitment("Autre", shared=True)),
    c.AskPulse: _host(c.AskPulse(of("pulse", 9_999), "Et ?", "scale")),
    c.AnswerPulse: _participant(c.AnswerPulse(of("pulse", 0), "autre")),
    c.ClosePulse: _host(c.ClosePulse(of("pulse", 0))),
    c.AnswerQuestion: _host(
        c.AddStep(of("step", 99), "questions", "Vos questions"),
        c.GoToStep(of("step", 99)),
        c.AddIdea(_FREE, "Et les horaires ?"),
        c.AnswerQuestion(_FREE),
    ),
    c.HideWord: _host(c.HideWord(of("pulse", 0), "mot 0")),
    c.StartTimer: _host(c.GoToStep(OTHER), c.PauseTimer(), c.StartTimer()),
    c.PauseTimer: _host(c.GoToStep(OTHER), c.PauseTimer()),
    c.AddTime: _host(c.AddTime()),
    c.SetStage: _host(c.SetStage("ideas")),
    Create: _host(Create(ROOM, "Autre", "BCDFGH", "fr")),
    Enter: lambda _: [(Enter(of("member", 99_999_999), "Nouvelle", "participant"), of("member", 99_999_999))],
    Claim: _participant(Claim(of("member", 1))),
    OpenScreen: _host(OpenScreen(of("screen", 9_999))),
    SealMessages: _host(c.SendMessage(of("message", 9_999), "Bonjour"), SealMessages()),
    BringImage: _participant(BringImage(of("image", 9_999), 800, 600)),
    DropImages: _host(
        BringImage(of("image", 9_999), 800, 600),
        c.EditIdea(_POPULAR, "Une autre", of("image", 9_999)),
        c.EditIdea(_POPULAR, "Une autre", ""),
        DropImages((of("image", 9_999),)),
    ),
    Import: _host(Import(msgspec.msgpack.encode(_FILE))),
}

REFUSED: Final = frozenset({Create, Claim, Enter})
"""Of a room that is there, of somebody who is there, and of one more where it is full: what a refusal costs is all that is seen."""

if missing := RIGHTS.keys() - RECIPES.keys():
    raise SystemExit(f"expected a recipe for each command; none for {', '.join(each.__name__ for each in missing)}")
