"""What people take away over HTTP, at a rate: a whole room is read for each."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from protocol.errors import Code, Refusal
from server.rate import Bucket

RATE: Final = 0.5
BURST: Final = 10
"""Exports and comptes rendus of one member, a second and at once."""

REMEMBERED: Final = 20_000
"""Members whose rate is kept."""


class Reads:
    """
    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def count(self, member: str) -> None:
        """
        Raises:
            Refusal: `rate_limited`.
        """
        now = self._clock()
        bucket = self._buckets.get(member)
        if bucket is None:
            bucket = self._buckets[member] = Bucket(RATE, BURST, now)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(member)
        if not bucket.take(now):
            raise Refusal(Code.RATE_LIMITED, "expected fewer exports and minutes at once: wait a little")
