"""The cases of the Autobahn test suite (crossbario/autobahn-testsuite), as a table: what is sent, what must come back.

The suite itself needs Python 2 or a container. Its numbers stand before the cases; those of its groups 12 and 13 (compression) have no
object here: the extension is never negotiated, and what uses it all the same is refused. Invalid UTF-8 is refused when its
message ends, which the suite calls non-strict; nothing of it is delivered. Each case is sent at once and octet by octet.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pytest
from websockets.frames import Close, CloseCode, Frame, Opcode

from protocol.version import FRAME_BYTES, JSON, MSGPACK
from tests.wire.harness import Receiver, connected, serve
from tests.wire.test_websocket import CALM

TEXT, BINARY, CONT, PING, PONG, CLOSE = (
    Opcode.TEXT,
    Opcode.BINARY,
    Opcode.CONT,
    Opcode.PING,
    Opcode.PONG,
    Opcode.CLOSE,
)
MASK: Final = b"\0\0\0\0"


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0) -> bytes:
    """Any frame, right or wrong, of up to 65,535 bytes or more."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 65_536:
        length = b"\xfe" + size.to_bytes(2, "big")
    else:
        length = b"\xff" + size.to_bytes(8, "big")
    return bytes([0x80 * fin | rsv << 4 | opcode]) + length + MASK + payload


def close(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, code.to_bytes(2, "big") + reason)


class Case(NamedTuple):
    """
    Attributes:
        sent: by the client.
        back: data frames and pongs that come back, in order (messages are echoed).
        code: of the close frame that follows; None: the connection is open, and says so to one more ping.
    """

    sent: bytes
    back: tuple[tuple[Opcode, bytes], ...] = ()
    code: int | None = None


def echoed(opcode: Opcode, payload: bytes, sent: bytes | None = None) -> Case:
    return Case(frame(opcode, payload) if sent is None else sent, ((opcode, payload),))


def in_fragments(*payloads: bytes, between: bytes = b"") -> bytes:
    first, *rest = payloads
    last = len(rest) - 1
    return frame(TEXT, first, fin=not rest) + b"".join(
        between + frame(CONT, more, fin=n == last) for n, more in enumerate(rest)
    )


def octets(payload: bytes) -> bytes:
    return in_fragments(*(payload[n : n + 1] for n in range(len(payload))))


GREEK: Final = "Hello-µ@ßöäüàá-UTF-8!! κόσμε".encode()
BAD: Final = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"
"""The suite's own: a surrogate in the middle."""

VALID_UTF8: Final = {
    "6.6 κόσμε": "κόσμε".encode(),
    "6.7 first of each length": b"\x00 \xc2\x80 \xe0\xa0\x80 \xf0\x90\x80\x80",
    "6.9 last of each length": b"\x7f \xdf\xbf \xef\xbf\xbf \xf4\x8f\xbf\xbf",
    "6.11 around the surrogates": b"\xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbd",
    "6.22 non-characters": b"\xef\xbf\xbe \xef\xbf\xbf \xf0\x9f\xbf\xbe \xf3\xbf\xbf\xbf",
    "6.23 replacement character": b"\xef\xbf\xbd",
}
INVALID_UTF8: Final = {
    "6.6 cut in a character": "κόσμε".encode()[:-1],
    "6.8 five bytes": b"\xf8\x88\x80\x80\x80",
    "6.8 six bytes": b"\xfc\x84\x80\x80\x80\x80",
    "6.10 beyond U+10FFFF": b"\xf4\x90\x80\x80",
    "6.12 lone continuation": b"\x80",
    "6.12 many continuations": b"\x80\xbf\x80\xbf\x80\xbf\x80",
    "6.13 lone starts of two": b"\xc2 \xc3 \xdf ",
    "6.13 lone starts of three": b"\xe0 \xe1 \xef ",
    "6.14 last byte missing": b"\xe0\x80",
    "6.15 several incomplete": b"\xe0\x80\xf0\x80\x80\xdf\xef\xbf",
    "6.16 never": b"\xfe\xff",
    "6.17 overlong slash of two": b"\xc0\xaf",
    "6.17 overlong slash of three": b"\xe0\x80\xaf",
    "6.17 overlong slash of four": b"\xf0\x80\x80\xaf",
    "6.18 overlong maximum": b"\xc1\xbf \xe0\x9f\xbf \xf0\x8f\xbf\xbf",
    "6.19 overlong null": b"\xc0\x80",
    "6.20 a high surrogate": b"\xed\xa0\x80",
    "6.20 a low surrogate": b"\xed\xbf\xbf",
    "6.21 a pair of surrogates": b"\xed\xa0\x80\xed\xb0\x80",
}


