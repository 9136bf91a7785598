from protocol.version import FRAME_BYTES
from server.wire.limits import Limits


def test_the_bounds_are_those_that_the_design_promises() -> None:
    limits = Limits()
    assert limits.message_bytes == FRAME_BYTES
    assert limits.ping < 25, "traffic within 25 s: proxies cut at 60"
    assert 2 * limits.ping + limits.tick < 45, "a dead peer is dropped within 45 s"
    assert limits.stall == 30
    assert limits.backlog_bytes <= 1024 * 1024
    assert limits.head_bytes <= 16 * 1024
    assert limits.head <= 10
    assert limits.body_bytes <= 64 * 1024
    assert limits.drain + limits.tick + limits.close < 30, "uvicorn waits 30 s for connections to go"
