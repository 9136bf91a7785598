"""The HTTP side's bounds, on both event loops."""

import asyncio
import logging
from typing import Any

import pytest

from tests.wire.harness import QUICK, raw, serve, upgrade_request

CALM = QUICK._replace(head=60, body=60, stall=60, close=60)
GET = b"GET / HTTP/1.1\r\nhost: palabre\r\n\r\n"


def post(body: bytes, more: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\nhost: palabre\r\n%scontent-length: %d\r\n\r\n%s" % (more, len(body), body)


async def test_requests_are_answered_one_after_the_other_on_one_connection() -> None:
    async with serve(CALM) as server, raw(server) as client:
        for body in (b"", b"." * 1000, b"." * CALM.body_bytes):
            client.writer.write(post(body))
            assert (await client.reader.readuntil(b" bytes")).endswith(b"\r\n\r\n%d bytes" % len(body))


async def test_requests_may_be_pipelined() -> None:
    async with serve(CALM) as server, raw(server) as client:
        client.writer.write(b"".join(post(b"." * size) for size in range(40)))
        for size in range(40):
            assert (await client.reader.readuntil(b" bytes")).endswith(b"\r\n\r\n%d bytes" % size)


async def test_a_connection_that_served_a_page_may_become_a_websocket() -> None:
    async with serve(CALM) as server, raw(server) as client:
        client.writer.write(GET)
        await client.reader.readuntil(b" bytes")
        client.writer.write(upgrade_request(server.port))
        assert (await client.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        assert len(server.receivers.all) == 1


@pytest.mark.parametrize(
    "endless",
    [
        pytest.param([b"GET / HTTP/1.1\r\n", b"x: y\r\n"], id="headers"),
        pytest.param([b"GET / HTTP/1.1\r\nx: ", b"." * 64], id="one header"),
        pytest.param([b"GET /", b"." * 64], id="a target"),
        pytest.param([b"GET /ws HTTP/1.1\r\nupgrade: websocket\r\n", b"x: y\r\n"], id="a handshake"),
    ],
)
async def test_a_head_without_end_is_refused_at_its_bound(
    endless: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "palabre.wire")
    async with serve(CALM) as server, raw(server) as client:
        start, more = endless
        client.writer.write((start + more * 10_000)[: CALM.head_bytes + 1])
        assert (await client.ended()).startswith(b"HTTP/1.1 431 ")
    assert caplog.messages == ["a request of 127.0.0.1 refused with 431: expected a head of at most 16384 bytes"]


async def test_the_largest_head_passes() -> None:
    async with serve(CALM) as server, raw(server) as client:
        head = GET[:-2] + b"x: \r\n\r\n"
        client.writer.write(GET[:-2] + b"x: " + b"." * (CALM.head_bytes - len(head)) + b"\r\n\r\n")
        assert (await client.reader.readuntil(b" bytes")).startswith(b"HTTP/1.1 200 ")


async def test_a_refusal_arrives_over_megabytes_that_are_still_being_sent() -> None:
    async with serve(CALM) as server, raw(server) as client:
        client.writer.write(b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 500_000)
        assert b"HTTP/1.1 431 " in await client.reader.readuntil(b"}")


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(post(b"." * 65_537), id="announced"),
        pytest.param(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9999999999\r\n\r\n", id="announced and not sent"),
        pytest.param(
            b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
            + b"1000\r\n%s\r\n" % (b"." * 4096) * 17,
            id="in chunks",
        ),
    ],
)
async def test_a_body_over_its_bound_is_refused(request_bytes: bytes) -> None:
    async with serve(CALM) as server, raw(server) as client:
        client.writer.write(request_bytes)
        answer = await client.reader.readuntil(b"}")
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b'"too_large"' in answer


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\r\n\r\n", id="empty lines"),
        pytest.param(b"GET / HT", id="half a line"),
        pytest.param(b"GET /ws HTTP/1.1\r\nupgrade: websocket\r\nx", id="half a handshake"),
        pytest.param(post(b"..")[:-1], id="half a body"),
        pytest.param(GET + b"GET / HT", id="half a second request"),
    ],
)
async def test_who_stops_in_the_middle_is_not_waited_for(beginning: bytes) -> None:
    async with serve(QUICK, timeout_keep_alive=60) as server, raw(server) as client:
        client.writer.write(beginning)
        assert b"HTTP/1.1 408 " in await client.ended()


