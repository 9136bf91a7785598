"""Workers on which a community has circles, in one process: the real hub, sessions and journal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from protocol.choices import Access
from protocol.circles import AddMember
from protocol.communities import LeaveCommunity
from server.accounts.port import ACCOUNT, Bearer
from server.admission.admission import by_kind
from server.admission.circles import Circles
from server.admission.rooms import Rooms
from server.community.arrivals import Arrive
from server.community.model import COMMUNITY
from server.community.settings import Found
from server.community.state import MEMBER
from server.live.channel import Channel
from server.live.hub import Hub
from server.model.kernel import Actor
from tests.circle.table import CLAIRE, ELSA, KARIM, NADIA, NAMES, PAUL
from tests.circle.table import COMMUNITY as STREAM
from tests.inprocess import Client, Someone, World, world

PEOPLE: Final = {person: Someone(person, name, None, ACCOUNT) for person, name in NAMES.items()}
THEM: Final = (CLAIRE, PAUL, NADIA, KARIM, ELSA)


async def _is_in(channel: Channel, bearer: Bearer) -> None:
    COMMUNITY.check_not_out(channel.room.layers.state, bearer.person)


@asynccontextmanager
async def community(folder: Path, *, workers: int = 1, **options: Any) -> AsyncIterator[World]:
    """Those of `THEM` are in it, and it has no circles."""

    def admits(hub: Hub) -> Any:
        return by_kind({"room": Rooms(hub).admit, "community": _is_in, "circle": Circles(hub).admit})

    async with world(folder, workers=workers, admits=admits, **options) as w:
        await gather_in(w.hub)
        yield w


async def gather_in(hub: Hub) -> None:
    async with hub.founding(STREAM) as channel:
        commands = [Found(STREAM, "Les managers", ("fr",))]
        arrivals = [
            Arrive(person, NAMES[person], room="" if person == CLAIRE else "room:aaaaaaaaaaaa") for person in THEM
        ]
        for n, command in enumerate((*commands, *arrivals)):
            await hub.submit(channel, CLAIRE, f"gather-{n}", command, Actor(CLAIRE, MEMBER))


async def go(hub: Hub, person: str) -> None:
    """Leave the community."""
    await hub.submit(await hub.channel(STREAM), person, "go", LeaveCommunity())


async def found(hub: Hub, n: int, access: Access, *members: str) -> str:
    """A circle of Claire's, with these people in it."""
    stream = f"circle:{n:012d}"
    await Circles(hub).found(stream, STREAM, founder=CLAIRE, title=f"Cercle {n}", purpose="", access=access)
    channel = await hub.channel(stream)
    for person in members:
        await hub.submit(channel, CLAIRE, f"add-{person}", AddMember(person))
    return stream


class Phone:
    """Somebody on one connection: in the community, and in circles from there."""

    def __init__(self, client: Client) -> None:
        self.above = client
        self.wire = client.wire

    def at(self, stream: str) -> Client:
        """The same connection, as it sees one stream."""
        who = self.above.who
        client = Client(Someone(who.member, who.name, None, ACCOUNT), self.wire)
        client.who = Someone(who.member, who.name, None, stream)
        return client

    async def ask(self, stream: str, query: str, **args: Any) -> tuple[list[Any], bool]:
        """Items, and whether there are more.

        Raises:
            AssertionError: it was refused; says how.
        """
        id = f"q{len(self.wire.got)}"
        self.above.send(t="ask", id=id, stream=stream, query=query, args=args)
        here = self.at(stream)
        await here.until(lambda: [m for m in here.got("answer", "refused") if m["id"] == id])
        (answer,) = [m for m in here.got("answer", "refused") if m["id"] == id]
        assert answer["t"] == "answer", answer
        return answer["items"], answer.get("more", False)


async def phone(w: World, person: str, *, at: int = 0) -> Phone:
    """Somebody, connected and in the community."""
    client = w.connect(PEOPLE[person], at=at)
    client.hello()
    above = Client(client.who, client.wire)
    above.send(t="join", stream=STREAM)
    await above.until(lambda: [m for m in above.got("state") if m["stream"] == STREAM])
    return Phone(above)


async def enter(w: World, person: str, stream: str, *, at: int = 0) -> Client:
    """Somebody, connected, in the community, and in one of its circles."""
    client = (await phone(w, person, at=at)).at(stream)
    await client.ready()
    return client
