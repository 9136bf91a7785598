"""Plays a script against a server: every person is a client of his own, every act a message on the wire."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from client_demo.python.demo.script import Act
from client_demo.python.sdk import Entry, Refused, Room, connect, join_room


class Stage:
    """
    Args:
        server: its address.
        code: the room's.
        people: names, the host's first.
        host: the host's way in; without one he is a participant as the others are.
        speed: how much faster than people.
        told: called with a name and an act of his that is done.
    """

    def __init__(
        self,
        server: str,
        code: str,
        people: Sequence[str],
        host: Entry | None,
        speed: float,
        told: Callable[[str, Act], None],
    ) -> None:
        self._server = server
        self._code = code
        self._people = people
        self._host = host
        self._speed = speed
        self._told = told
        self._there: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._began = 0.0

    async def play(self, acts: Sequence[Act], there: Iterable[str] = ()) -> None:
        """Returns when the last has left. Raises Refused or Unreachable when someone cannot come in.

        Args:
            there: ids of things that are there from the beginning.
        """
        for id in there:
            self._there[id].set()
        self._began = asyncio.get_running_loop().time()
        try:
            async with asyncio.TaskGroup() as tasks:
                for who in range(len(self._people)):
                    tasks.create_task(self._live(who, [act for act in acts if act.who == who]))
        except ExceptionGroup as failures:
            # What keeps one out keeps all out.
            raise failures.exceptions[0] from None

    async def _live(self, who: int, acts: Sequence[Act]) -> None:
        """One person, who does one thing after another. What he needs others do earlier, so nobody waits in a circle."""
        await self._until(next(act.at for act in acts if act.does == "arrive"))
        entry = self._host if who == 0 else None
        if entry is None:
            entry = await join_room(self._server, self._code, self._people[who])
        async with connect(self._server, entry.token) as room:
            for act in acts:
                await self._until(act.at)
                for id in act.needs:
                    await self._there[id].wait()
                if await self._perform(room, act):
                    self._told(self._people[who], act)

    async def _perform(self, room: Room, act: Act) -> bool:
        """Whether it was done: real people are in the room too, and may have taken away what it is about."""
        verb, _, kind = act.does.partition(":")
        match verb:
            case "arrive" | "leave":
                return True
            case "signal":
                await room.signal(kind, **act.args)
                return True
        try:
            await room.do(act.does, **act.args)
        except Refused:
            return False
        finally:
            if "id" in act.args:
                self._there[act.args["id"]].set()
        return True

    async def _until(self, at: float) -> None:
        await asyncio.sleep(self._began + at / self._speed - asyncio.get_running_loop().time())
