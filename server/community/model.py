"""The community: the model of streams that are called `community:…`, all its capabilities put together."""

from typing import Final

import msgspec

from protocol.communities import COMMUNITY_COMMANDS, COMMUNITY_RECORDS, PersonRecord
from protocol.errors import Code, Refusal
from protocol.records import Record
from server.community import rights
from server.community.arrivals import ARRIVALS_CAPABILITY, PersonArrived
from server.community.invitations import INVITATIONS_CAPABILITY
from server.community.people import PEOPLE_CAPABILITY
from server.community.settings import SETTINGS_CAPABILITY
from server.community.state import ANIMATORS, EVERYONE, INDEX, MEMBER, Person, actor_for, person_in
from server.model.kernel import Actor, Audience, Capability, Event, State, get
from server.model.model import Found, Model, Versions

COMMUNITY_CAPABILITIES: Final[tuple[Capability, ...]] = (
    SETTINGS_CAPABILITY,
    PEOPLE_CAPABILITY,
    INVITATIONS_CAPABILITY,
    ARRIVALS_CAPABILITY,
)

AUDIENCES: Final = (EVERYONE, ANIMATORS, INDEX)

VERSIONS: Final = Versions(evolve="1", render="1")


class Community(Model):
    """See the module."""

    tells_presence = False

    def is_arrival(self, event: Event) -> bool:
        return isinstance(event, PersonArrived)

    def actor_for(self, state: State, member: str) -> Actor | None:
        return actor_for(state, member)

    def name_of(self, state: State, person: str) -> str:
        """What somebody who is in it is called; "" for nobody."""
        known = person_in(state, person)
        return known.name if known else ""

    def audience_of(self, actor: Actor | None) -> Audience:
        return EVERYONE if actor is None or actor.role == MEMBER else ANIMATORS

    def is_out(self, state: State, id: str) -> bool:
        person = get(state, id, Person)
        return person is not None and person.standing != "here"

    def check_not_out(self, state: State, id: str) -> None:
        """
        Raises:
            Refusal: `suspended`, `removed`.
        """
        person = get(state, id, Person)
        if person is not None and person.standing == "suspended":
            raise Refusal(Code.SUSPENDED)
        super().check_not_out(state, id)

    def index(self, record: Record) -> Found | None:
        # Whoever was erased is nobody to be found.
        if not isinstance(record, PersonRecord) or not record.name:
            return None
        words = (record.name, record.job, record.site, *record.offers, *record.seeks, *record.interests)
        return Found("person", record.v, " ".join(word for word in words if word))

    def kept_record(self, id: str, raw: bytes) -> Record:
        return msgspec.msgpack.decode(raw, type=COMMUNITY_RECORDS[id.partition(":")[0]])


COMMUNITY: Final[Community] = Community(
    "community",
    COMMUNITY_CAPABILITIES,
    commands=COMMUNITY_COMMANDS,
    rights=rights.RIGHTS,
    audiences=AUDIENCES,
    kept=INDEX,
    versions=VERSIONS,
    lifts={},
)