def cases() -> Iterator[tuple[str, Case]]:
    yield from framing()
    yield from pings()
    yield from reserved_bits_and_opcodes()
    yield from fragmentation()
    yield from utf8()
    yield from closing()
    yield from limits()


def framing() -> Iterator[tuple[str, Case]]:
    for size in (0, 125, 126, 127, 128, 65_535, 65_536):
        yield f"1.1 text of {size}", echoed(TEXT, b"*" * size)
        yield f"1.2 binary of {size}", echoed(BINARY, b"\xfe" * size)
    yield "1 lengths longer than needed", Case(b"\x82\xfe\x00\x01" + MASK + b"x", ((BINARY, b"x"),))
    yield "1 a masked payload", echoed(BINARY, b"mask me", Frame(BINARY, b"mask me").serialize(mask=True))
    yield "1 not masked", Case(Frame(BINARY, b"x").serialize(mask=False), code=1002)


def pings() -> Iterator[tuple[str, Case]]:
    for name, payload in (
        ("2.1 empty", b""),
        ("2.2 text", b"Hello"),
        ("2.3 binary", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"),
    ):
        yield f"{name} ping", Case(frame(PING, payload), ((PONG, payload),))
    yield "2.4 longest ping", Case(frame(PING, b"\xfe" * 125), ((PONG, b"\xfe" * 125),))
    yield "2.5 ping too long", Case(frame(PING, b"\xfe" * 126), code=1002)
    yield "2.7 a pong that nobody asked for", Case(frame(PONG))
    yield "2.8 the same with a payload", Case(frame(PONG, b"unsolicited"))
    yield "2.9 and then a ping", Case(frame(PONG, b"unsolicited") + frame(PING, b"p"), ((PONG, b"p"),))
    ten = [b"payload-%d" % n for n in range(10)]
    yield "2.10 ten pings", Case(b"".join(frame(PING, p) for p in ten), tuple((PONG, p) for p in ten))


def reserved_bits_and_opcodes() -> Iterator[tuple[str, Case]]:
    hello = frame(TEXT, b"Hello"), ((TEXT, b"Hello"),)
    for rsv in range(1, 8):
        yield f"3 text with reserved bits {rsv}", Case(hello[0] + frame(TEXT, b"x", rsv=rsv), hello[1], 1002)
        yield f"3 a ping with reserved bits {rsv}", Case(frame(PING, b"x", rsv=rsv), code=1002)
        yield f"3 a close with reserved bits {rsv}", Case(frame(CLOSE, b"", rsv=rsv), code=1002)
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        group = "4.1" if opcode < 8 else "4.2"
        yield f"{group} opcode {opcode}", Case(frame(opcode), code=1002)
        yield f"{group} opcode {opcode} behind a message", Case(hello[0] + frame(opcode, b"x"), hello[1], 1002)


def fragmentation() -> Iterator[tuple[str, Case]]:
    two = b"fragment1", b"fragment2"
    whole = ((TEXT, b"".join(two)),)
    yield "5.1 a ping in fragments", Case(frame(PING, two[0], fin=False) + frame(CONT, two[1]), code=1002)
    yield "5.2 a pong in fragments", Case(frame(PONG, two[0], fin=False) + frame(CONT, two[1]), code=1002)
    yield "5.3 text in two", Case(in_fragments(*two), whole)
    yield "5.6 a ping in between", Case(in_fragments(*two, between=frame(PING, b"p")), ((PONG, b"p"), *whole))
    yield "5.9 a last fragment of nothing", Case(frame(CONT, b"x") + frame(TEXT, b"y"), code=1002)
    yield "5.12 a fragment of nothing", Case(frame(CONT, b"x", fin=False) + frame(TEXT, b"y"), code=1002)
    after = in_fragments(*two) + frame(CONT, b"x", fin=False) + frame(TEXT, b"y")
    yield "5.15 a fragment behind a whole message", Case(after, whole, 1002)
    yield "5.18 text within text", Case(frame(TEXT, two[0], fin=False) + frame(TEXT, two[1]), code=1002)
    yield "5.18 binary within text", Case(frame(TEXT, two[0], fin=False) + frame(BINARY, two[1]), code=1002)
    five = [b"fragment%d" % n for n in range(5)]
    around = frame(TEXT, two[0]) + frame(PING, b"p") + frame(TEXT, two[1]) + frame(PING, b"q")
    answers = ((TEXT, two[0]), (PONG, b"p"), (TEXT, two[1]), (PONG, b"q"))
    yield "5 pings behind and before messages", Case(around, answers)
    yield (
        "5.19 five with pings",
        Case(in_fragments(*five, between=frame(PING, b"p")), ((PONG, b"p"),) * 4 + ((TEXT, b"".join(five)),)),
    )
    yield "5.19 empty ones among them", echoed(TEXT, b"ab", in_fragments(b"", b"a", b"", b"b", b""))


def utf8() -> Iterator[tuple[str, Case]]:
    yield "6.1 empty", echoed(TEXT, b"")
    yield "6.1 three empty fragments", echoed(TEXT, b"", in_fragments(b"", b"", b""))
    yield "6.1 middle", echoed(TEXT, b"middle frame payload", in_fragments(b"", b"middle frame payload", b""))
    yield "6.2 whole", echoed(TEXT, GREEK)
    yield "6.2 cut in a character", echoed(TEXT, GREEK, in_fragments(GREEK[:7], GREEK[7:]))
    yield "6.2 a fragment for each octet", echoed(TEXT, GREEK, octets(GREEK))
    yield "6.3 invalid", Case(frame(TEXT, BAD), code=1007)
    yield "6.3 invalid, a fragment for each octet", Case(octets(BAD), code=1007)
    yield "6.4 invalid in the second fragment", Case(in_fragments("κ".encode(), b"\xf4\x90\x80\x80", b"ok"), code=1007)
    yield (
        "6.4 invalid behind what is good",
        Case(frame(TEXT, GREEK) + in_fragments(b"x", b"\xff") + frame(TEXT, b"late"), ((TEXT, GREEK),), 1007),
    )
    for name, payload in VALID_UTF8.items():
        yield name, echoed(TEXT, payload)
    for name, payload in INVALID_UTF8.items():
        yield name, Case(frame(TEXT, payload), code=1007)
        yield (
            f"{name}, in fragments",
            Case(octets(payload) if len(payload) > 1 else in_fragments(payload, b""), code=1007),
        )
    yield "6 binary need not be UTF-8", echoed(BINARY, BAD)
    yield "6 nor in fragments", Case(frame(BINARY, BAD[:5], fin=False) + frame(CONT, BAD[5:]), ((BINARY, BAD),))


def closing() -> Iterator[tuple[str, Case]]:
    hello = ((TEXT, b"Hello"),)
    yield "7.1.1 a message, then a close", Case(frame(TEXT, b"Hello") + close(1000), hello, 1000)
    yield "7.1.2 two closes", Case(close(1000) + close(1000), code=1000)
    yield "7.1.3 a ping behind a close", Case(close(1000) + frame(PING), code=1000)
    yield "7.1.4 text behind a close", Case(close(1000) + frame(TEXT, b"late"), code=1000)
    cut_off = frame(TEXT, b"fragment1", fin=False) + close(1000) + frame(CONT, b"fragment2")
    yield "7.1.5 a close within a message", Case(cut_off, code=1000)
    yield "7.3.1 a close without a code", Case(frame(CLOSE), code=1005)
    yield "7.3.2 half a code", Case(frame(CLOSE, b"a"), code=1002)
    yield "7.3.4 a reason", Case(close(1000, b"Hello World!"), code=1000)
    yield "7.3.5 the longest reason", Case(close(1000, b"*" * 123), code=1000)
    yield "7.3.6 a reason too long", Case(close(1000, b"*" * 124), code=1002)
    yield "7.5.1 a reason that is not UTF-8", Case(close(1000, BAD), code=1007)
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
        yield f"7.7 code {code}", Case(close(code), code=code)
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535):
        yield f"7.9 code {code}", Case(close(code), code=1002)


