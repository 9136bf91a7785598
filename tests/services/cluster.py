"""A Redis Cluster of three nodes on loopback, without replicas: what falls over here comes back by itself or not at all."""

import contextlib
from types import TracebackType
from typing import Final, Self

from redis.crc import key_slot

from tests.services.process import free_port, wait_until
from tests.services.redis import RedisServer

SLOTS: Final = 16_384


class RedisCluster:
    """The part of `RedisServer` that tests of a bus use, done to all nodes at once; and each node by itself."""

    def __init__(self, nodes: int = 3) -> None:
        self.nodes = [
            RedisServer({"cluster-enabled": "yes", "cluster-node-timeout": "500", "cluster-port": str(free_port())})
            for _ in range(nodes)
        ]

    def __enter__(self) -> Self:
        for node in self.nodes:
            node.launch()
        share = SLOTS // len(self.nodes)
        for n, node in enumerate(self.nodes):
            node.wait_ready()
            last = SLOTS if node is self.nodes[-1] else (n + 1) * share
            with node.client() as client:
                client.execute_command("CLUSTER ADDSLOTSRANGE", n * share, last - 1)
                client.execute_command("CONFIG SET cluster-announce-ip 127.0.0.1")
                client.execute_command("CLUSTER SET-CONFIG-EPOCH", n + 1)
                for other in self.nodes[:n]:
                    client.execute_command("CLUSTER MEET", "127.0.0.1", other.port, other.settings["cluster-port"])
        self.wait_whole()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with contextlib.ExitStack() as all_of_them:
            for node in self.nodes:
                all_of_them.push(node)

    @property
    def url(self) -> str:
        return f"redis+cluster://127.0.0.1:{self.nodes[0].port},127.0.0.1:{self.nodes[-1].port}"

    def start(self) -> None:
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait_ready()
        self.wait_whole()

    def heal(self) -> None:
        """Whatever was done to it, it is whole again; a cluster takes two seconds to be made, so tests share one."""
        for node in self.nodes:
            if not node.is_alive():
                node.launch()
            node.resume()
        for node in self.nodes:
            node.wait_ready()
        self.wait_whole()

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def kill(self) -> None:
        for node in self.nodes:
            node.kill()

    def suspend(self) -> None:
        for node in self.nodes:
            node.suspend()

    def resume(self) -> None:
        for node in self.nodes:
            node.resume()

    def channels(self) -> list[str]:
        return [channel for node in self.nodes for channel in node.channels()]

    def publish(self, channel: str, message: bytes) -> int:
        with self.home(channel).client() as client:
            return int(client.execute_command("SPUBLISH", channel, message))

    def connections(self) -> int:
        return sum(node.connections() for node in self.nodes)

    # Slots.

    def home(self, channel: str) -> RedisServer:
        """The node that has the channel's slot."""
        slot = key_slot(channel.encode())
        for node in self.nodes:
            if any(first <= slot <= last for first, last in _slots(node)):
                return node
        raise AssertionError(f"nobody has slot {slot}")

    def move(self, channel: str) -> RedisServer:
        """Give the channel's slot to another node, as a resharding does with an empty one; returns the new home."""
        slot, old = key_slot(channel.encode()), self.home(channel)
        new = self.nodes[(self.nodes.index(old) + 1) % len(self.nodes)]
        for node in (new, old, *self.nodes):
            with node.client() as client:
                client.execute_command("CLUSTER SETSLOT", slot, "NODE", _id(new))
        return new

    def wait_whole(self) -> None:
        """Returns once every node says that all slots are served, and by whom."""
        wait_until(lambda: all(map(self._is_whole, self.nodes)), "a whole cluster")

    def _is_whole(self, node: RedisServer) -> bool:
        with node.client() as client:
            known: dict[str, str] = client.execute_command("CLUSTER INFO")
            return known["cluster_state"] == "ok" and known["cluster_size"] == str(len(self.nodes))


def _id(node: RedisServer) -> str:
    with node.client() as client:
        return str(client.execute_command("CLUSTER MYID"))


def _slots(node: RedisServer) -> list[tuple[int, int]]:
    with node.client() as client:
        rows: list[tuple[int, int, list[object]]] = client.execute_command("CLUSTER SLOTS")
    return [(first, last) for first, last, primary, *_ in rows if primary[1] == node.port]
