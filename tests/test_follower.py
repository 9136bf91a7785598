"""A follower's stream of chunks goes as fast as its peer reads (SPEC S3, S9)."""

from collections import deque

from server.follower import Follower
from server.wire.form import BINARY
from tests.inprocess import Wire


def test_S9_a_stream_pauses_while_bytes_wait_and_goes_on_chunk_by_chunk() -> None:
    wire = Wire()
    follower = Follower(wire, "member:aaaaaaaaaaaa", screen=False, end=lambda code: None)
    frames = [BINARY.frame(b"\x81\xa1t\xa1" + letter) for letter in (b"a", b"b", b"c")]
    follower.chunks = deque(frames)
    wire.slow = True
    assert not follower.pump()
    assert bytes(wire.waiting) == frames[0]
    assert not follower.pump()
    assert len(follower.chunks) == 1
    wire.slow = False
    assert follower.pump()
    assert [message["t"] for message in wire.got] == ["a", "b", "c"]
    assert follower.pump()


def test_a_follower_stays_small() -> None:
    """PITFALLS 1: what a connection costs is counted, so no attribute comes without a slot."""
    assert not hasattr(Follower(Wire(), "", screen=True, end=lambda code: None), "__dict__")
