"""Hundreds at once of what one alone may do: each has an end, others have their turn, and nothing of them stays."""

import asyncio
import contextlib

from websockets.frames import Opcode

from tests.services import Cable
from tests.wire.harness import QUICK, Client, Server, connected, raw, serve, upgrade_request
from tests.wire.test_websocket import CALM, answers

CROWD = 200


async def nothing_stays(server: Server) -> None:
    await server.gone()
    assert len(server.shared.sweeper) == 0
    assert all(told.told[-1:] == [("closed",)] for told in server.receivers.all)


async def test_handshakes_that_stop_halfway() -> None:
    async with serve() as server, contextlib.AsyncExitStack() as crowd:
        lorises = [await crowd.enter_async_context(raw(server)) for _ in range(CROWD)]
        for n, loris in enumerate(lorises):
            head = upgrade_request(server.port)
            loris.writer.write(head[: 1 + n % (len(head) - 3)])
        async with connected(server) as other:
            await answers(other, server)
        for loris in lorises:
            assert b" 408 " in await loris.ended()
        assert len(server.receivers.all) == 1
        await nothing_stays(server)


async def test_peers_that_are_gone_without_a_sign() -> None:
    """Half-open: the network swallows what is sent, both ways. With the real times that takes 41 s at most (test_limits)."""
    async with serve() as server, Cable(server.port) as cable, contextlib.AsyncExitStack() as crowd:
        for _ in range(CROWD // 4):
            await crowd.enter_async_context(connected(cable))
        began = asyncio.get_running_loop().time()
        cable.freeze()
        await nothing_stays(server)
        # A machine with other work is slow, and yet far from the times of a kernel, which are minutes.
        assert asyncio.get_running_loop().time() - began < 20 * (2 * QUICK.ping + QUICK.tick)


async def test_closing_handshakes_that_never_end() -> None:
    """Half of them are begun by us, half by the peer, who then neither hangs up nor falls silent."""
    async with serve() as server, contextlib.AsyncExitStack() as crowd:
        clients = [await crowd.enter_async_context(connected(server)) for _ in range(CROWD)]
        for n, client in enumerate(clients):
            if n % 2:
                client.send(Opcode.CLOSE, b"\x03\xe8")
            else:
                server.receivers.all[n].peer.close(1000, "")
        talking = asyncio.create_task(_talk_on(clients))
        await nothing_stays(server)
        talking.cancel()


async def test_endless_messages_of_nothing() -> None:
    """Fragments without a byte and without an end, from all at once: each is told so, and no parser keeps them."""
    async with serve(CALM) as server, contextlib.AsyncExitStack() as crowd:
        clients = [await crowd.enter_async_context(connected(server)) for _ in range(CROWD)]
        for client in clients:
            client.send(Opcode.BINARY, fin=False)
            for _ in range(200):
                client.send(Opcode.CONT, fin=False)
        closes = await asyncio.gather(*(client.close_frame() for client in clients))
        assert {close.code for close in closes} == {1008}
        async with connected(server) as other:
            await answers(other, server)
    assert len(server.shared.parsers) <= 1


async def _talk_on(clients: list[Client]) -> None:
    while True:
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(Opcode.BINARY, b"and another thing")
        await asyncio.sleep(QUICK.tick)
