"""Places between places (SPEC R2)."""

from hypothesis import given
from hypothesis import strategies as st

from server.model import rank
from tests.properties import bounded


@bounded(50)
@given(st.lists(st.integers(0, 1000), max_size=150))
def test_R2_ranks_compare_as_ascii_in_the_order_in_which_things_were_placed(places: list[int]) -> None:
    ranks: list[str] = []
    for place in places:
        at = place % (len(ranks) + 1)
        left, right = ranks[at - 1] if at else None, ranks[at] if at < len(ranks) else None
        ranks.insert(at, rank.between(left, right))
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)
    assert all(r.isascii() and r.isalnum() for r in ranks)


def test_R2_at_the_end_a_rank_stays_short_however_many_there_are() -> None:
    last = None
    for _ in range(10_000):
        later = rank.after(last)
        assert last is None or later > last
        last = later
    assert last is not None
    assert len(last) <= 5


@bounded(50)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=40), st.integers(1, 50), st.integers(0, 1000))
def test_R2_ranks_dealt_anew_lie_between_their_neighbours_in_order(places: list[int], count: int, at: int) -> None:
    ranks: list[str] = []
    for place in places:
        here = place % (len(ranks) + 1)
        ranks.insert(here, rank.between(ranks[here - 1] if here else None, ranks[here] if here < len(ranks) else None))
    gap = at % (len(ranks) + 1)
    left, right = ranks[gap - 1] if gap else None, ranks[gap] if gap < len(ranks) else None
    dealt = rank.deal(left, right, count)
    assert sorted(set(dealt)) == dealt
    assert len(dealt) == count
    assert [*ranks[:gap], *dealt, *ranks[gap:]] == sorted([*ranks, *dealt])
