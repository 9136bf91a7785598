"""What is read over HTTP, at a rate: by a member, for whom a whole room is read each time, and by an address."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final

from protocol.errors import Code, Refusal
from server.session.rate import Bucket, Pace

ROOMS: Final = Pace(0.5, 10, "exports and minutes")
"""Of one member."""

READERS: Final = Pace(10, 600, "readings of minutes")
"""By the link of one room: a mail sends it to a whole seminar, and what they open is written once."""

BROUGHT: Final = Pace(1 / 20, 12, "images")
"""Brought by one member: a few with each idea, and no room is filled by one."""

SEEN: Final = Pace(60, 600, "images")
"""Looked at by one member, or on one screen: all that a wall shows, more than once."""

LOGINS: Final = Pace(0.5, 30, "logins and links")
"""Given and ended, of one person in one room."""

ADDRESSES: Final = Pace(500, 10_000, "requests")
"""Of one address: a seminar of 500 has one, and each of its phones asks for some twenty files as it comes."""

REMEMBERED: Final = 20_000
"""Members, or addresses, whose rate is kept."""


class Reads:
    """
    Args:
        clock: seconds that only grow.
    """

    def __init__(self, pace: Pace = ROOMS, clock: Callable[[], float] | None = None) -> None:
        self._pace = pace
        self._clock = clock or monotonic
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def count(self, reader: str) -> None:
        """
        Raises:
            Refusal: `rate_limited`.
        """
        now = self._clock()
        bucket = self._buckets.get(reader)
        if bucket is None:
            bucket = self._buckets[reader] = Bucket(self._pace, now)
            if len(self._buckets) > REMEMBERED:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(reader)
        if not bucket.take(now):
            raise Refusal(Code.RATE_LIMITED, f"expected fewer {self._pace.what} at once: wait a little")
