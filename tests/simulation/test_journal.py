"""The journal in memory keeps the port's promises: the contract suites, with a third adapter.

Left out: group commit (there are no transactions to count) and word forms of the search.
"""

from collections.abc import AsyncIterator

import pytest

from tests.contracts.test_journal import (  # noqa: F401  # collected here, with the fixtures below
    test_a_closed_journal_says_so,
    test_a_duplicate_in_a_group_costs_only_its_entry,
    test_a_first_commit_gives_its_stream_the_incarnation,
    test_a_key_is_used_once_for_ever,
    test_a_redaction_that_fails_changes_nothing,
    test_a_rejection_does_not_quote_what_was_rejected,
    test_a_retry_of_what_has_landed_is_a_conflict_first,
    test_a_snapshot_counts_for_its_version_and_incarnation_only,
    test_a_stale_after_is_a_conflict_and_writes_nothing,
    test_all_streams_by_name,
    test_codes_are_given_once,
    test_commits_are_read_back_as_they_were_written,
    test_entries_of_one_stream_that_wait_together_keep_their_order,
    test_heads_and_many_streams_at_once,
    test_I2_a_refusal_is_kept_like_what_was_done,
    test_of_rivals_exactly_one_wins,
    test_opposite_orders_do_not_deadlock,
    test_poison_costs_only_the_entry_that_holds_it,
    test_redaction_rewrites_history_under_a_new_incarnation,
    test_S4_what_was_decided_before_a_redaction_is_a_conflict_after,
    test_times_are_the_callers,
    test_what_a_commit_seals_is_found_by_its_id,
)
from tests.contracts.test_journal_consumers import (  # noqa: F401
    test_a_consumer_begins_at_the_head_of_what_there_is_and_once,
    test_a_rebuild_moves_no_policy,
    test_each_consumer_has_a_position_of_its_own_in_each_stream,
    test_nothing_is_left_beside_a_history_that_was_rewritten,
    test_of_a_consumer_that_is_no_more_nothing_is_kept,
    test_of_two_who_move_a_position_one_does,
    test_one_worker_looks_after_what_is_due,
    test_what_concerns_somebody_is_told_once,
    test_who_waits_keeps_his_place_until_he_has_all_that_there_is,
)
from tests.contracts.test_journal_exclusive import (  # noqa: F401
    test_a_frozen_holder_is_thrown_out,
    test_a_stream_without_commits_can_be_held,
    test_holders_come_in_turn,
    test_what_ends_without_an_append_lets_the_stream_go,
    test_who_holds_a_stream_reads_decides_and_appends_alone,
)
from tests.contracts.test_journal_projection import (  # noqa: F401
    test_a_row_that_is_updated_keeps_its_place,
    test_many_streams_are_searched_newest_first,
    test_no_page_misses_or_doubles_a_row_that_is_updated,
)
from tests.simulation.journal import Disk, MemoryJournal


class MemoryPlace:
    """As `tests.contracts.journals.Place`: a disk, opened as often as one likes."""

    def __init__(self) -> None:
        self.disk = Disk()
        self.opened: list[MemoryJournal] = []

    async def open(self) -> MemoryJournal:
        journal = MemoryJournal(self.disk)
        await journal.open()
        self.opened.append(journal)
        return journal

    async def another(self) -> MemoryJournal:
        return await self.open()

    async def restart(self) -> MemoryJournal:
        await self.close()
        return await self.open()

    async def close(self) -> None:
        for journal in self.opened:
            await journal.close()


@pytest.fixture
async def place() -> AsyncIterator[MemoryPlace]:
    place = MemoryPlace()
    yield place
    await place.close()


@pytest.fixture
async def journal(place: MemoryPlace) -> MemoryJournal:
    return await place.open()
