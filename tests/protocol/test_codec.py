"""Bytes to messages, and what is refused on the way (SPEC W2, W3, L1, L2, L4, X1)."""

import json
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codec import decode, encode, plain, typed, unpack
from protocol.errors import Code, Refusal
from protocol.messages import Beat, Done, Join, Leave, Since
from protocol.version import DEPTH, FRAME_BYTES, JSON, MSGPACK, SUBPROTOCOLS, Codec
from tests.properties import bounded


def raw(value: Any, codec: Codec) -> bytes:
    return json.dumps(value).encode() if codec == JSON else msgpack.packb(value)


def refusal(frame: bytes, codec: Codec) -> Code:
    with pytest.raises(Refusal) as refused:
        decode(frame, codec)
    assert refused.value.text
    return refused.value.code


def nested(depth: int, leaf: Any = 1) -> Any:
    return leaf if depth == 0 else [nested(depth - 1, leaf)]


@pytest.mark.parametrize("codec", SUBPROTOCOLS)
class TestBothCodecs:
    def test_W2_a_message_is_told_by_its_type_and_unknown_fields_are_ignored(self, codec: Codec) -> None:
        message = decode(
            raw({"t": "join", "stream": "r", "since": {"epoch": "e", "seq": 5, "y": 1}, "x": [1]}, codec), codec
        )
        assert message == Join("r", Since("e", 5), None)
        assert decode(raw({"t": "join", "stream": "r", "as": "screen"}, codec), codec) == Join("r", None, "screen")

    def test_W2_an_unknown_type_is_named(self, codec: Codec) -> None:
        kinds: list[Any] = ["Join", "", None, 1, ["join"], {}]
        for kind in kinds:
            assert refusal(raw({"t": kind}, codec), codec) is Code.UNKNOWN_TYPE

    def test_L1_a_frame_is_at_most_64_KiB(self, codec: Codec) -> None:
        room = {"t": "leave", "stream": "r", "x": ""}
        room["x"] = "x" * (FRAME_BYTES - len(raw(room, codec)) - (0 if codec == JSON else 2))
        frame = raw(room, codec)
        assert len(frame) == FRAME_BYTES
        assert decode(frame, codec) == Leave("r")
        assert refusal(frame + b" ", codec) is Code.TOO_LARGE

    def test_L2_eight_levels_with_the_messages_own(self, codec: Codec) -> None:
        assert DEPTH == 8
        assert decode(raw({"t": "leave", "stream": "r", "x": nested(7)}, codec), codec) == Leave("r")
        assert refusal(raw({"t": "leave", "stream": "r", "x": nested(8)}, codec), codec) is Code.TOO_DEEP
        maps: Any = 1
        for _ in range(8):
            maps = {"x": maps}
        assert refusal(raw({"t": "leave", "stream": "r", "x": maps}, codec), codec) is Code.TOO_DEEP

    @pytest.mark.parametrize("where", ["value", "key", "deep", "list"])
    def test_L4_what_no_store_holds_is_refused_anywhere(self, codec: Codec, where: str) -> None:
        places = {"value": "a\0", "key": {"\0": 1}, "deep": {"a": {"b": ["\0"]}}, "list": ["x", "a\0b"]}
        assert refusal(raw({"t": "leave", "stream": "r", "x": places[where]}, codec), codec) is Code.TEXT_FORBIDDEN

    def test_X1_integers_are_within_2_to_the_53(self, codec: Codec) -> None:
        for seq in (-1, 2**53, 2**63):
            assert (
                refusal(raw({"t": "join", "stream": "r", "since": {"epoch": "e", "seq": seq}}, codec), codec)
                is Code.INVALID
            )
        widest = decode(raw({"t": "join", "stream": "r", "since": {"epoch": "e", "seq": 2**53 - 1}}, codec), codec)
        assert widest == Join("r", Since("e", 2**53 - 1), None)

    @bounded(150)
    @given(st.data())
    def test_any_bytes_are_a_message_or_a_refusal(self, codec: Codec, data: st.DataObject) -> None:
        try:
            decode(data.draw(st.binary(max_size=200)), codec)
        except Refusal:
            pass

    def test_X1_what_goes_out_is_one_map_in_both(self, codec: Codec) -> None:
        frame = encode(Beat(5, {"room:a": 2**53 - 1}), codec)
        value = json.loads(frame) if codec == JSON else msgpack.unpackb(frame)
        assert value == {"t": "beat", "now": 5, "at": {"room:a": 2**53 - 1}}
        assert unpack(encode(Done("a", 1), codec), codec) == {"t": "done", "id": "a", "seq": 1}


def test_L4_a_lone_surrogate_is_refused_by_name_where_a_codec_can_carry_it() -> None:
    assert refusal(rb'{"t": "leave", "stream": "\ud800"}', JSON) is Code.TEXT_FORBIDDEN
    assert decode(rb'{"t": "leave", "stream": "\ud83c\udf33"}', JSON) == Leave("🌳")
    # In msgpack it is no UTF-8 at all (W3).
    surrogate = msgpack.packb({"t": "leave", "stream": "\ud800"}, unicode_errors="surrogatepass")
    assert refusal(surrogate, MSGPACK) is Code.MALFORMED


