"""Steps: the items of a workshop's agenda, and which of them is now (SPEC G1 to G9).

A step owns what holds while people are in it: a prompt, a clock, whether what is written in it is read by others before it is
revealed (`blind`), and whether its authors are named. Going from step to step changes none of that, nor anything written.
"""

from collections.abc import Iterator
from typing import Final, Literal

from msgspec.structs import replace

from protocol.choices import Form, StepKind, Targets
from server.model.kernel import Actor, Entity, State, get, not_found

Blind = Literal["open", "hosts", "nobody"]
"""Who reads, beside its author, what is written in a step before it is revealed: all, the hosts alone, or nobody."""

AGENDA: Final = "agenda:of-this-room"
STEPS: Final = 60
"""How many an agenda holds (SPEC L6)."""

GRACE: Final = 30_000
"""Milliseconds in which what was typed when a step changed still counts as on time (SPEC G5)."""

WRITTEN_IN: Final = frozenset({"meet", "ideate", "group", "discuss", "questions", "next"})
"""Kinds of steps in which an idea is filed that names none."""

OFF_BOARD: Final = frozenset({"meet", "questions"})
"""Kinds of steps in which what is written is no idea of the board."""


class Step(Entity, frozen=True, gc=False, tag="step"):
    """
    Attributes:
        act: what people do in it; on the wire its `kind`.
        blind: see `Blind`; lifted for good by `revealed`.
        opened: it was once the current one; `over`: when it last ceased to be (ms).
        written: how many ideas were filed in it, and `gone` how many of those are removed; `ready`: how many people said that they have finished.
        ends: when its clock runs out, while it runs (ms); `left`: what is left on it while it rests (ms).
        rests: its clock was left running, and will run on when people come back.
        budget, cap, targets: of a vote: dots a person has, dots he may put on one thing, and what they are put on.
        form, options, several, other, low, high: of the question that a pulse will ask; `asks`: as soon as people come to it.
        deals: everyone is dealt cards to sort (SPEC G15).
        carried: how many of what was chosen are gone on with (SPEC V7); 0: as many as are suggested.
        voted: how many ballots hold dots; `closed`: when its result was taken (ms); `counted`: hosts see it; `shown`: everyone does.
    """

    act: StepKind
    title: str
    rank: str
    prompt: str = ""
    minutes: int = 0
    blind: Blind = "open"
    anonymous: bool = False
    moderated: bool = False
    revealed: bool = False
    opened: bool = False
    over: int | None = None
    written: int = 0
    gone: int = 0
    ready: int = 0
    ends: int | None = None
    left: int | None = None
    rests: bool = False
    budget: int = 0
    cap: int = 0
    targets: Targets = "ideas"
    form: Form = "scale"
    options: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    asks: bool = False
    deals: bool = False
    several: bool = False
    other: bool = False
    carried: int = 0
    voted: int = 0
    closed: int | None = None
    counted: bool = False
    shown: bool = False

    @property
    def reader(self) -> Blind:
        """Who reads, beside its author, what is written here, as things stand."""
        return "open" if self.revealed else self.blind

    @property
    def there_are(self) -> int:
        """How many ideas of it nobody has removed (SPEC G3). What is in review counts: that there is any is for hosts to know (SPEC C6)."""
        return self.written - self.gone

    def rested(self, at: int) -> "Step":
        """The step once people have left it."""
        if self.ends is None:
            return replace(self, over=at)
        return replace(self, over=at, ends=None, left=max(0, self.ends - at), rests=True)

    def entered(self, at: int) -> "Step":
        """The step once people have come to it: its clock starts the first time, and runs on after that."""
        runs = self.left if self.rests else None if self.opened else self.minutes * 60_000 or None
        if runs is None:
            return replace(self, opened=True, over=None)
        return replace(self, opened=True, over=None, ends=at + runs, left=None, rests=False)


class Agenda(Entity, frozen=True, gc=False, tag="agenda"):
    """
    Attributes:
        steps: ids, in no order.
        now: the current step's; None before and between.
        since: when it became that (ms).
        end: the highest rank given to a step.
    """

    steps: tuple[str, ...] = ()
    now: str | None = None
    since: int = 0
    end: str | None = None


HOUR: Final = 3600 * 1000
ENDS: Final = 12 * HOUR
"""Milliseconds after which a workshop is over, if nobody was led to another step meanwhile."""


def ended(state: State) -> int | None:
    """When the workshop ends, or did (ms), as far as its steps tell; None before people came to the first."""
    here = agenda(state)
    return here.since + ENDS if here.since else None


def agenda(state: State) -> Agenda:
    return get(state, AGENDA, Agenda) or Agenda(id=AGENDA)


def step_of(state: State, id: str) -> Step:
    """
    Raises:
        Refusal: `not_found`.
    """
    step = get(state, id, Step)
    if step is None:
        raise not_found(id)
    return step


def current(state: State) -> Step | None:
    return get(state, agenda(state).now, Step)


def all_steps(state: State) -> Iterator[Step]:
    """In no order."""
    for id in agenda(state).steps:
        step = get(state, id, Step)
        if step is not None:
            yield step


def off_board(state: State, id: str | None) -> bool:
    """Whether what is written in this step is no idea of the board: it is said of people (SPEC G14), or asked (SPEC U12)."""
    step = get(state, id, Step)
    return step is not None and step.act in OFF_BOARD


def asks_in(state: State, id: str | None) -> bool:
    """Whether what is written in this step are questions (SPEC U12)."""
    step = get(state, id, Step)
    return step is not None and step.act == "questions"


def anonymous_steps(state: State) -> Iterator[str]:
    return (step.id for step in all_steps(state) if step.anonymous)


def may_group(state: State, actor: Actor) -> bool:
    """Hosts always; everyone in a step of that kind (SPEC G12)."""
    step = current(state)
    return actor.role == "host" or (step is not None and step.act == "group")
