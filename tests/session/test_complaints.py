"""The log stays readable whatever peers do."""

import asyncio
import logging

import pytest

from server.session.complaints import Complaints


async def test_an_address_is_complained_of_once_and_the_rest_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "palabre.test")
    complaints, again = Complaints(logging.getLogger("palabre.test"), silence=0.01), asyncio.Event()

    def complain(address: str, text: str = "a request of %s refused") -> None:
        complaints.of(address, text, address)

    for _ in range(4_600):
        complain("192.0.2.1")
    complain("2001:db8::1")
    complain("2001:db8::2")
    complain("2001:db8:0:1::1")
    complain("192.0.2.1", "%s: forbidden")
    assert caplog.messages == [
        "a request of 192.0.2.1 refused",
        "a request of 2001:db8::1 refused",
        "a request of 2001:db8:0:1::1 refused",
        "192.0.2.1: forbidden",
    ]
    asyncio.get_running_loop().call_later(0.05, again.set)
    await again.wait()
    assert caplog.messages[4:] == ["4599 more of the kind from 192.0.2.1", "1 more of the kind from 2001:db8::/64"]
    complain("192.0.2.1")
    assert caplog.messages[6:] == ["a request of 192.0.2.1 refused"]


async def test_addresses_without_end_are_one(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "palabre.test")
    complaints = Complaints(logging.getLogger("palabre.test"), silence=60)
    for number in range(5_000):
        address = f"10.0.{number // 256}.{number % 256}"
        complaints.of(address, "a request of %s refused", address)
    assert len(caplog.messages) == 1025
