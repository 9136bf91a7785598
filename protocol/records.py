"""Records: what a client may see now (SPEC.md, R). A client stores them by `id` and shows them; it needs no other rule.

An id is `kind:` and 12 to 64 characters of `[A-Za-z0-9_-]`, random where the client makes it. `v` is the seq at which the
record last changed for this audience.
"""

import re
from calendar import monthrange
from typing import Annotated, Any, Final, Literal, get_args

from msgspec import Meta, Struct

from protocol.choices import Blind, Form, Lang, Letter, ReactionKind, Role, StepKind, Targets, View
from protocol.persons import ImageOf, NameOf, PersonId, TextOf, ThingId

Id = Annotated[str, Meta(pattern=r"^[a-z]{2,16}:[A-Za-z0-9_-]{12,64}\Z")]

_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def is_day(text: str) -> bool:
    """Whether a text names a day that there is, as 2026-12-01 (K2)."""
    found = _DAY.fullmatch(text)
    if found is None:
        return False
    year, month, day = map(int, found.groups())
    return year > 0 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def one_of(choices: Any) -> Meta:
    """Says what a text is one of to whoever reads the schema; nothing is refused by it."""
    return Meta(extra_json_schema={"enum": list(get_args(choices))})


Reactions = Annotated[dict[str, int], Meta(extra_json_schema={"propertyNames": {"enum": list(get_args(ReactionKind))}})]
"""How many there are of each kind."""


