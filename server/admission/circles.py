"""Circles as people come into them: founded by somebody of the community, joined, or asked to be let in."""

from protocol.choices import Access
from protocol.errors import Code, Refusal
from server.accounts.port import Bearer
from server.circle.model import CIRCLE
from server.circle.people import JoinCircle
from server.circle.settings import FoundCircle
from server.live.channel import Channel
from server.live.hub import Hub
from server.model.kernel import COMMON, HIDDEN, Actor


class Circles:
    """All methods raise Refusal `unknown_room` for a circle, or a community, that there is not for whoever asks."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def admit(self, channel: Channel, bearer: Bearer) -> None:
        """Whoever comes by is in it, as the tables say: nobody comes in by coming by.

        Raises:
            Refusal: `removed`, where they are out by now; `unknown_room` for a screen.
        """
        state = channel.room.layers.state
        CIRCLE.check_not_out(state, bearer.person)
        if bearer.is_screen or CIRCLE.actor_for(state, bearer.person) is None:
            raise Refusal(Code.UNKNOWN_ROOM)

    async def found(
        self, stream: str, community: str, *, founder: str, title: str, purpose: str, access: Access
    ) -> None:
        """Make a circle, with its first animator.

        Raises:
            Refusal: `text_empty`, `text_too_long`.
        """
        name = (await self._hub.journal.names(community, [founder])).get(founder)
        if name is None:
            raise Refusal(Code.UNKNOWN_ROOM)
        if await self._hub.journal.heads([stream]):
            return  # made by an earlier try
        command = FoundCircle(stream, community, title, purpose, access, name)
        async with self._hub.founding(stream) as channel:
            await self._hub.submit(channel, founder, "found", command, Actor(founder, "animator"))

    async def join(self, stream: str, person: str, text: str) -> bool:
        """Have somebody come in, or ask to; whether they are in.

        Raises:
            Refusal: `removed`, `archived`, `text_too_long`, `too_many`.
        """
        # By the tables, in one question whatever there is: what is hidden is not opened, and takes no longer than what is not there.
        standing = await self._hub.journal.standing(person, stream)
        if standing.above is None or (standing.role is None and standing.access == HIDDEN):
            raise Refusal(Code.UNKNOWN_ROOM)
        if standing.role is not None or standing.access == COMMON:
            return True
        channel = await self._hub.channel(stream)
        attempt = f"join-{self._hub.now()}-{person}"
        await self._hub.submit(channel, person, attempt, JoinCircle(text), Actor(person, "member"))
        state = (await self._hub.channel(stream)).room.layers.state
        return CIRCLE.membership(state, person) is not None
