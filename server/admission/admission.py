"""Entering a stream, the one way for sockets and for HTTP: the tables are asked first, and the state has the last word."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from protocol.errors import Code, Refusal
from server.accounts.port import ACCOUNT, Bearer
from server.live.channel import Channel
from server.live.hub import Hub
from server.model.kernel import COMMON


class Admit(Protocol):
    """Has a bearer be in a stream that they may enter, unless its state is against it. Raises Refusal."""

    def __call__(self, channel: Channel, bearer: Bearer) -> Awaitable[None]: ...


def by_kind(admits: Mapping[str, Admit]) -> Admit:
    """What lets people into streams of several kinds, by the name of their model."""

    async def admit(channel: Channel, bearer: Bearer) -> None:
        await admits[channel.room.model.name](channel, bearer)

    return admit


Granted = Callable[[str, str], Awaitable[bool]]
"""Whether an integrator is registered for a stream."""


class Admission:
    """
    Args:
        admit: for the streams of each kind.
        granted: see `Granted`.
    """

    def __init__(self, hub: Hub, admit: Admit, granted: Granted) -> None:
        self._hub = hub
        self._admit = admit
        self._granted = granted

    def is_in(self, bearer: Bearer, channel: Channel) -> bool:
        """Whether they may follow at once: an open stream of theirs in which they are already."""
        # An integrator's grant may have been taken back since.
        if bearer.issuer is not None or not bearer.opens(channel.room.stream):
            return False
        model, state = channel.room.model, channel.room.layers.state
        if model.parent(state):
            return False  # whether they are above is not known here
        if bearer.is_screen:
            return model.is_screen(state, bearer.person)
        return model.membership(state, bearer.person) is not None

    async def enter(self, bearer: Bearer, stream: str, at_least: int = 0) -> Channel:
        """The stream, once this bearer is in it.

        Args:
            at_least: up to which seq it must be known here.

        Raises:
            Refusal: `unknown_room` where they have nothing to do with it, as for an id never given; what the state says.
        """
        if not await self._may_enter(bearer, stream):
            raise Refusal(Code.UNKNOWN_ROOM)
        channel = await self._hub.channel(stream)
        if at_least > channel.room.layers.seq:
            await channel.room.refresh()
        await self._admit(channel, bearer)
        return await self._hub.channel(stream)  # it may have been closed meanwhile

    async def may_hear(self, asked: Sequence[tuple[Bearer, str]]) -> list[bool]:
        """Of each of these, whether this bearer is in this stream, by the tables alone.

        Raises:
            JournalError: they cannot be asked now.
        """
        opened = [(bearer, stream) for bearer, stream in asked if bearer.opens(stream)]
        members = await self._hub.journal.members([(bearer.person, stream) for bearer, stream in opened], COMMON)
        granted = dict[tuple[str, str], bool]()
        for issuer, stream in {(bearer.issuer, stream) for bearer, stream in opened if bearer.issuer is not None}:
            granted[issuer, stream] = await self._granted(issuer, stream)
        return [
            bearer.opens(stream)
            and (bearer.person, stream) in members
            and (bearer.issuer is None or granted[bearer.issuer, stream])
            for bearer, stream in asked
        ]

    async def _may_enter(self, bearer: Bearer, stream: str) -> bool:
        """By the tables alone: no stream is opened for somebody who has nothing to do with it."""
        if not bearer.opens(stream):
            return False
        if bearer.scope == ACCOUNT:
            return await self.may_read(bearer.person, stream)
        return bearer.issuer is None or await self._granted(bearer.issuer, stream)

    async def may_read(self, person: str, stream: str) -> bool:
        """Whether a person is in a stream and, where that stands under another, in that too."""
        standing = await self._hub.journal.standing(person, stream)
        if not standing.parent:
            return standing.role is not None
        return standing.above is not None and (standing.role is not None or standing.access == COMMON)


def role_in(channel: Channel, person: str) -> str | None:
    """What somebody may do in a stream now; None for a screen, and for whoever is not in it."""
    actor = channel.room.model.actor_for(channel.room.layers.state, person)
    return actor.role if actor else None
