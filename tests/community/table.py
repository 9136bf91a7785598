"""A community without journal, loop or wire: commands are decided, folded and shown as the engine does it, and nothing else."""

from collections.abc import Sequence

from protocol import communities as c
from protocol.commands import Command
from protocol.errors import Code, Refusal
from protocol.records import Record
from server.community.arrivals import Arrive
from server.community.model import COMMUNITY
from server.community.settings import Found
from server.community.state import MEMBER, record_id
from server.live.layers import Layers
from server.model.events import FORMAT
from server.model.kernel import Actor, Context, Event

COMMUNITY_ID = "community:aaaaaaaaaaaa"
CLAIRE = "member:claire------"
PAUL = "member:paul--------"
NADIA = "member:nadia-------"
ZOE = "member:zoe---------"
AT = 1_760_000_000_000
INVITATION = "invitation:000000000001"

NEWCOMER = MEMBER
"""What the server itself takes somebody for who is not in it yet."""


class Table:
    """Claire has founded it, and leads it; Paul and Nadia are in it.

    Attributes:
        now: what the clock says (ms).
        commits: the events of each commit, oldest first.
    """

    def __init__(self, *people: str) -> None:
        self.layers = Layers(COMMUNITY)
        self.now = AT
        self.commits: list[Sequence[Event]] = []
        self.arrive(CLAIRE, Found(COMMUNITY_ID, "Les managers", ("fr", "en")))
        for member in (CLAIRE, *(people or (PAUL, NADIA))):
            self.come(member, room="" if member == CLAIRE else "room:aaaaaaaaaaaa")

    def come(self, member: str, **how: object) -> Sequence[Event]:
        """Raises Refusal: they may not."""
        name = member[7:13].strip("-").capitalize()
        return self.arrive(member, Arrive(member, name, **how))  # type: ignore[arg-type]  # what Arrive says

    def arrive(self, member: str, command: Command) -> Sequence[Event]:
        """A command of the server's own."""
        return self._commit(command, Actor(member, NEWCOMER))

    def do(self, member: str, command: Command) -> Sequence[Event]:
        """One command in a commit of its own.

        Raises:
            Refusal: it may not, or cannot.
        """
        actor = COMMUNITY.actor_for(self.layers.state, member)
        if actor is None:
            COMMUNITY.check_not_out(self.layers.state, member)
            raise Refusal(Code.FORBIDDEN)
        return self._commit(command, actor)

    def _commit(self, command: Command, actor: Actor) -> Sequence[Event]:
        self.now += 1
        events = COMMUNITY.decide(self.layers.state, command, Context(actor, self.now))
        assert COMMUNITY.events.decode(FORMAT, COMMUNITY.events.encode(events)) == events
        self.layers.take(events, self.layers.seq + 1, self.now)
        self.commits.append(events)
        return events

    def refused(self, member: str, command: Command) -> Code:
        """The code that this command is refused with; a refused command changes nothing (SPEC D2)."""
        before = self.layers.state
        try:
            self.do(member, command)
        except Refusal as refusal:
            assert self.layers.state is before
            return refusal.code
        raise AssertionError(f"expected a refusal of {command}")

    def stays_out(self, member: str, **how: object) -> Code:
        """The code with which somebody is not let in."""
        before = self.layers.state
        try:
            self.come(member, **how)
        except Refusal as refusal:
            assert self.layers.state is before
            return refusal.code
        raise AssertionError(f"expected {member} to stay out")

    def role(self, member: str) -> str | None:
        return COMMUNITY.membership(self.layers.state, member)

    def records(self, audience: str) -> dict[str, Record]:
        return self.layers.shared[audience].records

    def sees(self, member: str) -> dict[str, Record]:
        """All that a member's client holds."""
        actor = COMMUNITY.actor_for(self.layers.state, member)
        own = {record.id: record for record in self.layers.own(member)}
        return {**self.records(COMMUNITY.audience_of(actor)), **own}

    def person(self, member: str) -> c.PersonRecord:
        """As they see themselves."""
        record = self.sees(member)[record_id(member)]
        assert isinstance(record, c.PersonRecord)
        return record

    def invitation(self) -> c.InvitationRecord:
        record = self.sees(CLAIRE)[INVITATION]
        assert isinstance(record, c.InvitationRecord)
        return record
