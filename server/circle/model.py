"""The circle: the model of streams that are called `circle:…`, all its capabilities put together."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from protocol import circles as p
from protocol.circles import CIRCLE_COMMANDS, CIRCLE_RECORDS, PostRecord
from protocol.commands import Command
from protocol.errors import Code, Refusal
from protocol.records import Record
from server.circle import people, rights, sealing
from server.circle.people import PEOPLE_CAPABILITY, JoinCircle
from server.circle.sealing import SEALING_CAPABILITY
from server.circle.settings import SETTINGS_CAPABILITY
from server.circle.state import ANIMATORS, INDEX, circle, person_of, thread
from server.circle.thread import THREAD_CAPABILITY
from server.model.kernel import Actor, Audience, Capability, Context, Due, Entity, Event, Listing, Role, State, tail
from server.model.model import Found, Model, Versions

CAPABILITIES: Final[tuple[Capability, ...]] = (
    SETTINGS_CAPABILITY,
    PEOPLE_CAPABILITY,
    THREAD_CAPABILITY,
    SEALING_CAPABILITY,
)

AUDIENCES: Final = ("everyone", ANIMATORS, INDEX)

VERSIONS: Final = Versions(evolve="1", render="1")


class CircleModel(Model):
    """See the module."""

    tells_presence = False

    def decide(self, state: State, command: Command, context: Context) -> Sequence[Event]:
        self.check_right(command, context.actor)
        if circle(state).archived and type(command) not in rights.ARCHIVED:
            raise Refusal(Code.ARCHIVED)
        back = sealing.recalled(state, command, context.sealed)
        events = self.decides[type(command)](self.evolve(state, back) if back else state, command, context)
        return [back, *events] if back and events else events

    def due(self, state: State) -> Due | None:
        return sealing.due(state)

    def actor_for(self, state: State, member: str) -> Actor | None:
        return people.actor_for(state, member)

    def membership(self, state: State, person: str) -> Role | None:
        return people.membership(state, person)

    def name_of(self, state: State, person: str) -> str:
        return people.name_of(state, person)

    def parent(self, state: State) -> str:
        return circle(state).community

    def listing(self, state: State) -> Listing | None:
        now = circle(state)
        return Listing(now.community, now.access, now.title, now.purpose, now.archived)

    def introduces(self, state: State, command: Command, actor: str) -> Sequence[str]:
        match command:
            case p.AddPost():
                return (actor, *command.mentions)
            case p.SetCircle(respondent=str(id)) | p.AddMember(id=id) | p.SetMemberRole(id=id):
                return (id,)
            case p.GrantAsking():
                return (person_of(command.id),)
            case JoinCircle():
                return (actor,)
            case _:
                return ()

    def audience_of(self, actor: Actor | None) -> Audience:
        return ANIMATORS if actor is not None and actor.role == "animator" else self.everyone

    def is_out(self, state: State, id: str) -> bool:
        return people.is_out(state, id)

    def index(self, record: Record) -> Found | None:
        if not isinstance(record, PostRecord):
            return None
        kind = replies_to(record.reply) if record.reply else "post"
        return Found(kind, record.n, record.text, place=record.n, author=record.author or "")

    def last(self, state: State) -> int | None:
        return thread(state).last

    def kept_record(self, id: str, raw: bytes) -> Record:
        return msgspec.msgpack.decode(raw, type=CIRCLE_RECORDS[id.partition(":")[0]])

    def sealable(self, command: Command) -> Sequence[str]:
        return sealing.named(command)

    def sealed_along(self, found: Iterable[Entity]) -> Sequence[str]:
        return sealing.along(found)

    def made(self, state: State, command: Command) -> Sequence[str]:
        return sealing.made(state, command)


def replies_to(post: str) -> str:
    """The kind of the rows of what was replied to a post: so they are paged by themselves."""
    return f"reply:{tail(post)}"


CIRCLE: Final[CircleModel] = CircleModel(
    "circle",
    CAPABILITIES,
    commands=CIRCLE_COMMANDS,
    rights=rights.RIGHTS,
    audiences=AUDIENCES,
    kept=INDEX,
    versions=VERSIONS,
    lifts={},
)
