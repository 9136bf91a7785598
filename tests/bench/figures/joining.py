"""Coming: what a seat costs in memory, how many join a second, a storm of reconnects, and a hall that enters a full room at once."""

import asyncio
import time
from collections.abc import Iterable, Iterator

from tests.bench import ours
from tests.bench.crowd import take_seats, tokens_for
from tests.bench.listeners import Crowd, command, joining, palabre
from tests.bench.table import Row, Scale, quantile
from tests.services import ServerProcess


def rows_memory(scale: Scale) -> Iterator[Row]:
    count = scale.of(5_000, 1_000)
    with ours.started() as server:
        places = [ours.new_room(server)[0] for _ in range(count // 100)]
        crowd = Crowd(server.port, palabre(places[0]))
        crowd.gather(ours.participants(server, ours.new_room(server)[0], 100))  # what a first hundred loads once
        openings = [opening for place in places for opening in ours.participants(server, place, 100)]
        before = server.rss()
        crowd.gather(openings)
        time.sleep(1)  # the last frames about people leave
        crowd.hear(0)
        cost = (server.rss() - before) / count
        yield Row(
            f"RSS per joined idle connection, {count:,} of them in rooms of 100, their rooms and records included",
            "≤ 10 KB",
            f"**{cost / 1024:.1f} KB**",
        )


def rows_storm(scale: Scale) -> Iterator[Row]:
    count = scale.of(5_000, 1_000)
    for rooms in (50, 1):
        with ours.started() as server:
            came, back = rushed(server, rooms, count)
            where = f"{rooms} rooms" if rooms > 1 else "one room"
            yield Row(
                f"connect + hello + join (as a new member: durable), {count:,} clients into {where}; then all drop and come back at once",
                "≥ 2,500 joins/s; recovered in < 3 s",
                f"**{count / came:,.0f} joins/s; {back:.1f} s**",
            )


def rushed(server: ServerProcess, rooms: int, count: int) -> tuple[float, float]:
    """Seconds in which so many new members have come into so many rooms, and then, all at once, have come back."""
    places = [ours.new_room(server)[0] for _ in range(rooms)]
    tokens = [(place, tokens_for(server, place, count // rooms)) for place in places]
    crowd = Crowd(server.port, palabre(places[0]))
    came = _timed(crowd, _in_turn([joining(t, place) for t in each] for place, each in tokens), at_once=200)
    since = {place: _seen(server, place, each[0]) for place, each in tokens}
    crowd.scatter()
    again = _in_turn([joining(t, place, since[place]) for t in each] for place, each in tokens)
    back = _timed(crowd, again, at_once=count)
    crowd.scatter()
    return came, back


def _in_turn(rooms: Iterable[list[bytes]]) -> list[bytes]:
    """One of each room after the other."""
    return [opening for each in zip(*rooms, strict=True) for opening in each]


def _seen(server: ServerProcess, room: str, token: str) -> dict[str, object]:
    """What a client has who has heard everything until now."""

    async def look() -> dict[str, object]:
        (seat,) = await take_seats(server, room, [token])
        seat.transport.close()
        return seat.joined.result()

    return asyncio.run(look())


def _timed(crowd: Crowd, openings: list[bytes], at_once: int) -> float:
    began = time.perf_counter()
    crowd.gather(openings, at_once)
    return time.perf_counter() - began


def rows_full_room(scale: Scale) -> Iterator[Row]:
    ideas, count = 2_000, 1_000
    with ours.started() as server:
        room, _ = full_room(server, ideas)
        openings = ours.participants(server, room, count)
        crowd = Crowd(server.port, palabre(room))
        crowd.gather(openings)
        crowd.scatter()  # they are members now: what is measured is reading
        waits = crowd.gather(openings, at_once=count)
        yield Row(
            f"join of a room with {ideas:,} ideas by {count:,} members at once: p50 / p99",
            "snapshot encoded once (tests/test_cost.py); p99 < 1 s",
            f"**{quantile(waits, 0.5):.0f} / {quantile(waits, 0.99):.0f} ms**",
        )


def full_room(server: ServerProcess, ideas: int) -> tuple[str, str]:
    """A room with so many ideas, and its host's token."""
    room, token = ours.new_room(server)
    crowd = ours.crowd_in(server, room, 1)
    add(crowd, room, 0, ideas)
    crowd.scatter()
    return room, token


def add(crowd: Crowd, room: str, first: int, after: int) -> None:
    """Ideas with these numbers, each acknowledged."""
    texts = (f"Une idée parmi d'autres, la numéro {n}, assez longue pour être lue" for n in range(first, after))
    say = [command(room, f"i{n}", "idea.add", id=f"idea:{n:012d}", text=t) for n, t in enumerate(texts, first)]
    crowd.ask(say)
