"""Workshops as people come into them: made with their first host, entered, claimed, shown on a screen, and asked what they are."""

from collections.abc import Mapping
from typing import Final

import msgspec

from protocol.choices import Lang, Role
from protocol.commands import Command
from protocol.errors import Code, Refusal
from protocol.records import MemberRecord, MessageRecord, Record, RoomRecord, images_on
from server.accounts.port import Bearer
from server.live.channel import Channel
from server.live.hub import Hub
from server.live.pseudonyms import names_of
from server.model.kernel import Actor, Viewer, get
from server.workshop.model import WORKSHOP
from server.workshop.people.people import Claim, Enter, some_are_away
from server.workshop.people.screens import OpenScreen, is_fresh
from server.workshop.people.settings import Create, settings
from server.workshop.state.images import Image
from server.workshop.state.steps import ended

PAGE: Final = 1_000
"""Messages that are read at a time."""


class Rooms:
    """All methods raise Refusal `unknown_room` for a room that there is not."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def create(
        self,
        stream: str,
        *,
        member: str,
        name: str,
        title: str,
        code: str,
        lang: Lang,
        origin: str = "",
        community: str = "",
    ) -> None:
        """Make a room, with its first host.

        Args:
            origin: the room from whose file it is made; "" for none.
            community: from which it is opened; "" for none.

        Raises:
            Refusal: `text_empty`, `text_too_long`, `id_taken`.
        """
        commands = {
            "create": Create(stream, title, code, lang, origin, community),
            f"enter-{member}": Enter(member, name, "host"),
        }
        if await self._hub.journal.heads([stream]):
            # Made by an earlier try, whose answers these are (SPEC H9).
            await self._do_all(await self._hub.channel(stream), member, commands)
            return
        async with self._hub.founding(stream) as channel:
            await self._do_all(channel, member, commands)

    async def _do_all(self, channel: Channel, founder: str, commands: Mapping[str, Command]) -> None:
        """What founds a room, by the ids of its commands."""
        for id, command in commands.items():
            await self._hub.submit(channel, founder, id, command, Actor(founder, "host"))

    async def admit(self, channel: Channel, bearer: Bearer) -> None:
        """Have whoever shows a token be in the room: a member, or a screen of it.

        Raises:
            Refusal: `removed`, `locked`, `text_empty`, `text_too_long`, `too_many`; `unknown_room` for one of ours who has never come.
        """
        state = channel.room.layers.state
        WORKSHOP.check_not_out(state, bearer.person)
        if bearer.is_screen:
            if not WORKSHOP.is_screen(state, bearer.person):
                await self._open_screen(channel, screen=bearer.person)
        elif WORKSHOP.membership(state, bearer.person) is None:
            if bearer.role is None:
                raise Refusal(Code.UNKNOWN_ROOM)
            await self._enter(channel, bearer.person, bearer.name, "host" if bearer.role == "host" else "participant")

    async def enter(self, stream: str, *, member: str, name: str, role: Role = "participant") -> None:
        """Make someone a member; nothing happens when they are one.

        Raises:
            Refusal: `removed`, `locked`, `text_empty`, `text_too_long`, `too_many`.
        """
        channel = await self._hub.channel(stream)
        state = channel.room.layers.state
        WORKSHOP.check_not_out(state, member)
        if WORKSHOP.membership(state, member) is None:
            await self._enter(channel, member, name, role)

    async def _enter(self, channel: Channel, member: str, name: str, role: Role) -> None:
        # One attempt, one id: an entry refused today (a closed door) may be granted tomorrow.
        await self._hub.submit(channel, member, f"enter-{member}", Enter(member, name, role), Actor(member, role))
        state = (await self._hub.channel(channel.room.stream)).room.layers.state
        if WORKSHOP.membership(state, member) is None:
            # They had come before, and have been erased since (SPEC O4): what is done once is not done again.
            raise Refusal(Code.REMOVED)

    async def open_screen(self, stream: str, *, screen: str, host: bool = False) -> None:
        """Have a screen counted; one that is known comes again.

        Raises:
            Refusal: `locked`, `too_many`, `removed`.
        """
        await self._open_screen(await self._hub.channel(stream), screen=screen, host=host)

    async def keep_screen(self, stream: str, *, screen: str) -> None:
        """Have a screen that goes on showing count as one.

        Raises:
            Refusal: `removed`, where it is none; as `open_screen` does.
        """
        channel = await self._hub.channel(stream)
        state = channel.room.layers.state
        if not WORKSHOP.is_screen(state, screen):
            raise Refusal(Code.REMOVED)
        if not is_fresh(state, screen, self._hub.now()):
            await self._open_screen(channel, screen=screen)

    async def _open_screen(self, channel: Channel, *, screen: str, host: bool = False) -> None:
        attempt = f"screen-{self._hub.now()}-{screen}"
        await self._hub.submit(channel, screen, attempt, OpenScreen(screen, host), Actor(screen, "host"))

    async def claim(self, stream: str, *, member: str, key: str) -> None:
        """Have someone be a member of the file that a room was made from.

        Args:
            key: names this try and those that come again because its answer was lost; whoever else comes second must not be told
                what the first was.

        Raises:
            Refusal: `removed`, `forbidden`.
        """
        channel = await self._hub.channel(stream)
        await self._hub.submit(channel, member, f"claim-{key}", Claim(member), Actor(member, "participant"))

    # What they are.

    async def shows_image(self, bearer: Bearer, stream: str, image: str) -> bool:
        """Whether something that this bearer sees has this image on it: `render` is asked, as for every record."""
        channel = await self._hub.channel(stream)
        state = channel.room.layers.state
        held = get(state, image, Image)
        if held is None or held.on is None:
            return False
        WORKSHOP.check_not_out(state, bearer.person)
        actor = None if bearer.is_screen else WORKSHOP.actor_for(state, bearer.person)
        viewers = [Viewer(WORKSHOP.audience_of(actor))]
        if actor is not None:
            names = names_of(actor.id, WORKSHOP.pseudonyms(state), channel.room.alias)
            viewers += [Viewer(None, name) for name in names]
        records = (WORKSHOP.render(state, held.on, viewer) for viewer in viewers)
        return any(record is not None and image in images_on(record) for record in records)

    async def some_are_away(self, stream: str) -> bool:
        """Whether somebody of the file that the room was made from is not here yet."""
        return some_are_away((await self._hub.channel(stream)).room.layers.state)

    async def origin(self, stream: str) -> str:
        """The room from whose file this one was made; "" for none."""
        return settings((await self._hub.channel(stream)).room.layers.state).origin

    async def community(self, stream: str) -> str:
        """The community from which it was opened; "" for none."""
        return settings((await self._hub.channel(stream)).room.layers.state).community

    async def ended(self, stream: str) -> int | None:
        """When it ends, or did (ms); None before it has begun."""
        return ended((await self._hub.channel(stream)).room.layers.state)

    async def member(self, stream: str, member: str) -> MemberRecord | None:
        """
        Raises:
            Refusal: `removed`.
        """
        layers = (await self._hub.channel(stream)).room.layers
        WORKSHOP.check_not_out(layers.state, member)
        record = layers.public.records.get(member)
        return record if isinstance(record, MemberRecord) else None

    async def room(self, stream: str) -> RoomRecord:
        """What everyone may know of a room itself: its title, its language, whether its door is open."""
        record = (await self._hub.channel(stream)).room.layers.public.records[stream]
        assert isinstance(record, RoomRecord), "a room's own record has the id of the room"
        return record

    async def messages(self, stream: str) -> list[MessageRecord]:
        """All that everyone may read, those too that are sealed (SPEC C9), newest first."""
        public = (await self._hub.channel(stream)).room.layers.public.records.values()
        found = [record for record in public if isinstance(record, MessageRecord)]
        found.sort(key=lambda message: -message.n)
        while rows := await self._hub.journal.page(stream, "message", found[-1].n if found else None, PAGE):
            found += [msgspec.msgpack.decode(row.record, type=MessageRecord) for row in rows]
        return found

    async def records(self, stream: str, *, member: str | None) -> list[Record]:
        """What this member (None: everyone) may see, their own records over the shared ones.

        Raises:
            Refusal: `removed`.
        """
        channel = await self._hub.channel(stream)
        layers = channel.room.layers
        if member is not None:
            WORKSHOP.check_not_out(layers.state, member)
        actor = WORKSHOP.actor_for(layers.state, member) if member else None
        seen = dict(layers.shared[WORKSHOP.audience_of(actor)].records)
        if actor:
            names = names_of(actor.id, WORKSHOP.pseudonyms(layers.state), channel.room.alias)
            seen.update((record.id, record) for record in layers.own(*names))
        return list(seen.values())
