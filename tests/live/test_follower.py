"""A follower's stream of chunks goes as fast as its peer reads (SPEC S3, S9)."""

from collections import deque

from server.live.follower import Follower, Hold, answered, came, is_behind, refused
from server.wire.encoding import BINARY
from tests.inprocess import Wire


def test_S9_a_stream_pauses_while_bytes_wait_and_goes_on_chunk_by_chunk() -> None:
    wire = Wire()
    follower = Follower(wire, "member:aaaaaaaaaaaa", screen=False, ended=lambda *_: None)
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
    assert not hasattr(Follower(Wire(), "", screen=True, ended=lambda *_: None), "__dict__")


def test_D5_what_is_sent_between_a_refusal_and_its_return_is_behind_it() -> None:
    holds = refused((), "a", 3)
    assert not is_behind(holds, "before", 2) and is_behind(holds, "after", 4)
    assert not is_behind(holds, "a", 7)
    holds = came(holds, "a", 7)
    assert is_behind(holds, "between", 5) and not is_behind(holds, "later", 8)
    assert answered(holds, "a") == ()


def test_D5_refused_again_it_must_come_again_once_more() -> None:
    holds = refused(came(refused((), "a", 3), "a", 7), "a", 7)
    assert holds == (Hold("a", 3),)
    assert is_behind(holds, "later", 8)


def test_D5_an_earlier_refusal_takes_the_place_of_a_later_one() -> None:
    """What was sent after it must all come again, the later one too."""
    holds = refused(refused((), "b", 5), "a", 3)
    assert holds == (Hold("a", 3),)


def test_D5_a_later_refusal_adds_nothing_while_an_earlier_one_has_not_come_again() -> None:
    assert refused(refused((), "a", 3), "b", 5) == (Hold("a", 3),)


def test_D5_what_is_refused_after_the_first_came_again_must_come_again_itself() -> None:
    """The first waits in the room; another is refused at the door; then the first is done."""
    holds = refused(came(refused((), "a", 3), "a", 7), "b", 9)
    assert holds == (Hold("a", 3, 7), Hold("b", 9))
    holds = answered(holds, "a")
    assert not is_behind(holds, "c", 8) and is_behind(holds, "c", 10)