@pytest.mark.parametrize(
    "frame", [b"", b"[]", b"1", b'"x"', b"null", b"{}{}", b"\xef\xbb\xbf{}", b"{'t': 1}", b'{"t": "\xff"}']
)
def test_W3_what_is_no_json_object_is_malformed(frame: bytes) -> None:
    assert refusal(frame, JSON) is Code.MALFORMED


@pytest.mark.parametrize("value", [[], 1, "x", None, True, b"x"])
def test_W3_what_is_no_msgpack_map_is_malformed(value: Any) -> None:
    assert refusal(msgpack.packb(value), MSGPACK) is Code.MALFORMED


def test_bytes_and_extensions_are_no_values() -> None:
    assert refusal(msgpack.packb({"t": "leave", "stream": "r", "x": b"x"}), MSGPACK) is Code.INVALID
    assert refusal(msgpack.packb({"t": "leave", "x": msgpack.Timestamp(1)}), MSGPACK) is Code.MALFORMED
    assert refusal(msgpack.packb({"t": "leave", "x": msgpack.ExtType(1, b"")}), MSGPACK) in (
        Code.INVALID,
        Code.MALFORMED,
    )


def test_a_refusals_text_is_harmless() -> None:
    """It goes back to the client, in either codec, whatever he sent."""
    for kind in ("\ud800" * 50, "x" * 1000, "\x1b[2J"):
        with pytest.raises(Refusal) as refused:
            typed({"t": kind})
        assert len(refused.value.text) < 250
        assert refused.value.text.isprintable()
        refused.value.text.encode()


ARGUMENT = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(-(2**63), 2**64 - 1), st.text(), st.binary(), st.just([])
)
FIELDS = st.fixed_dictionaries(
    {"t": st.sampled_from(["do", "do", "do", "ask", 1])},
    optional={
        "id": st.sampled_from(["c1", "", "\0", 1]),
        "room": st.sampled_from(["r", "é", "r" * 81, None]),
        "cmd": st.sampled_from(["idea.add", 7]),
        "args": st.dictionaries(st.text(max_size=3) | st.integers(-(2**63), 2**64 - 1), ARGUMENT, max_size=3)
        | ARGUMENT,
        "again": st.booleans() | st.none(),
        "x": ARGUMENT,
    },
)


@given(FIELDS)
def test_what_takes_the_fast_path_is_what_the_long_way_makes_of_it(fields: dict[str, Any]) -> None:
    frame = msgpack.packb(fields)
    found = plain(frame, MSGPACK)
    if found is not None:
        slow = typed(unpack(frame, MSGPACK))
        assert repr(found) == repr(slow)  # two NaN are not equal


@pytest.mark.parametrize(
    "args", [{"text": "a\0"}, {"text": "\ud800"}, {"x": [1]}, {"x": {}}, {"x": b"1"}, {1: "x"}], ids=repr
)
def test_whatever_might_be_refused_takes_the_long_way(args: dict[Any, Any]) -> None:
    message = {
        "t": "do",
        "id": "c1",
        "stream": "r",
        "cmd": "idea.add",
        "args": {"id": "idea:aaaaaaaaaaaa", "text": "é"},
    }
    assert plain(msgpack.packb(message), MSGPACK) is not None
    strange = msgpack.packb({**message, "args": args}, unicode_errors="surrogatepass")
    assert plain(strange, MSGPACK) is None
    assert plain(msgpack.packb(message) + b"\xc0", MSGPACK) is None
    assert plain(msgpack.packb({**message, "x": 1}), MSGPACK) is None
    assert plain(raw(message, JSON), JSON) is None


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e999", "18446744073709551616", "1" + "0" * 400]
)
def test_W3_what_is_no_number_of_JSON_is_not_JSON(number: str) -> None:
    for frame in ('{"t":"leave","stream":"r","x":%s}', '{"t":"leave","stream":"r","x":[{"y":%s}]}', "%s"):
        assert refusal((frame % number).encode(), JSON) is Code.MALFORMED


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_X1_what_JSON_cannot_say_is_not_said_in_msgpack(number: float) -> None:
    do = {"t": "do", "id": "1", "stream": "r", "cmd": "idea.add", "args": {"x": number}}
    for message in ({"t": "leave", "stream": "r", "x": [number]}, do, do | {"args": {"x": {"y": number}}}):
        assert refusal(msgpack.packb(message), MSGPACK) is Code.MALFORMED


def test_X1_numbers_of_both_codecs_are_read_in_unknown_fields() -> None:
    for number in (0, -1, 1.5, -0.0, 1e308, 5e-324, 2**53, 2**64 - 1, -(2**63)):
        for codec in SUBPROTOCOLS:
            assert decode(raw({"t": "leave", "stream": "r", "x": number}, codec), codec) == Leave("r")
