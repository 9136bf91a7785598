"""What is written together: once, in order, and a failure is told to those whom it met."""

import asyncio
from collections.abc import Sequence

import pytest

from server.accounts.gathered import Gathered


class Store:
    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.fails = False

    async def write(self, items: Sequence[int]) -> None:
        await asyncio.sleep(0)
        if self.fails:
            raise OSError("away")
        self.groups.append(list(items))


async def test_those_who_come_together_are_written_together_and_wait_for_it() -> None:
    store = Store()
    gathered = Gathered(store.write)
    await asyncio.gather(*(gathered.add(n) for n in range(100)))
    assert [n for group in store.groups for n in group] == list(range(100))
    assert len(store.groups) <= 2
    await gathered.add(100)
    assert store.groups[-1] == [100]


async def test_a_failure_is_told_to_those_it_met_and_the_next_are_written() -> None:
    store = Store()
    gathered = Gathered(store.write)
    store.fails = True
    told = await asyncio.gather(*(gathered.add(n) for n in range(3)), return_exceptions=True)
    assert [type(each) for each in told] == [OSError] * 3
    store.fails = False
    await gathered.add(3)
    assert store.groups == [[3]]


async def test_who_does_not_wait_any_more_holds_nobody_up() -> None:
    store = Store()
    gathered = Gathered(store.write)
    impatient = asyncio.create_task(gathered.add(1))
    await asyncio.sleep(0)
    impatient.cancel()
    await gathered.add(2)
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert [n for group in store.groups for n in group] == [1, 2]
