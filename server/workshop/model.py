"""The workshop: the model of streams that are called `room:…`, all its capabilities put together."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec.structs import replace

from protocol.commands import COMMANDS, Command, SetStage
from protocol.errors import Code, Refusal
from protocol.records import IdeaRecord, MessageRecord, Record, RemarkRecord
from server.model.kernel import HOST, PUBLIC, Actor, Audience, Capability, Context, Due, Event, Role, State, not_found
from server.model.model import Found, Large, Model, Relay, Versions
from server.workshop import rights
from server.workshop.agenda.agenda import AGENDA_CAPABILITY
from server.workshop.agenda.readiness import READINESS_CAPABILITY
from server.workshop.agenda.stage import STAGE_CAPABILITY
from server.workshop.agenda.timer import TIMER_CAPABILITY
from server.workshop.board.alike import comparable
from server.workshop.board.ideas import IDEAS_CAPABILITY
from server.workshop.board.images import IMAGES_CAPABILITY
from server.workshop.board.images import due as images_due
from server.workshop.board.merges import MERGES_CAPABILITY
from server.workshop.board.moderation import MODERATION_CAPABILITY, check_may_write
from server.workshop.board.moves import MOVES_CAPABILITY
from server.workshop.board.questions import QUESTIONS_CAPABILITY
from server.workshop.board.sorting import SORTING_CAPABILITY
from server.workshop.board.zones import ZONES_CAPABILITY
from server.workshop.formats import LIFTS
from server.workshop.imports import Import, importing, planned
from server.workshop.naming import brings_text, named
from server.workshop.outcome.decisions import DECISIONS_CAPABILITY
from server.workshop.outcome.pulses import PULSES_CAPABILITY, asked
from server.workshop.outcome.remarks import REMARKS_CAPABILITY
from server.workshop.outcome.reporting import REPORTING_CAPABILITY
from server.workshop.outcome.votes import VOTES_CAPABILITY
from server.workshop.people.breakouts import BREAKOUTS_CAPABILITY
from server.workshop.people.people import PEOPLE_CAPABILITY, actor_for, is_arrival, is_removed, membership
from server.workshop.people.screens import SCREENS_CAPABILITY, is_ended, is_open
from server.workshop.people.settings import SETTINGS_CAPABILITY, settings
from server.workshop.people.wordlist import WORDLIST_CAPABILITY
from server.workshop.signals import relay
from server.workshop.state.images import Image, is_mine
from server.workshop.state.posts import Post, visible
from server.workshop.state.remarks import Remark, is_read
from server.workshop.state.steps import all_steps
from server.workshop.talk import sealing
from server.workshop.talk.messages import MESSAGES_CAPABILITY
from server.workshop.talk.reactions import REACTIONS_CAPABILITY

CAPABILITIES: Final[tuple[Capability, ...]] = (
    SETTINGS_CAPABILITY,
    WORDLIST_CAPABILITY,
    PEOPLE_CAPABILITY,
    SCREENS_CAPABILITY,
    ZONES_CAPABILITY,
    IDEAS_CAPABILITY,
    IMAGES_CAPABILITY,
    MOVES_CAPABILITY,
    MESSAGES_CAPABILITY,
    REACTIONS_CAPABILITY,
    MODERATION_CAPABILITY,
    sealing.SEALING_CAPABILITY,
    AGENDA_CAPABILITY,
    TIMER_CAPABILITY,
    READINESS_CAPABILITY,
    STAGE_CAPABILITY,
    MERGES_CAPABILITY,
    SORTING_CAPABILITY,
    QUESTIONS_CAPABILITY,
    VOTES_CAPABILITY,
    REMARKS_CAPABILITY,
    DECISIONS_CAPABILITY,
    PULSES_CAPABILITY,
    BREAKOUTS_CAPABILITY,
    REPORTING_CAPABILITY,
    importing(lambda: WORKSHOP.restores),
)

AUDIENCES: Final = ("public", "host")
"""Everyone, the screen too; and those who run the workshop."""

VERSIONS: Final = Versions(evolve="15", render="13")


class Workshop(Model):
    """See the module."""

    def decide(self, state: State, command: Command, context: Context) -> Sequence[Event]:
        self.check_right(command, context.actor)
        if type(command) in rights.WRITES and context.actor.role != "host" and not settings(state).writing:
            raise Refusal(Code.PAUSED)
        if type(command) in rights.WRITES or brings_text(command):
            check_may_write(state, command, context.actor)
        try:
            self._check_seen(state, command, context)
            return self.decides[type(command)](state, command, context)
        except Refusal as refusal:
            if refusal.code is Code.NOT_FOUND and any(
                sealing.seen(entity, context.actor) for entity in context.sealed.values()
            ):
                raise Refusal(Code.SEALED) from None
            raise

    def _check_seen(self, state: State, command: Command, context: Context) -> None:
        """Ask for all that a command names before anything else: what its actor does not see is as what never was (SPEC I3).

        Raises:
            Refusal: `not_found`.
        """
        # What hosts put on the stage stands in a record that everyone has.
        actor = None if type(command) is SetStage else context.actor
        for id in named(command):
            if id not in context.sealed and not self._sees(state, id, actor):
                raise not_found(id)

    def _sees(self, state: State, id: str, actor: Actor | None) -> bool:
        """Whether an actor, or where there is none everyone, may know that there is such a thing."""
        entity = state.get(id)
        if isinstance(entity, Post):
            if isinstance(entity, Remark) and not is_read(state, entity.on):
                return False
            # One of a step without names is its author's under an alias.
            return entity.is_open or (actor is not None and visible(entity, actor))
        if isinstance(entity, Image):
            # A logo is everyone's once it is the room's.
            return (entity.logo and entity.on is not None) or (actor is not None and is_mine(entity, actor))
        if entity is not None and entity.is_everyones:
            return True
        return self.render(state, id, HOST if actor is not None and actor.role == "host" else PUBLIC) is not None

    def due(self, state: State) -> Due | None:
        # What is sealed is due at once; images may wait for who keeps their bytes.
        return sealing.due(state) or images_due(state)

    def is_arrival(self, event: Event) -> bool:
        return is_arrival(event)

    def actor_for(self, state: State, member: str) -> Actor | None:
        return actor_for(state, member)

    def membership(self, state: State, person: str) -> Role | None:
        return membership(state, person)

    def audience_of(self, actor: Actor | None) -> Audience:
        return "host" if actor is not None and actor.role == "host" else "public"

    def is_out(self, state: State, id: str) -> bool:
        """SPEC M3, H10."""
        return is_removed(state, id) or is_ended(state, id)

    def is_screen(self, state: State, id: str) -> bool:
        return is_open(state, id)

    def pseudonyms(self, state: State) -> tuple[str, ...]:
        """The steps that people have been in, and the pulses that were asked."""
        return (*(step.id for step in all_steps(state) if step.opened), *asked(state))

    def index(self, record: Record) -> Found | None:
        match record:
            case IdeaRecord():
                return Found("idea", record.v, f"{record.text} {record.alt}" if record.alt else record.text)
            case RemarkRecord():
                return Found("remark", record.v, record.text)
            case MessageRecord():
                return Found("message", record.n, record.text)
            case _:
                return None

    def whole(self, record: Record) -> Record:
        # How large a picture is goes with it.
        return replace(record, width=0, height=0) if isinstance(record, IdeaRecord) and not record.image else record

    def relay(self, state: State, actor: Actor, kind: str, fields: dict[str, Any]) -> Relay:
        return relay(state, actor, kind, fields)

    def comparable(self, state: State, records: Iterable[Record]) -> Sequence[tuple[str, str]]:
        return comparable(state, records)

    def sealable(self, command: Command) -> Sequence[str]:
        return sealing.named(command)

    def sealed_with(self, id: str) -> Sequence[str]:
        return sealing.sealed_with(id)

    def made(self, state: State, command: Command) -> Sequence[str]:
        return sealing.made(state, command)

    def imports(self, file: Sequence[Any]) -> Sequence[Import]:
        """Commands that make a new room what an exported one was; see `planned`."""
        return planned(file, self.restores)


WORKSHOP: Final[Workshop] = Workshop(
    "room",
    CAPABILITIES,
    commands=COMMANDS,
    rights=rights.RIGHTS,
    audiences=AUDIENCES,
    versions=VERSIONS,
    lifts=LIFTS,
    large=Large(rights.HEAVY, rights.HEAVY_EVENTS, rights.WIDE_EVENTS),
)
