"""What a bus promises, which is little: a doorbell (contract suite: tests/contracts/test_bus.py).

A message may be lost, doubled, late or forged; whoever hears it looks into the journal. So nothing secret goes over it, and
nothing that must not be lost.
"""

from typing import Final, Protocol

MESSAGE_BYTES: Final = 64 * 1024
"""Largest message."""


class Listener(Protocol):
    """Called on the event loop; must return at once and must not raise."""

    def heard(self, channel: str, message: bytes) -> None:
        """A message of another worker, or of this one (the sender hears itself)."""

    def doubtful(self, doubtful: bool) -> None:
        """True: messages may be being lost from now on (the broker does not answer). False: subscriptions are confirmed again;
        what was sent meanwhile, by others and by us, is lost, so look at the journal now, and ring again for what is ours.
        Called on every change; a bus with a broker is doubtful from `open` until its first subscriptions are confirmed."""


class Bus(Protocol):
    """The number of broker connections does not depend on the number of channels."""

    async def open(self, listener: Listener) -> None:
        """Start. Does not wait for the broker: a broker that is down makes the bus doubtful, no more."""

    async def close(self) -> None: ...

    async def subscribe(self, channel: str) -> None:
        """Returns once the broker has confirmed, or at once while the bus is doubtful (it subscribes when it can)."""

    async def unsubscribe(self, channel: str) -> None:
        """Nothing of this channel is heard any more. Does not wait for the broker."""

    def publish(self, channel: str, message: bytes) -> None:
        """Send without waiting, at most 64 KiB; dropped while the broker is away. Bounded: never grows a queue without end."""
