"""The token bucket behind SPEC L5."""

from hypothesis import given
from hypothesis import strategies as st

from server.session.rate import Bucket, Pace


def test_L5_a_burst_and_then_the_rate() -> None:
    bucket = Bucket(Pace(2, 8, "commands"), now=100)
    assert [bucket.take(100) for _ in range(9)] == [True] * 8 + [False]
    assert [bucket.take(100.5), bucket.take(100.5)] == [True, False]
    assert [bucket.take(200) for _ in range(9)] == [True] * 8 + [False]


@given(st.lists(st.floats(0, 10), max_size=60), st.integers(1, 50))
def test_L5_never_more_than_the_burst_and_the_rate_allow(pauses: list[float], rate: int) -> None:
    now, taken = 0.0, 0
    bucket = Bucket(Pace(rate, 4 * rate, "commands"), now)
    for pause in pauses:
        now += pause
        taken += bucket.take(now)
        assert taken <= 4 * rate + rate * now + 1e-6
