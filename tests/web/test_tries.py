"""Who tries secrets is slowed, alone and with all who do, and nobody else is (COMMUNITIES AC6)."""

import pytest
from starlette.requests import Request

from protocol.errors import Code, Refusal
from server.web.codes import Attempts
from server.web.tries import Tries

GOOD = "a secret that was given"


def asking(address: str) -> Request:
    return Request({"type": "http", "client": (address, 1), "headers": []})


async def found() -> str:
    return "what it opens"


async def nothing() -> str:
    raise Refusal(Code.UNAUTHORIZED)


async def code(tries: Tries, address: str, secret: str) -> Code | None:
    try:
        await tries.right(asking(address), secret, found if secret == GOOD else nothing)
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.fixture
def tries() -> Tries:
    """While no time passes."""
    return Tries(Attempts(lambda: 0.0))


async def test_AC6_an_address_that_tries_is_slowed_and_then_not_heard(tries: Tries) -> None:
    told = [await code(tries, "192.0.2.1", f"{n}") for n in range(Attempts.ADDRESS_HIGH)]
    assert told == [Code.UNAUTHORIZED] * Attempts.ADDRESS_LOW + [Code.RATE_LIMITED] * (
        Attempts.ADDRESS_HIGH - Attempts.ADDRESS_LOW
    )
    assert await code(tries, "192.0.2.1", GOOD) is Code.RATE_LIMITED, "without a look"
    assert await code(tries, "192.0.2.2", GOOD) is None


async def test_AC6_what_was_right_from_an_address_stays_so(tries: Tries) -> None:
    assert await code(tries, "192.0.2.1", GOOD) is None
    for n in range(2 * Attempts.ADDRESS_HIGH):
        await code(tries, "192.0.2.1", f"{n}")
    assert await code(tries, "192.0.2.1", GOOD) is None


async def test_AC6_when_very_many_try_together_who_is_hardly_wrong_is_heard(tries: Tries) -> None:
    for n in range(Attempts.ALL_HIGH + 10):
        await code(tries, f"198.51.{n % 100}.7", f"{n}")
    assert await code(tries, "198.51.1.7", "one more") is Code.RATE_LIMITED
    assert await code(tries, "192.0.2.9", GOOD) is None


async def test_a_refusal_of_another_kind_is_no_try(tries: Tries) -> None:
    async def suspended() -> str:
        raise Refusal(Code.SUSPENDED)

    for _ in range(2 * Attempts.ADDRESS_LOW):
        with pytest.raises(Refusal, match="suspended"):
            await tries.right(asking("192.0.2.1"), GOOD, suspended)
