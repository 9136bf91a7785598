"""What `server/bus/port.py` promises, kept by every adapter; then what only a bus with a broker can break."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeAlias

import pytest
from redis.asyncio import Redis
from redis.exceptions import TimeoutError as BrokerSlowError

from server.bus.local import LocalBus
from server.bus.port import MESSAGE_BYTES, Bus
from server.bus.redis.bus import RedisBus
from server.bus.redis.cluster import RedisClusterBus
from server.bus.redis.link import close
from tests.services import RedisCluster, RedisServer
from tests.services.process import HUNG, free_port, wait_until


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

    async def until(self, condition: Callable[[], bool], seconds: float = HUNG) -> None:
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


Broker: TypeAlias = RedisServer | RedisCluster
BrokerBus: TypeAlias = RedisBus | RedisClusterBus


def bus_over(broker: Broker) -> BrokerBus:
    return RedisBus(broker.url) if isinstance(broker, RedisServer) else RedisClusterBus(broker.url)


def most_connections(broker: Broker) -> int:
    """Of one bus: two to each node, and for a moment that of the question who has which slot."""
    return 2 if isinstance(broker, RedisServer) else 2 * len(broker.nodes) + 1


@pytest.fixture(scope="module")
def shared_cluster() -> Iterator[RedisCluster]:
    with RedisCluster() as cluster:
        yield cluster


@pytest.fixture
def cluster(shared_cluster: RedisCluster) -> Iterator[RedisCluster]:
    """Whole, and without clients."""
    yield shared_cluster
    shared_cluster.heal()


@pytest.fixture(params=["redis", "cluster"])
def broker(request: pytest.FixtureRequest) -> Broker:
    name = "redis_server" if request.param == "redis" else "cluster"
    server: Broker = request.getfixturevalue(name)
    return server


@contextlib.asynccontextmanager
async def on(broker: Broker) -> AsyncIterator[tuple[BrokerBus, Ear]]:
    """A bus over a broker, past its first doubt."""
    bus = bus_over(broker)
    async with opened(bus) as (_, ear):
        await ear.sure()
        yield bus, ear


# Every adapter


@pytest.fixture(params=["local", "redis", "cluster"])
async def one(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Bus, Ear]]:
    if request.param == "local":
        async with opened(LocalBus()) as pair:
            yield pair
    else:
        async with on(request.getfixturevalue("redis_server" if request.param == "redis" else "cluster")) as pair:
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


async def test_two_workers_hear_each_other(broker: Broker) -> None:
    async with on(broker) as (first, first_ear), on(broker) as (second, second_ear):
        await first.subscribe("room:1")
        await second.subscribe("room:1")
        second.publish("room:1", b"from the second")
        await first_ear.hears("room:1", b"from the second")
        first.publish("room:1", b"from the first")
        await second_ear.hears("room:1", b"from the first")


async def test_a_broker_that_is_down_at_the_start_makes_the_bus_doubtful_no_more(broker: Broker) -> None:
    broker.stop()
    async with opened(bus_over(broker)) as (bus, ear):
        assert ear.doubts == [True]
        await bus.subscribe("room:1")
        bus.publish("room:1", b"lost")
        broker.start()
        await ear.sure()
        bus.publish("room:1", b"heard")
        await ear.hears("room:1", b"heard")
        assert ear.heard_messages == [("room:1", b"heard")]


async def test_a_restarted_broker_is_doubted_and_then_confirmed(broker: Broker) -> None:
    async with on(broker) as (bus, ear):
        await bus.subscribe("room:1")
        broker.stop()
        await ear.unsure()
        await bus.subscribe("room:2")
        bus.publish("room:1", b"lost")
        broker.start()
        await ear.sure()
        for channel in ("room:1", "room:2"):
            bus.publish(channel, b"heard")
            await ear.hears(channel, b"heard")
        assert ear.doubts == [True, False, True, False]
        assert ("room:1", b"lost") not in ear.heard_messages


async def test_a_restart_between_two_probes_is_noticed(broker: Broker) -> None:
    """The race that redis-py hides: connections are lost and made again before anyone asks."""
    async with on(broker) as (bus, ear):
        await bus.subscribe("room:1")
        broker.kill()
        broker.start()
        await ear.until(lambda: ear.doubts == [True, False, True, False])
        bus.publish("room:1", b"heard")
        await ear.hears("room:1", b"heard")


async def test_a_silent_broker_is_doubted(broker: Broker) -> None:
    async with on(broker) as (bus, ear):
        await bus.subscribe("room:1")
        broker.suspend()
        await ear.unsure()
        async with asyncio.timeout(HUNG / 6):
            await bus.subscribe("room:2")  # nobody waits for a broker that is away
        broker.resume()
        await ear.sure()
        bus.publish("room:2", b"heard")
        await ear.hears("room:2", b"heard")


async def test_whoever_waits_for_a_confirmation_when_the_broker_falls_silent_is_let_go(
    broker: Broker,
) -> None:
    async with on(broker) as (bus, ear):
        broker.suspend()
        await bus.subscribe("room:1")
        assert ear.doubts[-1] is True
        broker.resume()


async def test_what_is_published_while_the_broker_is_away_is_dropped(broker: Broker) -> None:
    async with on(broker) as (bus, ear):
        await bus.subscribe("room:1")
        broker.stop()
        await ear.unsure()
        for _ in range(10_000):
            bus.publish("room:1", b"." * MESSAGE_BYTES)
        assert bus.queued_bytes == 0


async def test_what_a_silent_broker_does_not_take_is_bounded(broker: Broker) -> None:
    async with on(broker) as (bus, ear):
        await bus.subscribe("room:1")
        broker.suspend()
        for _ in range(10_000):
            bus.publish("room:1", b"." * MESSAGE_BYTES)
        assert 0 < bus.queued_bytes <= 4 * 1024 * 1024
        await ear.unsure()
        assert bus.queued_bytes == 0
        broker.resume()


async def test_ten_thousand_channels_take_two_connections_to_a_node(broker: Broker) -> None:
    async with on(broker) as (bus, ear):
        await asyncio.gather(*(bus.subscribe(f"room:{number}") for number in range(10_000)))
        assert len(broker.channels()) == 10_000
        assert broker.connections() <= most_connections(broker)
        for number in (0, 9_999):
            bus.publish(f"room:{number}", b"ring")
            await ear.hears(f"room:{number}", b"ring")
        assert broker.connections() <= most_connections(broker)


async def test_ten_thousand_channels_come_back_after_a_restart(broker: Broker) -> None:
    async with on(broker) as (bus, ear):
        await asyncio.gather(*(bus.subscribe(f"room:{number}") for number in range(10_000)))
        broker.stop()
        await ear.unsure()
        broker.start()
        await ear.sure()
        assert len(broker.channels()) == 10_000


async def test_nothing_is_left_after_churn(broker: Broker) -> None:
    async with on(broker) as (bus, _ear):

        async def come_and_go(number: int) -> None:
            channel = f"room:{number % 50}"
            await bus.subscribe(channel)
            await bus.unsubscribe(channel)

        await asyncio.gather(*(come_and_go(number) for number in range(2_000)))
        await bus.subscribe("last")
        await bus.unsubscribe("last")
        await bus.subscribe("fence")
        # On a cluster the fence is of one node, and the others answer in their own time.
        await asyncio.to_thread(wait_until, lambda: bus.pending == 0, "all confirmed")
        assert broker.channels() == ["palabre:fence"]
        assert broker.connections() <= most_connections(broker)


async def test_a_channel_taken_again_at_once_is_confirmed_by_its_last_subscription(broker: Broker) -> None:
    """Answers of the earlier two commands must not count for the third."""
    async with on(broker) as (bus, _ear):
        for number in range(200):
            first = asyncio.create_task(bus.subscribe("room:1"))
            await asyncio.sleep(0)
            await bus.unsubscribe("room:1")
            await asyncio.sleep(0)
            await bus.subscribe("room:1")
            assert broker.publish("palabre:room:1", b"%d" % number) == 1
            await first
            await bus.unsubscribe("room:1")


async def test_close_leaves_no_connection(broker: Broker) -> None:
    async with on(broker) as (bus, _ear):
        await bus.subscribe("room:1")
    wait_until(lambda: broker.connections() == 0, "both connections closed")


@pytest.mark.parametrize("state", ["away", "silent"])
async def test_close_does_not_wait_for_the_broker(broker: Broker, state: str) -> None:
    async with on(broker) as (bus, _ear):
        await bus.subscribe("room:1")
        broker.stop() if state == "away" else broker.suspend()
        async with asyncio.timeout(HUNG / 6):
            await bus.close()
        if state == "silent":
            broker.resume()


async def test_close_in_the_moment_in_which_the_broker_is_lost() -> None:
    """A task group that is cancelled while one of its tasks fails tells of the failure only: the bus came back instead of closing."""
    for turns in range(8):
        with RedisServer() as redis_server:
            async with on(redis_server) as (bus, _ear):
                redis_server.kill()
                for _ in range(turns):
                    await asyncio.sleep(0)
                async with asyncio.timeout(HUNG / 6):
                    await bus.close()


async def test_a_closing_that_is_cancelled_leaves_no_connection(redis_server: RedisServer) -> None:
    """redis-py's own, cancelled, forgot the socket: a deadline over it left one to the garbage collector."""
    for turns in range(1, 7):
        client = Redis.from_url(redis_server.url, protocol=2, socket_connect_timeout=1)
        pubsub = client.pubsub()
        await pubsub.subscribe("palabre:room:1")
        await client.ping()
        closing = asyncio.create_task(close(client, pubsub))
        for _ in range(turns):
            await asyncio.sleep(0)
        closing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await closing
        wait_until(lambda: redis_server.connections() == 0, f"both connections closed, cancelled after {turns} turns")


