"""What one person may send in a second (SPEC.md, L5). Pure: time comes in, in seconds.

Limits are a person's and not a stream's: all that share a connection take from one allowance, and who finds it empty waits in line, so
that no stream that has much to send keeps another from sending.
"""

from typing import Final

SHARE: Final = 0.7
"""The share that commands take of the rate that the server grants: signals and questions need some too."""

BURST: Final = 2
"""Seconds of that share that may be sent at once; the server allows four of the whole."""

ROUNDING: Final = 1e-6
"""Of a message, that may be missing: so that a wait of the time that was said is always long enough."""


class Rate:
    def __init__(self) -> None:
        self._rate = self._tokens = 10.0
        self._filled = 0.0
        self._line: list[object] = []

    def grant(self, rate: float) -> None:
        """The server grants so many messages a second."""
        self._rate = max(1.0, rate * SHARE)
        self._tokens = self._rate * BURST
        self._line.clear()

    def delay(self, who: object, now: float) -> float:
        """Seconds until it is the turn of `who`, who stands in line for it from now on."""
        full = self._rate * BURST
        self._tokens = min(full, self._tokens + max(0.0, now - self._filled) * self._rate)
        self._filled = now
        if who not in self._line:
            self._line.append(who)
        missing = min(self._line.index(who) + 1, full) - self._tokens
        return missing / self._rate if missing > ROUNDING else 0.0

    def take(self, who: object) -> None:
        """One message goes; whoever has another stands behind those who wait."""
        self._tokens -= 1
        self.leave(who)

    def leave(self, who: object) -> None:
        """Nothing is to be sent."""
        if who in self._line:
            self._line.remove(who)
