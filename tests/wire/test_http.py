"""The HTTP side's bounds, on both event loops."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from server.wire.limits import LargeBody
from tests.wire.harness import QUICK, nothing_here, raw, serve, upgrade_request

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
    ("endless", "most"),
    [
        pytest.param([b"GET / HTTP/1.1\r\n", b"x: y\r\n"], "128 headers", id="headers"),
        pytest.param([b"GET / HTTP/1.1\r\nx: ", b"." * 64], "16384 bytes", id="one header"),
        pytest.param([b"GET /", b"." * 64], "16384 bytes", id="a target"),
        pytest.param([b"GET /ws HTTP/1.1\r\nupgrade: websocket\r\n", b"x: y\r\n"], "128 headers", id="a handshake"),
    ],
)
async def test_a_head_without_end_is_refused_at_its_bound(
    endless: list[bytes], most: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "palabre.wire")
    async with serve(CALM) as server, raw(server) as client:
        start, more = endless
        client.writer.write((start + more * 10_000)[: CALM.head_bytes + 1])
        assert (await client.ended()).startswith(b"HTTP/1.1 431 ")
    assert caplog.messages == [f"a request of 127.0.0.1 refused with 431: expected a head of at most {most}"]


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


CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "endless",
    [
        pytest.param([b"0\r\n", b"a:b\r\n"], id="trailers"),
        pytest.param([b"0\r\na: ", b"." * 64], id="one trailer"),
        pytest.param([b"5;", b"." * 64], id="a chunk extension"),
        pytest.param([b"", b"1;" + b"x" * 60 + b"\r\n.\r\n"], id="an extension for each byte"),
        pytest.param([b"", b"1\r\n.\r\n"], id="a chunk for each byte"),
        pytest.param([b"", b"0" * 64], id="the size of a chunk"),
    ],
)
async def test_what_surrounds_a_body_is_counted_too(endless: list[bytes]) -> None:
    """From the beginning of a message to its end no byte is free: an app that never answers is no excuse."""
    size = 2 * CALM.head_bytes + CALM.body_bytes // 8

    async def patient(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async with serve(CALM, patient) as server, raw(server) as client:
        start, more = endless
        client.writer.write(CHUNKED + (start + more * 10_000)[:size])
        assert (await client.ended()).startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))


async def test_trailers_are_read_over() -> None:
    """An application that has looked at the headers must not find others there later."""
    seen: list[Any] = []

    async def curious(scope: Any, receive: Any, send: Any) -> None:
        await nothing_here(scope, receive, send)
        seen.extend(scope["headers"])

    async with serve(CALM, curious) as server, raw(server) as client:
        client.writer.write(CHUNKED + b"2\r\n..\r\n0\r\nx-forwarded-for: 192.0.2.1\r\n\r\n" + GET)
        assert (await client.reader.readuntil(b" bytes")).endswith(b"\r\n\r\n2 bytes")
        assert (await client.reader.readuntil(b" bytes")).endswith(b"\r\n\r\n0 bytes")
    assert seen == [(b"host", b"x"), (b"transfer-encoding", b"chunked"), (b"host", b"palabre")]


async def test_a_body_in_chunks_of_any_sensible_size_passes() -> None:
    async with serve(CALM) as server, raw(server) as client:
        client.writer.write(CHUNKED + b"40\r\n%s\r\n" % (b"." * 64) * (CALM.body_bytes // 64) + b"0\r\n\r\n")
        assert (await client.reader.readuntil(b" bytes")).endswith(b"\r\n\r\n65536 bytes")


async def test_a_head_has_so_many_headers() -> None:
    async with serve(CALM) as server, raw(server) as client:
        client.writer.write(GET[:-2] + b"a:b\r\n" * (CALM.headers - 1) + b"\r\n")
        assert (await client.reader.readuntil(b" bytes")).startswith(b"HTTP/1.1 200 ")
        client.writer.write(GET[:-2] + b"a:b\r\n" * CALM.headers + b"\r\n")
        assert (await client.ended()).startswith(b"HTTP/1.1 431 ")


async def test_so_many_requests_wait_behind_one_that_is_not_answered() -> None:
    """Each of them costs a hundred times its eighteen bytes."""
    called = 0

    async def patient(scope: Any, receive: Any, send: Any) -> None:
        nonlocal called
        called += 1
        while (await receive())["type"] != "http.disconnect":
            pass

    async with serve(CALM, patient) as server, raw(server) as client:
        client.writer.write(GET * (CALM.requests + 1))
        assert b'"rate_limited"' in await client.ended()
    assert called == 1


BIG = b"POST /big HTTP/1.1\r\nhost: palabre\r\ncontent-length: %d\r\n\r\n"
LARGE = CALM._replace(large_bodies={("POST", "/big"): LargeBody(1_000_000, rate=1, at_once=2, of_one=2)})


async def test_a_route_may_take_a_larger_body() -> None:
    async with serve(LARGE) as server, raw(server) as client:
        for size in (10, 1_000_000, 10, 65_537):
            client.writer.write(BIG % size + b"." * size)
            assert (await client.reader.readuntil(b" bytes")).endswith(b"\r\n\r\n%d bytes" % size)
            assert len(server.shared.uploads) == 0
        client.writer.write(post(b"." * 65_537))
        assert (await client.ended()).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(BIG % 1_000_001, id="announced"),
        pytest.param(CHUNKED.replace(b"/", b"/big", 1) + b"1000\r\n%s\r\n" % (b"." * 4096) * 245, id="in chunks"),
        pytest.param((BIG % 65_537).replace(b"POST", b"PUT"), id="another method"),
        pytest.param((BIG % 65_537).replace(b"/big", b"/big/"), id="another path"),
        pytest.param(GET + BIG % 65_537, id="behind a request that is not answered"),
    ],
)
async def test_a_larger_body_has_its_bound_too(request_bytes: bytes) -> None:
    async with serve(LARGE) as server, raw(server) as client:
        client.writer.write(request_bytes)
        assert b"HTTP/1.1 413 " in await client.ended()
        await client.close()
        await until(lambda: len(server.shared.uploads) == 0)


async def test_a_large_body_that_comes_has_more_time_than_others() -> None:
    limits = LARGE._replace(body=0.2)
    async with serve(limits) as server, raw(server) as client:
        client.writer.write(BIG % 65_538 + b"." * 65_537)
        for _ in range(2):
            async with raw(server) as other:  # whose deadline is the later one
                other.writer.write(post(b"..")[:-1])
                assert b" 408 " in await other.ended()
        client.writer.write(b".")
        assert (await client.reader.readuntil(b" bytes")).endswith(b"\r\n\r\n65538 bytes")


async def test_a_large_body_that_does_not_come_is_not_waited_for() -> None:
    kind = LargeBody(1_000_000, rate=10_000_000, at_once=2, of_one=2)
    async with serve(QUICK._replace(large_bodies={("POST", "/big"): kind})) as server, raw(server) as client:
        client.writer.write(BIG % 65_538 + b"." * 65_537)
        told = await client.ended()
        assert b" 408 " in told
        assert b'"code": "unavailable", "text": "expected 10000000 bytes of the body each second"' in told
        assert len(server.shared.uploads) == 1, "until its application has let go of what came"
    assert len(server.shared.uploads) == 0


async def test_large_bodies_are_few_at_once() -> None:
    async with serve(LARGE) as server, raw(server) as first, raw(server) as second, raw(server) as third:
        for client in (first, second):
            client.writer.write(BIG % 65_537)
        await until(lambda: len(server.shared.uploads) == 2)
        third.writer.write(BIG % 65_537)
        assert b'"rate_limited"' in await third.ended()
        first.writer.write(b"." * 65_537)
        assert (await first.reader.readuntil(b" bytes")).endswith(b"\r\n\r\n65537 bytes")
        async with raw(server) as fourth:
            fourth.writer.write(BIG % 65_537 + b"." * 65_537)
            assert (await fourth.reader.readuntil(b" bytes")).endswith(b"\r\n\r\n65537 bytes")
        await second.close()
        await until(lambda: len(server.shared.uploads) == 0)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # nobody is told of it
            await asyncio.sleep(0)


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
        told = await client.ended()
    assert b"HTTP/1.1 408 " in told
    part, seconds = ("body", QUICK.body) if beginning.startswith(b"POST") else ("head", QUICK.head)
    answer = json.loads(told[told.index(b'{"code') :])
    assert answer == {
        "code": "unavailable",
        "text": f"expected the {part} of a request within {seconds:g} s",
        "retry": True,
    }


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