async def test_a_closing_that_fails_is_over(redis_server: RedisServer) -> None:
    """The network may be so slow that even good-bye is not taken; nobody is there to be told."""

    class Stuck(Redis):
        async def aclose(self, close_connection_pool: bool | None = None) -> None:
            await super().aclose(close_connection_pool)
            raise BrokerSlowError("expected the peer to take the close within 1 s")

    await close(Stuck.from_url(redis_server.url, protocol=2, socket_connect_timeout=1))


# A cluster


async def test_channels_are_shared_out_over_the_nodes(cluster: RedisCluster) -> None:
    async with on(cluster) as (bus, ear):
        await asyncio.gather(*(bus.subscribe(f"room:{number}") for number in range(300)))
        shares = [len(node.channels()) for node in cluster.nodes]
        assert sum(shares) == 300
        assert all(share > 50 for share in shares)
        for number in range(300):
            bus.publish(f"room:{number}", b"ring")
        await ear.until(lambda: len(ear.heard_messages) == 300)
        assert cluster.connections() <= most_connections(cluster)


async def rings(bus: Bus, ear: Ear, channel: str, message: bytes) -> None:
    """A bell may be lost while its ringer is being told that a slot has moved; then it is rung again, and arrives."""
    for _ in range(20):
        bus.publish(channel, message)
        with contextlib.suppress(TimeoutError):
            await ear.until(lambda: (channel, message) in ear.heard_messages, seconds=1)
            return
    raise AssertionError(f"{message!r} was rung on {channel} twenty times and never heard")


