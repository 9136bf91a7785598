"""Some of the stories that `make simulate` tells by the thousand: some always, some once, see `seeds`.

What one of them once found has a test of its own where it was mended (« Found by a simulated story »): a seed tells another story as soon as
people do more.
"""

import subprocess
import sys
from functools import partial
from itertools import chain
from typing import Final

import pytest

from tests.simulation.__main__ import tell
from tests.simulation.mutants.hunt import hunt
from tests.simulation.seeds import FIXED, FRESH, commit, fresh
from tests.simulation.witnesses import ALL, COUNTED, EVENTS, WITNESSES, seen

PARTS: Final = 96

SEEDS: Final = (*(seed for seed in FIXED if seed not in WITNESSES), *fresh(commit()))


def test_every_command_is_given_and_done_and_refused_in_some_story() -> None:
    """What nobody does is not proven. Where the witnesses no longer tell of all, others do."""
    missing = ALL.difference(*map(seen, WITNESSES))
    for seed in COUNTED:
        if not missing:
            break
        missing -= seen(seed)
    assert not missing


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_fails_everyone_ends_with_what_he_may_see_and_nothing_is_lost(part: int) -> None:
    found = [text for text in map(partial(tell, events=EVENTS), SEEDS[part::PARTS]) if text]
    assert not found, "\n".join(found)


def test_each_commit_has_stories_of_its_own() -> None:
    told = [fresh(f"{n:010x}" + "0" * 30) for n in range(50)]
    assert {len(seeds) for seeds in told} == {FRESH}
    assert len(set(chain(*told))) == 50 * FRESH, "no two tell the same"
    assert not set(FIXED) & set(chain(*told))
    assert fresh(commit()) == fresh(commit())


def test_a_seed_tells_the_same_story_in_every_process() -> None:
    """So that a failure can be replayed: the order of a set, which differs from process to process, decides nothing."""
    # Things lie elsewhere in memory each time, as they otherwise do once in forty times.
    scatter = "heap = [bytes(randrange(500)) for _ in range(200_000)]; shuffle(heap); del heap[::2]"
    program = f"from random import *; {scatter}; from tests.simulation.story import run; print(run(7, 150))"
    told = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1, told


PLANTED: Final = (
    "done_before_it_is_durable",
    "a_catch_up_off_by_one",
    # `render` broken in six ways.
    "hidden_posts_are_rendered",
    "hosts_read_what_nobody_may",
    "authors_without_a_name_are_named",
    "ballots_are_shown_to_hosts",
    "results_are_shown_when_the_vote_is_closed",
    "all_commitments_are_shared",
)


@pytest.mark.parametrize("name", PLANTED)
def test_a_bug_planted_on_purpose_is_caught(name: str) -> None:
    """All of them: `make mutants`."""
    assert hunt(name, seeds=range(1, 31)).seed is not None
