"""What things cost as they grow: rooms that are open, ideas in a room, commits behind it.

Each line gives the server's CPU for a command and for a join, large over small, in one run.
"""

import asyncio
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from server.journal.sqlite.journal import SqliteJournal
from server.model.events import FORMAT
from server.model.kernel import Event
from server.workshop.board.ideas import IdeaAdded, IdeaEdited
from server.workshop.model import WORKSHOP
from server.workshop.people.people import MemberEntered
from server.workshop.people.settings import RoomCreated
from tests.bench import machine, ours
from tests.bench.figures.joining import add, full_room
from tests.bench.listeners import Crowd, command, joining, palabre
from tests.bench.table import Row, Scale
from tests.services import ServerProcess

GOAL = "≤ 1.3 ×"
COMMANDS, JOINS = 4_000, 400


class Cost(NamedTuple):
    """Microseconds of the server's CPU."""

    command: float
    join: float

    def over(self, small: "Cost") -> str:
        return (
            f"command **{self.command / small.command:.2f} ×** ({small.command:.0f} → {self.command:.0f} µs),"
            f" join **{self.join / small.join:.2f} ×** ({small.join:.0f} → {self.join:.0f} µs)"
        )


def _edits(room: str) -> list[bytes]:
    """One idea, edited again and again."""
    stamp = secrets.token_hex(4)
    return [command(room, f"e{stamp}{n}", "idea.edit", id=_IDEA, text=f"Texte {stamp} {n}") for n in range(COMMANDS)]


def _moves(room: str) -> list[bytes]:
    """One idea, moved before one and another of two that lie far apart."""
    stamp = secrets.token_hex(4)
    rights = ("idea:000000000004", "idea:000000000008")
    return [command(room, f"m{stamp}{n}", "idea.move", id=_IDEA, before=rights[n % 2]) for n in range(COMMANDS)]


def _per_command(server: ServerProcess, room: str, opening: bytes, commands: Sequence[bytes]) -> float:
    """Microseconds of the server's CPU for each, 32 in flight."""
    writer = Crowd(server.port, palabre(room))
    writer.gather([opening])
    machine.settle(server.family())
    writer.ask(commands[:500])
    before = machine.cpu_seconds(server.family())
    writer.ask(commands[500:])
    cost = (machine.cpu_seconds(server.family()) - before) / (len(commands) - 500) * 1e6
    writer.scatter()
    return cost


def _cost(server: ServerProcess, room: str, opening: bytes) -> Cost:
    """Of an edit of an idea, and of a join."""
    command_cost = _per_command(server, room, opening, _edits(room))
    machine.settle(server.family())
    between = machine.cpu_seconds(server.family())
    joiners = Crowd(server.port, palabre(room))
    joiners.gather([opening] * JOINS, at_once=20)
    after = machine.cpu_seconds(server.family())
    joiners.scatter()
    return Cost(command_cost, (after - between) / JOINS * 1e6)


def rows(scale: Scale) -> Iterator[Row]:
    yield _ideas(scale)
    yield _moved(scale)
    yield _merged(scale)
    yield _rooms(scale)
    yield _commits(scale)


def _ideas(scale: Scale) -> Row:
    many = scale.of(9_900, 2_000)
    with ours.started() as server:
        room, token = full_room(server, 10)
        small = _cost(server, room, joining(token, room))
        host = Crowd(server.port, palabre(room))
        host.gather([joining(token, room)])
        add(host, room, 10, many)
        host.scatter()
        large = _cost(server, room, joining(token, room))
    told = f"{large.over(small)}, all of whose ideas it is sent"
    return Row(f"10 → {many:,} ideas in the room", f"{GOAL} for a command", told)


def _moved(scale: Scale) -> Row:
    many = scale.of(9_900, 2_000)
    with ours.started() as server:
        room, token = full_room(server, 10)
        opening = joining(token, room)
        small = _per_command(server, room, opening, _moves(room))
        host = Crowd(server.port, palabre(room))
        host.gather([opening])
        add(host, room, 10, many)
        host.scatter()
        large = _per_command(server, room, opening, _moves(room))
    return Row(f"10 → {many:,} ideas among which one is moved", GOAL, _ratio(small, large))