def limits() -> Iterator[tuple[str, Case]]:
    yield "9 one byte too many", Case(frame(BINARY, b"*" * (FRAME_BYTES + 1)), code=1009)
    yield (
        "9 too many in fragments",
        Case(frame(BINARY, b"*" * 60_000, fin=False) + frame(CONT, b"*" * 60_000), code=1009),
    )
    yield "9 a length of eight exabytes", Case(b"\x82\xff\x7f" + b"\xff" * 7 + MASK, code=1009)
    yield "9 a length with its highest bit", Case(b"\x82\xff" + b"\xff" * 8 + MASK, code=1009)
    yield (
        "9 the largest in 64 fragments",
        Case(
            frame(BINARY, b"*" * 1024, fin=False) + b"".join(frame(CONT, b"*" * 1024, fin=n == 62) for n in range(63)),
            ((BINARY, b"*" * FRAME_BYTES),),
        ),
    )
    yield "12 a bomb, compressed though nobody agreed to", Case(frame(BINARY, b"\x62\x18\x05" * 20, rsv=4), code=1002)


TABLE: Final = dict(cases())


async def echo_of(case: Case, chop: int) -> tuple[list[tuple[Opcode, bytes]], int | None]:
    """What came back before the close frame, and its code; None where the connection was open to the end."""

    def echo(receiver: Receiver, payload: bytes, binary: bool) -> None:
        receiver.write(Frame(BINARY if binary else TEXT, payload).serialize(mask=False))

    is_text = case.sent[0] & 0xF == TEXT
    async with serve(CALM) as server, connected(server, JSON if is_text else MSGPACK, **OFFER) as client:
        receiver = server.receivers.all[0]
        said: Any = receiver.received

        def received(payload: bytes, codec_matches: bool) -> None:
            said(payload, codec_matches)
            echo(receiver, payload, binary=codec_matches != is_text)

        receiver.received = received  # type: ignore[method-assign]
        for start in range(0, len(case.sent), chop):
            client.writer.write(case.sent[start : start + chop])
            await asyncio.sleep(0)
        back: list[tuple[Opcode, bytes]] = []
        while True:
            if case.code is None and len(back) == len(case.back):
                client.writer.write(frame(PING, b"still here?"))
            came = await client.frame()
            if came.opcode is Opcode.CLOSE:
                return back, Close.parse(came.data).code
            if came.data == b"still here?":
                return back, None
            back.append((came.opcode, bytes(came.data)))


OFFER: Final = {"sec_websocket_extensions": "permessage-deflate; client_max_window_bits"}


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE.keys())
async def test_a_case_of_the_suite(case: Case) -> None:
    assert await echo_of(case, len(case.sent)) == (list(case.back), case.code)
    assert await echo_of(case, 1 if len(case.sent) < 1000 else 997) == (list(case.back), case.code)


def test_the_codes_are_those_of_the_rfc() -> None:
    codes = CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA, CloseCode.POLICY_VIOLATION, CloseCode.MESSAGE_TOO_BIG
    assert codes == (1002, 1007, 1008, 1009)
