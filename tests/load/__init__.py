"""A crowd in one process: hundreds of clients that write at a rate, live through what dies, and are compared afterwards.

    swarm     the clients, each the SDK's `Conversation` over the least WebSocket there is (`wire`)
    verify    what must be true at the end

`python -m tests.load --server http://localhost:8000` runs one against any server and prints figures.
"""

from tests.load.swarm import Swarm
from tests.load.verify import tally, verify, verify_journal

__all__ = ["Swarm", "tally", "verify", "verify_journal"]
