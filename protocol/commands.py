"""The commands of the wire: their names and the shape of their `args` (SPEC.md, C).

A text's length is not part of its type: too long a text is refused by name (`text_too_long`), not as a wrong type.
"""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from protocol.choices import Blind, Form, Lang, Letter, ReactionKind, RemarkKind, Role, StepKind, Targets, View
from protocol.records import Id

IdeaId = Annotated[str, Meta(pattern=r"^idea:[A-Za-z0-9_-]{12,64}\Z")]
MessageId = Annotated[str, Meta(pattern=r"^message:[A-Za-z0-9_-]{12,64}\Z")]
Colour = Annotated[str, Meta(pattern=r"^(?:#[0-9a-f]{6})?\Z")]
ZoneId = Annotated[str, Meta(pattern=r"^zone:[A-Za-z0-9_-]{12,64}\Z")]
StepId = Annotated[str, Meta(pattern=r"^step:[A-Za-z0-9_-]{12,64}\Z")]
ImageId = Annotated[str, Meta(pattern=r"^image:[A-Za-z0-9_-]{12,64}\Z")]
ImageOrNone = Annotated[str, Meta(pattern=r"^(?:image:[A-Za-z0-9_-]{12,64})?\Z")]
ScreenId = Annotated[str, Meta(pattern=r"^screen:[A-Za-z0-9_-]{12,64}\Z")]
MemberId = Annotated[str, Meta(pattern=r"^member:[A-Za-z0-9_-]{12,64}\Z")]


