"""The words that every capability is written in.

State is one immutable map from an entity's id to a frozen struct. A capability says, for each of its commands, which events follow
(`decide`), for each of its events, what becomes of the state (`evolve`) and which entities look different (`touch`), and for each of its
entities, what a viewer sees of it (`render`). Secrecy lives in `render` and nowhere else.
"""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from typing import Any, ClassVar, Final, NamedTuple, TypeAlias, TypeVar

from immutables import Map
from msgspec import Struct

from protocol.commands import Command
from protocol.errors import Code, Refusal
from protocol.persons import ThingId, Words
from protocol.records import Record

Role: TypeAlias = str
"""What somebody may do is told by it; each model has its own."""

Audience: TypeAlias = str
"""A set of people who see the same shared records; each model has its own."""


class Entity(Struct, frozen=True, gc=False, tag_field="kind"):
    """A thing of the state. Its `id` is its key there.

    Attributes:
        is_everyones: whoever is in the room sees it for as long as it is there; so nobody need render it to know that.
    """

    is_everyones: ClassVar[bool] = False

    id: ThingId


class Event(Struct, frozen=True, gc=False, tag_field="e", omit_defaults=True, kw_only=True):
    """What happened, for ever. Personal fields are optional, so that they can be erased.

    The type of each string says what it says of people (`protocol.persons`); one that does not is refused by the model.

    Attributes:
        via: the stream for which a policy brought it about; "" where somebody did, or time.
    """

    via: Words = ""

    @property
    def seals(self) -> Sequence[str]:
        """Ids of entities that leave the state unharmed, to be kept beside it."""
        return ()

    @property
    def enrols(self) -> Sequence[str]:
        """Ids of people who are members after it and were none before, or the reverse, or with another role or name."""
        return ()

    @property
    def lists(self) -> bool:
        """Whether what is known of the stream from outside (`Model.listing`) is another after it."""
        return False


State = Map[str, Entity]
EMPTY: State = Map()


def _no_alias(step: str) -> str:
    return ""


Present = Callable[[], Collection[str] | None]
"""Ids of the members who are here now; None where not all of them are known."""


def unknown() -> None:
    return None


class Actor(NamedTuple):
    """Who asks. `role` is what the state says of him, never his token.

    Attributes:
        alias: what he is called in a step where people have no name; made with a key that no journal holds.
        source: the stream for which a policy asks; "" for whoever asks himself.
    """

    id: str
    role: Role
    alias: Callable[[str], str] = _no_alias
    source: str = ""


class Context(NamedTuple):
    """All that a decision may depend on beside state and command.

    Attributes:
        at: milliseconds since 1970, never less than the last commit's.
        sealed: entities that left the state, loaded because the command names them.
        present: see `Present`.
        people: what those are called who are members of the stream above, of the persons whom `Model.introduces` names.
    """

    actor: Actor
    at: int
    sealed: Mapping[str, Entity] = {}
    present: Present = unknown
    people: Mapping[str, str] = {}


class Viewer(NamedTuple):
    """Through whose eyes: an audience's, or with `owner` what one member alone sees, whatever his audience.

    A member is an owner under his id, and again under each of his aliases.
    """

    audience: Audience | None
    owner: str | None = None


PUBLIC = Viewer("public")
HOST = Viewer("host")


class Touch(NamedTuple):
    """An entity that an event may have made look different, and the owners (see `Viewer`) who may have a view of their own of it.

    `gone`: it was public, left the state earlier, and has now ceased to be: everyone is told, though no layer holds it.
    """

    id: str
    owners: tuple[str, ...] = ()
    gone: bool = False


class Due(NamedTuple):
    """The next thing that time alone brings about; submitted by every worker under the same id, so it happens once.

    Attributes:
        drops: images of which no bytes may be left when it happens.
    """

    at: int
    id: str
    command: Command
    drops: tuple[str, ...] = ()


COMMON: Final = "common"
"""The access of a stream that everyone of the one above it is in; nothing is stored of who."""

HIDDEN: Final = "confidential"
"""The access of a stream that is not there for whoever is no member of it."""


class Listing(NamedTuple):
    """What is known of a stream that stands under another, by whoever may find it.

    Attributes:
        parent: the stream above it.
        access: how people come in, `COMMON` and `HIDDEN` among others.
        closed: it is kept to be read, and looked for no more.
    """

    parent: str
    access: str
    title: str
    purpose: str = ""
    closed: bool = False


class Notice(NamedTuple):
    """That what happened concerns somebody.

    Attributes:
        owner: a person or an alias; or a thing, or a stream: then whoever has a stake in it.
        kind: what it is to them, `assigned` say.
        about: the thing.
        scope: that in which the alias was made (see `Actor.alias`); "" where the owner is none.
    """

    owner: str
    kind: str
    about: str
    scope: str = ""


class Stake(NamedTuple):
    """That somebody follows a thing, or a stream, from now on.

    Attributes:
        owner: a person or an alias.
        role: as what; None: no more.
    """

    owner: str
    about: str
    role: str | None


# Each capability types its own functions exactly; the tables that join them cannot.
Decide = Callable[[State, Any, Context], Sequence[Event]]
Evolve = Callable[[State, Any], State]
Touches = Callable[[State, State, Any], Sequence[Touch]]
Render = Callable[[State, str, Viewer], Record | None]
Concerns = Callable[[State, State, Any], Sequence[Notice | Stake]]


class Restore(NamedTuple):
    """What undoes `render`: a record of a file is put back into a state in which it is rendered so again.

    Attributes:
        check: the record as it is kept, by the rules of now. Raises Refusal for what no command could have brought about.
        put_back: the state with such a record in it. Like all that folds events it takes whatever was once taken, whatever the rules are by now.
    """

    check: Callable[[State, Any], Record]
    put_back: Callable[[State, Any], State]


class Capability(NamedTuple):
    """One file's contribution.

    `events` maps each event to (evolve, touches), `render` and `restore` each id prefix to how its things are
    shown, and put back; `concerns` those events that concern somebody, given the state before and after, to whom."""

    entities: Sequence[type[Entity]] = ()
    decide: Mapping[type[Command], Decide] = {}
    events: Mapping[type[Event], tuple[Evolve, Touches]] = {}
    render: Mapping[str, Render] = {}
    restore: Mapping[str, Restore] = {}
    concerns: Mapping[type[Event], Concerns] = {}


E = TypeVar("E", bound=Entity)
T = TypeVar("T")

Slices: TypeAlias = Generator[None, None, T]
"""Work that stops now and then, so that whoever has more to do may do it, and that comes to something in the end."""


def at_once(slices: Slices[T]) -> T:
    """Done without a stop."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def get(state: State, id: str | None, kind: type[E]) -> E | None:
    """The entity of this id, if it is there and of this kind."""
    entity = state.get(id) if id is not None else None
    return entity if isinstance(entity, kind) else None


def not_found(id: str) -> Refusal:
    return Refusal(Code.NOT_FOUND, f"expected the id of something that exists and that you may see; got {id}")


def tail(id: str) -> str:
    """What follows the colon."""
    return id[id.index(":") + 1 :]
