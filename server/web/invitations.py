"""The secrets of invitations, and of the link that sets a server up. They follow from the kept secret and lie nowhere: so any worker tells one again to
whoever may know it, and knows it from one that was never given without asking the database."""

import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final, NamedTuple

from server.accounts.tokens import Tokens
from server.model.kernel import tail
from server.web.request import TAIL

SETUPS: Final = 1_000
"""How many communities setup links make on one server."""

_INVITATION: Final = re.compile(rf"({TAIL})\.({TAIL})\.([A-Za-z0-9_-]{{22}})")
_SETUP: Final = re.compile(r"([0-9]{1,3})\.([A-Za-z0-9_-]{22})")


class Named(NamedTuple):
    """An invitation and its community, by their ids."""

    community: str
    invitation: str


def invitation_secret(tokens: Tokens, community: str, invitation: str) -> str:
    """What the link of an invitation holds."""
    seal = _seal(tokens, "invitation", community, invitation)
    return f"{tail(community)}.{tail(invitation)}.{seal}"


def read_invitation(tokens: Tokens, secret: str) -> Named | None:
    """The invitation that a secret was made for; None where this server has made no such secret."""
    parts = _INVITATION.fullmatch(secret)
    if parts is None:
        return None
    named = Named(f"community:{parts[1]}", f"invitation:{parts[2]}")
    return named if hmac.compare_digest(parts[3], _seal(tokens, "invitation", *named)) else None


def setup_secret(tokens: Tokens, number: int) -> str:
    """What makes one community where not everybody may make them: the first, or another one after it."""
    return f"{number}.{_seal(tokens, 'setup', str(number))}"


def read_setup(tokens: Tokens, secret: str) -> int | None:
    """Which community a secret makes; None where this server has made no such secret."""
    parts = _SETUP.fullmatch(secret)
    if parts is None:
        return None
    return int(parts[1]) if hmac.compare_digest(secret, setup_secret(tokens, int(parts[1]))) else None


def setup_community(tokens: Tokens, number: int) -> str:
    """The one community that a setup link makes: so it makes no other, whoever follows it again."""
    return f"community:{_seal(tokens, 'community of setup', str(number))}"


def _seal(tokens: Tokens, *names: str) -> str:
    """128 bits that nobody guesses."""
    return urlsafe_b64encode(tokens.drawn(*names)[:16]).decode().rstrip("=")
