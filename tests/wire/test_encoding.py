import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from protocol.version import JSON, MSGPACK, SUBPROTOCOLS
from server.wire.encoding import BINARY, ENCODINGS, TEXT, WebSocketEncoding


@pytest.mark.parametrize("encoding", [BINARY, TEXT], ids=lambda encoding: encoding.codec)
@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 300_000])
def test_a_frame_has_the_bytes_that_the_library_would_send(encoding: WebSocketEncoding, size: int) -> None:
    payload = bytes(range(256)) * (size // 256 + 1)
    payload = payload[:size]
    assert encoding.frame(payload) == Frame(encoding.opcode, payload).serialize(mask=False)


@given(st.binary(max_size=400))
def test_any_payload_is_framed_as_the_library_would(payload: bytes) -> None:
    assert BINARY.frame(payload) == Frame(Opcode.BINARY, payload).serialize(mask=False)


def test_msgpack_travels_in_binary_frames_and_json_in_text_frames() -> None:
    assert {codec: encoding.opcode for codec, encoding in ENCODINGS.items()} == {
        MSGPACK: Opcode.BINARY,
        JSON: Opcode.TEXT,
    }
    assert set(ENCODINGS) == set(SUBPROTOCOLS)
