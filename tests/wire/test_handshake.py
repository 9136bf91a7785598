import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.version import JSON, MSGPACK
from server.wire.encoding import BINARY, TEXT
from server.wire.handshake import Handshake, handshake
from tests.wire.harness import raw, serve, upgrade_request

PORT = 8000
HOST = f"127.0.0.1:{PORT}"


def answer(
    request: bytes,
    *,
    admits: Callable[[str], bool] = lambda address: True,
    forwarded: Callable[[str, list[str]], str] = lambda client, chain: chain[0] if chain else client,
) -> Handshake:
    return handshake(
        request,
        "198.51.100.1",
        forwarded,
        lambda client, said: False,
        lambda origin, host, by_tls: origin is None or origin == f"http://{host}",
        admits,
    )


def test_an_upgrade_is_answered_as_the_rfc_says() -> None:
    """RFC 6455, 1.3: the key and the accept value of its example."""
    shaken = answer(upgrade_request(PORT, sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ=="))
    assert shaken.answer.startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in shaken.answer
    assert b"Sec-WebSocket-Protocol: palabre.v1.msgpack\r\n" in shaken.answer
    assert shaken.encoding is BINARY


def test_no_extension_is_accepted_because_frames_are_shared() -> None:
    shaken = answer(upgrade_request(PORT, sec_websocket_extensions="permessage-deflate; client_max_window_bits"))
    assert shaken.encoding is BINARY
    assert b"extensions" not in shaken.answer.lower()


@pytest.mark.parametrize(
    ("offered", "encoding"),
    [(MSGPACK, BINARY), (JSON, TEXT), (f"{JSON}, {MSGPACK}", BINARY), (f"soap, {JSON}", TEXT)],
)
def test_the_subprotocol_decides_the_form(offered: str, encoding: object) -> None:
    assert answer(upgrade_request(PORT, protocols=offered)).encoding is encoding


@pytest.mark.parametrize(
    ("request_bytes", "status", "code", "words"),
    [
        (upgrade_request(PORT, path="/"), 404, "not_found", "at /ws"),
        (upgrade_request(PORT, path="/ws/"), 404, "not_found", "at /ws"),
        (upgrade_request(PORT, path="http://elsewhere/ws"), 404, "not_found", "at /ws"),
        (upgrade_request(PORT, protocols=None), 400, "invalid", "missing subprotocol"),
        (upgrade_request(PORT, protocols="soap"), 400, "invalid", "palabre.v1.msgpack, palabre.v1.json"),
        (upgrade_request(PORT, protocols="(,"), 400, "invalid", "Sec-WebSocket-Protocol"),
        (upgrade_request(PORT, origin="http://evil.example"), 403, "origin", "Origin"),
        (upgrade_request(PORT, origin="null"), 403, "origin", "Origin"),
        (upgrade_request(PORT, sec_websocket_version="8"), 400, "invalid", "Sec-WebSocket-Version"),
        (upgrade_request(PORT, sec_websocket_key="short"), 400, "invalid", "Sec-WebSocket-Key"),
        (upgrade_request(PORT, upgrade="h2c"), 426, "invalid", "Upgrade"),
        (upgrade_request(PORT).replace(b"GET", b"POST", 1), 405, "invalid", "POST"),
        (upgrade_request(PORT).replace(b"HTTP/1.1", b"HTTP/1.0", 1), 505, "invalid", "HTTP/1.0"),
        (upgrade_request(PORT).replace(b"host:", b"not-host:", 1), 400, "invalid", "one Host header; got 0"),
        (upgrade_request(PORT).replace(b"upgrade:", b"host: b\r\nupgrade:", 1), 400, "invalid", "Host header; got 2"),
        (
            upgrade_request(PORT, origin="http://a").replace(b"origin:", b"origin: http://b\r\norigin:", 1),
            400,
            "invalid",
            "Origin",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_words(request_bytes: bytes, status: int, code: str, words: str) -> None:
    shaken = answer(request_bytes)
    assert shaken.encoding is None
    head, _, body = shaken.answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert f"Content-Length: {len(body)}".encode() in head
    error = json.loads(body)
    assert (error["code"], error["retry"]) == (code, False)
    assert words in error["text"]


def test_a_full_server_says_that_a_retry_may_succeed() -> None:
    shaken = answer(upgrade_request(PORT), admits=lambda address: False)
    assert shaken.encoding is None
    assert shaken.answer.startswith(b"HTTP/1.1 503 ")
    assert json.loads(shaken.answer.partition(b"\r\n\r\n")[2]) == {
        "code": "full",
        "text": "the server holds as many connections as it may",
        "retry": True,
    }


def test_a_page_of_this_host_and_whoever_is_no_browser_may_connect() -> None:
    assert answer(upgrade_request(PORT, origin=f"http://{HOST}")).encoding is BINARY
    assert answer(upgrade_request(PORT)).encoding is BINARY


def test_the_address_is_what_the_proxies_say() -> None:
    asked: list[str] = []

    def admits(address: str) -> bool:
        asked.append(address)
        return True

    shaken = answer(upgrade_request(PORT, x_forwarded_for="203.0.113.7"), admits=admits)
    assert (shaken.address, asked) == ("203.0.113.7", ["203.0.113.7"])


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_without_an_exception(request_bytes: bytes) -> None:
    shaken = answer(request_bytes)
    assert shaken.encoding is None
    assert shaken.answer.startswith(b"HTTP/1.1 ")


_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)


@given(
    st.dictionaries(
        st.sampled_from(
            ["host", "upgrade", "connection", "origin", "sec_websocket_key", "sec_websocket_version", "x_forwarded_for"]
        ),
        _values,
    ),
    _values,
)
def test_any_header_values_are_accepted_or_refused_without_an_exception(headers: dict[str, str], offered: str) -> None:
    shaken = answer(upgrade_request(PORT, protocols=offered, **headers))
    assert shaken.answer.startswith(b"HTTP/1.1 101 ") == (shaken.encoding is not None)


# Over a socket


async def test_a_refusal_arrives_whole_and_the_connection_is_closed() -> None:
    async with serve() as server, raw(server) as client:
        client.writer.write(upgrade_request(server.port, path="/elsewhere"))
        answer = await client.ended()
        assert answer.startswith(b"HTTP/1.1 404 ")
        assert answer.endswith(b"}")
        assert server.receivers.all == []
        await server.gone()


async def test_origin_and_host_reach_the_receivers() -> None:
    async with serve() as server, raw(server) as client:
        client.writer.write(upgrade_request(server.port, origin="http://evil.example"))
        assert (await client.ended()).startswith(b"HTTP/1.1 403 ")
        assert server.receivers.origins == [("http://evil.example", f"127.0.0.1:{server.port}")]


async def test_a_full_server_makes_no_session() -> None:
    async with serve() as server, raw(server) as client:
        server.receivers.full = True
        client.writer.write(upgrade_request(server.port))
        assert (await client.ended()).startswith(b"HTTP/1.1 503 ")
        assert server.receivers.all == []
