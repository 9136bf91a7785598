"""What is taken away over HTTP has a rate."""

import httpx
import pytest

from protocol.errors import Code, Refusal
from server.web import middleware
from server.web.reads import ADDRESSES, REMEMBERED, ROOMS, Reads
from tests.web.conftest import Started, client_of
from tests.web.test_api import bearer, join, make_room, refused


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_member_reads_at_a_rate_and_nobody_else_waits_for_it() -> None:
    clock = Clock()
    reads = Reads(clock=clock)
    for _ in range(int(ROOMS.burst)):
        reads.count("member:a")
    with pytest.raises(Refusal) as refusal:
        reads.count("member:a")
    assert refusal.value.code is Code.RATE_LIMITED
    reads.count("member:b")
    clock.now += 1 / ROOMS.rate
    reads.count("member:a")


def test_memory_is_bounded() -> None:
    reads = Reads(clock=Clock())
    for n in range(REMEMBERED + 10):
        reads.count(f"member:{n}")
    assert len(reads) == REMEMBERED


@pytest.mark.usefixtures("still")
async def test_h8_exports_and_minutes_share_it(client: httpx.AsyncClient) -> None:
    room = await make_room(client)
    participant = (await join(client, room["code"])).json()
    at = f"/api/rooms/{room['room']}"
    answers = [await client.get(f"{at}/export.json", headers=bearer(room)) for _ in range(int(ROOMS.burst) + 3)]
    assert answers[0].status_code == 200
    assert refused(answers[-1], 429, Code.RATE_LIMITED)
    assert refused(await client.get(f"{at}/report.md", headers=bearer(room)), 429, Code.RATE_LIMITED)
    assert (await client.get(f"{at}/export.json", headers=bearer(participant))).status_code == 200


READ = ("/", "/r/BCDFGH", "/r/BCDFGH/screen", "/assets/nothing.js", "/qr/BCDFGH.svg", "/api/templates", "/licences")


@pytest.mark.parametrize("path", READ)
async def test_h13_an_address_reads_at_a_rate(started: Started, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """And balancers, other addresses, and whoever runs the server do not wait for it."""
    monkeypatch.setattr(middleware, "ADDRESSES", ADDRESSES._replace(rate=0.001, burst=5))
    async with started({}) as app, client_of(app) as one, client_of(app, "192.0.2.2") as other:
        for _ in range(5):
            assert (await one.get(path)).status_code != 429
        answer = await one.get(path)
        assert refused(answer, 429, Code.RATE_LIMITED)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (await one.get("/healthz")).status_code == 200
        assert (await other.get(path)).status_code != 429
        async with client_of(app, "127.0.0.1") as here:
            for _ in range(8):
                assert (await here.get(path)).status_code != 429


def test_h13_a_seminar_behind_one_address_is_let_in() -> None:
    assert ADDRESSES.burst >= 500 * 20