def _merged(scale: Scale) -> Row:
    many = scale.of(990, 200)
    with ours.started() as server:
        room, token = full_room(server, many + 1)
        opening = joining(token, room)
        host = Crowd(server.port, palabre(room))
        host.gather([opening])
        merges = [
            command(room, f"j{n}", "idea.merge", id=f"idea:{n:012d}", into=f"idea:{many:012d}") for n in range(many)
        ]
        host.ask(merges[:1])
        small = _per_command(server, room, opening, _edits(room))
        host.ask(merges[1:])
        host.scatter()
        large = _per_command(server, room, opening, _edits(room))
    return Row(f"1 → {many:,} ideas merged into one, of which one is edited", GOAL, _ratio(small, large))


def _ratio(small: float, large: float) -> str:
    return f"command **{large / small:.2f} ×** ({small:.0f} → {large:.0f} µs)"


def _rooms(scale: Scale) -> Row:
    many = scale.of(10_000, 1_000)
    rooms = [f"room:{n:012d}" for n in range(many)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "palabre.sqlite"
        _history(path, 3, rooms)
        # Somebody in each room, and those whose joins are measured.
        with ours.started(f"sqlite:///{path}", PALABRE_MAX_CONNECTIONS=f"{2 * many}") as server:
            opening = ours.opening_of(server, rooms[0], _HOST)
            Crowd(server.port, palabre(rooms[0])).gather([opening])
            small = _cost(server, rooms[0], opening)
            crowd = Crowd(server.port, palabre(rooms[0]))
            crowd.gather([other for room in rooms[1:] for other in ours.participants(server, room, 1)])
            large = _cost(server, rooms[0], opening)
    return Row(f"1 → {many:,} open rooms, somebody in each", GOAL, large.over(small))


def _commits(scale: Scale) -> Row:
    many = scale.of(1_000_000, 50_000)
    costs, took = list[Cost](), 0.0
    for count in (100, many):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "palabre.sqlite"
            _history(path, count, [_ROOM])
            with ours.started(f"sqlite:///{path}") as server:
                opening = ours.opening_of(server, _ROOM, _HOST)
                first = Crowd(server.port, palabre(_ROOM))
                took = first.gather([opening], at_once=1)[0]
                costs.append(_cost(server, _ROOM, opening))
    return Row(
        f"100 → {many:,} commits behind the room", GOAL,
        f"{costs[1].over(costs[0])}; opened the first time, without a snapshot, in {took:.1f} s",
    )  # fmt: skip


_ROOM, _HOST, _IDEA = "room:aaaaaaaaaaaa", "member:aaaaaaaaaaaa", "idea:000000000000"


def _history(path: Path, count: int, rooms: Sequence[str]) -> None:
    """Rooms that an idea has been edited in so often: commits as the server writes them, in one transaction."""

    async def migrate() -> None:
        journal = SqliteJournal(path)
        await journal.open()
        await journal.close()

    asyncio.run(migrate())
    edits = [WORKSHOP.events.encode([IdeaEdited(_IDEA, f"Une idée, version {n}")]) for n in range(10)]
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("begin")
        for room in rooms:
            began: list[Event] = [RoomCreated(room, "Longue", "AAAAAA", "fr"), MemberEntered(_HOST, "host", "Claire")]
            first = [
                WORKSHOP.events.encode(began),
                WORKSHOP.events.encode([IdeaAdded(_IDEA, 1, "a0", "Une idée", _HOST)]),
            ]
            commits = ((room, n, FORMAT, first[n - 1] if n <= 2 else edits[n % 10]) for n in range(1, count + 1))
            keys = ((room, n.to_bytes(16, "big"), n) for n in range(1, count + 1))
            database.execute("insert into streams (stream, head) values (?, ?)", (room, count))
            database.executemany(
                "insert into commits (stream, seq, format, at, events) values (?, ?, ?, 1, ?)", commits
            )
            database.executemany("insert into command_keys (stream, key, seq) values (?, ?, ?)", keys)
        database.execute("commit")