async def test_a_loris_that_sends_a_byte_now_and_then_is_not_waited_for() -> None:
    async with serve() as server, raw(server) as client:
        gone = asyncio.create_task(client.ended())
        client.writer.write(b"GET / HTTP/1.1\r\n")
        while not gone.done():
            client.writer.write(b"x")
            await asyncio.wait([gone], timeout=QUICK.tick)
        assert b" 408 " in await gone


async def test_an_idle_connection_ends_as_uvicorn_says() -> None:
    async with serve(CALM, timeout_keep_alive=0) as server, raw(server) as client:
        client.writer.write(GET)
        assert b"HTTP/1.1 200 " in await client.ended()


async def test_an_app_may_take_its_time() -> None:
    """No deadline of the request holds while its answer is being made."""
    called, go = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        called.set()
        await go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    limits = QUICK._replace(head=0.5, body=0.5)
    async with serve(limits, slow) as server, raw(server) as client:
        client.writer.write(GET)
        await called.wait()
        async with raw(server) as other:  # whose deadline is the later one
            assert b" 408 " in await other.ended()
        go.set()
        assert b" 200 " in await client.reader.readuntil(b"\r\n\r\n")


async def test_an_upgrade_behind_an_unanswered_request_is_refused() -> None:
    """uvicorn would let the answer's bytes run into the WebSocket's."""

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async with serve(CALM, slow) as server, raw(server) as client:
        client.writer.write(GET + upgrade_request(server.port))
        assert (await client.reader.readuntil(b"}")).startswith(b"HTTP/1.1 400 ")
        assert server.receivers.all == []


@pytest.mark.parametrize("size", [20_000_000, 3_000_000])
async def test_who_does_not_read_an_answer_is_dropped(size: int) -> None:
    lost = asyncio.Event()

    async def generous(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % size)]})
        for _ in range(size // 10_000):
            await send({"type": "http.response.body", "body": b"." * 10_000, "more_body": True})
        await send({"type": "http.response.body"})
        assert (await receive())["type"] == "http.disconnect"
        lost.set()

    async with serve(QUICK._replace(stall=0.05), generous) as server, raw(server, limit=1024) as client:
        client.writer.write(GET.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
        await server.gone()
        await lost.wait()


async def test_the_app_of_a_refused_body_learns_that_the_client_has_gone() -> None:
    told: list[str] = []
    done = asyncio.Event()

    async def curious(scope: Any, receive: Any, send: Any) -> None:
        while not told or told[-1] != "http.disconnect":
            told.append((await receive())["type"])
        done.set()

    async with serve(CALM, curious) as server, raw(server) as client:
        chunk = b"1000\r\n%s\r\n" % (b"." * 4096)
        client.writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" + chunk * 17)
        assert (await client.reader.readuntil(b"}")).startswith(b"HTTP/1.1 413 ")
        await done.wait()
        assert server.uvicorn.server_state.tasks == set()


@pytest.mark.parametrize("nonsense", [b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0" * 5000])
async def test_what_is_no_http_is_refused_and_nothing_is_left(nonsense: bytes) -> None:
    async with serve(CALM) as server:
        async with raw(server) as client:
            client.writer.write(nonsense)
            assert (await client.ended()).startswith(b"HTTP/1.1 400 ")
        await server.gone()


async def test_a_stopping_server_does_not_wait_for_half_a_request() -> None:
    async with serve(CALM) as server, raw(server) as client:
        client.writer.write(b"GET / HT")
        await server.stop()
        assert server.connections == set()
