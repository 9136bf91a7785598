"""What every journal does for one who holds a stream alone (`server/journal/port.py`)."""

import asyncio

import pytest

from server.journal.port import Appended, Conflict, Duplicate, Head, JournalError, Rejected
from tests.contracts.journals import Place, entry, key


async def test_who_holds_a_stream_reads_decides_and_appends_alone(place: Place) -> None:
    one, other = await place.open(), await place.another()
    used = key()
    await one.append(entry("room:a", 1, used))
    async with other.exclusive("room:a") as held:
        assert held.head == (await one.heads(["room:a"]))["room:a"]
        assert [commit.seq for commit in await held.read(0)] == [1]
        assert await held.lookup([used, key()]) == {used: 1}
        assert await one.append(entry("room:a", 2)) == Conflict()
        assert await one.append(entry("room:b", 1)) == Appended(1)
        assert await held.append(entry("room:a", 2, used)) == Duplicate({used: 1})
        assert await one.append(entry("room:a", 2)) == Conflict(), "held still"
        assert await held.append(entry("room:a", 2)) == Appended(2)
        assert await one.append(entry("room:a", 3)) == Appended(3), "free again"
        assert await held.append(entry("room:a", 4)) == Conflict()
        with pytest.raises(JournalError, match="take it again"):
            await held.read(0)
    assert await other.append(entry("room:a", 4)) == Appended(4)


async def test_a_stream_without_commits_can_be_held(place: Place) -> None:
    one, other = await place.open(), await place.another()
    async with one.exclusive("room:a") as held:
        assert held.head == Head(0, "")
        assert await other.append(entry("room:a", 1)) == Conflict()
        assert await other.heads(["room:a"]) == {}
        assert await held.append(entry("room:a", 1)) == Appended(1)
    async with one.exclusive("room:b") as held:
        pass
    assert [stream async for stream in one.streams()] == ["room:a"]
    assert await one.behind("") == [("room:a", 0, (await one.heads(["room:a"]))["room:a"])]
    assert await one.append(entry("room:b", 1)) == Appended(1)


async def test_what_ends_without_an_append_lets_the_stream_go(place: Place) -> None:
    journal = await place.open()
    await journal.append(entry("room:a", 1))
    with pytest.raises(ZeroDivisionError):
        async with journal.exclusive("room:a"):
            raise ZeroDivisionError
    async with journal.exclusive("room:a") as held:
        with pytest.raises(ValueError, match="room:b"):
            await held.append(entry("room:b", 1))
    for refused in (entry("room:a", 5), entry("room:a", 2, at=-1), entry("room:a", 2, b"short")):
        async with journal.exclusive("room:a") as held:
            assert isinstance(await held.append(refused), Conflict | Rejected)
            assert await held.append(entry("room:a", 2)) == Conflict(), "only a Duplicate leaves it held"
    assert await journal.append(entry("room:a", 2)) == Appended(2)


async def test_holders_come_in_turn(place: Place) -> None:
    journals = [await place.open(), await place.another()]

    async def add(n: int) -> None:
        async with journals[n % 2].exclusive("room:a") as held:
            assert await held.append(entry("room:a", held.head.seq + 1)) == Appended(held.head.seq + 1)

    await asyncio.gather(*(add(n) for n in range(16)))
    assert [commit.seq for commit in await journals[0].read("room:a", 0)] == list(range(1, 17))


async def test_a_frozen_holder_is_thrown_out(place: Place) -> None:
    """A process that was stopped while it held a stream: others are late by two seconds, and its append comes too late."""
    one, other = await place.open(), await place.another()
    await one.append(entry("room:a", 1))
    async with one.exclusive("room:a") as frozen:
        assert await other.append(entry("room:a", 2)) == Conflict()
        assert await frozen.read(1) == [], "at once: it holds the stream still"
        async with other.exclusive("room:a") as held:
            assert await held.append(entry("room:a", 2)) == Appended(2)
        assert await frozen.append(entry("room:a", 2)) == Conflict()
        with pytest.raises(JournalError):
            await frozen.read(0)
    assert [commit.seq for commit in await one.read("room:a", 0)] == [1, 2]
