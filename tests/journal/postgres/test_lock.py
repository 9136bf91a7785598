"""A worker without a bus is alone on its database; those with one are not (issue: a second worker without Redis)."""

import pytest

from server.journal.port import JournalError
from server.journal.postgres.journal import PostgresJournal


@pytest.mark.parametrize(("first", "second"), [(True, True), (True, False), (False, True)])
async def test_one_without_a_bus_and_another_do_not_share_a_database(database: str, first: bool, second: bool) -> None:
    there = PostgresJournal(database, migrate=True, alone=first)
    await there.open()
    comes = PostgresJournal(database, alone=second)
    with pytest.raises(JournalError, match="REDIS_URL") as refused:
        await comes.open()
    assert not refused.value.retry
    await there.close()
    await comes.open()
    await comes.close()


async def test_those_with_a_bus_share_it(database: str) -> None:
    journals = [PostgresJournal(database, migrate=True) for _ in range(3)]
    for journal in journals:
        await journal.open()
    for journal in journals:
        await journal.close()


async def test_a_killed_worker_leaves_no_lock(database: str) -> None:
    killed = PostgresJournal(database, migrate=True, alone=True)
    await killed.open()
    assert killed._lock is not None
    killed._lock.terminate()
    await killed.close()
    heir = PostgresJournal(database, alone=True)
    await heir.open()
    await heir.close()
