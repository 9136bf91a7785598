"""What is taken away over HTTP has a rate."""

import httpx
import pytest

from protocol.errors import Code, Refusal
from server.web.reads import BURST, RATE, REMEMBERED, Reads
from tests.web.test_api import bearer, join, make_room, refused


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_member_reads_at_a_rate_and_nobody_else_waits_for_it() -> None:
    clock = Clock()
    reads = Reads(clock)
    for _ in range(BURST):
        reads.count("member:a")
    with pytest.raises(Refusal) as refusal:
        reads.count("member:a")
    assert refusal.value.code is Code.RATE_LIMITED
    reads.count("member:b")
    clock.now += 1 / RATE
    reads.count("member:a")


def test_memory_is_bounded() -> None:
    reads = Reads(Clock())
    for n in range(REMEMBERED + 10):
        reads.count(f"member:{n}")
    assert len(reads) == REMEMBERED


async def test_h8_exports_and_minutes_share_it(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    guest = (await join(client, room["code"])).json()
    at = f"/api/rooms/{room['room']}"
    answers = [await client.get(f"{at}/export.json", headers=bearer(room)) for _ in range(BURST + 3)]
    assert answers[0].status_code == 200
    assert refused(answers[-1], 429, Code.RATE_LIMITED)
    assert refused(await client.get(f"{at}/report.md", headers=bearer(room)), 429, Code.RATE_LIMITED)
    assert (await client.get(f"{at}/export.json", headers=bearer(guest))).status_code == 200
