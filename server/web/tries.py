"""The slowing down of those who try secrets that were never given: of invitations, of personal links, of cookies.

Nobody guesses 128 bits; but each try costs something, and whoever tries thousands should cost nobody else anything. The thresholds are those of codes
(`codes.Attempts`): an address that has been right, or has hardly been wrong, is heard whatever others do.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.requests import Request

from protocol.errors import Code, Refusal
from server.web.codes import Attempts
from server.web.request import address_of

T = TypeVar("T")


class Tries:
    """
    Args:
        attempts: who was wrong, from where.
    """

    def __init__(self, attempts: Attempts | None = None) -> None:
        self._attempts = attempts or Attempts()

    async def right(self, request: Request, secret: str, find: Callable[[], Awaitable[T]]) -> T:
        """What a secret opens, as `find` says.

        Raises:
            Refusal: `rate_limited`, perhaps without a look; what `find` does: if that is `unauthorized`, or `invitation_over`, the secret was wrong.
        """
        address, known = address_of(request), hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()[:16]
        if not self._attempts.may_look_up(address, known):
            raise Refusal(Code.RATE_LIMITED, "expected fewer wrong secrets: wait a little")
        try:
            found = await find()
        except Refusal as refusal:
            if refusal.code in (Code.UNAUTHORIZED, Code.INVITATION_OVER) and self._attempts.wrong(address):
                raise Refusal(
                    Code.RATE_LIMITED, "expected fewer wrong secrets: this one opens nothing either"
                ) from None
            raise
        self._attempts.right(address, known)
        return found
