"""Rooms that are full before a browser looks at them: people of the Python client, over the real wire."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle
from urllib.parse import urlsplit

from client_demo.python.sdk import Entry, Room, connect, create_room, join_room, new_id
from tests.e2e.conftest import lan_url
from tests.services import ServerProcess

HOST = "Claire Vasseur"
NAMES = [
    "Nadia Benali",
    "Olivier Kerbrat",
    "Jean-Baptiste de La Rochefoucauld",
    "Łukasz Wójcik",
    "Aïcha Diallo",
    "Mehdi Haddad",
    "Hélène Morin",
    "Patrick Le Goff",
    "Inès Caron",
    "Yann Quéméneur",
    "Béatrice Lacroix",
    "Étienne Brun",
]


def names(count: int) -> list[str]:
    """So many different ones."""
    return [name if n == 1 else f"{name} {n}" for n in range(1, 2 + count // len(NAMES)) for name in NAMES][:count]


REACTIONS = ("like", "love", "star", "bulb", "question")


class Crowd:
    """A host and participants, all connected.

    Attributes:
        host: the host's room.
        participants: the others'.
    """

    def __init__(self, server: ServerProcess, entries: Sequence[Entry], rooms: Sequence[Room]) -> None:
        self._server = server
        self._entries = entries
        self.host, *self.participants = rooms

    @property
    def code(self) -> str:
        return self._entries[0].code

    @property
    def names(self) -> list[str]:
        return [entry.me.name for entry in self._entries if entry.me is not None]

    def desk(self) -> str:
        """The address that opens the Pupitre as the host, in any browser."""
        return self._address(self._entries[0].links.recovery)

    def seat(self, participant: int = 0) -> str:
        """The address that opens the séance as this participant, in any browser."""
        return self._address(self._entries[1 + participant].links.personal)

    def _address(self, link: str) -> str:
        parts = urlsplit(link)
        return lan_url(self._server, f"{parts.path}#{parts.fragment}")

    async def zone(self, letter: str, title: str) -> str:
        id = new_id("zone")
        await self.host.do("zone.add", id=id, title=title, letter=letter)
        return id

    async def step(self, kind: str, title: str, prompt: str = "", **settings: object) -> str:
        """A step of the agenda, at its end; nobody is in it yet."""
        id = new_id("step")
        await self.host.do("step.add", id=id, kind=kind, title=title, prompt=prompt, **settings)
        return id

    async def ideas(self, texts: Sequence[str], zone: str | None = None) -> list[str]:
        """Written by one participant after the other; all saved on return."""
        ids = [new_id("idea") for _ in texts]
        where = {} if zone is None else {"zone": zone}
        given = zip(cycle(self.participants), ids, texts, strict=False)
        await asyncio.gather(
            *(participant.do("idea.add", id=id, text=text, **where) for participant, id, text in given)
        )
        return ids

    async def react(self, on: str, kinds: Sequence[str] = REACTIONS) -> None:
        """All participants react in all these ways."""
        await asyncio.gather(
            *(participant.do("reaction.add", on=on, kind=kind) for participant in self.participants for kind in kinds)
        )


@asynccontextmanager
async def crowd(
    server: ServerProcess, participants: int = 2, title: str = "Printemps des managers"
) -> AsyncIterator[Crowd]:
    """A room of which nobody leaves while the block lasts."""
    host = await create_room(server.url, title, HOST)
    joined = await asyncio.gather(*(join_room(server.url, host.code, name) for name in names(participants)))
    entries = [host, *joined]
    async with AsyncExitStack() as stack:
        rooms = [await stack.enter_async_context(connect(server.url, entry.token)) for entry in entries]
        yield Crowd(server, entries, rooms)
