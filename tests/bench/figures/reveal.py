"""The reveal: 2,000 hidden ideas are shown to 500 people at once, of whom 50 read slowly. Here by `post.show` in one batch."""

import socket
import time
from collections.abc import Iterator

from tests.bench import ours
from tests.bench.figures.joining import full_room
from tests.bench.listeners import Crowd, Ear, command, joining, palabre
from tests.bench.table import Row, Scale

IDEAS, PEOPLE, SLOW, BYTES = 2_000, 500, 50, 100_000


def rows(scale: Scale) -> Iterator[Row]:
    with ours.started() as server:
        room, token = full_room(server, IDEAS)
        ids = [f"idea:{n:012d}" for n in range(IDEAS)]
        host = Crowd(server.port, palabre(room))
        host.gather([joining(token, room)])
        host.ask([command(room, f"h{n}", "post.hide", on=id) for n, id in enumerate(ids)])
        crowd = ours.crowd_in(server, room, PEOPLE)
        time.sleep(0.5)
        crowd.hear(0)
        fast, last = _shown(crowd, host, [command(room, f"s{n}", "post.show", on=id) for n, id in enumerate(ids)])
        yield Row(
            f"reveal of {IDEAS:,} hidden ideas to {PEOPLE} clients of whom {SLOW} read at {BYTES // 1000} kB/s",
            "nobody dropped; the fast ones done in < 1 s",
            f"**nobody dropped; the fast ones done in {fast:.2f} s**, the slow ones in {last:.1f} s",
        )


def _shown(crowd: Crowd, host: Crowd, commands: list[bytes]) -> tuple[float, float]:
    """Seconds until all ideas have come to all who read fast, and to all. A connection that is dropped raises."""
    ears = list(crowd.ears.values())
    slow = set(ears[:SLOW])
    for ear in slow:
        ear.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    seen = dict.fromkeys(ears, 0)
    read = dict.fromkeys(slow, 0)
    fast = 0.0
    start = time.perf_counter()
    host.say(b"".join(commands))
    while True:
        now = time.perf_counter() - start

        def may_read(ear: Ear, allowed: float = now * BYTES) -> bool:
            return ear not in slow or read[ear] < allowed

        for ear, data in crowd.hear(0.005, may_read, most=4_096 if fast else 262_144):
            seen[ear] += _ideas(ear, data)
            if ear in slow:
                read[ear] += len(data)
        host.hear(0)
        if not fast and all(count >= IDEAS for ear, count in seen.items() if ear not in slow):
            fast = time.perf_counter() - start
        if all(count >= IDEAS for count in seen.values()):
            return fast, time.perf_counter() - start
        if now > 60:
            raise TimeoutError("expected every idea with everyone within a minute")


def _ideas(ear: Ear, data: bytes) -> int:
    """Records of ideas whose ids end in these bytes."""
    mark = b"\xa2id\xb1idea:"
    data = ear.tail + data
    found = data.count(mark)
    ear.tail = data[-len(mark) + 1 :]
    return found
