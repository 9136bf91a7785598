"""Connections are bounded all together, and who waits longest gives way: there is always room for a balancer's question."""

import contextlib
import logging

import pytest

from server.wire.admission import Uploads
from server.wire.limits import LargeBody
from tests.wire.harness import Client, Server, connected, raw, serve
from tests.wire.test_http import GET
from tests.wire.test_websocket import CALM

FEW = CALM._replace(sockets=20)


async def is_served(server: Server) -> None:
    async with raw(server) as client:
        client.writer.write(GET)
        assert (await client.reader.readuntil(b" bytes")).startswith(b"HTTP/1.1 200 ")


async def half_a_request(crowd: contextlib.AsyncExitStack, server: Server) -> Client:
    client = await crowd.enter_async_context(raw(server))
    client.writer.write(b"G")
    return client


async def test_whoever_waits_longest_gives_way(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "palabre.wire")
    async with serve(FEW) as server, contextlib.AsyncExitStack() as crowd:
        socket = await crowd.enter_async_context(connected(server))
        for _ in range(10 * FEW.sockets):
            await half_a_request(crowd, server)
        await is_served(server)
        assert len(server.connections) <= FEW.sockets + 1
        assert socket.reader.at_eof() is False
        assert len(server.receivers.all) == 1
        assert server.receivers.all[0].told == []
    # One line, whatever the number.
    assert caplog.messages == ["a connection of 127.0.0.1 gave way to others"]


async def test_an_idle_connection_gives_way_before_one_that_came_later() -> None:
    async with serve(FEW, timeout_keep_alive=60) as server, contextlib.AsyncExitStack() as crowd:
        first = await half_a_request(crowd, server)
        clients = [await half_a_request(crowd, server) for _ in range(FEW.sockets - 1)]
        await is_served(server)
        assert await first.ended() == b""
        clients[-1].writer.write(GET[1:])
        assert (await clients[-1].reader.readuntil(b" bytes")).startswith(b"HTTP/1.1 200 ")


async def test_where_nobody_can_give_way_the_newest_is_told_so() -> None:
    async with serve(FEW) as server, contextlib.AsyncExitStack() as crowd:
        for _ in range(FEW.sockets):
            await crowd.enter_async_context(connected(server))
        async with raw(server) as client:
            assert b'"full"' in await client.ended()
        assert all(receiver.told == [] for receiver in server.receivers.all)


async def test_nothing_is_kept_of_connections_that_are_gone() -> None:
    async with serve(FEW) as server:
        async with contextlib.AsyncExitStack() as crowd:
            for _ in range(FEW.sockets // 2):
                await half_a_request(crowd, server)
            await is_served(server)
        await server.gone()
        assert len(server.shared.crowd) == 0


def test_large_bodies_take_places() -> None:
    uploads, kind = Uploads(), LargeBody(1_000_000, at_once=3, of_one=2)
    assert [uploads.begin(kind, "192.0.2.1") for _ in range(3)] == [True, True, False]
    assert [uploads.begin(kind, "192.0.2.2") for _ in range(2)] == [True, False]
    uploads.end(kind, "192.0.2.1")
    assert uploads.begin(kind, "192.0.2.3")
    assert len(uploads) == 3
