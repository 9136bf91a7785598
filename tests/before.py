"""What the release before signed, and what is still good of it: tokens with a room and a role, links that say whom they restore."""

import time

import jwt

from server.accounts.tokens import Tokens


def token_of_before(tokens: Tokens, *, member: str, name: str, room: str, role: str, seconds: float = 24 * 3600) -> str:
    """An access token of a day."""
    now = int(time.time())
    claims = {"sub": member, "name": name, "room": room, "role": role, "iat": now, "exp": now + int(seconds)}
    return jwt.encode(claims, tokens._access_keys[0], "HS256")


def link_of_before(
    tokens: Tokens, *, member: str, room: str, code: str, once: bool = False, seconds: float = 5 * 365 * 24 * 3600
) -> str:
    """The secret of a personal link; `once`: that makes its bearer this member of a file."""
    claims = {"sub": member, "room": room, "code": code, "use": "claim" if once else "link", "aud": "link"}
    return jwt.encode(claims | {"exp": int(time.time() + seconds)}, tokens._link_keys[0], "HS256")
