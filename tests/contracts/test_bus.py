"""What `server/bus/port.py` promises, kept by every adapter; then what only a bus with a broker can break."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import pytest

from server.bus.local import LocalBus
from server.bus.port import MESSAGE_BYTES, Bus
from server.bus.redis import RedisBus
from tests.services import RedisServer
from tests.services.process import wait_until


class Ear:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.heard_messages: list[tuple[str, bytes]] = []
        self.doubts: list[bool] = []
        self.changed = asyncio.Event()

    def heard(self, channel: str, message: bytes) -> None:
        self.heard_messages.append((channel, message))
        self.changed.set()

    def doubtful(self, doubtful: bool) -> None:
        self.doubts.append(doubtful)
        self.changed.set()

    async def until(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def hears(self, channel: str, message: bytes) -> None:
        await self.until(lambda: (channel, message) in self.heard_messages)

    async def sure(self) -> None:
        await self.until(lambda: self.doubts[-1:] == [False])

    async def unsure(self) -> None:
        await self.until(lambda: self.doubts[-1:] == [True])


@contextlib.asynccontextmanager
async def opened(bus: Bus) -> AsyncIterator[tuple[Bus, Ear]]:
    ear = Ear()
    await bus.open(ear)
    try:
        yield bus, ear
    finally:
        await bus.close()


@contextlib.asynccontextmanager
async def on(redis_server: RedisServer) -> AsyncIterator[tuple[RedisBus, Ear]]:
    """A bus over Redis, past its first doubt."""
    bus = RedisBus(redis_server.url)
    async with opened(bus) as (_, ear):
        await ear.sure()
        yield bus, ear


# Every adapter


@pytest.fixture(params=["local", "redis"])
async def one(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Bus, Ear]]:
    if request.param == "local":
        async with opened(LocalBus()) as pair:
            yield pair
    else:
        async with on(request.getfixturevalue("redis_server")) as pair:
            yield pair


async def test_the_sender_hears_itself(one: tuple[Bus, Ear]) -> None:
    bus, ear = one
    await bus.subscribe("room:1")
    bus.publish("room:1", b"\x00\xff any bytes")
    await ear.hears("room:1", b"\x00\xff any bytes")


async def test_nothing_is_heard_before_publish_returns(one: tuple[Bus, Ear]) -> None:
    bus, ear = one
    await bus.subscribe("room:1")
    bus.publish("room:1", b"later")
    assert ear.heard_messages == []
    await ear.hears("room:1", b"later")


async def test_only_subscribed_channels_are_heard_in_the_order_of_their_messages(one: tuple[Bus, Ear]) -> None:
    bus, ear = one
    await bus.subscribe("room:1")
    for number in range(100):
        bus.publish("room:2", b"of no interest")
        bus.publish("room:1", b"%d" % number)
    await ear.hears("room:1", b"99")
    assert ear.heard_messages == [("room:1", b"%d" % number) for number in range(100)]


async def test_unsubscribe_stops_it_at_once(one: tuple[Bus, Ear]) -> None:
    bus, ear = one
    await bus.subscribe("room:1")
    await bus.subscribe("room:2")
    bus.publish("room:1", b"too late")
    await bus.unsubscribe("room:1")
    bus.publish("room:2", b"after it")
    await ear.hears("room:2", b"after it")
    assert ear.heard_messages == [("room:2", b"after it")]


async def test_subscribing_twice_is_subscribing_once(one: tuple[Bus, Ear]) -> None:
    bus, ear = one
    await bus.subscribe("room:1")
    await bus.subscribe("room:1")
    bus.publish("room:1", b"once")
    bus.publish("room:1", b"end")
    await ear.hears("room:1", b"end")
    assert ear.heard_messages == [("room:1", b"once"), ("room:1", b"end")]


async def test_a_message_over_the_limit_is_our_own_fault(one: tuple[Bus, Ear]) -> None:
    bus, ear = one
    await bus.subscribe("room:1")
    bus.publish("room:1", b"." * MESSAGE_BYTES)
    await ear.hears("room:1", b"." * MESSAGE_BYTES)
    with pytest.raises(ValueError, match="at most 65536"):
        bus.publish("room:1", b"." * (MESSAGE_BYTES + 1))


async def test_a_local_bus_is_never_doubtful() -> None:
    async with opened(LocalBus()) as (bus, ear):
        await bus.subscribe("room:1")
        assert ear.doubts == []


# A bus with a broker


async def test_two_workers_hear_each_other(redis_server: RedisServer) -> None:
    async with on(redis_server) as (first, first_ear), on(redis_server) as (second, second_ear):
        await first.subscribe("room:1")
        await second.subscribe("room:1")
        second.publish("room:1", b"from the second")
        await first_ear.hears("room:1", b"from the second")
        first.publish("room:1", b"from the first")
        await second_ear.hears("room:1", b"from the first")


async def test_a_broker_that_is_down_at_the_start_makes_the_bus_doubtful_no_more(redis_server: RedisServer) -> None:
    redis_server.stop()
    async with opened(RedisBus(redis_server.url)) as (bus, ear):
        assert ear.doubts == [True]
        await bus.subscribe("room:1")
        bus.publish("room:1", b"lost")
        redis_server.start()
        await ear.sure()
        bus.publish("room:1", b"heard")
        await ear.hears("room:1", b"heard")
        assert ear.heard_messages == [("room:1", b"heard")]


async def test_a_restarted_broker_is_doubted_and_then_confirmed(redis_server: RedisServer) -> None:
    async with on(redis_server) as (bus, ear):
        await bus.subscribe("room:1")
        redis_server.stop()
        await ear.unsure()
        await bus.subscribe("room:2")
        bus.publish("room:1", b"lost")
        redis_server.start()
        await ear.sure()
        for channel in ("room:1", "room:2"):
            bus.publish(channel, b"heard")
            await ear.hears(channel, b"heard")
        assert ear.doubts == [True, False, True, False]
        assert ("room:1", b"lost") not in ear.heard_messages


async def test_a_restart_between_two_probes_is_noticed(redis_server: RedisServer) -> None:
    """The race that redis-py hides: connections are lost and made again before anyone asks."""
    async with on(redis_server) as (bus, ear):
        await bus.subscribe("room:1")
        redis_server.kill()
        redis_server.start()
        await ear.until(lambda: ear.doubts == [True, False, True, False])
        bus.publish("room:1", b"heard")
        await ear.hears("room:1", b"heard")


async def test_a_silent_broker_is_doubted_after_about_two_seconds(redis_server: RedisServer) -> None:
    async with on(redis_server) as (bus, ear):
        await bus.subscribe("room:1")
        redis_server.suspend()
        began = time.monotonic()
        await ear.unsure()
        assert time.monotonic() - began < 4  # 2.0 on an idle machine
        async with asyncio.timeout(0.5):
            await bus.subscribe("room:2")  # nobody waits for a broker that is away
        redis_server.resume()
        await ear.sure()
        bus.publish("room:2", b"heard")
        await ear.hears("room:2", b"heard")


async def test_whoever_waits_for_a_confirmation_when_the_broker_falls_silent_is_let_go(
    redis_server: RedisServer,
) -> None:
    async with on(redis_server) as (bus, ear):
        redis_server.suspend()
        await bus.subscribe("room:1")
        assert ear.doubts[-1] is True
        redis_server.resume()


async def test_what_is_published_while_the_broker_is_away_is_dropped(redis_server: RedisServer) -> None:
    async with on(redis_server) as (bus, ear):
        await bus.subscribe("room:1")
        redis_server.stop()
        await ear.unsure()
        for _ in range(10_000):
            bus.publish("room:1", b"." * MESSAGE_BYTES)
        assert bus.queued_bytes == 0


async def test_what_a_silent_broker_does_not_take_is_bounded(redis_server: RedisServer) -> None:
    async with on(redis_server) as (bus, ear):
        await bus.subscribe("room:1")
        redis_server.suspend()
        for _ in range(10_000):
            bus.publish("room:1", b"." * MESSAGE_BYTES)
        assert 0 < bus.queued_bytes <= 4 * 1024 * 1024
        await ear.unsure()
        assert bus.queued_bytes == 0
        redis_server.resume()


async def test_ten_thousand_channels_take_two_connections(redis_server: RedisServer) -> None:
    async with on(redis_server) as (bus, ear):
        await asyncio.gather(*(bus.subscribe(f"room:{number}") for number in range(10_000)))
        with redis_server.client() as client:
            assert len(client.pubsub_channels()) == 10_000
        assert redis_server.connections() <= 2
        for number in (0, 9_999):
            bus.publish(f"room:{number}", b"ring")
            await ear.hears(f"room:{number}", b"ring")
        assert redis_server.connections() == 2


async def test_ten_thousand_channels_come_back_after_a_restart(redis_server: RedisServer) -> None:
    async with on(redis_server) as (bus, ear):
        await asyncio.gather(*(bus.subscribe(f"room:{number}") for number in range(10_000)))
        redis_server.stop()
        await ear.unsure()
        redis_server.start()
        await ear.sure()
        with redis_server.client() as client:
            assert len(client.pubsub_channels()) == 10_000


async def test_nothing_is_left_after_churn(redis_server: RedisServer) -> None:
    async with on(redis_server) as (bus, _ear):

        async def come_and_go(number: int) -> None:
            channel = f"room:{number % 50}"
            await bus.subscribe(channel)
            await bus.unsubscribe(channel)

        await asyncio.gather(*(come_and_go(number) for number in range(2_000)))
        await bus.subscribe("last")
        await bus.unsubscribe("last")
        await bus.subscribe("fence")
        with redis_server.client() as client:
            assert client.pubsub_channels() == ["palabre:fence"]
        assert bus.pending == 0
        assert redis_server.connections() <= 2


async def test_a_channel_taken_again_at_once_is_confirmed_by_its_last_subscription(redis_server: RedisServer) -> None:
    """Answers of the earlier two commands must not count for the third."""
    async with on(redis_server) as (bus, _ear):
        for number in range(200):
            first = asyncio.create_task(bus.subscribe("room:1"))
            await asyncio.sleep(0)
            await bus.unsubscribe("room:1")
            await asyncio.sleep(0)
            await bus.subscribe("room:1")
            with redis_server.client() as client:
                assert client.publish("palabre:room:1", b"%d" % number) == 1
            await first
            await bus.unsubscribe("room:1")


async def test_close_leaves_no_connection(redis_server: RedisServer) -> None:
    async with on(redis_server) as (bus, _ear):
        await bus.subscribe("room:1")
    wait_until(lambda: redis_server.connections() == 0, "both connections closed")


@pytest.mark.parametrize("state", ["away", "silent"])
async def test_close_does_not_wait_for_the_broker(redis_server: RedisServer, state: str) -> None:
    async with on(redis_server) as (bus, _ear):
        await bus.subscribe("room:1")
        redis_server.stop() if state == "away" else redis_server.suspend()
        async with asyncio.timeout(2):
            await bus.close()
        if state == "silent":
            redis_server.resume()
