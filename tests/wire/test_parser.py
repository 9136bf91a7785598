import functools
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Close, CloseCode, Frame, Opcode
from websockets.protocol import CLOSED, OPEN

from server.wire.limits import Limits
from server.wire.parser import Message, Parser, Parsers

LIMITS = Limits(message_bytes=1000, fragments=4)


def masked(opcode: Opcode, payload: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(opcode, payload, fin).serialize(mask=True)


def sent(parser: Parser) -> bytes:
    return b"".join(parser.data_to_send())


def close_code(parser: Parser) -> int | None:
    return None if parser.close_sent is None else parser.close_sent.code


@pytest.fixture
def parser() -> Parser:
    return Parser(LIMITS)


def test_a_message_may_come_byte_by_byte(parser: Parser) -> None:
    came = [message for byte in masked(Opcode.BINARY, b"palabre") for message in parser.receive(bytes([byte]))]
    assert came == [(b"palabre", Opcode.BINARY)]
    assert parser.at_rest


def test_it_is_at_rest_only_between_two_messages(parser: Parser) -> None:
    frames = masked(Opcode.TEXT, b"pa", fin=False) + masked(Opcode.CONT, b"labre")
    for byte in frames[:-1]:
        parser.receive(bytes([byte]))
        assert not parser.at_rest
    assert parser.receive(frames[-1:]) == [(b"palabre", Opcode.TEXT)]
    assert parser.at_rest


def test_fragments_are_joined_and_a_ping_between_them_is_answered(parser: Parser) -> None:
    came = parser.receive(
        masked(Opcode.BINARY, b"a", fin=False)
        + masked(Opcode.PING, b"?" * 125)
        + masked(Opcode.CONT, b"b", fin=False)
        + masked(Opcode.CONT, b"c")
    )
    assert came == [(Frame(Opcode.PONG, b"?" * 125).serialize(mask=False),), (b"abc", Opcode.BINARY)]
    assert sent(parser) == b""
    assert parser.control_frames == 1


def test_a_ping_fits_between_the_fragments_of_a_message_of_full_size(parser: Parser) -> None:
    """The library takes the ping's bytes for the message's."""
    came = parser.receive(
        masked(Opcode.BINARY, b"." * 1000, fin=False) + masked(Opcode.PING, b"?" * 125) + masked(Opcode.CONT)
    )
    assert came[1:] == [(b"." * 1000, Opcode.BINARY)]
    assert parser.state is OPEN


@pytest.mark.parametrize(
    ("frames", "code", "size"),
    [
        pytest.param(masked(Opcode.BINARY, b"." * 1001), CloseCode.MESSAGE_TOO_BIG, 1001, id="one byte too many"),
        pytest.param(masked(Opcode.BINARY, b"." * 9000)[:8], CloseCode.MESSAGE_TOO_BIG, 9000, id="known by its header"),
        pytest.param(b"\x82\xff" + b"\x7f" + b"\xff" * 7, CloseCode.MESSAGE_TOO_BIG, 2**63 - 1, id="8 exabytes"),
        pytest.param(
            masked(Opcode.BINARY, b"." * 600, fin=False) + masked(Opcode.CONT, b"." * 600),
            CloseCode.MESSAGE_TOO_BIG,
            1200,
            id="too large in fragments",
        ),
        pytest.param(
            masked(Opcode.BINARY, b".", fin=False) + masked(Opcode.CONT, b"", fin=False) * 4,
            CloseCode.POLICY_VIOLATION,
            None,
            id="empty continuations",
        ),
        pytest.param(masked(Opcode.TEXT, b"\xff\xfe"), CloseCode.INVALID_DATA, None, id="text that is not UTF-8"),
        pytest.param(masked(Opcode.TEXT, b"\xed\xa0\x80"), CloseCode.INVALID_DATA, None, id="a surrogate"),
        pytest.param(Frame(Opcode.TEXT, b"x").serialize(mask=False), CloseCode.PROTOCOL_ERROR, None, id="not masked"),
        pytest.param(b"\x83\x80\0\0\0\0", CloseCode.PROTOCOL_ERROR, None, id="an unknown opcode"),
        pytest.param(b"\xc2\x80\0\0\0\0", CloseCode.PROTOCOL_ERROR, None, id="compressed, which was not negotiated"),
        pytest.param(b"\x09\x80\0\0\0\0", CloseCode.PROTOCOL_ERROR, None, id="a ping in fragments"),
        pytest.param(b"\x89\xfe\x00\x7e\0\0\0\0" + b"." * 126, CloseCode.PROTOCOL_ERROR, None, id="a long ping"),
        pytest.param(masked(Opcode.CONT, b"x"), CloseCode.PROTOCOL_ERROR, None, id="a continuation of nothing"),
        pytest.param(
            masked(Opcode.TEXT, b"x", fin=False) + masked(Opcode.TEXT, b"y"),
            CloseCode.PROTOCOL_ERROR,
            None,
            id="a message within a message",
        ),
        pytest.param(masked(Opcode.CLOSE, b"\x03"), CloseCode.PROTOCOL_ERROR, None, id="half a close code"),
        pytest.param(masked(Opcode.CLOSE, b"\x03\xed"), CloseCode.PROTOCOL_ERROR, None, id="a close code of 1005"),
        pytest.param(masked(Opcode.CLOSE, b"\x03\xe8\xff"), CloseCode.INVALID_DATA, None, id="a reason not in UTF-8"),
    ],
)
def test_what_must_not_be_sent_ends_in_a_close_code(
    parser: Parser, frames: bytes, code: CloseCode, size: int | None
) -> None:
    assert parser.receive(frames) == []
    assert close_code(parser) == code
    assert parser.oversized == size
    assert parser.eof_sent
    assert not parser.at_rest
    assert parser.receive(masked(Opcode.BINARY, b"after")) == []


def test_what_came_before_the_fault_is_delivered(parser: Parser) -> None:
    frames = masked(Opcode.BINARY, b"good") + masked(Opcode.TEXT, b"\xff") + masked(Opcode.BINARY, b"late")
    assert parser.receive(frames) == [(b"good", Opcode.BINARY)]
    assert close_code(parser) == CloseCode.INVALID_DATA


def test_a_close_frame_is_answered_in_kind(parser: Parser) -> None:
    payload = Close(4001, "bye").serialize()
    assert parser.receive(masked(Opcode.CLOSE, payload)) == []
    assert sent(parser) == Frame(Opcode.CLOSE, payload).serialize(mask=False)
    assert parser.eof_sent


def test_after_our_close_frame_messages_are_forgotten_until_the_peer_answers(parser: Parser) -> None:
    parser.send_close(1000)
    assert parser.receive(masked(Opcode.BINARY, b"x", fin=False) + masked(Opcode.CONT, b"", fin=False) * 100) == []
    assert parser.receive(masked(Opcode.CONT)) == []
    assert not parser.fragments
    parser.receive(masked(Opcode.CLOSE, b"\x03\xe8"))
    assert parser.eof_sent


def test_a_parser_given_back_is_the_next_one_borrowed() -> None:
    parsers = Parsers(LIMITS)
    first = parsers.borrow()
    assert parsers.borrow() is not first
    parsers.give_back(first)
    assert parsers.borrow() is first


# Nothing that a peer sends makes it raise

_well_formed = st.builds(
    masked,
    st.sampled_from([Opcode.TEXT, Opcode.BINARY, Opcode.CONT]),
    st.binary(max_size=200) | st.binary(min_size=900, max_size=1100),
    fin=st.booleans(),
) | st.builds(masked, st.sampled_from([Opcode.PING, Opcode.PONG, Opcode.CLOSE]), st.binary(max_size=125))
_streams = st.lists(_well_formed | st.binary(max_size=300), max_size=20).map(b"".join)


@settings(max_examples=500)
@given(_streams, st.lists(st.integers(1, 400), min_size=1, max_size=10))
def test_any_bytes_in_any_pieces_are_messages_or_a_close_code(stream: bytes, sizes: list[int]) -> None:
    parser = Parser(LIMITS)
    start, turn = 0, 0
    while start < len(stream):
        size = sizes[turn % len(sizes)]
        for came in parser.receive(stream[start : start + size]):
            if isinstance(came, Message):
                assert len(came.payload) <= LIMITS.message_bytes
                assert came.opcode in (Opcode.TEXT, Opcode.BINARY)
        start, turn = start + size, turn + 1
        parser.data_to_send()
        assert len(parser.fragments) <= LIMITS.fragments + 1
        assert parser.eof_sent == (parser.state is not OPEN)
        if parser.eof_sent:
            assert parser.close_sent is not None
    parser.receive_eof()
    assert parser.state is CLOSED


_payloads = st.tuples(st.just(Opcode.BINARY), st.binary(max_size=1000)) | st.tuples(
    st.just(Opcode.TEXT), st.text(max_size=250).map(str.encode)
)


@st.composite
def _messages(draw: st.DrawFn) -> bytes:
    """One message, in up to three frames, with a ping before each or none."""
    opcode, payload = draw(_payloads)
    cuts = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=2)))
    pieces = [payload[start:end] for start, end in itertools.pairwise([0, *cuts, len(payload)])]
    last = len(pieces) - 1
    frames = [masked(Opcode.CONT if n else opcode, piece, fin=n == last) for n, piece in enumerate(pieces)]
    ping = draw(st.none() | st.binary(max_size=125).map(functools.partial(masked, Opcode.PING)))
    return b"".join(frames) if ping is None else b"".join(ping + frame for frame in frames)


@given(st.lists(_messages(), max_size=6).map(b"".join))
def test_a_parser_at_rest_is_as_good_as_a_new_one(stream: bytes) -> None:
    """One connection's bytes never reach another through a parser that was given back."""
    used = Parser(LIMITS)
    used.receive(stream)
    used.data_to_send()
    assert used.at_rest
    for frames in (
        masked(Opcode.BINARY, b"mine"),
        masked(Opcode.BINARY, b"mi", fin=False) + masked(Opcode.CONT, b"ne"),
    ):
        assert used.receive(frames) == [(b"mine", Opcode.BINARY)]
    assert not used.fragments
