"""Communities as people come into them: made with their first leader, entered by whoever is in them, come into by an invitation or from a workshop."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from protocol.choices import Lang
from protocol.communities import CommunityRecord
from protocol.errors import Code, Refusal
from server.accounts.port import Bearer
from server.community.arrivals import Arrive, is_waiting
from server.community.invitations import Invitation, check_open
from server.community.model import COMMUNITY
from server.community.settings import Found
from server.community.state import MEMBER, Person, person_in
from server.live.channel import Channel
from server.live.hub import Hub
from server.model.kernel import Actor, State, get, not_found


class Invited(NamedTuple):
    """What whoever has an invitation is told of it before they use it.

    Attributes:
        by: what whoever invites is called; "" where they are not in it any more.
    """

    invitation: Invitation
    by: str


class Communities:
    """All methods raise Refusal `unknown_room` for a community that there is not."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def found(
        self, stream: str, *, person: str, name: str, title: str, langs: Sequence[Lang], key: str
    ) -> Person:
        """Make a community, with whoever leads it first; one that was made by an earlier try of the same entry is the same (SPEC H9).

        Args:
            key: of the entry.

        Raises:
            Refusal: `text_empty`, `text_too_long`; `id_taken` where another entry has made it.
        """
        commands = ((f"found-{key}", Found(stream, title, tuple(langs))), (f"arrive-{key}", Arrive(person, name)))
        if await self._hub.journal.heads([stream]):
            channel = await self._hub.channel(stream)
            for id, command in commands:
                await self._hub.submit(channel, person, id, command, Actor(person, MEMBER))
        else:
            async with self._hub.founding(stream) as channel:
                for id, command in commands:
                    await self._hub.submit(channel, person, id, command, Actor(person, MEMBER))
        return await self.person(stream, person)

    async def come(self, stream: str, *, key: str, arrive: Arrive) -> Person | None:
        """Have somebody come in; None while they wait to be let in. The same key brings the same, however often.

        Raises:
            Refusal: what `Arrive` is refused with; `request_refused` where they were not let in, `suspended`, `removed`.
        """
        person = arrive.id
        with _of_no_community(Code.INVITATION_OVER if arrive.invitation else Code.UNKNOWN_ROOM):
            channel = await self._hub.channel(stream)
        await self._hub.submit(channel, person, f"arrive-{key}", arrive, Actor(person, MEMBER))
        channel = await self._hub.channel(stream)
        await channel.room.refresh()  # of what became of an earlier try, another worker may know more
        state = channel.room.layers.state
        if (found := person_in(state, person)) is not None:
            return found
        if is_waiting(state, person):
            return None
        COMMUNITY.check_not_out(state, person)
        raise Refusal(Code.REQUEST_REFUSED)

    async def admit(self, channel: Channel, bearer: Bearer) -> None:
        """Let those in who are in it, and nobody else.

        Raises:
            Refusal: `suspended`, `removed`, `unknown_room`.
        """
        _check_in(channel.room.layers.state, bearer.person)

    async def person(self, stream: str, person: str) -> Person:
        """Somebody who is in it.

        Raises:
            Refusal: `suspended`, `removed`, `unknown_room`.
        """
        return _check_in(await self._state(stream), person)

    async def community(self, stream: str) -> CommunityRecord:
        """What whoever knows its id may know of it: what it is called, and in which languages it speaks."""
        channel = await self._hub.channel(stream)
        record = channel.room.layers.public.records.get(stream)
        if not isinstance(record, CommunityRecord):
            raise Refusal(Code.UNKNOWN_ROOM)  # its first commit is on its way
        return record

    async def invited(self, stream: str, id: str) -> Invited:
        """The invitation by which somebody may come.

        Raises:
            Refusal: `invitation_over`, `invitation_full`.
        """
        with _of_no_community(Code.INVITATION_OVER):
            state = await self._state(stream)
        known = get(state, id, Invitation)
        domain = known.domains[0] if known is not None and known.domains else ""
        invitation = check_open(state, id, domain, self._hub.now())
        by = person_in(state, invitation.by)
        return Invited(invitation, by.name if by else "")

    async def invitation(self, stream: str, id: str) -> Invitation:
        """One that may be told, because somebody may come by it still.

        Raises:
            Refusal: `not_found`, `invitation_over`.
        """
        known = get(await self._state(stream), id, Invitation)
        if known is None:
            raise not_found(id)
        if known.is_over(self._hub.now()):
            raise Refusal(Code.INVITATION_OVER)
        return known

    async def _state(self, stream: str) -> State:
        return (await self._hub.channel(stream)).room.layers.state


@contextmanager
def _of_no_community(code: Code) -> Iterator[None]:
    """What leads to a community that there is not is refused so."""
    try:
        yield
    except Refusal as refusal:
        if refusal.code is Code.UNKNOWN_ROOM:
            raise Refusal(code) from None
        raise


def _check_in(state: State, person: str) -> Person:
    COMMUNITY.check_not_out(state, person)
    found = person_in(state, person)
    if found is None:
        raise Refusal(Code.UNKNOWN_ROOM)
    return found
