"""The token of a session (SPEC.md, W5 and H1). It is read, unverified, only to know whose it is and when it expires."""

import base64
import binascii
import json
from typing import Any, Final

EARLY: Final = 300.0
"""Replaced when so many seconds of its life are left, or a fifth of it."""


class Token:
    """
    Attributes:
        value: what the server takes.
        room: the room that it opens, empty where it does not say.
    """

    def __init__(self, value: str) -> None:
        self.value = value
        claims = _claims(value)
        self.room = str(claims.get("scope") or claims.get("room", ""))
        self._expires: float | None = claims.get("exp")
        self._issued: float | None = claims.get("iat")

    def fresh_for(self, now: float) -> float | None:
        """Seconds until it should be replaced, negative when overdue; None: it never expires. `now` by the server's clock."""
        if self._expires is None:
            return None
        life = float("inf") if self._issued is None else self._expires - self._issued
        return self._expires - min(EARLY, life / 5) - now


def _claims(token: str) -> dict[str, Any]:
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}