DecisionId = Annotated[str, Meta(pattern=r"^decision:[A-Za-z0-9_-]{12,64}\Z")]
ActionId = Annotated[str, Meta(pattern=r"^action:[A-Za-z0-9_-]{12,64}\Z")]
RemarkId = Annotated[str, Meta(pattern=r"^remark:[A-Za-z0-9_-]{12,64}\Z")]
IdeaOrZone = Annotated[str, Meta(pattern=r"^(?:idea|zone):[A-Za-z0-9_-]{12,64}\Z")]
PulseId = Annotated[str, Meta(pattern=r"^pulse:[A-Za-z0-9_-]{12,64}\Z")]
Day = Annotated[str, Meta(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?\Z")]
Minutes = Annotated[int, Meta(ge=0, le=600)]
Dots = Annotated[int, Meta(ge=0, le=100)]
Carried = Annotated[int, Meta(ge=0, le=10_000)]
Options = Annotated[list[str], Meta(max_length=8)]
Topics = Annotated[list[str], Meta(max_length=60)]
TopicThings = Annotated[list[IdeaOrZone], Meta(max_length=60)]
PageNumber = Annotated[int, Meta(ge=0, le=999)]


class Command(Struct, frozen=True):
    """What a client asks for."""


class AddIdea(Command, frozen=True):
    """`step`: the one that it was typed in (null: the current one); `late`: even though that is over; `image`: one that I brought, and
    `alt`: what is seen on it."""

    id: IdeaId
    text: str
    zone: ZoneId | None = None
    step: StepId | None = None
    late: bool = False
    image: ImageId | None = None
    alt: str = ""


class EditIdea(Command, frozen=True):
    """Without `image`, or `alt`: that one stays; "": it is taken away, for good."""

    id: IdeaId
    text: str
    image: ImageOrNone | UnsetType = UNSET
    alt: str | UnsetType = UNSET


class MoveIdea(Command, frozen=True):
    """To another zone (null: none), before another idea of it, or to its end. Without `zone`: within its own."""

    id: IdeaId
    zone: ZoneId | UnsetType | None = UNSET
    before: IdeaId | None = None


class RemoveIdea(Command, frozen=True):
    id: IdeaId


class RestoreIdea(Command, frozen=True):
    id: IdeaId


class UndoIdea(Command, frozen=True):
    """Undo my own last move or removal (`on`: of this idea), unless someone has changed that idea since."""

    on: IdeaId | None = None


class MergeIdea(Command, frozen=True):
    """It says the same as another, which shows both from now on."""

    id: IdeaId
    into: IdeaId


class UnmergeIdea(Command, frozen=True):
    """It stands for itself again, where it stood."""

    id: IdeaId


class AddZone(Command, frozen=True):
    id: ZoneId
    title: str
    letter: Letter | None = None


class EditZone(Command, frozen=True):
    id: ZoneId
    title: str


class RemoveZone(Command, frozen=True):
    """Its ideas stay, in no zone."""

    id: ZoneId


class SendMessage(Command, frozen=True):
    id: MessageId
    text: str
    reply: MessageId | None = None


class EditMessage(Command, frozen=True):
    id: MessageId
    text: str


class RemoveMessage(Command, frozen=True):
    id: MessageId


class AddReaction(Command, frozen=True):
    on: Id
    kind: ReactionKind


class RemoveReaction(Command, frozen=True):
    on: Id
    kind: ReactionKind


class HidePost(Command, frozen=True):
    on: Id


class ShowPost(Command, frozen=True):
    on: Id


class RefusePost(Command, frozen=True):
    """It stays in review, and its author learns why."""

    on: Id
    reason: str


class MuteAuthor(Command, frozen=True):
    """Whoever wrote this writes no more: in this room, or, where he has no name, in this step."""

    on: Id


class UnmuteAuthor(Command, frozen=True):
    """The author of this post may write again; without `on`, everybody who may not."""

    on: Id | None = None


class SetRoom(Command, frozen=True):
    title: str | UnsetType = UNSET
    prompt: str | UnsetType = UNSET
    lang: Lang | UnsetType = UNSET
    writing: bool | UnsetType = UNSET
    door: bool | UnsetType = UNSET
    unconfirmed: Annotated[int, Meta(ge=1, le=20)] | UnsetType = UNSET
    """People whom one phone may answer for without a host's word."""
    line: str | UnsetType = UNSET
    """In whose name this is: it stands above the title. "" for nobody's."""
    accent: Colour | UnsetType = UNSET
    """Their colour, as `#rrggbb` in small letters; "" for none."""
    logo: ImageOrNone | UnsetType = UNSET
    """An image that I brought as a logo, for light grounds; "" takes it away, for good."""
    logo_dark: ImageOrNone | UnsetType = UNSET
    """The same for dark grounds; where there is none, the other stands on a light plate."""


class SetWordlist(Command, frozen=True):
    """The words that hosts look for before the big screen shows what people wrote; none: they look for none."""

    words: Annotated[list[str], Meta(max_length=100)]


class RenameMember(Command, frozen=True):
    """Myself, or (a host) another."""

    name: str
    id: MemberId | None = None


class RemoveMember(Command, frozen=True):
    """One person, or many at once: their connections end, and they come back only as somebody new. What they wrote stays."""

    id: MemberId | None = None
    ids: Annotated[list[MemberId], Meta(max_length=1_000)] = []


class EndScreen(Command, frozen=True):
    """A screen shows nothing more; without `id` none does."""

    id: ScreenId | None = None


class SetRole(Command, frozen=True):
    id: MemberId
    role: Role


class SetWeight(Command, frozen=True):
    """I answer for so many people, who share my phone; 1: for myself. With `id` a host says so of another."""

    weight: Annotated[int, Meta(ge=1, le=20)]
    id: MemberId | None = None


class DrawBreakouts(Command, frozen=True):
    """Deal people out to small tables: those named, or the participants who are present. `join`: the tables of now come together two by two instead.
    `texts`, `about`: what they talk about, as `SetTopics` says it."""

    size: Annotated[int, Meta(ge=2, le=6)] = 4
    among: Annotated[list[MemberId], Meta(max_length=1000)] = []
    join: bool = False
    texts: Topics = []
    about: TopicThings = []


class TakeBreakout(Command, frozen=True):
    """I sit down at this small table (null: where fewest sit, unless I have a seat). With `id` a host seats another."""

    breakout: Annotated[int, Meta(ge=1)] | None = None
    id: MemberId | None = None


class SetTopics(Command, frozen=True):
    """What the small tables of this round talk about: typed `texts`, then the ideas and zones `about`, each table one in turn. With `breakout` one
    table alone; nothing of either: no topic."""

    round: Annotated[int, Meta(ge=1)]
    breakout: Annotated[int, Meta(ge=1)] | None = None
    texts: Topics = []
    about: TopicThings = []


class SetSpeaker(Command, frozen=True):
    """I report back for my small table, or do not. With `id` a host says so of another, for the table at which they sit."""

    id: MemberId | None = None
    speaks: bool = True


class MarkBest(Command, frozen=True):
    """This idea is the best one of the small table at which it was written, or is not."""

    id: IdeaId
    best: bool = True


class EndBreakouts(Command, frozen=True):
    """Everyone sits together again."""


class AddStep(Command, frozen=True):
    """An item of the agenda, before another or at its end. `minutes` 0: without a clock; `budget`, `cap` 0: as the server suggests;
    `form`, `options`, `low`, `high`: of the question that a step of kind `pulse` will ask; `asks`: as soon as people come to it;
    `deals`: in one of kind `group` everyone is dealt some cards to sort."""

    id: StepId
    kind: StepKind
    title: str
    prompt: str = ""
    before: StepId | None = None
    minutes: Minutes = 0
    blind: Blind = "open"
    anonymous: bool = False
    moderated: bool = False
    budget: Dots = 0
    cap: Dots = 0
    targets: Targets = "ideas"
    form: Form = "scale"
    options: Options = []
    low: str = ""
    high: str = ""
    asks: bool = False
    deals: bool = False
    several: bool = False
    other: bool = False


class EditStep(Command, frozen=True):
    """`carried`: of a vote, how many of what was chosen are gone on with; 0: as many as every client suggests (SPEC V7)."""

    id: StepId
    title: str | UnsetType = UNSET
    prompt: str | UnsetType = UNSET
    minutes: Minutes | UnsetType = UNSET
    blind: Blind | UnsetType = UNSET
    anonymous: bool | UnsetType = UNSET
    moderated: bool | UnsetType = UNSET
    budget: Dots | UnsetType = UNSET
    cap: Dots | UnsetType = UNSET
    targets: Targets | UnsetType = UNSET
    form: Form | UnsetType = UNSET
    options: Options | UnsetType = UNSET
    low: str | UnsetType = UNSET
    high: str | UnsetType = UNSET
    asks: bool | UnsetType = UNSET
    deals: bool | UnsetType = UNSET
    several: bool | UnsetType = UNSET
    other: bool | UnsetType = UNSET
    carried: Carried | UnsetType = UNSET


class MoveStep(Command, frozen=True):
    """Before another, or to the end."""

    id: StepId
    before: StepId | None = None


class RemoveStep(Command, frozen=True):
    id: StepId


class GoToStep(Command, frozen=True):
    """Any step, forth or back; null: none. `leaving`: only if that is the current one still."""

    id: StepId | None
    leaving: StepId | UnsetType | None = UNSET


class RevealStep(Command, frozen=True):
    """Everyone reads what was written in it, at once and for good."""

    id: StepId


class SayReady(Command, frozen=True):
    """I have finished in this step, or have not."""

    id: StepId
    on: bool = True


class StartTimer(Command, frozen=True):
    """Of the current step: from its minutes, or from where it rests."""


class PauseTimer(Command, frozen=True):
    """Of the current step."""


class AddTime(Command, frozen=True):
    """To the clock of the current step."""

    ms: Annotated[int, Meta(ge=1_000, le=3_600_000)] = 60_000


class SetStage(Command, frozen=True):
    """What the big screen shows; `on`: the one idea, zone or decision of it; `page`: the page that is held, 0: they turn by themselves."""

    view: View
    on: Id | None = None
    page: PageNumber = 0


class DealHand(Command, frozen=True):
    """Deal me some more cards to sort, once I have done with those that I have."""

    step: StepId


class PutHand(Command, frozen=True):
    """A card of mine belongs in this zone, or says the same as this idea; null: I leave it to others."""

    step: StepId
    on: IdeaId
    to: IdeaOrZone | None = None


class AcceptProposals(Command, frozen=True):
    """These ideas go where people proposed, as far as they propose it still: by idea, a zone or an idea."""

    places: Annotated[dict[IdeaId, IdeaOrZone], Meta(max_length=400)]


class RefuseProposal(Command, frozen=True):
    """It is proposed no more that this idea goes there."""

    on: IdeaId
    to: IdeaOrZone


class UndoProposals(Command, frozen=True):
    """Take back the last acceptance, or refusal, as far as nobody has changed its ideas since."""


class PutDots(Command, frozen=True):
    """So many of my dots lie on this idea or zone, instead of as many as did."""

    step: StepId
    on: Id
    count: Dots


class CloseVote(Command, frozen=True):
    """Its result is taken, and nobody sees it yet."""

    step: StepId


class CountVote(Command, frozen=True):
    """Hosts see the result of a closed vote, which then is not reopened."""

    step: StepId


class ReopenVote(Command, frozen=True):
    step: StepId


class RevealVote(Command, frozen=True):
    """Everyone sees its result, for good."""

    step: StepId


class AddDecision(Command, frozen=True):
    """`source`: the idea or zone that it comes from."""

    id: DecisionId
    text: str
    source: Id | None = None


class EditDecision(Command, frozen=True):
    id: DecisionId
    text: str


class RemoveDecision(Command, frozen=True):
    id: DecisionId


class AddRemark(Command, frozen=True):
    """What came out when an idea or a zone was tested; `step`: the one that it was typed in (null: the current one)."""

    id: RemarkId
    on: IdeaOrZone
    kind: RemarkKind
    text: str
    step: StepId | None = None


class EditRemark(Command, frozen=True):
    id: RemarkId
    text: str


class RemoveRemark(Command, frozen=True):
    """For good."""

    id: RemarkId


class AddAction(Command, frozen=True):
    """What is to be done: for which decision, by whom, by which day (as 2026-12-01), and with which first step."""

    id: ActionId
    text: str
    decision: DecisionId | None = None
    owner: MemberId | None = None
    due: Day = ""
    first: str = ""


class EditAction(Command, frozen=True):
    id: ActionId
    text: str | UnsetType = UNSET
    owner: MemberId | UnsetType | None = UNSET
    due: Day | UnsetType = UNSET
    first: str | UnsetType = UNSET
    done: bool | UnsetType = UNSET


class RemoveAction(Command, frozen=True):
    id: ActionId


class WriteCommitment(Command, frozen=True):
    """What I commit to, for my eyes or everyone's; "": nothing any more."""

    text: str
    shared: bool = False


class AskPulse(Command, frozen=True):
    """A question on the fly: on a scale of 1 (`low`) to 5 (`high`), with options to choose one from (or `several`; with `other` one may
    write another oneself), for words, or for the weather that one is in."""

    id: PulseId
    question: str
    form: Form
    options: Options = []
    anonymous: bool = True
    low: str = ""
    high: str = ""
    several: bool = False
    other: bool = False


class AnswerPulse(Command, frozen=True):
    """A number of the scale or of the weather (SPEC U7), the place of an option (from 0), those of several, or words; again: instead.
    `other`: what I write where I choose the place behind the last option (SPEC U10)."""

    id: PulseId
    value: int | str | Annotated[list[int], Meta(max_length=9)]
    other: str = ""


class ClosePulse(Command, frozen=True):
    id: PulseId


class HideWord(Command, frozen=True):
    """Words that people gave in answer are read no more, or (`hidden` false) again; what is alike goes with them."""

    id: PulseId
    word: str
    hidden: bool = True


class AnswerQuestion(Command, frozen=True):
    """A question of the room has been answered, or (`answered` false) has not."""

    id: IdeaId
    answered: bool = True


COMMANDS: Final[dict[str, type[Command]]] = {
    "idea.add": AddIdea,
    "idea.edit": EditIdea,
    "idea.move": MoveIdea,
    "idea.remove": RemoveIdea,
    "idea.restore": RestoreIdea,
    "idea.undo": UndoIdea,
    "idea.merge": MergeIdea,
    "idea.unmerge": UnmergeIdea,
    "zone.add": AddZone,
    "zone.edit": EditZone,
    "zone.remove": RemoveZone,
    "message.send": SendMessage,
    "message.edit": EditMessage,
    "message.remove": RemoveMessage,
    "reaction.add": AddReaction,
    "reaction.remove": RemoveReaction,
    "post.hide": HidePost,
    "post.show": ShowPost,
    "post.refuse": RefusePost,
    "post.mute": MuteAuthor,
    "post.unmute": UnmuteAuthor,
    "room.set": SetRoom,
    "wordlist.set": SetWordlist,
    "member.rename": RenameMember,
    "member.remove": RemoveMember,
    "screen.end": EndScreen,
    "member.role": SetRole,
    "member.weight": SetWeight,
    "breakout.draw": DrawBreakouts,
    "breakout.take": TakeBreakout,
    "breakout.topic": SetTopics,
    "breakout.speaker": SetSpeaker,
    "breakout.best": MarkBest,
    "breakout.end": EndBreakouts,
    "step.add": AddStep,
    "step.edit": EditStep,
    "step.move": MoveStep,
    "step.remove": RemoveStep,
    "step.go": GoToStep,
    "step.reveal": RevealStep,
    "step.ready": SayReady,
    "hand.deal": DealHand,
    "hand.put": PutHand,
    "proposal.accept": AcceptProposals,
    "proposal.refuse": RefuseProposal,
    "proposal.undo": UndoProposals,
    "dots.put": PutDots,
    "vote.close": CloseVote,
    "vote.count": CountVote,
    "vote.reopen": ReopenVote,
    "vote.reveal": RevealVote,
    "decision.add": AddDecision,
    "decision.edit": EditDecision,
    "decision.remove": RemoveDecision,
    "remark.add": AddRemark,
    "remark.edit": EditRemark,
    "remark.remove": RemoveRemark,
    "action.add": AddAction,
    "action.edit": EditAction,
    "action.remove": RemoveAction,
    "commitment.write": WriteCommitment,
    "pulse.ask": AskPulse,
    "pulse.answer": AnswerPulse,
    "pulse.close": ClosePulse,
    "pulse.hide": HideWord,
    "question.answer": AnswerQuestion,
    "timer.start": StartTimer,
    "timer.pause": PauseTimer,
    "timer.add": AddTime,
    "stage.set": SetStage,
}


class History(Struct, frozen=True):
    """Messages older than number `before` (null: the newest), newest first."""

    before: Annotated[int, Meta(ge=0, lt=2**53)] | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class Search(Struct, frozen=True):
    """Ideas, remarks and messages of the room that hold the words, best first."""

    text: Annotated[str, Meta(min_length=1, max_length=200)]
    offset: Annotated[int, Meta(ge=0, le=10_000)] = 0
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class Duplicates(Struct, frozen=True):
    """Pairs of ideas that may say the same, likeliest first; for hosts."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20


Query = History | Search | Duplicates
QUERIES: Final[dict[str, type[Query]]] = {"history": History, "search": Search, "duplicates": Duplicates}
