"""What several capabilities of a community look at: its settings, its people, and who of them leads."""

from typing import Final, Literal

from msgspec.structs import replace

from protocol.choices import Lang, LeadRole
from protocol.errors import Code, Refusal
from server.model.kernel import Actor, Audience, Entity, Role, State, Touch, get, tail

SETTINGS: Final = "settings:of-this-community"
ROLL: Final = "roll:of-this-community"

EVERYONE: Final[Audience] = "everyone"
ANIMATORS: Final[Audience] = "animators"
"""Those who lead, administrators too: they see who may come in, and who may not."""
INDEX: Final[Audience] = "index"
"""Nobody: what is searched and paged."""

MEMBER: Final[Role] = "member"
ANIMATOR: Final[Role] = "animator"
ADMINISTRATOR: Final[Role] = "administrator"
LEADER: Final[Role] = "leader"
"""Animator and administrator both."""

LEAD_ROLES: Final[tuple[LeadRole, ...]] = ("animator", "administrator")

_ROLE_OF: Final[dict[tuple[LeadRole, ...], Role]] = {
    (): MEMBER,
    ("animator",): ANIMATOR,
    ("administrator",): ADMINISTRATOR,
    LEAD_ROLES: LEADER,
}

PEOPLE: Final = 20_000
"""How many a community holds (COMMUNITIES CO6)."""

Standing = Literal["here", "suspended", "left", "removed"]


class Settings(Entity, frozen=True, gc=False, tag="settings"):
    """
    Attributes:
        community: its own id.
        at: since when it is (ms).
    """

    community: str = ""
    title: str = ""
    langs: tuple[Lang, ...] = ("fr",)
    at: int = 0


class Person(Entity, frozen=True, gc=False, tag="person"):
    """Somebody who is in the community, or was. Whoever is out for good has no name and says nothing of themselves.

    Attributes:
        id: `member:…`, wherever they are.
        standing: whoever left may come again, whoever was removed (or erased) may not.
        at: since when they are in it; suspended: since when they are that (ms).
    """

    name: str = ""
    standing: Standing = "here"
    roles: tuple[LeadRole, ...] = ()
    job: str = ""
    site: str = ""
    offers: tuple[str, ...] = ()
    seeks: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    langs: tuple[Lang, ...] = ()
    at: int = 0
    suspended: int = 0


class Roll(Entity, frozen=True, gc=False, tag="roll"):
    """How many are in it, and who leads."""

    people: int = 0
    animators: tuple[str, ...] = ()
    administrators: tuple[str, ...] = ()


def settings(state: State) -> Settings:
    return get(state, SETTINGS, Settings) or Settings(id=SETTINGS)


def roll(state: State) -> Roll:
    return get(state, ROLL, Roll) or Roll(id=ROLL)


def person_in(state: State, id: str) -> Person | None:
    """Somebody who is in the community now."""
    person = get(state, id, Person)
    return person if person is not None and person.standing == "here" else None


def with_person(state: State, person: Person) -> State:
    """The state in which somebody is this, counted as such: the one way in which anybody is changed."""
    before, now = person_in(state, person.id), roll(state)
    is_here = person.standing == "here"
    return state.set(person.id, person).set(
        ROLL,
        replace(
            now,
            people=now.people + is_here - (before is not None),
            animators=_among(now.animators, person, ANIMATOR),
            administrators=_among(now.administrators, person, ADMINISTRATOR),
        ),
    )


def _among(leading: tuple[str, ...], person: Person, role: Role) -> tuple[str, ...]:
    others = tuple(each for each in leading if each != person.id)
    return (*others, person.id) if person.standing == "here" and role in person.roles else others


def check_handed_over(state: State, person: Person, roles: tuple[LeadRole, ...] = ()) -> None:
    """Somebody else leads what a person is to lead no more.

    Raises:
        Refusal: `handover`.
    """
    now = roll(state)
    for role, leading in (("animator", now.animators), ("administrator", now.administrators)):
        if role not in roles and leading == (person.id,):
            raise Refusal(Code.HANDOVER, f"expected another {role} first: a community keeps at least one")


def actor_for(state: State, member: str) -> Actor | None:
    """Who this is in the community now; None for whoever is not in it, suspended or for good."""
    person = person_in(state, member)
    return None if person is None else Actor(person.id, _ROLE_OF[person.roles])


def sorted_roles(roles: frozenset[LeadRole]) -> tuple[LeadRole, ...]:
    return tuple(role for role in LEAD_ROLES if role in roles)


def record_id(member: str) -> str:
    """Of the record of a person."""
    return f"person:{tail(member)}"


def member_id(record: str) -> str:
    """Of the person whom a record of theirs is of, of whatever kind."""
    return f"member:{tail(record)}"


def touch_community(state: State) -> Touch:
    """Its record, which says how many are in it."""
    return Touch(settings(state).community)
