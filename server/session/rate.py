"""A token bucket: so many a second, with bursts."""

from typing import NamedTuple


class Pace(NamedTuple):
    """So many a second, so many at once, and of what. One is shared by all the buckets that are filled at it."""

    rate: float
    burst: float
    what: str


class Bucket:
    """
    Args:
        pace: tokens a second, and tokens at most and at first.
        now: seconds of a monotonic clock.
    """

    __slots__ = ("_at", "_pace", "_tokens")

    def __init__(self, pace: Pace, now: float) -> None:
        self._pace = pace
        self._tokens, self._at = pace.burst, now

    def take(self, now: float) -> bool:
        """Whether one more is allowed now."""
        rate, burst, _ = self._pace
        self._tokens = min(burst, self._tokens + (now - self._at) * rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