class Record(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    id: ThingId
    v: int = 0


class RoomRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    title: str
    prompt: str = ""
    lang: Annotated[str, one_of(Lang)] = "fr"
    code: str = ""
    writing: bool = True
    door: bool = True
    unconfirmed: int = 10
    """People whom one phone may answer for without a host's word."""
    line: str = ""
    accent: str = ""
    logo: ThingId = ""
    logo_width: int = 0
    logo_height: int = 0
    logo_dark: ThingId = ""
    """For dark grounds; "": on those the other stands on a light plate."""
    logo_dark_width: int = 0
    logo_dark_height: int = 0
    community: ThingId = ""
    """From which it was opened, and into which its members may come; "": it stands alone."""


class MemberRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    name: Annotated[str, NameOf("id")]
    role: Annotated[str, one_of(Role)]
    weight: int = 0
    """So many people share this phone, and its dots weigh as much; 0: one person alone."""
    asked: int = 0
    """So many are said to share it, which waits for a host's word; 0: nothing waits."""
    breakout: int = 0
    """The number of the small table at which this person sits for now; 0: none."""
    at: int = 0
    """When this person came first (ms); 0: not known."""
    away: bool = False
    """Known from a file alone: nobody is here as this person yet."""


class ScreenRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody projects the room: since when (ms), and whether a host opened it. Hosts alone have it."""

    at: int
    host: bool = False


class MutedRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """For how many posts an author may write no more; its id is `muted:of-this-room`. Hosts alone have it."""

    count: int


class WordlistRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Words that hosts look for; its id is `wordlist:of-this-room`. Hosts alone have it."""

    words: list[str]


class ZoneRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    title: str
    letter: Annotated[str, one_of(Letter)]
    """A to F: which of the six tints of the board it wears; it never changes."""
    rank: str


class IdeaRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    text: Annotated[str, TextOf("author")]
    rank: str
    """Orders ideas of one zone: compare as ASCII strings, then by id."""
    zone: str | None = None
    author: PersonId | None = None
    at: int | None = None
    edited: bool = False
    removed: bool = False
    """Its author (and hosts) may restore it; others do not have this record at all."""
    taken: bool = False
    """Removed by a host: only hosts may restore it."""
    hidden: bool = False
    """In review: only its author and hosts have this record."""
    reactions: Reactions = {}
    step: str | None = None
    """The step that it was written in."""
    anonymous: bool = False
    """Nobody is told its author or its time."""
    own: bool = False
    """Only in `mine`: I am the author of this anonymous idea."""
    late: bool = False
    """It came when its step was over."""
    breakout: int = 0
    """The small table at which its author sat; 0: none, or it is anonymous."""
    round: int = 0
    """In which round of small tables; 0: in none, or it is not known."""
    reason: str = ""
    """In review, and refused: why."""
    muted: bool = False
    """For hosts: its author was muted for it."""
    into: str | None = None
    """What it was merged into: it stands in that one while everyone reads it, and else by itself (SPEC G13)."""
    image: Annotated[str, ImageOf("author")] = ""
    """A picture that belongs to it (SPEC B)."""
    alt: Annotated[str, TextOf("author")] = ""
    """What is seen on it, in words."""
    width: int = 0
    """Of the picture, in pixels: so that nothing jumps when it has come."""
    height: int = 0
    answered: bool = False
    """It is a question, and has been answered (SPEC U13)."""


class MessageRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    text: Annotated[str, TextOf("author")]
    n: int
    """Orders messages; also the page mark of `ask history`."""
    author: PersonId | None = None
    at: int | None = None
    reply: str | None = None
    edited: bool = False
    hidden: bool = False
    reactions: Reactions = {}
    reason: str = ""
    muted: bool = False


class ReactionRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """My own reactions on one thing; only in `mine`. Its id is `reaction:` and the id of what it is on, with a hyphen for the colon."""

    on: str
    kinds: tuple[Annotated[str, one_of(ReactionKind)], ...]


class UndoRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What `idea.undo` would undo; only in `mine`, and there is one at most."""

    on: str
    what: Annotated[str, one_of(Literal["move", "remove"])]


class StepRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An item of the agenda."""

    kind: Annotated[str, one_of(StepKind)]
    title: str
    rank: str
    prompt: str = ""
    minutes: int = 0
    blind: Annotated[str, one_of(Blind)] = "open"
    """Who reads what is written in it before `revealed`, beside its author: open (all), hosts, nobody."""
    anonymous: bool = False
    moderated: bool = False
    """What is written in it is in review until a host shows it."""
    revealed: bool = False
    written: int = 0
    """How many ideas there are in it that nobody has removed, while not all may read them (SPEC G3)."""
    ready: int = 0
    """How many people have said that they have finished."""
    ends: int | None = None
    """When its clock runs out, while it runs."""
    left: int | None = None
    """Milliseconds left on its clock, while it rests."""
    budget: int = 0
    cap: int = 0
    targets: Annotated[str, one_of(Targets)] = "ideas"
    form: Annotated[str, one_of(Form)] = "scale"
    options: list[str] = []
    low: str = ""
    high: str = ""
    """What 1 and 5 mean on the scale of its question; "": as every client says it."""
    asks: bool = False
    """Its question is asked as soon as people come to it."""
    deals: bool = False
    """Everyone is dealt some cards to sort."""
    several: bool = False
    """Of its question several options may be chosen."""
    other: bool = False
    """Of its question one may write an option oneself."""
    carried: int = 0
    """Of a vote, how many of what was chosen are gone on with (SPEC V7); 0: as many as are suggested."""
    voted: int = 0
    """How many people have put dots."""
    closed: int | None = None
    """When the vote was closed."""
    counted: bool = False
    """For hosts: they see its result, and it is not reopened."""
    shown: bool = False
    """Everyone sees its result."""


class AgendaRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Which step is now; its id is `agenda:of-this-room`."""

    now: str | None = None
    since: int = 0


class StageRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What the big screen shows; its id is `stage:of-this-room`."""

    view: Annotated[str, one_of(View)] = "auto"
    on: ThingId | None = None
    page: int = 0
    """The page that is held, from 1 on; 0: they turn by themselves."""
    pulse: str | None = None
    """The closed question whose result people look at."""


class BreakoutsRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Small tables, while people sit at them; its id is `breakouts:of-this-room`."""

    size: int
    count: int
    since: int
    round: int = 0
    """Which round it is, from 1 on; 0: not known."""


class BreakoutRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What is said of one small table, of now or of an earlier round. There is none of a table of which nothing is said."""

    round: int
    breakout: int
    topic: str = ""
    about: ThingId | None = None
    """Instead of a topic that was typed: the idea or zone that is talked about."""
    speaker: PersonId | None = None
    """Who reports back."""
    best: ThingId | None = None
    """The idea that is reported back."""


class ReadyRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Only in `mine`: I have finished in this step."""

    step: str


class HandRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Only in `mine`: the cards that I was dealt to sort in a step."""

    step: str
    cards: tuple[str, ...] = ()
    """Ideas, in the order in which they were dealt."""
    put: dict[str, str] = {}
    """By idea, the zone or the idea that I put it to; "": I left it to others."""


class SortingRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How far people are with the cards that a step deals."""

    step: str
    placed: int = 0
    """Ideas that lie in no zone still, and that somebody has put somewhere."""
    people: int = 0
    """How many have put one."""


class ProposalRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Only for hosts: where several people would put an idea."""

    step: str
    on: ThingId
    to: ThingId
    """A zone, or an idea that says the same."""
    hands: int
    """How many would."""
    of: int
    """How many have put it anywhere."""


class BallotRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Only in `mine`: where my dots lie in a vote."""

    step: str
    dots: dict[str, int] = {}
    """What counts, by idea or zone."""
    returned: tuple[str, ...] = ()
    """Things whose dots, or some of them, came back to me: they were merged, hidden or removed."""


class TotalRecord(Struct, frozen=True, omit_defaults=True):
    id: ThingId
    text: Annotated[str, TextOf("id")]
    """As it read when the vote was closed; "" where it has been hidden or removed since."""
    dots: int
    voters: int


class ResultRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A closed vote: for hosts once it is counted, for all once it is revealed."""

    step: str
    at: int
    totals: list[TotalRecord] = []
    voters: int = 0
    weight: int = 0
    """People behind the ballots: a table counts as many as it is."""


class DecisionRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    text: str
    at: int
    source: ThingId | None = None
    """The idea or zone that it came from."""
    quote: Annotated[str, TextOf("source")] = ""
    """How that read then; "" where it has been hidden or removed since."""


class RemarkRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody said of an idea or a zone as it was tested."""

    on: ThingId
    """What it stands on; nobody has it while not everyone reads that."""
    kind: str
    """`objection`, `condition` or `offer` (of help)."""
    text: Annotated[str, TextOf("author")]
    author: PersonId | None = None
    at: int | None = None
    edited: bool = False
    hidden: bool = False
    step: str | None = None
    """The step that it was written in."""
    anonymous: bool = False
    """Nobody is told its author or its time."""
    own: bool = False
    """Only in `mine`: I am the author of this anonymous remark."""
    reason: str = ""
    muted: bool = False


class ActionRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    text: str
    at: int
    decision: str | None = None
    owner: PersonId | None = None
    due: str = ""
    """A day, as 2026-12-01."""
    first: str = ""
    """The first step."""
    done: bool = False


class CommitmentRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What someone commits to; its id ends as its author's does. In `mine` unless it is shared."""

    text: Annotated[str, TextOf("author")]
    author: PersonId
    at: int
    shared: bool = False


class PulseRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A question on the fly."""

    question: str
    form: Annotated[str, one_of(Form)]
    at: int
    options: list[str] = []
    low: str = ""
    high: str = ""
    """What 1 and 5 mean on its scale; "": as every client says it."""
    several: bool = False
    """Everyone may choose several options."""
    other: bool = False
    """Everyone may choose, behind all options, one that they write themselves."""
    anonymous: bool = False
    closed: bool = False
    answers: int = 0
    """How many have answered."""
    counts: list[int] = []
    """How many gave each number of the scale or of the weather, or chose each option; last, how many wrote another."""
    words: dict[str, int] = {}
    """Words, or what people wrote themselves, and how many gave them, most first: of an open question the most frequent ones (SPEC U6)."""
    hidden: dict[str, int] = {}
    """Only for hosts: those that they hid."""
    different: int = 0
    """How many words there are in all."""


class AnswerRecord(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Only in `mine`: what I answered."""

    pulse: str
    value: int | str | list[int]
    other: str = ""
    """What I wrote myself."""


def images_on(record: Record) -> tuple[str, ...]:
    """Ids of the images that a record shows: whoever has it has them (B4)."""
    match record:
        case IdeaRecord():
            shown = [record.image]
        case RoomRecord():
            shown = [record.logo, record.logo_dark]
        case _:
            return ()
    return tuple(image for image in shown if image)


RECORDS: Final[dict[str, type[Record]]] = {
    "room": RoomRecord,
    "member": MemberRecord,
    "screen": ScreenRecord,
    "muted": MutedRecord,
    "wordlist": WordlistRecord,
    "zone": ZoneRecord,
    "idea": IdeaRecord,
    "message": MessageRecord,
    "reaction": ReactionRecord,
    "undo": UndoRecord,
    "step": StepRecord,
    "agenda": AgendaRecord,
    "stage": StageRecord,
    "breakouts": BreakoutsRecord,
    "breakout": BreakoutRecord,
    "ready": ReadyRecord,
    "hand": HandRecord,
    "sorting": SortingRecord,
    "proposal": ProposalRecord,
    "ballot": BallotRecord,
    "result": ResultRecord,
    "decision": DecisionRecord,
    "remark": RemarkRecord,
    "action": ActionRecord,
    "commitment": CommitmentRecord,
    "pulse": PulseRecord,
    "answer": AnswerRecord,
}
"""By kind, which every id begins with."""