async def test_a_channel_is_followed_to_the_node_that_its_slot_moves_to(cluster: RedisCluster) -> None:
    """The hearers are in doubt until they are there, so what is lost meanwhile is looked up in the journal."""
    async with on(cluster) as (hearer, ear), on(cluster) as (other, _):
        await hearer.subscribe("room:1")
        await hearer.subscribe("room:2")
        for turn in range(3):
            new = await asyncio.to_thread(cluster.move, "palabre:room:1")
            await ear.until(lambda: ear.doubts.count(False) > turn + 1)  # noqa: B023  # awaited in its round
            await asyncio.to_thread(wait_until, lambda: new.channels().count("palabre:room:1") == 1, "subscribed there")  # noqa: B023
            await rings(other, ear, "room:1", b"%d" % turn)
        await rings(other, ear, "room:2", b"stayed")
        assert ear.doubts[-1] is False
        heard = [message for channel, message in ear.heard_messages if channel == "room:1"]
        assert list(dict.fromkeys(heard)) == [b"0", b"1", b"2"]


async def test_one_node_that_is_gone_is_doubted_and_the_others_go_on(cluster: RedisCluster) -> None:
    async with on(cluster) as (bus, ear):
        await asyncio.gather(*(bus.subscribe(f"room:{number}") for number in range(30)))
        gone = cluster.home("palabre:room:1")
        there = next(f"room:{number}" for number in range(30) if cluster.home(f"palabre:room:{number}") is not gone)
        await asyncio.to_thread(gone.kill)
        await ear.unsure()
        bus.publish(there, b"still heard")
        await ear.hears(there, b"still heard")
        async with asyncio.timeout(HUNG / 6):
            await bus.subscribe("room:1")  # nobody waits for a node that is away
        await asyncio.to_thread(cluster.heal)
        await ear.sure()
        for number in range(30):
            bus.publish(f"room:{number}", b"all are back")
            await ear.hears(f"room:{number}", b"all are back")


async def test_a_node_that_was_not_there_at_the_start_is_no_hindrance(cluster: RedisCluster) -> None:
    url = cluster.url.replace("://", f"://127.0.0.1:{free_port()},")
    async with opened(RedisClusterBus(url)) as (bus, ear):
        await ear.sure()
        await bus.subscribe("room:1")
        bus.publish("room:1", b"heard")
        await ear.hears("room:1", b"heard")


async def test_a_server_that_is_no_cluster_is_said_to_be_none(
    redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(RedisClusterBus(redis_server.url.replace("redis:", "redis+cluster:"))) as (bus, ear):
        await bus.subscribe("room:1")
        await asyncio.to_thread(wait_until, lambda: "cluster support disabled" in caplog.text, "the reason")
        assert ear.doubts == [True]
